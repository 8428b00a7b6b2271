/** Zifencei, instruction-fetch fence: RISC-V unprivileged specification, chapter "Zifencei". */
import type { Instruction } from './instruction.js';

export const zifencei: readonly Instruction[] = [
  {
    name: 'fence.i',
    extension: 'Zifencei',
    // The unused fields are for finer fences to come; the specification has them ignored.
    pattern: '------------ ----- 001 ----- 0001111',
    operands: {},
    assembly: 'fence.i',
    meaning: (s) => s.system('fence.i'),
  },
];
