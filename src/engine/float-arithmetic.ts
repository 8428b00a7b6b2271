/**
 * Fast addition, multiplication, division, square root and fused multiply-add, rounding to nearest even.
 *
 * IEEE 754-2019 clause 5.4.1, RISC-V unprivileged specification, chapters "F" and "D". Native results are final where
 * they are finite and clear of underflow; whether they are exact is told by error-free transformations.
 */
import { DOUBLE, SINGLE, type FastPath, type FloatFunction, type NativeFormat } from './float-function.js';
import { HART } from '../hart/layout.js';
import type { FunctionBuilder, FunctionRef, Local, ModuleBuilder } from './wasm/builder.js';
import { F32, F64, I32, I64, OP } from './wasm/opcodes.js';

const NX = 1;

const FRACTION_MASK = 0xf_ffff_ffff_ffffn;
const HIDDEN_BIT = 0x10_0000_0000_0000n;

/** The significand of a normal double, from its pattern. */
function pushSignificand(f: FunctionBuilder, pattern: Local): void {
  f.get(pattern).i64(FRACTION_MASK).op(OP.i64And).i64(HIDDEN_BIT).op(OP.i64Or);
}

/** The biased exponent of a double as i32. */
function pushExponent(f: FunctionBuilder, pattern: Local): void {
  f.get(pattern).i64(52n).op(OP.i64ShrU).op(OP.i32WrapI64).i32(0x7ff).op(OP.i32And);
}

/**
 * Pushes x * y - z in units of the last place of x * y, as an exact i64, for patterns of normal doubles of which z
 * differs from the product by no more than about a place: the high halves of the 106-bit integers then cancel.
 */
function pushProductResidue(f: FunctionBuilder, x: Local, y: Local, z: Local): void {
  pushSignificand(f, x);
  pushSignificand(f, y);
  f.op(OP.i64Mul);
  pushSignificand(f, z);
  pushExponent(f, z);
  pushExponent(f, x);
  f.op(OP.i32Sub);
  pushExponent(f, y);
  f.op(OP.i32Sub)
    .i32(1023 + 52)
    .op(OP.i32Add)
    .op(OP.i64ExtendI32U)
    .op(OP.i64Shl)
    .op(OP.i64Sub);
}

/** Declares (x, y, z: i64) -> i32: whether x * y is not z, under the terms of `pushProductResidue`. */
export function declareProductDiffers(module: ModuleBuilder): FunctionRef {
  return module.function([I64, I64, I64], [I32], (f) => {
    const [x, y, z] = f.parameters as [Local, Local, Local];
    pushProductResidue(f, x, y, z);
    f.i64(0n).op(OP.i64Ne);
  });
}

/** a + b or a - b. Sums are never inexact below the normal range, so that neither zero nor underflow needs care. */
export function sum(format: NativeFormat, negateSecond: boolean): FastPath {
  return (body) => {
    const { f } = body;
    body.requireNearestEven();
    const [a, second] = body.numbers(format) as [Local, Local];
    if (negateSecond)
      f.get(second)
        .op(format.type === F64 ? OP.f64Neg : OP.f32Neg)
        .set(second);
    const result = body.keep(format.type, () => f.get(a).get(second).op(format.add));
    body.requireFinite(format, result);
    body.whereExactnessMatters(() => {
      const error = body.additionError(format, a, second, result);
      // An overflow on the way, which an exact sum never meets, makes the error infinite or NaN: not zero either.
      format.constant(f.get(error), 0).op(format.ne);
      body.inexactIf();
    });
    format.toBits(f.get(result));
  };
}

/** Pushes whether |value| is above the smallest normal number, which alone of the normal ones a tiny value may round to. */
function pushClearOfUnderflow(f: FunctionBuilder, format: NativeFormat, value: Local): void {
  format.constant(f.get(value).op(format.abs), format.minNormal).op(format.gt);
}

function pushIsZero(f: FunctionBuilder, format: NativeFormat, value: Local): void {
  format.constant(f.get(value), 0).op(format.eq);
}

/** Goes slow where `value` is subnormal or zero (or, not worth telling apart, the smallest normal number). */
function requireNormal(body: FloatFunction, format: NativeFormat, value: Local): void {
  pushClearOfUnderflow(body.f, format, value);
  body.f.op(OP.i32Eqz).brIf(body.slow);
}

/** Where `result` may be tiny: answers with it if it is zero, and exactly so by `pushExactZero`, else goes slow. */
function requireNotTiny(body: FloatFunction, format: NativeFormat, result: Local, pushExactZero: () => void): void {
  const { f, slow } = body;
  pushClearOfUnderflow(f, format, result);
  f.op(OP.i32Eqz).if(() => {
    pushExactZero();
    f.op(OP.i32Eqz).unlikely().brIf(slow);
    format.toBits(f.get(result)).br(body.done);
  });
}

/** a * b. */
export const productDouble: FastPath = (body) => {
  const { f } = body;
  body.requireNearestEven();
  const [a, b] = body.numbers(DOUBLE) as [Local, Local];
  const result = body.keep(F64, () => f.get(a).get(b).op(OP.f64Mul));
  body.requireFinite(DOUBLE, result);
  requireNotTiny(body, DOUBLE, result, () => {
    pushIsZero(f, DOUBLE, a);
    pushIsZero(f, DOUBLE, b);
    f.op(OP.i32Or);
  });
  body.whereExactnessMatters(() => {
    requireNormal(body, DOUBLE, a);
    requireNormal(body, DOUBLE, b);
    const [x, y] = body.patterns as [Local, Local];
    f.get(x).get(y).get(result).op(OP.i64ReinterpretF64).call(body.callees.productDiffers);
    body.inexactIf();
  });
  f.get(result).op(OP.i64ReinterpretF64);
};

/** a / b. */
export const quotientDouble: FastPath = (body) => {
  const { f } = body;
  body.requireNearestEven();
  const [a, b] = body.numbers(DOUBLE) as [Local, Local];
  const result = body.keep(F64, () => f.get(a).get(b).op(OP.f64Div));
  body.requireFinite(DOUBLE, result);
  requireNotTiny(body, DOUBLE, result, () => pushIsZero(f, DOUBLE, a));
  body.whereExactnessMatters(() => {
    requireNormal(body, DOUBLE, a);
    requireNormal(body, DOUBLE, b);
    const [x, y] = body.patterns as [Local, Local];
    f.get(result).op(OP.i64ReinterpretF64).get(y).get(x).call(body.callees.productDiffers);
    body.inexactIf();
  });
  f.get(result).op(OP.i64ReinterpretF64);
};

/** The square root, which is normal for every positive operand, and exact for zeros. */
export const rootDouble: FastPath = (body) => {
  const { f } = body;
  body.requireNearestEven();
  const [a] = body.numbers(DOUBLE) as [Local];
  const result = body.keep(F64, () => f.get(a).op(OP.f64Sqrt));
  body.requireFinite(DOUBLE, result);
  body.whereExactnessMatters(() => {
    pushIsZero(f, DOUBLE, a);
    f.op(OP.i32Eqz).if(() => {
      requireNormal(body, DOUBLE, a);
      const [x] = body.patterns as [Local];
      const root = body.keep(I64, () => f.get(result).op(OP.i64ReinterpretF64));
      f.get(root).get(root).get(x).call(body.callees.productDiffers);
      body.inexactIf();
    });
  });
  f.get(result).op(OP.i64ReinterpretF64);
};

/** a * b of singles, whose product is exact as a double. */
export const productSingle: FastPath = (body) => {
  const { f } = body;
  body.requireNearestEven();
  const [a, b] = body.numbers(SINGLE) as [Local, Local];
  const product = body.keep(F64, () => {
    f.get(a).op(OP.f64PromoteF32).get(b).op(OP.f64PromoteF32).op(OP.f64Mul);
  });
  answerDemoted(body, product);
};

/** Answers with `exact`, a double that holds the exact result or that rounded to odd, rounded to single. */
function answerDemoted(body: FloatFunction, exact: Local): void {
  const { f, slow } = body;
  const result = body.keep(F32, () => f.get(exact).op(OP.f32DemoteF64));
  body.requireFinite(SINGLE, result);
  f.get(exact)
    .op(OP.f64Abs)
    .f64(SINGLE.minNormal)
    .op(OP.f64Lt)
    .if(() => {
      pushIsZero(f, DOUBLE, exact);
      f.op(OP.i32Eqz).unlikely().brIf(slow);
    });
  body.whereExactnessMatters(() => {
    f.get(result).op(OP.f64PromoteF32).get(exact).op(OP.f64Ne);
    body.inexactIf();
  });
  SINGLE.toBits(f.get(result));
}

/** a / b of singles: the quotient times b is exact as a double. */
export const quotientSingle: FastPath = (body) => {
  const { f } = body;
  body.requireNearestEven();
  const [a, b] = body.numbers(SINGLE) as [Local, Local];
  const result = body.keep(F32, () => f.get(a).get(b).op(OP.f32Div));
  body.requireFinite(SINGLE, result);
  requireNotTiny(body, SINGLE, result, () => pushIsZero(f, SINGLE, a));
  body.whereExactnessMatters(() => {
    f.get(result).op(OP.f64PromoteF32).get(b).op(OP.f64PromoteF32).op(OP.f64Mul);
    f.get(a).op(OP.f64PromoteF32).op(OP.f64Ne);
    body.inexactIf();
  });
  SINGLE.toBits(f.get(result));
};

/** The square root of a single: the root's square is exact as a double. */
export const rootSingle: FastPath = (body) => {
  const { f } = body;
  body.requireNearestEven();
  const [a] = body.numbers(SINGLE) as [Local];
  const result = body.keep(F32, () => f.get(a).op(OP.f32Sqrt));
  body.requireFinite(SINGLE, result);
  body.whereExactnessMatters(() => {
    const root = body.keep(F64, () => f.get(result).op(OP.f64PromoteF32));
    f.get(root).get(root).op(OP.f64Mul).get(a).op(OP.f64PromoteF32).op(OP.f64Ne);
    body.inexactIf();
  });
  SINGLE.toBits(f.get(result));
};

/** a * b + c of singles: the product is exact as a double, the sum is rounded to odd. */
export const fusedSingle: FastPath = (body) => {
  const { f } = body;
  body.requireNearestEven();
  const [a, b, c] = body.numbers(SINGLE) as [Local, Local, Local];
  const product = body.keep(F64, () => {
    f.get(a).op(OP.f64PromoteF32).get(b).op(OP.f64PromoteF32).op(OP.f64Mul);
  });
  const addend = body.keep(F64, () => f.get(c).op(OP.f64PromoteF32));
  const total = body.keep(F64, () => f.get(product).get(addend).op(OP.f64Add));
  // Rounding twice is wrong only from the middle between two singles, and hides only from the inexact flag otherwise.
  f.get(total).op(OP.i64ReinterpretF64).i64(0x1fff_ffffn).op(OP.i64And).i64(0x1000_0000n).op(OP.i64Eq);
  f.i32(0).memory(OP.i32Load, HART.fflags).i32(NX).op(OP.i32And).op(OP.i32Eqz).op(OP.i32Or);
  f.if(() => body.roundToOdd(total, body.additionError(DOUBLE, product, addend, total)));
  answerDemoted(body, total);
};

/** Biased exponents of a and b may add up to this range: the product is then from 2^-900 to below 2^1020. */
const LEAST_EXPONENT_SUM = 2 * 1023 - 900;
const GREATEST_EXPONENT_SUM = 2 * 1023 + 1018;
/** The addend is to be below this. */
const ADDEND_END = 2 ** 1018;

/** Just above and just below 1: a product with them is at least the next number. */
const ABOVE_ONE = 1 + 2 ** -52;
const BELOW_ONE = 1 - 2 ** -52;

/**
 * a * b + c of doubles: the product as a sum of two doubles, upper + lower, and upper + c as another, sum + error; then
 * sum + (error + lower), of which only the inner addition may round wrongly. Where the result does not change if that is
 * a place more or less, it is right (Ziv, Fast evaluation of elementary mathematical functions with correctly rounded
 * last bit, 1991). In the ranges admitted nothing overflows, and every part is a multiple of the smallest subnormal, so
 * that no addition can lose anything to underflow.
 */
export const fusedDouble: FastPath = (body) => {
  const { f, slow } = body;
  const [x, y] = body.patterns as [Local, Local, Local];
  body.requireNearestEven();
  const [a, b, c] = body.numbers(DOUBLE) as [Local, Local, Local];
  const upper = body.keep(F64, () => f.get(a).get(b).op(OP.f64Mul));
  const first = body.keep(I32, () => pushExponent(f, x));
  const second = body.keep(I32, () => pushExponent(f, y));
  const exponentSum = body.keep(I32, () => f.get(first).get(second).op(OP.i32Add));

  // Neither factor is subnormal or zero; one that is infinite or NaN makes the result NaN below.
  f.get(first).i32(1).op(OP.i32Sub).get(second).i32(1).op(OP.i32Sub).op(OP.i32Or).i32(0).op(OP.i32GeS);
  f.get(exponentSum)
    .i32(LEAST_EXPONENT_SUM)
    .op(OP.i32Sub)
    .i32(GREATEST_EXPONENT_SUM - LEAST_EXPONENT_SUM)
    .op(OP.i32LeU)
    .op(OP.i32And);
  f.get(c).op(OP.f64Abs).f64(ADDEND_END).op(OP.f64Lt).op(OP.i32And);
  f.op(OP.i32Eqz).if(() => {
    // A product that is exactly zero leaves the addend, or a zero whose sign addition knows.
    pushIsZero(f, DOUBLE, a);
    pushIsZero(f, DOUBLE, b);
    f.op(OP.i32Or).op(OP.i32Eqz).unlikely().brIf(slow);
    const result = body.keep(F64, () => f.get(upper).get(c).op(OP.f64Add));
    body.requireFinite(DOUBLE, result);
    f.get(result).op(OP.i64ReinterpretF64).br(body.done);
  });

  const lower = body.keep(F64, () => {
    const upperBits = body.keep(I64, () => f.get(upper).op(OP.i64ReinterpretF64));
    pushProductResidue(f, x, y, upperBits);
    f.op(OP.f64ConvertI64S);
    // Its unit, 2^(exponents less 2 * 52), with the product's sign.
    f.get(exponentSum)
      .i32(1023 + 104)
      .op(OP.i32Sub)
      .op(OP.i64ExtendI32U)
      .i64(52n)
      .op(OP.i64Shl);
    f.get(upperBits)
      .i64(1n << 63n)
      .op(OP.i64And)
      .op(OP.i64Or)
      .op(OP.f64ReinterpretI64)
      .op(OP.f64Mul);
  });
  const sum = body.keep(F64, () => f.get(upper).get(c).op(OP.f64Add));
  const error = body.additionError(DOUBLE, upper, c, sum);
  const rest = body.keep(F64, () => f.get(error).get(lower).op(OP.f64Add));
  const result = body.keep(F64, () => f.get(sum).get(rest).f64(ABOVE_ONE).op(OP.f64Mul).op(OP.f64Add));
  f.get(sum).get(rest).f64(BELOW_ONE).op(OP.f64Mul).op(OP.f64Add).get(result).op(OP.f64Ne);
  f.if(() => {
    // One addition alone has rounded, and so it has rounded right; NaN is never right.
    pushIsZero(f, DOUBLE, error);
    pushIsZero(f, DOUBLE, lower);
    f.op(OP.i32Or).get(rest).get(rest).op(OP.f64Eq).op(OP.i32And).op(OP.i32Eqz).unlikely().brIf(slow);
    f.get(sum).get(rest).op(OP.f64Add).set(result);
  });
  body.whereExactnessMatters(() => {
    f.get(body.additionError(DOUBLE, error, lower, rest))
      .f64(0)
      .op(OP.f64Ne);
    f.get(body.additionError(DOUBLE, sum, rest, result))
      .f64(0)
      .op(OP.f64Ne)
      .op(OP.i32Or);
    body.inexactIf();
  });
  f.get(result).op(OP.i64ReinterpretF64);
};
