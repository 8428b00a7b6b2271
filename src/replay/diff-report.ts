/**
 * What a comparison of two executions is asked, and what it answers.
 */
import type { StateDifferences } from './differences.js';
import type { Divergence, Surroundings } from './divergence.js';
import type { Place } from './place.js';
import type { LaterOutputs } from './later-outputs.js';
import type { LogDifference } from './log-difference.js';
import type { LogExtent } from './log-walk.js';
import type { Pair } from './pair.js';
import type { SetupDifference } from './setup.js';

export interface DiffOptions {
  /** Compare also where the logs were recorded on different machines or guests. */
  readonly force?: boolean;
  /** Entries to report before and after the divergence; 3 by default. */
  readonly context?: number;
  /** Most instructions from one comparison to the next. By default 1 in short executions. */
  readonly every?: number;
  /** Called now and then with the position reached and the last one. */
  readonly onProgress?: (position: number, last: number) => void;
  readonly turn?: () => Promise<void>;
}

/** The first position at which the states differ, and what is known of it. */
export interface Found {
  readonly position: number;
  /** The instruction that led there: the last that both executed alike from equal states. Undefined at position 0. */
  readonly last: Place | undefined;
  /** Where each goes on. */
  readonly next: Pair<Place | undefined>;
  /** The difference between the logs there, if there is one. */
  readonly cause: LogDifference | undefined;
  /** Undefined where a machine left its log in the middle of an instruction. */
  readonly differences: StateDifferences | undefined;
  /** What parts a machine from its own log. */
  readonly thrown: Pair<Divergence | undefined>;
  readonly around: Pair<Surroundings>;
  /** What it leads to. */
  readonly outputs: LaterOutputs;
}

/** Differences between the logs that made none between the states. */
export interface Harmless {
  readonly count: number;
  /** The first of them. */
  readonly first: readonly LogDifference[];
}

/**
 * `same`: equal to the end of both; `shorter`: equal as far as the shorter goes; `setup`: not compared, because they
 * were recorded on different machines or guests.
 */
export interface DiffReport {
  readonly outcome: 'same' | 'diverged' | 'shorter' | 'setup';
  readonly labels: Pair<string>;
  readonly setup: readonly SetupDifference[];
  readonly extents: Pair<LogExtent> | undefined;
  /** Positions up to which the states are equal. */
  readonly equalTo: number;
  /** Most instructions from one comparison to the next. */
  readonly every: number;
  readonly harmless: Harmless;
  readonly found: Found | undefined;
}
