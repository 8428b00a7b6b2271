/**
 * Jumps from region to region end where the page tables and memory say now, whatever the jump cache was told before: a
 * loop calls code far away, again and again; between the rounds something changes by which the way there was found.
 */
import type { EngineKind } from '../../src/engine/kinds.js';
import { FETCH_TLB_ENTRIES, PAGE_BYTES } from '../../src/hart/layout.js';
import { assemble, type FieldValues } from '../../src/isa/assemble.js';
import {
  CODE,
  FLAGS,
  LEAVES,
  MIDDLE,
  OTHER_LEAVES,
  ROOT,
  Rig,
  SATP,
  VIRTUAL,
  entry,
  page,
  virtual,
} from './tables-rig.js';

/** Pages of RAM beside those of the rig: code that is called, and tables. */
const CALLEE = page(16);
const SECOND_HALF = page(17);
const OTHER_CALLEE = page(18);
const OTHER_HALF = page(19);
const DISPLACER = page(20);
const DISPLACER_LEAVES = page(21);
const OTHER_ROOT = page(22);
const OTHER_MIDDLE = page(23);
const OTHER_FAR_LEAVES = page(24);

const LEAF_TABLE_BYTES = 2 ** 21;
/** Which page of its leaf table: another place in the fetch TLB than the loop's. */
const FAR_PAGE = 16;
/** Too far from the loop for one region. */
const FAR = VIRTUAL + 2 ** 28 + FAR_PAGE * PAGE_BYTES;
/** A page that has the place of FAR in the fetch TLB. */
const RIVAL = FAR + FETCH_TLB_ENTRIES * PAGE_BYTES;
const middleEntry = (address: number): number => Math.floor((address - VIRTUAL) / LEAF_TABLE_BYTES) * 8;
/** Where leaf tables have the entries of FAR and RIVAL. */
const FAR_ENTRY = FAR_PAGE * 8;

const [RA, COUNT, LEFT, ROUNDS, FAR_AT, RIVAL_AT, AT, VALUE, FLIP, CALLS_AT, READ_WORD, ZERO] = [
  1, 10, 8, 9, 18, 19, 20, 21, 22, 23, 24, 0,
];
const CALLS = 101;
/** Only every other jump or so goes from region to region by itself: by chance also some of those behind a change. */
const CHANGES = 40;

const line = (name: string, values: FieldValues): number => assemble(name, values);
const add = (imm: number): number => line('addi', { rd: COUNT, rs1: COUNT, imm });
const jump = (imm: number): number => line('jal', { rd: ZERO, imm });
const RETURN = line('jalr', { rd: ZERO, rs1: RA, imm: 0 });
const call = (rs1: number): number => line('jalr', { rd: RA, rs1, imm: 0 });

/** A change between the rounds, made by the guest: the instructions that make it. */
type Change = readonly number[];
const STORE: Change = [line('sd', { rs1: AT, rs2: VALUE, imm: 0 })];
/** The page of what is called as data. */
const READ: Change = [line('ld', { rd: READ_WORD, rs1: FAR_AT, imm: 0 })];
const flip = line('xor', { rd: VALUE, rs1: VALUE, rs2: FLIP });

/** The loop: CALLS calls, then the change, CHANGES times; ends in a jump to itself. */
function loop(change: Change): number[] {
  const inner = [call(FAR_AT), line('addi', { rd: LEFT, rs1: LEFT, imm: -1 })];
  inner.push(line('bne', { rs1: LEFT, rs2: ZERO, imm: -4 * inner.length }));
  const outer = [line('add', { rd: LEFT, rs1: CALLS_AT, rs2: ZERO }), ...inner, ...change, flip];
  outer.push(line('addi', { rd: ROUNDS, rs1: ROUNDS, imm: -1 }));
  outer.push(line('bne', { rs1: ROUNDS, rs2: ZERO, imm: -4 * outer.length }));
  return [...outer, jump(0)];
}

/** Where the mapping of FAR and the page behind it lies as data. */
const FAR_LEAVES_AT = virtual(3) + FAR_ENTRY;

interface Setting {
  readonly change: Change;
  /** Where the change stores, and what: `value` and `value ^ flip` in turn. */
  readonly at?: number;
  readonly value?: bigint;
  readonly flip?: bigint;
}

/** What COUNT is in the end. */
function run(kind: EngineKind, slice: number, { change, at = 0, value = 0n, flip = 0n }: Setting): bigint {
  const rig = new Rig(kind);
  // What is called lies in two pages: the first adds 1 and goes on in the second, which adds 10.
  rig.putCode(CALLEE, [add(1), jump(PAGE_BYTES - 4)]);
  rig.putCode(SECOND_HALF, [add(10), RETURN]);
  rig.putCode(OTHER_CALLEE, [add(100), jump(PAGE_BYTES - 4)]);
  rig.putCode(OTHER_HALF, [add(1000), RETURN]);
  rig.putCode(DISPLACER, [RETURN]);
  const leaves = [entry(CODE, FLAGS.code), entry(CALLEE, FLAGS.data), 0n, entry(OTHER_LEAVES, FLAGS.data)];
  rig.start(loop(change), leaves);
  rig.put(MIDDLE + middleEntry(FAR), entry(OTHER_LEAVES, FLAGS.pointer));
  rig.put(MIDDLE + middleEntry(RIVAL), entry(DISPLACER_LEAVES, FLAGS.pointer));
  rig.put(OTHER_LEAVES + FAR_ENTRY, entry(CALLEE, FLAGS.code));
  rig.put(OTHER_LEAVES + FAR_ENTRY + 8, entry(SECOND_HALF, FLAGS.code));
  rig.put(DISPLACER_LEAVES + FAR_ENTRY, entry(DISPLACER, FLAGS.code));
  // Another address space, in which FAR is something else.
  rig.put(OTHER_ROOT + (VIRTUAL / 2 ** 30) * 8, entry(OTHER_MIDDLE, FLAGS.pointer));
  rig.put(OTHER_MIDDLE, entry(LEAVES, FLAGS.pointer));
  rig.put(OTHER_MIDDLE + middleEntry(FAR), entry(OTHER_FAR_LEAVES, FLAGS.pointer));
  rig.put(OTHER_FAR_LEAVES + FAR_ENTRY, entry(OTHER_CALLEE, FLAGS.code));
  rig.put(OTHER_FAR_LEAVES + FAR_ENTRY + 8, entry(OTHER_HALF, FLAGS.code));
  rig.hart.setX(ROUNDS, BigInt(CHANGES));
  rig.hart.setX(FAR_AT, BigInt(FAR));
  rig.hart.setX(RIVAL_AT, BigInt(RIVAL));
  rig.hart.setX(AT, BigInt(at));
  rig.hart.setX(VALUE, value);
  rig.hart.setX(FLIP, flip);
  rig.hart.setX(CALLS_AT, BigInt(CALLS));
  rig.run(CHANGES * (CALLS * 7 + 20), slice);
  return rig.hart.getX(COUNT);
}

/** COUNT where the rounds in turn add so much by each call. */
const turns = (first: number, second: number): bigint => BigInt((first + second) * CALLS * (CHANGES / 2));

const moved = {
  value: entry(OTHER_CALLEE, FLAGS.code),
  flip: entry(CALLEE, FLAGS.code) ^ entry(OTHER_CALLEE, FLAGS.code),
};
const space = (root: number): bigint => (8n << 60n) | BigInt(root / PAGE_BYTES);
const word = (...halves: [number, number]): bigint => (BigInt(halves[1]) << 32n) | BigInt(halves[0]);
const jumpOn = jump(PAGE_BYTES - 4);

const settings: readonly [what: string, setting: Setting, sum: bigint][] = [
  ['nothing', { change: [] }, turns(11, 11)],
  ['the page that is jumped to', { change: STORE, at: FAR_LEAVES_AT, ...moved }, turns(11, 110)],
  [
    'a page that is read after it was jumped to',
    { change: [...READ, ...STORE], at: FAR_LEAVES_AT, ...moved },
    turns(11, 110),
  ],
  [
    'a page that is read before it is jumped to',
    { change: [...STORE, ...READ], at: FAR_LEAVES_AT, ...moved },
    turns(11, 110),
  ],
  [
    'a page that its code goes on in',
    {
      change: STORE,
      at: FAR_LEAVES_AT + 8,
      value: entry(OTHER_HALF, FLAGS.code),
      flip: entry(SECOND_HALF, FLAGS.code) ^ entry(OTHER_HALF, FLAGS.code),
    },
    turns(11, 1001),
  ],
  [
    'a page that another has displaced from the fetch TLB',
    { change: [call(RIVAL_AT), ...STORE], at: FAR_LEAVES_AT, ...moved },
    turns(11, 110),
  ],
  [
    'the address space',
    {
      change: [line('csrrw', { rd: ZERO, rs1: VALUE, imm: SATP })],
      value: space(OTHER_ROOT),
      flip: space(ROOT) ^ space(OTHER_ROOT),
    },
    turns(11, 1100),
  ],
  [
    'the code',
    {
      change: STORE,
      at: virtual(1),
      value: word(add(500), jumpOn),
      flip: word(add(500), jumpOn) ^ word(add(1), jumpOn),
    },
    turns(11, 510),
  ],
];

describe.each(['interpreter', 'translator'] as const)('on %s, where between calls there changes', (kind) => {
  it.each(settings)('%s', (_what, setting, sum) => {
    for (const slice of [97, 100_000]) expect([slice, run(kind, slice, setting)]).toEqual([slice, sum]);
  });
});

it('these calls are jumps from region to region', () => {
  const rig = new Rig('translator');
  rig.putCode(CALLEE, [add(1), RETURN]);
  rig.start(loop([]), [entry(CODE, FLAGS.code)]);
  rig.put(MIDDLE + middleEntry(FAR), entry(OTHER_LEAVES, FLAGS.pointer));
  rig.put(OTHER_LEAVES + FAR_ENTRY, entry(CALLEE, FLAGS.code));
  rig.hart.setX(ROUNDS, 20n);
  rig.hart.setX(FAR_AT, BigInt(FAR));
  rig.hart.setX(CALLS_AT, BigInt(CALLS));
  rig.run(20 * CALLS * 5, 1_000_000);
  const { regions, instructions } = rig.engine.statistics();
  expect(regions.live).toBeGreaterThan(1);
  expect(instructions.interpreter).toBeLessThan(instructions.translator / 100);
});
