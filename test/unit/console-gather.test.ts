/** What the guest writes to its console leaves in stretches, and what is due always leaves. */
import { ConsoleGather } from '../../src/machine/console-gather.js';
import { restoreState, StateWriter } from '../../src/replay/state-bytes.js';

const bytesOf = (gather: ConsoleGather): Uint8Array => new StateWriter().write(gather).slice();

it('one stretch for what is written at a time, due a fixed number of instructions after its first byte', () => {
  const sent: string[] = [];
  const gather = new ConsoleGather((data) => sent.push(Buffer.from(data).toString()));
  expect(gather.push(0x68, 1000)).toBe(true);
  expect(gather.push(0x69, 2000)).toBe(false);
  expect(gather.due).toBe(1000 + 2 ** 17);
  gather.flush();
  gather.flush();
  expect(sent).toEqual(['hi']);
  expect(gather.due).toBe(Infinity);
});

it('goes on from a saved state', () => {
  const sent: string[] = [];
  const gather = new ConsoleGather(() => undefined);
  gather.push(0x61, 5);
  const other = new ConsoleGather((data) => sent.push(Buffer.from(data).toString()));
  other.push(0x7a, 1);
  other.push(0x7a, 1);
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
