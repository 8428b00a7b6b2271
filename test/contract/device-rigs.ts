/**
 * Every device of the board, with all that the suite needs to know of it. A new device needs one entry here: where it
 * lies, which accesses it answers, registers and values that mean something, and how it comes to work.
 */
import type { MachineConfiguration } from '../../src/machine/configuration.js';
import type { Device, Width } from '../../src/machine/device.js';
import { BOARD } from '../../src/machine/board-map.js';
import { Clint } from '../../src/machine/devices/clint.js';
import { Finisher } from '../../src/machine/devices/finisher.js';
import { Plic } from '../../src/machine/devices/plic.js';
import { GoldfishRtc } from '../../src/machine/devices/rtc.js';
import { Uart } from '../../src/machine/devices/uart.js';
import type { WorldOptions } from '../guest/replay-rig.js';
import { FakeContext } from './fake-board.js';
import type { Dice, FakeMemory } from './fake-board.js';
import { htifRig } from './htif-rig.js';
import type { RegisterPort } from './virtio-driver.js';
import { VIRTIO_RIGS } from './virtio-rigs.js';

/** A device that runs alone. */
export interface Rig {
  readonly context: FakeContext;
  readonly device: Device & Partial<Pick<RegisterPort, 'queues'>>;
  /** The objects that the device consists of; each is of a class of its own. */
  readonly parts: readonly object[];
  /** An input or time comes from outside. */
  outside(dice: Dice): void;
  /** What is under way outside comes to its end; where there can be anything. */
  rest?(): void;
}

/** What a driver is handed: a device's registers and the guest's memory, or what writes down how it uses them. */
export interface Guest {
  readonly registers: RegisterPort;
  readonly memory: FakeMemory;
}

export interface RigKind {
  readonly name: string;
  /** Where the board has the device. */
  readonly place: { readonly base: number; readonly size: number };
  /** What the board is built from, so that the device is on it. */
  readonly board?: Partial<MachineConfiguration>;
  /** Symbols of the guest's image, by name: HTIF is found by them. */
  readonly symbols?: Readonly<Record<string, number>>;
  /** Whether an aligned access within the window is answered: the widths and ends of QEMU 7.2's virt board. */
  answers(offset: number, size: Width): boolean;
  /** Where registers are, for pokes that mean something; all else within the window reads as 0. */
  readonly registers: readonly number[];
  readonly values: readonly number[];
  /** Usual bytes of an access; 4 where it is not said. */
  readonly width?: Width;
  make(context?: FakeContext): Rig;
  /** Brings the device to work, as a driver would. */
  begin?(guest: Guest): void;
  /** The driver goes on: the guest changes its memory, and notifies. */
  act?(guest: Guest, dice: Dice): void;
  /** Fields that a reset leaves as they are, for they say what is outside. */
  readonly outlives?: readonly string[];
  /** What the world does to a machine with this device. */
  readonly world?: Omit<WorldOptions, 'seed'>;
}

const every = (step: number, count: number, base = 0): number[] =>
  Array.from({ length: count }, (_, i) => base + i * step);

const port =
  (context: FakeContext, what: string) =>
  (value?: unknown): void => {
    context.events.push(`${what} ${String(value)}`);
    if (typeof value === 'boolean') context.lines.set(what, value);
  };

/** Time passes, by nothing or by much, and the device hears of it. */
const passTime =
  (context: FakeContext, device: { tick(time: number): void }) =>
  (dice: Dice): void => {
    context.now += dice.pick([0, 1, 50, 100_000, 2 ** 33]);
    device.tick(context.now);
  };

export const RIGS: readonly RigKind[] = [
  {
    name: 'finisher',
    place: BOARD.finisher,
    answers: (_offset, size) => size === 2 || size === 4,
    registers: [0],
    values: [0x5555, 0x3333, 0x73333, 0x7777],
    make: (context = new FakeContext()) => {
      const device = new Finisher({ powerOff: port(context, 'off'), reboot: port(context, 'reboot') });
      return { context, device, parts: [device], outside: () => undefined };
    },
  },
  {
    name: 'rtc',
    place: BOARD.rtc,
    answers: (offset, size) => size >= 4 && offset + size <= 0x24,
    registers: every(4, 8),
    values: [0, 1, 100, 5000, 0x1797_9cfe],
    make: (context = new FakeContext()) => {
      const device = new GoldfishRtc(context, 1_700_000_000_000_000_000n, { timerChanged: port(context, 'timer') });
      return { context, device, parts: [device], outside: passTime(context, device) };
    },
  },
  {
    name: 'clint',
    place: BOARD.clint,
    answers: (offset, size) => (offset < 0x4000 ? size === 4 : size >= 4 && offset < 0xc000),
    registers: [0, 4, 0x4000, 0x4004, 0xbff8, 0xbffc],
    values: [0, 1, 1000, 0xffff_ffff],
    make: (context = new FakeContext()) => {
      const device = new Clint(context, {
        softwareInterrupt: port(context, 'msip'),
        timerInterrupt: port(context, 'mtip'),
        timerChanged: port(context, 'timer'),
      });
      return { context, device, parts: [device], outside: passTime(context, device) };
    },
  },
  {
    name: 'plic',
    place: BOARD.plic,
    answers: (_offset, size) => size === 4,
    registers: [...every(4, 96), ...every(4, 3, 0x1000), ...every(4, 3, 0x2000), ...every(4, 3, 0x2080)].concat([
      0x200000, 0x200004, 0x201000, 0x201004,
    ]),
    values: [0, 1, 3, 7, 10, 95, 0xffff_ffff],
    make: (context = new FakeContext()) => {
      const device = new Plic({ machineInterrupt: port(context, 'meip'), supervisorInterrupt: port(context, 'seip') });
      const outside = (dice: Dice): void => device.setSource(dice.roll(100) - 2, dice.roll(2) === 1);
      return { context, device, parts: [device], outside };
    },
    // On the board, source 10 is the UART's, which is told to interrupt; alone, that is a write beside the window.
    act: ({ registers }, dice) => {
      registers.write(BOARD.uart.base + 1 - BOARD.plic.base, 1, dice.roll(4));
      registers.write(dice.pick([40, 0x2000, 0x2080, 0x200004]), 4, dice.pick([1, 7, 10, 0xffff_ffff]));
    },
    world: { typed: ['plic'] },
  },
  {
    name: 'uart',
    place: BOARD.uart,
    answers: (offset) => offset < 8,
    registers: every(1, 8),
    values: [0, 1, 3, 7, 0x0f, 0x10, 0x41, 0x80, 0xc7],
    width: 1,
    make: (context = new FakeContext()) => {
      const device = new Uart(context);
      const outside = (dice: Dice): void => void device.receive(dice.bytes(dice.roll(40)));
      return { context, device, parts: [device], outside };
    },
    world: { typed: ['a', 'line\n', 'much more than a FIFO holds, so that it waits on the wire'] },
  },
  htifRig,
  ...VIRTIO_RIGS,
];
