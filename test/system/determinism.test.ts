/**
 * The promise of the whole: a replay is the recording again, bit by bit. Every guest that needs nobody is recorded on the
 * host's clock, again and again while other processes fight for the cores, and replayed by another process; every
 * digest, every output, the console and the exit status must be equal. And a recording that takes nothing from the
 * host is the same file each time.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { checksOf, load, Many, summaryOf, type Outcome } from '../support/many.js';
import { guest, Running, RunningConsole, vmft, vmftCommand, workFolder, type Answer } from '../support/vmft.js';

const TIMES = 20;
const DIGEST_EVERY = '100000';

const work = workFolder();
const recorder = new Many();
const replayer = new Many();
let busy: { stop: () => void };

beforeAll(() => {
  busy = load(2);
});
afterAll(() => {
  busy.stop();
  recorder.close();
  replayer.close();
  work.remove();
});

/** Guests that end by themselves within a second or so, with the position to stop those at that do not. */
const GUESTS: readonly (readonly [name: string, until: string | undefined])[] = [
  ['hello', undefined],
  ['clock-small', undefined],
  ['dice', undefined],
  ['paging', undefined],
  ['race', undefined],
  ['race-once', undefined],
  ['idle', undefined],
  ['storm', undefined],
  ['traploop', '1234567'],
  ['bits-small', undefined],
  ['bytecode-small', undefined],
  ['chase-small', undefined],
  ['matrix-small', undefined],
  ['nbody-small', undefined],
  ['queens-small', undefined],
  ['sort-small', undefined],
];

/** Lines in pieces, with editing, an interrupt, and the clock. */
const TYPED = ['he', 'lp\nti', 'me\nsum 2', '0000\necho one\b\b\btwo\n', '\x03', 'peek 0x80000000\ntime\n', 'exit 3\n'];

/** Replays a log and compares it to its recording. */
async function expectFaithful(log: string, recorded: Outcome): Promise<void> {
  const replayed = await replayer.run({ command: 'replay', path: log });
  const made = summaryOf(recorded);
  expect([replayed.status, replayed.stderr]).toEqual([recorded.status, expect.stringMatching(/^\{/)]);
  expect(replayed.stdout).toBe(recorded.stdout);
  expect(summaryOf(replayed)).toMatchObject({
    ended: 'whole',
    instructions: made.instructions,
    recorded: { ended: made.ended, status: made.status },
    ...checksOf(made),
  });
}

describe('recorded on the host clock under load, and replayed', () => {
  it.each(GUESTS)(`%s, ${TIMES} times`, async (name, until) => {
    // While one is replayed the next is recorded: that, too, moves the moments at which inputs come.
    let replaying = Promise.resolve();
    let digests = 0;
    for (let time = 0; time < TIMES; time++) {
      const output = work.path(`${name}-${time}.pb`);
      const recorded = await recorder.run({
        ...{ command: 'record', path: guest(`${name}.elf`) },
        flags: { output, until, 'digest-every': DIGEST_EVERY },
      });
      expect(recorded).toMatchObject({ stderr: expect.stringMatching(/^\{/) });
      const summary = summaryOf(recorded);
      expect(summary.ended).toBe(until === undefined ? 'power-off' : 'until');
      digests += checksOf(summary).digests;
      await replaying;
      replaying = expectFaithful(output, recorded).then(() => rmSync(output));
      replaying.catch(() => undefined);
    }
    await replaying;
    expect(digests).toBeGreaterThanOrEqual(2 * TIMES);
  });

  it(`shell, ${TIMES} times, with somebody typing`, async () => {
    const together = 4;
    for (let time = 0; time < TIMES; time += together) {
      await Promise.all(Array.from({ length: together }, (_, n) => typeAndReplay(time + n)));
    }
  });

  let turn = Promise.resolve();

  async function typeAndReplay(time: number): Promise<void> {
    const log = work.path(`shell-${time}.pb`);
    const args = ['record', guest('shell.elf'), '-o', log, '--json', '--digest-every', '1000'];
    const recording = new RunningConsole(...args);
    await recording.prints(/> /);
    await recording.type(TYPED, (time * 37) % 90);
    const recorded = await recording.ended;
    expect(recorded.stdout).toContain('ticks, ');
    expect(recorded.status).toBe(3);
    // Replays take turns.
    const outcome = { ...recorded, stdout: Buffer.from(recorded.stdout).toString('base64'), status: 3 };
    await (turn = turn.then(() => expectFaithful(log, outcome)));
  }
});

describe('a recording that is not at its end', () => {
  const piped: typeof GUESTS = [...GUESTS, ['clock', undefined]];

  it.each(piped)('%s is replayed through a pipe', (name, until) => {
    const limit = until === undefined ? [] : ['--until', until];
    const record = ['record', guest(`${name}.elf`), '-o', '-', '--json', '--digest-every', DIGEST_EVERY, ...limit];
    // What the guest says goes to stderr while the log is on stdout.
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-c', 'set -o pipefail; "$0" "$1" "${@:3}" 2> "$2" | "$0" "$1" replay - --json'].concat(
        [process.execPath, vmftCommand, work.path('recorder')],
        record,
      ),
      { encoding: 'utf8', input: '' },
    );
    const said = readFileSync(work.path('recorder'), 'utf8');
    // race may fail, and then on both sides.
    const made = summaryOf({ stderr: said });
    expect(status).toBe(made.status);
    expect(said.startsWith(stdout)).toBe(true);
    if (until === undefined) expect(stdout).not.toBe('');
    expect(summaryOf({ stderr })).toMatchObject({
      ended: 'whole',
      instructions: made.instructions,
      ...checksOf(made),
    });
  });

  const followed: typeof GUESTS = [
    ...['idle', 'clock-small', 'clock'].map((name) => [name, undefined] as const),
    ['sort', '150000000'],
  ];
  it.each(followed)('%s is followed while it is recorded', async (name, until) => {
    const log = work.path(`${name}-followed.pb`);
    const limit = until === undefined ? [] : ['--until', until];
    const options = ['-o', log, '--json', '--digest-every', DIGEST_EVERY, ...limit];
    const recording = new Running('record', guest(`${name}.elf`), ...options);
    const following = new Running('replay', '--follow', log, '--json');
    const [recorded, replayed] = await Promise.all([recording.ended, following.ended]);
    const made = summaryOf(recorded);
    expect(recorded.status).toBe(0);
    expect(replayed).toMatchObject({ status: 0, stdout: recorded.stdout });
    expect(summaryOf(replayed)).toMatchObject({
      ended: 'whole',
      instructions: made.instructions,
      ...checksOf(made),
    });
  });
});

describe('recorded twice with the virtual clock and a seed', () => {
  const guests: typeof GUESTS = [
    ...GUESTS,
    ...['idle-second', 'idle-hour', 'clock'].map((name) => [name, undefined] as const),
  ];

  it.each(guests)('%s is one file', async (name, until) => {
    const flags = { until, clock: 'virtual', entropy: 'seed:2a', 'digest-every': DIGEST_EVERY };
    const path = guest(`${name}.elf`);
    const [a, b] = [work.path('a.pb'), work.path('b.pb')];
    const [first, second] = await Promise.all([
      recorder.run({ command: 'record', path, flags: { ...flags, output: a } }),
      replayer.run({ command: 'record', path, flags: { ...flags, output: b } }),
    ]);
    expect(first.status).toBe(0);
    expect([second.status, second.stdout]).toEqual([first.status, first.stdout]);
    expect(readFileSync(a).equals(readFileSync(b))).toBe(true);
    await expectFaithful(a, first);
  });

  it('another seed makes another', () => {
    const record = (seed: string): Answer =>
      vmft(
        ...['record', guest('dice.elf'), '-q', '-f', '-o', work.path('dice.pb')],
        ...['--clock', 'virtual', '--entropy', `seed:${seed}`],
      );
    expect(record('01').stdout).not.toBe(record('02').stdout);
  });
});
