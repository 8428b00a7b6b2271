/** The virtio console: typed bytes, shown bytes, the terminal's size, the emergency write (VIRTIO 1.2, chapter 5.3). */
import { CONSOLE_QUEUE_LIMIT, VirtioConsole } from '../../src/machine/devices/virtio/console.js';
import { VirtioMmio } from '../../src/machine/devices/virtio/mmio.js';
import { FakeContext, RAM_BASE } from '../contract/fake-board.js';
import { BIT_CONSOLE_SIZE, type DriverQueue, NEEDS_RESET, R, startDriver, WRITE } from '../contract/virtio-driver.js';

const BUFFERS = RAM_BASE + 0x20000;
const bytes = (text: string): Uint8Array => Buffer.from(text);

interface Bench {
  context: FakeContext;
  console: VirtioConsole;
  device: VirtioMmio;
}

function bench(): Bench {
  const context = new FakeContext();
  const console = new VirtioConsole(context);
  return { context, console, device: new VirtioMmio('virtio6-console', context, console) };
}

function driven({ device, context }: Bench): [receive: DriverQueue, transmit: DriverQueue] {
  const [receive, transmit] = startDriver(device, context.memory, [BIT_CONSOLE_SIZE]);
  return [receive, transmit];
}

const sizeOf = ({ device }: Bench): number[] => [device.read(R.config, 2), device.read(R.config + 2, 2)];
const causes = ({ device }: Bench): number => {
  const status = device.read(R.interruptStatus, 4);
  device.write(R.interruptAcknowledge, 4, status);
  return status;
};

it('is device 3 with one port, and offers a size and the emergency write', () => {
  const { device } = bench();
  expect(device.read(R.deviceId, 4)).toBe(3);
  device.write(R.deviceFeaturesSelect, 4, 0);
  expect(device.read(R.deviceFeatures, 4) & 0xff).toBe(0b101);
  expect(device.read(R.config + 4, 4)).toBe(1);
});

it('keeps what is typed until the driver has buffers, and fills those to their ends', () => {
  const rig = bench();
  const { console, context } = rig;
  expect(console.receive(bytes('typed before the driver was there'))).toBe(33);
  expect(console.room()).toBe(0);
  const [receive] = driven(rig);
  expect(console.room()).toBe(0);
  for (const [index, length] of [10, 3, 40].entries()) {
    receive.offer([{ address: BUFFERS + 100 * index, length, write: true }]);
  }
  receive.notify();
  expect(receive.takeUsed().map(({ written }) => written)).toEqual([10, 3, 20]);
  expect(Buffer.from(context.memory.read(BUFFERS, 10)).toString()).toBe('typed befo');
  expect(Buffer.from(context.memory.read(BUFFERS + 200, 20)).toString()).toBe('the driver was there');
  expect(causes(rig)).toBe(1);

  // Buffers that wait take what is typed at once; the rest waits again.
  receive.offer([{ address: BUFFERS, length: 4, write: true }]);
  receive.notify();
  console.receive(bytes('abcdef'));
  expect(receive.takeUsed().map(({ written }) => written)).toEqual([4]);
  expect(console.room()).toBe(CONSOLE_QUEUE_LIMIT - 2);
  // A driver's reset loses nothing of it, a reset of the machine all.
  for (const left of ['ef', '']) {
    if (left === '') rig.device.reset();
    const [again] = driven(rig);
    again.offer([{ address: BUFFERS, length: 9, write: true }]);
    again.notify();
    expect(again.takeUsed().map(({ written }) => written)).toEqual(left === '' ? [] : [2]);
    expect(console.room()).toBe(CONSOLE_QUEUE_LIMIT);
  }
});

it('has a guest that listens once that has rested with buffers offered', () => {
  const rig = bench();
  const { console, device } = rig;
  const [receive] = driven(rig);
  receive.notify();
  console.rest();
  expect([console.room(), console.listens]).toEqual([0, false]);
  receive.offer([{ address: BUFFERS, length: 4, write: true }]);
  receive.notify();
  expect([console.room(), console.listens]).toEqual([CONSOLE_QUEUE_LIMIT, false]);
  console.rest();
  expect(console.listens).toBe(true);
  console.receive(bytes('takes all there is'));
  expect(console.listens).toBe(true);
  device.write(R.status, 4, 0);
  expect([console.room(), console.listens]).toEqual([0, false]);
});

it('takes no more than it has room for', () => {
  const { console } = bench();
  expect(console.receive(new Uint8Array(CONSOLE_QUEUE_LIMIT - 1))).toBe(CONSOLE_QUEUE_LIMIT - 1);
  expect(console.receive(bytes('two'))).toBe(1);
  expect(console.receive(bytes('more'))).toBe(0);
});

it('shows what is sent, a request at a time, whatever its buffers', () => {
  const rig = bench();
  const { context } = rig;
  const [, transmit] = driven(rig);
  context.memory.write(BUFFERS, bytes('hello, world'));
  transmit.offer([
    { address: BUFFERS, length: 5 },
    { address: BUFFERS + 5, length: 7 },
  ]);
  transmit.offer([{ address: BUFFERS + 7, length: 5 }]);
  transmit.notify();
  expect(context.emitted.map((data) => Buffer.from(data).toString())).toEqual(['hello, world', 'world']);
  expect(transmit.takeUsed().map(({ written }) => written)).toEqual([0, 0]);
});

it('needs a reset after a request that goes on for ever, or a buffer for typed bytes that takes none', () => {
  const rig = bench();
  const [, transmit] = driven(rig);
  for (let index = 0; index < 5; index++) transmit.describe(index, RAM_BASE, 0x10000, index < 4 ? 1 : 0, index + 1);
  transmit.offerHead(0);
  transmit.notify();
  expect(rig.context.emitted).toEqual([]);
  expect(rig.device.read(R.status, 4) & NEEDS_RESET).toBe(NEEDS_RESET);

  const other = bench();
  const [receive] = driven(other);
  receive.describe(0, BUFFERS, 0, WRITE, 0);
  receive.offerHead(0);
  receive.notify();
  expect(other.device.read(R.status, 4) & NEEDS_RESET).toBe(0);
  other.console.receive(bytes('x'));
  expect(other.device.read(R.status, 4) & NEEDS_RESET).toBe(NEEDS_RESET);
});

it('tells a size that changes to a driver that runs, and one that is known to a driver that starts', () => {
  const rig = bench();
  const { console, device } = rig;
  expect(sizeOf(rig)).toEqual([0, 0]);
  console.resize(80, 24);
  expect(causes(rig)).toBe(0);
  expect(sizeOf(rig)).toEqual([80, 24]);
  expect(device.read(R.configGeneration, 4)).toBe(1);

  driven(rig);
  expect(causes(rig)).toBe(2);
  console.resize(80, 24);
  expect(causes(rig)).toBe(0);
  console.resize(132, 43);
  expect(causes(rig)).toBe(2);
  expect(device.read(R.configGeneration, 4)).toBe(2);
  expect(sizeOf(rig)).toEqual([132, 43]);

  // The terminal outlives the machine's reset.
  device.reset();
  expect(sizeOf(rig)).toEqual([132, 43]);
  driven(rig);
  expect(causes(rig)).toBe(2);

  const unsized = bench();
  driven(unsized);
  expect(causes(unsized)).toBe(0);
});

it('shows a byte of the emergency write without a driver, and takes no other write to its configuration', () => {
  const { context, device } = bench();
  device.write(R.config + 8, 4, 0x141);
  device.write(R.config + 8, 1, 0x42);
  for (const offset of [0, 2, 4]) device.write(R.config + offset, 4, 0x43);
  expect(context.emitted).toEqual([Uint8Array.of(0x41), Uint8Array.of(0x42)]);
  expect(device.read(R.config, 4)).toBe(0);
});
