/**
 * Floating point as compiled code calls it: one WebAssembly function for each operation, fast where native arithmetic
 * is certainly right, and the slow path behind them, which is right always.
 *
 * RISC-V unprivileged specification, chapters "F" and "D". Operands and results are bit patterns, unboxed; flags accrue
 * in HART.fflags.
 */
import { HART } from '../hart/layout.js';
import type { FloatFormat, FloatOperation } from '../isa/semantics.js';
import {
  fusedDouble,
  fusedSingle,
  declareProductDiffers,
  productDouble,
  productSingle,
  quotientDouble,
  quotientSingle,
  rootDouble,
  rootSingle,
  sum,
} from './float-arithmetic.js';
import {
  classification,
  comparison,
  extremum,
  fromInteger,
  narrowing,
  toInteger,
  widening,
  type IntegerType,
} from './float-conversion.js';
import { declareFloatFunction, DOUBLE, SINGLE, type FastPath } from './float-function.js';
import * as softfloat from './softfloat.js';
import type { Result, RoundingMode } from './softfloat.js';
import type { FunctionRef, ModuleBuilder } from './wasm/builder.js';

/** An operation's fast path, its exact definition, and how many operands it has. */
interface Definition {
  readonly operands: 1 | 2 | 3;
  readonly fast: FastPath;
  readonly exact: (rounding: RoundingMode, a: bigint, b: bigint, c: bigint) => Result;
}

const FORMATS = { s: softfloat.F32, d: softfloat.F64 } as const;
const NATIVE_FORMATS = { s: SINGLE, d: DOUBLE } as const;
const INTEGERS: Record<IntegerType, readonly [width: 32 | 64, signed: boolean]> = {
  w: [32, true],
  wu: [32, false],
  l: [64, true],
  lu: [64, false],
};

const define = (
  operation: FloatOperation,
  operands: Definition['operands'],
  fast: Definition['fast'],
  exact: Definition['exact'],
): [FloatOperation, Definition] => [operation, { operands, fast, exact }];

function definitionsOf(suffix: FloatFormat): [FloatOperation, Definition][] {
  const format = FORMATS[suffix];
  const native = NATIVE_FORMATS[suffix];
  const { add, sub, mul, div, sqrt, fma, classify, toInt, fromInt } = softfloat;
  const [product, quotient, root, fused] =
    suffix === 'd'
      ? [productDouble, quotientDouble, rootDouble, fusedDouble]
      : [productSingle, quotientSingle, rootSingle, fusedSingle];
  const definitions = [
    define(`add.${suffix}`, 2, sum(native, false), (rm, a, b) => add(format, a, b, rm)),
    define(`sub.${suffix}`, 2, sum(native, true), (rm, a, b) => sub(format, a, b, rm)),
    define(`mul.${suffix}`, 2, product, (rm, a, b) => mul(format, a, b, rm)),
    define(`div.${suffix}`, 2, quotient, (rm, a, b) => div(format, a, b, rm)),
    define(`sqrt.${suffix}`, 1, root, (rm, a) => sqrt(format, a, rm)),
    define(`madd.${suffix}`, 3, fused, (rm, a, b, c) => fma(format, a, b, c, rm)),
    define(`class.${suffix}`, 1, classification(native), (_, a) => ({ bits: BigInt(classify(format, a)), flags: 0 })),
  ];
  for (const name of ['min', 'max'] as const) {
    definitions.push(
      define(`${name}.${suffix}`, 2, extremum(native, name), (_, a, b) => softfloat[name](format, a, b)),
    );
  }
  for (const name of ['eq', 'lt', 'le'] as const) {
    definitions.push(
      define(`${name}.${suffix}`, 2, comparison(native, name), (_, a, b) => softfloat[name](format, a, b)),
    );
  }
  for (const type of ['w', 'wu', 'l', 'lu'] as const) {
    const [width, signed] = INTEGERS[type];
    definitions.push(
      define(`cvt.${type}.${suffix}`, 1, toInteger(native, type), (rm, a) => toInt(format, a, rm, width, signed)),
      define(`cvt.${suffix}.${type}`, 1, fromInteger(native, type), (rm, a) => fromInt(format, a, width, signed, rm)),
    );
  }
  return definitions;
}

const { F32, F64, convert } = softfloat;
const DEFINITIONS: readonly [FloatOperation, Definition][] = [
  ...definitionsOf('s'),
  ...definitionsOf('d'),
  define('cvt.s.d', 1, narrowing, (rm, a) => convert(F64, F32, a, rm)),
  define('cvt.d.s', 1, widening, (rm, a) => convert(F32, F64, a, rm)),
];

/** All operations; an operation's number, by which it is asked of the slow path, is its place here. */
export const FLOAT_OPERATIONS: readonly FloatOperation[] = DEFINITIONS.map(([operation]) => operation);

/**
 * Declares the function of each operation: (rounding mode 0 to 4: i32, one i64 pattern for each operand) -> i64. `slow`,
 * of type (operation, rounding: i32, a, b, c: i64) -> i64, is what `floatSlow` makes. The module's memory 0 is the
 * hart's.
 */
export function declareFloat(module: ModuleBuilder, slow: FunctionRef): Map<FloatOperation, FunctionRef> {
  const productDiffers = declareProductDiffers(module);
  return new Map(
    DEFINITIONS.map(([operation, { operands, fast }], index) => [
      operation,
      declareFloatFunction(module, { productDiffers }, slow, index, operands, fast),
    ]),
  );
}

const FAST_PATHS: ReadonlyMap<FloatOperation, FastPath> = new Map(
  DEFINITIONS.map(([operation, { fast }]) => [operation, fast]),
);

/** The fast path of an operation, to be emitted in place. */
export function fastPathOf(operation: FloatOperation): FastPath {
  const fast = FAST_PATHS.get(operation);
  if (!fast) throw new Error(`no such floating-point operation: ${operation}`);
  return fast;
}

/** Answers an operation, by its number, in software; flags accrue in the fflags of the hart that lies in `memory`. */
export function floatSlow(
  memory: WebAssembly.Memory,
): (operation: number, rounding: number, a: bigint, b: bigint, c: bigint) => bigint {
  const exact = DEFINITIONS.map(([, definition]) => definition.exact);
  const fflags = new Uint32Array(memory.buffer, HART.fflags, 1);
  return (operation, rounding, a, b, c) => {
    const { bits, flags } = exact[operation](rounding as RoundingMode, a, b, c);
    fflags[0] |= flags;
    return bits;
  };
}
