/**
 * What a scenario of the fault campaign is: a kind of harm, done many times in cases that a seed determines.
 */
import type { Dice } from '../guest/replay-rig.js';

/** How one case went. */
export interface CaseResult {
  /** What became of it, in a word or two: the final table counts cases by it (`refused`, `replayed`, `named exactly`). */
  readonly outcome: string;
  /** What should not have been, in one sentence with what is needed to see it again; the case has failed. */
  readonly failure?: string;
}

export interface ScenarioContext {
  /** A folder of the scenario's own, removed after it; kept where a case failed. */
  readonly folder: string;
  readonly seed: number;
  /** Told what a case does where it is run alone, for a person to read. */
  readonly note?: (sentence: string) => void;
}

/** A scenario that is ready to run cases. */
export interface OpenScenario {
  /** Runs one case; `dice` depends on the campaign's seed, the scenario's name and `index` alone. */
  run(index: number, dice: Dice): Promise<CaseResult>;
  /** Figures worth a line under the table: `memory at most 210 MiB`. */
  figures?(): readonly string[];
  close?(): Promise<void>;
}

export interface Scenario {
  /** As on the command line: `kill`, `mutate`, `diff`. */
  readonly name: string;
  /** One line for the table. */
  readonly about: string;
  /** Cases of the short form, which CI runs, and of the long one. */
  readonly cases: { readonly short: number; readonly long: number };
  /** How many cases may run at the same time; one where it is not said. */
  readonly parallel?: number;
  open(context: ScenarioContext): Promise<OpenScenario>;
}
