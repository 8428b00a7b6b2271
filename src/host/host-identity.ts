/** Which machine this is, and which file one means on it: two sides of a pair compare them. */
import { fstatSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** The same for all processes on one machine since it was started, and for no others. */
export function hostIdentity(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return hostname();
  }
}

/** The same for all who have one file open, on one machine. */
export function fileIdentity(fd: number): string {
  const { dev, ino, rdev } = fstatSync(fd);
  return `${String(dev)}:${String(ino)}:${String(rdev)}`;
}
