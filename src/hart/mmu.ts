/**
 * Address translation: satp, the Sv39 page-table walk with accessed and dirty bits updated in hardware, and the PMP
 * checks of the walk and of its result. RISC-V privileged specification 20240411, sections 10.1.11, 10.3 and 10.4.
 * Virtual addresses come as two 32-bit halves: this is the path of a TLB miss and does without bigint.
 */
import type { Bus, HartPorts } from './bus.js';
import { DRAM_BASE, RAM_OFFSET } from './layout.js';
import type { Access, Pmp } from './pmp.js';
import type { StateVisitor } from './state.js';
import { MSTATUS, type Privilege, type Status } from './status.js';
import { CAUSE } from './trap.js';

const V = 1;
const R = 2;
const W = 4;
const X = 8;
const U = 16;
const A = 64;
const D = 128;

const SV39 = 8n;
const PPN_MASK = (1n << 44n) - 1n;
const PAGE_FAULT: readonly number[] = [CAUSE.fetchPage, CAUSE.loadPage, CAUSE.storePage];
const ACCESS_FAULT: readonly number[] = [CAUSE.fetchAccess, CAUSE.loadAccess, CAUSE.storeAccess];
/** Nothing lies at or above 2^53. */
const LARGEST_HIGH = 2 ** 21;
const WORD = 2 ** 32;
const PAGE = 4096;

export class Mmu {
  satp = 0n;
  /** Exception code of the translation that failed last. */
  faultCause = 0;
  /** Physical address and level of the entry that made the last translation; -1 where no table did. */
  leaf = -1;
  leafLevel = 0;
  private paging = false;
  /** Physical address of the root page table. */
  private root = 0;
  private readonly words: Int32Array;
  private readonly ramEnd: number;

  constructor(
    memory: WebAssembly.Memory,
    bus: Bus,
    private readonly ports: HartPorts,
    private readonly status: Status,
    private readonly pmp: Pmp,
  ) {
    this.words = new Int32Array(memory.buffer);
    this.ramEnd = DRAM_BASE + bus.ramBytes;
  }

  reset(): void {
    this.setSatp(0n);
  }

  /** Modes Bare and Sv39; a write of another mode changes nothing. Answers whether anything changed. */
  writeSatp(value: bigint): boolean {
    const mode = value >> 60n;
    if ((mode !== 0n && mode !== SV39) || value === this.satp) return false;
    this.setSatp(value);
    return true;
  }

  /**
   * Physical address of the virtual address (hi, lo) for an access of `size` bytes that lies within one page, or -1
   * with the exception in `faultCause`.
   */
  translate(hi: number, lo: number, access: Access, size: number): number {
    const privilege = this.privilegeOf(access);
    this.leaf = -1;
    const physical =
      this.paging && privilege !== 3
        ? this.walk(hi, lo, access, privilege)
        : hi >>> 0 < LARGEST_HIGH
          ? (hi >>> 0) * WORD + (lo >>> 0)
          : this.fault(ACCESS_FAULT, access);
    if (physical < 0) return -1;
    if (!this.pmp.allows(physical, size, access, privilege)) return this.fault(ACCESS_FAULT, access);
    return physical;
  }

  /** Physical address of the root page table; -1 where there is none, or none of which a walk may read all. */
  get rootTable(): number {
    const { root } = this;
    const readable = root >= DRAM_BASE && root + PAGE <= this.ramEnd && this.pmp.allows(root, PAGE, 1, 1);
    return this.paging && readable ? root : -1;
  }

  /** Whether the same access is allowed to every byte of the page around `physical`, by any size, and that page is RAM. */
  cacheable(physical: number, access: Access): boolean {
    if (physical < DRAM_BASE || physical >= this.ramEnd) return false;
    return this.pmp.allows(physical - (physical % PAGE), PAGE, access, this.privilegeOf(access));
  }

  /** Whether M-mode may load from and store to every byte of RAM, by any size. */
  isOpen(): boolean {
    const { pmp, ramEnd } = this;
    return pmp.allows(DRAM_BASE, ramEnd - DRAM_BASE, 1, 3) && pmp.allows(DRAM_BASE, ramEnd - DRAM_BASE, 2, 3);
  }

  /** Answers whether the visitor handed back another satp. */
  state(visitor: StateVisitor): boolean {
    const satp = visitor.u64('satp', this.satp);
    const changed = satp !== this.satp;
    if (changed) this.setSatp(satp);
    return changed;
  }

  private setSatp(value: bigint): void {
    this.satp = value;
    this.paging = value >> 60n === SV39;
    this.root = Number(value & PPN_MASK) * PAGE;
  }

  private privilegeOf(access: Access): Privilege {
    return access === 0 ? this.status.privilege : this.status.dataPrivilege;
  }

  private fault(causes: readonly number[], access: Access): -1 {
    this.faultCause = causes[access]!;
    return -1;
  }

  private walk(hi: number, lo: number, access: Access, privilege: Privilege): number {
    // Bits 63 to 39 must equal bit 38.
    const sign = hi >> 6;
    if (sign !== 0 && sign !== -1) return this.fault(PAGE_FAULT, access);
    let table = this.root;
    for (let level = 2; level >= 0; level--) {
      const index =
        level === 2 ? ((hi & 0x7f) << 2) | (lo >>> 30) : level === 1 ? (lo >>> 21) & 0x1ff : (lo >>> 12) & 0x1ff;
      const at = table + index * 8;
      // Page tables are read from RAM only, as S-mode would.
      if (at < DRAM_BASE || at + 8 > this.ramEnd || !this.pmp.allows(at, 8, 1, 1)) {
        return this.fault(ACCESS_FAULT, access);
      }
      this.ports.tableRead(at, hi < 0, level);
      const word = (at - DRAM_BASE + RAM_OFFSET) / 4;
      const pte = this.words[word];
      const pteHigh = this.words[word + 1];
      // Bits 63 to 54 are reserved: neither Svnapot nor Svpbmt is there.
      if ((pte & V) === 0 || (pte & (R | W)) === W || pteHigh >>> 22 !== 0) return this.fault(PAGE_FAULT, access);
      if ((pte & (R | X)) === 0) {
        if ((pte & (D | A | U)) !== 0) return this.fault(PAGE_FAULT, access);
        table = (pteHigh * 2 ** 22 + (pte >>> 10)) * PAGE;
        continue;
      }
      const offsetMask = level === 2 ? 0x3fff_ffff : level === 1 ? 0x1f_ffff : 0xfff;
      if (!this.permits(pte, access, privilege) || ((pte >>> 10) & (offsetMask >>> 12)) !== 0) {
        return this.fault(PAGE_FAULT, access);
      }
      const marks = access === 2 ? A | D : A;
      if ((pte & marks) !== marks) {
        if (!this.pmp.allows(at, 8, 2, 1)) return this.fault(ACCESS_FAULT, access);
        this.words[word] = pte | marks;
        this.ports.tableMarked(at);
      }
      this.leaf = at;
      this.leafLevel = level;
      const physical = (pteHigh * 2 ** 22 + (pte >>> 10)) * PAGE + (lo & offsetMask);
      return physical < LARGEST_HIGH * WORD ? physical : this.fault(ACCESS_FAULT, access);
    }
    return this.fault(PAGE_FAULT, access);
  }

  private permits(pte: number, access: Access, privilege: Privilege): boolean {
    if ((pte & U) !== 0) {
      // S-mode never executes user pages, and touches their data only under SUM.
      if (privilege === 1 && (access === 0 || (this.status.low & MSTATUS.SUM) === 0)) return false;
    } else if (privilege === 0) {
      return false;
    }
    if (access === 0) return (pte & X) !== 0;
    if (access === 2) return (pte & W) !== 0;
    return (pte & R) !== 0 || ((pte & X) !== 0 && (this.status.low & MSTATUS.MXR) !== 0);
  }
}
