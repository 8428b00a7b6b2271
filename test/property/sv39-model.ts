/**
 * A plain model of Sv39's page walk, privileged specification 20240411, section 10.3.2, in bigint; and page tables at
 * random, with few slots in use, so that walks meet entries.
 */
import fc from 'fast-check';
import { DRAM_BASE } from '../../src/hart/layout.js';

export type Outcome =
  { readonly physical: bigint; readonly updated?: readonly [number, bigint] } | { readonly cause: number };

const PAGE_FAULT = [12, 13, 15];
const ACCESS_FAULT = [1, 5, 7];

/** The specification's steps, one after the other. `entry` reads eight bytes of RAM, which ends at `end`. */
export function walk(
  entry: (physical: number) => bigint,
  end: number,
  root: bigint,
  address: bigint,
  access: 0 | 1 | 2,
  privilege: 0 | 1,
  sum: boolean,
  mxr: boolean,
): Outcome {
  if (BigInt.asUintN(64, BigInt.asIntN(39, address)) !== address) return { cause: PAGE_FAULT[access] };
  let table = root * 4096n;
  let level = 2n;
  for (;;) {
    const at = table + ((address >> (12n + 9n * level)) & 511n) * 8n;
    if (at < BigInt(DRAM_BASE) || at >= BigInt(end)) return { cause: ACCESS_FAULT[access] };
    const pte = entry(Number(at));
    const flag = (bit: bigint): boolean => ((pte >> bit) & 1n) === 1n;
    const [v, r, w, x, u, , a, d] = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].map(flag);
    const ppn = (pte >> 10n) & ((1n << 44n) - 1n);
    if (!v || (!r && w) || pte >> 54n !== 0n) return { cause: PAGE_FAULT[access] };
    if (!r && !x) {
      if (a || d || u || level === 0n) return { cause: PAGE_FAULT[access] };
      table = ppn * 4096n;
      level--;
      continue;
    }
    const permitted = access === 0 ? x : access === 1 ? r || (mxr && x) : w;
    const byUser = privilege === 0 ? u : !u || (sum && access !== 0);
    const low = (1n << (9n * level)) - 1n;
    if (!permitted || !byUser || (ppn & low) !== 0n) return { cause: PAGE_FAULT[access] };
    const offset = (1n << (12n + 9n * level)) - 1n;
    const physical = ((ppn * 4096n) & ~offset) | (address & offset);
    const marked = pte | 64n | (access === 2 ? 128n : 0n);
    const updated = marked !== pte ? { updated: [Number(at), marked] as const } : {};
    return physical < 2n ** 53n ? { physical, ...updated } : { cause: ACCESS_FAULT[access] };
  }
}

export const TABLES = 6;
export const FIRST_TABLE = DRAM_BASE + 0x40000;
export const SLOTS = [0, 1, 256, 511];

export const slot = fc.constantFrom(...SLOTS);
export const tablePpn = fc.integer({ min: 0, max: TABLES - 1 }).map((i) => BigInt(FIRST_TABLE / 4096 + i));
const ppn = fc.oneof(
  { weight: 3, arbitrary: tablePpn },
  { weight: 4, arbitrary: fc.bigInt({ min: 0n, max: (1n << 23n) - 1n }).map((n) => n << 18n) },
  { weight: 2, arbitrary: fc.bigInt({ min: 0n, max: (1n << 35n) - 1n }).map((n) => n << 9n) },
  { weight: 2, arbitrary: fc.bigInt({ min: 0n, max: (1n << 44n) - 1n }) },
);
export const leafFlags = fc
  .tuple(fc.constantFrom(2n, 6n, 8n, 10n, 14n), fc.bigInt({ min: 0n, max: 15n }))
  .map(([rwx, rest]) => 1n | rwx | (rest << 4n));
const anyFlags = fc.oneof(
  fc.bigInt({ min: 0n, max: 0x3ffn }),
  fc.bigInt({ min: 0n, max: 0x3ffn }).map((bits) => bits | 1n),
  fc.integer({ min: 54, max: 63 }).map((bit) => (1n << BigInt(bit)) | 0xfn),
);
const entry = (number: fc.Arbitrary<bigint>, flags: fc.Arbitrary<bigint>): fc.Arbitrary<bigint> =>
  fc.tuple(number, flags).map(([n, bits]) => (n << 10n) | bits);
export const pte = fc.oneof(
  { weight: 8, arbitrary: entry(tablePpn, fc.constant(1n)) },
  { weight: 8, arbitrary: entry(ppn, leafFlags) },
  { weight: 1, arbitrary: entry(ppn, fc.constant(1n)) },
  { weight: 2, arbitrary: entry(ppn, anyFlags) },
);
export const address = fc
  .tuple(slot, slot, slot, fc.integer({ min: 0, max: 4095 }), fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1))
  .map(([a, b, c, offset, broken]) => {
    const low = (BigInt(a) << 30n) | (BigInt(b) << 21n) | (BigInt(c) << 12n) | BigInt(offset);
    return BigInt.asUintN(64, BigInt.asIntN(39, low)) ^ (BigInt(broken) << 45n);
  });
