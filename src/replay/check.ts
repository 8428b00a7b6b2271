/**
 * One log against itself: the execution that is rebuilt from it against the digests and outputs that the primary
 * recorded. Tells the first that is not as recorded, and the interval in which the executions parted.
 */
import type { Entry } from '../log/entry.js';
import { singly } from '../log/entry.js';
import type { Divergence, Surroundings } from './divergence.js';
import type { Pair } from './pair.js';
import { placeOf, type Place } from './place.js';
import type { Hash } from './hash.js';
import type { ReplayOptions, ReplayResult } from './replayer.js';
import { Side, type SideSource } from './side.js';

export interface CheckReport {
  readonly label: string;
  /** Engines that have rebuilt it alike, and how often they were compared; undefined where one has done it alone. */
  readonly engines?: Alike;
  /** How the replay ended; undefined where it diverged. */
  readonly result: ReplayResult | undefined;
  readonly broken: Broken | undefined;
}

export interface Alike {
  readonly names: Pair<string>;
  /** Most instructions from one comparison to the next. */
  readonly every: number;
}

/** Where a rebuilt execution is not the recorded one. */
export interface Broken {
  readonly divergence: Divergence;
  /** Position of the last digest that agreed, -1 where none did: they parted behind it. */
  readonly agreed: number;
  /** Where the guest is; undefined in the middle of an instruction. */
  readonly place: Place | undefined;
  /** Entries behind the last digest that agreed, up to the divergence: how many, and the last of them. */
  readonly entries: number;
  readonly last: readonly Entry[];
  readonly around: Surroundings;
  /** Instructions between digests, as the log's header has it; 0: none. */
  readonly digestDistance: number;
}

/** Replays a log to its end or its first divergence. Throws what reading it throws. */
export async function checkLog(
  source: SideSource,
  hash: Hash,
  options: ReplayOptions & { readonly context?: number } = {},
): Promise<CheckReport> {
  const side = await Side.open(source, hash, options);
  await side.runTo(options.until ?? Infinity);
  return reportOf(side, options.context);
}

/** What is to be said of a side that has come to its end, or to what parts it from its log. */
export async function reportOf(side: Side, context = 3): Promise<CheckReport> {
  const { source, thrown: divergence, agreed } = side;
  if (divergence === undefined) return { label: source.label, result: side.ended, broken: undefined };
  const around = side.surroundings(context);
  const place = divergence.settled ? placeOf(side.machine) : undefined;
  const { digestDistance } = source.header;
  const interval = await entriesBetween(source, agreed, divergence.position, context);
  return {
    label: source.label,
    result: undefined,
    broken: { divergence, agreed, place, ...interval, around, digestDistance },
  };
}

async function entriesBetween(
  source: SideSource,
  from: number,
  to: number,
  keep: number,
): Promise<{ entries: number; last: Entry[] }> {
  const reader = await source.open({ images: 'skip' });
  let entries = 0;
  const last: Entry[] = [];
  for (let stretch = await reader.next(); stretch !== null; stretch = await reader.next()) {
    for (const entry of stretch.entries.flatMap((batch) => [...singly(batch)])) {
      if (entry.position > to) return { entries, last };
      if (entry.position <= from || entry.type === 'digest') continue;
      entries++;
      last.push(entry);
      if (last.length > keep) last.shift();
    }
  }
  return { entries, last };
}
