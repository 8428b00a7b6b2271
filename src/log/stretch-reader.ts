// Reads a log stretch by stretch from a source of bytes: finds the records' bounds, checks the seal, and only then hands
// the stretch out. Tells a log that was cut from one that is damaged, in memory bounded by one stretch.

import { checksum } from './compress.js';
import { DATA_LIMIT } from './entry.js';
import { LogDamage } from './errors.js';
import { SEAL_SIZE, STRETCH_SIZE, findDamage, isSeal, looksLikeSeal, sealedCrc } from './seal.js';
import type { ByteSource } from './stream.js';
import { FIXED32, FIXED64, LENGTH, VARINT } from './wire.js';

const SEAL_TAG = 0x22;

/** The most bytes of one record, and of a stretch with its seal. */
const RECORD_LIMIT = DATA_LIMIT + 1024;
const STRETCH_LIMIT = STRETCH_SIZE + RECORD_LIMIT + SEAL_SIZE;

/** A stretch whose seal matches. */
export interface SealedStretch {
  /** Its records are bytes[from, to), its seal follows. They stay so until the next call. */
  bytes: Uint8Array;
  from: number;
  to: number;
  /** Byte offset in the log of its first record. */
  offset: number;
}

export class StretchReader {
  private buffer = new Uint8Array(2 ** 17);
  /** In the buffer: the open stretch's first byte, its next record, and the end of what was read. */
  private start = 0;
  private scan = 0;
  private limit = 0;
  private damage: LogDamage | null = null;

  /**
   * @param source gives the log from byte `offset` on
   * @param offset where a stretch starts
   * @param crc the CRC of all bytes before it
   */
  constructor(
    private readonly source: ByteSource,
    public offset: number,
    public crc: number,
  ) {}

  /** Bytes that were read and belong to no stretch handed out. */
  get rest(): number {
    return this.limit - this.start;
  }

  /** The first bytes that are not handed out yet: `count` of them, or fewer where the log ends before. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.rest < count && (await this.fill())) continue;
    return this.buffer.slice(this.start, Math.min(this.limit, this.start + count));
  }

  /** Whether there are bytes after the last stretch, without waiting for any. */
  async hasMore(): Promise<boolean> {
    return this.rest > 0 || (await this.fill(false));
  }

  /**
   * The next stretch; null at the end for now, where `rest` bytes are left of one that is not sealed. Throws LogDamage,
   * and then throws it again.
   */
  async next(): Promise<SealedStretch | null> {
    if (this.damage !== null) throw this.damage;
    for (;;) {
      const state = this.findSeal();
      if (state === 'sealed') {
        const { start, scan, offset } = this;
        const crc = checksum(this.buffer.subarray(start, scan), this.crc);
        if (crc !== sealedCrc(this.buffer, scan)) break;
        this.crc = crc;
        this.start = this.scan = scan + SEAL_SIZE;
        this.offset += this.start - start;
        return { bytes: this.buffer, from: start, to: scan, offset };
      }
      if (state === 'invalid') break;
      if (!(await this.fill())) {
        if (this.rest > 0) this.reportDamage();
        return null;
      }
    }
    throw await this.locate();
  }

  /** What is wrong with a stretch that no seal closes as it should: its own seal tells, or that of a later one. */
  private async locate(): Promise<LogDamage> {
    const { offset, buffer, start, scan, limit } = this;
    for (let looked = 0, more = true; more; more = this.rest < STRETCH_LIMIT && (await this.fill())) {
      if (this.rest < looked * 2) continue;
      this.reportDamage();
      looked = this.rest;
      if (scan + SEAL_SIZE <= limit && looksLikeSeal(buffer, scan)) {
        const end = offset + scan - start + SEAL_SIZE;
        return this.fail(new LogDamage(offset, end, 'bytes are missing here, or do not belong here'));
      }
    }
    this.reportDamage();
    return this.fail(new LogDamage(offset, offset + this.rest, 'no seal follows that matches these bytes'));
  }

  /** Throws where the bytes that were read, from the open stretch on, hold a seal and so cannot just be cut. */
  private reportDamage(): void {
    const bytes = this.buffer.subarray(this.start, this.limit);
    const damage = findDamage({ bytes, offset: this.offset, crc: this.crc });
    if (damage !== null) throw this.fail(new LogDamage(damage.offset, damage.end, damage.reason));
  }

  private fail(damage: LogDamage): LogDamage {
    this.damage = damage;
    return damage;
  }

  /**
   * Goes on from record to record. 'sealed': a seal of this place is at `scan`; 'more': the bytes end before one;
   * 'invalid': they cannot be the start of a stretch.
   */
  private findSeal(): 'sealed' | 'more' | 'invalid' {
    for (;;) {
      const { buffer, limit, scan, start } = this;
      if (scan === limit) return 'more';
      if (buffer[scan] === SEAL_TAG) {
        if (scan + SEAL_SIZE > limit) return 'more';
        return scan > start && isSeal(buffer, scan, (this.offset + scan - start) >>> 0) ? 'sealed' : 'invalid';
      }
      if (scan - start >= STRETCH_SIZE) return 'invalid';
      const end = this.recordEnd(scan);
      if (end === -1 || end - scan > RECORD_LIMIT) return 'invalid';
      if (end > limit) return 'more';
      this.scan = end;
    }
  }

  /** The index after the record at `at`, which may lie past what was read; -1 where there can be none. */
  private recordEnd(at: number): number {
    const { buffer, limit } = this;
    const tag = buffer[at];
    // Top-level fields have numbers 1 to 15: a tag is one byte.
    if (tag < 8 || tag > 127) return -1;
    at++;
    if ((tag & 7) === FIXED64) return at + 8;
    if ((tag & 7) === FIXED32) return at + 4;
    if ((tag & 7) !== LENGTH && (tag & 7) !== VARINT) return -1;
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (at === limit) return limit + 1;
      const byte = buffer[at++];
      if (shift < 28) value |= (byte & 127) << shift;
      else if ((tag & 7) === LENGTH) return -1;
      if (byte < 128) return (tag & 7) === LENGTH ? at + value : at;
    }
    return -1;
  }

  /** Reads more bytes behind those there are; false at the end for now. */
  private async fill(wait = true): Promise<boolean> {
    const chunk = await this.source.read(wait);
    if (chunk === null) return false;
    const { start, limit } = this;
    if (limit + chunk.length > this.buffer.length) {
      const needed = limit - start + chunk.length;
      const target = needed > this.buffer.length / 2 ? new Uint8Array(needed * 2) : this.buffer;
      target.set(this.buffer.subarray(start, limit));
      this.buffer = target;
      this.scan -= start;
      this.limit -= start;
      this.start = 0;
    }
    this.buffer.set(chunk, this.limit);
    this.limit += chunk.length;
    return true;
  }
}
