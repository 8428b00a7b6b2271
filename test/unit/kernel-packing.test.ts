/** Kernels as they are packed: what is unpacked, what is left as it is, and what is said of the rest. */
import { gzipSync } from 'node:zlib';

import { unpackKernel } from '../../src/commands/guests/kernel-packing.js';

const KERNEL = new Uint8Array(Buffer.from('a kernel, of which there is more. '.repeat(100)));
const GZIP = new Uint8Array(gzipSync(KERNEL));

/** An EFI image that carries `payload`, as Linux's zboot makes it. */
function zboot(payload: Uint8Array, compression = 'gzip', size = payload.length): Uint8Array {
  const file = Buffer.alloc(4096 + payload.length + 512);
  file.write('MZ');
  file.write('zimg', 4);
  file.writeUInt32LE(4096, 8);
  file.writeUInt32LE(size, 12);
  file.write(compression, 24);
  file.set(payload, 4096);
  return new Uint8Array(file);
}

const same = (bytes: Uint8Array, expected: Uint8Array): void => expect(Buffer.compare(bytes, expected)).toBe(0);

it.each<[string, Uint8Array]>([
  ['gzip', GZIP],
  ['an EFI image', zboot(GZIP)],
])('unpacks %s', (_name, file) => same(unpackKernel(file), KERNEL));

it.each<[string, Uint8Array]>([
  ['a raw Image', KERNEL],
  ['an Image with an EFI stub', Uint8Array.of(0x4d, 0x5a, ...KERNEL)],
  ['nothing', new Uint8Array(0)],
  ['one byte', Uint8Array.of(0x1f)],
  ['the start of an EFI image', zboot(GZIP).subarray(0, 55)],
])('leaves %s as it is', (_name, file) => expect(unpackKernel(file)).toBe(file));

it('unpacks what has exactly the size that there is room for', () => {
  same(unpackKernel(GZIP, KERNEL.length), KERNEL);
});

const flipped = GZIP.slice();
flipped[20] = (flipped[20] ?? 0) ^ 0xff;

const REFUSED: readonly (readonly [string, Uint8Array, string, number?])[] = [
  ['damaged gzip', flipped, 'a damaged gzip file'],
  ['cut gzip', GZIP.subarray(0, -5), 'a damaged gzip file'],
  ['the first bytes of gzip', GZIP.subarray(0, 2), 'a damaged gzip file'],
  ['gzip that is too large', GZIP, `a gzip file of more than ${KERNEL.length - 1} bytes`, KERNEL.length - 1],
  ['gzip in gzip', new Uint8Array(gzipSync(GZIP)), 'a gzip file in another: decompress it first'],
  ['a cut EFI image', zboot(GZIP).subarray(0, 4096 + GZIP.length - 1), 'an EFI image that was cut off'],
  ['an EFI image of absurd size', zboot(GZIP, 'gzip', 0xffff_ffff), 'an EFI image that was cut off'],
  ['an EFI image that holds something else', zboot(KERNEL), 'a damaged EFI image'],
  ['an EFI image with damage', zboot(flipped), 'a damaged gzip file'],
  ['an EFI image without a compression', zboot(GZIP, ''), 'a damaged EFI image'],
  ['an EFI image with an odd one', zboot(GZIP, '\x1b[31m'), 'a damaged EFI image'],
  ['an EFI image in zstd', zboot(GZIP, 'zstd22'), 'an EFI image compressed with zstd22: unpack its kernel first'],
];
it.each(REFUSED.map((row) => [row[0], row] as const))('refuses %s', (_name, [, file, message, limit]) => {
  expect(() => unpackKernel(file, limit)).toThrow(expect.objectContaining({ name: 'ImageError', message }));
});
