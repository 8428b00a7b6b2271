/**
 * Executables as the linker leaves them: ELF64, little-endian, RISC-V, statically linked. Follows the System V ABI,
 * chapters 4 ("Object Files") and 5 ("Program Loading"), and the RISC-V ELF psABI.
 */
import { SymbolTable } from './symbols.js';
import type { ElfSymbol } from './symbols.js';

/** Why a file can't be loaded; the message is one sentence without the file's name. */
export class ElfError extends Error {
  override readonly name = 'ElfError';
}

/** A guest that memory has no place for; the message says by how much, without the file's name. */
export class FitError extends Error {
  override readonly name = 'FitError';

  constructor(
    message: string,
    /** What of the guest it is that has no place. */
    readonly part: 'kernel' | 'firmware' | 'initrd' = 'kernel',
  ) {
    super(message);
  }
}

/** One PT_LOAD program header: `data`, then zeros up to `memorySize`, from physical address `address` on. */
export interface ElfSegment {
  /** Physical address, below 2^53. */
  readonly address: number;
  readonly virtualAddress: bigint;
  readonly data: Uint8Array;
  readonly memorySize: number;
  readonly executable: boolean;
  readonly writable: boolean;
}

export interface ElfFile {
  /** Where execution starts: physical, below 2^53. */
  readonly entry: number;
  readonly segments: readonly ElfSegment[];
  readonly symbols: SymbolTable;
}

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;

const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const ET_EXEC = 2;
const EM_RISCV = 243;
const PT_LOAD = 1;
const PF_X = 1;
const PF_W = 2;
const SHT_SYMTAB = 2;
const SHN_UNDEF = 0;
const STT_NOTYPE = 0;
const STT_OBJECT = 1;
const STT_FUNC = 2;

const MACHINES: Readonly<Record<number, string>> = {
  2: 'SPARC',
  3: 'x86',
  8: 'MIPS',
  20: 'PowerPC',
  21: 'PowerPC 64',
  22: 'S/390',
  40: 'Arm',
  43: 'SPARC V9',
  62: 'x86-64',
  183: 'AArch64',
  247: 'BPF',
  258: 'LoongArch',
};
const TYPES: Readonly<Record<number, string>> = {
  1: 'an object file that was not linked yet',
  3: 'a position-independent or shared ELF: link it with -static -no-pie',
  4: 'a core dump',
};

export function isElf(file: Uint8Array): boolean {
  return file.length >= 4 && file[0] === 0x7f && file[1] === 0x45 && file[2] === 0x4c && file[3] === 0x46;
}

/**
 * Reads an executable. Segments' data are views into `file`. Throws ElfError where it is none that this machine runs,
 * FitError where a segment lies beyond every memory.
 */
export function parseElf(file: Uint8Array): ElfFile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  checkHeader(file, view);
  const segments = readSegments(file, view);
  if (segments.length === 0) throw new ElfError('the ELF holds nothing to load (no PT_LOAD segment)');
  const entry = physicalAddress(segments, view.getBigUint64(24, true));
  return { entry, segments, symbols: new SymbolTable(readSymbols(file, view)) };
}

/** Throws FitError, saying by how much, unless every segment lies in [base, base + bytes). */
export function checkSegmentsFit(segments: readonly ElfSegment[], base: number, bytes: number): void {
  for (const { address, memorySize } of segments) {
    const end = address + memorySize;
    const where = `its segment at ${hex(address)}, ${memorySize} bytes long,`;
    if (address < base) {
      throw new FitError(`${where} starts ${base - address} bytes below memory, which begins at ${hex(base)}`);
    }
    if (end > base + bytes) {
      throw new FitError(`${where} ends ${end - base - bytes} bytes beyond memory, which ends at ${hex(base + bytes)}`);
    }
  }
}

function checkHeader(file: Uint8Array, view: DataView): void {
  if (!isElf(file)) throw new ElfError('not an ELF');
  if (file.length < 20) throw new ElfError(`a truncated ELF: ${file.length} bytes are less than its header`);
  const littleEndian = file[5] === LITTLE_ENDIAN;
  const machine = view.getUint16(18, littleEndian);
  const bits = file[4] === CLASS_64 ? 64 : 32;
  if (machine !== EM_RISCV) {
    throw new ElfError(`an ELF for ${MACHINES[machine] ?? `machine number ${machine}`}, not RISC-V 64`);
  }
  if (bits !== 64) throw new ElfError('a 32-bit ELF for RISC-V; this machine is RISC-V 64');
  if (!littleEndian) throw new ElfError('a big-endian ELF for RISC-V; this machine is little-endian');
  if (file.length < HEADER_BYTES) {
    throw new ElfError(`a truncated ELF: ${file.length} bytes are less than its header of ${HEADER_BYTES}`);
  }
  const type = view.getUint16(16, true);
  if (type !== ET_EXEC) throw new ElfError(TYPES[type] ?? `an ELF of type ${type}, not an executable`);
}

function readSegments(file: Uint8Array, view: DataView): ElfSegment[] {
  const table = tableOf(file, view, { offset: 32, entrySize: 54, count: 56 }, PROGRAM_HEADER_BYTES, 'program headers');
  const segments: ElfSegment[] = [];
  for (const header of table) {
    if (view.getUint32(header, true) !== PT_LOAD) continue;
    const flags = view.getUint32(header + 4, true);
    const virtualAddress = view.getBigUint64(header + 16, true);
    const address = view.getBigUint64(header + 24, true);
    const fileSize = view.getBigUint64(header + 32, true);
    const memorySize = view.getBigUint64(header + 40, true);
    if (memorySize === 0n) continue;
    if (fileSize > memorySize) throw new ElfError('a damaged ELF: a segment is larger in the file than in memory');
    if (address + memorySize > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new FitError(`its segment at ${hex(address)} lies far outside of memory`);
    }
    const offset = view.getBigUint64(header + 8, true);
    const data = slice(file, offset, fileSize, `the segment at ${hex(address)}`);
    segments.push({
      address: Number(address),
      virtualAddress,
      data,
      memorySize: Number(memorySize),
      executable: (flags & PF_X) !== 0,
      writable: (flags & PF_W) !== 0,
    });
  }
  return segments;
}

/** The entry point is a virtual address; the hart starts untranslated. */
function physicalAddress(segments: readonly ElfSegment[], entry: bigint): number {
  for (const { address, virtualAddress, memorySize } of segments) {
    const offset = entry - virtualAddress;
    if (offset >= 0n && offset < BigInt(memorySize)) return address + Number(offset);
  }
  throw new ElfError(`its entry point ${hex(entry)} lies in none of its segments`);
}

function readSymbols(file: Uint8Array, view: DataView): ElfSymbol[] {
  const sections = [
    ...tableOf(file, view, { offset: 40, entrySize: 58, count: 60 }, SECTION_HEADER_BYTES, 'section headers'),
  ];
  const table = sections.find((section) => view.getUint32(section + 4, true) === SHT_SYMTAB);
  if (table === undefined) return [];
  const symbols = sectionData(file, view, table, 'the symbol table');
  const nameSection = sections[view.getUint32(table + 40, true)];
  if (nameSection === undefined) throw new ElfError('a damaged ELF: its symbol table has no names');
  const names = sectionData(file, view, nameSection, "the symbols' names");
  const entries = new DataView(symbols.buffer, symbols.byteOffset, symbols.byteLength);
  const found: ElfSymbol[] = [];
  for (let at = 0; at + SYMBOL_BYTES <= symbols.length; at += SYMBOL_BYTES) {
    const type = entries.getUint8(at + 4) & 0xf;
    const section = entries.getUint16(at + 6, true);
    if (section === SHN_UNDEF || (type !== STT_NOTYPE && type !== STT_OBJECT && type !== STT_FUNC)) continue;
    const name = nameAt(names, entries.getUint32(at, true));
    // Mapping symbols ($x, $d) and the assembler's own labels name no place.
    if (name === '' || name.startsWith('$') || name.startsWith('.L')) continue;
    const header = sections[section];
    found.push({
      name,
      address: entries.getBigUint64(at + 8, true),
      size: entries.getBigUint64(at + 16, true),
      type: type === STT_FUNC ? 'function' : type === STT_OBJECT ? 'object' : 'label',
      // Symbols of no section (SHN_ABS: sizes, constants of the linker script) hold no place either.
      sectionEnd:
        header === undefined ? undefined : view.getBigUint64(header + 16, true) + view.getBigUint64(header + 32, true),
    });
  }
  return found;
}

function sectionData(file: Uint8Array, view: DataView, header: number, what: string): Uint8Array {
  return slice(file, view.getBigUint64(header + 24, true), view.getBigUint64(header + 32, true), what);
}

function nameAt(names: Uint8Array, start: number): string {
  let end = start;
  while (end < names.length && names[end] !== 0) end++;
  let name = '';
  for (let i = start; i < end; i++) name += String.fromCharCode(names[i]);
  return name;
}

/** File offsets of the entries of a header table, whose own place is told by the ELF header's fields at `fields`. */
function* tableOf(
  file: Uint8Array,
  view: DataView,
  fields: { offset: number; entrySize: number; count: number },
  entryBytes: number,
  what: string,
): Generator<number> {
  const start = view.getBigUint64(fields.offset, true);
  const entrySize = view.getUint16(fields.entrySize, true);
  const count = view.getUint16(fields.count, true);
  if (count === 0) return;
  if (entrySize < entryBytes) throw new ElfError(`a damaged ELF: its ${what} have ${entrySize} bytes each`);
  slice(file, start, BigInt(entrySize * count), `its ${what}`);
  for (let i = 0; i < count; i++) yield Number(start) + i * entrySize;
}

function slice(file: Uint8Array, offset: bigint, length: bigint, what: string): Uint8Array {
  const end = offset + length;
  if (end > BigInt(file.length)) {
    throw new ElfError(`a truncated ELF: ${what} would end at byte ${end}, the file has ${file.length}`);
  }
  return file.subarray(Number(offset), Number(end));
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
