/**
 * Where bytes of a log go: a file, pipe or device. Writes are synchronous, so that what was written is in the operating
 * system's hands when the call returns and survives the death of the process.
 */
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';

import type { ByteSink } from '../log/stream.js';
import { createFailure, systemCode, writeFailure } from './failure.js';

/** Stops the thread for some milliseconds: nothing else may happen until the pipe has room. */
const asleep = new Int32Array(new SharedArrayBuffer(4));
function sleep(milliseconds: number): void {
  Atomics.wait(asleep, 0, 0, milliseconds);
}

/** Writes to a file, pipe or device by descriptor. Every failure is a ClosedPipe, a DiskFull or another Failure. */
export class FileSink implements ByteSink {
  readonly path: string;
  readonly #fd: number;
  readonly #owned: boolean;
  #open = true;
  /** Bytes written so far. */
  written = 0;

  /** Creates or empties the file at `path`; `-` is the standard output. */
  static create(path: string): FileSink {
    if (path === '-') return new FileSink(1, 'the standard output', false);
    try {
      return new FileSink(openSync(path, 'w'), path, true);
    } catch (error) {
      throw createFailure(path, error);
    }
  }

  /** `path` names the descriptor in messages; `owned` descriptors are closed by close(). */
  constructor(fd: number, path: string, owned: boolean) {
    this.#fd = fd;
    this.path = path;
    this.#owned = owned;
  }

  /** Whether the bytes go to a regular file. */
  get regular(): boolean {
    return fstatSync(this.#fd).isFile();
  }

  write(bytes: Uint8Array): void {
    let offset = 0;
    let patience = 1;
    while (offset < bytes.length) {
      try {
        const count = writeSync(this.#fd, bytes, offset, bytes.length - offset);
        offset += count;
        this.written += count;
        patience = 1;
      } catch (error) {
        const code = systemCode(error);
        if (code !== 'EAGAIN' && code !== 'EINTR') throw writeFailure(this.path, error);
        sleep(patience);
        patience = Math.min(patience * 2, 16);
      }
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    if (!this.#owned) return;
    try {
      closeSync(this.#fd);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }
}
