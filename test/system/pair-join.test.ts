/**
 * Sides that find each other, and that lose each other before the backup has the guest: the primary goes on unharmed, and who
 * has only half of a guest never goes live. VMFT_PAIR_REPEATS says how often each (2).
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';

import { Cable } from '../support/cable.js';
import { HALTED, LIVE, REPEATS, Service, type Seated } from '../support/service.js';
import { freePort, guest, vmft, workFolder } from '../support/vmft.js';

/** Of an initial ramdisk that the guest does not look at: it comes as a file and as memory, and takes its time. */
const LONG = 2 ** 24;

const work = workFolder();
const ramdisk = work.path('ramdisk');
beforeAll(() => writeFileSync(ramdisk, randomBytes(LONG)));
afterAll(() => work.remove());

const cables: Cable[] = [];
afterEach(() => {
  for (const cable of cables.splice(0)) cable.close();
});

let services = 0;
const options = (): Parameters<typeof Service.start>[0] => {
  const name = `service-${String(++services)}`;
  return { path: (file) => work.path(`${name}-${file}`), seed: services };
};
const large = (): Parameters<typeof Service.start>[0] => ({ ...options(), primary: ['--initrd', ramdisk] });

/** Many times on one service. */
const again = (scenario: (service: Service) => Promise<void>) => async (service: Service) => {
  for (let n = 0; n < REPEATS; n++) await scenario(service);
};

const FOLLOWS = /Following the primary/;
/** What a backup ends with that is not taken, or has lost the primary too early: a sentence. */
async function isTurnedAway({ side }: Seated, sentence: RegExp): Promise<void> {
  const { status, stderr } = await side.end();
  expect({ status, stderr }).toEqual({ status: 69, stderr: expect.stringMatching(sentence) as string });
  expect(stderr).not.toMatch(LIVE);
}
const REFUSED = /^vmft: The primary at \S+ does not take this backup: [^\n]+ one is all it takes\.\n$/;
const EARLY = /^vmft: The primary at \S+ was lost before this backup had the guest: [^\n]+\.\n$/m;

/** Starts a backup, and calls `then` when a part of the guest is on its way to it. */
async function partly(service: Service, then: (backup: Seated) => void): Promise<Seated> {
  const cable = await Cable.open(service.primary.seat.listen);
  cables.push(cable);
  const at = service.dice.roll(2 * LONG);
  const backup = await service.call(undefined, cable.path);
  await new Promise<void>((resolve) => {
    cable.onPassing = () => {
      if (cable.passed < at) return;
      cable.onPassing = () => undefined;
      then(backup);
      resolve();
    };
  });
  return backup;
}

it('a primary does not begin where nobody could decide who goes on', async () => {
  const arbiter = `etcd:http://127.0.0.1:${await freePort()}`;
  const { status, stderr } = vmft('primary', guest('keyval.elf'), '--listen', work.path('alone'), '--arbiter', arbiter);
  expect({ status, stderr }).toEqual({
    status: 69,
    stderr: `vmft: The arbiter ${arbiter} is away (ECONNREFUSED): see that it can be reached.\n`,
  });
});

it(`both come in any order, ${REPEATS} times, or at once`, async () => {
  for (let n = 0; n < REPEATS; n++) {
    const service = await Service.open(options());
    try {
      const seat = service.seat();
      const backups: Promise<Seated>[] = [];
      const steps = [() => service.begin(seat), async () => void backups.push(service.call(undefined, seat.listen))];
      if (n % 3 === 0) steps.reverse();
      for (const step of steps) {
        await step();
        if (n % 3 < 2) await service.moment(1000);
      }
      const [backup] = await Promise.all(backups);
      await service.ready();
      await backup.side.says(FOLLOWS);
      await service.serves();
      await service.primary.side.kill();
      await service.succeeds(backup);
      await service.finish();
    } finally {
      await service.close();
    }
  }
});

it(`one of two backups joins that come at once, ${REPEATS} times`, () =>
  Service.run(
    options(),
    again(async (service) => {
      const { primary } = service;
      const backups = await Promise.all([service.call(), service.call()]);
      await Promise.race(backups.map(({ side }) => side.ended));
      const [one, other] = backups;
      const [joined, refused] = one.side.alive ? [one, other] : [other, one];
      await isTurnedAway(refused, REFUSED);
      await joined.side.says(FOLLOWS);
      await service.serves();
      await primary.side.kill();
      await service.succeeds(joined);
    }),
  ));

it(`a backup that dies on its way, ${REPEATS} times, keeps out no other`, () =>
  Service.run(
    large(),
    again(async (service) => {
      const { primary } = service;
      const backup = await partly(service, ({ side }) => side.signal('SIGKILL'));
      await backup.side.end();
      await primary.side.says(/A backup did not join|is lost/);
      await service.serves();
      const next = await service.join();
      await service.serves();
      await primary.side.kill();
      await service.succeeds(next);
    }),
  ));

it(`a backup that falls asleep on its way, ${REPEATS} times, keeps out no other`, () =>
  Service.run(
    large(),
    again(async (service) => {
      const { primary } = service;
      const backup = await partly(service, ({ side }) => side.signal('SIGSTOP'));
      await primary.side.says(/A backup did not join|Going on without/);
      await service.serves();
      const next = await service.join();
      await service.serves();
      backup.side.signal('SIGCONT');
      const { status, stderr } = await backup.side.end();
      if (FOLLOWS.test(stderr)) expect(status).toBe(75);
      else await isTurnedAway(backup, EARLY);
      await primary.side.kill();
      await service.succeeds(next);
    }),
  ));

it(`a backup whose primary falls asleep, ${REPEATS} times, has all of the guest or gives up`, () =>
  Service.run(
    large(),
    again(async (service) => {
      const { primary } = service;
      const backup = await partly(service, () => primary.side.signal('SIGSTOP'));
      const ended = await Promise.race([backup.side.ended, backup.side.says(LIVE).catch(() => undefined)]);
      primary.side.signal('SIGCONT');
      if (ended === undefined) {
        await service.loses(primary);
        await service.succeeds(backup);
      } else {
        await isTurnedAway(backup, EARLY);
        await service.serves();
        expect(primary.side.stderr).not.toMatch(HALTED);
      }
    }),
  ));

it(`a backup whose primary dies, ${REPEATS} times, has all of the guest or gives up`, async () => {
  for (let n = 0; n < REPEATS; n++) {
    const service = await Service.start(large());
    try {
      const { primary } = service;
      const backup = await partly(service, () => primary.side.signal('SIGKILL'));
      const ended = await Promise.race([backup.side.ended, backup.side.says(LIVE).catch(() => undefined)]);
      if (ended === undefined) {
        await service.succeeds(backup);
        await service.finish();
      } else {
        await isTurnedAway(backup, EARLY);
      }
    } finally {
      await service.close();
    }
  }
});
