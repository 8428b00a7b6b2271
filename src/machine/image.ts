/**
 * What kind of guest a file is: an ELF, a Linux kernel `Image` (with an EFI header or without) or a flat binary, and where
 * each goes in memory. Follows the System V ABI for ELF and the kernel's "Boot image header in RISC-V Linux" for the Image.
 */
import { checkSegmentsFit, ElfError, FitError, isElf, parseElf } from './elf.js';
import type { ElfFile } from './elf.js';

/** Why a file is no guest; the message is one sentence without the file's name. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}

export type GuestImage =
  | { readonly kind: 'elf'; readonly elf: ElfFile }
  | { readonly kind: 'flat'; readonly data: Uint8Array }
  | {
      readonly kind: 'linux';
      readonly data: Uint8Array;
      /** Where the kernel wants to lie, in bytes from the start of memory. */
      readonly textOffset: number;
      /** What it occupies in memory, in bytes: at least the file's length. */
      readonly memorySize: number;
    };

/** What is loaded into memory beside the image, and started in its stead. */
interface Companions {
  /** M-mode firmware, which starts the image in S-mode; the built-in SBI serves a Linux kernel that has none. */
  readonly firmware?: GuestImage;
  readonly initrd?: Uint8Array;
}

/** All that a machine starts with. */
export type Guest = GuestImage & Companions;

/** A stretch of memory to fill: `data`, then zeros up to `memorySize`. */
export interface Placement {
  readonly address: number;
  readonly data: Uint8Array;
  readonly memorySize: number;
}

export interface PlacedImage {
  readonly entry: number;
  readonly placements: readonly Placement[];
}

const LINUX_MAGIC_OFFSET = 0x38;
const LINUX_MAGIC = [0x52, 0x53, 0x43, 0x05];
const LINUX_HEADER_BYTES = 64;
const ARM64_MAGIC = [0x41, 0x52, 0x4d, 0x64];
const X86_MAGIC_OFFSET = 0x202;
const X86_MAGIC = [0x48, 0x64, 0x72, 0x53];
/** Where a kernel lies that does not say so itself, and what M-mode firmware starts: one large page above it. */
export const KERNEL_OFFSET = 0x200000;
const LINUX_BIG_ENDIAN = 1n;

/** What other files begin with, and what to say of them. */
const OTHERS: readonly (readonly [readonly number[], string])[] = [
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'an xz file: decompress it first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a zstd file: decompress it first'],
  [[0x42, 0x5a, 0x68], 'a bzip2 file: decompress it first'],
  [[0x04, 0x22, 0x4d, 0x18], 'an lz4 file: decompress it first'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive'],
  [[0x30, 0x37, 0x30, 0x37, 0x30, 0x31], 'a cpio archive: name an initial ramdisk with --initrd'],
  [[0x21, 0x3c, 0x61, 0x72, 0x63, 0x68, 0x3e, 0x0a], 'a library archive: link it into an executable first'],
  [[0x4d, 0x5a], 'a Windows or EFI executable'],
  [[0xcf, 0xfa, 0xed, 0xfe], 'a macOS executable'],
  [[0xca, 0xfe, 0xba, 0xbe], 'a macOS or Java binary'],
  [[0x00, 0x61, 0x73, 0x6d], 'a WebAssembly module'],
  [[0xd0, 0x0d, 0xfe, 0xed], 'a device tree'],
  [[0x51, 0x46, 0x49, 0xfb], 'a qcow2 disk image'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF'],
  [[0x89, 0x50, 0x4e, 0x47], 'a picture'],
  [[0x23, 0x21], 'a script'],
];

/**
 * Recognises a guest. Anything that is not plainly something else is a flat binary.
 * Throws ImageError or ElfError, whose messages go well behind "FILE is not a guest: it is".
 */
export function recogniseImage(file: Uint8Array): GuestImage {
  if (file.length === 0) throw new ImageError('an empty file');
  if (isElf(file)) return { kind: 'elf', elf: parseElf(file) };
  if (startsWith(file, LINUX_MAGIC, LINUX_MAGIC_OFFSET) && file.length >= LINUX_HEADER_BYTES) return linuxImage(file);
  if (startsWith(file, ARM64_MAGIC, LINUX_MAGIC_OFFSET)) throw new ImageError('a Linux kernel for AArch64');
  if (startsWith(file, X86_MAGIC, X86_MAGIC_OFFSET)) throw new ImageError('a Linux kernel for x86');
  const other = OTHERS.find(([magic]) => startsWith(file, magic, 0));
  if (other !== undefined) throw new ImageError(other[1]);
  if (isText(file)) throw new ImageError('text');
  return { kind: 'flat', data: file };
}

/**
 * Where an image goes in memory [base, base + bytes), and where execution starts; a flat binary `offset` bytes above
 * base. Throws FitError, saying by how much, where it does not fit.
 */
export function placeImage(image: GuestImage, base: number, bytes: number, offset = 0): PlacedImage {
  switch (image.kind) {
    case 'elf':
      checkSegmentsFit(image.elf.segments, base, bytes);
      return { entry: image.elf.entry, placements: image.elf.segments };
    case 'flat':
      return place(image.data, image.data.length, offset, base, bytes);
    case 'linux':
      return place(image.data, image.memorySize, image.textOffset, base, bytes);
  }
}

/** True for the errors that say a file is no guest. */
export function isImageError(error: unknown): error is ImageError | ElfError {
  return error instanceof ImageError || error instanceof ElfError;
}

function place(data: Uint8Array, memorySize: number, offset: number, base: number, bytes: number): PlacedImage {
  const excess = offset + memorySize - bytes;
  if (excess > 0) {
    throw new FitError(`${excess} bytes too large for a memory of ${bytes} bytes (it needs ${offset + memorySize})`);
  }
  const address = base + offset;
  return { entry: address, placements: [{ address, data, memorySize }] };
}

function linuxImage(file: Uint8Array): GuestImage {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const textOffset = view.getBigUint64(8, true);
  const imageSize = view.getBigUint64(16, true);
  if ((view.getBigUint64(24, true) & LINUX_BIG_ENDIAN) !== 0n) throw new ImageError('a big-endian Linux kernel');
  const limit = 1n << 48n;
  if (textOffset > limit || imageSize > limit) throw new ImageError('a Linux kernel with a damaged header');
  return {
    kind: 'linux',
    data: file,
    textOffset: textOffset === 0n ? KERNEL_OFFSET : Number(textOffset),
    memorySize: Math.max(file.length, Number(imageSize)),
  };
}

function startsWith(file: Uint8Array, magic: readonly number[], offset: number): boolean {
  return magic.every((byte, i) => file[offset + i] === byte);
}

/** Printable characters and white space alone, in ASCII or UTF-8. */
function isText(file: Uint8Array): boolean {
  for (const byte of file) {
    if (byte < 0x20 ? byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c : byte === 0x7f) return false;
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(file);
    return true;
  } catch {
    return false;
  }
}
