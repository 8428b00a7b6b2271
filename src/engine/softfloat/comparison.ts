/**
 * Comparisons, minimum and maximum, classification.
 *
 * Follows IEEE 754-2019 clauses 5.11 (comparison predicates) and 9.6 (minimumNumber, maximumNumber), and the RISC-V
 * unprivileged specification, chapter "F" 2.2: sections on the compare, FMIN/FMAX and FCLASS instructions.
 */

import type { Format, Result, Unpacked } from './format.js';
import { exact, isNaN, NV, unpack } from './format.js';

/** 1 if a = b, else 0. Quiet: NV only for a signaling NaN. */
export function eq(format: Format, a: bigint, b: bigint): Result {
  const x = unpack(format, a);
  const y = unpack(format, b);
  if (isNaN(x) || isNaN(y)) return { bits: 0n, flags: anySignaling(x, y) ? NV : 0 };
  return truth(order(format, a) === order(format, b));
}

/** 1 if a < b, else 0. Signaling: NV for any NaN. */
export function lt(format: Format, a: bigint, b: bigint): Result {
  if (isNaN(unpack(format, a)) || isNaN(unpack(format, b))) return { bits: 0n, flags: NV };
  return truth(order(format, a) < order(format, b));
}

/** 1 if a <= b, else 0. Signaling: NV for any NaN. */
export function le(format: Format, a: bigint, b: bigint): Result {
  if (isNaN(unpack(format, a)) || isNaN(unpack(format, b))) return { bits: 0n, flags: NV };
  return truth(order(format, a) <= order(format, b));
}

/** The lesser of a and b, -0 being less than +0; of a number and a NaN the number. NV only for a signaling NaN. */
export function min(format: Format, a: bigint, b: bigint): Result {
  return select(format, a, b, true);
}

/** The greater of a and b, -0 being less than +0; of a number and a NaN the number. NV only for a signaling NaN. */
export function max(format: Format, a: bigint, b: bigint): Result {
  return select(format, a, b, false);
}

/** The one bit, of ten, that FCLASS sets for a. */
export function classify(format: Format, a: bigint): number {
  const x = unpack(format, a);
  switch (x.kind) {
    case 'signaling':
      return 1 << 8;
    case 'quiet':
      return 1 << 9;
    case 'infinite':
      return x.sign ? 1 << 0 : 1 << 7;
    case 'zero':
      return x.sign ? 1 << 3 : 1 << 4;
    case 'finite':
      if (x.significand < format.hiddenBit) return x.sign ? 1 << 2 : 1 << 5;
      return x.sign ? 1 << 1 : 1 << 6;
  }
}

function select(format: Format, a: bigint, b: bigint, lesser: boolean): Result {
  const x = unpack(format, a);
  const y = unpack(format, b);
  const flags = anySignaling(x, y) ? NV : 0;
  if (isNaN(x)) return { bits: isNaN(y) ? format.canonicalNaN : pattern(format, b), flags };
  if (isNaN(y)) return { bits: pattern(format, a), flags };
  const aIsLess = totalOrder(format, a) < totalOrder(format, b);
  return { bits: pattern(format, aIsLess === lesser ? a : b), flags };
}

/** An integer that orders patterns, NaNs apart, as their values; both zeros give 0. */
function order(format: Format, a: bigint): bigint {
  const magnitude = a & format.magnitudeMask;
  return (a & format.signBit) !== 0n ? -magnitude : magnitude;
}

/** An integer that orders patterns, NaNs apart, as their values, and -0 below +0. */
function totalOrder(format: Format, a: bigint): bigint {
  const magnitude = a & format.magnitudeMask;
  return (a & format.signBit) !== 0n ? -1n - magnitude : magnitude;
}

function pattern(format: Format, a: bigint): bigint {
  return a & (format.signBit | format.magnitudeMask);
}

function anySignaling(x: Unpacked, y: Unpacked): boolean {
  return x.kind === 'signaling' || y.kind === 'signaling';
}

function truth(holds: boolean): Result {
  return exact(holds ? 1n : 0n);
}
