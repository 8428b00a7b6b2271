/**
 * The digest: one 64-bit hash of the whole guest state at one position. RAM goes in page by page, each hashed with its
 * number as seed and all added up modulo 2^64, so that only pages written since the last digest are hashed again;
 * a page of zeros counts 0, so that fresh RAM costs nothing. What was written to disks is added in the same way. The sum
 * seeds the hash of the fields' bytes.
 */
import { PAGE_BYTES } from '../hart/layout.js';
import type { Stateful } from '../hart/state.js';
import type { Machine } from '../machine/machine.js';
import { ClusterDigest } from './cluster-digest.js';
import type { TakeDirty } from './dirty-pages.js';
import type { Hash } from './hash.js';
import { StateWriter } from './state-bytes.js';

const asUint = BigInt.asUintN;
const toBigint = BigInt;
const PAGE_WORDS = PAGE_BYTES / 4;

/** What a comparison of states leaves out: parts of RAM pages and fields. */
export interface Mask {
  /** By page number, the offsets in the page that count as zero: pairs of first and end. */
  readonly ranges: ReadonlyMap<number, readonly (readonly [number, number])[]>;
  readonly fields: ReadonlySet<string>;
}

/** Nothing left out. */
export const NOTHING_MASKED: Mask = { ranges: new Map(), fields: new Set() };

/** What of a machine is digested. */
export type Digested = Stateful & Pick<Machine, 'ram' | 'overlays'>;

export class StateDigest {
  private readonly words: Int32Array;
  /** Hash of each page. */
  private readonly hashes: BigUint64Array;
  private sum = 0n;
  /** Of what was written to disks. */
  readonly clusters: ClusterDigest;
  private readonly writer = new StateWriter();
  private mask: Mask = NOTHING_MASKED;
  private maskedWriter = this.writer;

  constructor(
    private readonly machine: Digested,
    private readonly takeDirty: TakeDirty,
    private readonly hash: Hash,
  ) {
    const { ram } = machine;
    this.clusters = new ClusterDigest(machine.overlays, hash);
    this.words = new Int32Array(ram.buffer, ram.byteOffset, ram.byteLength / 4);
    this.hashes = new BigUint64Array(ram.byteLength / PAGE_BYTES);
  }

  /** Sets what `masked` leaves out. */
  leaveOut(mask: Mask): void {
    this.mask = mask;
    this.maskedWriter = new StateWriter(mask.fields);
  }

  /** The digest of the state now: unsigned 64 bits. */
  take(): bigint {
    this.refresh();
    return this.hash(this.writer.write(this.machine), asUint(64, this.sum + this.clusters.take()));
  }

  /** The digest of the state now without what the mask leaves out. */
  masked(): bigint {
    this.refresh();
    let sum = this.sum + this.clusters.take();
    for (const [page, ranges] of this.mask.ranges) {
      if (page >= this.hashes.length) continue;
      const bytes = this.page(page).slice();
      for (const [first, end] of ranges) bytes.fill(0, first, end);
      sum += (bytes.every((byte) => byte === 0) ? 0n : this.hash(bytes, toBigint(page))) - this.hashes[page];
    }
    return this.hash(this.maskedWriter.write(this.machine), asUint(64, sum));
  }

  /** Hash of one page as of the last digest, 0 where there is no such page: tells the pages in which states differ. */
  pageHash(page: number): bigint {
    return this.hashes[page] ?? 0n;
  }

  private refresh(): void {
    const { hash, hashes } = this;
    let { sum } = this;
    for (const page of this.takeDirty()) {
      const value = this.isZero(page) ? 0n : hash(this.page(page), toBigint(page));
      sum += value - hashes[page];
      hashes[page] = value;
    }
    this.sum = asUint(64, sum);
  }

  private page(page: number): Uint8Array {
    return this.machine.ram.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
  }

  private isZero(page: number): boolean {
    const { words } = this;
    // As int32: V8 would count in allocated numbers where the page's is one.
    const first = (page * PAGE_WORDS) | 0;
    const end = first + PAGE_WORDS;
    for (let at = first; at < end; at++) if (words[at] !== 0) return false;
    return true;
  }
}
