/**
 * `npm run bench [-- --runs N] [--guests a,b]`: vmft beside QEMU, the same guests in the same run. Medians of N (5) of
 * whole processes' wall time, less what the same command needs for `hello` (its start-up, which is told apart). The
 * sides take turns, so that a machine whose speed drifts slows both.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { latency } from './latency.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    guests: { type: 'string', default: 'sort,nbody,matrix,queens,calls,bytecode,chase,bits' },
  },
});
const runs = Number(values.runs);
const guests = values.guests.split(',');
const work = mkdtempSync(join(tmpdir(), 'vmft-bench-'));
const vmft = join(root, 'bin/run.js');
const qemuName = 'qemu-system-riscv64';
const hasQemu = spawnSync(qemuName, ['--version']).status === 0;

const guestFile = (name) => join(root, 'fixtures/guests/prebuilt', `${name}.elf`);
const log = join(work, 'bench.pb');
const qemu = (name, ...more) => [
  qemuName,
  ...['-M', 'virt', '-m', '128M', '-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-bios', 'none'],
  ...['-cpu', 'rv64,zba=true,zbb=true,zbs=true', '-kernel', guestFile(name), ...more],
];

/** Wall seconds of one run, its status, and what it wrote to stderr. */
function time([command, ...args]) {
  const start = process.hrtime.bigint();
  const { status, stderr, error } = spawnSync(command, args, { input: '', encoding: 'utf8', timeout: 120_000 });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (error) throw error;
  return { seconds, status, stderr };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const geometric = (list) => Math.exp(list.reduce((sum, x) => sum + Math.log(x), 0) / list.length);

/** Runs all sides in turn, once to warm up and then `runs` times; answers each side's median seconds. */
function compare(sides) {
  const times = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let run = -1; run < runs; run++) {
    for (const [name, command] of Object.entries(sides)) {
      const { seconds, status, stderr } = time(command);
      if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr.slice(-300)}`);
      if (run >= 0) times[name].push(seconds);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

function instructionsOf(name) {
  const { stderr } = time([process.execPath, vmft, 'run', guestFile(name), '--json', '--quiet']);
  return JSON.parse(stderr.trim().split('\n').at(-1)).instructions;
}

const node = (...args) => [process.execPath, vmft, ...args];
const row = (cells) =>
  console.log(cells.map((cell, i) => String(cell)[i === 0 ? 'padEnd' : 'padStart'](i === 0 ? 10 : 11)).join(''));
const ratio = (x) => x.toFixed(2);

/** What is measured of one guest, by side. */
function sidesOf(name) {
  const sides = {
    run: node('run', guestFile(name), '--quiet'),
    record: node('record', guestFile(name), '-o', log, '--force', '--quiet'),
    replay: node('replay', log, '--quiet'),
  };
  if (hasQemu) {
    sides.qemu = qemu(name);
    sides.qemuRecord = qemu(name, '-icount', `shift=0,rr=record,rrfile=${join(work, 'qemu.rr')}`);
  }
  return sides;
}

try {
  const startUp = compare(sidesOf('hello'));
  console.log(`node ${process.version}, medians of ${runs}, millions of instructions a second, start-up apart`);
  row([
    'guest',
    'M instr',
    'run',
    'record',
    'replay',
    'QEMU',
    'QEMU rr',
    'rec/QEMU',
    'rec/QEMUrr',
    'rec/run',
    'repl/rec',
  ]);
  const ratios = [];
  for (const name of guests) {
    const count = instructionsOf(name);
    const whole = compare(sidesOf(name));
    const t = Object.fromEntries(Object.entries(whole).map(([side, seconds]) => [side, seconds - startUp[side]]));
    const mips = (seconds) => (seconds === undefined ? '-' : (count / seconds / 1e6).toFixed(0));
    const entry = { run: t.record / t.run, replay: t.replay / t.record };
    if (hasQemu) Object.assign(entry, { qemu: t.qemu / t.record, qemuRecord: t.qemuRecord / t.record });
    ratios.push(entry);
    row([
      name,
      (count / 1e6).toFixed(0),
      ...[t.run, t.record, t.replay, t.qemu, t.qemuRecord].map(mips),
      ...(hasQemu ? [ratio(entry.qemu), ratio(entry.qemuRecord)] : ['-', '-']),
      ratio(1 / entry.run),
      ratio(1 / entry.replay),
    ]);
  }
  const mean = (key) => geometric(ratios.map((entry) => entry[key]));
  if (hasQemu) {
    console.log(`speed of recording over QEMU's recording, geometric mean: ${ratio(mean('qemuRecord'))}`);
    console.log(`speed of recording over QEMU plain, geometric mean: ${ratio(mean('qemu'))}`);
  }
  console.log(`time of record over run, geometric mean: ${mean('run').toFixed(3)}`);
  console.log(`time of replay over record, geometric mean: ${mean('replay').toFixed(3)}`);

  const start = compare({
    node: [process.execPath, '-e', '0'],
    version: node('--version'),
    inspect: node('inspect', log, '--stats'),
  });
  const ms = (seconds) => `${(seconds * 1000).toFixed(0)} ms`;
  console.log(
    `bare node ${ms(start.node)}; vmft --version ${ms(start.version)} (${ratio(start.version / start.node)} times)`,
  );
  const names = { run: 'vmft run', record: 'vmft record', replay: 'vmft replay', qemu: 'QEMU', qemuRecord: 'QEMU rr' };
  const starts = Object.entries(startUp).map(([side, seconds]) => `${names[side]} ${ms(seconds)}`);
  console.log(`hello from start to end: ${starts.join(', ')}; vmft inspect of its log ${ms(start.inspect)}`);
  await latency();
} finally {
  rmSync(work, { recursive: true });
}
