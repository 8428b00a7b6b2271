/**
 * The hart's view of physical memory: RAM, which it reaches directly, and everything else, which the machine answers.
 */

export interface Bus {
  /** RAM lies at [DRAM_BASE, DRAM_BASE + ramBytes). */
  readonly ramBytes: number;
  /** A device read, naturally aligned; undefined where nothing answers (an access fault). */
  read(address: number, size: 1 | 2 | 4 | 8): bigint | undefined;
  /** A device write; false where nothing answers. */
  write(address: number, size: 1 | 2 | 4 | 8, value: bigint): boolean;
}

/** What the hart asks of its surroundings while it executes. */
export interface HartPorts {
  /** Answers an `ecall` from S-mode in place of M-mode firmware. Absent: it traps. */
  supervisorCall?(): void;
  /** Instructions started since reset, including the one that asks. */
  position(): number;
  /** Answer to a `time` read, in ticks of the timebase. */
  readTime(): number;
  /** Answer to a `seed` read: 16 bits. */
  readSeed(): number;
  /** The hart's own timer comparand (stimecmp) was written: the next deadline may have changed. */
  timerChanged(): void;
  /** Translations changed (satp, PMP, mstatus.MXR): cached ones must go. */
  flushTranslations(): void;
  /** satp has another root page table: those go that are not the same by it. Both tables lie in RAM, and may be read. */
  rootChanged(before: number, after: number): void;
  /** fence.i, for whoever caches decoded code. */
  fenceInstructions(): void;
  /**
   * A page walk has read the entry at this physical address: what is cached from now on depends on it. Translations
   * must always be those that memory holds, or they would depend on when a cache happened to be emptied.
   *
   * @param upper whether the walk was for an address in the upper half of the address space
   * @param level that of the entry: 2 in the root table
   */
  tableRead(address: number, upper: boolean, level: number): void;
  /** The walk set the accessed or dirty bit of the entry at this physical address. */
  tableMarked(address: number): void;
}
