/**
 * The environment of a backup: answers from a log (VM-FT, section 2.1, "Deterministic Replay"). Whatever the guest asks
 * or sends must be the log's next entry, at the same position; anything else is a Divergence.
 *
 * The log comes in stretches, as they are read. The machine is never let past what is known of the log, so that a log
 * can be followed while it is being written.
 */
import { single, type EndEntry, type Entry, type LogEntry } from '../log/entry.js';
import type { Mark, Stretch } from '../log/reader.js';
import type { Environment, Input, Need, Output } from '../machine/environment.js';
import type { DiskImages } from './disk-image.js';
import { DiskReads } from './disk-reads.js';
import { Divergence, LogExhausted, type Deed, type Surroundings } from './divergence.js';
import type { Hash } from './hash.js';
import { isSent, outputEntry, type OutputEntry } from './output-entry.js';

const { max, min } = Math;
const NOTHING: readonly Input[] = [];
const INPUTS: ReadonlySet<LogEntry['type']> = new Set<Input['type']>(['tick', 'packet', 'console', 'size', 'disk']);
const NO_IMAGES: DiskImages = new Map();

/** What the guest has sent, and the entry that the log must have of it. */
export interface Sent {
  readonly entry: OutputEntry;
  readonly output: Output;
}

/** A place between two entries of a log. */
export interface Cursor {
  /** Start of the stretch. */
  readonly mark: Mark;
  /** Entries of the stretch before the place, and time reads of the next entry before it. */
  readonly entry: number;
  readonly read: number;
  /** Outputs that have left and wait for their entries, which come next. */
  readonly unproven: readonly Sent[];
}

/** Is told of every output that agrees with the log. */
export type OutputListener = (position: number, output: Output) => void;

export class Logged implements Environment {
  private stretches: Stretch[] = [];
  /** The stretch before the first of `stretches`, for reports. */
  private previous: Stretch | undefined;
  /** The next entry in the first stretch, and the next time read in it. */
  private at = 0;
  private read = 0;
  /** Up to where the machine may run; -1 before anything is known. */
  private known = -1;
  /** Position of the last entry that is known, where that is an input: others may come with it. -1 where it is not. */
  private open = -1;
  /** Position of the next entry that is no answer, or Infinity; undefined while not looked up. */
  private stop: number | undefined;
  /** Position of the next entry that is no answer, outputs included, or Infinity; undefined while not looked up. */
  private rest: number | undefined;
  private complete = false;
  /** What was sent when the log was not known so far: it is compared, and told, when the log goes on. */
  private unproven: Sent[] = [];
  /** Entries that were used up: tells whether any was. */
  used = 0;

  constructor(
    private readonly hash: Hash,
    private readonly listener?: OutputListener,
    /** Images of the disks whose reads the log does not hold. */
    private readonly images: DiskImages = NO_IMAGES,
  ) {}

  /** Stretches that are held and not used up. */
  get held(): number {
    return this.stretches.length;
  }

  /** Whether nothing will be fed any more. */
  get over(): boolean {
    return this.complete;
  }

  /** Takes the log's next stretch. */
  feed(stretch: Stretch): void {
    const last = stretch.entries.at(-1);
    const entries = stretch.entries.filter(({ type }) => type !== 'progress');
    this.stretches.push(entries.length === stretch.entries.length ? stretch : { ...stretch, entries });
    this.stop = this.rest = undefined;
    if (last === undefined) return;
    // An instruction may ask more than once: where an answer is the last that is known, it may want another.
    this.known = lastPositionOf(last) - (isAnswer(last) ? 1 : 0);
    this.open = isInput(last) ? last.position : -1;
  }

  /** Nothing follows what was fed. */
  close(): void {
    this.complete = true;
    this.open = -1;
    const last = this.stretches.findLast(({ entries }) => entries.length > 0)?.entries.at(-1);
    if (last !== undefined) this.known = max(this.known, lastPositionOf(last));
  }

  /** The place of the next entry; undefined before the first stretch. */
  get cursor(): Cursor | undefined {
    this.next();
    const [stretch] = this.stretches;
    return stretch && { mark: stretch.mark, entry: this.at, read: this.read, unproven: [...this.unproven] };
  }

  /** Goes to another place of the log: what is fed next must be the stretch at the cursor's mark, and all after it. */
  rewind(cursor: Cursor): void {
    this.stretches = [];
    this.previous = undefined;
    this.at = cursor.entry;
    this.read = cursor.read;
    this.known = this.open = -1;
    this.stop = this.rest = undefined;
    this.complete = false;
    this.unproven = [...cursor.unproven];
  }

  /** Whether there is something to do at `position` or after it with what is known, and all inputs there are. */
  reaches(position: number): boolean {
    if (position === this.open) return false;
    const entry = this.next();
    return this.known > position || (entry !== undefined && !isAnswer(entry));
  }

  /** Whether the log is known to have nothing up to `position` but what instructions there are answered. */
  quietTo(position: number): boolean {
    if (this.known <= position || this.unproven.length > 0) return false;
    this.rest ??= this.findNext(isAnswer);
    return this.rest > position;
  }

  /** The next entry; undefined where none is held. */
  peek(): Entry | undefined {
    const entry = this.next();
    return entry && single(entry, this.read);
  }

  /** The digest to compare the state at `position` with, before anything else happens there. */
  digestAt(position: number): bigint | undefined {
    const entry = this.next();
    return entry?.type === 'digest' && entry.position === position ? entry.digest : undefined;
  }

  /** Goes past the digest that is next. Throws Divergence where `digest` is another. */
  checkDigest(position: number, digest: bigint): void {
    if (this.digestAt(position) !== digest) throw this.divergence(position, { type: 'digest', digest });
    this.consume();
  }

  /** Whether the log says that the console was made to send what it had gathered here, as at the end of a recording. */
  flushAt(position: number): boolean {
    const entry = this.next();
    return entry?.type === 'output' && entry.kind === 'console' && entry.position === position;
  }

  /** Whether the log has something that happens at `position` before the next instruction. */
  pendingAt(position: number): boolean {
    const entry = this.next();
    return entry !== undefined && entry.type !== 'times' && entry.type !== 'end' && entry.position === position;
  }

  /** The end entry, where it is next. */
  endAt(position: number): EndEntry | undefined {
    const entry = this.next();
    return entry?.type === 'end' && entry.position === position ? entry : undefined;
  }

  nextStop(position: number, _need: Need): number {
    this.checkPassed(position);
    this.stop ??= this.findNext((entry) => entry.type === 'output' || isAnswer(entry));
    return max(position, min(this.stop, this.known));
  }

  takeInputs(position: number, need: Need): readonly Input[] {
    this.checkPassed(position);
    let inputs: Input[] | undefined;
    let reads: DiskReads | undefined;
    for (;;) {
      const entry = this.next();
      if (entry === undefined || entry.type === 'times' || entry.position !== position) break;
      if (!isInput(entry)) break;
      const input = entry.type === 'disk' ? (reads ??= new DiskReads(this.images, need)).filled(entry) : entry;
      // The completion of a request that those before it have set off: the machine asks again.
      if (input === undefined && inputs !== undefined) break;
      (inputs ??= []).push(input ?? entry);
      this.consume();
    }
    return inputs ?? NOTHING;
  }

  readTime(position: number): number {
    const entry = this.next();
    if (entry?.type === 'times') {
      const { read } = this;
      if (entry.positions[read] === position) {
        if (read + 1 === entry.times.length) this.consume();
        else this.read = read + 1;
        return entry.times[read];
      }
    } else if (entry?.type === 'time' && entry.position === position) {
      this.consume();
      return entry.time;
    }
    throw this.divergence(position, { type: 'time' });
  }

  readEntropy(position: number, length: number): Uint8Array {
    const entry = this.next();
    if (entry?.type !== 'entropy' || entry.position !== position || entry.data.length !== length) {
      throw this.divergence(position, { type: 'entropy', length });
    }
    this.consume();
    return entry.data;
  }

  /** An output for which the log has no entry yet waits for it, and is dropped where none comes: it never left. */
  emit(position: number, output: Output): void {
    if (!isSent(output)) return;
    this.unproven.push({ entry: outputEntry(position, output, this.hash), output });
    this.next();
  }

  /** Whether the log is over and all of it was used up. */
  get exhausted(): boolean {
    return this.complete && this.next() === undefined;
  }

  /** What the guest has sent of which an exhausted log has no entry, in order: the caller's from now on. */
  takeUnproven(): Sent[] {
    return this.unproven.splice(0);
  }

  /** What to throw where the guest did something at `position` that is not the log's next entry. */
  divergence(position: number, deed: Deed): Divergence | LogExhausted {
    const expected = this.peek();
    if (expected === undefined && deed.type !== 'digest') return new LogExhausted(position);
    return new Divergence(position, deed, expected, this.surroundings());
  }

  /** The entries around the place, at most `count` each way, as far as they are held. */
  surroundings(count = 8): Surroundings {
    return { before: this.before(count), after: this.after(count) };
  }

  private before(count: number): Entry[] {
    this.next();
    const [current] = this.stretches;
    const entries: Entry[] = [];
    const head = current?.entries[this.at];
    for (let read = this.read - 1; head && read >= 0 && entries.length < count; read--)
      entries.push(single(head, read));
    const used = current?.entries.slice(max(0, this.at - count), this.at) ?? [];
    for (const list of [used, this.previous?.entries.slice(-count) ?? []]) {
      for (let i = list.length - 1; i >= 0; i--) {
        const entry = list[i];
        for (let read = lengthOf(entry) - 1; read >= 0 && entries.length < count; read--) {
          entries.push(single(entry, read));
        }
      }
    }
    return entries.reverse();
  }

  private after(count: number): Entry[] {
    const entries: Entry[] = [];
    let { at, read } = this;
    for (const stretch of this.stretches) {
      for (; at < stretch.entries.length && entries.length < count; at++) {
        const entry = stretch.entries[at];
        for (; read < lengthOf(entry) && entries.length < count; read++) entries.push(single(entry, read));
        read = 0;
      }
      at = 0;
    }
    return entries;
  }

  /** The next entry, of which `read` time reads are used up. */
  private next(): LogEntry | undefined {
    let entry = this.head();
    while (entry !== undefined && this.unproven.length > 0) {
      this.prove(entry);
      entry = this.head();
    }
    return entry;
  }

  private head(): LogEntry | undefined {
    for (;;) {
      const [stretch] = this.stretches;
      if (stretch === undefined) return undefined;
      if (this.at < stretch.entries.length) return stretch.entries[this.at];
      if (this.stretches.length === 1) return undefined;
      this.previous = this.stretches.shift();
      this.at = 0;
    }
  }

  /** Compares the first output that waits with the log's next entry. */
  private prove(logged: LogEntry): void {
    const [{ entry, output }] = this.unproven.splice(0, 1) as [Sent];
    if (!sameOutput(logged, entry)) {
      this.unproven = [];
      throw this.divergence(entry.position, { type: 'output', entry, output });
    }
    this.consume();
    this.listener?.(entry.position, output);
  }

  private consume(): void {
    this.used++;
    this.at++;
    this.read = 0;
    this.stop = this.rest = undefined;
  }

  /** Entries that lie behind `position`, or answers at it, were passed over. */
  private checkPassed(position: number): void {
    const entry = this.next();
    if (entry === undefined) return;
    const due = entry.type === 'times' ? entry.positions[this.read] : entry.position;
    if (due > position || (due === position && !isMadeByInstruction(entry))) return;
    throw this.divergence(position, { type: 'ran-on' });
  }

  /** Position of the first entry that is not to be passed over. */
  private findNext(passed: (entry: LogEntry) => boolean): number {
    let { at } = this;
    for (const { entries } of this.stretches) {
      for (; at < entries.length; at++) {
        const entry = entries[at];
        if (entry.type !== 'times' && !passed(entry)) return entry.position;
      }
      at = 0;
    }
    return Infinity;
  }
}

/** Whether an entry is what an instruction was answered. */
function isAnswer(entry: LogEntry): boolean {
  return entry.type === 'times' || entry.type === 'time' || entry.type === 'entropy';
}

/** Whether an entry is what came from outside. */
function isInput(entry: LogEntry): entry is Extract<LogEntry, Input> {
  return INPUTS.has(entry.type);
}

/** Whether an entry comes about in the middle of an instruction, not between two. */
function isMadeByInstruction(entry: LogEntry): boolean {
  return isAnswer(entry) || (entry.type === 'output' && (entry.kind === 'packet' || entry.kind === 'disk'));
}

function sameOutput(logged: LogEntry, sent: OutputEntry): boolean {
  return (
    logged.type === 'output' &&
    logged.position === sent.position &&
    logged.kind === sent.kind &&
    logged.device === sent.device &&
    logged.length === sent.length &&
    logged.hash === sent.hash
  );
}

function lengthOf(entry: LogEntry): number {
  return entry.type === 'times' ? entry.times.length : 1;
}

function lastPositionOf(entry: LogEntry): number {
  return entry.type === 'times' ? entry.positions[entry.positions.length - 1] : entry.position;
}
