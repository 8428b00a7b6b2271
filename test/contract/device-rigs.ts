/** Every device of the board with what it needs to run alone, and something that happens to it from outside. */
import type { Device } from '../../src/machine/device.js';
import { Clint } from '../../src/machine/devices/clint.js';
import { Finisher } from '../../src/machine/devices/finisher.js';
import { Plic } from '../../src/machine/devices/plic.js';
import { GoldfishRtc } from '../../src/machine/devices/rtc.js';
import { Uart } from '../../src/machine/devices/uart.js';
import { VirtioMmio } from '../../src/machine/devices/virtio/mmio.js';
import type { VirtioBackend } from '../../src/machine/devices/virtio/mmio.js';
import { VirtioNet } from '../../src/machine/devices/virtio/net.js';
import { VirtioRng } from '../../src/machine/devices/virtio/rng.js';
import { FakeContext, RAM_BASE } from './fake-board.js';
import type { Dice } from './fake-board.js';
import { INDIRECT, NEXT, startDriver, WRITE } from './virtio-driver.js';

export interface Rig {
  readonly context: FakeContext;
  readonly device: Device;
  /** Brings the device to work, as a driver would. */
  begin?(): void;
  /** Something happens that is not a register access: an input, time, or the guest changing its memory. */
  outside(dice: Dice): void;
}

export interface RigKind {
  readonly name: string;
  /** Bytes of the register window. */
  readonly window: number;
  /** Offsets where registers are, for pokes that mean something. */
  readonly registers: readonly number[];
  /** Values that mean something to the device. */
  readonly values: readonly number[];
  make(): Rig;
}

const every = (step: number, count: number, base = 0): number[] =>
  Array.from({ length: count }, (_, i) => base + i * step);

const log =
  (context: FakeContext, what: string) =>
  (value?: unknown): void => {
    context.events.push(`${what} ${String(value)}`);
  };

const moveTime = (context: FakeContext, dice: Dice): void => {
  context.now += dice.pick([0, 1, 50, 100_000, 2 ** 33]);
};

export const RIGS: readonly RigKind[] = [
  {
    name: 'finisher',
    window: 0x1000,
    registers: [0],
    values: [0x5555, 0x3333, 0x73333, 0x7777],
    make: () => {
      const context = new FakeContext();
      const device = new Finisher({ powerOff: log(context, 'off'), reboot: log(context, 'reboot') });
      return { context, device, outside: () => undefined };
    },
  },
  {
    name: 'rtc',
    window: 0x1000,
    registers: every(4, 9),
    values: [0, 1, 100, 5000],
    make: () => {
      const context = new FakeContext();
      const device = new GoldfishRtc(context, 1_700_000_000_000_000_000n, { timerChanged: log(context, 'timer') });
      const outside = (dice: Dice): void => {
        moveTime(context, dice);
        device.tick(context.now);
      };
      return { context, device, outside };
    },
  },
  {
    name: 'clint',
    window: 0x10000,
    registers: [0, 4, 0x4000, 0x4004, 0xbff8, 0xbffc],
    values: [0, 1, 1000, 0xffff_ffff],
    make: () => {
      const context = new FakeContext();
      const device = new Clint(context, {
        softwareInterrupt: log(context, 'msip'),
        timerInterrupt: log(context, 'mtip'),
        timerChanged: log(context, 'timer'),
      });
      const outside = (dice: Dice): void => {
        moveTime(context, dice);
        device.tick(context.now);
      };
      return { context, device, outside };
    },
  },
  {
    name: 'plic',
    window: 0x600000,
    registers: [...every(4, 98), ...every(4, 4, 0x1000), ...every(4, 4, 0x2000), ...every(4, 4, 0x2080)].concat([
      0x200000, 0x200004, 0x201000, 0x201004, 0x202000,
    ]),
    values: [0, 1, 3, 7, 10, 95, 0xffff_ffff],
    make: () => {
      const context = new FakeContext();
      const device = new Plic({
        machineInterrupt: log(context, 'meip'),
        supervisorInterrupt: log(context, 'seip'),
      });
      return { context, device, outside: (dice) => device.setSource(dice.roll(100) - 2, dice.roll(2) === 1) };
    },
  },
  {
    name: 'uart',
    window: 0x100,
    registers: every(1, 8),
    values: [0, 1, 3, 7, 0x0f, 0x10, 0x41, 0x80, 0xc7],
    make: () => {
      const context = new FakeContext();
      const device = new Uart(context);
      return { context, device, outside: (dice) => void device.receive(dice.bytes(dice.roll(40))) };
    },
  },
  virtio('virtio (empty slot)', () => undefined),
  virtio('virtio-net', (context) => new VirtioNet(context, Uint8Array.of(2, 0, 0, 0, 0, 1))),
  virtio('virtio-rng', (context) => new VirtioRng(context)),
];

function virtio(name: string, makeBackend: (context: FakeContext) => VirtioBackend | undefined): RigKind {
  return {
    name,
    window: 0x1000,
    registers: [...every(4, 64), ...every(1, 8, 0x100)],
    values: [0, 1, 2, 4, 8, 0x0f, 0x4f, 16, RAM_BASE + 0x1000, RAM_BASE + 0x6000, 0xffff_ffff],
    make: () => {
      const context = new FakeContext();
      const backend = makeBackend(context);
      const device = new VirtioMmio(name, context, backend);
      const outside = (dice: Dice): void => {
        if (backend instanceof VirtioNet && dice.roll(2) === 0) backend.receive(dice.bytes(dice.roll(200)));
        else if (device.queues.length > 0) scribble(context, device, dice);
      };
      return { context, device, begin: () => void startDriver(device, context.memory, [15, 28, 29]), outside };
    },
  };
}

/** A guest that writes half sense into its rings, and notifies. */
function scribble(context: FakeContext, device: VirtioMmio, dice: Dice): void {
  const { memory } = context;
  const queue = dice.roll(device.queues.length);
  const base = RAM_BASE + 0x1000 + queue * 0x8000;
  const size = device.queues[queue].size;
  for (let i = 0; i < 4; i++) {
    const at = base + 16 * dice.roll(16);
    const wild = dice.roll(20) === 0;
    memory.writeU64(
      at,
      wild ? BigInt(dice.word()) << BigInt(dice.roll(33)) : BigInt(RAM_BASE + 0x20000 + dice.roll(0x1000)),
    );
    memory.writeU32(at + 8, wild ? dice.word() : dice.roll(0x800));
    memory.writeU16(at + 12, dice.pick([0, NEXT, WRITE, WRITE, WRITE, NEXT | WRITE, wild ? INDIRECT : WRITE]));
    memory.writeU16(at + 14, dice.roll(wild ? 0x10000 : 16));
  }
  const available = base + 0x5000;
  memory.writeU16(available + 4 + 2 * dice.roll(16), dice.roll(16));
  memory.writeU16(
    available + 2,
    memory.readU16(available + 2) + dice.pick([0, 1, 1, 2, dice.roll(100) === 0 ? 999 : 1]),
  );
  if (size > 0) device.write(0x50, 4, queue);
}
