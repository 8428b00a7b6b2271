/**
 * The privilege mode and mstatus. RISC-V privileged specification 20240411, section 3.1.6.
 */
import type { Registers } from './registers.js';
import type { StateVisitor } from './state.js';

/** U, S, M. */
export type Privilege = 0 | 1 | 3;

export const MSTATUS = {
  SIE: 1 << 1,
  MIE: 1 << 3,
  SPIE: 1 << 5,
  MPIE: 1 << 7,
  SPP: 1 << 8,
  MPP: 3 << 11,
  FS: 3 << 13,
  MPRV: 1 << 17,
  SUM: 1 << 18,
  MXR: 1 << 19,
  TVM: 1 << 20,
  TW: 1 << 21,
  TSR: 1 << 22,
} as const;

const MPP_SHIFT = 11;
const FS_SHIFT = 13;

const { SIE, MIE, SPIE, MPIE, SPP, MPP, FS, MPRV, SUM, MXR, TVM, TW, TSR } = MSTATUS;
/** Bits held in `low`; MPP and FS are handled apart. */
const M_WRITABLE = SIE | MIE | SPIE | MPIE | SPP | MPRV | SUM | MXR | TVM | TW | TSR;
/** Those that sstatus shows. */
export const SSTATUS_WRITABLE = SIE | SPIE | SPP | SUM | MXR;
/** SXL and UXL say 64 bits, read-only. */
const SXL_UXL = 0xa_0000_0000n;
export const SSTATUS_UXL = 0x2_0000_0000n;
const SD = 1n << 63n;
const LOW_WORD = 0xffff_ffffn;

const toNumber = Number;
const toBigint = BigInt;

export class Status {
  privilege: Privilege = 3;

  constructor(private readonly registers: Registers) {}

  /** mstatus bits 31 to 0 without FS. Both live where compiled code can reach them. */
  get low(): number {
    return this.registers.status;
  }

  set low(value: number) {
    this.registers.status = value;
  }

  reset(): void {
    this.privilege = 3;
    this.low = 0;
  }

  get mpp(): Privilege {
    return ((this.low >> MPP_SHIFT) & 3) as Privilege;
  }

  /** The privilege with which loads and stores are checked: MPP under MPRV. */
  get dataPrivilege(): Privilege {
    return (this.low & MPRV) !== 0 ? this.mpp : this.privilege;
  }

  readMstatus(): bigint {
    const { fs } = this.registers;
    const value = toBigint(this.low | (fs << FS_SHIFT)) | SXL_UXL;
    return fs === 3 ? value | SD : value;
  }

  readSstatus(): bigint {
    const { fs } = this.registers;
    const value = toBigint((this.low & SSTATUS_WRITABLE) | (fs << FS_SHIFT)) | SSTATUS_UXL;
    return fs === 3 ? value | SD : value;
  }

  /** A write of the reserved MPP 2 keeps the old MPP. */
  writeMstatus(value: bigint): void {
    const word = toNumber(value & LOW_WORD) | 0;
    const mpp = ((word >> MPP_SHIFT) & 3) === 2 ? this.low & MPP : word & MPP;
    this.low = (word & M_WRITABLE) | mpp;
    this.registers.fs = (word & FS) >> FS_SHIFT;
  }

  writeSstatus(value: bigint): void {
    const word = toNumber(value & LOW_WORD) | 0;
    this.low = (this.low & ~SSTATUS_WRITABLE) | (word & SSTATUS_WRITABLE);
    this.registers.fs = (word & FS) >> FS_SHIFT;
  }

  /** Trap entry: the interrupt-enable and privilege stacks are pushed. */
  enterMachine(): void {
    let low = this.low & ~(MIE | MPIE | MPP);
    if ((this.low & MIE) !== 0) low |= MPIE;
    this.low = low | (this.privilege << MPP_SHIFT);
    this.privilege = 3;
  }

  enterSupervisor(): void {
    let low = this.low & ~(SIE | SPIE | SPP);
    if ((this.low & SIE) !== 0) low |= SPIE;
    if (this.privilege !== 0) low |= SPP;
    this.low = low;
    this.privilege = 1;
  }

  /** xRET: the stacks are popped; MPRV ends where execution leaves M-mode. */
  leaveMachine(): void {
    const { mpp } = this;
    let low = (this.low & ~(MIE | MPP)) | MPIE;
    if ((this.low & MPIE) !== 0) low |= MIE;
    if (mpp !== 3) low &= ~MPRV;
    this.low = low;
    this.privilege = mpp;
  }

  leaveSupervisor(): void {
    let low = (this.low & ~(SIE | SPP | MPRV)) | SPIE;
    if ((this.low & SPIE) !== 0) low |= SIE;
    this.privilege = (this.low & SPP) !== 0 ? 1 : 0;
    this.low = low;
  }

  state(visitor: StateVisitor): void {
    this.privilege = visitor.number('privilege', this.privilege) as Privilege;
    this.low = visitor.number('mstatus', this.low);
  }
}
