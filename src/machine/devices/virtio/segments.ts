/**
 * The bytes of a chain's buffers, moved to and from guest memory (VIRTIO specification 1.2, chapter 2.7.4, "Message
 * Framing": where one buffer ends and the next begins means nothing).
 */
import type { GuestMemory } from '../../device.js';
import type { Segment } from './queue.js';

/** Writes `data` to the beginning of `segments`; what exceeds them is left out. */
export function scatter(memory: GuestMemory, segments: readonly Segment[], data: Uint8Array): void {
  let at = 0;
  for (const { address, length } of segments) {
    if (at >= data.length) break;
    const part = data.subarray(at, at + length);
    memory.write(address, part);
    at += part.length;
  }
}

/** A copy of what is in `segments`, which have `length` bytes together. */
export function collect(memory: GuestMemory, segments: readonly Segment[], length: number): Uint8Array {
  const data = new Uint8Array(length);
  let at = 0;
  for (const segment of segments) {
    data.set(memory.read(segment.address, segment.length), at);
    at += segment.length;
  }
  return data;
}
