/**
 * What is cached of the upper half of the address space outlives satp where both root tables have the same there, as those
 * of a kernel's processes do; and still follows the page tables at once.
 */
import { PAGE_BYTES } from '../../src/hart/layout.js';
import { assemble } from '../../src/isa/assemble.js';
import { CODE, FIRST, FLAGS, LEAVES, MIDDLE, ROOT, Rig, SATP, SECOND, VIRTUAL, entry, page } from './tables-rig.js';

const OTHER_ROOT = page(8);
const OTHER_MIDDLE = page(9);
const OTHER_LEAVES = page(10);
const UPPER_MIDDLE = page(11);
const UPPER_LEAVES = page(12);
const NEW_MIDDLE = page(13);
const NEW_LEAVES = page(14);

const GIGABYTE = 2 ** 30;
/** Bytes that an entry of a middle table maps. */
const LEAF_TABLE_BYTES = 2 ** 21;
/** Entries of a root table by what is there: data of the lower half, the kernel, all of RAM in one leaf. */
const LOWER_SLOT = VIRTUAL / GIGABYTE;
const UPPER_SLOT = 257;
const LEAF_SLOT = 258;
const upper = (slot: number): bigint => BigInt(slot - 512) * BigInt(GIGABYTE);
/** Addresses of the kernel: page n of it is entry n of UPPER_LEAVES. */
const kernel = (n: number): bigint => upper(UPPER_SLOT) + BigInt(n * PAGE_BYTES);
const DATA_PAGE = 1;
/** Which page of the lower half has data: one that does not want the place of another in a TLB. */
const LOWER_PAGE = 5;
const WINDOW_PAGE = 2;
/** Which entry of UPPER_MIDDLE leads to LEAVES, whose entries the lower half has too. */
const SHARED = 3;

const [A0, A1, DATA, TABLE, VALUE, NEXT, LOWER] = [10, 11, 12, 13, 14, 15, 16];
const load = (rd: number, rs1: number): number => assemble('ld', { rd, rs1 });
const store = (rs2: number, rs1: number): number => assemble('sd', { rs1, rs2 });
const change = assemble('csrrw', { rd: 0, rs1: NEXT, imm: SATP });

/** In the upper half, with DATA_PAGE there as `data` says and a window to the page at `window`; in two address spaces. */
function start(rig: Rig, code: readonly number[], data: bigint, window: number): void {
  rig.put(FIRST, 111n);
  rig.put(SECOND, 222n);
  rig.start(code, []);
  rig.put(LEAVES + LOWER_PAGE * 8, entry(FIRST, FLAGS.data));
  rig.put(OTHER_MIDDLE, entry(OTHER_LEAVES, FLAGS.pointer));
  rig.put(OTHER_LEAVES + LOWER_PAGE * 8, entry(SECOND, FLAGS.data));
  rig.put(OTHER_ROOT + LOWER_SLOT * 8, entry(OTHER_MIDDLE, FLAGS.pointer));
  for (const root of [ROOT, OTHER_ROOT]) {
    rig.put(root + UPPER_SLOT * 8, entry(UPPER_MIDDLE, FLAGS.pointer));
    rig.put(root + LEAF_SLOT * 8, entry(CODE, FLAGS.data));
  }
  rig.put(UPPER_MIDDLE, entry(UPPER_LEAVES, FLAGS.pointer));
  rig.put(UPPER_MIDDLE + SHARED * 8, entry(LEAVES, FLAGS.pointer));
  rig.put(UPPER_LEAVES, entry(CODE, FLAGS.code));
  rig.put(UPPER_LEAVES + DATA_PAGE * 8, data);
  rig.put(UPPER_LEAVES + WINDOW_PAGE * 8, entry(window, FLAGS.data));
  rig.hart.pc = kernel(0);
  rig.hart.setX(DATA, kernel(DATA_PAGE));
  rig.hart.setX(TABLE, kernel(WINDOW_PAGE));
  rig.hart.setX(LOWER, BigInt(VIRTUAL + LOWER_PAGE * PAGE_BYTES));
  rig.hart.setX(NEXT, (8n << 60n) | BigInt(OTHER_ROOT / PAGE_BYTES));
}

const loaded = (rig: Rig): bigint[] => [rig.hart.getX(A0), rig.hart.getX(A1)];
const toTable = (offset: number): bigint => kernel(WINDOW_PAGE) + BigInt(offset);

describe.each([1, 2, 1000])('in runs of %i instructions', (slice) => {
  it('the lower half is another one, the upper half is known', () => {
    const rig = new Rig();
    const code = [load(A0, LOWER), load(0, DATA), change, load(A1, LOWER), load(0, DATA)];
    start(rig, code, entry(FIRST, FLAGS.data), SECOND);
    rig.run(3, slice);
    const before = rig.engine.statistics().misses;
    rig.run(code.length, slice);
    expect(loaded(rig)).toEqual([111n, 222n]);
    // Of what comes after the change only the lower half is looked up: neither the code nor the data of the upper one.
    const { load: loads, fetch: fetches } = rig.engine.statistics().misses;
    expect([loads - before.load, fetches - before.fetch]).toEqual([1, 0]);
  });

  it('an upper half that is another one is looked up', () => {
    const rig = new Rig();
    const code = [load(A0, DATA), change, load(A1, DATA)];
    start(rig, code, entry(FIRST, FLAGS.data), SECOND);
    rig.put(NEW_MIDDLE, entry(NEW_LEAVES, FLAGS.pointer));
    rig.put(NEW_LEAVES, entry(CODE, FLAGS.code));
    rig.put(NEW_LEAVES + DATA_PAGE * 8, entry(SECOND, FLAGS.data));
    rig.put(OTHER_ROOT + UPPER_SLOT * 8, entry(NEW_MIDDLE, FLAGS.pointer));
    rig.run(code.length, slice);
    expect(loaded(rig)).toEqual([111n, 222n]);
  });

  it('a pointer of the new root, which no walk has read, is followed at once', () => {
    const rig = new Rig();
    // The store before the change leaves the new root in the write TLB, as it is no table yet.
    const code = [load(A0, DATA), store(A1, TABLE), change, store(VALUE, TABLE), load(A1, DATA)];
    start(rig, code, entry(FIRST, FLAGS.data), OTHER_ROOT);
    rig.put(NEW_MIDDLE, entry(NEW_LEAVES, FLAGS.pointer));
    rig.put(NEW_LEAVES, entry(CODE, FLAGS.code));
    rig.put(NEW_LEAVES + DATA_PAGE * 8, entry(SECOND, FLAGS.data));
    // What is stored first is what is there.
    rig.hart.setX(A1, entry(UPPER_MIDDLE, FLAGS.pointer));
    rig.hart.setX(VALUE, entry(NEW_MIDDLE, FLAGS.pointer));
    rig.hart.setX(TABLE, toTable(UPPER_SLOT * 8));
    rig.run(code.length, slice);
    expect(loaded(rig)).toEqual([111n, 222n]);
  });

  it('so is what stands in the place of a leaf of it', () => {
    const rig = new Rig();
    const code = [load(A0, DATA), change, store(VALUE, TABLE), load(A1, DATA)];
    start(rig, code, 0n, OTHER_ROOT);
    rig.put(NEW_MIDDLE, entry(NEW_LEAVES, FLAGS.pointer));
    rig.put(NEW_LEAVES + ((FIRST - CODE) / PAGE_BYTES) * 8, entry(SECOND, FLAGS.data));
    rig.hart.setX(DATA, upper(LEAF_SLOT) + BigInt(FIRST - CODE));
    rig.hart.setX(VALUE, entry(NEW_MIDDLE, FLAGS.pointer));
    rig.hart.setX(TABLE, toTable(LEAF_SLOT * 8));
    rig.run(code.length, slice);
    expect(loaded(rig)).toEqual([111n, 222n]);
  });

  it('a leaf of the new root that is not marked gets its marks', () => {
    const rig = new Rig();
    const code = [store(A0, DATA), change, store(A0, DATA)];
    start(rig, code, 0n, SECOND);
    const unmarked = entry(CODE, FLAGS.data & ~0xc0);
    rig.put(OTHER_ROOT + LEAF_SLOT * 8, unmarked);
    rig.hart.setX(DATA, upper(LEAF_SLOT) + BigInt(FIRST - CODE));
    rig.run(code.length, slice);
    expect(rig.get(OTHER_ROOT + LEAF_SLOT * 8)).toBe(unmarked | 0xc0n);
  });

  it('a leaf table of both halves is one of the upper half', () => {
    const rig = new Rig();
    const code = [load(0, LOWER), load(A0, DATA), change, store(VALUE, TABLE), load(A1, DATA)];
    start(rig, code, 0n, LEAVES);
    rig.hart.setX(DATA, kernel(LOWER_PAGE) + BigInt(SHARED * LEAF_TABLE_BYTES));
    rig.hart.setX(VALUE, entry(SECOND, FLAGS.data));
    rig.hart.setX(TABLE, toTable(LOWER_PAGE * 8));
    rig.run(code.length, slice);
    expect(loaded(rig)).toEqual([111n, 222n]);
  });

  it('the old root, where it is a table of the upper half besides, stays one', () => {
    const rig = new Rig();
    const code = [load(A0, DATA), change, store(VALUE, TABLE), load(A1, DATA)];
    start(rig, code, 0n, ROOT);
    // ROOT as a leaf table: its entry 5 maps a page.
    const itself = 4;
    rig.put(UPPER_MIDDLE + itself * 8, entry(ROOT, FLAGS.pointer));
    rig.put(ROOT + 5 * 8, entry(FIRST, FLAGS.data));
    rig.hart.setX(DATA, kernel(5) + BigInt(itself * LEAF_TABLE_BYTES));
    rig.hart.setX(VALUE, entry(SECOND, FLAGS.data));
    rig.hart.setX(TABLE, toTable(5 * 8));
    rig.run(code.length, slice);
    expect(loaded(rig)).toEqual([111n, 222n]);
  });

  it('a store that moves the window it goes through is the last through it', () => {
    const rig = new Rig();
    const code = [load(A0, DATA), store(VALUE, TABLE), store(A0, LOWER), load(A1, DATA)];
    start(rig, code, entry(FIRST, FLAGS.data), UPPER_LEAVES);
    rig.hart.setX(VALUE, entry(SECOND, FLAGS.data));
    rig.hart.setX(TABLE, toTable(WINDOW_PAGE * 8));
    // Through the window, to where the entry of DATA was.
    rig.hart.setX(LOWER, toTable(DATA_PAGE * 8));
    rig.run(code.length, slice);
    expect(loaded(rig)).toEqual([111n, 111n]);
    expect(rig.get(SECOND + DATA_PAGE * 8)).toBe(111n);
    expect(rig.get(UPPER_LEAVES + DATA_PAGE * 8)).toBe(entry(FIRST, FLAGS.data));
  });
});

it('many changes of root keep the upper half, however much of it there is', () => {
  const rig = new Rig();
  // Round and round: all of the lower half's data, and the change to the root that is not the present one.
  const [OTHER, SUM, LIMIT] = [17, 18, 19];
  const code = [
    load(A0, LOWER),
    assemble('add', { rd: SUM, rs1: SUM, rs2: A0 }),
    change,
    assemble('xor', { rd: NEXT, rs1: NEXT, rs2: OTHER }),
    assemble('addi', { rd: LIMIT, rs1: LIMIT, imm: -1 }),
    assemble('bne', { rs1: LIMIT, rs2: 0, imm: -20 }),
    assemble('jal', { rd: 0, imm: 0 }),
  ];
  start(rig, code, entry(FIRST, FLAGS.data), SECOND);
  rig.hart.setX(OTHER, BigInt(ROOT / PAGE_BYTES) ^ BigInt(OTHER_ROOT / PAGE_BYTES));
  rig.hart.setX(LIMIT, 2000n);
  rig.run(13_000, 5000);
  expect(rig.hart.getX(SUM)).toBe(1000n * 111n + 1000n * 222n);
  const { fetch, load: loads } = rig.engine.statistics().misses;
  expect(fetch).toBeLessThan(10);
  expect(loads).toBe(2000);
  expect(rig.get(MIDDLE)).toBe(entry(LEAVES, FLAGS.pointer));
});
