/**
 * Pending and enabled interrupts: mip, mie, mideleg, their supervisor views, and which interrupt is to be taken.
 * RISC-V privileged specification 20240411, sections 3.1.8, 3.1.9 and 4.1.3 (10.1.3).
 */
import { MSTATUS, type Status } from './status.js';
import type { StateVisitor } from './state.js';

/** Bit numbers in mip, which are the interrupts' cause codes too. */
export const INTERRUPT = { SSI: 1, MSI: 3, STI: 5, MTI: 7, SEI: 9, MEI: 11 } as const;
export type InterruptNumber = (typeof INTERRUPT)[keyof typeof INTERRUPT];
/** Interrupts with a line from outside the hart. */
export type LineNumber = 3 | 7 | 9 | 11;

const { SSI, MSI, STI, MTI, SEI, MEI } = INTERRUPT;
const SSIP = 1 << SSI;
const STIP = 1 << STI;
const SEIP = 1 << SEI;
const SUPERVISOR = SSIP | STIP | SEIP;
const ALL = SUPERVISOR | (1 << MSI) | (1 << MTI) | (1 << MEI);
const PRIORITY = [MEI, MSI, MTI, SEI, SSI, STI] as const;

export class Interrupts {
  mie = 0;
  mideleg = 0;
  /** Levels of the lines from outside. */
  private lines = 0;
  /** SSIP, STIP and SEIP as software (for STIP under Sstc: the comparator) has set them. */
  private software = 0;
  /** mip as it reads: the external SEIP line is ORed with the software bit. */
  mip = 0;

  constructor(private readonly status: Status) {}

  reset(): void {
    this.mie = 0;
    this.mideleg = 0;
    this.lines = 0;
    this.software = 0;
    this.mip = 0;
  }

  setLine(line: LineNumber, level: boolean): void {
    this.lines = level ? this.lines | (1 << line) : this.lines & ~(1 << line);
    this.mip = this.lines | this.software;
  }

  get timerPending(): boolean {
    return (this.mip & STIP) !== 0;
  }

  setTimer(level: boolean): void {
    this.setSoftware(STIP, level ? STIP : 0);
  }

  /** A write to mip; only the bits named in `touched` take part, so that SEIP's line never leaks into its software bit. */
  writeMip(value: number, touched: number, timerIsWritable: boolean): void {
    this.setSoftware(touched & (timerIsWritable ? SUPERVISOR : SSIP | SEIP), value);
  }

  writeMie(value: number): void {
    this.mie = value & ALL;
  }

  writeMideleg(value: number): void {
    this.mideleg = value & SUPERVISOR;
  }

  get sip(): number {
    return this.mip & this.mideleg;
  }

  /** Only SSIP can be written from S-mode. */
  writeSip(value: number): void {
    this.setSoftware(SSIP & this.mideleg, value);
  }

  get sie(): number {
    return this.mie & this.mideleg;
  }

  writeSie(value: number): void {
    this.mie = (this.mie & ~this.mideleg) | (value & this.mideleg);
  }

  /** What ends a wfi, whatever the global enables and delegation say. */
  get wakes(): boolean {
    return (this.mip & this.mie) !== 0;
  }

  /** The interrupts that may be taken now, as bits: those for M-mode, or where there are none those for S-mode. */
  takeable(): number {
    const pending = this.mip & this.mie;
    if (pending === 0) return 0;
    const { privilege, low } = this.status;
    if (privilege < 3 || (low & MSTATUS.MIE) !== 0) {
      const machine = pending & ~this.mideleg;
      if (machine !== 0) return machine;
    }
    if (privilege < 1 || (privilege === 1 && (low & MSTATUS.SIE) !== 0)) return pending & this.mideleg;
    return 0;
  }

  /** The interrupt to take now, or -1. */
  next(): InterruptNumber | -1 {
    const takeable = this.takeable();
    if (takeable === 0) return -1;
    for (const number of PRIORITY) if ((takeable & (1 << number)) !== 0) return number;
    return -1;
  }

  state(visitor: StateVisitor): void {
    this.mie = visitor.number('mie', this.mie);
    this.mideleg = visitor.number('mideleg', this.mideleg);
    this.lines = visitor.number('mip.lines', this.lines);
    this.software = visitor.number('mip.software', this.software);
    this.mip = this.lines | this.software;
  }

  private setSoftware(mask: number, value: number): void {
    this.software = (this.software & ~mask) | (value & mask);
    this.mip = this.lines | this.software;
  }
}
