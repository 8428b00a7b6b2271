// Seals: what they look like, and where the damage is when one does not match (log.proto, "Stretches and seals").
//
// A seal's CRC covers everything before it, so one flipped bit can be located exactly: the CRC is linear, and the
// difference between what it is and what it should be (the syndrome) is different for each bit of a log up to 512 MiB.

import { checksum } from './compress.js';
import { fixed32At, putFixed32 } from './wire.js';

const { clz32 } = Math;

/** Bytes of a seal: tag, length, tag, CRC, tag, offset. */
export const SEAL_SIZE = 12;

/** Bytes after which a writer closes a stretch. No record starts this far from its stretch's start, or farther. */
export const STRETCH_SIZE = 65536;

/** Writes a seal at `at` that stands at byte `offset` of the log; gives the index after it. */
export function putSeal(bytes: Uint8Array, at: number, crc: number, offset: number): number {
  bytes[at++] = 0x22;
  bytes[at++] = 0x0a;
  bytes[at++] = 0x0d;
  at = putFixed32(bytes, at, crc);
  bytes[at++] = 0x15;
  return putFixed32(bytes, at, offset);
}

/** The CRC in the seal at `at`. */
export function sealedCrc(bytes: Uint8Array, at: number): number {
  return fixed32At(bytes, at + 3);
}

/** How many bits of a seal's constant bytes and offset differ from a seal's that stands at byte `offset` of the log. */
function sealDistance(bytes: Uint8Array, at: number, offset: number): number {
  return (
    bits(bytes[at] ^ 0x22) +
    bits(bytes[at + 1] ^ 0x0a) +
    bits(bytes[at + 2] ^ 0x0d) +
    bits(bytes[at + 7] ^ 0x15) +
    bits(fixed32At(bytes, at + 8) ^ offset)
  );
}

/** Whether the 12 bytes at `at` are the seal of byte `offset` of the log, whatever its CRC. */
export function isSeal(bytes: Uint8Array, at: number, offset: number): boolean {
  return bytes[at] === 0x22 && sealDistance(bytes, at, offset) === 0;
}

/** Whether the 12 bytes at `at` are a seal, be it of another place. */
export function looksLikeSeal(bytes: Uint8Array, at: number): boolean {
  return sealDistance(bytes, at, fixed32At(bytes, at + 8)) === 0;
}

/** Bytes that start at a stretch's first byte, which stands at byte `offset` of the log after the CRC `crc`. */
export interface Suspect {
  bytes: Uint8Array;
  offset: number;
  crc: number;
}

/** Where the damage lies: one byte exactly (end = offset + 1) or a range of the log. */
export interface Damage {
  offset: number;
  end: number;
  reason: string;
}

/**
 * Looks for the damage in bytes that do not read as a sealed stretch. Null where no seal is found in them: then they are
 * a stretch that was never finished, as far as anyone can tell.
 */
export function findDamage(suspect: Suspect): Damage | null {
  const { bytes, offset } = suspect;
  let crc = suspect.crc;
  let summed = 0;
  const last = bytes.length - SEAL_SIZE;
  for (let at = 0; at <= last; at++) {
    if (bytes[at] !== 0x22 && bytes[at + 1] !== 0x0a) continue; // the bulk: more than one bit off
    const distance = sealDistance(bytes, at, (offset + at) >>> 0);
    if (distance > 1) continue;
    crc = checksum(bytes.subarray(summed, at), crc);
    summed = at;
    const syndrome = (crc ^ sealedCrc(bytes, at)) >>> 0;
    // A seal of which one bit beside the CRC is flipped counts as one only where its CRC is right.
    if (distance === 1 && syndrome === 0) {
      return exactly(offset + at + flippedByte(bytes, at, (offset + at) >>> 0));
    }
    if (distance === 0) return inStretch(syndrome, offset, offset + at);
  }
  return null;
}

/** The damage in the stretch from `start` to its seal at `end`, given the syndrome of the two. */
function inStretch(syndrome: number, start: number, end: number): Damage {
  if (syndrome === 0) return { offset: start, end, reason: 'its records are not valid' };
  // A bit flipped in the stretch never gives a syndrome of one bit: only a bit of the seal's CRC itself does.
  if (bits(syndrome) === 1) return exactly(end + 3 + ((31 - clz32(syndrome)) >> 3));
  const distance = flippedDistance(syndrome, end - start);
  if (distance > 0) return exactly(end - distance);
  return { offset: start, end: end + SEAL_SIZE, reason: 'the seal after these bytes does not match them' };
}

function exactly(offset: number): Damage {
  return { offset, end: offset + 1, reason: 'one bit is flipped' };
}

/** Which byte of the seal at `at` holds its one flipped bit. */
function flippedByte(bytes: Uint8Array, at: number, offset: number): number {
  const whole = new Uint8Array(SEAL_SIZE);
  putSeal(whole, 0, sealedCrc(bytes, at), offset);
  return whole.findIndex((byte, index) => byte !== bytes[at + index]);
}

/**
 * How many bytes before the end of `length` bytes a single flipped bit lies (1: in the last byte), from the syndrome of
 * their CRC; 0 where no single bit explains it.
 */
function flippedDistance(syndrome: number, length: number): number {
  const step = crcOfByte();
  // The syndrome of each bit of the last byte; a byte farther from the end is one more zero byte fed to the CRC.
  const syndromes = new Uint32Array(8);
  for (let bit = 0; bit < 8; bit++) syndromes[bit] = step[1 << bit];
  for (let distance = 1; distance <= length; distance++) {
    for (let bit = 0; bit < 8; bit++) {
      const value = syndromes[bit];
      if (value === syndrome) return distance;
      syndromes[bit] = (value >>> 8) ^ step[value & 255];
    }
  }
  return 0;
}

/** The CRC's step for each byte, reflected polynomial 0xedb88320. */
function crcOfByte(): Uint32Array {
  const step = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    step[byte] = value >>> 0;
  }
  return step;
}

/** The number of bits set in `value`. */
function bits(value: number): number {
  let count = 0;
  for (; value !== 0; value &= value - 1) count++;
  return count;
}
