/**
 * The log as it comes in on the channel, as a source of bytes for a reader: bounded, so that a primary is held back whose
 * backup cannot follow.
 */
import type { ByteSource } from '../log/stream.js';

/** Bytes that wait for the reader at which the channel is held, and let go again. */
const HIGH = 2 ** 26;
const LOW = 2 ** 25;

export class ChannelSource implements ByteSource {
  private readonly chunks: Uint8Array[] = [];
  private waiting = 0;
  private ended = false;
  private failure: Error | undefined;
  private held = false;
  private wake: (() => void) | undefined;

  /** @param hold holds the channel, or lets it go */
  constructor(private readonly hold: (still: boolean) => void) {}

  /** Whether the channel is held because too much waits. */
  get full(): boolean {
    return this.held;
  }

  push(bytes: Uint8Array): void {
    this.chunks.push(bytes);
    this.waiting += bytes.length;
    if (!this.held && this.waiting > HIGH) this.hold((this.held = true));
    this.wake?.();
  }

  /** Nothing comes any more. */
  end(): void {
    this.ended = true;
    this.wake?.();
  }

  /** Nothing comes any more, and what was to come is missed: whoever reads on meets the error. */
  fail(error: Error): void {
    this.failure = error;
    this.end();
  }

  async read(wait = true): Promise<Uint8Array | null> {
    for (;;) {
      const chunk = this.chunks.shift();
      if (chunk !== undefined) {
        this.waiting -= chunk.length;
        if (this.held && this.waiting < LOW) this.hold((this.held = false));
        return chunk;
      }
      if (this.failure !== undefined) throw this.failure;
      if (this.ended || !wait) return null;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
