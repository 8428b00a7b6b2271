/**
 * Files and pipes: where bytes of a log go and come from, and guests' images. Writes are synchronous, so that what
 * was written is in the operating system's hands when the call returns and survives the death of the process.
 */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';

import type { ByteSink, ByteSource } from '../log/stream.js';
import { createFailure, Failure, readFailure, STATUS, systemCode, writeFailure } from './failure.js';

const READ_BYTES = 1 << 18;

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

/** A source of bytes that is a file, a pipe or a socket. */
export interface HostSource extends ByteSource {
  /** What messages call it. */
  readonly path: string;
  close(): Promise<void>;
}

/** A regular file, read in order from any offset. Its end may be the end for now: reading goes on when it grows. */
export class FileSource implements HostSource {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #buffer = new Uint8Array(READ_BYTES);
  #offset = 0;

  /** Throws a Failure that says why `path` cannot be read. */
  static async open(path: string): Promise<FileSource> {
    try {
      const file = await open(path, 'r');
      if ((await file.stat()).isFile()) return new FileSource(file, path);
      await file.close();
    } catch (error) {
      throw readFailure(path, error);
    }
    throw new Failure(STATUS.noInput, `${path} is not a file: name a log.`);
  }

  private constructor(file: FileHandle, path: string) {
    this.#file = file;
    this.path = path;
  }

  /** Offset of the next byte to be read. */
  get offset(): number {
    return this.#offset;
  }

  /** The file's size now, in bytes. */
  async size(): Promise<number> {
    return (await this.#file.stat()).size;
  }

  seek(offset: number): void {
    this.#offset = offset;
  }

  async read(): Promise<Uint8Array | null> {
    try {
      const { bytesRead } = await this.#file.read(this.#buffer, 0, READ_BYTES, this.#offset);
      this.#offset += bytesRead;
      return bytesRead === 0 ? null : this.#buffer.subarray(0, bytesRead);
    } catch (error) {
      throw readFailure(this.path, error);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** A pipe, the standard input or a socket: read once, in order. */
export class StreamSource implements HostSource {
  readonly path: string;
  readonly #stream: Readable;
  #ended = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  constructor(stream: Readable, path: string) {
    this.path = path;
    this.#stream = stream;
    stream.on('readable', () => this.#wake?.());
    stream.on('error', (error) => {
      this.#error = error;
      this.#wake?.();
    });
    for (const end of ['end', 'close'] as const) {
      stream.on(end, () => {
        this.#ended = true;
        this.#wake?.();
      });
    }
  }

  async read(wait = true): Promise<Uint8Array | null> {
    for (;;) {
      const bytes = this.#stream.read() as Uint8Array | null;
      if (bytes !== null) return bytes;
      if (this.#error !== undefined) throw readFailure(this.path, this.#error);
      if (this.#ended || !wait) return null;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(): Promise<void> {
    this.#stream.destroy();
    return Promise.resolve();
  }
}

/** Opens what `path` names for reading in order: `-` the standard input, a regular file, a named pipe or a device. */
export async function openSource(path: string): Promise<HostSource> {
  if (path === '-') return new StreamSource(process.stdin, 'the standard input');
  let regular: boolean;
  try {
    // A named pipe's open waits for its writer; only regular files are opened here to be looked at.
    const facts = await stat(path);
    regular = facts.isFile() || facts.isDirectory();
  } catch (error) {
    throw readFailure(path, error);
  }
  return regular ? FileSource.open(path) : new StreamSource(createReadStream(path), path);
}

/** All of a guest's file. Throws a Failure that says why it cannot be had, or that it is larger than `limit` bytes. */
export function readGuestFile(path: string, limit = Number.MAX_SAFE_INTEGER): Uint8Array {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw readFailure(path, error);
  }
  try {
    const facts = fstatSync(fd);
    if (facts.isFile() && facts.size > limit) throw tooLarge(path, facts.size, limit);
    const bytes = readFileSync(fd);
    if (bytes.length > limit) throw tooLarge(path, bytes.length, limit);
    return bytes;
  } catch (error) {
    throw error instanceof Failure ? error : readFailure(path, error);
  } finally {
    closeSync(fd);
  }
}

function tooLarge(path: string, size: number, limit: number): Failure {
  return new Failure(STATUS.data, `${path} has ${String(size)} bytes, and there is room for ${String(limit)} only.`);
}

/** SHA-256 of bytes, in lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** SHA-256 of a file however large, in lower-case hexadecimal. */
export function sha256OfFile(path: string): string {
  const hash = createHash('sha256');
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw readFailure(path, error);
  }
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (;;) {
      const count = readSync(fd, buffer, 0, buffer.length, null);
      if (count === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, count));
    }
  } catch (error) {
    throw readFailure(path, error);
  } finally {
    closeSync(fd);
  }
}
