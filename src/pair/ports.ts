/**
 * What a pair needs of the host: connections that carry frames, timers, and the world a guest is taken over into.
 */

/** One connection of the logging channel. Frames come and go whole, in order. */
export interface Connection {
  /** What messages call the other side. */
  readonly peer: string;
  /** Takes a frame; nothing happens where the connection is closed. */
  send(frame: Uint8Array): void;
  /** Bytes that were sent and not yet taken by the system. */
  readonly waiting: number;
  /** Called with each frame, whose bytes are the receiver's own. Frames that came before are handed over at once. */
  onFrame: ((bytes: Uint8Array) => void) | undefined;
  /** Called once when the connection is over, not by `close`. */
  onClose: ((reason: string) => void) | undefined;
  /** The longest frame that is taken from now on, in bytes; a longer one ends the connection. */
  allow(longest: number): void;
  /** Reads no more until it is called with false. */
  hold(still: boolean): void;
  /**
   * What was sent leaves, as far as the other side takes it.
   *
   * @param patient the other side lives and reads, but may be busy: what it sends meanwhile finds an open end
   */
  close(patient?: boolean): void;
}

/** Where a primary awaits its backup. */
export interface Listener {
  readonly address: string;
  onConnection: ((connection: Connection) => void) | undefined;
  close(): Promise<void>;
}

export interface Timers {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Calls `action` again and again; answers how to end that. */
  every(milliseconds: number, action: () => void): () => void;
  sleep(milliseconds: number): Promise<void>;
  /** Lets the event loop take what has come in. */
  turn(): Promise<void>;
}

/** Tells the user one sentence. */
export type Tell = (sentence: string) => void;
