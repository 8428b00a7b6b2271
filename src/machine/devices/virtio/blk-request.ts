/**
 * Requests of a block device: as the driver lays them out in a chain, and while they are in flight. Follows the VIRTIO
 * specification 1.2, chapter 5.2.6 ("Device Operation"). Where in a chain the parts of a request lie is the driver's
 * choice (2.7.4): only their order is fixed, and that the status is the last byte.
 */
import type { DiskOperation, DiskPlace } from '../../environment.js';
import type { GuestMemory } from '../../device.js';
import type { Chain, Segment } from './queue.js';

export const TYPE = { read: 0, write: 1, flush: 4, identify: 8 } as const;
export const HEADER_BYTES = 16;

/** The head of a request whose chain does not go back: the driver has reset the device since. */
const NO_HEAD = -1;
const OPERATIONS: readonly DiskOperation[] = ['read', 'write', 'flush'];
/** Numbers that describe a request, before those of its segments. */
const FIXED = 5;

/** What a chain asks for. */
export interface Asked {
  readonly type: number;
  /** In bytes; not below 2^53 exact, and then beyond any disk. */
  readonly offset: number;
}

/** A request that the environment is to fulfil. */
export interface DiskRequest extends DiskPlace {
  /** The chain's head; negative where it does not go back. */
  readonly head: number;
  /** Address of the status byte. */
  readonly status: number;
  /** Where what is read goes. */
  readonly targets: readonly Segment[];
  /** What is written: the device's own copy. */
  readonly data: Uint8Array;
}

/** The header of a request. The chain must have its bytes. */
export function askedBy(chain: Chain, memory: GuestMemory): Asked {
  const header = gathered(chain.readable, 0, HEADER_BYTES, memory);
  const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES);
  const sector = view.getUint32(8, true) + view.getUint32(12, true) * 2 ** 32;
  return { type: view.getUint32(0, true), offset: sector * 512 };
}

/** Copies `length` bytes out of segments, from the `start`-th byte on. */
export function gathered(segments: readonly Segment[], start: number, length: number, memory: GuestMemory): Uint8Array {
  const bytes = new Uint8Array(length);
  let skip = start;
  let at = 0;
  for (const segment of segments) {
    const part = Math.min(segment.length - skip, length - at);
    if (part > 0) bytes.set(memory.read(segment.address + skip, part), at);
    if (part > 0) at += part;
    skip = Math.max(0, skip - segment.length);
  }
  return bytes;
}

/** Address of the last byte that the device may write: the status. There must be one. */
export function statusOf({ writable }: Chain): number {
  const { address, length } = writable[writable.length - 1];
  return address + length - 1;
}

/** What the device may write, without the status. */
export function targetsOf({ writable }: Chain): Segment[] {
  const last = writable[writable.length - 1];
  const others = writable.slice(0, -1);
  return last.length > 1 ? [...others, { address: last.address, length: last.length - 1 }] : others;
}

/** The same request, whose chain does not go back any more. */
export function abandoned(request: DiskRequest): DiskRequest {
  return { ...request, head: NO_HEAD, targets: [] };
}

/** A request in flight as bytes, its data left out: doubles, so that any address fits. */
export function encodeRequest({ head, operation, offset, length, status, targets }: DiskRequest): Uint8Array {
  const numbers = [head, OPERATIONS.indexOf(operation), offset, length, status];
  for (const segment of targets) numbers.push(segment.address, segment.length);
  return new Uint8Array(Float64Array.from(numbers).buffer);
}

/** What `encodeRequest` has written. Of other bytes it makes some request or other. */
export function decodeRequest(bytes: Uint8Array, data: Uint8Array): DiskRequest {
  const numbers = new Float64Array(bytes.slice(0, bytes.length & ~7).buffer);
  const targets: Segment[] = [];
  for (let at = FIXED; at + 1 < numbers.length; at += 2) {
    targets.push({ address: numbers[at], length: numbers[at + 1] });
  }
  const [head = NO_HEAD, operation = 0, offset = 0, length = 0, status = 0] = numbers;
  return { head, operation: OPERATIONS[operation] ?? 'flush', offset, length, status, targets, data };
}
