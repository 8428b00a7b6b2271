/**
 * Keeps cached translations those that memory holds. Page-table pages stay out of the write TLB, so that every store
 * to an entry is seen, and what was translated through it is forgotten.
 *
 * The privileged specification lets stale translations live until sfence.vma. Then what the guest sees would depend on
 * when a cache happens to be emptied, and a replay, whose engine empties its caches at other moments, would part from
 * its recording.
 */
import { DRAM_BASE, PAGE_BYTES, RAM_OFFSET } from '../hart/layout.js';

const VALID = 1;
const LEAF = 0b1110;
/** Dependents of an entry that maps more than one virtual page. */
const SEVERAL = -1;
const MOST_DEPENDENTS = 1 << 18;
/** Stores to a table, with no walk between, after which it is one no longer. */
const MOST_STORES = 64;

const pageOf = (address: number): number => Math.floor((address - DRAM_BASE) / PAGE_BYTES);

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
  /** Leaf entry's physical address -> low half of the virtual page's address, or SEVERAL. */
  private readonly dependents = new Map<number, number>();
  /** How many of those entries lie in each page that has any. */
  private readonly inPage = new Map<number, number>();

  constructor(
    memory: WebAssembly.Memory,
    ramBytes: number,
    private readonly ports: TableWatchPorts,
  ) {
    this.view = new DataView(memory.buffer);
    this.tables = new Uint32Array(ramBytes / PAGE_BYTES);
    this.stores = new Uint8Array(ramBytes / PAGE_BYTES);
  }

  /** A walk has read the entry at `address`, in RAM. */
  read(address: number): void {
    const page = pageOf(address);
    this.stores[page] = 0;
    if (this.tables[page] === this.round) return;
    if (this.tables[page] === 0) this.ports.flushWritesTo(page);
    this.tables[page] = this.round;
  }

  /**
   * A translation of the virtual page at `lo` is to be cached that rests on the leaf entry at `leaf`, which was just
   * walked to. False where it must not be: then all was forgotten, the walk too.
   */
  depends(leaf: number, level: number, lo: number): boolean {
    const page = lo & ~(PAGE_BYTES - 1);
    const known = this.dependents.get(leaf);
    if (known === page || known === SEVERAL) return true;
    if (known === undefined) {
      if (this.dependents.size >= MOST_DEPENDENTS) {
        this.ports.flushAll();
        return false;
      }
      const table = pageOf(leaf);
      this.inPage.set(table, (this.inPage.get(table) ?? 0) + 1);
    }
    this.dependents.set(leaf, level > 0 || known !== undefined ? SEVERAL : page);
    return true;
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
      if ((word & (VALID | LEAF)) === VALID || this.dependents.get(entry) === SEVERAL) return;
    }
    if (this.inPage.has(page)) {
      for (let entry = first; entry < first + PAGE_BYTES; entry += 8) {
        const dependent = this.dependents.get(entry);
        if (dependent === undefined) continue;
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
      const page = this.dependents.get(entry);
      if (page === undefined) return;
      this.forget(entry);
      if (page === SEVERAL) this.ports.flushAll();
      else this.ports.flushPage(page);
    }
    this.ports.refetch();
  }

  /** Whether something cached may depend on the entries of a table, or of those below it; by its page number in RAM. */
  private leadsOn(table: number): boolean {
    // No walk of this round has come there.
    if (this.tables[table] !== this.round) return false;
    if (this.inPage.has(table)) return true;
    const start = table * PAGE_BYTES + RAM_OFFSET;
    for (let at = start; at < start + PAGE_BYTES; at += 8) {
      if ((this.view.getUint32(at, true) & (VALID | LEAF)) === VALID) return true;
    }
    return false;
  }

  private forget(leaf: number): void {
    this.dependents.delete(leaf);
    const table = pageOf(leaf);
    const left = (this.inPage.get(table) ?? 0) - 1;
    if (left > 0) this.inPage.set(table, left);
    else this.inPage.delete(table);
  }

  /** All cached translations have been forgotten: none depends on any table. */
  clear(): void {
    this.round++;
    this.dependents.clear();
    this.inPage.clear();
  }
}
