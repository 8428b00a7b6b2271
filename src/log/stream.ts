// The two ends of a log: where its bytes go to and come from. Files, pipes and sockets implement these in src/host;
// src/log itself does no input or output.

/** Takes a log's bytes, in order. */
export interface ByteSink {
  /**
   * Takes all of `bytes` before it returns: handed to the operating system, or copied. The array is reused afterwards.
   * Throws what the host reports (ENOSPC, EPIPE, ...); it may then have taken a part, and is not called again.
   */
  write(bytes: Uint8Array): void;
}

/** Gives a log's bytes, in order. */
export interface ByteSource {
  /**
   * The next bytes, at least one; null at the end. For a log that is still being written the end is only the end for
   * now: a source that follows it waits for more when `wait` is true (the default), and may answer null and later go on.
   * With `wait` false nothing is waited for that is not there yet. The array must stay as it is until the next call.
   */
  read(wait?: boolean): Promise<Uint8Array | null>;
}
