/** The log as it comes in on the channel: bounded, in order, with an end. */
import { ChannelSource } from '../../src/pair/channel-source.js';

const MEBIBYTE = 2 ** 20;
let held: boolean[];
let source: ChannelSource;
beforeEach(() => {
  held = [];
  source = new ChannelSource((still) => held.push(still));
});

it('gives what came, in order, and waits for more', async () => {
  source.push(Uint8Array.of(1));
  source.push(Uint8Array.of(2, 3));
  expect([await source.read(), await source.read()]).toEqual([Uint8Array.of(1), Uint8Array.of(2, 3)]);
  expect(await source.read(false)).toBeNull();
  const waiting = source.read();
  source.push(Uint8Array.of(4));
  expect(await waiting).toEqual(Uint8Array.of(4));
});

it('ends behind what came', async () => {
  source.push(Uint8Array.of(1));
  source.end();
  expect([await source.read(), await source.read(), await source.read()]).toEqual([Uint8Array.of(1), null, null]);
  const other = new ChannelSource(() => undefined);
  const waiting = other.read();
  other.end();
  expect(await waiting).toBeNull();
});

it('fails behind what came, for who waits and for who comes', async () => {
  source.push(Uint8Array.of(1));
  source.fail(new Error('gone'));
  expect(await source.read()).toEqual(Uint8Array.of(1));
  await expect(source.read()).rejects.toThrow('gone');
  await expect(source.read(false)).rejects.toThrow('gone');
  const other = new ChannelSource(() => undefined);
  const waiting = expect(other.read()).rejects.toThrow('gone');
  other.fail(new Error('gone'));
  await waiting;
});

it('holds the channel where too much waits, and lets it go when half is read', async () => {
  for (let n = 0; n < 64; n++) source.push(new Uint8Array(MEBIBYTE));
  expect([held, source.full]).toEqual([[], false]);
  source.push(new Uint8Array(1));
  // What was on its way comes all the same.
  source.push(new Uint8Array(MEBIBYTE));
  expect([held, source.full]).toEqual([[true], true]);
  for (let n = 0; n < 33; n++) await source.read();
  expect([held, source.full]).toEqual([[true], true]);
  await source.read();
  expect([held, source.full]).toEqual([[true, false], false]);
  for (let n = 0; n < 40; n++) source.push(new Uint8Array(MEBIBYTE));
  expect(held).toEqual([true, false, true]);
});
