/** Meaning of I, M, Zba, Zbb and Zbs, against results worked out from the text of the unprivileged specification. */
import { assemble } from '../../src/isa/assemble.js';
import { instructions } from '../../src/isa/table.js';
import { Evaluator } from '../support/evaluator.js';

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const MIN = -(1n << 63n);
const MAX = (1n << 63n) - 1n;
const MIN32 = -(1n << 31n);

/** Result of an instruction on x11 and x12, or on x11 and an immediate. */
function result(name: string, a: bigint, b: bigint): bigint {
  const machine = new Evaluator();
  machine.registers[11] = u64(a);
  machine.registers[12] = u64(b);
  const immediate = !instructions.find((entry) => entry.name === name)!.operands.rs2;
  const unary = /^(clz|ctz|cpop|sext|zext|orc|rev8)/.test(name);
  const operands = immediate ? (unary ? {} : { imm: Number(b) }) : { rs2: 12 };
  machine.execute(assemble(name, { rd: 10, rs1: 11, ...operands }));
  return machine.registers[10];
}

const tested = new Set<string>();

/** Rows of mnemonic, rs1, rs2 or immediate, rd. */
function rows(title: string, table: [name: string, a: bigint, b: bigint, expected: bigint][]): void {
  for (const [name] of table) tested.add(name);
  describe(title, () => {
    it.each(table)('%s %s, %s', (name, a, b, expected) => {
      expect(result(name, a, b)).toBe(u64(expected));
    });
  });
}

rows('arithmetic and logic', [
  ['add', MAX, 1n, MIN],
  ['addi', -1n, -2048n, -2049n],
  ['sub', MIN, 1n, MAX],
  ['slt', -1n, 1n, 1n],
  ['slt', 1n, 1n, 0n],
  ['sltu', -1n, 1n, 0n],
  ['sltu', 1n, -1n, 1n],
  ['slti', -5n, -4n, 1n],
  // The immediate is sign-extended first and compared unsigned then.
  ['sltiu', 5n, -1n, 1n],
  ['sltiu', -1n, -1n, 0n],
  ['xor', 0b1100n, 0b1010n, 0b0110n],
  ['or', 0b1100n, 0b1010n, 0b1110n],
  ['and', 0b1100n, 0b1010n, 0b1000n],
  ['xori', 5n, -1n, -6n],
  ['ori', 0n, -2048n, -2048n],
  ['andi', -1n, -2048n, -2048n],
]);

rows('shifts', [
  ['sll', 1n, 63n, MIN],
  ['sll', 3n, 64n, 3n],
  ['srl', -1n, 60n, 15n],
  ['sra', MIN, 63n, -1n],
  ['sra', MIN, 64n + 62n, -2n],
  ['slli', 1n, 63n, MIN],
  ['srli', MIN, 63n, 1n],
  ['srai', MIN, 32n, MIN32],
]);

rows('words', [
  ['addw', 0x7fffffffn, 1n, MIN32],
  ['addw', 1n << 40n, 1n, 1n],
  ['addiw', 0xffffffffn, 0n, -1n],
  ['subw', MIN32, 1n, 0x7fffffffn],
  ['sllw', 1n, 31n, MIN32],
  ['sllw', 1n, 32n, 1n],
  ['sllw', 1n, 63n, MIN32],
  ['srlw', 0xffff_ffff_8000_0000n, 31n, 1n],
  ['srlw', 0xffff_ffff_8000_0000n, 32n, MIN32],
  ['sraw', 0x8000_0000n, 31n, -1n],
  ['sraw', 0x1_4000_0000n, 30n, 1n],
  ['slliw', 1n, 31n, MIN32],
  ['srliw', -1n, 4n, 0x0fffffffn],
  ['sraiw', 0x8000_0000n, 4n, -0x0800_0000n],
]);

rows('multiplication', [
  ['mul', MIN, -1n, MIN],
  ['mul', 0x1_0000_0001n, 0x1_0000_0001n, 0x2_0000_0001n],
  ['mulh', MIN, MIN, 1n << 62n],
  ['mulh', -1n, 1n, -1n],
  ['mulhsu', -1n, -1n, -1n],
  ['mulhsu', MIN, -1n, MIN],
  ['mulhu', -1n, -1n, -2n],
  ['mulhu', MIN, 2n, 1n],
  ['mulw', 0x1_0000_8000n, 0x1_0000n, MIN32],
]);

// Chapter "M", table of semantics for division by zero and division overflow.
rows('division', [
  ['div', -7n, 2n, -3n],
  ['div', 7n, 0n, -1n],
  ['div', 0n, 0n, -1n],
  ['div', MIN, -1n, MIN],
  ['div', MAX, -1n, -MAX],
  ['divu', -1n, 2n, MAX],
  ['divu', 7n, 0n, -1n],
  ['divu', MIN, -1n, 0n],
  ['rem', -7n, 2n, -1n],
  ['rem', 7n, -2n, 1n],
  ['rem', -7n, 0n, -7n],
  ['rem', MIN, -1n, 0n],
  ['remu', -1n, 10n, 5n],
  ['remu', -7n, 0n, -7n],
  ['divw', -7n, 2n, -3n],
  ['divw', 1n, 1n << 32n, -1n],
  ['divw', MIN32, -1n, MIN32],
  ['divw', 0x8000_0000n, 0xffff_ffffn, MIN32],
  ['divuw', 0xffff_ffff_8000_0000n, 1n, MIN32],
  ['divuw', 5n, 0n, -1n],
  ['remw', -7n, 2n, -1n],
  ['remw', MIN32, -1n, 0n],
  ['remw', 0xffff_ffffn, 0n, -1n],
  ['remuw', 0xffff_ffffn, 16n, 15n],
  // The remainder of a word by zero is the word, sign-extended.
  ['remuw', 0x8000_0000n, 0n, MIN32],
]);

rows('Zba', [
  ['sh1add', 3n, 1n, 7n],
  ['sh2add', 3n, 1n, 13n],
  ['sh3add', MIN, 1n, 1n],
  ['add.uw', -1n, 1n, 1n << 32n],
  ['sh1add.uw', -1n, 2n, 1n << 33n],
  ['sh2add.uw', -1n, 4n, 1n << 34n],
  ['sh3add.uw', -1n, 8n, 1n << 35n],
  ['slli.uw', -1n, 32n, 0xffff_ffff_0000_0000n],
  ['slli.uw', -1n, 63n, MIN],
]);

rows('Zbb', [
  ['andn', 0b1100n, 0b1010n, 0b0100n],
  ['orn', 0b1100n, 0b1010n, -3n],
  ['xnor', 0b1100n, 0b1010n, ~0b0110n],
  ['clz', 0n, 0n, 64n],
  ['clz', 1n, 0n, 63n],
  ['clz', -1n, 0n, 0n],
  ['ctz', 0n, 0n, 64n],
  ['ctz', MIN, 0n, 63n],
  ['cpop', -1n, 0n, 64n],
  ['clzw', 1n << 32n, 0n, 32n],
  ['clzw', 0x8000n, 0n, 16n],
  ['ctzw', 1n << 32n, 0n, 32n],
  ['ctzw', 0x8000n, 0n, 15n],
  ['cpopw', -1n, 0n, 32n],
  ['min', -1n, 1n, -1n],
  ['min', 1n, -1n, -1n],
  ['minu', -1n, 1n, 1n],
  ['max', -1n, 1n, 1n],
  ['maxu', 1n, -1n, -1n],
  ['sext.b', 0x80n, 0n, -128n],
  ['sext.b', 0x17fn, 0n, 127n],
  ['sext.h', 0x8000n, 0n, -32768n],
  ['zext.h', -1n, 0n, 0xffffn],
  ['rol', MIN + 1n, 1n, 3n],
  ['rol', 5n, 64n, 5n],
  ['ror', 3n, 1n, MIN + 1n],
  ['rori', 3n, 1n, MIN + 1n],
  ['rolw', 0x8000_0001n, 1n, 3n],
  ['rolw', 0x4000_0000n, 33n, MIN32],
  ['rorw', 3n, 1n, MIN32 + 1n],
  ['rorw', 0x1_0000_0003n, 32n, 3n],
  ['roriw', 1n, 1n, MIN32],
  ['orc.b', 0x0100_8000_0010_00ffn, 0n, 0xff00_ff00_00ff_00ffn],
  ['orc.b', 0n, 0n, 0n],
  ['orc.b', 0x0001_0000_0000_0100n, 0n, 0x00ff_0000_0000_ff00n],
  ['rev8', 0x0123_4567_89ab_cdefn, 0n, 0xefcd_ab89_6745_2301n],
]);

rows('Zbs', [
  ['bclr', -1n, 63n, MAX],
  ['bclr', -1n, 64n, -2n],
  ['bext', MIN, 63n, 1n],
  ['bext', MIN, 127n, 1n],
  ['bext', 2n, 0n, 0n],
  ['binv', 0n, 63n, MIN],
  ['binv', 1n, 0n, 0n],
  ['bset', 0n, 63n, MIN],
  ['bclri', -1n, 63n, MAX],
  ['bexti', MIN, 63n, 1n],
  ['binvi', 3n, 1n, 1n],
  ['bseti', 0n, 63n, MIN],
]);

it('every instruction that only computes has a row', () => {
  const elsewhere = /^(lui|auipc|jal|jalr|b(eq|ne|lt|ge)u?|[ls][bhwd]u?|fence|ecall|ebreak)$/;
  const missing = instructions
    .filter(({ extension }) => ['I', 'M', 'Zba', 'Zbb', 'Zbs'].includes(extension))
    .filter(({ name }) => !elsewhere.test(name) && !tested.has(name));
  expect(missing.map(({ name }) => name)).toEqual([]);
});
