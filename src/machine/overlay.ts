/**
 * What a guest has written to a disk whose image stays as it is: copy on write, in clusters of 4 KiB. Which sectors of a
 * cluster were written is kept beside its bytes, so that a write never needs to know what the image holds. Part of the
 * machine's state, but no field of it: whoever keeps or compares states follows the clusters that change.
 */

export const SECTOR_BYTES = 512;
export const CLUSTER_BYTES = 4096;
const SECTORS = CLUSTER_BYTES / SECTOR_BYTES;
const ALL_SECTORS = 2 ** SECTORS - 1;

const { floor, min } = Math;

/** Never changed once it is made, so that snapshots can share it. */
export interface Cluster {
  /** Bit n: sector n was written. */
  readonly written: number;
  /** CLUSTER_BYTES; zero where nothing was written. */
  readonly bytes: Uint8Array;
}

/** Collects the numbers of clusters that change. */
export class ClusterFollower {
  private readonly changed = new Set<number>();

  note(cluster: number): void {
    this.changed.add(cluster);
  }

  /** Numbers of the clusters that have changed since the last call, in no order. */
  take(): number[] {
    if (this.changed.size === 0) return [];
    const numbers = [...this.changed];
    this.changed.clear();
    return numbers;
  }
}

export class Overlay {
  private readonly content = new Map<number, Cluster>();
  private readonly followers = new Set<ClusterFollower>();

  /** @param slot the virtio slot of its device */
  constructor(readonly slot: number) {}

  /** What was written, by the number of the cluster. */
  get clusters(): ReadonlyMap<number, Cluster> {
    return this.content;
  }

  /** Follows changes from now on; the clusters there are count as changed. */
  follow(): ClusterFollower {
    const follower = new ClusterFollower();
    for (const number of this.content.keys()) follower.note(number);
    this.followers.add(follower);
    return follower;
  }

  unfollow(follower: ClusterFollower): void {
    this.followers.delete(follower);
  }

  /** Puts a cluster in the place of what is there; undefined: nothing of it was written. */
  put(number: number, cluster: Cluster | undefined): void {
    if (cluster === undefined) this.content.delete(number);
    else this.content.set(number, cluster);
    for (const follower of this.followers) follower.note(number);
  }

  /** Writes whole sectors at a byte offset that is a multiple of SECTOR_BYTES. */
  write(offset: number, data: Uint8Array): void {
    for (let at = 0; at < data.length;) {
      const number = floor((offset + at) / CLUSTER_BYTES);
      const start = offset + at - number * CLUSTER_BYTES;
      const part = data.subarray(at, at + min(CLUSTER_BYTES - start, data.length - at));
      const old = part.length === CLUSTER_BYTES ? undefined : this.content.get(number);
      const bytes = old === undefined ? new Uint8Array(CLUSTER_BYTES) : old.bytes.slice();
      bytes.set(part, start);
      this.put(number, { written: (old?.written ?? 0) | sectors(start, part.length), bytes });
      at += part.length;
    }
  }

  /** What the guest finds at a byte offset where the image holds `base`: that itself where nothing was written. */
  cover(offset: number, base: Uint8Array): Uint8Array {
    if (this.content.size === 0) return base;
    let covered: Uint8Array | undefined;
    for (let at = 0; at < base.length;) {
      const number = floor((offset + at) / CLUSTER_BYTES);
      const start = offset + at - number * CLUSTER_BYTES;
      const length = min(CLUSTER_BYTES - start, base.length - at);
      const cluster = this.content.get(number);
      if (cluster !== undefined) {
        covered ??= base.slice();
        layOver(covered.subarray(at, at + length), start, cluster);
      }
      at += length;
    }
    return covered ?? base;
  }
}

function layOver(target: Uint8Array, start: number, { written, bytes }: Cluster): void {
  if (written === ALL_SECTORS) return target.set(bytes.subarray(start, start + target.length));
  for (let at = 0; at < target.length; at += SECTOR_BYTES) {
    if (((written >>> ((start + at) / SECTOR_BYTES)) & 1) === 0) continue;
    target.set(bytes.subarray(start + at, start + at + SECTOR_BYTES), at);
  }
}

/** A bit for each sector of a stretch of a cluster. */
function sectors(start: number, length: number): number {
  return (2 ** (length / SECTOR_BYTES) - 1) << (start / SECTOR_BYTES);
}
