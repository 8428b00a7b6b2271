/**
 * Where things lie in the one WebAssembly.Memory that compiled code and TypeScript share: the part of the hart's state
 * that compiled code touches, the software TLBs, the decoded code, and above them the guest's RAM.
 * All addresses are byte offsets into that memory. What is not guest state is marked (engine).
 */

export const HART = {
  /** x0 to x31, u64 each; x0 stays zero. */
  x: 0x000,
  /** (engine) Writes to x0 go here, right behind x31. */
  sink: 0x100,
  /** u32: mstatus[31:0] without FS. */
  status: 0x108,
  /** u64 each, in the order of their numbers: sscratch, sepc, scause, stval. */
  supervisorTrap: 0x110,
  /** The same of M-mode. */
  machineTrap: 0x130,
  /** (engine) u32: 1 in S-mode while MPRV does not have loads and stores go by another mode. */
  supervisor: 0x150,
  /** (engine) u32: mip & mie. */
  pending: 0x154,
  /** f0 to f31, u64 each, NaN-boxed. */
  f: 0x200,
  /** u64: the next instruction's address; inside a service call that of the instruction that asks. */
  pc: 0x300,
  /** u32: accrued exception flags, fcsr[4:0]. */
  fflags: 0x308,
  /** u32: dynamic rounding mode, fcsr[7:5]; may hold the reserved 5 to 7. */
  frm: 0x30c,
  /** u32: mstatus.FS: 0 Off, 1 Initial, 2 Clean, 3 Dirty. Compiled code stores 3 at each FP write. */
  fs: 0x310,
  /** u32: 1 while an LR reservation holds. */
  reserved: 0x314,
  /** u64: virtual address of the reservation. */
  reservation: 0x318,
  /** (engine) u32: 1 while data is not translated and PMP restricts no part of RAM. */
  bare: 0x334,
  /** u64: what LR read, sign-extended: SC succeeds while memory still holds it. */
  reservedValue: 0x338,
  /** (engine) i32: instructions left before compiled code must return. Spilled around service calls. */
  budget: 0x320,
  /** (engine) u32: not 0 when compiled code must return after the present instruction: see ATTENTION. */
  attention: 0x324,
  /** (engine) u32: address of the read TLB, write TLB and fetch TLB of the current privilege and translation. */
  readTlb: 0x328,
  writeTlb: 0x32c,
  fetchTlb: 0x330,
  /** (engine) Operands and results of service calls: eight u64. */
  scratch: 0x340,
  /** (engine) i32: taken jumps until the translator is asked whether code is hot. */
  heat: 0x384,
  /** (engine) u32: why translated code ended last, as EXIT_CAUSES numbers it. */
  exitCause: 0x380,
  /** (engine) u64: virtual address of the first page of the region that ended last. */
  exitPage: 0x388,
  /** (engine) Counters, u64 each: instructions executed by translated code, then its exits by cause. */
  translatedInstructions: 0x390,
  exits: 0x398,
  /** (engine) u32: entries of translated code until one is timed. */
  lap: 0x3c0,
  /** (engine) u32: number of the first entry of the region that ended last; 0 where one could not be entered. */
  exitRegion: 0x3c4,
  /** (engine) u32: not 0 where any jump cache may have an entry. */
  jumps: 0x3c8,
} as const;

/** Why compiled code must return: the machine has something to do at the boundary; translations have changed. */
export const ATTENTION = { boundary: 1, refetch: 2 } as const;

/**
 * TLB contexts: one per way in which an address may be translated, so that a change of privilege only changes three
 * pointers. Index 0 is untranslated (M-mode or Bare); PMP makes M apart from S and U even then.
 */
export const TLB_CONTEXTS = ['M', 'S', 'S+SUM', 'U'] as const;
export type TlbContext = 0 | 1 | 2 | 3;

/**
 * Entries of a read or write TLB; one entry is a u64 tag (virtual page address, or all ones) and an i32 addend, 16 bytes.
 * With a quarter of them a kernel with a server on it misses four times as often.
 */
export const TLB_ENTRIES = 4096;
export const TLB_ENTRY_BYTES = 16;
/** Entries of a fetch TLB: u64 tag, i32 address of the page's decoded records. */
export const FETCH_TLB_ENTRIES = 4096;

/**
 * Behind each fetch TLB lies a jump cache, entries of 16 bytes: an address that translated code has jumped to, or all
 * ones, and the 8 bytes of the ENTRY there. One holds so long as nothing changes by which it was found.
 */
export const JUMP_CACHE_ENTRIES = 4096;
export const JUMP_BYTES = 16;

const TLB_BYTES = TLB_ENTRIES * TLB_ENTRY_BYTES;
const FETCH_TLB_BYTES = FETCH_TLB_ENTRIES * TLB_ENTRY_BYTES;
export const JUMP_CACHE_OFFSET = FETCH_TLB_BYTES;
export const JUMP_CACHE_BYTES = JUMP_CACHE_ENTRIES * JUMP_BYTES;
const CONTEXT_BYTES = 2 * TLB_BYTES + FETCH_TLB_BYTES + JUMP_CACHE_BYTES;
export const TLB_BASE = 0x1000;
export const TLB_TOTAL_BYTES = CONTEXT_BYTES * TLB_CONTEXTS.length;

export const readTlbOf = (context: TlbContext): number => TLB_BASE + context * CONTEXT_BYTES;
export const writeTlbOf = (context: TlbContext): number => readTlbOf(context) + TLB_BYTES;
export const fetchTlbOf = (context: TlbContext): number => writeTlbOf(context) + TLB_BYTES;

/**
 * Decoded code: one 8-byte record for each halfword of a page, and room behind the last for what crosses its end. It is so
 * small because the host gives a fresh page of memory slower than that page is filled with records.
 */
export const RECORD_BYTES = 8;
/** A record's place in its page of records is that of its instruction in the page of code, shifted left by so many bits. */
export const RECORD_SHIFT = Math.log2(RECORD_BYTES / 2);
export const RECORDS_PER_PAGE = 2048;
export const RECORD_PAGE_BYTES = (RECORDS_PER_PAGE + 8) * RECORD_BYTES;
export const RECORD_PAGES = 4096;
export const RECORD_BASE = 0x11_0000;

/** (engine) One byte a RAM page: 1 where bare stores may write to it at once, as the write TLB has it otherwise. */
export const PLAIN_BASE = 0x416_0000;

/** Where regions of translated code can be entered: 8 bytes an entry, fields of 16 bits. */
export const ENTRY_BASE = 0x422_0000;
export const ENTRY_BYTES = 8;
export const ENTRY = { handler: 0, region: 2, block: 4, page: 6 } as const;
/** All 16-bit handler numbers at most. */
export const ENTRY_COUNT = 0x1_0000;

/**
 * (engine) The pages of each region that has code from several, up to four of 8 bytes, those it has not all zero: i32
 * distance in pages from its first page, i32 address of its decoded records.
 */
export const REGION_PAGES_BASE = 0x42a_0000;
export const REGION_PAGE_BYTES = 8;
export const MOST_REGION_PAGES = 4;
/** Regions at most. */
export const MOST_REGIONS = 0x4000;

/** Guest RAM starts here. */
export const RAM_OFFSET = 0x432_0000;

/** Physical address of the first byte of RAM. */
export const DRAM_BASE = 0x8000_0000;
export const PAGE_BYTES = 4096;
/** 3 GiB: what one 32-bit memory holds beside the above. */
export const MAX_RAM_BYTES = 3 * 2 ** 30;
