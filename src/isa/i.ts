/** RV32I and RV64I: RISC-V unprivileged specification, chapters "RV32I" and "RV64I". */
import type { Binary } from './formats.js';
import { OP, OP_32, OP_IMM, OP_IMM_32 } from './formats.js';
import { branch, immediate, load, registers, shift, store, word, wordShift } from './formats.js';
import type { Instruction } from './instruction.js';

const op = registers('I', OP);
const opWord = registers('I', OP_32);
const opImmediate = immediate('I', OP_IMM);
const opImmediateWord = immediate('I', OP_IMM_32);
const shiftImmediate = shift('I', OP_IMM);
const shiftImmediateWord = shift('I', OP_IMM_32);

const add: Binary = (s, a, b) => s.add(a, b);
const sub: Binary = (s, a, b) => s.sub(a, b);
const slt: Binary = (s, a, b) => s.bool(s.ltS(a, b));
const sltu: Binary = (s, a, b) => s.bool(s.ltU(a, b));
const xor: Binary = (s, a, b) => s.xor(a, b);
const or: Binary = (s, a, b) => s.or(a, b);
const and: Binary = (s, a, b) => s.and(a, b);
const sll: Binary = (s, a, b) => s.shl(a, b);
const srl: Binary = (s, a, b) => s.shrU(a, b);
const sra: Binary = (s, a, b) => s.shrS(a, b);

const addWord = word(add);
const subWord = word(sub);
const sllWord = wordShift(sll);
const srlWord = wordShift((s, a, b) => s.shrU(s.zext(a, 32), b));
const sraWord = wordShift((s, a, b) => s.shrS(s.sext(a, 32), b));

export const integer: readonly Instruction[] = [
  {
    name: 'lui',
    extension: 'I',
    pattern: 'imm[31:12] rd 0110111',
    operands: { rd: 'x' },
    assembly: 'lui rd, upper',
    meaning: (s) => s.setX(s.imm()),
  },
  {
    name: 'auipc',
    extension: 'I',
    pattern: 'imm[31:12] rd 0010111',
    operands: { rd: 'x' },
    assembly: 'auipc rd, upper',
    meaning: (s) => s.setX(s.add(s.pc(), s.imm())),
  },
  {
    name: 'jal',
    extension: 'I',
    pattern: 'imm[20|10:1|11|19:12] rd 1101111',
    operands: { rd: 'x' },
    assembly: 'jal rd, target',
    meaning(s) {
      s.setX(s.nextPc());
      s.jumpRelative();
    },
  },
  {
    name: 'jalr',
    extension: 'I',
    pattern: 'imm[11:0] rs1 000 rd 1100111',
    operands: { rd: 'x', rs1: 'x' },
    assembly: 'jalr rd, imm(rs1)',
    meaning(s) {
      const target = s.let(s.and(s.add(s.x('rs1'), s.imm()), s.const(-2n)));
      s.setX(s.nextPc());
      s.jump(target);
    },
  },

  branch('beq', '000', (s, a, b) => s.eq(a, b)),
  branch('bne', '001', (s, a, b) => s.ne(a, b)),
  branch('blt', '100', (s, a, b) => s.ltS(a, b)),
  branch('bge', '101', (s, a, b) => s.geS(a, b)),
  branch('bltu', '110', (s, a, b) => s.ltU(a, b)),
  branch('bgeu', '111', (s, a, b) => s.geU(a, b)),

  load('lb', '000', 1, true),
  load('lh', '001', 2, true),
  load('lw', '010', 4, true),
  load('ld', '011', 8, true),
  load('lbu', '100', 1, false),
  load('lhu', '101', 2, false),
  load('lwu', '110', 4, false),

  store('sb', '000', 1),
  store('sh', '001', 2),
  store('sw', '010', 4),
  store('sd', '011', 8),

  opImmediate('addi', '000', add),
  opImmediate('slti', '010', slt),
  opImmediate('sltiu', '011', sltu),
  opImmediate('xori', '100', xor),
  opImmediate('ori', '110', or),
  opImmediate('andi', '111', and),
  shiftImmediate('slli', '000000', '001', sll),
  shiftImmediate('srli', '000000', '101', srl),
  shiftImmediate('srai', '010000', '101', sra),

  op('add', '0000000', '000', add),
  op('sub', '0100000', '000', sub),
  op('sll', '0000000', '001', sll),
  op('slt', '0000000', '010', slt),
  op('sltu', '0000000', '011', sltu),
  op('xor', '0000000', '100', xor),
  op('srl', '0000000', '101', srl),
  op('sra', '0100000', '101', sra),
  op('or', '0000000', '110', or),
  op('and', '0000000', '111', and),

  opImmediateWord('addiw', '000', addWord),
  shiftImmediateWord('slliw', '0000000', '001', sllWord),
  shiftImmediateWord('srliw', '0000000', '101', srlWord),
  shiftImmediateWord('sraiw', '0100000', '101', sraWord),

  opWord('addw', '0000000', '000', addWord),
  opWord('subw', '0100000', '000', subWord),
  opWord('sllw', '0000000', '001', sllWord),
  opWord('srlw', '0000000', '101', srlWord),
  opWord('sraw', '0100000', '101', sraWord),

  // One hart sees its own accesses in order, so every fence, also fence.tso, pause and the reserved ones, does nothing.
  {
    name: 'fence',
    extension: 'I',
    pattern: 'fm pred succ ----- 000 ----- 0001111',
    operands: {},
    assembly: 'fence pred, succ',
    meaning: () => undefined,
  },
  {
    name: 'ecall',
    extension: 'I',
    pattern: '000000000000 00000 000 00000 1110011',
    operands: {},
    assembly: 'ecall',
    meaning: (s) => s.system('ecall'),
  },
  {
    name: 'ebreak',
    extension: 'I',
    pattern: '000000000001 00000 000 00000 1110011',
    operands: {},
    assembly: 'ebreak',
    meaning: (s) => s.system('ebreak'),
  },
];
