/**
 * The control and status registers there are: number, who may touch them, and what reading and writing does.
 * RISC-V privileged specification 20240411, chapter 2; Zkr: scalar cryptography, section 4.1.
 */
import { CSR } from '../isa/csrs.js';
import type { HartPorts } from './bus.js';
import { COUNTER, type Counters } from './counters.js';
import type { Interrupts } from './interrupts.js';
import type { Mmu } from './mmu.js';
import { PMP_REGIONS, type Pmp } from './pmp.js';
import type { Registers } from './registers.js';
import { MSTATUS, type Status } from './status.js';
import type { StateVisitor } from './state.js';
import type { SupervisorTimer } from './timer.js';
import type { TrapRegisters, Traps } from './trap.js';

export interface Csr {
  /** Its value, unsigned 64 bits. */
  readonly read: () => bigint;
  /**
   * Stores the new value of the whole register; `touched` are the bits the instruction named. Absent where writes are
   * ignored.
   */
  readonly write?: (value: bigint, touched: bigint) => void;
  /** Whether the present mode may access it, beyond what the privilege field of its number says. */
  readonly accessible?: () => boolean;
  /** Reading it is an input or has an effect: nothing for reports. */
  readonly volatile?: true;
  /** A read without a write is illegal. */
  readonly writeOnly?: true;
}

/** The parts of the hart that hold what CSRs show. */
export interface CsrParts {
  readonly ports: HartPorts;
  readonly registers: Registers;
  readonly status: Status;
  readonly interrupts: Interrupts;
  readonly traps: Traps;
  readonly counters: Counters;
  readonly timer: SupervisorTimer;
  readonly pmp: Pmp;
  readonly mmu: Mmu;
  readonly security: Security;
}

/** mseccfg: SSEED and USEED, which let S-mode and U-mode read `seed`; S-mode may always. */
export class Security {
  mseccfg = 0;

  reset(): void {
    this.mseccfg = 0;
  }

  get userSeed(): boolean {
    return (this.mseccfg & USEED) !== 0;
  }

  write(value: number): void {
    this.mseccfg = value & (USEED | SSEED);
  }

  state(visitor: StateVisitor): void {
    this.mseccfg = visitor.number('mseccfg', this.mseccfg);
  }
}

const PMPCFG0 = 0x3a0;
const PMPADDR0 = 0x3b0;
const USEED = 1 << 8;
const SSEED = 1 << 9;
/** RV64 with A, C, D, F, I, M, S, U. */
const MISA = (2n << 62n) | 0x14112dn;
/** seed.OPST: this read carries 16 bits of entropy. */
const ES16 = 2n << 30n;
const LOW_WORD = 0xffff_ffffn;

const toNumber = Number;
const toBigint = BigInt;

/** Bits 31 to 0 as a signed 32-bit number. */
const low = (value: bigint): number => toNumber(value & LOW_WORD) | 0;

const zero = (): bigint => 0n;

/** All CSRs by number. A number that is missing is an illegal instruction. */
export function buildCsrs(parts: CsrParts): Map<number, Csr> {
  return new Map([
    ...userCsrs(parts),
    ...supervisorCsrs(parts),
    ...machineCsrs(parts),
    ...counterCsrs(parts),
    ...pmpCsrs(parts),
  ]);
}

function userCsrs({ ports, registers, status, security }: CsrParts): [number, Csr][] {
  const accessible = (): boolean => registers.fs !== 0;
  return [
    [
      CSR.fflags,
      {
        read: () => toBigint(registers.fflags),
        write: (value) => {
          registers.fflags = low(value);
          registers.fs = 3;
        },
        accessible,
      },
    ],
    [
      CSR.frm,
      {
        read: () => toBigint(registers.frm),
        write: (value) => {
          registers.frm = low(value);
          registers.fs = 3;
        },
        accessible,
      },
    ],
    [
      CSR.fcsr,
      {
        read: () => toBigint((registers.frm << 5) | registers.fflags),
        write: (value) => {
          registers.fflags = low(value);
          registers.frm = low(value) >> 5;
          registers.fs = 3;
        },
        accessible,
      },
    ],
    [
      CSR.seed,
      {
        read: () => ES16 | toBigint(ports.readSeed() & 0xffff),
        accessible: () => status.privilege !== 0 || security.userSeed,
        volatile: true,
        writeOnly: true,
      },
    ],
  ];
}

/** xtvec, xepc, xcause, xtval and xscratch. */
function trapCsrs(mode: 'm' | 's', trap: TrapRegisters): [number, Csr][] {
  return [
    [CSR[`${mode}tvec`], { read: () => trap.tvec, write: (value) => trap.writeTvec(value) }],
    [CSR[`${mode}scratch`], { read: () => trap.scratch, write: (value) => (trap.scratch = value) }],
    [CSR[`${mode}epc`], { read: () => trap.epc, write: (value) => trap.writeEpc(value) }],
    [CSR[`${mode}cause`], { read: () => trap.cause, write: (value) => (trap.cause = value) }],
    [CSR[`${mode}tval`], { read: () => trap.tval, write: (value) => (trap.tval = value) }],
  ];
}

function supervisorCsrs(parts: CsrParts): [number, Csr][] {
  const { ports, status, interrupts, traps, counters, timer, mmu } = parts;
  return [
    ...trapCsrs('s', traps.supervisor),
    [
      CSR.sstatus,
      {
        read: () => status.readSstatus(),
        write: (value) => {
          const before = status.low;
          status.writeSstatus(value);
          if (((before ^ status.low) & MSTATUS.MXR) !== 0) ports.flushTranslations();
        },
      },
    ],
    [CSR.sie, { read: () => toBigint(interrupts.sie), write: (value) => interrupts.writeSie(low(value)) }],
    [
      CSR.scounteren,
      {
        read: () => toBigint(counters.scounteren),
        write: (value) => counters.writeScounteren(low(value)),
      },
    ],
    [CSR.senvcfg, { read: () => timer.senvcfg, write: (value) => timer.writeSenvcfg(value) }],
    [CSR.sip, { read: () => toBigint(interrupts.sip), write: (value) => interrupts.writeSip(low(value)) }],
    [
      CSR.stimecmp,
      {
        read: () => timer.stimecmp,
        write: (value) => timer.writeStimecmp(value),
        accessible: () => timer.accessible,
      },
    ],
    [
      CSR.satp,
      {
        read: () => mmu.satp,
        write: (value) => {
          const before = mmu.rootTable;
          if (!mmu.writeSatp(value)) return;
          const after = mmu.rootTable;
          if (before < 0 || after < 0) ports.flushTranslations();
          else ports.rootChanged(before, after);
        },
        accessible: () => status.privilege === 3 || (status.low & MSTATUS.TVM) === 0,
      },
    ],
  ];
}

function machineCsrs(parts: CsrParts): [number, Csr][] {
  const { ports, status, interrupts, traps, counters, timer, security } = parts;
  return [
    ...trapCsrs('m', traps.machine),
    [CSR.mvendorid, { read: zero }],
    [CSR.marchid, { read: zero }],
    [CSR.mimpid, { read: zero }],
    [CSR.mhartid, { read: zero }],
    [CSR.mconfigptr, { read: zero }],
    [
      CSR.mstatus,
      {
        read: () => status.readMstatus(),
        write: (value) => {
          const before = status.low;
          status.writeMstatus(value);
          if (((before ^ status.low) & MSTATUS.MXR) !== 0) ports.flushTranslations();
        },
      },
    ],
    [CSR.misa, { read: () => MISA }],
    [CSR.medeleg, { read: () => toBigint(traps.medeleg), write: (value) => traps.writeMedeleg(value) }],
    [
      CSR.mideleg,
      {
        read: () => toBigint(interrupts.mideleg),
        write: (value) => interrupts.writeMideleg(low(value)),
      },
    ],
    [CSR.mie, { read: () => toBigint(interrupts.mie), write: (value) => interrupts.writeMie(low(value)) }],
    [
      CSR.mcounteren,
      {
        read: () => toBigint(counters.mcounteren),
        write: (value) => counters.writeMcounteren(low(value)),
      },
    ],
    [CSR.menvcfg, { read: () => timer.menvcfg, write: (value) => timer.writeMenvcfg(value) }],
    [
      CSR.mip,
      {
        read: () => toBigint(interrupts.mip),
        write: (value, touched) => interrupts.writeMip(low(value), low(touched), !timer.enabled),
      },
    ],
    [
      CSR.mseccfg,
      {
        read: () => toBigint(security.mseccfg),
        write: (value) => security.write(low(value)),
      },
    ],
    // No triggers: tdata1.type 0 says so to whoever looks for one.
    [CSR.tselect, { read: zero }],
    [CSR.tdata1, { read: zero }],
    [CSR.tdata2, { read: zero }],
    [CSR.tdata3, { read: zero }],
  ];
}

function counterCsrs({ ports, counters }: CsrParts): [number, Csr][] {
  const list: [number, Csr][] = [
    [
      CSR.mcountinhibit,
      {
        read: () => toBigint(counters.mcountinhibit),
        write: (value) => counters.writeMcountinhibit(low(value)),
      },
    ],
    [CSR.mcycle, { read: () => counters.readCycle(), write: (value) => counters.writeCycle(value) }],
    [CSR.minstret, { read: () => counters.readInstret(), write: (value) => counters.writeInstret(value) }],
    [CSR.cycle, { read: () => counters.readCycle(), accessible: () => counters.readable(COUNTER.cycle) }],
    [
      CSR.time,
      {
        read: () => toBigint(ports.readTime()),
        accessible: () => counters.readable(COUNTER.time),
        volatile: true,
      },
    ],
    [CSR.instret, { read: () => counters.readInstret(), accessible: () => counters.readable(COUNTER.instret) }],
  ];
  for (let i = 3; i < 32; i++) {
    list.push(
      [CSR.mcycle + i, { read: zero }],
      [CSR.mcountinhibit + i, { read: zero }],
      [CSR.cycle + i, { read: zero, accessible: () => counters.readable(2 ** i) }],
    );
  }
  return list;
}

function pmpCsrs({ ports, pmp }: CsrParts): [number, Csr][] {
  const list: [number, Csr][] = [];
  for (const register of [0, 2]) {
    list.push([
      PMPCFG0 + register,
      {
        read: () => pmp.readCfg(register * 4),
        write: (value) => {
          if (pmp.writeCfg(register * 4, value)) ports.flushTranslations();
        },
      },
    ]);
  }
  for (let i = 0; i < PMP_REGIONS; i++) {
    list.push([
      PMPADDR0 + i,
      {
        read: () => pmp.readAddr(i),
        write: (value) => {
          if (pmp.writeAddr(i, value)) ports.flushTranslations();
        },
      },
    ]);
  }
  return list;
}
