/**
 * `node --import tsx test/bench/debian.ts [--runs N] [--only boot,processes,idle,servers] [--requests N]`, a part of
 * `npm run bench`: the Debian guest (scripts/debian-guest.sh) recorded beside QEMU, which runs it plain and recording
 * (`-icount shift=0,rr=record`), in turns. `QEMU=PATH` names another QEMU. Boot: wall time of whole processes, to the
 * power-off. Processes: the same with a shell that starts one after the other, as scripts and compilations do. Servers:
 * redis and nginx through passt, the same clients for all sides, each side with its own boot.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { debianGuest, type DebianGuest } from '../support/debian.js';
import { browse, fetchFrom, numbers, redisBenchmark } from '../support/guest-servers.js';
import { Passt } from '../support/passt.js';
import { freePort, installed, vmftCommand, workFolder } from '../support/vmft.js';

// Node reads these certificates each time that it starts, for which a site may have its reasons: vmft has none.
delete process.env['NODE_EXTRA_CA_CERTS'];

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: 'boot,processes,idle,servers' },
    requests: { type: 'string', default: '10000' },
  },
});
const runs = Number(values.runs);
const parts = new Set(values.only.split(','));
const work = workFolder();
const qemu = process.env['QEMU'] ?? 'qemu-system-riscv64';
const hasQemu = spawnSync(qemu, ['--version']).status === 0;
const MEMORY = '512M';
/** To redis, of each kind; its client has 100,000 by default. */
const REQUESTS = Number(values.requests);
const PAGES = 5000;
const PROCESSES = 1500;
const LARGE = 50 * 2 ** 20;
const LIMIT_MS = 180_000;

type Side = 'vmft' | 'qemu' | 'qemuRecord';
const NAMES: Record<Side, string> = { vmft: 'vmft record', qemu: 'QEMU', qemuRecord: 'QEMU rr' };
const sides: readonly Side[] = hasQemu ? ['vmft', 'qemu', 'qemuRecord'] : ['vmft'];

/** Whether the kernel gives huge pages to whoever does not ask for them: QEMU asks, what runs on Node cannot. */
function hugePages(): string {
  try {
    const modes = readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8');
    return `, transparent huge pages: ${/\[(\w+)\]/.exec(modes)?.[1] ?? modes.trim()}`;
  } catch {
    return '';
  }
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;
const logPath = work.path('bench.pb');

/** The command of a side; with a socket of passt's, the guest has a disk and a network card besides. */
function command(side: Side, debian: DebianGuest, append: string, socket?: string): [string, ...string[]] {
  if (side === 'vmft') {
    const devices = socket === undefined ? [] : ['--disk', debian.disk, '--net', `stream:${socket}`];
    const files = [debian.vmlinuz, '--initrd', debian.initrd, '--append', append, '--memory', MEMORY];
    return [process.execPath, vmftCommand, 'record', ...files, ...devices, '-o', logPath, '-f', '--json'];
  }
  const board = ['-M', 'virt', '-m', MEMORY, '-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-no-reboot'];
  const files = ['-kernel', debian.vmlinuz, '-initrd', debian.initrd, '-append', append];
  const rr = side === 'qemuRecord';
  const counting = rr ? ['-icount', `shift=0,rr=record,rrfile=${work.path('qemu.rr')}`] : [];
  return [qemu, ...board, ...files, ...counting, ...(socket === undefined ? [] : qemuDevices(debian, socket, rr))];
}

/** What QEMU records must go through its replaying filters; it writes to a copy of the disk. */
function qemuDevices(debian: DebianGuest, socket: string, rr: boolean): string[] {
  const copy = work.path('disk.img');
  spawnSync('cp', ['--sparse=always', debian.disk, copy]);
  const drive = rr
    ? [
        ...['-drive', `file=${copy},format=raw,if=none,id=direct`],
        ...['-drive', 'driver=blkreplay,if=none,image=direct,id=disk', '-object', 'filter-replay,id=filter,netdev=net'],
      ]
    : ['-drive', `file=${copy},format=raw,if=none,id=disk`];
  return [
    ...drive,
    ...['-netdev', `stream,id=net,server=off,addr.type=unix,addr.path=${socket}`],
    ...['-device', 'virtio-net-device,netdev=net', '-device', 'virtio-blk-device,drive=disk'],
  ];
}

/** A guest that runs; its console and what it says besides. */
class Guest {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
  console = '';
  words = '';

  constructor([file, ...options]: readonly [string, ...string[]]) {
    this.process = spawn(file, options, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stdout?.on('data', (data: Buffer) => (this.console += data.toString()));
    this.process.stderr?.on('data', (data: Buffer) => (this.words += data.toString()));
    this.ended = once(this.process, 'close');
  }

  async prints(text: string): Promise<void> {
    const start = Date.now();
    while (!this.console.includes(text)) {
      if (this.process.exitCode !== null || Date.now() - start > LIMIT_MS) {
        throw new Error(`no "${text}" on the console: ${this.console.slice(-300)} ${this.words.slice(-300)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async end(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  /** The summary in JSON, of vmft. */
  get summary(): { instructions: number; bytes: number; causes: Record<string, { entries: number; bytes: number }> } {
    return JSON.parse(this.words.trimEnd().split('\n').at(-1) ?? '') as Guest['summary'];
  }
}

const seconds = async (action: () => Promise<unknown>): Promise<number> => {
  const start = process.hrtime.bigint();
  await action();
  return Number(process.hrtime.bigint() - start) / 1e9;
};

/** What a log holds but for the files that it starts with. */
const recordedBytes = ({ summary: { bytes, causes } }: Guest): number => bytes - (causes['image']?.bytes ?? 0);

/** Runs vmft and waits for its end. Throws an Error where it is not the one with this exit status, or says something else. */
async function endsWith(status: number, options: readonly string[], words = ''): Promise<void> {
  const vmft = new Guest([process.execPath, vmftCommand, ...options]);
  await vmft.ended;
  if (vmft.process.exitCode !== status || !vmft.console.includes(words))
    throw new Error(`vmft ${options.join(' ')}: ${vmft.console} ${vmft.words}`);
}

/** Runs the guest to its power-off on all sides in turns, and tells the medians of how long that took. */
async function toPowerOff(debian: DebianGuest, what: string, append: string): Promise<Guest | undefined> {
  const times: Record<Side, number[]> = { vmft: [], qemu: [], qemuRecord: [] };
  let last: Guest | undefined;
  for (let run = -1; run < runs; run++) {
    for (const side of sides) {
      const time = await seconds(async () => {
        const guest = new Guest(command(side, debian, append));
        await guest.ended;
        if (!guest.console.includes('guest: ready')) throw new Error(`${NAMES[side]} did not boot: ${guest.words}`);
        if (side === 'vmft') last = guest;
      });
      if (run >= 0) times[side].push(time);
    }
  }
  const own = median(times.vmft);
  say(`${what}, whole processes, medians of ${runs}:`);
  for (const side of sides) {
    const time = median(times[side]);
    const ratio = side === 'vmft' ? '' : `, vmft takes ${(own / time).toFixed(2)} times that`;
    say(`  ${NAMES[side].padEnd(12)} ${time.toFixed(2)} s${ratio}`);
  }
  return last;
}

async function processes(debian: DebianGuest): Promise<void> {
  const shell = `i=0; while test $i -lt ${PROCESSES}; do /bin/true; i=$((i+1)); done`;
  await toPowerOff(debian, `Debian's boot and ${PROCESSES} processes to power-off`, `console=ttyS0 run="${shell}"`);
}

async function boot(debian: DebianGuest): Promise<void> {
  const append = 'console=ttyS0 run=true';
  const last = await toPowerOff(debian, "Debian's boot to power-off", append);
  const replays: number[] = [];
  for (let run = 0; run < runs; run++) {
    replays.push(await seconds(() => endsWith(0, ['replay', logPath, '-q'])));
  }
  const other = work.path('other.pb');
  copyFileSync(logPath, other);
  const second = new Guest(command('vmft', debian, append));
  await second.ended;
  if (!second.console.includes('guest: ready')) throw new Error(`vmft did not boot: ${second.words}`);
  // Two boots differ, by their entropy at the latest.
  const diff = await seconds(() => endsWith(1, ['diff', other, logPath, '-q'], 'The runs differ from position'));
  const replay = median(replays);
  say(
    `  ${'vmft replay'.padEnd(12)} ${replay.toFixed(2)} s; diff of two boots ${(diff / replay).toFixed(2)} times that`,
  );
  if (last === undefined) return;
  const { instructions, bytes } = last.summary;
  say(
    `  ${(instructions / 1e9).toFixed(2)} G instructions; the log has ${(bytes / 1e6).toFixed(1)} MB, ${(recordedBytes(last) / 1000).toFixed(0)} kB of them without kernel and ramdisk`,
  );
}

/** Two runs that differ in how long the guest sleeps: what the longer sleep adds. */
async function idle(debian: DebianGuest): Promise<void> {
  const [SHORT, LONG] = [5, 65];
  const asleep = async (time: number): Promise<{ bytes: number; cpu: number }> => {
    const guest = new Guest(command('vmft', debian, `console=ttyS0 run="sleep ${time}"`));
    await guest.prints('guest: ready');
    const start = cpuOf(guest.process.pid);
    await new Promise((resolve) => setTimeout(resolve, (time - 1) * 1000));
    const cpu = cpuOf(guest.process.pid) - start;
    await guest.ended;
    return { bytes: recordedBytes(guest), cpu };
  };
  const [short, long] = [await asleep(SHORT), await asleep(LONG)];
  const rate = ((long.bytes - short.bytes) * 8) / 1000 / (LONG - SHORT);
  const share = ((long.cpu - short.cpu) / (LONG - SHORT)) * 100;
  say(`Debian idle: ${rate.toFixed(1)} kbit/s of log, ${share.toFixed(2)} % of a core (the paper: 500 to 1500 kbit/s)`);
}

/** CPU seconds of a process, of this system's 100 ticks a second. */
function cpuOf(pid: number | undefined): number {
  const fields =
    spawnSync('cat', [`/proc/${pid ?? 0}/stat`], { encoding: 'utf8' })
      .stdout.split(') ')[1]
      ?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

interface Served {
  readonly set: number;
  readonly get: number;
  /** The same once more, when what they run through has been translated. */
  readonly laterSet: number;
  readonly laterGet: number;
  readonly pages: number;
  readonly down: number;
  readonly up: number;
}

async function serve(side: Side, debian: DebianGuest): Promise<{ served: Served; guest: Guest }> {
  const [redisPort, httpPort] = [await freePort(), await freePort()];
  const passt = await Passt.start(work.path('bench.socket'), { [redisPort]: 6379, [httpPort]: 80 });
  const guest = new Guest(command(side, debian, 'console=ttyS0 start=redis,nginx', passt.socket));
  try {
    await guest.prints('serving redis nginx');
    const { set, get } = await redisBenchmark(redisPort, REQUESTS);
    const { set: laterSet, get: laterGet } = await redisBenchmark(redisPort, REQUESTS);
    const pages = PAGES / (await seconds(() => browse(httpPort, PAGES)));
    const megabytes = LARGE / 2 ** 20;
    const down = megabytes / (await seconds(() => fetchFrom(httpPort, '/50m')));
    const upload = numbers(LARGE);
    const up = megabytes / (await seconds(() => fetchFrom(httpPort, '/upload/large', { upload })));
    if (side === 'vmft') {
      guest.process.kill('SIGINT');
      await guest.ended;
    }
    return { served: { set, get, laterSet, laterGet, pages, down, up }, guest };
  } finally {
    await guest.end();
    await passt.stop();
  }
}

async function servers(debian: DebianGuest): Promise<void> {
  const results: Record<Side, Served[]> = { vmft: [], qemu: [], qemuRecord: [] };
  let last: Guest | undefined;
  for (let run = 0; run < runs; run++) {
    for (const side of sides) {
      const { served, guest } = await serve(side, debian);
      results[side].push(served);
      if (side === 'vmft') last = guest;
    }
  }
  const rows: readonly (readonly [keyof Served, string])[] = [
    ['set', 'redis SET/s'],
    ['get', 'redis GET/s'],
    ['laterSet', 'SET/s after that'],
    ['laterGet', 'GET/s after that'],
    ['pages', 'nginx requests/s'],
    ['down', 'download MiB/s'],
    ['up', 'upload MiB/s'],
  ];
  say(`Debian's servers through passt, medians of ${runs} (vmft over each side in brackets):`);
  for (const [key, name] of rows) {
    const of = (side: Side): number => median(results[side].map((served) => served[key]));
    const cells = sides.map((side) => {
      const ratio = side === 'vmft' ? '' : ` (${(of('vmft') / of(side)).toFixed(2)})`;
      return `${NAMES[side]} ${of(side).toFixed(of(side) < 100 ? 1 : 0)}${ratio}`;
    });
    say(`  ${name.padEnd(18)} ${cells.join(', ')}`);
  }
  if (last !== undefined) {
    const { causes } = last.summary;
    const all = recordedBytes(last);
    const packets = (causes['packet']?.bytes ?? 0) + (causes['output:packet']?.bytes ?? 0);
    say(`  the log of all of it: ${(all / 1e6).toFixed(1)} MB, ${(packets / 1e6).toFixed(1)} MB of them packets`);
  }
}

/** What redis adds to the log, for each request: two runs that differ in how many there are. */
async function redisLog(debian: DebianGuest): Promise<void> {
  const logged = async (requests: number): Promise<number> => {
    const port = await freePort();
    const passt = await Passt.start(work.path('bench.socket'), { [port]: 6379 });
    const guest = new Guest(command('vmft', debian, 'console=ttyS0 start=redis', passt.socket));
    try {
      await guest.prints('serving redis');
      await redisBenchmark(port, requests);
      guest.process.kill('SIGINT');
      await guest.ended;
      return recordedBytes(guest);
    } finally {
      await guest.end();
      await passt.stop();
    }
  };
  const [few, many] = [await logged(100), await logged(REQUESTS)];
  say(`  log for a redis request: ${((many - few) / (2 * (REQUESTS - 100))).toFixed(0)} bytes`);
}

const { guest, missing } = debianGuest();
try {
  if (guest === undefined) say(`The Debian guest cannot be made: ${missing ?? ''}`);
  else {
    say(
      `node ${process.version}, ${hasQemu ? (spawnSync(qemu, ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? '') : 'no QEMU'}${hugePages()}`,
    );
    if (parts.has('boot')) await boot(guest);
    if (parts.has('processes')) await processes(guest);
    if (parts.has('idle')) await idle(guest);
    const needed = ['passt', 'redis-benchmark'].filter((name) => !installed(name));
    if (parts.has('servers') && needed.length > 0) say(`not installed: ${needed.join(', ')}`);
    else if (parts.has('servers')) {
      await servers(guest);
      await redisLog(guest);
    }
  }
} finally {
  work.remove();
}
