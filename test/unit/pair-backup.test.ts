/** The backup's half: how it joins, what it refuses, when it holds the primary for lost, and who it becomes. */
import type { Output } from '../../src/machine/environment.js';
import { Machine } from '../../src/machine/machine.js';
import { Backup, LostEarly, Refused } from '../../src/pair/backup.js';
import { encodeFrame, type Frame, type Welcome } from '../../src/pair/frames.js';
import { StateDigest } from '../../src/replay/digest.js';
import { DirtyPages } from '../../src/replay/dirty-pages.js';
import { loadHash } from '../../src/replay/hash.js';
import { configurationOf, guestImage } from '../guest/replay-rig.js';
import { Door } from '../support/door.js';
import { HELLO, joinedPair, PrimaryRig, TIMEOUT, type PairOptions } from '../support/pair-rig.js';
import { ManualTimers, MemoryArbiter, settled, Wire } from '../support/pair-host.js';

const OPTIONS: PairOptions = { guest: 'idle-hour', engine: 'interpreter' };
const WELCOME: Welcome = {
  ...{ type: 'welcome', run: 'ab', epoch: 1, holder: 'first', arbiter: 'memory:', networks: [], disks: [] },
  ...{ identities: [], host: '', timeout: TIMEOUT, console: 0 },
};
const STATE: Frame = { type: 'state', fields: new Uint8Array(8), digest: 1n, position: 0, time: 0 };
const PAGES: Frame = { type: 'pages', numbers: [0], content: new Uint8Array(4096) };

const said = (text: string): Output => ({ type: 'console', device: 0, data: new TextEncoder().encode(text) });
const log = (length: number): Frame => ({ type: 'log', bytes: new Uint8Array(length) });

/** A backup of a primary that the test plays. */
async function called(...frames: readonly (Frame | Uint8Array)[]) {
  const timers = new ManualTimers();
  const wire = new Wire();
  const backup = new Backup(wire.backup, { timers, hello: HELLO, tell: () => undefined });
  for (const frame of frames) wire.primary.send(frame instanceof Uint8Array ? frame : encodeFrame(frame));
  await settled();
  return { timers, wire, backup };
}

/** What the joining of a backup comes to. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'joined',
    (error: unknown) => error,
  );
}

/** A machine to join with. */
let machine: Machine;
let digest: StateDigest;
beforeAll(async () => {
  machine = new Machine(configurationOf(), guestImage('idle-hour'), new Door(undefined as never), 'interpreter');
  digest = new StateDigest(machine, new DirtyPages(machine).consumer(), await loadHash());
});

describe('joining', () => {
  it('begins with a greeting, and takes short frames only until it is answered', async () => {
    const { wire, backup } = await called();
    expect(wire.backup.said).toEqual([{ type: 'hello', format: 'vmft', version: 1, ...HELLO }]);
    expect(wire.backup.longest).toBe(65_536);
    wire.primary.say(WELCOME);
    await settled();
    expect([await backup.greet(), wire.backup.longest]).toEqual([WELCOME, 2 ** 24]);
  });

  it('fails in the primary’s words where it is refused', async () => {
    const { backup } = await called({ type: 'refusal', reason: 'Not today.' });
    const error = await outcome(backup.greet());
    expect(error).toBeInstanceOf(Refused);
    expect(String(error)).toContain('Not today.');
  });

  it.each<[string, (Frame | Uint8Array)[], RegExp]>([
    ['that is garbage', [Uint8Array.of(9, 9, 9)], /no frame/],
    ['that is a greeting', [{ type: 'hello', format: 'vmft', version: 1, ...HELLO }], /out of place/],
    ['that is an acknowledgement', [{ type: 'received', offset: 0, position: 0, stamp: 0 }], /out of place/],
    ['that is a second welcome', [WELCOME, WELCOME], /second welcome/],
    ['that says it is over', [WELCOME, { type: 'leave' }], /ended/],
    ['that is a second state', [WELCOME, STATE, STATE], /second state/],
    ['that are pages behind the state', [WELCOME, STATE, PAGES], /second state/],
    ['that is no frame, behind the welcome', [WELCOME, Uint8Array.of(0xff)], /no frame/],
  ])('fails at something %s', async (_name, frames, reason) => {
    const { backup, wire } = await called(...frames);
    const joining = backup.greet().then(() => backup.join(machine, digest));
    expect(String(await outcome(joining))).toMatch(reason);
    expect(wire.primary.closed || wire.backup.closed).toBe(true);
  });

  it('fails where the connection closes, for whoever reads the log too', async () => {
    const { backup, wire } = await called(WELCOME, log(10));
    await backup.greet();
    expect(await backup.source.read()).toHaveLength(10);
    const reading = outcome(backup.source.read());
    wire.cut('its connection broke');
    expect(await reading).toBeInstanceOf(LostEarly);
    expect(await outcome(backup.source.read(false))).toBeInstanceOf(LostEarly);
  });

  it('waits for five seconds of silence, and not longer', async () => {
    for (const frames of [[], [WELCOME], [WELCOME, log(10), PAGES]]) {
      const { backup, wire, timers } = await called(...frames);
      await timers.pass(4_000);
      wire.primary.say({ type: 'beat', time: 0, released: 0, stamp: 0, position: 0, leased: false });
      await timers.pass(5_000);
      expect(wire.backup.closed).toBe(false);
      await timers.pass(2_000);
      expect(wire.backup.closed).toBe(true);
      const joining = backup.greet().then(() => backup.join(machine, digest));
      expect(String(await outcome(joining))).toMatch(/said nothing for 5000 ms/);
    }
  });

  it('fails where a log goes on without a state', async () => {
    const { backup, wire } = await called(WELCOME, log(10));
    const joining = outcome(backup.join(machine, digest));
    wire.primary.say(log(1));
    expect(String(await joining)).toMatch(/a log without a state/);
  });

  it('fails where so much log has come without a state that nothing more is read', async () => {
    const { backup, wire } = await called(WELCOME, ...Array.from({ length: 5 }, () => log(2 ** 24 - 64)));
    expect(wire.backup.held).toBe(true);
    expect(String(await outcome(backup.join(machine, digest)))).toMatch(/a log without a state/);
  });

  it('holds the channel while pages wait for their machine', async () => {
    const { wire } = await called(
      WELCOME,
      ...Array.from({ length: 3 }, () => ({ ...PAGES, content: new Uint8Array(2 ** 24 - 64) })),
    );
    expect(wire.backup.held).toBe(true);
  });

  it('tells the primary what was wrong with the state', async () => {
    const { backup, wire } = await called(WELCOME, { ...PAGES, numbers: [99_999] });
    expect(String(await outcome(backup.join(machine, digest)))).toMatch(/pages of memory that there is not/);
    expect(wire.backup.said.at(-1)).toEqual({
      type: 'refusal',
      reason: 'The state that came is pages of memory that there is not.',
    });
  });
});

describe('a primary that falls silent', () => {
  const pair = async () => {
    const timers = new ManualTimers();
    return { ...(await joinedPair(OPTIONS, new Wire(), timers)), timers };
  };

  it('is lost after the time that was agreed', async () => {
    const { backup, timers } = await pair();
    let lost: string | undefined;
    void backup.backup.loss.then((reason) => (lost = reason));
    await timers.pass(TIMEOUT);
    expect(lost).toBeUndefined();
    await timers.pass(TIMEOUT / 4);
    expect(lost).toBe('it has said nothing for 2000 ms');
  });

  it('is lost at once where the connection is closed', async () => {
    const { backup, wire } = await pair();
    wire.cut('its connection broke (ECONNRESET)');
    expect(await backup.backup.loss).toBe('its connection broke (ECONNRESET)');
  });

  it('is not suspected by a backup that has slept itself, where it has spoken meanwhile', async () => {
    const { primary, backup, wire, timers } = await pair();
    let lost = false;
    void backup.backup.loss.then(() => (lost = true));
    wire.backup.hold(true);
    for (let n = 0; n < 4; n++) await primary.timers.pass(400);
    wire.backup.hold(false);
    await timers.oversleep(10 * TIMEOUT);
    expect(lost).toBe(false);
  });

  it('is not suspected while the backup itself takes nothing', async () => {
    const { wire, backup, timers } = await pair();
    let lost = false;
    void backup.backup.loss.then(() => (lost = true));
    wire.primary.hold(true);
    for (let n = 0; n < 5; n++) wire.primary.say(log(2 ** 24 - 64));
    await settled();
    expect(wire.backup.held).toBe(true);
    await timers.pass(10 * TIMEOUT);
    expect(lost).toBe(false);
    while (wire.backup.held) await backup.backup.source.read(false);
    await timers.pass(2 * TIMEOUT);
    expect(lost).toBe(true);
  });

  it('is acknowledged everything, each log frame at once', async () => {
    const { wire } = await pair();
    const before = wire.backup.said.length;
    wire.primary.say(log(100));
    wire.primary.say(log(100));
    await settled();
    const frames = wire.backup.said.slice(before);
    expect(frames).toHaveLength(2);
    const offsets = frames.map((frame) => (frame.type === 'received' ? frame.offset : 0));
    expect(offsets[1] - offsets[0]).toBe(100);
  });
});

describe('contending', () => {
  const lost = async (dead = true, arbiter = new MemoryArbiter()) => {
    const pair = await joinedPair({ ...OPTIONS, arbiter });
    if (dead) Wire.die(pair.wire.primary);
    pair.wire.cut();
    return { ...pair, signal: new AbortController().signal };
  };

  it('makes it the primary of the next epoch, once', async () => {
    const { backup, primary, signal } = await lost();
    expect(await backup.backup.contend(primary.arbiter, 'second', signal)).toEqual({
      ...{ run: 'ab', epoch: 2, holder: 'second' },
    });
    expect(await backup.backup.contend(primary.arbiter, 'third', signal)).toBeUndefined();
  });

  it('against a primary that lives: one of the two gets it', async () => {
    const { backup, primary, signal } = await lost(false);
    const reign = await backup.backup.contend(primary.arbiter, 'second', signal);
    await primary.timers.pass(10);
    expect([reign === undefined, primary.halted].filter((halts) => halts)).toHaveLength(1);
  });

  it('waits for an arbiter that is away, and can be given up', async () => {
    const { backup, primary } = await lost();
    primary.arbiter.away = true;
    const controller = new AbortController();
    const contending = backup.backup.contend(primary.arbiter, 'second', controller.signal);
    await primary.timers.pass(5000);
    expect(backup.told).toEqual(['The arbiter memory: is away (out for lunch): nobody goes live until it answers.']);
    controller.abort(new Error('enough'));
    await expect(contending).rejects.toThrow('enough');
  });

  it('where the old primary sends without a look at the arbiter, it waits until that one sends no more', async () => {
    const timers = new ManualTimers();
    const { backup, primary, wire } = await joinedPair(OPTIONS, new Wire(), timers);
    // Only the primary cannot see it.
    primary.arbiter.blind = true;
    expect(primary.primary.mayRelease()).toBe(false);
    await primary.timers.pass(TIMEOUT / 5);
    await timers.pass(TIMEOUT / 5);
    expect(primary.primary.mayRelease()).toBe(true);
    // It lives, asleep, and the backup sees the arbiter.
    Wire.die(wire.primary);
    wire.cut();
    primary.arbiter.blind = false;
    let live = false;
    const { signal } = new AbortController();
    const contending = backup.backup.contend(primary.arbiter, 'second', signal).then(() => (live = true));
    await timers.pass(TIMEOUT / 2 - 1);
    expect(live).toBe(false);
    await timers.pass(1);
    await contending;
  });

  it('waits no longer where the primary sees the arbiter again, and has said so', async () => {
    const timers = new ManualTimers();
    const { backup, primary, wire } = await joinedPair(OPTIONS, new Wire(), timers);
    const { signal } = new AbortController();
    primary.arbiter.blind = true;
    primary.primary.mayRelease();
    await primary.timers.pass(TIMEOUT / 5);
    primary.arbiter.blind = false;
    expect(primary.primary.mayRelease()).toBe(true);
    await primary.timers.pass(TIMEOUT / 5);
    Wire.die(wire.primary);
    wire.cut();
    expect(await backup.backup.contend(primary.arbiter, 'second', signal)).toMatchObject({ epoch: 2 });
  });
});

describe('outputs that may have left', () => {
  it('are those that the log has and the primary has not told to have left', async () => {
    const { backup, wire } = await called(WELCOME);
    const words = (): string[] =>
      backup.doubtful.map(({ output }) => (output.type === 'console' ? Buffer.from(output.data).toString() : ''));
    const beat = async (released: number): Promise<void> => {
      wire.primary.say({ type: 'beat', time: 0, released, stamp: 0, position: 0, leased: false });
      await settled();
    };
    for (const [n, text] of ['a', 'b', 'c'].entries()) backup.sent(n, said(text));
    expect(words()).toEqual(['a', 'b', 'c']);
    await beat(1);
    expect(words()).toEqual(['b', 'c']);
    await beat(5);
    expect(words()).toEqual([]);
    // Two of those that had left are proven only now.
    for (const text of ['d', 'e', 'f']) backup.sent(9, said(text));
    expect(words()).toEqual(['f']);
  });
});

it('guest time goes on from the last beat', async () => {
  const { backup, wire, timers } = await called(WELCOME);
  expect(backup.guestTime).toBe(0);
  wire.primary.say({ type: 'beat', time: 5000, released: 0, stamp: 0, position: 0, leased: false });
  await settled();
  await timers.pass(3);
  expect(backup.guestTime).toBe(5000 + 3 * 10_000);
});

it('a backup that gives up says so', async () => {
  const { backup, primary, wire } = await joinedPair(OPTIONS);
  backup.backup.leave();
  expect(wire.backup.said.at(-1)).toEqual({ type: 'leave' });
  await settled();
  expect(primary.arbiter.claims).toBe(0);
  const other = await PrimaryRig.start(OPTIONS);
  const another = other.listener.call(new Wire());
  const refusing = new Backup(another.backup, { timers: other.timers, hello: HELLO, tell: () => undefined });
  await refusing.greet();
  refusing.refuse('My disk is another');
  for (let n = 0; n < 10; n++) await settled();
  expect(other.told.at(-1)).toMatch(/(did not join|has left): it says "My disk is another"\.$/);
  expect([other.gate.state, other.arbiter.claims]).toEqual(['open', 0]);
});
