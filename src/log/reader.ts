// Reads a log (log.proto) from a source of bytes: the header with its images, then entries, stretch by stretch, each
// checked before anything of it is handed out. A log that is still being written can be followed.

import { EntryDecoder } from './entry-decoder.js';
import type { LogEntry } from './entry.js';
import { LogDamage, LogError, LogFormat, LogVersion, MalformedRecord } from './errors.js';
import { decodeHeader } from './header-codec.js';
import type { Header } from './header.js';
import { FORMAT_VERSION } from './header.js';
import { ImageAssembler } from './image.js';
import { MAGIC_SIZE, magicDifference, magicDistance, majorVersion } from './magic.js';
import { SEAL_SIZE } from './seal.js';
import { Statistics } from './statistics.js';
import type { ByteSource } from './stream.js';
import type { SealedStretch } from './stretch-reader.js';
import { StretchReader } from './stretch-reader.js';
import { Cursor, LENGTH } from './wire.js';

const HEADER_TAG = 0x0a;
const ENTRY_TAG = 0x12;
const IMAGE_TAG = 0x1a;

/** A place in a log between two stretches, and what a reader must know to go on from there. Plain data. */
export interface Mark {
  /** Byte offset in the log. */
  offset: number;
  /** CRC of all bytes before it, seals left out. */
  crc: number;
  /** Position of the last entry before it, and the last known time. */
  position: number;
  time: number;
}

/** The entries between two seals. */
export interface Stretch {
  /** Byte offset in the log, and bytes up to the next stretch. */
  offset: number;
  length: number;
  /** The place it starts at: a reader made at this mark reads the same stretch first. */
  mark: Mark;
  entries: LogEntry[];
}

/** How a log ends that has no end entry: cut after byte `offset`, with `bytes` after it that no seal covers. */
export interface Tear {
  offset: number;
  bytes: number;
}

export interface ReaderOptions {
  /** 'skip' checks the embedded images' seals but leaves out their data. Default: 'load'. */
  images?: 'load' | 'skip';
  /** Start at this mark, where the source starts too, instead of at the header. */
  mark?: Mark;
}

export class LogReader {
  /** Entries and bytes by cause, of what was handed out. */
  readonly statistics = new Statistics();

  private readonly stretches: StretchReader;
  private readonly decoder: EntryDecoder;
  private headerRead: Promise<Header> | null = null;
  private failure: LogError | null = null;
  private ended = false;
  private cut: Tear | null = null;

  constructor(
    source: ByteSource,
    private readonly options: ReaderOptions = {},
  ) {
    const { offset, crc, position, time } = options.mark ?? { offset: 0, crc: 0, position: 0, time: 0 };
    this.stretches = new StretchReader(source, offset, crc);
    this.decoder = new EntryDecoder(position, time, this.statistics);
  }

  /** The place after the last stretch handed out; after the header, the first entry's. */
  get mark(): Mark {
    const { offset, crc } = this.stretches;
    return { offset, crc, position: this.decoder.position, time: this.decoder.time };
  }

  /** Whether the end entry was handed out: nothing follows in a log that is whole. */
  get whole(): boolean {
    return this.ended;
  }

  /** How the log ends, once `next` gave null before an end entry; null before that, and where the log is whole. */
  get torn(): Tear | null {
    return this.cut;
  }

  /**
   * The header, with the data of embedded images. Throws LogFormat where this is no log or it ends before the first
   * entry, LogVersion where it is of a later major version, and LogDamage.
   */
  header(): Promise<Header> {
    if (this.options.mark !== undefined) throw new Error('a reader that starts at a mark has no header');
    return (this.headerRead ??= this.readHeader());
  }

  /**
   * The next stretch of entries. Null at the end, of the log or for now: see `whole` and `torn`; where the source has
   * more later, it may be called again. Throws what `header` throws.
   */
  async next(): Promise<Stretch | null> {
    if (this.failure !== null) throw this.failure;
    try {
      return await this.readStretch();
    } catch (error) {
      if (error instanceof LogError) this.failure = error;
      throw error;
    }
  }

  private async readStretch(): Promise<Stretch | null> {
    if (this.options.mark === undefined) await this.header();
    if (this.ended) {
      if (await this.stretches.hasMore()) throw this.damageAfterEnd();
      return null;
    }
    const { mark } = this;
    const sealed = await this.stretches.next();
    this.cut = sealed === null ? { offset: mark.offset, bytes: this.stretches.rest } : null;
    if (sealed === null) return null;
    const entries: LogEntry[] = [];
    let ended = false;
    this.eachRecord(sealed, (tag, from, to, size) => {
      if (ended) throw new MalformedRecord('an entry follows the end', from);
      if (tag === ENTRY_TAG) {
        const entry = this.decoder.decode(sealed.bytes, from, to, size);
        if (entry !== null) entries.push(entry);
        ended = entry?.type === 'end';
      } else this.passOver(tag, from, size);
    });
    this.ended = ended;
    return { offset: mark.offset, length: this.stretches.offset - mark.offset, mark, entries };
  }

  private async readHeader(): Promise<Header> {
    const header = await this.readFirst();
    const images = new ImageAssembler(header.images, this.options.images !== 'skip');
    while (!images.complete) {
      const sealed = await this.stretches.next();
      if (sealed === null) throw this.cutInHeader();
      this.eachRecord(sealed, (tag, from, to, size) => {
        if (tag !== IMAGE_TAG) return this.passOver(tag, from, size);
        images.take(sealed.bytes, from, to);
        this.statistics.add('image', size);
      });
    }
    return header;
  }

  /** The header, from the first stretch. */
  private async readFirst(): Promise<Header> {
    const start = await this.stretches.peek(MAGIC_SIZE);
    if (start.length === 0) throw new LogFormat('the log is empty: it ends at byte 0', 0, true);
    // One flipped bit in the magic number is damage, and the seal will tell where; more is another kind of file.
    const distance = magicDistance(start);
    const differs = magicDifference(start);
    const alien = new LogFormat(`this is not a vmft log: it differs from one at byte ${differs}`, differs, true);
    if (distance > 1) throw alien;
    try {
      const sealed = await this.stretches.next();
      if (sealed === null) throw this.cutInHeader();
      const header = this.decodeFirst(sealed);
      if (header === undefined) throw alien;
      return header;
    } catch (error) {
      if (!(error instanceof LogError) || (error instanceof LogDamage && error.exact)) throw error;
      // A later version may seal in another way.
      if (distance > 0) throw alien;
      if (majorVersion(start) > FORMAT_VERSION.major) throw new LogVersion(majorVersion(start), FORMAT_VERSION.major);
      throw error;
    }
  }

  private decodeFirst(sealed: SealedStretch): Header | undefined {
    const headers: Header[] = [];
    this.eachRecord(sealed, (tag, from, to, size) => {
      if (tag !== HEADER_TAG || headers.length > 0) return this.passOver(tag, from, size);
      // A copy: what the header keeps must not change with the buffer.
      headers.push(decodeHeader(sealed.bytes.slice(from, to)));
      this.statistics.add('header', size);
    });
    return headers[0];
  }

  /** Passes over a field that a later minor version added; throws MalformedRecord where it is a known one. */
  private passOver(tag: number, from: number, size: number): void {
    if (tag === HEADER_TAG || tag === ENTRY_TAG || tag === IMAGE_TAG) {
      throw new MalformedRecord('a record is out of order', from);
    }
    this.statistics.add('unknown', size);
  }

  /** Calls `take` for each record of a stretch, with its tag, the bounds of its content and its whole size. */
  private eachRecord(sealed: SealedStretch, take: (tag: number, from: number, to: number, size: number) => void): void {
    const cursor = new Cursor(sealed.bytes, sealed.from, sealed.to);
    try {
      while (cursor.at < sealed.to) {
        const start = cursor.at;
        const tag = cursor.varint();
        let from = cursor.at;
        if ((tag & 7) === LENGTH) {
          const length = cursor.length();
          from = cursor.at;
          cursor.at += length;
        } else cursor.skip(tag);
        take(tag, from, cursor.at, cursor.at - start);
      }
    } catch (error) {
      if (!(error instanceof MalformedRecord)) throw error;
      const { offset, from, to } = sealed;
      throw new LogDamage(offset, offset + to - from, error.message);
    }
    this.statistics.add('seal', SEAL_SIZE);
  }

  private cutInHeader(): LogFormat {
    const end = this.stretches.offset + this.stretches.rest;
    return new LogFormat(`the log ends at byte ${end}, before its first entry: nothing of it can be replayed`, end);
  }

  private damageAfterEnd(): LogDamage {
    const { offset, rest } = this.stretches;
    return new LogDamage(offset, offset + rest, 'bytes follow the end of the log');
  }
}
