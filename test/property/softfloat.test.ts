/**
 * Software floating point against exact rational arithmetic, against the host's own doubles, and, in a format small
 * enough, for every pair of operands there is.
 */

import fc from 'fast-check';
import * as sf from '../../src/engine/softfloat.js';
import type { Format, Result, RoundingMode } from '../../src/engine/softfloat.js';
import type { Dyadic, Operand } from './softfloat-oracle.js';
import * as oracle from './softfloat-oracle.js';

const toBigInt = BigInt;
const toNumber = Number;
const { asIntN, asUintN } = BigInt;
const { fround, sqrt: nativeSqrt } = Math;

const MODES = [0, 1, 2, 3, 4] as const;
const { NV } = sf;
const FORMATS: [string, Format][] = [
  ['binary32', sf.F32],
  ['binary64', sf.F64],
];
const TINY = sf.defineFormat(3, 2);
const SEED = 0x5eed;

function show({ bits, flags }: { bits: bigint; flags: number }): string {
  return `0x${bits.toString(16)} flags ${flags}`;
}

/** Compares all five modes at once; `what` names the operands when they differ. */
function check(what: () => string, actual: (rm: RoundingMode) => Result, expected: oracle.Expected): void {
  for (const rm of MODES) checkOne(() => `${what()} rm ${rm}`, actual(rm), expected[rm]);
}

function checkOne(what: () => string, actual: Result, expected: Result): void {
  if (actual.bits !== expected.bits || actual.flags !== expected.flags) {
    throw new Error(`${what()}: got ${show(actual)}, expected ${show(expected)}`);
  }
}

function checkBits(what: () => string, actual: bigint, expected: bigint): void {
  if (actual !== expected)
    throw new Error(`${what()}: got 0x${actual.toString(16)}, expected 0x${expected.toString(16)}`);
}

function name(operation: string, ...operands: bigint[]): string {
  return `${operation} ${operands.map((x) => `0x${x.toString(16)}`).join(' ')}`;
}

/** The ends of every range of patterns, of both signs. */
function corners(format: Format): bigint[] {
  const { bias, signBit, infinity, hiddenBit, quietBit } = format;
  const one = toBigInt(bias) * hiddenBit;
  const positive = [0n, 1n, 2n, hiddenBit - 1n, hiddenBit, hiddenBit + 1n, one - 1n, one, one + 1n, one + quietBit];
  positive.push(infinity - 1n, infinity, infinity + 1n, infinity + quietBit, infinity + quietBit + 1n, signBit - 1n);
  return [...positive, ...positive.map((bits) => bits + signBit)];
}

/** Patterns with a liking for ends of ranges, neighbours of powers of two, and exponents that meet. */
function patterns(format: Format): fc.Arbitrary<bigint> {
  const { fractionBits, exponentBits, bias, signBit, hiddenBit, quietBit } = format;
  const shift = toBigInt(fractionBits);
  const fraction = fc.oneof(
    fc.bigInt(0n, hiddenBit - 1n),
    fc.constantFrom(0n, 1n, hiddenBit - 1n, quietBit, quietBit - 1n, quietBit + 1n),
    fc
      .tuple(fc.integer({ min: 0, max: fractionBits - 1 }), fc.integer({ min: 0, max: fractionBits - 1 }))
      .map(([i, j]) => ((1n << toBigInt(i)) - (1n << toBigInt(j))) & (hiddenBit - 1n)),
  );
  const exponent = fc.oneof(
    fc.integer({ min: 0, max: 2 ** exponentBits - 1 }),
    fc.integer({ min: bias - fractionBits - 3, max: bias + fractionBits + 12 }),
    fc.integer({ min: 0, max: fractionBits + 3 }),
    fc.integer({ min: bias * 2 - fractionBits, max: bias * 2 }),
    fc.integer({ min: (bias >> 1) - 2, max: (bias >> 1) + 2 }),
    fc.integer({ min: bias + (bias >> 1) - 2, max: bias + (bias >> 1) + 2 }),
  );
  const mixed = fc
    .tuple(fc.boolean(), exponent, fraction)
    .map(([negative, e, f]) => (negative ? signBit : 0n) + (toBigInt(e) << shift) + f);
  return fc.oneof({ weight: 1, arbitrary: fc.constantFrom(...corners(format)) }, { weight: 5, arbitrary: mixed });
}

/** Two patterns, often of nearly the same magnitude, so that sums cancel. */
function pairs(format: Format): fc.Arbitrary<[bigint, bigint]> {
  const all = (format.signBit << 1n) - 1n;
  const near = fc
    .tuple(patterns(format), fc.integer({ min: -4, max: 4 }), fc.boolean())
    .map(([a, by, flip]): [bigint, bigint] => [a, ((a + toBigInt(by)) & all) ^ (flip ? format.signBit : 0n)]);
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(patterns(format), patterns(format)) },
    { weight: 1, arbitrary: near },
  );
}

/** Operands of a fused multiply-add, the addend often close to the product's negative, or to half a place of it. */
function triples(format: Format): fc.Arbitrary<[bigint, bigint, bigint]> {
  const close = fc
    .tuple(patterns(format), patterns(format), fc.integer({ min: -2, max: 2 }), fc.integer({ min: 0, max: 60 }))
    .map(([a, b, by, apart]): [bigint, bigint, bigint] => {
      const product = sf.negate(format, sf.mul(format, a, b, 0).bits) + toBigInt(by);
      const c = product - (toBigInt(apart > 56 ? apart : 0) << format.fractionShift);
      return [a, b, c & ((format.signBit << 1n) - 1n)];
    });
  return fc.oneof(fc.tuple(patterns(format), patterns(format), patterns(format)), close);
}

/** Checks `property` for random pairs and for every pair of corners. */
function forAllPairs(format: Format, numRuns: number, property: (pair: [bigint, bigint]) => void): void {
  for (const a of corners(format)) for (const b of corners(format)) property([a, b]);
  forAll(pairs(format), numRuns, property);
}

function forAll<T>(arbitrary: fc.Arbitrary<T>, numRuns: number, property: (operands: T) => void): void {
  fc.assert(fc.property(arbitrary, property), { seed: SEED, numRuns });
}

/** What fclass answers, by the oracle's reading of a pattern. */
function classOf(format: Format, x: Operand): bigint {
  if (x.kind === 'nan') return x.quiet ? 512n : 256n;
  if (x.kind === 'infinite') return x.negative ? 1n : 128n;
  const leastNormal = { m: 1n, e: 1 - format.bias };
  if (x.value.m === 0n) return x.negative ? 8n : 16n;
  if (oracle.compare(oracle.magnitude(x.value), leastNormal) < 0) return x.negative ? 4n : 32n;
  return x.negative ? 2n : 64n;
}

describe.each(FORMATS)('%s against exact arithmetic', (_, format) => {
  const read = (bits: bigint): Operand => oracle.decode(format, bits);

  it('adds and subtracts', () => {
    forAllPairs(format, 4000, ([a, b]) => {
      check(
        () => name('add', a, b),
        (rm) => sf.add(format, a, b, rm),
        oracle.sum(format, read(a), read(b)),
      );
      const negated = read(sf.negate(format, b));
      check(
        () => name('sub', a, b),
        (rm) => sf.sub(format, a, b, rm),
        oracle.sum(format, read(a), negated),
      );
    });
  });

  it('multiplies', () => {
    forAllPairs(format, 2000, ([a, b]) => {
      check(
        () => name('mul', a, b),
        (rm) => sf.mul(format, a, b, rm),
        oracle.product(format, read(a), read(b)),
      );
    });
  });

  it('divides', () => {
    forAllPairs(format, 2000, ([a, b]) => {
      check(
        () => name('div', a, b),
        (rm) => sf.div(format, a, b, rm),
        oracle.quotient(format, read(a), read(b)),
      );
    });
  });

  it('takes square roots', () => {
    const property = (a: bigint): void =>
      check(
        () => name('sqrt', a),
        (rm) => sf.sqrt(format, a, rm),
        oracle.root(format, read(a)),
      );
    corners(format).forEach(property);
    forAll(patterns(format), 4000, property);
  });

  it('multiplies and adds in one rounding', () => {
    const property = ([a, b, c]: [bigint, bigint, bigint]): void => {
      const expected = oracle.fma(format, read(a), read(b), read(c));
      check(
        () => name('fma', a, b, c),
        (rm) => sf.fma(format, a, b, c, rm),
        expected,
      );
    };
    forAll(triples(format), 8000, property);
    // Every pair of corners meets some third one: their number, 32, and 13 have no common factor.
    const ends = corners(format);
    for (let i = 0; i < ends.length ** 3; i += 13) property([ends[i & 31], ends[(i >> 5) & 31], ends[i >> 10]]);
  });

  it.each([
    [32, true],
    [32, false],
    [64, true],
    [64, false],
  ] as const)('converts to and from integers of %i bits, signed %s', (width, isSigned) => {
    const nearBounds = fc
      .tuple(fc.constantFrom(31n, 32n, 63n, 64n), fc.integer({ min: -3, max: 3 }))
      .map(([power, by]) => sf.fromInt(format, (1n << power) - 1n, 64, false, 1).bits + toBigInt(by));
    forAll(fc.oneof(patterns(format), nearBounds), 1000, (a) => {
      const expected = oracle.toInt(read(a), width, isSigned);
      check(
        () => name('toInt', a),
        (rm) => sf.toInt(format, a, rm, width, isSigned),
        expected,
      );
    });
    const integers = fc.oneof(
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.tuple(fc.bigInt(0n, 64n), fc.bigInt(-5n, 5n)).map(([power, by]) => asUintN(64, (1n << power) + by)),
      fc.tuple(fc.bigInt(0n, 2n ** 32n), fc.bigInt(0n, 32n)).map(([value, by]) => asUintN(64, value << by)),
    );
    forAll(integers, 1000, (value) => {
      const integer = isSigned ? asIntN(width, value) : asUintN(width, value);
      const expected =
        integer === 0n ? oracle.sameInAllModes({ bits: 0n, flags: 0 }) : oracle.rounded(format, { m: integer, e: 0 });
      check(
        () => name('fromInt', value),
        (rm) => sf.fromInt(format, value, width, isSigned, rm),
        expected,
      );
    });
  });

  it('converts to the other format', () => {
    const other = format === sf.F32 ? sf.F64 : sf.F32;
    const aroundOther = patterns(other).map((bits) => sf.convert(other, format, bits, 1).bits);
    const operands = fc.tuple(fc.oneof(patterns(format), aroundOther), fc.bigInt(-2n, 2n)).map(([a, by]) => a + by);
    forAll(operands, 2000, (raw) => {
      const a = raw & ((format.signBit << 1n) - 1n);
      check(
        () => name('convert', a),
        (rm) => sf.convert(format, other, a, rm),
        oracle.conversion(other, read(a)),
      );
    });
  });

  it('compares, selects and classifies', () => {
    forAllPairs(format, 2000, ([a, b]) => {
      const [x, y] = [read(a), read(b)];
      checkBits(() => name('class', a), toBigInt(sf.classify(format, a)), classOf(format, x));
      const someSignaling = [x, y].some((operand) => operand.kind === 'nan' && !operand.quiet);
      const unordered = x.kind === 'nan' || y.kind === 'nan';
      const size = (operand: Operand): Dyadic =>
        oracle.isNumber(operand)
          ? operand.value
          : { m: operand.kind === 'infinite' && operand.negative ? -1n : 1n, e: 5000 };
      const difference = oracle.compare(size(x), size(y));
      const is = (holds: boolean): bigint => (!unordered && holds ? 1n : 0n);
      const [quiet, signaling] = [someSignaling ? NV : 0, unordered ? NV : 0];
      checkOne(() => name('eq', a, b), sf.eq(format, a, b), { bits: is(difference === 0), flags: quiet });
      checkOne(() => name('lt', a, b), sf.lt(format, a, b), { bits: is(difference < 0), flags: signaling });
      checkOne(() => name('le', a, b), sf.le(format, a, b), { bits: is(difference <= 0), flags: signaling });

      const aFirst = difference < 0 || (difference === 0 && a >= format.signBit);
      const number = x.kind !== 'nan' ? a : y.kind !== 'nan' ? b : format.canonicalNaN;
      const [least, greatest] = unordered ? [number, number] : aFirst ? [a, b] : [b, a];
      checkOne(() => name('min', a, b), sf.min(format, a, b), { bits: least, flags: quiet });
      checkOne(() => name('max', a, b), sf.max(format, a, b), { bits: greatest, flags: quiet });
    });
  });

  it('reads a pattern modulo the width of the format', () => {
    const width = format.exponentBits + format.fractionBits + 1;
    forAll(triples(format), 300, ([a, b, c]) => {
      const [i, j, k] = [a, b, c].map((bits) => asIntN(width, bits));
      const box = (bits: bigint): bigint => bits | (0xffff_ffff_0000_0000n << toBigInt(width - 32));
      expect(sf.fma(format, i, box(b), k, 3)).toEqual(sf.fma(format, a, b, c, 3));
      expect(sf.sub(format, i, box(b), 0)).toEqual(sf.sub(format, a, b, 0));
      expect(sf.min(format, i, j)).toEqual(sf.min(format, a, b));
      expect(sf.max(format, box(a), j)).toEqual(sf.max(format, a, b));
      expect(sf.le(format, i, box(b))).toEqual(sf.le(format, a, b));
      expect(sf.classify(format, box(a))).toBe(sf.classify(format, a));
    });
  });
});

describe('a format of six bits', () => {
  const all = Array.from({ length: 64 }, (_, i) => toBigInt(i));
  const read = all.map((bits) => oracle.decode(TINY, bits));

  it('adds, multiplies and divides every pair as exact arithmetic does', () => {
    for (const a of all) {
      check(
        () => name('sqrt', a),
        (rm) => sf.sqrt(TINY, a, rm),
        oracle.root(TINY, read[toNumber(a)]),
      );
      for (const b of all) {
        const [x, y] = [read[toNumber(a)], read[toNumber(b)]];
        check(
          () => name('add', a, b),
          (rm) => sf.add(TINY, a, b, rm),
          oracle.sum(TINY, x, y),
        );
        check(
          () => name('mul', a, b),
          (rm) => sf.mul(TINY, a, b, rm),
          oracle.product(TINY, x, y),
        );
        check(
          () => name('div', a, b),
          (rm) => sf.div(TINY, a, b, rm),
          oracle.quotient(TINY, x, y),
        );
      }
    }
  });

  it('multiplies and adds every triple of a sample as exact arithmetic does', () => {
    // 64 and 37 have no common factor: the steps meet all pairs of operands.
    for (let i = 0; i < 64 ** 3; i += 37) {
      const [a, b, c] = [i & 63, (i >> 6) & 63, i >> 12];
      const [p, q, r] = [all[a], all[b], all[c]];
      check(
        () => name('fma', p, q, r),
        (rm) => sf.fma(TINY, p, q, r, rm),
        oracle.fma(TINY, read[a], read[b], read[c]),
      );
    }
  });

  it('classifies every pattern', () => {
    const expected = read.map((x, bits) => {
      if (x.kind === 'nan') return x.quiet ? 512 : 256;
      if (x.kind === 'infinite') return x.negative ? 1 : 128;
      const size = bits & 31;
      if (size === 0) return x.negative ? 8 : 16;
      if (size < 4) return x.negative ? 4 : 32;
      return x.negative ? 2 : 64;
    });
    expect(all.map((bits) => sf.classify(TINY, bits))).toEqual(expected);
  });
});

describe("the host's own arithmetic", () => {
  const view = new DataView(new ArrayBuffer(8));
  const double = (bits: bigint): number => (view.setBigUint64(0, bits), view.getFloat64(0));
  const single = (bits: bigint): number => (view.setUint32(0, toNumber(bits)), view.getFloat32(0));
  const ofDouble = (value: number): bigint =>
    value !== value ? sf.F64.canonicalNaN : (view.setFloat64(0, value), view.getBigUint64(0));
  const ofSingle = (value: number): bigint =>
    value !== value ? sf.F32.canonicalNaN : (view.setFloat32(0, value), toBigInt(view.getUint32(0)));

  it('agrees on doubles, to nearest even', () => {
    forAllPairs(sf.F64, 5000, ([a, b]) => {
      const [x, y] = [double(a), double(b)];
      checkBits(() => name('add', a, b), sf.add(sf.F64, a, b, 0).bits, ofDouble(x + y));
      checkBits(() => name('sub', a, b), sf.sub(sf.F64, a, b, 0).bits, ofDouble(x - y));
      checkBits(() => name('mul', a, b), sf.mul(sf.F64, a, b, 0).bits, ofDouble(x * y));
      checkBits(() => name('div', a, b), sf.div(sf.F64, a, b, 0).bits, ofDouble(x / y));
      checkBits(() => name('sqrt', a, b), sf.sqrt(sf.F64, a, 0).bits, ofDouble(nativeSqrt(x)));
      checkBits(() => name('convert', a, b), sf.convert(sf.F64, sf.F32, a, 0).bits, ofSingle(fround(x)));
    });
  });

  it('agrees on singles, to nearest even', () => {
    // Rounding a double result of one such operation to single is the same as rounding once.
    forAllPairs(sf.F32, 5000, ([a, b]) => {
      const [x, y] = [single(a), single(b)];
      checkBits(() => name('add', a, b), sf.add(sf.F32, a, b, 0).bits, ofSingle(fround(x + y)));
      checkBits(() => name('sub', a, b), sf.sub(sf.F32, a, b, 0).bits, ofSingle(fround(x - y)));
      checkBits(() => name('mul', a, b), sf.mul(sf.F32, a, b, 0).bits, ofSingle(fround(x * y)));
      checkBits(() => name('div', a, b), sf.div(sf.F32, a, b, 0).bits, ofSingle(fround(x / y)));
      checkBits(() => name('sqrt', a, b), sf.sqrt(sf.F32, a, 0).bits, ofSingle(fround(nativeSqrt(x))));
      checkBits(() => name('convert', a, b), sf.convert(sf.F32, sf.F64, a, 0).bits, ofDouble(x));
    });
  });
});
