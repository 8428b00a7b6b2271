/**
 * Guests' images as bytes, and the digests that tell one from another.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

import { Failure, readFailure, STATUS } from './failure.js';

/** All of a guest's file. Throws a Failure that says why it cannot be had, or that it is larger than `limit` bytes. */
export function readGuestFile(path: string, limit = Number.MAX_SAFE_INTEGER): Uint8Array {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw readFailure(path, error);
  }
  try {
    const facts = fstatSync(fd);
    if (facts.isFile() && facts.size > limit) throw tooLarge(path, facts.size, limit);
    const bytes = readFileSync(fd);
    if (bytes.length > limit) throw tooLarge(path, bytes.length, limit);
    return bytes;
  } catch (error) {
    throw error instanceof Failure ? error : readFailure(path, error);
  } finally {
    closeSync(fd);
  }
}

function tooLarge(path: string, size: number, limit: number): Failure {
  return new Failure(STATUS.data, `${path} has ${String(size)} bytes, and there is room for ${String(limit)} only.`);
}

/** SHA-256 of bytes, in lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
