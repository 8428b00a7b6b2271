/**
 * One of the two executions that are compared: a machine rebuilt from a log, which can be run to any position and put
 * back to the last place that was kept.
 */
import type { Entry } from '../log/entry.js';
import type { Header } from '../log/header.js';
import type { LogReader, ReaderOptions } from '../log/reader.js';
import type { Environment } from '../machine/environment.js';
import type { Machine } from '../machine/machine.js';
import { StateDigest } from './digest.js';
import { DirtyPages } from './dirty-pages.js';
import type { DiskImages } from './disk-image.js';
import type { Divergence, Surroundings } from './divergence.js';
import { LogFeed } from './feed.js';
import type { Hash } from './hash.js';
import { Logged, type Cursor, type OutputListener } from './logged.js';
import { Replayer, type ReplayOptions, type ReplayResult } from './replayer.js';
import { Snapshot } from './snapshot.js';

/** Where a side comes from. */
export interface SideSource {
  /** What reports call it: the log's file. */
  readonly label: string;
  readonly header: Header;
  /** Images of the disks whose reads the log does not hold. */
  readonly images?: DiskImages;
  /** A new reader of the log, from its start or a mark. */
  open(options: ReaderOptions): Promise<LogReader> | LogReader;
  /** A new machine as the header says. */
  build(environment: Environment): Machine;
}

/** Whether something thrown says that machine and log part ways. */
export function isDivergence(error: unknown): error is Divergence {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'Divergence';
}

export class Side {
  readonly machine: Machine;
  readonly digest: StateDigest;
  /** How the replay ended, where it has. */
  ended: ReplayResult | undefined;
  /** What the machine threw at its present position. */
  thrown: Divergence | undefined;
  /** Is told of every output that agrees with the log. */
  onOutput: OutputListener | undefined;

  private readonly feed: LogFeed;
  private readonly snapshot: Snapshot;
  private replayer: Replayer;
  private cursor: Cursor;
  private endedThen: ReplayResult | undefined;

  /** Opens a side at position 0. */
  static async open(source: SideSource, hash: Hash, options: ReplayOptions = {}): Promise<Side> {
    const reader = await source.open({ images: 'skip' });
    await reader.header();
    return new Side(source, hash, reader, options);
  }

  private constructor(
    readonly source: SideSource,
    hash: Hash,
    reader: LogReader,
    private readonly options: ReplayOptions,
  ) {
    const logged = new Logged(hash, (position, output) => this.onOutput?.(position, output), source.images);
    this.machine = source.build(logged);
    const pages = new DirtyPages(this.machine);
    const [forDigest, forSnapshot] = [pages.consumer(), pages.consumer()];
    this.digest = new StateDigest(this.machine, forDigest, hash);
    this.feed = new LogFeed(logged, reader, (mark) => source.open({ mark }));
    this.snapshot = new Snapshot(this.machine, forSnapshot);
    this.cursor = this.feed.cursor;
    this.replayer = this.newReplayer();
  }

  get position(): number {
    return this.machine.position;
  }

  /**
   * Runs to `position` and takes all inputs of it. What parts machine and log is kept in `thrown`; `ended` tells where
   * the log ends before.
   */
  async runTo(position: number): Promise<void> {
    const { machine, feed } = this;
    let pending: Entry | undefined;
    try {
      do {
        const next = feed.logged.peek();
        // An output that the guest does not make here would be waited for in vain.
        if (pending !== undefined && next === pending) throw feed.logged.divergence(position, { type: 'ran-on' });
        pending = machine.position === position ? next : undefined;
        this.ended = await this.replayer.runTo(position);
        if (this.ended !== undefined) return;
        await feed.supply(position);
      } while (feed.logged.pendingAt(position));
    } catch (error) {
      if (!isDivergence(error)) throw error;
      this.thrown = error;
    }
    if (machine.position < position && this.thrown === undefined) throw new Error('a replay stopped short');
  }

  /** As `runTo`, where the log needs not be read for it; false where it may be, and `runTo` has the rest to do. */
  stepTo(position: number): boolean {
    if (this.thrown !== undefined || this.ended !== undefined) return false;
    try {
      return this.replayer.stepTo(position);
    } catch (error) {
      if (!isDivergence(error)) throw error;
      this.thrown = error;
      return true;
    }
  }

  /** Position of the last digest of the log that agreed, since the start or the last going back; -1 before the first. */
  get agreed(): number {
    return this.replayer.agreed;
  }

  /** Keeps this place to come back to. */
  keep(): void {
    this.snapshot.update();
    this.cursor = this.feed.cursor;
    this.endedThen = this.ended;
  }

  /** Goes back to the place that was kept. */
  async goBack(): Promise<void> {
    this.snapshot.restore();
    await this.feed.rewind(this.cursor);
    this.ended = this.endedThen;
    this.thrown = undefined;
    this.replayer = this.newReplayer();
  }

  /** The log's entries around the present place. */
  surroundings(count: number): Surroundings {
    return this.feed.logged.surroundings(count);
  }

  private newReplayer(): Replayer {
    return new Replayer(this.machine, this.feed, this.digest, this.options);
  }
}
