/**
 * Snapshots of a machine. A Snapshot stays with its machine and moves on with it: taking it again, or going back to it,
 * costs as much as was written in between, to RAM and to disks. A SavedState stands alone and restores into any machine of the same make.
 */
import { PAGE_BYTES } from '../hart/layout.js';
import type { Machine } from '../machine/machine.js';
import type { Cluster, ClusterFollower, Overlay } from '../machine/overlay.js';
import type { TakeDirty } from './dirty-pages.js';
import { StateWriter, restoreState } from './state-bytes.js';

const ZEROS = new Uint8Array(PAGE_BYTES);
const PAGE_WORDS = PAGE_BYTES / 4;

/** What was written to a disk, by the number of the cluster. */
type Clusters = ReadonlyMap<number, Cluster>;

/**
 * A whole state: the fields' bytes, the RAM pages that are not all zero by number, and what was written to disks, in the
 * order of their slots.
 */
export interface SavedState {
  readonly fields: Uint8Array;
  readonly pages: ReadonlyMap<number, Uint8Array>;
  readonly disks: readonly Clusters[];
}

export class Snapshot {
  private readonly pages = new Map<number, Uint8Array>();
  private readonly writer = new StateWriter();
  private fields = new Uint8Array(0);
  private readonly words: Int32Array;
  private readonly disks: readonly KeptDisk[];

  /** Takes the first one. `takeDirty` must not have been asked since the machine was built. */
  constructor(
    private readonly machine: Machine,
    private readonly takeDirty: TakeDirty,
  ) {
    this.words = wordsOf(machine);
    this.disks = machine.overlays.map((overlay) => new KeptDisk(overlay));
    this.update();
  }

  /** Takes it anew, of the state now. */
  update(): void {
    for (const page of this.takeDirty()) this.keep(page);
    for (const disk of this.disks) disk.update();
    this.fields = this.writer.write(this.machine).slice();
  }

  /** Puts the machine back into the state it was taken of. */
  restore(): void {
    for (const page of this.takeDirty()) this.machine.restoreRam(page, this.pages.get(page) ?? ZEROS);
    for (const disk of this.disks) disk.restore();
    restoreState(this.machine, this.fields);
    // What was just written is what is kept.
    this.takeDirty();
  }

  private keep(page: number): void {
    const bytes = pageOf(this.machine, page);
    const kept = this.pages.get(page);
    if (kept !== undefined) kept.set(bytes);
    else if (!isZero(this.words, page)) this.pages.set(page, bytes.slice());
  }
}

/** What was written to one disk. Clusters never change, so that they are kept as they are. */
class KeptDisk {
  private readonly clusters = new Map<number, Cluster>();
  private readonly follower: ClusterFollower;

  constructor(private readonly overlay: Overlay) {
    this.follower = overlay.follow();
  }

  update(): void {
    for (const number of this.follower.take()) {
      const cluster = this.overlay.clusters.get(number);
      if (cluster === undefined) this.clusters.delete(number);
      else this.clusters.set(number, cluster);
    }
  }

  restore(): void {
    for (const number of this.follower.take()) this.overlay.put(number, this.clusters.get(number));
    // What was just put there is what is kept.
    this.follower.take();
  }
}

/** The state now, complete in itself. */
export function saveState(machine: Machine): SavedState {
  const pages = new Map<number, Uint8Array>();
  const words = wordsOf(machine);
  for (let page = 0; page < machine.ram.length / PAGE_BYTES; page++) {
    if (!isZero(words, page)) pages.set(page, pageOf(machine, page).slice());
  }
  const disks = machine.overlays.map(({ clusters }) => new Map(clusters));
  return { fields: new StateWriter().write(machine).slice(), pages, disks };
}

/** Puts a machine of the same configuration and image into a saved state, whatever it did before. */
export function restoreSaved(machine: Machine, saved: SavedState): void {
  const words = wordsOf(machine);
  for (let page = 0; page < machine.ram.length / PAGE_BYTES; page++) {
    const bytes = saved.pages.get(page);
    if (bytes !== undefined) machine.restoreRam(page, bytes);
    else if (!isZero(words, page)) machine.restoreRam(page, ZEROS);
  }
  machine.overlays.forEach((overlay, i) => {
    const clusters = saved.disks[i] ?? new Map<number, Cluster>();
    for (const number of [...overlay.clusters.keys()]) if (!clusters.has(number)) overlay.put(number, undefined);
    for (const [number, cluster] of clusters) {
      if (overlay.clusters.get(number) !== cluster) overlay.put(number, cluster);
    }
  });
  restoreState(machine, saved.fields);
}

function pageOf(machine: Machine, page: number): Uint8Array {
  return machine.ram.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
}

function wordsOf({ ram }: Machine): Int32Array {
  return new Int32Array(ram.buffer, ram.byteOffset, ram.byteLength / 4);
}

function isZero(words: Int32Array, page: number): boolean {
  const end = (page + 1) * PAGE_WORDS;
  for (let at = page * PAGE_WORDS; at < end; at++) if (words[at] !== 0) return false;
  return true;
}
