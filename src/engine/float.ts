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
  readonly fast: (productDiffers: FunctionRef) => FastPath;
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

function definitionsOf(suffix: FloatFormat): [FloatOperation, Definition][] {
  const format = FORMATS[suffix];
  const native = NATIVE_FORMATS[suffix];
  const double = suffix === 'd';
  const definitions: [FloatOperation, Definition][] = [
    [
      `add.${suffix}`,
      { operands: 2, fast: () => sum(native, false), exact: (rm, a, b) => softfloat.add(format, a, b, rm) },
    ],
    [
      `sub.${suffix}`,
      { operands: 2, fast: () => sum(native, true), exact: (rm, a, b) => softfloat.sub(format, a, b, rm) },
    ],
    [
      `mul.${suffix}`,
      {
        operands: 2,
        fast: double ? productDouble : () => productSingle,
        exact: (rm, a, b) => softfloat.mul(format, a, b, rm),
      },
    ],
    [
      `div.${suffix}`,
      {
        operands: 2,
        fast: double ? quotientDouble : () => quotientSingle,
        exact: (rm, a, b) => softfloat.div(format, a, b, rm),
      },
    ],
    [
      `sqrt.${suffix}`,
      { operands: 1, fast: double ? rootDouble : () => rootSingle, exact: (rm, a) => softfloat.sqrt(format, a, rm) },
    ],
    [
      `madd.${suffix}`,
      {
        operands: 3,
        fast: () => (double ? fusedDouble : fusedSingle),
        exact: (rm, a, b, c) => softfloat.fma(format, a, b, c, rm),
      },
    ],
    [
      `class.${suffix}`,
      {
        operands: 1,
        fast: () => classification(native),
        exact: (_, a) => ({ bits: BigInt(softfloat.classify(format, a)), flags: 0 }),
      },
    ],
  ];
  for (const name of ['min', 'max'] as const) {
    const exact: Definition['exact'] = (_, a, b) => softfloat[name](format, a, b);
    definitions.push([`${name}.${suffix}`, { operands: 2, fast: () => extremum(native, name), exact }]);
  }
  for (const name of ['eq', 'lt', 'le'] as const) {
    const exact: Definition['exact'] = (_, a, b) => softfloat[name](format, a, b);
    definitions.push([`${name}.${suffix}`, { operands: 2, fast: () => comparison(native, name), exact }]);
  }
  for (const type of ['w', 'wu', 'l', 'lu'] as const) {
    const [width, signed] = INTEGERS[type];
    definitions.push(
      [
        `cvt.${type}.${suffix}`,
        {
          operands: 1,
          fast: () => toInteger(native, type),
          exact: (rm, a) => softfloat.toInt(format, a, rm, width, signed),
        },
      ],
      [
        `cvt.${suffix}.${type}`,
        {
          operands: 1,
          fast: () => fromInteger(native, type),
          exact: (rm, a) => softfloat.fromInt(format, a, width, signed, rm),
        },
      ],
    );
  }
  return definitions;
}

const { F32, F64, convert } = softfloat;
const DEFINITIONS: readonly [FloatOperation, Definition][] = [
  ...definitionsOf('s'),
  ...definitionsOf('d'),
  ['cvt.s.d', { operands: 1, fast: () => narrowing, exact: (rm, a) => convert(F64, F32, a, rm) }],
  ['cvt.d.s', { operands: 1, fast: () => widening, exact: (rm, a) => convert(F32, F64, a, rm) }],
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
      declareFloatFunction(module, slow, index, operands, fast(productDiffers)),
    ]),
  );
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
