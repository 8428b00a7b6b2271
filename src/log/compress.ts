// Compression of images and the CRC of seals: the one file of the log that uses a Node module. What is taken of node:zlib
// is pure, it touches nothing of the host but its threads.

import {
  brotliCompress,
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  crc32,
  type BrotliOptions,
} from 'node:zlib';

/** Continues `crc` (0 at the start) over `bytes`: CRC-32 of IEEE 802.3. */
export function checksum(bytes: Uint8Array, crc: number): number {
  return crc32(bytes, crc);
}

/** Quality 1: ten times the speed of 5. */
const optionsFor = (bytes: Uint8Array): BrotliOptions => ({
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 1,
    [constants.BROTLI_PARAM_LGWIN]: 20,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  },
});

/** `bytes` as a brotli stream (RFC 7932); equal bytes give equal streams. */
export function compress(bytes: Uint8Array): Uint8Array {
  return brotliCompressSync(bytes, optionsFor(bytes));
}

/** The same, on another thread. */
export function compressAside(bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    brotliCompress(bytes, optionsFor(bytes), (error, stream) => {
      if (error) reject(error);
      else resolve(stream);
    });
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
