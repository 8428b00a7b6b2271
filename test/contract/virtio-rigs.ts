/**
 * The virtio devices, and the slot that holds none. For a new one: how its backend is made, what comes from outside, and
 * for each queue a request that a correct driver makes.
 */
import type { DeviceConfiguration } from '../../src/machine/configuration.js';
import { BOARD } from '../../src/machine/board-map.js';
import { VirtioBlk } from '../../src/machine/devices/virtio/blk.js';
import { VirtioConsole } from '../../src/machine/devices/virtio/console.js';
import { VirtioMmio } from '../../src/machine/devices/virtio/mmio.js';
import type { VirtioBackend } from '../../src/machine/devices/virtio/mmio.js';
import { VirtioNet } from '../../src/machine/devices/virtio/net.js';
import { VirtioRng } from '../../src/machine/devices/virtio/rng.js';
import type { WorldOptions } from '../guest/replay-rig.js';
import type { Guest, RigKind } from './device-rigs.js';
import { FakeContext, RAM_BASE } from './fake-board.js';
import type { Dice } from './fake-board.js';
import {
  BIT_CONSOLE_SIZE,
  BIT_EVENT_IDX,
  BIT_INDIRECT,
  BIT_MRG_RXBUF,
  INDIRECT,
  NEXT,
  startDriver,
  WRITE,
} from './virtio-driver.js';

/** A queue as the malformed chains need to know it. */
export interface QueueKind {
  readonly name: string;
  readonly index: number;
  /** The parts of a request that the device fulfils, in order; `fill` is what the guest writes there first. */
  readonly request: readonly { readonly length: number; readonly write?: boolean; readonly fill?: Uint8Array }[];
}

export interface VirtioKind {
  readonly name: string;
  /** Features that this device offers beside those of every ring. */
  readonly features: readonly number[];
  readonly queues: readonly QueueKind[];
  makeBackend(context: FakeContext): VirtioBackend | undefined;
  /** What arrives from outside, so that queues which wait for that move. */
  arrive?(backend: VirtioBackend, data: Uint8Array): void;
  /** What is under way outside comes to its end. */
  rest?(backend: VirtioBackend): void;
  /** A correct driver goes on: taken in turns with one that is not. */
  drive?(guest: Guest, dice: Dice): void;
  /** Something else outside is another than before. */
  change?(backend: VirtioBackend, dice: Dice): void;
  /** Fields that a reset leaves as they are, for they say what is outside. */
  readonly outlives?: readonly string[];
  readonly configuration?: DeviceConfiguration;
  readonly world?: Omit<WorldOptions, 'seed'>;
}

const MAC = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);

/** The disk of a rig keeps nothing itself: what it keeps is no field of its state. */
const DISK = { kind: 'block', slot: 0, capacity: 0x10000, mode: 'rw', readOnly: false } as const;
/** Asks for the disk's name: the one request that the device answers by itself. */
const IDENTIFY = Uint8Array.of(8, ...new Array<number>(15).fill(0));

/** One for each kind of device that the configuration knows. */
const KINDS: Readonly<Record<DeviceConfiguration['kind'], VirtioKind>> = {
  net: {
    name: 'virtio-net',
    features: [BIT_MRG_RXBUF],
    queues: [
      { name: 'receive', index: 0, request: [{ length: 256, write: true }] },
      { name: 'transmit', index: 1, request: [{ length: 256 }] },
    ],
    makeBackend: (context) => new VirtioNet(context, MAC),
    arrive: (backend, data) => (backend as VirtioNet).receive(data),
    configuration: { kind: 'net', slot: 0, mac: MAC },
    world: { frames: Array.from({ length: 12 }, (_, i) => new Uint8Array(60 + 130 * i).fill(i)) },
  },
  rng: {
    name: 'virtio-rng',
    features: [],
    queues: [{ name: 'requests', index: 0, request: [{ length: 64, write: true }] }],
    makeBackend: (context) => new VirtioRng(context),
    configuration: { kind: 'rng', slot: 0 },
  },
  block: {
    name: 'virtio-blk',
    features: [],
    queues: [
      {
        name: 'requests',
        index: 0,
        request: [
          { length: 16, fill: IDENTIFY },
          { length: 21, write: true },
        ],
      },
    ],
    makeBackend: (context) =>
      new VirtioBlk(context, DISK, ({ operation, offset, length, data }) =>
        context.events.push(`${operation} ${offset} ${length} ${data.length}`),
      ),
    arrive: (backend, data) => {
      const disk = backend as VirtioBlk;
      const index = data.length % 3;
      const { operation, length = 0 } = disk.request(index) ?? {};
      disk.complete(index, data.length % 7 === 0 ? 1 : 0, new Uint8Array(operation === 'read' ? length : 0).fill(7));
    },
    rest: (backend) => {
      const disk = backend as VirtioBlk;
      while (disk.request(0) !== undefined) disk.complete(0, 1, new Uint8Array(0));
    },
    drive: driveDisk,
    configuration: { ...DISK, mode: 'snapshot' },
    world: {
      disks: new Map([[0, { image: Uint8Array.from({ length: DISK.capacity }, (_, i) => i >> 9) }]]),
      ailing: true,
    },
  },
  console: {
    name: 'virtio-console',
    features: [BIT_CONSOLE_SIZE],
    queues: [
      { name: 'receive', index: 0, request: [{ length: 32, write: true }] },
      { name: 'transmit', index: 1, request: [{ length: 64 }] },
    ],
    makeBackend: (context) => new VirtioConsole(context),
    arrive: (backend, data) => (backend as VirtioConsole).receive(data),
    change: (backend, dice) => (backend as VirtioConsole).resize(dice.roll(200), dice.roll(70)),
    outlives: ['columns', 'rows', 'changes'],
    configuration: { kind: 'console', slot: 0 },
    world: {
      typed: ['v', 'a line\n', 'more than the driver has buffers for, at once'],
      sizes: [
        [80, 24],
        [132, 43],
      ],
    },
  },
};

/** A request to read, write or flush, in the first three descriptors. */
function driveDisk({ registers, memory }: Guest, dice: Dice): void {
  const base = RAM_BASE + 0x1000;
  const data = RAM_BASE + 0x20000;
  const type = dice.pick([0, 0, 1, 1, 4]);
  const length = 512 * dice.roll(12);
  memory.writeU32(data, type);
  memory.writeU64(data + 8, BigInt(dice.roll(130)));
  memory.writeU32(data + 512, dice.word());
  const parts = [
    { at: data, length: 16, flags: NEXT },
    { at: data + 512, length, flags: NEXT | (type === 0 ? WRITE : 0) },
    { at: data + 256, length: 1, flags: WRITE },
  ];
  parts.forEach((part, i) => {
    memory.writeU64(base + 16 * i, BigInt(part.at));
    memory.writeU32(base + 16 * i + 8, part.length);
    memory.writeU16(base + 16 * i + 12, part.flags);
    memory.writeU16(base + 16 * i + 14, i + 1);
  });
  const available = base + 0x5000;
  const index = memory.readU16(available + 2);
  memory.writeU16(available + 4 + 2 * (index % 16), 0);
  memory.writeU16(available + 2, (index + 1) & 0xffff);
  registers.write(0x50, 4, 0);
}

const EMPTY: VirtioKind = { name: 'virtio (empty slot)', features: [], queues: [], makeBackend: () => undefined };

export const VIRTIO_KINDS: readonly VirtioKind[] = Object.values(KINDS);
export const VIRTIO_RIGS: readonly RigKind[] = [EMPTY, ...VIRTIO_KINDS].map(rigOf);

function rigOf(kind: VirtioKind): RigKind {
  const { configuration, queues } = kind;
  return {
    name: kind.name,
    place: { base: BOARD.virtio.base, size: BOARD.virtio.size },
    board: { devices: configuration === undefined ? [] : [configuration] },
    answers: (offset) => offset < 0x200,
    registers: [0x00, 0x04, 0x08, 0x0c, 0x10, 0x14, 0x20, 0x24, 0x30, 0x34, 0x38, 0x44, 0x50, 0x60, 0x64, 0x70].concat(
      [0x80, 0x84, 0x90, 0x94, 0xa0, 0xa4, 0xac, 0xb0, 0xb4, 0xb8, 0xbc, 0xfc],
      Array.from({ length: 0x100 }, (_, i) => 0x100 + i),
    ),
    values: [0, 1, 2, 4, 8, 0x0f, 0x4f, 16, RAM_BASE + 0x1000, RAM_BASE + 0x6000, 0xffff_ffff],
    make: (context = new FakeContext()) => {
      const backend = kind.makeBackend(context);
      const device = new VirtioMmio(kind.name, context, backend);
      const outside = (dice: Dice): void => {
        if (backend === undefined) return;
        if (kind.change !== undefined && dice.roll(4) === 0) kind.change(backend, dice);
        else kind.arrive?.(backend, dice.bytes(dice.roll(200)));
      };
      const rest = backend && kind.rest ? () => kind.rest?.(backend) : undefined;
      const parts = [device, ...(backend ? [backend] : []), ...device.queues];
      return { context, device, parts, outside, ...(rest && { rest }) };
    },
    ...(queues.length > 0 && {
      begin: ({ registers, memory }: Guest) =>
        void startDriver(registers, memory, [...kind.features, BIT_INDIRECT, BIT_EVENT_IDX]),
      act: (guest: Guest, dice: Dice) =>
        kind.drive && dice.roll(4) > 0 ? kind.drive(guest, dice) : scribble(guest, queues, dice),
    }),
    ...(kind.outlives && { outlives: kind.outlives }),
    ...(kind.world && { world: kind.world }),
  };
}

/** A guest that writes half sense into its rings, and notifies. */
function scribble({ registers, memory }: Guest, queues: readonly QueueKind[], dice: Dice): void {
  const { index, request } = dice.pick(queues);
  const base = RAM_BASE + 0x1000 + index * 0x8000;
  const flags = request.map(({ write }) => (write ? WRITE : 0));
  for (let i = 0; i < 4; i++) {
    const at = base + 16 * dice.roll(16);
    const wild = dice.roll(20) === 0;
    memory.writeU64(
      at,
      wild ? BigInt(dice.word()) << BigInt(dice.roll(33)) : BigInt(RAM_BASE + 0x20000 + dice.roll(0x1000)),
    );
    memory.writeU32(at + 8, wild ? dice.word() : dice.roll(0x800));
    memory.writeU16(at + 12, dice.pick([...flags, ...flags, NEXT | flags[0], wild ? INDIRECT : flags[0]]));
    memory.writeU16(at + 14, dice.roll(wild ? 0x10000 : 16));
  }
  const available = base + 0x5000;
  memory.writeU16(available + 4 + 2 * dice.roll(16), dice.roll(16));
  const ahead = dice.roll(100) === 0 ? 999 : dice.pick([0, 1, 1, 2]);
  memory.writeU16(available + 2, (memory.readU16(available + 2) + ahead) & 0xffff);
  registers.write(0x50, 4, index);
}
