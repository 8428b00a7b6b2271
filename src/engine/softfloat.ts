/**
 * Software floating point, exact in result and flags: the door to src/engine/softfloat/.
 *
 * Follows IEEE 754-2019 and the RISC-V unprivileged specification, chapters "F" and "D". It decides what the fast paths,
 * which compute with the host's own operations, leave undecided; NaN-boxing is left to the callers.
 */

export type { Format, Result, RoundingMode } from './softfloat/format.js';
export { defineFormat, DZ, F32, F64, NV, NX, OF, RDN, RMM, RNE, RTZ, RUP, UF } from './softfloat/format.js';
export { add, div, fma, mul, negate, sqrt, sub } from './softfloat/arithmetic.js';
export { classify, eq, le, lt, max, min } from './softfloat/comparison.js';
export { convert, fromInt, toInt } from './softfloat/conversion.js';
