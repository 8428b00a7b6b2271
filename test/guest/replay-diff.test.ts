/**
 * diff against guests: the first diverging instruction, exactly.
 */
import { loadHash } from '../../src/replay/hash.js';
import { findDivergence } from '../../src/replay/diff.js';
import { diffText } from '../../src/replay/report.js';
import { record, sideOf } from './replay-rig.js';

describe('diff', () => {
  it('clock', async () => {
    const hash = await loadHash();
    const a = await record('clock-small', { seed: 1 });
    for (const distance of [1, 4194304]) {
      const t = Date.now();
      const report = await findDivergence(
        await sideOf(a, 'a.pb'),
        await sideOf(a, 'b.pb', { position: 54321, strike: (m) => m.hart.setX(15, m.hart.getX(15) ^ 4n) }),
        hash,
        { distance },
      );
      console.log(diffText(report), Date.now() - t);
      const t2 = Date.now();
      const report2 = await findDivergence(await sideOf(a, 'a.pb'), await sideOf(a, 'b.pb'), hash, { distance });
      console.log(diffText(report2), Date.now() - t2);
    }
  });
});
