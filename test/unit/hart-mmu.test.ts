/** Translation, its contexts and what makes cached translations wrong: privileged specification 20240411, section 10.3. */
import { CSR } from '../../src/isa/csrs.js';
import { DRAM_BASE, HART, fetchTlbOf, readTlbOf, writeTlbOf, type TlbContext } from '../../src/hart/layout.js';
import { MTVEC, PC, RAM_BYTES, Rig } from './hart-rig.js';

const SV39 = 8n << 60n;
const SUM = 1n << 18n;
const MXR = 1n << 19n;
const MPRV = 1n << 17n;
const MPP_S = 1n << 11n;
const [V, R, W, X, U, A, D] = [1n, 2n, 4n, 8n, 16n, 64n, 128n];

const ROOT = DRAM_BASE + 0x10000;
const MIDDLE = DRAM_BASE + 0x11000;
const LEAVES = DRAM_BASE + 0x12000;
const TARGET = DRAM_BASE + 0x20000;

const pointer = (physical: number, flags: bigint): bigint => (BigInt(physical / 4096) << 10n) | flags;

/** Sv39 on, with the page at virtual 0x1000 mapped to TARGET by the given leaf flags. */
function mapped(flags: bigint, mstatus = 0n): Rig {
  const rig = Rig.open();
  rig.writeRam(ROOT, pointer(MIDDLE, V));
  rig.writeRam(MIDDLE, pointer(LEAVES, V));
  rig.writeRam(LEAVES + 8, pointer(TARGET, flags));
  rig.write(CSR.satp, SV39 | BigInt(ROOT / 4096));
  rig.write(CSR.mstatus, mstatus);
  rig.enter(1);
  return rig;
}

const leaf = (rig: Rig): bigint => rig.readRam(LEAVES + 8) & 0x3ffn;

describe('Bare and M-mode', () => {
  it('answers the address itself', () => {
    const rig = Rig.open();
    for (const privilege of [3, 1, 0] as const) {
      rig.enter(privilege);
      for (const access of [0, 1, 2] as const) expect(rig.translate(0x8000_1234n, access)).toBe(0x8000_1234);
    }
    expect(rig.translate(0x1f_ffff_8000_0000n, 1)).toBe(0x1f_ffff_8000_0000);
  });

  it('faults where no physical address can be', () => {
    const rig = Rig.open();
    for (const address of [1n << 53n, 0xffff_ffff_8000_0000n]) {
      expect(rig.translate(address, 1)).toBe(-1);
      expect(rig.hart.faultCause).toBe(5);
    }
  });

  it('S and U reach nothing while no PMP region is set', () => {
    const rig = new Rig();
    expect(rig.translate(0x8000_0000n, 0)).toBe(0x8000_0000);
    for (const privilege of [1, 0] as const) {
      rig.enter(privilege);
      for (const [access, cause] of [
        [0, 1],
        [1, 5],
        [2, 7],
      ] as const) {
        expect(rig.translate(0x8000_0000n, access)).toBe(-1);
        expect(rig.hart.faultCause).toBe(cause);
      }
    }
  });
});

describe('Sv39', () => {
  it('sets A on a read or fetch and D on a store, and says that it wrote', () => {
    const rig = mapped(V | R | W | X);
    expect(rig.translate(0x1abcn, 1)).toBe(TARGET + 0xabc);
    expect(leaf(rig)).toBe(V | R | W | X | A);
    expect(rig.translate(0x1abcn, 0)).toBe(TARGET + 0xabc);
    expect(rig.written).toEqual([LEAVES + 8]);
    expect(rig.translate(0x1ffcn, 2, 4)).toBe(TARGET + 0xffc);
    expect(leaf(rig)).toBe(V | R | W | X | A | D);
    expect(rig.written).toEqual([LEAVES + 8, LEAVES + 8]);
    rig.translate(0x1000n, 2);
    expect(rig.written).toHaveLength(2);
  });

  it('names every entry it reads, and the one that made the translation', () => {
    const rig = mapped(V | R | A);
    rig.translate(0x1000n, 1);
    expect(rig.tableReads).toEqual([ROOT, MIDDLE, LEAVES + 8]);
    expect([rig.hart.leaf, rig.hart.leafLevel]).toEqual([LEAVES + 8, 0]);
    rig.writeRam(MIDDLE + 8, pointer(DRAM_BASE, V | R | A));
    expect(rig.translate(0x20_5678n, 1)).toBe(DRAM_BASE + 0x5678);
    expect([rig.hart.leaf, rig.hart.leafLevel]).toEqual([MIDDLE + 8, 1]);
    rig.hart.privilege = 3;
    rig.translate(0x8000_0000n, 1);
    expect(rig.hart.leaf).toBe(-1);
  });

  it('leaves A and D alone where the access is not permitted', () => {
    const rig = mapped(V | R);
    expect(rig.translate(0x1000n, 2)).toBe(-1);
    expect([leaf(rig), rig.written.length, rig.hart.faultCause]).toEqual([V | R, 0, 15]);
  });

  it.each([
    [1, 13],
    [0, 12],
    [2, 15],
  ] as const)('access %d to what is not mapped raises %d with the address', (access, cause) => {
    const rig = mapped(V | R);
    rig.hart.pc = PC;
    const address = 0xffff_ffc0_1234_5678n;
    expect(rig.translate(address, access)).toBe(-1);
    rig.hart.raiseFault(Number(address >> 32n) | 0, Number(address & 0xffff_ffffn) | 0);
    expect([CSR.mcause, CSR.mtval, CSR.mepc].map((number) => rig.hart.readCsr(number))).toEqual([
      BigInt(cause),
      address,
      PC,
    ]);
    expect(rig.hart.pc).toBe(MTVEC);
  });

  it.each([0x40_0000_1000n, 0x8000_0000_0000_1000n, 0xffff_ffbf_ffff_f000n, 0x7fff_ffff_ffff_f000n])(
    'address %d is not canonical',
    (address) => {
      const rig = mapped(V | R);
      expect(rig.translate(address, 1)).toBe(-1);
      expect(rig.hart.faultCause).toBe(13);
    },
  );

  it('a page table outside RAM is an access fault of the original kind', () => {
    for (const table of [0x1000_0000, DRAM_BASE + RAM_BYTES, 2 ** 40]) {
      const rig = mapped(V | R);
      rig.writeRam(MIDDLE, pointer(table, V));
      for (const [access, cause] of [
        [0, 1],
        [1, 5],
        [2, 7],
      ] as const) {
        expect(rig.translate(0x1000n, access)).toBe(-1);
        expect(rig.hart.faultCause).toBe(cause);
      }
    }
  });

  it('PMP guards the page tables, and their A and D bits as stores', () => {
    const rig = mapped(V | R | W);
    rig.hart.privilege = 3;
    // Region 0: the leaf table, read-only; region 1: everything.
    rig.write(0x3b0, BigInt(LEAVES / 4) | 511n);
    rig.write(0x3b1, (1n << 54n) - 1n);
    rig.write(0x3a0, 0x1f_19n);
    rig.enter(1);
    expect(rig.translate(0x1000n, 1)).toBe(-1);
    expect(rig.hart.faultCause).toBe(5);
    expect(leaf(rig)).toBe(V | R | W);
    rig.writeRam(LEAVES + 8, pointer(TARGET, V | R | W | A));
    expect(rig.translate(0x1000n, 1)).toBe(TARGET);
    rig.hart.privilege = 3;
    rig.write(0x3a0, 0x1f_18n);
    rig.enter(1);
    expect(rig.translate(0x1000n, 1)).toBe(-1);
    expect(rig.hart.faultCause).toBe(5);
  });

  it('MPRV applies to data and not to fetches', () => {
    const rig = mapped(V | R, MPRV | MPP_S);
    rig.hart.privilege = 3;
    expect(rig.translate(0x1000n, 1)).toBe(TARGET);
    expect(rig.translate(0x1000n, 0)).toBe(0x1000);
  });

  it('MXR makes executable pages readable', () => {
    expect(mapped(V | X).translate(0x1000n, 1)).toBe(-1);
    expect(mapped(V | X, MXR).translate(0x1000n, 1)).toBe(TARGET);
    expect(mapped(V | X, MXR).translate(0x1000n, 2)).toBe(-1);
  });

  it('SUM opens user pages to S-mode’s data, never to its fetches', () => {
    const flags = V | R | W | X | U;
    expect(mapped(flags).translate(0x1000n, 1)).toBe(-1);
    expect(mapped(flags, SUM).translate(0x1000n, 1)).toBe(TARGET);
    expect(mapped(flags, SUM).translate(0x1000n, 0)).toBe(-1);
  });
});

describe('contexts', () => {
  const select = (rig: Rig): number[] => [HART.readTlb, HART.writeTlb, HART.fetchTlb].map((at) => rig.word(at));
  const tlbs = (data: TlbContext, fetch: TlbContext): number[] => [
    readTlbOf(data),
    writeTlbOf(data),
    fetchTlbOf(fetch),
  ];

  it.each([
    [3, 0n, 0, 0],
    [3, MPP_S, 0, 0],
    [3, MPRV | MPP_S, 1, 0],
    [3, MPRV | MPP_S | SUM, 2, 0],
    [3, MPRV, 3, 0],
    [3, MPRV | (3n << 11n), 0, 0],
    [1, 0n, 1, 1],
    [1, SUM, 2, 1],
    [0, SUM, 3, 3],
  ] as const)('mode %d with mstatus %d: data %d, fetch %d', (privilege, mstatus, data, fetch) => {
    const rig = Rig.open();
    rig.write(CSR.mstatus, mstatus);
    rig.enter(privilege);
    expect([rig.hart.dataContext(), rig.hart.fetchContext()]).toEqual([data, fetch]);
    expect(select(rig)).toEqual(tlbs(data, fetch));
  });

  it('follow traps and returns', () => {
    const rig = Rig.open();
    rig.write(CSR.mstatus, MPP_S | SUM);
    rig.hart.system('mret', 0x3020_0073);
    expect(select(rig)).toEqual(tlbs(2, 1));
    rig.csr('clear', CSR.sstatus, SUM);
    expect(select(rig)).toEqual(tlbs(1, 1));
    rig.hart.system('ecall', 0x73);
    expect(select(rig)).toEqual(tlbs(0, 0));
  });

  it('cached translations go when satp, MXR or PMP change, and only then', () => {
    const rig = Rig.open();
    const flushed = (act: () => void): boolean => {
      rig.flushes = 0;
      act();
      return rig.flushes > 0;
    };
    const satp = SV39 | BigInt(ROOT / 4096);
    expect(flushed(() => rig.write(CSR.satp, satp))).toBe(true);
    expect(flushed(() => rig.write(CSR.satp, satp))).toBe(false);
    expect(flushed(() => rig.write(CSR.satp, satp | (5n << 44n)))).toBe(true);
    expect(flushed(() => rig.write(CSR.mstatus, MXR))).toBe(true);
    expect(flushed(() => rig.write(CSR.mstatus, MXR | SUM | MPRV | MPP_S))).toBe(false);
    expect(flushed(() => rig.write(CSR.sstatus, SUM))).toBe(true);
    expect(flushed(() => rig.write(0x3b3, 5n))).toBe(true);
    expect(flushed(() => rig.write(0x3b3, 5n))).toBe(false);
    expect(flushed(() => rig.write(0x3a2, 0x1fn))).toBe(true);
  });
});

describe('cacheable', () => {
  it('a page of RAM with one PMP answer', () => {
    const rig = Rig.open();
    rig.enter(1);
    expect(rig.hart.cacheable(DRAM_BASE + 0x5123, 1)).toBe(true);
    expect(rig.hart.cacheable(0x1000_0000, 1)).toBe(false);
    expect(rig.hart.cacheable(DRAM_BASE + RAM_BYTES, 1)).toBe(false);
  });

  it('not where a region covers a part of the page, for M-mode neither', () => {
    const rig = Rig.open();
    rig.write(0x3b1, (1n << 54n) - 1n);
    rig.write(0x3b0, BigInt((DRAM_BASE + 0x5800) / 4));
    rig.write(0x3a0, 0x1f_17n); // region 0: NA4, region 1: everything
    for (const privilege of [3, 1] as const) {
      rig.enter(privilege);
      expect(rig.hart.cacheable(DRAM_BASE + 0x5000, 1)).toBe(false);
      expect(rig.hart.cacheable(DRAM_BASE + 0x6000, 1)).toBe(true);
      expect(rig.translate(BigInt(DRAM_BASE + 0x57fc), 1, 8)).toBe(-1);
      expect(rig.translate(BigInt(DRAM_BASE + 0x57fc), 1, 4)).toBe(DRAM_BASE + 0x57fc);
      expect(rig.translate(BigInt(DRAM_BASE + 0x5800), 1, 4)).toBe(DRAM_BASE + 0x5800);
    }
  });
});
