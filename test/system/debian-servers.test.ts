/**
 * Real servers with real clients: Debian's redis and nginx on a disk, reached from the host through passt while the guest
 * is recorded. Nothing that the clients get is wrong, and the recording replays with every digest and output, here and on
 * other versions of Node.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { debianGuest, type DebianGuest } from '../support/debian.js';
import { browse, fetchFrom, numbers, redis, redisBenchmark, sha256 } from '../support/guest-servers.js';
import { otherNode, thisMajor } from '../support/nodes.js';
import { Passt } from '../support/passt.js';
import { freePort, installed, RunningConsole, vmftCommand, workFolder } from '../support/vmft.js';

const REDIS_REQUESTS = 10_000;
const HTTP_REQUESTS = 5000;
const LARGE = 50 * 2 ** 20;

const work = workFolder();
afterAll(() => work.remove());

const needed = ['passt', 'redis-benchmark', 'redis-cli'].filter((command) => !installed(command));
const { guest, missing = '' } = debianGuest();
if (guest === undefined) it.skip(`the Debian guest cannot be made: ${missing}`, () => undefined);
else if (needed.length > 0) it.skip(`not installed: ${needed.join(', ')}`, () => undefined);
else serves(guest);

interface Summary {
  readonly digests: number;
  readonly outputs: number;
  readonly causes: Readonly<Record<string, { readonly entries: number; readonly bytes: number }>>;
}

function serves(debian: DebianGuest): void {
  const log = work.path('servers.pb');
  let run: RunningConsole;
  let passt: Passt;
  let redisPort = 0;
  let httpPort = 0;
  let recorded: Summary;
  let console = '';

  beforeAll(async () => {
    [redisPort, httpPort] = [await freePort(), await freePort()];
    passt = await Passt.start(work.path('passt.socket'), { [redisPort]: 6379, [httpPort]: 80 });
    run = new RunningConsole(
      ...['record', debian.vmlinuz, '--initrd', debian.initrd, '--append', 'console=ttyS0 start=redis,nginx'],
      ...['--memory', '512M', '--disk', debian.disk, '--net', `stream:${passt.socket}`, '-o', log, '--json'],
    );
    await run.prints(/guest: ready, .* serving redis nginx/);
  });

  afterAll(async () => {
    run.process.kill('SIGKILL');
    await passt.stop();
  });

  it(`redis answers ${REDIS_REQUESTS} times and keeps what it was told on its disk`, async () => {
    const rates = await redisBenchmark(redisPort, REDIS_REQUESTS);
    expect(Math.min(rates.set, rates.get)).toBeGreaterThan(0);
    expect(await redis(redisPort, 'SET', 'kept', 'by the disk')).toBe('OK');
    expect(await redis(redisPort, 'INCRBY', 'count', '41')).toBe('41');
    expect(await redis(redisPort, 'BGREWRITEAOF')).toMatch(/started/);
    expect(await redis(redisPort, 'CONFIG', 'GET', 'appendonly')).toMatch(/yes/);
    expect(await redis(redisPort, 'GET', 'kept')).toBe('by the disk');
  });

  it(`nginx answers ${HTTP_REQUESTS} requests of mixed sizes`, () => browse(httpPort, HTTP_REQUESTS));

  it('a large download and a large upload arrive whole', async () => {
    const sent = numbers(LARGE);
    const down = await fetchFrom(httpPort, '/50m');
    expect({ status: down.status, digest: sha256(down.body) }).toEqual({ status: 200, digest: sha256(sent) });
    expect((await fetchFrom(httpPort, '/upload/large', { upload: sent })).status).toBe(201);
    const back = await fetchFrom(httpPort, '/upload/large');
    expect(sha256(back.body)).toBe(sha256(sent));
  });

  it('the guest shuts its servers down and powers off', async () => {
    run.process.stdin?.write('poweroff\n');
    const { status, stderr, stdout } = await run.ended;
    expect(status).toBe(0);
    recorded = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as Summary;
    console = stdout;
    expect(recorded.causes['output:disk']?.entries).toBeGreaterThan(10);
  });

  it('replays with every digest and output, on other versions of Node too', () => {
    const image = sha256(readFileSync(debian.disk));
    for (const major of [thisMajor, ...[22, 26].filter((other) => other !== thisMajor)]) {
      const node = major === thisMajor ? process.execPath : otherNode(major).path;
      // Where there is no registry to get it from, test/system/node-versions.test.ts says so.
      if (node === undefined) continue;
      const replayed = spawnSync(node, [vmftCommand, 'replay', log, '--json'], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
      expect({ major, status: replayed.status, console: replayed.stdout }).toEqual({ major, status: 0, console });
      const entries = (wanted: RegExp): number =>
        Object.entries(recorded.causes).reduce(
          (sum, [cause, count]) => sum + (wanted.test(cause) ? count.entries : 0),
          0,
        );
      const checks = JSON.parse(replayed.stderr.trimEnd().split('\n').at(-1) ?? '') as Summary;
      expect(checks).toMatchObject({ digests: entries(/^digest$/), outputs: entries(/^output:/) });
    }
    // What the guest wrote stayed beside its image.
    expect(sha256(readFileSync(debian.disk))).toBe(image);
  });
}
