/**
 * The decoder and disassembler against GNU objdump: every compressed word, and random encodings of every base
 * instruction. Needs Debian's binutils-riscv64-unknown-elf.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from '../../src/isa/decode.js';
import { disassemble } from '../../src/isa/disassemble.js';
import type { Decoded } from '../../src/isa/instruction.js';
import { matches, parsePattern } from '../../src/isa/pattern.js';
import { instructions } from '../../src/isa/table.js';

/** Spacing apart, and without the comments objdump adds. */
const plain = (assembly: string): string =>
  assembly
    .replace(/\s*#.*$/, '')
    .replace(/\s+/g, ' ')
    .replace(/, /g, ',')
    .trim();

/** What differs on purpose, or in name only; each rule with its reason. */
function reconciled(theirs: string, word: number): string {
  // The word of all zeros is defined illegal; objdump knows it by that name.
  if (theirs === 'c.unimp') return '.2byte 0x0';
  // Reserved: nzimm is zero.
  if (theirs === 'c.addi16sp sp,0') return `.2byte 0x${word.toString(16)}`;
  // Reserved static rounding modes.
  if (theirs === 'c.addi zero,0') return 'c.nop';
  if (theirs.endsWith(',unknown') && !theirs.startsWith('fence')) return `.4byte 0x${word.toString(16)}`;
  return (
    theirs
      // Hints: c.nop with an immediate, and shifts by zero, which RV128 gives a name.
      .replace(/^c\.addi zero,/, 'c.nop ')
      .replace(/^(c\.s\w+)64 (\w+)$/, '$1 $2,0x0')
  );
}

/** CSRs of extensions that are not ours are shown by number. */
const withoutCsrNames = (assembly: string, word: number): string =>
  assembly.replace(/^(csrr\w+ \w+),\w+,/, `$1,0x${(word >>> 20).toString(16)},`);

/** Encodings that are legal and that objdump does not know. */
function unknownToObjdump(decoded: Decoded): boolean {
  const { mnemonic, rm, raw } = decoded;
  if (/^fcvt\.d\.(s|wu?)$/.test(mnemonic)) return rm !== 0;
  if (mnemonic === 'fence') return (raw & 0xf00f_8f80) !== 0;
  return mnemonic === 'fence.i' && raw !== 0x0000_100f;
}

/** objdump's opinion of each of the words, which are all `bytes` long. */
function objdump(words: readonly number[], bytes: 2 | 4): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'vmft-isa-'));
  const inFolder = (name: string): string => join(folder, name);
  try {
    const image = new DataView(new ArrayBuffer(words.length * bytes));
    words.forEach((word, index) =>
      bytes === 2 ? image.setUint16(index * 2, word, true) : image.setUint32(index * 4, word, true),
    );
    writeFileSync(inFolder('words.bin'), new Uint8Array(image.buffer));
    // An object file, since a flat one cannot say which extensions there are; stripped, so that nothing is marked as data.
    writeFileSync(inFolder('words.s'), `.text\n.incbin "${inFolder('words.bin')}"\n`);
    const march = '-march=rv64gc_zicsr_zifencei_zba_zbb_zbs';
    execFileSync('riscv64-unknown-elf-as', [march, '-o', inFolder('words.o'), inFolder('words.s')]);
    execFileSync('riscv64-unknown-elf-strip', ['--strip-all', inFolder('words.o')]);
    const options = ['-d', '-z', '-j', '.text', '-M', 'no-aliases', inFolder('words.o')];
    const text = execFileSync('riscv64-unknown-elf-objdump', options, { encoding: 'utf8', maxBuffer: 1 << 28 });
    const lines = text.split('\n').flatMap((line) => {
      const columns = /^\s*[0-9a-f]+:\s+[0-9a-f]+\s+(.*)$/.exec(line);
      return columns ? [plain(columns[1])] : [];
    });
    expect(lines).toHaveLength(words.length);
    return lines.map((line, index) => reconciled(line, words[index]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function expectSameAsObjdump(words: readonly number[], bytes: 2 | 4): void {
  const expected = objdump(words, bytes);
  const different: string[] = [];
  words.forEach((word, index) => {
    const decoded = decode(word);
    const own = plain(disassemble(word, BigInt(index * bytes)));
    let theirs = expected[index];
    if (decoded && unknownToObjdump(decoded)) return;
    if (decoded?.instruction.extension === 'Zicsr') {
      if (/^csrr\w+ \w+,0x/.test(own)) theirs = withoutCsrNames(theirs, word);
    }
    if (own !== theirs) different.push(`${word.toString(16)}: ${own} | ${theirs}`);
  });
  expect(different).toEqual([]);
}

/** A small generator with a fixed seed, so that a failure comes again. */
function randomWords(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state ^ Math.imul(state >>> 15, 0x2c1b3c6d)) >>> 0;
  };
}

describe('every compressed word', () => {
  it('reads as objdump reads it', () => {
    expectSameAsObjdump(
      [...Array(1 << 16).keys()].filter((word) => (word & 3) !== 3),
      2,
    );
  });
});

describe('base instructions', () => {
  it('read as objdump reads them', () => {
    const next = randomWords(20100101);
    const words = instructions.flatMap((instruction) => {
      const pattern = parsePattern(instruction.pattern);
      const samples = Array.from({ length: 400 }, () => ((next() & ~pattern.mask) | pattern.match) >>> 0);
      return samples.filter((word) => matches(pattern, word));
    });
    expectSameAsObjdump([...words, 0x0ff0000f, 0x0000100f], 4);
  });

  it('are found in random words, and nothing else is', () => {
    const next = randomWords(4711);
    const longer = (word: number): boolean => (word & 0x1c) === 0x1c;
    const random = Array.from({ length: 200_000 }, () => (next() | 3) >>> 0).filter((word) => !longer(word));
    expectSameAsObjdump(random, 4);
  });
});
