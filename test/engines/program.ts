/**
 * Random programs with the structures that a translator must see through: nested loops, loops entered in their middle,
 * irreducible flow, calls, jump tables, code over a page's end, in the program's own pages and in aliases of them. The
 * main loop goes on for ever.
 */
import { DRAM_BASE } from '../../src/hart/layout.js';
import { float as floatValue, integer, Random } from '../differential/random.js';
import type { Mode } from '../differential/stream.js';
import * as atoms from './atoms.js';
import { COUNTERS, FREE, LINKS, POINTER, type Place } from './atoms.js';
import { CodeWriter, type Label } from './code-writer.js';
import { guestPages } from './guest.js';
import { ALIAS, CODE, CODE_PAGES, DATA, DATA_PAGES, PAGE, RAM_BYTES, SHUFFLED, WINDOW } from './layout.js';

export interface Program {
  readonly mode: Mode;
  /** Pages of RAM by number. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

type Atom = (place: Place) => void;
/** What the straight parts of a program are made of, by weight. */
type Mix = readonly Atom[];

const times = (count: number, atom: Atom): Atom[] => Array.from({ length: count }, () => atom);
const { plain, float, access, crossing, moveWindow, atomic, csrAccess, otherEyes } = atoms;
const { trapping, swapPages, patchable, patch } = atoms;
const mixes: readonly Mix[] = [
  [...times(12, plain), ...times(4, access), moveWindow, atomic],
  [...times(6, float), ...times(3, plain), ...times(2, access), csrAccess],
  [
    ...times(4, plain),
    ...times(6, access),
    ...times(2, crossing),
    ...times(2, moveWindow),
    ...times(2, atomic),
    otherEyes,
  ],
  [...times(6, plain), ...times(2, access), trapping, csrAccess, float, swapPages],
  [...times(6, plain), ...times(2, patchable), ...times(2, patch), access],
  [plain, float, access, crossing, moveWindow, atomic, csrAccess, otherEyes, trapping, swapPages, patchable, patch],
];

const branches = ['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu'] as const;
const T1 = 6;
const T2 = 7;
/** Of a function's level: who calls it, and its own loops. */
const LEVELS = 3;
const DEEPEST = 2;

class ProgramMaker implements Place {
  readonly code = new CodeWriter(CODE, CODE_PAGES * PAGE);
  readonly mode: Mode;
  readonly calm: boolean;
  readonly targets: atoms.Target[] = [];
  private mix: Mix = mixes[0];
  private level = 0;
  /** Functions by level; those of level 0 are not called. */
  private readonly functions: Label[][] = Array.from({ length: LEVELS + 1 }, () => []);
  /** Instructions, about, that the present function may still have. */
  private left = 0;

  constructor(readonly random: Random) {
    this.mode = random.pick(['M', 'M', 'S', 'U']);
    this.calm = random.once(2);
  }

  make(): Program {
    const { random, code, mode, calm } = this;
    // Callees first: their labels are placed, and a function only calls those of the next level.
    for (let level = LEVELS - 1; level > 0; level--) {
      for (let n = 1 + random.below(2); n > 0; n--) this.function(level);
    }
    if (random.once(3)) this.toPageEnd();
    const entry = this.main();
    const pages = guestPages(
      { mode, medeleg: random.once(2) ? random.word() & 0xb1fc : 0, entry, frm: random.below(5), calm },
      random,
    );
    const bytes = code.finish();
    for (let page = 0; page < CODE_PAGES; page++) {
      pages.set((CODE - DRAM_BASE) / PAGE + page, bytes.slice(page * PAGE, (page + 1) * PAGE));
    }
    for (let page = 0; page < DATA_PAGES; page++) pages.set((DATA - DRAM_BASE) / PAGE + page, dataPage(random));
    return { mode, pages };
  }

  private main(): number {
    const { code, random, mode } = this;
    const pool = { address: -1 };
    this.level = 0;
    const start = code.here();
    code.la(T1, pool);
    const pointers = [
      [POINTER.stack, DATA + 2 * PAGE + 0x800],
      [POINTER.data, DATA + 0x800],
      [POINTER.edge, DATA + 4 * PAGE],
      [
        POINTER.window,
        mode === 'M' ? (!this.calm && random.once(3) ? DRAM_BASE + RAM_BYTES - 16 : DATA + PAGE) : WINDOW + 0x800,
      ],
      [POINTER.other, DATA + 3 * PAGE + 0x800],
    ] as const;
    pointers.forEach(([rd], index) => code.op('ld', { rd, rs1: T1, imm: 8 * index }));
    for (let n = 6; n > 0; n--) {
      code.op('ld', { rd: random.pick(FREE), rs1: POINTER.data, imm: 8 * random.below(200) });
      code.op('fld', { rd: random.below(32), rs1: POINTER.data, imm: 8 * random.below(200) });
    }
    this.left = 60 + random.below(100);
    while (this.left > 0) {
      this.mix = random.pick(mixes);
      this.block(0);
      this.call();
    }
    code.to(start, 'jal');
    code.padTo(0, 8);
    code.place(pool);
    for (const [, address] of pointers) code.double(BigInt(address));
    return start.address;
  }

  private function(level: number): void {
    const { code, random } = this;
    this.level = level;
    this.mix = random.pick(mixes);
    if (random.once(4)) this.toPageEnd();
    this.functions[level].push(code.here());
    this.left = 10 + random.below(50);
    this.targets.length = 0;
    while (this.left > 0) this.block(0);
    // Links in turn, so that a caller keeps its own.
    const rs1 = LINKS[level % 2];
    if (random.once(2)) code.op('c.jr', { rs1 });
    else code.op('jalr', { rs1 });
  }

  /** A part of a function: straight code, or one of the structures. */
  private block(depth: number): void {
    const { random } = this;
    const before = this.code.address;
    const choices = depth < DEEPEST ? 10 : 4;
    switch (random.below(choices)) {
      case 0:
      case 1:
        this.straight(1 + random.below(8));
        break;
      case 2:
        this.branchOver(depth);
        break;
      case 3:
        this.shortBranch();
        break;
      case 4:
      case 5:
        this.loop(depth, random.once(3));
        break;
      case 6:
        this.irreducible(depth);
        break;
      case 7:
        this.jumpTable(depth);
        break;
      case 8:
        this.overPageEnd(depth);
        break;
      default:
        this.call();
    }
    this.left -= (this.code.address - before) / 4;
  }

  private straight(count: number): void {
    for (let n = count; n > 0; n--) this.random.pick(this.mix)(this);
  }

  private inner(depth: number): void {
    if (this.random.once(2)) this.straight(1 + this.random.below(5));
    else this.block(depth + 1);
  }

  private branch(label: Label): void {
    const { random } = this;
    const rs1 = random.below(32);
    this.code.to(label, random.pick(branches), { rs1, rs2: random.once(5) ? rs1 : random.below(32) });
  }

  /** Over one part, perhaps into another one. */
  private branchOver(depth: number): void {
    const { code, random } = this;
    const [otherwise, end] = [{ address: -1 }, { address: -1 }];
    this.branch(otherwise);
    this.inner(depth);
    if (random.once(2)) {
      code.place(otherwise);
      return;
    }
    code.to(end, 'jal', random.once(4) ? { rd: random.pick(FREE) } : {});
    code.place(otherwise);
    this.inner(depth);
    code.place(end);
  }

  /** A compressed branch or jump over a few instructions. */
  private shortBranch(): void {
    const { code, random } = this;
    const end = { address: -1 };
    const rs1 = 8 + random.below(8);
    if (random.once(4)) code.to(end, 'c.j');
    else code.to(end, random.pick(['c.beqz', 'c.bnez']), { rs1 });
    for (let n = 1 + random.below(6); n > 0; n--) plain(this);
    code.place(end);
  }

  private counter(depth: number): number {
    return COUNTERS[this.level * DEEPEST + depth];
  }

  /** Some rounds; entered in the middle, left in the middle, or neither. */
  private loop(depth: number, entered: boolean): void {
    const { code, random } = this;
    const rd = this.counter(depth);
    const [middle, end] = [{ address: -1 }, { address: -1 }];
    code.op('addi', { rd, imm: 1 + random.below(random.once(4) ? 40 : 8) });
    if (entered) code.to(middle, 'jal');
    const start = code.here();
    this.inner(depth);
    if (random.once(3)) this.branch(end);
    code.place(middle);
    this.inner(depth);
    code.op('addi', { rd, rs1: rd, imm: -1 });
    this.repeat(start, rd);
    code.place(end);
  }

  /** Back to the start while the counter is not zero, by a compressed branch where there is one. */
  private repeat(start: Label, rs1: number): void {
    const { code, random } = this;
    if (random.once(3) && code.address - start.address < 200) {
      code.op('c.mv', { rd: 15, rs2: rs1 });
      code.to(start, 'c.bnez', { rs1: 15 });
    } else code.to(start, 'bne', { rs1 });
  }

  /** Two parts that lead into each other, either of them the first. */
  private irreducible(depth: number): void {
    const { code, random } = this;
    const rd = this.counter(depth);
    const [first, second, end] = [{ address: -1 }, { address: -1 }, { address: -1 }];
    code.op('addi', { rd, imm: 1 + random.below(12) });
    this.branch(second);
    code.place(first);
    this.inner(depth);
    code.op('addi', { rd, rs1: rd, imm: -1 });
    code.to(end, 'bge', { rs1: 0, rs2: rd });
    code.place(second);
    this.inner(depth);
    this.branch(second.address < first.address ? second : first);
    code.op('addi', { rd, rs1: rd, imm: -1 });
    code.to(end, 'bge', { rs1: 0, rs2: rd });
    this.branch(second);
    code.to(first, 'jal');
    code.place(end);
  }

  /** A jump to one of several parts by the bits of a register: by a row of jumps, or a table of addresses. */
  private jumpTable(depth: number): void {
    const { code, random } = this;
    const cases = Array.from({ length: random.pick([2, 4]) }, () => ({ address: -1 }));
    const [table, end] = [{ address: -1 }, { address: -1 }];
    const byAddress = random.once(2);
    code.op('andi', { rd: T2, rs1: random.pick(FREE.filter((x) => x !== T1)), imm: cases.length - 1 });
    code.op('slli', { rd: T2, rs1: T2, imm: byAddress ? 3 : 2 });
    code.la(T1, table);
    code.op('add', { rd: T1, rs1: T1, rs2: T2 });
    if (byAddress) code.op('ld', { rd: T1, rs1: T1 });
    if (random.once(2)) code.op('c.jr', { rs1: T1 });
    else code.op('jalr', { rd: random.once(4) ? T2 : 0, rs1: T1, imm: random.below(2) });
    if (byAddress) code.padTo(0, 8);
    code.place(table);
    for (const one of cases) {
      if (byAddress) code.pointer(one);
      else code.to(one, 'jal');
    }
    for (const one of cases) {
      code.place(one);
      this.straight(1 + random.below(3));
      if (random.once(8)) this.inner(depth);
      code.to(end, 'jal');
    }
    code.place(end);
  }

  /** A call of a function of the next level, also by a register, also in an alias of its page. */
  private call(): void {
    const { code, random, level } = this;
    const callees = this.functions[level + 1];
    if (callees.length === 0) {
      this.straight(2);
      return;
    }
    const callee = random.pick(callees);
    const rd = LINKS[(level + 1) % 2];
    if (random.once(3)) {
      code.to(callee, 'jal', { rd });
      return;
    }
    code.la(T1, callee);
    if (this.mode !== 'M' && random.once(2)) {
      // From an alias this leads nowhere, and the program begins anew.
      code.op('lui', { rd: T2, imm: CODE - (random.once(3) ? SHUFFLED : ALIAS) });
      code.op('sub', { rd: T1, rs1: T1, rs2: T2 });
    }
    if (rd === 1 && random.once(2)) code.op('c.jalr', { rs1: T1 });
    else code.op('jalr', { rd, rs1: T1 });
  }

  /** A loop over the end of a page, an instruction of 32 bits across it. */
  private overPageEnd(depth: number): void {
    // The way there is too long for a branch over it.
    if (depth > 0 || !this.toPageEnd()) {
      this.straight(2);
      return;
    }
    const { code, random } = this;
    const rd = this.counter(depth);
    code.op('addi', { rd, imm: 2 + random.below(8) });
    const start = code.here();
    for (let n = random.below(3); n > 0; n--) plain(this);
    if (code.address % 4 === 0) code.op('c.mv', { rd: random.pick(FREE), rs2: random.pick(FREE) });
    while (code.address % PAGE > PAGE / 2)
      code.op('addi', { rd: random.pick(FREE), rs1: random.below(32), imm: random.below(99) });
    this.straight(2);
    // Translated code is left and entered again behind the page's end.
    if (random.once(2)) csrAccess(this);
    this.inner(depth);
    code.op('addi', { rd, rs1: rd, imm: -1 });
    this.repeat(start, rd);
  }

  /** Jumps to shortly before the end of the page; false where there is no room. */
  private toPageEnd(): boolean {
    const { code, random } = this;
    const there = PAGE - 2 * (8 + random.below(12));
    if (code.room < 3 * PAGE || code.address % PAGE > there - 8) return false;
    const label = { address: -1 };
    code.to(label, 'jal');
    code.padTo(there, PAGE);
    code.place(label);
    return true;
  }
}

/** Integers of all kinds and numbers of both formats, in turn. */
function dataPage(random: Random): Uint8Array {
  const words = new Uint32Array(PAGE / 4);
  const wide = { lo: 0, hi: 0 };
  for (let at = 0; at < words.length; at += 2) {
    if (random.once(2)) integer(random, wide);
    else floatValue(random, random.once(2), wide);
    words[at] = wide.lo;
    words[at + 1] = wide.hi;
  }
  return new Uint8Array(words.buffer);
}

/** The program of a number. */
export const makeProgram = (seed: number, number: number): Program =>
  new ProgramMaker(new Random(seed, number, 0)).make();
