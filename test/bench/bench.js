/**
 * `node test/bench/bench.js [--runs N] [--guests a,b] [--node PATH]`, a part of `npm run bench`: vmft beside QEMU, the same
 * guests in the same run. Medians of N (5) of whole processes' wall time, less what the same command needs for `hello`
 * (its start-up, which is told apart). The sides take turns, so that a machine whose speed drifts slows both. `QEMU=PATH`
 * names another QEMU, `--node PATH` the Node that runs vmft.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { latency } from './latency.js';

// Node reads these certificates each time that it starts, for which a site may have its reasons: vmft has none.
delete process.env.NODE_EXTRA_CA_CERTS;

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    guests: { type: 'string', default: 'sort,nbody,matrix,queens,calls,bytecode,chase,bits' },
    node: { type: 'string', default: process.execPath },
  },
});
const runs = Number(values.runs);
const guests = values.guests.split(',');
const work = mkdtempSync(join(tmpdir(), 'vmft-bench-'));
const vmft = join(root, 'bin/run.js');
const qemuName = process.env.QEMU ?? 'qemu-system-riscv64';
const versionOf = (command) => spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0];
const qemuVersion = versionOf(qemuName);
const hasQemu = qemuVersion !== undefined;
/** QEMU's recorder sometimes stalls for seconds once a guest has powered off: a run longer than so many medians did. */
const STALL = 3;

const guestFile = (name) => join(root, 'fixtures/guests/prebuilt', `${name}.elf`);
const log = join(work, 'bench.pb');
const qemu = (name, ...more) => [
  qemuName,
  ...['-M', 'virt', '-m', '128M', '-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-bios', 'none'],
  ...['-cpu', 'rv64,zba=true,zbb=true,zbs=true', '-kernel', guestFile(name), ...more],
];

/** Wall seconds of one run, its status, and what it wrote. */
function time([command, ...args]) {
  const start = process.hrtime.bigint();
  const { status, stdout, stderr, error } = spawnSync(command, args, { input: '', encoding: 'utf8', timeout: 120_000 });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (error) throw error;
  return { seconds, status, stdout, stderr };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const geometric = (list) => Math.exp(list.reduce((sum, x) => sum + Math.log(x), 0) / list.length);

/** The median of a side's runs of a guest, without those of QEMU's recorder that stalled. */
function medianOf(guest, side, times) {
  const middle = median(times);
  const counted = side === 'qemuRecord' ? times.filter((seconds) => seconds <= STALL * middle) : times;
  if (counted.length < times.length) {
    const stalled = times.filter((seconds) => !counted.includes(seconds)).map((seconds) => `${seconds.toFixed(1)} s`);
    console.log(
      `dropped, ${guest} stalled where QEMU records it: ${stalled.join(', ')}; the median was ${middle.toFixed(2)} s`,
    );
  }
  return median(counted);
}

/**
 * Runs all sides in turn, once to warm up and then `runs` times; answers each side's median seconds. The sides of a guest
 * must print the same.
 */
function compare(sides, guest) {
  const times = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  let printed;
  for (let run = -1; run < runs; run++) {
    for (const [name, command] of Object.entries(sides)) {
      const { seconds, status, stdout, stderr } = time(command);
      if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr.slice(-300)}`);
      printed ??= stdout;
      if (guest !== undefined && stdout !== printed) {
        throw new Error(`${command.join(' ')} printed ${stdout}, not ${printed}`);
      }
      if (run >= 0) times[name].push(seconds);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, medianOf(guest, name, list)]));
}

function instructionsOf(name) {
  const { stderr } = time(node('run', guestFile(name), '--json', '--quiet'));
  return JSON.parse(stderr.trim().split('\n').at(-1)).instructions;
}

const node = (...args) => [values.node, vmft, ...args];
const row = (cells) =>
  console.log(cells.map((cell, i) => String(cell)[i === 0 ? 'padEnd' : 'padStart'](i === 0 ? 9 : 11)).join(''));
const ratio = (x) => (Number.isNaN(x) ? '-' : x.toFixed(2));

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
  const startUp = compare(sidesOf('hello'), 'hello');
  console.log(`node ${versionOf(values.node)}, ${qemuVersion ?? 'no QEMU'}, medians of ${runs}`);
  console.log(
    'speeds in millions of instructions a second, start-up apart; then the ratios of speeds, then those of times',
  );
  row('guest,M instr,run,record,replay,QEMU,QEMU rr,rec/QEMU,rec/QEMUrr,t rec/run,t repl/rec'.split(','));
  const ratios = [];
  for (const name of guests) {
    const count = instructionsOf(name);
    const whole = compare(sidesOf(name), name);
    const t = Object.fromEntries(Object.entries(whole).map(([side, seconds]) => [side, seconds - startUp[side]]));
    const mips = (seconds) => (seconds === undefined ? '-' : (count / seconds / 1e6).toFixed(0));
    const entry = [t.qemu / t.record, t.qemuRecord / t.record, t.record / t.run, t.replay / t.record];
    ratios.push(entry);
    const speeds = [t.run, t.record, t.replay, t.qemu, t.qemuRecord].map(mips);
    row([name, (count / 1e6).toFixed(0), ...speeds, ...entry.map(ratio)]);
  }
  const means = [0, 1, 2, 3].map((column) => geometric(ratios.map((entry) => entry[column])));
  row(['geo mean', ...Array(6).fill(''), ...means.map(ratio)]);
  if (guests.includes('bits')) {
    console.log(
      'bits is one loop of straight bit manipulation in registers, which suits any translator best; the means have it, too',
    );
  }

  const start = compare({
    node: [values.node, '-e', '0'],
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
  await latency(undefined, values.node);
} finally {
  rmSync(work, { recursive: true });
}
