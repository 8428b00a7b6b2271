/**
 * The semantics of instructions as WebAssembly: what every backend shares. A backend only says where operands come
 * from and where control goes; arithmetic, memory access through the software TLB, atomics, CSRs and floating point
 * are emitted here.
 */
import { HART, TLB_ENTRIES, TLB_ENTRY_BYTES } from '../hart/layout.js';
import type { AccessSize, FloatOperation, Semantics, SystemOperation } from '../isa/semantics.js';
import type { FunctionBuilder, FunctionRef, Local, ModuleBuilder } from './wasm/builder.js';
import {
  binary,
  binary64,
  constant32,
  constant64,
  emitted,
  load,
  localValue,
  unary,
  type Expression,
} from './wasm/expression.js';
import { I32, I64, OP, SIMD, type ValueType } from './wasm/opcodes.js';

/** Schoolbook multiplication in halves of 32 bits (Knuth, 4.3.1, algorithm M). */
export function declareMulHighU(module: ModuleBuilder): FunctionRef {
  return module.function([I64, I64], [I64], (f) => {
    const [a, b] = f.parameters as [Local, Local];
    const low = 0xffffffffn;
    const w1 = f.local(I64);
    const high = (local: Local): FunctionBuilder => f.get(local).i64(32n).op(OP.i64ShrU);
    const half = (local: Local): FunctionBuilder => f.get(local).i64(low).op(OP.i64And);
    high(a);
    half(b).op(OP.i64Mul);
    half(a);
    half(b).op(OP.i64Mul).i64(32n).op(OP.i64ShrU).op(OP.i64Add).set(w1);
    high(a);
    high(b).op(OP.i64Mul);
    high(w1).op(OP.i64Add);
    half(a);
    high(b).op(OP.i64Mul);
    half(w1).op(OP.i64Add).i64(32n).op(OP.i64ShrU).op(OP.i64Add);
  });
}

const LOADS: Record<AccessSize, readonly [signed: number, unsigned: number]> = {
  1: [OP.i64Load8S, OP.i64Load8U],
  2: [OP.i64Load16S, OP.i64Load16U],
  4: [OP.i64Load32S, OP.i64Load32U],
  8: [OP.i64Load, OP.i64Load],
};
export const loadOpcode = (size: AccessSize, signed: boolean): number => LOADS[size][signed ? 0 : 1];
export const STORES: Record<AccessSize, number> = {
  1: OP.i64Store8,
  2: OP.i64Store16,
  4: OP.i64Store32,
  8: OP.i64Store,
};

/** The TLBs that data is looked up in, by where their addresses are found. */
export type TlbPointer = 'readTlb' | 'writeTlb';

const FS_DIRTY = 3;
/** Floating-point operations whose result goes to an x register. */
const TO_INTEGER = /^(eq|lt|le|class|cvt\.(w|wu|l|lu))\./;
/** Rounding modes 0 to 4 are valid; 7 in an instruction defers to frm. */
const RM_LAST = 4;
const RM_DYNAMIC = 7;

const ZERO_VECTOR = new Array<number>(16).fill(0);
/** Which byte of a vector's lower half comes where. */
const REVERSED = [7, 6, 5, 4, 3, 2, 1, 0];

const PAGE_MASK = ~0xfffn;
/** Where a TLB index sits in an address once shifted right by 12 - 4 bits: already times 16. */
const TLB_INDEX_SHIFT = 8n;
const TLB_INDEX_MASK = (TLB_ENTRIES - 1) * TLB_ENTRY_BYTES;

export abstract class Emitter implements Semantics<Expression, Expression> {
  private readonly pool: { local: Local; free: boolean }[] = [];

  constructor(
    protected readonly code: FunctionBuilder,
    /** What `declareMulHighU` has declared in this module. */
    private readonly mulHighU: FunctionRef,
  ) {}

  // What a backend decides: where operands come from,
  abstract x(field: 'rs1' | 'rs2'): Expression;
  abstract setX(value: Expression): void;
  abstract f(field: 'rs1' | 'rs2' | 'rs3'): Expression;
  protected abstract writeF(value: Expression): void;
  abstract imm(): Expression;
  abstract pc(): Expression;
  abstract nextPc(): Expression;
  abstract uimm(): Expression;
  /** The rounding-mode field, i32, 7 meaning dynamic. */
  protected abstract rmField(): Expression;
  // where control goes,
  abstract jump(target: Expression): void;
  abstract jumpRelative(): void;
  abstract branchIf(condition: Expression): void;
  // and what happens where compiled code has no answer.
  /** Sets `at` to where in the shared memory a load finds its data, or leaves. */
  protected abstract missLoad(va: Expression, size: AccessSize, at: Local): void;
  /** Stores, or leaves. `scratch` is free to use. */
  protected abstract missStore(va: Expression, size: AccessSize, value: Expression, scratch: Local): void;
  /** Sets `at` to where an atomic access finds its data, or leaves. */
  protected abstract missAtomic(va: Expression, size: AccessSize, writes: boolean, at: Local): void;
  /** Ends in an illegal-instruction trap. */
  protected abstract illegal(): void;
  abstract csr(kind: 'write' | 'set' | 'clear', operand: Expression): Expression;
  abstract system(operation: SystemOperation): void;
  /** A floating-point operation on patterns; `rounding` is an i32, 0 to 4. */
  protected abstract applyFloat(
    operation: FloatOperation,
    rounding: Expression,
    operands: readonly Expression[],
  ): Expression;

  /** Forgets the temporaries of the previous instruction. */
  protected begin(): void {
    for (const entry of this.pool) entry.free = true;
  }

  protected temporary(type: ValueType): Local {
    const known = this.pool.find((entry) => entry.free && entry.local.type === type);
    if (known) {
      known.free = false;
      return known.local;
    }
    const local = this.code.local(type);
    this.pool.push({ local, free: false });
    return local;
  }

  const(value: bigint): Expression {
    return constant64(value);
  }

  let(value: Expression): Expression {
    if (value.constant !== undefined) return value;
    const local = this.temporary(value.type);
    value.emit(this.code);
    this.code.set(local);
    return localValue(local);
  }

  add(a: Expression, b: Expression): Expression {
    return binary64(OP.i64Add, a, b);
  }
  sub(a: Expression, b: Expression): Expression {
    return binary64(OP.i64Sub, a, b);
  }
  mul(a: Expression, b: Expression): Expression {
    return binary64(OP.i64Mul, a, b);
  }
  divS(a: Expression, b: Expression): Expression {
    return binary64(OP.i64DivS, a, b);
  }
  divU(a: Expression, b: Expression): Expression {
    return binary64(OP.i64DivU, a, b);
  }
  remS(a: Expression, b: Expression): Expression {
    return binary64(OP.i64RemS, a, b);
  }
  remU(a: Expression, b: Expression): Expression {
    return binary64(OP.i64RemU, a, b);
  }
  and(a: Expression, b: Expression): Expression {
    return binary64(OP.i64And, a, b);
  }
  or(a: Expression, b: Expression): Expression {
    return binary64(OP.i64Or, a, b);
  }
  xor(a: Expression, b: Expression): Expression {
    return binary64(OP.i64Xor, a, b);
  }
  shl(a: Expression, b: Expression): Expression {
    return binary64(OP.i64Shl, a, b);
  }
  shrS(a: Expression, b: Expression): Expression {
    return binary64(OP.i64ShrS, a, b);
  }
  shrU(a: Expression, b: Expression): Expression {
    return binary64(OP.i64ShrU, a, b);
  }
  rotl(a: Expression, b: Expression): Expression {
    return binary64(OP.i64Rotl, a, b);
  }
  rotr(a: Expression, b: Expression): Expression {
    return binary64(OP.i64Rotr, a, b);
  }
  rotlWord(a: Expression, b: Expression): Expression {
    return this.rotateWord(OP.i32Rotl, a, b);
  }
  rotrWord(a: Expression, b: Expression): Expression {
    return this.rotateWord(OP.i32Rotr, a, b);
  }
  private rotateWord(opcode: number, a: Expression, b: Expression): Expression {
    const word = (v: Expression): Expression => unary(OP.i32WrapI64, I32, v);
    return unary(OP.i64ExtendI32S, I64, binary(opcode, I32, word(a), word(b)));
  }
  /** WebAssembly moves bytes around in vectors only. */
  reverseBytes(a: Expression): Expression {
    return emitted(I64, (f) => {
      a.emit(f);
      f.simd(SIMD.i64x2Splat).simd(SIMD.v128Const, ...ZERO_VECTOR);
      f.simd(SIMD.i8x16Shuffle, ...REVERSED, ...REVERSED).simd(SIMD.i64x2ExtractLane, 0);
    });
  }
  clz(a: Expression): Expression {
    return unary(OP.i64Clz, I64, a);
  }
  ctz(a: Expression): Expression {
    return unary(OP.i64Ctz, I64, a);
  }
  popcount(a: Expression): Expression {
    return unary(OP.i64Popcnt, I64, a);
  }

  mulHigh(a: Expression, b: Expression, kind: 'ss' | 'uu' | 'su'): Expression {
    const x = this.let(a);
    const y = this.let(b);
    let high = emitted(I64, (f) => {
      x.emit(f);
      y.emit(f);
      f.call(this.mulHighU);
    });
    // A negative factor counts 2^64 too much: take the other one off the upper half.
    const sign = (v: Expression): Expression => this.shrS(v, this.const(63n));
    if (kind !== 'uu') high = this.sub(high, this.and(sign(x), y));
    if (kind === 'ss') high = this.sub(high, this.and(sign(y), x));
    return high;
  }

  sext(a: Expression, bits: 8 | 16 | 32): Expression {
    if (a.constant !== undefined) return constant64(BigInt.asIntN(bits, a.constant));
    return unary({ 8: OP.i64Extend8S, 16: OP.i64Extend16S, 32: OP.i64Extend32S }[bits], I64, a);
  }
  zext(a: Expression, bits: 8 | 16 | 32): Expression {
    return this.and(a, this.const((1n << BigInt(bits)) - 1n));
  }

  eq(a: Expression, b: Expression): Expression {
    return binary(OP.i64Eq, I32, a, b);
  }
  ne(a: Expression, b: Expression): Expression {
    return binary(OP.i64Ne, I32, a, b);
  }
  ltS(a: Expression, b: Expression): Expression {
    return binary(OP.i64LtS, I32, a, b);
  }
  ltU(a: Expression, b: Expression): Expression {
    return binary(OP.i64LtU, I32, a, b);
  }
  geS(a: Expression, b: Expression): Expression {
    return binary(OP.i64GeS, I32, a, b);
  }
  geU(a: Expression, b: Expression): Expression {
    return binary(OP.i64GeU, I32, a, b);
  }
  both(a: Expression, b: Expression): Expression {
    return binary(OP.i32And, I32, a, b);
  }
  bool(condition: Expression): Expression {
    return unary(OP.i64ExtendI32U, I64, condition);
  }
  select(condition: Expression, yes: Expression, no: Expression): Expression {
    return emitted(I64, (f) => {
      yes.emit(f);
      no.emit(f);
      condition.emit(f);
      f.op(OP.select);
    });
  }

  /** Pushes the address of the TLB that holds now. */
  protected pushTlb(tlb: TlbPointer): void {
    this.code.i32(0).memory(OP.i32Load, HART[tlb]);
  }

  /**
   * Looks `va` up in a TLB. Pushes an i32: whether the entry's tag is that of the page. Low
   * bits that `size` wants clear take part in the comparison, so a misaligned access misses.
   */
  protected pushLookup(va: Expression, size: AccessSize, tlb: TlbPointer, entry: Local): void {
    const f = this.code;
    va.emit(f);
    f.i64(TLB_INDEX_SHIFT).op(OP.i64ShrU).op(OP.i32WrapI64).i32(TLB_INDEX_MASK).op(OP.i32And);
    this.pushTlb(tlb);
    f.op(OP.i32Add).tee(entry).memory(OP.i64Load);
    va.emit(f);
    f.i64(PAGE_MASK | BigInt(size - 1))
      .op(OP.i64And)
      .op(OP.i64Eq);
  }

  /** Pushes where in the shared memory a byte at `va` lies, by a TLB entry that has been found. */
  protected pushHit(va: Expression, entry: Local): void {
    va.emit(this.code);
    this.code.op(OP.i32WrapI64).get(entry).memory(OP.i32Load, 8).op(OP.i32Add);
  }

  /** Where in the shared memory an access finds its data: by the TLB, or by `miss`. */
  private locate(va: Expression, size: AccessSize, tlb: TlbPointer, miss: (at: Local) => void): Local {
    const f = this.code;
    const at = this.temporary(I32);
    this.pushLookup(va, size, tlb, at);
    f.likely().if(
      () => {
        this.pushHit(va, at);
        f.set(at);
      },
      () => miss(at),
    );
    return at;
  }

  load(address: Expression, size: AccessSize, signed: boolean): Expression {
    const va = this.let(address);
    const at = this.locate(va, size, 'readTlb', (there) => this.missLoad(va, size, there));
    return this.let(load(loadOpcode(size, signed), I64, localValue(at)));
  }

  store(address: Expression, size: AccessSize, value: Expression): void {
    const f = this.code;
    const va = this.let(address);
    const entry = this.temporary(I32);
    this.pushLookup(va, size, 'writeTlb', entry);
    f.likely().if(
      () => {
        this.pushHit(va, entry);
        value.emit(f);
        f.memory(STORES[size]);
      },
      () => this.missStore(va, size, value, entry),
    );
  }

  /** As `locate`, for an atomic access; traps where it is misaligned, not allowed or not RAM. */
  private locateAtomic(va: Expression, size: 4 | 8, writes: boolean): Local {
    return this.locate(va, size, writes ? 'writeTlb' : 'readTlb', (at) => this.missAtomic(va, size, writes, at));
  }

  loadReserved(address: Expression, size: 4 | 8): Expression {
    const f = this.code;
    const va = this.let(address);
    const at = this.locateAtomic(va, size, false);
    const value = this.let(load(loadOpcode(size, true), I64, localValue(at)));
    f.i32(0).i32(1).memory(OP.i32Store, HART.reserved);
    f.i32(0);
    va.emit(f);
    f.memory(OP.i64Store, HART.reservation);
    f.i32(0);
    value.emit(f);
    f.memory(OP.i64Store, HART.reservedValue);
    return value;
  }

  storeConditional(address: Expression, size: 4 | 8, value: Expression): Expression {
    const f = this.code;
    const va = this.let(address);
    const lost = this.temporary(I64);
    f.i64(1n).set(lost);
    f.i32(0).memory(OP.i32Load, HART.reserved);
    f.i32(0).memory(OP.i64Load, HART.reservation);
    va.emit(f);
    f.op(OP.i64Eq)
      .op(OP.i32And)
      .if(() => {
        const at = this.locateAtomic(va, size, true);
        f.get(at).memory(loadOpcode(size, true));
        f.i32(0)
          .memory(OP.i64Load, HART.reservedValue)
          .op(OP.i64Eq)
          .if(() => {
            f.get(at);
            value.emit(f);
            f.memory(STORES[size]).i64(0n).set(lost);
          });
      });
    f.i32(0).i32(0).memory(OP.i32Store, HART.reserved);
    return localValue(lost);
  }

  atomic(address: Expression, size: 4 | 8, update: (old: Expression) => Expression): Expression {
    const f = this.code;
    const va = this.let(address);
    const at = this.locateAtomic(va, size, true);
    const old = this.let(load(loadOpcode(size, true), I64, localValue(at)));
    const updated = this.let(update(old));
    f.get(at);
    updated.emit(f);
    f.memory(STORES[size]);
    return old;
  }

  requireFloat(): void {
    this.code
      .i32(0)
      .memory(OP.i32Load, HART.fs)
      .op(OP.i32Eqz)
      .unlikely()
      .if(() => this.illegal());
  }

  setF(value: Expression): void {
    this.writeF(value);
    this.markFloatDirty();
  }

  roundingMode(): Expression {
    const f = this.code;
    const mode = this.temporary(I32);
    this.rmField().emit(f);
    f.tee(mode)
      .i32(RM_DYNAMIC)
      .op(OP.i32Eq)
      .if(() => {
        f.i32(0)
          .memory(OP.i32Load, HART.frm)
          .tee(mode)
          .i32(RM_LAST)
          .op(OP.i32GtU)
          .if(() => this.illegal());
      });
    return localValue(mode);
  }

  float(operation: FloatOperation, rounding: Expression, a: Expression, b?: Expression, c?: Expression): Expression {
    const operands = [a, b, c].filter((operand) => operand !== undefined);
    const f = this.code;
    const before = this.temporary(I32);
    const toInteger = TO_INTEGER.test(operation);
    if (toInteger) f.i32(0).memory(OP.i32Load, HART.fflags).set(before);
    // What does not round is told mode 0.
    const mode = rounding.type === I32 ? rounding : constant32(0);
    const result = this.let(this.applyFloat(operation, mode, operands));
    // What writes an x register makes the FP state dirty only by a new flag.
    if (toInteger) {
      f.get(before).i32(0).memory(OP.i32Load, HART.fflags).op(OP.i32Ne);
      f.if(() => this.markFloatDirty());
    }
    return result;
  }

  protected markFloatDirty(): void {
    this.code.i32(0).i32(FS_DIRTY).memory(OP.i32Store, HART.fs);
  }
}
