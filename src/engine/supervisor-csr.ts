/**
 * CSR accesses that compiled code does itself: those of S-mode that a kernel makes all the time, to let interrupts in and
 * keep them out, to reach user memory, and to enter and leave a trap. Whatever else they might change is the hart's.
 */
import { HART, readTlbOf, writeTlbOf } from '../hart/layout.js';
import { MSTATUS, SSTATUS_UXL, SSTATUS_WRITABLE } from '../hart/status.js';
import { CSR } from '../isa/csrs.js';
import type { Decoded } from '../isa/instruction.js';
import type { TlbPointer } from './emitter.js';
import type { FunctionBuilder, Label, Local } from './wasm/builder.js';
import type { Expression } from './wasm/expression.js';
import { OP } from './wasm/opcodes.js';

export type CsrKind = 'write' | 'set' | 'clear';

const { SIE, SUM, FS } = MSTATUS;
/** What may be set and cleared here: nothing else depends on it but, on SUM, which TLBs hold. */
const OWN = SIE | SUM;
const FOREIGN = (SSTATUS_WRITABLE | FS) & ~OWN;
const FS_SHIFT = 13;
const FS_DIRTY = 3;
const SD_SHIFT = 63n;
/** sscratch, sepc, scause and stval, one behind the other. */
const FIRST_TRAP_CSR = CSR.sscratch;
export const TRAP_CSRS = 4;

/** An access, with its operand evaluated. */
export interface CsrAccess {
  readonly kind: CsrKind;
  readonly operand: Expression;
  /** Gets the old value, i64. */
  readonly old: Local;
  /** Free to use, i32 both. */
  readonly scratch: readonly [Local, Local];
  /** Goes to where the hart does it: nothing has been changed. */
  readonly slow: Label;
}

/** Whether compiled code can do this instruction in S-mode. */
export function isSupervisorCsr({ instruction, imm }: Decoded): boolean {
  if (instruction.extension !== 'Zicsr') return false;
  return isTrapCsr(imm) || (imm === CSR.sstatus && !instruction.name.startsWith('csrrw'));
}

const isTrapCsr = (number: number): boolean => number >= FIRST_TRAP_CSR && number < FIRST_TRAP_CSR + TRAP_CSRS;

/** Goes to `slow` unless the hart is in S-mode. */
export function emitSupervisorOnly(f: FunctionBuilder, slow: Label): void {
  f.i32(0).memory(OP.i32Load, HART.supervisor).op(OP.i32Eqz).unlikely().brIf(slow);
}

/** Sets or clears bits of sstatus. `selectTlb` is told the TLBs that hold behind it. */
export function emitStatusAccess(
  f: FunctionBuilder,
  { kind, operand, old, scratch: [bits, fs], slow }: CsrAccess,
  selectTlb: (tlb: TlbPointer, address: number) => void,
): void {
  const sets = kind === 'set';
  const constant = operand.constant === undefined ? undefined : Number(operand.constant & 0xffff_ffffn) | 0;
  operand.emit(f);
  f.op(OP.i32WrapI64).set(bits);
  if (constant === undefined || (constant & FOREIGN) !== 0)
    f.get(bits).i32(FOREIGN).op(OP.i32And).unlikely().brIf(slow);
  if (sets && (constant === undefined || (constant & SIE) !== 0)) {
    // Where an interrupt waits it is taken now.
    f.get(bits).i32(SIE).op(OP.i32And).op(OP.i32Eqz).op(OP.i32Eqz);
    f.i32(0).memory(OP.i32Load, HART.pending).op(OP.i32Eqz).op(OP.i32Eqz).op(OP.i32And).unlikely().brIf(slow);
  }
  f.i32(0).memory(OP.i32Load, HART.status).i32(SSTATUS_WRITABLE).op(OP.i32And);
  f.i32(0).memory(OP.i32Load, HART.fs).tee(fs).i32(FS_SHIFT).op(OP.i32Shl).op(OP.i32Or);
  f.op(OP.i64ExtendI32U).i64(SSTATUS_UXL).op(OP.i64Or);
  f.get(fs).i32(FS_DIRTY).op(OP.i32Eq).op(OP.i64ExtendI32U).i64(SD_SHIFT).op(OP.i64Shl).op(OP.i64Or).set(old);
  f.i32(0).i32(0).memory(OP.i32Load, HART.status).get(bits).i32(OWN).op(OP.i32And);
  if (sets) f.op(OP.i32Or);
  else f.i32(-1).op(OP.i32Xor).op(OP.i32And);
  f.memory(OP.i32Store, HART.status);
  if (constant !== undefined && (constant & SUM) === 0) return;
  f.get(bits).i32(SUM).op(OP.i32And);
  f.if(() => {
    const context = sets ? 2 : 1;
    selectTlb('readTlb', readTlbOf(context));
    selectTlb('writeTlb', writeTlbOf(context));
  });
}

/** One of the CSRs that describe a trap. `index` is its place from the first of them on, i32. */
export function emitTrapCsrAccess(
  f: FunctionBuilder,
  { kind, operand, old }: Omit<CsrAccess, 'scratch' | 'slow'>,
  index: Expression,
): void {
  const pushAddress = (): unknown => {
    index.emit(f);
    return f.i32(3).op(OP.i32Shl);
  };
  pushAddress();
  f.memory(OP.i64Load, HART.supervisorTrap).set(old);
  pushAddress();
  if (kind !== 'write') f.get(old);
  operand.emit(f);
  if (kind === 'set') f.op(OP.i64Or);
  else if (kind === 'clear') f.i64(-1n).op(OP.i64Xor).op(OP.i64And);
  // sepc[0] is always zero.
  index.emit(f);
  f.i32(CSR.sepc - FIRST_TRAP_CSR)
    .op(OP.i32Eq)
    .op(OP.i64ExtendI32U);
  f.i64(-1n).op(OP.i64Xor).op(OP.i64And);
  f.memory(OP.i64Store, HART.supervisorTrap);
}

/** The place of the CSR with a number among those that describe a trap. */
export const trapCsrIndex = (number: number): number => number - FIRST_TRAP_CSR;
