/** The arbiter in etcd, with Debian's own etcd: raced for, killed in the middle, frozen, and after its leases expired. */
import { openArbiter, parseArbiter } from '../../src/host/arbiter-option.js';
import { EtcdArbiter, type EtcdTimes } from '../../src/host/etcd-arbiter.js';
import { ArbiterAway, arbitrate } from '../../src/pair/arbiter.js';
import { Claimant, race, Winners } from '../support/arbiters.js';
import { Etcd } from '../support/etcd.js';
import { installed, pause, workFolder } from '../support/vmft.js';

const work = workFolder();
const present = installed('etcd');
const whenInstalled = present ? it : it.skip;

let etcd: Etcd;
let runs = 0;
let run = '';
let winners = new Winners();
const opened: EtcdArbiter[] = [];
beforeAll(async () => {
  if (present) etcd = await Etcd.start(work.path('etcd'));
});
afterAll(async () => {
  if (present) await etcd.kill();
  work.remove();
});
beforeEach(() => {
  run = `abc${String(runs++)}`;
  winners = new Winners();
});
afterEach(async () => {
  for (const arbiter of opened.splice(0)) await arbiter.close();
  expect(winners.doubled).toEqual([]);
});

function open(times?: EtcdTimes): EtcdArbiter {
  const arbiter = winners.watch(new EtcdArbiter([etcd.url], times));
  opened.push(arbiter);
  return arbiter;
}
async function begun(times?: EtcdTimes): Promise<EtcdArbiter> {
  const arbiter = open(times);
  await arbiter.begin(run, 'a');
  return arbiter;
}
/** Waits until nobody holds an epoch any more. */
async function expired(epoch: number): Promise<void> {
  const arbiter = open();
  while ((await arbiter.holder(run, epoch)) !== undefined) await pause(200);
}
/** Shorter than etcd grants: it makes 2 seconds of it. */
const SHORT: EtcdTimes = { ttl: 1 };

describe('an arbiter in a real etcd', () => {
  whenInstalled('gives every epoch to one holder, who may ask again', async () => {
    const [a, b] = [await begun(), open()];
    await a.begin(run, 'a');
    await expect(b.begin(run, 'b')).rejects.toThrow(/has begun already/);
    expect(await b.claim(run, 2, 'b', 'x')).toBe(false);
    expect(await b.holder(run, 2)).toBeUndefined();
    expect(await b.claim(run, 2, 'b', 'a')).toBe(true);
    expect(await b.claim(run, 2, 'b', 'a')).toBe(true);
    expect(await a.claim(run, 2, 'a', 'a')).toBe(false);
    expect([await a.holder(run, 1), await a.holder(run, 2)]).toEqual(['a', 'b']);
    const other = openArbiter(parseArbiter(`etcd:http://127.0.0.1:1,${etcd.url}/`));
    await other.begin(`${run}0`, 'c');
    await b.end(run);
    expect([await a.holder(run, 1), await a.holder(run, 2)]).toEqual([undefined, undefined]);
    expect(await a.claim(run, 2, 'a', 'a')).toBe(false);
    expect(await other.holder(`${run}0`, 1)).toBe('c');
    await other.close();
  });

  whenInstalled('has one winner of 200 races of two processes', async () => {
    await begun();
    const sides: [Claimant, Claimant] = [new Claimant(`etcd:${etcd.url}`), new Claimant(`etcd:${etcd.url}`)];
    try {
      const wins = await race(sides, { run, first: 'a', count: 200, winners });
      expect(wins[0] + wins[1]).toBe(200);
      expect(Math.min(...wins)).toBeGreaterThan(0);
    } finally {
      sides.forEach((side) => side.close());
    }
  });

  whenInstalled('has one winner where etcd is killed in the middle, and comes back', async () => {
    await begun();
    let waited = 0;
    for (let epoch = 2, previous = 'a'; epoch < 10; epoch++) {
      const told: string[] = [];
      const holders = [`a${String(epoch)}`, `b${String(epoch)}`];
      const options = { notice: (sentence: string) => told.push(sentence), sleep: pause, pause: 20 };
      const asking = holders.map(async (holder, side) => {
        await pause(side * (epoch % 3));
        return arbitrate(open(), { run, epoch, holder, previous }, options);
      });
      // From before the first question to after the answer.
      await pause((epoch - 2) * 3);
      await etcd.kill();
      await pause(50);
      await etcd.start();
      const answers = await Promise.all(asking);
      expect([...answers].sort()).toEqual([false, true]);
      waited += told.filter((sentence) => sentence.endsWith(' is back.')).length;
      previous = holders[answers.indexOf(true)] ?? '';
    }
    expect(waited).toBeGreaterThan(0);
    expect(winners.epochs).toBe(9);
  });

  whenInstalled('finds its claim where a frozen etcd answers too late', async () => {
    await begun();
    const sides = [open({ limit: 300 }), open({ limit: 300 })];
    await Promise.all(sides.map((side) => side.begin(`${run}${String(sides.indexOf(side))}`, 'x')));
    etcd.signal('SIGSTOP');
    try {
      const asking = sides.map((side, i) => side.claim(run, 2, `side${String(i)}`, 'a'));
      for (const answer of await Promise.allSettled(asking)) {
        expect(answer).toMatchObject({ status: 'rejected', reason: { reason: 'no answer within 0.3 s' } });
      }
    } finally {
      etcd.signal('SIGCONT');
    }
    const options = { notice: () => undefined, sleep: pause, pause: 20 };
    const answers = await Promise.all(
      sides.map((side, i) => arbitrate(side, { run, epoch: 2, holder: `side${String(i)}`, previous: 'a' }, options)),
    );
    expect(answers.sort()).toEqual([false, true]);
  });

  whenInstalled('keeps a claim as long as its holder lives, and no longer', async () => {
    const told: string[] = [];
    const a = await begun(SHORT);
    a.onNotice = (sentence) => told.push(sentence);
    await pause(6000);
    expect(await open().holder(run, 1)).toBe('a');
    await a.close();
    await expired(1);
    expect(await open().claim(run, 2, 'b', 'a')).toBe(false);
    expect(told).toEqual([]);
    // Its lease has gone, and it takes another.
    await a.begin(`${run}0`, 'a');
    expect(told).toHaveLength(1);
    expect(await a.claim(run, 2, 'a', 'a')).toBe(false);
  });

  whenInstalled('gives nothing to a primary that comes hours too late, though it kept its own lease', async () => {
    const a = await begun(SHORT);
    const b = open(SHORT);
    expect(await b.claim(run, 2, 'b', 'a')).toBe(true);
    await b.close();
    await expired(2);
    // Epoch 2 is free again; epoch 1 went with it.
    expect(await a.holder(run, 1)).toBeUndefined();
    expect(await a.claim(run, 2, 'a', 'a')).toBe(false);
    expect(await a.claim(run, 3, 'a', 'b')).toBe(false);
  });

  whenInstalled('keeps its claims over a restart of etcd', async () => {
    const a = await begun();
    await etcd.kill();
    await expect(a.holder(run, 1)).rejects.toMatchObject({ name: 'ArbiterAway', reason: 'ECONNREFUSED' });
    await expect(open().begin(`${run}0`, 'a')).rejects.toThrow(ArbiterAway);
    await etcd.start();
    expect(await a.holder(run, 1)).toBe('a');
    expect(await a.claim(run, 2, 'a', 'a')).toBe(true);
  });
});
