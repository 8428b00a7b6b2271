/**
 * The guest that a log was recorded of: out of the log, or of files that have the digests that its header names.
 */
import { Failure, STATUS } from '../../host/failure.js';
import { GuestBytes, readGuestFile } from '../../host/guest-bytes.js';
import type { Header, Image } from '../../log/header.js';
import { EMBEDDED_LIMIT } from '../../log/header.js';
import { hex } from '../../log/text.js';
import { asGuest, guestFile, type GuestFile, type GuestFiles } from '../guests/guest-file.js';

const ROLE_NAMES = { kernel: 'guest', firmware: 'firmware', initrd: 'initial ramdisk' } as const;

/**
 * The guest of a log. Each of its files is the one of `paths` that has the digest in the header, else the one in the log.
 * Throws a Failure; also where one of the files that were named does not belong to the log.
 *
 * @param shared the files were named for another log besides: it is enough that one of them belongs to this one
 */
export function recordedGuest(log: string, header: Header, paths: readonly string[], shared = false): GuestFiles {
  if (!header.images.some(({ role }) => role === 'kernel')) {
    throw new Failure(STATUS.data, `${log} names no guest: it cannot be replayed.`);
  }
  const named = paths.map((path) => {
    const content = new GuestBytes(readGuestFile(path, EMBEDDED_LIMIT));
    return { path, content, sha256: content.sha256 };
  });
  const known = new Set(header.images.map((image) => hex(image.sha256)));
  const strangers = named.filter((file) => !known.has(file.sha256));
  const [stranger] = strangers;
  if (stranger !== undefined && (!shared || strangers.length === named.length))
    throw new Failure(STATUS.data, otherGuest(log, header, stranger));
  return asGuest(
    header.images.map((image) => {
      const found = named.find((file) => file.sha256 === hex(image.sha256));
      if (found !== undefined) return guestFile(image.role, found.path, found.content);
      if (image.data !== undefined) return checked(log, image, image.data);
      const what = `its ${ROLE_NAMES[image.role]}`;
      const digest = `${image.name}, SHA-256 ${hex(image.sha256)}`;
      throw new Failure(STATUS.data, `${log} does not hold ${what}: name the file with --guest (${digest}).`);
    }),
  );
}

/** Says that a file is not of the guest that a log was recorded of, with the digests of all. */
export function otherGuest(log: string, { images }: Header, file: Pick<GuestFile, 'path' | 'sha256'>): string {
  const found = `its SHA-256 is ${file.sha256}`;
  const [first, ...others] = images;
  if (first !== undefined && others.length === 0) {
    return `${file.path} is not the guest that ${log} was recorded of: ${found}, the log has ${hex(first.sha256)}.`;
  }
  const expected = images.map(({ role, sha256: digest }) => `${hex(digest)} (${ROLE_NAMES[role]})`).join(', ');
  return `${file.path} is no file of the guest that ${log} was recorded of: ${found}, the log has ${expected}.`;
}

function checked(log: string, image: Image, data: Uint8Array): GuestFile {
  const content = new GuestBytes(data);
  const digest = content.sha256;
  if (digest === hex(image.sha256)) return guestFile(image.role, image.name, content);
  throw new Failure(
    STATUS.data,
    `The ${ROLE_NAMES[image.role]} in ${log} is not the one that its header names: its SHA-256 is ${digest}, the header has ${hex(image.sha256)}.`,
  );
}
