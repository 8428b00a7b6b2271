/**
 * C, compressed instructions: RISC-V unprivileged specification, chapter "C", quadrant by quadrant. Each is another
 * encoding of a base instruction. Words that no entry matches are reserved; hints are what they expand to.
 */
import type { Compressed } from './instruction.js';

const [zero, ra, sp] = [0, 1, 2];

const compressed = (
  pattern: string,
  name: string,
  operands: string,
  expands: string,
  fixed: NonNullable<Compressed['fixed']> = {},
): Compressed => ({ name, pattern, assembly: `${name} ${operands}`.trimEnd(), expands, fixed });

export const compressedInstructions: readonly Compressed[] = [
  compressed("000 nzuimm[5:4|9:6|2|3] rd' 00", 'c.addi4spn', 'rd, rs1, imm', 'addi', { rs1: sp }),
  compressed("001 uimm[5:3] rs1' uimm[7:6] rd' 00", 'c.fld', 'rd, imm(rs1)', 'fld'),
  compressed("010 uimm[5:3] rs1' uimm[2|6] rd' 00", 'c.lw', 'rd, imm(rs1)', 'lw'),
  compressed("011 uimm[5:3] rs1' uimm[7:6] rd' 00", 'c.ld', 'rd, imm(rs1)', 'ld'),
  compressed("101 uimm[5:3] rs1' uimm[7:6] rs2' 00", 'c.fsd', 'rs2, imm(rs1)', 'fsd'),
  compressed("110 uimm[5:3] rs1' uimm[2|6] rs2' 00", 'c.sw', 'rs2, imm(rs1)', 'sw'),
  compressed("111 uimm[5:3] rs1' uimm[7:6] rs2' 00", 'c.sd', 'rs2, imm(rs1)', 'sd'),

  compressed('000 imm[5] 00000 imm[4:0] 01', 'c.nop', 'imm', 'addi', { rd: zero, rs1: zero }),
  compressed('000 imm[5] rs1/rd≠0 imm[4:0] 01', 'c.addi', 'rd, imm', 'addi'),
  compressed('001 imm[5] rs1/rd≠0 imm[4:0] 01', 'c.addiw', 'rd, imm', 'addiw'),
  compressed('010 imm[5] rd imm[4:0] 01', 'c.li', 'rd, imm', 'addi', { rs1: zero }),
  compressed('011 nzimm[9] 00010 nzimm[4|6|8:7|5] 01', 'c.addi16sp', 'rd, imm', 'addi', { rd: sp, rs1: sp }),
  compressed('011 nzimm[17] rd≠2 nzimm[16:12] 01', 'c.lui', 'rd, upper', 'lui'),
  compressed("100 uimm[5] 00 rs1'/rd' uimm[4:0] 01", 'c.srli', 'rd, shamt', 'srli'),
  compressed("100 uimm[5] 01 rs1'/rd' uimm[4:0] 01", 'c.srai', 'rd, shamt', 'srai'),
  compressed("100 imm[5] 10 rs1'/rd' imm[4:0] 01", 'c.andi', 'rd, imm', 'andi'),
  compressed("100 0 11 rs1'/rd' 00 rs2' 01", 'c.sub', 'rd, rs2', 'sub'),
  compressed("100 0 11 rs1'/rd' 01 rs2' 01", 'c.xor', 'rd, rs2', 'xor'),
  compressed("100 0 11 rs1'/rd' 10 rs2' 01", 'c.or', 'rd, rs2', 'or'),
  compressed("100 0 11 rs1'/rd' 11 rs2' 01", 'c.and', 'rd, rs2', 'and'),
  compressed("100 1 11 rs1'/rd' 00 rs2' 01", 'c.subw', 'rd, rs2', 'subw'),
  compressed("100 1 11 rs1'/rd' 01 rs2' 01", 'c.addw', 'rd, rs2', 'addw'),
  compressed('101 imm[11|4|9:8|10|6|7|3:1|5] 01', 'c.j', 'target', 'jal', { rd: zero }),
  compressed("110 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", 'c.beqz', 'rs1, target', 'beq', { rs2: zero }),
  compressed("111 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", 'c.bnez', 'rs1, target', 'bne', { rs2: zero }),

  compressed('000 uimm[5] rs1/rd uimm[4:0] 10', 'c.slli', 'rd, shamt', 'slli'),
  compressed('001 uimm[5] rd uimm[4:3|8:6] 10', 'c.fldsp', 'rd, imm(rs1)', 'fld', { rs1: sp }),
  compressed('010 uimm[5] rd≠0 uimm[4:2|7:6] 10', 'c.lwsp', 'rd, imm(rs1)', 'lw', { rs1: sp }),
  compressed('011 uimm[5] rd≠0 uimm[4:3|8:6] 10', 'c.ldsp', 'rd, imm(rs1)', 'ld', { rs1: sp }),
  compressed('100 0 rs1≠0 00000 10', 'c.jr', 'rs1', 'jalr', { rd: zero, imm: 0 }),
  compressed('100 0 rd rs2≠0 10', 'c.mv', 'rd, rs2', 'add', { rs1: zero }),
  compressed('100 1 00000 00000 10', 'c.ebreak', '', 'ebreak'),
  compressed('100 1 rs1≠0 00000 10', 'c.jalr', 'rs1', 'jalr', { rd: ra, imm: 0 }),
  compressed('100 1 rs1/rd rs2≠0 10', 'c.add', 'rd, rs2', 'add'),
  compressed('101 uimm[5:3|8:6] rs2 10', 'c.fsdsp', 'rs2, imm(rs1)', 'fsd', { rs1: sp }),
  compressed('110 uimm[5:2|7:6] rs2 10', 'c.swsp', 'rs2, imm(rs1)', 'sw', { rs1: sp }),
  compressed('111 uimm[5:3|8:6] rs2 10', 'c.sdsp', 'rs2, imm(rs1)', 'sd', { rs1: sp }),
];
