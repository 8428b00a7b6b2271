/** Counters: privileged specification 20240411, sections 3.1.10 to 3.1.12 and 10.1.5. */
import { CSR } from '../../src/isa/csrs.js';
import { Rig } from './hart-rig.js';

describe('mcycle and minstret', () => {
  it.each([
    [CSR.mcycle, CSR.cycle],
    [CSR.minstret, CSR.instret],
  ])('%i counts the instructions before the one that reads', (machine, user) => {
    const rig = new Rig();
    expect(rig.read(machine)).toBe(0n);
    rig.position = 1_000_000;
    expect(rig.read(machine)).toBe(1_000_000n);
    expect(rig.read(user)).toBe(1_000_001n);
    expect(rig.hart.readCsr(machine)).toBe(1_000_002n);
  });

  it.each([CSR.mcycle, CSR.minstret])('the instruction behind a write of %i reads what was written', (number) => {
    const rig = new Rig();
    rig.position = 500;
    for (const value of [0n, 77n, 0xffff_ffff_ffff_ffffn]) {
      rig.write(number, value);
      expect(rig.hart.readCsr(number)).toBe(value);
      expect(rig.read(number)).toBe(value);
      expect(rig.read(number)).toBe((value + 1n) & 0xffff_ffff_ffff_ffffn);
    }
  });

  it('csrrw answers the count before it', () => {
    const rig = new Rig();
    rig.position = 10;
    expect(rig.csr('write', CSR.mcycle, 5n)).toBe(10n);
    expect(rig.csr('set', CSR.mcycle, 0x100n)).toBe(5n);
    expect(rig.read(CSR.mcycle)).toBe(0x105n);
  });

  it('mcountinhibit stops each alone, and a stopped one can be written', () => {
    const rig = new Rig();
    rig.position = 100;
    rig.write(CSR.mcountinhibit, 4n);
    rig.position = 200;
    expect(rig.read(CSR.minstret)).toBe(101n);
    expect(rig.read(CSR.mcycle)).toBe(201n);
    rig.write(CSR.minstret, 7n);
    rig.position = 300;
    expect(rig.read(CSR.minstret)).toBe(7n);
    rig.write(CSR.mcountinhibit, 0n);
    expect(rig.read(CSR.minstret)).toBe(7n);
    expect(rig.read(CSR.minstret)).toBe(8n);
    expect(rig.read(CSR.mcycle)).toBe(304n);
  });
});

describe('who may read', () => {
  const counters: [string, number, bigint][] = [
    ['cycle', CSR.cycle, 1n],
    ['time', CSR.time, 2n],
    ['instret', CSR.instret, 4n],
  ];
  it.each(counters)('%s', (_name, number, bit) => {
    for (const mcounteren of [0n, bit, 7n & ~bit]) {
      for (const scounteren of [0n, bit, 7n & ~bit]) {
        for (const privilege of [0, 1, 3] as const) {
          const rig = Rig.open();
          rig.write(CSR.mcounteren, mcounteren);
          rig.write(CSR.scounteren, scounteren);
          rig.enter(privilege);
          const byMachine = (mcounteren & bit) !== 0n;
          const bySupervisor = (scounteren & bit) !== 0n;
          const allowed = privilege === 3 || (byMachine && (privilege === 1 || bySupervisor));
          expect(rig.read(number) !== undefined).toBe(allowed);
          expect(rig.timeReads).toBe(number === CSR.time && allowed ? 1 : 0);
        }
      }
    }
  });

  it('hpmcounters are zero for M-mode and illegal below', () => {
    const rig = Rig.open();
    rig.write(CSR.mcounteren, 0xffff_ffffn);
    for (const number of [0xc03, 0xc1f]) expect(rig.read(number)).toBe(0n);
    rig.enter(1);
    expect(rig.read(0xc1f)).toBeUndefined();
  });
});

it('time is what the port answers, and not for reports', () => {
  const rig = new Rig();
  rig.time = 123_456_789;
  expect(rig.read(CSR.time)).toBe(123_456_789n);
  expect(rig.hart.readCsr(CSR.time)).toBeUndefined();
  expect(rig.timeReads).toBe(1);
});
