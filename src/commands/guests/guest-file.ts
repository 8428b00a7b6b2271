/**
 * A guest's file: read, recognised, and every way in which it is none turned into one sentence.
 */
import { basename } from 'node:path';

import { Failure, STATUS } from '../../host/failure.js';
import { readGuestFile } from '../../host/guest-bytes.js';
import { EMBEDDED_LIMIT } from '../../log/header.js';
import { FitError } from '../../machine/elf.js';
import { isImageError, recogniseImage, type GuestImage } from '../../machine/image.js';

export interface GuestFile {
  /** What messages call it. */
  readonly path: string;
  /** Its name without directories, as a log keeps it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly image: GuestImage;
}

/** Reads and recognises the guest at `path`. Throws a Failure. */
export function readGuest(path: string): GuestFile {
  return asGuest(path, readGuestFile(path, EMBEDDED_LIMIT));
}

/** The guest that these bytes are. Throws a Failure that names `path`. */
export function asGuest(path: string, bytes: Uint8Array): GuestFile {
  return { path, name: basename(path), bytes, image: explained(path, () => recogniseImage(bytes)) };
}

/** Does something with the guest at `path`, and says so where it is none or does not fit. */
export function explained<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof FitError) {
      throw new Failure(STATUS.data, `${path} does not fit into memory (${error.message}): see --memory.`, error);
    }
    if (isImageError(error)) {
      const reason = error.message.replace(/\.$/, '');
      throw new Failure(
        STATUS.data,
        `${path} is not a guest (${reason}): name an ELF or flat binary for RISC-V 64.`,
        error,
      );
    }
    throw error;
  }
}
