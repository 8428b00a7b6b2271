/**
 * The fault campaign, `npm run campaign`: harms recorders, logs, pipes and disks many times, in cases that a seed
 * determines, and tells what became of each. Status 1 where a case failed.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readOptions, USAGE, UsageError, type CampaignOptions } from './options.js';
import { progressOn } from './progress.js';
import { SCENARIOS } from './registry.js';
import { runScenario, type Tally } from './runner.js';
import type { Scenario } from './scenario.js';
import { CampaignState } from './state.js';
import { failureLines, resultJson, resultTable, sums } from './table.js';

const USAGE_STATUS = 64;
const INTERRUPTED = 130;
const WORK = fileURLToPath(new URL('../../tmp/campaign', import.meta.url));

/** Ctrl-C: the first ends the campaign behind the case that runs, the second at once. */
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interrupted) process.exit(INTERRUPTED);
    interrupted = true;
  });
}

async function campaign(options: CampaignOptions): Promise<number> {
  const { form, seed, only } = options;
  const alone = only !== undefined;
  const tallies: Tally[] = [];
  for (const scenario of options.scenarios) {
    if (interrupted) break;
    const file = alone ? 'case.jsonl' : `${form}-${seed}-${scenario.name}.jsonl`;
    const state = new CampaignState(join(WORK, file), options.resume && !alone);
    tallies.push(await run(scenario, options, state));
    state.close();
  }
  const { passed, failed } = report(tallies, options);
  if (interrupted) {
    const again = ['npm run campaign --', ...process.argv.slice(2).filter((word) => word !== '--resume'), '--resume'];
    say(`Interrupted: go on with ${again.join(' ')}`);
  }
  (options.json ? process.stderr : process.stdout).write(`${passed} passed, ${failed} failed\n`);
  if (failed > 0) return 1;
  return interrupted ? INTERRUPTED : 0;
}

function run(scenario: Scenario, options: CampaignOptions, state: CampaignState): Promise<Tally> {
  const { only, seed } = options;
  const count = options.cases ?? scenario.cases[options.form];
  const indices = only === undefined ? Array.from({ length: count }, (_, index) => index) : [only];
  const done = state.doneOf(scenario.name);
  const progress = progressOn(process.stderr);
  progress.start(scenario.name, indices.length, indices.filter((index) => done.has(index)).length);
  let failed = 0;
  return runScenario(scenario, {
    ...{ seed, indices, done },
    // Two campaigns at a time are nobody’s plan, but must not harm each other.
    folder: join(WORK, `${scenario.name}-${process.pid}`),
    ...(only === undefined ? {} : { note: say }),
    interrupted: () => interrupted,
    onDone: (one) => {
      state.add(one);
      if (one.failure !== undefined) failed++;
      progress.step(failed);
      if (only !== undefined) say(`${scenario.name} ${one.index}: ${one.outcome}, after ${one.milliseconds} ms`);
    },
  }).finally(() => progress.stop());
}

function report(tallies: readonly Tally[], options: CampaignOptions): { passed: number; failed: number } {
  if (options.json) process.stdout.write(`${JSON.stringify(resultJson(tallies, options))}\n`);
  else {
    const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
    const lines = [resultTable(tallies, colour), ...failureLines(tallies, options)];
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  }
  return sums(tallies);
}

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

try {
  const options = readOptions(process.argv.slice(2), SCENARIOS);
  if (options.help) process.stdout.write(USAGE);
  else process.exitCode = await campaign(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  say(`campaign: ${error.message}`);
  process.exitCode = USAGE_STATUS;
}
