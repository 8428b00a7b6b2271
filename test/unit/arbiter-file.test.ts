/** The arbiter in a directory: however it is raced for, unmounted or damaged, an epoch has one winner at most. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';

import { FileArbiter } from '../../src/host/file-arbiter.js';
import { ArbiterAway, arbitrate } from '../../src/pair/arbiter.js';
import { Claimant, race, Winners } from '../support/arbiters.js';
import { pause, workFolder } from '../support/vmft.js';

const work = workFolder();
afterAll(() => work.remove());

let folders = 0;
let directory = '';
let winners = new Winners();
beforeEach(() => {
  directory = work.path(`arbiter${String(folders++)}`);
  mkdirSync(directory);
  winners = new Winners();
});
afterEach(() => expect(winners.doubled).toEqual([]));

const RUN = '0123456789abcdef';
const open = (limit?: number): FileArbiter => winners.watch(new FileArbiter(directory, limit));
const claimFile = (epoch: number): string => `${directory}/vmft-${RUN}-${String(epoch)}`;

describe('an arbiter in a directory', () => {
  it('gives every epoch to one holder, who may ask again', async () => {
    const arbiter = open();
    expect(arbiter.name).toBe(`file:${directory}`);
    await arbiter.begin(RUN, 'a');
    await arbiter.begin(RUN, 'a');
    expect(arbiter.taken(RUN, 1)).toBe(true);
    expect(arbiter.taken(RUN, 2)).toBe(false);
    expect(await arbiter.holder(RUN, 2)).toBeUndefined();
    expect(await arbiter.claim(RUN, 2, 'b', 'a')).toBe(true);
    expect(await arbiter.claim(RUN, 2, 'b', 'a')).toBe(true);
    expect(await arbiter.claim(RUN, 2, 'a', 'a')).toBe(false);
    expect(arbiter.taken(RUN, 2)).toBe(true);
    expect(await arbiter.holder(RUN, 1)).toBe('a');
    expect(await arbiter.holder(RUN, 2)).toBe('b');
    expect(readFileSync(claimFile(2), 'utf8')).toBe('b\n');
    expect(readdirSync(directory)).toHaveLength(2);
    await arbiter.close();
  });

  it('refuses a run that another has begun', async () => {
    await open().begin(RUN, 'a');
    await expect(open().begin(RUN, 'b')).rejects.toThrow(
      /^The run 0123456789abcdef has begun already in .*: start anew/,
    );
  });

  it('refuses a claim whose epoch before is held by another', async () => {
    const arbiter = open();
    await arbiter.begin(RUN, 'a');
    expect(await arbiter.claim(RUN, 2, 'c', 'b')).toBe(false);
    expect(arbiter.taken(RUN, 2)).toBe(false);
    expect(await arbiter.claim(RUN, 2, 'b', 'a')).toBe(true);
    // The old primary, with what it knew.
    expect(await arbiter.claim(RUN, 3, 'a', 'a')).toBe(false);
  });

  it('has one winner of 200 races of two processes', async () => {
    await open().begin(RUN, 'first');
    const sides: [Claimant, Claimant] = [new Claimant(`file:${directory}`), new Claimant(`file:${directory}`)];
    try {
      const wins = await race(sides, { run: RUN, first: 'first', count: 200, winners });
      expect(wins[0] + wins[1]).toBe(200);
      expect(Math.min(...wins)).toBeGreaterThan(0);
    } finally {
      sides.forEach((side) => side.close());
    }
    // The claims, and nothing that was written on the way.
    expect(readdirSync(directory)).toHaveLength(201);
  }, 60_000);

  it('has one winner among many at once', async () => {
    await open().begin(RUN, 'h0');
    let previous = 'h0';
    for (let epoch = 2; epoch < 12; epoch++) {
      const holders = Array.from({ length: 20 }, (_, i) => `h${String(i)}-${String(epoch)}`);
      const answers = await Promise.all(holders.map((holder) => open().claim(RUN, epoch, holder, previous)));
      expect(answers.filter((won) => won)).toHaveLength(1);
      previous = holders[answers.indexOf(true)] ?? '';
    }
  });

  it('finds its own claim where the answer of link() was lost, and what a dead process left behind', async () => {
    const arbiter = open();
    await arbiter.begin(RUN, 'a');
    // As it is after link() came about at the server, and the process did not come to the rest.
    writeFileSync(`${claimFile(2)}.00112233aabbccdd`, 'b\n');
    writeFileSync(claimFile(2), 'b\n');
    writeFileSync(`${claimFile(3)}.99`, 'half');
    expect(await arbiter.claim(RUN, 2, 'a', 'a')).toBe(false);
    expect(await open().claim(RUN, 2, 'b', 'a')).toBe(true);
    expect(await open().claim(RUN, 3, 'c', 'b')).toBe(true);
    await arbiter.end(RUN);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('waits for a directory that is away, and says so once', async () => {
    await open().begin(RUN, 'a');
    const elsewhere = `${directory}.moved`;
    const sides = [open(), open()];
    renameSync(directory, elsewhere);
    const notices: string[][] = [[], []];
    const asking = sides.map((arbiter, i) =>
      arbitrate(
        arbiter,
        { run: RUN, epoch: 2, holder: `side${String(i)}`, previous: 'a' },
        { notice: (sentence) => notices[i]?.push(sentence), sleep: pause, pause: 5 },
      ),
    );
    await pause(60);
    expect(sides[0]?.taken(RUN, 2)).toBeUndefined();
    // An empty directory at its place, as under a mount that has gone, is not the one of this run.
    mkdirSync(directory);
    await pause(60);
    expect(sides[0]?.taken(RUN, 2)).toBeUndefined();
    await expect(sides[0]?.holder(RUN, 2)).rejects.toThrow(ArbiterAway);
    rmSync(directory, { recursive: true });
    renameSync(elsewhere, directory);
    expect((await Promise.all(asking)).sort()).toEqual([false, true]);
    for (const told of notices) {
      expect(told).toEqual([
        `The arbiter file:${directory} is away (the claim of epoch 1 is not there: is it mounted?): nobody goes live until it answers.`,
        `The arbiter file:${directory} is back.`,
      ]);
    }
  });

  it('never answers from another directory that came to its place in the middle of a claim', async () => {
    await open().begin(RUN, 'a');
    const elsewhere = `${directory}.moved`;
    const outcomes = { won: 0, away: 0 };
    for (let epoch = 2, previous = 'a'; epoch < 60; epoch++) {
      const holder = `b${String(epoch)}`;
      const claiming = open()
        .claim(RUN, epoch, holder, previous)
        .catch((error: unknown) => error);
      for (let turns = epoch % 12; turns > 0; turns--) await new Promise((done) => setImmediate(done));
      renameSync(directory, elsewhere);
      mkdirSync(directory);
      const answer = await claiming;
      rmSync(directory, { recursive: true });
      renameSync(elsewhere, directory);
      if (answer === true) {
        outcomes.won++;
        expect(readFileSync(claimFile(epoch), 'utf8')).toBe(`${holder}\n`);
      } else {
        outcomes.away++;
        expect(answer).toBeInstanceOf(ArbiterAway);
      }
      const other = `c${String(epoch)}`;
      previous = (await open().claim(RUN, epoch, other, previous)) ? other : holder;
    }
    expect(outcomes.won + outcomes.away).toBe(58);
    expect(outcomes.away).toBeGreaterThan(0);
  });

  it('does not wait for a file system that hangs, nor give all threads to it', async () => {
    const arbiter = open(100);
    await arbiter.begin(RUN, 'a');
    renameSync(claimFile(1), `${directory}/kept`);
    // Who opens a FIFO to read it hangs until somebody opens it to write.
    execFileSync('mkfifo', [claimFile(1)]);
    const notices: string[] = [];
    const asking = arbitrate(
      arbiter,
      { run: RUN, epoch: 2, holder: 'b', previous: 'a' },
      { notice: (sentence) => notices.push(sentence), sleep: pause, pause: 1 },
    );
    try {
      await pause(900);
      // It was asked more often than Node has threads, which are there for others.
      expect((await stat(directory)).isDirectory()).toBe(true);
    } finally {
      const fifo = openSync(claimFile(1), 'r+');
      renameSync(`${directory}/kept`, claimFile(1));
      closeSync(fifo);
    }
    expect(await asking).toBe(true);
    expect(notices[0]).toMatch(/ is away \(no answer within 0\.1 s\): nobody goes live until it answers\.$/);
    expect(notices[1]).toMatch(/ is back\.$/);
    expect(notices).toHaveLength(2);
  });

  it('is away where the directory may not be read, and where a claim is damaged', async () => {
    await open().begin(RUN, 'a');
    rmSync(claimFile(1));
    mkdirSync(claimFile(1));
    await expect(open().claim(RUN, 2, 'b', 'a')).rejects.toMatchObject({ name: 'ArbiterAway', reason: 'EISDIR' });
    rmSync(claimFile(1), { recursive: true });
    writeFileSync(claimFile(1), 'a');
    await expect(open().claim(RUN, 2, 'a', 'a')).rejects.toThrow(/vmft-0123456789abcdef-1 is damaged/);
    writeFileSync(claimFile(1), 'a\n');
    execFileSync('chmod', ['0', directory]);
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65_534);
    try {
      await expect(open().claim(RUN, 2, 'b', 'a')).rejects.toMatchObject({ name: 'ArbiterAway', reason: 'EACCES' });
      expect(open().taken(RUN, 2)).toBeUndefined();
      await open().end(RUN);
      await expect(open().begin(RUN, 'a')).rejects.toThrow(/may not be written: check its permissions\.$/);
      expect(() => FileArbiter.open(directory)).toThrow(/may not be written: check its permissions\.$/);
    } finally {
      if (root) process.seteuid?.(0);
      execFileSync('chmod', ['700', directory]);
    }
    expect(await open().claim(RUN, 2, 'b', 'a')).toBe(true);
  });

  it('names a place that cannot be used', async () => {
    const missing = `${directory}/missing`;
    const expected = `The arbiter's directory ${missing} does not exist: create or mount it.`;
    expect(() => FileArbiter.open(missing)).toThrow(expected);
    await expect(new FileArbiter(missing).begin(RUN, 'a')).rejects.toThrow(expected);
    writeFileSync(missing, '');
    expect(() => FileArbiter.open(missing)).toThrow(/ is no directory: name one\.$/);
  });

  it('forgets a run, and that one only', async () => {
    const arbiter = open();
    await arbiter.begin(RUN, 'a');
    await arbiter.begin('ff', 'a');
    writeFileSync(`${directory}/vmft-other`, '');
    expect(await arbiter.claim(RUN, 2, 'b', 'a')).toBe(true);
    await arbiter.end(RUN);
    await arbiter.end(RUN);
    expect(readdirSync(directory).sort()).toEqual(['vmft-ff-1', 'vmft-other']);
    // Who comes too late finds nothing to go on from.
    await expect(arbiter.claim(RUN, 2, 'c', 'a')).rejects.toThrow(ArbiterAway);
    await expect(arbiter.claim(RUN, 3, 'c', 'b')).rejects.toThrow(ArbiterAway);
  });

  it('leaves no epoch free whose predecessor is held where forgetting fails on the way', async () => {
    const arbiter = open();
    await arbiter.begin(RUN, 'a');
    for (const [epoch, holder, previous] of [
      [2, 'b', 'a'],
      [3, 'c', 'b'],
    ] as const) {
      expect(await arbiter.claim(RUN, epoch, holder, previous)).toBe(true);
    }
    rmSync(claimFile(2));
    mkdirSync(claimFile(2));
    await arbiter.end(RUN);
    expect(readdirSync(directory).sort()).toEqual([2, 3].map((epoch) => basename(claimFile(epoch))));
  });

  it.each([
    ['../etc', 2, 'b', 'a'],
    [RUN, 1, 'b', 'a'],
    [RUN, 1.5, 'b', 'a'],
    [RUN, 2, 'b\n', 'a'],
    [RUN, 2, '', 'a'],
  ])('takes no claim named %j, %d, %j, %j', async (run, epoch, holder, previous) => {
    await expect(open().claim(run, epoch, holder, previous)).rejects.toThrow(RangeError);
    expect(readdirSync(directory)).toEqual([]);
  });
});
