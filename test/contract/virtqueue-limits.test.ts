/**
 * A guest must not keep the host busy by a queue, nor get at other memory through one that changes under way: the work of
 * each notification is bounded by the queue's size, whatever its rings hold and wherever they lie. Held for every queue of every
 * virtio device.
 */
import { Dice, differences, FakeMemory, RAM_BASE, save } from './fake-board.js';
import { QUEUES } from './queue-rigs.js';
import type { QueueRig } from './queue-rigs.js';
import {
  BIT_EVENT_IDX,
  BIT_INDIRECT,
  BIT_MRG_RXBUF,
  BIT_VERSION_1,
  INDIRECT,
  NEEDS_RESET,
  NEXT,
  R,
  WRITE,
} from './virtio-driver.js';

const DATA = RAM_BASE + 0x20000;
const TABLE = RAM_BASE + 0x30000;
const SIZE = 8;
/** Accesses of memory for one descriptor, and for one chain beside its descriptors. */
const PER_DESCRIPTOR = 5;
const PER_CHAIN = 8;
/** Longest chain through an indirect table. */
const MOST_INDIRECT = 1024;
/** Bytes that a device moves for one chain at most: a frame with its header. */
const MOST_MOVED = 65_562;

/** Runs `action` and answers the accesses of guest memory it took, and the bytes moved. */
function costOf({ context: { memory } }: QueueRig, action: () => void): { accesses: number; moved: number } {
  memory.accesses = memory.moved = 0;
  action();
  return { accesses: memory.accesses, moved: memory.moved };
}

const boundOf = (chains: number, length: number): number => 32 + chains * (PER_CHAIN + PER_DESCRIPTOR * length);
const stateOf = ({ device }: QueueRig): number => device.read(R.status, 4);

/** Sets one of the queue's areas to another place. */
function place({ device, queue }: QueueRig, areas: Partial<Record<number, number>>): void {
  device.write(R.queueSelect, 4, queue.index);
  device.write(R.queueReady, 4, 0);
  for (const [register, address] of Object.entries(areas)) device.write(Number(register), 4, address as number);
  device.write(R.queueReady, 4, 1);
}

describe.each(QUEUES)('$name', (kind) => {
  const { flag } = kind;

  it('walks each chain of a full queue once, however many wait for room', () => {
    const size = 64;
    for (const features of [[], [BIT_MRG_RXBUF]]) {
      const rig = kind.setUp({ size, features });
      const { queue, arrive, context } = rig;
      // What arrives fits into no chain: each goes through all descriptors, and has room for a header.
      for (let i = 0; i < size; i++) queue.describe(i, DATA + 12 * i, i === 0 ? 12 : 0, flag | NEXT, i + 1);
      queue.describe(size - 1, DATA, 1, flag, 0);
      for (let i = 0; i < 300; i++) arrive(1500);
      for (let i = 0; i < size; i++) queue.offerHead(0);
      const { accesses, moved } = costOf(rig, () => queue.notify());
      expect(accesses).toBeGreaterThan(size);
      expect(accesses).toBeLessThanOrEqual(boundOf(size, size));
      expect(moved).toBeLessThanOrEqual(size * MOST_MOVED);
      expect(context.memory.outside).toEqual([]);
    }
  });

  it('follows no chain longer than its queue or, through a table, than 1024', () => {
    for (const [entries, fine] of [
      [MOST_INDIRECT, true],
      [MOST_INDIRECT + 1, false],
      [4096, false],
    ] as const) {
      const rig = kind.setUp({ size: SIZE, memoryBytes: 0x80000 });
      const { queue, poke, context } = rig;
      const parts = kind.request(context, DATA);
      queue.describe(0, TABLE, 16 * entries, INDIRECT, 0);
      for (let i = 0; i < entries; i++) {
        const part = parts[i - entries + parts.length];
        const flags = (part === undefined ? flag : part.write ? WRITE : 0) | (i === entries - 1 ? 0 : NEXT);
        queue.describe(i, part?.address ?? 0, part?.length ?? 0, flags, i + 1, TABLE);
      }
      queue.offerHead(0);
      const { accesses } = costOf(rig, poke);
      expect(accesses).toBeLessThanOrEqual(boundOf(2, MOST_INDIRECT) + 2 * PER_DESCRIPTOR);
      expect([entries, stateOf(rig)]).toEqual([entries, fine ? 0x0f : 0x4f]);
      expect(queue.takeUsed()).toHaveLength(fine ? 1 : 0);
    }
  });

  it('fulfils a queue of requests at most for one notification, also where its used ring lies over the available one', () => {
    const rig = kind.setUp({ size: SIZE });
    const { queue, context, poke } = rig;
    // Each chain that comes back makes the available index run ahead.
    place(rig, { [R.usedLow]: queue.available });
    kind.request(context, DATA).forEach((part, i, { length }) => {
      const last = i === length - 1;
      queue.describe(i, part.address, part.length, (part.write ? WRITE : 0) | (last ? 0 : NEXT), i + 1);
    });
    context.memory.writeU16(queue.available + 2, SIZE);
    for (let round = 0; round < 20; round++) {
      const { accesses } = costOf(rig, poke);
      expect(accesses).toBeLessThanOrEqual(2 * boundOf(SIZE, SIZE));
    }
    expect(context.memory.outside).toEqual([]);
  });

  it('keeps its bounds wherever its areas overlap each other and the buffers', () => {
    const dice = new Dice(99);
    for (let round = 0; round < 200; round++) {
      const rig = kind.setUp({ size: SIZE, features: [BIT_INDIRECT, BIT_EVENT_IDX, BIT_MRG_RXBUF] });
      const { context, device, poke } = rig;
      const near = (step: number): number => RAM_BASE + 0x1000 + step * dice.roll(256 / step);
      place(rig, { [R.descriptorsLow]: near(16), [R.availableLow]: near(2), [R.usedLow]: near(4) });
      for (let at = 0; at < 512; at += 16) {
        context.memory.writeU64(RAM_BASE + 0x1000 + at, BigInt(near(1)));
        context.memory.writeU32(RAM_BASE + 0x1008 + at, dice.roll(200));
        context.memory.writeU32(
          RAM_BASE + 0x100c + at,
          dice.pick([flag, flag | NEXT, flag | INDIRECT]) + (dice.roll(SIZE) << 16),
        );
      }
      for (let kick = 0; kick < 3; kick++) {
        const { accesses, moved } = costOf(rig, poke);
        expect(accesses).toBeLessThanOrEqual(4 * boundOf(SIZE, 16));
        expect(moved).toBeLessThanOrEqual(2 * SIZE * MOST_MOVED);
      }
      expect(context.memory.outside).toEqual([]);
      // And it works again after a reset.
      device.write(R.status, 4, 0);
      expect(device.read(R.status, 4)).toBe(0);
    }
  });

  it('lets two queues share their rings, to no harm', () => {
    const rig = kind.setUp({ size: SIZE });
    const { device, queue, context, poke } = rig;
    device.queues.forEach((_, index) => {
      device.write(R.queueSelect, 4, index);
      device.write(R.queueReady, 4, 0);
      device.write(R.descriptorsLow, 4, queue.descriptors);
      device.write(R.availableLow, 4, queue.available);
      device.write(R.usedLow, 4, queue.used);
      device.write(R.queueReady, 4, 1);
    });
    for (let i = 0; i < 20; i++) {
      queue.offer(kind.request(context, DATA));
      poke();
      for (let other = 0; other < device.queues.length; other++) device.write(R.queueNotify, 4, other);
    }
    expect(context.memory.outside).toEqual([]);
  });

  it('looks at a descriptor anew when it was changed while the device waited', () => {
    for (const features of [[], [BIT_MRG_RXBUF]]) {
      const rig = kind.setUp({ size: SIZE, features });
      const { queue, context, arrive } = rig;
      // Too little for what arrives: with mergeable buffers, the device waits for more.
      queue.offer([{ address: DATA, length: 16, write: flag === WRITE }]);
      arrive(100);
      queue.notify();
      context.memory.writeU64(queue.descriptors, BigInt(RAM_BASE - 64));
      queue.offer(kind.request(context, DATA + 0x1000));
      const before = context.memory.bytes.slice(0x20000, 0x30000);
      arrive(100);
      queue.notify();
      expect(context.memory.outside).toEqual([]);
      // A chain that had not come back is malformed now, and nothing went to where it once pointed.
      if ((stateOf(rig) & NEEDS_RESET) !== 0) {
        expect(Buffer.compare(before, context.memory.bytes.slice(0x20000, 0x30000))).toBe(0);
      }
    }
  });

  it('takes no notice of a queue that does not exist, nor of one that is not ready', () => {
    const rig = kind.setUp({ size: SIZE });
    const { device, queue, context } = rig;
    queue.offer(kind.request(context, DATA));
    const before = save(device);
    for (const index of [device.queues.length, 7, 0xffff, 0x1_0000, 0xffff_ffff]) {
      expect(costOf(rig, () => device.write(R.queueNotify, 4, index))).toEqual({ accesses: 0, moved: 0 });
    }
    expect(differences(save(device), before)).toEqual([]);
    device.write(R.queueSelect, 4, queue.index);
    device.write(R.queueReady, 4, 0);
    expect(costOf(rig, () => queue.notify())).toEqual({ accesses: 0, moved: 0 });
    for (const index of [device.queues.length, 0xffff_ffff]) {
      device.write(R.queueSelect, 4, index);
      for (const register of [R.queueSize, R.descriptorsLow, R.availableLow, R.usedLow, R.queueReady]) {
        device.write(register, 4, 1);
      }
      expect([R.queueMaximum, R.queueReady].map((register) => device.read(register, 4))).toEqual([0, 0]);
    }
    expect(stateOf(rig)).toBe(0x0f);
  });

  it('changes neither size nor place of a queue that is ready', () => {
    const rig = kind.setUp({ size: SIZE });
    const { device, queue, context, poke } = rig;
    device.write(R.queueSelect, 4, queue.index);
    const before = save(device);
    for (const size of [0, 3, 16, 0xffff_ffff]) device.write(R.queueSize, 4, size);
    for (const area of [R.descriptorsLow, R.availableLow, R.usedLow]) {
      device.write(area, 4, 0x1000);
      device.write(area + 4, 4, 0xffff_ffff);
    }
    expect(differences(save(device), before)).toEqual([]);
    queue.offer(kind.request(context, DATA));
    poke();
    expect(queue.takeUsed()).toHaveLength(1);
  });

  it('uses no buffer before the driver is ready, nor without the features being agreed on', () => {
    const rig = kind.setUp({ size: SIZE });
    const { device, queue, context, arrive } = rig;
    queue.offer(kind.request(context, DATA));
    const features = (low: number, high: number): void => {
      [low, high].forEach((word, select) => {
        device.write(R.driverFeaturesSelect, 4, select);
        device.write(R.driverFeatures, 4, word);
      });
    };
    // DRIVER_OK without FEATURES_OK; then a device that was not told of VERSION_1, and one of a feature it never offered.
    const attempts: [string, () => void, number][] = [
      ['DRIVER_OK alone', () => device.write(R.status, 4, 0x07), 0x07],
      ['FEATURES_OK without DRIVER_OK', () => (features(0, 1), device.write(R.status, 4, 0x0b)), 0x0b],
      ['no VERSION_1', () => (features(0, 0), device.write(R.status, 4, 0x0f)), 0x07],
      ['an unknown feature', () => (features(1 << 23, 1), device.write(R.status, 4, 0x0f)), 0x07],
    ];
    expect(BIT_VERSION_1).toBe(32);
    for (const [name, attempt, status] of attempts) {
      device.write(R.status, 4, 0);
      queue.setUp();
      context.memory.writeU16(queue.available + 2, 1);
      attempt();
      const cost = costOf(rig, () => {
        arrive();
        queue.notify();
      });
      expect([name, cost, stateOf(rig)]).toEqual([name, { accesses: 0, moved: 0 }, status]);
      expect(context.level).toBe(false);
    }
  });

  it('interrupts exactly when the used index passes the event, across its wrap', () => {
    const dice = new Dice(5);
    const rig = kind.setUp({ size: SIZE, features: [BIT_EVENT_IDX] });
    const { device, queue, context, arrive } = rig;
    // Near the end of the counters' range: the device's state is that of one that came so far.
    const fields = save(device);
    const START = 0xfff0;
    for (const count of ['nextAvailable', 'nextUsed', 'signalled']) fields.set(`queue${queue.index}.${count}`, START);
    device.state({
      number: (name) => fields.get(name) as number,
      u64: (name) => fields.get(name) as bigint,
      bool: (name) => fields.get(name) as boolean,
      bytes: (name) => fields.get(name) as Uint8Array,
      list: (name) => fields.get(name) as Uint8Array[],
    });
    queue.skipTo(START);
    const wrong: string[] = [];
    for (let used = START; used < START + 200;) {
      const batch = 1 + dice.roll(3);
      const event = (used + dice.roll(6) - 2) & 0xffff;
      queue.usedEvent = event;
      for (let i = 0; i < batch; i++) queue.offer(kind.request(context, DATA + 1024 * i));
      device.write(R.interruptAcknowledge, 4, 3);
      let expected = false;
      if (context.level) wrong.push(`the line stays up at ${used}`);
      for (let i = 0; i < batch; i++) arrive();
      queue.notify();
      // vring_need_event (2.7.10): the event lies among what was put back since.
      for (let i = 0; i < batch; i++) if (((used + i) & 0xffff) === event) expected = true;
      used += batch;
      if (queue.usedIndex !== (used & 0xffff)) wrong.push(`used index ${queue.usedIndex} at ${used}`);
      if (context.level !== expected) wrong.push(`${context.level} at ${used}, event ${event}, of ${batch}`);
    }
    expect(wrong).toEqual([]);
    // What arrives now finds no buffer: the device wants to hear of the next.
    arrive();
    queue.notify();
    expect(queue.availableEvent).toBe(queue.usedIndex);
  });
});

it('is measured by a memory that notices', () => {
  const memory = new FakeMemory();
  memory.read(RAM_BASE, 16);
  memory.writeU16(RAM_BASE, 1);
  expect([memory.accesses, memory.moved]).toEqual([2, 16]);
  expect(() => memory.readU16(RAM_BASE - 1)).toThrow('outside of guest memory');
  expect(memory.outside).toHaveLength(1);
});
