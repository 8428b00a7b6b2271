// Compression of images and the CRC of seals: the one file of the log that uses a Node module. What is taken of node:zlib
// is pure, it touches nothing of the host but its threads.

import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  crc32,
  createBrotliCompress,
  type BrotliOptions,
} from 'node:zlib';

const { max } = Math;

/** What node:zlib takes for a piece at least. */
const LEAST_CHUNK = 64;

/** Continues `crc` (0 at the start) over `bytes`: CRC-32 of IEEE 802.3. */
export function checksum(bytes: Uint8Array, crc: number): number {
  return crc32(bytes, crc);
}

/**
 * Quality 0: a kernel is a twenty-fifth larger than with 1, and done in two thirds of the time. What comes out is asked for
 * in one piece: Node comes back to the main thread for each.
 */
const optionsFor = (bytes: Uint8Array): BrotliOptions => ({
  chunkSize: max(bytes.length, LEAST_CHUNK),
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 0,
    [constants.BROTLI_PARAM_LGWIN]: 18,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  },
});

/** `bytes` as a brotli stream (RFC 7932); equal bytes give equal streams. */
export function compress(bytes: Uint8Array): Uint8Array {
  return brotliCompressSync(bytes, optionsFor(bytes));
}

/** The same, on another thread, in the pieces in which it comes. */
export function compressAside(bytes: Uint8Array): Promise<readonly Uint8Array[]> {
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    createBrotliCompress(optionsFor(bytes))
      .on('data', (piece: Uint8Array) => pieces.push(piece))
      .on('error', reject)
      .on('end', () => resolve(pieces))
      .end(bytes);
  });
}

/** The bytes of a brotli stream; null where it is no valid stream or holds more than `limit` (at least 1) bytes. */
export function decompress(stream: Uint8Array, limit: number): Uint8Array | null {
  try {
    return brotliDecompressSync(stream, { maxOutputLength: limit });
  } catch {
    return null;
  }
}
