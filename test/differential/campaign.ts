/** Runs streams of a kind on all sides until enough instructions have been equal, or differences were found. */
import { compare, type Comparison, type StreamDifference } from './compare.js';
import { Image } from './image.js';
import type { Kind } from './kind.js';
import { kinds } from './kinds.js';
import { Maker } from './maker.js';
import { Random } from './random.js';
import { shrink, type Differ } from './shrink.js';
import type { Own, Qemu } from './sides.js';
import type { Stream } from './stream.js';

/** Most streams in an image: a million instructions or so. */
const STREAMS_PER_IMAGE = 4000;
/** Passes for engines that translate: what one pass translates the next one runs, and what that one translates. */
const PASSES = 3;
/** Differences after which a kind is given up. */
const ENOUGH_DIFFERENCES = 5;

export interface Sides {
  /** The engines. */
  readonly own: readonly [Own, ...Own[]];
  readonly qemu: Qemu;
}

export interface Amounts {
  /** Random instructions of a kind. */
  readonly instructions: number;
  /** How many of these the engines behind the first one run. */
  readonly others: number;
}

export interface KindResult {
  readonly kind: string;
  /** Instructions that count for the kind, at least; and all that were executed in its streams. */
  instructions: number;
  executed: number;
  streams: number;
  traps: number;
  /** Instructions that count for the kind, by engine. */
  readonly byEngine: Map<string, number>;
  readonly differences: StreamDifference[];
}

const maker = new Maker();

export function makeStream(kind: Kind, seed: number, index: number): Stream {
  maker.begin(new Random(seed, index, kinds.indexOf(kind)), kind.doubles);
  return kind.make(maker, index);
}

/** One comparison for each engine. */
async function runImage(own: readonly Own[], qemu: Qemu, image: Image): Promise<Comparison[]> {
  const theirs = qemu.run(image);
  // QEMU runs meanwhile, in its own process.
  const ours = own.map((side) => side.run(image));
  const results = await theirs;
  return own.map(({ engine }, index) => compare(image, engine, ours[index], results));
}

const passesFor = (own: readonly Own[]): number => (own.some(({ engine }) => engine !== 'interpreter') ? PASSES : 1);

export async function runKind(
  sides: Sides,
  kind: Kind,
  seed: number,
  { instructions, others }: Amounts,
  progress: (instructions: number) => void,
): Promise<KindResult> {
  const result: KindResult = {
    ...{ kind: kind.name, instructions: 0, executed: 0, streams: 0, traps: 0 },
    ...{ byEngine: new Map<string, number>(), differences: [] },
  };
  let next = 0;
  let density = 100;
  while (result.instructions < instructions && result.differences.length < ENOUGH_DIFFERENCES) {
    const all = result.instructions < others;
    const engines = all ? sides.own : sides.own.slice(0, 1);
    const until = all ? Math.min(others, instructions) : instructions;
    const image = new Image(passesFor(engines));
    const wanted = Math.min(STREAMS_PER_IMAGE, Math.ceil((until - result.instructions) / density) + 1);
    while (image.streams.length < wanted && image.add(makeStream(kind, seed, next))) next++;
    const comparisons = await runImage(engines, sides.qemu, image);
    const [comparison] = comparisons;
    result.instructions += comparison.counted;
    result.executed += comparison.executed;
    result.traps += comparison.traps;
    result.streams += image.streams.length;
    for (const [index, { counted, differences }] of comparisons.entries()) {
      const { engine } = engines[index];
      result.byEngine.set(engine, (result.byEngine.get(engine) ?? 0) + counted);
      result.differences.push(...differences);
    }
    density = Math.max(1, result.instructions / result.streams);
    progress(result.instructions);
  }
  return result;
}

/** Runs these streams, each by itself, on all engines. */
export async function runStreams(sides: Sides, streams: readonly Stream[]): Promise<StreamDifference[]> {
  const differences: StreamDifference[] = [];
  for (let from = 0; from < streams.length;) {
    const image = new Image(passesFor(sides.own));
    while (from < streams.length && image.add(streams[from])) from++;
    for (const comparison of await runImage(sides.own, sides.qemu, image)) differences.push(...comparison.differences);
  }
  return differences;
}

/** A small stream that differs as this one does. */
export async function shrinkDifference(sides: Sides, stream: Stream): Promise<StreamDifference | undefined> {
  const differ: Differ = async (candidates) => {
    const different = new Set((await runStreams(sides, candidates)).map((difference) => difference.stream));
    return candidates.map((candidate) => different.has(candidate));
  };
  const [difference] = await runStreams(sides, [await shrink(stream, differ)]);
  return difference;
}
