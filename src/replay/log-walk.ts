/**
 * Logs compared with each other, without executing them: how far each goes, and the positions at which they hold
 * different inputs, answers or outputs.
 */
import type { EndEntry, LogEntry } from '../log/entry.js';
import type { LogReader, Tear } from '../log/reader.js';

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
 * The positions, ascending, at which two logs differ in anything but digests and their ends. Entries are compared by
 * position, so that one that only one log has makes one difference, not all that follow.
 */
export async function* differingPositions(a: LogReader, b: LogReader): AsyncGenerator<number> {
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
    yield position;
    for (const walk of [left, right]) while (walk.position === position) await walk.step();
  }
}

/** Goes through a log's entries one by one, digests and the end left out. */
class EntryWalk {
  private entries: readonly LogEntry[] = [];
  private at = 0;
  private read = 0;
  private over = false;

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
    if (entry?.type === 'times' && ++this.read < entry.times.length) return;
    this.read = 0;
    this.at++;
    this.skip();
  }

  async step(): Promise<void> {
    this.advance();
    if (this.needsMore) await this.fill();
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
    return sameEntry(a, b);
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

/** Whether two entries that are no batches say the same. */
export function sameEntry(a: LogEntry, b: LogEntry): boolean {
  if (a.type !== b.type) return false;
  for (const key of Object.keys(a) as (keyof LogEntry)[]) {
    const left: unknown = a[key];
    const right: unknown = b[key];
    if (left !== right && !sameBytes(left, right)) return false;
  }
  return true;
}

function sameBytes(a: unknown, b: unknown): boolean {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return false;
  const [left, right] = [a as Uint8Array, b as Uint8Array];
  if (left.length !== right.length) return false;
  // A loop: with a call for each byte, a large log of packets or entropy would take four times as long to compare.
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}
