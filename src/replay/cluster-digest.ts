/**
 * The part of a digest that covers what was written to disks: each cluster hashed, with its place and its sectors as seed,
 * and all added up modulo 2^64, so that only clusters that have changed since the last digest are hashed again.
 */
import type { Cluster, ClusterFollower, Overlay } from '../machine/overlay.js';
import type { Hash } from './hash.js';

const toBigint = BigInt;
const asUint = BigInt.asUintN;

/** In the seed, above the cluster's number: which sectors are written, which is never 0, and the slot. */
const WRITTEN_SHIFT = 48n;
const SLOT_SHIFT = 56n;

interface Followed {
  readonly overlay: Overlay;
  readonly follower: ClusterFollower;
  readonly hashes: Map<number, bigint>;
}

export class ClusterDigest {
  private readonly followed: readonly Followed[];
  private sum = 0n;

  constructor(
    overlays: readonly Overlay[],
    private readonly hash: Hash,
  ) {
    this.followed = overlays.map((overlay) => ({ overlay, follower: overlay.follow(), hashes: new Map() }));
  }

  /** The sum as of now: 0 where nothing was written. */
  take(): bigint {
    for (const { overlay, follower, hashes } of this.followed) {
      for (const number of follower.take()) {
        const cluster = overlay.clusters.get(number);
        const value = cluster === undefined ? 0n : this.hashOf(overlay.slot, number, cluster);
        this.sum += value - (hashes.get(number) ?? 0n);
        if (cluster === undefined) hashes.delete(number);
        else hashes.set(number, value);
      }
    }
    return (this.sum = asUint(64, this.sum));
  }

  /** Hash of each cluster of the disk in a slot, as of the last digest. */
  hashes(slot: number): ReadonlyMap<number, bigint> {
    return this.followed.find(({ overlay }) => overlay.slot === slot)?.hashes ?? new Map<number, bigint>();
  }

  private hashOf(slot: number, number: number, { written, bytes }: Cluster): bigint {
    const place = (toBigint(slot) << SLOT_SHIFT) | (toBigint(written) << WRITTEN_SHIFT) | toBigint(number);
    return this.hash(bytes, place);
  }
}
