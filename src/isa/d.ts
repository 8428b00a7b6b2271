/** D, double precision, and the conversions between the two: RISC-V unprivileged specification, chapter "D". */
import { double, floatInstruction, floatingPoint, readFloat, single, writeFloat } from './float.js';
import type { Instruction } from './instruction.js';

export const doublePrecision: readonly Instruction[] = [
  ...floatingPoint(double),
  { ...narrowing(), extension: 'D' },
  // Exact, and yet it has a rounding mode, which must not be a reserved one.
  floatInstruction(double, 'fcvt.d.s', '01000', '00000', 'rm', { rd: 'f', rs1: 'f' }, (s) => {
    const rounding = s.let(s.roundingMode());
    writeFloat(s, 'd', s.float('cvt.d.s', rounding, readFloat(s, 's', 'rs1')));
  }),
];

function narrowing(): Instruction {
  return floatInstruction(single, 'fcvt.s.d', '01000', '00001', 'rm', { rd: 'f', rs1: 'f' }, (s) => {
    const rounding = s.let(s.roundingMode());
    writeFloat(s, 's', s.float('cvt.s.d', rounding, readFloat(s, 'd', 'rs1')));
  });
}
