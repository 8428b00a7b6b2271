/**
 * Replays a log: drives the machine from entry to entry, checks every digest and output, and tells how it ended. Works
 * on a log that is still being written, and through a pipe: the reader waits, and the machine with it.
 */
import type { EndEntry } from '../log/entry.js';
import type { Tear } from '../log/reader.js';
import type { Machine, Outcome } from '../machine/machine.js';
import { LogExhausted } from './divergence.js';
import type { StateDigest } from './digest.js';
import type { LogFeed } from './feed.js';

const { min } = Math;

/** Instructions, and stops, after which the event loop has its turn. */
export const TURN_DISTANCE = 2 ** 22;
const TURN_STOPS = 4096;

export interface ReplayOptions {
  /** Stop at this position. */
  readonly until?: number;
  /** Whether to compare digests; by default yes. Those of a run of another guest say nothing. */
  readonly checkDigests?: boolean;
  /** Gives the event loop its turn. */
  readonly turn?: () => Promise<void>;
  /** Instructions after which it has its turn at the latest; TURN_DISTANCE by default. */
  readonly turnDistance?: number;
  /** Called every few milliseconds of execution with the position and the log's byte offset. */
  readonly onProgress?: (position: number, offset: number) => void;
}

/**
 * How a replay ended. `whole`: at the log's end entry; `torn`: where a log that was cut ends; `until`: at the position
 * asked for; `stopped`: somebody called `stop`.
 */
export interface ReplayResult {
  readonly ended: 'whole' | 'torn' | 'until' | 'stopped';
  readonly position: number;
  /** The guest's exit status, or that which the recording ended with. */
  readonly status: number;
  readonly end?: EndEntry;
  readonly torn?: Tear;
  /** Digests that were checked. */
  readonly digests: number;
  /** Where the last of them was; -1 where none was. */
  readonly lastDigest: number;
}

export class Replayer {
  private stopping = false;
  private digests = 0;
  private lastDigest = -1;

  constructor(
    private readonly machine: Machine,
    private readonly feed: LogFeed,
    private readonly digest: StateDigest,
    private readonly options: ReplayOptions = {},
  ) {}

  /** Position of the last digest that agreed; -1 before the first. */
  get agreed(): number {
    return this.lastDigest;
  }

  /** Ends the replay at the next opportunity. */
  stop(): void {
    this.stopping = true;
  }

  /** Replays to the end. Throws Divergence where guest and log part ways, and what the reader throws. */
  async run(): Promise<ReplayResult> {
    const { until = Infinity } = this.options;
    return (await this.runTo(until)) ?? this.result('until');
  }

  /** Replays up to `goal`; answers how the replay ended where it ended there or before, and throws as `run` does. */
  async runTo(goal: number): Promise<ReplayResult | undefined> {
    const { machine, feed } = this;
    const { turnDistance = TURN_DISTANCE } = this.options;
    let turnAt = machine.position + turnDistance;
    for (let stops = 1; !this.stopping; stops++) {
      if (!feed.logged.reaches(machine.position) && !(await feed.supply(machine.position))) return this.over();
      const from = machine.position;
      const { used } = feed.logged;
      let outcome: Outcome;
      try {
        outcome = machine.advance(min(goal, turnAt));
      } catch (error) {
        if (error instanceof LogExhausted) return this.torn();
        throw error;
      }
      const { position } = machine;
      const settled = this.settle(position);
      const end = feed.logged.endAt(position);
      if (end !== undefined) {
        await feed.finish();
        return this.result('whole', { end });
      }
      // What a log has at a position comes about there, or never: the guest is not waited for.
      if (!settled && position === from && used === feed.logged.used && feed.logged.pendingAt(position)) {
        throw feed.logged.divergence(position, { type: 'ran-on' });
      }
      if (!settled && outcome !== 'stopped' && outcome !== 'until') this.checkRest(outcome);
      if (position >= goal) return undefined;
      if (position >= turnAt || stops % TURN_STOPS === 0) {
        turnAt = position + turnDistance;
        this.options.onProgress?.(position, feed.offset);
        await this.options.turn?.();
      }
    }
    return this.result('stopped');
  }

  /**
   * Goes to `goal` at once, where the log has nothing on the way but answers; otherwise goes some of the way or none and
   * answers false: `runTo` goes on from there.
   */
  stepTo(goal: number): boolean {
    const { machine } = this;
    const { logged } = this.feed;
    while (logged.quietTo(goal)) {
      const outcome = machine.advance(goal);
      if (outcome === 'until') return true;
      if (outcome !== 'stopped') return false;
    }
    return false;
  }

  /** Does what the log has at a position beside inputs. Answers whether there was anything. */
  private settle(position: number): boolean {
    const { logged } = this.feed;
    let settled = false;
    for (;;) {
      const recorded = logged.digestAt(position);
      if (recorded !== undefined && this.options.checkDigests === false) {
        logged.checkDigest(position, recorded);
      } else if (recorded !== undefined) {
        logged.checkDigest(position, this.digest.take());
        this.digests++;
        this.lastDigest = position;
      } else if (logged.flushAt(position)) {
        this.machine.flushConsole();
        if (logged.flushAt(position)) throw logged.divergence(position, { type: 'ran-on' });
      } else return settled;
      settled = true;
    }
  }

  /** A guest that waits or is off does nothing before the log's next entry, which so must be here. */
  private checkRest(outcome: 'idle' | 'off'): void {
    const { logged } = this.feed;
    const { position } = this.machine;
    const next = logged.peek();
    if (next === undefined || (outcome === 'idle' && next.position === position)) return;
    throw logged.divergence(position, { type: outcome === 'idle' ? 'idle' : 'power-off' });
  }

  /** The log has nothing more to do: it was cut here, or has answers that the guest did not ask for. */
  private over(): ReplayResult {
    const { logged } = this.feed;
    if (logged.peek() !== undefined) throw logged.divergence(this.machine.position, { type: 'ran-on' });
    return this.torn();
  }

  private torn(): ReplayResult {
    const { torn } = this.feed;
    return this.result('torn', torn === null ? {} : { torn });
  }

  private result(ended: ReplayResult['ended'], more: { end?: EndEntry; torn?: Tear } = {}): ReplayResult {
    const { digests, lastDigest } = this;
    const { position, off } = this.machine;
    return { ended, position, status: off?.status ?? more.end?.status ?? 0, digests, lastDigest, ...more };
  }
}
