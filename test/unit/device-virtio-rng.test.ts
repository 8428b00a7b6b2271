/** The entropy device: what is asked for through the door, and where it goes. */
import { VirtioMmio } from '../../src/machine/devices/virtio/mmio.js';
import { VirtioRng } from '../../src/machine/devices/virtio/rng.js';
import { FakeContext, RAM_BASE } from '../contract/fake-board.js';
import { R, startDriver } from '../contract/virtio-driver.js';

const DATA = RAM_BASE + 0x20000;

it('fills each buffer with entropy and says how much', () => {
  const context = new FakeContext();
  const device = new VirtioMmio('virtio0-rng', context, new VirtioRng(context));
  const [queue] = startDriver(device, context.memory);
  queue.offer([
    { address: DATA, length: 3, write: true },
    { address: DATA + 16, length: 5, write: true },
  ]);
  queue.offer([{ address: DATA + 32, length: 5000, write: true }]);
  queue.offer([{ address: DATA, length: 4 }]);
  context.events.length = 0;
  queue.notify();
  expect(context.events.slice(0, 2)).toEqual(['entropy 8', 'entropy 4096']);
  expect([...context.memory.read(DATA, 3), ...context.memory.read(DATA + 16, 5)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(queue.takeUsed().map(({ written }) => written)).toEqual([8, 4096, 0]);
  expect(context.memory.read(DATA + 32 + 4096, 4)).toEqual(new Uint8Array(4));
  expect(device.read(R.deviceId, 4)).toBe(4);
});
