/** Zbb, basic bit manipulation: RISC-V unprivileged specification, chapter "B". */
import type { Binary, Condition, Unary } from './formats.js';
import { OP, OP_32, OP_IMM, OP_IMM_32, registers, shift, unary } from './formats.js';
import type { Instruction } from './instruction.js';
import type { Semantics } from './semantics.js';

const op = registers('Zbb', OP);
const opWord = registers('Zbb', OP_32);
const opUnary = unary('Zbb', OP_IMM);
const opUnaryWord = unary('Zbb', OP_IMM_32);

const not = <V, C>(s: Semantics<V, C>, a: V): V => s.xor(a, s.const(-1n));

/** The first operand where the condition holds, else the second. */
const chosen =
  (condition: Condition): Binary =>
  (s, x, y) => {
    const a = s.let(x);
    const b = s.let(y);
    return s.select(condition(s, a, b), a, b);
  };

const min = chosen((s, a, b) => s.ltS(a, b));
const minu = chosen((s, a, b) => s.ltU(a, b));
const max = chosen((s, a, b) => s.ltS(b, a));
const maxu = chosen((s, a, b) => s.ltU(b, a));

const rol: Binary = (s, a, b) => s.rotl(a, b);
const ror: Binary = (s, a, b) => s.rotr(a, b);
const rolWord: Binary = (s, a, b) => s.rotlWord(a, b);
const rorWord: Binary = (s, a, b) => s.rotrWord(a, b);

/** Each byte that is not zero becomes 0xff: find the bytes' top bits without carries between them, then spread them. */
const orCombine: Unary = (s, x) => {
  const low7 = 0x7f7f_7f7f_7f7f_7f7fn;
  const a = s.let(x);
  const carried = s.add(s.and(a, s.const(low7)), s.const(low7));
  const top = s.let(s.and(s.or(carried, a), s.const(~low7)));
  return s.sub(s.shl(top, s.const(1n)), s.shrU(top, s.const(7n)));
};

export const zbb: readonly Instruction[] = [
  op('andn', '0100000', '111', (s, a, b) => s.and(a, not(s, b))),
  op('orn', '0100000', '110', (s, a, b) => s.or(a, not(s, b))),
  op('xnor', '0100000', '100', (s, a, b) => not(s, s.xor(a, b))),

  opUnary('clz', '011000000000', '001', (s, a) => s.clz(a)),
  opUnary('ctz', '011000000001', '001', (s, a) => s.ctz(a)),
  opUnary('cpop', '011000000010', '001', (s, a) => s.popcount(a)),
  opUnaryWord('clzw', '011000000000', '001', (s, a) => s.sub(s.clz(s.zext(a, 32)), s.const(32n))),
  opUnaryWord('ctzw', '011000000001', '001', (s, a) => s.ctz(s.or(a, s.const(1n << 32n)))),
  opUnaryWord('cpopw', '011000000010', '001', (s, a) => s.popcount(s.zext(a, 32))),

  op('min', '0000101', '100', min),
  op('minu', '0000101', '101', minu),
  op('max', '0000101', '110', max),
  op('maxu', '0000101', '111', maxu),

  opUnary('sext.b', '011000000100', '001', (s, a) => s.sext(a, 8)),
  opUnary('sext.h', '011000000101', '001', (s, a) => s.sext(a, 16)),
  unary('Zbb', OP_32)('zext.h', '000010000000', '100', (s, a) => s.zext(a, 16)),

  op('rol', '0110000', '001', rol),
  op('ror', '0110000', '101', ror),
  opWord('rolw', '0110000', '001', rolWord),
  opWord('rorw', '0110000', '101', rorWord),
  shift('Zbb', OP_IMM)('rori', '011000', '101', ror),
  shift('Zbb', OP_IMM_32)('roriw', '0110000', '101', rorWord),

  opUnary('orc.b', '001010000111', '101', orCombine),
  opUnary('rev8', '011010111000', '101', (s, a) => s.reverseBytes(a)),
];
