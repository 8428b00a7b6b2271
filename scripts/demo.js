// The story of the README, for real: records the guest `race-once` until a good and a failing run are there, replays
// the failing one, and lets `vmft diff` name the instruction at which they part.
//   npm run demo [-- FOLDER]    keeps the logs in FOLDER; a temporary one by default
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MOST_TRIES = 200;
const vmft = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const guest = fileURLToPath(new URL('../fixtures/guests/prebuilt/race-once.elf', import.meta.url));
const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'vmft-demo-'));
mkdirSync(folder, { recursive: true });

/** Runs vmft in the folder and shows the command; answers its exit status. */
function run(...args) {
  console.log(`$ vmft ${args.map((arg) => (arg === guest ? 'race-once.elf' : arg)).join(' ')}`);
  const { status, error } = spawnSync(process.execPath, [vmft, ...args], { cwd: folder, stdio: 'inherit' });
  if (error) throw error;
  console.log(`[exit status ${status}]\n`);
  return status;
}

/** Position of a log's first timer tick. */
function tickOf(log) {
  const args = [vmft, 'inspect', log, '--json', '--type', 'tick'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  const entries = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return entries.find((entry) => entry.type === 'tick')?.position ?? 0;
}

/** Records until an update is lost (status 1); keeps that log and the good one (status 0) whose tick came last. */
function recordBoth() {
  let latest = 0;
  for (let tries = 1; tries <= MOST_TRIES; tries++) {
    const status = run('record', guest, '--quiet', '--force', '-o', 'run.pb');
    if (status !== 0 && status !== 1) return false;
    const tick = tickOf('run.pb');
    if (status === 1 && latest > 0) {
      renameSync(join(folder, 'run.pb'), join(folder, 'bad.pb'));
      return true;
    }
    if (status === 0 && tick > latest) {
      renameSync(join(folder, 'run.pb'), join(folder, 'good.pb'));
      latest = tick;
    }
  }
  console.log(`the race did not show in ${MOST_TRIES} runs: try again`);
  return false;
}

const told =
  recordBoth() &&
  run('replay', 'bad.pb') === 1 &&
  run('diff', 'good.pb', 'bad.pb') === 1 &&
  run('diff', 'bad.pb', 'bad.pb') === 0;
console.log(`the logs are in ${folder}`);
process.exitCode = told ? 0 : 1;
