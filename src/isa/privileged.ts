/** Privileged instructions: RISC-V privileged specification 20240411, chapters "Machine-Level ISA" and "Supervisor-Level ISA". */
import type { Instruction } from './instruction.js';
import type { SystemOperation } from './semantics.js';

const privileged = (name: SystemOperation, funct12: string): Instruction => ({
  name,
  extension: 'privileged',
  pattern: `${funct12} 00000 000 00000 1110011`,
  operands: {},
  assembly: name,
  meaning: (s) => s.system(name),
});

export const privilegedInstructions: readonly Instruction[] = [
  privileged('sret', '000100000010'),
  privileged('wfi', '000100000101'),
  privileged('mret', '001100000010'),
  {
    name: 'sfence.vma',
    extension: 'privileged',
    pattern: '0001001 rs2 rs1 000 00000 1110011',
    operands: { rs1: 'x', rs2: 'x' },
    assembly: 'sfence.vma rs1, rs2',
    meaning: (s) => s.system('sfence.vma'),
  },
];
