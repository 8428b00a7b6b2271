/**
 * Where bytes of a log come from: files, pipes and sockets, read in order.
 */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';

import type { ByteSource } from '../log/stream.js';
import { Failure, readFailure, STATUS } from './failure.js';

const READ_BYTES = 1 << 18;

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
