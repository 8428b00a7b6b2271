/**
 * A second opinion on decoder and disassembler: Capstone, in RISC-V 64 mode with C. Every compressed word, random words
 * of every instruction, their near misses, and any words. What Capstone writes otherwise, or does not know, is said here.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { runInThisContext } from 'node:vm';
import { csrName } from '../../src/isa/csrs.js';
import { decode } from '../../src/isa/decode.js';
import { disassemble } from '../../src/isa/disassemble.js';
import type { Decoded } from '../../src/isa/instruction.js';
import { parsePattern } from '../../src/isa/pattern.js';
import { instructions } from '../../src/isa/table.js';
import { Dice } from '../guest/replay-rig.js';

interface Capstone {
  readonly ARCH_RISCV: number;
  readonly MODE_RISCV64: number;
  readonly MODE_RISCVC: number;
  readonly Capstone: new (architecture: number, mode: number) => Disassembler;
}

interface Disassembler {
  /** Throws where the bytes are no instruction. */
  disasm(bytes: readonly number[], address: number): { size: number; mnemonic: string; op_str: string }[];
}

/**
 * Capstone's own script, run outside of Jest's context, where each use of a global would cost it a hundred times as much.
 */
function load(): Promise<Capstone> {
  const file = createRequire(import.meta.url).resolve('@alexaltea/capstone-js');
  const script = `(require, __dirname, __filename) => { ${readFileSync(file, 'utf8')}; return MCapstone; }`;
  type Scope = (...scope: unknown[]) => () => Promise<Capstone>;
  return (runInThisContext(script) as Scope)(createRequire(file), dirname(file), file)();
}

const { ARCH_RISCV, MODE_RISCV64, MODE_RISCVC, Capstone } = await load();
const capstone = new Capstone(ARCH_RISCV, MODE_RISCV64 | MODE_RISCVC);

const ILLEGAL = 'illegal';

// A look at a global costs much under Jest.
const toNumber = Number;
const toText = String;

/** Pseudo-instructions that Capstone writes where it can: as it writes them, and what they stand for. */
const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^(beq|bne|blt|bge)z (\w+), /, '$1 $2, zero, '],
  [/^bgtz (\w+), /, 'blt zero, $1, '],
  [/^blez (\w+), /, 'bge zero, $1, '],
  [/^j /, 'jal zero, '],
  [/^jr (\w+)$/, 'jalr zero, 0($1)'],
  [/^ret$/, 'jalr zero, 0(ra)'],
  [/^jal (-?\d+)$/, 'jal ra, $1'],
  // With all its operands jalr has them in another order.
  [/^jalr (\w+), (\w+), (-?\d+)$/, 'jalr $1, $3($2)'],
  [/^jalr (\w+)$/, 'jalr ra, 0($1)'],
  [/^nop$/, 'addi zero, zero, 0'],
  [/^mv (\w+), (\w+)$/, 'addi $1, $2, 0'],
  [/^sext\.w (\w+), (\w+)$/, 'addiw $1, $2, 0'],
  [/^not (\w+), (\w+)$/, 'xori $1, $2, -1'],
  [/^seqz (\w+), (\w+)$/, 'sltiu $1, $2, 1'],
  [/^neg(w?) (\w+), /, 'sub$1 $2, zero, '],
  [/^snez (\w+), /, 'sltu $1, zero, '],
  [/^sltz (\w+), (\w+)$/, 'slt $1, $2, zero'],
  [/^sgtz (\w+), /, 'slt $1, zero, '],
  [/^fmv\.([sd]) (\w+), (\w+)$/, 'fsgnj.$1 $2, $3, $3'],
  [/^fneg\.([sd]) (\w+), (\w+)$/, 'fsgnjn.$1 $2, $3, $3'],
  [/^fabs\.([sd]) (\w+), (\w+)$/, 'fsgnjx.$1 $2, $3, $3'],
  [/^csrr (\w+), (\w+)$/, 'csrrs $1, $2, zero'],
  [/^csr([wsc]i?) (\w+), /, 'csrr$1 zero, $2, '],
  [/^rd(cycle|time|instret)h? (\w+)$/, 'csrrs $2, $1, zero'],
  [/^fr(csr|rm|flags) (\w+)$/, 'csrrs $2, f$1, zero'],
  [/^fs(csr|rm|flags)(i?) (\w+), /, 'csrrw$2 $3, f$1, '],
  [/^fs(csr|rm|flags)(i?) (\w+)$/, 'csrrw$2 zero, f$1, $3'],
  [/^sfence\.vma$/, 'sfence.vma zero, zero'],
  [/^sfence\.vma (\w+)$/, 'sfence.vma $1, zero'],
  [/^fence$/, 'fence iorw, iorw'],
];

/** Numbers in decimal. */
const decimal = (assembly: string): string =>
  assembly.replace(/(-?)\b(0x[0-9a-f]+|\d+)\b/g, (_, sign: string, digits: string) => sign + toText(toNumber(digits)));

/** Of a CSR instruction, the register by our name: Capstone's list has those of RV32 and lacks others. */
const withCsr = (assembly: string, word: number): string =>
  assembly.replace(/^(csrr\w+ \w+), \w+, /, `$1, ${csrName(word >>> 20)}, `);

function theirs(word: number, length: 2 | 4): string {
  const bytes = [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24].slice(0, length);
  let assembly: string;
  try {
    const [{ size, mnemonic, op_str }] = capstone.disasm(bytes, 0x1000);
    if (size !== length) return ILLEGAL;
    assembly = decimal(`${mnemonic} ${op_str}`.trim());
  } catch {
    return ILLEGAL;
  }
  for (const [written, meant] of ALIASES) if (written.test(assembly)) assembly = assembly.replace(written, meant);
  return decimal(withCsr(assembly, word));
}

function ours(word: number, decoded: Decoded | undefined): string {
  // A target is a distance for Capstone.
  return decoded ? decimal(withCsr(disassemble(word), word).replace(/\.\+?(-?\d+)$/, '$1')) : ILLEGAL;
}

/** Legal words that Capstone 5 takes for illegal, each kind with the reason. */
function unknownToCapstone({ instruction, mnemonic, rd, imm, rm, raw }: Decoded): boolean {
  // It knows no bit manipulation.
  if (/^Zb[abs]$/.test(instruction.extension)) return true;
  // Hints: what is written to x0 (c.nop with an immediate of 1 to 31 it knows, but not its immediate).
  if (mnemonic === 'c.nop') return imm < 0;
  if (/^c\.(slli|li|lui|mv|add)$/.test(mnemonic)) return rd === 0;
  // Fields that are to be ignored: fm, rs1 and rd of fences; the rounding mode where nothing is rounded.
  if (mnemonic === 'fence') return raw !== 0x8330_000f && (raw & 0xf00f_8f80) !== 0;
  if (mnemonic === 'fence.i') return raw !== 0x0000_100f;
  return /^fcvt\.d\.(s|wu?)$/.test(mnemonic) && rm !== 0;
}

/** Words of which Capstone says something else that is wrong, or says the same in a way of its own. */
function known(word: number, decoded: Decoded | undefined, assembly: string): string {
  // Defined illegal, and so called.
  if (word === 0 && assembly === 'c.unimp') return ILLEGAL;
  // Of the extension N, which was withdrawn.
  if (assembly === 'uret') return ILLEGAL;
  // nzimm of 0 is reserved.
  if (decoded === undefined && /^c\.lui \w+, 0$/.test(assembly)) return ILLEGAL;
  if (decoded?.mnemonic === 'c.nop' && assembly === 'c.nop' && decoded.imm > 0) return `c.nop ${decoded.imm}`;
  return assembly;
}

/** Where the two differ, as `word: ours | theirs`. */
function differences(words: Iterable<number>, length: 2 | 4): string[] {
  const found: string[] = [];
  for (const word of words) {
    const decoded = decode(word);
    const own = decoded && unknownToCapstone(decoded) ? ILLEGAL : ours(word, decoded);
    const other = known(word, decoded, theirs(word, length));
    if (own !== other) found.push(`${word.toString(16)}: ${own} | ${other}`);
  }
  return found;
}

it('every compressed word', () => {
  const words = Array.from({ length: 1 << 16 }, (_, word) => word).filter((word) => (word & 3) !== 3);
  expect(differences(words, 2)).toEqual([]);
});

/** Words of 32 bits, with nothing of a longer encoding's mark. */
const isWide = (word: number): boolean => (word & 3) === 3 && (word & 0x1c) !== 0x1c;

it.each([...new Set(instructions.map(({ extension }) => extension))])('words of %s, and near misses', (extension) => {
  const dice = new Dice(64);
  const words: number[] = [];
  for (const { pattern } of instructions.filter((instruction) => instruction.extension === extension)) {
    const parsed = parsePattern(pattern);
    const any = (): number => ((dice.roll(2 ** 32) & ~parsed.mask) | parsed.match) >>> 0;
    for (let n = 0; n < 40; n++) words.push(any());
    // One bit of the code is another.
    for (let bit = 0; bit < 32; bit++) if ((parsed.mask >>> bit) & 1) words.push((any() ^ (1 << bit)) >>> 0);
  }
  expect(differences(words.filter(isWide), 4)).toEqual([]);
});

it('any words', () => {
  const dice = new Dice(65);
  const words = Array.from({ length: 20_000 }, () => (dice.roll(2 ** 32) | 3) >>> 0);
  expect(differences(words.filter(isWide), 4)).toEqual([]);
});
