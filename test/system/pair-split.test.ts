/**
 * Sides of a pair that lose each other while both live: never two primaries, never none while one is healthy. Each scenario
 * is gone through VMFT_PAIR_REPEATS times (2) on one guest, under load, with an arbiter in a directory and with etcd.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';

import { Cable } from '../support/cable.js';
import { Etcd } from '../support/etcd.js';
import { ALONE, AWAY, LIVE, REPEATS, Service } from '../support/service.js';
import { installed, workFolder } from '../support/vmft.js';

/** Sectors of a disk whose log wraps soon: what is written late destroys what was written since. */
const FEW_SECTORS = 16;

/** An arbiter that can be away. */
interface Absent {
  readonly option: string;
  leave(): Promise<void>;
  /** Nothing happens where it is there. */
  back(): Promise<void>;
  close(): Promise<void>;
}

const work = workFolder();
afterAll(() => work.remove());

function inDirectory(): Promise<Absent> {
  const path = work.path('arbiter');
  mkdirSync(path);
  return Promise.resolve({
    option: `file:${path}`,
    leave: () => Promise.resolve(renameSync(path, `${path}-away`)),
    back: () => {
      if (!existsSync(path)) renameSync(`${path}-away`, path);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
}

async function inEtcd(): Promise<Absent> {
  const etcd = await Etcd.start(work.path('etcd'));
  return {
    option: `etcd:${etcd.url}`,
    leave: () => etcd.kill(),
    back: () => etcd.start(),
    close: () => etcd.kill(),
  };
}

describe.each([
  { where: 'a directory', open: inDirectory, present: true },
  { where: 'etcd', open: inEtcd, present: installed('etcd') },
])(`${REPEATS} times on one guest, with the arbiter in $where,`, ({ where, open, present }) => {
  const whenInstalled = present ? it : it.skip;
  let arbiter: Absent;
  let services = 0;
  beforeAll(async () => {
    if (present) arbiter = await open();
  });
  afterAll(async () => {
    if (present) await arbiter.close();
  });

  /** The scenario again and again on one service. */
  const on = (scenario: (service: Service) => Promise<void>, disk?: number) => (): Promise<void> => {
    const name = `${where}-${String(++services)}`;
    const path = (file: string): string => work.path(`${name}-${file}`);
    const options = { path, seed: services, both: ['--arbiter', arbiter.option], ...(disk && { disk }) };
    return Service.run(options, async (service) => {
      for (let n = 0; n < REPEATS; n++) await scenario(service);
    }).finally(() => arbiter.back());
  };

  whenInstalled(
    'a primary that sleeps finds when it wakes that its backup has gone live, and neither sends nor writes',
    on(async (service) => {
      const { primary } = service;
      const backup = await service.join();
      await service.moment();
      primary.side.signal('SIGSTOP');
      await backup.side.says(LIVE);
      await service.serves(2 * FEW_SECTORS);
      // Acknowledgements wait in its socket, of outputs that it has held back.
      primary.side.signal('SIGCONT');
      await service.loses(primary);
      await service.succeeds(backup);
    }, FEW_SECTORS * 512),
  );

  whenInstalled(
    'a backup that sleeps finds when it wakes that its primary has gone on alone',
    on(async (service) => {
      const { primary } = service;
      const backup = await service.join();
      await service.moment();
      backup.side.signal('SIGSTOP');
      await primary.side.says(ALONE);
      await service.serves();
      backup.side.signal('SIGCONT');
      await service.loses(backup);
      await service.succeeds(primary);
    }),
  );

  whenInstalled(
    'one of two goes on that lose each other',
    on(async (service) => {
      const { primary } = service;
      const cable = await Cable.open(primary.seat.listen);
      try {
        const backup = await service.join(undefined, cable.path);
        await service.moment();
        if (service.dice.roll(2) === 0) cable.cut();
        else cable.break();
        await service.settled(primary, backup);
      } finally {
        cable.close();
      }
    }),
  );

  whenInstalled(
    'one of two goes on that lose each other while the arbiter is away, when that is back',
    on(async (service) => {
      const { primary } = service;
      const cable = await Cable.open(primary.seat.listen);
      try {
        const backup = await service.join(undefined, cable.path);
        await service.moment();
        await arbiter.leave();
        if (service.dice.roll(2) === 0) cable.cut();
        else cable.break();
        await service.waits(primary, backup);
        await arbiter.back();
        await service.settled(primary, backup);
      } finally {
        cable.close();
      }
    }),
  );

  whenInstalled(
    'a primary that waits for the arbiter can be ended, and its backup goes on',
    on(async (service) => {
      const { primary } = service;
      const backup = await service.join();
      await service.moment();
      await arbiter.leave();
      backup.side.signal('SIGSTOP');
      await primary.side.says(AWAY);
      primary.side.signal('SIGTERM');
      expect(await primary.side.end()).toMatchObject({ status: 143 });
      backup.side.signal('SIGCONT');
      await service.waits(backup);
      await arbiter.back();
      await service.succeeds(backup);
    }),
  );

  whenInstalled(
    'a backup goes live when the arbiter is back, if its primary dies while that is away',
    on(async (service) => {
      const { primary } = service;
      const backup = await service.join();
      await service.moment();
      await arbiter.leave();
      // A pair that is whole needs none.
      await service.serves();
      await primary.side.kill();
      await service.waits(backup);
      await arbiter.back();
      await backup.side.says(/The arbiter .* is back/);
      await service.succeeds(backup);
    }),
  );
});
