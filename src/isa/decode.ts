/** From a word to an instruction and its operands; derived from the table. */
import type { Compressed, Decoded, Instruction } from './instruction.js';
import type { FieldName, Pattern } from './pattern.js';
import { matches, parsePattern, reader } from './pattern.js';
import { byName, compressed, instructions } from './table.js';

/** Where an operand stands that is one field: added to `base`. One that is fixed has no bits. */
interface Place {
  readonly at: number;
  readonly mask: number;
  readonly base: number;
}

/** An encoding, ready to be compared with words and taken apart. */
interface Encoding {
  readonly instruction: Instruction;
  readonly mnemonic: string;
  readonly pattern: Pattern;
  readonly rd: Place;
  readonly rs1: Place;
  readonly rs2: Place;
  readonly rs3: Place;
  readonly rm: Place;
  /** An immediate may have several fields, and a sign. */
  readonly imm: (raw: number) => number;
}

function encodingOf(entry: Instruction | Compressed): Encoding {
  const pattern = parsePattern(entry.pattern);
  const instruction = 'expands' in entry ? byName.get(entry.expands) : entry;
  if (!instruction) throw new Error(`${entry.name} expands to an instruction that is not in the table`);

  const fixed: Partial<Record<FieldName, number>> = ('fixed' in entry && entry.fixed) || {};
  const operand = (name: FieldName): Place => {
    const value = fixed[name];
    const { at = 0, width = 0, base = 0 } = pattern.fields.find((field) => field.name === name) ?? {};
    return value === undefined ? { at, mask: 2 ** width - 1, base } : { at: 0, mask: 0, base: value };
  };
  const { imm } = fixed;
  return {
    instruction,
    mnemonic: entry.name,
    pattern,
    rd: operand('rd'),
    rs1: operand('rs1'),
    rs2: operand('rs2'),
    rs3: operand('rs3'),
    rm: operand('rm'),
    imm: imm === undefined ? reader(pattern, 'imm') : () => imm,
  };
}

const valueAt = ({ at, mask, base }: Place, raw: number): number => ((raw >>> at) & mask) + base;

function takeApart(encoding: Encoding, raw: number, length: 2 | 4): Decoded {
  return {
    instruction: encoding.instruction,
    mnemonic: encoding.mnemonic,
    length,
    raw,
    rd: valueAt(encoding.rd, raw),
    rs1: valueAt(encoding.rs1, raw),
    rs2: valueAt(encoding.rs2, raw),
    rs3: valueAt(encoding.rs3, raw),
    imm: encoding.imm(raw),
    rm: valueAt(encoding.rm, raw),
  };
}

const wide = instructions.map(encodingOf);
const narrow = compressed.map(encodingOf);

/** Opcode, funct3 and funct7: words that agree in these have few encodings to choose from. */
const KEY_BITS = 0xfe00_707f;
const keyOf = (raw: number): number => ((raw >>> 25) << 8) | (((raw >>> 12) & 7) << 5) | ((raw >>> 2) & 31);

/** Encodings by key, gathered when the key is first met. */
const candidates: (readonly Encoding[] | undefined)[] = Array.from({ length: 1 << 15 });

function gather(raw: number): readonly Encoding[] {
  return wide.filter(({ pattern }) => ((raw ^ pattern.match) & pattern.mask & KEY_BITS) === 0);
}

/** Global names are slow to look up where the global object is not V8's own, as under Jest. */
const { imul } = Math;

/** Words that were decoded last, each where some of its bits say: programs repeat themselves. */
const RECENT = 1 << 12;
const recent: (Decoded | undefined)[] = Array.from({ length: RECENT });
/** The fields in which neighbouring instructions differ most, mixed (Knuth, 6.4). */
const placeOf = (word: number): number => imul(word, 0x9e37_79b1) >>> 20;

/** Every compressed word is decoded once; null where it is illegal. */
const narrowDecoded: (Decoded | null | undefined)[] = Array.from({ length: 1 << 16 });

function decodeNarrow(raw: number): Decoded | null {
  const encoding = narrow.find(({ pattern }) => matches(pattern, raw));
  return encoding ? takeApart(encoding, raw, 2) : null;
}

/**
 * Decodes the instruction that starts in the low halfword of `raw`, a 32-bit word, signed or unsigned; what lies behind
 * a compressed instruction does not matter. Answers undefined for an illegal instruction.
 */
export function decode(raw: number): Decoded | undefined {
  if ((raw & 3) !== 3) {
    const word = raw & 0xffff;
    let decoded = narrowDecoded[word];
    if (decoded === undefined) narrowDecoded[word] = decoded = decodeNarrow(word);
    return decoded ?? undefined;
  }
  const word = raw >>> 0;
  const place = placeOf(word);
  const known = recent[place];
  if (known?.raw === word) return known;
  const encodings = (candidates[keyOf(word)] ??= gather(word));
  for (const encoding of encodings) {
    if (matches(encoding.pattern, word)) return (recent[place] = takeApart(encoding, word, 4));
  }
  return undefined;
}
