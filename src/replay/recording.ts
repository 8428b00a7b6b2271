/**
 * The environment of a primary: passes every question on to another environment and writes an entry for every answer.
 * An output's entry, and with it all before, is handed to the log's sink before the output itself goes on (VM-FT,
 * section 2.2, "Output Rule"). The packets of a busy guest wait for each other, so that one such handing over does for many
 * of them; how long is a matter of the guest's execution alone, as all that a log holds is.
 */
import type { EndEntry } from '../log/entry.js';
import type { EntryWriter } from '../log/writer.js';
import type { Environment, Input, Need, Output } from '../machine/environment.js';
import type { Hash } from './hash.js';
import { isSent, outputEntry, type OutputEntry } from './output-entry.js';

const { min } = Math;
const NEVER = { position: -1, now: 0 };
const NO_DATA = new Uint8Array(0);

/** Positions between digests where nothing else is asked for: half a second of translated code, or less. */
export const DEFAULT_DIGEST_DISTANCE = 2 ** 28;
/** A digest is handed to the sink at once, as a sign of progress for whoever follows, but not oftener than this. */
const FLUSH_DISTANCE = 2 ** 20;
/** Bytes of packets that wait, at most, and positions that the first of them waits: of translated code some 0.2 ms. */
const MOST_HELD = 2 ** 16;
const LONGEST_HELD = 2 ** 17;
/** Packets from one rest of the guest to the next that one answer may take: whoever asked may wait for it alone. */
const FEW_PACKETS = 2;

export class Recording implements Environment {
  private nextDigest: number;
  private flushed = 0;
  /** Position of the last entry where that is a digest; -1 otherwise. */
  private digested = -1;
  /** Where inputs were asked for last, and what the virtual clock showed when they were first asked for there. */
  private asked = NEVER;
  /** Outputs that have entries and have not left, in order. */
  private held: { readonly position: number; readonly output: Output }[] = [];
  private heldBytes = 0;
  /** Position at which they leave. */
  private due = Infinity;
  /** Position of the guest's last rest. */
  private rested = -1;
  /** Packets since the guest's last rest. */
  private packets = 0;
  /** The next packet leaves at once. */
  private prompt = true;

  /**
   * @param inner gives the answers
   * @param digestDistance positions from one digest to the next; 0: no digests
   * @param imageReads slots of disks of which a replay takes from the image what is read: it is not written
   * @param start where the execution is taken up: its log has digests up to here already
   */
  constructor(
    private readonly inner: Environment,
    readonly writer: EntryWriter,
    private readonly hash: Hash,
    readonly digestDistance = DEFAULT_DIGEST_DISTANCE,
    private readonly imageReads: ReadonlySet<number> = new Set(),
    start = 0,
  ) {
    const last = start - (start % digestDistance);
    this.nextDigest = digestDistance === 0 ? Infinity : start === 0 ? 0 : last + digestDistance;
  }

  nextStop(position: number, need: Need): number {
    return min(this.inner.nextStop(position, need), this.nextDigest, this.due);
  }

  takeInputs(position: number, need: Need): readonly Input[] {
    this.settle(position, need);
    const inputs = this.withTime(position, need, this.inner.takeInputs(position, need));
    for (const input of inputs) {
      this.digested = -1;
      this.writer.write({ ...this.logged(input), position });
    }
    return inputs;
  }

  /** An input as the log has it. */
  private logged(input: Input): Input {
    if (input.type !== 'disk' || !this.imageReads.has(input.device)) return input;
    return { ...input, data: NO_DATA };
  }

  /**
   * Where a guest that waits has its virtual clock put forward, inputs that come then are told by their position alone to
   * come before that: a tick says how late it is.
   */
  private withTime(position: number, { virtual }: Need, inputs: readonly Input[]): readonly Input[] {
    if (virtual === undefined) return inputs;
    const { now } = virtual;
    if (this.asked.position !== position) this.asked = { position, now };
    if (inputs.length === 0 || now === this.asked.now || inputs[0].type === 'tick') return inputs;
    return [{ type: 'tick', time: now }, ...inputs];
  }

  readTime(position: number): number {
    const time = this.inner.readTime(position);
    this.digested = -1;
    this.writer.time(position, time);
    return time;
  }

  readEntropy(position: number, length: number): Uint8Array {
    const data = this.inner.readEntropy(position, length);
    this.digested = -1;
    this.writer.write({ type: 'entropy', position, data });
    return data;
  }

  /**
   * Where the guest rests after every few packets, the first after a rest leaves at once; others leave at the next rest,
   * or when they are many or have waited long. All other outputs leave at once, behind the packets that wait.
   */
  emit(position: number, output: Output): void {
    if (!isSent(output)) {
      this.inner.emit(position, output);
      return;
    }
    this.digested = -1;
    this.writer.write(outputEntry(position, output, this.hash));
    if (this.held.length === 0) this.due = position + LONGEST_HELD;
    this.held.push({ position, output });
    if (output.type === 'packet') {
      this.packets++;
      this.heldBytes += output.data.length;
    }
    if (output.type !== 'packet' || this.prompt || this.heldBytes >= MOST_HELD) this.release();
    this.prompt &&= output.type !== 'packet';
  }

  private release(): void {
    const { held } = this;
    if (held.length === 0) return;
    this.held = [];
    this.heldBytes = 0;
    this.due = Infinity;
    this.flush(held[held.length - 1].position);
    held.forEach(({ position, output }, at) => {
      this.inner.emit(position, output, held.at(at + 1)?.output.type === 'packet');
    });
  }

  /** The guest is at a boundary: what it has sent leaves where it rests or the time has come. */
  private settle(position: number, { idle }: Need): void {
    if (idle || position >= this.due) this.release();
    if (!idle || position === this.rested) return;
    this.rested = position;
    this.prompt = this.packets <= FEW_PACKETS;
    this.packets = 0;
  }

  /** Writes the entries of what a backup's guest has sent behind the end of the log that it was given. */
  adopt(entries: readonly OutputEntry[]): void {
    for (const entry of entries) this.writer.write(entry);
    if (entries.length > 0) this.writer.flush();
  }

  /** Whether a digest of the state at `position` is to be written now. */
  digestDue(position: number): boolean {
    return position >= this.nextDigest;
  }

  writeDigest(position: number, digest: bigint): void {
    const { digestDistance } = this;
    this.nextDigest = position - (position % digestDistance) + digestDistance;
    this.digested = position;
    this.writer.write({ type: 'digest', position, digest });
    if (position - this.flushed >= FLUSH_DISTANCE) this.flush(position);
  }

  /**
   * Ends the log, with a last digest where it has any and the state is known; what waits leaves. Answers false where the
   * log has failed before: what is written of it stays.
   */
  end(entry: Omit<EndEntry, 'type'>, digest?: () => bigint): boolean {
    const { position } = entry;
    this.release();
    if (digest && this.digestDistance > 0 && this.digested !== position) this.writeDigest(position, digest());
    return this.writer.end({ type: 'end', ...entry });
  }

  private flush(position: number): void {
    this.flushed = position;
    this.writer.flush();
  }
}
