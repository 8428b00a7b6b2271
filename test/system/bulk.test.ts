/**
 * A log of 200 MiB in bounded memory: the bound is the one that a log of 2 GiB keeps as well (the long form of the
 * campaign's scenario `bulk` measures that).
 */
import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MOST_BYTES, workThrough } from '../support/bulk.js';

const folder = mkdtempSync(join(tmpdir(), 'vmft-bulk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('is recorded, replayed, counted and compared in far less memory than it is long', () => {
  const { size, steps } = workThrough('flood-small', folder);
  expect(size).toBeGreaterThan(200 * 2 ** 20);
  expect(steps.map(({ name }) => name)).toEqual([
    ...['record', 'replay', 'replay -', 'inspect --stats', 'diff LOG', 'diff LOG LOG'],
  ]);
  for (const step of steps) expect(step).toMatchObject({ wrong: '' });
  // Half the log, or what grows with it would pass unseen.
  for (const { name, peak } of steps) expect({ name, fits: peak < MOST_BYTES / 2 }).toEqual({ name, fits: true });
});
