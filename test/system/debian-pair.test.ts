/**
 * Debian with redis as a pair: clients write and check over TCP connections that live on while one primary after another
 * is killed, and each backup that has gone live gets a backup in its turn. VMFT_REDIS_KILLS says how often (5: five generations).
 */
import { spawnSync } from 'node:child_process';

import { debianGuest, type DebianGuest } from '../support/debian.js';
import { redis } from '../support/guest-servers.js';
import { Pair } from '../support/pair.js';
import { Passt } from '../support/passt.js';
import { RedisWriter } from '../support/redis-writers.js';
import { freePort, installed, pause, Running, workFolder } from '../support/vmft.js';

const KILLS = Number(process.env['VMFT_REDIS_KILLS'] ?? 5);
const WRITERS = 3;
/** Milliseconds for which a backup follows before its primary is killed. */
const FOLLOWED = 1000;

const work = workFolder();
afterAll(() => work.remove());

const needed = ['passt', 'redis-cli'].filter((command) => !installed(command));
const { guest, missing = '' } = debianGuest();
if (guest === undefined) it.skip(`the Debian guest cannot be made: ${missing}`, () => undefined);
else if (needed.length > 0) it.skip(`not installed: ${needed.join(', ')}`, () => undefined);
else survives(guest);

function survives(debian: DebianGuest): void {
  it(`redis loses nothing that it has acknowledged in ${KILLS} kills, and no TCP connection`, async () => {
    const port = await freePort();
    const passt = await Passt.start(work.path('passt.socket'), { [port]: 6379 });
    const disk = work.path('disk.img');
    spawnSync('cp', ['--sparse=always', debian.disk, disk]);
    const guest = [
      debian.vmlinuz,
      '--initrd',
      debian.initrd,
      '--memory',
      '512M',
      '--append',
      'console=ttyS0 start=redis',
    ];
    const devices = ['--disk', `${disk},mode=rw`, '--net', `stream:${passt.socket}`];
    const pair = new Pair({ channel: work.path('channel'), guest, primary: devices });
    let anew: Running | undefined;
    const writers: RedisWriter[] = [];
    try {
      await pair.primary.prints(/serving redis/);
      expect(await redis(port, 'CONFIG', 'SET', 'appendfsync', 'always')).toBe('OK');
      let over = false;
      for (let n = 0; n < WRITERS; n++) writers.push(await RedisWriter.open(port, `writer-${n}`));
      const written = Promise.all(writers.map((writer) => writer.run(() => !over)));
      for (let kill = 0; kill < KILLS; kill++) {
        await pair.join();
        const before = writers.map(({ writes }) => writes);
        await pause(FOLLOWED);
        await pair.fail();
        // All of them go on.
        for (let waited = 0; writers.some(({ writes }, n) => writes <= before[n] + 1); waited += 50) {
          if (waited > 60_000) throw new Error(`no answer behind kill ${kill}: ${pair.primary.stderr}`);
          await pause(50);
        }
      }
      over = true;
      await written;
      for (const writer of writers) await writer.audit(port);
      expect(writers.map(({ lost }) => lost)).toEqual(writers.map(() => undefined));
      expect(writers.flatMap(({ contradictions }) => contradictions)).toEqual([]);
      // The disk is as good as the memory: with nobody left of the pair, another Debian starts from it.
      await pair.end();
      anew = new Running('run', ...guest, ...devices);
      await anew.prints(/serving redis/);
      // It listens before it has read its log.
      while ((await redis(port, 'PING')) !== 'PONG') await pause(50);
      for (const writer of writers) await writer.audit(port);
      expect(writers.flatMap(({ contradictions }) => contradictions)).toEqual([]);
    } finally {
      for (const writer of writers) writer.close();
      await pair.end();
      anew?.process.kill('SIGKILL');
      await anew?.ended;
      await passt.stop();
    }
  });
}
