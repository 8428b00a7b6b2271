/**
 * What became of an entry between two logs: it is changed, moved, doubled, missing, added, or another is in its place.
 * Found by aligning the entries that follow the place where the logs part, at the least cost (Wagner and Fischer, The
 * String-to-String Correction Problem, 1974).
 */
import type { Entry } from '../log/entry.js';
import type { Pair } from './pair.js';
import { sameBytes } from './same-bytes.js';

/** The second log as against the first. */
export type ChangeKind = 'changed' | 'moved' | 'doubled' | 'missing' | 'added' | 'replaced';

/** One difference between two logs. */
export interface LogDifference {
  readonly kind: ChangeKind;
  /** What each log has; undefined where it has nothing that corresponds. Of a doubled entry the one too many. */
  readonly entries: Pair<Entry | undefined>;
  /** Where one log lacks the entry: its next of the type, if there is one nearby. */
  readonly later: Entry | undefined;
}

/** Entries from the place on where two logs part. */
export interface Parting {
  readonly position: number;
  /** The last entry of each before it. */
  readonly before: Pair<Entry | undefined>;
  readonly after: Pair<readonly Entry[]>;
}

/** Entries looked at from a parting on. */
export const WINDOW = 32;

/** Costs: an entry of one log alone, or two that correspond. Whatever corresponds is cheaper than two alone. */
const ALONE = 1.1;
const CHANGED = 1;
const MOVED = 1.3;
const REPLACED = 2.1;

/** The first difference at a parting. */
export function classify({ position, before, after }: Parting): LogDifference | undefined {
  const steps = align(...after);
  const first = steps.findIndex(
    ([a, b]) =>
      (a?.position === position || b?.position === position) &&
      (a === undefined || b === undefined || !sameEntry(a, b)),
  );
  const [a, b] = steps[first] ?? [];
  if (a !== undefined && b !== undefined) {
    const kind = a.type !== b.type ? 'replaced' : a.position === b.position ? 'changed' : 'moved';
    return { kind, entries: [a, b], later: undefined };
  }
  const side = a === undefined ? 1 : 0;
  const entry = a ?? b;
  if (entry === undefined) return undefined;
  const one = (extra: Entry, other?: Entry): Pair<Entry | undefined> => (side === 0 ? [extra, other] : [other, extra]);
  // One of two neighbours that say the same: which of them is too many cannot be told.
  const neighbours = [before[side], ...steps.slice(0, first).map((step) => step[side])].slice(-1);
  neighbours.push(after[side][after[side].indexOf(entry) + 1]);
  if (neighbours.some((neighbour) => neighbour !== undefined && sameEntry(neighbour, entry))) {
    return { kind: 'doubled', entries: one(entry), later: undefined };
  }
  // It may have moved past another entry.
  const partner = steps.find((step) => step[side] === undefined && sameContent(entry, step[1 - side]))?.[1 - side];
  if (partner !== undefined) return { kind: 'moved', entries: one(entry, partner), later: undefined };
  const later = after[1 - side].find(({ type, position }) => type === entry.type && position > entry.position);
  return { kind: side === 0 ? 'missing' : 'added', entries: one(entry), later };
}

/** Pairs of entries that correspond, and entries alone, in order. */
function align(a: readonly Entry[], b: readonly Entry[]): Pair<Entry | undefined>[] {
  // cost[i][j]: of aligning all of a from i and all of b from j on. Where a window ends, more may follow that corresponds.
  const cost = Array.from({ length: a.length + 1 }, () => new Float64Array(b.length + 1));
  if (b.length < WINDOW) for (let i = 0; i < a.length; i++) cost[i][b.length] = (a.length - i) * ALONE;
  if (a.length < WINDOW) for (let j = 0; j < b.length; j++) cost[a.length][j] = (b.length - j) * ALONE;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      cost[i][j] = Math.min(pairCost(a[i], b[j]) + cost[i + 1][j + 1], ALONE + cost[i + 1][j], ALONE + cost[i][j + 1]);
    }
  }
  const steps: Pair<Entry | undefined>[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (cost[i][j] === pairCost(a[i], b[j]) + cost[i + 1][j + 1]) steps.push([a[i++], b[j++]]);
    else if (cost[i][j] === ALONE + cost[i + 1][j]) steps.push([a[i++], undefined]);
    else steps.push([undefined, b[j++]]);
  }
  for (; i < a.length; i++) steps.push([a[i], undefined]);
  for (; j < b.length; j++) steps.push([undefined, b[j]]);
  return steps;
}

function pairCost(a: Entry, b: Entry): number {
  if (a.type !== b.type) return a.position === b.position ? REPLACED : Infinity;
  const content = sameContent(a, b);
  if (a.position === b.position) return content ? 0 : CHANGED;
  return content ? MOVED : Infinity;
}

/** Whether two entries that are no batches say the same. */
export function sameEntry(a: Entry, b: Entry): boolean {
  return a.position === b.position && sameContent(a, b);
}

/** Whether they do, but for their positions. */
export function sameContent(a: Entry, b: Entry | undefined): boolean {
  if (a.type !== b?.type) return false;
  for (const key of Object.keys(a) as (keyof Entry)[]) {
    const left: unknown = a[key];
    const right: unknown = b[key];
    if (key !== 'position' && left !== right && !sameData(left, right)) return false;
  }
  return true;
}

function sameData(a: unknown, b: unknown): boolean {
  return ArrayBuffer.isView(a) && ArrayBuffer.isView(b) && sameBytes(a as Uint8Array, b as Uint8Array);
}
