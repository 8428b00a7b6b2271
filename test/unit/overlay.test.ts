/** What a guest has written to a disk that keeps its image: against a plain copy of the disk, and for those who follow it. */
import fc from 'fast-check';

import { CLUSTER_BYTES, Overlay, SECTOR_BYTES } from '../../src/machine/overlay.js';

const SECTORS = 40;
const IMAGE = Uint8Array.from({ length: SECTORS * SECTOR_BYTES }, (_, i) => (i * 31) >>> 4);

const stretch = fc
  .record({ first: fc.nat(SECTORS - 1), count: fc.integer({ min: 1, max: 20 }), byte: fc.nat(255) })
  .map(({ first, count, byte }) => ({ first, count: Math.min(count, SECTORS - first), byte }));

it('reads as a disk that was written does', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ write: fc.boolean(), stretch }), { maxLength: 40 }), (steps) => {
      const overlay = new Overlay(0);
      const disk = IMAGE.slice();
      for (const { write, stretch: at } of steps) {
        const [start, end] = [at.first * SECTOR_BYTES, (at.first + at.count) * SECTOR_BYTES];
        if (write) {
          const data = Uint8Array.from({ length: end - start }, (_, i) => i + at.byte);
          overlay.write(start, data);
          disk.set(data, start);
          data.fill(0);
        } else {
          const base = IMAGE.slice(start, end);
          expect(Buffer.compare(overlay.cover(start, base), disk.subarray(start, end))).toBe(0);
          // What was handed in belongs to others.
          expect(Buffer.compare(base, IMAGE.subarray(start, end))).toBe(0);
        }
      }
    }),
    { seed: 7, numRuns: 300 },
  );
});

it('changes no cluster that it has handed out', () => {
  const overlay = new Overlay(0);
  overlay.write(0, new Uint8Array(SECTOR_BYTES).fill(1));
  const before = overlay.clusters.get(0);
  overlay.write(SECTOR_BYTES, new Uint8Array(SECTOR_BYTES).fill(2));
  expect(before?.written).toBe(1);
  expect(before?.bytes.subarray(SECTOR_BYTES).every((byte) => byte === 0)).toBe(true);
  expect(overlay.clusters.get(0)?.written).toBe(3);
});

it('tells all that follow it of each change, once', () => {
  const overlay = new Overlay(0);
  overlay.write(5 * CLUSTER_BYTES, new Uint8Array(2 * CLUSTER_BYTES));
  const [one, other] = [overlay.follow(), overlay.follow()];
  expect(one.take()).toEqual([5, 6]);
  expect(one.take()).toEqual([]);
  overlay.write(2 * CLUSTER_BYTES - SECTOR_BYTES, new Uint8Array(2 * SECTOR_BYTES));
  overlay.put(5, undefined);
  expect(one.take()).toEqual([1, 2, 5]);
  expect(other.take().sort()).toEqual([1, 2, 5, 6]);
  overlay.unfollow(one);
  overlay.write(0, new Uint8Array(SECTOR_BYTES));
  expect([one.take(), other.take()]).toEqual([[], [0]]);
});
