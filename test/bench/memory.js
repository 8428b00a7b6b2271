/**
 * `npm run bench:memory [-- --minutes N] [--every SECONDS] [--node PATH]`: the memory that vmft holds while it runs, N (10)
 * minutes long, code that never stops changing (fixtures/guests/generate.c without an end). The resident set of the process,
 * from /proc once a second; a line each minute. Needs Linux.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    every: { type: 'string', default: '60' },
    node: { type: 'string', default: process.execPath },
  },
});
const limit = Math.round(Number(values.minutes) * 60);
const every = Number(values.every);
const SAMPLE_MS = 1000;
const TIME_LIMIT_REACHED = 124;

const root = fileURLToPath(new URL('../..', import.meta.url));
const guest = join(root, 'fixtures/guests/prebuilt/generate-endless.elf');
const command = [join(root, 'bin/run.js'), 'run', guest, '--time-limit', `${limit}s`, '--stats', '--json'];

/** The resident set of a process and its peak so far, in KiB, as the kernel counts them; undefined once it has ended. */
function residentSet(pid) {
  let status;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return undefined;
  }
  const [now, peak] = ['VmRSS', 'VmHWM'].map((field) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]),
  );
  return now > 0 ? { now, peak } : undefined;
}

const mebibytes = (kibibytes) => (kibibytes / 1024).toFixed(0);
const row = (cells) => console.log(cells.map((cell) => String(cell).padStart(12)).join(''));

const vmft = spawn(values.node, command, { stdio: ['ignore', 'ignore', 'pipe'] });
let said = '';
vmft.stderr.on('data', (chunk) => (said += chunk));
const ended = once(vmft, 'close');
const start = performance.now();

console.log(
  `${limit} s of code that is always new; resident set in MiB, of ${every} s each: at their end, least, most`,
);
row(['seconds', 'resident', 'least', 'most', 'peak so far']);
let samples = [];
let next = every;
let peak = 0;
function show(seconds) {
  const now = samples.at(-1);
  if (now === undefined) return;
  row([seconds.toFixed(0), ...[now, Math.min(...samples), Math.max(...samples), peak].map(mebibytes)]);
  samples = [];
}
const sampler = setInterval(() => {
  const memory = residentSet(vmft.pid);
  if (memory === undefined) return;
  samples.push(memory.now);
  peak = memory.peak;
  if (performance.now() - start < next * 1000) return;
  show(next);
  next += every;
}, SAMPLE_MS);

const [status] = await ended;
clearInterval(sampler);
show((performance.now() - start) / 1000);
if (status !== TIME_LIMIT_REACHED) throw new Error(`vmft ended with ${status}: ${said.slice(-300)}`);
const { instructions, engine } = JSON.parse(said.trimEnd().split('\n').at(-1));
const translated = engine.instructions.translator / instructions;
console.log(
  `peak ${mebibytes(peak)} MiB; ${(instructions / 1e9).toFixed(2)} G instructions, ${(translated * 100).toFixed(0)} % translated`,
);
console.log(`regions: ${engine.regions.made} made, ${engine.regions.live} live; modules: ${engine.modules} made`);
