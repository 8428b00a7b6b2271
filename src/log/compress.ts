// Compression of images and the CRC of seals: the one file of the log that uses a Node module. node:zlib's synchronous
// functions are pure, they touch nothing of the host.

import { brotliCompressSync, brotliDecompressSync, constants, crc32 } from 'node:zlib';

/** Continues `crc` (0 at the start) over `bytes`: CRC-32 of IEEE 802.3. */
export function checksum(bytes: Uint8Array, crc: number): number {
  return crc32(bytes, crc);
}

/** `bytes` as a brotli stream (RFC 7932); equal bytes give equal streams. Quality 1: ten times the speed of 5. */
export function compress(bytes: Uint8Array): Uint8Array {
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 1,
      [constants.BROTLI_PARAM_LGWIN]: 20,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
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
