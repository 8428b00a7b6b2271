/** F, single precision: RISC-V unprivileged specification, chapter 21. */
import { floatingPoint, single } from './float.js';
import type { Instruction } from './instruction.js';

export const singlePrecision: readonly Instruction[] = floatingPoint(single);
