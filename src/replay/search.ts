/**
 * The search for the first position at which two rebuilt executions differ.
 *
 * A machine is a function of its configuration and its inputs: two that were equal stay equal as long as their logs are.
 * So the states are compared wherever the logs differ, at that very position. A difference without such a cause (a
 * machine that is not such a function, a bit that fell over) is found by comparing at distances besides, in short
 * executions after every instruction. Where states differ, both go back to the last place where they were equal and come
 * again in smaller steps, at last one instruction at a time: since equal states stay equal, the position so found is
 * where that difference began.
 */
import type { DiffOptions, Found, Harmless } from './diff-report.js';
import { maskOfDifferences, stateDifferences } from './differences.js';
import { NOTHING_MASKED, type Mask } from './digest.js';
import { placeOf, type Place } from './place.js';
import { firstOutputDifference } from './later-outputs.js';
import { Lockstep } from './lockstep.js';
import type { LogDifference } from './log-difference.js';
import { partings } from './log-walk.js';
import type { Pair } from './pair.js';
import { Partings } from './partings.js';
import type { Side } from './side.js';

const { min } = Math;
const NEVER = Infinity;

/** Distances of the comparisons, from the first pass to the last. */
const DISTANCES = [2 ** 22, 2 ** 12, 1] as const;
/** Executions up to this length are compared after every instruction: no difference is missed, however short. */
const SHORT = 2 ** 20;
/** Up to this distance what has changed is compared, not the digest of all. */
const CLOSE = 2 ** 10;
/** Instructions after which also close comparisons compare all, and keep the place. */
const WHOLE_DISTANCE = 2 ** 16;
/** Differences between the logs alone that are told, and remembered to know them again. */
const FIRST_HARMLESS = 3;
const KEPT_HARMLESS = 64;

export class Search {
  /** Position up to which both are known to be equal. */
  equalTo = -1;
  /** Most instructions from one comparison to the next. */
  readonly every: number;
  private readonly harmlessOnes = new Set<LogDifference>();
  private harmlessCount = 0;
  private mask: Mask = NOTHING_MASKED;
  private partings: Partings | undefined;
  private steps = 0;

  /** @param last the last position to compare */
  constructor(
    private readonly sides: Pair<Side>,
    private readonly last: number,
    private readonly options: DiffOptions,
  ) {
    this.every = options.every ?? (last <= SHORT ? 1 : DISTANCES[0]);
  }

  /** Differences between the logs, met so far, that made none between the states. */
  get harmless(): Harmless {
    return { count: this.harmlessCount, first: [...this.harmlessOnes].slice(0, FIRST_HARMLESS) };
  }

  /** The next position at which the logs differ. */
  private get candidate(): number {
    return this.partings?.position ?? NEVER;
  }

  /** @param masked whether to leave out of all comparisons what differs before the first instruction */
  async prepare(masked: boolean): Promise<void> {
    const [a, b] = this.sides;
    const open = { images: 'skip' } as const;
    this.partings = new Partings(partings(await a.source.open(open), await b.source.open(open)));
    await this.partings.next();
    if (!masked) return;
    for (const { digest } of this.sides) digest.take();
    this.mask = maskOfDifferences(a, b);
    for (const { digest } of this.sides) digest.leaveOut(this.mask);
  }

  /** The first difference; undefined where there is none up to the last position. */
  async run(): Promise<Found | undefined> {
    const { last, every } = this;
    if (last < 0) return undefined;
    const unequal = (await this.unequalAt(0)) ? 0 : await this.compare(0, last, every);
    if (unequal === undefined) return undefined;
    return this.describe(await this.refine(unequal, every));
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
    if (distance > CLOSE) return this.compareWhole(from, to, distance);
    const [a, b] = this.sides;
    const lockstep = new Lockstep(a.machine, b.machine, this.mask);
    for (let start = from; start < to; start = this.equalTo) {
      const end = min(to, start + WHOLE_DISTANCE);
      lockstep.start();
      const unequal = await this.compareClosely(lockstep, start, end, distance).finally(() => lockstep.stop());
      if (unequal !== undefined) return unequal;
      // What has changed otherwise than is known can have: step by step, with digests of all.
      if (await this.unequalAt(end)) {
        await this.goBack();
        return this.compareWhole(this.equalTo, end, distance);
      }
      await this.breathe(end, to, DISTANCES[0]);
    }
    return undefined;
  }

  private async compareClosely(
    lockstep: Lockstep,
    from: number,
    to: number,
    distance: number,
  ): Promise<number | undefined> {
    const [a, b] = this.sides;
    for (let position = from; position < to;) {
      while (this.candidate <= position) await this.partings?.next();
      const next = this.nextComparison(position, to, distance);
      if (!a.stepTo(next)) await a.runTo(next);
      if (!b.stepTo(next)) await b.runTo(next);
      if (a.thrown !== undefined || b.thrown !== undefined || !lockstep.equal()) return next;
      if (next === this.candidate) this.noteHarmless();
      this.equalTo = position = next;
    }
    return undefined;
  }

  /** Where to compare next: at the distance, and before and at every position at which the logs differ. */
  private nextComparison(position: number, to: number, distance: number): number {
    const next = min(to, position - (position % distance) + distance);
    if (this.candidate > next) return next;
    return position < this.candidate - 1 ? this.candidate - 1 : this.candidate;
  }

  private async compareWhole(from: number, to: number, distance: number): Promise<number | undefined> {
    for (let position = from; position < to;) {
      while (this.candidate <= position) await this.partings?.next();
      const next = this.nextComparison(position, to, distance);
      if (await this.unequalAt(next, distance > 1)) return next;
      if (next === this.candidate) this.noteHarmless();
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

  /** The logs differ here, and the states do not. */
  private noteHarmless(): void {
    const difference = this.partings?.difference();
    if (difference === undefined || this.harmlessOnes.has(difference)) return;
    this.harmlessCount++;
    this.harmlessOnes.add(difference);
    // An entry that moved is met twice, soon after each other; of the others only the first are told.
    if (this.harmlessOnes.size <= KEPT_HARMLESS) return;
    const [dropped] = [...this.harmlessOnes].slice(FIRST_HARMLESS);
    this.harmlessOnes.delete(dropped);
  }

  /** The difference between the logs at a position at which the states differ. */
  private causeAt(position: number): LogDifference | undefined {
    const left = this.sides.some(({ thrown }) => thrown !== undefined);
    // A machine that cannot follow its log any more may have come there by what made no difference yet.
    const before = left ? [...this.harmlessOnes].at(-1) : undefined;
    const cause = this.candidate === position ? this.partings?.difference() : before;
    // An entry that moved may do nothing at the first of its places.
    if (cause !== undefined && this.harmlessOnes.delete(cause)) this.harmlessCount--;
    return cause;
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
    const { context = 3, turn } = this.options;
    const settled = thrown.map((divergence) => divergence?.settled ?? true);
    for (const { digest } of this.sides) digest.take();
    const cause = this.causeAt(position);
    const found = {
      position,
      last,
      cause,
      differences: settled[0] && settled[1] ? stateDifferences(a, b, this.mask) : undefined,
      next: [settled[0] ? placeOf(a.machine) : undefined, settled[1] ? placeOf(b.machine) : undefined] as const,
      thrown,
      around: [a.surroundings(context), b.surroundings(context)] as const,
    };
    if (position > 0) {
      await this.goBack();
      await a.runTo(position);
      await b.runTo(position);
    }
    return { ...found, outputs: await firstOutputDifference(this.sides, turn) };
  }

  /** The instruction that leads to `position`, which both execute from equal states. */
  private async placeBefore(position: number): Promise<Place> {
    await this.goBack();
    const [side] = this.sides;
    await side.runTo(position - 1);
    return placeOf(side.machine);
  }
}
