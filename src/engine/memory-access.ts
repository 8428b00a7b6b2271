/**
 * The slow paths of memory access: what compiled code calls when its TLB has no answer. They translate, fill the TLB
 * for plain RAM, and do by hand what is not plain: devices, accesses over a page's end, stores into decoded code.
 */
import type { Bus } from '../hart/bus.js';
import type { Hart } from '../hart/hart.js';
import { ATTENTION, DRAM_BASE, HART, PAGE_BYTES, RAM_OFFSET } from '../hart/layout.js';
import type { RecordCache } from './records.js';
import { TableWatch } from './table-watch.js';
import { Tlbs } from './tlb.js';

const { floor } = Math;

const FETCH = 0;
const LOAD = 1;
const STORE = 2;
type Access = typeof FETCH | typeof LOAD | typeof STORE;

/** Exception codes, privileged specification table 14. */
const CAUSE = {
  fetchAccess: 1,
  loadMisaligned: 4,
  loadAccess: 5,
  storeMisaligned: 6,
  storeAccess: 7,
} as const;

const PAGE_OFFSET = PAGE_BYTES - 1;

const address64 = (hi: number, lo: number): bigint => BigInt.asUintN(64, (BigInt(hi) << 32n) | BigInt(lo >>> 0));

/** Words of RAM whose stores are reported: those of HTIF. */
export interface Watch {
  /** Physical addresses of aligned doublewords. */
  readonly words: readonly number[];
  written(): void;
}

export class MemoryAccess {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly ramEnd: number;
  /** One byte a RAM page, 1 where it was written since `takeDirty`, and the numbers of those. */
  private readonly dirty: Uint8Array;
  private dirtyPages: number[] = [];
  private watch: Watch | undefined;
  /** Where single writes are told, or undefined. */
  private writes: number[] | undefined;
  /** Counts accesses that may have changed a device. */
  deviceAccesses = 0;
  /** An atomic instruction writes to a watched word: see `settleWatch`. */
  private watchDue = false;
  readonly tlbs: Tlbs;
  /** Keeps what is cached true to the page tables. */
  readonly tables: TableWatch;

  constructor(
    memory: WebAssembly.Memory,
    private readonly hart: Hart,
    private readonly bus: Bus,
    private readonly records: () => RecordCache,
  ) {
    this.bytes = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    this.ramEnd = DRAM_BASE + bus.ramBytes;
    this.dirty = new Uint8Array(bus.ramBytes / PAGE_BYTES);
    this.tlbs = new Tlbs(memory, bus.ramBytes);
    this.tables = new TableWatch(memory, bus.ramBytes, {
      flushAll: () => this.flushAll(),
      flushPage: (low, code) => this.tlbs.flushPage(low, code),
      flushWritesTo: (page) => this.tlbs.flushWritesTo(page),
      refetch: () => this.refetch(),
    });
    this.flushAll();
  }

  flushAll(): void {
    this.tlbs.flushAll();
    this.tables.clear();
  }

  /** Addresses are translated by another root page table from now on. Both lie in RAM, and S-mode may read all of them. */
  rootChanged(before: number, after: number): void {
    // Another ASID alone: nothing is cached by that.
    if (before === after) return;
    if (this.tables.changeRoot(before, after)) this.tlbs.flushLower();
    else this.flushAll();
  }

  /** What is cached next, for loads, stores or fetches, rests on the page-table entry that the last translation found. */
  private rest(lo: number, hi: number, access: Access): void {
    const { hart } = this;
    if (hart.leaf >= 0) this.tables.depends(hart.leaf, hart.leafLevel, lo, hi, access === FETCH);
  }

  /** Has compiled code look up its next instruction afresh, and all that it keeps of translations. */
  private refetch(): void {
    const { view } = this;
    view.setUint32(HART.attention, view.getUint32(HART.attention, true) | ATTENTION.refetch, true);
  }

  private inRam(physical: number, size: number): boolean {
    return physical >= DRAM_BASE && physical + size <= this.ramEnd;
  }

  // Changes of RAM.

  /** RAM is about to be changed, or just was, from outside compiled code: by a device, a loader, a snapshot. */
  ramChanged(physical: number, length: number): void {
    if (length === 0) return;
    this.written(physical, length);
    for (let at = physical; at < physical + length; at += PAGE_BYTES - (at % PAGE_BYTES)) {
      if (this.tables.holds(at)) {
        this.flushAll();
        this.refetch();
        return;
      }
    }
  }

  /** RAM was written past the write TLB: digests and decoded code must know. */
  written(physical: number, length: number): void {
    const first = Math.floor((physical - DRAM_BASE) / PAGE_BYTES);
    const last = Math.floor((physical + length - 1 - DRAM_BASE) / PAGE_BYTES);
    for (let page = first; page <= last; page++) this.mark(page);
    this.writes?.push(physical, length);
    this.records().invalidate(physical, length);
  }

  /** Numbers of the RAM pages written since the last call, in the order of their first writes. */
  takeDirty(): number[] {
    const { dirty, dirtyPages } = this;
    for (const page of dirtyPages) dirty[page] = 0;
    this.tlbs.flushWritesToAny(dirtyPages);
    this.dirtyPages = [];
    return dirtyPages;
  }

  private mark(page: number): void {
    const { dirty } = this;
    if (dirty[page] !== 0) return;
    dirty[page] = 1;
    this.dirtyPages.push(page);
  }

  /** Reports stores to these words from now on: plain ones at once, those of atomic instructions by `settleWatch`. */
  setWatch(watch: Watch): void {
    this.watch = watch;
    this.tlbs.flushWrites();
  }

  /**
   * Adds each single write of RAM, by address and length, to `writes` from now on, or to nothing. No store then passes
   * the write TLB, which stays empty: stores are slow meanwhile.
   */
  tellWrites(writes: number[] | undefined): void {
    this.writes = writes;
    this.tlbs.flushWrites();
  }

  private watches(physical: number): boolean {
    const page = Math.floor(physical / PAGE_BYTES);
    return this.watch !== undefined && this.watch.words.some((word) => Math.floor(word / PAGE_BYTES) === page);
  }

  // Services of compiled code. Addresses come as two int32; answers are addresses in the shared memory, or 0 after a trap.

  /** The data of a load of `size` bytes. */
  loadMiss(lo: number, hi: number, size: number): number {
    if ((lo & PAGE_OFFSET) + size > PAGE_BYTES) return this.loadOverEnd(lo, hi, size);
    const physical = this.translate(lo, hi, LOAD, size);
    if (physical < 0) return 0;
    if (this.inRam(physical, size)) return this.ramForRead(physical, lo, hi);
    this.deviceAccesses++;
    const value = physical % size === 0 ? this.bus.read(physical, size as 1 | 2 | 4 | 8) : undefined;
    if (value === undefined) return this.fault(CAUSE.loadAccess, lo, hi);
    this.view.setBigUint64(HART.scratch, value, true);
    return HART.scratch;
  }

  /** Stores the low `size` bytes of the scratch doubleword. Answers 1, or 0 after a trap. */
  storeMiss(lo: number, hi: number, size: number): number {
    const table = this.tableForWrite(lo, hi, size);
    if (table >= 0) {
      this.storeScratch(table, size);
      return 1;
    }
    if ((lo & PAGE_OFFSET) + size > PAGE_BYTES) return this.storeOverEnd(lo, hi, size);
    const physical = this.translate(lo, hi, STORE, size);
    if (physical < 0) return 0;
    if (this.inRam(physical, size)) {
      const at = this.ramForWrite(physical, size, lo, hi);
      this.storeScratch(at, size);
      this.afterStore(physical);
      return 1;
    }
    this.deviceAccesses++;
    const value = BigInt.asUintN(size * 8, this.view.getBigUint64(HART.scratch, true));
    const done = physical % size === 0 && this.bus.write(physical, size as 1 | 2 | 4 | 8, value);
    return done ? 1 : this.fault(CAUSE.storeAccess, lo, hi);
  }

  /**
   * Where a store lies that goes to a page of page tables, the most frequent of slow ones: RAM is about to be changed there.
   * -1 where its translation is not known.
   */
  private tableForWrite(lo: number, hi: number, size: number): number {
    if ((lo & (size - 1)) !== 0) return -1;
    const at = this.tlbs.slowlyWritten(lo, hi);
    if (at < 0) return -1;
    const offset = at - RAM_OFFSET;
    if (!this.tables.holds(DRAM_BASE + offset)) return -1;
    this.mark(floor(offset / PAGE_BYTES));
    this.tables.store(DRAM_BASE + offset, size);
    return at;
  }

  /** The low `size` bytes of the scratch doubleword to `at`: `copyWithin` would be half the time of a store. */
  private storeScratch(at: number, size: number): void {
    const { view } = this;
    if (size === 1) view.setUint8(at, view.getUint8(HART.scratch));
    else if (size === 2) view.setUint16(at, view.getUint16(HART.scratch, true), true);
    else {
      view.setUint32(at, view.getUint32(HART.scratch, true), true);
      if (size === 8) view.setUint32(at + 4, view.getUint32(HART.scratch + 4, true), true);
    }
  }

  /** Where an atomic access finds its RAM: naturally aligned, and never a device (its PMA is AMONone, RsrvNone). */
  atomicMiss(lo: number, hi: number, size: number, writes: number): number {
    if (lo & (size - 1)) return this.fault(writes ? CAUSE.storeMisaligned : CAUSE.loadMisaligned, lo, hi);
    const table = writes ? this.tableForWrite(lo, hi, size) : -1;
    if (table >= 0) return table;
    const physical = this.translate(lo, hi, writes ? STORE : LOAD, size);
    if (physical < 0) return 0;
    if (!this.inRam(physical, size)) return this.fault(writes ? CAUSE.storeAccess : CAUSE.loadAccess, lo, hi);
    if (!writes) return this.ramForRead(physical, lo, hi);
    if (this.touchesWatched(physical)) {
      this.watchDue = true;
      this.view.setUint32(HART.attention, ATTENTION.boundary, true);
    }
    return this.ramForWrite(physical, size, lo, hi);
  }

  /** Compiled code does an atomic store only after `atomicMiss`: it is reported here, before the next instruction. */
  settleWatch(): void {
    if (!this.watchDue) return;
    this.watchDue = false;
    this.tellWatch();
  }

  /** The page of records in which execution goes on at an address. */
  fetchMiss(lo: number, hi: number): number {
    const physical = this.translate(lo, hi, FETCH, 2);
    if (physical < 0) return 0;
    if (!this.inRam(physical, 2)) return this.fault(CAUSE.fetchAccess, lo, hi);
    if (!this.hart.cacheable(physical, FETCH)) return this.fetchAlone(physical, lo, hi);
    const page = Math.floor(physical / PAGE_BYTES);
    const { records, fresh } = this.records().page(page);
    if (fresh) this.tlbs.flushWritesTo(page - DRAM_BASE / PAGE_BYTES); // stores to it must be seen from now on
    this.rest(lo, hi, FETCH);
    this.tlbs.fillFetch(lo, hi, records);
    return records;
  }

  /** The second half of an instruction that straddles two pages, at `lo` and `hi`; -1 after a trap. */
  fetchHalf(lo: number, hi: number): number {
    const physical = this.translate(lo, hi, FETCH, 2);
    if (physical < 0) return -1;
    if (this.inRam(physical, 2)) return this.readHalf(physical);
    this.fault(CAUSE.fetchAccess, lo, hi);
    return -1;
  }

  readHalf(physical: number): number {
    return this.view.getUint16(physical - DRAM_BASE + RAM_OFFSET, true);
  }

  /** One instruction at a time, where a page's parts have unlike rights. */
  private fetchAlone(physical: number, lo: number, hi: number): number {
    const low = this.readHalf(physical);
    let raw = low;
    if ((low & 3) === 3) {
      const next = (lo + 2) | 0;
      const high = this.fetchHalf(next, next === 0 ? hi + 1 : hi);
      if (high < 0) return 0;
      raw += high * 0x1_0000;
    }
    return this.records().alone((lo & PAGE_OFFSET) >> 1, raw);
  }

  private ramForRead(physical: number, lo: number, hi: number): number {
    const at = physical - DRAM_BASE + RAM_OFFSET;
    if (this.hart.cacheable(physical, LOAD)) {
      this.rest(lo, hi, LOAD);
      this.tlbs.fillRead(lo, hi, at - lo);
    }
    return at;
  }

  private ramForWrite(physical: number, size: number, lo: number, hi: number): number {
    const at = physical - DRAM_BASE + RAM_OFFSET;
    const page = Math.floor(physical / PAGE_BYTES);
    this.mark(page - DRAM_BASE / PAGE_BYTES);
    this.writes?.push(physical, size);
    if (this.tables.holds(physical)) {
      // Before the store, which may change what the translation rests on.
      if (!this.records().holds(page)) this.fillWrite(physical, lo, hi, true);
      this.tables.store(physical, size);
      this.records().invalidate(physical, size);
    } else if (this.records().holds(page)) this.storeToCode(physical, size);
    else if (this.fillWrite(physical, lo, hi, false)) {
      this.tables.release(physical);
      if (this.view.getUint32(HART.bare, true) !== 0) this.tlbs.fillPlain(page - DRAM_BASE / PAGE_BYTES);
    }
    return at;
  }

  /** Keeps the translation of a store where it may be kept; answers whether it is. */
  private fillWrite(physical: number, lo: number, hi: number, slow: boolean): boolean {
    if (this.writes !== undefined || this.watches(physical) || !this.hart.cacheable(physical, STORE)) return false;
    const offset = physical - DRAM_BASE;
    this.rest(lo, hi, STORE);
    this.tlbs.fillWrite(lo, hi, RAM_OFFSET + offset - lo, floor(offset / PAGE_BYTES), slow);
    return true;
  }

  private storeToCode(physical: number, size: number): void {
    const records = this.records();
    records.invalidate(physical, size);
    const left = records.stored(Math.floor(physical / PAGE_BYTES));
    if (left === 0) return;
    this.tlbs.flushFetchesOf(left);
    this.refetch();
  }

  private touchesWatched(physical: number): boolean {
    return this.watch?.words.some((word) => physical < word + 8 && physical + 8 > word) ?? false;
  }

  private tellWatch(): void {
    this.deviceAccesses++;
    this.watch?.written();
  }

  private afterStore(physical: number): void {
    if (this.touchesWatched(physical)) this.tellWatch();
  }

  private translate(lo: number, hi: number, access: Access, size: number): number {
    const physical = this.hart.translate(hi, lo, access, size);
    if (physical < 0) this.hart.raiseFault(hi, lo);
    return physical;
  }

  private fault(cause: number, lo: number, hi: number): 0 {
    this.hart.raise(cause, address64(hi, lo));
    return 0;
  }

  /** Translates both parts of an access over a page's end; undefined after a trap. Both must be RAM. */
  private bothParts(lo: number, hi: number, size: number, access: Access): [number, number, number] | undefined {
    const head = PAGE_BYTES - (lo & PAGE_OFFSET);
    const nextLo = (lo + head) | 0;
    const nextHi = nextLo === 0 ? (hi + 1) | 0 : hi;
    const first = this.translate(lo, hi, access, head);
    if (first < 0) return undefined;
    const second = this.translate(nextLo, nextHi, access, size - head);
    if (second < 0) return undefined;
    const cause = access === LOAD ? CAUSE.loadAccess : CAUSE.storeAccess;
    if (!this.inRam(first, head)) this.fault(cause, lo, hi);
    else if (!this.inRam(second, size - head)) this.fault(cause, nextLo, nextHi);
    else return [first - DRAM_BASE + RAM_OFFSET, second - DRAM_BASE + RAM_OFFSET, head];
    return undefined;
  }

  private loadOverEnd(lo: number, hi: number, size: number): number {
    const parts = this.bothParts(lo, hi, size, LOAD);
    if (!parts) return 0;
    const [first, second, head] = parts;
    this.bytes.copyWithin(HART.scratch, first, first + head);
    this.bytes.copyWithin(HART.scratch + head, second, second + size - head);
    return HART.scratch;
  }

  private storeOverEnd(lo: number, hi: number, size: number): number {
    const parts = this.bothParts(lo, hi, size, STORE);
    if (!parts) return 0;
    const [first, second, head] = parts;
    this.ramChanged(first - RAM_OFFSET + DRAM_BASE, head);
    this.ramChanged(second - RAM_OFFSET + DRAM_BASE, size - head);
    this.bytes.copyWithin(first, HART.scratch, HART.scratch + head);
    this.bytes.copyWithin(second, HART.scratch + head, HART.scratch + size);
    this.afterStore(first - RAM_OFFSET + DRAM_BASE);
    this.afterStore(second - RAM_OFFSET + DRAM_BASE);
    return 1;
  }
}
