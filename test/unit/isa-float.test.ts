/** Meaning of F and D above the arithmetic: NaN-boxing, signs, moves, rounding modes, and what is illegal. */
import type { FieldValues } from '../../src/isa/assemble.js';
import { assemble } from '../../src/isa/assemble.js';
import { Evaluator, IllegalInstruction } from '../support/evaluator.js';

const BOX = 0xffff_ffff_0000_0000n;
const canonical = { s: 0x7fc0_0000n, d: 0x7ff8_0000_0000_0000n };
const view = new DataView(new ArrayBuffer(8));

/** Bits of a number, boxed. */
const s = (value: number): bigint => (view.setFloat32(0, value), BOX | BigInt(view.getUint32(0)));
const d = (value: number): bigint => (view.setFloat64(0, value), view.getBigUint64(0));

function machineWith(floats: Record<number, bigint>): Evaluator {
  const machine = new Evaluator();
  for (const [number, value] of Object.entries(floats)) machine.floats[Number(number)] = value;
  return machine;
}

/** f10 after an instruction on f11, f12 and f13, with the dynamic rounding mode (0). */
function result(name: string, ...operands: bigint[]): bigint {
  const machine = machineWith({ 11: operands[0], 12: operands[1] ?? 0n, 13: operands[2] ?? 0n });
  const values: FieldValues = { rd: 10, rs1: 11 };
  if (operands.length > 1) values.rs2 = 12;
  if (operands.length > 2) values.rs3 = 13;
  machine.execute(assemble(name, values));
  return machine.floats[10];
}

/** x10 after an instruction on f11 and f12. */
function integer(name: string, a: bigint, b?: bigint): bigint {
  const machine = machineWith({ 11: a, 12: b ?? 0n });
  machine.execute(assemble(name, { rd: 10, rs1: 11, ...(b !== undefined && { rs2: 12 }) }));
  return machine.registers[10];
}

describe('arithmetic', () => {
  it.each<[string, bigint[], bigint]>([
    ['fadd.s', [s(1.5), s(2)], s(3.5)],
    ['fsub.s', [s(1.5), s(2)], s(-0.5)],
    ['fmul.s', [s(1.5), s(2)], s(3)],
    ['fdiv.s', [s(3), s(2)], s(1.5)],
    ['fsqrt.s', [s(2.25)], s(1.5)],
    ['fadd.d', [d(1.5), d(2)], d(3.5)],
    ['fsub.d', [d(1.5), d(2)], d(-0.5)],
    ['fmul.d', [d(1.5), d(2)], d(3)],
    ['fdiv.d', [d(3), d(2)], d(1.5)],
    ['fsqrt.d', [d(2.25)], d(1.5)],
    ['fmin.s', [s(-0), s(0)], s(-0)],
    ['fmax.s', [s(-0), s(0)], s(0)],
    ['fmin.d', [d(NaN), d(3)], d(3)],
    ['fmax.d', [d(2), d(3)], d(3)],
    ['fcvt.s.d', [d(1.5)], s(1.5)],
    ['fcvt.d.s', [s(1.5)], d(1.5)],
  ])('%s', (name, operands, expected) => {
    expect(result(name, ...operands)).toBe(expected);
  });

  // Chapter "F": fmadd a×b+c, fmsub a×b−c, fnmsub −(a×b)+c, fnmadd −(a×b)−c.
  it.each([
    ['fmadd', 7],
    ['fmsub', 5],
    ['fnmsub', -5],
    ['fnmadd', -7],
  ])('%s: 2 × 3 and 1 make %s', (name, expected) => {
    expect(result(`${name}.s`, s(2), s(3), s(1))).toBe(s(expected));
    expect(result(`${name}.d`, d(2), d(3), d(1))).toBe(d(expected));
  });

  it('a fused result of exactly zero has the sign of the sum', () => {
    expect(result('fmsub.d', d(2), d(3), d(6))).toBe(d(0));
    expect(result('fnmadd.d', d(0), d(1), d(0))).toBe(d(-0));
    expect(result('fnmsub.d', d(0), d(1), d(0))).toBe(d(0));
  });
});

describe('NaN-boxing', () => {
  const unboxed = 0x0000_0000_3f80_0000n;
  const nearlyBoxed = 0xffff_fffe_3f80_0000n;

  it.each(['fadd.s', 'fmul.s', 'fmadd.s', 'fsqrt.s', 'fsgnj.s', 'fcvt.d.s'])(
    '%s takes what is not boxed for the canonical NaN',
    (name) => {
      const others = { 'fmadd.s': [s(1), s(1)], 'fsqrt.s': [], 'fcvt.d.s': [] }[name] ?? [s(1)];
      const expected = name === 'fcvt.d.s' ? canonical.d : BOX | canonical.s;
      expect(result(name, unboxed, ...others)).toBe(expected);
      expect(result(name, nearlyBoxed, ...others)).toBe(expected);
    },
  );

  it('comparisons, fclass and conversions to integers do so too', () => {
    expect(integer('feq.s', unboxed, s(1))).toBe(0n);
    expect(integer('feq.s', s(1), s(1))).toBe(1n);
    expect(integer('fclass.s', unboxed)).toBe(1n << 9n);
    expect(integer('fcvt.w.s', unboxed)).toBe(0x7fff_ffffn);
  });

  it('moves and stores take the bits as they are', () => {
    expect(integer('fmv.x.w', 0x1234_5678_9abc_def0n)).toBe(0xffff_ffff_9abc_def0n);
    const machine = machineWith({ 12: 0x1234_5678_9abc_def0n });
    machine.execute(assemble('fsw', { rs1: 0, rs2: 12 }));
    expect(machine.load(0n, 8, false)).toBe(0x9abc_def0n);
    machine.execute(assemble('fsd', { rs1: 0, rs2: 12 }));
    expect(machine.load(0n, 8, false)).toBe(0x1234_5678_9abc_def0n);
  });

  it('loads and moves box', () => {
    const machine = machineWith({});
    machine.store(0n, 8, 0x1234_5678_9abc_def0n);
    machine.execute(assemble('flw', { rd: 1, rs1: 0 }));
    machine.execute(assemble('fld', { rd: 2, rs1: 0 }));
    machine.registers[5] = 0x1234_5678_9abc_def0n;
    machine.execute(assemble('fmv.w.x', { rd: 3, rs1: 5 }));
    machine.execute(assemble('fmv.d.x', { rd: 4, rs1: 5 }));
    const boxed = BOX | 0x9abc_def0n;
    const whole = 0x1234_5678_9abc_def0n;
    expect(machine.floats.slice(1, 5)).toEqual([boxed, whole, boxed, whole]);
  });
});

describe('signs', () => {
  it.each<[string, number, number, number]>([
    ['fsgnj', 1, -2, -1],
    ['fsgnj', -1, 2, 1],
    ['fsgnjn', 1, -2, 1],
    ['fsgnjn', 1, 2, -1],
    ['fsgnjx', -1, -2, 1],
    ['fsgnjx', -1, 2, -1],
  ])('%s of %s and %s', (name, a, b, expected) => {
    expect(result(`${name}.s`, s(a), s(b))).toBe(s(expected));
    expect(result(`${name}.d`, d(a), d(b))).toBe(d(expected));
  });

  it('a NaN keeps its payload', () => {
    expect(result('fsgnjn.d', 0x7ff0_0000_0000_0001n, 0x7ff0_0000_0000_0001n)).toBe(0xfff0_0000_0000_0001n);
  });
});

describe('integers', () => {
  it.each<[string, bigint, bigint]>([
    ['fcvt.w.s', s(-1), -1n],
    ['fcvt.wu.s', s(4294967040), -256n],
    ['fcvt.wu.d', d(-1), 0n],
    ['fcvt.l.d', d(-(2 ** 63)), -(1n << 63n)],
    ['fcvt.lu.d', d(2 ** 63), 1n << 63n],
    ['fcvt.lu.s', s(NaN), -1n],
    ['fmv.x.d', d(-0), 1n << 63n],
  ])('%s', (name, a, expected) => {
    expect(integer(name, a)).toBe(BigInt.asUintN(64, expected));
  });

  // Conversions from words look at the low word only.
  it.each<[string, bigint, bigint]>([
    ['fcvt.s.w', 0x1_ffff_ffffn, s(-1)],
    ['fcvt.s.wu', 0x1_ffff_ff00n, s(4294967040)],
    ['fcvt.d.w', 0x1_ffff_ffffn, d(-1)],
    ['fcvt.d.wu', 0x1_ffff_ffffn, d(4294967295)],
    ['fcvt.d.l', 0xffff_ffff_ffff_ffffn, d(-1)],
    ['fcvt.d.lu', 1n << 63n, d(2 ** 63)],
    ['fcvt.s.l', 1n << 63n, s(-(2 ** 63))],
    ['fcvt.s.lu', 1n << 63n, s(2 ** 63)],
  ])('%s', (name, a, expected) => {
    const machine = machineWith({});
    machine.registers[11] = a;
    machine.execute(assemble(name, { rd: 10, rs1: 11 }));
    expect(machine.floats[10]).toBe(expected);
  });

  it.each<[string, number, number, bigint]>([
    ['feq', 1, 1, 1n],
    ['flt', 1, 2, 1n],
    ['flt', 2, 2, 0n],
    ['fle', 2, 2, 1n],
    ['fle', 3, 2, 0n],
  ])('%s %s, %s', (name, a, b, expected) => {
    expect(integer(`${name}.s`, s(a), s(b))).toBe(expected);
    expect(integer(`${name}.d`, d(a), d(b))).toBe(expected);
  });

  it.each([
    [-Infinity, 0],
    [-1, 1],
    [-0, 3],
    [0, 4],
    [1, 6],
    [Infinity, 7],
    [NaN, 9],
  ])('fclass of %s sets bit %s', (value, bit) => {
    expect(integer('fclass.s', s(value))).toBe(1n << BigInt(bit));
    expect(integer('fclass.d', d(value))).toBe(1n << BigInt(bit));
  });
});

describe('rounding modes', () => {
  const half = (rm: number, frm = 0): bigint => {
    const machine = machineWith({ 11: d(2.5) });
    machine.frm = frm;
    machine.execute(assemble('fcvt.w.d', { rd: 10, rs1: 11, rm }));
    expect(machine.fflags).toBe(1);
    return machine.registers[10];
  };

  it('may be static', () => {
    expect([0, 1, 2, 3, 4].map((rm) => half(rm))).toEqual([2n, 2n, 2n, 3n, 3n]);
  });
  it('or dynamic', () => {
    expect([0, 1, 2, 3, 4].map((frm) => half(7, frm))).toEqual([2n, 2n, 2n, 3n, 3n]);
  });

  // Each result lies between two neighbours: downward gives the one, upward the other.
  const tiny = d(2 ** -80);
  it.each<[string, bigint[]]>([
    ['fadd.s', [s(1), s(2 ** -40)]],
    ['fsub.s', [s(1), s(2 ** -40)]],
    ['fmul.s', [s(1.0000001), s(1.0000001)]],
    ['fdiv.s', [s(1), s(3)]],
    ['fsqrt.s', [s(2)]],
    ['fmadd.s', [s(1), s(1), s(2 ** -40)]],
    ['fcvt.s.d', [d(0.1)]],
    ['fadd.d', [d(1), tiny]],
    ['fsub.d', [d(1), tiny]],
    ['fmul.d', [d(1.1), d(1.1)]],
    ['fdiv.d', [d(1), d(3)]],
    ['fsqrt.d', [d(2)]],
    ['fmsub.d', [d(1), d(1), tiny]],
  ])('%s obeys them', (name, operands) => {
    const rounded = (rm: number): bigint => {
      const machine = machineWith({ 11: operands[0], 12: operands[1] ?? 0n, 13: operands[2] ?? 0n });
      const sources = Object.fromEntries(operands.map((_, index) => [`rs${index + 1}`, 11 + index]));
      machine.execute(assemble(name, { ...sources, rd: 10, rm }));
      expect(machine.fflags).toBe(1);
      return machine.floats[10];
    };
    const [nearest, towardsZero, down, up, nearestAway] = [0, 1, 2, 3, 4].map(rounded);
    expect(up).toBe(down + 1n);
    expect(towardsZero).toBe(down);
    expect([down, up]).toContain(nearest);
    expect(nearestAway).toBe(nearest);
  });

  it.each(['fcvt.s.w', 'fcvt.s.wu', 'fcvt.s.l', 'fcvt.s.lu', 'fcvt.d.l', 'fcvt.d.lu'])('%s obeys them', (name) => {
    const [least, width] = name.startsWith('fcvt.d') ? [53n, 62n] : [24n, 30n];
    const rounded = (rm: number): bigint => {
      const machine = machineWith({});
      // One bit more than fits, and the bit is set.
      machine.registers[11] = (1n << width) + (1n << (width - least - 1n));
      machine.execute(assemble(name, { rd: 10, rs1: 11, rm }));
      return machine.floats[10];
    };
    const [nearest, towardsZero, down, up] = [0, 1, 2, 3].map(rounded);
    expect([nearest, towardsZero, up]).toEqual([down, down, down + 1n]);
  });

  it.each(['fadd.d', 'fcvt.d.w', 'fcvt.d.s', 'fsqrt.s', 'fmadd.s'])('%s is illegal with a reserved frm', (name) => {
    const machine = machineWith({});
    machine.frm = 5;
    expect(() => machine.execute(assemble(name, { rm: 7 }))).toThrow(IllegalInstruction);
    machine.execute(assemble(name, { rm: 1 }));
  });

  it.each(['fmin.d', 'feq.s', 'fsgnj.s', 'fclass.d'])('%s has none', (name) => {
    const machine = machineWith({});
    machine.frm = 5;
    machine.execute(assemble(name));
  });
});
