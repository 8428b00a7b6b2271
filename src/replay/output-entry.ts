/**
 * An output as a log's entry: what left the guest is recorded by its length and hash, so that a replay can tell whether
 * it would have sent the same.
 */
import type { Entry } from '../log/entry.js';
import type { Output } from '../machine/environment.js';
import type { Hash } from './hash.js';

export type OutputEntry = Extract<Entry, { type: 'output' }>;

/** Bytes in front of a disk write's own. */
export const OFFSET_BYTES = 8;

/** Whether something leaves the guest: it does not where it only reads from a disk. */
export function isSent(output: Output): boolean {
  return output.type !== 'disk' || output.operation !== 'read';
}

/** The entry of an output at `position`. */
export function outputEntry(position: number, output: Output, hash: Hash): OutputEntry {
  const bytes = outputBytes(output);
  const { type: kind, device } = output;
  const length = output.type === 'disk' ? output.data.length : bytes.length;
  return { type: 'output', position, kind, device, length, hash: hash(bytes) };
}

/**
 * What an output is, as bytes: of power-off its status, four bytes, little-endian; of a disk write its offset, eight
 * bytes, little-endian, and its data; of a flush none.
 */
export function outputBytes(output: Output): Uint8Array {
  if (output.type === 'disk') return diskBytes(output);
  if (output.type !== 'power') return output.data;
  const { status } = output;
  return Uint8Array.of(status, status >>> 8, status >>> 16, status >>> 24);
}

function diskBytes({ operation, offset, data }: Extract<Output, { type: 'disk' }>): Uint8Array {
  if (operation !== 'write') return new Uint8Array(0);
  const bytes = new Uint8Array(OFFSET_BYTES + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(offset), true);
  bytes.set(data, OFFSET_BYTES);
  return bytes;
}
