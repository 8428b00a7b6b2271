/**
 * Ethernet links to the outside, whatever carries them: what a link can do, and the bounded queue of arrived frames
 * that every link has. A network may lose frames; a link loses them knowingly, and counts.
 */

/** Largest frame that is sent or taken, in bytes: 64 KiB of segment with its Ethernet, VLAN and IP headers. */
export const MAX_FRAME_BYTES = 65_562;

/** Arrived frames that wait for the guest, at most; beyond, links hold their peer back where they can, or drop. */
export const QUEUE_FRAMES = 1024;

/** Frames of one device that reach the guest at one position, at most. */
export const FRAMES_AT_ONCE = 64;

export type LinkState = 'connecting' | 'up' | 'down' | 'closed';

export interface LinkCounts {
  sent: number;
  received: number;
  /** Frames of the guest that could not leave: no peer, a slow peer, a frame too large. */
  dropped: number;
  /** Frames of the peer that found the queue full or were no frames. */
  refused: number;
}

export interface FrameLink {
  readonly state: LinkState;
  readonly counts: Readonly<LinkCounts>;
  /** What messages call the link: `udp 127.0.0.1:5556`. */
  readonly name: string;
  /**
   * Sends one frame; the bytes may be changed afterwards. Never throws and never waits: what cannot leave is dropped.
   * `more`: others follow at once, for which this one may wait.
   */
  send(frame: Uint8Array, more?: boolean): void;
  /** Whether frames wait. */
  readonly hasFrames: boolean;
  /** At most `limit` frames that have arrived, oldest first, the caller's own. */
  take(limit: number): Uint8Array[];
  /** Called at each arrival, before the frame is taken. */
  onFrame: (() => void) | undefined;
  /** Called with one sentence when the peer goes, returns or misbehaves. */
  onNotice: ((sentence: string) => void) | undefined;
  close(): Promise<void>;
}

/** What all links share: counts, the queue and its notices. */
export abstract class QueuedLink implements FrameLink {
  abstract readonly name: string;
  readonly counts: LinkCounts = { sent: 0, received: 0, dropped: 0, refused: 0 };
  onFrame: (() => void) | undefined;
  onNotice: ((sentence: string) => void) | undefined;
  protected current: LinkState = 'connecting';
  #queue: Uint8Array[] = [];

  abstract send(frame: Uint8Array, more?: boolean): void;
  abstract close(): Promise<void>;

  get state(): LinkState {
    return this.current;
  }

  get hasFrames(): boolean {
    return this.#queue.length > 0;
  }

  protected get waiting(): number {
    return this.#queue.length;
  }

  /** Queues a frame that has arrived; the bytes must be the queue's own. */
  protected arrived(frame: Uint8Array): void {
    if (this.#queue.length >= QUEUE_FRAMES || frame.length === 0 || frame.length > MAX_FRAME_BYTES) {
      this.counts.refused++;
      return;
    }
    this.counts.received++;
    this.#queue.push(frame);
    this.onFrame?.();
  }

  take(limit: number): Uint8Array[] {
    if (this.#queue.length <= limit) {
      const all = this.#queue;
      this.#queue = [];
      return all;
    }
    return this.#queue.splice(0, limit);
  }
}
