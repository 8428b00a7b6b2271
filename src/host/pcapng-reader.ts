/**
 * Reads captures in the pcapng format (draft-ietf-opsawg-pcapng): sections of either byte order, interfaces with their
 * time resolution and offset, enhanced, simple and (obsolete) packet blocks. All other blocks are passed over.
 */
import type { CaptureBytes } from './capture-bytes.js';
import { checkLinkType, demand, malformed, packetData, ticks } from './capture-format.js';
import type { CapturedFrame, CaptureReader } from './capture-format.js';

const BLOCK = { section: 0x0a0d0d0a, interface: 1, packet: 2, simplePacket: 3, enhancedPacket: 6 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const VERSION = 1;
/** Type and length before a block's body, and the length again behind it. */
const HEAD_BYTES = 8;
const TAIL_BYTES = 4;
/** The most bytes of options that an interface is read with: tens of them are usual. */
const MOST_OPTION_BYTES = 1 << 20;

const OPTION = { end: 0, timeResolution: 9, timeOffset: 14 } as const;
/** Microseconds, where an interface does not tell. */
const DEFAULT_RESOLUTION = 6;

interface Interface {
  readonly linkType: number;
  /** Where in the file it is told. */
  readonly offset: number;
  /** Most bytes of a packet that are captured; 0: all. */
  readonly snaplen: number;
  readonly perSecond: bigint;
  /** Added to all times, in seconds. */
  readonly timeOffset: bigint;
}

/** A block of which the body is still to be read. */
interface Block {
  readonly type: number;
  readonly start: number;
  /** Bytes of its body. */
  readonly size: number;
}

export class PcapngReader implements CaptureReader {
  readonly #bytes: CaptureBytes;
  #little = true;
  #interfaces: Interface[] = [];

  /** Whether a file that starts with these four bytes, read in either order, is of this format. */
  static recognises(magic: number): boolean {
    return magic === BLOCK.section;
  }

  /** `bytes` at the file's start. */
  constructor(bytes: CaptureBytes) {
    this.#bytes = bytes;
  }

  next(): CapturedFrame | undefined {
    while (!this.#bytes.ended) {
      const block = this.#open();
      const frame = this.#body(block);
      this.#close(block);
      if (frame !== undefined) return frame;
    }
    return undefined;
  }

  /** Reads a block's type and length; of a section header also the byte order that both are in. */
  #open(): Block {
    const bytes = this.#bytes;
    const start = bytes.offset;
    const head = demand(bytes, HEAD_BYTES, start, 'a block');
    const type = head.getUint32(0, this.#little);
    const [low, high] = [head.getUint32(4, true), head.getUint32(4, false)];
    let size = HEAD_BYTES + TAIL_BYTES;
    if (type === BLOCK.section) {
      const magic = demand(bytes, 4, start, 'a section header').getUint32(0, true);
      this.#little = magic === BYTE_ORDER_MAGIC;
      if (!this.#little && magic !== 0x4d3c2b1a) throw malformed(bytes, start + HEAD_BYTES, 'no byte-order magic');
      size += 4;
    }
    const total = this.#little ? low : high;
    if (total < size || total % 4 !== 0) throw malformed(bytes, start + 4, `a block of ${String(total)} bytes`);
    return { type, start, size: total - HEAD_BYTES - TAIL_BYTES };
  }

  /** Passes over what is left of a block, and compares its second length with the first. */
  #close({ start, size }: Block): void {
    const bytes = this.#bytes;
    const end = start + HEAD_BYTES + size;
    if (bytes.offset > end) throw malformed(bytes, start, 'a block is shorter than what it holds');
    if (!bytes.skip(end - bytes.offset)) throw malformed(bytes, start, 'the file ends in the middle of a block');
    const again = demand(bytes, TAIL_BYTES, start, 'a block').getUint32(0, this.#little);
    if (again === size + HEAD_BYTES + TAIL_BYTES) return;
    throw malformed(bytes, end, `a block of ${String(size + HEAD_BYTES + TAIL_BYTES)} bytes ends with another length`);
  }

  #body(block: Block): CapturedFrame | undefined {
    switch (block.type) {
      case BLOCK.section:
        this.#section(block);
        return undefined;
      case BLOCK.interface:
        this.#interfaces.push(this.#interface(block));
        return undefined;
      case BLOCK.enhancedPacket:
      case BLOCK.packet:
        return this.#packet(block);
      case BLOCK.simplePacket:
        return this.#simplePacket(block);
      default:
        return undefined;
    }
  }

  #section(block: Block): void {
    const { start } = block;
    // Behind the byte-order magic, which is read.
    const version = this.#fixed(block, 4, block.size - 4).getUint16(0, this.#little);
    if (version !== VERSION) {
      throw malformed(this.#bytes, start + 12, `version ${String(version)} of the format is not known`);
    }
    this.#interfaces = [];
  }

  #interface(block: Block): Interface {
    const little = this.#little;
    const head = this.#fixed(block, 8);
    const [linkType, snaplen] = [head.getUint16(0, little), head.getUint32(4, little)];
    let perSecond = resolution(DEFAULT_RESOLUTION);
    let timeOffset = 0n;
    const size = Math.min(block.size - 8, MOST_OPTION_BYTES);
    const options = demand(this.#bytes, size, block.start, 'an interface');
    for (let at = 0; at + 4 <= size;) {
      const [code, length] = [options.getUint16(at, little), options.getUint16(at + 2, little)];
      at += 4;
      if (code === OPTION.end) break;
      if (at + length > size) throw malformed(this.#bytes, block.start, 'an option of an interface is cut');
      if (code === OPTION.timeResolution && length === 1) perSecond = resolution(options.getUint8(at));
      if (code === OPTION.timeOffset && length === 8) timeOffset = options.getBigInt64(at, little);
      at += length + (-length & 3);
    }
    return { linkType, offset: block.start + HEAD_BYTES, snaplen, perSecond, timeOffset };
  }

  #packet(block: Block): CapturedFrame {
    const little = this.#little;
    const head = this.#fixed(block, 20);
    const id = block.type === BLOCK.packet ? head.getUint16(0, little) : head.getUint32(0, little);
    const count = (BigInt(head.getUint32(4, little)) << 32n) | BigInt(head.getUint32(8, little));
    const [captured, length] = [head.getUint32(12, little), head.getUint32(16, little)];
    const { perSecond, timeOffset } = this.#interfaceOf(id, block);
    const time = ticks(count + timeOffset * perSecond, perSecond);
    return { time, data: this.#data(block, 20, captured), length };
  }

  /** A simple packet block tells no time, and how much was captured only by its size and the interface's limit. */
  #simplePacket(block: Block): CapturedFrame {
    const length = this.#fixed(block, 4).getUint32(0, this.#little);
    const { snaplen } = this.#interfaceOf(0, block);
    const captured = Math.min(length, snaplen === 0 ? length : snaplen);
    return { time: undefined, data: this.#data(block, 4, captured), length };
  }

  #interfaceOf(id: number, block: Block): Interface {
    const found = this.#interfaces[id];
    if (found === undefined) throw malformed(this.#bytes, block.start, `a packet of interface ${String(id)}, not told`);
    checkLinkType(this.#bytes, found.linkType, found.offset);
    return found;
  }

  /** The first bytes of a body of which `size` bytes are left. */
  #fixed(block: Block, count: number, size = block.size): DataView {
    if (size < count) throw malformed(this.#bytes, block.start, 'a block is shorter than what it holds');
    return demand(this.#bytes, count, block.start, 'a block');
  }

  #data(block: Block, head: number, captured: number): Uint8Array {
    if (captured > block.size - head) {
      throw malformed(this.#bytes, block.start, `a packet of ${String(captured)} bytes in a shorter block`);
    }
    return packetData(this.#bytes, captured, block.start);
  }
}

/** Units in a second, as if_tsresol writes it: an exponent of 10, or of 2 where the upper bit is set. */
function resolution(code: number): bigint {
  return code < 0x80 ? 10n ** BigInt(code) : 2n ** BigInt(code & 0x7f);
}
