/**
 * An arbiter in a directory that both sides of a pair share, such as one on NFS (the paper's test-and-set on shared
 * storage, section 2.3). A claim is a file `vmft-RUN-EPOCH` that holds its holder's name. It is written under a name of
 * its own and then linked to the claim's: link() happens at the server, once, and the claim is never there in part.
 */
import { randomBytes } from 'node:crypto';
import { accessSync, closeSync, constants, openSync, statSync } from 'node:fs';
import { link, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { ArbiterAway, checkClaim } from '../pair/arbiter.js';
import type { Arbiter } from '../pair/arbiter.js';
import { Failure, reasonOf, STATUS, systemCode, UnavailableFailure } from './failure.js';

/** How long the file system is waited for, in milliseconds. */
const LIMIT = 3000;

export class FileArbiter implements Arbiter {
  readonly name: string;
  readonly #directory: string;
  readonly #limit: number;
  /** What the file system has not answered yet. */
  #pending: Promise<void> | undefined;

  /** Throws a Failure where the directory is not there or may not be written. */
  static open(directory: string): FileArbiter {
    try {
      if (!statSync(directory).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
      accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      throw placeFailure(directory, error) ?? new UnavailableFailure(unusable(directory, error), error);
    }
    return new FileArbiter(directory);
  }

  /** `limit`: how long the file system is waited for, in milliseconds. */
  constructor(directory: string, limit = LIMIT) {
    this.#directory = resolve(directory);
    this.#limit = limit;
    this.name = `file:${this.#directory}`;
  }

  async begin(run: string, holder: string): Promise<void> {
    checkClaim({ run, epoch: 1, holder });
    let begun: boolean;
    try {
      begun = await this.#ask(() => this.#take(run, 1, holder));
    } catch (error) {
      throw (error instanceof ArbiterAway ? placeFailure(this.#directory, error.cause) : undefined) ?? error;
    }
    if (!begun) throw new UnavailableFailure(`The run ${run} has begun already in ${this.#directory}: start anew.`);
  }

  async claim(run: string, epoch: number, holder: string, previous: string): Promise<boolean> {
    checkClaim({ run, epoch, holder, previous });
    return this.#ask(async () => {
      if ((await this.#before(run, epoch)) !== previous) return false;
      const taken = await this.#take(run, epoch, holder);
      // Once more: meanwhile another directory may have come to this place, with an epoch that nobody had taken.
      if (taken) await this.#before(run, epoch);
      return taken;
    });
  }

  async holder(run: string, epoch: number): Promise<string | undefined> {
    checkClaim({ run, epoch });
    return this.#ask(async () => {
      const held = await read(this.#path(run, epoch));
      if (held === undefined) {
        if (epoch > 1) await this.#before(run, epoch);
        else await stat(this.#directory);
      }
      return held;
    });
  }

  /** Waits for a file system that hangs: whoever asks before each output sends none meanwhile. */
  taken(run: string, epoch: number): boolean | undefined {
    checkClaim({ run, epoch });
    const there = (which: number): boolean => statSync(this.#path(run, which), { throwIfNoEntry: false }) !== undefined;
    try {
      // Opening the directory makes an NFS client ask the server, not its cache of what was absent some seconds ago.
      closeSync(openSync(this.#directory, 'r'));
      if (there(epoch)) return true;
      if (epoch > 1 && !there(epoch - 1)) return undefined;
      // Once more, as the directory may have come back just now.
      return there(epoch);
    } catch {
      return undefined;
    }
  }

  async end(run: string): Promise<void> {
    checkClaim({ run, epoch: 1 });
    try {
      await this.#ask(async () => {
        const claims = (await readdir(this.#directory)).flatMap((name) => {
          const [, of, epoch] = /^vmft-([0-9a-f]+)-(\d+)(?:\.[0-9a-f]+)?$/.exec(name) ?? [];
          return of === run ? [{ path: join(this.#directory, name), epoch: Number(epoch) }] : [];
        });
        // From the first on, and no further than it goes: no epoch may be free while the one before it is held.
        for (const { path } of claims.sort((a, b) => a.epoch - b.epoch)) await remove(path);
      });
    } catch (error) {
      if (!(error instanceof ArbiterAway)) throw error;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #path(run: string, epoch: number): string {
    return join(this.#directory, `vmft-${run}-${String(epoch)}`);
  }

  /** Who holds the epoch before. Where nobody does, this is not the directory that the run began in. */
  async #before(run: string, epoch: number): Promise<string> {
    const held = await read(this.#path(run, epoch - 1));
    if (held === undefined) {
      throw new ArbiterAway(this.name, `the claim of epoch ${String(epoch - 1)} is not there: is it mounted?`);
    }
    return held;
  }

  async #take(run: string, epoch: number, holder: string): Promise<boolean> {
    const path = this.#path(run, epoch);
    let held = await read(path);
    if (held === undefined) {
      const refusal = await this.#create(path, holder);
      // What is there now tells who has it, whatever link() said: over NFS the answer to one that came about can be lost.
      held = await read(path);
      if (held === undefined)
        throw new ArbiterAway(this.name, refusal === undefined ? `${path} has gone` : reasonOf(refusal), refusal);
    }
    if (held !== holder) return false;
    // A claim is none that a crash can undo.
    await syncDirectory(this.#directory);
    return true;
  }

  /** Answers what the file system had against it, if anything. */
  async #create(path: string, holder: string): Promise<unknown> {
    const temporary = `${path}.${randomBytes(8).toString('hex')}`;
    try {
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(`${holder}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await link(temporary, path);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      await unlink(temporary).catch(() => undefined);
    }
  }

  /** Does `work` within the time limit, one at a time: a file system that hangs holds one thread of Node's, not all. */
  async #ask<T>(work: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, fail) => {
      const reason = `no answer within ${String(this.#limit / 1000)} s`;
      timer = setTimeout(() => fail(new ArbiterAway(this.name, reason)), this.#limit);
    });
    try {
      while (this.#pending !== undefined) await Promise.race([this.#pending, late]);
      const working = work();
      const done = (): void => {
        this.#pending = undefined;
      };
      this.#pending = working.then(done, done);
      return await Promise.race([working, late]);
    } catch (error) {
      throw error instanceof ArbiterAway ? error : new ArbiterAway(this.name, reasonOf(error), error);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Whose claim a file is; undefined where there is none. */
async function read(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  if (!/^[^\n]+\n$/.test(text)) throw new Error(`${path} is damaged`);
  return text.slice(0, -1);
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } catch (error) {
    // Some file systems have no such thing for a directory.
    if (!['EINVAL', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error;
  } finally {
    await directory.close();
  }
}

const unusable = (directory: string, error: unknown): string =>
  `The arbiter's directory ${directory} cannot be used (${reasonOf(error)}): name another.`;

/** What is wrong with a directory for good; undefined for what may pass. */
function placeFailure(directory: string, error: unknown): Failure | undefined {
  switch (systemCode(error)) {
    case 'ENOENT':
      return new Failure(
        STATUS.noInput,
        `The arbiter's directory ${directory} does not exist: create or mount it.`,
        error,
      );
    case 'ENOTDIR':
      return new Failure(STATUS.noInput, `The arbiter's ${directory} is no directory: name one.`, error);
    case 'EACCES':
    case 'EROFS':
      return new Failure(
        STATUS.noPermission,
        `The arbiter's directory ${directory} may not be written: check its permissions.`,
        error,
      );
    case 'EPERM':
    case 'ENOTSUP':
    case 'ENOSYS':
    case 'EMLINK':
      return new Failure(
        STATUS.cannotCreate,
        `The arbiter's directory ${directory} is on a file system without hard links: name another.`,
        error,
      );
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return new Failure(STATUS.cannotCreate, unusable(directory, error), error);
    default:
      return undefined;
  }
}
