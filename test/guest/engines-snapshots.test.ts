/**
 * Snapshots from engine to engine: a state that was saved on one is restored on another, which goes on to the same end,
 * and from there to the next. The recording is the interpreter's; its digests are checked on the way.
 */
import { GUESTS } from './guests.js';
import { TRANSLATING } from './engines-rig.js';
import type { RecordingOptions } from './replay-rig.js';
import { Dice, record } from './replay-rig.js';
import type { Place } from './snapshot-rig.js';
import { Stage, goOnFrom, positionsOf } from './snapshot-rig.js';

const POSITIONS = 10;
/** Where code or its mapping changes all the time, what was translated elsewhere is wrong after a restore. */
const CHANGING = ['smc', 'remap', 'generate-small', 'paging'];
const MORE_POSITIONS = 32;
/** What comes later is more of the same. */
const LONGEST = 300_000;

const CASES = GUESTS.map(([name, options], index): readonly [string, RecordingOptions] => [
  name,
  {
    ...options,
    seed: 12,
    digestDistance: 5000,
    engine: 'interpreter',
    until: Math.min(options.until ?? LONGEST, LONGEST),
    configuration: { ...options.configuration, clock: index % 3 === 0 ? 'virtual' : 'host' },
  },
]);

it.each(CASES)('a state saved on one engine goes on to the same end on another: %s', async (name, options) => {
  const made = await record(name, options);
  const interpreter = await Stage.open(made, { engine: 'interpreter' });
  const others = await Promise.all(TRANSLATING.map((engine) => Stage.open(made, { engine })));
  const count = CHANGING.includes(name) ? MORE_POSITIONS : POSITIONS;
  const positions = await positionsOf(made, await Stage.open(made), count, new Dice(23));
  expect(positions.length).toBeGreaterThanOrEqual(count);

  // From the interpreter to another and back, again and again: each goes on from where the one before was saved.
  const stages = others.flatMap((other) => [interpreter, other]);
  const failures: unknown[] = [];
  let place: Place | undefined;
  let sent = 0;
  for (const [n, position] of positions.entries()) {
    const source = stages[n % stages.length];
    if (place) await source.restore(place);
    await source.runTo(position);
    sent += source.outputs.length;
    place = source.save();
    failures.push(await goOnFrom(place, sent, made, stages[(n + 1) % stages.length]));
  }
  expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
  expect(others[0].machine.engineStatistics().instructions.translator).toBeGreaterThan(0);
});
