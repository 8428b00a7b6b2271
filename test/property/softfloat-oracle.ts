/**
 * An oracle for floating point that rounds by searching: of all patterns of a format the two are found that enclose the
 * exact value, by comparing rational numbers only. It shares no code and no method with src/engine/softfloat.
 */

import type { Format, Result, RoundingMode } from '../../src/engine/softfloat.js';

const toBigInt = BigInt;
const { asIntN, asUintN } = BigInt;
const nativeSqrt = Math.sqrt;

/** The number m * 2^e, exactly. */
export interface Dyadic {
  m: bigint;
  e: number;
}

export type Operand =
  | { kind: 'nan'; quiet: boolean }
  | { kind: 'infinite'; negative: boolean }
  | { kind: 'number'; negative: boolean; value: Dyadic };

const [NX, UF, OF, DZ, NV] = [1, 2, 4, 8, 16];
const MODES = [0, 1, 2, 3, 4] as const;
const RDN = 2;

/** What an operation gives in each of the five rounding modes. */
export type Expected = Result[];

export function times(a: Dyadic, b: Dyadic): Dyadic {
  return { m: a.m * b.m, e: a.e + b.e };
}

export function plus(a: Dyadic, b: Dyadic): Dyadic {
  const e = a.e < b.e ? a.e : b.e;
  return { m: (a.m << toBigInt(a.e - e)) + (b.m << toBigInt(b.e - e)), e };
}

/** The sign of a - b. */
export function compare(a: Dyadic, b: Dyadic): number {
  const difference = plus(a, { m: -b.m, e: b.e }).m;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function magnitude(a: Dyadic): Dyadic {
  return a.m < 0n ? { m: -a.m, e: a.e } : a;
}

/** The value of a positive pattern; the encoding of numbers is continued beyond the largest one, past infinity's pattern. */
function valueOf(format: Format, pattern: bigint): Dyadic {
  const field = pattern / 2n ** toBigInt(format.fractionBits);
  const fraction = pattern % 2n ** toBigInt(format.fractionBits);
  const bias = 2 ** (format.exponentBits - 1) - 1;
  if (field === 0n) return { m: fraction, e: 1 - bias - format.fractionBits };
  return { m: fraction + 2n ** toBigInt(format.fractionBits), e: Number(field) - bias - format.fractionBits };
}

export function decode(format: Format, bits: bigint): Operand {
  const infinity = (2n ** toBigInt(format.exponentBits) - 1n) * 2n ** toBigInt(format.fractionBits);
  const half = 2n ** toBigInt(format.exponentBits + format.fractionBits);
  const negative = bits >= half;
  const rest = bits % half;
  if (rest === infinity) return { kind: 'infinite', negative };
  if (rest > infinity) return { kind: 'nan', quiet: (rest - infinity) * 2n >= 2n ** toBigInt(format.fractionBits) };
  const value = valueOf(format, rest);
  return { kind: 'number', negative, value: negative ? { m: -value.m, e: value.e } : value };
}

/** Compares the magnitude to be rounded with a dyadic: the sign of their difference. */
export type Measure = (candidate: Dyadic) => number;

interface Enclosure {
  below: bigint;
  isExact: boolean;
  /** The sign of the value less the midpoint of the enclosing two. */
  half: number;
}

function enclose(format: Format, measure: Measure): Enclosure {
  let below = 0n;
  let above = 2n ** toBigInt(format.exponentBits + format.fractionBits + 1);
  while (above - below > 1n) {
    const middle = (above + below) / 2n;
    if (measure(valueOf(format, middle)) >= 0) below = middle;
    else above = middle;
  }
  const lower = valueOf(format, below);
  const midpoint = times(plus(lower, valueOf(format, above)), { m: 1n, e: -1 });
  return { below, isExact: measure(lower) === 0, half: measure(midpoint) };
}

function choose({ below, isExact, half }: Enclosure, negative: boolean, rm: RoundingMode): bigint {
  if (isExact) return below;
  const up = [half > 0 || (half === 0 && below % 2n === 1n), false, negative, !negative, half >= 0][rm];
  return up ? below + 1n : below;
}

/** The rounded pattern and flags of a magnitude, in each of the five rounding modes. */
export function roundAllModes(format: Format, negative: boolean, measure: Measure): Expected {
  const sign = negative ? 2n ** toBigInt(format.exponentBits + format.fractionBits) : 0n;
  const infinity = (2n ** toBigInt(format.exponentBits) - 1n) * 2n ** toBigInt(format.fractionBits);
  const leastNormal = valueOf(format, 2n ** toBigInt(format.fractionBits));
  // Tininess is judged on the value rounded as though the exponent were unbounded: three bits more are as good.
  const unbounded = { ...format, exponentBits: format.exponentBits + 3 };
  const narrow = enclose(format, measure);
  const wide = measure(leastNormal) < 0 ? enclose(unbounded, measure) : undefined;

  return MODES.map((rm) => {
    const pattern = choose(narrow, negative, rm);
    if (pattern >= infinity) {
      const stays = rm === 1 || (rm === 2 && !negative) || (rm === 3 && negative);
      return { bits: sign + (stays ? infinity - 1n : infinity), flags: OF | NX };
    }
    const tiny = wide !== undefined && compare(valueOf(unbounded, choose(wide, negative, rm)), leastNormal) < 0;
    return { bits: sign + pattern, flags: narrow.isExact ? 0 : tiny ? NX | UF : NX };
  });
}

export function sameInAllModes(result: Result): Expected {
  return MODES.map(() => result);
}

function signed(format: Format, negative: boolean, bits: bigint): bigint {
  return negative ? format.signBit + bits : bits;
}

/** Stands for an operand where only kind and sign matter, so that the host's doubles tell what IEEE 754 says of it. */
function representative(x: Operand): number {
  if (x.kind === 'nan') return NaN;
  const size = x.kind === 'infinite' ? Infinity : x.value.m === 0n ? 0 : 1;
  return x.negative ? -size : size;
}

/** The result of an operation on operands of which one is not a non-zero number, given that of the representatives. */
function special(format: Format, stand: number, operands: Operand[], extraFlags = 0): Expected {
  const nans = operands.filter((x) => x.kind === 'nan');
  let flags = nans.some((x) => !x.quiet) ? NV : extraFlags;
  if (Number.isNaN(stand)) {
    if (nans.length === 0) flags = NV;
    return sameInAllModes({ bits: format.canonicalNaN, flags });
  }
  const negative = stand < 0 || Object.is(stand, -0);
  return sameInAllModes({ bits: signed(format, negative, stand === 0 ? 0n : format.infinity), flags });
}

export function isNumber(x: Operand): x is Operand & { kind: 'number' } {
  return x.kind === 'number';
}

export function rounded(format: Format, value: Dyadic): Expected {
  const size = magnitude(value);
  return roundAllModes(format, value.m < 0n, (candidate) => compare(size, candidate));
}

export function sum(format: Format, x: Operand, y: Operand): Expected {
  if (!isNumber(x) || !isNumber(y)) return special(format, representative(x) + representative(y), [x, y]);
  const value = plus(x.value, y.value);
  if (value.m !== 0n) return rounded(format, value);
  const sameSign = x.negative === y.negative;
  return MODES.map((rm) => ({ bits: signed(format, sameSign ? x.negative : rm === RDN, 0n), flags: 0 }));
}

export function product(format: Format, x: Operand, y: Operand): Expected {
  if (isNumber(x) && isNumber(y) && x.value.m !== 0n && y.value.m !== 0n) {
    return rounded(format, times(x.value, y.value));
  }
  return special(format, representative(x) * representative(y), [x, y]);
}

export function quotient(format: Format, x: Operand, y: Operand): Expected {
  if (isNumber(x) && isNumber(y) && x.value.m !== 0n && y.value.m !== 0n) {
    const [dividend, divisor] = [magnitude(x.value), magnitude(y.value)];
    return roundAllModes(format, x.negative !== y.negative, (c) => compare(dividend, times(c, divisor)));
  }
  const dividesByZero = isNumber(x) && x.value.m !== 0n && isNumber(y);
  return special(format, representative(x) / representative(y), [x, y], dividesByZero ? DZ : 0);
}

export function root(format: Format, x: Operand): Expected {
  if (isNumber(x) && x.value.m > 0n) return roundAllModes(format, false, (c) => compare(x.value, times(c, c)));
  return special(format, nativeSqrt(representative(x)), [x]);
}

export function fma(format: Format, x: Operand, y: Operand, z: Operand): Expected {
  if (isNumber(x) && isNumber(y)) {
    const product = times(x.value, y.value);
    return sum(format, { kind: 'number', negative: x.negative !== y.negative, value: product }, z);
  }
  const product = representative(x) * representative(y);
  const invalidProduct = Number.isNaN(product) && x.kind !== 'nan' && y.kind !== 'nan';
  return special(format, product + representative(z), [x, y, z], invalidProduct ? NV : 0);
}

/** The integers an operand rounds to, in all modes, and whether it was one itself; undefined for infinities and NaN. */
function expectedIntegers(x: Operand): { integers: bigint[]; isExact: boolean } | undefined {
  if (!isNumber(x)) return undefined;
  const { m, e } = x.value;
  if (e >= 0) return { integers: MODES.map(() => m * 2n ** toBigInt(e)), isExact: true };
  const divisor = 2n ** toBigInt(-e);
  const truncated = m / divisor;
  const rest = m - truncated * divisor;
  const floor = rest < 0n ? truncated - 1n : truncated;
  const ceiling = rest > 0n ? truncated + 1n : truncated;
  const twice = 2n * (m - floor * divisor);
  const tieEven = floor % 2n === 0n ? floor : ceiling;
  const tieAway = m < 0n ? floor : ceiling;
  const nearest = (tie: bigint): bigint => (twice < divisor ? floor : twice > divisor ? ceiling : tie);
  return { integers: [nearest(tieEven), truncated, floor, ceiling, nearest(tieAway)], isExact: rest === 0n };
}

export function toInt(x: Operand, width: 32 | 64, isSigned: boolean): Expected {
  const greatest = 2n ** toBigInt(isSigned ? width - 1 : width) - 1n;
  const least = isSigned ? -(2n ** toBigInt(width - 1)) : 0n;
  const bits = (value: bigint): bigint => asUintN(64, asIntN(width, value));
  const found = expectedIntegers(x);
  if (found === undefined) {
    const negative = x.kind === 'infinite' && x.negative;
    return sameInAllModes({ bits: bits(negative ? least : greatest), flags: NV });
  }
  return found.integers.map((integer) => {
    if (integer < least) return { bits: bits(least), flags: NV };
    if (integer > greatest) return { bits: bits(greatest), flags: NV };
    return { bits: bits(integer), flags: found.isExact ? 0 : NX };
  });
}

export function conversion(to: Format, x: Operand): Expected {
  if (isNumber(x) && x.value.m !== 0n) return rounded(to, x.value);
  return special(to, representative(x), [x]);
}
