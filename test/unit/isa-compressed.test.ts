/**
 * Every compressed word against an expander written apart from the table, bit by bit after the listings of RVC
 * in the unprivileged specification. It answers the base instruction's word.
 */
import { assemble } from '../../src/isa/assemble.js';
import { decode } from '../../src/isa/decode.js';

const SP = 2;

/** The named bits of the word, gathered: `[from, to]` moves bit `from` of the word to bit `to`. */
const gather = (word: number, ...moves: [from: number, to: number][]): number =>
  moves.reduce((sum, [from, to]) => sum | (((word >> from) & 1) << to), 0);
const signed = (value: number, bits: number): number => (value << (32 - bits)) >> (32 - bits);

function expand(word: number): number | undefined {
  const quadrant = word & 3;
  const funct3 = word >> 13;
  const rd = (word >> 7) & 31;
  const rs2 = (word >> 2) & 31;
  const high = 8 + ((word >> 7) & 7);
  const low = 8 + ((word >> 2) & 7);
  const imm6 = signed(((word >> 7) & 32) | rs2, 6);
  const shamt = ((word >> 7) & 32) | rs2;

  if (quadrant === 0) {
    const doubles = gather(word, [12, 5], [11, 4], [10, 3], [6, 7], [5, 6]);
    const singles = gather(word, [12, 5], [11, 4], [10, 3], [6, 2], [5, 6]);
    const wide = gather(word, [12, 5], [11, 4], [10, 9], [9, 8], [8, 7], [7, 6], [6, 2], [5, 3]);
    switch (funct3) {
      case 0:
        return wide ? assemble('addi', { rd: low, rs1: SP, imm: wide }) : undefined;
      case 1:
        return assemble('fld', { rd: low, rs1: high, imm: doubles });
      case 2:
        return assemble('lw', { rd: low, rs1: high, imm: singles });
      case 3:
        return assemble('ld', { rd: low, rs1: high, imm: doubles });
      case 5:
        return assemble('fsd', { rs2: low, rs1: high, imm: doubles });
      case 6:
        return assemble('sw', { rs2: low, rs1: high, imm: singles });
      case 7:
        return assemble('sd', { rs2: low, rs1: high, imm: doubles });
      default:
        return undefined;
    }
  }

  if (quadrant === 1) {
    const jump = gather(
      word,
      [12, 11],
      [11, 4],
      [10, 9],
      [9, 8],
      [8, 10],
      [7, 6],
      [6, 7],
      [5, 3],
      [4, 2],
      [3, 1],
      [2, 5],
    );
    const branch = signed(gather(word, [12, 8], [11, 4], [10, 3], [6, 7], [5, 6], [4, 2], [3, 1], [2, 5]), 9);
    const stack = signed(gather(word, [12, 9], [6, 4], [5, 6], [4, 8], [3, 7], [2, 5]), 10);
    switch (funct3) {
      case 0:
        return assemble('addi', { rd, rs1: rd, imm: imm6 });
      case 1:
        return rd ? assemble('addiw', { rd, rs1: rd, imm: imm6 }) : undefined;
      case 2:
        return assemble('addi', { rd, rs1: 0, imm: imm6 });
      case 3:
        if (imm6 === 0) return undefined;
        return rd === SP ? assemble('addi', { rd, rs1: SP, imm: stack }) : assemble('lui', { rd, imm: imm6 << 12 });
      case 4:
        return arithmetic(word, high, low, imm6, shamt);
      case 5:
        return assemble('jal', { rd: 0, imm: signed(jump, 12) });
      case 6:
        return assemble('beq', { rs1: high, rs2: 0, imm: branch });
      default:
        return assemble('bne', { rs1: high, rs2: 0, imm: branch });
    }
  }

  const loadDouble = gather(word, [12, 5], [6, 4], [5, 3], [4, 8], [3, 7], [2, 6]);
  const loadWord = gather(word, [12, 5], [6, 4], [5, 3], [4, 2], [3, 7], [2, 6]);
  const storeDouble = gather(word, [12, 5], [11, 4], [10, 3], [9, 8], [8, 7], [7, 6]);
  const storeWord = gather(word, [12, 5], [11, 4], [10, 3], [9, 2], [8, 7], [7, 6]);
  switch (funct3) {
    case 0:
      return assemble('slli', { rd, rs1: rd, imm: shamt });
    case 1:
      return assemble('fld', { rd, rs1: SP, imm: loadDouble });
    case 2:
      return rd ? assemble('lw', { rd, rs1: SP, imm: loadWord }) : undefined;
    case 3:
      return rd ? assemble('ld', { rd, rs1: SP, imm: loadDouble }) : undefined;
    case 4: {
      const link = (word >> 12) & 1;
      if (rs2) return assemble('add', { rd, rs1: link ? rd : 0, rs2 });
      if (rd) return assemble('jalr', { rd: link, rs1: rd });
      return link ? assemble('ebreak') : undefined;
    }
    case 5:
      return assemble('fsd', { rs2, rs1: SP, imm: storeDouble });
    case 6:
      return assemble('sw', { rs2, rs1: SP, imm: storeWord });
    default:
      return assemble('sd', { rs2, rs1: SP, imm: storeDouble });
  }
}

/** MISC-ALU. */
function arithmetic(word: number, rd: number, rs2: number, imm: number, shamt: number): number | undefined {
  switch ((word >> 10) & 3) {
    case 0:
      return assemble('srli', { rd, rs1: rd, imm: shamt });
    case 1:
      return assemble('srai', { rd, rs1: rd, imm: shamt });
    case 2:
      return assemble('andi', { rd, rs1: rd, imm });
    default: {
      const names = ['sub', 'xor', 'or', 'and', 'subw', 'addw', undefined, undefined];
      const name = names[((word >> 10) & 4) | ((word >> 5) & 3)];
      return name === undefined ? undefined : assemble(name, { rd, rs1: rd, rs2 });
    }
  }
}

const summary = (word: number): string => {
  const decoded = decode(word);
  if (!decoded) return 'illegal';
  const { instruction, rd, rs1, rs2, imm } = decoded;
  return `${instruction.name} rd=${rd} rs1=${rs1} rs2=${rs2} imm=${imm}`;
};

it('every compressed word is the base instruction that the specification says, or reserved', () => {
  const different: string[] = [];
  let legal = 0;
  for (let word = 0; word < 1 << 16; word++) {
    if ((word & 3) === 3) continue;
    const expanded = expand(word);
    const expected = expanded === undefined ? 'illegal' : summary(expanded);
    if (summary(word) !== expected) different.push(`${word.toString(16)}: ${summary(word)}, not ${expected}`);
    if (expanded !== undefined) legal++;
  }
  expect(different).toEqual([]);
  expect(legal).toBe(46_743);
});

it('as many words are reserved, and as many are hints, as the tables of the specification say', () => {
  const count = new Map<string, number>();
  for (let word = 0; word < 1 << 16; word++) {
    if ((word & 3) === 3) continue;
    const kind = kindOf(word);
    if (kind !== undefined) count.set(kind, (count.get(kind) ?? 0) + 1);
  }
  expect(Object.fromEntries(count)).toEqual({
    // Quadrant 0: c.addi4spn of 0 (the word of zeros is one of them), funct3 100. Quadrant 1: c.addiw to x0,
    // c.addi16sp of 0 and c.lui of 0, funct2 11 with funct6[2] set and funct2 1x. Quadrant 2: loads to x0, c.jr of x0.
    'reserved 0': 8 + 2048,
    'reserved 1': 64 + 1 + 31 + 128,
    'reserved 2': 64 + 64 + 1,
    // Table "RVC HINT instructions", and the shifts by 0 of RV128.
    'c.nop': 63,
    'c.addi': 31,
    'c.li': 64,
    'c.lui': 63,
    'c.mv': 31,
    'c.add': 31,
    'c.slli': 63 + 32,
    'c.srli': 8,
    'c.srai': 8,
  });
});

/** `reserved` and the quadrant; the mnemonic of a hint; undefined for a word that does something. */
function kindOf(word: number): string | undefined {
  const decoded = decode(word);
  if (decoded === undefined) return `reserved ${word & 3}`;
  const { mnemonic, rd, imm } = decoded;
  if (mnemonic === 'c.nop') return imm !== 0 ? mnemonic : undefined;
  if (mnemonic === 'c.addi') return imm === 0 ? mnemonic : undefined;
  if (/^c\.(li|lui|mv|add)$/.test(mnemonic)) return rd === 0 ? mnemonic : undefined;
  if (/^c\.(slli|srli|srai)$/.test(mnemonic)) return rd === 0 || imm === 0 ? mnemonic : undefined;
  return undefined;
}

it('a compressed word is decoded without regard to what lies behind it, signed or unsigned', () => {
  const word = assemble('c.addi', { rd: 10, imm: -3 });
  for (const behind of [0, 0x7fff, 0xffff]) {
    expect(decode(word | (behind << 16))).toMatchObject({
      mnemonic: 'c.addi',
      length: 2,
      raw: word,
      rd: 10,
      rs1: 10,
      imm: -3,
    });
  }
});
