/**
 * Translations follow the page tables at once, without sfence.vma: otherwise what the guest sees would depend on when
 * the engine's caches are emptied, which a replay does at other moments than its recording.
 */
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
