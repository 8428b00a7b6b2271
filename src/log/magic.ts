// A log's first bytes: 0a <length> 0a 04 "vmft" 10 <major>, which is where the header's message puts its first fields.

import { Cursor } from './wire.js';

/** As many bytes as hold the magic number and the major version. */
export const MAGIC_SIZE = 16;

/** The tag and length of Header.format, and its value. */
const MAGIC = [0x0a, 0x04, 0x76, 0x6d, 0x66, 0x74];
const HEADER_TAG = 0x0a;
const MAJOR_TAG = 0x10;

/** Where the header's message starts: its length takes one to three bytes. */
const STARTS = [2, 3, 4];

/** How many bits of a log's first bytes are not as they should be; of fewer than MAGIC_SIZE bytes, those that are there. */
export function magicDistance(bytes: Uint8Array): number {
  return Math.min(...STARTS.map((start) => bits(bytes, 0, [HEADER_TAG]) + bits(bytes, start, MAGIC)));
}

/** Index of the first of these bytes that no log has there; 0 where all are as in one. */
export function magicDifference(bytes: Uint8Array): number {
  if (bytes[0] !== HEADER_TAG) return 0;
  const distances = STARTS.map((start) => bits(bytes, start, MAGIC));
  const start = STARTS[distances.indexOf(Math.min(...distances))];
  const index = MAGIC.findIndex((byte, at) => start + at < bytes.length && bytes[start + at] !== byte);
  return index < 0 ? 0 : start + index;
}

/** The major version that a log's first bytes name; 0 where they name none. */
export function majorVersion(bytes: Uint8Array): number {
  const start = STARTS.find((candidate) => bits(bytes, candidate, MAGIC) === 0);
  if (start === undefined || bytes[start + MAGIC.length] !== MAJOR_TAG) return 0;
  try {
    return new Cursor(bytes, start + MAGIC.length + 1, bytes.length).varint();
  } catch {
    return 0;
  }
}

/** The number of bits in which bytes[at...] differ from `expected`. */
function bits(bytes: Uint8Array, at: number, expected: readonly number[]): number {
  let count = 0;
  expected.forEach((byte, index) => {
    if (at + index >= bytes.length) return;
    for (let difference = bytes[at + index] ^ byte; difference !== 0; difference &= difference - 1) count++;
  });
  return count;
}
