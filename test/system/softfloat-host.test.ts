/**
 * Software floating point against the host's floating-point unit, over a million operations: an x86-64 unit with FMA
 * detects tininess after rounding as RISC-V does. Needs gcc; skipped where that, or such a unit, is missing.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sf from '../../src/engine/softfloat.js';
import type { Format, Result, RoundingMode } from '../../src/engine/softfloat.js';

const { asUintN } = BigInt;
const toBigInt = BigInt;
const CASES = 1 << 20;
const REQUEST_BYTES = 32;
const ANSWER_BYTES = 16;

const folder = mkdtempSync(join(tmpdir(), 'softfloat-'));
const program = join(folder, 'host');
const source = join(process.cwd(), 'test/system/softfloat-host.c');

function compiles(): boolean {
  if (process.arch !== 'x64') return false;
  try {
    execFileSync('gcc', ['-O1', '-frounding-math', '-mfma', '-o', program, source, '-lm'], { stdio: 'pipe' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  return spawnSync(program, { input: '' }).status === 0;
}

const available = compiles();
afterAll(() => rmSync(folder, { recursive: true }));

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

const random = generator(0x2545f491);

function word(): bigint {
  return (toBigInt(random(0xffff_ffff)) << 32n) | toBigInt(random(0xffff_ffff));
}

/** A pattern: anything, or with an exponent near one that matters, or with a short fraction, or the end of a range. */
function pattern(format: Format): bigint {
  const { bias, specialExponent, fractionBits, fractionShift, fractionMask, signBit, infinity } = format;
  const sign = random(2) ? signBit : 0n;
  const centre = [bias, bias, bias, 0, 1, bias >> 1, bias + (bias >> 1), specialExponent - 1][random(8)];
  const exponent = Math.min(specialExponent, Math.max(0, centre + random(2 * fractionBits + 8) - fractionBits - 4));
  let fraction = word() & fractionMask;
  switch (random(8)) {
    case 0:
      return word() & (signBit | format.magnitudeMask);
    case 1:
      return sign | [0n, 1n, infinity, infinity + 1n, infinity - 1n, format.canonicalNaN, format.hiddenBit][random(7)];
    case 2:
      fraction = 0n;
      break;
    case 3:
      fraction &= fraction << toBigInt(random(fractionBits));
      break;
    case 4:
      fraction = (fractionMask - (fraction >> toBigInt(random(fractionBits)))) & fractionMask;
      break;
  }
  return sign | (toBigInt(exponent) << fractionShift) | fraction;
}

interface Case {
  operation: number;
  rounding: RoundingMode;
  format: Format;
  a: bigint;
  b: bigint;
  c: bigint;
}

function makeCase(): Case {
  const single = random(2) === 1;
  const format = single ? sf.F32 : sf.F64;
  const operation = random(11);
  const [a, b] = [operation >= 9 ? word() >> toBigInt(random(64)) : pattern(format), pattern(format)];
  let c = pattern(format);
  if (operation === 5 && random(2)) {
    const product = sf.mul(format, a, b, random(4) as RoundingMode).bits ^ (random(2) ? format.signBit : 0n);
    c = (product + toBigInt(random(5)) - 2n) & (format.signBit | format.magnitudeMask);
  }
  return { operation, rounding: random(4) as RoundingMode, format, a, b, c };
}

function compute({ operation, rounding, format, a, b, c }: Case): Result {
  switch (operation) {
    case 0:
      return sf.add(format, a, b, rounding);
    case 1:
      return sf.sub(format, a, b, rounding);
    case 2:
      return sf.mul(format, a, b, rounding);
    case 3:
      return sf.div(format, a, b, rounding);
    case 4:
      return sf.sqrt(format, a, rounding);
    case 5:
      return sf.fma(format, a, b, c, rounding);
    case 6:
      return sf.convert(format, format === sf.F32 ? sf.F64 : sf.F32, a, rounding);
    case 7:
      return sf.toInt(format, a, rounding, 32, true);
    case 8:
      return sf.toInt(format, a, rounding, 64, true);
    case 9:
      return sf.fromInt(format, a, 32, true, rounding);
    default:
      return sf.fromInt(format, a, 64, true, rounding);
  }
}

/** The format of a case's result; undefined where it is an integer. */
function resultFormat({ operation, format }: Case): Format | undefined {
  if (operation === 7 || operation === 8) return undefined;
  return operation === 6 ? (format === sf.F32 ? sf.F64 : sf.F32) : format;
}

/** The host's answer in RISC-V's terms; its NaNs and its out-of-range integers are its own affair. */
function sameAnswer(test: Case, expected: Result, bits: bigint, flags: number): boolean {
  const format = resultFormat(test);
  if (format === undefined) return flags === expected.flags && (flags === sf.NV || bits === expected.bits);
  if (expected.bits !== format.canonicalNaN) return flags === expected.flags && bits === expected.bits;
  const isNaN = (bits & format.magnitudeMask) > format.infinity;
  // IEEE 754 leaves open whether infinity * 0 + qNaN is invalid; RISC-V says it is, x86 that it is not.
  const open = test.operation === 5 && sf.mul(test.format, test.a, test.b, 0).flags === sf.NV && flags === 0;
  return isNaN && (flags === expected.flags || open);
}

(available ? describe : describe.skip)("the host's floating-point unit", () => {
  it('gives the same results and flags', () => {
    const cases = Array.from({ length: CASES }, makeCase);
    const input = Buffer.alloc(CASES * REQUEST_BYTES);
    cases.forEach(({ operation, rounding, format, a, b, c }, i) => {
      const at = i * REQUEST_BYTES;
      input.writeUInt32LE(operation + (format === sf.F32 ? 16 : 0), at);
      input.writeUInt32LE(rounding, at + 4);
      [a, b, c].forEach((bits, j) => input.writeBigUInt64LE(asUintN(64, bits), at + 8 + 8 * j));
    });
    const { stdout } = spawnSync(program, { input, maxBuffer: CASES * ANSWER_BYTES + 1 });
    expect(stdout).toHaveLength(CASES * ANSWER_BYTES);

    const differences = cases.flatMap((test, i) => {
      const expected = compute(test);
      const bits = stdout.readBigUInt64LE(i * ANSWER_BYTES);
      const flags = Number(stdout.readBigUInt64LE(i * ANSWER_BYTES + 8));
      if (sameAnswer(test, expected, bits, flags)) return [];
      const operands = [test.a, test.b, test.c].map((x) => x.toString(16)).join(' ');
      const theirs = `host ${bits.toString(16)} flags ${flags}, ours ${expected.bits.toString(16)} flags ${expected.flags}`;
      return [`${test.format.exponentBits} ${test.operation} rm ${test.rounding} ${operands}: ${theirs}`];
    });
    expect(differences.slice(0, 20)).toEqual([]);
  }, 120_000);
});
