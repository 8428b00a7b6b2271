/**
 * One log on two engines: the execution is rebuilt on both side by side, checked against what the primary recorded, and
 * compared with each other.
 *
 * Where an engine stops decides what it runs in one piece: translated code that would run past the stop is interpreted
 * instead. So a difference between engines may be gone when they are compared in smaller steps. It is narrowed down by
 * runs without a stop: from the last place where both were equal to the first position at which they are not, and
 * that place is moved on only as far as the difference is met again from there. What is left between the two is a single
 * instruction, or the piece of code that is wrong as a whole.
 */
import { reportOf, type CheckReport } from './check.js';
import type { Found } from './diff-report.js';
import { stateDifferences } from './differences.js';
import { NOTHING_MASKED } from './digest.js';
import type { Hash } from './hash.js';
import { firstOutputDifference } from './later-outputs.js';
import type { Pair } from './pair.js';
import { placeOf, type Place } from './place.js';
import { Side, type SideSource } from './side.js';

const { floor, max, min } = Math;

/** Most instructions from one comparison to the next: in the first 2^20, and behind those. */
const CLOSE_DISTANCE = 2 ** 12;
const CLOSE_TO = 2 ** 20;
const DISTANCE = 2 ** 22;
/** Instructions that are told of a piece of code: the last ones. */
const MOST_INSTRUCTIONS = 16;
/** Comparisons after which the event loop has its turn. */
const TURN_COMPARISONS = 256;

/** An engine, and how to rebuild the execution on it. */
export interface EngineSide {
  readonly name: string;
  readonly source: SideSource;
}

export interface EngineOptions {
  /** Entries to report before and after a difference; 3 by default. */
  readonly context?: number;
  /** Most instructions from one comparison to the next. By default more the longer the execution. */
  readonly every?: number;
  /** Whether to compare the recorded digests; by default yes. */
  readonly checkDigests?: boolean;
  readonly onProgress?: (position: number) => void;
  readonly turn?: () => Promise<void>;
}

/** Where two engines made different executions of one log. */
export interface EngineDifference {
  readonly label: string;
  readonly names: Pair<string>;
  /** The last position at which both were equal and from which the difference is met; -1: none. */
  readonly from: number;
  /** Whether it was met again. If not, it has to do with what an engine had done before. */
  readonly repeats: boolean;
  /** The last instructions from there to the difference. */
  readonly instructions: readonly Place[];
  readonly found: Found;
}

/** What both engines make of the log where they agree; otherwise where they do not. */
export type EnginesReport = { readonly check: CheckReport } | { readonly difference: EngineDifference };

/** Rebuilds a log on two engines. Throws what reading it throws. */
export async function compareEngines(
  engines: Pair<EngineSide>,
  hash: Hash,
  options: EngineOptions = {},
): Promise<EnginesReport> {
  const { checkDigests = true, turn } = options;
  const open = ({ source }: EngineSide): Promise<Side> =>
    Side.open(source, hash, { checkDigests, ...(turn && { turn }) });
  const sides = [await open(engines[0]), await open(engines[1])] as const;
  const names = [engines[0].name, engines[1].name] as const;
  const comparison = new EngineComparison(sides, options);
  const unequal = await comparison.run();
  if (unequal === undefined) {
    const check = await reportOf(sides[0], options.context);
    return { check: { ...check, engines: { names, every: comparison.every } } };
  }
  return { difference: { label: engines[0].source.label, names, ...(await comparison.narrowDown(unequal)) } };
}

class EngineComparison {
  /** The longest distance that there was between two comparisons. */
  every = 0;
  /** The place to which both go back, where they were equal. */
  private base = -1;

  constructor(
    private readonly sides: Pair<Side>,
    private readonly options: EngineOptions,
  ) {}

  /** Runs both to the log's end, or to what parts both from it alike; answers a position at which they are unequal. */
  async run(): Promise<number | undefined> {
    const { onProgress, turn } = this.options;
    let position = 0;
    for (let comparisons = 1; await this.equalAt(position); comparisons++) {
      if (!this.sides.some(goesOn)) return undefined;
      this.keep(position);
      if (position >= CLOSE_TO || comparisons % TURN_COMPARISONS === 0) {
        onProgress?.(position);
        await turn?.();
      }
      const distance = this.options.every ?? (position < CLOSE_TO ? CLOSE_DISTANCE : DISTANCE);
      this.every = max(this.every, distance);
      position += distance;
    }
    return position;
  }

  /** Where between the last place at which both were equal and `unequal` they part, and how. */
  async narrowDown(unequal: number): Promise<Omit<EngineDifference, 'label' | 'names'>> {
    const reached = min(unequal, max(...this.sides.map(({ position }) => position)));
    const first = { from: this.base, repeats: false, instructions: [], found: this.describe(reached) };
    if (this.base < 0) return { ...first, repeats: true };
    const position = await this.firstUnequal(unequal);
    if (position === undefined) return first;
    await this.moveUpTo(position);
    const instructions = await this.instructionsTo(position);
    if (await this.equalAgainAt(position)) return first;
    const found = { ...this.describe(position), last: instructions.at(-1) };
    const again = !(await this.equalAgainAt(position));
    const outputs = again ? await firstOutputDifference(this.sides, this.options.turn) : 'unknown';
    return { from: this.base, repeats: true, instructions, found: { ...found, outputs } };
  }

  /**
   * The first position to which a run without a stop makes them unequal; undefined where none up to `unequal` does. The
   * base moves to places from which that is so, too.
   */
  private async firstUnequal(unequal: number): Promise<number | undefined> {
    if (await this.equalAgainAt(unequal)) return undefined;
    let [low, high] = [this.base, unequal];
    while (high - low > 1) {
      await this.options.turn?.();
      const middle = low + floor((high - low) / 2);
      if (!(await this.equalAgainAt(middle))) high = middle;
      else {
        low = middle;
        if (!(await this.equalAt(high))) await this.moveTo(middle);
      }
    }
    return high;
  }

  /** Moves the base as near to `unequal` as the difference there is met from it. */
  private async moveUpTo(unequal: number): Promise<void> {
    let [low, high] = [this.base, unequal];
    while (high - low > 1) {
      await this.options.turn?.();
      // Mostly it is the last instruction.
      const middle = high === unequal ? unequal - 1 : low + floor((high - low) / 2);
      if ((await this.equalAgainAt(middle)) && !(await this.equalAt(unequal))) {
        await this.moveTo(middle);
        low = middle;
      } else high = middle;
    }
  }

  private async moveTo(position: number): Promise<void> {
    await this.equalAgainAt(position);
    this.keep(position);
  }

  private keep(position: number): void {
    for (const side of this.sides) side.keep();
    this.base = position;
  }

  /** Whether both are equal at `position`, to which they run from the base. */
  private async equalAgainAt(position: number): Promise<boolean> {
    for (const side of this.sides) await side.goBack();
    return this.equalAt(position);
  }

  /** Whether both are equal at `position`, or where they came to their end before. */
  private async equalAt(position: number): Promise<boolean> {
    const [a, b] = this.sides;
    for (const side of this.sides) if (goesOn(side)) await side.runTo(position);
    return (
      a.position === b.position &&
      a.ended?.ended === b.ended?.ended &&
      a.thrown?.message === b.thrown?.message &&
      a.digest.take() === b.digest.take()
    );
  }

  /** How they differ now. They may not be run on from here. */
  private describe(position: number): Found {
    const [a, b] = this.sides;
    const { context = 3 } = this.options;
    const settled = this.sides.map(({ thrown }) => thrown?.settled ?? true);
    for (const { digest } of this.sides) digest.take();
    return {
      position,
      last: undefined,
      cause: undefined,
      differences: settled[0] && settled[1] ? stateDifferences(a, b, NOTHING_MASKED) : undefined,
      next: [settled[0] ? placeOf(a.machine) : undefined, settled[1] ? placeOf(b.machine) : undefined],
      thrown: [a.thrown, b.thrown],
      around: [a.surroundings(context), b.surroundings(context)],
      outputs: 'unknown',
    };
  }

  /** The last instructions from the base to `position`, as the first engine executes them. */
  private async instructionsTo(position: number): Promise<Place[]> {
    const [side] = this.sides;
    const places: Place[] = [];
    for (let at = max(this.base, position - MOST_INSTRUCTIONS); at < position; at++) {
      await side.goBack();
      await side.runTo(at);
      places.push(placeOf(side.machine));
    }
    return places;
  }
}

function goesOn({ ended, thrown }: Side): boolean {
  return ended === undefined && thrown === undefined;
}
