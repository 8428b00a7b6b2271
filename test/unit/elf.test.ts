/** Loaders: what is read from an ELF, how symbols are found, and what is said of files that are no guests. */
import { readFileSync } from 'node:fs';
import { checkSegmentsFit, parseElf } from '../../src/machine/elf.js';
import { placeImage, recogniseImage } from '../../src/machine/image.js';

const BASE = 0x8000_0000;
const MIB = 1 << 20;

interface SegmentPlan {
  readonly address: bigint;
  readonly virtual?: bigint;
  readonly data: Uint8Array;
  readonly memorySize?: number;
  readonly type?: number;
}
interface SymbolPlan {
  readonly name: string;
  readonly value: bigint;
  readonly size?: number;
  readonly info?: number;
  readonly section?: number;
}

const FUNCTION = 0x12;
const OBJECT = 0x11;
const LABEL = 0x10;
const ABSOLUTE = 0xfff1;

/** An ELF made by hand; section 1 is the code, from `BASE` on, 0x100 bytes long. */
function makeElf(plan: { entry?: bigint; segments?: SegmentPlan[]; symbols?: SymbolPlan[] } = {}): Uint8Array {
  const { entry = BigInt(BASE), symbols = [] } = plan;
  const segments = plan.segments ?? [{ address: BigInt(BASE), data: Uint8Array.of(0x73, 0, 0x10, 0) }];
  const file = Buffer.alloc(4096);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(243, 18);
  file.writeBigUInt64LE(entry, 24);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(segments.length, 56);
  let data = 1024;
  segments.forEach((segment, i) => {
    const at = 64 + 56 * i;
    file.writeUInt32LE(segment.type ?? 1, at);
    file.writeUInt32LE(5, at + 4);
    file.writeBigUInt64LE(BigInt(data), at + 8);
    file.writeBigUInt64LE(segment.virtual ?? segment.address, at + 16);
    file.writeBigUInt64LE(segment.address, at + 24);
    file.writeBigUInt64LE(BigInt(segment.data.length), at + 32);
    file.writeBigUInt64LE(BigInt(segment.memorySize ?? segment.data.length), at + 40);
    file.set(segment.data, data);
    data += segment.data.length;
  });
  if (symbols.length > 0) {
    // Sections: 0 none, 1 code, 2 symbols, 3 names.
    const [headers, table, names] = [2048, 2560, 3584];
    file.writeBigUInt64LE(BigInt(headers), 40);
    file.writeUInt16LE(64, 58);
    file.writeUInt16LE(4, 60);
    file.writeBigUInt64LE(BigInt(BASE), headers + 64 + 16);
    file.writeBigUInt64LE(0x100n, headers + 64 + 32);
    file.writeUInt32LE(2, headers + 128 + 4);
    file.writeBigUInt64LE(BigInt(table), headers + 128 + 24);
    file.writeBigUInt64LE(BigInt(24 * symbols.length), headers + 128 + 32);
    file.writeUInt32LE(3, headers + 128 + 40);
    file.writeBigUInt64LE(BigInt(names), headers + 192 + 24);
    file.writeBigUInt64LE(512n, headers + 192 + 32);
    let name = 1;
    symbols.forEach((symbol, i) => {
      const at = table + 24 * i;
      file.writeUInt32LE(name, at);
      file[at + 4] = symbol.info ?? FUNCTION;
      file.writeUInt16LE(symbol.section ?? 1, at + 6);
      file.writeBigUInt64LE(symbol.value, at + 8);
      file.writeBigUInt64LE(BigInt(symbol.size ?? 0), at + 16);
      file.write(symbol.name, names + name);
      name += symbol.name.length + 1;
    });
  }
  return new Uint8Array(file);
}

function changed(change: (file: Buffer) => void, file = makeElf()): Uint8Array {
  const copy = Buffer.from(file);
  change(copy);
  return new Uint8Array(copy);
}

const guest = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/guests/prebuilt/${name}`, import.meta.url)));

describe('parseElf', () => {
  it('reads loadable segments by physical address and leaves others out', () => {
    const { entry, segments } = parseElf(
      makeElf({
        segments: [
          { address: BigInt(BASE), data: Uint8Array.of(1, 2, 3, 4) },
          { address: 0n, data: Uint8Array.of(9), type: 4 },
          { address: BigInt(BASE + 0x1000), data: Uint8Array.of(5), memorySize: 4096 },
          { address: 0n, data: new Uint8Array(0) },
        ],
      }),
    );
    expect(entry).toBe(BASE);
    expect(segments.map(({ address, data, memorySize }) => [address, [...data], memorySize])).toEqual([
      [BASE, [1, 2, 3, 4], 4],
      [BASE + 0x1000, [5], 4096],
    ]);
  });

  it('translates a virtual entry point', () => {
    const virtual = 0xffff_ffff_8000_0000n;
    const file = makeElf({
      entry: virtual + 2n,
      segments: [{ address: BigInt(BASE), virtual, data: new Uint8Array(8) }],
    });
    expect(parseElf(file).entry).toBe(BASE + 2);
  });

  it('reads a guest that a linker made', () => {
    const { entry, segments, symbols } = parseElf(guest('hello.elf'));
    expect(entry).toBe(BASE);
    expect(segments[0].executable).toBe(true);
    expect(segments[0].writable).toBe(false);
    expect(symbols.describe(entry)).toBe('_start');
    expect(symbols.find('main')?.type).toBe('function');
  });

  const set8 = (at: number, value: number) => (file: Buffer) => void file.writeUInt8(value, at);
  const set16 = (at: number, value: number) => (file: Buffer) => void file.writeUInt16LE(value, at);
  const set64 = (at: number, value: bigint) => (file: Buffer) => void file.writeBigUInt64LE(value, at);
  const bad: [string, Uint8Array, string][] = [
    ['no ELF', Uint8Array.of(1, 2, 3, 4), 'not an ELF'],
    ['its first bytes alone', makeElf().slice(0, 10), 'a truncated ELF: 10 bytes are less than its header'],
    ['half a header', makeElf().slice(0, 40), 'a truncated ELF: 40 bytes are less than its header of 64'],
    ['another machine', changed(set16(18, 62)), 'an ELF for x86-64, not RISC-V 64'],
    ['an unknown machine', changed(set16(18, 999)), 'an ELF for machine number 999, not RISC-V 64'],
    [
      'another machine of another byte order',
      changed((file) => file.set([2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 22], 4)),
      'an ELF for S/390, not RISC-V 64',
    ],
    ['32 bits', changed(set8(4, 1)), 'a 32-bit ELF for RISC-V; this machine is RISC-V 64'],
    [
      'big-endian',
      changed((file) => {
        file[5] = 2;
        file.writeUInt16BE(243, 18);
      }),
      'a big-endian ELF for RISC-V; this machine is little-endian',
    ],
    ['an object file', changed(set16(16, 1)), 'an object file that was not linked yet'],
    ['a shared ELF', changed(set16(16, 3)), 'link it with -static -no-pie'],
    ['nothing to load', makeElf({ segments: [] }), 'the ELF holds nothing to load'],
    ['headers beyond its end', changed(set64(32, 1n << 62n)), 'a truncated ELF: its program headers would end at byte'],
    ['a short program header', changed(set16(54, 8)), 'a damaged ELF: its program headers have 8 bytes each'],
    ['a segment beyond its end', changed(set64(64 + 8, 4095n)), 'would end at byte 4099, the file has 4096'],
    ['a segment of absurd size', changed(set64(64 + 32, 1n << 63n)), 'larger in the file than in memory'],
    ['a segment at an absurd place', changed(set64(64 + 24, 1n << 63n)), 'lies far outside of memory'],
    ['an entry in no segment', makeElf({ entry: 4n }), 'its entry point 0x4 lies in none of its segments'],
    [
      'symbols beyond its end',
      changed(set64(2048 + 128 + 24, 1n << 40n), makeElf({ symbols: [{ name: 'f', value: 0n }] })),
      'a truncated ELF: the symbol table',
    ],
  ];
  it.each(bad)('refuses %s', (_name, file, message) => {
    expect(() => parseElf(file)).toThrow(message);
  });

  it('refuses or reads any damaged file, never failing otherwise', () => {
    const whole = makeElf({ symbols: [{ name: 'f', value: BigInt(BASE), size: 4 }] });
    const refusals = new Set<string>();
    for (let at = 0; at < 2560; at++) {
      for (const value of [0, 0xff, 0x80]) {
        try {
          parseElf(changed(set8(at, value), whole));
        } catch (error) {
          refusals.add((error as Error).name);
        }
      }
    }
    expect([...refusals].sort()).toEqual(['ElfError', 'FitError']);
  });
});

describe('symbols', () => {
  const base = BigInt(BASE);
  const { symbols } = parseElf(
    makeElf({
      symbols: [
        { name: 'helper', value: base + 0x40n, size: 0x10 },
        { name: '_start', value: base, info: LABEL },
        { name: 'main', value: base + 0x20n, size: 0x18 },
        { name: 'inner', value: base + 0x28n, info: LABEL },
        { name: '$x', value: base + 0x20n, info: 0 },
        { name: '.L1', value: base + 0x24n, info: 0 },
        { name: 'alias', value: base + 0x40n, info: LABEL },
        { name: 'table', value: base + 0x60n, size: 8, info: OBJECT },
        { name: 'stack_size', value: 0x1000n, section: ABSOLUTE },
        { name: 'elsewhere', value: 0n, section: 0 },
        { name: 'file.c', value: 0n, info: 4, section: ABSOLUTE },
        { name: 'last', value: base + 0x80n, info: LABEL },
      ],
    }),
  );

  it.each([
    [0n, '_start'],
    [0x1fn, '_start+0x1f'],
    [0x20n, 'main'],
    [0x30n, 'main+0x10'],
    [0x38n, ''],
    [0x40n, 'helper'],
    [0x50n, ''],
    [0x67n, 'table+0x7'],
    [0xffn, 'last+0x7f'],
    [0x100n, ''],
    [-1n, ''],
  ])('at offset %s say "%s"', (offset, text) => {
    expect(symbols.describe(base + offset)).toBe(text);
  });

  it('find addresses by name, of constants and nested labels too', () => {
    expect(symbols.find('inner')?.address).toBe(base + 0x28n);
    expect(symbols.find('stack_size')?.address).toBe(0x1000n);
    expect(symbols.lookup(0x1004)).toBeUndefined();
    for (const name of ['$x', '.L1', 'elsewhere', 'file.c']) expect(symbols.find(name)).toBeUndefined();
    expect(symbols.size).toBe(8);
  });

  it('know no name in a file without a table', () => {
    expect(parseElf(makeElf()).symbols.describe(BASE)).toBe('');
  });
});

describe('fitting into memory', () => {
  const at = (address: number, memorySize: number): (() => void) => {
    const { segments } = parseElf(
      makeElf({
        entry: BigInt(address),
        segments: [{ address: BigInt(address), data: new Uint8Array(4), memorySize }],
      }),
    );
    return () => checkSegmentsFit(segments, BASE, MIB);
  };

  it('takes a segment that fills memory, and says by how much one exceeds it', () => {
    expect(at(BASE, MIB)).not.toThrow();
    expect(at(BASE, MIB + 3)).toThrow('ends 3 bytes beyond memory, which ends at 0x80100000');
    expect(at(BASE - 16, 32)).toThrow('starts 16 bytes below memory, which begins at 0x80000000');
  });

  it('says so of a flat binary', () => {
    const image = recogniseImage(new Uint8Array(MIB + 5).fill(0x13));
    expect(() => placeImage(image, BASE, MIB)).toThrow('5 bytes too large for a memory of 1048576 bytes');
  });
});

/** A kernel's file with its magic, and an EFI stub's. */
function kernel(at: number, magic: string, change: (file: Buffer) => void = () => undefined): Uint8Array {
  const file = Buffer.alloc(4096);
  file.write('MZ');
  file.write(magic, at);
  change(file);
  return new Uint8Array(file);
}

describe('recogniseImage', () => {
  it('takes an unknown file for a flat binary that starts at the beginning of memory', () => {
    const data = guest('hello.bin');
    const image = recogniseImage(data);
    expect(image.kind).toBe('flat');
    expect(placeImage(image, BASE, 128 * MIB)).toEqual({
      entry: BASE,
      placements: [{ address: BASE, data, memorySize: data.length }],
    });
  });

  it('places an ELF by its segments', () => {
    const { entry, placements } = placeImage(recogniseImage(guest('hello.elf')), BASE, 128 * MIB);
    expect([entry, placements[0].address]).toEqual([BASE, BASE]);
  });

  it('knows a Linux kernel, with or without an EFI stub, and where it goes', () => {
    const file = Buffer.alloc(4096);
    file.write('MZ');
    file.writeBigUInt64LE(0x200000n, 8);
    file.writeBigUInt64LE(0x5000n, 16);
    file.write('RISCV', 0x30);
    file.write('RSC\x05', 0x38);
    const image = recogniseImage(new Uint8Array(file));
    expect(image).toMatchObject({ kind: 'linux', textOffset: 0x200000, memorySize: 0x5000 });
    const { entry, placements } = placeImage(image, BASE, 128 * MIB);
    expect([entry, placements[0].memorySize]).toEqual([BASE + 0x200000, 0x5000]);
    expect(() => placeImage(image, BASE, MIB)).toThrow('too large for a memory of 1048576 bytes');
    file.writeBigUInt64LE(0n, 8);
    expect(recogniseImage(new Uint8Array(file))).toMatchObject({ textOffset: 0x200000 });
    expect(recogniseImage(new Uint8Array(file.subarray(0, 64)))).toMatchObject({ kind: 'linux', memorySize: 0x5000 });
    expect(() => recogniseImage(new Uint8Array(file.subarray(0, 63)))).toThrow('a Windows or EFI executable');
    file.writeBigUInt64LE(1n << 60n, 16);
    expect(() => recogniseImage(new Uint8Array(file))).toThrow('a Linux kernel with a damaged header');
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'an empty file'],
    ['zstd', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0), 'a zstd file: decompress it first'],
    ['a ramdisk', Buffer.from('070701' + '0'.repeat(104) + 'TRAILER!!!\0'), 'a cpio archive: name an initial ramdisk'],
    ['a kernel for AArch64', kernel(0x38, 'ARM\x64'), 'a Linux kernel for AArch64'],
    ['a kernel for x86', kernel(0x202, 'HdrS'), 'a Linux kernel for x86'],
    ['a big-endian kernel', kernel(0x38, 'RSC\x05', (file) => file.set([1], 24)), 'a big-endian Linux kernel'],
    ['a script', Buffer.from('#!/bin/sh\necho\n\0'), 'a script'],
    ['text', Buffer.from('int main(void) { return 0; }\n'), 'text'],
    ['text in UTF-8', Buffer.from('größer\r\n\tals\n'), 'text'],
    ['an EFI executable', Uint8Array.of(0x4d, 0x5a, 0, 0), 'a Windows or EFI executable'],
    ['an ELF for another machine', changed((file) => void file.writeUInt16LE(183, 18)), 'an ELF for AArch64'],
  ])('refuses %s', (_name, file, message) => {
    expect(() => recogniseImage(new Uint8Array(file))).toThrow(message);
  });

  it('does not take bytes that are no UTF-8 for text', () => {
    expect(recogniseImage(Uint8Array.of(0x41, 0xff, 0x80, 0x41)).kind).toBe('flat');
  });
});
