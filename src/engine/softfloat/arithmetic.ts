/**
 * Addition, multiplication, division, square root and fused multiply-add, each the exact value rounded once.
 *
 * Follows IEEE 754-2019 clauses 5.4.1 and 6 (arithmetic; infinities, NaNs and the sign of zero), and the RISC-V
 * unprivileged specification, chapters "F" and "D", for what those leave open.
 */

import type { Format, Result, RoundingMode, Sign, Unpacked } from './format.js';
import { bitLength, DZ, infinity, invalid, isNaN, propagateNaN, RDN, round, unpack, zero } from './format.js';

const { min, sqrt: squareRoot, trunc } = Math;
const toBigInt = BigInt;
const toNumber = Number;

/** -a, for any a: only the sign bit changes, NaNs included. */
export function negate(format: Format, a: bigint): bigint {
  return (a ^ format.signBit) & (format.magnitudeMask | format.signBit);
}

/** a + b. */
export function add(format: Format, a: bigint, b: bigint, rm: RoundingMode): Result {
  return sum(format, unpack(format, a), unpack(format, b), rm);
}

/** a - b. */
export function sub(format: Format, a: bigint, b: bigint, rm: RoundingMode): Result {
  // A NaN's sign plays no part, so negating b serves all cases.
  return sum(format, unpack(format, a), unpack(format, negate(format, b)), rm);
}

/** a * b. */
export function mul(format: Format, a: bigint, b: bigint, rm: RoundingMode): Result {
  const x = unpack(format, a);
  const y = unpack(format, b);
  if (isNaN(x) || isNaN(y)) return propagateNaN(format, x, y);
  const product = multiply(x, y);
  if (product === undefined) return invalid(format);
  return finish(format, product, rm);
}

/** a / b. */
export function div(format: Format, a: bigint, b: bigint, rm: RoundingMode): Result {
  const x = unpack(format, a);
  const y = unpack(format, b);
  if (isNaN(x) || isNaN(y)) return propagateNaN(format, x, y);
  const sign = (x.sign ^ y.sign) as Sign;
  if (x.kind === 'infinite') return y.kind === 'infinite' ? invalid(format) : infinity(format, sign);
  if (y.kind === 'infinite') return zero(format, sign);
  if (y.kind === 'zero') {
    return x.kind === 'zero' ? invalid(format) : { bits: infinity(format, sign).bits, flags: DZ };
  }
  if (x.kind === 'zero') return zero(format, sign);

  // Enough places for a quotient of at least precision + 2 bits; what remains is jammed into the last.
  const places = format.precision + 2 + bitLength(y.significand) - bitLength(x.significand);
  const dividend = x.significand << toBigInt(places);
  const quotient = dividend / y.significand;
  const jammed = quotient * y.significand === dividend ? quotient : quotient | 1n;
  return round(format, sign, x.exponent - y.exponent - places, jammed, rm);
}

/** The square root of a. */
export function sqrt(format: Format, a: bigint, rm: RoundingMode): Result {
  const x = unpack(format, a);
  if (isNaN(x)) return propagateNaN(format, x);
  if (x.kind === 'zero') return zero(format, x.sign);
  if (x.sign === 1) return invalid(format);
  if (x.kind === 'infinite') return infinity(format, 0);

  // Twice precision + 2 bits under the root give precision + 2 bits of it; the exponent must be even to be halved.
  const wanted = 2 * (format.precision + 2) - bitLength(x.significand);
  const places = ((x.exponent - wanted) & 1) === 0 ? wanted : wanted + 1;
  const radicand = x.significand << toBigInt(places);
  const root = integerSquareRoot(radicand);
  const jammed = root * root === radicand ? root : root | 1n;
  return round(format, 0, (x.exponent - places) / 2, jammed, rm);
}

/** a * b + c, rounded once. Infinity times zero is invalid even where c is a quiet NaN. */
export function fma(format: Format, a: bigint, b: bigint, c: bigint, rm: RoundingMode): Result {
  const x = unpack(format, a);
  const y = unpack(format, b);
  const z = unpack(format, c);
  if (isNaN(x) || isNaN(y)) return propagateNaN(format, x, y, z);
  const product = multiply(x, y);
  if (product === undefined) return invalid(format);
  return sum(format, product, z, rm);
}

/** The exact product of two operands that are not NaN; undefined for infinity times zero. */
function multiply(x: Unpacked, y: Unpacked): Unpacked | undefined {
  const sign = (x.sign ^ y.sign) as Sign;
  if (x.kind === 'finite' && y.kind === 'finite') {
    const exponent = x.exponent + y.exponent;
    return { kind: 'finite', sign, exponent, significand: x.significand * y.significand };
  }
  if (x.kind === 'infinite' || y.kind === 'infinite') {
    if (x.kind === 'zero' || y.kind === 'zero') return undefined;
    return { kind: 'infinite', sign, exponent: 0, significand: 0n };
  }
  return { kind: 'zero', sign, exponent: 0, significand: 0n };
}

/** x + y, where the significands may be longer than the format's. */
function sum(format: Format, x: Unpacked, y: Unpacked, rm: RoundingMode): Result {
  if (x.kind === 'finite' && y.kind === 'finite') return sumOfFinite(format, x, y, rm);
  if (isNaN(x) || isNaN(y)) return propagateNaN(format, x, y);
  if (x.kind === 'infinite') {
    return y.kind === 'infinite' && x.sign !== y.sign ? invalid(format) : infinity(format, x.sign);
  }
  if (y.kind === 'infinite') return infinity(format, y.sign);
  if (x.kind === 'finite') return finish(format, x, rm);
  if (y.kind === 'finite') return finish(format, y, rm);
  return zero(format, x.sign === y.sign ? x.sign : signOfCancellation(rm));
}

/** A difference of equals is +0, but -0 where rounding goes down (IEEE 754 clause 6.3). */
function signOfCancellation(rm: RoundingMode): Sign {
  return rm === RDN ? 1 : 0;
}

function finish(format: Format, x: Unpacked, rm: RoundingMode): Result {
  if (x.kind === 'finite') return round(format, x.sign, x.exponent, x.significand, rm);
  return x.kind === 'zero' ? zero(format, x.sign) : infinity(format, x.sign);
}

function sumOfFinite(format: Format, x: Unpacked, y: Unpacked, rm: RoundingMode): Result {
  const xTop = x.exponent + bitLength(x.significand);
  const yTop = y.exponent + bitLength(y.significand);
  const [large, largeTop, small, smallTop] = xTop >= yTop ? [x, xTop, y, yTop] : [y, yTop, x, xTop];

  // Where the smaller operand lies wholly below every place that can matter it is jammed into one place of its own. The
  // place before that is kept 0, so that the larger minus something is still odd, and one bit shorter at most.
  const jamExponent = min(large.exponent, largeTop - format.precision - 3) - 1;
  const jammed = smallTop <= jamExponent;
  const exponent = jammed ? jamExponent : min(large.exponent, small.exponent);
  const first = large.significand << toBigInt(large.exponent - exponent);
  const second = jammed ? 1n : small.significand << toBigInt(small.exponent - exponent);

  if (large.sign === small.sign) return round(format, large.sign, exponent, first + second, rm);
  const difference = first - second;
  if (difference === 0n) return zero(format, signOfCancellation(rm));
  if (difference > 0n) return round(format, large.sign, exponent, difference, rm);
  return round(format, small.sign, exponent, -difference, rm);
}

/** floor(sqrt(value)) of a positive integer below 2^1000. */
function integerSquareRoot(value: bigint): bigint {
  // A Newton step never ends below the root, whatever the estimate was; this one's is good to some 50 bits, so that of
  // the roots in use here it misses none by more than one or two.
  const estimate = toBigInt(trunc(squareRoot(toNumber(value))));
  let root = (estimate + value / estimate) >> 1n;
  while (root * root > value) root -= 1n;
  return root;
}
