/**
 * Translations follow the page tables at once, without sfence.vma: otherwise what the guest sees would depend on when
 * the engine's caches are emptied, which a replay does at other moments than its recording.
 */
import { Engine } from '../../src/engine/engine.js';
import type { Bus } from '../../src/hart/bus.js';
import { Hart } from '../../src/hart/hart.js';
import { DRAM_BASE, PAGE_BYTES, RAM_OFFSET } from '../../src/hart/layout.js';
import { assemble } from '../../src/isa/assemble.js';

const RAM_BYTES = 1 << 20;
const PAGES = Math.ceil((RAM_OFFSET + RAM_BYTES) / 65536);
const page = (n: number): number => DRAM_BASE + n * PAGE_BYTES;

/** Pages of RAM by their use. */
const CODE = page(0);
const OTHER_CODE = page(1);
const FIRST = page(2);
const SECOND = page(3);
const ROOT = page(4);
const MIDDLE = page(5);
const LEAVES = page(6);
const OTHER_LEAVES = page(7);
/** Virtual addresses: page n of this mapping is entry n of the leaf table. */
const VIRTUAL = 0x4000_0000;
const virtual = (n: number): number => VIRTUAL + n * PAGE_BYTES;

const SATP = 0x180;
const PMPCFG0 = 0x3a0;
const PMPADDR0 = 0x3b0;

const FLAGS = { pointer: 0x01, data: 0xc7, code: 0xcb, unread: 0x07 };
const entry = (physical: number, flags: number): bigint => (BigInt(physical / PAGE_BYTES) << 10n) | BigInt(flags);

class Rig {
  readonly memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  readonly view = new DataView(this.memory.buffer);
  readonly hart: Hart;
  readonly engine: Engine;

  constructor() {
    const bus: Bus = { ramBytes: RAM_BYTES, read: () => undefined, write: () => false };
    const holder: { engine?: Engine } = {};
    this.hart = new Hart(this.memory, bus, {
      position: () => holder.engine?.position ?? 0,
      readTime: () => 0,
      readSeed: () => 0,
      timerChanged: () => undefined,
      flushTranslations: () => holder.engine?.access.flushAll(),
      tableRead: (address) => holder.engine?.access.tables.read(address),
      tableMarked: (address) => holder.engine?.access.written(address, 8),
      fenceInstructions: () => undefined,
    });
    this.engine = holder.engine = new Engine(this.memory, this.hart, bus);
    this.hart.reset(BigInt(CODE), [0n, 0n]);
  }

  put(address: number, value: bigint): void {
    this.view.setBigUint64(address - DRAM_BASE + RAM_OFFSET, value, true);
  }
  get(address: number): bigint {
    return this.view.getBigUint64(address - DRAM_BASE + RAM_OFFSET, true);
  }

  private writeCsr(number: number, value: bigint): void {
    this.hart.csr('write', (number << 20) | (1 << 15), value);
  }

  /** S-mode at the code page, behind Sv39, with page n of the mapping as `leaves` says. */
  start(code: readonly number[], leaves: readonly bigint[]): void {
    code.forEach((word, i) => this.view.setUint32(RAM_OFFSET + i * 4, word, true));
    leaves.forEach((leaf, n) => this.put(LEAVES + n * 8, leaf));
    this.put(ROOT + (VIRTUAL / 2 ** 30) * 8, entry(MIDDLE, FLAGS.pointer));
    this.put(MIDDLE, entry(LEAVES, FLAGS.pointer));
    this.writeCsr(PMPADDR0, (1n << 54n) - 1n);
    this.writeCsr(PMPCFG0, 0x1fn);
    this.writeCsr(SATP, (8n << 60n) | BigInt(ROOT / PAGE_BYTES));
    this.hart.privilege = 1;
    this.hart.pc = BigInt(VIRTUAL);
  }

  /** Runs `count` instructions in runs of `slice`. */
  run(count: number, slice: number): void {
    while (this.engine.position < count) this.engine.run(Math.min(count, this.engine.position + slice));
  }
}

const A0 = 10;
const A1 = 11;
const A2 = 12;
const A3 = 13;
const A4 = 14;
const A5 = 15;
const A6 = 16;
const load = (rd: number, rs1: number): number => assemble('ld', { rd, rs1, imm: 0 });
const store = (rs2: number, rs1: number): number => assemble('sd', { rs1, rs2, imm: 0 });

describe.each([1, 2, 1000])('in runs of %i instructions', (slice) => {
  it('a load sees the page that the table names now', () => {
    const rig = new Rig();
    rig.put(FIRST, 111n);
    rig.put(SECOND, 222n);
    const code = [load(A0, A2), store(A3, A4), load(A1, A2), store(A1, A2)];
    const leaves = [entry(CODE, FLAGS.code), entry(FIRST, FLAGS.data), entry(LEAVES, FLAGS.data)];
    rig.start(code, leaves);
    rig.hart.setX(A2, BigInt(virtual(1)));
    rig.hart.setX(A3, entry(SECOND, FLAGS.data));
    rig.hart.setX(A4, BigInt(virtual(2) + 8)); // the entry of page 1
    rig.run(code.length, slice);
    expect([rig.hart.getX(A0), rig.hart.getX(A1)]).toEqual([111n, 222n]);
    expect([rig.get(FIRST), rig.get(SECOND)]).toEqual([111n, 222n]);
  });

  it('an accessed bit that the guest clears is set again by the next access', () => {
    const rig = new Rig();
    const code = [load(A0, A2), store(A3, A4), load(A0, A2)];
    rig.start(code, [entry(CODE, FLAGS.code), entry(FIRST, FLAGS.data), entry(LEAVES, FLAGS.data)]);
    rig.hart.setX(A2, BigInt(virtual(1)));
    rig.hart.setX(A3, entry(FIRST, FLAGS.unread));
    rig.hart.setX(A4, BigInt(virtual(2) + 8));
    rig.run(code.length, slice);
    expect(rig.get(LEAVES + 8)).toBe(entry(FIRST, FLAGS.unread | 0x40));
  });

  it('the next instruction comes from the page that the table names now', () => {
    const rig = new Rig();
    const nop = assemble('addi', { rd: 0, rs1: 0, imm: 0 });
    const one = assemble('addi', { rd: A0, rs1: 0, imm: 1 });
    const two = assemble('addi', { rd: A0, rs1: 0, imm: 2 });
    rig.start([store(A3, A4), one], [entry(CODE, FLAGS.code), 0n, entry(LEAVES, FLAGS.data)]);
    [nop, two].forEach((word, i) => rig.view.setUint32(RAM_OFFSET + OTHER_CODE - DRAM_BASE + i * 4, word, true));
    rig.hart.setX(A3, entry(OTHER_CODE, FLAGS.code));
    rig.hart.setX(A4, BigInt(virtual(2)));
    rig.run(2, slice);
    expect(rig.hart.getX(A0)).toBe(2n);
  });

  it('a pointer to another table is followed at once', () => {
    const rig = new Rig();
    rig.put(FIRST, 111n);
    rig.put(SECOND, 222n);
    const code = [load(A0, A2), store(A3, A4), load(A1, A2)];
    rig.start(code, [entry(CODE, FLAGS.code), entry(FIRST, FLAGS.data), entry(MIDDLE, FLAGS.data)]);
    [entry(CODE, FLAGS.code), entry(SECOND, FLAGS.data)].forEach((leaf, n) => rig.put(OTHER_LEAVES + n * 8, leaf));
    rig.hart.setX(A2, BigInt(virtual(1)));
    rig.hart.setX(A3, entry(OTHER_LEAVES, FLAGS.pointer));
    rig.hart.setX(A4, BigInt(virtual(2))); // the pointer through which all of this is mapped
    rig.run(code.length, slice);
    expect([rig.hart.getX(A0), rig.hart.getX(A1)]).toEqual([111n, 222n]);
  });

  it('a table that was used for data meanwhile is a table again', () => {
    const rig = new Rig();
    rig.put(FIRST, 111n);
    rig.put(SECOND, 222n);
    const csrw = assemble('csrrw', { rd: 0, rs1: A5, imm: SATP });
    // Another address space of the same tables, a store into the table that no walk has come to since, a walk that comes
    // there, and a store that changes what it found.
    const code = [load(A0, A2), csrw, store(0, A6), load(A0, A2), store(A3, A4), load(A1, A2)];
    rig.start(code, [entry(CODE, FLAGS.code), 0n, entry(OTHER_LEAVES, FLAGS.data)]);
    rig.put(MIDDLE + 8, entry(OTHER_LEAVES, FLAGS.pointer));
    rig.put(OTHER_LEAVES, entry(FIRST, FLAGS.data));
    rig.hart.setX(A2, BigInt(VIRTUAL + 2 ** 21));
    rig.hart.setX(A3, entry(SECOND, FLAGS.data));
    rig.hart.setX(A4, BigInt(virtual(2)));
    rig.hart.setX(A5, (8n << 60n) | (1n << 44n) | BigInt(ROOT / PAGE_BYTES));
    rig.hart.setX(A6, BigInt(virtual(2) + 256));
    rig.run(code.length, slice);
    expect([rig.hart.getX(A0), rig.hart.getX(A1)]).toEqual([111n, 222n]);
  });
});
