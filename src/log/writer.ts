// Writes a log (log.proto): appends records to the open stretch and hands it to the sink, sealed, at every flush and at
// the first record that brings it to 64 KiB. What the sink was given is always a valid prefix of a log.

import { checksum } from './compress.js';
import { EntryEncoder } from './entry-encoder.js';
import type { EndEntry, LogEntry } from './entry.js';
import { encodeHeader } from './header-codec.js';
import type { NewHeader } from './header.js';
import { packImages, total, type Chunk, type ImagePacking } from './image.js';
import { SEAL_SIZE, STRETCH_SIZE, putSeal } from './seal.js';
import { Statistics } from './statistics.js';
import type { ByteSink } from './stream.js';
import { putVarint } from './wire.js';

const HEADER_TAG = 0x0a;
const IMAGE_TAG = 0x1a;

/** Where the entries of an execution go: one log, or more than one of the same execution. */
export type EntryWriter = Pick<LogWriter, 'time' | 'write' | 'flush' | 'end'>;

export class LogWriter {
  /** Entries and bytes by cause. Time reads are counted when their batch is closed: complete after a flush. */
  readonly statistics = new Statistics();

  private readonly encoder = new EntryEncoder(this.statistics);
  /** Bytes that were sealed and handed to the sink, and their CRC. */
  private sealed = 0;
  private crc = 0;
  private ended = false;
  private failed = false;
  private failure: unknown = null;
  private embedded = false;
  /** What makes the images, until they are written. */
  private packing: ImagePacking | undefined;

  /**
   * Writes the header and the embedded images to the sink. Throws RangeError where the header is outside the limits of
   * header.ts, an embedded image has no data of its size, and whatever the sink throws.
   *
   * @param packing makes the images' chunks meanwhile: they are written when it is done, or as soon as anything behind
   *   them is to go to the sink, whichever comes first
   */
  constructor(
    private readonly sink: ByteSink,
    header: NewHeader,
    packing?: ImagePacking,
  ) {
    const message = encodeHeader(header);
    for (const { name, embedded, size, data } of header.images) {
      if (embedded && data?.length !== size)
        throw new RangeError(`the data of ${name} does not have its ${size} bytes`);
    }
    this.appendRecord(HEADER_TAG, 'header', [message]);
    this.seal();
    if (!packing) {
      this.embed(packImages(header.images));
      return;
    }
    this.packing = packing;
    void packing.done.then(() => {
      try {
        this.embedImages();
      } catch {
        // Whoever writes next is told.
      }
    });
  }

  private embed(images: Iterable<Chunk>): void {
    for (const chunk of images) this.appendRecord(IMAGE_TAG, 'image', chunk);
    this.seal();
    this.embedded = true;
  }

  /** Whether the sink has all of the header's images: without them the log cannot be replayed. */
  get hasImages(): boolean {
    return this.embedded;
  }

  /** Writes the images in front of the entries that have been written already, if they are not written yet. */
  private embedImages(): void {
    const { packing, encoder } = this;
    if (!packing || this.failed) return;
    this.packing = undefined;
    const entries = encoder.bytes.slice(0, encoder.length);
    encoder.length = 0;
    try {
      this.embed(packing.chunks());
    } catch (error) {
      this.failed = true;
      this.failure = error;
      throw error;
    }
    encoder.reserve(entries.length);
    encoder.bytes.set(entries);
    encoder.length = entries.length;
  }

  /** Bytes the sink was given. */
  get size(): number {
    return this.sealed;
  }

  /** Position of the last entry written. */
  get position(): number {
    return this.encoder.position;
  }

  /**
   * Adds a time read: `position` (instructions, not below the last entry's) and `time` (ticks). The path that
   * millions of entries take; they are gathered until another entry or a flush follows, at most 4096.
   */
  time(position: number, time: number): void {
    if (this.ended || this.failed) this.refuse();
    if (this.encoder.read(position, time)) this.sealIfFull();
  }

  /** Adds an entry. Throws RangeError, and adds nothing, where its position goes back or a value is out of range. */
  write(entry: LogEntry): void {
    if (this.ended || this.failed) this.refuse();
    if (entry.type === 'times') {
      for (let n = 0; n < entry.positions.length; n++) this.time(entry.positions[n], entry.times[n]);
      return;
    }
    // The batch of time reads that this entry closes may be the record that fills the stretch: nothing comes behind it.
    if (entry.type !== 'time') {
      this.encoder.closeBatch();
      this.sealIfFull();
    }
    this.encoder.append(entry);
    this.sealIfFull();
  }

  /**
   * Hands every entry written so far to the sink, sealed. When it returns, the sink has it all; call it before an
   * output is released. What the sink throws is thrown on, and then the writer takes no more: the log is whole up to
   * the flush before, whatever part of this one the sink has taken.
   */
  flush(): void {
    if (this.failed) this.refuse();
    this.encoder.closeBatch();
    this.seal();
  }

  /**
   * Writes the last entry and flushes; nothing can be written afterwards. On a writer that has failed it does nothing,
   * so that a recording that lost its disk can still be closed. Returns whether the log is whole.
   */
  end(entry: EndEntry): boolean {
    if (this.failed) return false;
    this.write(entry);
    this.ended = true;
    this.flush();
    return true;
  }

  /** @param message in pieces */
  private appendRecord(tag: number, cause: 'header' | 'image', message: readonly Uint8Array[]): void {
    const { encoder } = this;
    const size = total(message);
    encoder.reserve(size);
    const start = encoder.length;
    encoder.bytes[start] = tag;
    let at = putVarint(encoder.bytes, start + 1, size);
    for (const piece of message) {
      encoder.bytes.set(piece, at);
      at += piece.length;
    }
    encoder.length = at;
    this.statistics.add(cause, encoder.length - start);
    this.sealIfFull();
  }

  private sealIfFull(): void {
    if (this.encoder.length >= STRETCH_SIZE) this.seal();
  }

  private seal(): void {
    const { encoder } = this;
    if (encoder.length === 0) return;
    this.embedImages();
    const { length } = encoder;
    encoder.reserve(SEAL_SIZE);
    this.crc = checksum(encoder.bytes.subarray(0, length), this.crc);
    const size = putSeal(encoder.bytes, length, this.crc, (this.sealed + length) >>> 0);
    encoder.length = 0;
    try {
      this.sink.write(encoder.bytes.subarray(0, size));
    } catch (error) {
      this.failed = true;
      this.failure = error;
      throw error;
    }
    this.sealed += size;
    this.statistics.add('seal', SEAL_SIZE);
  }

  /** Throws why nothing can be written: what the sink threw, or that the log has ended. */
  private refuse(): never {
    if (this.failed) throw this.failure;
    throw new Error('the log has ended');
  }
}
