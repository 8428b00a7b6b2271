/** The arbiter in etcd against a server that hangs, lies, loses answers and forgets: never two winners of an epoch. */
import { EtcdArbiter, type EtcdTimes } from '../../src/host/etcd-arbiter.js';
import { UnavailableFailure } from '../../src/host/failure.js';
import { ArbiterAway, arbitrate } from '../../src/pair/arbiter.js';
import { Winners } from '../support/arbiters.js';
import { FakeEtcd, type Mood } from '../support/fake-etcd.js';
import { pause } from '../support/vmft.js';

let etcd: FakeEtcd;
let winners = new Winners();
const opened: EtcdArbiter[] = [];
beforeEach(async () => {
  etcd = await FakeEtcd.start();
  winners = new Winners();
});
afterEach(async () => {
  for (const arbiter of opened.splice(0)) await arbiter.close();
  await etcd.stop();
  expect(winners.doubled).toEqual([]);
});

const RUN = 'abcdef';
function open(times?: EtcdTimes, urls: readonly string[] = [etcd.url]): EtcdArbiter {
  const arbiter = winners.watch(new EtcdArbiter(urls, { limit: 500, ...times }));
  opened.push(arbiter);
  return arbiter;
}
async function begun(times?: EtcdTimes): Promise<EtcdArbiter> {
  const arbiter = open(times);
  await arbiter.begin(RUN, 'a');
  return arbiter;
}

describe('an arbiter in etcd', () => {
  it('gives every epoch to one holder, who may ask again', async () => {
    const [a, b] = [await begun(), open()];
    await a.begin(RUN, 'a');
    await expect(b.begin(RUN, 'b')).rejects.toThrow(/^The run abcdef has begun already at etcd:http:.*: start anew\.$/);
    expect(await b.claim(RUN, 2, 'b', 'x')).toBe(false);
    expect(await b.holder(RUN, 2)).toBeUndefined();
    expect(await b.claim(RUN, 2, 'b', 'a')).toBe(true);
    expect(await b.claim(RUN, 2, 'b', 'a')).toBe(true);
    expect(await a.claim(RUN, 2, 'a', 'a')).toBe(false);
    expect(await a.claim(RUN, 3, 'a', 'a')).toBe(false);
    expect(await a.holder(RUN, 2)).toBe('b');
    expect(a.taken()).toBeUndefined();
    expect([...etcd.keys.keys()].sort()).toEqual([`vmft/${RUN}/1`, `vmft/${RUN}/2`]);
    await a.begin('abcdef0', 'a');
    await b.end(RUN);
    expect([...etcd.keys.keys()]).toEqual(['vmft/abcdef0/1']);
    expect(await a.claim(RUN, 3, 'a', 'b')).toBe(false);
  });

  it('has one winner among many at once', async () => {
    await begun();
    for (let epoch = 2, previous = 'a'; epoch < 12; epoch++) {
      const holders = Array.from({ length: 10 }, (_, i) => `h${String(i)}-${String(epoch)}`);
      const answers = await Promise.all(holders.map((holder) => open().claim(RUN, epoch, holder, previous)));
      expect(answers.filter((won) => won)).toHaveLength(1);
      previous = holders[answers.indexOf(true)] ?? '';
    }
  });

  it('finds its own claim where the answer was lost', async () => {
    const b = open();
    await begun();
    await b.begin('ff', 'b');
    etcd.mood = 'lose';
    await expect(b.claim(RUN, 2, 'b', 'a')).rejects.toMatchObject({ reason: 'no answer within 0.5 s' });
    etcd.mood = 'answer';
    expect(await open().claim(RUN, 2, 'c', 'a')).toBe(false);
    expect(await b.claim(RUN, 2, 'b', 'a')).toBe(true);
  });

  const away: [string, Mood, RegExp][] = [
    ['hangs', 'hang', /^no answer within 0\.5 s$/],
    ['closes the connection', 'drop', /./],
    [
      'has no leader',
      { status: 503, body: '{"code":14,"message":"etcdserver: no leader"}' },
      /^etcdserver: no leader$/,
    ],
    ['fails without a word', { status: 500, body: '' }, /^HTTP status 500$/],
    ['is another program', { status: 200, body: '<html>' }, /^what answers is not etcd$/],
    ['answers with less than etcd does', { status: 200, body: '{"succeeded":true}' }, /^what answers is not etcd$/],
    ['sends elsewhere', { status: 307, body: '' }, /./],
  ];
  it.each(away)('is away where the server %s', async (_, mood, reason) => {
    const a = await begun();
    etcd.mood = mood;
    const asking = [open().claim(RUN, 2, 'b', 'a'), a.claim(RUN, 2, 'a', 'a'), a.holder(RUN, 1)];
    for (const answer of await Promise.allSettled(asking)) {
      const error = answer.status === 'rejected' ? (answer.reason as unknown) : undefined;
      expect(error).toBeInstanceOf(ArbiterAway);
      expect((error as ArbiterAway).reason).toMatch(reason);
    }
    await expect(open().begin('ff', 'a')).rejects.toThrow(ArbiterAway);
    await a.end(RUN);
    etcd.mood = 'answer';
    expect(await open().claim(RUN, 2, 'b', 'a')).toBe(true);
  });

  it('names a server that cannot be used, at the beginning', async () => {
    etcd.mood = { status: 404, body: 'Not Found' };
    const beginning = open().begin(RUN, 'a');
    await expect(beginning).rejects.toThrow(UnavailableFailure);
    await expect(beginning).rejects.toThrow(/ cannot be used \(HTTP status 404\): it takes etcd 3\.4 or later/);
    etcd.mood = { status: 400, body: '{"code":3,"message":"etcdserver: user name is empty"}' };
    await expect(open().begin(RUN, 'a')).rejects.toThrow(/\(etcdserver: user name is empty\)/);
  });

  it('is waited for, and says so once', async () => {
    await begun();
    etcd.mood = 'drop';
    const told: string[] = [];
    const options = { notice: (sentence: string) => told.push(sentence), sleep: pause, pause: 5 };
    const asking = ['a', 'b'].map((holder) =>
      arbitrate(open(), { run: RUN, epoch: 2, holder, previous: 'a' }, options),
    );
    await pause(100);
    etcd.mood = 'answer';
    expect((await Promise.all(asking)).sort()).toEqual([false, true]);
    expect(
      told.filter((sentence) => / is away \(.*\): nobody goes live until it answers\.$/.test(sentence)),
    ).toHaveLength(2);
    expect(told.filter((sentence) => / is back\.$/.test(sentence))).toHaveLength(2);
    expect(told).toHaveLength(4);
  });

  it('has one winner of each epoch where many answers are lost and many questions fail', async () => {
    await begun();
    let turn = 0;
    // Periods that have no common factor, so that every step of a claim meets every fate.
    etcd.mood = () => (++turn % 5 === 0 ? 'lose' : turn % 7 === 0 ? 'drop' : turn % 3 === 0 ? 'hang' : 'answer');
    const options = { notice: () => undefined, sleep: pause, pause: 1 };
    for (let epoch = 2, previous = 'a'; epoch < 22; epoch++) {
      const holders = [`a${String(epoch)}`, `b${String(epoch)}`];
      const answers = await Promise.all(
        holders.map((holder) => arbitrate(open({ limit: 40 }), { run: RUN, epoch, holder, previous }, options)),
      );
      expect([...answers].sort()).toEqual([false, true]);
      previous = holders[answers.indexOf(true)] ?? '';
    }
    expect(winners.epochs).toBe(21);
    etcd.mood = 'answer';
  });

  it('asks its servers in turn, and stays with the one that answers', async () => {
    const second = await FakeEtcd.start();
    try {
      const arbiter = open({}, [second.url, etcd.url]);
      second.mood = 'hang';
      await arbiter.begin(RUN, 'a');
      const asked = second.asked.length;
      expect(await arbiter.holder(RUN, 1)).toBe('a');
      expect(second.asked).toHaveLength(asked);
      etcd.mood = 'drop';
      await expect(arbiter.holder(RUN, 1)).rejects.toThrow(/no answer within 0\.5 s/);
    } finally {
      await second.stop();
    }
  });

  it('does not take the word of another cluster', async () => {
    const other = await FakeEtcd.start();
    try {
      other.cluster = '18';
      await open({}, [other.url]).begin(RUN, 'a');
      const arbiter = open({}, [etcd.url, other.url]);
      await arbiter.begin(RUN, 'a');
      etcd.mood = 'drop';
      await expect(arbiter.claim(RUN, 2, 'a', 'a')).rejects.toMatchObject({ reason: 'another cluster answers' });
    } finally {
      await other.stop();
    }
  });

  it('keeps its lease alive, and tells once that it has expired', async () => {
    const told: string[] = [];
    const a = open({ ttl: 0.15 });
    a.onNotice = (sentence) => told.push(sentence);
    await a.begin(RUN, 'a');
    const count = (): number => etcd.asked.filter((path) => path === '/v3/lease/keepalive').length;
    while (count() < 3) await pause(10);
    etcd.mood = 'drop';
    while (count() < 6) await pause(10);
    etcd.mood = 'answer';
    expect(told).toEqual([]);
    etcd.expire('1');
    while (told.length === 0) await pause(10);
    const asked = count();
    await pause(200);
    expect(count()).toBe(asked);
    expect(told).toHaveLength(1);
    // What has no claim any more has nothing to tell.
    await a.begin('ff', 'a');
    await a.end('ff');
    etcd.expire('2');
    await pause(200);
    expect(told).toHaveLength(1);
  });

  it('never gives an epoch that has passed, whatever has expired', async () => {
    const told: string[] = [];
    const a = open({ ttl: 3600 });
    a.onNotice = (sentence) => told.push(sentence);
    await a.begin(RUN, 'a');
    const b = open();
    expect(await b.claim(RUN, 2, 'b', 'a')).toBe(true);
    // The claim before went to the lease of the one after it.
    expect(new Set([...etcd.keys.values()].map(({ lease }) => lease))).toEqual(new Set(['2']));
    etcd.expire('1');
    expect([...etcd.keys.keys()]).toHaveLength(2);
    etcd.expire('2');
    // Whoever slept so long gets nothing, and nobody else does.
    expect(await a.claim(RUN, 2, 'a', 'a')).toBe(false);
    expect(await open().claim(RUN, 3, 'c', 'b')).toBe(false);
    // A lease that is not there is found out when it is used.
    await a.begin('ff', 'a');
    expect(etcd.leases).toContain('4');
    expect(told).toEqual([
      `The arbiter ${a.name} was out of reach for so long that this pair's claim has expired: should the pair break, both sides halt.`,
    ]);
  });

  it('is away for good where no lease can be had, and throws nothing else', async () => {
    await begun();
    const b = open();
    const grant = etcd.leases.add.bind(etcd.leases);
    etcd.leases.add = () => etcd.leases;
    await expect(b.claim(RUN, 2, 'b', 'a')).rejects.toThrow(ArbiterAway);
    etcd.leases.add = grant;
    expect(await b.claim(RUN, 2, 'b', 'a')).toBe(true);
  });
});
