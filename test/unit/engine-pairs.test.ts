/** Two instructions by one handler of the interpreter: each is as exact as alone. */
import { ENGINE_KINDS } from '../../src/engine/kinds.js';
import { PAIRS } from '../../src/engine/pairs.js';
import { outlineOf } from '../../src/isa/outline.js';
import { assemble } from '../../src/isa/assemble.js';
import { CSR } from '../../src/isa/csrs.js';
import { CODE, FIRST, FLAGS, LEAVES, Rig, VIRTUAL, entry, page, virtual } from './tables-rig.js';

const RWX = FLAGS.data | FLAGS.code;
const LOAD_PAGE_FAULT = 13n;
const ILLEGAL_INSTRUCTION = 2n;

/** All registers, pc and position. */
const stateOf = ({ hart, engine }: Rig): unknown[] => [
  ...Array.from({ length: 32 }, (_, n) => hart.getX(n)),
  hart.pc,
  engine.position,
];

/** A rig at the beginning of `code`, which may be written; x10 is the address of data, x11 that of the code. */
function rigOf(code: readonly number[], kind: 'interpreter' | 'translator' | 'auto' = 'interpreter'): Rig {
  const rig = new Rig(kind);
  rig.start(code, [entry(CODE, RWX), entry(FIRST, RWX)]);
  rig.hart.setX(10, BigInt(virtual(1)));
  rig.hart.setX(11, BigInt(VIRTUAL));
  return rig;
}

it('has pairs that are told apart, of which the first goes nowhere but to the second', () => {
  const names = PAIRS.map((pair) => pair.map(({ instruction, length }) => `${instruction.name}/${length}`).join(' '));
  expect(new Set(names).size).toBe(PAIRS.length);
  for (const [first] of PAIRS) expect(outlineOf(first.instruction).flow).toBe('next');
});

const straight = [
  assemble('addi', { rd: 5, rs1: 5, imm: 1 }),
  assemble('addi', { rd: 6, rs1: 5, imm: 2 }),
  assemble('sd', { rs1: 10, rs2: 6, imm: 0 }),
  assemble('sd', { rs1: 10, rs2: 5, imm: 8 }),
  assemble('ld', { rd: 7, rs1: 10, imm: 0 }),
  assemble('ld', { rd: 8, rs1: 10, imm: 8 }),
  assemble('auipc', { rd: 9, imm: 0 }),
  assemble('jalr', { rd: 1, rs1: 9, imm: -24 }),
];

describe.each(ENGINE_KINDS)('on %s', (kind) => {
  it('stops between the two', () => {
    const alone = rigOf(straight, kind);
    for (let count = 1; count <= 17; count++) {
      alone.run(count, 1);
      for (const slice of [2, 100]) {
        const rig = rigOf(straight, kind);
        rig.run(count, slice);
        expect(stateOf(rig)).toEqual(stateOf(alone));
      }
    }
  });

  it('comes to the second by a jump', () => {
    const code = [
      assemble('jal', { rd: 0, imm: 8 }),
      ...[assemble('addi', { rd: 5, rs1: 5, imm: 1 }), assemble('addi', { rd: 5, rs1: 5, imm: 16 })],
      assemble('jal', { rd: 0, imm: -8 }),
    ];
    const rig = rigOf(code, kind);
    rig.run(2 + 3 * 100, 1000);
    expect(rig.hart.getX(5)).toBe(16n + 100n * 17n);
  });

  it('traps at the second, the first being done', () => {
    const code = [assemble('ld', { rd: 5, rs1: 10, imm: 0 }), assemble('ld', { rd: 6, rs1: 0, imm: 0 })];
    const rig = rigOf(code, kind);
    rig.put(FIRST, 7n);
    rig.run(2, 100);
    expect([rig.hart.getX(5), rig.hart.readCsr(CSR.mepc), rig.hart.readCsr(CSR.mcause)]).toEqual([
      ...[7n, BigInt(VIRTUAL + 4), LOAD_PAGE_FAULT],
    ]);
  });

  it.each([0, 1])('executes what the first has stored over the second, in round %i', (round) => {
    const code = [
      assemble('sw', { rs1: 12, rs2: 6, imm: 0 }),
      assemble('sw', { rs1: 10, rs2: 7, imm: 0 }),
      assemble('addi', { rd: 12, rs1: 11, imm: 4 }),
      assemble('jal', { rd: 0, imm: -12 }),
    ];
    const rig = rigOf(code, kind);
    rig.hart.setX(6, BigInt(assemble('addi', { rd: 5, rs1: 0, imm: 9 })));
    rig.hart.setX(12, BigInt(round === 0 ? VIRTUAL + 4 : virtual(1) + 16));
    rig.hart.setX(7, 1n);
    rig.run(4 * round + 2, 100);
    expect([rig.hart.getX(5), rig.get(FIRST)]).toEqual([9n, BigInt(round)]);
  });

  it('executes what something else has stored over either', () => {
    const one = (rd: number): number => assemble('addi', { rd, rs1: rd, imm: 1 });
    for (const at of [0, 4]) {
      const rig = rigOf([one(5), one(5), assemble('jal', { rd: 0, imm: -8 })], kind);
      rig.run(30, 100);
      rig.putCode(CODE + at, [one(6)]);
      rig.engine.access.ramChanged(CODE + at, 4);
      rig.run(60, 100);
      expect([rig.hart.getX(5), rig.hart.getX(6)]).toEqual([30n, 10n]);
    }
  });

  it('executes what the walk for the first has made of the second', () => {
    // The second is the page-table entry of the page that the first one loads from: without the accessed bit it is
    // ld x0, 0x200(x0), with it a floating-point instruction.
    const index = 200;
    const rig = rigOf([], kind);
    rig.putCode(LEAVES + index * 8 - 4, [assemble('ld', { rd: 5, rs1: 10, imm: 0 })]);
    rig.put(LEAVES + index * 8, entry(page(12), 0x03));
    rig.put(LEAVES, entry(LEAVES, FLAGS.code));
    rig.hart.setX(10, BigInt(virtual(index)));
    rig.hart.pc = BigInt(VIRTUAL + index * 8 - 4);
    rig.run(2, 100);
    expect(rig.get(LEAVES + index * 8)).toBe(entry(page(12), 0x43));
    expect([rig.hart.readCsr(CSR.mepc), rig.hart.readCsr(CSR.mcause)]).toEqual([
      ...[BigInt(VIRTUAL + index * 8), ILLEGAL_INSTRUCTION],
    ]);
  });
});
