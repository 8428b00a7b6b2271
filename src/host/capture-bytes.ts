/**
 * The bytes of a capture file, read in order and only as far as they are asked for, so that a capture of any size
 * takes the same bounded memory. Reading is synchronous: what is in a capture must be at hand when its time has come.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

import { Failure, readFailure, STATUS } from './failure.js';

const READ_BYTES = 1 << 18;

export class CaptureBytes {
  readonly path: string;
  readonly #fd: number;
  #buffer = Buffer.allocUnsafe(READ_BYTES);
  /** In the buffer: the next byte, and the end of what was read. */
  #at = 0;
  #end = 0;
  /** Offset in the file of the buffer's first byte. */
  #base = 0;
  #open = true;

  /** Throws a Failure that says why `path` cannot be read. */
  static open(path: string): CaptureBytes {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      throw readFailure(path, error);
    }
    const facts = fstatSync(fd);
    if (facts.isFile()) return new CaptureBytes(path, fd);
    closeSync(fd);
    throw facts.isDirectory()
      ? readFailure(path, { code: 'EISDIR' })
      : new Failure(STATUS.noInput, `${path} is not a file: a capture is played from one.`);
  }

  private constructor(path: string, fd: number) {
    this.path = path;
    this.#fd = fd;
  }

  /** Offset in the file of the next byte. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** Whether no byte follows. */
  get ended(): boolean {
    return this.#fill(1) === 0;
  }

  /** The next `count` bytes, to be used before anything else is called; undefined where the file ends before. */
  take(count: number): DataView | undefined {
    if (this.#fill(count) < count) return undefined;
    const view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset + this.#at, count);
    this.#at += count;
    return view;
  }

  /** Passes over `count` bytes; false where the file ends before. */
  skip(count: number): boolean {
    for (let left = count; left > 0;) {
      const step = Math.min(left, this.#fill(Math.min(left, READ_BYTES)));
      if (step === 0) return false;
      this.#at += step;
      left -= step;
    }
    return true;
  }

  /** Goes back to the start. */
  rewind(): void {
    this.#base = this.#at = this.#end = 0;
  }

  close(): void {
    if (this.#open) closeSync(this.#fd);
    this.#open = false;
  }

  /** Sees to it that `count` bytes are held where the file has them; answers how many are. */
  #fill(count: number): number {
    if (this.#end - this.#at >= count) return this.#end - this.#at;
    const target = count > this.#buffer.length ? Buffer.allocUnsafe(count) : this.#buffer;
    this.#buffer.copy(target, 0, this.#at, this.#end);
    this.#buffer = target;
    this.#base += this.#at;
    this.#end -= this.#at;
    this.#at = 0;
    while (this.#end < count) {
      const read = this.#read();
      if (read === 0) break;
      this.#end += read;
    }
    return this.#end;
  }

  #read(): number {
    try {
      return readSync(this.#fd, this.#buffer, this.#end, this.#buffer.length - this.#end, this.#base + this.#end);
    } catch (error) {
      throw readFailure(this.path, error);
    }
  }
}
