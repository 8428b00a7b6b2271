/**
 * Guests' images as bytes, and the digests that tell one from another.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, read, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { Failure, readFailure, STATUS } from './failure.js';

const readAt = promisify(read);

/** All of a guest's file. Throws a Failure that says why it cannot be had, or that it is larger than `limit` bytes. */
export function readGuestFile(path: string, limit = Number.MAX_SAFE_INTEGER): Uint8Array {
  const { fd } = opened(path, limit);
  try {
    return within(path, limit, readFileSync(fd));
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    closeSync(fd);
  }
}

/** What is in a guest's file, and its SHA-256 in lower-case hexadecimal, which is found when it is asked for first. */
export class GuestBytes {
  private digest: string | undefined;

  constructor(readonly bytes: Uint8Array) {}

  get sha256(): string {
    return (this.digest ??= sha256(this.bytes));
  }
}

/**
 * As `readGuestFile`, but a regular file by another thread: memory that is new to the process is slow to fill. That is
 * under way when this returns.
 */
export async function readGuestFileAside(path: string, limit = Number.MAX_SAFE_INTEGER): Promise<GuestBytes> {
  const { fd, size } = opened(path, limit);
  try {
    if (size === 0) return new GuestBytes(within(path, limit, readFileSync(fd)));
    const bytes = Buffer.allocUnsafeSlow(size);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await readAt(fd, bytes, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return new GuestBytes(bytes.subarray(0, filled));
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    closeSync(fd);
  }
}

/** A file, open, and its size, 0 where it is no regular one. */
function opened(path: string, limit: number): { fd: number; size: number } {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw readFailure(path, error);
  }
  try {
    const facts = fstatSync(fd);
    const size = facts.isFile() ? facts.size : 0;
    if (size > limit) throw tooLarge(path, size, limit);
    return { fd, size };
  } catch (error) {
    closeSync(fd);
    throw unreadable(path, error);
  }
}

function within(path: string, limit: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length > limit) throw tooLarge(path, bytes.length, limit);
  return bytes;
}

function unreadable(path: string, error: unknown): Failure {
  return error instanceof Failure ? error : readFailure(path, error);
}

export function tooLarge(path: string, size: number, limit: number): Failure {
  return new Failure(STATUS.data, `${path} has ${String(size)} bytes, and there is room for ${String(limit)} only.`);
}

/** SHA-256 of bytes, in lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
