/** Trap entry, delegation and return, system instructions: privileged specification 20240411, sections 3.1.6 to 3.3. */
import { CSR } from '../../src/isa/csrs.js';
import { HART } from '../../src/hart/layout.js';
import { CAUSE } from '../../src/hart/trap.js';
import { MTVEC, PC, Rig, STVEC } from './hart-rig.js';

const MRET = 0x3020_0073;
const SRET = 0x1020_0073;
const WFI = 0x1050_0073;
const SFENCE = 0x1200_0073;

const TSR = 1n << 22n;
const TW = 1n << 21n;
const TVM = 1n << 20n;
const MPRV = 1n << 17n;

const status = (rig: Rig): bigint => rig.hart.readCsr(CSR.mstatus)! & 0x7e_79aan;

describe('trap entry', () => {
  it('into M-mode pushes MIE and the privilege, and describes the exception', () => {
    const rig = Rig.open();
    rig.write(CSR.mstatus, 1n << 3n);
    rig.enter(1);
    rig.hart.raise(CAUSE.loadAccess, 0xdead_beefn);
    expect(rig.hart.privilege).toBe(3);
    expect(status(rig)).toBe((1n << 7n) | (1n << 11n));
    expect(rig.hart.readCsr(CSR.mcause)).toBe(5n);
    expect(rig.hart.readCsr(CSR.mtval)).toBe(0xdead_beefn);
    expect(rig.hart.readCsr(CSR.mepc)).toBe(PC);
    expect(rig.hart.pc).toBe(MTVEC);
    rig.hart.pc = PC;
    rig.hart.raise(CAUSE.breakpoint, 0n);
    expect(status(rig)).toBe(3n << 11n);
  });

  it.each([0, 1] as const)('into S-mode from mode %d pushes SIE and the privilege', (privilege) => {
    const rig = Rig.open();
    rig.write(CSR.medeleg, 0xffffn);
    rig.write(CSR.mstatus, (1n << 1n) | (1n << 3n));
    rig.enter(privilege);
    rig.hart.raise(CAUSE.storePage, 0x4000n);
    expect(rig.hart.privilege).toBe(1);
    expect(status(rig)).toBe((1n << 3n) | (1n << 5n) | (BigInt(privilege) << 8n));
    expect(rig.hart.readCsr(CSR.scause)).toBe(15n);
    expect(rig.hart.readCsr(CSR.stval)).toBe(0x4000n);
    expect(rig.hart.readCsr(CSR.sepc)).toBe(PC);
    expect(rig.hart.pc).toBe(STVEC);
    expect(rig.hart.readCsr(CSR.mcause)).toBe(0n);
  });

  it('exceptions go to the base of a vectored xtvec', () => {
    const rig = Rig.open();
    rig.write(CSR.mtvec, MTVEC + 1n);
    rig.hart.raise(CAUSE.illegalInstruction, 0n);
    expect(rig.hart.pc).toBe(MTVEC);
  });

  it('loses the reservation, as a return does', () => {
    const rig = Rig.open();
    for (const act of [
      () => rig.hart.raise(CAUSE.breakpoint, 0n),
      () => rig.hart.system('mret', MRET),
      () => {
        rig.hart.privilege = 3;
        rig.hart.system('sret', SRET);
      },
    ]) {
      rig.setWord(HART.reserved, 1);
      act();
      expect(rig.word(HART.reserved)).toBe(0);
    }
  });

  it('delegates exactly what medeleg says, and nothing of M-mode', () => {
    const rig = Rig.open();
    const causes = Object.values(CAUSE);
    for (const delegated of causes) {
      for (const raised of causes) {
        for (const privilege of [0, 1, 3] as const) {
          rig.hart.privilege = 3;
          rig.write(CSR.medeleg, 1n << BigInt(delegated));
          rig.enter(privilege);
          rig.hart.raise(raised, 0n);
          const toSupervisor = privilege !== 3 && raised === delegated && raised !== CAUSE.ecallFromM;
          expect([delegated, raised, privilege, rig.hart.privilege]).toEqual([
            delegated,
            raised,
            privilege,
            toSupervisor ? 1 : 3,
          ]);
        }
      }
    }
  });
});

describe('returns', () => {
  it('mret pops the M stack', () => {
    const rig = Rig.open();
    rig.write(CSR.mepc, 0x8000_4002n);
    rig.write(CSR.mstatus, (1n << 7n) | (1n << 11n) | MPRV);
    expect(rig.hart.system('mret', MRET)).toBe(true);
    expect(rig.hart.pc).toBe(0x8000_4002n);
    expect(rig.hart.privilege).toBe(1);
    expect(status(rig)).toBe((1n << 3n) | (1n << 7n));
  });

  it('mret to M-mode keeps MPRV', () => {
    const rig = Rig.open();
    rig.write(CSR.mstatus, (3n << 11n) | MPRV | (1n << 3n));
    rig.hart.system('mret', MRET);
    expect(rig.hart.privilege).toBe(3);
    expect(status(rig)).toBe((1n << 7n) | MPRV);
  });

  it.each([
    [0n, 0],
    [1n, 1],
  ] as const)('sret with SPP %d pops the S stack and clears MPRV', (spp, privilege) => {
    const rig = Rig.open();
    rig.write(CSR.sepc, 0x8000_5000n);
    rig.write(CSR.mstatus, (1n << 5n) | (spp << 8n) | MPRV);
    rig.enter(1);
    expect(rig.hart.system('sret', SRET)).toBe(true);
    expect(rig.hart.pc).toBe(0x8000_5000n);
    expect(rig.hart.privilege).toBe(privilege);
    expect(status(rig)).toBe((1n << 1n) | (1n << 5n));
  });
});

describe('system instructions', () => {
  it.each([
    [0, 8n],
    [1, 9n],
    [3, 11n],
  ] as const)('ecall from mode %d', (privilege, cause) => {
    const rig = Rig.open();
    rig.enter(privilege);
    expect(rig.hart.system('ecall', 0x73)).toBe(true);
    expect(rig.hart.readCsr(CSR.mcause)).toBe(cause);
    expect(rig.hart.readCsr(CSR.mtval)).toBe(0n);
    expect(rig.hart.readCsr(CSR.mepc)).toBe(PC);
  });

  it('ebreak', () => {
    const rig = Rig.open();
    rig.enter(3);
    expect(rig.hart.system('ebreak', 0x10_0073)).toBe(true);
    expect([CSR.mcause, CSR.mtval, CSR.mepc].map((number) => rig.hart.readCsr(number))).toEqual([3n, 0n, PC]);
  });

  const permissions: ['mret' | 'sret' | 'wfi' | 'sfence.vma', number, 0 | 1 | 3, bigint, boolean][] = [
    ['mret', MRET, 0, 0n, false],
    ['mret', MRET, 1, 0n, false],
    ['mret', MRET, 3, TSR | TW | TVM, true],
    ['sret', SRET, 0, 0n, false],
    ['sret', SRET, 1, 0n, true],
    ['sret', SRET, 1, TSR, false],
    ['sret', SRET, 3, TSR, true],
    ['wfi', WFI, 0, 0n, false],
    ['wfi', WFI, 1, 0n, true],
    ['wfi', WFI, 1, TW, false],
    ['wfi', WFI, 3, TW, true],
    ['sfence.vma', SFENCE, 0, 0n, false],
    ['sfence.vma', SFENCE, 1, 0n, true],
    ['sfence.vma', SFENCE, 1, TVM, false],
    ['sfence.vma', SFENCE, 3, TVM, true],
  ];
  it.each(permissions)('%s (%d) in mode %d with mstatus %d: %s', (operation, raw, privilege, mstatus, allowed) => {
    const rig = Rig.open();
    rig.write(CSR.mstatus, mstatus);
    rig.enter(privilege);
    const moved = rig.hart.system(operation, raw);
    if (allowed) {
      expect(moved).toBe(operation.endsWith('ret'));
      expect(rig.hart.readCsr(CSR.mcause)).toBe(0n);
    } else {
      expect(moved).toBe(true);
      expect(rig.hart.readCsr(CSR.mcause)).toBe(2n);
      expect(rig.hart.readCsr(CSR.mtval)).toBe(BigInt(raw));
      expect(rig.hart.readCsr(CSR.mepc)).toBe(PC);
    }
  });

  it('sfence.vma flushes nothing: what is cached always is what the tables hold', () => {
    const rig = Rig.open();
    rig.hart.setX(7, 0xffff_ffc0_0000_1000n);
    expect(rig.hart.system('sfence.vma', SFENCE)).toBe(false);
    expect(rig.hart.system('sfence.vma', SFENCE | (7 << 15))).toBe(false);
    expect(rig.flushes).toBe(0);
  });

  it('fence.i goes to whoever caches code', () => {
    const rig = Rig.open();
    expect(rig.hart.system('fence.i', 0x100f)).toBe(false);
    expect(rig.instructionFences).toBe(1);
  });
});

describe('reset', () => {
  it('starts M-mode at the given address with a0 and a1, all else zero', () => {
    const rig = Rig.open();
    rig.hart.setX(3, 7n);
    rig.hart.setF(3, 7n);
    rig.write(CSR.mscratch, 7n);
    rig.hart.setLine(7, true);
    rig.enter(0);
    rig.hart.reset(0x8020_0000n, [1n, 0x8700_0000n]);
    expect(rig.hart.privilege).toBe(3);
    expect(rig.hart.pc).toBe(0x8020_0000n);
    expect(Array.from({ length: 32 }, (_, i) => rig.hart.getX(i)).filter((x) => x !== 0n)).toEqual([1n, 0x8700_0000n]);
    expect([rig.hart.getX(10), rig.hart.getF(3), rig.hart.readCsr(CSR.mscratch), rig.hart.readCsr(CSR.mip)]).toEqual([
      1n,
      0n,
      0n,
      0n,
    ]);
  });

  it('x0 stays zero', () => {
    const rig = new Rig();
    rig.hart.setX(0, 5n);
    expect(rig.hart.getX(0)).toBe(0n);
  });
});
