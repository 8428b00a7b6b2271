/**
 * The first diverging instruction of two executions: both are rebuilt side by side and their digests compared at
 * distances; where they differ, both go back to the last place where they were equal and come again in smaller steps,
 * at last one instruction at a time.
 *
 * A difference need not last: a register may be written over, an interrupt may leave no trace. So the logs themselves
 * are compared too, and wherever they differ the states are compared at that very position.
 */
import { NOTHING_MASKED, type Mask } from './digest.js';
import { maskOfDifferences, stateDifferences, type StateDifferences } from './differences.js';
import type { Divergence, Surroundings } from './divergence.js';
import { findCause, placeOf, type Cause, type Place } from './explanation.js';
import type { Hash } from './hash.js';
import { differingPositions, measureLog, type LogExtent } from './log-walk.js';
import { setupDifferences, type SetupDifference } from './setup.js';
import { Side, type SideSource } from './side.js';

/** Distances of the comparisons, from the first pass to the last. */
const DISTANCES = [2 ** 22, 2 ** 12, 1] as const;
/** Executions up to this length are compared after every instruction: no difference is missed, however short. */
const SHORT = 2 ** 16;
/** Entries looked at around a divergence. */
const VICINITY = 256;

export type Pair<T> = readonly [T, T];

export interface DiffOptions {
  /** Compare also where the logs were recorded on different machines or guests. */
  readonly force?: boolean;
  /** Entries to report before and after the divergence; 3 by default. */
  readonly context?: number;
  /** Distance of the first pass's comparisons. */
  readonly distance?: number;
  /** Called now and then with the position reached and the last one. */
  readonly onProgress?: (position: number, last: number) => void;
  readonly turn?: () => Promise<void>;
}

/** The first position at which the states differ, and what is known of it. */
export interface Found {
  readonly position: number;
  /** The instruction that led there: the last that both executed alike from equal states. Undefined at position 0. */
  readonly last: Place | undefined;
  /** Where each goes on. */
  readonly next: Pair<Place | undefined>;
  readonly cause: Cause | undefined;
  /** Undefined where a machine left its log in the middle of an instruction. */
  readonly differences: StateDifferences | undefined;
  /** What parts a machine from its own log. */
  readonly thrown: Pair<Divergence | undefined>;
  readonly around: Pair<Surroundings>;
}

/**
 * `same`: equal to the end of both; `shorter`: equal as far as the shorter goes; `setup`: not compared, because they
 * were recorded on different machines or guests.
 */
export interface DiffReport {
  readonly outcome: 'same' | 'diverged' | 'shorter' | 'setup';
  readonly labels: Pair<string>;
  readonly setup: readonly SetupDifference[];
  readonly extents: Pair<LogExtent> | undefined;
  /** Positions up to which the states are equal. */
  readonly equalTo: number;
  /** Positions at which the logs differ and the states do not. */
  readonly harmless: number;
  readonly found: Found | undefined;
}

/** Compares two executions. Throws what reading the logs throws, and what machines throw that cannot be built. */
export async function findDivergence(
  a: SideSource,
  b: SideSource,
  hash: Hash,
  options: DiffOptions = {},
): Promise<DiffReport> {
  const setup = setupDifferences(a.header, b.header);
  const labels = [a.label, b.label] as const;
  if (!options.force && setup.some(({ usual }) => !usual)) {
    return { outcome: 'setup', labels, setup, extents: undefined, equalTo: -1, harmless: 0, found: undefined };
  }
  const extents = [await measure(a), await measure(b)] as const;
  const search = new Search([await Side.open(a, hash), await Side.open(b, hash)], options);
  await search.prepare(setup.length > 0);
  const alike = extents[0].end && extents[1].end && extents[0].position === extents[1].position;
  const shorter = Math.min(extents[0].position, extents[1].position);
  // What the last position of a log holds may come of the recording's end, so only equal ends compare.
  const found = await search.run(alike ? shorter : shorter - 1);
  const { equalTo, harmless } = search;
  const outcome = found ? 'diverged' : alike ? 'same' : 'shorter';
  return { outcome, labels, setup, extents, equalTo, harmless, found };
}

async function measure(source: SideSource): Promise<LogExtent> {
  const reader = await source.open({ images: 'skip' });
  return measureLog(reader);
}

class Search {
  /** Position up to which both are known to be equal. */
  equalTo = -1;
  harmless = 0;
  private mask: Mask = NOTHING_MASKED;
  private candidates: AsyncGenerator<number> | undefined;
  /** The next position at which the logs differ. */
  private candidate = -1;
  private steps = 0;

  constructor(
    private readonly sides: Pair<Side>,
    private readonly options: DiffOptions,
  ) {}

  /** @param masked whether to leave out of all comparisons what differs before the first instruction */
  async prepare(masked: boolean): Promise<void> {
    const [a, b] = this.sides;
    const open = { images: 'skip' } as const;
    this.candidates = differingPositions(await a.source.open(open), await b.source.open(open));
    await this.nextCandidate();
    if (!masked) return;
    for (const { digest } of this.sides) digest.take();
    this.mask = maskOfDifferences(a, b);
    for (const { digest } of this.sides) digest.leaveOut(this.mask);
  }

  /** Compares up to `last`. */
  async run(last: number): Promise<Found | undefined> {
    const first = this.options.distance ?? (last <= SHORT ? 1 : DISTANCES[0]);
    const unequal = (await this.unequalAt(0)) ? 0 : await this.compare(0, last, first);
    if (unequal === undefined) return undefined;
    return this.describe(await this.refine(unequal, first));
  }

  /** Goes back and comes again in smaller steps, until the step to the unequal position is a single instruction. */
  private async refine(unequal: number, distance: number): Promise<number> {
    let at = unequal;
    for (const smaller of DISTANCES) {
      if (at <= this.equalTo + 1) break;
      if (smaller >= distance) continue;
      await this.goBack();
      const again = await this.compare(this.equalTo, at, smaller);
      if (again === undefined) throw new Error('a rebuilt execution is not repeatable');
      at = again;
    }
    return at;
  }

  /** The first position among those compared after `from`, where both are, up to `to` at which they are unequal. */
  private async compare(from: number, to: number, distance: number): Promise<number | undefined> {
    for (let position = from; position < to;) {
      while (this.candidate <= position) await this.nextCandidate();
      let next = Math.min(to, position - (position % distance) + distance);
      if (this.candidate <= next) next = position < this.candidate - 1 ? this.candidate - 1 : this.candidate;
      if (await this.unequalAt(next, distance > 1)) return next;
      if (next === this.candidate) this.harmless++;
      position = next;
      await this.breathe(position, to, distance);
    }
    return undefined;
  }

  private async unequalAt(position: number, keep = true): Promise<boolean> {
    const [a, b] = this.sides;
    await a.runTo(position);
    await b.runTo(position);
    if (a.thrown !== undefined || b.thrown !== undefined || a.position !== b.position) return true;
    if (a.digest.masked() !== b.digest.masked()) return true;
    this.equalTo = position;
    if (keep) for (const side of this.sides) side.keep();
    return false;
  }

  private async goBack(): Promise<void> {
    for (const side of this.sides) {
      await side.goBack();
      this.equalTo = side.position;
    }
  }

  private async nextCandidate(): Promise<void> {
    const next = await this.candidates?.next();
    this.candidate = next === undefined || next.done === true ? Infinity : next.value;
  }

  private async breathe(position: number, last: number, distance: number): Promise<void> {
    if (distance < DISTANCES[0] && ++this.steps % 256 !== 0) return;
    this.options.onProgress?.(position, last);
    await this.options.turn?.();
  }

  /** All about the divergence at `position`, before which both were equal. */
  private async describe(position: number): Promise<Found> {
    const [a, b] = this.sides;
    const last = position === 0 ? undefined : await this.placeBefore(position);
    if (position > 0) {
      await this.goBack();
      await a.runTo(position);
      await b.runTo(position);
    }
    const thrown = [a.thrown, b.thrown] as const;
    const wide = [a.surroundings(VICINITY), b.surroundings(VICINITY)] as const;
    const { context = 3 } = this.options;
    const settled = thrown.map((divergence) => divergence?.settled ?? true);
    for (const { digest } of this.sides) digest.take();
    return {
      position,
      last,
      differences: settled[0] && settled[1] ? stateDifferences(a, b, this.mask) : undefined,
      next: [settled[0] ? placeOf(a.machine) : undefined, settled[1] ? placeOf(b.machine) : undefined],
      cause: findCause(position, wide, thrown),
      thrown,
      around: [a.surroundings(context), b.surroundings(context)],
    };
  }

  /** The instruction that leads to `position`, which both execute from equal states. */
  private async placeBefore(position: number): Promise<Place> {
    await this.goBack();
    const [side] = this.sides;
    await side.runTo(position - 1);
    return placeOf(side.machine);
  }
}
