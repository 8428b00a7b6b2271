/**
 * The first instruction at which two executions differ: both are rebuilt side by side and compared.
 */
import type { DiffOptions, DiffReport } from './diff-report.js';
import type { Hash } from './hash.js';
import { measureLog, type LogExtent } from './log-walk.js';
import { Search } from './search.js';
import { setupDifferences } from './setup.js';
import { Side, type SideSource } from './side.js';

const NO_DIFFERENCES = { count: 0, first: [] };

/** Compares two executions. Throws what reading the logs throws, and what machines throw that cannot be built. */
export async function findDivergence(
  a: SideSource,
  b: SideSource,
  hash: Hash,
  options: DiffOptions = {},
): Promise<DiffReport> {
  const setup = setupDifferences(a.header, b.header);
  const labels = [a.label, b.label] as const;
  const nothing = { extents: undefined, equalTo: -1, every: 0, harmless: NO_DIFFERENCES, found: undefined };
  if (!options.force && setup.some(({ usual }) => !usual)) return { outcome: 'setup', labels, setup, ...nothing };
  const extents = [await measure(a), await measure(b)] as const;
  const alike = extents[0].end && extents[1].end && extents[0].position === extents[1].position;
  const shorter = Math.min(extents[0].position, extents[1].position);
  // What the last position of a log holds may come of the recording's end, so only equal ends compare.
  const last = alike ? shorter : shorter - 1;
  const search = new Search([await Side.open(a, hash), await Side.open(b, hash)], last, options);
  await search.prepare(setup.length > 0);
  const found = await search.run();
  const { equalTo, harmless, every } = search;
  const outcome = found ? 'diverged' : alike ? 'same' : 'shorter';
  return { outcome, labels, setup, extents, equalTo, every, harmless, found };
}

async function measure(source: SideSource): Promise<LogExtent> {
  const reader = await source.open({ images: 'skip' });
  return measureLog(reader);
}
