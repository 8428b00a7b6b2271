/**
 * Fast comparison, minimum and maximum, classification, and conversion.
 *
 * IEEE 754-2019 clauses 5.4.1, 5.8, 5.11 and 9.6, RISC-V unprivileged specification, chapters "F" and "D".
 */
import { DOUBLE, SINGLE, type FastPath, type FloatFunction, type NativeFormat } from './float-function.js';
import type { FunctionBuilder, Local } from './wasm/builder.js';
import { F32, F64, I32, I64, OP, TRUNC_SAT } from './wasm/opcodes.js';

/** Goes slow where an operand is NaN: the NaNs' flags and results are the slow path's. */
function requireOrdered(body: FloatFunction, format: NativeFormat, operands: readonly Local[]): void {
  for (const operand of operands) body.f.get(operand).get(operand).op(format.ne).brIf(body.slow);
}

/** One native comparison. */
export function comparison(format: NativeFormat, predicate: 'eq' | 'lt' | 'le'): FastPath {
  return (body) => {
    const { f } = body;
    const [a, b] = body.numbers(format) as [Local, Local];
    requireOrdered(body, format, [a, b]);
    f.get(a).get(b).op(format[predicate]).op(OP.i64ExtendI32U);
  };
}

/** WebAssembly's minimum and maximum know -0 from +0 as RISC-V's do. */
export function extremum(format: NativeFormat, which: 'min' | 'max'): FastPath {
  return (body) => {
    const { f } = body;
    const [a, b] = body.numbers(format) as [Local, Local];
    requireOrdered(body, format, [a, b]);
    format.toBits(f.get(a).get(b).op(format[which]));
  };
}

/** The class of a normal number or a zero; the others are for the slow path. */
export function classification(format: NativeFormat): FastPath {
  return (body) => {
    const { f, slow } = body;
    const [a] = body.numbers(format) as [Local];
    const [pattern] = body.patterns as [Local];
    body.requireFinite(format, a);
    const negative = body.keep(I32, () => {
      f.get(pattern)
        .i64(format === DOUBLE ? 63n : 31n)
        .op(OP.i64ShrU)
        .op(OP.i32WrapI64);
    });
    const pushBySign = (ifNegative: bigint, ifPositive: bigint): FunctionBuilder =>
      f.i64(ifNegative).i64(ifPositive).get(negative).op(OP.select);
    format
      .constant(f.get(a), 0)
      .op(format.eq)
      .if(() => pushBySign(1n << 3n, 1n << 4n).br(body.done));
    format.constant(f.get(a).op(format.abs), format.minNormal).op(format.lt).unlikely().brIf(slow);
    pushBySign(1n << 1n, 1n << 6n);
  };
}

/** Integer types by their RISC-V suffixes. */
export type IntegerType = 'w' | 'wu' | 'l' | 'lu';

/** An integer to the nearest number of `format`; exact ones in any rounding mode. */
export function fromInteger(format: NativeFormat, type: IntegerType): FastPath {
  return (body) => {
    const { f } = body;
    const [pattern] = body.patterns as [Local];
    const integer = body.keep(I64, () => {
      f.get(pattern);
      if (type === 'w') f.op(OP.i64Extend32S);
      if (type === 'wu') f.i64(0xffff_ffffn).op(OP.i64And);
    });
    const signed = type === 'w' || type === 'l';
    if (format === SINGLE || type === 'l' || type === 'lu') {
      // The number of bits from the first one to the last one; nothing is lost where the significand holds them.
      const size = body.keep(I64, () => {
        f.get(integer);
        if (signed) f.i64(0n).get(integer).op(OP.i64Sub).get(integer).i64(0n).op(OP.i64GeS).op(OP.select);
      });
      f.i64(64n).get(size).op(OP.i64Clz).op(OP.i64Sub).get(size).op(OP.i64Ctz).op(OP.i64Sub);
      f.i64(format === SINGLE ? 24n : 53n)
        .op(OP.i64GtS)
        .if(() => {
          body.requireNearestEven();
          f.i32(1);
          body.inexactIf();
        });
    }
    const [single, double] = signed ? [OP.f32ConvertI64S, OP.f64ConvertI64S] : [OP.f32ConvertI64U, OP.f64ConvertI64U];
    format.toBits(f.get(integer).op(format === SINGLE ? single : double));
  };
}

/** The doubles from which on, and below which, rounded numbers are integers of a type. */
const INTEGER_RANGES: Record<IntegerType, readonly [from: number, below: number]> = {
  w: [-(2 ** 31), 2 ** 31],
  wu: [0, 2 ** 32],
  l: [-(2 ** 63), 2 ** 63],
  lu: [0, 2 ** 64],
};

/** A number to an integer, in all rounding modes but RMM. */
export function toInteger(format: NativeFormat, type: IntegerType): FastPath {
  return (body) => {
    const { f, slow, rounding } = body;
    const [operand] = body.numbers(format) as [Local];
    const a = format === DOUBLE ? operand : body.keep(F64, () => f.get(operand).op(OP.f64PromoteF32));
    const roundings = [OP.f64Nearest, OP.f64Trunc, OP.f64Floor, OP.f64Ceil];
    const known = rounding.constant === undefined ? undefined : roundings[Number(rounding.constant)];
    const rounded = body.keep(F64, () => f.get(a).op(known ?? OP.f64Trunc));
    if (known === undefined)
      f.block((done) => {
        // Truncation is what compilers ask for.
        rounding.emit(f);
        f.i32(1).op(OP.i32Eq).brIf(done);
        for (const mode of [0, 2, 3]) {
          rounding.emit(f);
          f.i32(mode)
            .op(OP.i32Eq)
            .if(() => f.get(a).op(roundings[mode]).set(rounded).br(done));
        }
        f.br(slow);
      });
    const [from, below] = INTEGER_RANGES[type];
    f.get(rounded)
      .f64(from)
      .op(OP.f64Ge)
      .get(rounded)
      .f64(below)
      .op(OP.f64Lt)
      .op(OP.i32And)
      .op(OP.i32Eqz)
      .unlikely()
      .brIf(slow);
    f.get(rounded).get(a).op(OP.f64Ne);
    body.inexactIf();
    f.get(rounded).truncSat(type === 'lu' ? TRUNC_SAT.i64F64U : TRUNC_SAT.i64F64S);
    if (type === 'wu') f.op(OP.i64Extend32S);
  };
}

/** A single as a double: always exact. */
export const widening: FastPath = (body) => {
  const [a] = body.numbers(SINGLE) as [Local];
  requireOrdered(body, SINGLE, [a]);
  DOUBLE.toBits(body.f.get(a).op(OP.f64PromoteF32));
};

/** A double as a single: where that is exact in any rounding mode, infinities included. */
export const narrowing: FastPath = (body) => {
  const { f, slow } = body;
  const [a] = body.numbers(DOUBLE) as [Local];
  const result = body.keep(F32, () => f.get(a).op(OP.f32DemoteF64));
  f.get(result)
    .op(OP.f64PromoteF32)
    .get(a)
    .op(OP.f64Ne)
    .if(() => {
      body.requireNearestEven();
      body.requireFinite(SINGLE, result);
      f.get(a).op(OP.f64Abs).f64(SINGLE.minNormal).op(OP.f64Lt).unlikely().brIf(slow);
      f.i32(1);
      body.inexactIf();
    });
  SINGLE.toBits(f.get(result));
};
