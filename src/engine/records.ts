/**
 * Decoded code: for each page of guest code that runs, one record a halfword, filled in when execution first comes to
 * it. The cache is engine state and never seen by the guest: whoever changes memory says so, and records of the changed
 * halfwords are forgotten, so code is always what memory holds.
 */
import {
  HART,
  DRAM_BASE,
  PAGE_BYTES,
  RAM_OFFSET,
  RECORDS_PER_PAGE,
  RECORD_BASE,
  RECORD_BYTES,
  RECORD_PAGES,
  RECORD_PAGE_BYTES,
} from '../hart/layout.js';
import { ENCODINGS, encodingAt, valueAt, type Encoding, type Place } from '../isa/decode.js';
import type { RegisterFile } from '../isa/instruction.js';
import { ILLEGAL, NOT_DECODED, PAGE_CROSSING, RECORD, STRADDLING } from './fetch-lookup.js';
import { type Handlers } from './interpreter.js';

/** Pages of records kept apart for instructions that cannot stay: those that straddle pages or share one with PMP bounds. */
const SCRATCH_PAGES = 16;
const USABLE_PAGES = RECORD_PAGES - SCRATCH_PAGES;
const RECORDS_WITH_TAIL = RECORD_PAGE_BYTES / RECORD_BYTES;
const LAST = RECORDS_PER_PAGE - 1;

const { min } = Math;

/** Stores to a page after which it is left for the first time; twice as many for each time after that. */
const MOST_STORES = 64;
const MOST_LEAVINGS = 16;

const FIRST_PAGE = DRAM_BASE / PAGE_BYTES;

/** 32-bit words of a record. */
const QUAD = RECORD_BYTES / 4;

/** Records of compressed instructions by their 16 bits, all zero where none has been made: for each numbering of handlers. */
const narrowRecords = new WeakMap<Handlers, Int32Array>();
function narrowOf(handlers: Handlers): Int32Array {
  let records = narrowRecords.get(handlers);
  if (!records) narrowRecords.set(handlers, (records = new Int32Array(QUAD << 16)));
  return records;
}

/** Where a register is that a word names. */
interface Register extends Place {
  /** Address of the first of its file. */
  readonly file: number;
  /** Address in place of that of the register with number 0. */
  readonly zero: number;
}

/** How records of an encoding are made. */
interface Form {
  readonly handler: number;
  readonly rd: Register;
  readonly rs1: Register;
  readonly rs2: Register;
  /** It stands where others have the immediate. */
  readonly rs3: Register | undefined;
}

function addressOf(register: Register, raw: number): number {
  const number = valueAt(register, raw);
  return number === 0 ? register.zero : register.file + number * 8;
}

function formOf(encoding: Encoding, handlers: Handlers): Form {
  const { instruction, length, rd, rs1, rs2, rs3 } = encoding;
  const { operands } = instruction;
  const handler = handlers.get(instruction)?.[length];
  if (handler === undefined) throw new Error(`no handler for ${encoding.mnemonic}`);
  const source = (place: Place, of: RegisterFile | undefined): Register => {
    const file = of === 'f' ? HART.f : HART.x;
    return { ...place, file, zero: file };
  };
  const written = source(rd, operands.rd);
  return {
    handler,
    rd: operands.rd === 'x' ? { ...written, zero: HART.sink } : written,
    rs1: source(rs1, operands.rs1),
    rs2: source(rs2, operands.rs2),
    rs3: operands.rs3 && source(rs3, operands.rs3),
  };
}

const recordPage = (index: number): number => RECORD_BASE + index * RECORD_PAGE_BYTES;

/** Who must know what becomes of records. */
export interface RecordListener {
  /** Records of the page at `records` from slot `from` to slot `to`, inclusive, hold no longer: memory changes. */
  forgotten(records: number, from: number, to: number): void;
  /** No records hold. */
  cleared(): void;
}

export class RecordCache {
  private readonly bytes: Uint8Array;
  private readonly words: DataView;
  /** Records by 32-bit words, and those that compressed instructions have been given. */
  private readonly quads: Int32Array;
  private readonly narrow: Int32Array;
  /** By number of the encoding. */
  private readonly forms: (Form | undefined)[] = Array.from({ length: ENCODINGS });
  /** By RAM page: one more than the index of its page of records, 0 where it has none. Physical page numbers back. */
  private readonly places: Uint16Array;
  private readonly pageOf: number[] = [];
  /** Pages of records from here on have never been used: they are all zero, which is NOT_DECODED. */
  private unused = 0;
  /** By RAM page: stores to it since code of it was fetched last, and how often it has been left. */
  private readonly stores: Uint32Array;
  private readonly leavings: Uint8Array;
  /** Words that the last record of each scratch page was made from; -1 where it is none. */
  private readonly straddlers = new Int32Array(SCRATCH_PAGES).fill(-1);
  private single = 0;

  /**
   * @param readHalf the halfword at a physical address in RAM
   * @param flushFetch forgets every fetch TLB entry
   */
  constructor(
    memory: WebAssembly.Memory,
    private readonly handlers: Handlers,
    private readonly readHalf: (address: number) => number,
    private readonly flushFetch: () => void,
    private readonly listener: RecordListener,
  ) {
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new DataView(memory.buffer);
    this.quads = new Int32Array(memory.buffer, 0, RAM_OFFSET / 4);
    this.narrow = narrowOf(handlers);
    const pages = (memory.buffer.byteLength - RAM_OFFSET) / PAGE_BYTES;
    this.places = new Uint16Array(pages);
    this.stores = new Uint32Array(pages);
    this.leavings = new Uint8Array(pages);
    for (let i = 0; i < SCRATCH_PAGES; i++) this.fill(recordPage(USABLE_PAGES + i), RECORDS_WITH_TAIL, PAGE_CROSSING);
  }

  /** Writes `count` records of a handler without operands: one by hand, the rest by copying what is there. */
  private fill(from: number, count: number, handler: number): void {
    const end = from + count * RECORD_BYTES;
    if (handler === NOT_DECODED) {
      this.bytes.fill(0, from, end);
      return;
    }
    this.bytes.fill(0, from, from + RECORD_BYTES);
    this.words.setUint16(from, handler, true);
    for (let done = RECORD_BYTES; from + done < end; done *= 2) {
      this.bytes.copyWithin(from + done, from, min(from + done, end - done));
    }
  }

  /** Whether a physical page holds code that has been decoded: stores to it must be told. */
  holds(page: number): boolean {
    return this.places[page - FIRST_PAGE] !== 0;
  }

  /** Address of the records of a physical page. Second answer: whether the page is new here. */
  page(page: number): { records: number; fresh: boolean } {
    const known = this.places[page - FIRST_PAGE];
    this.stores[page - FIRST_PAGE] = 0;
    if (known !== 0) return { records: recordPage(known - 1), fresh: false };
    if (this.pageOf.length === USABLE_PAGES) this.clear();
    const index = this.pageOf.push(page) - 1;
    this.places[page - FIRST_PAGE] = index + 1;
    const records = recordPage(index);
    if (index < this.unused) this.fill(records, RECORDS_PER_PAGE, NOT_DECODED);
    else this.unused = index + 1;
    this.fill(records + RECORDS_PER_PAGE * RECORD_BYTES, RECORDS_WITH_TAIL - RECORDS_PER_PAGE, PAGE_CROSSING);
    return { records, fresh: true };
  }

  /**
   * A store to a page that holds code has been done. Where there have been many since code was fetched from there, the page
   * has most likely become something else, and holds code no longer: answers the address of the records it had, and
   * otherwise 0. Whoever executes one of them must not go on to the next.
   */
  stored(page: number): number {
    const index = page - FIRST_PAGE;
    // A page of both, code and data, comes back: each time that takes longer.
    const most = MOST_STORES << min(this.leavings[index], MOST_LEAVINGS);
    if (++this.stores[index] < most) return 0;
    const records = recordPage(this.places[index] - 1);
    this.invalidate(page * PAGE_BYTES, PAGE_BYTES);
    this.places[index] = 0;
    if (this.leavings[index] < MOST_LEAVINGS) this.leavings[index]++;
    return records;
  }

  /** Forgets everything. Only between instructions, when no record is being executed. */
  clear(): void {
    this.places.fill(0);
    this.pageOf.length = 0;
    this.flushFetch();
    this.listener.cleared();
  }

  /** The page of records that a record lies in, and the physical address of its halfword; undefined for a scratch page. */
  locate(record: number): { records: number; address: number } | undefined {
    const index = Math.floor((record - RECORD_BASE) / RECORD_PAGE_BYTES);
    const page = this.pageOf[index];
    if (page === undefined) return undefined;
    const records = recordPage(index);
    return { records, address: page * PAGE_BYTES + ((record - records) / RECORD_BYTES) * 2 };
  }

  handlerAt(record: number): number {
    return this.words.getUint16(record + RECORD.handler, true);
  }

  setHandler(record: number, handler: number): void {
    this.words.setUint16(record + RECORD.handler, handler, true);
  }

  /** Decodes what lies at a record. */
  decodeAt(record: number): void {
    const index = Math.floor((record - RECORD_BASE) / RECORD_PAGE_BYTES);
    const slot = (record - recordPage(index)) / RECORD_BYTES;
    const address = this.pageOf[index] * PAGE_BYTES + slot * 2;
    const low = this.readHalf(address);
    if ((low & 3) !== 3) this.writeNarrow(record, low);
    else if (slot === LAST) this.words.setUint16(record + RECORD.handler, STRADDLING, true);
    else this.write(record, low + this.readHalf(address + 2) * 0x1_0000);
  }

  /** Halfword that the last record of a page stands for. */
  lastHalf(record: number): number {
    const index = Math.floor((record - RECORD_BASE) / RECORD_PAGE_BYTES);
    return this.readHalf(this.pageOf[index] * PAGE_BYTES + LAST * 2);
  }

  /** The page of records to go on in with a straddling instruction whose whole word is `raw`. */
  straddling(record: number, raw: number): number {
    const which = Math.floor((record - RECORD_BASE) / RECORD_PAGE_BYTES) % SCRATCH_PAGES;
    const page = recordPage(USABLE_PAGES + which);
    if (this.straddlers[which] !== (raw | 0)) {
      this.write(page + LAST * RECORD_BYTES, raw);
      this.straddlers[which] = raw | 0;
    }
    return page;
  }

  /** A page of records that holds nothing but the instruction at `slot`: for pages whose halves have unlike rights. */
  alone(slot: number, raw: number): number {
    const page = recordPage(USABLE_PAGES);
    this.straddlers[0] = -1;
    this.words.setUint16(page + this.single * RECORD_BYTES, PAGE_CROSSING, true);
    this.words.setUint16(page + LAST * RECORD_BYTES, PAGE_CROSSING, true);
    this.single = slot;
    this.write(page + slot * RECORD_BYTES, raw);
    return page;
  }

  /** Memory at [address, address + length) changes: forget what was decoded from it. */
  invalidate(address: number, length: number): void {
    const first = Math.floor(address / PAGE_BYTES);
    const last = Math.floor((address + length - 1) / PAGE_BYTES);
    for (let page = first; page <= last; page++) {
      const index = (this.places[page - FIRST_PAGE] ?? 0) - 1;
      if (index < 0) continue;
      // A 32-bit instruction that begins one halfword earlier is touched as well.
      const from = Math.max(0, Math.floor((address - 2 - page * PAGE_BYTES) / 2));
      const to = min(LAST, Math.floor((address + length - 1 - page * PAGE_BYTES) / 2));
      for (let slot = from; slot <= to; slot++) {
        this.words.setUint16(recordPage(index) + slot * RECORD_BYTES, NOT_DECODED, true);
      }
      this.listener.forgotten(recordPage(index), from, to);
    }
  }

  /** A record of a compressed instruction, which depends on nothing but its 16 bits. */
  private writeNarrow(record: number, raw: number): void {
    const { quads, narrow } = this;
    const from = raw * QUAD;
    const to = record >> 2;
    if (narrow[from] === 0) {
      this.write(record, raw);
      for (let i = 0; i < QUAD; i++) narrow[from + i] = quads[to + i];
      return;
    }
    // One by one: a call takes longer.
    quads[to] = narrow[from];
    quads[to + 1] = narrow[from + 1];
    quads[to + 2] = narrow[from + 2];
    quads[to + 3] = narrow[from + 3];
  }

  private write(record: number, raw: number): void {
    const { quads } = this;
    const encoding = encodingAt(raw);
    // As RECORD says where the fields lie.
    const to = record >> 2;
    quads[to + 3] = raw;
    if (!encoding) {
      quads[to] = ILLEGAL;
      return;
    }
    const { handler, rd, rs1, rs2, rs3 } = (this.forms[encoding.number] ??= formOf(encoding, this.handlers));
    quads[to] = handler | (addressOf(rd, raw) << 16);
    quads[to + 1] = addressOf(rs1, raw) | (addressOf(rs2, raw) << 16);
    quads[to + 2] = rs3 ? addressOf(rs3, raw) : encoding.imm(raw);
  }
}
