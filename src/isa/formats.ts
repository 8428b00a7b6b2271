/**
 * The instruction formats of the base ISA (RISC-V unprivileged specification, "Base Instruction Formats") as constructors: what all
 * instructions of one format share is said here, so that an entry of the table is one line.
 */
import type { Instruction } from './instruction.js';
import type { AccessSize, Semantics } from './semantics.js';

/** How a result follows from one or two values. */
export type Unary = <V, C>(s: Semantics<V, C>, a: V) => V;
export type Binary = <V, C>(s: Semantics<V, C>, a: V, b: V) => V;
export type Condition = <V, C>(s: Semantics<V, C>, a: V, b: V) => C;

/** Major opcodes. */
export const OP = '0110011';
export const OP_32 = '0111011';
export const OP_IMM = '0010011';
export const OP_IMM_32 = '0011011';

/** R-type: rd = rs1 op rs2. */
export const registers =
  (extension: string, opcode: string) =>
  (name: string, funct7: string, funct3: string, operation: Binary): Instruction => ({
    name,
    extension,
    pattern: `${funct7} rs2 rs1 ${funct3} rd ${opcode}`,
    operands: { rd: 'x', rs1: 'x', rs2: 'x' },
    assembly: `${name} rd, rs1, rs2`,
    meaning: (s) => s.setX(operation(s, s.x('rs1'), s.x('rs2'))),
  });

/** I-type: rd = rs1 op imm. */
export const immediate =
  (extension: string, opcode: string) =>
  (name: string, funct3: string, operation: Binary): Instruction => ({
    name,
    extension,
    pattern: `imm[11:0] rs1 ${funct3} rd ${opcode}`,
    operands: { rd: 'x', rs1: 'x' },
    assembly: `${name} rd, rs1, imm`,
    meaning: (s) => s.setX(operation(s, s.x('rs1'), s.imm())),
  });

/** I-type with a shift amount: six bits under a funct6, five under a funct7. */
export const shift =
  (extension: string, opcode: string) =>
  (name: string, funct: string, funct3: string, operation: Binary): Instruction => ({
    name,
    extension,
    pattern: `${funct} shamt[${11 - funct.length}:0] rs1 ${funct3} rd ${opcode}`,
    operands: { rd: 'x', rs1: 'x' },
    assembly: `${name} rd, rs1, shamt`,
    meaning: (s) => s.setX(operation(s, s.x('rs1'), s.imm())),
  });

/** One operand, the place of the other is a twelve-bit function code: rd = op rs1. */
export const unary =
  (extension: string, opcode: string) =>
  (name: string, funct12: string, funct3: string, operation: Unary): Instruction => ({
    name,
    extension,
    pattern: `${funct12} rs1 ${funct3} rd ${opcode}`,
    operands: { rd: 'x', rs1: 'x' },
    assembly: `${name} rd, rs1`,
    meaning: (s) => s.setX(operation(s, s.x('rs1'))),
  });

/** Address of a load or store. */
export const effectiveAddress = <V, C>(s: Semantics<V, C>): V => s.add(s.x('rs1'), s.imm());

export const load = (name: string, funct3: string, size: AccessSize, signed: boolean): Instruction => ({
  name,
  extension: 'I',
  pattern: `imm[11:0] rs1 ${funct3} rd 0000011`,
  operands: { rd: 'x', rs1: 'x' },
  assembly: `${name} rd, imm(rs1)`,
  meaning: (s) => s.setX(s.load(effectiveAddress(s), size, signed)),
});

export const store = (name: string, funct3: string, size: AccessSize): Instruction => ({
  name,
  extension: 'I',
  pattern: `imm[11:5] rs2 rs1 ${funct3} imm[4:0] 0100011`,
  operands: { rs1: 'x', rs2: 'x' },
  assembly: `${name} rs2, imm(rs1)`,
  meaning: (s) => s.store(effectiveAddress(s), size, s.x('rs2')),
});

export const branch = (name: string, funct3: string, condition: Condition): Instruction => ({
  name,
  extension: 'I',
  pattern: `imm[12|10:5] rs2 rs1 ${funct3} imm[4:1|11] 1100011`,
  operands: { rs1: 'x', rs2: 'x' },
  assembly: `${name} rs1, rs2, target`,
  meaning: (s) => s.branchIf(condition(s, s.x('rs1'), s.x('rs2'))),
});

/** The operations on 32-bit words of RV64I: the result is sign-extended. */
export const word =
  (operation: Binary): Binary =>
  (s, a, b) =>
    s.sext(operation(s, a, b), 32);

/** The same for shifts, whose amount has five bits. */
export const wordShift =
  (operation: Binary): Binary =>
  (s, a, b) =>
    s.sext(operation(s, a, s.and(b, s.const(31n))), 32);
