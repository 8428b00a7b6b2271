/** Meaning of jumps, branches, memory accesses, atomics, CSR and system instructions. */
import type { FieldValues } from '../../src/isa/assemble.js';
import { assemble } from '../../src/isa/assemble.js';
import { Evaluator } from '../support/evaluator.js';

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const START = 0x8000_0000n;

/** A machine with values in registers by number, after one instruction. */
function after(name: string, values: FieldValues, registers: Record<number, bigint> = {}): Evaluator {
  const machine = new Evaluator();
  for (const [number, value] of Object.entries(registers)) machine.registers[Number(number)] = u64(value);
  machine.execute(assemble(name, values));
  return machine;
}

describe('upper immediates', () => {
  it('lui sign-extends', () => {
    expect(after('lui', { rd: 5, imm: -0x80000000 }).registers[5]).toBe(0xffff_ffff_8000_0000n);
  });
  it('auipc adds to its own address', () => {
    expect(after('auipc', { rd: 5, imm: -0x1000 }).registers[5]).toBe(START - 0x1000n);
  });
});

describe('jumps', () => {
  it('jal links behind itself', () => {
    const machine = after('jal', { rd: 1, imm: -16 });
    expect([machine.counter, machine.registers[1]]).toEqual([START - 16n, START + 4n]);
  });
  it('jalr reads its base before it links, and clears bit 0', () => {
    const machine = after('jalr', { rd: 5, rs1: 5, imm: 2 }, { 5: 0x1001n });
    expect([machine.counter, machine.registers[5]]).toEqual([0x1002n, START + 4n]);
  });
  it('c.jalr links behind its two bytes', () => {
    const machine = after('c.jalr', { rs1: 5 }, { 5: 0x2000n });
    expect([machine.counter, machine.registers[1]]).toEqual([0x2000n, START + 2n]);
  });
  it('x0 stays zero', () => {
    expect(after('jal', { rd: 0, imm: 8 }).registers[0]).toBe(0n);
  });
});

describe('branches', () => {
  it.each<[string, bigint, bigint, boolean]>([
    ['beq', 1n, 1n, true],
    ['beq', 1n, 2n, false],
    ['bne', 1n, 2n, true],
    ['bne', 1n, 1n, false],
    ['blt', -1n, 1n, true],
    ['blt', 1n, 1n, false],
    ['bge', 1n, 1n, true],
    ['bge', -1n, 1n, false],
    ['bltu', 1n, -1n, true],
    ['bltu', -1n, 1n, false],
    ['bgeu', -1n, 1n, true],
    ['bgeu', 1n, -1n, false],
  ])('%s %s, %s: %s', (name, a, b, taken) => {
    const machine = after(name, { rs1: 5, rs2: 6, imm: -64 }, { 5: a, 6: b });
    expect(machine.counter).toBe(taken ? START - 64n : START + 4n);
  });
});

describe('memory', () => {
  const machine = (): Evaluator => {
    const one = new Evaluator();
    one.store(0x1000n, 8, 0x8182_8384_8586_8788n);
    one.registers[5] = 0x1010n;
    return one;
  };

  it.each<[string, bigint]>([
    ['lb', -0x78n],
    ['lbu', 0x88n],
    ['lh', -0x7878n],
    ['lhu', 0x8788n],
    ['lw', -0x7a79_7878n],
    ['lwu', 0x8586_8788n],
    ['ld', 0x8182_8384_8586_8788n],
  ])('%s', (name, expected) => {
    const one = machine();
    one.execute(assemble(name, { rd: 6, rs1: 5, imm: -16 }));
    expect(one.registers[6]).toBe(u64(expected));
  });

  it.each<[string, bigint]>([
    ['sb', 0x8182_8384_8586_8711n],
    ['sh', 0x8182_8384_8586_2211n],
    ['sw', 0x8182_8384_4433_2211n],
    ['sd', 0x8877_6655_4433_2211n],
  ])('%s', (name, expected) => {
    const one = machine();
    one.registers[6] = 0x8877_6655_4433_2211n;
    one.execute(assemble(name, { rs2: 6, rs1: 5, imm: -16 }));
    expect(one.load(0x1000n, 8, false)).toBe(expected);
  });
});

describe('atomics', () => {
  const atomic = (name: string, old: bigint, operand: bigint): bigint[] => {
    const one = new Evaluator();
    one.store(0x1000n, 8, u64(old));
    one.registers[5] = 0x1000n;
    one.registers[6] = u64(operand);
    one.execute(assemble(name, { rd: 7, rs1: 5, rs2: 6 }));
    return [one.registers[7], one.load(0x1000n, 8, false)];
  };

  // Rows of name, memory before, rs2, rd, memory after.
  it.each<[string, bigint, bigint, bigint, bigint]>([
    ['amoswap.w', 0x1111_1111_8000_0000n, 5n, -0x8000_0000n, 0x1111_1111_0000_0005n],
    ['amoadd.w', 0xffff_ffffn, 1n, -1n, 0n],
    ['amoxor.w', 0xff00n, 0x0ff0n, 0xff00n, 0xf0f0n],
    ['amoand.w', 0xff00n, 0x0ff0n, 0xff00n, 0x0f00n],
    ['amoor.w', 0xff00n, 0x0ff0n, 0xff00n, 0xfff0n],
    ['amomin.w', 0xffff_ffffn, 0x1_0000_0001n, -1n, 0xffff_ffffn],
    ['amomax.w', 0xffff_ffffn, 0x1_0000_0001n, -1n, 1n],
    ['amominu.w', 0xffff_ffffn, 0x1_0000_0001n, -1n, 1n],
    ['amomaxu.w', 0xffff_ffffn, 0x1_0000_0001n, -1n, 0xffff_ffffn],
    ['amomin.w', 3n, 0x8000_0000n, 3n, 0x8000_0000n],
    ['amoswap.d', -1n, 5n, -1n, 5n],
    ['amoadd.d', -1n, 5n, -1n, 4n],
    ['amoxor.d', -1n, 5n, -1n, -6n],
    ['amoand.d', -1n, 5n, -1n, 5n],
    ['amoor.d', 2n, 5n, 2n, 7n],
    ['amomin.d', 3n, -5n, 3n, -5n],
    ['amomax.d', 3n, -5n, 3n, 3n],
    ['amominu.d', 3n, -5n, 3n, 3n],
    ['amomaxu.d', 3n, -5n, 3n, -5n],
  ])('%s of %s and %s', (name, old, operand, rd, memory) => {
    expect(atomic(name, old, operand)).toEqual([u64(rd), u64(memory)]);
  });

  it('sc stores where the reservation holds, once', () => {
    const one = new Evaluator();
    one.registers[5] = 0x1000n;
    one.registers[6] = 7n;
    one.store(0x1000n, 4, 0x8000_0000n);
    one.execute(assemble('lr.w', { rd: 8, rs1: 5 }));
    expect(one.registers[8]).toBe(u64(-0x8000_0000n));
    const conditional = assemble('sc.w', { rd: 7, rs1: 5, rs2: 6 });
    one.execute(conditional);
    expect([one.registers[7], one.load(0x1000n, 4, false)]).toEqual([0n, 7n]);
    one.execute(conditional);
    expect(one.registers[7]).toBe(1n);
  });
});

describe('CSR instructions', () => {
  it.each<[string, bigint]>([
    ['csrrw', 0b0110n],
    ['csrrs', 0b1110n],
    ['csrrc', 0b1000n],
    ['csrrwi', 0b0110n],
    ['csrrsi', 0b1110n],
    ['csrrci', 0b1000n],
  ])('%s', (name, expected) => {
    const one = new Evaluator();
    one.csrs.set(0x340, 0b1100n);
    one.registers[6] = 0b0110n;
    one.execute(assemble(name, { rd: 6, rs1: 6, imm: 0x340 }));
    expect([one.registers[6], one.csrs.get(0x340)]).toEqual([0b1100n, expected]);
  });
});

describe('system instructions', () => {
  it.each(['ecall', 'ebreak', 'mret', 'sret', 'wfi', 'sfence.vma', 'fence.i'])('%s is the hart’s', (name) => {
    expect(after(name, {}).asked).toBe(name);
  });
  it('fence is nothing', () => {
    const machine = after('fence', { pred: 15, succ: 15 });
    expect([machine.asked, machine.counter]).toEqual([undefined, START + 4n]);
  });
});
