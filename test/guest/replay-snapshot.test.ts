/**
 * Snapshots: every guest stopped at many positions, saved, restored into a fresh machine and continued, and put back in
 * its own; it always goes on to the same end.
 */
import { LogReader } from '../../src/log/reader.js';
import { Machine } from '../../src/machine/machine.js';
import { StateDigest } from '../../src/replay/digest.js';
import { DirtyPages } from '../../src/replay/dirty-pages.js';
import { LogFeed } from '../../src/replay/feed.js';
import { loadHash } from '../../src/replay/hash.js';
import { Logged } from '../../src/replay/logged.js';
import { Replayer } from '../../src/replay/replayer.js';
import { Side } from '../../src/replay/side.js';
import { restoreSaved, saveState } from '../../src/replay/snapshot.js';
import { Dice, MemorySource, record, sideOf } from './replay-rig.js';
import type { MadeRecording } from './replay-rig.js';

const GUESTS = ['hello', 'clock-small', 'dice', 'paging', 'shell'] as const;

function recordingOf(name: string): Promise<MadeRecording> {
  return record(name, { seed: 6, typed: ['help\n', 'echo\n', 'exit\n'], digestDistance: 2000, until: 40_000 });
}

/** A machine that replays a recording, and what belongs to it. */
async function stage(made: MadeRecording) {
  const hash = await loadHash();
  const reader = new LogReader(new MemorySource(made.log));
  await reader.header();
  const logged = new Logged(hash);
  const machine = new Machine(made.configuration, made.image, logged);
  const digest = new StateDigest(machine, new DirtyPages(machine).consumer(), hash);
  const feed = new LogFeed(logged, reader, (mark) => new LogReader(new MemorySource(made.log, mark.offset), { mark }));
  return { machine, digest, feed, replayer: new Replayer(machine, feed, digest) };
}

describe('a saved state', () => {
  it.each(GUESTS)('goes on in a fresh machine: %s', async (name) => {
    const made = await recordingOf(name);
    const dice = new Dice(21);
    for (let n = 0; n < 6; n++) {
      const position = dice.roll(made.run.position);
      const first = await stage(made);
      await first.replayer.runTo(position);
      const [saved, cursor, digest] = [saveState(first.machine), first.feed.cursor, first.digest.take()];
      const second = await stage(made);
      // Whatever the other machine did before must not matter.
      if (n % 2 === 1) await second.replayer.runTo(dice.roll(made.run.position));
      restoreSaved(second.machine, saved);
      await second.feed.rewind(cursor);
      expect(second.machine.position).toBe(position);
      expect(second.digest.take()).toBe(digest);
      expect(await second.replayer.run()).toMatchObject({ ended: 'whole', position: made.run.position });
    }
  });
});

describe('a side', () => {
  it.each(GUESTS)('comes back to the place that was kept, as often as wanted: %s', async (name) => {
    const made = await recordingOf(name);
    const side = await Side.open(await sideOf(made, 'a'), await loadHash());
    const dice = new Dice(22);
    let kept = 0;
    while (kept < made.run.position) {
      kept = Math.min(made.run.position, kept + 1 + dice.roll(Math.ceil(made.run.position / 6)));
      await side.runTo(kept);
      expect(side.thrown).toBeUndefined();
      const digest = side.digest.take();
      side.keep();
      const goal = kept + dice.roll(made.run.position - kept + 1);
      await side.runTo(goal);
      const there = side.digest.take();
      await side.goBack();
      expect([side.position, side.digest.take()]).toEqual([kept, digest]);
      await side.runTo(goal);
      expect(side.digest.take()).toBe(there);
      await side.goBack();
    }
    await side.runTo(Infinity);
    expect(side.ended).toMatchObject({ ended: 'whole', position: made.run.position });
  });
});
