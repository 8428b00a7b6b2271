/**
 * Large logs: recorded, replayed from a file and as a stream, counted and compared in bounded memory. The short form
 * takes 200 MiB, the long one 2 GiB besides; each needs as much room on the disk.
 */
import { MOST_BYTES, workThrough } from '../support/bulk.js';
import type { CaseResult, Scenario } from './scenario.js';

/** Case by case: the first is the short form's. */
const GUESTS = ['flood-small', 'flood'] as const;
const MIB = 2 ** 20;

export const bulk: Scenario = {
  name: 'bulk',
  about: `logs of 200 MiB and 2 GiB in under ${MOST_BYTES / MIB} MiB beside the guest's memory`,
  cases: { short: 1, long: GUESTS.length },
  open: async ({ folder }) => {
    const lines: string[] = [];
    return {
      run: async (index): Promise<CaseResult> => {
        const name = GUESTS[index] ?? GUESTS[0];
        const { size, steps } = workThrough(name, folder);
        const figures = steps.map(({ name: step, peak }) => `${step} ${Math.round(peak / MIB)} MiB`);
        lines.push(`a log of ${Math.round(size / MIB)} MiB: ${figures.join(', ')} beside the guest's memory`);
        const wrong = steps.filter((step) => step.wrong !== '');
        if (wrong.length === 0) return { outcome: 'bounded' };
        const failures = wrong.map((step) => `${step.name}: ${step.wrong}`);
        return { outcome: 'failed', failure: `a log of ${name}.elf: ${failures.join('; ')}` };
      },
      figures: () => lines,
    };
  },
};
