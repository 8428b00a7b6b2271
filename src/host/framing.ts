/**
 * Frames in a byte stream, as QEMU's stream and socket network backends and passt write them: length (u32,
 * big-endian), then the Ethernet frame.
 */
import { MAX_FRAME_BYTES } from './frames.js';

const HEADER = 4;

/** The frame with its length before it, in memory of its own. */
export function framed(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER + frame.length);
  new DataView(bytes.buffer).setUint32(0, frame.length);
  bytes.set(frame, HEADER);
  return bytes;
}

/** Finds the frames in a stream that arrives in pieces. */
export class Deframer {
  readonly #header = new Uint8Array(HEADER);
  #headerFilled = 0;
  #frame: Uint8Array | undefined;
  #filled = 0;

  /**
   * Hands each frame that `bytes` completes to `accept`, as memory of its own. Answers undefined, or the length that
   * no frame can have: then the stream is lost.
   */
  push(bytes: Uint8Array, accept: (frame: Uint8Array) => void): number | undefined {
    let at = 0;
    while (at < bytes.length) {
      if (this.#frame === undefined) {
        const part = bytes.subarray(at, at + HEADER - this.#headerFilled);
        this.#header.set(part, this.#headerFilled);
        this.#headerFilled += part.length;
        at += part.length;
        if (this.#headerFilled < HEADER) return undefined;
        this.#headerFilled = 0;
        const length = new DataView(this.#header.buffer).getUint32(0);
        if (length > MAX_FRAME_BYTES) return length;
        if (length === 0) continue;
        this.#frame = new Uint8Array(length);
        this.#filled = 0;
      }
      const part = bytes.subarray(at, at + this.#frame.length - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#frame.length) {
        const frame = this.#frame;
        this.#frame = undefined;
        accept(frame);
      }
    }
    return undefined;
  }
}
