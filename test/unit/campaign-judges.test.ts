/** The campaign's judges, given what a faulty vmft would show: each sees it. */
import { loadHash } from '../../src/replay/hash.js';
import { CaseDice } from '../campaign/case-dice.js';
import { judgeLog, type Evidence } from '../campaign/judge-log.js';
import { judgeDamaged, judgeResealed } from '../campaign/judge-mutation.js';
import { mutated } from '../campaign/mutations.js';
import { makeOriginals, type Original } from '../campaign/originals.js';
import { Rebuilder, type Verdict } from '../campaign/rebuild.js';
import { assembled, dissected, resealed } from '../campaign/reseal.js';
import type { Ending } from '../campaign/vmft-process.js';

const CUT =
  'vmft: log.pb ends at position 1 234, byte offset 900, without an end: its recording was cut off; 1 digest agrees.';
const TORN = JSON.stringify({ command: 'replay', ended: 'torn', status: 0, torn: { offset: 900, bytes: 100 } });
const WHOLE = JSON.stringify({ ended: 'whole', status: 3, recorded: { ended: 'power-off', status: 3 } });
const EMPTY = 'vmft: log.pb is empty: it ends at byte 0; name a file that vmft record has written.';

function ending(status: number, stdout: string, ...lines: string[]): Ending {
  const stderr = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return { status, signal: null, stdout: Buffer.from(stdout), stderr, hung: false, memory: 0 };
}

function evidence(replay: Ending, released = 'hello', logBytes = 1000): Evidence {
  return { released: Buffer.from(released), logBytes, replay };
}

describe('a log whose recording ended badly', () => {
  it('is as it should be', () => {
    expect(judgeLog(evidence(ending(65, 'hello, w', CUT, TORN)))).toEqual({ outcome: 'cut' });
    expect(judgeLog(evidence(ending(3, 'hello', WHOLE)))).toEqual({ outcome: 'whole' });
    expect(judgeLog(evidence(ending(65, '', EMPTY), '', 0))).toEqual({ outcome: 'without header' });
    const absent = { ...evidence(ending(66, '', 'vmft: There is no file.'), ''), logBytes: undefined };
    expect(judgeLog(absent)).toEqual({ outcome: 'without header' });
  });

  it.each<[string, Evidence]>([
    ['lost released output', evidence(ending(65, 'hell', CUT, TORN))],
    ['replays other output', evidence(ending(65, 'hallo, w', CUT, TORN))],
    ['has no header though something was released', evidence(ending(65, '', EMPTY), 'h', 0)],
    ['diverged', evidence(ending(70, 'hello', 'vmft: The replay of log.pb diverged: at position 5.'))],
    ['is called damaged', evidence(ending(65, 'hello', 'vmft: log.pb is damaged at byte 7: one bit is flipped.'))],
    ['ends before what was sealed', evidence(ending(65, 'hello', CUT, TORN), 'hello', 1001)],
    ['names another offset', evidence(ending(65, 'hello', CUT.replace('900', '901'), TORN))],
    ['is cut with status 0', evidence(ending(0, 'hello', CUT, TORN))],
    ['crashed the replay', evidence(ending(65, 'hello', CUT, '    at foo (bar.js:1:2)', TORN))],
    ['ended with another status', evidence(ending(0, 'hello', WHOLE))],
    ['hung', evidence({ ...ending(65, 'hello', CUT, TORN), hung: true })],
    ['is not there', { ...evidence(ending(66, '', 'vmft: There is no file.'), 'h'), logBytes: undefined }],
  ])('that %s is a failure', (_, bad) => {
    expect(judgeLog(bad).failure).toBeDefined();
  });

  it('must have every frame that was received, in order', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
    const of = (received: Buffer[], replayed: Buffer[]): string | undefined =>
      judgeLog({ ...evidence(ending(65, 'hello', CUT, TORN)), frames: { received, replayed } }).failure;
    expect(of([a, c], [a, b, c])).toBeUndefined();
    expect(of([a, b, c], [a, b])).toMatch(/frame 2 of 3/);
    expect(of([b, a], [a, b])).toMatch(/frame 1 of 2/);
    expect(of([a, a], [a, b])).toMatch(/frame 1 of 2/);
  });
});

describe('a mutated log', () => {
  let originals: Original[];
  let verdict: Verdict;
  let rebuilder: Rebuilder;

  beforeAll(async () => {
    originals = await makeOriginals(1, ['dice']);
    rebuilder = new Rebuilder(await loadHash());
    verdict = await rebuilder.replay(originals[0].log, Infinity);
  });

  it('that is the original replays whole, also where its machine is used again', async () => {
    const [original] = originals as [Original];
    for (let n = 0; n < 3; n++) {
      const again = await rebuilder.replay(original.log, Infinity, 'dice');
      expect(judgeDamaged({ kind: '', log: original.log }, originals, again)).toEqual({ outcome: 'replayed, whole' });
      expect(again.result).toEqual(verdict.result);
    }
  });

  it('is a failure where it is taken for a good one, or not refused in words', () => {
    const [original] = originals as [Original];
    const log = original.log.slice();
    log[log.length - 200] = (log[log.length - 200] ?? 0) ^ 4;
    const judge = (other: Partial<Verdict>): string | undefined =>
      judgeDamaged({ kind: '', log }, originals, { ...verdict, ...other }).failure;
    expect(judge({})).toMatch(/as if nothing had happened/);
    expect(judge({ ended: 'torn' })).toMatch(/it differs from byte/);
    expect(judge({ ended: 'refused', error: new Error('something is wrong') })).toMatch(/names no byte offset/);
    expect(judge({ ended: 'refused', error: new Error('damaged at byte 7') })).toMatch(/it differs from byte/);
    expect(judge({ ended: 'crashed', error: new TypeError('x is undefined') })).toMatch(/it crashed/);
    expect(judge({ ended: 'diverged', error: new Error('at position 5') })).toMatch(/it diverged/);
    const first = original.stretches[0]?.offset ?? 0;
    expect(judge({ ended: 'torn', offset: first, outputs: verdict.outputs })).toMatch(/outputs were replayed/);
    expect(judge({ ended: 'torn', offset: first, outputs: [] })).toBeUndefined();
  });

  it('that was sealed anew is one where its replay is not what it says', async () => {
    const [original] = originals as [Original];
    const hash = await loadHash();
    const judge = async (other: Partial<Verdict>): Promise<string | undefined> =>
      (await judgeResealed({ kind: '', log: original.log }, original, { ...verdict, ...other }, hash)).failure;
    expect(await judge({})).toBeUndefined();
    expect(await judge({ outputs: verdict.outputs.slice(1) })).toMatch(/output 0 of the replay is not the log's/);
    expect(await judge({ outputs: verdict.outputs.slice(0, -1) })).toMatch(/has an output behind/);
    expect(await judge({ ended: 'crashed', error: new Error('x') })).toMatch(/it crashed/);
    expect(await judge({ ended: 'diverged', error: new Error('it is NaN, undefined') })).toMatch(/is no sentence/);
  });

  it('depends on its dice alone, and a log put together from its records is itself', () => {
    const [original] = originals as [Original];
    expect(Buffer.compare(assembled(dissected(original.log)), original.log)).toBe(0);
    const kinds = new Set<string>();
    for (let index = 0; index < 150; index++) {
      for (const mutate of [mutated, resealed]) {
        const one = mutate(original, original, new CaseDice(3, 'mutate', index));
        kinds.add(one.kind);
        if (index >= 10) continue;
        const again = mutate(original, original, new CaseDice(3, 'mutate', index));
        expect([again.kind, Buffer.compare(again.log, one.log)]).toEqual([one.kind, 0]);
      }
    }
    expect(kinds.size).toBeGreaterThan(35);
  });
});
