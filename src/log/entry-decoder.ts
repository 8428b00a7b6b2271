// Bytes to entries (log.proto, Entry): the counterpart of entry-encoder.ts. Takes any message of the schema, also with
// fields that a later minor version added, and refuses what no writer of this major version can have meant.

import { REASONS, TAG } from './entry-encoder.js';
import type { DiskEntry, EndEntry, Entry, LogEntry, OutputKind, TimesEntry } from './entry.js';
import { BATCH_LIMIT, SIZE_LIMIT } from './entry.js';
import { MalformedRecord } from './errors.js';
import type { Statistics } from './statistics.js';
import { Cursor } from './wire.js';

const { MAX_SAFE_INTEGER } = Number;

const OUTPUT_KIND: Readonly<Record<number, OutputKind>> = {
  [TAG.consoleOutput]: 'console',
  [TAG.packetOutput]: 'packet',
  [TAG.diskOutput]: 'disk',
  [TAG.powerOutput]: 'power',
};

/** Decodes entries in the order of the log, from any entry on whose predecessor's position and time are known. */
export class EntryDecoder {
  constructor(
    /** Position of the last entry, and the last known time. */
    public position: number,
    public time: number,
    private readonly statistics: Statistics,
  ) {}

  /**
   * The entry whose message is bytes[from, to); null where it is of a kind that a later minor version added.
   * `size` is what it takes in the log. Throws MalformedRecord where it is not valid.
   */
  decode(bytes: Uint8Array, from: number, to: number, size: number): LogEntry | null {
    const cursor = new Cursor(bytes, from, to);
    let position = this.position;
    let device = 0;
    let length = 0;
    // The field of `data` that is set, and where its value starts.
    let kind = 0;
    let value = 0;
    while (cursor.at < to) {
      const tag = cursor.varint();
      if (tag === TAG.after) position = this.position + cursor.varint();
      else if (tag === TAG.device) device = cursor.varint();
      else if (tag === TAG.length) length = cursor.varint();
      else {
        if ((tag >= TAG.times && tag <= TAG.size) || tag === TAG.progress) {
          kind = tag;
          value = cursor.at;
        }
        cursor.skip(tag);
      }
    }
    if (position > MAX_SAFE_INTEGER) throw new MalformedRecord('a position is too large', from);
    cursor.at = value;
    if (kind === TAG.times) {
      if (position !== this.position)
        throw new MalformedRecord('a batch of time reads has a position of its own', from);
      const times = this.decodeTimes(cursor);
      this.statistics.add('time', size, times.times.length);
      return times;
    }
    const entry = this.decodeData(cursor, kind, position, device, length);
    this.position = position;
    if (entry === null) this.statistics.add('unknown', size);
    else this.statistics.add(entry.type === 'output' ? `output:${entry.kind}` : entry.type, size);
    return entry;
  }

  private decodeData(
    cursor: Cursor,
    kind: number,
    position: number,
    device: number,
    length: number,
  ): Exclude<Entry, TimesEntry> | null {
    switch (kind) {
      case TAG.time:
        return { type: 'time', position, time: this.advance(cursor) };
      case TAG.tick:
        return { type: 'tick', position, time: this.advance(cursor) };
      case TAG.entropy:
        return { type: 'entropy', position, data: cursor.data() };
      case TAG.packet:
        return { type: 'packet', position, device, data: cursor.data() };
      case TAG.console:
        return { type: 'console', position, device, data: cursor.data() };
      case TAG.disk:
        return decodeDisk(cursor, position, device);
      case TAG.size:
        return { type: 'size', position, device, ...decodeSize(cursor) };
      case TAG.consoleOutput:
      case TAG.packetOutput:
      case TAG.diskOutput:
      case TAG.powerOutput:
        return { type: 'output', position, kind: OUTPUT_KIND[kind], device, length, hash: cursor.fixed64() };
      case TAG.digest:
        return { type: 'digest', position, digest: cursor.fixed64() };
      case TAG.progress:
        return { type: 'progress', position };
      case TAG.end:
        return decodeEnd(cursor, position);
      default:
        return null;
    }
  }

  /** Reads a time, as the difference to the last known one. */
  private advance(cursor: Cursor): number {
    const { at } = cursor;
    const time = this.time + cursor.zigzag();
    if (time < 0 || time > MAX_SAFE_INTEGER) throw new MalformedRecord('a time is out of range', at);
    this.time = time;
    return time;
  }

  private decodeTimes(cursor: Cursor): TimesEntry {
    const end = cursor.length() + cursor.at;
    const none = new Cursor(cursor.bytes, 0, 0);
    let after = none;
    let time = none;
    cursor.end = end;
    while (cursor.at < end) {
      const tag = cursor.varint();
      const start = cursor.at;
      cursor.skip(tag);
      if (tag === TAG.timesAfter || tag === TAG.timesTime) {
        const column = new Cursor(cursor.bytes, start, cursor.at);
        column.length();
        if (tag === TAG.timesAfter) after = column;
        else time = column;
      }
    }
    const count = numbersIn(after);
    if (count === 0) throw new MalformedRecord('a batch has no time reads', after.at);
    if (count > BATCH_LIMIT) throw new MalformedRecord('a batch has too many time reads', after.at);
    if (numbersIn(time) !== count) throw new MalformedRecord('the columns of a batch differ in length', after.at);
    return { type: 'times', positions: this.decodePositions(after, count), times: this.decodeTimeColumn(time, count) };
  }

  private decodePositions(column: Cursor, count: number): Float64Array {
    const positions = new Float64Array(count);
    const { bytes } = column;
    let { position } = this;
    let { at } = column;
    for (let n = 0; n < count; n++) {
      const byte = bytes[at];
      if (byte < 128) {
        position += byte;
        at++;
      } else {
        column.at = at;
        position += column.varint();
        at = column.at;
      }
      positions[n] = position;
    }
    if (position > MAX_SAFE_INTEGER) throw new MalformedRecord('a position is too large', column.at);
    this.position = position;
    return positions;
  }

  private decodeTimeColumn(column: Cursor, count: number): Float64Array {
    const times = new Float64Array(count);
    const { bytes } = column;
    let { time } = this;
    let { at } = column;
    for (let n = 0; n < count; n++) {
      const byte = bytes[at];
      if (byte < 128) {
        time += (byte >> 1) ^ -(byte & 1);
        at++;
      } else {
        column.at = at;
        time += column.zigzag();
        at = column.at;
      }
      if (!(time >= 0 && time <= MAX_SAFE_INTEGER)) throw new MalformedRecord('a time is out of range', at);
      times[n] = time;
    }
    this.time = time;
    return times;
  }
}

/** How many varints a packed column holds: as many as bytes without the continuation bit. */
function numbersIn({ bytes, at, end }: Cursor): number {
  let count = 0;
  for (let n = at; n < end; n++) count += bytes[n] < 128 ? 1 : 0;
  return count;
}

function decodeDisk(cursor: Cursor, position: number, device: number): DiskEntry {
  const end = cursor.length() + cursor.at;
  const entry: DiskEntry = { type: 'disk', position, device, request: 0, status: 0, data: new Uint8Array(0) };
  cursor.end = end;
  while (cursor.at < end) {
    const tag = cursor.varint();
    if (tag === TAG.diskRequest) entry.request = cursor.varint();
    else if (tag === TAG.diskStatus) entry.status = cursor.varint();
    else if (tag === TAG.diskData) entry.data = cursor.data();
    else cursor.skip(tag);
  }
  return entry;
}

function decodeSize(cursor: Cursor): { columns: number; rows: number } {
  const end = cursor.length() + cursor.at;
  const size = { columns: 0, rows: 0 };
  cursor.end = end;
  while (cursor.at < end) {
    const { at } = cursor;
    const tag = cursor.varint();
    if (tag === TAG.sizeColumns) size.columns = cursor.varint();
    else if (tag === TAG.sizeRows) size.rows = cursor.varint();
    else cursor.skip(tag);
    if (size.columns > SIZE_LIMIT || size.rows > SIZE_LIMIT) throw new MalformedRecord('a size is too large', at);
  }
  return size;
}

function decodeEnd(cursor: Cursor, position: number): EndEntry {
  const end = cursor.length() + cursor.at;
  let reason = 0;
  let status = 0;
  let detail = '';
  cursor.end = end;
  while (cursor.at < end) {
    const tag = cursor.varint();
    if (tag === TAG.endReason) reason = cursor.varint();
    else if (tag === TAG.endStatus) status = cursor.varint();
    else if (tag === TAG.endDetail) detail = new TextDecoder().decode(cursor.data());
    else cursor.skip(tag);
  }
  if (REASONS[reason - 1] === undefined) throw new MalformedRecord('the end has an unknown reason', cursor.at);
  return { type: 'end', position, reason: REASONS[reason - 1], status, ...(detail === '' ? {} : { detail }) };
}
