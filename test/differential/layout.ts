/**
 * Where things lie in the guest that both sides run: the monitor, what it works on, the streams, and what it writes down
 * about each. Offsets of descriptors and results are byte offsets; every field is a little-endian doubleword.
 */
import { DRAM_BASE } from '../../src/hart/layout.js';
import { csrNumbers } from '../../src/isa/csrs.js';

export const RAM_BASE = DRAM_BASE;
export const RAM_BYTES = 64 * 2 ** 20;
const PAGE = 4096;

/** The supervisor's trap stub: an `ecall` for each vector, and an `sret`. One page, so that page tables can map it. */
export const STUB = RAM_BASE + 0x6000;
/** Slot of the stub that holds `sret`; the ones before hold `ecall`. */
export const STUB_SRET = 32;
/** The monitor's own variables. */
export const CONTEXT = RAM_BASE + 0x7000;
/**
 * Two pages of `ret`, to jump to. The last halfword of the first is the first half of a 32-bit instruction, which any
 * second half makes a harmless one.
 */
export const LANDING = RAM_BASE + 0x8000;
/** Memory that streams read and write. */
export const SCRATCH = RAM_BASE + 0x1_0000;
export const SCRATCH_PAGES = 4;
/** Pages for page tables: root, then others. */
export const TABLES = RAM_BASE + 0x2_0000;
export const TABLE_PAGES = 8;
/** Descriptors, states, pokes and code of the streams. */
export const STREAMS = RAM_BASE + 0x10_0000;
export const RESULTS = RAM_BASE + 0x200_0000;
/** Both sides put the device tree behind here. */
export const RESULTS_END = RAM_BASE + RAM_BYTES - 4 * 2 ** 20;
export const SCRATCH_BYTES = SCRATCH_PAGES * PAGE;
export const TABLE_BYTES = TABLE_PAGES * PAGE;

/** What the monitor is told about a stream. */
export const DESCRIPTOR = {
  /** Virtual addresses of the first instruction (0 ends the list), and of the `ecall` behind the last. */
  start: 0,
  end: 8,
  /** Physical minus virtual address of the code. */
  delta: 16,
  mstatus: 24,
  /** 512 bytes: x0 to x31 (x0 is not used), f0 to f31. */
  state: 32,
  fcsr: 40,
  results: 48,
  /** (address, value) pairs to store before the start. */
  pokes: 56,
  pokeCount: 64,
  /** Bytes of scratch to fill before and digest behind; multiples of 16. */
  scratchBytes: 72,
  fillSeed: 80,
  /** Bytes of tables to zero before and digest behind; multiples of 16. */
  tableBytes: 88,
  /** Virtual address of the supervisor's trap stub. */
  stub: 96,
  /** From here on the start values of `SETUP_CSRS`. */
  csrs: 104,
} as const;

/** Registers that get a start value from the descriptor, in this order. */
export const SETUP_CSRS = [
  ...(['medeleg', 'mideleg', 'mie', 'mip', 'stvec', 'mcounteren', 'scounteren', 'menvcfg', 'senvcfg'] as const),
  ...(['sepc', 'scause', 'stval', 'sscratch', 'mtval', 'mcause', 'satp'] as const),
  ...(['pmpcfg0', 'pmpaddr0', 'pmpaddr1', 'pmpaddr2', 'pmpaddr3'] as const),
  ...(['pmpaddr4', 'pmpaddr5', 'pmpaddr6', 'pmpaddr7'] as const),
] as const;
export type SetupCsr = (typeof SETUP_CSRS)[number];
export const DESCRIPTOR_BYTES = DESCRIPTOR.csrs + 8 * SETUP_CSRS.length;

export const csrNumber = (name: string): number => csrNumbers.get(name) ?? -1;

/** Registers written down at a stream's end. mstatus, mcause, mepc and mtval are those of the trap that ended it. */
export const RESULT_CSRS = [
  ...(['mstatus', 'mcause', 'mepc', 'mtval', 'medeleg', 'mideleg', 'mie', 'mip', 'mcounteren', 'menvcfg'] as const),
  ...(['scause', 'sepc', 'stval', 'stvec', 'sscratch', 'scounteren', 'senvcfg', 'satp', 'pmpcfg0'] as const),
] as const;

/** What the monitor writes down about a stream. */
export const RESULT = {
  /** Traps entered, and instructions between returns and entries with the monitor's own: not compared. */
  entries: 0,
  executed: 8,
  scratchDigest: 16,
  tableDigest: 24,
  fcsr: 32,
  /** How many traps are in the log. */
  logged: 40,
  csrs: 48,
  x: 256,
  f: 512,
  /** Cause, epc, tval and status of each trap. Those that S-mode took have the stub's slot, plus one, in the cause. */
  log: 768,
} as const;
export const LOG_ENTRY_BYTES = 32;
export const LOG_ENTRIES = 40;
export const RESULT_BYTES = RESULT.log + LOG_ENTRIES * LOG_ENTRY_BYTES;
/** Where the slot of the stub lies in a logged cause. */
export const DELEGATED_SHIFT = 48;
