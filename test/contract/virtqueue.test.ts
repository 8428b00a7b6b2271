/**
 * What a guest may put into a virtqueue and must not get away with: loops, ranges outside of memory, absurd lengths,
 * indirect tables in all the ways that are forbidden, and counters that run over. Held for every kind of virtio device.
 */
import { VirtioMmio } from '../../src/machine/devices/virtio/mmio.js';
import type { VirtioBackend } from '../../src/machine/devices/virtio/mmio.js';
import { VirtioNet } from '../../src/machine/devices/virtio/net.js';
import { VirtioRng } from '../../src/machine/devices/virtio/rng.js';
import { Dice, FakeContext, RAM_BASE } from './fake-board.js';
import {
  BIT_EVENT_IDX,
  BIT_INDIRECT,
  BIT_MRG_RXBUF,
  INDIRECT,
  NEEDS_RESET,
  NEXT,
  R,
  startDriver,
  WRITE,
} from './virtio-driver.js';
import type { DriverQueue } from './virtio-driver.js';

const DATA = RAM_BASE + 0x20000;
const TABLE = RAM_BASE + 0x30000;
const SIZE = 8;

interface Setup {
  readonly context: FakeContext;
  readonly device: VirtioMmio;
  readonly queue: DriverQueue;
  /** Lets the device look at the queue. */
  poke(): void;
}

interface Kind {
  readonly name: string;
  /** Flags of a descriptor of the sort that the queue takes. */
  readonly flag: number;
  setUp(features?: readonly number[]): Setup;
}

function kind(name: string, index: number, flag: number, make: (context: FakeContext) => VirtioBackend): Kind {
  const setUp = (features: readonly number[] = [BIT_INDIRECT]): Setup => {
    const context = new FakeContext();
    const backend = make(context);
    const device = new VirtioMmio(name, context, backend);
    const queue = startDriver(device, context.memory, features, SIZE)[index];
    const poke = (): void => {
      if (backend instanceof VirtioNet) backend.receive(new Uint8Array(100));
      queue.notify();
    };
    return { context, device, queue, poke };
  };
  return { name, flag, setUp };
}

const makeNet = (context: FakeContext): VirtioBackend => new VirtioNet(context, Uint8Array.of(2, 0, 0, 0, 0, 1));
const KINDS = [
  kind('virtio-net receive', 0, WRITE, makeNet),
  kind('virtio-net transmit', 1, 0, makeNet),
  kind('virtio-rng', 0, WRITE, (context) => new VirtioRng(context)),
];

/** Each makes the available ring hold one chain that no driver may offer. */
const MALFORMED: Record<string, (queue: DriverQueue, flag: number, context: FakeContext) => void> = {
  'a head outside of the table': (queue) => queue.offerHead(SIZE),
  'a head far outside of the table': (queue) => queue.offerHead(0xffff),
  'a descriptor that follows itself': (queue, flag) => {
    queue.describe(0, DATA, 64, flag | NEXT, 0);
    queue.offerHead(0);
  },
  'two descriptors that follow each other': (queue, flag) => {
    queue.describe(0, DATA, 64, flag | NEXT, 1);
    queue.describe(1, DATA, 64, flag | NEXT, 0);
    queue.offerHead(0);
  },
  'a loop of empty descriptors': (queue, flag) => {
    queue.describe(0, 0, 0, flag | NEXT, 1);
    queue.describe(1, 0, 0, flag | NEXT, 0);
    queue.offerHead(0);
  },
  'a next descriptor outside of the table': (queue, flag) => {
    queue.describe(0, DATA, 64, flag | NEXT, SIZE);
    queue.offerHead(0);
  },
  'a buffer below memory': (queue, flag) => {
    queue.describe(0, RAM_BASE - 1, 64, flag, 0);
    queue.offerHead(0);
  },
  'a buffer that begins inside memory and ends outside': (queue, flag, context) => {
    queue.describe(0, RAM_BASE + context.memory.bytes.length - 63, 64, flag, 0);
    queue.offerHead(0);
  },
  'a buffer at the end of the address space': (queue, flag, context) => {
    queue.describe(0, 0, 64, flag, 0);
    context.memory.writeU64(queue.descriptors, 0xffff_ffff_ffff_ffe0n);
    queue.offerHead(0);
  },
  'a buffer of 4 GiB': (queue, flag) => {
    queue.describe(0, DATA, 0xffff_ffff, flag, 0);
    queue.offerHead(0);
  },
  'a readable buffer behind a writable one': (queue) => {
    queue.describe(0, DATA, 64, WRITE | NEXT, 1);
    queue.describe(1, DATA, 64, 0, 0);
    queue.offerHead(0);
  },
  'an indirect table inside an indirect table': (queue) => {
    queue.describe(0, TABLE, 32, INDIRECT, 0);
    queue.describe(0, TABLE + 0x100, 32, INDIRECT, 0, TABLE);
    queue.offerHead(0);
  },
  'an indirect table that holds itself': (queue) => {
    queue.describe(0, TABLE, 16, INDIRECT, 0);
    queue.describe(0, TABLE, 16, INDIRECT, 0, TABLE);
    queue.offerHead(0);
  },
  'a loop inside an indirect table': (queue, flag) => {
    queue.describe(0, TABLE, 32, INDIRECT, 0);
    queue.describe(0, DATA, 64, flag | NEXT, 1, TABLE);
    queue.describe(1, DATA, 64, flag | NEXT, 0, TABLE);
    queue.offerHead(0);
  },
  'an indirect table with a next descriptor': (queue, flag) => {
    queue.describe(0, TABLE, 16, INDIRECT | NEXT, 1);
    queue.describe(1, DATA, 64, flag, 0);
    queue.describe(0, DATA, 64, flag, 0, TABLE);
    queue.offerHead(0);
  },
  'an indirect table of no bytes': (queue) => {
    queue.describe(0, TABLE, 0, INDIRECT, 0);
    queue.offerHead(0);
  },
  'an indirect table of half a descriptor': (queue, flag) => {
    queue.describe(0, TABLE, 24, INDIRECT, 0);
    queue.describe(0, DATA, 64, flag, 0, TABLE);
    queue.offerHead(0);
  },
  'an indirect table outside of memory': (queue) => {
    queue.describe(0, RAM_BASE - 4096, 4096, INDIRECT, 0);
    queue.offerHead(0);
  },
  'an indirect table of 4 GiB': (queue) => {
    queue.describe(0, TABLE, 0xffff_fff0, INDIRECT, 0);
    queue.offerHead(0);
  },
  'an indirect chain that leaves its table': (queue, flag) => {
    queue.describe(0, TABLE, 32, INDIRECT, 0);
    queue.describe(0, DATA, 64, flag | NEXT, 2, TABLE);
    queue.offerHead(0);
  },
  'more chains than the queue holds': (queue, flag, context) => {
    queue.describe(0, DATA, 64, flag, 0);
    context.memory.writeU16(queue.available + 2, SIZE + 1);
  },
  'an available index that runs backwards': (queue, _flag, context) => {
    context.memory.writeU16(queue.available + 2, 0xffff);
  },
};

describe.each(KINDS)('$name', ({ flag, setUp }) => {
  it.each(Object.keys(MALFORMED))('reports %s and does nothing with it', (name) => {
    const { context, device, queue, poke } = setUp();
    MALFORMED[name](queue, flag, context);
    const before = context.memory.bytes.slice();
    poke();
    expect(device.read(R.status, 4) & NEEDS_RESET).toBe(NEEDS_RESET);
    // A configuration change tells the driver (2.1.2).
    expect(device.read(R.interruptStatus, 4)).toBe(2);
    expect(context.level).toBe(true);
    expect(Buffer.compare(before, context.memory.bytes)).toBe(0);
    expect(context.emitted).toEqual([]);
    expect(context.memory.outside).toEqual([]);

    // Nothing moves any more, until a reset makes all well.
    poke();
    device.write(R.status, 4, 0x0f);
    expect(device.read(R.status, 4)).toBe(0x4f);
    expect(queue.usedIndex).toBe(0);
    startDriver(device, context.memory, [], SIZE);
    expect(device.read(R.status, 4)).toBe(0x0f);
    expect(context.level).toBe(false);
  });

  it('reports an indirect descriptor where those were not negotiated', () => {
    const { device, queue, poke } = setUp([]);
    queue.describe(0, TABLE, 16, INDIRECT, 0);
    queue.describe(0, DATA, 64, flag, 0, TABLE);
    queue.offerHead(0);
    poke();
    expect(device.read(R.status, 4) & NEEDS_RESET).toBe(NEEDS_RESET);
  });

  it('takes chains through indirect tables, also behind plain descriptors', () => {
    const { device, queue, poke } = setUp();
    queue.describe(0, DATA, 64, flag | NEXT, 1);
    queue.describe(1, TABLE, 48, INDIRECT, 0);
    queue.describe(0, DATA + 64, 64, flag | NEXT, 2, TABLE);
    queue.describe(2, DATA + 128, 64, flag, 0, TABLE);
    queue.offerHead(0);
    poke();
    expect(device.read(R.status, 4)).toBe(0x0f);
    expect(queue.takeUsed()).toHaveLength(1);
  });

  it('steps over empty descriptors', () => {
    const { device, queue, poke } = setUp();
    queue.describe(0, 0, 0, flag | NEXT, 3);
    queue.describe(3, DATA, 256, flag | NEXT, 5);
    queue.describe(5, 0xdead, 0, flag, 0);
    queue.offerHead(0);
    poke();
    expect(device.read(R.status, 4)).toBe(0x0f);
    expect(queue.takeUsed().map(({ head }) => head)).toEqual([0]);
  });

  it('goes through 70,000 chains with counters that run over at 65,536', () => {
    const { device, queue, poke } = setUp([BIT_EVENT_IDX]);
    let done = 0;
    for (let i = 0; i < 70_000; i++) {
      queue.offer([{ address: DATA, length: 256, write: flag === WRITE }]);
      queue.usedEvent = i & 0xffff;
      poke();
      if (queue.usedIndex !== ((i + 1) & 0xffff)) break;
      if ((device.read(R.interruptStatus, 4) & 1) === 0) break;
      device.write(R.interruptAcknowledge, 4, 1);
      done++;
    }
    expect(done).toBe(70_000);
    expect(device.read(R.status, 4)).toBe(0x0f);
  });

  it('survives rings and descriptors of random bytes, and never leaves guest memory', () => {
    const dice = new Dice(4711);
    const outcomes = new Set<number>();
    const isNet = setUp().device.read(R.deviceId, 4) === 1;
    for (let round = 0; round < 300; round++) {
      const { context, device, queue, poke } = setUp(
        [BIT_MRG_RXBUF, BIT_INDIRECT, BIT_EVENT_IDX].slice(dice.roll(3) + (isNet ? 0 : 1)),
      );
      for (let i = 0; i < SIZE; i++) {
        const wild = dice.roll(6) === 0;
        queue.describe(
          i,
          wild ? dice.word() * 2 : DATA + dice.roll(0x8000),
          wild ? dice.word() : dice.roll(2048),
          0,
          0,
        );
        context.memory.writeU16(queue.descriptors + 16 * i + 12, wild ? dice.roll(8) : flag | dice.roll(2));
        context.memory.writeU16(queue.descriptors + 16 * i + 14, dice.roll(wild ? 0x10000 : SIZE));
      }
      context.memory.write(TABLE, dice.bytes(64));
      for (let i = 0; i < 6; i++) queue.offerHead(dice.roll(dice.roll(9) === 0 ? 0x10000 : SIZE));
      poke();
      poke();
      outcomes.add(device.read(R.status, 4));
      expect(context.memory.outside).toEqual([]);
    }
    // Both ends occur, or the test would show nothing.
    expect([...outcomes].sort()).toEqual([0x0f, 0x4f]);
  });
});

describe('setting up a queue', () => {
  const cases: [string, Partial<Record<number, number>>][] = [
    ['a size that is no power of two', { [R.queueSize]: 6 }],
    ['a size of 0', { [R.queueSize]: 0 }],
    ['a size above the maximum', { [R.queueSize]: 2048 }],
    ['descriptors at an odd address', { [R.descriptorsLow]: DATA + 8 }],
    ['an available ring at an odd address', { [R.availableLow]: DATA + 1 }],
    ['a used ring at an odd address', { [R.usedLow]: DATA + 2 }],
    ['descriptors outside of memory', { [R.descriptorsLow]: 0x1000 }],
    ['a used ring beyond 4 GiB', { [R.usedLow + 4]: 1 }],
    ['an available ring at the end of the address space', { [R.availableLow + 4]: 0xffff_ffff }],
  ];
  it.each(cases)('refuses %s', (_name, registers) => {
    const context = new FakeContext();
    const device = new VirtioMmio('virtio', context, new VirtioRng(context));
    const [queue] = startDriver(device, context.memory, [], SIZE);
    device.write(R.queueReady, 4, 0);
    for (const [offset, value] of Object.entries(registers)) device.write(Number(offset), 4, value as number);
    device.write(R.queueReady, 4, 1);
    expect(device.read(R.queueReady, 4)).toBe(0);
    expect(device.read(R.status, 4)).toBe(0x4f);
    queue.notify();
    expect(context.memory.outside).toEqual([]);
  });
});
