/** F, single precision: RISC-V unprivileged specification, chapter "F". */
import { floatingPoint, single } from './float.js';
import type { Instruction } from './instruction.js';

export const singlePrecision: readonly Instruction[] = floatingPoint(single);
