/**
 * A guest's files: read, unpacked, recognised, and every way in which they are no guest turned into one sentence.
 */
import { basename } from 'node:path';

import { Failure, STATUS } from '../../host/failure.js';
import { tooLarge, type GuestBytes } from '../../host/guest-bytes.js';
import { EMBEDDED_LIMIT, type Role } from '../../log/header.js';
import { FitError } from '../../machine/elf.js';
import { isImageError, recogniseImage, type Guest, type GuestImage } from '../../machine/image.js';
import { ROLES, type GuestReading } from './guest-reading.js';
import { unpackKernel } from './kernel-packing.js';

export interface GuestFile {
  readonly bytes: Uint8Array;
  /** In lower-case hexadecimal. */
  readonly sha256: string;
  readonly role: Role;
  /** What messages call it. */
  readonly path: string;
  /** Its name without directories, as a log keeps it. */
  readonly name: string;
}

/** The files that a machine starts with, and what they are. */
export interface GuestFiles {
  /** The kernel's, which names the guest. */
  readonly path: string;
  /** The kernel first. */
  readonly files: readonly GuestFile[];
  readonly guest: Guest;
}

/** Recognises a guest when it has been read. Throws a Failure. */
export async function readGuest(reading: GuestReading): Promise<GuestFiles> {
  const files: GuestFile[] = [];
  let left = EMBEDDED_LIMIT;
  for (const { role, path, content } of reading.files) {
    const file = guestFile(role, path, await content);
    const { length } = file.bytes;
    if (role === 'initrd' && length === 0) {
      throw new Failure(STATUS.data, `${path} is empty: name an initial ramdisk, or leave --initrd out.`);
    }
    if (length > left) throw tooLarge(path, length, left);
    left -= length;
    files.push(file);
  }
  return asGuest(files);
}

export function guestFile(role: Role, path: string, content: GuestBytes): GuestFile {
  const { bytes } = content;
  return {
    ...{ role, path, name: basename(path), bytes },
    get sha256() {
      return content.sha256;
    },
  };
}

/** The guest that these files are. Throws a Failure that names the one that is none. */
export function asGuest(files: readonly GuestFile[]): GuestFiles {
  const find = (wanted: Role): GuestFile | undefined => files.find(({ role }) => role === wanted);
  const [kernel, firmware, initrd] = ROLES.map(find);
  if (kernel === undefined) throw new Error('a guest without a kernel');
  const image = imageOf(kernel);
  const guest = {
    ...image,
    ...(firmware && { firmware: imageOf(firmware) }),
    ...(initrd && { initrd: initrd.bytes }),
  };
  return { path: kernel.path, files, guest };
}

/** Does something with a guest, and says so where it does not fit into memory. */
export function fitting<T>({ files }: GuestFiles, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof FitError)) throw error;
    const path = files.find(({ role }) => role === error.part)?.path ?? 'the guest';
    throw new Failure(STATUS.data, `${path} does not fit into memory (${error.message}): see --memory.`, error);
  }
}

function imageOf({ role, path, bytes }: GuestFile): GuestImage {
  try {
    const image = recogniseImage(unpackKernel(bytes));
    if (role !== 'firmware' || image.kind !== 'linux') return image;
  } catch (error) {
    if (error instanceof FitError) {
      throw new Failure(STATUS.data, `${path} does not fit into memory (${error.message}): see --memory.`, error);
    }
    if (!isImageError(error)) throw error;
    const reason = error.message.replace(/\.$/, '');
    const [what, advice] =
      role === 'firmware'
        ? ['firmware', 'name an ELF or flat binary for RISC-V 64, such as fw_dynamic.bin of OpenSBI']
        : ['a guest', 'name an ELF, a flat binary or a Linux kernel for RISC-V 64'];
    throw new Failure(STATUS.data, `${path} is not ${what} (${reason}): ${advice}.`, error);
  }
  throw new Failure(STATUS.data, `${path} is a Linux kernel, which needs firmware and is none: name it as the guest.`);
}
