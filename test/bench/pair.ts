/**
 * `node --import tsx test/bench/pair.ts [--kills N] [--only failover,latency,throughput,channel]`, a part of `npm run bench`: what a
 * live pair costs, and how long its guest is away when its primary dies. Primary, backup and clients are processes of one
 * machine; with fewer cores than processes they take each other's time.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

import { Dice } from '../guest/replay-rig.js';
import { debianGuest } from '../support/debian.js';
import { redisBenchmark } from '../support/guest-servers.js';
import { Keyval, load, quantile } from '../support/keyval.js';
import { Pair, Side } from '../support/pair.js';
import { Passt } from '../support/passt.js';
import { freePort, guest, installed, pause, workFolder, type Running } from '../support/vmft.js';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    only: { type: 'string', default: 'failover,latency,throughput,channel' },
  },
});
const kills = Number(values.kills);
const parts = new Set(values.only.split(','));
const work = workFolder();
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const IDLE_SECONDS = 20;
const REQUESTS = 10_000;
/** Of the sections of the paper's table 1 and figure 4. */
const PAPER = 'the paper: 500 to 1500 kbit/s idle, 1500 to 18 000 under load';

interface Summary {
  readonly seconds: number;
  readonly pair: Record<'bytesSent' | 'outputMedianMs' | 'outputWorstMs' | 'pauseMs' | 'lagMs', number>;
}

/** The last line of what a side said. */
const summaryOf = (side: Running): Summary => JSON.parse(side.stderr.trimEnd().split('\n').at(-1) ?? '') as Summary;

async function keyvalPair(keyval: Keyval, port: number): Promise<Pair> {
  const net = `dgram:local=127.0.0.1:${port},remote=127.0.0.1:${keyval.port}`;
  const pair = new Pair({
    ...{ channel: work.path('channel'), guest: [guest('keyval.elf')], both: ['--json'] },
    primary: ['--net', net, '--stats'],
  });
  await pair.primary.prints(/ready/);
  return pair;
}

/** From SIGKILL to the first answer to what was asked afterwards. */
async function failover(): Promise<void> {
  const port = await freePort();
  const keyval = await Keyval.open([port], { resend: 5 });
  const pair = await keyvalPair(keyval, port);
  const times: number[] = [];
  const live: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    await pair.join();
    for (let n = 0; n < 20; n++) await keyval.request('client', 'ADD', 'sum');
    const start = performance.now();
    const taken = pair.fail();
    await pause(1);
    await keyval.request('client', 'ADD', 'sum');
    times.push(performance.now() - start);
    await taken;
    live.push(Number(/after (\d+) ms/.exec(pair.primary.stderr)?.[1]));
  }
  await pair.end();
  keyval.close();
  keyval.history.audit();
  say(`Failover, ${kills} times, from SIGKILL to the first answer of who took over (the paper: "a few seconds"):`);
  say(
    `  ${quantile(times, 0.5).toFixed(0)} ms in the median, ${quantile(times, 1).toFixed(0)} ms at most; live after ${quantile(live, 0.5)} ms`,
  );
  say(`  ${keyval.history.contradictions.length} contradictions`);
}

/** What the output rule adds to a request that the guest answers at once. */
async function latency(): Promise<void> {
  const port = await freePort();
  const keyval = await Keyval.open([port]);
  const pair = await keyvalPair(keyval, port);
  const measure = async (clients: number): Promise<{ median: number; late: number; rate: number }> => {
    keyval.latencies.length = 0;
    const dice = new Dice(1);
    const [start, from] = [performance.now(), keyval.history.answers];
    await load(keyval, {
      ...{ clients, roll: (sides: number) => dice.roll(sides), prefix: `c${clients}-${from}` },
      more: () => performance.now() - start < 5000,
    });
    const rate = (keyval.history.answers - from) / 5;
    return { median: quantile(keyval.latencies, 0.5), late: quantile(keyval.latencies, 0.99), rate };
  };
  await measure(1);
  const [alone, busy] = [await measure(1), await measure(8)];
  await pair.join();
  await measure(1);
  const [joined, busyJoined] = [await measure(1), await measure(8)];
  pair.primary.signal('SIGINT');
  await pair.primary.ended;
  const { pair: counts } = summaryOf(pair.primary);
  await pair.end();
  keyval.close();
  say('Latency of a request of keyval, without a disk, ms (median / 99 %) and requests a second:');
  say(
    `  1 client   alone ${alone.median.toFixed(2)} / ${alone.late.toFixed(2)}, ${alone.rate.toFixed(0)}/s; as a pair ${joined.median.toFixed(2)} / ${joined.late.toFixed(2)}, ${joined.rate.toFixed(0)}/s`,
  );
  say(
    `  8 clients  alone ${busy.median.toFixed(2)} / ${busy.late.toFixed(2)}, ${busy.rate.toFixed(0)}/s; as a pair ${busyJoined.median.toFixed(2)} / ${busyJoined.late.toFixed(2)}, ${busyJoined.rate.toFixed(0)}/s`,
  );
  say(
    `  an output waits ${counts.outputMedianMs.toFixed(2)} ms for its acknowledgement in the median, ${counts.outputWorstMs.toFixed(1)} at most`,
  );
}

/** A side with a core of its own. */
function sideOn(core: number): typeof Side {
  return class extends Side {
    protected override launcher(): readonly string[] {
      return ['taskset', '-c', String(core)];
    }
  };
}

/** How long guests take that need the processor, recorded and as a pair, each process on a core of its own. */
async function throughput(): Promise<void> {
  if (availableParallelism() < 2 || !installed('taskset')) return say('no throughput: it takes two cores and taskset');
  const [Primary, Backup] = [sideOn(0), sideOn(1)];
  say('Time of a pair over that of a recording, a core for each process, medians of 5:');
  const guests: [string, string[]][] = ['nbody', 'sort', 'bytecode'].map((name) => [name, [guest(`${name}.elf`)]]);
  const { guest: debian } = debianGuest();
  if (debian) {
    const append = ['--append', 'console=ttyS0 run=true', '--memory', '512M'];
    guests.push(["Debian's boot", [debian.vmlinuz, '--initrd', debian.initrd, ...append]]);
  }
  for (const [name, args] of guests) {
    const [recorded, paired]: [number[], number[]] = [[], []];
    for (let run = 0; run < 5; run++) {
      const recording = new Primary('record', ...args, '-o', work.path('log.pb'), '-f', '--json');
      await recording.ended;
      recorded.push(summaryOf(recording).seconds);
      const options = { channel: work.path('channel'), guest: args, both: ['--json'], primary: ['--wait'] };
      const pair = new Pair({ ...options, Primary, Backup });
      await pair.join();
      await pair.primary.ended;
      paired.push(summaryOf(pair.primary).seconds);
      await pair.end();
    }
    const ratio = quantile(paired, 0.5) / quantile(recorded, 0.5);
    say(
      `  ${name.padEnd(14)} ${quantile(recorded, 0.5).toFixed(2)} s recorded, ${quantile(paired, 0.5).toFixed(2)} s as a pair: ${(1 / ratio).toFixed(2)} of the speed`,
    );
  }
}

/** What the channel carries, and the pause in which a running Debian is sent. */
async function channel(): Promise<void> {
  const { guest: debian } = debianGuest();
  const missing = ['passt', 'redis-benchmark'].filter((name) => !installed(name));
  if (debian === undefined || missing.length > 0)
    return say(`no channel figures: ${missing.join(', ') || 'no Debian guest'}`);
  for (const kind of ['idle', 'redis'] as const) {
    const port = await freePort();
    const passt = await Passt.start(work.path('pair.socket'), { [port]: 6379 });
    copyFileSync(debian.disk, work.path('disk.img'));
    const options = ['--initrd', debian.initrd, '--memory', '512M', '--append', 'console=ttyS0 start=redis'];
    const disk = ['--disk', `${work.path('disk.img')},mode=rw`, '--net', `stream:${passt.socket}`];
    const pair = new Pair({
      ...{ channel: work.path('channel'), guest: [debian.vmlinuz, ...options, ...disk], both: ['--json'] },
    });
    try {
      await pair.primary.prints(/serving redis/);
      await pair.join();
      const start = performance.now();
      if (kind === 'idle') await pause(IDLE_SECONDS * 1000);
      const served = kind === 'redis' ? await redisBenchmark(port, REQUESTS) : undefined;
      const seconds = (performance.now() - start) / 1000;
      pair.primary.signal('SIGINT');
      await pair.primary.ended;
      const { bytesSent, pauseMs, outputMedianMs, lagMs } = summaryOf(pair.primary).pair;
      const rate = `${((bytesSent * 8) / 1000 / seconds).toFixed(0)} kbit/s`;
      if (kind === 'idle')
        say(`Channel, Debian idle: ${rate}; a guest of 512 MiB is sent with a pause of ${pauseMs.toFixed(0)} ms`);
      else {
        say(
          `Channel, redis-benchmark: ${rate} at ${served?.set.toFixed(0)} SET/s and ${served?.get.toFixed(0)} GET/s; outputs wait ${outputMedianMs.toFixed(2)} ms in the median, the backup is behind by ${lagMs.toFixed(0)} ms at most`,
        );
        say(`  (${PAPER})`);
      }
    } finally {
      await pair.end();
      await passt.stop();
    }
  }
}

try {
  say(
    `node ${process.version}, ${availableParallelism()} cores, ${spawnSync('uname', ['-sr'], { encoding: 'utf8' }).stdout.trim()}`,
  );
  if (parts.has('failover')) await failover();
  if (parts.has('latency')) await latency();
  if (parts.has('throughput')) await throughput();
  if (parts.has('channel')) await channel();
} finally {
  work.remove();
}
