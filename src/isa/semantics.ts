/**
 * The abstract machine over which every instruction's meaning is written, once.
 *
 * A backend chooses what a value is: a WebAssembly expression whose operands are read from a decoded record (the
 * interpreter), one whose operands are known already (the translator), or a bigint (the tests' evaluator). `V` is a
 * 64-bit pattern, `C` a condition. RISC-V unprivileged specification 20240411.
 *
 * Rules for semantics: values are evaluated where they are used, so a value that is used twice, or read before a
 * register write and used after it, goes through `let`; whatever can trap comes before the write of `rd`.
 */

/** Size of a memory access in bytes. */
export type AccessSize = 1 | 2 | 4 | 8;

/** A floating-point format: binary32 or binary64. */
export type FloatFormat = 's' | 'd';

/**
 * Floating-point operations; operands and results are bit patterns (binary32 in the low 32 bits, unboxed, upper half
 * zero). Flags accrue in `fflags` inside. `cvt.<to>.<from>`: integer results of 32 bits come sign-extended.
 */
export type FloatOperation =
  | `${'add' | 'sub' | 'mul' | 'div' | 'sqrt' | 'madd' | 'min' | 'max' | 'eq' | 'lt' | 'le' | 'class'}.${FloatFormat}`
  | `cvt.${'w' | 'wu' | 'l' | 'lu'}.${FloatFormat}`
  | `cvt.${FloatFormat}.${'w' | 'wu' | 'l' | 'lu'}`
  | 'cvt.s.d'
  | 'cvt.d.s';

/** Instructions whose whole meaning is the hart's: privilege, traps, waiting and ordering. */
export type SystemOperation = 'ecall' | 'ebreak' | 'mret' | 'sret' | 'wfi' | 'sfence.vma' | 'fence.i';

export interface Semantics<V, C> {
  // Operands. `x('rd')` does not exist: no base instruction reads its destination.
  x(field: 'rs1' | 'rs2'): V;
  setX(value: V): void;
  /** A floating-point register as its raw 64 bits. */
  f(field: 'rs1' | 'rs2' | 'rs3'): V;
  /** Writes all 64 bits of the destination and marks the FP state dirty. */
  setF(value: V): void;
  /** The immediate, sign-extended to 64 bits (shift amounts are zero-extended by their patterns). */
  imm(): V;
  /** Address of this instruction, and of the one behind it. */
  pc(): V;
  nextPc(): V;

  const(value: bigint): V;
  /** Evaluates now and may be used any number of times afterwards. */
  let(value: V): V;

  // 64-bit integer arithmetic, modulo 2^64; shift amounts are taken modulo 64.
  add(a: V, b: V): V;
  sub(a: V, b: V): V;
  mul(a: V, b: V): V;
  /** Upper halves of 128-bit products: signed, unsigned, signed times unsigned. */
  mulHigh(a: V, b: V, kind: 'ss' | 'uu' | 'su'): V;
  /** Division as hardware does it: the caller keeps zero divisors and signed overflow away. */
  divS(a: V, b: V): V;
  divU(a: V, b: V): V;
  remS(a: V, b: V): V;
  remU(a: V, b: V): V;
  and(a: V, b: V): V;
  or(a: V, b: V): V;
  xor(a: V, b: V): V;
  shl(a: V, b: V): V;
  shrS(a: V, b: V): V;
  shrU(a: V, b: V): V;
  rotl(a: V, b: V): V;
  rotr(a: V, b: V): V;
  /** The low 32 bits rotated, by an amount modulo 32, and sign-extended. */
  rotlWord(a: V, b: V): V;
  rotrWord(a: V, b: V): V;
  reverseBytes(a: V): V;
  clz(a: V): V;
  ctz(a: V): V;
  popcount(a: V): V;
  /** Sign or zero extension of the low 8, 16 or 32 bits. */
  sext(a: V, bits: 8 | 16 | 32): V;
  zext(a: V, bits: 8 | 16 | 32): V;

  // Conditions.
  eq(a: V, b: V): C;
  ne(a: V, b: V): C;
  ltS(a: V, b: V): C;
  ltU(a: V, b: V): C;
  geS(a: V, b: V): C;
  geU(a: V, b: V): C;
  both(a: C, b: C): C;
  /** 1 or 0. */
  bool(condition: C): V;
  /** Both values are evaluated. */
  select(condition: C, yes: V, no: V): V;

  // Memory, at virtual addresses; each may trap. Loads of less than 8 bytes are extended as told.
  load(address: V, size: AccessSize, signed: boolean): V;
  store(address: V, size: AccessSize, value: V): void;
  loadReserved(address: V, size: 4 | 8): V;
  /** 0 when the store was done, 1 when the reservation was lost. */
  storeConditional(address: V, size: 4 | 8, value: V): V;
  /** Read, modify, write; answers the old value (sign-extended from 4 bytes). */
  atomic(address: V, size: 4 | 8, update: (old: V) => V): V;

  // Control flow. At most one of these ends the semantics.
  jump(target: V): void;
  /** To pc + imm. */
  jumpRelative(): void;
  branchIf(condition: C): void;

  // Floating point.
  /** Raises an illegal instruction where mstatus.FS is Off. Comes first in every F and D instruction. */
  requireFloat(): void;
  /** The instruction's rounding mode 0-4, resolved through frm; raises an illegal instruction for a reserved one. */
  roundingMode(): V;
  /** `rounding` is ignored by operations that do not round. */
  float(operation: FloatOperation, rounding: V, a: V, b?: V, c?: V): V;

  /** A Zicsr access: the register named in the instruction is written, or has bits set or cleared; answers the old value. */
  csr(kind: 'write' | 'set' | 'clear', operand: V): V;
  /** The five-bit unsigned immediate in the place of rs1 (csrrwi and its kin). */
  uimm(): V;
  system(operation: SystemOperation): void;
}
