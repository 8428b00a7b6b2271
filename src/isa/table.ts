/** The instruction table, whole: everything the hart executes, each instruction once. */
import { atomics } from './a.js';
import { compressedInstructions } from './c.js';
import { doublePrecision } from './d.js';
import { singlePrecision } from './f.js';
import { integer } from './i.js';
import type { Compressed, Instruction } from './instruction.js';
import { multiplication } from './m.js';
import { privilegedInstructions } from './privileged.js';
import { zba } from './zba.js';
import { zbb } from './zbb.js';
import { zbs } from './zbs.js';
import { zicsr } from './zicsr.js';
import { zifencei } from './zifencei.js';

/** Every base instruction. The order is fixed within one version and has no other meaning. */
export const instructions: readonly Instruction[] = [
  ...integer,
  ...zifencei,
  ...zicsr,
  ...multiplication,
  ...atomics,
  ...singlePrecision,
  ...doublePrecision,
  ...zba,
  ...zbb,
  ...zbs,
  ...privilegedInstructions,
];

export const compressed: readonly Compressed[] = compressedInstructions;

/** By mnemonic; compressed ones are not among them. */
export const byName: ReadonlyMap<string, Instruction> = new Map(instructions.map((entry) => [entry.name, entry]));
