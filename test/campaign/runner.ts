/**
 * Runs the cases of a scenario one after another, each with dice of its own, and counts what became of them.
 */
import { mkdirSync, rmSync } from 'node:fs';

import { CaseDice } from './case-dice.js';
import type { CaseResult, OpenScenario, Scenario, ScenarioContext } from './scenario.js';
import type { DoneCase } from './state.js';

/** What became of a scenario's cases. */
export interface Tally {
  readonly scenario: Scenario;
  /** Cases by outcome; those that failed are apart. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly failures: readonly Failed[];
  readonly passed: number;
  readonly seconds: number;
  readonly figures: readonly string[];
}

export interface Failed {
  /** Undefined where the scenario itself could not be opened or closed. */
  readonly index: number | undefined;
  readonly sentence: string;
}

export interface Plan {
  readonly seed: number;
  /** Indices of the cases to run. */
  readonly indices: Iterable<number>;
  /** Cases that were done before: they are counted and not done again. */
  readonly done: ReadonlyMap<number, DoneCase>;
  readonly folder: string;
  readonly note?: (sentence: string) => void;
  /** Whether to stop before the next case. A case during which this becomes true is not counted. */
  readonly interrupted: () => boolean;
  /** Called with every case that is done now, and then with how many failed so far. */
  readonly onDone: (done: DoneCase) => void;
}

export async function runScenario(scenario: Scenario, plan: Plan): Promise<Tally> {
  const counts = new Counts();
  const open = await opened(scenario, plan, counts);
  if (open !== undefined) {
    const indices = plan.indices[Symbol.iterator]();
    const lanes = Array.from({ length: scenario.parallel ?? 1 }, () => runCases(scenario, open, plan, indices, counts));
    await Promise.all(lanes);
  }
  const figures = open?.figures?.() ?? [];
  await open?.close?.().catch((error: unknown) => counts.fail(undefined, `closing it threw ${textOf(error)}`));
  if (counts.failures.length === 0 && plan.note === undefined) rmSync(plan.folder, { recursive: true, force: true });
  return { scenario, figures, ...counts };
}

/** Takes index after index, as long as there is one, and runs its case. */
async function runCases(
  scenario: Scenario,
  open: OpenScenario,
  plan: Plan,
  indices: Iterator<number>,
  counts: Counts,
): Promise<void> {
  for (let next = indices.next(); next.done !== true; next = indices.next()) {
    const index = next.value;
    const before = plan.done.get(index);
    if (before !== undefined) {
      counts.add(before);
      continue;
    }
    if (plan.interrupted()) return;
    const start = performance.now();
    const result = await resultOf(open, index, new CaseDice(plan.seed, scenario.name, index));
    // Ctrl-C on a terminal reaches what a case has started, too: what it did then proves nothing.
    if (plan.interrupted()) return;
    const milliseconds = Math.round((performance.now() - start) * 1000) / 1000;
    const done = { scenario: scenario.name, index, ...result, milliseconds };
    counts.add(done);
    plan.onDone(done);
  }
}

async function opened(scenario: Scenario, plan: Plan, counts: Counts): Promise<OpenScenario | undefined> {
  const { seed, folder, note } = plan;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const context: ScenarioContext = { folder, seed, ...(note && { note }) };
  try {
    return await scenario.open(context);
  } catch (error) {
    counts.fail(undefined, `it could not be opened: ${textOf(error)}`);
    return undefined;
  }
}

async function resultOf(open: OpenScenario, index: number, dice: CaseDice): Promise<CaseResult> {
  try {
    return await open.run(index, dice);
  } catch (error) {
    return { outcome: 'threw', failure: `the case threw ${textOf(error)}` };
  }
}

class Counts {
  readonly outcomes = new Map<string, number>();
  readonly failures: Failed[] = [];
  passed = 0;
  seconds = 0;

  add({ index, outcome, failure, milliseconds }: DoneCase): void {
    this.seconds += milliseconds / 1000;
    if (failure !== undefined) return this.fail(index, failure);
    this.passed++;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  fail(index: number | undefined, sentence: string): void {
    this.failures.push({ index, sentence });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
