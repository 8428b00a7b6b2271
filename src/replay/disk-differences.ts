/**
 * In what two machines differ of what their guests have written to disks whose images stay as they are.
 */
import type { Machine } from '../machine/machine.js';
import { CLUSTER_BYTES, SECTOR_BYTES, type Cluster } from '../machine/overlay.js';
import type { StateDigest } from './digest.js';
import type { Pair } from './pair.js';

/** What is compared: a machine with its digest. */
export interface ComparedDisks {
  readonly machine: Pick<Machine, 'overlays'>;
  readonly digest: Pick<StateDigest, 'clusters'>;
}

/** Consecutive bytes of a disk of which every one differs, or whole sectors that only one guest has written. */
export interface DiskDifference {
  /** The slot of the disk. */
  readonly slot: number;
  /** In bytes, from the disk's start. */
  readonly offset: number;
  /** Undefined where that guest has not written there. */
  readonly values: Pair<Uint8Array | undefined>;
}

/** The differences, by disk and offset. The digests must have been taken at the present place. */
export function diskDifferences(a: ComparedDisks, b: ComparedDisks): DiskDifference[] {
  const slots = [...a.machine.overlays, ...b.machine.overlays].map(({ slot }) => slot);
  return [...new Set(slots)].sort((one, other) => one - other).flatMap((slot) => inDisk(slot, a, b));
}

function inDisk(slot: number, a: ComparedDisks, b: ComparedDisks): DiskDifference[] {
  const [left, right] = [a.digest.clusters.hashes(slot), b.digest.clusters.hashes(slot)];
  const numbers = [...new Set([...left.keys(), ...right.keys()])];
  const differing = numbers
    .filter((number) => left.get(number) !== right.get(number))
    .sort((one, other) => one - other);
  const found: DiskDifference[] = [];
  for (const number of differing) {
    const clusters = [a, b].map(({ machine }) => {
      return machine.overlays.find((overlay) => overlay.slot === slot)?.clusters.get(number);
    });
    for (const difference of inCluster(slot, number, clusters[0], clusters[1])) join(found, difference);
  }
  return found;
}

function* inCluster(
  slot: number,
  number: number,
  a: Cluster | undefined,
  b: Cluster | undefined,
): Generator<DiskDifference> {
  for (let start = 0; start < CLUSTER_BYTES; start += SECTOR_BYTES) {
    const [left, right] = [a, b].map((cluster) => sector(cluster, start));
    const offset = number * CLUSTER_BYTES + start;
    if (left === undefined && right === undefined) continue;
    if (left === undefined || right === undefined) yield { slot, offset, values: [left, right] };
    else {
      for (let at = 0; at < SECTOR_BYTES; at++) {
        if (left[at] === right[at]) continue;
        const first = at;
        while (at < SECTOR_BYTES && left[at] !== right[at]) at++;
        yield { slot, offset: offset + first, values: [left.slice(first, at), right.slice(first, at)] };
      }
    }
  }
}

/** The bytes of a sector that was written. */
function sector(cluster: Cluster | undefined, start: number): Uint8Array | undefined {
  if (cluster === undefined || ((cluster.written >>> (start / SECTOR_BYTES)) & 1) === 0) return undefined;
  return cluster.bytes.slice(start, start + SECTOR_BYTES);
}

/** Adds a difference to those found; to the last of them where it goes on there. */
function join(found: DiskDifference[], next: DiskDifference): void {
  const last = found.at(-1);
  const length = last?.values[0]?.length ?? last?.values[1]?.length ?? 0;
  const goesOn =
    last?.slot === next.slot &&
    last.offset + length === next.offset &&
    next.values.every((value, side) => (value === undefined) === (last.values[side] === undefined));
  if (!goesOn) return void found.push(next);
  const values = next.values.map((value, side) => value && joined(last.values[side], value));
  found[found.length - 1] = { ...last, values: [values[0], values[1]] };
}

function joined(a: Uint8Array | undefined, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((a?.length ?? 0) + b.length);
  bytes.set(a ?? []);
  bytes.set(b, a?.length ?? 0);
  return bytes;
}
