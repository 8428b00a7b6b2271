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
import type { InterpreterCode } from './interpreter-module.js';
import { recordMaker, type RecordMaker } from './record-maker.js';

/** Pages of records kept apart for instructions that cannot stay: those that straddle pages or share one with PMP bounds. */
const SCRATCH_PAGES = 16;
const USABLE_PAGES = RECORD_PAGES - SCRATCH_PAGES;
const RECORDS_WITH_TAIL = RECORD_PAGE_BYTES / RECORD_BYTES;
const LAST = RECORDS_PER_PAGE - 1;
/** The bits of a record's first word that are the number of its handler. */
const HANDLER = 0xffff;

const { floor, max, min } = Math;

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

/** Which handlers a pair has one handler for. */
class Neighbours {
  private readonly firstPair: number;
  private readonly pairs: InterpreterCode['pairs'];
  /** By first and second handler: one more than the pair's number, 0 where there is none. */
  private readonly numbers: Uint8Array;

  constructor({ firstPair, pairs }: Pick<InterpreterCode, 'firstPair' | 'pairs'>) {
    this.firstPair = firstPair;
    this.pairs = pairs;
    this.numbers = new Uint8Array(firstPair * firstPair);
    pairs.forEach(([first, second], index) => (this.numbers[first * firstPair + second] = index + 1));
  }

  /** Gives the record whose first word is words[at] the handler for it and `second`, which is behind it, where there is one. */
  join(words: Int32Array, at: number, second: number): void {
    const { firstPair } = this;
    const next = this.first(second);
    if (at < 0 || next >= firstPair) return;
    const number = this.numbers[(words[at] & HANDLER) * firstPair + next];
    if (number > 0) words[at] = (words[at] & ~HANDLER) | (firstPair + number - 1);
  }

  /** Of a pair's handler that of its first instruction; others are what they are. */
  first(handler: number): number {
    const { firstPair, pairs } = this;
    return handler >= firstPair && handler < firstPair + pairs.length ? pairs[handler - firstPair][0] : handler;
  }
}

export class RecordCache {
  private readonly bytes: Uint8Array;
  private readonly words: DataView;
  /** Records as 32-bit words, two each. */
  private readonly recordWords: Int32Array;
  private readonly maker: RecordMaker;
  private readonly neighbours: Neighbours;
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
    code: Pick<InterpreterCode, 'handlers' | 'firstPair' | 'pairs'>,
    private readonly readHalf: (address: number) => number,
    private readonly flushFetch: () => void,
    private readonly listener: RecordListener,
  ) {
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new DataView(memory.buffer);
    this.recordWords = new Int32Array(memory.buffer, 0, RAM_OFFSET / 4);
    this.maker = recordMaker(code.handlers);
    this.neighbours = new Neighbours(code);
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

  /** The handler of the instruction alone, where `handler` is that of a pair that it is the first of. */
  unpaired(handler: number): number {
    return this.neighbours.first(handler);
  }

  /** Has a record be gone to by its own handler, and not by one of a pair that it is the second of. */
  part(record: number): void {
    // The first one is two or four bytes long, and in the same page.
    const start = recordPage(indexOf(record));
    for (let at = record - RECORD_BYTES; at >= max(start, record - 2 * RECORD_BYTES); at -= RECORD_BYTES) {
      const handler = this.handlerAt(at);
      const first = this.neighbours.first(handler);
      if (first !== handler) this.setHandler(at, first);
    }
  }

  /** Decodes what lies at a record, and what is bound to be executed behind it. */
  decodeAt(record: number): void {
    const { recordWords, maker, neighbours } = this;
    const index = indexOf(record);
    const records = recordPage(index);
    const page = this.pageOf[index] * PAGE_BYTES;
    let slot = (record - records) / RECORD_BYTES;
    let ends = false;
    let before = -1;
    while (!ends && slot <= LAST) {
      const at = (records + slot * RECORD_BYTES) >> 2;
      const known = recordWords[at] & HANDLER;
      if (known !== NOT_DECODED) {
        neighbours.join(recordWords, before, known);
        return;
      }
      const wide = (this.readHalf(page + slot * 2) & 3) === 3;
      if (wide && slot === LAST) {
        recordWords[at] = STRADDLING;
        return;
      }
      ends = maker.make(recordWords, at, this.wordAt(page + slot * 2));
      neighbours.join(recordWords, before, recordWords[at] & HANDLER);
      before = at;
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
    const { recordWords, scratchSlots, scratchWords } = this;
    const page = recordPage(USABLE_PAGES + which);
    const old = scratchSlots[which];
    if (old === slot && scratchWords[which] === raw) return page;
    if (old >= 0) recordWords[(page + old * RECORD_BYTES) >> 2] = PAGE_CROSSING;
    this.maker.make(recordWords, (page + slot * RECORD_BYTES) >> 2, raw);
    scratchSlots[which] = slot;
    scratchWords[which] = raw;
    return page;
  }

  /** Memory at [address, address + length) changes: forget what was decoded from it. Answers whether there may be such code. */
  invalidate(address: number, length: number): boolean {
    let held = false;
    const first = floor(address / PAGE_BYTES);
    const last = floor((address + length - 1) / PAGE_BYTES);
    for (let page = first; page <= last; page++) {
      const index = (this.places[page - FIRST_PAGE] ?? 0) - 1;
      if (index < 0) continue;
      held = true;
      // A 32-bit instruction that begins one halfword earlier is touched as well.
      const from = max(0, floor((address - 2 - page * PAGE_BYTES) / 2));
      const to = min(LAST, floor((address + length - 1 - page * PAGE_BYTES) / 2));
      for (let slot = from; slot <= to; slot++) {
        this.words.setUint16(recordPage(index) + slot * RECORD_BYTES, NOT_DECODED, true);
      }
      this.part(recordPage(index) + from * RECORD_BYTES);
      this.listener.forgotten(recordPage(index), from, to);
    }
    return held;
  }
}
