/**
 * Every fixture guest, recorded on each engine in one and the same world: the logs hold the same entries and the same
 * digests, the same outputs leave, and a log that was recorded on one engine replays on the others.
 */
import type { EngineKind } from '../../src/engine/kinds.js';
import type { Entry } from '../../src/log/entry.js';
import { singly } from '../../src/log/entry.js';
import { LogReader } from '../../src/log/reader.js';
import { GUESTS } from './guests.js';
import type { MadeRecording, RecordingOptions } from './replay-rig.js';
import { MemorySource, record, replay } from './replay-rig.js';

/** What comes later is more of the same. */
const LONGEST = 1_500_000;
/** No multiple of anything: digests come in the middle of blocks, and between stops of the world. */
const DISTANCE = 2999;

const CASES = GUESTS.map(([name, options], index): readonly [string, RecordingOptions] => [
  name,
  {
    ...options,
    seed: 11,
    digestDistance: Math.max(DISTANCE, Math.floor((options.digestDistance ?? 0) / 16)),
    until: Math.min(options.until ?? LONGEST, LONGEST),
    configuration: { ...options.configuration, clock: index % 3 === 1 ? 'virtual' : 'host' },
  },
]);

/** All that a log says, entry by entry, digests too. */
async function entriesOf({ log }: MadeRecording): Promise<Entry[]> {
  const reader = new LogReader(new MemorySource(log), { images: 'skip' });
  const entries: Entry[] = [];
  for (let stretch = await reader.next(); stretch !== null; stretch = await reader.next())
    for (const entry of stretch.entries) entries.push(...singly(entry));
  return entries;
}

/** The first entry in which two recordings differ, in words; undefined where none does, wherever their stretches end. */
async function firstDifference(one: MadeRecording, other: MadeRecording): Promise<string | undefined> {
  if (Buffer.compare(one.log, other.log) === 0) return undefined;
  const [a, b] = [await entriesOf(one), await entriesOf(other)];
  const text = (entry: Entry | undefined): string =>
    JSON.stringify(entry ?? 'nothing', (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
  for (let i = 0; i < Math.max(a.length, b.length); i++)
    if (text(a[i]) !== text(b[i])) return `entry ${i}: ${text(a[i])}, ${text(b[i])}`;
  return undefined;
}

/** Replays on an engine; answers the instructions that translated code has executed. */
async function expectReplay(made: MadeRecording, engine: EngineKind): Promise<number> {
  const { result, outputs, machine } = await replay(made, { engine });
  expect([engine, result]).toMatchObject([
    engine,
    { ended: 'whole', position: made.run.position, status: made.run.status, lastDigest: made.run.position },
  ]);
  expect(result.digests).toBeGreaterThan(0);
  expect(outputs).toEqual(made.outputs);
  return machine.engineStatistics().instructions.translator;
}

it.each(CASES)('one guest on all engines, recorded and replayed: %s', async (name, options) => {
  const interpreted = await record(name, { ...options, engine: 'interpreter' });
  const [translator, auto] = [
    await record(name, { ...options, engine: 'translator' }),
    await record(name, { ...options, engine: 'auto' }),
  ];
  for (const made of [translator, auto]) {
    expect(await firstDifference(interpreted, made)).toBeUndefined();
    expect(made.run).toEqual(interpreted.run);
    expect(made.outputs).toEqual(interpreted.outputs);
  }
  // That of `auto` holds the same entries.
  const interpreting = await expectReplay(translator, 'interpreter');
  const translating = await expectReplay(interpreted, 'translator');
  await expectReplay(interpreted, 'auto');

  expect([interpreted.statistics.instructions.translator, interpreting]).toEqual([0, 0]);
  expect(translator.statistics.instructions.translator).toBeGreaterThan(0);
  expect(translating).toBeGreaterThan(0);
});
