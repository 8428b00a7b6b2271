/**
 * The guest that a log was recorded of: out of the log, or of files that have the digests that its header names.
 */
import { Failure, STATUS } from '../../host/failure.js';
import { readGuestFile, sha256 } from '../../host/guest-bytes.js';
import type { Header, Image } from '../../log/header.js';
import { EMBEDDED_LIMIT } from '../../log/header.js';
import { hex } from '../../log/text.js';
import { asGuest, guestFile, type GuestFile, type GuestFiles } from '../guests/guest-file.js';

const ROLE_NAMES = { kernel: 'guest', firmware: 'firmware', initrd: 'initial ramdisk' } as const;

/**
 * The guest of a log. Each of its files is the one of `paths` that has the digest in the header, else the one in the log.
 * Throws a Failure; also where files were named and none of them belongs to the log.
 */
export function recordedGuest(log: string, header: Header, paths: readonly string[]): GuestFiles {
  if (!header.images.some(({ role }) => role === 'kernel')) {
    throw new Failure(STATUS.data, `${log} names no guest: it cannot be replayed.`);
  }
  const named = paths.map((path) => {
    const bytes = readGuestFile(path, EMBEDDED_LIMIT);
    return { path, bytes, digest: sha256(bytes) };
  });
  const known = new Set(header.images.map((image) => hex(image.sha256)));
  const [stranger] = named;
  if (stranger !== undefined && !named.some(({ digest }) => known.has(digest)))
    throw new Failure(STATUS.data, otherGuest(log, header, stranger));
  return asGuest(
    header.images.map((image) => {
      const found = named.find(({ digest }) => digest === hex(image.sha256));
      if (found !== undefined) return guestFile(image.role, found.path, found.bytes);
      if (image.data !== undefined) return checked(log, image, image.data);
      const what = `its ${ROLE_NAMES[image.role]}`;
      const digest = `${image.name}, SHA-256 ${hex(image.sha256)}`;
      throw new Failure(STATUS.data, `${log} does not hold ${what}: name the file with --guest (${digest}).`);
    }),
  );
}

/** Says that a file is not the guest that a log was recorded of, with both digests. */
export function otherGuest(log: string, header: Header, file: Pick<GuestFile, 'path' | 'bytes'>): string {
  const image = header.images.find(({ role }) => role === 'kernel');
  const [expected, found] = [image === undefined ? 'none' : hex(image.sha256), sha256(file.bytes)];
  return `${file.path} is not the guest that ${log} was recorded of: its SHA-256 is ${found}, the log has ${expected}.`;
}

function checked(log: string, image: Image, data: Uint8Array): GuestFile {
  const digest = sha256(data);
  if (digest === hex(image.sha256)) return guestFile(image.role, image.name, data);
  throw new Failure(
    STATUS.data,
    `The ${ROLE_NAMES[image.role]} in ${log} is not the one that its header names: its SHA-256 is ${digest}, the header has ${hex(image.sha256)}.`,
  );
}
