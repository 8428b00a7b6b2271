/**
 * Which engine runs a guest, and what an engine tells of its work. None of it is guest state: whichever engine runs, the
 * guest sees the same.
 */

/**
 * `interpreter`: nothing is translated. `auto`: what is hot is translated, the rest interpreted. `translator`: all code
 * is translated when it is first jumped to, or the second time, which is slower than `auto` and leaves no code untested.
 */
export const ENGINE_KINDS = ['interpreter', 'translator', 'auto'] as const;
export type EngineKind = (typeof ENGINE_KINDS)[number];

/** Why translated code handed an instruction to the interpreter, or ended. */
export const EXIT_CAUSES = ['jump', 'memory', 'system', 'float', 'budget'] as const;
export type ExitCause = (typeof EXIT_CAUSES)[number];

/** Counted since the machine was built. */
export interface EngineStatistics {
  /** Instructions by the tier that executed them. */
  readonly instructions: { readonly interpreter: number; readonly translator: number };
  /** Regions that can be entered now, and all that were ever made. */
  readonly regions: { readonly live: number; readonly made: number };
  /** WebAssembly modules made for them. */
  readonly modules: number;
  /** Guest instructions in all regions ever made, and bytes of WebAssembly. */
  readonly translated: { readonly instructions: number; readonly bytes: number };
  /** Slow paths taken of loads, stores and fetches: TLB misses and what no TLB holds. */
  readonly misses: { readonly load: number; readonly store: number; readonly fetch: number };
  readonly exits: Readonly<Record<ExitCause, number>>;
  /** Where the engine was given a stopwatch: seconds in each tier, the upper one's estimated from a part of its entries. */
  readonly seconds?: { readonly interpreter: number; readonly translator: number; readonly translating: number };
}

/** Seconds since some moment. */
export type Stopwatch = () => number;
