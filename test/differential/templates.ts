/** Random encodings of the instruction table's entries: by the same patterns that decoder and assembler come from. */
import { CSR } from '../../src/isa/csrs.js';
import type { Compressed, Instruction } from '../../src/isa/instruction.js';
import { matches, parsePattern, reader, type Pattern } from '../../src/isa/pattern.js';
import { byName, compressed, instructions } from '../../src/isa/table.js';
import type { Random } from './random.js';

/** What has to be arranged before such an instruction is let loose. */
export type Role = 'plain' | 'load' | 'store' | 'atomic' | 'branch' | 'jump' | 'csr' | 'system';

export interface Template {
  readonly name: string;
  readonly extension: string;
  readonly role: Role;
  readonly pattern: Pattern;
  /** Whether rd and rs1 name x registers, and at which bit they start where they have five bits of their own. */
  readonly writesX: boolean;
  readonly rd: (raw: number) => number;
  readonly rs1: (raw: number) => number;
  readonly imm: (raw: number) => number;
}

const STORES = /^(s[bhwd]|fs[wd])$/;
const LOADS = /^(l[bhwd]u?|fl[wd])$/;

function roleOf({ name, extension }: Instruction): Role {
  if (extension === 'A') return 'atomic';
  if (extension === 'Zicsr') return 'csr';
  if (extension === 'privileged' || extension === 'Zifencei' || name === 'ecall' || name === 'ebreak') return 'system';
  if (/^b(eq|ne|ltu?|geu?)$/.test(name)) return 'branch';
  if (name === 'jal' || name === 'jalr') return 'jump';
  return STORES.test(name) ? 'store' : LOADS.test(name) ? 'load' : 'plain';
}

function templateOf(entry: Instruction | Compressed): Template {
  const base = 'expands' in entry ? byName.get(entry.expands) : entry;
  if (!base) throw new Error(`${entry.name} expands to nothing`);
  const pattern = parsePattern(entry.pattern);
  const fixed: Compressed['fixed'] = 'fixed' in entry ? entry.fixed : {};
  const operand = (name: 'rd' | 'rs1' | 'imm'): ((raw: number) => number) => {
    const value = fixed?.[name];
    return value === undefined ? reader(pattern, name) : () => value;
  };
  return {
    name: entry.name,
    extension: 'expands' in entry ? 'C' : base.extension,
    role: roleOf(base),
    pattern,
    writesX: base.operands.rd === 'x',
    rd: operand('rd'),
    rs1: operand('rs1'),
    imm: operand('imm'),
  };
}

const all = [...instructions, ...compressed].map(templateOf);

export const templatesOf = (extension: string): readonly Template[] =>
  all.filter((template) => template.extension === extension);

export const templateOfName = (name: string): Template => {
  const found = all.find((template) => template.name === name);
  if (!found) throw new Error(`no instruction is called ${name}`);
  return found;
};

/** Registers that a stream's instructions must leave alone, by number. */
export type Reserved = Uint8Array;

/**
 * A random encoding that writes no reserved register: fields are drawn again until it is one.
 */
export function encode(template: Template, random: Random, reserved: Reserved): number {
  const { pattern, writesX } = template;
  const free = pattern.width === 32 ? ~pattern.mask : ~pattern.mask & 0xffff;
  for (;;) {
    const raw = ((random.word() & free) | pattern.match) >>> 0;
    if (pattern.excluded.length > 0 && !matches(pattern, raw)) continue;
    if (writesX && reserved[template.rd(raw)] !== 0) continue;
    return raw;
  }
}

/** The same word with its rs1 field (32-bit encodings) replaced. */
export const withRs1 = (raw: number, rs1: number): number => ((raw & ~(31 << 15)) | (rs1 << 15)) >>> 0;
export const withRd = (raw: number, rd: number): number => ((raw & ~(31 << 7)) | (rd << 7)) >>> 0;
export const withRs2 = (raw: number, rs2: number): number => ((raw & ~(31 << 20)) | (rs2 << 20)) >>> 0;

export const csrOf = (name: keyof typeof CSR): number => CSR[name];
