/**
 * The fast floating-point functions against software floating point, in result and flags: in all rounding modes, with
 * flags clear and set beforehand. And that they are fast: ordinary operands never need the slow path.
 */

import { FLOAT_OPERATIONS } from '../../src/engine/float.js';
import * as sf from '../../src/engine/softfloat.js';
import type { Format, Result, RoundingMode } from '../../src/engine/softfloat.js';
import type { FloatOperation } from '../../src/isa/semantics.js';
import { makeFloatBench, operandCount, REQUEST } from './float-bench.js';

const toBigInt = BigInt;
const { min, max } = Math;
const ROUNDS = 5;
const COUNT = 20_000;
const WORDS = REQUEST.bytes / 4;
const PATTERNS = REQUEST.bytes / 8;

/** Marsaglia's xorshift32: the same cases each time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const random = generator(0x1337_beef);
const bench = makeFloatBench();

function word(): bigint {
  return (toBigInt(random(0xffff_ffff)) << 32n) | toBigInt(random(0xffff_ffff));
}

function ordinary(format: Format): bigint {
  const exponent = toBigInt(format.bias - 10 + random(20));
  return (random(2) ? format.signBit : 0n) | (exponent << format.fractionShift) | (word() & format.fractionMask);
}

/** A fraction of random length, or with a random run of ones or zeros at its end, give or take a place. */
function fraction(format: Format): bigint {
  const { fractionBits, fractionMask } = format;
  const places = toBigInt(random(fractionBits + 1));
  switch (random(6)) {
    case 0:
      return 0n;
    case 1:
      return (word() << places) & fractionMask;
    case 2:
      return ((word() << places) + 1n) & fractionMask;
    case 3:
      return ((word() << places) - 1n) & fractionMask;
    case 4:
      return (1n << places) & fractionMask;
    default:
      return word() & fractionMask;
  }
}

function pattern(format: Format): bigint {
  const { bias, specialExponent, fractionBits, fractionShift, signBit, infinity, quietBit } = format;
  const sign = random(2) ? signBit : 0n;
  const special = [0n, 0n, 1n, infinity, infinity + 1n, infinity + quietBit, infinity - 1n, format.hiddenBit];
  switch (random(12)) {
    case 0:
      return sign | special[random(special.length)];
    case 1:
      return sign | (word() & format.magnitudeMask);
    case 2:
      return sign | (toBigInt(random(3)) << fractionShift) | fraction(format);
    default: {
      const centres = [bias, bias, bias, bias, bias + fractionBits, bias >> 1, bias + (bias >> 1), 0, specialExponent];
      const spread = random(4) ? 4 : 2 * fractionBits;
      const exponent = centres[random(centres.length)] + random(spread) - (spread >> 1);
      return sign | (toBigInt(max(0, min(specialExponent - 1, exponent))) << fractionShift) | fraction(format);
    }
  }
}

function integer(): bigint {
  const places = toBigInt(random(64));
  return [word() >> places, word() << places, (1n << places) - 1n, -1n << places, (word() >> places) << 8n][random(5)];
}

const TO_INTEGER = /^cvt\.(wu?|lu?)\.([sd])$/;
const FROM_INTEGER = /^cvt\.([sd])\.(wu?|lu?)$/;

function formatOf(operation: FloatOperation): Format {
  return operation.endsWith('.s') ? sf.F32 : sf.F64;
}

function operandsOf(operation: FloatOperation): [bigint, bigint, bigint] {
  if (FROM_INTEGER.test(operation)) return [integer(), 0n, 0n];
  const format = formatOf(operation);
  const [a, b] = [pattern(format), pattern(format)];
  const all = format.signBit | format.magnitudeMask;
  if (operation.startsWith('madd') && random(3) === 0) return [a, ...factorAndAddend(format, a)];
  if (operation.startsWith('madd') && random(2)) {
    // An addend that cancels the product, or that lies near half a place of it.
    const product = sf.mul(format, a, b, random(5) as RoundingMode).bits ^ (random(2) ? format.signBit : 0n);
    const shift = random(2) ? 0n : toBigInt(random(2 * format.fractionBits + 4)) << format.fractionShift;
    const bits = (product + toBigInt(random(5)) - 2n - shift) & all;
    return [a, b, random(2) ? bits : bits & ~format.fractionMask];
  }
  if (/^(add|sub)/.test(operation) && random(20) === 0) return aroundLargest(format);
  if (operation === 'cvt.s.d' && random(3) > 0) return [nearSingle(), b, 0n];
  if (/^(div|sqrt)/.test(operation) && random(3) === 0) {
    // Exact quotients and roots, and their neighbours.
    const root = a & ~((1n << toBigInt(format.fractionBits >> 1)) - 1n);
    const dividend = operation.startsWith('div') ? sf.mul(format, root, b, 0).bits : sf.mul(format, root, root, 0).bits;
    return [(dividend + toBigInt(random(3)) - 1n) & all, b, 0n];
  }
  if (random(3) === 0) return [a, ((a + toBigInt(random(5)) - 2n) & all) ^ (random(2) ? format.signBit : 0n), 0n];
  return [a, b, pattern(format)];
}

/** b and c so that a * b and c are of about the same magnitude, whatever that is. */
function factorAndAddend(format: Format, a: bigint): [bigint, bigint] {
  const { bias, specialExponent, fractionBits, fractionShift, signBit, infinity } = format;
  const c = random(4) ? pattern(format) : infinity - 1n - toBigInt(random(3));
  const exponentOf = (bits: bigint): number => Number(bits >> fractionShift) & specialExponent;
  const apart = random(4 * fractionBits) - 2 * fractionBits;
  const exponent = max(0, min(specialExponent - 1, exponentOf(c) + bias - exponentOf(a) + apart));
  return [(random(2) ? signBit : 0n) | (toBigInt(exponent) << fractionShift) | fraction(format), c];
}

/** One of the greatest numbers, and a few halves of its last place: an error-free addition may overflow on the way. */
function aroundLargest(format: Format): [bigint, bigint, bigint] {
  const sign = random(2) ? format.signBit : 0n;
  const halfPlace = sf.fromInt(format, toBigInt(1 + random(8)), 64, false, 0).bits;
  const exponent = toBigInt(format.bias - format.fractionBits - 1) << format.fractionShift;
  const largest = sign | (format.infinity - 1n - toBigInt(random(2)));
  const few = (random(2) ? format.signBit : 0n) | (halfPlace + exponent);
  return random(2) ? [largest, few, 0n] : [few, largest, 0n];
}

/** A double near a single, or near the middle between two. */
function nearSingle(): bigint {
  const bits = sf.convert(sf.F32, sf.F64, pattern(sf.F32), 0).bits;
  const between = random(2) ? 1n << 28n : 0n;
  return (bits + between + toBigInt(random(3)) - 1n) & (sf.F64.signBit | sf.F64.magnitudeMask);
}

function exactly(operation: FloatOperation, rm: RoundingMode, a: bigint, b: bigint, c: bigint): Result {
  const format = formatOf(operation);
  const name = operation.slice(0, -2);
  const [to, from] = [TO_INTEGER.exec(operation), FROM_INTEGER.exec(operation)];
  if (to) return sf.toInt(format, a, rm, to[1].startsWith('w') ? 32 : 64, !to[1].endsWith('u'));
  if (from) {
    const target = from[1] === 's' ? sf.F32 : sf.F64;
    return sf.fromInt(target, a, from[2].startsWith('w') ? 32 : 64, !from[2].endsWith('u'), rm);
  }
  switch (name) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      return sf[name](format, a, b, rm);
    case 'min':
    case 'max':
    case 'eq':
    case 'lt':
    case 'le':
      return sf[name](format, a, b);
    case 'sqrt':
      return sf.sqrt(format, a, rm);
    case 'madd':
      return sf.fma(format, a, b, c, rm);
    case 'class':
      return { bits: toBigInt(sf.classify(format, a)), flags: 0 };
    case 'cvt.s':
      return sf.convert(sf.F64, sf.F32, a, rm);
    case 'cvt.d':
      return sf.convert(sf.F32, sf.F64, a, rm);
    default:
      throw new Error(`unknown operation ${operation}`);
  }
}

function fill(index: number, rounding: number, before: number, operands: readonly bigint[]): void {
  const { words, patterns } = bench;
  words[index * WORDS] = rounding;
  words[index * WORDS + REQUEST.before / 4] = before;
  operands.forEach((bits, i) => (patterns[index * PATTERNS + REQUEST.a / 8 + i] = bits));
}

describe('fast floating point', () => {
  it.each(FLOAT_OPERATIONS)('%s answers as software floating point does', (operation) => {
    const { words, patterns } = bench;
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < COUNT; i++) {
        // Half of them to nearest even; flags clear, NX set, or any.
        const rounding = random(2) ? 0 : random(5);
        fill(i, rounding, [0, 0, 1, random(32)][random(4)], operandsOf(operation));
      }
      bench.run(operation, COUNT);
      for (let i = 0; i < COUNT; i++) {
        const rm = words[i * WORDS] as RoundingMode;
        const [a, b, c] = [1, 2, 3].map((k) => patterns[i * PATTERNS + k]);
        const expected = exactly(operation, rm, a, b, c);
        const before = words[i * WORDS + REQUEST.before / 4];
        const after = words[i * WORDS + REQUEST.after / 4];
        const result = patterns[i * PATTERNS + REQUEST.result / 8];
        if (result !== expected.bits || after !== (before | expected.flags)) {
          const operands = [a, b, c].map((x) => `0x${x.toString(16)}`).join(' ');
          const got = `0x${result.toString(16)} flags ${after}`;
          const wanted = `0x${expected.bits.toString(16)} flags ${before | expected.flags}`;
          throw new Error(`${operation} rm ${rm} ${operands}, flags ${before}: got ${got}, expected ${wanted}`);
        }
      }
    }
  });

  it.each(FLOAT_OPERATIONS)('%s does ordinary operands without the slow path', (operation) => {
    const format = formatOf(operation);
    const unsigned = /^(sqrt|cvt\.(wu|lu))/.test(operation);
    for (let i = 0; i < COUNT; i++) {
      const operands = FROM_INTEGER.test(operation)
        ? [word()]
        : [0, 1, 2].map(() => (unsigned ? ordinary(format) & format.magnitudeMask : ordinary(format)));
      fill(i, 0, random(2), operands.slice(0, operandCount(operation)));
    }
    expect(bench.run(operation, COUNT)).toBe(0);
  });
});
