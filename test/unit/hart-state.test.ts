/** Everything of the hart the guest can see goes through the state visitor, and comes back through it. */
import { CSR } from '../../src/isa/csrs.js';
import { HART } from '../../src/hart/layout.js';
import type { StateVisitor } from '../../src/hart/state.js';
import { Rig } from './hart-rig.js';

type Value = number | bigint | boolean;

function collect(rig: Rig): Map<string, Value> {
  const values = new Map<string, Value>();
  const note = <T extends Value>(name: string, value: T): T => {
    if (values.has(name)) throw new Error(`${name} twice`);
    if (typeof value === 'number' && !(Number.isSafeInteger(value) && value >= 0)) throw new Error(`${name} ${value}`);
    values.set(name, value);
    return value;
  };
  rig.hart.state(visitor(note));
  return values;
}

function restore(rig: Rig, values: ReadonlyMap<string, Value>): void {
  rig.hart.state(visitor((name) => values.get(name) as never));
}

const visitor = (each: <T extends Value>(name: string, value: T) => T): StateVisitor => ({
  number: each,
  u64: each,
  bool: each,
  bytes: (_name, value) => value,
  list: (_name, value) => [...value],
});

/** A hart with something in every corner. */
function busy(): Rig {
  const rig = Rig.open();
  rig.position = 5000;
  for (let i = 1; i < 32; i++) rig.hart.setX(i, 0xffff_ffff_0000_0000n | BigInt(i));
  for (let i = 0; i < 32; i++) rig.hart.setF(i, 0xffff_ffff_3f80_0000n + BigInt(i));
  rig.write(CSR.mstatus, 0x7e_79aan);
  rig.write(CSR.fcsr, 0x7fn);
  for (const mode of [0x100, 0x300]) {
    rig.write(mode + 0x05, 0x8000_0001n + BigInt(mode) * 4n);
    rig.write(mode + 0x40, 0xaaaan + BigInt(mode));
    rig.write(mode + 0x41, 0xbbbcn + BigInt(mode));
    rig.write(mode + 0x42, 0xccccn + BigInt(mode));
    rig.write(mode + 0x43, 0xddddn + BigInt(mode));
  }
  rig.write(CSR.medeleg, 0xb1ffn);
  rig.write(CSR.mideleg, 0x222n);
  rig.write(CSR.mie, 0xa8an);
  rig.write(CSR.menvcfg, (1n << 63n) | 1n);
  rig.write(CSR.senvcfg, 1n);
  rig.write(CSR.stimecmp, 12_345n);
  rig.write(CSR.mip, 0x202n);
  rig.hart.setLine(9, true);
  rig.hart.setLine(11, true);
  rig.write(CSR.mcounteren, 7n);
  rig.write(CSR.scounteren, 5n);
  rig.write(CSR.mcycle, 1n << 60n);
  rig.write(CSR.mcountinhibit, 4n);
  rig.write(CSR.minstret, 99n);
  rig.write(CSR.mseccfg, 0x100n);
  rig.write(CSR.satp, (8n << 60n) | (7n << 44n) | 0x80010n);
  rig.write(0x3b4, 0x1234n);
  rig.write(0x3a0, 0x0f_00_00_00_1fn);
  rig.setWord(HART.reserved, 1);
  rig.setWord(HART.reservation, 0x8000_0040);
  rig.enter(1);
  return rig;
}

const all = (rig: Rig): (bigint | undefined)[] =>
  [...rig.hart.csrNames.keys()].map((number) => rig.hart.readCsr(number));

it('restores a hart that reads the same and collects the same', () => {
  const before = busy();
  const values = collect(before);
  const csrs = all(before);
  const tlb = before.word(HART.readTlb);
  const after = new Rig(); // on the same memory: `before` is gone

  after.position = before.position;
  expect(all(after)).not.toEqual(csrs);
  restore(after, values);
  expect(all(after)).toEqual(csrs);
  expect(collect(after)).toEqual(values);
  expect(after.hart.privilege).toBe(1);
  expect([after.word(HART.reserved), after.word(HART.reservation)]).toEqual([1, 0x8000_0040]);
  expect(after.word(HART.readTlb)).toBe(tlb);
  expect(after.flushes).toBeGreaterThan(0);
  expect(after.hart.deadline()).toBe(12_345);
  expect(after.translate(0x1000n, 0)).toBe(-1); // satp and PMP hold again: an empty root table
  expect(after.hart.faultCause).toBe(12);
});

it('collecting changes nothing and flushes nothing', () => {
  const rig = busy();
  rig.flushes = 0;
  const values = collect(rig);
  expect(rig.flushes).toBe(0);
  expect(collect(rig)).toEqual(values);
});

it('every writable register is part of it', () => {
  const rig = busy();
  rig.hart.privilege = 3;
  const covered = new Map<number, boolean>();
  for (const number of rig.hart.csrNames.keys()) {
    const old = rig.hart.readCsr(number);
    if (old === undefined || number >= 0xc00) continue;
    const before = collect(rig);
    for (const value of [old ^ 1n, old ^ 2n, old ^ 0x100n]) {
      rig.write(number, value);
      if (rig.hart.readCsr(number) === old) continue;
      expect([rig.hart.csrNames.get(number), collect(rig)]).not.toEqual([rig.hart.csrNames.get(number), before]);
      covered.set(number, true);
      rig.write(number, old);
    }
  }
  expect(covered.size).toBeGreaterThan(40);
});

it('what compiled code keeps for itself is not part of it, nor the address of a lost reservation', () => {
  const rig = busy();
  rig.setWord(HART.reserved, 0);
  const values = collect(rig);
  for (const at of [HART.sink, HART.scratch, HART.budget, HART.attention, HART.reservation]) rig.setWord(at, 0x5a5a);
  expect(collect(rig)).toEqual(values);
});

it('a waiting hart waits again, unless what it waited for has come', () => {
  const rig = Rig.open();
  rig.write(CSR.mie, 0x80n);
  rig.hart.system('wfi', 0x1050_0073);
  const values = collect(rig);
  const after = new Rig();
  restore(after, values);
  expect(after.hart.waiting).toBe(true);
});
