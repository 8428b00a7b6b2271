/** The disk: requests and their completions, bounce buffers, the overlay, errors, what is in flight at a reset. */
import type { DiskConfiguration } from '../../src/machine/configuration.js';
import { VirtioBlk } from '../../src/machine/devices/virtio/blk.js';
import { VirtioMmio } from '../../src/machine/devices/virtio/mmio.js';
import type { DiskDemand } from '../../src/machine/environment.js';
import { FakeContext, FakeMemory, RAM_BASE, restore, save } from '../contract/fake-board.js';
import {
  BIT_EVENT_IDX,
  NEEDS_RESET,
  R,
  startDriver,
  type Buffer,
  type DriverQueue,
} from '../contract/virtio-driver.js';

const [IN, OUT, FLUSH, GET_ID] = [0, 1, 4, 8];
const SECTOR = 512;
const NOTHING = new Uint8Array(0);
const HEADERS = RAM_BASE + 0x20000;
const STATUSES = RAM_BASE + 0x28000;
const DATA = RAM_BASE + 0x30000;

class Rig {
  readonly asked: DiskDemand[] = [];
  readonly context: FakeContext;
  readonly blk: VirtioBlk;
  readonly device: VirtioMmio;
  readonly queue: DriverQueue;
  private requests = 0;

  constructor(more: Partial<DiskConfiguration> = {}, memoryBytes = 0x80000, features: number[] = []) {
    this.context = new FakeContext(new FakeMemory(memoryBytes));
    const disk = { kind: 'block', slot: 3, capacity: 64 * SECTOR, mode: 'snapshot', readOnly: false, ...more } as const;
    this.blk = new VirtioBlk(this.context, disk, (demand) => this.asked.push(demand));
    this.device = new VirtioMmio('virtio3-block', this.context, this.blk);
    [this.queue] = startDriver(this.device, this.context.memory, features, 64);
  }

  /** Offers a request and notifies; answers its number. */
  ask(type: number, sector: number, data: readonly Buffer[] = []): number {
    const { memory } = this.context;
    const number = this.requests++;
    const header = HEADERS + 16 * number;
    memory.writeU32(header, type);
    memory.writeU64(header + 8, BigInt(sector));
    memory.write(STATUSES + number, Uint8Array.of(0xee));
    const status = { address: STATUSES + number, length: 1, write: true };
    this.queue.offer([{ address: header, length: 16 }, ...data, status]);
    this.queue.notify();
    return number;
  }

  status(number: number): number {
    return this.context.memory.read(STATUSES + number, 1)[0];
  }
}

const readable = (length: number, address = DATA): Buffer => ({ address, length });
const writable = (length: number, address = DATA): Buffer => ({ address, length, write: true });
const fill = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

it('says what it is: capacity, limits, sector size, features', () => {
  const { device } = new Rig({ capacity: 2 ** 33, readOnly: true });
  expect(device.read(R.deviceId, 4)).toBe(2);
  expect([0, 4, 8, 12, 20].map((at) => device.read(R.config + at, 4))).toEqual([2 ** 24, 0, 16384, 126, 512]);
  const features = device.read(R.deviceFeatures, 4);
  expect([1, 2, 5, 6, 9].every((bit) => ((features >>> bit) & 1) === 1)).toBe(true);
  expect((new Rig().device.read(R.deviceFeatures, 4) >>> 5) & 1).toBe(0);
});

describe('a read', () => {
  it('asks, and changes guest memory only when it is done', () => {
    const rig = new Rig();
    const number = rig.ask(IN, 5, [writable(700), writable(324, DATA + 0x1000)]);
    expect(rig.asked).toEqual([{ operation: 'read', offset: 5 * SECTOR, length: 1024, data: NOTHING, durable: false }]);
    expect([rig.status(number), rig.queue.usedIndex]).toEqual([0xee, 0]);
    const image = Uint8Array.from({ length: 1024 }, (_, i) => i * 7);
    rig.blk.complete(0, 0, image);
    expect(rig.context.memory.read(DATA, 700)).toEqual(image.subarray(0, 700));
    expect(rig.context.memory.read(DATA + 0x1000, 324)).toEqual(image.subarray(700));
    expect(rig.status(number)).toBe(0);
    expect(rig.queue.takeUsed()).toEqual([{ head: 0, written: 1025 }]);
    expect(rig.context.level).toBe(true);
  });

  it('fails where the environment says so, or hands over another length', () => {
    const rig = new Rig();
    const numbers = [rig.ask(IN, 0, [writable(512)]), rig.ask(IN, 0, [writable(512)])];
    rig.blk.complete(0, 1, NOTHING);
    rig.blk.complete(0, 0, fill(511, 1));
    expect(numbers.map((number) => rig.status(number))).toEqual([1, 1]);
    expect(rig.queue.takeUsed().map(({ written }) => written)).toEqual([1, 1]);
    expect(rig.context.memory.read(DATA, 512)).toEqual(fill(512, 0));
  });

  it('has its status as the last byte of what may be written, wherever that lies', () => {
    const rig = new Rig();
    rig.context.memory.writeU32(HEADERS, IN);
    rig.queue.offer([{ address: HEADERS, length: 9 }, { address: HEADERS + 9, length: 7 }, writable(513)]);
    rig.queue.notify();
    rig.blk.complete(0, 0, fill(512, 9));
    expect(rig.context.memory.read(DATA, 513)).toEqual(Uint8Array.of(...fill(512, 9), 0));
  });
});

describe('a write', () => {
  it('is copied at once: what the guest writes into its buffer later is not written', () => {
    const rig = new Rig();
    rig.context.memory.write(DATA, fill(512, 1));
    rig.ask(OUT, 2, [readable(100), readable(412, DATA + 100)]);
    rig.context.memory.write(DATA, fill(512, 2));
    expect(rig.asked).toEqual([{ operation: 'write', offset: 1024, length: 512, data: fill(512, 1), durable: true }]);
    rig.blk.complete(0, 0, NOTHING);
    expect(rig.queue.takeUsed()).toEqual([{ head: 0, written: 1 }]);
    rig.ask(IN, 2, [writable(512, DATA + 0x1000)]);
    rig.blk.complete(0, 0, fill(512, 3));
    expect(rig.context.memory.read(DATA + 0x1000, 512)).toEqual(fill(512, 1));
  });

  it('is to be durable where the driver cannot flush', () => {
    for (const features of [[], [9]]) {
      const rig = new Rig({}, 0x80000, features);
      rig.ask(OUT, 0, [readable(512)]);
      expect(rig.asked.map(({ durable }) => durable)).toEqual([features.length === 0]);
    }
  });

  it('is seen when it is done and not before, nor where it failed', () => {
    const rig = new Rig();
    rig.context.memory.write(DATA, fill(512, 1));
    rig.ask(OUT, 0, [readable(512)]);
    rig.ask(IN, 0, [writable(512, DATA + 0x1000)]);
    rig.blk.complete(1, 0, fill(512, 7));
    expect(rig.context.memory.read(DATA + 0x1000, 1)).toEqual(Uint8Array.of(7));
    rig.blk.complete(0, 1, NOTHING);
    expect(rig.blk.overlay?.clusters.size).toBe(0);
    expect(rig.status(0)).toBe(1);
  });

  it('is kept by the device of a snapshot alone', () => {
    const rig = new Rig({ mode: 'rw' });
    rig.ask(OUT, 0, [readable(512)]);
    rig.blk.complete(0, 0, NOTHING);
    rig.ask(IN, 0, [writable(512)]);
    rig.blk.complete(0, 0, fill(512, 7));
    expect(rig.blk.overlay).toBeUndefined();
    expect(rig.context.memory.read(DATA, 512)).toEqual(fill(512, 7));
  });
});

describe('requests that are answered at once', () => {
  it.each<[string, number, number, Buffer[], number, Partial<DiskConfiguration>]>([
    ['a read beyond the end', IN, 64, [writable(512)], 1, {}],
    ['a read that goes beyond the end', IN, 63, [writable(1024)], 1, {}],
    ['a read far beyond the end', IN, 2 ** 52, [writable(512)], 1, {}],
    ['a read of no whole sectors', IN, 0, [writable(513)], 1, {}],
    ['a write of no whole sectors', OUT, 0, [readable(100)], 1, {}],
    ['a write beyond the end', OUT, 64, [readable(512)], 1, {}],
    ['a write to a disk that is read only', OUT, 0, [readable(512)], 1, { readOnly: true }],
    ['a read of nothing', IN, 0, [], 0, {}],
    ['a write of nothing', OUT, 64, [], 0, {}],
    ['a write of nothing to a disk that is read only', OUT, 0, [], 1, { readOnly: true }],
    ['discard, which is not offered', 11, 0, [readable(16)], 2, {}],
    ['what there is not', 99, 0, [writable(512)], 2, {}],
  ])('%s', (_name, type, sector, data, status, more) => {
    const rig = new Rig(more);
    const number = rig.ask(type, sector, data);
    expect([rig.status(number), rig.asked]).toEqual([status, []]);
    expect(rig.queue.takeUsed()).toEqual([{ head: 0, written: 1 }]);
  });

  it('a request that is larger than any may be', () => {
    const rig = new Rig({ capacity: 2 ** 30 }, 0x400000);
    const number = rig.ask(IN, 0, [writable(2 ** 21 + 512)]);
    expect(rig.status(number)).toBe(1);
    rig.ask(IN, 0, [writable(2 ** 21)]);
    expect(rig.asked).toHaveLength(1);
  });

  it('the name, as far as there is room', () => {
    const rig = new Rig();
    rig.ask(GET_ID, 0, [writable(20)]);
    expect(Buffer.from(rig.context.memory.read(DATA, 20)).toString()).toBe('vmft-disk3'.padEnd(20, '\0'));
    rig.ask(GET_ID, 0, [writable(6, DATA + 64)]);
    expect(Buffer.from(rig.context.memory.read(DATA + 64, 8)).toString()).toBe('vmft-d\0\0');
    expect(rig.queue.takeUsed().map(({ written }) => written)).toEqual([21, 7]);
  });
});

it.each<[string, Buffer[]]>([
  ['without room for a status', [{ address: HEADERS, length: 16 }]],
  ['with half a header', [{ address: HEADERS, length: 15 }, writable(513)]],
])('a request %s breaks the device', (_name, buffers) => {
  const rig = new Rig();
  rig.queue.offer(buffers);
  rig.queue.notify();
  expect(rig.device.read(R.status, 4) & NEEDS_RESET).toBe(NEEDS_RESET);
  expect(rig.asked).toEqual([]);
});

describe('requests in flight', () => {
  it('may be done in any order', () => {
    const rig = new Rig();
    for (let sector = 0; sector < 4; sector++) rig.ask(IN, sector, [writable(512, DATA + 512 * sector)]);
    for (const [index, byte] of [
      [2, 2],
      [0, 0],
      [1, 3],
      [0, 1],
    ]) {
      rig.blk.complete(index, 0, fill(512, byte));
    }
    expect(rig.queue.takeUsed().map(({ head }) => head)).toEqual([6, 0, 9, 3]);
    for (let sector = 0; sector < 4; sector++) {
      expect(rig.context.memory.read(DATA + 512 * sector, 512)).toEqual(fill(512, sector));
    }
  });

  it('take a bounded number of bytes: others wait in the queue until there is room', () => {
    const rig = new Rig({ capacity: 2 ** 30 }, 0x400000);
    const length = 2 ** 20;
    for (let i = 0; i < 6; i++) rig.ask(OUT, 2048 * i, [readable(length, DATA + 0x1000)]);
    expect(rig.asked.map(({ offset }) => offset / length)).toEqual([0, 1, 2, 3]);
    rig.blk.complete(2, 0, NOTHING);
    expect(rig.asked.map(({ offset }) => offset / length)).toEqual([0, 1, 2, 3, 4]);
    while (rig.blk.request(0) !== undefined) rig.blk.complete(0, 0, NOTHING);
    expect(rig.asked).toHaveLength(6);
    expect(rig.queue.usedIndex).toBe(6);
  });

  it('are no more than 256', () => {
    const rig = new Rig({}, 0x80000, [BIT_EVENT_IDX]);
    for (let i = 0; i < 300; i++) rig.ask(FLUSH, 0);
    expect(rig.asked).toHaveLength(256);
    rig.blk.complete(0, 0, NOTHING);
    expect(rig.asked).toHaveLength(257);
  });

  it('go on without the driver where it resets the device: writes are kept, guest memory is not touched', () => {
    const rig = new Rig();
    rig.context.memory.write(DATA, fill(512, 1));
    rig.ask(OUT, 0, [readable(512)]);
    rig.ask(IN, 0, [writable(512, DATA + 0x1000)]);
    startDriver(rig.device, rig.context.memory, [], 64);
    const before = rig.context.memory.bytes.slice();
    rig.blk.complete(0, 0, NOTHING);
    rig.blk.complete(0, 0, fill(512, 7));
    expect(Buffer.compare(before, rig.context.memory.bytes)).toBe(0);
    expect(rig.blk.overlay?.clusters.get(0)?.written).toBe(1);
    expect(rig.context.level).toBe(false);
    rig.device.reset();
    expect(rig.blk.overlay?.clusters.size).toBe(1);
  });

  it('are state: another device goes on with them', () => {
    const rig = new Rig();
    rig.context.memory.write(DATA, fill(512, 5));
    rig.ask(OUT, 1, [readable(512)]);
    rig.ask(IN, 7, [writable(512, DATA + 0x1000)]);
    const other = new Rig();
    other.context.memory.bytes.set(rig.context.memory.bytes);
    restore(other.device, save(rig.device));
    expect([0, 1, 2].map((index) => other.blk.request(index))).toEqual(
      [0, 1, 2].map((index) => rig.blk.request(index)),
    );
    other.blk.complete(1, 0, fill(512, 8));
    expect(other.context.memory.read(DATA + 0x1000, 512)).toEqual(fill(512, 8));
    other.blk.complete(0, 0, NOTHING);
    expect(other.blk.overlay?.cover(512, fill(512, 0))).toEqual(fill(512, 5));
  });

  it('are not answered where there are none, nor where their state was tampered with', () => {
    const rig = new Rig();
    rig.blk.complete(0, 0, NOTHING);
    rig.ask(IN, 0, [writable(512)]);
    rig.ask(OUT, 0, [readable(512)]);
    rig.blk.complete(7, 0, NOTHING);
    const fields = save(rig.device);
    for (const value of [NaN, -1, 1e300, 0.5, 2 ** 31]) {
      for (let place = 0; place < 7; place++) {
        const requests = (fields.get('requests') as Uint8Array[]).map((bytes) => {
          const numbers = new Float64Array(bytes.slice().buffer);
          numbers[place] = value;
          return new Uint8Array(numbers.buffer);
        });
        const other = new Rig();
        restore(other.device, new Map([...fields, ['requests', requests]]));
        other.blk.complete(0, 0, fill(512, 1));
        other.blk.complete(0, 0, NOTHING);
        expect(other.context.memory.outside).toEqual([]);
      }
    }
    restore(new Rig().device, new Map([...fields, ['requests', [Uint8Array.of(1, 2, 3)]]]));
  });
});
