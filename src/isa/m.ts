/** M, multiplication and division: RISC-V unprivileged specification, chapter "M". */
import type { Binary } from './formats.js';
import { OP, OP_32, registers, word } from './formats.js';
import type { Instruction } from './instruction.js';

const op = registers('M', OP);
const opWord = registers('M', OP_32);

/** The most negative integer, whose quotient by -1 does not fit. */
const mostNegative = -(1n << 63n);

/**
 * Division has no traps. By zero the quotient is -1 (all bits set) and the remainder the dividend; signed overflow
 * answers the dividend and 0, which is what a divisor of 1 gives.
 */
const guarded =
  (divide: Binary, signed: boolean, byZero: Binary): Binary =>
  (s, x, y) => {
    const dividend = s.let(x);
    const divisor = s.let(y);
    const zero = () => s.eq(divisor, s.const(0n));
    const nonZero = s.select(zero(), s.const(1n), divisor);
    const overflows = () => s.both(s.eq(dividend, s.const(mostNegative)), s.eq(divisor, s.const(-1n)));
    const safe = signed ? s.select(overflows(), s.const(1n), nonZero) : nonZero;
    return s.select(zero(), byZero(s, dividend, divisor), divide(s, dividend, safe));
  };

const allOnes: Binary = (s) => s.const(-1n);
const dividend: Binary = (_s, a) => a;

const div = guarded((s, a, b) => s.divS(a, b), true, allOnes);
const divu = guarded((s, a, b) => s.divU(a, b), false, allOnes);
const rem = guarded((s, a, b) => s.remS(a, b), true, dividend);
const remu = guarded((s, a, b) => s.remU(a, b), false, dividend);

/** Of the low words, sign-extended or zero-extended. */
const ofSigned =
  (operation: Binary): Binary =>
  (s, a, b) =>
    operation(s, s.sext(a, 32), s.sext(b, 32));
const ofUnsigned =
  (operation: Binary): Binary =>
  (s, a, b) =>
    operation(s, s.zext(a, 32), s.zext(b, 32));

export const multiplication: readonly Instruction[] = [
  op('mul', '0000001', '000', (s, a, b) => s.mul(a, b)),
  op('mulh', '0000001', '001', (s, a, b) => s.mulHigh(a, b, 'ss')),
  op('mulhsu', '0000001', '010', (s, a, b) => s.mulHigh(a, b, 'su')),
  op('mulhu', '0000001', '011', (s, a, b) => s.mulHigh(a, b, 'uu')),
  op('div', '0000001', '100', div),
  op('divu', '0000001', '101', divu),
  op('rem', '0000001', '110', rem),
  op('remu', '0000001', '111', remu),

  opWord(
    'mulw',
    '0000001',
    '000',
    word((s, a, b) => s.mul(a, b)),
  ),
  opWord('divw', '0000001', '100', word(ofSigned(div))),
  opWord('divuw', '0000001', '101', word(ofUnsigned(divu))),
  opWord('remw', '0000001', '110', word(ofSigned(rem))),
  opWord('remuw', '0000001', '111', word(ofUnsigned(remu))),
];
