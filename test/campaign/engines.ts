/**
 * The engines side by side, the long form of test/property/engine-translator.test.ts: random programs on a machine of each
 * engine, in lockstep from stop to stop. One case is eight programs, one behind the other on the same machines.
 */
import { loadHash } from '../../src/replay/hash.js';
import { Lockstep } from '../engines/lockstep.js';
import type { CaseResult, OpenScenario, Scenario } from './scenario.js';

class Engines implements OpenScenario {
  private readonly sums = { positions: 0, traps: 0, translator: 0, auto: 0 };

  constructor(
    private readonly lockstep: Lockstep,
    private readonly seed: number,
  ) {}

  run(index: number): Promise<CaseResult> {
    const { positions, traps, translated, failure } = this.lockstep.run(this.seed, index);
    this.sums.positions += positions;
    this.sums.traps += traps;
    this.sums.translator += translated.translator;
    this.sums.auto += translated.auto;
    return Promise.resolve({ outcome: 'same states', ...(failure !== undefined && { failure }) });
  }

  figures(): readonly string[] {
    const { positions, traps, translator, auto } = this.sums;
    return [
      `${positions.toLocaleString('en')} instructions with ${traps.toLocaleString('en')} traps; ` +
        `${translator.toLocaleString('en')} of the translator's in translated code, ${auto.toLocaleString('en')} of auto's`,
    ];
  }
}

export const engines: Scenario = {
  name: 'engines',
  about: 'random programs on interpreter, translator and both, all of their state the same at every stop',
  cases: { short: 20, long: 3000 },
  open: async ({ seed }) => new Engines(new Lockstep(await loadHash()), seed),
};
