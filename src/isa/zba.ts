/** Zba, address generation: RISC-V unprivileged specification, chapter "B". */
import type { Binary } from './formats.js';
import { OP, OP_32, OP_IMM_32, registers, shift } from './formats.js';
import type { Instruction } from './instruction.js';

const op = registers('Zba', OP);
const opWord = registers('Zba', OP_32);

const shiftAndAdd =
  (amount: bigint): Binary =>
  (s, a, b) =>
    s.add(s.shl(a, s.const(amount)), b);

/** The same on an index that is an unsigned word. */
const ofUnsignedWord =
  (operation: Binary): Binary =>
  (s, a, b) =>
    operation(s, s.zext(a, 32), b);

export const zba: readonly Instruction[] = [
  op('sh1add', '0010000', '010', shiftAndAdd(1n)),
  op('sh2add', '0010000', '100', shiftAndAdd(2n)),
  op('sh3add', '0010000', '110', shiftAndAdd(3n)),
  opWord(
    'add.uw',
    '0000100',
    '000',
    ofUnsignedWord((s, a, b) => s.add(a, b)),
  ),
  opWord('sh1add.uw', '0010000', '010', ofUnsignedWord(shiftAndAdd(1n))),
  opWord('sh2add.uw', '0010000', '100', ofUnsignedWord(shiftAndAdd(2n))),
  opWord('sh3add.uw', '0010000', '110', ofUnsignedWord(shiftAndAdd(3n))),
  shift('Zba', OP_IMM_32)(
    'slli.uw',
    '000010',
    '001',
    ofUnsignedWord((s, a, b) => s.shl(a, b)),
  ),
];
