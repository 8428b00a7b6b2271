/**
 * A guest's files while another thread reads them: begun before anything else is done, they are there when they are needed.
 */
import { readGuestFileAside, type GuestBytes } from '../../host/guest-bytes.js';
import { EMBEDDED_LIMIT, type Role } from '../../log/header.js';

/** Where the files are. */
export type GuestPaths = { readonly kernel: string } & { readonly [R in Role]?: string | undefined };

/** A file, and what is in it once that is known. */
export interface FileReading {
  readonly role: Role;
  readonly path: string;
  /** Rejects with a Failure. */
  readonly content: Promise<GuestBytes>;
}

export interface GuestReading {
  readonly paths: GuestPaths;
  /** The kernel first. */
  readonly files: readonly FileReading[];
}

/** The order in which files are named and read. */
export const ROLES: readonly Role[] = ['kernel', 'firmware', 'initrd'];

/** Begins to read. What goes wrong is told to whoever asks for the content. */
export function beginReading(paths: GuestPaths): GuestReading {
  const files = ROLES.flatMap((role) => {
    const path = paths[role];
    return path === undefined ? [] : [fileReading(role, path)];
  });
  return { paths, files };
}

function fileReading(role: Role, path: string): FileReading {
  const content = readGuestFileAside(path, EMBEDDED_LIMIT);
  content.catch(() => undefined);
  return { role, path, content };
}
