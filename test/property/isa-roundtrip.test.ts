/** Assembler, decoder and disassembler are each other's inverses on every legal word. */
import fc from 'fast-check';
import type { FieldValues } from '../../src/isa/assemble.js';
import { assemble } from '../../src/isa/assemble.js';
import { csrNumbers } from '../../src/isa/csrs.js';
import { decode } from '../../src/isa/decode.js';
import { disassemble } from '../../src/isa/disassemble.js';
import type { Decoded } from '../../src/isa/instruction.js';
import type { FieldName } from '../../src/isa/pattern.js';
import { matches, parsePattern, reader } from '../../src/isa/pattern.js';
import { fNames, xNames } from '../../src/isa/registers.js';
import { byName, compressed, instructions } from '../../src/isa/table.js';

const entries = [...instructions, ...compressed].map((entry) => ({ ...entry, parsed: parsePattern(entry.pattern) }));
const byMnemonic = new Map(entries.map((entry) => [entry.name, entry]));

const wide = entries.filter(({ parsed }) => parsed.width === 32);
const narrow = entries.filter(({ parsed }) => parsed.width === 16);
const narrowWords = Array.from({ length: 1 << 16 }, (_, word) => word).filter((word) => (word & 3) !== 3);

/** A legal word of any entry, each entry as likely. */
const legalWord = fc
  .tuple(fc.constantFrom(...entries), fc.nat(0xffff_ffff))
  .map(([{ name, parsed }, random]) => {
    const mask = parsed.width === 16 ? 0xffff : 0xffff_ffff;
    return { name, parsed, raw: (((random & ~parsed.mask) | parsed.match) & mask) >>> 0 };
  })
  .filter(({ parsed, raw }) => matches(parsed, raw));

/** Values of all fields that the entry's pattern has. */
function fieldsOf(raw: number, name: string): FieldValues {
  const { parsed } = byMnemonic.get(name)!;
  const names = new Set(parsed.fields.map((field) => field.name));
  return Object.fromEntries([...names].map((field: FieldName) => [field, reader(parsed, field)(raw)]));
}

type RegisterField = 'rd' | 'rs1' | 'rs2' | 'rs3';

const settings = { seed: 20100101, numRuns: 1500 };

it('a legal word decodes as the entry it was made from', () => {
  fc.assert(
    fc.property(legalWord, ({ name, raw }) => {
      expect(decode(raw)?.mnemonic).toBe(name);
    }),
    settings,
  );
});

it('the fields of a word assemble into it', () => {
  fc.assert(
    fc.property(legalWord, ({ name, parsed, raw }) => {
      // Bits that a pattern ignores do not come back.
      const known = parsed.fields.reduce((mask, { at, width }) => mask | ((2 ** width - 1) << at), parsed.mask);
      expect(assemble(name, fieldsOf(raw, name))).toBe((raw & known) >>> 0);
    }),
    settings,
  );
});

it('a word decodes in the same way signed', () => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), (raw) => {
      expect(decode(raw | 0)).toEqual(decode(raw));
    }),
    settings,
  );
});

const hexadecimal = (text: string): number => Number.parseInt(text, 16);

/** Reads assembly back: an assembler for what `disassemble` writes, driven by the same templates. */
function readBack(assembly: string): number {
  const [, written = '', order, rest = ''] = /^(\S+?)(\.aqrl|\.aq|\.rl)?(?: (.*))?$/.exec(assembly) ?? [];
  const entry = byMnemonic.get(written)!;
  const template = entry.assembly.replace(/^\S+?(\{order\})?( |$)/, '').replace('{rounding}', '');
  const operands = rest.split(/, |[()]/).filter(Boolean);
  const values: FieldValues = {};
  template
    .split(/, |[()]/)
    .filter(Boolean)
    .forEach((word, index) => assign(values, word, operands[index]));

  if (entry.assembly.includes('{rounding}')) {
    const unwritten = /^fcvt\.d\.(s|wu?)$/.test(written) ? 'rne' : 'dyn';
    const mode = operands[template.split(', ').length] ?? unwritten;
    values.rm = ['rne', 'rtz', 'rdn', 'rup', 'rmm', '', '', 'dyn'].indexOf(mode);
  }
  if (order) Object.assign(values, { aq: Number(order.includes('aq')), rl: Number(order.includes('rl')) });
  // Operands that a compressed instruction does not encode.
  const encoded = new Set(entry.parsed.fields.map((field) => field.name));
  return assemble(
    written,
    Object.fromEntries(Object.entries(values).filter(([name]) => encoded.has(name as FieldName))),
  );
}

function assign(values: FieldValues, word: string, text: string | undefined): void {
  // Only the immediate of c.nop is ever left out.
  if (text === undefined) values.imm = 0;
  else if (word === 'rd' || word === 'rs1' || word === 'rs2' || word === 'rs3')
    values[word] = (text.startsWith('f') ? fNames : xNames).indexOf(text);
  else if (word === 'imm') values.imm = Number(text);
  else if (word === 'shamt') values.imm = hexadecimal(text);
  else if (word === 'upper') values.imm = hexadecimal(text) << 12;
  else if (word === 'target') values.imm = Number(text.replace(/^\.\+?/, ''));
  else if (word === 'csr') values.imm = csrNumbers.get(text) ?? hexadecimal(text);
  else if (word === 'uimm') values.rs1 = Number(text);
}

/** What the fields of a decoded word assemble into. */
const assembled = ({ mnemonic, raw }: Decoded): number => assemble(mnemonic, fieldsOf(raw, mnemonic));

it('every compressed word has one entry or none, assembles into itself and reads back', () => {
  const wrong: string[] = [];
  for (const word of narrowWords) {
    const matching = narrow.filter(({ parsed }) => matches(parsed, word)).map(({ name }) => name);
    const decoded = decode(word);
    const assembly = disassemble(word);
    if (matching.join() !== (decoded?.mnemonic ?? ''))
      wrong.push(`${word}: ${decoded?.mnemonic}, and ${matching.join()} match`);
    if (!decoded) {
      if (Number(/^\.2byte (0x[0-9a-f]+)$/.exec(assembly)?.[1]) !== word) wrong.push(`${word}: ${assembly}`);
    } else if (assembled(decoded) !== word || readBack(assembly) !== word) wrong.push(`${word}: ${assembly}`);
  }
  expect(wrong).toEqual([]);
});

it('no two base instructions share a word', () => {
  // Two patterns share words unless they fix one bit to different values.
  const shared = wide.flatMap((a, i) =>
    wide.slice(i + 1).flatMap((b) => {
      const apart = (a.parsed.match ^ b.parsed.match) & a.parsed.mask & b.parsed.mask;
      return apart === 0 ? [`${a.name} and ${b.name}`] : [];
    }),
  );
  expect(shared).toEqual([]);
});

/** A word that is nearly one of an entry's, or any. */
const nearWord = fc
  .oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...wide), fc.nat(0xffff_ffff), fc.nat(31)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant(undefined), fc.nat(0xffff_ffff), fc.constant(0)) },
  )
  .map(([entry, random, bit]) => {
    if (entry === undefined) return (random | 3) >>> 0;
    const { mask, match } = entry.parsed;
    return (((random & ~mask) | match) ^ (1 << bit)) >>> 0;
  })
  .filter((word) => (word & 3) === 3);

it('near misses and any words decode exactly where an entry matches, and then assemble into themselves', () => {
  let [legal, illegal] = [0, 0];
  fc.assert(
    fc.property(nearWord, (word) => {
      const matching = wide.filter(({ parsed }) => matches(parsed, word)).map(({ name }) => name);
      const decoded = decode(word);
      expect(matching).toEqual(decoded ? [decoded.mnemonic] : []);
      if (!decoded) {
        illegal++;
        expect(disassemble(word)).toBe(`.4byte 0x${word.toString(16)}`);
        return;
      }
      legal++;
      const { parsed } = byMnemonic.get(decoded.mnemonic)!;
      const known = parsed.fields.reduce((mask, { at, width }) => mask | ((2 ** width - 1) << at), parsed.mask);
      expect(assembled(decoded)).toBe((word & known) >>> 0);
      // The text names every register that the word does, of the right file.
      const text = disassemble(word);
      for (const [field, file] of Object.entries(decoded.instruction.operands) as [RegisterField, 'x' | 'f'][]) {
        expect(text).toContain((file === 'f' ? fNames : xNames)[decoded[field]]);
      }
    }),
    { ...settings, numRuns: 4000 },
  );
  expect(Math.min(legal, illegal)).toBeGreaterThan(500);
});

it('assembly reads back as the word', () => {
  const aside = new Set(['fence', 'fence.i']);
  const spelled = legalWord.filter(({ name }) => !aside.has(name));
  fc.assert(
    fc.property(spelled, ({ raw }) => {
      expect(readBack(disassemble(raw))).toBe(raw);
    }),
    settings,
  );
});

it('an expansion is the same instruction with the same operands', () => {
  const narrow = legalWord.filter(({ parsed }) => parsed.width === 16);
  fc.assert(
    fc.property(narrow, ({ raw }) => {
      const decoded = decode(raw)!;
      const { instruction, rd, rs1, rs2, imm } = decoded;
      const fields = new Set(parsePattern(instruction.pattern).fields.map((field) => field.name));
      const values = Object.entries({ rd, rs1, rs2, imm }).filter(([name]) => fields.has(name as FieldName));
      const wide = decode(assemble(instruction.name, Object.fromEntries(values)))!;
      const operands = (one: Decoded): number[] => [one.rd, one.rs1, one.rs2, one.imm];
      expect(wide.instruction).toBe(byName.get(instruction.name));
      expect(operands(wide)).toEqual(operands(decoded));
    }),
    settings,
  );
});
