/**
 * Instruction patterns: bit fields from the top bit down, in the notation of the instruction listings of the RISC-V
 * unprivileged specification (20240411), parsed into a mask, a match and fields. Decoder, assembler and disassembler
 * all work from what is parsed here.
 *
 *     imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011        a base instruction, 32 bits
 *     011 nzimm[17] rd≠{0,2} nzimm[16:12] 01              a compressed one, 16 bits
 *
 * A token is a run of literal bits (`-` is ignored), a field of fixed width, or pieces of the immediate. A register
 * with an apostrophe has three bits and means x8 to x15, `rs1/rd` is one field that names two operands, `≠` excludes
 * register numbers, `nz` an immediate of zero. `uimm[...]` and `shamt[...]` are unsigned, `imm[...]` is signed.
 */

/** Fields a pattern may name. `uimm` (five bits, Zicsr) takes the place of `rs1`, `csr` that of the immediate. */
const widths = {
  rd: 5,
  rs1: 5,
  rs2: 5,
  rs3: 5,
  rm: 3,
  csr: 12,
  uimm: 5,
  aq: 1,
  rl: 1,
  fm: 4,
  pred: 4,
  succ: 4,
} as const;

/** What a field's bits are a part of. */
export type FieldName = 'rd' | 'rs1' | 'rs2' | 'rs3' | 'rm' | 'imm' | 'aq' | 'rl' | 'fm' | 'pred' | 'succ';

/** `width` bits of the word from bit `at`, that make the bits from `to` of the operand; `base` is added to them. */
export interface Field {
  readonly name: FieldName;
  readonly at: number;
  readonly width: number;
  readonly to: number;
  readonly base: number;
}

export interface Pattern {
  readonly width: 16 | 32;
  /** The bits that are fixed, and their values (both unsigned). */
  readonly mask: number;
  readonly match: number;
  /** From the top bit down; an operand may have several (pieces of an immediate). */
  readonly fields: readonly Field[];
  /** Number of bits the immediate is sign-extended from; 0 for none or an unsigned one. */
  readonly signBits: number;
  /** Values that a field's bits must not have. */
  readonly excluded: readonly { readonly mask: number; readonly match: number }[];
}

const literalToken = /^[01-]+$/;
const immediateToken = /^(nz)?(u?imm|shamt)\[([0-9:|]+)\]$/;
const fieldToken = /^([a-z0-9]+)(')?(?:\/([a-z0-9]+)'?)?(?:≠(?:(\d+)|\{([\d,]+)\}))?$/;

/** The low `bits` bits set, as an unsigned number; `bits` is at most 32. */
const ones = (bits: number): number => 2 ** bits - 1;

/** Unsigned `value << at`. */
const place = (value: number, at: number): number => (value << at) >>> 0;

/** Reserved static rounding modes (unprivileged specification, chapter "F"): such a word is no instruction. */
const reservedRoundingModes = [5, 6];

/** Parses a pattern; throws an `Error` where it is malformed or not 16 or 32 bits wide. */
export function parsePattern(text: string): Pattern {
  const tokens = text.split(/\s+/).map(parseToken);
  const width = tokens.reduce((sum, token) => sum + token.width, 0);
  if (width !== 16 && width !== 32) throw new Error(`pattern is ${width} bits wide: ${text}`);

  let [at, mask, match, signBits, nonZero] = [width as number, 0, 0, 0, 0];
  const fields: Field[] = [];
  const excluded: { mask: number; match: number }[] = [];
  for (const token of tokens) {
    at -= token.width;
    mask |= place(token.mask, at);
    match |= place(token.match, at);
    for (const field of token.fields) fields.push({ ...field, at: field.at + at });
    for (const value of token.excluded) excluded.push({ mask: place(ones(token.width), at), match: place(value, at) });
    if (token.signBits > signBits) signBits = token.signBits;
    if (token.nonZero) nonZero |= place(ones(token.width), at);
  }
  if (nonZero !== 0) excluded.push({ mask: nonZero >>> 0, match: 0 });
  return { width, mask: mask >>> 0, match: match >>> 0, fields, signBits, excluded };
}

interface Token {
  readonly width: number;
  readonly mask: number;
  readonly match: number;
  /** Positions relative to the token's lowest bit. */
  readonly fields: readonly Field[];
  readonly excluded: readonly number[];
  readonly signBits: number;
  readonly nonZero: boolean;
}

const plain = { mask: 0, match: 0, fields: [], excluded: [], signBits: 0, nonZero: false };

function parseToken(token: string): Token {
  if (literalToken.test(token)) {
    const mask = parseInt(token.replace(/[01]/g, '1').replace(/-/g, '0'), 2);
    return { ...plain, width: token.length, mask, match: parseInt(token.replace(/-/g, '0'), 2) };
  }
  const immediate = immediateToken.exec(token);
  if (immediate) return parseImmediate(immediate[3], immediate[2] === 'imm', immediate[1] === 'nz');
  return parseField(token);
}

/** `12|10:5`: pieces of the immediate from the top bit down. */
function parseImmediate(pieces: string, signed: boolean, nonZero: boolean): Token {
  const fields: Field[] = [];
  let [width, signBits] = [0, 0];
  for (const piece of pieces.split('|').reverse()) {
    const [high, low = high] = piece.split(':').map(Number) as [number, number?];
    fields.unshift({ name: 'imm', at: width, width: high - low + 1, to: low, base: 0 });
    width += high - low + 1;
    if (signed && high + 1 > signBits) signBits = high + 1;
  }
  return { ...plain, width, fields, signBits, nonZero };
}

/** `rd`, `rs1'`, `rs1/rd≠0`, `rd≠{0,2}`, `csr`, `rm` ... */
function parseField(token: string): Token {
  const parts = fieldToken.exec(token);
  const names = [parts?.[1], parts?.[3]].filter((name) => name !== undefined);
  if (!names.length || !names.every((name) => name in widths)) throw new Error(`unknown field in a pattern: ${token}`);

  const short = parts?.[2] !== undefined;
  const width = short ? 3 : widths[names[0] as keyof typeof widths];
  const fields = names.map((name): Field => ({ name: meaningOf(name), at: 0, width, to: 0, base: short ? 8 : 0 }));
  const excluded =
    names[0] === 'rm' ? reservedRoundingModes : (parts?.[4] ?? parts?.[5] ?? '').split(',').filter(Boolean).map(Number);
  return { ...plain, width, fields, excluded };
}

function meaningOf(name: string): FieldName {
  if (name === 'csr') return 'imm';
  return (name === 'uimm' ? 'rs1' : name) as FieldName;
}

/** Whether the word, an unsigned number, is an encoding of the pattern. */
export function matches(pattern: Pattern, raw: number): boolean {
  return ((raw ^ pattern.match) & pattern.mask) === 0 && !isExcluded(pattern, raw);
}

/** Whether a field of a word, whose fixed bits are the pattern's, has a value that the pattern excludes. */
export function isExcluded({ excluded }: Pattern, raw: number): boolean {
  for (const { mask, match } of excluded) if (((raw ^ match) & mask) === 0) return true;
  return false;
}

/** A function that answers an operand of a word: 0 where the pattern has no such field. */
export function reader(pattern: Pattern, name: FieldName): (raw: number) => number {
  const pieces = pattern.fields.filter((field) => field.name === name);
  const { at = 0, width = 0, to = 0, base = 0 } = pieces[0] ?? {};
  const unsignedBits = ones(width);
  const signShift = name === 'imm' && pattern.signBits ? 32 - pattern.signBits : 0;
  if (pieces.length <= 1) return (raw) => (((((raw >>> at) & unsignedBits) + base) << to) << signShift) >> signShift;
  const masked = pieces.map((piece) => ({ at: piece.at, mask: ones(piece.width), to: piece.to }));
  return (raw) => {
    let value = 0;
    for (const piece of masked) value |= ((raw >>> piece.at) & piece.mask) << piece.to;
    return (value << signShift) >> signShift;
  };
}
