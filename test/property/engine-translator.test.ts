/**
 * The engines side by side: random programs with loops, calls, jump tables, traps, translation and code that changes, on a
 * machine of each kind, all of whose state is the same wherever they stop. `npm run campaign -- --scenario engines` runs
 * other ones, for as long as one likes.
 */
import { Lockstep } from '../engines/lockstep.js';
import { loadHash } from '../../src/replay/hash.js';

const SEED = 20260;
/** Of eight programs each. */
const CASES = 15;

it('whichever engine runs a program, its state is the same at every position', async () => {
  const lockstep = new Lockstep(await loadHash());
  const sum = { traps: 0, interpreter: 0, translator: 0, auto: 0 };
  for (let number = 0; number < CASES; number++) {
    const { traps, translated, failure } = lockstep.run(SEED, number);
    expect(failure ?? '').toBe('');
    sum.traps += traps;
    for (const [kind, instructions] of Object.entries(translated)) sum[kind as keyof typeof translated] += instructions;
  }
  // Each engine did its own work, and there was something to do it on.
  expect(sum.interpreter).toBe(0);
  expect(sum.translator).toBeGreaterThan(CASES * 40_000);
  expect(sum.auto).toBeGreaterThan(CASES * 100_000);
  expect(sum.traps).toBeGreaterThan(10_000);
}, 120_000);
