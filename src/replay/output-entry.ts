/**
 * An output as a log's entry: what left the guest is recorded by its length and hash, so that a replay can tell whether
 * it would have sent the same.
 */
import type { Entry } from '../log/entry.js';
import type { Output } from '../machine/environment.js';
import type { Hash } from './hash.js';

export type OutputEntry = Extract<Entry, { type: 'output' }>;

/** The entry of an output at `position`. */
export function outputEntry(position: number, output: Output, hash: Hash): OutputEntry {
  const bytes = outputBytes(output);
  const { type: kind, device } = output;
  return { type: 'output', position, kind, device, length: bytes.length, hash: hash(bytes) };
}

/** What an output is, as bytes: of power-off its status, four bytes, little-endian. */
export function outputBytes(output: Output): Uint8Array {
  if (output.type !== 'power') return output.data;
  const { status } = output;
  return Uint8Array.of(status, status >>> 8, status >>> 16, status >>> 24);
}
