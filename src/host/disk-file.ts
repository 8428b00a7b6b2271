/**
 * Raw disk images as files: opened, measured, told from other formats, hashed and read.
 */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs';

import { Failure, readFailure, STATUS, systemCode } from './failure.js';

export const SECTOR_BYTES = 512;
/** Bytes read at once where all of an image is. */
const CHUNK = 2 ** 20;
/** Size of the largest disk that can be told, in bytes. */
const LARGEST = 2 ** 52;

/** Formats that are no raw image, by what they begin with or, of a VHD, end with. */
const FORMATS: readonly (readonly [name: string, offset: number, magic: string])[] = [
  ['qcow2', 0, 'QFI\xfb'],
  ['QED', 0, 'QED\0'],
  ['VMDK', 0, 'KDMV'],
  ['VMDK', 0, '# Disk DescriptorFile'],
  ['VHDX', 0, 'vhdxfile'],
  ['VDI', 64, '\x7f\x10\xda\xbe'],
  ['Parallels', 0, 'WithoutFreeSpace'],
  ['Parallels', 0, 'WithouFreSpacExt'],
  ['VHD', -SECTOR_BYTES, 'conectix'],
];

export class DiskFile {
  /**
   * Opens the raw image at `path`. Throws a Failure: also where it is in another format, or not a disk's size.
   * @param writable open it for writing too
   */
  static open(path: string, writable = false): DiskFile {
    const fd = opened(path, writable);
    try {
      const facts = fstatSync(fd);
      const size = facts.isFile() ? facts.size : sizeOfDevice(fd);
      refuse(path, fd, size);
      return new DiskFile(path, fd, size, facts);
    } catch (error) {
      closeSync(fd);
      throw error instanceof Failure ? error : readFailure(path, error);
    }
  }

  private constructor(
    readonly path: string,
    readonly fd: number,
    /** Bytes: a multiple of SECTOR_BYTES. */
    readonly size: number,
    private readonly facts: Stats,
  ) {}

  /** Whether both are one and the same file or device. */
  isSame({ facts }: DiskFile): boolean {
    if (this.facts.isBlockDevice() && facts.isBlockDevice()) return this.facts.rdev === facts.rdev;
    return this.facts.dev === facts.dev && this.facts.ino === facts.ino;
  }

  /** Whether the file has been changed since it was opened; of a device that cannot be told. */
  get changed(): boolean {
    const { mtimeMs, size } = fstatSync(this.fd);
    return this.facts.isFile() && (mtimeMs !== this.facts.mtimeMs || size !== this.facts.size);
  }

  /** SHA-256 of all of it, in lower-case hexadecimal. Throws a Failure. */
  async sha256(): Promise<string> {
    const hash = createHash('sha256');
    const range = { fd: this.fd, autoClose: false, start: 0, end: this.size - 1, highWaterMark: CHUNK };
    try {
      for await (const chunk of createReadStream(this.path, range)) hash.update(chunk as Buffer);
    } catch (error) {
      throw readFailure(this.path, error);
    }
    return hash.digest('hex');
  }

  /** Exactly `length` bytes. Throws the system's error, and one with the code EOF where the file ends before. */
  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const count = readSync(this.fd, bytes, at, length - at, offset + at);
      if (count === 0) throw Object.assign(new Error('the file ends before'), { code: 'EOF' });
      at += count;
    }
    return bytes;
  }

  close(): void {
    closeSync(this.fd);
  }
}

function opened(path: string, writable: boolean): number {
  try {
    const facts = statSync(path);
    if (facts.isDirectory()) throw Object.assign(new Error('a directory'), { code: 'EISDIR' });
    if (!facts.isFile() && !facts.isBlockDevice()) {
      throw new Failure(STATUS.noInput, `${path} is neither a file nor a block device: name a raw disk image.`);
    }
    return openSync(path, writable ? 'r+' : 'r');
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (writable && ['EACCES', 'EPERM', 'EROFS'].includes(systemCode(error) ?? '')) {
      const advice = 'check its permissions, or leave out mode=rw';
      throw new Failure(STATUS.noPermission, `${path} may not be written: ${advice}.`, error);
    }
    throw readFailure(path, error);
  }
}

function refuse(path: string, fd: number, size: number): void {
  const format = FORMATS.find(([, offset, magic]) => startsWith(fd, offset < 0 ? size + offset : offset, magic));
  if (format !== undefined) {
    const advice = 'convert it to a raw image, for example with qemu-img convert -O raw';
    throw new Failure(STATUS.data, `${path} is a disk image in the format ${format[0]}: ${advice}.`);
  }
  if (size === 0 || size % SECTOR_BYTES !== 0) {
    const what = size === 0 ? 'is empty' : `has ${String(size)} bytes, which is no multiple of ${String(SECTOR_BYTES)}`;
    throw new Failure(STATUS.data, `${path} ${what}: it is not a raw disk image.`);
  }
}

function startsWith(fd: number, offset: number, magic: string): boolean {
  if (offset < 0) return false;
  const bytes = Buffer.alloc(magic.length);
  return readSync(fd, bytes, 0, bytes.length, offset) === bytes.length && bytes.toString('latin1') === magic;
}

/** Where a device ends, which only reading tells on every system. */
function sizeOfDevice(fd: number): number {
  const byte = new Uint8Array(SECTOR_BYTES);
  const has = (sector: number): boolean => {
    try {
      return readSync(fd, byte, 0, SECTOR_BYTES, sector * SECTOR_BYTES) === SECTOR_BYTES;
    } catch {
      return false;
    }
  };
  let [low, high] = [0, LARGEST / SECTOR_BYTES];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (has(middle)) low = middle + 1;
    else high = middle;
  }
  return low * SECTOR_BYTES;
}
