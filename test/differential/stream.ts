/**
 * A stream: instructions in atoms (what belongs together and can only be left out together), the state they start from,
 * and how the monitor is to set the hart up for them.
 */
import { SETUP_CSRS, TABLES, type SetupCsr } from './layout.js';

export type Mode = 'M' | 'S' | 'U';

/** A doubleword to store before the start. */
export interface Poke {
  readonly address: number;
  value: bigint;
  /** The number of the code's page within the stream is added, as a page-table entry has it. */
  readonly code?: boolean;
}

export interface Stream {
  /** Name in the list of kinds. */
  readonly kind: string;
  readonly index: number;
  /** Halfwords. */
  readonly code: Uint16Array;
  /** Where each atom starts, in halfwords; ascending, the first 0. */
  readonly atoms: readonly number[];
  /** x0 to x31 (x0 is not used), f0 to f31, as words, low one first. */
  readonly state: Uint32Array;
  readonly fcsr: number;
  readonly mode: Mode;
  /** mstatus without MPP and FS. */
  readonly mstatus: bigint;
  /** mstatus.FS. */
  readonly fs: number;
  readonly csrs: Readonly<Partial<Record<SetupCsr, bigint>>>;
  readonly pokes: readonly Poke[];
  readonly scratchBytes: number;
  readonly tableBytes: number;
  readonly fillSeed: number;
  /** Virtual address of the page that holds the first instruction, where it is not the physical one. */
  readonly codePage?: number;
  /** Virtual address of the supervisor's stub, where it is not the physical one. */
  readonly stub?: number;
  /** Instructions that count as random ones of the kind, where each is started at most once. */
  readonly counted: number;
  /** Instructions in all. */
  readonly length: number;
}

/** Entries 0 to 7 of PMP; without more, all memory is everyone's through the last of the eight. */
export const PMP_OPEN: Readonly<Partial<Record<SetupCsr, bigint>>> = {
  pmpcfg0: 0x1fn << 56n,
  pmpaddr7: (1n << 54n) - 1n,
};

const SETUP_NAMES: ReadonlySet<string> = new Set(SETUP_CSRS);
export const isSetupCsr = (name: string): name is SetupCsr => SETUP_NAMES.has(name);

/** satp for Sv39 with the tables' first page for a root. */
export const SATP = (8n << 60n) | BigInt(TABLES / 4096);

/** Gathers a stream's instructions. */
export class CodeBuilder {
  private readonly halves = new Uint16Array(8192);
  private at = 0;
  private atoms: number[] = [];
  private instructions = 0;
  counted = 0;

  clear(): void {
    this.at = 0;
    this.atoms = [];
    this.instructions = 0;
    this.counted = 0;
  }

  /** In bytes. */
  get offset(): number {
    return this.at * 2;
  }

  get length(): number {
    return this.instructions;
  }

  atom(): void {
    this.atoms.push(this.at);
  }

  /** An instruction of 32 bits, or of 16 where its low bits say so. */
  put(word: number): void {
    this.halves[this.at++] = word;
    if ((word & 3) === 3) this.halves[this.at++] = word >>> 16;
    this.instructions++;
  }

  /** Overwrites a 32-bit instruction. */
  patch(offset: number, word: number): void {
    this.halves[offset / 2] = word;
    if ((word & 3) === 3) this.halves[offset / 2 + 1] = word >>> 16;
  }

  finish(): { code: Uint16Array; atoms: number[]; length: number; counted: number } {
    return {
      code: this.halves.slice(0, this.at),
      atoms: this.atoms,
      length: this.instructions,
      counted: this.counted,
    };
  }
}
