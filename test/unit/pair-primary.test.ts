/** The primary's half: who joins, who is thrown out, what silence and the arbiter make of a pair. */
import { PAGE_BYTES } from '../../src/hart/layout.js';
import type { Output } from '../../src/machine/environment.js';
import { encodeFrame, type Frame, type Hello } from '../../src/pair/frames.js';
import { BackupRig, HELLO, joinedPair, PrimaryRig, TIMEOUT, type PairOptions } from '../support/pair-rig.js';
import { ManualTimers, MemoryArbiter, settled, Wire } from '../support/pair-host.js';

const OPTIONS: PairOptions = { guest: 'idle-hour', engine: 'interpreter' };
const PROPER: Hello = { type: 'hello', format: 'vmft', version: 1, ...HELLO };
const OUTPUT: Output = { type: 'packet', device: 0, data: Uint8Array.of(1, 2, 3) };

const typesOf = (frames: readonly Frame[]): string[] => frames.map(({ type }) => type);

const NEVER = new Promise<void>(() => undefined);

/** The guest sends something now: through the log and the gate. */
function send(primary: PrimaryRig): void {
  primary.tap.emit(primary.machine.position, OUTPUT);
}

/** Lets time pass at both ends, a little at a time. */
async function together(milliseconds: number, ...clocks: readonly ManualTimers[]): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 50) for (const timers of clocks) await timers.pass(50);
}

/** Somebody who has said these frames. */
async function stranger(primary: PrimaryRig, ...frames: readonly Frame[]): Promise<Wire> {
  const wire = primary.listener.call(new Wire());
  for (const frame of frames) wire.backup.say(frame);
  for (let n = 0; n < 20; n++) await settled();
  return wire;
}

describe('a pair of which nobody falls silent', () => {
  it('stays one, and says so all the time', async () => {
    const timers = new ManualTimers();
    const { primary, backup, wire } = await joinedPair(OPTIONS, new Wire(), timers);
    const beats = typesOf(wire.primary.said).filter((type) => type === 'beat').length;
    await together(10 * TIMEOUT, primary.timers, timers);
    expect(primary.told).toEqual(['The backup at the backup has joined.']);
    expect(typesOf(wire.primary.said).filter((type) => type === 'beat').length - beats).toBe(50);
    expect(typesOf(wire.backup.said).filter((type) => type === 'received').length).toBeGreaterThanOrEqual(50);
    expect([primary.gate.state, primary.arbiter.claims, backup.told]).toEqual(['guarded', 0, []]);
  });

  it('lets outputs leave when they are acknowledged', async () => {
    const { primary } = await joinedPair(OPTIONS);
    send(primary);
    expect(primary.seen).toHaveLength(0);
    for (let n = 0; n < 4; n++) await settled();
    expect([primary.seen.length, primary.gate.released]).toEqual([1, 1]);
  });

  it('ends when the guest has ended, once the backup knows', async () => {
    const { primary, backup } = await joinedPair({ ...OPTIONS, guest: 'hello' });
    const [run, followed] = await Promise.all([primary.run(), backup.follow()]);
    const over = primary.primary.finish(NEVER);
    // The primary waits until the backup, told that all has left, has left too.
    await backup.backup.farewell;
    backup.backup.leave();
    await primary.timers.pass(10);
    expect(await over).toBe(true);
    expect([run, followed]).toMatchObject([{ status: 0 }, { ended: 'whole', status: 0 }]);
    expect(primary.primary.counts).toMatchObject({ backups: 1 });
    expect(primary.primary.counts.sent).toBeGreaterThan(50);
    expect([primary.arbiter.claims, primary.timers.pending]).toEqual([0, 0]);
  });
});

it('a backup of which nobody knows whether it has ended may still ask the arbiter', async () => {
  const { primary, backup } = await joinedPair({ ...OPTIONS, guest: 'hello' });
  await Promise.all([primary.run(), backup.follow()]);
  const over = primary.primary.finish(NEVER);
  await primary.timers.pass(10_000);
  expect(await over).toBe(false);
});

describe('a backup that falls silent', () => {
  const mute = async (arbiter = new MemoryArbiter()) => {
    const timers = new ManualTimers();
    const pair = await joinedPair({ ...OPTIONS, arbiter }, new Wire(), timers);
    // Only the primary's time goes on.
    return { ...pair, timers };
  };

  it('is lost after the time that was agreed, and no output leaves before the arbiter has decided', async () => {
    const { primary, wire } = await mute();
    wire.primary.hold(true);
    send(primary);
    await primary.timers.pass(TIMEOUT);
    expect([primary.gate.state, primary.seen.length]).toEqual(['guarded', 0]);
    await primary.timers.pass(TIMEOUT / 4);
    expect(primary.told.slice(1)).toEqual([
      'The backup at the backup is lost: it has said nothing for 2000 ms.',
      'Going on without a backup, as the primary of epoch 2.',
    ]);
    expect([primary.gate.state, primary.seen.length, primary.halted]).toEqual(['open', 1, false]);
    expect(primary.arbiter.holders.get('ab 2')).toBe('first');
  });

  it('is not suspected by a primary that has slept itself, where it has spoken meanwhile', async () => {
    const { primary, wire, timers } = await mute();
    await together(TIMEOUT, primary.timers, timers);
    wire.primary.hold(true);
    for (let n = 0; n < 4; n++) await timers.pass(400);
    wire.primary.hold(false);
    await primary.timers.oversleep(10 * TIMEOUT);
    expect([primary.gate.state, primary.told.length, primary.arbiter.claims]).toEqual(['guarded', 1, 0]);
  });

  it('and has gone live makes the primary halt, with all that waited kept back', async () => {
    const { primary, wire } = await mute();
    wire.primary.hold(true);
    send(primary);
    primary.arbiter.holders.set('ab 2', 'second');
    await primary.timers.pass(2 * TIMEOUT);
    expect([primary.halted, primary.gate.state, primary.seen.length]).toEqual([true, 'shut', 0]);
  });

  it('cannot be succeeded while the arbiter is away; once it is back, the primary goes on', async () => {
    const { primary, wire } = await mute();
    send(primary);
    primary.arbiter.away = true;
    wire.cut();
    await primary.timers.pass(60_000);
    expect(primary.told.slice(2)).toEqual([
      'The arbiter memory: is away (out for lunch): nobody goes live until it answers.',
    ]);
    expect([primary.gate.state, primary.seen.length]).toEqual(['shut', 0]);
    let resumed = false;
    const resuming = primary.primary.yield(1).then(() => (resumed = true));
    await primary.timers.pass(2000);
    expect(resumed).toBe(false);
    primary.arbiter.away = false;
    await primary.timers.pass(1000);
    await resuming;
    expect(primary.told.slice(3)).toEqual([
      'The arbiter memory: is back.',
      'Going on without a backup, as the primary of epoch 2.',
    ]);
    expect([primary.gate.state, primary.seen.length]).toEqual(['open', 1]);
  });

  it('does not keep a run from being ended while the arbiter is away', async () => {
    const { primary, wire } = await mute();
    primary.arbiter.away = true;
    wire.cut();
    await settled();
    const waiting = primary.primary.yield(1);
    primary.recorder.stop('interrupted');
    await waiting;
    // Also where it was asked to before it had to wait.
    await primary.primary.yield(1);
    expect(primary.gate.state).toBe('shut');
    primary.primary.close();
    await primary.timers.pass(2000);
    expect([primary.halted, primary.told.length]).toEqual([false, 3]);
  });

  it('does not keep the process from ending then, with what waited kept back and the claims left', async () => {
    const { primary, wire } = await mute();
    primary.arbiter.away = true;
    send(primary);
    wire.cut();
    await settled();
    let asked: () => void = () => undefined;
    const finishing = primary.primary.finish(new Promise<void>((resolve) => (asked = resolve)));
    await primary.timers.pass(10_000);
    asked();
    await primary.timers.pass(100);
    expect([await finishing, primary.seen.length]).toEqual([false, 0]);
  });

  it('with an arbiter that does not decide: the primary halts', async () => {
    const { primary, wire } = await mute();
    primary.arbiter.broken = new TypeError('no such thing');
    wire.cut();
    await primary.timers.pass(10);
    expect(primary.told.at(-1)).toBe('The arbiter memory: does not decide: TypeError: no such thing.');
    expect([primary.halted, primary.gate.state]).toEqual([true, 'shut']);
  });
});

describe('whose the world is', () => {
  it('is asked before outputs leave: the arbiter knows of another', async () => {
    const { primary } = await joinedPair(OPTIONS);
    primary.arbiter.holders.set('ab 2', 'second');
    send(primary);
    for (let n = 0; n < 4; n++) await settled();
    expect([primary.seen.length, primary.halted, primary.gate.state]).toEqual([0, true, 'shut']);
  });

  it('with an arbiter that cannot be asked at once: it is for half the silence after a beat that was answered', async () => {
    const timers = new ManualTimers();
    const { primary, wire } = await joinedPair(OPTIONS, new Wire(), timers);
    primary.arbiter.blind = true;
    expect([primary.primary.mayRelease(), wire.primary.said.at(-1)]).toMatchObject([false, { leased: true }]);
    await together(1000, primary.timers, timers);
    expect(primary.primary.mayRelease()).toBe(true);
    wire.primary.hold(true);
    await primary.timers.pass(TIMEOUT / 2 - 450);
    expect(primary.primary.mayRelease()).toBe(true);
    await primary.timers.pass(450 + 1);
    expect(primary.primary.mayRelease()).toBe(false);
    // What an acknowledgement would let go waits for the next.
    send(primary);
    wire.primary.hold(false);
    await settled();
    await together(800, primary.timers, timers);
    expect([primary.primary.mayRelease(), primary.seen.length]).toEqual([true, 1]);
  });

  it('alone it is the primary’s', async () => {
    const primary = await PrimaryRig.start(OPTIONS);
    primary.arbiter.away = true;
    expect(primary.primary.mayRelease()).toBe(true);
  });
});

describe('a backup that leaves', () => {
  it('lets the primary go on alone without asking anybody, and another join', async () => {
    const { primary, backup } = await joinedPair(OPTIONS);
    primary.arbiter.away = true;
    send(primary);
    primary.gate.shut();
    await settled();
    primary.gate.guard();
    backup.backup.leave();
    for (let n = 0; n < 4; n++) await settled();
    expect([primary.gate.state, primary.seen.length, primary.arbiter.claims]).toEqual(['open', 1, 0]);
    expect(primary.told.slice(1)).toEqual(['The backup at the backup has left.']);
    const wire = primary.listener.call(new Wire());
    const next = new BackupRig(wire.backup, OPTIONS, primary.timers, primary.arbiter);
    expect([await next.join(), primary.gate.state, primary.primary.counts.backups]).toEqual([0, 'guarded', 2]);
  });
});

describe('strangers', () => {
  it('a second backup is refused, and the first stays', async () => {
    const { primary } = await joinedPair(OPTIONS);
    const wire = await stranger(primary, PROPER);
    expect(wire.primary.said).toEqual([
      { type: 'refusal', reason: 'The primary has a backup already: one is all it takes.' },
    ]);
    expect([primary.gate.state, primary.told.slice(1)]).toEqual([
      'guarded',
      ['A backup did not join: The primary has a backup already: one is all it takes.'],
    ]);
  });

  it.each<[string, Partial<Hello>]>([
    ['program', { build: 'vmft 9.9.9\x1b[2J' }],
    ['machine', { behaviour: 99 }],
    ['channel', { version: 2 }],
  ])('a backup with another %s is told which both have', async (_name, changes) => {
    const primary = await PrimaryRig.start(OPTIONS);
    const wire = await stranger(primary, { ...PROPER, ...changes });
    const [refusal] = wire.primary.said;
    const reason = refusal.type === 'refusal' ? refusal.reason : '';
    expect(reason).toMatch(
      /^The backup is vmft \S+( \[2J)? \(machine \d+, channel \d\) and the primary vmft test \(machine 1, channel 1\): both must be the same\.$/,
    );
    expect(primary.told).toEqual([`A backup did not join: ${reason}`]);
    expect([wire.primary.said.length, wire.backup.closed]).toEqual([1, true]);
  });

  it.each<[string, Uint8Array[]]>([
    ['garbage', [Uint8Array.of(1, 2, 3)]],
    ['another protocol', [encodeFrame({ ...PROPER, format: 'http' })]],
    ['a beat', [encodeFrame({ type: 'beat', time: 1, released: 1, stamp: 1, position: 1, leased: true })]],
    ['an acknowledgement', [encodeFrame({ type: 'received', offset: 1, position: 1, stamp: 1 })]],
    ['its leave', [encodeFrame({ type: 'leave' })]],
  ])('who begins with %s is not answered, nor spoken of', async (_name, frames) => {
    const primary = await PrimaryRig.start(OPTIONS);
    const wire = primary.listener.call(new Wire());
    for (const frame of frames) wire.backup.send(frame);
    for (let n = 0; n < 4; n++) await settled();
    expect([wire.primary.sent, wire.backup.closed, primary.told]).toEqual([[], true, []]);
  });

  it.each<[string, Frame]>([
    ['a second greeting', PROPER],
    ['a state', { type: 'state', fields: new Uint8Array(0), digest: 0n, position: 0, time: 0 }],
    ['an acknowledgement of what it was not sent', { type: 'received', offset: 1e9, position: 0, stamp: 0 }],
    ['an answer to a beat to come', { type: 'received', offset: 0, position: 0, stamp: 1e9 }],
  ])('a backup that sends %s is thrown out', async (_name, frame) => {
    const { primary, wire } = await joinedPair(OPTIONS);
    send(primary);
    wire.primary.inbox.length = 0;
    wire.backup.inbox.length = 0;
    wire.backup.say(frame);
    await settled();
    expect(wire.backup.closed || primary.told.length > 1).toBe(true);
    expect(primary.told[1]).toMatch(/is lost: it (sent a frame out of place|acknowledged what it was not sent)\.$/);
  });

  it('who says nothing goes after 5 seconds, and nothing is left of it', async () => {
    const primary = await PrimaryRig.start(OPTIONS);
    const { pending } = primary.timers;
    const wire = await stranger(primary);
    await primary.timers.pass(4999);
    expect(wire.backup.closed).toBe(false);
    await primary.timers.pass(1);
    expect([wire.backup.closed, primary.timers.pending, primary.told]).toEqual([true, pending, []]);
  });

  it('who has been greeted or has gone leaves no timer behind', async () => {
    const primary = await PrimaryRig.start(OPTIONS);
    const { pending } = primary.timers;
    for (let n = 0; n < 100; n++) (await stranger(primary)).backup.close();
    const wire = await stranger(primary, { ...PROPER, version: 7 });
    for (let n = 0; n < 4; n++) await settled();
    expect([wire.backup.closed, primary.timers.pending]).toEqual([true, pending]);
  });

  it('the oldest of too many goes, never the backup', async () => {
    const { primary, wire } = await joinedPair(OPTIONS);
    const strangers: Wire[] = [];
    for (let n = 0; n < 40; n++) strangers.push(await stranger(primary));
    expect(strangers.map(({ backup }) => backup.closed)).toEqual(strangers.map((_, n) => n < 25));
    expect([wire.backup.closed, primary.gate.state]).toEqual([false, 'guarded']);
  });

  it('who asks for the state and does not take it makes place for one that does', async () => {
    const primary = await PrimaryRig.start({ ...OPTIONS, configuration: { memoryBytes: 16 * 2 ** 20 } });
    const page = new Uint8Array(PAGE_BYTES).fill(1);
    for (let n = 512; n < 4096; n++) primary.machine.restoreRam(n, page);
    const wire = new Wire();
    wire.primary.stuck = true;
    primary.listener.call(wire);
    wire.backup.say(PROPER);
    for (let n = 0; n < 20; n++) await settled();
    await primary.timers.pass(9000);
    const refused = await stranger(primary, PROPER);
    expect(refused.primary.said).toMatchObject([{ type: 'refusal' }]);
    await primary.timers.pass(2000);
    expect(primary.told.at(-1)).toBe('A backup did not join: it has taken nothing for 10000 ms.');
    const next = await stranger(primary, PROPER);
    expect(next.primary.said[0]).toMatchObject({
      type: 'welcome',
      run: 'ab',
      epoch: 1,
      holder: 'first',
      timeout: TIMEOUT,
    });
  });

  it('nobody is taken once the run is over', async () => {
    const primary = await PrimaryRig.start(OPTIONS);
    primary.primary.close();
    const wire = await stranger(primary, PROPER);
    expect([wire.primary.sent, wire.backup.closed]).toEqual([[], true]);
  });
});

describe('waiting for a backup', () => {
  it('ends when one has joined, or with the run', async () => {
    for (const ends of [
      (primary: PrimaryRig) => stranger(primary, PROPER),
      (primary: PrimaryRig) => primary.primary.close(),
    ]) {
      const primary = await PrimaryRig.start(OPTIONS);
      const waiting = primary.primary.hasBackup();
      void ends(primary);
      await waiting;
      await primary.primary.hasBackup();
    }
  });
});
