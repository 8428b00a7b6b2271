/**
 * Goes from one place to the next at which two logs differ, and says what differs there. An entry that has moved is one
 * difference with two places.
 */
import { classify, sameEntry, type LogDifference, type Parting } from './log-difference.js';

export class Partings {
  /** The present place; -1 before the first, Infinity behind the last. */
  position = -1;
  private parting: Parting | undefined;
  private known: LogDifference | undefined;
  /** Entries that have moved to places that are still to come. */
  private moved: LogDifference[] = [];

  constructor(private readonly partings: AsyncGenerator<Parting>) {}

  async next(): Promise<void> {
    // What moves from here must be known when its other place comes.
    this.difference();
    const next = await this.partings.next();
    this.parting = next.done === true ? undefined : next.value;
    this.position = this.parting?.position ?? Infinity;
    this.known = undefined;
    this.moved = this.moved.filter(({ entries }) => entries.some((entry) => entry && entry.position >= this.position));
  }

  /** What differs at the present place; at the other place of an entry that has moved, the same as at the first. */
  difference(): LogDifference | undefined {
    if (this.parting === undefined || this.known !== undefined) return this.known;
    const found = classify(this.parting);
    const earlier = this.moved.find((moved) =>
      moved.entries.some((entry, side) => {
        const other = found?.entries[side];
        return entry !== undefined && other !== undefined && sameEntry(entry, other);
      }),
    );
    this.known = earlier ?? found;
    if (found?.kind === 'moved' && earlier === undefined) this.moved.push(found);
    return this.known;
  }
}
