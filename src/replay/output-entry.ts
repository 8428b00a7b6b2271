/**
 * An output as a log's entry: what left the guest is recorded by its length and hash, so that a replay can tell whether
 * it would have sent the same.
 */
import type { Entry } from '../log/entry.js';
import type { Output } from '../machine/environment.js';
import type { Hash } from './hash.js';

export type OutputEntry = Extract<Entry, { type: 'output' }>;

/** The entry of an output at `position`. Power-off counts as its status, four bytes, little-endian. */
export function outputEntry(position: number, output: Output, hash: Hash): OutputEntry {
  const bytes = output.type === 'power' ? littleEndian(output.status) : output.data;
  const { type: kind, device } = output;
  return { type: 'output', position, kind, device, length: bytes.length, hash: hash(bytes) };
}

function littleEndian(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}
