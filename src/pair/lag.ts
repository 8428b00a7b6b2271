/**
 * How far a backup is behind its primary, in time, and how much the primary's guest is to be slowed for it (VM-FT,
 * section 2.2: a feedback loop takes a little of the primary's CPU while the lag is above a limit).
 */

/** Of the guest's time, how much more is taken at each slice of too much lag, and at most. */
const STEP = 0.002;
const MOST = 0.9;
/** Milliseconds that a brake holds at once. */
const LONGEST = 50;
/** Marks that are kept. */
const MOST_MARKS = 8192;

const { max, min } = Math;

interface Mark {
  readonly position: number;
  readonly at: number;
}

export class Lag {
  /** Positions that the primary has passed and the backup has not, and when. */
  private marks: Mark[] = [];
  private share = 0;
  private debt = 0;
  /** Milliseconds by which the backup is behind, as it said last. */
  behind = 0;

  /** @param limit milliseconds */
  constructor(private readonly limit: number) {}

  reset(): void {
    this.marks = [];
    this.behind = this.share = this.debt = 0;
  }

  /** The primary is at a position. */
  passed(position: number, at: number): void {
    this.marks.push({ position, at });
    // Of many every other one is enough.
    if (this.marks.length > MOST_MARKS) this.marks = this.marks.filter((_mark, i) => i % 2 === 0);
  }

  /** The backup is at a position. */
  reached(position: number, now: number): void {
    const next = this.marks.findIndex((mark) => mark.position > position);
    if (next < 0) this.marks = [];
    else if (next > 0) this.marks.splice(0, next);
    this.behind = this.marks.length === 0 ? 0 : now - this.marks[0].at;
  }

  /** How many milliseconds the guest is to rest after a slice of so many. */
  brake(slice: number): number {
    this.share = this.behind > this.limit ? min(MOST, this.share + STEP) : max(0, this.share - STEP);
    if (this.share === 0) return 0;
    this.debt += (slice * this.share) / (1 - this.share);
    // Timers know no less than a millisecond.
    if (this.debt < 1) return 0;
    const rest = min(LONGEST, this.debt);
    this.debt -= rest;
    return rest;
  }
}
