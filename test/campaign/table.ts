/**
 * What a campaign ends with: a table of the scenarios, the failures with the commands that repeat them, and the sum.
 */
import Table from 'cli-table3';

import type { CampaignOptions } from './options.js';
import type { Tally } from './runner.js';

/** More failures of one scenario than these are counted only. */
const LISTED = 20;
/** Columns of text: the table fits a terminal of 100. */
const ABOUT_WIDTH = 24;
const OUTCOME_WIDTH = 40;

export function resultTable(tallies: readonly Tally[], colour: boolean): string {
  const table = new Table({
    head: ['scenario', 'cases', 'outcomes', 'failed', 'seconds'],
    colAligns: ['left', 'right', 'left', 'right', 'right'],
    ...(colour ? {} : { style: { head: [], border: [] } }),
  });
  for (const { scenario, passed, failures, outcomes, seconds, figures } of tallies) {
    const counts = [...outcomes].sort(([, a], [, b]) => b - a).map(([outcome, count]) => `${count} ${outcome}`);
    table.push([
      `${scenario.name}\n${wrapped(scenario.about, ABOUT_WIDTH)}`,
      passed + failures.length,
      [...counts, ...figures].map((line) => wrapped(line, OUTCOME_WIDTH)).join('\n'),
      failures.length,
      seconds.toFixed(1),
    ]);
  }
  return table.toString();
}

export function failureLines(tallies: readonly Tally[], { form, seed }: CampaignOptions): string[] {
  return tallies.flatMap(({ scenario: { name }, failures }) => {
    const lines = failures.slice(0, LISTED).flatMap(({ index, sentence }) => {
      const command = index === undefined ? `--scenario ${name}` : `--scenario ${name} --case ${index}`;
      const long = form === 'long' ? ' --long' : '';
      return [
        `${name}${index === undefined ? '' : ` ${index}`}: ${sentence}`,
        `    npm run campaign --${long} --seed ${seed} ${command}`,
      ];
    });
    const more = failures.length - LISTED;
    return more > 0 ? [...lines, `${name}: ${more} more failures`] : lines;
  });
}

/** Cases that passed and failed, of all scenarios. */
export function sums(tallies: readonly Tally[]): { passed: number; failed: number } {
  const sum = (of: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + of(tally), 0);
  return { passed: sum(({ passed }) => passed), failed: sum(({ failures }) => failures.length) };
}

export function resultJson(tallies: readonly Tally[], { form, seed }: CampaignOptions): Record<string, unknown> {
  const scenarios = tallies.map(({ scenario: { name }, passed, failures, outcomes, seconds, figures }) => ({
    ...{ name, passed, failed: failures.length, outcomes: Object.fromEntries(outcomes), failures, figures },
    seconds: Number(seconds.toFixed(3)),
  }));
  return { form, seed, scenarios, ...sums(tallies) };
}

function wrapped(text: string, width: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length + 1 <= width || line === '')
      lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
