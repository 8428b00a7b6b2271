/**
 * Streams behind page tables and PMP: random Sv39 tables with pages of all sizes and rights, some of them no good, and
 * loads, stores, AMOs and jumps through them, while the tables change. RISC-V privileged specification 20240411, sections
 * 3.7, 10.3 and 10.4.
 */
import { assemble } from '../../src/isa/assemble.js';
import type { Kind } from './kind.js';
import { LANDING, RAM_BASE, SCRATCH, SCRATCH_BYTES, SCRATCH_PAGES, STUB, TABLES, TABLE_BYTES } from './layout.js';
import { csrNumber } from './layout.js';
import type { Maker } from './maker.js';
import type { Random } from './random.js';
import { SATP, type Mode, type Poke, type Stream } from './stream.js';
import { encode, templatesOf, withRs1 } from './templates.js';

const LENGTH = 80;
const PAGE = 4096;
const V = 1;
const R = 2;
const W = 4;
const X = 8;
const U = 16;
const A = 64;
const D = 128;
const G = 32;

const memory = [...templatesOf('I'), ...templatesOf('F'), ...templatesOf('D')].filter(
  ({ role }) => role === 'load' || role === 'store',
);
const atomics = templatesOf('A').filter(({ name }) => !name.startsWith('sc'));

const sstatus = csrNumber('sstatus');
const mstatus = csrNumber('mstatus');

/** Table pages by use. */
const ROOT = TABLES;
const CODE_MIDDLE = TABLES + PAGE;
const CODE_LEAVES = TABLES + 2 * PAGE;
const DATA_MIDDLE = TABLES + 3 * PAGE;
const DATA_LEAVES = TABLES + 4 * PAGE;
/** Virtual pages of data, and behind them those that are jumped to. */
const DATA_PAGES = 10;
const JUMP_PAGES = 4;
/** Known: sumMakesExecutable. */
const JUMP_FROM = DATA_PAGES + 1;

const entry = (physical: number, flags: number): bigint => (BigInt(physical / PAGE) << 10n) | BigInt(flags);

/** The address of a page by its three indexes, sign-extended from bit 38. */
function canonical(root: number, middle: number, leaf: number): number {
  const address = root * 2 ** 30 + middle * 2 ** 21 + leaf * PAGE;
  return root >= 256 ? address - 2 ** 39 : address;
}

const rights = (random: Random): number =>
  // Mostly something that works for somebody.
  random.once(6)
    ? random.below(256)
    : random.pick([R, R | W, R | W, R | W | X, X, R | X]) | (random.word() & (U | G | A | D));

/** A leaf for a page of data: valid for the most part, and now and then wrong in one of the ways there are. */
function dataEntry(random: Random): bigint {
  const physical = SCRATCH + random.below(SCRATCH_PAGES) * PAGE;
  const flags = rights(random) | (random.once(12) ? 0 : V);
  const choice = random.below(32);
  if (choice === 0) return entry(physical, flags) | (1n << BigInt(54 + random.below(10))); // reserved bits
  if (choice === 2) return entry(DATA_LEAVES, V | (random.word() & 0xf1)); // a pointer at the last level
  return entry(physical, flags);
}

/** A leaf for what is jumped to; never writable, since all streams use those pages. */
function jumpEntry(random: Random, first = false): bigint {
  const physical = LANDING + random.below(2) * PAGE;
  const flags = random.once(3) ? rights(random) & ~W : X | (random.word() & (R | U | A | G));
  // Known: fetchOverNothing.
  if (first && random.once(4)) return entry(0x0700_0000, V | X | R | A | (flags & U));
  return entry(physical, flags | (random.once(8) ? 0 : V));
}

interface Space {
  readonly pokes: Poke[];
  readonly codePage: number;
  readonly stub: number;
  /** Addresses of data and of what is jumped to. */
  readonly data: () => number;
  readonly jump: () => number;
  /** A page that is mapped to no memory. */
  readonly nowhere: number;
  /** Virtual address of the leaves of data, through which they can be changed; and of one leaf in it. */
  readonly leafAddress: () => number;
  readonly jumpLeafAddress: () => number;
}

function makeSpace(random: Random, mode: Mode): Space {
  const pokes: Poke[] = [];
  const put = (table: number, index: number, value: bigint, code = false): void =>
    void pokes.push({ address: table + index * 8, value, ...(code ? { code } : {}) });
  const distinct = new Set<number>();
  while (distinct.size < 4) distinct.add(random.below(512));
  const [codeRoot, dataRoot, giant, spare] = distinct;
  const codeMiddle = random.below(512);
  const codeLeaf = random.below(500);
  const user = mode === 'U' ? U : 0;
  put(ROOT, codeRoot, entry(CODE_MIDDLE, V));
  put(CODE_MIDDLE, codeMiddle, entry(CODE_LEAVES, V));
  for (let page = 0; page < 2; page++) {
    put(
      CODE_LEAVES,
      codeLeaf + page,
      entry(0, V | X | A | user | (random.word() & (R | D))) + (BigInt(page) << 10n),
      true,
    );
  }
  put(CODE_LEAVES, codeLeaf + 3, entry(STUB, V | R | X | A));
  // The tables themselves, for S-mode.
  put(CODE_LEAVES, codeLeaf + 4, entry(DATA_LEAVES, V | R | W | A | D));

  const dataMiddle = random.below(510);
  const dataLeaf = 2 + random.below(488);
  put(ROOT, dataRoot, entry(DATA_MIDDLE, V | (random.once(40) ? random.pick([U, A, D]) : 0)));
  put(DATA_MIDDLE, dataMiddle, entry(DATA_LEAVES, V | (G * random.below(2))));
  for (let page = 0; page < DATA_PAGES; page++) put(DATA_LEAVES, dataLeaf + page, dataEntry(random));
  for (let page = 0; page < JUMP_PAGES; page++)
    put(DATA_LEAVES, dataLeaf + JUMP_FROM + page, jumpEntry(random, page === 0));
  // A page of no memory, with none beside it.
  put(DATA_LEAVES, dataLeaf - 2, entry(0x0700_0000, rights(random) | V));
  // Known: tableOnNothing. Large pages: of the first 2 MiB of RAM, and of the gigabyte that RAM begins; some misaligned.
  const large = rights(random) | random.pick([R, X]) | (random.once(12) ? 0 : V);
  put(DATA_MIDDLE, dataMiddle + 1, entry(RAM_BASE + (random.once(6) ? PAGE * random.below(512) : 0), large));
  const huge = rights(random) | random.pick([R, X]) | (random.once(12) ? 0 : V);
  put(ROOT, giant, entry(RAM_BASE + (random.once(6) ? 2 ** 21 * random.below(512) : 0), huge));

  const inPage = (): number => {
    const choice = random.below(4);
    if (choice === 0) return PAGE - 8 + random.below(8);
    return choice === 1 ? random.below(PAGE) : random.below(PAGE / 8) * 8;
  };
  const data = (): number => {
    const choice = random.below(24);
    const offset = SCRATCH - RAM_BASE + random.below(SCRATCH_PAGES) * PAGE + inPage();
    if (choice === 0) return canonical(spare, random.below(512), random.below(512)) + inPage();
    if (choice <= 2) return canonical(dataRoot, dataMiddle + 1, 0) + offset;
    if (choice <= 4) return canonical(giant, 0, 0) + offset;
    const address = canonical(dataRoot, dataMiddle, dataLeaf + random.below(DATA_PAGES)) + inPage();
    // Not the sign extension of bit 38.
    return choice === 5 ? address + random.pick([2 ** 39, 2 ** 45, -(2 ** 39), 2 ** 52]) : address;
  };
  const jump = (): number => {
    const page = random.below(JUMP_PAGES);
    const offset = random.once(3) ? PAGE - 2 : random.below(PAGE / 2) * 2;
    if (random.once(16)) return canonical(spare, 0, 0) + offset;
    if (random.once(16)) return canonical(dataRoot, dataMiddle + 1, 0) + LANDING - RAM_BASE + offset;
    const address = canonical(dataRoot, dataMiddle, dataLeaf + JUMP_FROM + page) + offset;
    return random.once(24) ? address + random.pick([2 ** 39, 2 ** 45]) : address;
  };
  const leaves = canonical(codeRoot, codeMiddle, codeLeaf + 4);
  return {
    pokes,
    codePage: canonical(codeRoot, codeMiddle, codeLeaf),
    stub: canonical(codeRoot, codeMiddle, codeLeaf + 3),
    data,
    jump,
    // Known: splitOrder.
    nowhere: canonical(dataRoot, dataMiddle, dataLeaf - 2) + 8 * random.below(PAGE / 8 - 4),
    leafAddress: () => leaves + (dataLeaf + random.below(DATA_PAGES)) * 8,
    jumpLeafAddress: () => leaves + (dataLeaf + JUMP_FROM + random.below(JUMP_PAGES)) * 8,
  };
}

interface Registers {
  readonly data: number[];
  /** An address without memory behind it. */
  readonly nowhere: number;
  readonly jump: number[];
  /** Pairs: where a leaf is, and what it may become. */
  readonly leaves: readonly (readonly [address: number, value: number])[];
}

function setAddress(maker: Maker, x: number, address: number): number {
  const value = BigInt.asUintN(64, BigInt(address));
  maker.setX(x, Number(value & 0xffff_ffffn), Number(value >> 32n));
  return x;
}

function setWide(maker: Maker, x: number, value: bigint): number {
  maker.setX(x, Number(value & 0xffff_ffffn), Number(value >> 32n));
  return x;
}

function assign(maker: Maker, space: Space): Registers {
  const { random } = maker;
  maker.reserve(1); // the link
  return {
    data: Array.from({ length: 10 }, () => setAddress(maker, maker.reserveAny(), space.data())),
    nowhere: setAddress(maker, maker.reserveAny(), space.nowhere),
    jump: Array.from({ length: 3 }, () => setAddress(maker, maker.reserveAny(), space.jump())),
    leaves: [
      [
        setAddress(maker, maker.reserveAny(), space.leafAddress()),
        setWide(maker, maker.reserveAny(), dataEntry(random)),
      ],
      [
        setAddress(maker, maker.reserveAny(), space.jumpLeafAddress()),
        setWide(maker, maker.reserveAny(), jumpEntry(random)),
      ],
    ],
  };
}

function atom(maker: Maker, registers: Registers, mode: Mode): void {
  const { random, code } = maker;
  const choice = random.below(64);
  if (mode === 'M') code.put(assemble('sfence.vma')); // Known: mprvIsCached.
  if (choice < 34) access(maker, random.pick(registers.data));
  else if (choice < 42) maker.filler();
  else if (choice < 50 && mode !== 'M') code.put(assemble('jalr', { rd: 1, rs1: random.pick(registers.jump) }));
  else if (choice < 54 && mode === 'M') changePrivilege(maker);
  else if (choice < 56) changeRights(maker, mode);
  else if (choice < 60 && mode === 'S') changeLeaf(maker, random.pick(registers.leaves));
  else if (choice < 61) code.put(assemble('sfence.vma'));
  else if (choice < 62) code.put(assemble('ecall'));
  else access(maker, registers.nowhere, memory); // Known: atomicOnNothing.
}

/** A load, a store, an AMO or a reservation, with a small offset. */
function access(maker: Maker, pointer: number, list = maker.random.once(4) ? atomics : memory): void {
  const { random, code } = maker;
  const template = random.pick(list);
  let raw = withRs1(encode(template, random, maker.reserved), pointer);
  if (template.role === 'load') raw = (raw & 0x000f_ffff) | (random.below(16) << 20);
  if (template.role === 'store') raw = (raw & ~0xfe00_0f80) | (random.below(16) << 7);
  code.put(raw >>> 0);
}

/** SUM and MXR. */
function changeRights(maker: Maker, mode: Mode): void {
  const { random, code } = maker;
  const t = maker.free();
  code.put(assemble('lui', { rd: t, imm: random.pick([1 << 18, 1 << 19, 3 << 18]) }));
  code.put(assemble(random.pick(['csrrs', 'csrrc']), { rs1: t, imm: mode === 'M' ? mstatus : sstatus }));
}

/** Under MPRV: whose rights loads and stores have, or that they are M-mode's. */
function changePrivilege(maker: Maker): void {
  const { random, code } = maker;
  const t = maker.free();
  code.put(assemble('lui', { rd: t, imm: 2 << 12 }));
  code.put(assemble('addi', { rd: t, rs1: t, imm: -(1 << 11) }));
  code.put(assemble('csrrc', { rs1: t, imm: mstatus })); // MPP is U
  if (random.once(2)) {
    code.put(assemble('srli', { rd: t, rs1: t, imm: 1 }));
    code.put(assemble('slli', { rd: t, rs1: t, imm: 1 }));
    code.put(assemble('andi', { rd: t, rs1: t, imm: 0x7ff }));
    code.put(assemble('addi', { rd: t, imm: 1 }));
    code.put(assemble('slli', { rd: t, rs1: t, imm: 11 }));
    code.put(assemble('csrrs', { rs1: t, imm: mstatus })); // S
  }
}

/** Looks at a leaf, whose A and D bits the hart may have set; changes it; and fences. */
function changeLeaf(maker: Maker, [address, value]: readonly [number, number]): void {
  const { random, code } = maker;
  code.put(assemble('ld', { rd: maker.free(), rs1: address }));
  if (random.once(2)) return;
  const name = random.pick(['sd', 'amoswap.d', 'amoxor.d']);
  // amoxor by a leaf would make any leaf of two: only bits 1 to 7 of the value are changed in that way.
  if (name === 'sd') code.put(assemble('sd', { rs1: address, rs2: value }));
  else if (name === 'amoswap.d') code.put(assemble(name, { rd: maker.free(), rs1: address, rs2: value }));
  else {
    const t = maker.free();
    code.put(assemble('addi', { rd: t, imm: random.pick([V, R, U, A, D, A | D]) }));
    code.put(assemble(name, { rd: maker.free(), rs1: address, rs2: t }));
  }
  code.put(assemble('sfence.vma'));
}

/** All but the supervisor's own calls, and fetches from no memory: its stub needs the first. */
const delegation = (random: Random): bigint => BigInt(random.word() & 0xb0ff & ~(1 << 1));

function body(maker: Maker, registers: Registers, mode: Mode): void {
  const { code } = maker;
  while (code.length < LENGTH) {
    code.atom();
    atom(maker, registers, mode);
  }
  code.counted = code.length;
}

function makePaging(maker: Maker, index: number): Stream {
  const { random } = maker;
  const mode = random.pick<Mode>(['S', 'S', 'U', 'U', 'M']);
  const space = makeSpace(random, mode);
  body(maker, assign(maker, space), mode);
  const SUM = 1n << 18n;
  const MXR = 1n << 19n;
  const MPRV = 1n << 17n;
  return maker.finish('paging', index, {
    mode,
    mstatus: (random.once(2) ? SUM : 0n) | (random.once(3) ? MXR : 0n) | (mode === 'M' ? MPRV : 0n),
    csrs: {
      satp: SATP | (BigInt(random.below(4)) << 44n),
      medeleg: random.once(2) && mode !== 'M' ? delegation(random) : 0n,
    },
    pokes: space.pokes,
    scratchBytes: SCRATCH_BYTES,
    tableBytes: TABLE_BYTES,
    // M-mode is not translated.
    ...(mode === 'M' ? {} : { codePage: space.codePage, stub: space.stub }),
  });
}

export const pagingKind: Kind = { name: 'paging', doubles: 5, instructions: 1_000_000, make: makePaging };
