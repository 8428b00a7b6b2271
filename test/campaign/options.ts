/**
 * The campaign's command line.
 */
import { parseArgs } from 'node:util';

import type { Scenario } from './scenario.js';

export type Form = 'short' | 'long';

export interface CampaignOptions {
  readonly form: Form;
  readonly scenarios: readonly Scenario[];
  readonly seed: number;
  /** Cases of each scenario, where not those of its form. */
  readonly cases: number | undefined;
  /** The only case to run, and to tell about. */
  readonly only: number | undefined;
  readonly resume: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** What is wrong with the command line, in one sentence. */
export class UsageError extends Error {}

export const USAGE = `npm run campaign -- [options]

  --long            the long form; by default the short one, which CI runs
  --scenario LIST   only these scenarios, separated by commas
  --seed N          another campaign (1)
  --cases N         so many cases of each scenario
  --case N          this case of one scenario alone, and what it does
  --resume          go on where a campaign of the same form and seed was interrupted
  --json            the result as one line of JSON instead of a table
`;

export function readOptions(args: readonly string[], all: readonly Scenario[]): CampaignOptions {
  const values = parse(args);
  const names = values.scenario?.split(',') ?? all.map(({ name }) => name);
  const scenarios = names.map((name) => {
    const scenario = all.find((candidate) => candidate.name === name);
    if (scenario === undefined) {
      throw new UsageError(`there is no scenario "${name}": there are ${all.map((one) => one.name).join(', ')}`);
    }
    return scenario;
  });
  const only = countOf('case', values.case);
  if (only !== undefined && scenarios.length !== 1) throw new UsageError('--case needs one --scenario');
  return {
    form: values.long === true ? 'long' : 'short',
    scenarios,
    seed: countOf('seed', values.seed) ?? 1,
    cases: countOf('cases', values.cases),
    only,
    resume: values.resume === true,
    json: values.json === true,
    help: values.help === true,
  };
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ long: flag, resume: flag, json: flag, help: flag },
        ...{ scenario: text, seed: text, cases: text, case: text },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function countOf(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!/^\d+$/.test(value) || !(number < 2 ** 32)) {
    throw new UsageError(`--${option} takes a whole number below 2^32, not "${value}"`);
  }
  return number;
}
