/**
 * A protobuf message taken apart without its schema, to find what can be attacked in it: every number that says how long,
 * how far or what comes; and numbers as an attacker writes them.
 */
import type { Dice } from '../guest/replay-rig.js';

/** Where a varint stands. */
export interface Place {
  readonly at: number;
  readonly end: number;
}

/** A field of a message: its tag, and its content in [from, to). */
export interface Field {
  readonly tag: number;
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;
const DEEPEST = 4;

/** The fields in bytes[from, to); undefined where that is no message. `lengths` takes the place of each number. */
export function fieldsOf(bytes: Uint8Array, from = 0, to = bytes.length, numbers: Place[] = []): Field[] | undefined {
  const fields: Field[] = [];
  let at = from;
  while (at < to) {
    const tag = varintAt(bytes, at, to);
    if (tag === undefined || tag.value < 8) return undefined;
    const start = at;
    at = tag.end;
    let content = at;
    const type = tag.value % 8;
    if (type === FIXED64) at += 8;
    else if (type === FIXED32) at += 4;
    else if (type === VARINT || type === LENGTH) {
      const number = varintAt(bytes, at, to);
      if (number === undefined) return undefined;
      numbers.push({ at, end: number.end });
      at = number.end;
      if (type === LENGTH) {
        content = at;
        at += number.value;
      }
    } else return undefined;
    if (at > to) return undefined;
    fields.push({ tag: tag.value, at: start, from: content, to: at });
  }
  return fields;
}

/** Every number in bytes[from, to), also in what may be messages within. */
export function numbersIn(bytes: Uint8Array, from = 0, to = bytes.length, depth = 0): Place[] {
  const numbers: Place[] = [];
  const fields = fieldsOf(bytes, from, to, numbers);
  if (fields === undefined) return [];
  if (depth < DEEPEST) {
    for (const field of fields) {
      if (field.tag % 8 === LENGTH && field.to > field.from)
        numbers.push(...numbersIn(bytes, field.from, field.to, depth + 1));
    }
  }
  return numbers;
}

function varintAt(bytes: Uint8Array, at: number, to: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let scale = 1; at < to && scale < 2 ** 70; scale *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * scale;
    if (byte < 128) return { value, end: at };
  }
  return undefined;
}

export function varint(value: bigint | number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return bytes;
}

const EVIL = [
  ...[0n, 1n, 127n, 128n, 16383n, 16384n, 65535n, 65536n, 1n << 20n, (1n << 20n) + 1n, 1n << 23n, 8_388_609n],
  ...[(1n << 28n) - 1n, 1n << 28n, (1n << 31n) - 1n, 1n << 31n, (1n << 32n) - 1n, 1n << 32n, 1n << 52n],
  ...[(1n << 53n) - 1n, 1n << 53n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n],
].map(varint);

const LONGEST = 14;

/** The bytes of a number that nobody would have written there; `old` is what stands there. */
export function evilNumber(old: Uint8Array, dice: Dice): number[] {
  const kind = dice.roll(10);
  if (kind < 6) return EVIL[dice.roll(EVIL.length)];
  // A little more, or less.
  const value = varintAt(old, 0, old.length)?.value ?? 0;
  if (kind < 8) return varint(Math.max(0, value + dice.roll(9) - 4));
  // More bytes than it needs, up to more than any number may have; or without an end.
  const padded = [...old.subarray(0, -1), (old.at(-1) ?? 0) | 128];
  while (padded.length < 2 + dice.roll(LONGEST)) padded.push(128);
  return kind === 8 ? [...padded, dice.roll(2)] : padded;
}
