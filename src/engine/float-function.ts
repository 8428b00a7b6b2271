/**
 * What every fast floating-point function is made of: operands as native numbers, the way out to software floating
 * point, the inexact flag, and error-free additions.
 *
 * A fast function computes with WebAssembly's own operations, which round to nearest even and raise no flags, and
 * answers only where result and flags are certain (RISC-V unprivileged specification, chapters "F" and "D"); it never
 * answers with a NaN of WebAssembly's, whose bits are not determined. All else goes to the slow path.
 *
 * NX being sticky, most operations find it set, and then need not find out whether they are exact.
 */
import { HART } from '../hart/layout.js';
import type { FunctionBuilder, FunctionRef, Label, Local, ModuleBuilder } from './wasm/builder.js';
import { localValue, type Expression } from './wasm/expression.js';
import { F32, F64, I32, I64, OP, type ValueType } from './wasm/opcodes.js';

/** A native format: its operations and constants. */
export interface NativeFormat {
  readonly type: typeof F32 | typeof F64;
  readonly add: number;
  readonly sub: number;
  readonly mul: number;
  readonly div: number;
  readonly sqrt: number;
  readonly abs: number;
  readonly min: number;
  readonly max: number;
  readonly eq: number;
  readonly ne: number;
  readonly lt: number;
  readonly le: number;
  readonly gt: number;
  readonly minNormal: number;
  readonly constant: (f: FunctionBuilder, value: number) => FunctionBuilder;
  /** From an i64 pattern to a number, and back. */
  readonly fromBits: (f: FunctionBuilder) => FunctionBuilder;
  readonly toBits: (f: FunctionBuilder) => FunctionBuilder;
}

export const SINGLE: NativeFormat = {
  type: F32,
  add: OP.f32Add,
  sub: OP.f32Sub,
  mul: OP.f32Mul,
  div: OP.f32Div,
  sqrt: OP.f32Sqrt,
  abs: OP.f32Abs,
  min: OP.f32Min,
  max: OP.f32Max,
  eq: OP.f32Eq,
  ne: OP.f32Ne,
  lt: OP.f32Lt,
  le: OP.f32Le,
  gt: OP.f32Gt,
  minNormal: 2 ** -126,
  constant: (f, value) => f.f32(value),
  fromBits: (f) => f.op(OP.i32WrapI64).op(OP.f32ReinterpretI32),
  toBits: (f) => f.op(OP.i32ReinterpretF32).op(OP.i64ExtendI32U),
};

export const DOUBLE: NativeFormat = {
  type: F64,
  add: OP.f64Add,
  sub: OP.f64Sub,
  mul: OP.f64Mul,
  div: OP.f64Div,
  sqrt: OP.f64Sqrt,
  abs: OP.f64Abs,
  min: OP.f64Min,
  max: OP.f64Max,
  eq: OP.f64Eq,
  ne: OP.f64Ne,
  lt: OP.f64Lt,
  le: OP.f64Le,
  gt: OP.f64Gt,
  minNormal: 2 ** -1022,
  constant: (f, value) => f.f64(value),
  fromBits: (f) => f.op(OP.f64ReinterpretI64),
  toBits: (f) => f.op(OP.i64ReinterpretF64),
};

const NX = 1;

/** What fast paths call. */
export interface FloatCallees {
  /** (x, y, z: i64) -> i32: whether the normal double z, close to x * y, is not x * y. */
  readonly productDiffers: FunctionRef;
}

/** One fast function while it is emitted. Methods that push leave a value on WebAssembly's stack. */
export class FloatFunction {
  constructor(
    readonly f: FunctionBuilder,
    /** i32, 0 to 4 in RISC-V's encoding. */
    readonly rounding: Expression,
    /** Operands as i64 patterns. */
    readonly patterns: readonly Local[],
    readonly callees: FloatCallees,
    /** A branch there hands the operation over to the slow path. */
    readonly slow: Label,
    /** A branch there, the result on the stack, ends the fast path. */
    readonly done: Label,
    /** A local to keep something in. */
    private readonly local: (type: ValueType) => Local,
  ) {}

  /** The operands as numbers of `format`. */
  numbers(format: NativeFormat): Local[] {
    return this.patterns.map((pattern) => this.keep(format.type, (f) => format.fromBits(f.get(pattern))));
  }

  /** A local that holds what `push` pushes. */
  keep(type: ValueType, push: (f: FunctionBuilder) => unknown): Local {
    const local = this.local(type);
    push(this.f);
    this.f.set(local);
    return local;
  }

  /** Goes slow unless rounding to nearest even: 0. */
  requireNearestEven(): void {
    if (this.rounding.constant === 0n) return;
    this.rounding.emit(this.f);
    this.f.brIf(this.slow);
  }

  /** Goes slow where `value` is infinite or NaN. */
  requireFinite(format: NativeFormat, value: Local): void {
    format.constant(this.f.get(value).op(format.abs), Infinity).op(format.lt).op(OP.i32Eqz).brIf(this.slow);
  }

  /** Emits `body` for the case that NX is clear: the only one in which it matters whether a result is exact. */
  whereExactnessMatters(body: () => void): void {
    this.f.i32(0).memory(OP.i32Load, HART.fflags).i32(NX).op(OP.i32And).op(OP.i32Eqz).if(body);
  }

  /** Takes an i32 condition from the stack: sets NX where it holds. */
  inexactIf(): void {
    this.f.if(() =>
      this.f.i32(0).i32(0).memory(OP.i32Load, HART.fflags).i32(NX).op(OP.i32Or).memory(OP.i32Store, HART.fflags),
    );
  }

  /**
   * The rounding error of `sum` = a + b, which is exact unless something overflows, and then infinite or NaN (Knuth's
   * TwoSum; The Art of Computer Programming 4.2.2, theorem B).
   */
  additionError(format: NativeFormat, a: Local, b: Local, sum: Local): Local {
    const part = this.keep(format.type, (f) => f.get(sum).get(a).op(format.sub));
    return this.keep(format.type, (f) => {
      f.get(a).get(sum).get(part).op(format.sub).op(format.sub);
      f.get(b).get(part).op(format.sub).op(format.add);
    });
  }

  /**
   * Rounds to odd: `sum` is the nearest double to an exact value, `error` what it lacks. An inexact value becomes
   * that of its two neighbours whose last bit is 1, so that rounding once more, to nearest and to less precision by two
   * bits or more, is as good as rounding the exact value (Boldo and Melquiond, Emulation of a FMA and correctly rounded
   * sums: proved algorithms using rounding to odd).
   */
  roundToOdd(sum: Local, error: Local): void {
    const f = this.f;
    f.get(error)
      .f64(0)
      .op(OP.f64Ne)
      .if(() => {
        const bits = this.keep(I64, () => f.get(sum).op(OP.i64ReinterpretF64));
        f.get(bits)
          .op(OP.i32WrapI64)
          .i32(1)
          .op(OP.i32And)
          .op(OP.i32Eqz)
          .if(() => {
            // One place further from zero, or nearer to it where the error's sign is the other one.
            f.get(bits).i64(1n);
            f.get(bits).get(error).op(OP.i64ReinterpretF64).op(OP.i64Xor).i64(63n).op(OP.i64ShrS).i64(1n).op(OP.i64Shl);
            f.op(OP.i64Add).op(OP.i64Add).op(OP.f64ReinterpretI64).set(sum);
          });
      });
  }
}

/** Emits the fast path; it leaves the result, an i64, on the stack. */
export type FastPath = (body: FloatFunction) => void;

/**
 * Declares the function of an operation that `slowly`, of type (operation, rounding: i32, a, b, c: i64) -> i64, knows as `operation`, with `operands` operands:
 * (rounding: i32, patterns: i64 ...) -> i64. Where `fast` gives up, the slow path answers.
 */
export function declareFloatFunction(
  module: ModuleBuilder,
  callees: FloatCallees,
  slowly: FunctionRef,
  operation: number,
  operands: number,
  fast: FastPath,
): FunctionRef {
  const patternTypes = Array.from({ length: operands }, (): ValueType => I64);
  return module.function([I32, ...patternTypes], [I64], (f) => {
    const [rounding, ...patterns] = f.parameters as [Local, ...Local[]];
    const local = (type: ValueType): Local => f.local(type);
    f.block((done) => {
      f.block((slow) => {
        fast(new FloatFunction(f, localValue(rounding), patterns, callees, slow, done, local));
        f.br(done);
      });
      f.i32(operation).get(rounding);
      for (const pattern of patterns) f.get(pattern);
      for (let missing = operands; missing < 3; missing++) f.i64(0n);
      f.call(slowly);
    }, I64);
  });
}
