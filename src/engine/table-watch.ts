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

const pageOf = (address: number): number => Math.floor((address - DRAM_BASE) / PAGE_BYTES);

export interface TableWatchPorts {
  /** Forgets all cached translations, of data and code. */
  flushAll(): void;
  /** Forgets those of the virtual page whose address has these low 32 bits. */
  flushPage(lo: number): void;
  /** Makes the next store to any page take the slow path. */
  flushWrites(): void;
  /** Makes compiled code look up its next instruction afresh. */
  refetch(): void;
}

export class TableWatch {
  private readonly view: DataView;
  /** One byte a RAM page: whether a walk has read from it since the last full flush. */
  private readonly tables: Uint8Array;
  private readonly marked: number[] = [];
  /** Leaf entry's physical address -> low half of the virtual page's address, or SEVERAL. */
  private readonly dependents = new Map<number, number>();

  constructor(
    memory: WebAssembly.Memory,
    ramBytes: number,
    private readonly ports: TableWatchPorts,
  ) {
    this.view = new DataView(memory.buffer);
    this.tables = new Uint8Array(ramBytes / PAGE_BYTES);
  }

  /** A walk has read the entry at `address`, in RAM. */
  read(address: number): void {
    const page = pageOf(address);
    if (this.tables[page] !== 0) return;
    this.tables[page] = 1;
    this.marked.push(page);
    this.ports.flushWrites();
  }

  /** A translation of the virtual page at `lo` was cached that rests on the leaf entry at `leaf`. */
  depends(leaf: number, level: number, lo: number): void {
    const page = lo & ~(PAGE_BYTES - 1);
    const known = this.dependents.get(leaf);
    if (known === page || known === SEVERAL) return;
    if (this.dependents.size >= MOST_DEPENDENTS) this.ports.flushAll();
    this.dependents.set(leaf, level > 0 || known !== undefined ? SEVERAL : page);
  }

  /** Whether a physical address lies in a page that holds page tables. */
  holds(address: number): boolean {
    return this.tables[pageOf(address)] !== 0;
  }

  /** RAM at [address, address + length), in one page that holds tables, is about to be stored to. */
  store(address: number, length: number): void {
    const first = address - (address % 8);
    for (let entry = first; entry < address + length; entry += 8) this.change(entry);
  }

  private change(entry: number): void {
    const word = this.view.getUint32(entry - DRAM_BASE + RAM_OFFSET, true);
    if ((word & VALID) === 0) return;
    if ((word & LEAF) === 0) {
      this.ports.flushAll();
    } else {
      const page = this.dependents.get(entry);
      if (page === undefined) return;
      this.dependents.delete(entry);
      if (page === SEVERAL) this.ports.flushAll();
      else this.ports.flushPage(page);
    }
    this.ports.refetch();
  }

  /** All cached translations have been forgotten: none depends on any table. */
  clear(): void {
    for (const page of this.marked) this.tables[page] = 0;
    this.marked.length = 0;
    this.dependents.clear();
  }
}
