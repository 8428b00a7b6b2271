/** Decoding of base instructions: operands, hints, and what is illegal. */
import { assemble } from '../../src/isa/assemble.js';
import { csrName, csrNumbers } from '../../src/isa/csrs.js';
import { decode } from '../../src/isa/decode.js';
import { disassemble } from '../../src/isa/disassemble.js';

describe('decode', () => {
  it('takes an instruction apart', () => {
    expect(decode(0xfe20dce3)).toMatchObject({
      mnemonic: 'bge', length: 4, raw: 0xfe20dce3, rd: 0, rs1: 1, rs2: 2, rs3: 0, imm: -8, rm: 0,
    }); // prettier-ignore
    expect(decode(0xfe20dce3 | 0)).toEqual(decode(0xfe20dce3));
  });

  it('has the CSR number in imm and the unsigned immediate in rs1', () => {
    expect(decode(assemble('csrrwi', { rd: 3, rs1: 31, imm: 0xfff }))).toMatchObject({ rd: 3, rs1: 31, imm: 0xfff });
  });

  it('has upper immediates shifted', () => {
    expect(decode(0x800000b7)).toMatchObject({ mnemonic: 'lui', rd: 1, imm: -0x80000000 });
  });

  it.each([
    ['fence.tso', 0x8330000f],
    ['pause', 0x0100000f],
    ['fence with reserved fields', 0xf330000f | (5 << 15) | (6 << 7)],
    ['a prefetch hint', 0x00006013],
    ['fence.i with reserved fields', 0x1230100f | (5 << 15) | (6 << 7)],
    ['slli x0', 0x01f01013],
  ])('takes %s as a hint', (_name, word) => {
    expect(decode(word)).toBeDefined();
  });

  it.each([
    ['all ones', 0xffffffff],
    ['an encoding of 48 bits', 0x0000001f],
    ['an encoding of 64 bits', 0x0000003f],
    ['a reserved static rounding mode (5)', assemble('fadd.s') | (5 << 12)],
    ['a reserved static rounding mode (6), where nothing is rounded', assemble('fcvt.d.w') | (6 << 12)],
    ['lr.w with rs2', assemble('lr.w', { rs1: 1 }) | (1 << 20)],
    ['sret with rd', assemble('sret') | (1 << 7)],
    ['ecall with rs1', assemble('ecall') | (1 << 15)],
    ['sfence.vma with rd', assemble('sfence.vma') | (1 << 7)],
    ['uret', 0x00200073],
    ['dret', 0x7b200073],
    ['hfence.vvma', 0x22000073],
    ['sinval.vma', 0x16000073],
    ['hlv.b', 0x60004073],
    ['cbo.zero', 0x0040200f],
    ['slliw with bit 5 of the amount', assemble('slliw', { imm: 31 }) | (1 << 25)],
    ['jalr with a funct3', assemble('jalr') | (1 << 12)],
    ['flh', 0x00001007],
    ['fadd.h', 0x04000053],
    ['fadd.q', 0x06000053],
    ['zext.h on RV32', 0x08004033],
    ['rev8 on RV32', 0x69805013],
    ['clmul', 0x0a001033],
    ['a store of 16 bytes', 0x00004023],
    ['a branch with funct3 010', 0x00002063],
  ])('answers undefined for %s', (_name, word) => {
    expect(decode(word)).toBeUndefined();
  });
});

describe('assemble', () => {
  it.each([
    ['addi', { rd: 1, rs1: 2, imm: -1 }, 0xfff10093],
    ['sd', { rs1: 2, rs2: 8, imm: 16 }, 0x00813823],
    ['jal', { rd: 1, imm: -16 }, 0xff1ff0ef],
    ['fmadd.d', { rd: 10, rs1: 10, rs2: 11, rs3: 12, rm: 7 }, 0x62b57543],
    ['amoadd.w', { rd: 10, rs1: 11, rs2: 12, aq: 1, rl: 1 }, 0x06c5a52f],
    ['fence', { pred: 15, succ: 15 }, 0x0ff0000f],
    ['c.addi16sp', { imm: -32 }, 0x713d],
    ['c.ebreak', {}, 0x9002],
  ])('%s', (name, values, word) => {
    expect(assemble(name, values)).toBe(word);
  });

  it.each([
    ['addi', { imm: 2048 }],
    ['addi', { rd: 32 }],
    ['addi', { rs2: 1 }],
    ['beq', { imm: 3 }],
    ['lui', { imm: 1 }],
    ['c.lw', { rd: 7, rs1: 8 }],
    ['c.lui', { rd: 2, imm: 4096 }],
    ['c.lui', { rd: 1, imm: 0 }],
    ['c.addi', { rd: 1, rs1: 2 }],
    ['fadd.s', { rm: 5 }],
    ['nonesuch', {}],
  ])('refuses %s %j', (name, values) => {
    expect(() => assemble(name, values)).toThrow(RangeError);
  });
});

describe('disassemble', () => {
  const at = 0x8000_0100n;
  const symbols = (address: bigint): string | undefined => (address === 0x8000_00f0n ? 'main+0x10' : undefined);

  it.each([
    [0xfff10093, 'addi ra, sp, -1'],
    [0x80000537, 'lui a0, 0x80000'],
    [0x00813823, 'sd s0, 16(sp)'],
    [0xff1ff0ef, 'jal ra, 0x800000f0 <main+0x10>'],
    [0x02055513, 'srli a0, a0, 0x20'],
    [0x62b57543, 'fmadd.d fa0, fa0, fa1, fa2'],
    [0xc0001553, 'fcvt.w.s a0, ft0, rtz'],
    [0x42050553, 'fcvt.d.s fa0, fa0'],
    [0x06c5a52f, 'amoadd.w.aqrl a0, a2, (a1)'],
    [0x0330000f, 'fence rw, rw'],
    [0x8330000f, 'fence.tso'],
    [0x0100000f, 'pause'],
    [0x30529073, 'csrrw zero, mtvec, t0'],
    [0x7c0fd073, 'csrrwi zero, 0x7c0, 31'],
    [0x00000073, 'ecall'],
    [0x0001, 'c.nop'],
    [0x7101, 'c.addi16sp sp, -512'],
    [0x0808, 'c.addi4spn a0, sp, 16'],
    [0x6505, 'c.lui a0, 0x1'],
    [0x8082, 'c.jr ra'],
    [0x4502, 'c.lwsp a0, 0(sp)'],
    [0x0000, '.2byte 0x0'],
    [0xffffffff, '.4byte 0xffffffff'],
  ])('%#', (word, assembly) => {
    expect(disassemble(word, at, symbols)).toBe(assembly);
  });

  it('shows distances where the address is not known', () => {
    expect(disassemble(0xff1ff0ef)).toBe('jal ra, .-16');
    expect(disassemble(0x00b50463)).toBe('beq a0, a1, .+8');
  });

  it('wraps around the address space', () => {
    expect(disassemble(0xff1ff0ef, 0n)).toBe('jal ra, 0xfffffffffffffff0');
  });
});

describe('CSR names', () => {
  it.each([
    ['fcsr', 0x003],
    ['stimecmp', 0x14d],
    ['hpmcounter31', 0xc1f],
    ['mhpmevent3', 0x323],
    ['pmpcfg14', 0x3ae],
    ['pmpaddr63', 0x3ef],
  ])('%s', (name, number) => {
    expect(csrNumbers.get(name)).toBe(number);
    expect(csrName(number)).toBe(name);
  });

  it('shows others by number', () => {
    expect(csrName(0x3a1)).toBe('0x3a1');
  });
});
