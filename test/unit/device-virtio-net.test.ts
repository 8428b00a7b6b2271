/** The network card: frames in and out, the bounce buffer, mergeable buffers. */
import { VirtioMmio } from '../../src/machine/devices/virtio/mmio.js';
import { VirtioNet } from '../../src/machine/devices/virtio/net.js';
import { FakeContext, RAM_BASE } from '../contract/fake-board.js';
import { BIT_EVENT_IDX, BIT_MRG_RXBUF, R, startDriver } from '../contract/virtio-driver.js';
import type { DriverQueue } from '../contract/virtio-driver.js';

const DATA = RAM_BASE + 0x20000;
const HEADER = 12;

interface Setup {
  context: FakeContext;
  device: VirtioMmio;
  net: VirtioNet;
  rx: DriverQueue;
  tx: DriverQueue;
}

function make(features: number[] = [], started = true): Setup {
  const context = new FakeContext();
  const net = new VirtioNet(context, Uint8Array.of(2, 0, 0, 0, 0, 1));
  const device = new VirtioMmio('virtio0-net', context, net);
  const [rx, tx] = started ? startDriver(device, context.memory, features) : [];
  return { context, device, net, rx, tx };
}

const frame = (length: number, first = 1): Uint8Array => Uint8Array.from({ length }, (_, i) => (first + i) & 0xff);

describe('sending', () => {
  it('emits the frame behind the header, gathered from all its pieces', () => {
    const { context, device, tx } = make();
    context.memory.write(DATA, frame(200, 0));
    const head = tx.offer([
      { address: DATA, length: 7 },
      { address: DATA + 7, length: 20 },
      { address: DATA + 100, length: 50 },
    ]);
    tx.notify();
    expect(context.emitted).toEqual([Uint8Array.of(...frame(15, 12), ...frame(50, 100))]);
    expect(tx.takeUsed()).toEqual([{ head, written: 0 }]);
    expect(device.read(R.interruptStatus, 4)).toBe(1);
  });

  it('takes all frames that wait with one notification, in order', () => {
    const { context, tx } = make();
    for (let i = 0; i < 5; i++) {
      context.memory.write(DATA + 256 * i + HEADER, frame(60, i));
      tx.offer([{ address: DATA + 256 * i, length: HEADER + 60 }]);
    }
    tx.notify();
    expect(context.emitted).toEqual([0, 1, 2, 3, 4].map((i) => frame(60, i)));
  });

  it('drops what is empty or above 65,562 bytes, and gives the buffers back', () => {
    const context = new FakeContext();
    const { memory } = context;
    const net = new VirtioNet(context, new Uint8Array(6));
    const device = new VirtioMmio('virtio0-net', context, net);
    const [, tx] = startDriver(device, memory);
    const piece = { address: DATA, length: 65_562 - 60_000 };
    tx.offer([{ address: RAM_BASE, length: 60_000 }, piece]);
    tx.offer([{ address: RAM_BASE, length: 60_001 }, piece]);
    tx.offer([{ address: DATA, length: HEADER }]);
    tx.notify();
    expect(context.emitted.map(({ length }) => length)).toEqual([65_550]);
    expect(tx.takeUsed()).toHaveLength(3);
    expect(net.dropped).toBe(2);
  });

  it('reports a frame without a whole header as nonsense', () => {
    const { context, device, tx } = make();
    tx.offer([{ address: DATA, length: HEADER - 1 }]);
    tx.notify();
    expect(device.read(R.status, 4)).toBe(0x4f);
    expect(context.emitted).toEqual([]);
  });
});

describe('receiving', () => {
  it('puts header and frame into the guest at once where a buffer waits', () => {
    const { context, device, net, rx } = make();
    context.memory.bytes.fill(0xee);
    startDriver(device, context.memory);
    const head = rx.offer([
      { address: DATA, length: HEADER, write: true },
      { address: DATA + 0x100, length: 1514, write: true },
    ]);
    net.receive(frame(60));
    expect(rx.takeUsed()).toEqual([{ head, written: HEADER + 60 }]);
    expect([...context.memory.read(DATA, HEADER)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    expect(context.memory.read(DATA + 0x100, 60)).toEqual(frame(60));
    expect(context.memory.read(DATA + 0x100 + 60, 1)[0]).toBe(0xee);
    expect(device.read(R.interruptStatus, 4)).toBe(1);
  });

  it('keeps its own copy of a frame until the guest makes room, and changes nothing before', () => {
    const { context, net, rx } = make();
    const sent = frame(60);
    const before = context.memory.bytes.slice();
    net.receive(sent);
    sent.fill(0);
    expect(Buffer.compare(before, context.memory.bytes)).toBe(0);
    rx.offer([{ address: DATA, length: 1526, write: true }]);
    expect(rx.usedIndex).toBe(0);
    rx.notify();
    expect(context.memory.read(DATA + HEADER, 60)).toEqual(frame(60));
  });

  it('keeps frames that come before the driver is ready, through its first reset', () => {
    const { context, device, net } = make([], false);
    net.receive(frame(60));
    const [rx] = startDriver(device, context.memory);
    rx.offer([{ address: DATA, length: 1526, write: true }]);
    rx.notify();
    expect(rx.takeUsed()).toHaveLength(1);
  });

  it('holds at most 256 frames and counts what it drops', () => {
    const { net, rx } = make();
    for (let i = 0; i < 300; i++) net.receive(frame(60));
    expect(net.dropped).toBe(44);
    net.receive(new Uint8Array(0));
    net.receive(new Uint8Array(65_551));
    expect(net.dropped).toBe(46);
    let delivered = 0;
    for (let i = 0; i < 300; i++) {
      rx.offer([{ address: DATA, length: 1526, write: true }]);
      rx.notify();
      delivered += rx.takeUsed().length;
    }
    expect(delivered).toBe(256);
  });

  it('drops a frame that is too large for the buffer, and uses the buffer for the next', () => {
    const { context, net, rx } = make();
    rx.offer([{ address: DATA, length: HEADER + 60, write: true }]);
    net.receive(frame(61));
    expect([net.dropped, rx.usedIndex]).toEqual([1, 0]);
    net.receive(frame(60, 9));
    expect(rx.takeUsed()).toHaveLength(1);
    expect(context.memory.read(DATA + HEADER, 60)).toEqual(frame(60, 9));
  });

  it('reports a receive buffer that cannot be written, or not even hold a header', () => {
    for (const buffer of [
      { address: DATA, length: 1526 },
      { address: DATA, length: HEADER - 1, write: true },
    ]) {
      const { device, net, rx } = make([BIT_MRG_RXBUF]);
      rx.offer([buffer]);
      net.receive(frame(60));
      expect(device.read(R.status, 4)).toBe(0x4f);
    }
  });
});

describe('mergeable buffers', () => {
  it('spread a frame over as many as it takes, and count them in the header', () => {
    const { context, net, rx } = make([BIT_MRG_RXBUF]);
    for (let i = 0; i < 4; i++) rx.offer([{ address: DATA + 0x100 * i, length: 100, write: true }]);
    net.receive(frame(200));
    expect(rx.takeUsed().map(({ written }) => written)).toEqual([100, 100, 12]);
    expect(context.memory.readU16(DATA + 10)).toBe(3);
    const parts = [
      context.memory.read(DATA + HEADER, 88),
      context.memory.read(DATA + 0x100, 100),
      context.memory.read(DATA + 0x200, 12),
    ];
    expect(Buffer.concat(parts)).toEqual(Buffer.from(frame(200)));
  });

  it('wait for more where some are missing, take none before, and ask to be notified', () => {
    const { net, rx } = make([BIT_MRG_RXBUF, BIT_EVENT_IDX]);
    for (let i = 0; i < 2; i++) rx.offer([{ address: DATA + 0x100 * i, length: 100, write: true }]);
    net.receive(frame(200));
    expect([rx.usedIndex, rx.availableEvent]).toEqual([0, 2]);
    rx.offer([{ address: DATA + 0x200, length: 100, write: true }]);
    rx.notify();
    expect(rx.takeUsed()).toHaveLength(3);
  });

  it('drop a frame that a full ring cannot hold', () => {
    const { net, rx } = make([BIT_MRG_RXBUF]);
    for (let i = 0; i < 16; i++) rx.offer([{ address: DATA, length: 20, write: true }]);
    net.receive(frame(400));
    expect([net.dropped, rx.usedIndex]).toEqual([1, 0]);
    net.receive(frame(60));
    expect(rx.takeUsed()).toHaveLength(4);
  });
});
