/**
 * Time spent in each tier. Reading a clock takes as long as dozens of instructions, so that only some entries of translated
 * code are timed, and stand for the others.
 */
import { HART } from '../hart/layout.js';
import type { EngineStatistics, Stopwatch } from './kinds.js';

/** One of so many entries is timed: a prime, that no loop of the guest keeps step with. */
const LAP = 7;

export class TierTimes {
  private readonly view: DataView;
  private running = 0;
  private inRegions = 0;
  private inTranslator = 0;
  private began = 0;
  /** When the entry began that is being timed. */
  private lapBegan: number | undefined;

  constructor(
    memory: WebAssembly.Memory,
    private readonly stopwatch: Stopwatch,
  ) {
    this.view = new DataView(memory.buffer);
    this.view.setUint32(HART.lap, LAP, true);
  }

  /** Compiled code begins to run. */
  start(): void {
    this.began = this.stopwatch();
  }

  stop(): void {
    this.running += this.stopwatch() - this.began;
  }

  /** Called by compiled code in front of an entry and behind it. */
  lap(): void {
    if (this.lapBegan === undefined) {
      this.lapBegan = this.stopwatch();
      return;
    }
    this.inRegions += (this.stopwatch() - this.lapBegan) * LAP;
    this.lapBegan = undefined;
    this.view.setUint32(HART.lap, LAP, true);
  }

  /** Does the translator's work, and answers what it answers. */
  translating<T>(work: () => T): T {
    const start = this.stopwatch();
    const answer = work();
    this.inTranslator += this.stopwatch() - start;
    return answer;
  }

  get seconds(): NonNullable<EngineStatistics['seconds']> {
    const { running, inTranslator } = this;
    // What is estimated may come out longer than all.
    const translator = Math.min(this.inRegions, running - inTranslator);
    return { interpreter: running - inTranslator - translator, translator, translating: inTranslator };
  }
}
