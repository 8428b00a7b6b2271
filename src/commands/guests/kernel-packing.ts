/**
 * Kernels as they are packed: gzip (RFC 1952), and the EFI boot image of Linux that carries a compressed kernel in itself
 * ("zboot", drivers/firmware/efi/libstub/zboot-header.S).
 */
import { gunzipSync } from 'node:zlib';

import { EMBEDDED_LIMIT } from '../../log/header.js';
import { ImageError } from '../../machine/image.js';

/** Offsets in a zboot header. */
const ZBOOT = { magic: 4, payload: 8, size: 12, compression: 24, end: 56 } as const;
const ZIMG = 0x676d_697a;
const MZ = 0x5a4d;
const GZIP = [0x1f, 0x8b];

/**
 * The kernel itself; bytes that are not packed are answered as they are. Throws ImageError.
 *
 * @param limit bytes that it may have unpacked
 */
export function unpackKernel(bytes: Uint8Array, limit = EMBEDDED_LIMIT): Uint8Array {
  const payload = zbootPayload(bytes);
  if (payload !== undefined && !isGzip(payload)) throw new ImageError('a damaged EFI image');
  const packed = payload ?? bytes;
  if (!isGzip(packed)) return packed;
  const kernel = unpacked(packed, limit);
  if (isGzip(kernel)) throw new ImageError('a gzip file in another: decompress it first');
  return kernel;
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === GZIP[0] && bytes[1] === GZIP[1];
}

function unpacked(packed: Uint8Array, limit: number): Uint8Array {
  try {
    return gunzipSync(packed, { maxOutputLength: limit });
  } catch (error) {
    const large = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE';
    throw new ImageError(large ? `a gzip file of more than ${limit} bytes` : 'a damaged gzip file');
  }
}

function zbootPayload(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < ZBOOT.end) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0, true) !== MZ || view.getUint32(ZBOOT.magic, true) !== ZIMG) return undefined;
  const [compression = ''] = new TextDecoder('latin1').decode(bytes.subarray(ZBOOT.compression, ZBOOT.end)).split('\0');
  if (!/^\w+$/.test(compression)) throw new ImageError('a damaged EFI image');
  if (compression !== 'gzip')
    throw new ImageError(`an EFI image compressed with ${compression}: unpack its kernel first`);
  const start = view.getUint32(ZBOOT.payload, true);
  const end = start + view.getUint32(ZBOOT.size, true);
  if (end > bytes.length) throw new ImageError('an EFI image that was cut off');
  return bytes.subarray(start, end);
}
