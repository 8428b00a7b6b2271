/**
 * What a guest may put into a virtqueue and must not get away with: loops, ranges outside of memory, absurd lengths,
 * indirect tables in all the ways that are forbidden, and counters that run over. Held for every kind of virtio device.
 */
import { VirtioMmio } from '../../src/machine/devices/virtio/mmio.js';
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
import type { Buffer as Part, DriverQueue } from './virtio-driver.js';
import { QUEUES } from './queue-rigs.js';
import type { QueueRig } from './queue-rigs.js';

const DATA = RAM_BASE + 0x20000;
const TABLE = RAM_BASE + 0x30000;
const SIZE = 8;

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
  'a buffer in the registers of a device': (queue, flag) => {
    queue.describe(0, 0x1000_1000, 64, flag, 0);
    queue.offerHead(0);
  },
  'a buffer beyond 2^53, where numbers round': (queue, flag, context) => {
    queue.describe(0, 0, 64, flag, 0);
    context.memory.writeU64(queue.descriptors, 0x0020_0000_8002_0001n);
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
  'an indirect table that ends outside of memory': (queue, flag, context) => {
    const end = RAM_BASE + context.memory.bytes.length;
    queue.describe(0, end - 16, 32, INDIRECT, 0);
    queue.describe(0, DATA, 64, flag, 0, end - 16);
    queue.offerHead(0);
  },
  'an indirect table at the end of the address space': (queue, _flag, context) => {
    queue.describe(0, 0, 32, INDIRECT, 0);
    context.memory.writeU64(queue.descriptors, 0xffff_ffff_ffff_fff0n);
    queue.offerHead(0);
  },
  'an indirect table in the registers of a device': (queue) => {
    queue.describe(0, 0x1000_1000, 32, INDIRECT, 0);
    queue.offerHead(0);
  },
  "the queue's own table as an indirect one": (queue) => {
    queue.describe(0, queue.descriptors, 16 * SIZE, INDIRECT, 0);
    queue.offerHead(0);
  },
  "a loop through the queue's own table as an indirect one": (queue, flag) => {
    queue.describe(0, DATA, 64, flag | NEXT, 1);
    queue.describe(1, queue.descriptors, 16 * SIZE, INDIRECT, 0);
    queue.offerHead(0);
  },
  'an indirect chain with its last index': (queue, flag) => {
    queue.describe(0, TABLE, 32, INDIRECT, 0);
    queue.describe(0, DATA, 64, flag | NEXT, 0xffff, TABLE);
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
  'an available index half of its range ahead': (queue, _flag, context) => {
    context.memory.writeU16(queue.available + 2, 0x8000);
  },
  'an available index that runs backwards': (queue, _flag, context) => {
    context.memory.writeU16(queue.available + 2, 0xffff);
  },
};

const flagsOf = ({ write }: Part): number => (write ? WRITE : 0);

/** A request's parts, of which there are two at least: a single one is cut. */
function piecesOf(parts: readonly Part[]): readonly Part[] {
  const [{ address, length, write }] = parts;
  if (parts.length > 1) return parts;
  const rest = length / 4;
  return [
    { address, length: length - 2 * rest, write },
    { address: address + length - 2 * rest, length: rest, write },
    { address: address + length - rest, length: rest, write },
  ];
}

describe.each(QUEUES)('$name', (kind) => {
  const { flag } = kind;
  const setUp = (features?: readonly number[]): QueueRig => kind.setUp({ size: SIZE, ...(features && { features }) });
  it.each(Object.keys(MALFORMED))('reports %s and does nothing with it', (name) => {
    const { context, device, queue, poke } = setUp();
    MALFORMED[name](queue, flag, context);
    const before = context.memory.bytes.slice();
    context.memory.accesses = context.memory.moved = 0;
    poke();
    // One chain is walked, of at most as many descriptors as the queue has, and nothing is moved.
    expect(context.memory.accesses).toBeLessThanOrEqual(8 + 6 * SIZE);
    expect(context.memory.moved).toBe(0);
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
    const { context, device, queue, poke } = setUp();
    const [first, ...others] = piecesOf(kind.request(context, DATA));
    queue.describe(0, first.address, first.length, flagsOf(first) | NEXT, 1);
    // Every second entry of the table is left out; that a table is "written to" means nothing (2.7.5.3.2).
    queue.describe(1, TABLE, 32 * others.length, INDIRECT | WRITE, 0);
    others.forEach((piece, i) => {
      const last = i === others.length - 1;
      queue.describe(2 * i, piece.address, piece.length, flagsOf(piece) | (last ? 0 : NEXT), 2 * i + 2, TABLE);
    });
    queue.offerHead(0);
    poke();
    expect(device.read(R.status, 4)).toBe(0x0f);
    expect(queue.takeUsed()).toHaveLength(1);
  });

  it('steps over empty descriptors', () => {
    const { context, device, queue, poke } = setUp();
    const nothing = { address: 0xdead, length: 0, write: flag === WRITE };
    queue.offer(kind.request(context, DATA).flatMap((part) => [{ ...nothing, write: part.write }, part]));
    poke();
    expect(device.read(R.status, 4)).toBe(0x0f);
    expect(queue.takeUsed().map(({ head }) => head)).toEqual([0]);
  });

  it('goes through 70,000 chains with counters that run over at 65,536', () => {
    const { context, device, queue, arrive } = setUp([BIT_EVENT_IDX]);
    let done = 0;
    while (done < 70_000) {
      // The driver wants to hear of the last chain of each batch.
      const batch = Math.min(4, 70_000 - done);
      for (let i = 0; i < batch; i++) queue.offer(kind.request(context, DATA + 512 * i));
      queue.usedEvent = (done + batch - 1) & 0xffff;
      for (let i = 0; i < batch; i++) arrive();
      queue.notify();
      if (queue.usedIndex !== ((done + batch) & 0xffff)) break;
      if ((device.read(R.interruptStatus, 4) & 1) === 0) break;
      device.write(R.interruptAcknowledge, 4, 1);
      context.emitted.length = context.events.length = 0;
      done += batch;
    }
    expect(done).toBe(70_000);
    expect(device.read(R.status, 4)).toBe(0x0f);
  });

  it('survives rings and descriptors of random bytes, and never leaves guest memory', () => {
    const dice = new Dice(4711);
    const outcomes = new Set<number>();
    for (let round = 0; round < 300; round++) {
      const { context, device, queue, poke } = setUp(
        [BIT_MRG_RXBUF, BIT_INDIRECT, BIT_EVENT_IDX].filter(() => dice.roll(3) > 0),
      );
      for (let i = 0; i < SIZE; i++) {
        const wild = dice.roll(6) === 0;
        const direction = kind.uniform ? flag : dice.pick([0, WRITE]);
        queue.describe(
          i,
          wild ? dice.word() * 2 : DATA + dice.roll(0x8000),
          wild ? dice.word() : dice.roll(2048),
          0,
          0,
        );
        context.memory.writeU16(queue.descriptors + 16 * i + 12, wild ? dice.roll(8) : direction | dice.roll(2));
        context.memory.writeU16(queue.descriptors + 16 * i + 14, dice.roll(wild ? 0x10000 : SIZE));
      }
      context.memory.write(TABLE, dice.bytes(64));
      // Of six chains none would go both ways in the right order by chance.
      const chains = kind.uniform ? 6 : 1;
      for (let i = 0; i < chains; i++) queue.offerHead(dice.roll(dice.roll(9) === 0 ? 0x10000 : SIZE));
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
  const END = RAM_BASE + new FakeContext().memory.bytes.length;
  const cases: [string, Partial<Record<number, number>>][] = [
    ['a size that is no power of two', { [R.queueSize]: 6 }],
    ['a size of 0', { [R.queueSize]: 0 }],
    ['a size above the maximum', { [R.queueSize]: 2048 }],
    ['descriptors at an odd address', { [R.descriptorsLow]: DATA + 8 }],
    ['an available ring at an odd address', { [R.availableLow]: DATA + 1 }],
    ['a used ring at an odd address', { [R.usedLow]: DATA + 2 }],
    ['descriptors that end outside of memory', { [R.descriptorsLow]: END - 16 * SIZE + 16 }],
    ['an available ring that ends outside of memory', { [R.availableLow]: END - 2 * SIZE - 4 }],
    ['a used ring that ends outside of memory', { [R.usedLow]: END - 8 * SIZE - 4 }],
    ['descriptors in the registers of a device', { [R.descriptorsLow]: 0x1000_1000 }],
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

  it('takes rings that end where memory ends', () => {
    const context = new FakeContext();
    const device = new VirtioMmio('virtio', context, new VirtioRng(context));
    startDriver(device, context.memory, [], SIZE);
    for (const [offset, bytes] of [
      [R.descriptorsLow, 16 * SIZE],
      [R.availableLow, 6 + 2 * SIZE],
      [R.usedLow, 8 + 8 * SIZE],
    ]) {
      device.write(R.queueReady, 4, 0);
      device.write(offset, 4, END - bytes);
      device.write(R.queueReady, 4, 1);
      expect(device.read(R.queueReady, 4)).toBe(1);
      device.write(R.queueNotify, 4, 0);
    }
    expect(context.memory.outside).toEqual([]);
  });
});
