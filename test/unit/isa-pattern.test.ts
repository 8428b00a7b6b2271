/** Patterns: what the notation means, and that the table as a whole is unambiguous. */
import { matches, parsePattern, reader } from '../../src/isa/pattern.js';
import { byName, compressed, instructions } from '../../src/isa/table.js';

describe('parsePattern', () => {
  it('gathers literal bits into mask and match', () => {
    const pattern = parsePattern('0000000 rs2 rs1 000 rd 0110011');
    expect(pattern).toMatchObject({ width: 32, mask: 0xfe00707f, match: 0x33, signBits: 0, excluded: [] });
  });

  it('ignores the bits of a dash', () => {
    const pattern = parsePattern('-----------01--- 0000000000000011');
    expect(pattern.mask).toBe(0x0018ffff);
    expect(matches(pattern, 0xffe00003)).toBe(false);
    expect(matches(pattern, 0xffef0003)).toBe(true);
  });

  it.each([
    ['0000000 rs2 rs1 000 rd 011001', /31 bits/],
    ['0000000 rs2 rs1 000 rd 01100112', /unknown field/],
    ['0000000 rs9 rs1 000 rd 0110011', /unknown field/],
    ["0000000 rs2' rs1 000 rd 0110011", /30 bits/],
    ['', /unknown field/],
  ])('refuses %s', (text, message) => {
    expect(() => parsePattern(text)).toThrow(message);
  });

  it('excludes register numbers and zero immediates', () => {
    const pattern = parsePattern('011 nzimm[17] rd≠{0,2} nzimm[16:12] 01');
    const word = (rd: number, high: number, low: number): number => 0x6001 | (high << 12) | (rd << 7) | (low << 2);
    expect(matches(pattern, word(1, 0, 1))).toBe(true);
    expect(matches(pattern, word(1, 1, 0))).toBe(true);
    expect(matches(pattern, word(1, 0, 0))).toBe(false);
    expect(matches(pattern, word(0, 0, 1))).toBe(false);
    expect(matches(pattern, word(2, 0, 1))).toBe(false);
  });

  it('excludes the reserved rounding modes', () => {
    const pattern = parsePattern('0000000 rs2 rs1 rm rd 1010011');
    const legal = [0, 1, 2, 3, 4, 5, 6, 7].filter((rm) => matches(pattern, 0x53 | (rm << 12)));
    expect(legal).toEqual([0, 1, 2, 3, 4, 7]);
  });
});

describe('reader', () => {
  it('puts the pieces of an immediate together and extends its sign', () => {
    const imm = reader(parsePattern('imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011'), 'imm');
    // Each bit of the immediate by itself, from the listing of B-type.
    const places: [number, number][] = [[31, -4096], [7, 2048], [30, 1024], [25, 32], [11, 16], [8, 2]]; // prettier-ignore
    for (const [bit, value] of places) expect(imm((1 << bit) >>> 0)).toBe(value);
    expect(imm(0xffffffff)).toBe(-2);
  });

  it('leaves unsigned immediates unsigned, and keeps upper ones in place', () => {
    expect(reader(parsePattern('000000 shamt[5:0] rs1 001 rd 0010011'), 'imm')(0xffffffff)).toBe(63);
    expect(reader(parsePattern('imm[31:12] rd 0110111'), 'imm')(0x80000fff)).toBe(-0x80000000);
    expect(reader(parsePattern('csr rs1 001 rd 1110011'), 'imm')(0xffffffff)).toBe(0xfff);
  });

  it('reads three-bit registers as x8 to x15, and one field as two operands', () => {
    const pattern = parsePattern("100 0 11 rs1'/rd' 00 rs2' 01");
    const word = 0x8c01 | (3 << 7) | (7 << 2);
    expect(reader(pattern, 'rd')(word)).toBe(11);
    expect(reader(pattern, 'rs1')(word)).toBe(11);
    expect(reader(pattern, 'rs2')(word)).toBe(15);
  });

  it('answers 0 for a field that is not there', () => {
    expect(reader(parsePattern('imm[31:12] rd 0110111'), 'rs2')(0xffffffff)).toBe(0);
  });
});

describe('the table', () => {
  it('has every instruction of the extensions once', () => {
    const count = (extension: string): number =>
      instructions.filter((instruction) => instruction.extension === extension).length;
    const extensions = ['I', 'Zifencei', 'Zicsr', 'M', 'A', 'F', 'D', 'Zba', 'Zbb', 'Zbs', 'privileged'];
    // As the unprivileged specification lists them for RV64; Zbb's include andn, orn and xnor.
    expect(extensions.map(count)).toEqual([52, 1, 6, 13, 22, 30, 32, 8, 24, 8, 4]);
    expect(byName.size).toBe(instructions.length);
    expect(new Set(compressed.map((entry) => entry.name)).size).toBe(compressed.length);
  });

  it('has no word that two base instructions claim', () => {
    const parsed = instructions.map(({ name, pattern }) => ({ name, ...parsePattern(pattern) }));
    const overlapping = parsed.flatMap((one, index) =>
      parsed
        .slice(index + 1)
        .filter((other) => ((one.match ^ other.match) & one.mask & other.mask) === 0)
        .map((other) => `${one.name} and ${other.name}`),
    );
    expect(overlapping).toEqual([]);
  });

  it('has no word that two compressed instructions claim', () => {
    const parsed = compressed.map(({ name, pattern }) => ({ name, pattern: parsePattern(pattern) }));
    const ambiguous: string[] = [];
    for (let word = 0; word < 1 << 16; word++) {
      const claims = parsed.filter(({ pattern }) => matches(pattern, word));
      if (claims.length > 1) ambiguous.push(`${word.toString(16)}: ${claims.map(({ name }) => name).join()}`);
    }
    expect(ambiguous).toEqual([]);
  });

  it('names an operand wherever a pattern has a register, and nowhere else', () => {
    for (const { name, pattern, operands } of instructions) {
      const fields = parsePattern(pattern).fields.map((field) => field.name);
      const registers = (['rd', 'rs1', 'rs2', 'rs3'] as const).filter((field) => fields.includes(field));
      const expected = pattern.includes('uimm') ? registers.filter((field) => field !== 'rs1') : registers;
      expect([name, Object.keys(operands).sort()]).toEqual([name, expected.sort()]);
    }
  });
});
