/** Zbs, single bits: RISC-V unprivileged specification, chapter "B". Indexes are taken modulo 64. */
import type { Binary } from './formats.js';
import { OP, OP_IMM, registers, shift } from './formats.js';
import type { Instruction } from './instruction.js';
import type { Semantics } from './semantics.js';

const op = registers('Zbs', OP);
const opImmediate = shift('Zbs', OP_IMM);

const bit = <V, C>(s: Semantics<V, C>, index: V): V => s.shl(s.const(1n), index);

const clear: Binary = (s, a, index) => s.and(a, s.xor(bit(s, index), s.const(-1n)));
const extract: Binary = (s, a, index) => s.and(s.shrU(a, index), s.const(1n));
const invert: Binary = (s, a, index) => s.xor(a, bit(s, index));
const set: Binary = (s, a, index) => s.or(a, bit(s, index));

export const zbs: readonly Instruction[] = [
  op('bclr', '0100100', '001', clear),
  op('bext', '0100100', '101', extract),
  op('binv', '0110100', '001', invert),
  op('bset', '0010100', '001', set),
  opImmediate('bclri', '010010', '001', clear),
  opImmediate('bexti', '010010', '101', extract),
  opImmediate('binvi', '011010', '001', invert),
  opImmediate('bseti', '001010', '001', set),
];
