/**
 * Reads captures in the classic format of libpcap (draft-ietf-opsawg-pcap), with timestamps in micro- or nanoseconds
 * and in either byte order.
 */
import type { CaptureBytes } from './capture-bytes.js';
import { checkLinkType, demand, malformed, packetData, ticks } from './capture-format.js';
import type { CapturedFrame, CaptureReader } from './capture-format.js';

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const HEADER_BYTES = 24;
const RECORD_BYTES = 16;
const VERSION = 2;
const LINKTYPE = 20;

export class PcapReader implements CaptureReader {
  readonly #bytes: CaptureBytes;
  readonly #little: boolean;
  readonly #perSecond: bigint;

  /** Whether a file that starts with these four bytes, read little-endian, is of this format. */
  static recognises(magic: number): boolean {
    return orderOf(magic) !== undefined;
  }

  /** `bytes` at the file's start. Throws a Failure where the header makes no sense. */
  constructor(bytes: CaptureBytes) {
    const header = demand(bytes, HEADER_BYTES, 0, 'its header');
    const order = orderOf(header.getUint32(0, true));
    if (order === undefined) throw malformed(bytes, 0, 'no magic number of a capture');
    const { little, perSecond } = order;
    const version = header.getUint16(4, little);
    if (version !== VERSION) throw malformed(bytes, 4, `version ${String(version)} of the format is not known`);
    // The upper half tells of frame check sequences.
    checkLinkType(bytes, header.getUint32(LINKTYPE, little) & 0xffff, LINKTYPE);
    this.#bytes = bytes;
    this.#little = little;
    this.#perSecond = perSecond;
  }

  next(): CapturedFrame | undefined {
    const bytes = this.#bytes;
    const little = this.#little;
    if (bytes.ended) return undefined;
    const start = bytes.offset;
    const header = demand(bytes, RECORD_BYTES, start, 'the header of a packet');
    const seconds = BigInt(header.getUint32(0, little));
    const fraction = BigInt(header.getUint32(4, little));
    const captured = header.getUint32(8, little);
    const length = header.getUint32(12, little);
    const time = ticks(seconds * this.#perSecond + fraction, this.#perSecond);
    return { time, data: packetData(bytes, captured, start), length };
  }
}

function orderOf(magic: number): { little: boolean; perSecond: bigint } | undefined {
  for (const little of [true, false]) {
    const value = little ? magic : swapped(magic);
    if (value === MAGIC_MICROSECONDS) return { little, perSecond: 1_000_000n };
    if (value === MAGIC_NANOSECONDS) return { little, perSecond: 1_000_000_000n };
  }
  return undefined;
}

function swapped(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
