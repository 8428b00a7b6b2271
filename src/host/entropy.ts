/**
 * Where random bytes come from: the host's generator, or a stream that a seed determines, so that a recording can be
 * made twice. The stream is SHA-256 (FIPS 180-4) in counter mode: block i is SHA-256(seed || i as u64, big-endian).
 */
import { createHash, randomFillSync } from 'node:crypto';

import { UsageFailure } from './failure.js';

export interface Entropy {
  /** Exactly `length` bytes (a non-negative integer), the caller's own. */
  bytes(length: number): Uint8Array;
}

/** Hands out bytes of blocks that `refill` makes. */
abstract class BufferedEntropy implements Entropy {
  #block = new Uint8Array(0);
  #used = 0;

  /** The next block: at least one byte. */
  protected abstract refill(): Uint8Array<ArrayBuffer>;

  bytes(length: number): Uint8Array {
    const answer = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      if (this.#used === this.#block.length) {
        this.#block = this.refill();
        this.#used = 0;
      }
      const part = this.#block.subarray(this.#used, this.#used + length - filled);
      answer.set(part, filled);
      filled += part.length;
      this.#used += part.length;
    }
    return answer;
  }
}

/** The host's cryptographic generator, asked for a page at a time. */
export class HostEntropy extends BufferedEntropy {
  protected refill(): Uint8Array<ArrayBuffer> {
    return randomFillSync(new Uint8Array(4096));
  }
}

/** The same bytes for the same seed, for ever, however they are asked for. */
export class SeededEntropy extends BufferedEntropy {
  readonly #seed: Uint8Array;
  #counter = 0n;

  constructor(seed: Uint8Array) {
    super();
    this.#seed = new Uint8Array(seed);
  }

  protected refill(): Uint8Array<ArrayBuffer> {
    const counter = new Uint8Array(8);
    new DataView(counter.buffer).setBigUint64(0, this.#counter++);
    return new Uint8Array(createHash('sha256').update(this.#seed).update(counter).digest());
  }
}

/** Reads `host` or `seed:HEX`. Throws UsageFailure for anything else. */
export function parseEntropy(text: string): Entropy {
  if (text === 'host') return new HostEntropy();
  const hex = /^seed:((?:[0-9a-f]{2})+)$/i.exec(text)?.[1];
  if (hex === undefined) {
    throw new UsageFailure(
      `"${text}" is not a source of entropy: say host, or seed: and an even number of hex digits.`,
    );
  }
  return new SeededEntropy(Buffer.from(hex, 'hex'));
}
