/** The Debian guest for system tests, made once by scripts/debian-guest.sh (a download of some 130 MB) and then shared. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What makes it. */
export const debianScript = join(root, 'scripts/debian-guest.sh');

/** Paths of the guest's files; tests read them, and copy what they want to change. */
export interface DebianGuest {
  readonly folder: string;
  /** As Debian ships it: an uncompressed `Image` with an EFI header. */
  readonly vmlinuz: string;
  readonly image: string;
  /** `Image` by gzip. */
  readonly compressed: string;
  readonly initrd: string;
  /** ext4 with redis and nginx. */
  readonly disk: string;
}

/** The guest in the project's own folder, made where it is not there yet; or why it cannot be had. */
export function debianGuest(): { guest?: DebianGuest; missing?: string } {
  const folder = join(root, 'debian-guest');
  const { status, stderr, error } = spawnSync(debianScript, [folder], { encoding: 'utf8', timeout: 600_000 });
  if (status !== 0) return { missing: stderr?.trim().split('\n').at(-1) ?? String(error) };
  const path = (name: string): string => join(folder, name);
  return {
    guest: {
      ...{ folder, vmlinuz: path('vmlinuz'), image: path('Image'), compressed: path('Image.gz') },
      ...{ initrd: path('initrd.gz'), disk: path('disk.img') },
    },
  };
}
