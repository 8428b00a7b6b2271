/**
 * Binary floating-point formats: how a bit pattern reads as a number, and how an exact number is rounded back into one.
 *
 * Follows IEEE 754-2019 clauses 3.4 (interchange encodings), 4.3 (rounding) and 7 (exceptions), with the choices of the
 * RISC-V unprivileged specification, chapter "F": tininess is detected after rounding, underflow is raised only where
 * the result is inexact too, and every NaN result is the canonical quiet NaN.
 *
 * Everything here is a pure function of bigint bit patterns. Patterns are read modulo the format's width, so a signed
 * 64-bit value as WebAssembly hands it over, or a NaN-boxed single, may be passed as it is; results are unsigned.
 */

const { clz32, min } = Math;
const toBigInt = BigInt;
const toNumber = Number;

/** Rounding modes in RISC-V's `frm` encoding. */
export const RNE = 0;
export const RTZ = 1;
export const RDN = 2;
export const RUP = 3;
export const RMM = 4;
export type RoundingMode = 0 | 1 | 2 | 3 | 4;

/** Accrued exceptions in RISC-V's `fflags` encoding. */
export const NX = 1;
export const UF = 2;
export const OF = 4;
export const DZ = 8;
export const NV = 16;

/** What an operation gives: an unsigned bit pattern, and the `fflags` bits it raises. */
export interface Result {
  readonly bits: bigint;
  readonly flags: number;
}

/** A binary interchange format: its two field widths, and what follows from them. */
export interface Format {
  readonly exponentBits: number;
  readonly fractionBits: number;
  /** Significand bits with the leading one: IEEE 754's p. */
  readonly precision: number;
  readonly bias: number;
  /** The exponent of the smallest normal number: IEEE 754's emin. */
  readonly minExponent: number;
  /** The biased exponent, all ones, that marks infinities and NaNs. */
  readonly specialExponent: number;
  readonly fractionShift: bigint;
  readonly fractionMask: bigint;
  /** The leading significand bit of a normal number, which the encoding leaves out; also the smallest normal's pattern. */
  readonly hiddenBit: bigint;
  readonly quietBit: bigint;
  readonly signBit: bigint;
  readonly magnitudeMask: bigint;
  readonly infinity: bigint;
  readonly canonicalNaN: bigint;
}

/** Builds a format of `1 + exponentBits + fractionBits` bits; both widths at least 2, the exponent at most 15 bits. */
export function defineFormat(exponentBits: number, fractionBits: number): Format {
  const bias = 2 ** (exponentBits - 1) - 1;
  const specialExponent = 2 ** exponentBits - 1;
  const fractionShift = toBigInt(fractionBits);
  const hiddenBit = 1n << fractionShift;
  const quietBit = hiddenBit >> 1n;
  const signBit = hiddenBit << toBigInt(exponentBits);
  const infinity = toBigInt(specialExponent) << fractionShift;
  return {
    exponentBits,
    fractionBits,
    precision: fractionBits + 1,
    bias,
    minExponent: 1 - bias,
    specialExponent,
    fractionShift,
    fractionMask: hiddenBit - 1n,
    hiddenBit,
    quietBit,
    signBit,
    magnitudeMask: signBit - 1n,
    infinity,
    canonicalNaN: infinity | quietBit,
  };
}

/** binary32: RISC-V's S. */
export const F32: Format = defineFormat(8, 23);
/** binary64: RISC-V's D. */
export const F64: Format = defineFormat(11, 52);

/** 1 where negative, -0 and NaNs with the sign bit set included. */
export type Sign = 0 | 1;

/**
 * A pattern taken apart. For `finite` (which zeros are not) the value is (-1)^sign * significand * 2^exponent, the
 * significand being a positive integer of at most `precision` bits; the other kinds have significand 0 and exponent 0.
 */
export interface Unpacked {
  readonly kind: 'zero' | 'finite' | 'infinite' | 'quiet' | 'signaling';
  readonly sign: Sign;
  readonly exponent: number;
  readonly significand: bigint;
}

export function unpack(format: Format, bits: bigint): Unpacked {
  const top = toNumber(bits >> format.fractionShift);
  const biased = top & format.specialExponent;
  const sign = ((top >> format.exponentBits) & 1) as Sign;
  const fraction = bits & format.fractionMask;
  if (biased === format.specialExponent) {
    const kind = fraction === 0n ? 'infinite' : (fraction & format.quietBit) !== 0n ? 'quiet' : 'signaling';
    return { kind, sign, exponent: 0, significand: 0n };
  }
  const leastExponent = format.minExponent - format.fractionBits;
  if (biased !== 0) {
    return { kind: 'finite', sign, exponent: leastExponent + biased - 1, significand: fraction | format.hiddenBit };
  }
  if (fraction === 0n) return { kind: 'zero', sign, exponent: 0, significand: 0n };
  return { kind: 'finite', sign, exponent: leastExponent, significand: fraction };
}

export function isNaN(value: Unpacked): boolean {
  return value.kind === 'quiet' || value.kind === 'signaling';
}

/** A result that is exact and raises nothing. */
export function exact(bits: bigint): Result {
  return { bits, flags: 0 };
}

export function zero(format: Format, sign: Sign): Result {
  return { bits: sign ? format.signBit : 0n, flags: 0 };
}

export function infinity(format: Format, sign: Sign): Result {
  return { bits: sign ? format.signBit | format.infinity : format.infinity, flags: 0 };
}

/** The canonical quiet NaN of an operation that is invalid in itself. */
export function invalid(format: Format): Result {
  return { bits: format.canonicalNaN, flags: NV };
}

/** The canonical quiet NaN of an operation that has one of `operands` for a NaN; NV if any of them is signaling. */
export function propagateNaN(format: Format, ...operands: readonly Unpacked[]): Result {
  const signaling = operands.some((operand) => operand.kind === 'signaling');
  return { bits: format.canonicalNaN, flags: signaling ? NV : 0 };
}

/** The number of bits of a positive integer: floor(log2(value)) + 1. */
export function bitLength(value: bigint): number {
  let length = 32;
  let rest = value;
  for (; rest > 0xffff_ffffn; rest >>= 32n) length += 32;
  return length - clz32(toNumber(rest));
}

/** An integer quotient by a power of two, rounded. */
export interface Shifted {
  readonly value: bigint;
  readonly inexact: boolean;
}

/** `significand` / 2^`shift`, rounded to an integer; `significand` >= 0 is the magnitude of a number of sign `sign`. */
export function shiftRounded(significand: bigint, shift: number, sign: Sign, rm: RoundingMode): Shifted {
  if (shift <= 0) {
    return { value: shift === 0 ? significand : significand << toBigInt(-shift), inexact: false };
  }
  // One place beyond the top bit the quotient is below a half: any further makes no difference but in size.
  const count = toBigInt(shift > 64 ? min(shift, bitLength(significand) + 1) : shift);
  const kept = significand >> count;
  const rest = significand - (kept << count);
  if (rest === 0n) return { value: kept, inexact: false };
  return { value: roundsAway(kept, rest, count, sign, rm) ? kept + 1n : kept, inexact: true };
}

/** Whether `kept`, with 0 < `rest` < 2^`count` beyond its last place, is to grow by one. */
function roundsAway(kept: bigint, rest: bigint, count: bigint, sign: Sign, rm: RoundingMode): boolean {
  const half = 1n << (count - 1n);
  switch (rm) {
    case RNE:
      return rest > half || (rest === half && (kept & 1n) !== 0n);
    case RTZ:
      return false;
    case RDN:
      return sign === 1;
    case RUP:
      return sign === 0;
    case RMM:
      return rest >= half;
  }
}

/**
 * Rounds (-1)^sign * significand * 2^exponent into `format`; `significand` is positive, of any size.
 *
 * A value that is not a dyadic fraction, or too long to be written out, may be handed over with all that lies below its
 * last bit jammed into that bit (set if anything is there), provided that the significand has `precision` + 2 bits: the
 * last one then lies below the halfway bit and decides only on which side of it, and of exactness, the value lies.
 */
export function round(format: Format, sign: Sign, exponent: number, significand: bigint, rm: RoundingMode): Result {
  const { fractionBits, minExponent } = format;
  const leading = exponent + bitLength(significand) - 1;
  const subnormal = leading < minExponent;
  const scale = subnormal ? minExponent : leading;
  const shift = scale - fractionBits - exponent;
  const { value, inexact } = shiftRounded(significand, shift, sign, rm);

  if (scale + format.bias >= format.specialExponent) return overflow(format, sign, rm);
  // The hidden bit, and a carry out of the rounding, are added into the exponent field.
  const magnitude = (toBigInt(scale - minExponent) << format.fractionShift) + value;
  if (magnitude >= format.infinity) return overflow(format, sign, rm);

  let flags = inexact ? NX : 0;
  // Tiny unless, in places half as large as a subnormal's, it rounds up to the smallest normal number: those are the
  // places rounding would use, were the exponent unbounded, right below that number; further down nothing reaches it.
  if (inexact && subnormal && shiftRounded(significand, shift - 1, sign, rm).value < format.hiddenBit << 1n)
    flags |= UF;
  return { bits: sign ? magnitude | format.signBit : magnitude, flags };
}

function overflow(format: Format, sign: Sign, rm: RoundingMode): Result {
  const toLargest = rm === RTZ || (rm === RDN && sign === 0) || (rm === RUP && sign === 1);
  const magnitude = toLargest ? format.infinity - 1n : format.infinity;
  return { bits: sign ? magnitude | format.signBit : magnitude, flags: OF | NX };
}
