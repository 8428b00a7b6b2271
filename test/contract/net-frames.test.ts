/**
 * Frames of every size through the network device: empty and shorter than an Ethernet header, ordinary, jumbo, the largest that
 * a header leaves room for, and beyond; into buffers that suit them and such that do not. VIRTIO 1.2, chapter 5.1.6.
 */
import { VirtioMmio } from '../../src/machine/devices/virtio/mmio.js';
import { VirtioNet } from '../../src/machine/devices/virtio/net.js';
import { Dice, FakeContext, FakeMemory, RAM_BASE } from './fake-board.js';
import { BIT_INDIRECT, BIT_MRG_RXBUF, INDIRECT, NEXT, R, startDriver } from './virtio-driver.js';
import type { DriverQueue } from './virtio-driver.js';

const DATA = RAM_BASE + 0x40000;
const TABLE = RAM_BASE + 0x20000;
const HEADER = 12;
/** The largest frame that fits into the largest packet there is, of 65,562 bytes. */
const LARGEST = 65_562 - HEADER;
const SIZES = [0, 1, 13, 14, 60, 1514, 1518, 9000, 65_535, LARGEST, LARGEST + 1, 65_536 + 1024, 200_000];
const [RECEIVE, TRANSMIT] = [0, 1];

interface Net {
  readonly context: FakeContext;
  readonly device: VirtioMmio;
  readonly net: VirtioNet;
  readonly queues: readonly DriverQueue[];
}

function setUp(features: readonly number[], size = 128): Net {
  const context = new FakeContext(new FakeMemory(0x100000));
  const net = new VirtioNet(context, Uint8Array.of(2, 0, 0, 0, 0, 1));
  const device = new VirtioMmio('net', context, net);
  return { context, device, net, queues: startDriver(device, context.memory, features, size) };
}

const frameOf = (bytes: number): Uint8Array => new Dice(bytes).bytes(bytes);
const passes = (bytes: number): boolean => bytes > 0 && bytes <= LARGEST;

describe('a frame from the guest', () => {
  const cuts: Record<string, (bytes: number) => number[]> = {
    'header and data apart': (bytes) => [HEADER, bytes],
    'all in one': (bytes) => [HEADER + bytes],
    'a header in pieces': (bytes) => [1, 10, 1, bytes],
    'odd pieces': (bytes) => [
      HEADER + (bytes >>> 1),
      0,
      bytes - (bytes >>> 1) - (bytes > 5 ? 3 : 0),
      bytes > 5 ? 3 : 0,
    ],
  };
  it.each(Object.keys(cuts))('leaves whole, and no other: %s', (name) => {
    for (const bytes of SIZES) {
      const { context, device, net, queues } = setUp([]);
      const frame = frameOf(bytes);
      context.memory.write(DATA + HEADER, frame);
      let address = DATA;
      const parts = cuts[name](bytes).map((length) => ({ address: (address += length) - length, length }));
      queues[TRANSMIT].offer(parts);
      queues[TRANSMIT].notify();
      expect(context.emitted).toHaveLength(passes(bytes) ? 1 : 0);
      if (passes(bytes)) expect(Buffer.compare(context.emitted[0], frame)).toBe(0);
      expect(net.dropped).toBe(passes(bytes) ? 0 : 1);
      // One that cannot leave comes back all the same: the driver did nothing forbidden.
      expect(queues[TRANSMIT].takeUsed()).toEqual([{ head: 0, written: 0 }]);
      expect(device.read(R.status, 4)).toBe(0x0f);
    }
  });

  it('of half a gigabyte, made of one buffer many times over, is not copied', () => {
    const { context, net, queues } = setUp([BIT_INDIRECT]);
    queues[TRANSMIT].describe(0, TABLE, 16 * 1024, INDIRECT, 0);
    for (let i = 0; i < 1024; i++) {
      queues[TRANSMIT].describe(i, DATA, 0x80000, i === 1023 ? 0 : NEXT, i + 1, TABLE);
    }
    queues[TRANSMIT].offerHead(0);
    context.memory.moved = 0;
    queues[TRANSMIT].notify();
    expect(context.memory.moved).toBe(0);
    expect(net.dropped).toBe(1);
    expect(queues[TRANSMIT].takeUsed()).toEqual([{ head: 0, written: 0 }]);
  });

  it('without room for its header breaks the device', () => {
    for (const parts of [[], [11], [4, 7], [0]]) {
      const { context, device, queues } = setUp([]);
      queues[TRANSMIT].offer([
        ...parts.map((length) => ({ address: DATA, length })),
        { address: DATA, length: 64, write: true },
      ]);
      queues[TRANSMIT].notify();
      expect(device.read(R.status, 4)).toBe(0x4f);
      expect(context.emitted).toEqual([]);
    }
  });
});

describe('a frame for the guest', () => {
  it.each([false, true])('arrives whole in one buffer that holds it, or not at all; mergeable buffers: %s', (merge) => {
    for (const bytes of SIZES) {
      for (const spare of [-1, 0, 1, 100]) {
        const { context, device, net, queues } = setUp(merge ? [BIT_MRG_RXBUF] : []);
        const room = Math.min(HEADER + bytes + spare, 0xa0000);
        if (room < HEADER) continue;
        context.memory.bytes.fill(0xee, 0x40000);
        queues[RECEIVE].offer([{ address: DATA, length: room, write: true }]);
        net.receive(frameOf(bytes));
        const used = queues[RECEIVE].takeUsed();
        const fits = passes(bytes) && spare >= 0;
        // With mergeable buffers a frame waits for more of them; without, it is lost.
        const waits = passes(bytes) && !fits && merge;
        expect([bytes, spare, used]).toEqual([bytes, spare, fits ? [{ head: 0, written: HEADER + bytes }] : []]);
        expect(net.dropped).toBe(fits || waits ? 0 : 1);
        if (fits) {
          const header = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0);
          expect(Buffer.compare(context.memory.read(DATA, HEADER), header)).toBe(0);
          expect(Buffer.compare(context.memory.read(DATA + HEADER, bytes), frameOf(bytes))).toBe(0);
        }
        // Nothing lands behind it.
        const end = fits ? HEADER + bytes : 0;
        expect(context.memory.read(DATA + end, 64).every((byte) => byte === 0xee)).toBe(true);
        expect(device.read(R.status, 4)).toBe(0x0f);
      }
    }
  });

  it('is spread over mergeable buffers, each filled before the next', () => {
    for (const bytes of SIZES.filter(passes)) {
      for (const each of [HEADER, 60, 1500, 4096]) {
        const { context, device, net, queues } = setUp([BIT_MRG_RXBUF]);
        const count = Math.ceil((HEADER + bytes) / each);
        for (let i = 0; i < 128; i++) queues[RECEIVE].offer([{ address: DATA + each * i, length: each, write: true }]);
        net.receive(frameOf(bytes));
        const used = queues[RECEIVE].takeUsed();
        if (count > 128) {
          expect([used.length, net.dropped]).toEqual([0, 1]);
          continue;
        }
        expect(used.map(({ head }) => head)).toEqual(Array.from({ length: count }, (_, i) => i));
        expect(used.reduce((sum, { written }) => sum + written, 0)).toBe(HEADER + bytes);
        expect(context.memory.readU16(DATA + 10)).toBe(count);
        expect(Buffer.compare(context.memory.read(DATA + HEADER, bytes), frameOf(bytes))).toBe(0);
        expect(device.read(R.status, 4)).toBe(0x0f);
      }
    }
  });

  it('that waits goes into buffers that come later, in its order', () => {
    const { context, net, queues, device } = setUp([BIT_MRG_RXBUF]);
    for (const bytes of [100, 3000, 60]) net.receive(frameOf(bytes));
    for (let i = 0; i < 8; i++) {
      queues[RECEIVE].offer([{ address: DATA + 1024 * i, length: 1024, write: true }]);
      queues[RECEIVE].notify();
    }
    expect(queues[RECEIVE].takeUsed().map(({ written }) => written)).toEqual([112, 1024, 1024, 3012 - 2048, 72]);
    expect(Buffer.compare(context.memory.read(DATA + 4 * 1024 + HEADER, 60), frameOf(60))).toBe(0);
    expect(device.read(R.status, 4)).toBe(0x0f);
  });

  it.each([false, true])('into a buffer without room for the header breaks the device; mergeable: %s', (merge) => {
    for (const length of [0, 1, 11]) {
      const { context, device, net, queues } = setUp(merge ? [BIT_MRG_RXBUF] : []);
      queues[RECEIVE].offer([{ address: DATA, length, write: true }]);
      const before = context.memory.bytes.slice();
      net.receive(frameOf(60));
      expect(device.read(R.status, 4)).toBe(0x4f);
      expect(Buffer.compare(before, context.memory.bytes)).toBe(0);
    }
  });

  it('into a buffer that only the guest may write breaks the device', () => {
    const { device, net, queues } = setUp([]);
    queues[RECEIVE].offer([{ address: DATA, length: 4096 }]);
    net.receive(frameOf(60));
    expect(device.read(R.status, 4)).toBe(0x4f);
  });
});

it('keeps 256 frames for a guest that takes none, and forgets them at a reset of the board', () => {
  const { device, net, queues, context } = setUp([]);
  for (let i = 0; i < 300; i++) net.receive(frameOf(60));
  expect(net.dropped).toBe(44);
  device.reset();
  expect(net.dropped).toBe(0);
  startDriver(device, context.memory, [], 128);
  queues[RECEIVE].setUp();
  queues[RECEIVE].offer([{ address: DATA, length: 2048, write: true }]);
  queues[RECEIVE].notify();
  expect(queues[RECEIVE].usedIndex).toBe(0);
});
