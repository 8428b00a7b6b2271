// The protobuf wire encoding ("Encoding", protobuf.dev) for numbers below 2^53, on plain byte arrays: the part of it
// that a log's entries use, fast enough for ten million entries a second.

import { MalformedRecord } from './errors.js';

const { floor, abs } = Math;
const { MAX_SAFE_INTEGER } = Number;

/** Wire types: how the value after a tag is laid out. Groups (3 and 4) are not used in a log. */
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
export const FIXED32 = 5;

/** The most bytes of a varint that this module writes. */
export const VARINT_SIZE = 8;

/** Writes `value` (0 to 2^53 - 1) at `at`; gives the index after it. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  while (value > 0x7fffffff) {
    bytes[at++] = (value & 127) | 128;
    value = floor(value / 128);
  }
  while (value > 127) {
    bytes[at++] = (value & 127) | 128;
    value >>>= 7;
  }
  bytes[at++] = value;
  return at;
}

/** Writes `value` (magnitude below 2^53) as a sint64; gives the index after it. */
export function putZigzag(bytes: Uint8Array, at: number, value: number): number {
  // Zigzag puts the sign in bit 0. The doubled value may not fit a double, so the first byte is made apart.
  const sign = value < 0 ? 1 : 0;
  const rest = sign === 0 ? value : abs(value) - 1;
  if (rest < 64) {
    bytes[at] = (rest << 1) | sign;
    return at + 1;
  }
  bytes[at] = ((rest & 63) << 1) | sign | 128;
  return putVarint(bytes, at + 1, floor(rest / 64));
}

/** How many bytes putVarint writes for `value`. */
export function varintSize(value: number): number {
  let size = 1;
  for (; value > 127; value = floor(value / 128)) size++;
  return size;
}

/** Writes the unsigned 32-bit `value`, little-endian; gives the index after it. */
export function putFixed32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
  return at + 4;
}

/** Writes the unsigned 64-bit `value`, little-endian; gives the index after it. */
export function putFixed64(bytes: Uint8Array, at: number, value: bigint): number {
  putFixed32(bytes, at, Number(value & 0xffffffffn));
  return putFixed32(bytes, at + 4, Number((value >> 32n) & 0xffffffffn));
}

/** The unsigned 32-bit number at `at`, little-endian. */
export function fixed32At(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

/** Reads values from `at` on, none past `end`. Throws MalformedRecord where the bytes are no such value. */
export class Cursor {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    public end: number,
  ) {}

  /** An unsigned number below 2^53. */
  varint(): number {
    const start = this.at;
    let value = 0;
    let scale = 1;
    for (;;) {
      if (this.at >= this.end) throw new MalformedRecord('a number is cut', start);
      if (this.at - start >= 10) throw new MalformedRecord('a number is too long', start);
      const byte = this.bytes[this.at++];
      value += (byte & 127) * scale;
      if (byte < 128) break;
      scale *= 128;
    }
    if (value > MAX_SAFE_INTEGER) throw new MalformedRecord('a number is too large', start);
    return value;
  }

  /** A sint64 of a magnitude below 2^53. */
  zigzag(): number {
    const start = this.at;
    if (start >= this.end) throw new MalformedRecord('a number is cut', start);
    const first = this.bytes[this.at++];
    const rest = ((first & 127) >> 1) + (first < 128 ? 0 : this.varint() * 64);
    const value = first & 1 ? -rest - 1 : rest;
    if (rest > MAX_SAFE_INTEGER) throw new MalformedRecord('a number is too large', start);
    return value;
  }

  /** Eight bytes as an unsigned number. */
  fixed64(): bigint {
    if (this.at + 8 > this.end) throw new MalformedRecord('a number is cut', this.at);
    const low = fixed32At(this.bytes, this.at);
    const high = fixed32At(this.bytes, this.at + 4);
    this.at += 8;
    return (BigInt(high) << 32n) | BigInt(low);
  }

  /** The length before a run of bytes; all of the run lies before `end`. */
  length(): number {
    const start = this.at;
    const length = this.varint();
    if (length > this.end - this.at) throw new MalformedRecord('a length is too large', start);
    return length;
  }

  /** A copy of a run of bytes. */
  data(): Uint8Array {
    const length = this.length();
    const data = this.bytes.slice(this.at, this.at + length);
    this.at += length;
    return data;
  }

  /** Passes over the value that follows the tag `tag`. */
  skip(tag: number): void {
    const start = this.at;
    if (tag < 8) throw new MalformedRecord('a field has number 0', start);
    switch (tag & 7) {
      case VARINT:
        do {
          if (this.at >= this.end) throw new MalformedRecord('a number is cut', start);
          if (this.at - start >= 10) throw new MalformedRecord('a number is too long', start);
        } while (this.bytes[this.at++] > 127);
        break;
      case FIXED64:
        this.at += 8;
        break;
      case LENGTH: {
        const length = this.length();
        this.at += length;
        break;
      }
      case FIXED32:
        this.at += 4;
        break;
      default:
        throw new MalformedRecord('a field has no valid wire type', start);
    }
    if (this.at > this.end) throw new MalformedRecord('a field is cut', start);
  }
}
