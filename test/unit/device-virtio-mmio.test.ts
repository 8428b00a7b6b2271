/** The virtio-mmio transport: identification, negotiation, queues, interrupts and reset. */
import { VirtioMmio } from '../../src/machine/devices/virtio/mmio.js';
import { VirtioNet } from '../../src/machine/devices/virtio/net.js';
import { VirtioRng } from '../../src/machine/devices/virtio/rng.js';
import { FakeContext, RAM_BASE } from '../contract/fake-board.js';
import { R, startDriver } from '../contract/virtio-driver.js';
import type { DriverQueue } from '../contract/virtio-driver.js';

const MAC = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);

function make(): { context: FakeContext; device: VirtioMmio } {
  const context = new FakeContext();
  return { context, device: new VirtioMmio('virtio0-net', context, new VirtioNet(context, MAC)) };
}

it('shows an empty slot as device 0, and ignores all writes', () => {
  const device = new VirtioMmio('virtio7', new FakeContext());
  device.write(R.status, 4, 1);
  expect([R.magic, R.version, R.deviceId, R.status].map((at) => device.read(at, 4))).toEqual([0x74726976, 2, 0, 0]);
});

it('identifies itself, also where nothing is: no shared memory, no such queue', () => {
  const { device } = make();
  expect([R.magic, R.version, R.deviceId].map((at) => device.read(at, 4))).toEqual([0x74726976, 2, 1]);
  for (const at of [0, 4, 8, 12]) expect(device.read(R.sharedMemoryLength + at, 4)).toBe(0xffff_ffff);
  expect(device.read(R.queueMaximum, 4)).toBe(1024);
  device.write(R.queueSelect, 4, 2);
  expect(device.read(R.queueMaximum, 4)).toBe(0);
  device.write(R.queueReady, 4, 1);
  expect(device.read(R.queueReady, 4)).toBe(0);
});

it('offers features in words, and none beyond the second', () => {
  const { device } = make();
  const words = [0, 1, 2, 0xffff_ffff].map((select) => {
    device.write(R.deviceFeaturesSelect, 4, select);
    return device.read(R.deviceFeatures, 4);
  });
  expect(words).toEqual([(1 << 5) | (1 << 15) | (1 << 16) | (1 << 28) | (1 << 29), 1, 0, 0]);
});

it.each([
  ['a subset with VERSION_1', [1 << 5, 1], true],
  ['a set without VERSION_1', [1 << 5, 0], false],
  ['a bit that was not offered', [1 << 3, 1], false],
  ['a high bit that was not offered', [0, 3], false],
])('answers %s through FEATURES_OK', (_name, words, accepted) => {
  const { device } = make();
  words.forEach((word, i) => {
    device.write(R.driverFeaturesSelect, 4, i);
    device.write(R.driverFeatures, 4, word);
  });
  device.write(R.status, 4, 0x0b);
  expect(device.read(R.status, 4)).toBe(accepted ? 0x0b : 0x03);
  device.write(R.status, 4, 0x0f);
  expect(device.running()).toBe(accepted);
});

it('holds features fixed once FEATURES_OK is set', () => {
  const { device, context } = make();
  startDriver(device, context.memory, [16]);
  device.write(R.driverFeaturesSelect, 4, 0);
  device.write(R.driverFeatures, 4, 1 << 15);
  expect([device.negotiated(15), device.negotiated(16), device.negotiated(32)]).toEqual([false, true, true]);
});

it('shows the configuration byte by byte and in larger pieces, and zeros behind it', () => {
  const { device } = make();
  const at = (offset: number, size: 1 | 2 | 4): number => device.read(R.config + offset, size);
  expect([...Array(6).keys()].map((i) => at(i, 1))).toEqual([...MAC]);
  expect([at(0, 4), at(4, 2), at(6, 2), at(8, 4), at(4, 4)]).toEqual([0x12005452, 0x5634, 1, 0, 0x0001_5634]);
  device.write(R.config, 1, 0xff);
  expect(at(0, 1)).toBe(0x52);
  expect(device.read(R.configGeneration, 4)).toBe(0);
});

it('leaves the addresses of a queue alone while it is ready', () => {
  const context = new FakeContext();
  const device = new VirtioMmio('virtio0-rng', context, new VirtioRng(context));
  const [queue] = startDriver(device, context.memory);
  device.write(R.usedLow, 4, RAM_BASE + 0x9000);
  device.write(R.queueSize, 4, 3);
  queue.offer([{ address: RAM_BASE, length: 8, write: true }]);
  queue.notify();
  expect(queue.usedIndex).toBe(1);
});

it('works on nothing before DRIVER_OK, and then on what is there already', () => {
  const context = new FakeContext();
  const device = new VirtioMmio('virtio0-rng', context, new VirtioRng(context));
  const [queue] = startDriver(device, context.memory);
  device.write(R.status, 4, 0x0b);
  queue.offer([{ address: RAM_BASE, length: 8, write: true }]);
  queue.notify();
  expect(queue.usedIndex).toBe(0);
  device.write(R.status, 4, 0x0f);
  expect(queue.usedIndex).toBe(1);
});

it('holds its line up until every cause is acknowledged', () => {
  const context = new FakeContext();
  const device = new VirtioMmio('virtio0-rng', context, new VirtioRng(context));
  const [queue] = startDriver(device, context.memory);
  queue.offer([{ address: RAM_BASE, length: 8, write: true }]);
  queue.notify();
  queue.offerHead(500);
  queue.notify();
  expect(device.read(R.interruptStatus, 4)).toBe(3);
  device.write(R.interruptAcknowledge, 4, 1);
  expect([device.read(R.interruptStatus, 4), context.level]).toEqual([2, true]);
  device.write(R.interruptAcknowledge, 4, 2);
  expect([device.read(R.interruptStatus, 4), context.level]).toEqual([0, false]);
});

describe('interrupts', () => {
  const run = (features: number[], prepare: (queue: DriverQueue, context: FakeContext) => void): number => {
    const context = new FakeContext();
    const device = new VirtioMmio('virtio0-rng', context, new VirtioRng(context));
    const [queue] = startDriver(device, context.memory, features);
    prepare(queue, context);
    for (let i = 0; i < 3; i++) queue.offer([{ address: RAM_BASE, length: 8, write: true }]);
    queue.notify();
    expect(queue.usedIndex).toBe(3);
    return device.read(R.interruptStatus, 4);
  };

  it('are left out where the driver asks for none', () => {
    expect(run([], () => undefined)).toBe(1);
    expect(run([], (queue, { memory }) => memory.writeU16(queue.available, 1))).toBe(0);
  });

  it('come when used_event is passed, with event indices', () => {
    for (const [event, expected] of [
      [0, 1],
      [2, 1],
      [3, 0],
      [0xffff, 0],
    ]) {
      expect(run([29], (queue) => (queue.usedEvent = event))).toBe(expected);
    }
    // The flag means nothing then.
    expect(run([29], (queue, { memory }) => memory.writeU16(queue.available, 1))).toBe(1);
  });

  it('tell the driver where notifications are wanted', () => {
    const queues: DriverQueue[] = [];
    run([29], (queue) => queues.push(queue));
    expect(queues[0].availableEvent).toBe(3);
  });
});

it('is as new after the driver writes status 0', () => {
  const { device, context } = make();
  startDriver(device, context.memory, [15]);
  device.write(R.status, 4, 0);
  device.write(R.queueSelect, 4, 0);
  expect([R.status, R.queueReady, R.interruptStatus].map((at) => device.read(at, 4))).toEqual([0, 0, 0]);
  expect(device.negotiated(15)).toBe(false);
});
