/**
 * Guests' images as bytes, and the digests that tell one from another.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, read, readFileSync } from 'node:fs';
import { promisify } from 'node:util';

import { Failure, readFailure, STATUS } from './failure.js';

const { min } = Math;
const readAt = promisify(read);

/** Bytes that are read at once. */
const PIECE = 2 ** 22;

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

/** What is in a guest's file, and its SHA-256 in lower-case hexadecimal. */
export interface GuestBytes {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/**
 * As `readGuestFile`, but a regular file by another thread, piece by piece: memory that is new to the process is slow to
 * fill. Each piece is hashed while the next one is read.
 */
export async function readGuestFileAside(path: string, limit = Number.MAX_SAFE_INTEGER): Promise<GuestBytes> {
  const { fd, size } = opened(path, limit);
  try {
    if (size === 0) {
      const bytes = within(path, limit, readFileSync(fd));
      return { bytes, sha256: sha256(bytes) };
    }
    const bytes = Buffer.allocUnsafeSlow(size);
    const hash = createHash('sha256');
    const next = (at: number): Promise<{ bytesRead: number }> => readAt(fd, bytes, at, min(PIECE, size - at), at);
    let filled = 0;
    for (let reading = next(0); filled < size;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) break;
      const piece = bytes.subarray(filled, (filled += bytesRead));
      if (filled < size) reading = next(filled);
      hash.update(piece);
    }
    return { bytes: bytes.subarray(0, filled), sha256: hash.digest('hex') };
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

function tooLarge(path: string, size: number, limit: number): Failure {
  return new Failure(STATUS.data, `${path} has ${String(size)} bytes, and there is room for ${String(limit)} only.`);
}

/** SHA-256 of bytes, in lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
