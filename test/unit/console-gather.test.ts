/** What the guest writes to its console leaves in stretches, and what is due always leaves. */
import { ConsoleGather } from '../../src/machine/console-gather.js';
import { restoreState, StateWriter } from '../../src/replay/state-bytes.js';

const bytesOf = (gather: ConsoleGather): Uint8Array => new StateWriter().write(gather).slice();

it('one stretch for what is written at a time, due a fixed number of instructions after its first byte', () => {
  const sent: string[] = [];
  const gather = new ConsoleGather((_device, data) => sent.push(Buffer.from(data).toString()));
  expect(gather.append(0, Buffer.from('h'), 1000)).toBe(true);
  expect(gather.append(0, Buffer.from('i'), 2000)).toBe(false);
  expect(gather.due).toBe(1000 + 2 ** 17);
  gather.flush();
  gather.flush();
  expect(sent).toEqual(['hi']);
  expect(gather.due).toBe(Infinity);
});

it('goes on from a saved state', () => {
  const sent: string[] = [];
  const gather = new ConsoleGather(() => undefined);
  gather.append(0, Buffer.from('a'), 5);
  const other = new ConsoleGather((_device, data) => sent.push(Buffer.from(data).toString()));
  other.append(0, Buffer.from('z'), 1);
  other.append(0, Buffer.from('z'), 1);
  restoreState(other, bytesOf(gather));
  expect(other.due).toBe(gather.due);
  other.flush();
  expect(sent).toEqual(['a']);
});

it('is not due for ever where a struck state says so of nothing', () => {
  const gather = new ConsoleGather(() => undefined);
  const struck = bytesOf(gather);
  // The last field is the position at which it is due.
  new DataView(struck.buffer).setFloat64(struck.length - 8, 3576, true);
  restoreState(gather, struck);
  expect(gather.due).toBe(3576);
  gather.flush();
  expect(gather.due).toBe(Infinity);
});

it('is of one console: what another says comes behind it, in its own', () => {
  const sent: [number, string][] = [];
  const gather = new ConsoleGather((device, data) => sent.push([device, Buffer.from(data).toString()]));
  expect(gather.append(0, Buffer.from('serial'), 10)).toBe(true);
  expect(gather.append(6, Buffer.from('virtio, '), 20)).toBe(false);
  expect(gather.append(6, Buffer.from('more'), 30)).toBe(false);
  expect(gather.due).toBe(20 + 2 ** 17);
  const other = new ConsoleGather((device, data) => sent.push([device, Buffer.from(data).toString()]));
  restoreState(other, bytesOf(gather));
  other.flush();
  gather.append(0, Buffer.from('!'), 40);
  gather.flush();
  expect(sent).toEqual([
    [0, 'serial'],
    [6, 'virtio, more'],
    [6, 'virtio, more'],
    [0, '!'],
  ]);
});

it('leaves in stretches of bounded length, however much is said at once', () => {
  const lengths: number[] = [];
  const gather = new ConsoleGather((_device, data) => lengths.push(data.length));
  expect(gather.append(6, new Uint8Array(10_000), 0)).toBe(true);
  expect(lengths).toEqual([4096, 4096]);
  gather.flush();
  expect(lengths).toEqual([4096, 4096, 10_000 - 8192]);
  expect(gather.append(6, new Uint8Array(4096), 5)).toBe(false);
  expect(gather.due).toBe(Infinity);
});
