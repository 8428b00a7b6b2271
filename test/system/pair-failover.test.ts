/**
 * What a failover brings with it: generation after generation on one stream link, a fence, the logs that both sides keep, and a
 * loser whose disk does not answer.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { Side } from '../support/pair.js';
import { LIVE, REPEATS, Service, type ServiceOptions } from '../support/service.js';
import { StreamBridge } from '../support/stream-bridge.js';
import { freePort, installed, pause, vmft, workFolder } from '../support/vmft.js';

const GENERATIONS = 5;

const work = workFolder();
afterAll(() => work.remove());

const bridges: StreamBridge[] = [];
afterEach(() => {
  for (const bridge of bridges.splice(0)) bridge.close();
});

let services = 0;
const options = (): ServiceOptions => {
  const name = `service-${String(++services)}`;
  return { path: (file) => work.path(`${name}-${file}`), seed: services };
};

type Scenario = (service: Service, path: (name: string) => string) => Promise<void>;

/** The scenario, each time on a service of its own on which nobody is yet, and what is to be looked at behind its end. */
async function each(scenario: Scenario, then: Scenario = () => Promise.resolve()): Promise<void> {
  for (let n = 0; n < REPEATS; n++) {
    const chosen = options();
    const service = await Service.open(chosen);
    try {
      await scenario(service, chosen.path);
      await service.finish();
      await then(service, chosen.path);
    } finally {
      await service.close();
    }
  }
}

it(`${GENERATIONS} generations call the same switch one after the other, ${REPEATS} times`, () =>
  each(async (service, path) => {
    bridges.push(await StreamBridge.open(path('switch'), service.keyval));
    const seat = (): ReturnType<Service['seat']> => service.seat({ net: `stream:${path('switch')}` });
    await service.begin(seat());
    await service.ready();
    for (let generation = 1; generation < GENERATIONS; generation++) {
      const { primary } = service;
      const backup = await service.join(seat());
      await service.moment();
      await primary.side.kill();
      await service.succeeds(backup);
    }
    expect(service.primary.side.words).toMatch(`the primary of epoch ${String(GENERATIONS)},`);
  }));

it(`a fence ends an old primary that sleeps and holds the port, ${REPEATS} times`, () =>
  each(async (service, path) => {
    const port = await freePort('udp');
    const net = `dgram:local=127.0.0.1:${String(port)},remote=127.0.0.1:${String(service.keyval.port)}`;
    service.keyval.destinations = [port];
    await service.begin(service.seat({ net }));
    await service.ready();
    const { primary } = service;
    // Fails once; then the power is cut.
    writeFileSync(
      path('fence'),
      `echo "$VMFT_RUN $VMFT_EPOCH" >> ${path('fenced')}
      test -e ${path('tried')} && kill -9 ${String(primary.side.process.pid)} && exit
      touch ${path('tried')}
      echo 'the switch is busy'
      exit 3`,
    );
    const backup = await service.join(service.seat({ net }), undefined, '--fence', `sh ${path('fence')}`);
    await service.moment();
    primary.side.signal('SIGSTOP');
    await backup.side.says(LIVE);
    expect(backup.side.words).toMatch(
      /The fence command ended with status 3, saying "the switch is busy": [^\n]*\n(vmft: [^\n]*\n)*vmft: Live at position/,
    );
    expect(readFileSync(path('fenced'), 'latin1')).toMatch(/^([0-9a-f]+ 2\n)\1$/);
    expect((await primary.side.end()).status).toBeNull();
    await service.succeeds(backup);
  }));

it(`both sides keep logs that tell the same, ${REPEATS} times`, () =>
  each(
    async (service, path) => {
      await service.begin(undefined, '--wait', '-o', path('first.pb'));
      const { primary } = service;
      const backup = await service.join(undefined, undefined, '-o', path('second.pb'));
      await service.ready();
      await service.serves(50);
      await primary.side.kill();
      await service.succeeds(backup);
    },
    ({ primary: { side } }, path) => {
      const [first, second] = [path('first.pb'), path('second.pb')];
      const whole = vmft('replay', second, '--json');
      expect({ status: whole.status, stderr: whole.stderr }).toMatchObject({ status: 0 });
      expect(whole.stdout).toMatch(side.stdout);
      expect(summary(whole.stderr)).toMatchObject({ ended: 'whole' });
      expect(vmft('diff', second).status).toBe(0);

      const torn = vmft('replay', first);
      expect(torn.status).toBe(65);
      expect(torn.stderr).toMatch(/without an end: its recording was cut off/);

      const compared = vmft('diff', first, second, '--json');
      const { outcome, divergence } = summary(compared.stdout) as { outcome: string; divergence: { position: number } };
      const [, live = ''] = /Live at position ([\d\s]+),/.exec(side.words) ?? [];
      // What the primary was given at the very last and did not come to send has had no consequence.
      if (outcome !== 'shorter') expect(divergence.position).toBeGreaterThanOrEqual(Number(live.replace(/\s/g, '')));
      expect(compared.status).toBe(1);
      return Promise.resolve();
    },
  ));

(installed('gcc') ? it : it.skip)(`a loser ends whose disk does not answer, ${REPEATS} times`, () => {
  const library = work.path('hang-disk.so');
  const source = fileURLToPath(new URL('../support/hang-disk.c', import.meta.url));
  execFileSync('gcc', ['-shared', '-fPIC', '-o', library, source]);
  return each(async (service, path) => {
    const Hanging = class extends Side {
      protected override environment(): Record<string, string> {
        return { LD_PRELOAD: library, HANG: path('hang') };
      }
    };
    await service.begin(service.seat({ Side: Hanging }));
    await service.ready();
    const { primary } = service;
    const backup = await service.join();
    await service.serves();
    writeFileSync(path('hang'), '');
    await pause(300);
    primary.side.signal('SIGSTOP');
    await backup.side.says(LIVE);
    primary.side.signal('SIGCONT');
    // Node itself cannot end while a thread of its own waits.
    const { stderr } = await primary.side.end();
    expect(primary.side.process.signalCode).toBe('SIGKILL');
    expect(stderr).toMatch(/^vmft: This side ends at once: the other side of the pair has gone live, and [^\n]+\.$/m);
    await service.succeeds(backup);
  });
});

const summary = (text: string): unknown => JSON.parse(text.trim().split('\n').at(-1) ?? '');
