/**
 * A file that another process is still writing, read as it grows.
 * Change notices are lost on some file systems, so they only shorten a regular look.
 */
import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';

import { FileSource } from './byte-sources.js';
import type { HostSource } from './byte-sources.js';
import { Failure, readFailure, STATUS } from './failure.js';

export interface FollowOptions {
  /** Milliseconds between looks when no notice comes; 50 by default. */
  readonly interval?: number;
  /** How often to look, in the same steps, for a file that is not there yet before giving up; 100 by default. */
  readonly patience?: number;
}

export class FollowSource implements HostSource {
  readonly path: string;
  readonly #file: FileSource;
  readonly #interval: number;
  #watcher: FSWatcher | undefined;
  #closed = false;
  /** The last read: settles when it is over, however that ends. */
  #reading: Promise<unknown> = Promise.resolve();
  #wake: (() => void) | undefined;

  /** Opens the file, waiting a while for its creation. */
  static async open(path: string, options: FollowOptions = {}): Promise<FollowSource> {
    const interval = options.interval ?? 50;
    for (let left = options.patience ?? 100; ; left--) {
      try {
        await stat(path);
        break;
      } catch (error) {
        if (left <= 0) throw readFailure(path, error);
        await new Promise((resolve) => setTimeout(resolve, interval));
      }
    }
    return new FollowSource(await FileSource.open(path), interval);
  }

  private constructor(file: FileSource, interval: number) {
    this.path = file.path;
    this.#file = file;
    this.#interval = interval;
    try {
      this.#watcher = watch(file.path, { persistent: false }, () => this.#wake?.());
      this.#watcher.on('error', () => {
        this.#watcher?.close();
        this.#watcher = undefined;
      });
    } catch {
      this.#watcher = undefined;
    }
  }

  /**
   * The next bytes, waited for unless `wait` is false; a read that waits answers null only after close().
   * Throws when the file becomes shorter than what was read of it. One read at a time.
   */
  read(wait = true): Promise<Uint8Array | null> {
    const reading = this.#read(wait);
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #read(wait: boolean): Promise<Uint8Array | null> {
    while (!this.#closed) {
      const bytes = await this.#file.read();
      if (bytes !== null) return bytes;
      if ((await this.#file.size()) < this.#file.offset) {
        throw new Failure(STATUS.data, `${this.path} became shorter while it was followed: it was written anew.`);
      }
      if (!wait || this.#closed) return null;
      await this.#rest();
    }
    return null;
  }

  #rest(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, this.#interval);
      this.#wake = done;
    });
  }

  /** Ends a read that waits, too: the file stays open until that is over. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#watcher?.close();
    this.#wake?.();
    await this.#reading;
    await this.#file.close();
  }
}
