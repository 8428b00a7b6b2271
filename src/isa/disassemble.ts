/**
 * From a word to assembly, by the templates of the table. What is written agrees with GNU objdump's `-M no-aliases`,
 * but for a space behind each comma.
 */
import { csrName } from './csrs.js';
import { decode } from './decode.js';
import type { Compressed, Decoded, Instruction } from './instruction.js';
import { fNames, xNames } from './registers.js';
import { byName, compressed } from './table.js';

/** Answers what lies at an address: `main`, `main+0x4`. */
export type SymbolLookup = (address: bigint) => string | undefined;

const compressedByName = new Map(compressed.map((entry) => [entry.name, entry]));
const roundingNames = ['rne', 'rtz', 'rdn', 'rup', 'rmm', '', '', 'dyn'];

/** Conversions that never round are written without a mode when it is 0, all others when it is dynamic. */
const neverRound = new Set(['fcvt.d.s', 'fcvt.d.w', 'fcvt.d.wu']);

const hexadecimal = (value: number | bigint): string => `0x${value.toString(16)}`;

interface Context {
  readonly decoded: Decoded;
  readonly pc: bigint | undefined;
  readonly symbols: SymbolLookup | undefined;
}

/** What the words of a template stand for. */
const words: Readonly<Record<string, (context: Context) => string>> = {
  rd: ({ decoded }) => register(decoded, 'rd'),
  rs1: ({ decoded }) => register(decoded, 'rs1'),
  rs2: ({ decoded }) => register(decoded, 'rs2'),
  rs3: ({ decoded }) => register(decoded, 'rs3'),
  imm: ({ decoded }) => `${decoded.imm}`,
  shamt: ({ decoded }) => hexadecimal(decoded.imm),
  upper: ({ decoded }) => hexadecimal(decoded.imm >>> 12),
  csr: ({ decoded }) => csrName(decoded.imm),
  uimm: ({ decoded }) => `${decoded.rs1}`,
  target,
  pred: ({ decoded }) => ordered(decoded.raw >>> 24),
  succ: ({ decoded }) => ordered(decoded.raw >>> 20),
  '{order}': ({ decoded }) => ['', '.rl', '.aq', '.aqrl'][(decoded.raw >>> 25) & 3],
  '{rounding}': ({ decoded }) => {
    const unwritten = neverRound.has(decoded.mnemonic) ? 0 : 7;
    return decoded.rm === unwritten ? '' : `, ${roundingNames[decoded.rm]}`;
  },
};

function register(decoded: Decoded, field: 'rd' | 'rs1' | 'rs2' | 'rs3'): string {
  const names = decoded.instruction.operands[field] === 'f' ? fNames : xNames;
  return names[decoded[field]];
}

/** A set of the kinds of accesses that a fence orders. */
function ordered(bits: number): string {
  const kinds = ['i', 'o', 'r', 'w'].filter((_, index) => bits & (8 >> index));
  return kinds.join('') || 'unknown';
}

/** Where a branch or jump goes: an address, or a distance where the instruction's own is not known. */
function target({ decoded, pc, symbols }: Context): string {
  if (pc === undefined) return `.${decoded.imm < 0 ? '' : '+'}${decoded.imm}`;
  const address = BigInt.asUintN(64, pc + BigInt(decoded.imm));
  const symbol = symbols?.(address);
  return hexadecimal(address) + (symbol ? ` <${symbol}>` : '');
}

/** Mnemonic, which no word is replaced in, and the rest. */
const template = /^([^ {]+)(.*)$/;
const wordsOfTemplates = /\{\w+\}|[a-z]\w*/g;

/** Words that are written in a way of their own. */
function special(decoded: Decoded): string | undefined {
  if (decoded.raw === 0x0001) return 'c.nop';
  if (decoded.raw === 0x0100_000f) return 'pause';
  if (decoded.raw === 0x8330_000f) return 'fence.tso';
  return undefined;
}

/**
 * Assembly of the instruction that starts in the low halfword of `raw`: `addi a0, a0, 1`. With `pc` (unsigned) targets
 * are absolute, and named where `symbols` knows them. An illegal instruction is shown as data: `.4byte 0xffffffff`.
 */
export function disassemble(raw: number, pc?: bigint, symbols?: SymbolLookup): string {
  const decoded = decode(raw);
  if (!decoded) return (raw & 3) === 3 ? `.4byte ${hexadecimal(raw >>> 0)}` : `.2byte ${hexadecimal(raw & 0xffff)}`;

  const entry: Instruction | Compressed | undefined =
    decoded.length === 2 ? compressedByName.get(decoded.mnemonic) : byName.get(decoded.mnemonic);
  const [, mnemonic = '', operands = ''] = template.exec(entry?.assembly ?? '') ?? [];
  const context = { decoded, pc, symbols };
  const written = operands.replace(wordsOfTemplates, (word) => words[word]?.(context) ?? word);
  return special(decoded) ?? mnemonic + written;
}
