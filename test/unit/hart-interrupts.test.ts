/** Interrupts, waiting, and the supervisor timer: privileged specification 20240411, sections 3.1.9, 3.3.3, chapter Sstc. */
import { CSR } from '../../src/isa/csrs.js';
import { MTVEC, PC, Rig, STVEC } from './hart-rig.js';

const MIE = 1n << 3n;
const SIE = 1n << 1n;
const WFI = 0x1050_0073;
const STCE = 1n << 63n;
const INTERRUPT = 1n << 63n;

/** All six pending. */
function everything(): Rig {
  const rig = Rig.open();
  for (const line of [3, 7, 9, 11] as const) rig.hart.setLine(line, true);
  rig.write(CSR.mip, 0x22n);
  rig.write(CSR.mie, 0xaaan);
  return rig;
}

describe('which interrupt is taken', () => {
  it('M-mode: MEI, MSI, MTI, SEI, SSI, STI', () => {
    const rig = everything();
    const order: bigint[] = [];
    for (let i = 0; i < 6; i++) {
      rig.hart.privilege = 3;
      rig.write(CSR.mstatus, MIE);
      rig.hart.pc = PC;
      expect(rig.hart.interruptible()).toBe(true);
      expect(rig.hart.takeInterrupt()).toBe(true);
      const cause = rig.hart.readCsr(CSR.mcause)!;
      order.push(cause & ~INTERRUPT);
      expect(cause & INTERRUPT).toBe(INTERRUPT);
      expect([CSR.mepc, CSR.mtval].map((number) => rig.hart.readCsr(number))).toEqual([PC, 0n]);
      rig.csr('clear', CSR.mie, 1n << (cause & 63n));
    }
    expect(order).toEqual([11n, 3n, 7n, 9n, 1n, 5n]);
    rig.write(CSR.mstatus, MIE);
    expect(rig.hart.takeInterrupt()).toBe(false);
  });

  it('S-mode: SEI, SSI, STI when delegated, after all that are for M-mode', () => {
    const rig = everything();
    rig.write(CSR.mideleg, 0x222n);
    rig.write(CSR.mie, 0x22an);
    const order: [number, bigint][] = [];
    for (let i = 0; i < 4; i++) {
      rig.hart.privilege = 3;
      rig.write(CSR.mstatus, SIE);
      rig.enter(1);
      expect(rig.hart.takeInterrupt()).toBe(true);
      const { privilege } = rig.hart;
      const cause = rig.hart.readCsr(privilege === 3 ? CSR.mcause : CSR.scause)! & 63n;
      order.push([privilege, cause]);
      rig.hart.privilege = 3;
      rig.csr('clear', CSR.mie, 1n << cause);
    }
    expect(order).toEqual([
      [3, 3n],
      [1, 9n],
      [1, 1n],
      [1, 5n],
    ]);
  });

  it.each([
    // [line or software bit, delegated, mode, MIE, SIE, taken in]
    [7, 0n, 3, false, true, undefined],
    [7, 0n, 3, true, false, 3],
    [7, 0n, 1, false, false, 3],
    [7, 0n, 0, false, false, 3],
    [9, 0x200n, 3, true, true, undefined],
    [9, 0x200n, 1, true, false, undefined],
    [9, 0x200n, 1, false, true, 1],
    [9, 0x200n, 0, false, false, 1],
    [9, 0n, 1, false, false, 3],
    [9, 0n, 3, true, false, 3],
  ] as const)('line %d, mideleg %d, mode %d, MIE %s, SIE %s', (line, mideleg, privilege, mie, sie, taken) => {
    const rig = Rig.open();
    rig.write(CSR.mie, 0xaaan);
    rig.write(CSR.mideleg, mideleg);
    rig.write(CSR.mstatus, (mie ? MIE : 0n) | (sie ? SIE : 0n));
    rig.enter(privilege);
    rig.clearAttention();
    rig.hart.setLine(line, true);
    expect(rig.attention).toBe(taken !== undefined);
    expect(rig.hart.interruptible()).toBe(taken !== undefined);
    expect(rig.hart.takeInterrupt()).toBe(taken !== undefined);
    expect(rig.hart.privilege).toBe(taken ?? privilege);
    if (taken !== undefined) expect(rig.hart.pc).toBe(taken === 3 ? MTVEC : STVEC);
  });

  it('vectored handlers lie four bytes a cause above the base', () => {
    const rig = everything();
    rig.write(CSR.mtvec, MTVEC + 1n);
    rig.write(CSR.mstatus, MIE);
    rig.hart.takeInterrupt();
    expect(rig.hart.pc).toBe(MTVEC + 44n);
  });

  it('asks for attention when an instruction makes one takeable', () => {
    const rig = Rig.open();
    rig.hart.setLine(7, true);
    rig.write(CSR.mie, 0x80n);
    expect(rig.attention).toBe(false);
    rig.csr('set', CSR.mstatus, MIE);
    expect(rig.attention).toBe(true);
    rig.clearAttention();
    rig.csr('clear', CSR.mstatus, MIE);
    expect(rig.attention).toBe(false);
    rig.write(CSR.mepc, PC);
    rig.hart.system('mret', 0x3020_0073); // to U-mode
    expect(rig.attention).toBe(true);
  });
});

describe('wfi', () => {
  it('waits until something enabled is pending, whatever the global enables', () => {
    const rig = Rig.open();
    rig.write(CSR.mie, 0x80n);
    expect(rig.hart.system('wfi', WFI)).toBe(false);
    expect([rig.hart.waiting, rig.attention]).toEqual([true, true]);
    rig.hart.setLine(11, true);
    expect(rig.hart.waiting).toBe(true);
    rig.hart.setLine(7, true);
    expect(rig.hart.waiting).toBe(false);
    expect(rig.hart.takeInterrupt()).toBe(false);
  });

  it('does nothing when something is pending already', () => {
    const rig = Rig.open();
    rig.hart.setLine(7, true);
    rig.write(CSR.mie, 0x80n);
    rig.hart.system('wfi', WFI);
    expect(rig.hart.waiting).toBe(false);
  });

  it('ends by the supervisor timer', () => {
    const rig = Rig.open();
    rig.write(CSR.mie, 0x20n);
    rig.write(CSR.menvcfg, STCE);
    rig.write(CSR.stimecmp, 2000n);
    rig.hart.system('wfi', WFI);
    rig.hart.tick(1999);
    expect(rig.hart.waiting).toBe(true);
    rig.hart.tick(2000);
    expect(rig.hart.waiting).toBe(false);
  });
});

describe('stimecmp', () => {
  const pending = (rig: Rig): boolean => (rig.hart.readCsr(CSR.mip)! & 0x20n) !== 0n;

  it('raises and drops STIP as time and comparand say', () => {
    const rig = Rig.open();
    rig.write(CSR.menvcfg, STCE);
    expect(pending(rig)).toBe(false);
    rig.write(CSR.stimecmp, 1500n);
    expect([pending(rig), rig.hart.deadline()]).toEqual([false, 1500]);
    rig.hart.tick(1499);
    expect(pending(rig)).toBe(false);
    rig.hart.tick(1500);
    expect([pending(rig), rig.hart.deadline()]).toEqual([true, Infinity]);
    rig.time = 1500;
    rig.write(CSR.stimecmp, 1600n);
    expect([pending(rig), rig.hart.deadline()]).toEqual([false, 1600]);
  });

  it('a comparand in the past fires at once, by a time read', () => {
    const rig = Rig.open();
    rig.write(CSR.menvcfg, STCE);
    const reads = rig.timeReads;
    const changes = rig.timerChanges;
    rig.write(CSR.mie, 0x20n);
    rig.write(CSR.mstatus, MIE);
    rig.clearAttention();
    rig.write(CSR.stimecmp, 1000n);
    expect(pending(rig)).toBe(true);
    expect(rig.attention).toBe(true);
    expect([rig.timeReads - reads, rig.timerChanges - changes]).toEqual([1, 1]);
  });

  it('the largest comparands never fire', () => {
    const rig = Rig.open();
    rig.write(CSR.menvcfg, STCE);
    for (const never of [2n ** 64n - 1n, 2n ** 63n, 2n ** 53n]) {
      rig.write(CSR.stimecmp, never);
      rig.hart.tick(Number.MAX_SAFE_INTEGER);
      expect([pending(rig), rig.hart.deadline()]).toEqual([false, Infinity]);
    }
  });

  it('without STCE it does nothing and STIP is software’s; with it STIP is not', () => {
    const rig = Rig.open();
    rig.write(CSR.stimecmp, 1n);
    rig.hart.tick(5000);
    expect([pending(rig), rig.timeReads, rig.hart.deadline()]).toEqual([false, 0, Infinity]);
    rig.csr('set', CSR.mip, 0x20n);
    expect(pending(rig)).toBe(true);
    rig.write(CSR.stimecmp, 9000n);
    expect(pending(rig)).toBe(true);
    rig.write(CSR.menvcfg, STCE);
    expect(pending(rig)).toBe(false);
    rig.csr('set', CSR.mip, 0x20n);
    expect(pending(rig)).toBe(false);
    rig.hart.tick(9000);
    rig.csr('clear', CSR.mip, 0x20n);
    expect(pending(rig)).toBe(true);
    rig.write(CSR.menvcfg, 0n);
    expect(pending(rig)).toBe(false);
  });

  it('S-mode needs STCE and mcounteren.TM', () => {
    for (const [menvcfg, mcounteren, allowed] of [
      [0n, 0n, false],
      [0n, 2n, false],
      [STCE, 0n, false],
      [STCE, 2n, true],
    ] as const) {
      const rig = Rig.open();
      rig.write(CSR.menvcfg, menvcfg);
      rig.write(CSR.mcounteren, mcounteren);
      rig.enter(1);
      expect(rig.read(CSR.stimecmp) !== undefined).toBe(allowed);
    }
  });
});
