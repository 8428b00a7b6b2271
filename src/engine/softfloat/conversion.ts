/**
 * Conversions between floating-point formats and integers, and from one format to the other.
 *
 * Follows IEEE 754-2019 clauses 5.4.1 (formatOf conversions) and 5.8 (rounding to integers), and the RISC-V unprivileged
 * specification, chapters "F" and "D", tables of FCVT domains: out of range gives the nearest bound, NaN the greatest
 * integer, with NV and without NX.
 */

import type { Format, Result, RoundingMode } from './format.js';
import { exact, infinity, isNaN, NV, NX, propagateNaN, round, shiftRounded, unpack, zero } from './format.js';

const { asIntN, asUintN } = BigInt;

/**
 * a as an integer of `width` bits, rounded by `rm`. The result's `bits` are the 64 bits of rd: 32-bit results are
 * sign-extended from bit 31, unsigned ones too.
 */
export function toInt(format: Format, a: bigint, rm: RoundingMode, width: 32 | 64, signed: boolean): Result {
  const x = unpack(format, a);
  const greatest = (1n << BigInt(signed ? width - 1 : width)) - 1n;
  const least = signed ? -greatest - 1n : 0n;
  const register = (value: bigint): bigint => asUintN(64, asIntN(width, value));

  const towardsLeast = { bits: register(least), flags: NV };
  const towardsGreatest = { bits: register(greatest), flags: NV };
  const beyond = x.sign ? towardsLeast : towardsGreatest;
  switch (x.kind) {
    case 'quiet':
    case 'signaling':
      return towardsGreatest;
    case 'infinite':
      return beyond;
    case 'zero':
      return exact(0n);
    case 'finite': {
      // A significand is at least 1: from 2^64 on there is nothing to compute.
      if (x.exponent >= 64) return beyond;
      const { value, inexact } = shiftRounded(x.significand, -x.exponent, x.sign, rm);
      const integer = x.sign ? -value : value;
      if (integer < least || integer > greatest) return beyond;
      return { bits: register(integer), flags: inexact ? NX : 0 };
    }
  }
}

/** The low `width` bits of `value`, read as an integer, signed or not, as a number of `format`. */
export function fromInt(format: Format, value: bigint, width: 32 | 64, signed: boolean, rm: RoundingMode): Result {
  const integer = signed ? asIntN(width, value) : asUintN(width, value);
  if (integer === 0n) return exact(0n);
  return integer < 0n ? round(format, 1, 0, -integer, rm) : round(format, 0, 0, integer, rm);
}

/** The number of format `from` with pattern `bits`, in format `to`. */
export function convert(from: Format, to: Format, bits: bigint, rm: RoundingMode): Result {
  const x = unpack(from, bits);
  if (isNaN(x)) return propagateNaN(to, x);
  if (x.kind === 'infinite') return infinity(to, x.sign);
  if (x.kind === 'zero') return zero(to, x.sign);
  return round(to, x.sign, x.exponent, x.significand, rm);
}
