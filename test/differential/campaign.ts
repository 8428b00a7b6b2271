/** Runs streams of a kind on both sides until enough instructions have been equal, or differences were found. */
import { compare, type StreamDifference } from './compare.js';
import { Image } from './image.js';
import type { Kind } from './kind.js';
import { kinds } from './kinds.js';
import { Maker } from './maker.js';
import { Random } from './random.js';
import { shrink, type Differ } from './shrink.js';
import type { Side } from './sides.js';
import type { Stream } from './stream.js';

/** Most streams in an image: a million instructions or so. */
const STREAMS_PER_IMAGE = 4000;
/** Differences after which a kind is given up. */
const ENOUGH_DIFFERENCES = 5;

export interface Sides {
  readonly own: Side;
  readonly qemu: Side;
}

export interface KindResult {
  readonly kind: string;
  /** Instructions that count for the kind, at least; and all that were executed in its streams. */
  instructions: number;
  executed: number;
  streams: number;
  traps: number;
  readonly differences: StreamDifference[];
}

const maker = new Maker();

export function makeStream(kind: Kind, seed: number, index: number): Stream {
  maker.begin(new Random(seed, index, kinds.indexOf(kind)), kind.doubles);
  return kind.make(maker, index);
}

async function runImage({ own, qemu }: Sides, image: Image): Promise<ReturnType<typeof compare>> {
  const theirs = qemu.run(image);
  // QEMU runs meanwhile, in its own process.
  const [ours, others] = await Promise.all([own.run(image), theirs]);
  return compare(image, ours, others);
}

export async function runKind(
  sides: Sides,
  kind: Kind,
  seed: number,
  instructions: number,
  progress: (instructions: number) => void,
): Promise<KindResult> {
  const result: KindResult = { kind: kind.name, instructions: 0, executed: 0, streams: 0, traps: 0, differences: [] };
  let next = 0;
  let density = 100;
  while (result.instructions < instructions && result.differences.length < ENOUGH_DIFFERENCES) {
    const image = new Image();
    const wanted = Math.min(STREAMS_PER_IMAGE, Math.ceil((instructions - result.instructions) / density) + 1);
    while (image.streams.length < wanted && image.add(makeStream(kind, seed, next))) next++;
    const comparison = await runImage(sides, image);
    result.instructions += comparison.counted;
    result.executed += comparison.executed;
    result.traps += comparison.traps;
    result.streams += image.streams.length;
    result.differences.push(...comparison.differences);
    density = Math.max(1, result.instructions / result.streams);
    progress(result.instructions);
  }
  return result;
}

/** Runs these streams, each by itself. */
export async function runStreams(sides: Sides, streams: readonly Stream[]): Promise<StreamDifference[]> {
  const differences: StreamDifference[] = [];
  for (let from = 0; from < streams.length;) {
    const image = new Image();
    while (from < streams.length && image.add(streams[from])) from++;
    differences.push(...(await runImage(sides, image)).differences);
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
