/**
 * Pairs of instructions for which the interpreter has one handler besides those of each: to go from one to the next by a
 * table takes as long as most of them take themselves. Two thirds of all neighbours in a kernel and its programs are such
 * a pair (Debian's, to its first shell); the most frequent come first.
 */
import type { Instruction } from '../isa/instruction.js';
import { byName } from '../isa/table.js';

/** An instruction in its form of this many bytes. */
export interface Form {
  readonly instruction: Instruction;
  readonly length: 2 | 4;
}

const NEIGHBOURS = `
  c.ld c.ld, c.sd c.sd, auipc jalr, auipc addi, c.add c.add, addi addi, c.addi c.sd, c.ld c.addi, addi c.addi, addi auipc,
  c.addi c.jalr, c.add auipc, c.sd c.addi, sd sd, c.addi c.addi, c.addi auipc, c.addi c.add, c.add c.ld, ld ld, c.ld c.add,
  addi c.add, c.add c.addi, ld c.add, c.addi addi, sd c.addi, ld sd, c.slli c.add, c.addi c.ld, c.add addi, auipc ld,
  c.add ld, auipc lw, sd auipc, c.sd c.add, c.xor c.addi, c.add c.beq, ld c.xor, c.add sd, addi sd, c.addi beq, ld auipc,
  c.add beq, addi ld, c.ld c.beq, c.addi bne, c.addi ld, addi c.sd, c.addi c.bne, sd c.add, ld c.addi, c.sd auipc,
  c.lui addi, c.lui c.add, auipc lbu, ld c.beq, ld addi, lw auipc, c.addi c.jal, c.ld ld, c.addi c.beq, sw sw, addi beq,
  c.slli c.srli, c.add c.bne, ld c.ld, c.addi sd, addi c.slli, slli c.add, ld beq`;

function formOf(name: string): Form {
  const length = name.startsWith('c.') ? 2 : 4;
  const instruction = byName.get(length === 2 ? name.slice(2) : name);
  if (!instruction) throw new Error(`no such instruction: ${name}`);
  return { instruction, length };
}

/** Each as the base instructions that compressed ones stand for. The first of a pair goes nowhere but to the second. */
export const PAIRS: readonly (readonly [Form, Form])[] = NEIGHBOURS.split(',').map((pair) => {
  const [first, second] = pair.trim().split(' ').map(formOf);
  return [first, second];
});
