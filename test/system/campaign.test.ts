/** The fault campaign's short form, as `npm run campaign` runs it: table, status, and going on after an interruption. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { SCENARIOS } from '../campaign/registry.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** A seed of its own: a campaign that a person is at stays as it is. */
const SEED = '20261124';
const COMMAND = ['--import', 'tsx', 'test/campaign/main.ts', '--seed', SEED];
const env = { ...process.env, NODE_ENV: '', NODE_OPTIONS: '', NO_COLOR: '1' };
const stateOf = (scenario: string): string => join(root, `tmp/campaign/short-${SEED}-${scenario}.jsonl`);

afterAll(() => SCENARIOS.forEach(({ name }) => rmSync(stateOf(name), { force: true })));

const linesOf = (path: string): string[] => (existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : []);

it('passes, in its short form', () => {
  const { status, stdout } = spawnSync(process.execPath, COMMAND, { cwd: root, env, encoding: 'utf8' });
  const lines = stdout.trimEnd().split('\n');
  // What has failed is told.
  expect([status, ...lines.filter((line) => /^\w+ \d+: /.test(line))]).toEqual([0]);
  expect(lines.at(-1)).toMatch(/^\d{4,} passed, 0 failed$/);
  for (const { name, cases } of SCENARIOS) {
    expect(stdout).toMatch(new RegExp(`│ ${name} +│ +${cases.short} │`));
    expect(linesOf(stateOf(name))).toHaveLength(cases.short);
  }
});

it('goes on where it was interrupted', async () => {
  rmSync(stateOf('mutate'), { force: true });
  const args = [...COMMAND, '--scenario', 'mutate', '--cases', '600', '--json'];
  const first = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  first.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const looking = setInterval(() => {
    if (linesOf(stateOf('mutate')).length <= 20) return;
    first.kill('SIGINT');
    clearInterval(looking);
  }, 10);
  const status = await new Promise((resolve) => first.on('close', resolve));
  expect(status).toBe(130);
  expect(said).toMatch(/Interrupted: go on with npm run campaign -- .*--seed \d+.* --resume\n/);
  const before = linesOf(stateOf('mutate'));
  expect(before.length).toBeGreaterThan(20);
  expect(before.length).toBeLessThan(600);

  const second = spawnSync(process.execPath, [...args, '--resume'], { cwd: root, env, encoding: 'utf8' });
  expect(second.status).toBe(0);
  expect(second.stderr).toMatch(/\n600 passed, 0 failed\n$/);
  expect(JSON.parse(second.stdout)).toMatchObject({ form: 'short', passed: 600, failed: 0 });
  const after = linesOf(stateOf('mutate'));
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after).toHaveLength(600);
});

it('tells what it was told wrongly', () => {
  const { status, stderr } = spawnSync(process.execPath, [...COMMAND, '--scenario', 'none'], {
    ...{ cwd: root, env, encoding: 'utf8' },
  });
  expect(status).toBe(64);
  expect(stderr).toMatch(/^campaign: there is no scenario "none": there are kill, mutate, pipes, disk, .*\n$/);
});
