/**
 * Snapshots, the long form of test/guest/replay-snapshot.test.ts: every fixture guest under both clocks, saved at a
 * position of the replay, restored into a fresh machine, into one that has been elsewhere and into its own, and
 * replayed to the end. One case is one position; the long form comes to a thousand for each guest.
 */
import { GUESTS } from '../guest/guests.js';
import type { Dice, MadeRecording } from '../guest/replay-rig.js';
import { record } from '../guest/replay-rig.js';
import { Stage, goOnFrom, positionsOf } from '../guest/snapshot-rig.js';
import type { CaseResult, OpenScenario, Scenario } from './scenario.js';

/** Recordings of a guest: other worlds, and the two clocks in turn. */
const RECORDINGS = 4;

class Snapshots implements OpenScenario {
  private readonly recordings = new Map<string, MadeRecording>();
  private readonly positions = new Map<string, number>();

  constructor(private readonly seed: number) {}

  async run(index: number, dice: Dice): Promise<CaseResult> {
    const [name] = GUESTS[index % GUESTS.length];
    const world = Math.floor(index / GUESTS.length) % RECORDINGS;
    const made = await this.recording(index % GUESTS.length, world);
    const elsewhere = await Stage.open(made);
    // Of a dozen good places one, so that all kinds of them come up.
    const places = await positionsOf(made, elsewhere, 12, dice);
    const own = await Stage.open(made);
    await own.runTo(places[dice.roll(places.length)]);
    const place = own.save();
    const sent = own.outputs.length;
    await own.run();

    this.positions.set(name, (this.positions.get(name) ?? 0) + 1);
    for (const machine of [await Stage.open(made), elsewhere, own]) {
      const failure = await goOnFrom(place, sent, made, machine);
      if (failure !== undefined) return { outcome: 'another end', failure: `${name}, world ${world}: ${failure}` };
    }
    return { outcome: 'same end' };
  }

  figures(): readonly string[] {
    const counts = [...this.positions.values()];
    return [`${counts.length} guests, at least ${Math.min(...counts)} positions of each`];
  }

  private async recording(guest: number, world: number): Promise<MadeRecording> {
    const [name, options] = GUESTS[guest];
    const key = `${name} ${world}`;
    let made = this.recordings.get(key);
    if (made === undefined) {
      made = await record(name, {
        ...options,
        seed: this.seed + world,
        digestDistance: 50_000,
        configuration: { ...options.configuration, clock: world % 2 === 0 ? 'host' : 'virtual' },
      });
      this.recordings.set(key, made);
    }
    return made;
  }
}

export const snapshots: Scenario = {
  name: 'snapshots',
  about: 'every guest saved anywhere, restored into other machines, replayed to the same end',
  cases: { short: GUESTS.length * 2, long: GUESTS.length * 200 },
  open: ({ seed }) => Promise.resolve(new Snapshots(seed)),
};
