/**
 * A split virtqueue as the device sees it: available descriptor chains come out, used ones go back. Follows the Virtual
 * I/O Device (VIRTIO) specification 1.2, chapter 2.7 ("Split Virtqueues"), with indirect descriptors (2.7.5.3) and
 * event indices (2.7.7.2 and 2.7.8.2).
 *
 * Rings and descriptors lie in the guest's memory and hold whatever the guest put there. A queue that makes no sense is
 * `broken`: it yields nothing more, and nothing outside the guest's memory is ever touched.
 */
import type { StateVisitor } from '../../../hart/state.js';
import type { GuestMemory } from '../../device.js';

/** A stretch of guest memory; all of it is RAM, and `length` is at least 1. */
export interface Segment {
  readonly address: number;
  readonly length: number;
}

export interface Chain {
  /** The descriptor the chain starts with: its name in the used ring. */
  readonly head: number;
  /** What the device may read, then what it may write, in order. */
  readonly readable: readonly Segment[];
  readonly writable: readonly Segment[];
  readonly readableLength: number;
  readonly writableLength: number;
}

/** The parts of a queue whose guest-physical addresses the driver chooses. */
export type QueueArea = 'descriptors' | 'available' | 'used';

const DESCRIPTOR_BYTES = 16;
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;
/** Longest chain through an indirect table, for tables larger than the queue; the largest queue size there is. */
const MOST_INDIRECT = 1024;
/** A chain's buffers may not exceed this in total (2.7.5). */
const MOST_BYTES = 2 ** 32;

const NO_INTERRUPT = 1;

export class Virtqueue {
  /** Number of descriptors; a power of two once the queue is ready. */
  size: number;
  ready = false;
  /** The driver's data made no sense; cleared by a reset alone. */
  broken = false;
  /** Set from the negotiated features before the queue is used. */
  indirect = false;
  eventIndex = false;

  private descriptors = 0;
  private available = 0;
  private used = 0;
  private nextAvailable = 0;
  private nextUsed = 0;
  /** Value of `nextUsed` when the driver was last considered for an interrupt. */
  private signalled = 0;

  constructor(
    private readonly memory: GuestMemory,
    /** Largest number of descriptors the driver may choose; a power of two. */
    readonly maximum: number,
  ) {
    this.size = maximum;
  }

  /** Sets one half of an area's address: the low or the high 32 bits. */
  setAddress(area: QueueArea, high: boolean, word: number): void {
    const old = this[area];
    this[area] = high ? (word >>> 0) * 2 ** 32 + (old % 2 ** 32) : old - (old % 2 ** 32) + (word >>> 0);
  }

  /** Begins to use the areas that were set; their counts start at 0. False, and nothing done, where they are not well formed. */
  start(): boolean {
    if (!this.wellFormed()) return false;
    this.ready = true;
    this.nextAvailable = this.nextUsed = this.signalled = 0;
    return true;
  }

  stop(): void {
    this.ready = false;
  }

  /** Whether size, alignment and place of the three areas (2.7, table of alignments) are such as the queue can work on. */
  private wellFormed(): boolean {
    const { size } = this;
    return (
      size >= 1 &&
      size <= this.maximum &&
      (size & (size - 1)) === 0 &&
      this.descriptors % 16 === 0 &&
      this.available % 2 === 0 &&
      this.used % 4 === 0 &&
      this.memory.contains(this.descriptors, size * DESCRIPTOR_BYTES) &&
      this.memory.contains(this.available, 6 + size * 2) &&
      this.memory.contains(this.used, 6 + size * 8)
    );
  }

  /** How many chains wait. Breaks the queue where that is more than it can hold. */
  waiting(): number {
    if (!this.usable()) return 0;
    const count = (this.memory.readU16(this.available + 2) - this.nextAvailable) & 0xffff;
    if (count <= this.size) return count;
    this.broken = true;
    return 0;
  }

  /** The chain `ahead` places behind the next one, left where it is; undefined where there is none or it is malformed. */
  peek(ahead = 0): Chain | undefined {
    if (ahead >= this.waiting()) return undefined;
    const slot = (this.nextAvailable + ahead) % this.size;
    const chain = this.walk(this.memory.readU16(this.available + 4 + 2 * slot));
    if (chain === undefined) this.broken = true;
    return chain;
  }

  /** Takes the next chain; undefined where there is none or it is malformed. */
  take(): Chain | undefined {
    const chain = this.peek();
    if (chain !== undefined) this.advance(1);
    return chain;
  }

  /** Takes `count` chains that were looked at by `peek`. */
  advance(count: number): void {
    this.nextAvailable = (this.nextAvailable + count) & 0xffff;
  }

  /** Hands a chain back with the number of bytes written to it. */
  put(head: number, written: number): void {
    const entry = this.used + 4 + 8 * (this.nextUsed % this.size);
    this.memory.writeU32(entry, head);
    this.memory.writeU32(entry + 4, written);
    this.nextUsed = (this.nextUsed + 1) & 0xffff;
    this.memory.writeU16(this.used + 2, this.nextUsed);
  }

  /** Whether the driver wants an interrupt for what was put back since this was last asked. */
  wantsInterrupt(): boolean {
    if (!this.usable()) return false;
    const fresh = (this.nextUsed - this.signalled) & 0xffff;
    this.signalled = this.nextUsed;
    if (fresh === 0) return false;
    if (!this.eventIndex) return (this.memory.readU16(this.available) & NO_INTERRUPT) === 0;
    const event = this.memory.readU16(this.available + 4 + 2 * this.size);
    return ((this.nextUsed - event - 1) & 0xffff) < fresh;
  }

  /** Asks the driver to notify of the next chain it makes available. */
  askForNotification(): void {
    if (!this.usable() || !this.eventIndex) return;
    this.memory.writeU16(this.used + 4 + 8 * this.size, this.memory.readU16(this.available + 2));
  }

  reset(): void {
    this.size = this.maximum;
    this.ready = this.broken = this.indirect = this.eventIndex = false;
    this.descriptors = this.available = this.used = 0;
    this.nextAvailable = this.nextUsed = this.signalled = 0;
  }

  /** Fields' names begin with `prefix`. */
  state(visitor: StateVisitor, prefix: string): void {
    this.size = visitor.number(`${prefix}.size`, this.size);
    this.ready = visitor.bool(`${prefix}.ready`, this.ready);
    this.broken = visitor.bool(`${prefix}.broken`, this.broken);
    this.indirect = visitor.bool(`${prefix}.indirect`, this.indirect);
    this.eventIndex = visitor.bool(`${prefix}.eventIndex`, this.eventIndex);
    for (const area of ['descriptors', 'available', 'used'] as const) {
      const address = this[area];
      const low = visitor.number(`${prefix}.${area}.low`, address % 2 ** 32);
      const high = visitor.number(`${prefix}.${area}.high`, Math.floor(address / 2 ** 32));
      this[area] = high * 2 ** 32 + low;
    }
    this.nextAvailable = visitor.number(`${prefix}.nextAvailable`, this.nextAvailable);
    this.nextUsed = visitor.number(`${prefix}.nextUsed`, this.nextUsed);
    this.signalled = visitor.number(`${prefix}.signalled`, this.signalled);
    if (this.ready && !this.wellFormed()) this.broken = true;
  }

  private usable(): boolean {
    return this.ready && !this.broken;
  }

  /** Follows a chain from its head; undefined where it is malformed. */
  private walk(head: number): Chain | undefined {
    const readable: Segment[] = [];
    const writable: Segment[] = [];
    let readableLength = 0;
    let writableLength = 0;
    let table = this.descriptors;
    let entries = this.size;
    let index = head;
    // A chain visits a descriptor once, so a longer one goes in circles.
    let left = this.size;
    let nested = false;
    for (;;) {
      if (index >= entries || left-- === 0) return undefined;
      const at = table + index * DESCRIPTOR_BYTES;
      const address = this.memory.readU32(at) + this.memory.readU32(at + 4) * 2 ** 32;
      const length = this.memory.readU32(at + 8);
      const flags = this.memory.readU16(at + 12);
      if ((flags & INDIRECT) !== 0) {
        if (!this.indirect || nested || (flags & NEXT) !== 0) return undefined;
        if (length === 0 || length % DESCRIPTOR_BYTES !== 0 || !this.memory.contains(address, length)) return undefined;
        nested = true;
        table = address;
        entries = length / DESCRIPTOR_BYTES;
        left = Math.min(entries, MOST_INDIRECT);
        index = 0;
        continue;
      }
      if (length > 0) {
        if (!this.memory.contains(address, length)) return undefined;
        if ((flags & WRITE) !== 0) {
          writable.push({ address, length });
          writableLength += length;
        } else {
          // The device-readable part comes first (2.7.4.2).
          if (writable.length > 0) return undefined;
          readable.push({ address, length });
          readableLength += length;
        }
        if (readableLength + writableLength > MOST_BYTES) return undefined;
      }
      if ((flags & NEXT) === 0) return { head, readable, writable, readableLength, writableLength };
      index = this.memory.readU16(at + 14);
    }
  }
}
