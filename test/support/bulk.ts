/**
 * A large log, recorded and read in every way there is, with the memory that each takes: what is too much for one
 * machine's memory must not be too much for vmft.
 */
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { summaryOf, checksOf } from './many.js';
import { measured, type Measured } from './peak.js';
import { guest } from './vmft.js';

/** What a command may take beside the guest's memory, however large the log is. */
export const MOST_BYTES = 300 * 2 ** 20;
/** The guest's, all of which may be resident. */
const GUEST_BYTES = 16 * 2 ** 20;

export interface Step {
  readonly name: string;
  /** Peak of the resident set beside the guest's memory, in bytes. */
  readonly peak: number;
  /** What is wrong with it; '' where nothing is. */
  readonly wrong: string;
}

export interface Bulk {
  /** Bytes of the log. */
  readonly size: number;
  readonly steps: readonly Step[];
}

/** Records `name`, which draws entropy, into a file in `folder`, and works through it. The file is gone afterwards. */
export function workThrough(name: string, folder: string): Bulk {
  const log = join(folder, `${name}.pb`);
  const run = (args: readonly string[], input?: number): Measured => measured(join(folder, 'peak'), args, input);
  const steps: Step[] = [];
  const step = (what: string, made: Measured, sound: boolean, guests = 1): void => {
    const peak = Math.max(0, made.peak - guests * GUEST_BYTES);
    const large = peak > MOST_BYTES ? `it took ${String(Math.round(peak / 2 ** 20))} MiB beside the guest` : '';
    const end = `it ended with status ${String(made.status)} (${made.stderr.trim().split('\n').at(-1) ?? ''})`;
    steps.push({ name: what, peak, wrong: sound ? large : end });
  };
  try {
    const recorded = run(['record', guest(`${name}.elf`), '--memory', '16M', '--force', '-o', log, '--json']);
    step('record', recorded, recorded.status === 0 && recorded.stdout.includes('flood: ok'));
    const { size } = statSync(log);
    const { digests, outputs } = checksOf(summaryOf(recorded));

    const same = (replayed: Measured): boolean => {
      if (replayed.status !== 0 || replayed.stdout !== recorded.stdout) return false;
      const summary = summaryOf(replayed);
      return summary.ended === 'whole' && summary.digests === digests && summary.outputs === outputs;
    };
    const replayed = run(['replay', log, '--json']);
    step('replay', replayed, same(replayed));
    const file = openSync(log, 'r');
    const piped = run(['replay', '-', '--json'], file);
    closeSync(file);
    step('replay -', piped, same(piped));

    const counted = run(['inspect', log, '--stats', '--json']);
    const statistics = JSON.parse(counted.stdout.trim().split('\n').at(-1) ?? '{}') as { bytes?: number };
    step('inspect --stats', counted, counted.status === 0 && statistics.bytes === size);
    const checked = run(['diff', log]);
    step('diff LOG', checked, checked.status === 0, 2);
    const compared = run(['diff', log, log]);
    step('diff LOG LOG', compared, compared.status === 0, 2);
    return { size, steps };
  } finally {
    rmSync(log, { force: true });
  }
}
