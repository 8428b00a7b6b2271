/**
 * A pair on two hosts whose network breaks while both live, and while both reach the arbiter and the clients: one goes on, and
 * takes the other host's next backup. Each cut VMFT_PAIR_REPEATS times (2). The hosts are network namespaces: takes root,
 * iproute2 and openssl.
 */
import { mkdirSync } from 'node:fs';

import { certify } from '../support/certificates.js';
import { Etcd } from '../support/etcd.js';
import { Hosts } from '../support/hosts.js';
import { REPEATS, Service } from '../support/service.js';
import { installed, workFolder } from '../support/vmft.js';

const possible = Hosts.possible() && installed('openssl');

const work = workFolder();
let hosts: Hosts;
let tls: readonly string[] = [];
beforeAll(() => {
  if (!possible) return;
  hosts = new Hosts();
  tls = certify((name) => work.path(name));
});
afterAll(() => {
  if (possible) hosts.close();
  work.remove();
});

/** How the hosts lose each other. */
const CUTS = [
  { cut: 'is taken down at one end', make: (n: number) => hosts.down(n) },
  { cut: 'loses all it is given', make: () => hosts.lose() },
];

/** Breaks the link again and again, and has one of the two go on each time. */
async function broken(arbiter: (test: string) => string, make: (n: number) => void): Promise<void> {
  const options = (test: string): readonly string[] => [...tls, '--arbiter', arbiter(test)];
  const path = (file: string): string => work.path(`${String(services)}-${file}`);
  const seed = ++services;
  const service = await Service.start({ path, seed, keyval: { host: '0.0.0.0' } }, await hosts.seat(0, options));
  try {
    for (let n = 0, at = 0; n < REPEATS; n++) {
      const { primary } = service;
      const backup = await service.join(await hosts.seat(1 - at, options));
      await service.moment();
      make(service.dice.roll(2));
      if ((await service.settled(primary, backup)) === backup) at = 1 - at;
      hosts.up();
    }
    await service.finish();
  } finally {
    hosts.up();
    await service.close();
  }
}
let services = 0;

describe(`one of two hosts goes on, ${REPEATS} times, where their link`, () => {
  (possible ? it : it.skip).each(CUTS)('$cut, with the arbiter in a directory', ({ make }) => {
    const directory = work.path(`arbiter-${String(services)}`);
    mkdirSync(directory);
    return broken(() => `file:${directory}`, make);
  });

  (possible && installed('etcd') ? it : it.skip).each(CUTS)('$cut, with etcd', async ({ make }) => {
    const etcd = await Etcd.start(work.path(`etcd-${String(services)}`), '0.0.0.0');
    try {
      await broken((test) => `etcd:${etcd.urlAt(test)}`, make);
    } finally {
      await etcd.kill();
    }
  });
});
