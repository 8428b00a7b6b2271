/**
 * Logs compared with each other, without executing them: how far each goes, and the positions at which they hold
 * different inputs, answers or outputs.
 */
import { single, singly, type EndEntry, type Entry, type LogEntry } from '../log/entry.js';
import type { LogReader, Tear } from '../log/reader.js';
import { WINDOW, sameEntry, type Parting } from './log-difference.js';

/** How far a log goes. */
export interface LogExtent {
  /** Position of the last entry. */
  readonly position: number;
  readonly end?: EndEntry;
  readonly torn?: Tear;
}

/** Reads a log through. Throws what the reader throws. */
export async function measureLog(reader: LogReader): Promise<LogExtent> {
  let last: LogEntry | undefined;
  for (let stretch = await reader.next(); stretch !== null; stretch = await reader.next()) {
    last = stretch.entries.at(-1) ?? last;
  }
  const { position } = reader.mark;
  return { position, ...(last?.type === 'end' && { end: last }), ...(reader.torn && { torn: reader.torn }) };
}

/**
 * The places, by ascending positions, at which two logs differ in anything but digests and their ends. Entries are
 * compared by position, so that one that only one log has makes one difference, not all that follow.
 */
export async function* partings(a: LogReader, b: LogReader): AsyncGenerator<Parting> {
  const left = new EntryWalk(a);
  const right = new EntryWalk(b);
  for (;;) {
    if (left.needsMore) await left.fill();
    if (right.needsMore) await right.fill();
    const position = Math.min(left.position, right.position);
    if (position === Infinity) return;
    if (left.sameAs(right)) {
      left.advance();
      right.advance();
      continue;
    }
    const before = [left.previous, right.previous] as const;
    yield { position, before, after: [await left.ahead(WINDOW), await right.ahead(WINDOW)] };
    for (const walk of [left, right]) while (walk.position === position) await walk.step();
  }
}

/** Goes through a log's entries one by one, digests and the end left out. */
class EntryWalk {
  private entries: readonly LogEntry[] = [];
  private at = 0;
  private read = 0;
  private over = false;
  /** The entry before the present one. */
  previous: Entry | undefined;

  constructor(private readonly reader: LogReader) {}

  get needsMore(): boolean {
    return !this.over && this.at >= this.entries.length;
  }

  /** Of the present entry; Infinity behind the last. */
  get position(): number {
    const entry = this.entries[this.at];
    if (entry === undefined) return Infinity;
    return entry.type === 'times' ? entry.positions[this.read] : entry.position;
  }

  /** Goes on to the next entry, or to the end of what is held. */
  advance(): void {
    const entry = this.entries[this.at];
    this.previous = entry && single(entry, this.read);
    if (entry?.type === 'times' && ++this.read < entry.times.length) return;
    this.read = 0;
    this.at++;
    this.skip();
  }

  async step(): Promise<void> {
    this.advance();
    if (this.needsMore) await this.fill();
  }

  /** The next `count` entries, the present one first; fewer where the log ends. */
  async ahead(count: number): Promise<Entry[]> {
    while (!this.over) {
      const ahead = this.held(count);
      if (ahead.length >= count) return ahead;
      const stretch = await this.reader.next();
      if (stretch === null) this.over = true;
      else {
        this.entries = [...this.entries.slice(this.at), ...stretch.entries];
        this.at = 0;
      }
    }
    return this.held(count);
  }

  private held(count: number): Entry[] {
    const held: Entry[] = [];
    let { read } = this;
    for (let at = this.at; at < this.entries.length && held.length < count; at++) {
      const entry = this.entries[at];
      if (entry.type === 'digest' || entry.type === 'end') continue;
      for (const one of singly(entry, read)) if (held.push(one) >= count) break;
      read = 0;
    }
    return held;
  }

  /** Reads until there is an entry. */
  async fill(): Promise<void> {
    while (this.needsMore) {
      const stretch = await this.reader.next();
      if (stretch === null) this.over = true;
      this.entries = stretch?.entries ?? [];
      this.at = this.read = 0;
      this.skip();
    }
  }

  sameAs(other: EntryWalk): boolean {
    const a = this.entries[this.at];
    const b = other.entries[other.at];
    if (a === undefined || b === undefined || this.position !== other.position) return false;
    const time = timeOf(a, this.read);
    if (time !== undefined) return time === timeOf(b, other.read);
    return time === undefined && b.type !== 'times' && a.type !== 'times' && sameEntry(a, b);
  }

  private skip(): void {
    while (this.entries[this.at]?.type === 'digest' || this.entries[this.at]?.type === 'end') this.at++;
  }
}

/** What a time read gave; undefined for other entries. */
function timeOf(entry: LogEntry, read: number): number | undefined {
  if (entry.type === 'times') return entry.times[read];
  return entry.type === 'time' ? entry.time : undefined;
}
