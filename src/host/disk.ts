/**
 * A disk of a guest that runs in the present: its requests are done on the image, in their order. What is read or written
 * goes through the host's page cache at once; making it durable takes time, and other requests do not wait for it.
 */
import { fdatasync, fdatasyncSync, writeSync } from 'node:fs';

import type { DiskDemand } from '../machine/environment.js';
import { DiskFile } from './disk-file.js';
import type { DiskOption } from './disk-option.js';
import { reasonOf, systemCode } from './failure.js';

const NOTHING = new Uint8Array(0);
const OK = 0;
const IO_ERROR = 1;

/** The usual reasons, in words. */
const REASONS: Readonly<Record<string, string>> = {
  EOF: 'the file ends before',
  ENOSPC: 'no space is left',
  EIO: 'the host meets I/O errors itself',
};

/** A request that is done: which of those in flight, once those before it are out. */
export interface Completion {
  readonly request: number;
  readonly status: number;
  /** What was read. */
  readonly data: Uint8Array;
}

interface Pending {
  readonly demand: DiskDemand;
  /** What it wrote is being made durable, until there is an outcome. */
  flushing: boolean;
  outcome: number | undefined;
}

export class Disk {
  /** Called when a request that took its time is done. */
  onDone: () => void = () => undefined;
  /** Whether the image is this process's to write to: asked before each write, which waits where it is not. */
  mayWrite: () => boolean = () => true;
  /** Is told of the first failure, in a sentence. */
  onNotice: (sentence: string) => void = () => undefined;
  private readonly pending: Pending[] = [];
  /** Flushes under way, and who waits for the last. */
  private flushes = 0;
  private idle: (() => void) | undefined;
  private failed = false;

  /**
   * Opens the image. Throws a Failure.
   * @param patient whether a flush may take its time while the guest goes on
   */
  static open(option: DiskOption, patient: boolean): Disk {
    return new Disk(option, patient, DiskFile.open(option.path, option.mode === 'rw'));
  }

  private constructor(
    readonly option: DiskOption,
    private readonly patient: boolean,
    readonly file: DiskFile,
  ) {}

  /** Whether `take` has something to do. */
  get hasWork(): boolean {
    return this.pending.some(({ flushing, outcome }) => !flushing || outcome !== undefined);
  }

  /** Whether something is under way that `onDone` will tell of. */
  get busy(): boolean {
    return this.flushes > 0;
  }

  submit(demand: DiskDemand): void {
    this.pending.push({ demand, flushing: false, outcome: undefined });
  }

  /** Does what can be done, and answers what is done. */
  take(): Completion[] {
    const done: Completion[] = [];
    for (let at = 0; at < this.pending.length;) {
      const outcome = this.serve(this.pending[at]);
      if (outcome === undefined) at++;
      else {
        this.pending.splice(at, 1);
        done.push({ request: at, ...outcome });
      }
    }
    return done;
  }

  /** Waits for what is under way, and gives the image back. */
  async close(): Promise<void> {
    if (this.busy) await new Promise<void>((resolve) => (this.idle = resolve));
    this.file.close();
  }

  private serve(pending: Pending): Omit<Completion, 'request'> | undefined {
    const { operation, offset, length, data, durable } = pending.demand;
    try {
      if (operation === 'read') return { status: OK, data: this.file.read(offset, length) };
      // Of a snapshot the machine keeps what is written.
      if (this.option.mode === 'snapshot') return { status: OK, data: NOTHING };
      if (operation === 'write' && !pending.flushing) {
        if (!this.mayWrite()) return undefined;
        this.write(offset, data);
      }
      return operation === 'flush' || durable ? this.flush(pending) : { status: OK, data: NOTHING };
    } catch (error) {
      this.fail(operation === 'read' ? 'read' : 'written', error);
      return { status: IO_ERROR, data: NOTHING };
    }
  }

  private write(offset: number, data: Uint8Array): void {
    for (let at = 0; at < data.length;) {
      at += writeSync(this.file.fd, data, at, data.length - at, offset + at);
    }
  }

  private flush(pending: Pending): Omit<Completion, 'request'> | undefined {
    if (pending.outcome !== undefined) return { status: pending.outcome, data: NOTHING };
    if (pending.flushing) return undefined;
    if (!this.patient) {
      fdatasyncSync(this.file.fd);
      return { status: OK, data: NOTHING };
    }
    pending.flushing = true;
    this.flushes++;
    fdatasync(this.file.fd, (error) => {
      this.flushes--;
      if (error !== null) this.fail('written', error);
      pending.outcome = error === null ? OK : IO_ERROR;
      this.onDone();
      if (!this.busy) this.idle?.();
    });
    return undefined;
  }

  private fail(how: string, error: unknown): void {
    if (this.failed) return;
    this.failed = true;
    const reason = REASONS[systemCode(error) ?? ''] ?? reasonOf(error);
    this.onNotice(`The disk image ${this.option.path} cannot be ${how} (${reason}): the guest meets I/O errors.`);
  }
}
