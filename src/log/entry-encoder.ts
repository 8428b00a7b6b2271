// Entries to bytes (log.proto, Entry): positions and times as differences, consecutive time reads in two packed columns.
// Written by hand over the wire encoding, because time reads come by the million; the schema is the contract, and
// the tests read what this writes with the generated decoder.

import type { DiskEntry, EndReason, LogEntry, OutputKind } from './entry.js';
import { BATCH_LIMIT, DATA_LIMIT, SIZE_LIMIT } from './entry.js';
import type { Statistics } from './statistics.js';
import { FIXED64, LENGTH, VARINT, VARINT_SIZE } from './wire.js';
import { putFixed64, putVarint, putZigzag, varintSize } from './wire.js';

const { MAX_SAFE_INTEGER } = Number;

/** Tags of Log.entry and of Entry's fields: field number and wire type, each in one byte but from field 16 on. */
export const TAG = {
  entry: (2 << 3) | LENGTH,
  after: (1 << 3) | VARINT,
  device: (2 << 3) | VARINT,
  length: (3 << 3) | VARINT,
  times: (4 << 3) | LENGTH,
  time: (5 << 3) | VARINT,
  tick: (6 << 3) | VARINT,
  entropy: (7 << 3) | LENGTH,
  packet: (8 << 3) | LENGTH,
  console: (9 << 3) | LENGTH,
  consoleOutput: (10 << 3) | FIXED64,
  packetOutput: (11 << 3) | FIXED64,
  diskOutput: (12 << 3) | FIXED64,
  powerOutput: (13 << 3) | FIXED64,
  digest: (14 << 3) | FIXED64,
  end: (15 << 3) | LENGTH,
  disk: (16 << 3) | LENGTH,
  size: (17 << 3) | LENGTH,
  progress: (24 << 3) | VARINT,
  timesAfter: (1 << 3) | LENGTH,
  timesTime: (2 << 3) | LENGTH,
  diskRequest: (1 << 3) | VARINT,
  diskStatus: (2 << 3) | VARINT,
  diskData: (3 << 3) | LENGTH,
  endReason: (1 << 3) | VARINT,
  endStatus: (2 << 3) | VARINT,
  endDetail: (3 << 3) | LENGTH,
  sizeColumns: (1 << 3) | VARINT,
  sizeRows: (2 << 3) | VARINT,
} as const;

/** End reasons in the order of the schema's enum, whose first value is 1. */
export const REASONS: readonly EndReason[] = ['power-off', 'until', 'time-limit', 'interrupted', 'host-error'];

const OUTPUT_TAG: Readonly<Record<OutputKind, number>> = {
  console: TAG.consoleOutput,
  packet: TAG.packetOutput,
  disk: TAG.diskOutput,
  power: TAG.powerOutput,
};

/** More than an entry takes beside the bytes it carries. */
const FRAME_SIZE = 64;

/** Appends entries to a buffer that its owner empties. */
export class EntryEncoder {
  /** Position of the last entry given, and the last known time. */
  position = 0;
  time = 0;

  /** What was appended: bytes[0, length). */
  bytes = new Uint8Array(2 ** 17);
  length = 0;

  private readonly afterColumn = new Uint8Array(BATCH_LIMIT * VARINT_SIZE);
  private readonly timeColumn = new Uint8Array(BATCH_LIMIT * VARINT_SIZE);
  private afterSize = 0;
  private timeSize = 0;
  private reads = 0;

  constructor(private readonly statistics: Statistics) {}

  /** A time read at `position` that gave `time`. True where a batch was closed, so that `length` has grown. */
  read(position: number, time: number): boolean {
    const after = position - this.position;
    if (!(after >= 0 && position <= MAX_SAFE_INTEGER)) throw outOfOrder(position, this.position);
    if (!(time >= 0 && time <= MAX_SAFE_INTEGER)) throw new RangeError(`${time} is no guest time`);
    const full = this.reads === BATCH_LIMIT;
    if (full) this.closeBatch();
    this.afterSize = putVarint(this.afterColumn, this.afterSize, after);
    this.timeSize = putZigzag(this.timeColumn, this.timeSize, time - this.time);
    this.reads++;
    this.position = position;
    this.time = time;
    return full;
  }

  /** Appends an entry. Throws RangeError, and appends nothing, where it goes back or is outside the schema's limits. */
  append(entry: LogEntry): void {
    if (entry.type === 'time') {
      this.read(entry.position, entry.time);
    } else if (entry.type === 'times') {
      for (let n = 0; n < entry.positions.length; n++) this.read(entry.positions[n], entry.times[n]);
    } else {
      this.closeBatch();
      const { position } = entry;
      if (!(position >= this.position && position <= MAX_SAFE_INTEGER)) throw outOfOrder(position, this.position);
      const start = this.length;
      switch (entry.type) {
        case 'tick': {
          if (!(entry.time >= 0 && entry.time <= MAX_SAFE_INTEGER))
            throw new RangeError(`${entry.time} is no guest time`);
          const at = this.open(position, 0);
          this.bytes[at] = TAG.tick;
          this.close(start, putZigzag(this.bytes, at + 1, entry.time - this.time));
          this.time = entry.time;
          break;
        }
        case 'entropy':
          this.appendData(position, 0, TAG.entropy, entry.data);
          break;
        case 'packet':
          this.appendData(position, entry.device, TAG.packet, entry.data);
          break;
        case 'console':
          this.appendData(position, entry.device, TAG.console, entry.data);
          break;
        case 'disk':
          this.appendData(position, entry.device, TAG.disk, encodeDisk(entry));
          break;
        case 'size':
          this.appendData(position, entry.device, TAG.size, encodeSize(entry.columns, entry.rows));
          break;
        case 'output':
          this.appendHash(position, entry.device, entry.length, OUTPUT_TAG[entry.kind], entry.hash);
          break;
        case 'digest':
          this.appendHash(position, 0, 0, TAG.digest, entry.digest);
          break;
        case 'progress': {
          const at = putVarint(this.bytes, this.open(position, 0), TAG.progress);
          this.bytes[at] = 1;
          this.close(start, at + 1);
          break;
        }
        case 'end':
          this.appendData(position, 0, TAG.end, encodeEnd(entry.reason, entry.status, entry.detail ?? ''));
          break;
      }
      this.position = position;
      this.statistics.add(entry.type === 'output' ? `output:${entry.kind}` : entry.type, this.length - start);
    }
  }

  /** Appends the time reads that wait for their batch to fill. */
  closeBatch(): void {
    const { reads, afterSize, timeSize } = this;
    if (reads === 0) return;
    const start = this.length;
    this.reserve(afterSize + timeSize);
    const { bytes } = this;
    let at = start + 2;
    if (reads === 1) {
      bytes[at++] = TAG.after;
      at = this.appendColumn(this.afterColumn, afterSize, at);
      bytes[at++] = TAG.time;
      at = this.appendColumn(this.timeColumn, timeSize, at);
      this.close(start, at);
    } else {
      const columns = 2 + varintSize(afterSize) + afterSize + varintSize(timeSize) + timeSize;
      bytes[start] = TAG.entry;
      at = putVarint(bytes, start + 1, 1 + varintSize(columns) + columns);
      bytes[at++] = TAG.times;
      at = putVarint(bytes, at, columns);
      bytes[at++] = TAG.timesAfter;
      at = this.appendColumn(this.afterColumn, afterSize, putVarint(bytes, at, afterSize));
      bytes[at++] = TAG.timesTime;
      this.length = this.appendColumn(this.timeColumn, timeSize, putVarint(bytes, at, timeSize));
    }
    this.statistics.add('time', this.length - start, reads);
    this.reads = this.afterSize = this.timeSize = 0;
  }

  /** Makes room for `size` more bytes and an entry's frame. */
  reserve(size: number): void {
    const needed = this.length + size + FRAME_SIZE;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  private appendColumn(column: Uint8Array, size: number, at: number): number {
    if (size < 16) for (let n = 0; n < size; n++) this.bytes[at + n] = column[n];
    else this.bytes.set(column.subarray(0, size), at);
    return at + size;
  }

  private appendData(position: number, device: number, tag: number, data: Uint8Array): void {
    const { length } = data;
    if (length > DATA_LIMIT) throw new RangeError(`an entry carries ${DATA_LIMIT} bytes at most, not ${length}`);
    const after = position - this.position;
    const size = sizeOf(after) + sizeOf(device) + varintSize(tag) + varintSize(length) + length;
    this.reserve(length);
    const { bytes } = this;
    bytes[this.length] = TAG.entry;
    let at = this.putPlace(putVarint(bytes, this.length + 1, size), after, device);
    at = putVarint(bytes, putVarint(bytes, at, tag), length);
    bytes.set(data, at);
    this.length = at + length;
  }

  private appendHash(position: number, device: number, length: number, tag: number, hash: bigint): void {
    const start = this.length;
    let at = this.open(position, device);
    const { bytes } = this;
    if (length !== 0) {
      bytes[at++] = TAG.length;
      at = putVarint(bytes, at, uint32(length));
    }
    bytes[at++] = tag;
    this.close(start, putFixed64(bytes, at, hash));
  }

  /** Starts an entry of less than 128 bytes; gives the index after what every entry starts with. */
  private open(position: number, device: number): number {
    this.reserve(0);
    return this.putPlace(this.length + 2, position - this.position, device);
  }

  /** Ends an entry of less than 128 bytes that was started at `start`. */
  private close(start: number, at: number): void {
    this.bytes[start] = TAG.entry;
    this.bytes[start + 1] = at - start - 2;
    this.length = at;
  }

  private putPlace(at: number, after: number, device: number): number {
    const { bytes } = this;
    if (after !== 0) {
      bytes[at++] = TAG.after;
      at = putVarint(bytes, at, after);
    }
    if (device !== 0) {
      bytes[at++] = TAG.device;
      at = putVarint(bytes, at, uint32(device));
    }
    return at;
  }
}

/** The bytes of a field of one-byte tag and number `value`, which is left out where it is 0. */
function sizeOf(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value);
}

function encodeDisk({ request, status, data }: DiskEntry): Uint8Array {
  const bytes = new Uint8Array(FRAME_SIZE + data.length);
  let at = 0;
  if (request !== 0) {
    bytes[at++] = TAG.diskRequest;
    at = putVarint(bytes, at, uint32(request));
  }
  if (status !== 0) {
    bytes[at++] = TAG.diskStatus;
    at = putVarint(bytes, at, uint32(status));
  }
  if (data.length !== 0) {
    bytes[at++] = TAG.diskData;
    at = putVarint(bytes, at, data.length);
    bytes.set(data, at);
    at += data.length;
  }
  return bytes.subarray(0, at);
}

function encodeSize(columns: number, rows: number): Uint8Array {
  const bytes = new Uint8Array(FRAME_SIZE);
  let at = 0;
  for (const [tag, count] of [
    [TAG.sizeColumns, columns],
    [TAG.sizeRows, rows],
  ]) {
    if (!(Number.isInteger(count) && count >= 0 && count <= SIZE_LIMIT)) {
      throw new RangeError(`a console has 0 to ${SIZE_LIMIT} columns and rows, not ${count}`);
    }
    if (count === 0) continue;
    bytes[at++] = tag;
    at = putVarint(bytes, at, count);
  }
  return bytes.subarray(0, at);
}

function encodeEnd(reason: EndReason, status: number, detail: string): Uint8Array {
  const text = new TextEncoder().encode(detail);
  const bytes = new Uint8Array(FRAME_SIZE + text.length);
  bytes[0] = TAG.endReason;
  bytes[1] = REASONS.indexOf(reason) + 1;
  let at = 2;
  if (status !== 0) {
    bytes[at++] = TAG.endStatus;
    at = putVarint(bytes, at, uint32(status));
  }
  if (text.length !== 0) {
    bytes[at++] = TAG.endDetail;
    at = putVarint(bytes, at, text.length);
    bytes.set(text, at);
    at += text.length;
  }
  return bytes.subarray(0, at);
}

function uint32(value: number): number {
  if (value >>> 0 !== value) throw new RangeError(`${value} does not fit 32 bits`);
  return value;
}

function outOfOrder(position: number, last: number): RangeError {
  return new RangeError(`an entry at position ${position} cannot follow one at ${last}`);
}
