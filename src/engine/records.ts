/**
 * Decoded code: for each page of guest code that runs, one record a halfword, filled in when execution first comes to
 * it. The cache is engine state and never seen by the guest: whoever changes memory says so, and records of the changed
 * halfwords are forgotten, so code is always what memory holds.
 */
import {
  DRAM_BASE,
  PAGE_BYTES,
  RAM_OFFSET,
  RECORDS_PER_PAGE,
  RECORD_BASE,
  RECORD_BYTES,
  RECORD_PAGES,
  RECORD_PAGE_BYTES,
} from '../hart/layout.js';
import { NOT_DECODED, PAGE_CROSSING, RECORD, STRADDLING } from './fetch-lookup.js';
import { type Handlers } from './interpreter.js';
import { recordMaker, type RecordMaker } from './record-maker.js';

/** Pages of records kept apart for instructions that cannot stay: those that straddle pages or share one with PMP bounds. */
const SCRATCH_PAGES = 16;
const USABLE_PAGES = RECORD_PAGES - SCRATCH_PAGES;
const RECORDS_WITH_TAIL = RECORD_PAGE_BYTES / RECORD_BYTES;
const LAST = RECORDS_PER_PAGE - 1;
/** The bits of a record's first word that are the number of its handler. */
const HANDLER = 0xffff;

const { floor, min } = Math;

/** Stores to a page after which it is left for the first time; twice as many for each time after that. */
const MOST_STORES = 64;
const MOST_LEAVINGS = 16;

const FIRST_PAGE = DRAM_BASE / PAGE_BYTES;

const recordPage = (index: number): number => RECORD_BASE + index * RECORD_PAGE_BYTES;
/** Which page of records one lies in. */
const indexOf = (record: number): number => floor((record - RECORD_BASE) / RECORD_PAGE_BYTES);

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
  /** Records by 32-bit words. */
  private readonly pairs: Int32Array;
  private readonly maker: RecordMaker;
  /** By RAM page: one more than the index of its page of records, 0 where it has none. Physical page numbers back. */
  private readonly places: Uint16Array;
  private readonly pageOf: number[] = [];
  /** Pages of records from here on have never been used: they are all zero, which is NOT_DECODED. */
  private unused = 0;
  /** By RAM page: stores to it since code of it was fetched last, and how often it has been left. */
  private readonly stores: Uint32Array;
  private readonly leavings: Uint8Array;
  /** The only instruction in each scratch page: its slot, and the word that it was made from, unsigned; -1 for none. */
  private readonly scratchSlots: number[] = Array.from({ length: SCRATCH_PAGES }, () => -1);
  private readonly scratchWords: number[] = Array.from({ length: SCRATCH_PAGES }, () => -1);

  /**
   * @param readHalf the halfword at a physical address in RAM
   * @param flushFetch forgets every fetch TLB entry
   */
  constructor(
    memory: WebAssembly.Memory,
    handlers: Handlers,
    private readonly readHalf: (address: number) => number,
    private readonly flushFetch: () => void,
    private readonly listener: RecordListener,
  ) {
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new DataView(memory.buffer);
    this.pairs = new Int32Array(memory.buffer, 0, RAM_OFFSET / 4);
    this.maker = recordMaker(handlers);
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
    const index = indexOf(record);
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

  /** Decodes what lies at a record, and what is bound to be executed behind it. */
  decodeAt(record: number): void {
    const { pairs, maker } = this;
    const index = indexOf(record);
    const records = recordPage(index);
    const page = this.pageOf[index] * PAGE_BYTES;
    let slot = (record - records) / RECORD_BYTES;
    let ends = false;
    while (!ends && slot <= LAST) {
      const at = (records + slot * RECORD_BYTES) >> 2;
      if ((pairs[at] & HANDLER) !== NOT_DECODED) return;
      const wide = (this.readHalf(page + slot * 2) & 3) === 3;
      if (wide && slot === LAST) {
        pairs[at] = STRADDLING;
        return;
      }
      ends = maker.make(pairs, at, this.wordAt(page + slot * 2));
      slot += wide ? 2 : 1;
    }
  }

  /** The word of an instruction that lies in one page, at its physical address, int32; of a compressed one 16 bits. */
  private wordAt(address: number): number {
    const low = this.readHalf(address);
    return (low & 3) === 3 ? low | (this.readHalf(address + 2) << 16) : low;
  }

  /** The word of the instruction that a record was made from, unsigned. */
  word(record: number): number {
    const index = indexOf(record);
    if (index >= USABLE_PAGES) return this.scratchWords[index - USABLE_PAGES];
    const slot = (record - recordPage(index)) / RECORD_BYTES;
    return this.wordAt(this.pageOf[index] * PAGE_BYTES + slot * 2) >>> 0;
  }

  /** Halfword that the last record of a page stands for. */
  lastHalf(record: number): number {
    const index = indexOf(record);
    return this.readHalf(this.pageOf[index] * PAGE_BYTES + LAST * 2);
  }

  /** The page of records to go on in with a straddling instruction whose whole word is `raw`. */
  straddling(record: number, raw: number): number {
    return this.scratch(indexOf(record) % SCRATCH_PAGES, LAST, raw);
  }

  /** A page of records that holds nothing but the instruction at `slot`: for pages whose halves have unlike rights. */
  alone(slot: number, raw: number): number {
    return this.scratch(0, slot, raw);
  }

  /** A scratch page in which there is only the instruction `raw` at `slot`. */
  private scratch(which: number, slot: number, raw: number): number {
    const { pairs, scratchSlots, scratchWords } = this;
    const page = recordPage(USABLE_PAGES + which);
    const old = scratchSlots[which];
    if (old === slot && scratchWords[which] === raw) return page;
    if (old >= 0) pairs[(page + old * RECORD_BYTES) >> 2] = PAGE_CROSSING;
    this.maker.make(pairs, (page + slot * RECORD_BYTES) >> 2, raw);
    scratchSlots[which] = slot;
    scratchWords[which] = raw;
    return page;
  }

  /** Memory at [address, address + length) changes: forget what was decoded from it. */
  invalidate(address: number, length: number): void {
    const first = floor(address / PAGE_BYTES);
    const last = floor((address + length - 1) / PAGE_BYTES);
    for (let page = first; page <= last; page++) {
      const index = (this.places[page - FIRST_PAGE] ?? 0) - 1;
      if (index < 0) continue;
      // A 32-bit instruction that begins one halfword earlier is touched as well.
      const from = Math.max(0, floor((address - 2 - page * PAGE_BYTES) / 2));
      const to = min(LAST, floor((address + length - 1 - page * PAGE_BYTES) / 2));
      for (let slot = from; slot <= to; slot++) {
        this.words.setUint16(recordPage(index) + slot * RECORD_BYTES, NOT_DECODED, true);
      }
      this.listener.forgotten(recordPage(index), from, to);
    }
  }
}
