/** The fault campaign itself: it can fail, it says how to see it again, and it goes on where it was interrupted. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CaseDice } from '../campaign/case-dice.js';
import { readOptions, UsageError } from '../campaign/options.js';
import { runScenario, type Plan } from '../campaign/runner.js';
import type { OpenScenario, Scenario } from '../campaign/scenario.js';
import { CampaignState, type DoneCase } from '../campaign/state.js';
import { failureLines, resultJson, resultTable, sums } from '../campaign/table.js';

const folder = mkdtempSync(join(tmpdir(), 'vmft-campaign-'));
afterAll(() => rmSync(folder, { recursive: true }));

function scenarioOf(run: OpenScenario['run'], more: Partial<Scenario> = {}): Scenario {
  const open = { run, figures: () => ['a figure'] };
  return {
    name: 'test',
    about: 'a scenario of the tests',
    cases: { short: 4, long: 8 },
    open: async () => open,
    ...more,
  };
}

function planOf(count: number, more: Partial<Plan> = {}): Plan & { readonly added: DoneCase[] } {
  const added: DoneCase[] = [];
  return {
    ...{ seed: 1, indices: Array.from({ length: count }, (_, index) => index), done: new Map<number, DoneCase>() },
    ...{ folder: join(folder, 'work'), interrupted: () => false, onDone: (done) => added.push(done), added },
    ...more,
  };
}

const good = scenarioOf(async (index) => ({ outcome: index % 2 === 0 ? 'even' : 'odd' }));

describe('a scenario', () => {
  it('is counted by outcome', async () => {
    const tally = await runScenario(good, planOf(5));
    expect(Object.fromEntries(tally.outcomes)).toEqual({ even: 3, odd: 2 });
    expect(tally).toMatchObject({ passed: 5, failures: [], figures: ['a figure'] });
    expect(existsSync(join(folder, 'work'))).toBe(false);
  });

  it('of which a case fails, or throws, has failed, and what it left is kept', async () => {
    const bad = scenarioOf(async (index) => {
      if (index === 1) return { outcome: 'lost', failure: 'a byte is missing' };
      if (index === 3) throw new Error('no such thing');
      return { outcome: 'fine' };
    });
    const tally = await runScenario(bad, planOf(5));
    expect(tally.passed).toBe(3);
    expect(tally.failures).toEqual([
      { index: 1, sentence: 'a byte is missing' },
      { index: 3, sentence: expect.stringContaining('no such thing') },
    ]);
    expect(existsSync(join(folder, 'work'))).toBe(true);
    expect(sums([tally])).toEqual({ passed: 3, failed: 2 });
    const options = readOptions(['--seed', '9', '--long'], [bad]);
    expect(failureLines([tally], options).join('\n')).toContain(
      'npm run campaign -- --long --seed 9 --scenario test --case 1',
    );
    expect(resultTable([tally], false)).toMatch(/test +│ +5 │ 3 fine +│ +2 │/);
    expect(resultJson([tally], options)).toMatchObject({ form: 'long', seed: 9, passed: 3, failed: 2 });
  });

  it('that cannot be opened has failed', async () => {
    const shut = scenarioOf(async () => ({ outcome: 'never' }), { open: () => Promise.reject(new Error('shut')) });
    const tally = await runScenario(shut, planOf(5));
    expect(tally).toMatchObject({ passed: 0, failures: [{ index: undefined }] });
  });

  it('runs each case once, however many at a time', async () => {
    let now = 0;
    let most = 0;
    const seen: number[] = [];
    const wide = scenarioOf(
      async (index) => {
        most = Math.max(most, ++now);
        seen.push(index);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        return { outcome: 'fine' };
      },
      { parallel: 3 },
    );
    expect((await runScenario(wide, planOf(20))).passed).toBe(20);
    expect(most).toBe(3);
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('that is interrupted stops, and does not count the case that it was in', async () => {
    let interrupted = false;
    const stopping = scenarioOf(async (index) => {
      if (index === 2) interrupted = true;
      return { outcome: 'fine' };
    });
    const plan = planOf(5, { interrupted: () => interrupted });
    expect((await runScenario(stopping, plan)).passed).toBe(2);
    expect(plan.added.map(({ index }) => index)).toEqual([0, 1]);
  });
});

describe('a campaign that was interrupted', () => {
  const path = join(folder, 'state', 'short-1.jsonl');
  const done = (index: number): DoneCase => ({ scenario: 'test', index, outcome: 'before', milliseconds: 1 });

  it('goes on behind its last whole line', async () => {
    const first = new CampaignState(path, false);
    [0, 1, 2].forEach((index) => first.add(done(index)));
    first.add({ ...done(3), failure: 'it failed before' });
    first.close();
    appendFileSync(path, '{"scenario":"test","index":4,"outc');
    const second = new CampaignState(path, true);
    const ran: number[] = [];
    const scenario = scenarioOf(async (index) => {
      ran.push(index);
      return { outcome: 'now' };
    });
    const tally = await runScenario(
      scenario,
      planOf(6, { done: second.doneOf('test'), onDone: (one) => second.add(one) }),
    );
    second.close();
    expect(ran).toEqual([4, 5]);
    expect(Object.fromEntries(tally.outcomes)).toEqual({ before: 3, now: 2 });
    expect(tally.failures).toEqual([{ index: 3, sentence: 'it failed before' }]);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as DoneCase).index)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('starts anew where it is not told to go on', () => {
    const anew = new CampaignState(path, false);
    expect(anew.doneOf('test').size).toBe(0);
    anew.close();
    expect(readFileSync(path, 'utf8')).toBe('');
  });
});

describe('the dice of a case', () => {
  const rolls = (dice: CaseDice): number[] => Array.from({ length: 8 }, () => dice.roll(2 ** 32));

  it('depend on seed, scenario and index, and on nothing else', () => {
    expect(rolls(new CaseDice(1, 'kill', 5))).toEqual(rolls(new CaseDice(1, 'kill', 5)));
    const all = [1, 2].flatMap((seed) =>
      ['kill', 'mutate'].flatMap((name) => [0, 1, 2, 3].map((index) => rolls(new CaseDice(seed, name, index)).join())),
    );
    expect(new Set(all).size).toBe(all.length);
  });

  it('differ from case to case in the first number already', () => {
    const first = Array.from({ length: 50_000 }, (_, index) => new CaseDice(1, 'mutate', index).roll(2 ** 32));
    expect(new Set(first).size).toBeGreaterThan(49_990);
  });
});

describe('the command line', () => {
  const other: Scenario = { ...good, name: 'other' };

  it('is read', () => {
    expect(readOptions([], [good, other])).toMatchObject({ form: 'short', scenarios: [good, other], seed: 1 });
    expect(readOptions(['--long', '--scenario', 'other', '--case', '7', '--resume'], [good, other])).toMatchObject({
      ...{ form: 'long', scenarios: [other], only: 7, resume: true },
    });
  });

  it.each([
    [['--scenario', 'nothing'], /there is no scenario "nothing": there are test, other/],
    [['--seed', 'x'], /--seed takes a whole number/],
    [['--case', '1'], /--case needs one --scenario/],
    [['--nothing'], /nothing/],
  ])('%j is refused', (args, message) => {
    const read = (): unknown => readOptions(args, [good, other]);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });
});
