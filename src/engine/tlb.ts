/**
 * The software TLBs, filled and emptied: for each way in which an address may be translated one for loads, one for
 * stores and one for fetches, at the addresses of src/hart/layout.ts. Compiled code looks them up by itself.
 */
import {
  FETCH_TLB_ENTRIES,
  HART,
  JUMP_CACHE_BYTES,
  JUMP_CACHE_OFFSET,
  PAGE_BYTES,
  PLAIN_BASE,
  RAM_OFFSET,
  TLB_BASE,
  TLB_CONTEXTS,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  TLB_TOTAL_BYTES,
  fetchTlbOf,
  readTlbOf,
  writeTlbOf,
  type TlbContext,
} from '../hart/layout.js';

/** A tag of all ones matches no address: lookups compare page addresses. */
const INVALID = -1;
const ENTRY_WORDS = TLB_ENTRY_BYTES / 4;
const PAGE_OFFSET = PAGE_BYTES - 1;
/** In the tag of a write TLB: a page that compiled code must not store to, which it takes for no match of any address. */
const SLOW = PAGE_BYTES / 2;
/** Where a RAM page can be stored to: nowhere, at the word of one entry, or at more than one. */
const NOWHERE = 0;
const SEVERAL = -1;
/** Filled entries up to which they are forgotten one by one. */
const MOST_FILLED = 16384;
const CONTEXTS = TLB_CONTEXTS.map((_, context) => context as TlbContext);
/** The context of U-mode, and where entries of contexts begin in which addresses are translated, by word. */
const USER = TLB_CONTEXTS.indexOf('U') as TlbContext;
const TRANSLATED = readTlbOf(1) / 4;
/** Where the TLBs of all contexts begin, by word: those for loads and stores, and those for fetches. */
const DATA_TABLES = CONTEXTS.flatMap((context) => [readTlbOf(context) / 4, writeTlbOf(context) / 4]);
const FETCH_TABLES = CONTEXTS.map((context) => fetchTlbOf(context) / 4);

export class Tlbs {
  private readonly words: Int32Array;
  /** All entries that may be valid, and how many, which may be more than there is room for. */
  private readonly filled = new Int32Array(MOST_FILLED);
  private fills = MOST_FILLED + 1;
  /** By RAM page, where the write TLBs have it, if they still do. */
  private readonly writable: Int32Array;
  /** What bare stores look up in place of a write TLB: a byte a RAM page. */
  private readonly plain: Uint8Array;
  private anyPlain = false;
  /** S-mode may have run code of the lower half, behind translation, so that jump caches other than U-mode's know of it. */
  private lowerCode = false;

  constructor(memory: WebAssembly.Memory, ramBytes: number) {
    this.words = new Int32Array(memory.buffer, 0, (TLB_BASE + TLB_TOTAL_BYTES) / 4);
    this.plain = new Uint8Array(memory.buffer, PLAIN_BASE, ramBytes / PAGE_BYTES);
    this.writable = new Int32Array(ramBytes / PAGE_BYTES);
  }

  flushAll(): void {
    this.flushJumps();
    const { words, filled, fills } = this;
    if (fills > MOST_FILLED) words.fill(INVALID, TLB_BASE / 4, (TLB_BASE + TLB_TOTAL_BYTES) / 4);
    else for (let i = 0; i < fills; i++) words[filled[i]] = words[filled[i] + 1] = INVALID;
    this.fills = 0;
    this.flushPlain();
  }

  /**
   * Forgets what is known of the lower half of the address space, of addresses that are not negative, in the contexts in
   * which addresses are translated.
   */
  flushLower(): void {
    if (this.lowerCode) this.flushJumps();
    else this.flushJumpsOf(USER);
    this.lowerCode = false;
    const { words, filled, fills } = this;
    if (fills > MOST_FILLED) {
      for (const context of CONTEXTS.slice(1)) {
        const end = (fetchTlbOf(context) + JUMP_CACHE_OFFSET) / 4;
        for (let entry = readTlbOf(context) / 4; entry < end; entry += ENTRY_WORDS) {
          if (words[entry + 1] >= 0) this.forgetAt(entry);
        }
      }
      return;
    }
    let kept = 0;
    for (let i = 0; i < fills; i++) {
      const entry = filled[i];
      if (!this.isValid(entry)) continue;
      if (entry >= TRANSLATED && words[entry + 1] >= 0) this.forgetAt(entry);
      else filled[kept++] = entry;
    }
    this.fills = kept;
  }

  private isValid(entry: number): boolean {
    return this.words[entry] !== INVALID || this.words[entry + 1] !== INVALID;
  }

  /**
   * Forgets where jumps of translated code lead. That rests on fetch TLB entries, also of other pages than are jumped to:
   * it is to be done when what any of them says holds no longer. Another page in an entry's place does not matter.
   */
  flushJumps(): void {
    const { words } = this;
    if (words[HART.jumps / 4] === 0) return;
    for (const context of CONTEXTS) this.flushJumpsOf(context);
    words[HART.jumps / 4] = 0;
  }

  /** The same in one context. */
  private flushJumpsOf(context: TlbContext): void {
    const { words } = this;
    if (words[HART.jumps / 4] === 0) return;
    const from = (fetchTlbOf(context) + JUMP_CACHE_OFFSET) / 4;
    words.fill(INVALID, from, from + JUMP_CACHE_BYTES / 4);
  }

  /**
   * Forgets what is known of the virtual pages whose address has these low 32 bits.
   *
   * @param code their code may be known too
   */
  flushPage(low: number, code: boolean): void {
    const entry = ((low >>> 12) & (TLB_ENTRIES - 1)) * ENTRY_WORDS;
    for (const table of DATA_TABLES) this.forgetAt(table + entry);
    if (!code) return;
    const fetch = ((low >>> 12) & (FETCH_TLB_ENTRIES - 1)) * ENTRY_WORDS;
    for (const table of FETCH_TABLES) this.forgetAt(table + fetch);
    // Also where another page is in its place by now.
    this.flushJumps();
  }

  flushFetch(): void {
    this.flushJumps();
    for (const context of CONTEXTS) this.clear(fetchTlbOf(context), FETCH_TLB_ENTRIES);
  }

  /** Forgets all ways to the page of records at an address. */
  flushFetchesOf(records: number): void {
    this.flushJumps();
    const { words } = this;
    for (const context of CONTEXTS) {
      const first = fetchTlbOf(context) / 4;
      const end = first + FETCH_TLB_ENTRIES * ENTRY_WORDS;
      for (let entry = first; entry < end; entry += ENTRY_WORDS) if (words[entry + 2] === records) this.forgetAt(entry);
    }
  }

  flushWrites(): void {
    for (const context of CONTEXTS) this.clear(writeTlbOf(context), TLB_ENTRIES);
    this.flushPlain();
  }

  /** Forgets all ways to store to these RAM pages, by number; may forget others. */
  flushWritesToAny(pages: readonly number[]): void {
    const { writable } = this;
    // To look through all entries for one page takes as long as to clear them.
    if (pages.length > TLB_ENTRIES || pages.some((page) => writable[page] === SEVERAL)) this.flushWrites();
    else for (const page of pages) this.flushWritesTo(page);
  }

  /** Forgets all ways to store to the RAM page with this number. */
  flushWritesTo(page: number): void {
    const { writable } = this;
    const known = writable[page];
    if (known === SEVERAL) {
      for (const context of CONTEXTS) {
        const first = writeTlbOf(context) / 4;
        const end = first + TLB_ENTRIES * ENTRY_WORDS;
        for (let entry = first; entry < end; entry += ENTRY_WORDS) if (this.leadsTo(entry, page)) this.forgetAt(entry);
      }
    } else if (known !== NOWHERE && this.leadsTo(known, page)) this.forgetAt(known);
    writable[page] = NOWHERE;
    this.plain[page] = 0;
  }

  /** Whether the entry of a write TLB at a word leads to the RAM page with this number. */
  private leadsTo(entry: number, page: number): boolean {
    const { words } = this;
    return (((words[entry] & ~PAGE_OFFSET) + words[entry + 2]) | 0) === ((RAM_OFFSET + page * PAGE_BYTES) | 0);
  }

  /** Loads from the virtual page of (hi, lo) find their data `addend` bytes from the low half of their address. */
  fillRead(lo: number, hi: number, addend: number): void {
    this.fill(HART.readTlb, TLB_ENTRIES, lo, hi, addend);
  }

  /**
   * The same for stores to the RAM page with number `page`.
   *
   * @param slow the entry is for `slowlyWritten` alone: compiled code goes on missing
   */
  fillWrite(lo: number, hi: number, addend: number, page: number, slow = false): void {
    const { writable } = this;
    const entry = this.fill(HART.writeTlb, TLB_ENTRIES, lo, hi, addend);
    if (slow) this.words[entry] |= SLOW;
    const known = writable[page];
    if (known === NOWHERE || (known !== SEVERAL && !this.leadsTo(known, page))) writable[page] = entry;
    else if (known !== entry) writable[page] = SEVERAL;
  }

  /** Where the data of a store lies that has its page from `fillWrite` as a slow one; -1 where none is known. */
  slowlyWritten(lo: number, hi: number): number {
    const { words } = this;
    const entry = this.entryOf(HART.writeTlb, TLB_ENTRIES, lo);
    const known = words[entry] === ((lo & ~PAGE_OFFSET) | SLOW) && words[entry + 1] === hi;
    return known ? (lo + words[entry + 2]) >>> 0 : -1;
  }

  /** Bare stores to the RAM page with this number may be done at once. */
  fillPlain(page: number): void {
    this.plain[page] = 1;
    this.anyPlain = true;
  }

  private flushPlain(): void {
    if (this.anyPlain) this.plain.fill(0);
    this.anyPlain = false;
  }

  /** Code of the virtual page of (hi, lo) has its decoded records at `records`. */
  fillFetch(lo: number, hi: number, records: number): void {
    const entry = this.fill(HART.fetchTlb, FETCH_TLB_ENTRIES, lo, hi, records);
    if (hi >= 0 && entry >= TRANSLATED && entry < readTlbOf(USER) / 4) this.lowerCode = true;
  }

  /** Address of the records of a virtual page, as the fetch TLB that holds now has it; -1 where it has none. */
  fetched(lo: number, hi: number): number {
    const entry = this.entryOf(HART.fetchTlb, FETCH_TLB_ENTRIES, lo);
    const known = this.words[entry] === (lo & ~PAGE_OFFSET) && this.words[entry + 1] === hi;
    return known ? this.words[entry + 2] : -1;
  }

  /**
   * Answers the word at which the entry lies.
   *
   * @param table where the address of the TLB that holds now is found
   */
  private fill(table: number, entries: number, lo: number, hi: number, value: number): number {
    const entry = this.entryOf(table, entries, lo);
    if (!this.isValid(entry)) {
      if (this.fills < MOST_FILLED) this.filled[this.fills] = entry;
      this.fills++;
    }
    this.words[entry] = lo & ~PAGE_OFFSET;
    this.words[entry + 1] = hi;
    this.words[entry + 2] = value;
    return entry;
  }

  private entryOf(table: number, entries: number, lo: number): number {
    return this.words[table / 4] / 4 + ((lo >>> 12) & (entries - 1)) * ENTRY_WORDS;
  }

  private forgetAt(entry: number): void {
    this.words[entry] = this.words[entry + 1] = INVALID;
  }

  private clear(table: number, entries: number): void {
    this.words.fill(INVALID, table / 4, table / 4 + entries * ENTRY_WORDS);
  }
}
