/**
 * Keeps cached translations those that memory holds. Page-table pages stay out of the write TLB, so that every store
 * to an entry is seen, and what was translated through it is forgotten.
 *
 * The privileged specification lets stale translations live until sfence.vma. Then what the guest sees would depend on
 * when a cache happens to be emptied, and a replay, whose engine empties its caches at other moments, would part from
 * its recording.
 *
 * For the same reason translations may outlive satp: where two address spaces have the same upper half, as a kernel's
 * processes have, what is cached of that half holds in both.
 */
import { DRAM_BASE, PAGE_BYTES, RAM_OFFSET } from '../hart/layout.js';

const { floor } = Math;

const VALID = 1;
const LEAF = 0b1110;
/**
 * What depends on an entry: nothing; one virtual page, the low half of its address with VALID, and with CODE where code was
 * fetched from it; more than one.
 */
const NOTHING = 0;
const SEVERAL = 3;
const CODE = 4;
const ENTRIES = PAGE_BYTES / 8;
/** Where the entries of the upper half of the address space begin in a root table, whose level is the highest of Sv39. */
const UPPER_HALF = PAGE_BYTES / 2;
const ROOT_LEVEL = 2;
/** A page that is not in the write TLB, and one that held tables in a round that is over. */
const FREE = 0;
const PAST = 1;
/** Stores to a table, with no walk between, after which it is one no longer. */
const MOST_STORES = 64;

const pageOf = (address: number): number => floor((address - DRAM_BASE) / PAGE_BYTES);
/** Which entry of its page lies at an address. */
const indexOf = (address: number): number => (address % PAGE_BYTES) >> 3;

export interface TableWatchPorts {
  /** Forgets all cached translations, of data and code. */
  flushAll(): void;
  /**
   * Forgets those of the virtual page whose address has these low 32 bits.
   *
   * @param code also those for fetches
   */
  flushPage(lo: number, code: boolean): void;
  /** Makes the next store to the RAM page with this number take the slow path. */
  flushWritesTo(page: number): void;
  /** Makes compiled code look up its next instruction afresh. */
  refetch(): void;
}

export class TableWatch {
  private readonly view: DataView;
  /**
   * For each RAM page the round in which a walk has read from it last; FREE for a page that may be in the write TLB. A page
   * of an earlier round holds nothing that is cached now: it may still be a table, or be used for something else by now.
   */
  private readonly tables: Float64Array;
  /** For each RAM page 1 where a walk has read from it below the root, and it has not been free since. */
  private readonly inner: Uint8Array;
  /** For each RAM page that holds tables, stores to it since a walk has read from it. */
  private readonly stores: Uint8Array;
  /** The rounds of both halves of the address space: a new one begins when all that is cached of it is forgotten. */
  private upper = PAST + 1;
  private lower = PAST + 2;
  private last = this.lower;
  /** What depends on each leaf entry of a page, by RAM page. */
  private readonly dependents: (Int32Array | undefined)[] = [];
  /** How many entries of a RAM page have dependents, and the round in which that and `dependents` were written last. */
  private readonly counts: Uint16Array;
  private readonly rounds: Float64Array;

  constructor(
    memory: WebAssembly.Memory,
    ramBytes: number,
    private readonly ports: TableWatchPorts,
  ) {
    this.view = new DataView(memory.buffer);
    this.tables = new Float64Array(ramBytes / PAGE_BYTES);
    this.inner = new Uint8Array(ramBytes / PAGE_BYTES);
    this.stores = new Uint8Array(ramBytes / PAGE_BYTES);
    this.counts = new Uint16Array(ramBytes / PAGE_BYTES);
    this.rounds = new Float64Array(ramBytes / PAGE_BYTES);
  }

  /** Whether a round is one of those that are not over. */
  private lasts(round: number): boolean {
    return round === this.upper || round === this.lower;
  }

  /**
   * A walk has read the entry at `address`, in RAM.
   *
   * @param upper whether it was for an address in the upper half of the address space
   * @param level that of the entry, 0 to 2
   */
  read(address: number, upper: boolean, level: number): void {
    const page = pageOf(address);
    this.stores[page] = 0;
    if (level < ROOT_LEVEL) this.inner[page] = 1;
    const round = this.tables[page];
    if (round === this.upper || (round === this.lower && !upper)) return;
    if (round === FREE) this.ports.flushWritesTo(page);
    this.tables[page] = upper ? this.upper : this.lower;
  }

  /**
   * A translation of the virtual page at (hi, lo) is cached that rests on the leaf entry at `leaf`.
   *
   * @param code it is for fetches
   */
  depends(leaf: number, level: number, lo: number, hi: number, code: boolean): void {
    const page = pageOf(leaf);
    let dependents = this.dependents[page];
    if (!dependents) this.dependents[page] = dependents = new Int32Array(ENTRIES);
    if (!this.lasts(this.rounds[page])) {
      this.rounds[page] = this.lower;
      this.counts[page] = 0;
      dependents.fill(NOTHING);
    }
    if (hi < 0) this.rounds[page] = this.upper;
    const index = indexOf(leaf);
    const known = dependents[index];
    const dependent = (lo & -PAGE_BYTES) | VALID | (code ? CODE : 0);
    if (known === dependent || known === SEVERAL) return;
    if (known === NOTHING) this.counts[page]++;
    const another = known !== NOTHING && (known | CODE) !== (dependent | CODE);
    dependents[index] = level > 0 || another ? SEVERAL : known | dependent;
  }

  /** What depends on the leaf entry at an address. */
  private dependentOf(leaf: number): number {
    const page = pageOf(leaf);
    return this.lasts(this.rounds[page]) ? this.dependents[page]![indexOf(leaf)] : NOTHING;
  }

  private hasDependents(page: number): boolean {
    return this.lasts(this.rounds[page]) && this.counts[page] > 0;
  }

  /** Whether a physical address lies in a page whose entries something cached may depend on. */
  holds(address: number): boolean {
    return this.lasts(this.tables[pageOf(address)]);
  }

  /** A page that `holds` nothing enters the write TLB: from now on a walk that reads from it must say so. */
  release(address: number): void {
    this.setFree(pageOf(address));
  }

  private setFree(page: number): void {
    this.tables[page] = FREE;
    this.inner[page] = 0;
  }

  /** RAM at [address, address + length), in one page that holds tables, is about to be stored to. */
  store(address: number, length: number): void {
    const page = pageOf(address);
    if (++this.stores[page] === MOST_STORES) this.retire(page);
    if (this.tables[page] === FREE) return;
    const first = address - (address % 8);
    for (let entry = first; entry < address + length; entry += 8) this.change(entry);
  }

  /**
   * A page is stored to again and again, and no walk reads from it: it has most likely become something else. What was
   * cached by it is forgotten and it is no table any more, unless other tables lie below it.
   */
  private retire(page: number): void {
    this.stores[page] = 0;
    const first = page * PAGE_BYTES + DRAM_BASE;
    for (let entry = first; entry < first + PAGE_BYTES; entry += 8) {
      const word = this.view.getUint32(entry - DRAM_BASE + RAM_OFFSET, true);
      if ((word & (VALID | LEAF)) === VALID || this.dependentOf(entry) === SEVERAL) return;
    }
    if (this.hasDependents(page)) {
      for (let entry = first; entry < first + PAGE_BYTES; entry += 8) {
        const dependent = this.dependentOf(entry);
        if (dependent === NOTHING) continue;
        this.forget(entry);
        this.flushDependent(dependent);
      }
      this.ports.refetch();
    }
    this.setFree(page);
  }

  private change(entry: number): void {
    const at = entry - DRAM_BASE + RAM_OFFSET;
    const word = this.view.getUint32(at, true);
    if ((word & VALID) === 0) return;
    if ((word & LEAF) === 0) {
      const child = this.view.getUint32(at + 4, true) * 2 ** 22 + (word >>> 10) - DRAM_BASE / PAGE_BYTES;
      if (!this.leadsOn(child)) return;
      this.ports.flushAll();
    } else {
      const dependent = this.dependentOf(entry);
      if (dependent === NOTHING) return;
      this.forget(entry);
      if (dependent === SEVERAL) this.ports.flushAll();
      else this.flushDependent(dependent);
    }
    this.ports.refetch();
  }

  /** Whether something cached may depend on the entries of a table, or of those below it; by its page number in RAM. */
  private leadsOn(table: number): boolean {
    // No walk of a round that is not over has come there.
    if (!this.lasts(this.tables[table])) return false;
    if (this.hasDependents(table)) return true;
    const start = table * PAGE_BYTES + RAM_OFFSET;
    for (let at = start; at < start + PAGE_BYTES; at += 8) {
      if ((this.view.getUint32(at, true) & (VALID | LEAF)) === VALID) return true;
    }
    return false;
  }

  private flushDependent(dependent: number): void {
    this.ports.flushPage(dependent, (dependent & CODE) !== 0);
  }

  private forget(leaf: number): void {
    const page = pageOf(leaf);
    this.dependents[page]![indexOf(leaf)] = NOTHING;
    this.counts[page]--;
  }

  /** All cached translations have been forgotten: none depends on any table. */
  clear(): void {
    this.upper = ++this.last;
    this.lower = ++this.last;
  }

  /**
   * Walks begin at another root table from now on. Answers whether what is cached of the upper half holds all the same, so
   * that only that of the lower one must be forgotten.
   *
   * @param before,after physical addresses of the root tables, in RAM
   */
  changeRoot(before: number, after: number): boolean {
    const { view } = this;
    const from = before - DRAM_BASE + RAM_OFFSET;
    const to = after - DRAM_BASE + RAM_OFFSET;
    for (let at = UPPER_HALF; at < PAGE_BYTES; at += 4) {
      if (view.getInt32(from + at, true) !== view.getInt32(to + at, true)) return false;
    }
    this.lower = ++this.last;
    // From now on the new table's entries are what the upper half rests on.
    if (this.inner[pageOf(before)] === 0) {
      this.tables[pageOf(before)] = PAST;
      this.rounds[pageOf(before)] = PAST;
    }
    this.read(after, true, ROOT_LEVEL);
    for (let at = UPPER_HALF; at < PAGE_BYTES; at += 8) {
      const word = view.getUint32(to + at, true);
      if ((word & VALID) !== 0 && (word & LEAF) !== 0) this.depends(after + at, ROOT_LEVEL, 0, -1, true);
    }
    return true;
  }
}
