/**
 * Keeps cached translations those that memory holds. Page-table pages stay out of the write TLB, so that every store
 * to an entry is seen, and what was translated through it is forgotten.
 *
 * The privileged specification lets stale translations live until sfence.vma. Then what the guest sees would depend on
 * when a cache happens to be emptied, and a replay, whose engine empties its caches at other moments, would part from
 * its recording.
 */
import { DRAM_BASE, PAGE_BYTES, RAM_OFFSET } from '../hart/layout.js';

const { floor } = Math;

const VALID = 1;
const LEAF = 0b1110;
/** What depends on an entry: nothing; one virtual page, the low half of its address with VALID; more than one. */
const NOTHING = 0;
const SEVERAL = 3;
const ENTRIES = PAGE_BYTES / 8;
/** Stores to a table, with no walk between, after which it is one no longer. */
const MOST_STORES = 64;

const pageOf = (address: number): number => floor((address - DRAM_BASE) / PAGE_BYTES);
/** Which entry of its page lies at an address. */
const indexOf = (address: number): number => (address % PAGE_BYTES) >> 3;

export interface TableWatchPorts {
  /** Forgets all cached translations, of data and code. */
  flushAll(): void;
  /** Forgets those of the virtual page whose address has these low 32 bits. */
  flushPage(lo: number): void;
  /** Makes the next store to the RAM page with this number take the slow path. */
  flushWritesTo(page: number): void;
  /** Makes compiled code look up its next instruction afresh. */
  refetch(): void;
}

export class TableWatch {
  private readonly view: DataView;
  /**
   * For each RAM page the round in which a walk has read from it last; 0 for a page that may be in the write TLB. A page
   * of an earlier round holds nothing that is cached now: it may still be a table, or be used for something else by now.
   */
  private readonly tables: Uint32Array;
  /** For each RAM page that holds tables, stores to it since a walk has read from it. */
  private readonly stores: Uint8Array;
  /** Full flushes, counted. */
  private round = 1;
  /** What depends on each leaf entry of a page, by RAM page. */
  private readonly dependents: (Int32Array | undefined)[] = [];
  /** How many entries of a RAM page have dependents, and the round in which that and `dependents` were written last. */
  private readonly counts: Uint16Array;
  private readonly rounds: Uint32Array;

  constructor(
    memory: WebAssembly.Memory,
    ramBytes: number,
    private readonly ports: TableWatchPorts,
  ) {
    this.view = new DataView(memory.buffer);
    this.tables = new Uint32Array(ramBytes / PAGE_BYTES);
    this.stores = new Uint8Array(ramBytes / PAGE_BYTES);
    this.counts = new Uint16Array(ramBytes / PAGE_BYTES);
    this.rounds = new Uint32Array(ramBytes / PAGE_BYTES);
  }

  /** A walk has read the entry at `address`, in RAM. */
  read(address: number): void {
    const page = pageOf(address);
    this.stores[page] = 0;
    if (this.tables[page] === this.round) return;
    if (this.tables[page] === 0) this.ports.flushWritesTo(page);
    this.tables[page] = this.round;
  }

  /** A translation of the virtual page at `lo` is cached that rests on the leaf entry at `leaf`. */
  depends(leaf: number, level: number, lo: number): void {
    const page = pageOf(leaf);
    let dependents = this.dependents[page];
    if (!dependents) this.dependents[page] = dependents = new Int32Array(ENTRIES);
    if (this.rounds[page] !== this.round) {
      this.rounds[page] = this.round;
      this.counts[page] = 0;
      dependents.fill(NOTHING);
    }
    const index = indexOf(leaf);
    const known = dependents[index];
    const dependent = (lo & -PAGE_BYTES) | VALID;
    if (known === dependent || known === SEVERAL) return;
    if (known === NOTHING) this.counts[page]++;
    dependents[index] = level > 0 || known !== NOTHING ? SEVERAL : dependent;
  }

  /** What depends on the leaf entry at an address. */
  private dependentOf(leaf: number): number {
    const page = pageOf(leaf);
    return this.rounds[page] === this.round ? this.dependents[page]![indexOf(leaf)] : NOTHING;
  }

  private hasDependents(page: number): boolean {
    return this.rounds[page] === this.round && this.counts[page] > 0;
  }

  /** Whether a physical address lies in a page whose entries something cached may depend on. */
  holds(address: number): boolean {
    return this.tables[pageOf(address)] === this.round;
  }

  /** A page that `holds` nothing enters the write TLB: from now on a walk that reads from it must say so. */
  release(address: number): void {
    this.tables[pageOf(address)] = 0;
  }

  /** RAM at [address, address + length), in one page that holds tables, is about to be stored to. */
  store(address: number, length: number): void {
    const page = pageOf(address);
    if (++this.stores[page] === MOST_STORES) this.retire(page);
    if (this.tables[page] === 0) return;
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
        this.ports.flushPage(dependent);
      }
      this.ports.refetch();
    }
    this.tables[page] = 0;
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
      else this.ports.flushPage(dependent);
    }
    this.ports.refetch();
  }

  /** Whether something cached may depend on the entries of a table, or of those below it; by its page number in RAM. */
  private leadsOn(table: number): boolean {
    // No walk of this round has come there.
    if (this.tables[table] !== this.round) return false;
    if (this.hasDependents(table)) return true;
    const start = table * PAGE_BYTES + RAM_OFFSET;
    for (let at = start; at < start + PAGE_BYTES; at += 8) {
      if ((this.view.getUint32(at, true) & (VALID | LEAF)) === VALID) return true;
    }
    return false;
  }

  private forget(leaf: number): void {
    const page = pageOf(leaf);
    this.dependents[page]![indexOf(leaf)] = NOTHING;
    this.counts[page]--;
  }

  /** All cached translations have been forgotten: none depends on any table. */
  clear(): void {
    this.round++;
  }
}
