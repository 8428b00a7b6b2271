/** From a word to an instruction and its operands; derived from the table. */
import type { Compressed, Decoded, Instruction } from './instruction.js';
import type { FieldName, Pattern } from './pattern.js';
import { isExcluded, matches, parsePattern, reader } from './pattern.js';
import { byName, compressed, instructions } from './table.js';

/** Where an operand stands that is one field: added to `base`. One that is fixed has no bits. */
export interface Place {
  readonly at: number;
  readonly mask: number;
  readonly base: number;
}

/** An encoding, ready to be compared with words and taken apart. */
export interface Encoding {
  /** From 0 on, below ENCODINGS. */
  readonly number: number;
  readonly instruction: Instruction;
  readonly mnemonic: string;
  readonly length: 2 | 4;
  readonly pattern: Pattern;
  /** The pattern's, as int32: V8 keeps larger numbers apart. */
  readonly mask: number;
  readonly match: number;
  readonly rd: Place;
  readonly rs1: Place;
  readonly rs2: Place;
  readonly rs3: Place;
  readonly rm: Place;
  /** An immediate may have several fields, and a sign. */
  readonly imm: (raw: number) => number;
}

function encodingOf(entry: Instruction | Compressed, number: number): Encoding {
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
    number,
    instruction,
    mnemonic: entry.name,
    length: pattern.width === 16 ? 2 : 4,
    pattern,
    mask: pattern.mask | 0,
    match: pattern.match | 0,
    rd: operand('rd'),
    rs1: operand('rs1'),
    rs2: operand('rs2'),
    rs3: operand('rs3'),
    rm: operand('rm'),
    imm: imm === undefined ? reader(pattern, 'imm') : () => imm,
  };
}

/** The operand of a word that stands at a place. */
export const valueAt = ({ at, mask, base }: Place, raw: number): number => ((raw >>> at) & mask) + base;

function takeApart(encoding: Encoding, raw: number): Decoded {
  return {
    instruction: encoding.instruction,
    mnemonic: encoding.mnemonic,
    length: encoding.length,
    raw,
    rd: valueAt(encoding.rd, raw),
    rs1: valueAt(encoding.rs1, raw),
    rs2: valueAt(encoding.rs2, raw),
    rs3: valueAt(encoding.rs3, raw),
    imm: encoding.imm(raw),
    rm: valueAt(encoding.rm, raw),
  };
}

const wide = instructions.map((entry, i) => encodingOf(entry, i));
const narrow = compressed.map((entry, i) => encodingOf(entry, wide.length + i));
export const ENCODINGS = wide.length + narrow.length;

/** Opcode, funct3 and funct7: words that agree in these have few encodings to choose from. */
const KEY_BITS = 0xfe00_707f;
const keyOf = (raw: number): number => ((raw >>> 25) << 8) | (((raw >>> 12) & 7) << 5) | ((raw >>> 2) & 31);

/** Encodings by key, gathered when the key is first met. */
const candidates: (readonly Encoding[] | undefined)[] = Array.from({ length: 1 << 15 });

function gather(raw: number): readonly Encoding[] {
  return wide.filter(({ pattern }) => ((raw ^ pattern.match) & pattern.mask & KEY_BITS) === 0);
}

/**
 * The encoding of the instruction that starts in the low halfword of `raw`, a 32-bit word, signed or unsigned; what lies
 * behind a compressed instruction does not matter. Undefined for an illegal instruction.
 */
export function encodingAt(raw: number): Encoding | undefined {
  if ((raw & 3) !== 3) return narrow.find(({ pattern }) => matches(pattern, raw & 0xffff));
  const word = raw | 0;
  const encodings = (candidates[keyOf(word)] ??= gather(word));
  for (const encoding of encodings) {
    if (((word ^ encoding.match) & encoding.mask) === 0 && !isExcluded(encoding.pattern, word)) return encoding;
  }
  return undefined;
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

/** Decodes the instruction that `encodingAt` finds in a word. Answers undefined for an illegal instruction. */
export function decode(raw: number): Decoded | undefined {
  if ((raw & 3) !== 3) {
    const word = raw & 0xffff;
    const known = narrowDecoded[word];
    if (known !== undefined) return known ?? undefined;
    const encoding = encodingAt(word);
    const decoded = encoding && takeApart(encoding, word);
    narrowDecoded[word] = decoded ?? null;
    return decoded;
  }
  const word = raw >>> 0;
  const place = placeOf(word);
  const known = recent[place];
  if (known?.raw === word) return known;
  const encoding = encodingAt(word);
  return encoding && (recent[place] = takeApart(encoding, word));
}
