/**
 * Where things lie in the guests that the engines run side by side. Physical addresses; with translation on, the same ones
 * are virtual, and the windows lie below them.
 */
import { DRAM_BASE, PAGE_BYTES } from '../../src/hart/layout.js';

export const RAM_BYTES = 2 ** 20;
export const PAGE = PAGE_BYTES;

/** Start, and the trap handlers of both modes. */
export const START = DRAM_BASE;
/** What the handlers save and count: a page each. */
export const MACHINE_AREA = DRAM_BASE + 0x1000;
export const SUPERVISOR_AREA = DRAM_BASE + 0x2000;
export const ROOT_TABLE = DRAM_BASE + 0x3000;
export const MIDDLE_TABLE = DRAM_BASE + 0x4000;
export const LEAF_TABLE = DRAM_BASE + 0x5000;
/** Pages that programs load from and store to. */
export const DATA = DRAM_BASE + 0x8000;
export const DATA_PAGES = 8;
/** Pages of the program. */
export const CODE = DRAM_BASE + 0x1_0000;
export const CODE_PAGES = 8;

/** Data pages in any order, some of them twice, some with fewer rights, some nowhere. */
export const WINDOW = 0x4000_0000;
export const WINDOW_PAGES = 32;
/** The program's pages once more: in their order, and in another one. */
export const ALIAS = WINDOW + 0x10_0000;
export const SHUFFLED = WINDOW + 0x18_0000;
/** All of RAM for S-mode, whoever may see the identity map. */
export const SUPERVISOR_BASE = 0xc000_0000;

/** Of a handler's area, behind four saved registers. */
export const AREA = {
  /** A hash of all traps: cause, epc and tval. */
  traps: 32,
  count: 40,
  /** Where to go on when nothing can be fetched. */
  recover: 48,
  /** The bits of the status register that lead back to the program's mode. */
  mode: 56,
} as const;

/** The CLINT's. */
export const MTIME = 0x200_bff8;
export const MTIMECMP = 0x200_4000;
