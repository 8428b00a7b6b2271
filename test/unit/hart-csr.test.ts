/** Each CSR's legal values, and the rules of access: privileged specification 20240411, chapters 2, 3 and 10. */
import { CSR } from '../../src/isa/csrs.js';
import { HART } from '../../src/hart/layout.js';
import { MTVEC, PC, Rig } from './hart-rig.js';

const ONES = 0xffff_ffff_ffff_ffffn;
const PMPCFG0 = 0x3a0;
const PMPADDR0 = 0x3b0;

describe('legal values', () => {
  // [name, number, at reset, after writing all ones, after then writing zero]
  const registers: [string, number, bigint, bigint, bigint][] = [
    ['mstatus', CSR.mstatus, 0xa_0000_0000n, 0x8000_000a_007e_79aan, 0xa_0000_0000n],
    ['sstatus', CSR.sstatus, 0x2_0000_0000n, 0x8000_0002_000c_6122n, 0x2_0000_0000n],
    ['misa', CSR.misa, 0x8000_0000_0014_112dn, 0x8000_0000_0014_112dn, 0x8000_0000_0014_112dn],
    ['medeleg', CSR.medeleg, 0n, 0xb3ffn, 0n],
    ['mideleg', CSR.mideleg, 0n, 0x222n, 0n],
    ['mie', CSR.mie, 0n, 0xaaan, 0n],
    ['mip', CSR.mip, 0n, 0x222n, 0n],
    ['sie', CSR.sie, 0n, 0n, 0n],
    ['sip', CSR.sip, 0n, 0n, 0n],
    ['mtvec', CSR.mtvec, 0n, 0n, 0n],
    ['stvec', CSR.stvec, 0n, 0n, 0n],
    ['mepc', CSR.mepc, 0n, ONES - 1n, 0n],
    ['sepc', CSR.sepc, 0n, ONES - 1n, 0n],
    ['mscratch', CSR.mscratch, 0n, ONES, 0n],
    ['sscratch', CSR.sscratch, 0n, ONES, 0n],
    ['mcause', CSR.mcause, 0n, ONES, 0n],
    ['scause', CSR.scause, 0n, ONES, 0n],
    ['mtval', CSR.mtval, 0n, ONES, 0n],
    ['stval', CSR.stval, 0n, ONES, 0n],
    ['mcounteren', CSR.mcounteren, 0n, 7n, 0n],
    ['scounteren', CSR.scounteren, 0n, 7n, 0n],
    ['mcountinhibit', CSR.mcountinhibit, 0n, 5n, 0n],
    ['menvcfg', CSR.menvcfg, 0n, 0x8000_0000_0000_0001n, 0n],
    ['senvcfg', CSR.senvcfg, 0n, 1n, 0n],
    ['mseccfg', CSR.mseccfg, 0n, 0x300n, 0n],
    ['stimecmp', CSR.stimecmp, ONES, ONES, 0n],
    ['satp', CSR.satp, 0n, 0n, 0n],
    ['mhpmcounter3', 0xb03, 0n, 0n, 0n],
    ['mhpmevent31', 0x33f, 0n, 0n, 0n],
    ['tselect', CSR.tselect, 0n, 0n, 0n],
    ['tdata1', CSR.tdata1, 0n, 0n, 0n],
    ['pmpaddr15', PMPADDR0 + 15, 0n, (1n << 54n) - 1n, 0n],
    // Locked by the write of all ones.
    ['pmpcfg0', PMPCFG0, 0n, 0x9f9f_9f9f_9f9f_9f9fn, 0x9f9f_9f9f_9f9f_9f9fn],
    ['pmpcfg2', PMPCFG0 + 2, 0n, 0x9f9f_9f9f_9f9f_9f9fn, 0x9f9f_9f9f_9f9f_9f9fn],
  ];

  it.each(registers)('%s', (_name, number, reset, ones, zero) => {
    const rig = new Rig();
    expect(rig.read(number)).toBe(reset);
    expect(rig.settle(number, ONES)).toBe(ones);
    expect(rig.settle(number, 0n)).toBe(zero);
  });

  it.each([CSR.mvendorid, CSR.marchid, CSR.mimpid, CSR.mhartid, CSR.mconfigptr])(
    'identity register %i reads zero',
    (number) => {
      expect(new Rig().read(number)).toBe(0n);
    },
  );

  it('keeps MPP where the reserved mode 2 is written', () => {
    const rig = new Rig();
    for (const [mpp, after] of [
      [1n, 1n],
      [2n, 1n],
      [3n, 3n],
      [2n, 3n],
      [0n, 0n],
    ] as const) {
      expect((rig.settle(CSR.mstatus, mpp << 11n)! >> 11n) & 3n).toBe(after);
    }
  });

  it.each([CSR.mtvec, CSR.stvec])('vector %i takes modes 0 and 1 and keeps the old value for others', (number) => {
    const rig = new Rig();
    expect(rig.settle(number, 0x8000_0101n)).toBe(0x8000_0101n);
    expect(rig.settle(number, 0x9000_0002n)).toBe(0x8000_0101n);
    expect(rig.settle(number, 0x9000_0003n)).toBe(0x8000_0101n);
    expect(rig.settle(number, 0x9000_0000n)).toBe(0x9000_0000n);
  });

  it('satp takes modes 0 and 8 with 16 bits of ASID, and nothing of a write with another mode', () => {
    const rig = new Rig();
    const sv39 = (8n << 60n) | (0xffffn << 44n) | 0xfff_ffff_ffffn;
    expect(rig.settle(CSR.satp, sv39)).toBe(sv39);
    for (const mode of [1n, 7n, 9n, 10n, 15n]) expect(rig.settle(CSR.satp, (mode << 60n) | 5n)).toBe(sv39);
    expect(rig.settle(CSR.satp, 0n)).toBe(0n);
    expect(rig.flushes).toBe(2);
  });

  it('SD follows FS, which compiled code shares', () => {
    const rig = new Rig();
    rig.setWord(HART.fs, 3);
    expect(rig.read(CSR.mstatus)! >> 63n).toBe(1n);
    rig.write(CSR.sstatus, 2n << 13n);
    expect(rig.word(HART.fs)).toBe(2);
    expect(rig.read(CSR.sstatus)).toBe(0x2_0000_4000n);
  });

  it('sstatus writes leave the machine fields alone', () => {
    const rig = new Rig();
    rig.write(CSR.mstatus, 0x7e_79aan);
    rig.write(CSR.sstatus, 0n);
    expect(rig.read(CSR.mstatus)).toBe(0xa_0072_1888n);
  });

  it('a PMP configuration that is writable but not readable becomes neither', () => {
    const rig = new Rig();
    expect(rig.settle(PMPCFG0, 0x1a_06_02n)).toBe(0x18_04_00n);
  });

  it('a locked PMP region keeps its registers, and a locked TOR region the address below too', () => {
    const rig = new Rig();
    rig.write(PMPADDR0 + 1, 0x2000_0000n);
    rig.write(PMPADDR0 + 2, 0x2000_1000n);
    rig.write(PMPCFG0, 0x8f_00_00n); // region 2: locked TOR
    for (const index of [1, 2]) {
      const before = rig.read(PMPADDR0 + index);
      expect(rig.settle(PMPADDR0 + index, 0x55n)).toBe(before);
    }
    expect(rig.settle(PMPADDR0, 0x55n)).toBe(0x55n);
    expect(rig.settle(PMPADDR0 + 3, 0x55n)).toBe(0x55n);
    expect(rig.settle(PMPCFG0, 0x1f_1f_1fn)).toBe(0x8f_1f_1fn);
    rig.hart.reset(PC, [0n, 0n]);
    expect(rig.read(PMPCFG0)).toBe(0n);
  });
});

describe('access', () => {
  const illegal = (rig: Rig, raw: bigint): void => {
    expect(rig.hart.readCsr(CSR.mcause)).toBe(2n);
    expect(rig.hart.readCsr(CSR.mtval)).toBe(raw);
    expect(rig.hart.readCsr(CSR.mepc)).toBe(PC);
    expect(rig.hart.pc).toBe(MTVEC);
  };
  const raw = (number: number, funct3: bigint, rd: bigint, rs1: bigint): bigint =>
    (BigInt(number) << 20n) | (rs1 << 15n) | (funct3 << 12n) | (rd << 7n) | 0x73n;

  it('sets, clears and swaps by the kind, and answers the old value', () => {
    const rig = Rig.open();
    expect(rig.csr('write', CSR.mscratch, 0xff00n)).toBe(0n);
    expect(rig.csr('set', CSR.mscratch, 0x00f0n)).toBe(0xff00n);
    expect(rig.csr('clear', CSR.mscratch, 0x0ff0n)).toBe(0xfff0n);
    expect(rig.read(CSR.mscratch)).toBe(0xf000n);
  });

  it.each([0x7c0, 0x3a1, 0x3a4, 0x3c0, 0x310, CSR.dcsr, CSR.mtinst, 0x600])('%i does not exist', (number) => {
    const rig = Rig.open();
    rig.hart.pc = PC;
    expect(rig.read(number)).toBeUndefined();
    illegal(rig, raw(number, 2n, 5n, 0n));
    expect(rig.hart.readCsr(number)).toBeUndefined();
  });

  it('read-only registers may be read by csrrs and csrrc of x0, and are illegal to write', () => {
    const rig = Rig.open();
    for (const kind of ['set', 'clear'] as const) {
      expect(rig.csr(kind, CSR.mhartid, 0n, 5, 0)).toBe(0n);
      // A register that happens to hold zero is a write all the same.
      expect(rig.csr(kind, CSR.mhartid, 0n, 5, 6)).toBeUndefined();
    }
    rig.hart.pc = PC;
    expect(rig.csr('write', CSR.cycle, 0n, 0, 0)).toBeUndefined();
    illegal(rig, raw(CSR.cycle, 1n, 0n, 0n));
  });

  it.each([
    [0, [CSR.sstatus, CSR.satp, CSR.mstatus, CSR.stimecmp, CSR.mvendorid, 0x3a0]],
    [1, [CSR.mstatus, CSR.mie, CSR.mcycle, CSR.mhartid, CSR.menvcfg, 0x3b0, CSR.tselect]],
  ] as const)('mode %d may not touch what belongs to a higher one', (privilege, numbers) => {
    for (const number of numbers) {
      const rig = Rig.open();
      rig.enter(privilege);
      expect(rig.read(number)).toBeUndefined();
      illegal(rig, raw(number, 2n, 5n, 0n));
    }
  });

  it('TVM keeps S-mode from satp, and not M-mode', () => {
    const rig = Rig.open();
    rig.write(CSR.mstatus, 1n << 20n);
    expect(rig.read(CSR.satp)).toBe(0n);
    rig.enter(1);
    expect(rig.read(CSR.satp)).toBeUndefined();
  });

  it('fcsr and its parts need FS, and writing them makes the state dirty', () => {
    const rig = Rig.open();
    for (const number of [CSR.fflags, CSR.frm, CSR.fcsr]) expect(rig.read(number)).toBeUndefined();
    rig.write(CSR.mstatus, 1n << 13n);
    expect(rig.read(CSR.fcsr)).toBe(0n);
    expect(rig.word(HART.fs)).toBe(1);
    rig.write(CSR.fcsr, 0x1_ffn);
    expect(rig.word(HART.fs)).toBe(3);
    expect([rig.word(HART.frm), rig.word(HART.fflags)]).toEqual([7, 31]);
    rig.write(CSR.frm, 0x1dn);
    rig.write(CSR.fflags, 0x22n);
    expect(rig.read(CSR.fcsr)).toBe((5n << 5n) | 2n);
  });

  it('mip: an external interrupt never leaks into the software bit', () => {
    const rig = Rig.open();
    rig.hart.setLine(9, true);
    rig.csr('set', CSR.mip, 1n << 1n);
    expect(rig.read(CSR.mip)).toBe(0x202n);
    rig.hart.setLine(9, false);
    expect(rig.read(CSR.mip)).toBe(0x002n);
    rig.csr('set', CSR.mip, 1n << 9n);
    rig.hart.setLine(9, true);
    rig.csr('clear', CSR.mip, 1n << 9n);
    expect(rig.read(CSR.mip)).toBe(0x202n);
    rig.hart.setLine(9, false);
    expect(rig.read(CSR.mip)).toBe(0x002n);
  });

  it('sip and sie show and change what is delegated only', () => {
    const rig = Rig.open();
    rig.write(CSR.mideleg, 0x202n);
    rig.write(CSR.mie, 0xaaan);
    rig.write(CSR.mip, 0x222n);
    rig.enter(1);
    expect(rig.read(CSR.sie)).toBe(0x202n);
    expect(rig.read(CSR.sip)).toBe(0x202n);
    rig.write(CSR.sie, 0n);
    rig.write(CSR.sip, 0n);
    expect(rig.hart.readCsr(CSR.mie)).toBe(0x8a8n);
    expect(rig.hart.readCsr(CSR.mip)).toBe(0x220n);
    rig.write(CSR.sip, 0x222n);
    expect(rig.hart.readCsr(CSR.mip)).toBe(0x222n);
    rig.hart.privilege = 3;
    rig.write(CSR.mideleg, 0n);
    rig.write(CSR.mip, 0n);
    rig.enter(1);
    rig.write(CSR.sip, 2n);
    expect(rig.hart.readCsr(CSR.mip)).toBe(0n);
  });
});

describe('seed', () => {
  it('answers 16 bits of entropy to every form that writes', () => {
    const rig = Rig.open();
    expect(rig.csr('write', CSR.seed, 0n)).toBe(0x8000_1234n);
    expect(rig.csr('set', CSR.seed, 0n)).toBe(0x8000_abcdn);
    expect(rig.csr('clear', CSR.seed, 1n)).toBe(0x8000_ffffn);
  });

  it('is illegal to read without a write, and asks for nothing then', () => {
    const rig = Rig.open();
    expect(rig.csr('set', CSR.seed, 0n, 5, 0)).toBeUndefined();
    expect(rig.csr('clear', CSR.seed, 0n, 5, 0)).toBeUndefined();
    expect(rig.csr('write', CSR.seed, 0n, 0, 0)).toBe(0n);
    expect(rig.hart.readCsr(CSR.seed)).toBeUndefined();
    expect(rig.seeds).toHaveLength(3);
  });

  it('is for M and S always, for U under USEED', () => {
    const rig = Rig.open();
    rig.enter(1);
    expect(rig.csr('write', CSR.seed, 0n)).toBe(0x8000_1234n);
    rig.enter(0);
    expect(rig.csr('write', CSR.seed, 0n)).toBeUndefined();
    rig.write(CSR.mseccfg, 1n << 8n);
    rig.enter(0);
    expect(rig.csr('write', CSR.seed, 0n)).toBe(0x8000_abcdn);
  });
});
