/** PMP against a plain model of the privileged specification 20240411, section 3.7: byte by byte, in bigint. */
import fc from 'fast-check';
import { Pmp } from '../../src/hart/pmp.js';
import type { Privilege } from '../../src/hart/status.js';

interface Region {
  readonly cfg: number;
  readonly addr: bigint;
}

/** The bytes of region `i`: first, and first behind. */
function bounds(regions: readonly Region[], i: number): readonly [bigint, bigint] {
  const { cfg, addr } = regions[i];
  switch ((cfg >> 3) & 3) {
    case 1:
      return [i > 0 ? regions[i - 1].addr * 4n : 0n, addr * 4n];
    case 2:
      return [addr * 4n, addr * 4n + 4n];
    case 3: {
      let ones = 0n;
      while (((addr >> ones) & 1n) === 1n) ones++;
      const size = 8n << ones;
      const base = (addr * 4n) / size;
      return [base * size, (base + 1n) * size];
    }
    default:
      return [0n, 0n];
  }
}

function model(regions: readonly Region[], address: number, size: number, access: number, mode: Privilege): boolean {
  const bytes = Array.from({ length: size }, (_, i) => BigInt(address + i));
  for (const [i, { cfg }] of regions.entries()) {
    const [from, to] = bounds(regions, i);
    const inside = bytes.filter((byte) => byte >= from && byte < to).length;
    if (inside === 0) continue;
    if (inside < size) return false;
    if (mode === 3 && (cfg & 0x80) === 0) return true;
    return (cfg & [4, 1, 2][access]) !== 0;
  }
  return mode === 3;
}

const BASE = 0x8000_0000;
// Regions crowd around a few pages, so that they overlap and touch; some are anywhere, up to the largest.
const addr = fc.oneof(
  fc.integer({ min: 0, max: 0x1000 }).map((word) => BigInt(BASE / 4 + word)),
  fc
    .tuple(fc.integer({ min: 0, max: 0x1000 }), fc.integer({ min: 0, max: 12 }))
    .map(([word, ones]) => BigInt(BASE / 4 + word) | ((1n << BigInt(ones)) - 1n)),
  fc.integer({ min: 0, max: 54 }).map((ones) => (1n << BigInt(ones)) - 1n),
  fc.bigInt({ min: 0n, max: (1n << 54n) - 1n }),
);
const region = fc
  .record({ cfg: fc.integer({ min: 0, max: 31 }), addr, locked: fc.boolean() })
  .map(({ cfg, addr, locked }): Region => ({
    // The reserved W without R cannot be held.
    cfg: ((cfg & 3) === 2 ? cfg & ~2 : cfg) | (locked ? 0x80 : 0),
    addr,
  }));

function load(regions: readonly Region[]): Pmp {
  const pmp = new Pmp();
  // Addresses first: a lock would keep them out.
  regions.forEach(({ addr }, i) => pmp.writeAddr(i, addr));
  for (const first of [0, 8]) {
    pmp.writeCfg(
      first,
      regions.slice(first, first + 8).reduce((word, { cfg }, i) => word | (BigInt(cfg) << BigInt(8 * i)), 0n),
    );
  }
  return pmp;
}

it('answers as the model does, for single accesses and whole pages', () => {
  fc.assert(
    fc.property(
      fc.array(region, { minLength: 0, maxLength: 16 }),
      fc.array(fc.tuple(fc.integer({ min: -16, max: 0x4010 }), fc.constantFrom(1, 2, 4, 8)), {
        minLength: 8,
        maxLength: 8,
      }),
      (regions, accesses) => {
        const pmp = load(regions);
        // Half of the accesses are at the edges of regions, where mistakes are.
        const edges = regions
          .flatMap((_, i) => [...bounds(regions, i)])
          .filter((edge) => edge >= 8n && edge < 2n ** 50n)
          .slice(0, 8)
          .map((edge, i): [number, number] => [Number(edge) - (i % 5), [1, 2, 4, 8][i % 4]]);
        const all = [...accesses.map(([offset, size]): [number, number] => [BASE + offset, size]), ...edges];
        const wrong: unknown[] = [];
        for (const [address, size] of all) {
          for (const access of [0, 1, 2] as const) {
            const supervisor = model(regions, address, size, access, 1);
            const expected = [supervisor, supervisor, model(regions, address, size, access, 3)];
            ([0, 1, 3] as const).forEach((mode, i) => {
              if (pmp.allows(address, size, access, mode) !== expected[i]) wrong.push([address, size, access, mode]);
            });
          }
        }
        expect(wrong).toEqual([]);
      },
    ),
    { seed: 20240411, numRuns: 400 },
  );
});

it('a page that is allowed as a whole allows every access within it', () => {
  fc.assert(
    fc.property(
      fc.array(region, { maxLength: 8 }),
      fc.integer({ min: 0, max: 3 }),
      fc.array(fc.integer({ min: 0, max: 4088 }), { minLength: 10, maxLength: 10 }),
      (regions, page, offsets) => {
        const pmp = load(regions);
        for (const access of [0, 1, 2] as const) {
          for (const mode of [1, 3] as const) {
            if (!pmp.allows(BASE + page * 4096, 4096, access, mode)) continue;
            const whole = (offset: number): boolean => model(regions, BASE + page * 4096 + offset, 8, access, mode);
            expect(offsets.filter((offset) => !whole(offset))).toEqual([]);
          }
        }
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

it('reads back what was written, and survives the visitor', () => {
  fc.assert(
    fc.property(fc.array(region, { minLength: 16, maxLength: 16 }), (regions) => {
      const pmp = load(regions);
      const values: Record<string, number | bigint> = {};
      const copy = new Pmp();
      const visitor = (
        number: (name: string, value: number) => number,
        u64: (name: string, value: bigint) => bigint,
      ) => ({
        number,
        u64,
        bool: (_: string, value: boolean) => value,
        bytes: (_: string, value: Uint8Array) => value,
        list: (_: string, value: readonly Uint8Array[]) => [...value],
      });
      pmp.state(
        visitor(
          (name, value) => (values[name] = value),
          (name, value) => (values[name] = value),
        ),
      );
      copy.state(
        visitor(
          (name) => values[name] as number,
          (name) => values[name] as bigint,
        ),
      );
      regions.forEach(({ addr }, i) => {
        expect(pmp.readAddr(i)).toBe(addr);
        expect(copy.readAddr(i)).toBe(addr);
      });
      for (const first of [0, 8]) expect(copy.readCfg(first)).toBe(pmp.readCfg(first));
      for (let offset = 0; offset < 0x4000; offset += 0xffc) {
        expect(copy.allows(BASE + offset, 4, 1, 1)).toBe(pmp.allows(BASE + offset, 4, 1, 1));
      }
    }),
    { seed: 2, numRuns: 100 },
  );
});
