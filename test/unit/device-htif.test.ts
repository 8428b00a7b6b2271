/** HTIF: exits, console bytes, proxied system calls and the answers in fromhost, as Spike's front end gives them. */
import { Htif } from '../../src/machine/devices/htif.js';
import { FakeContext, RAM_BASE, restore, save } from '../contract/fake-board.js';

const TOHOST = RAM_BASE + 0x1000;
const FROMHOST = TOHOST + 0x40;
const BLOCK = RAM_BASE + 0x2000;
const TEXT = RAM_BASE + 0x3000;

function make(): { context: FakeContext; htif: Htif; exits: number[]; send(value: bigint): void; answer(): bigint } {
  const context = new FakeContext();
  const exits: number[] = [];
  const htif = new Htif(context, { tohost: TOHOST, fromhost: FROMHOST }, (status) => exits.push(status));
  const send = (value: bigint): void => {
    context.memory.writeU64(TOHOST, value);
    htif.written();
  };
  const answer = (): bigint => {
    const word = context.memory.readU64(FROMHOST);
    context.memory.writeU64(FROMHOST, 0n);
    htif.written();
    return word;
  };
  return { context, htif, exits, send, answer };
}

const text = (context: FakeContext): string => context.emitted.map((data) => Buffer.from(data).toString()).join('');

it('ends with the status above bit 0', () => {
  for (const [value, status] of [
    [1n, 0],
    [3n, 1],
    [(1337n << 1n) | 1n, 1337],
  ] as const) {
    const { send, exits, context } = make();
    send(value);
    expect(exits).toEqual([status]);
    expect(context.memory.readU64(TOHOST)).toBe(0n);
  }
});

it('does nothing while tohost is 0', () => {
  const { send, exits, context } = make();
  send(0n);
  expect(exits).toEqual([]);
  expect(context.events).toEqual([]);
});

it('prints console bytes, without an answer', () => {
  const { send, context, answer } = make();
  for (const c of 'hi\n') send((1n << 56n) | (1n << 48n) | BigInt(c.charCodeAt(0)));
  expect(text(context)).toBe('hi\n');
  expect(answer()).toBe(0n);
});

it('answers console reads one at a time, when there is a byte and fromhost is free', () => {
  const { send, htif, context, answer } = make();
  send(1n << 56n);
  expect(context.memory.readU64(FROMHOST)).toBe(0n);
  expect(htif.receive(Uint8Array.of(0x61, 0x62))).toBe(2);
  send(1n << 56n);
  expect(answer()).toBe((1n << 56n) | 0x161n);
  expect(answer()).toBe((1n << 56n) | 0x162n);
  htif.receive(Uint8Array.of(0x63));
  expect(answer()).toBe(0n);
});

describe('system calls', () => {
  const call = (made: ReturnType<typeof make>, words: readonly bigint[]): bigint => {
    words.forEach((word, i) => made.context.memory.writeU64(BLOCK + 8 * i, word));
    made.send(BigInt(BLOCK));
    return BigInt.asIntN(64, made.context.memory.readU64(BLOCK));
  };

  it('writes to the console and says how much, with 1 in fromhost', () => {
    const made = make();
    made.context.memory.write(TEXT, Buffer.from('a line\n'));
    expect(call(made, [64n, 1n, BigInt(TEXT), 7n])).toBe(7n);
    expect(text(made.context)).toBe('a line\n');
    expect(made.answer()).toBe(1n);
  });

  it.each<[string, bigint[], bigint]>([
    ['no bytes', [64n, 1n, 0n, 0n], 0n],
    ['another file', [64n, 3n, BigInt(TEXT), 7n], -9n],
    ['a text outside of memory', [64n, 2n, BigInt(RAM_BASE) - 4n, 7n], -14n],
    ['a huge text', [64n, 2n, BigInt(TEXT), 1n << 63n], -14n],
    ['a call that is none', [1024n, 0n, 0n, 0n], -38n],
  ])('answer %s with the error', (_name, words, result) => {
    const made = make();
    expect(call(made, words)).toBe(result);
    expect(made.context.emitted).toEqual([]);
    expect(made.answer()).toBe(1n);
  });

  it('end by exit', () => {
    const made = make();
    call(made, [93n, 5n]);
    expect(made.exits).toEqual([5]);
  });

  it('with a block outside of memory are ignored', () => {
    const made = make();
    made.send(0x10n);
    made.send(BigInt(RAM_BASE + made.context.memory.bytes.length - 8));
    expect(made.context.memory.outside).toEqual([]);
    expect(made.exits).toEqual([]);
  });
});

it('keeps what waits across save and restore', () => {
  const one = make();
  one.send(1n << 56n);
  one.send(1n << 56n);
  one.htif.receive(Uint8Array.of(1, 2, 3));
  const other = make();
  restore(other.htif, save(one.htif));
  other.context.continueFrom(one.context);
  expect([other.answer(), other.answer(), other.answer()]).toEqual([one.answer(), one.answer(), one.answer()]);
  expect(save(other.htif)).toEqual(save(one.htif));
  other.htif.reset();
  expect(save(other.htif)).toEqual(save(make().htif));
});
