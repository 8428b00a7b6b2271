/**
 * Physical memory protection: sixteen regions of four-byte granularity, pmpcfg0, pmpcfg2 and pmpaddr0 to 15.
 * RISC-V privileged specification 20240411, section 3.7.
 */
import type { StateVisitor } from './state.js';
import type { Privilege } from './status.js';

/** What an access does: 0 fetch, 1 load, 2 store or AMO. */
export type Access = 0 | 1 | 2;

export const PMP_REGIONS = 16;

const R = 1;
const W = 2;
const X = 4;
const A_SHIFT = 3;
const TOR = 1;
const NA4 = 2;
const NAPOT = 3;
const L = 0x80;
const CFG_MASK = 0x9f;
/** Bits 55 to 2 of an address. */
const ADDRESS_MASK = (1n << 54n) - 1n;
const NEEDED: readonly number[] = [X, R, W];

const toNumber = Number;
const toBigint = BigInt;

const mode = (cfg: number): number => (cfg >> A_SHIFT) & 3;

/** Names of fields, made once: states are collected often. */
const CFG_NAMES = Array.from({ length: PMP_REGIONS }, (_, i) => `pmp${i}cfg`);
const ADDR_NAMES = Array.from({ length: PMP_REGIONS }, (_, i) => `pmpaddr${i}`);

export class Pmp {
  private readonly cfg = new Uint8Array(PMP_REGIONS);
  private readonly addr = new BigUint64Array(PMP_REGIONS);
  /** The regions that are not off or empty, in order of priority: first byte, first byte behind, configuration. */
  private count = 0;
  private readonly from = new Float64Array(PMP_REGIONS);
  private readonly to = new Float64Array(PMP_REGIONS);
  private readonly active = new Uint8Array(PMP_REGIONS);

  reset(): void {
    this.cfg.fill(0);
    this.addr.fill(0n);
    this.count = 0;
  }

  /** The first region becomes all of memory, with every right. */
  open(): void {
    this.writeAddr(0, ADDRESS_MASK);
    this.writeCfg(0, toBigint(R | W | X | (NAPOT << A_SHIFT)));
  }

  /** pmpcfg0 (`first` 0) or pmpcfg2 (`first` 8). */
  readCfg(first: number): bigint {
    let value = 0n;
    for (let i = 7; i >= 0; i--) value = (value << 8n) | BigInt(this.cfg[first + i]);
    return value;
  }

  /** Locked regions keep theirs; the reserved R=0, W=1 becomes R=0, W=0. Answers whether anything changed. */
  writeCfg(first: number, value: bigint): boolean {
    let changed = false;
    for (let i = 0; i < 8; i++) {
      const old = this.cfg[first + i];
      if ((old & L) !== 0) continue;
      let cfg = toNumber((value >> BigInt(8 * i)) & 0xffn) & CFG_MASK;
      if ((cfg & R) === 0) cfg &= ~W;
      this.cfg[first + i] = cfg;
      changed ||= cfg !== old;
    }
    if (changed) this.rebuild();
    return changed;
  }

  readAddr(index: number): bigint {
    return this.addr[index];
  }

  /** Locked by its own region, or by the next one where that is a locked TOR region. Answers whether anything changed. */
  writeAddr(index: number, value: bigint): boolean {
    if ((this.cfg[index] & L) !== 0) return false;
    if (index + 1 < PMP_REGIONS) {
      const next = this.cfg[index + 1];
      if ((next & L) !== 0 && mode(next) === TOR) return false;
    }
    const address = value & ADDRESS_MASK;
    if (this.addr[index] === address) return false;
    this.addr[index] = address;
    this.rebuild();
    return true;
  }

  /**
   * Whether `size` bytes at `physical` may be accessed. The first region that holds any of the bytes decides and must
   * hold all of them. Without one M-mode passes, S and U fail.
   */
  allows(physical: number, size: number, access: Access, privilege: Privilege): boolean {
    const { from, to, active, count } = this;
    const end = physical + size;
    for (let i = 0; i < count; i++) {
      if (end <= from[i] || physical >= to[i]) continue;
      if (physical < from[i] || end > to[i]) return false;
      const cfg = active[i];
      if (privilege === 3 && (cfg & L) === 0) return true;
      return (cfg & NEEDED[access]) !== 0;
    }
    return privilege === 3;
  }

  /** Answers whether the visitor handed back something else. */
  state(visitor: StateVisitor): boolean {
    let changed = false;
    for (let i = 0; i < PMP_REGIONS; i++) {
      const cfg = visitor.number(CFG_NAMES[i], this.cfg[i]);
      const addr = visitor.u64(ADDR_NAMES[i], this.addr[i]);
      changed ||= cfg !== this.cfg[i] || addr !== this.addr[i];
      this.cfg[i] = cfg;
      this.addr[i] = addr;
    }
    if (changed) this.rebuild();
    return changed;
  }

  private rebuild(): void {
    this.count = 0;
    for (let i = 0; i < PMP_REGIONS; i++) {
      const addr = this.addr[i];
      let from = addr << 2n;
      let to: bigint;
      switch (mode(this.cfg[i])) {
        case TOR:
          from = i === 0 ? 0n : this.addr[i - 1] << 2n;
          to = addr << 2n;
          break;
        case NA4:
          to = from + 4n;
          break;
        case NAPOT: {
          // The trailing ones of the address, and the zero above them, are the size.
          const ones = addr ^ (addr + 1n);
          from = (addr & ~ones) << 2n;
          to = from + ((ones + 1n) << 2n);
          break;
        }
        default:
          continue;
      }
      if (from >= to) continue;
      // Accesses lie below 2^53, and numbers from there on never round to below it.
      this.from[this.count] = toNumber(from);
      this.to[this.count] = toNumber(to);
      this.active[this.count] = this.cfg[i]!;
      this.count++;
    }
  }
}
