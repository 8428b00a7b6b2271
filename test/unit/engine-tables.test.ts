/**
 * Translations follow the page tables at once, without sfence.vma: otherwise what the guest sees would depend on when
 * the engine's caches are emptied, which a replay does at other moments than its recording.
 */
import { ENGINE_KINDS } from '../../src/engine/kinds.js';
import { PAGE_BYTES } from '../../src/hart/layout.js';
import { assemble } from '../../src/isa/assemble.js';
import {
  CODE,
  FIRST,
  FLAGS,
  LEAVES,
  MIDDLE,
  OTHER_CODE,
  OTHER_LEAVES,
  ROOT,
  Rig,
  SATP,
  SECOND,
  VIRTUAL,
  entry,
  virtual,
} from './tables-rig.js';

const [MSTATUS, MCAUSE, MTVAL] = [0x300, 0x342, 0x343];
const TVM = 1n << 20n;

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
    rig.putCode(OTHER_CODE, [nop, two]);
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

describe.each(ENGINE_KINDS)('on %s', (kind) => {
  const fence = assemble('sfence.vma', { rs1: 0, rs2: 0 });
  const addi = (rd: number, imm: number): number => assemble('addi', { rd, rs1: rd, imm });
  const ROUNDS = 500;
  const SUM = A0;
  const LEFT = A6;
  /** Maps a page, now the first and now the second, loads from it, takes it away, over and over. */
  const body = [
    store(A3, A4),
    fence,
    load(A1, A2),
    assemble('add', { rd: SUM, rs1: SUM, rs2: A1 }),
    store(0, A4),
    fence,
    assemble('xor', { rd: A3, rs1: A3, rs2: A5 }),
    addi(LEFT, -1),
  ];
  const code = [...body, assemble('bne', { rs1: LEFT, rs2: 0, imm: -4 * body.length })];
  const mapping = (): Rig => {
    const rig = new Rig(kind);
    rig.put(FIRST, 1n);
    rig.put(SECOND, 1000n);
    rig.start(code, [entry(CODE, FLAGS.code), 0n, entry(LEAVES, FLAGS.data)]);
    rig.hart.setX(A2, BigInt(virtual(1)));
    rig.hart.setX(A3, entry(FIRST, FLAGS.data));
    rig.hart.setX(A4, BigInt(virtual(2) + 8)); // the entry of page 1
    rig.hart.setX(A5, entry(FIRST, FLAGS.data) ^ entry(SECOND, FLAGS.data));
    rig.hart.setX(LEFT, BigInt(ROUNDS));
    return rig;
  };

  it('a page is there as soon as its entry is, and gone with it', () => {
    const rig = mapping();
    rig.run(ROUNDS * code.length, Infinity);
    expect(rig.hart.getX(SUM)).toBe(BigInt((ROUNDS / 2) * 1001));
    expect(rig.get(LEAVES + 8)).toBe(0n);
  });

  it('the machine is not bothered', () => {
    const rig = mapping();
    for (const stop of [1, 7, 7 + 50 * code.length]) {
      rig.engine.run(stop);
      expect(rig.engine.position).toBe(stop);
    }
  });

  it('a page of tables counts as written each time that it is asked for', () => {
    const rig = mapping();
    const leaves = (LEAVES - CODE) / PAGE_BYTES;
    for (const rounds of [1, 2, 100, 101]) {
      // Behind the store that maps the page.
      rig.run(rounds * code.length + 1, Infinity);
      expect(rig.engine.access.takeDirty()).toContain(leaves);
    }
  });

  it('a page that is filled like memory becomes memory', () => {
    const fill = [store(A3, A4), addi(A4, 8), addi(LEFT, -1)];
    const rig = new Rig(kind);
    const words = [...fill, assemble('bne', { rs1: LEFT, rs2: 0, imm: -4 * fill.length })];
    rig.start(words, [entry(CODE, FLAGS.code), 0n, entry(OTHER_LEAVES, FLAGS.data)]);
    // A walk has come to the page, and found nothing there.
    rig.put(MIDDLE + 8, entry(OTHER_LEAVES, FLAGS.pointer));
    rig.engine.access.tables.read(OTHER_LEAVES, false, 0);
    rig.hart.setX(A3, 0x5a00n);
    rig.hart.setX(A4, BigInt(virtual(2)));
    rig.hart.setX(LEFT, 512n);
    rig.run(512 * words.length, Infinity);
    expect(rig.get(OTHER_LEAVES + 511 * 8)).toBe(0x5a00n);
    expect(rig.engine.access.tables.holds(OTHER_LEAVES)).toBe(false);
  });

  it('a fence is illegal where the machine traps those of the supervisor', () => {
    const rig = new Rig(kind);
    rig.hart.csr('write', (MSTATUS << 20) | (1 << 15), TVM);
    rig.start([fence, fence], [entry(CODE, FLAGS.code)]);
    rig.run(1, 1);
    expect([rig.hart.privilege, rig.hart.readCsr(MCAUSE), rig.hart.readCsr(MTVAL)]).toEqual([3, 2n, BigInt(fence)]);
  });
});
