/**
 * The state of a running guest, sent to a backup that joins (VM-FT, section 2.4 of the paper calls it FT VMotion): memory
 * while the guest runs, again what it has written meanwhile, and the rest in one short pause.
 */
import { PAGE_BYTES } from '../hart/layout.js';
import type { Machine } from '../machine/machine.js';
import { CLUSTER_BYTES, type ClusterFollower, type Overlay } from '../machine/overlay.js';
import type { StateDigest } from '../replay/digest.js';
import type { DirtyPages, TakeDirty } from '../replay/dirty-pages.js';
import { restoreState, StateWriter } from '../replay/state-bytes.js';
import type { Clusters, Frame, Pages, State } from './frames.js';

const { max } = Math;

const ZEROS = new Uint8Array(PAGE_BYTES);
/** Pages, and clusters, in one frame. */
const BATCH = 256;
/** Pages that are looked at before the guest may go on: to look at memory that it never had can take 10 us each. */
const LOOKED_AT = 2048;
/** Pages that may be left for the pause, and rounds after which it comes all the same. */
const FEW_PAGES = 2048;
const MOST_ROUNDS = 10;
const ALL_SECTORS = 2 ** (CLUSTER_BYTES / 512) - 1;

/** A machine that runs and what follows its writes. */
export interface RunningGuest {
  readonly machine: Machine;
  readonly dirty: DirtyPages;
  readonly digest: StateDigest;
  /** Guest time in ticks. */
  time(): number;
}

export interface Transfer {
  send(frame: Frame): void;
  /** Lets the guest run, and waits while the channel is full. False where the transfer is to end. */
  breathe(): Promise<boolean>;
}

export class StateSender {
  private readonly take: TakeDirty;
  private readonly disks: readonly { readonly overlay: Overlay; readonly follower: ClusterFollower }[];

  /** Follows the guest's writes from now on, until `close`. */
  constructor(
    private readonly guest: RunningGuest,
    private readonly transfer: Transfer,
  ) {
    this.take = guest.dirty.consumer();
    // What was written before is found by looking at all of RAM.
    this.take();
    this.disks = guest.machine.overlays.map((overlay) => ({ overlay, follower: overlay.follow() }));
  }

  /** Sends nearly all, while the guest runs. False where the transfer was ended. */
  async sendMost(): Promise<boolean> {
    let pages = await this.filledPages();
    if (pages === undefined) return false;
    for (let round = 0; ; round++) {
      for (let at = 0; at < pages.length; at += BATCH) {
        this.sendPages(pages.slice(at, at + BATCH));
        if (!(await this.transfer.breathe())) return false;
      }
      for (const frame of this.clusterFrames()) {
        this.transfer.send(frame);
        if (!(await this.transfer.breathe())) return false;
      }
      pages = [...this.take()];
      if (pages.length <= FEW_PAGES || round >= MOST_ROUNDS) break;
    }
    this.late = pages;
    return true;
  }

  private late: readonly number[] = [];

  /** Sends the rest, at the position where the guest is: nothing of it runs meanwhile. */
  sendRest(): void {
    const { machine, digest, time } = this.guest;
    const pages = [...new Set([...this.late, ...this.take()])];
    for (let at = 0; at < pages.length; at += BATCH) this.sendPages(pages.slice(at, at + BATCH));
    for (const frame of this.clusterFrames()) this.transfer.send(frame);
    const fields = new StateWriter().write(machine).slice();
    this.transfer.send({ type: 'state', fields, digest: digest.take(), position: machine.position, time: time() });
  }

  close(): void {
    this.guest.dirty.retire(this.take);
    for (const { overlay, follower } of this.disks) overlay.unfollow(follower);
  }

  /** Undefined where the transfer was ended. A page that is filled meanwhile is among those that are sent again. */
  private async filledPages(): Promise<number[] | undefined> {
    const { ram } = this.guest.machine;
    const words = new Int32Array(ram.buffer, ram.byteOffset, ram.byteLength / 4);
    const count = ram.length / PAGE_BYTES;
    const pages: number[] = [];
    for (let page = 0; page < count; page++) {
      if (!isZero(words, page)) pages.push(page);
      if (page % LOOKED_AT === LOOKED_AT - 1 && page < count - 1 && !(await this.transfer.breathe())) return undefined;
    }
    return pages;
  }

  private sendPages(numbers: readonly number[]): void {
    if (numbers.length === 0) return;
    const { ram } = this.guest.machine;
    const content = new Uint8Array(numbers.length * PAGE_BYTES);
    numbers.forEach((page, i) => {
      content.set(ram.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES), i * PAGE_BYTES);
    });
    this.transfer.send({ type: 'pages', numbers, content });
  }

  private *clusterFrames(): Generator<Clusters> {
    for (const { overlay, follower } of this.disks) {
      const changed = follower.take();
      for (let at = 0; at < changed.length; at += BATCH) {
        const numbers = changed.slice(at, at + BATCH);
        const clusters = numbers.map((number) => overlay.clusters.get(number));
        const content = new Uint8Array(numbers.length * CLUSTER_BYTES);
        clusters.forEach((cluster, i) => cluster && content.set(cluster.bytes, i * CLUSTER_BYTES));
        const written = clusters.map((cluster) => cluster?.written ?? 0);
        yield { type: 'clusters', slot: overlay.slot, numbers, written, content };
      }
    }
  }
}

/** What was sent is not what a machine of this make can hold, or not what the primary had. */
export class BadState extends Error {}

/** The other end: a machine that was built from the same header takes the state on. */
export class StateReceiver {
  constructor(private readonly machine: Machine) {
    // The guest's own image lies there: of what the primary has cleared nothing will be said.
    const { ram } = machine;
    const words = new Int32Array(ram.buffer, ram.byteOffset, ram.byteLength / 4);
    for (let page = 0; page < ram.length / PAGE_BYTES; page++)
      if (!isZero(words, page)) machine.restoreRam(page, ZEROS);
  }

  pages({ numbers, content }: Pages): void {
    const { machine } = this;
    const last = numbers.reduce((most, number) => max(most, number), 0);
    if (content.length !== numbers.length * PAGE_BYTES || (last + 1) * PAGE_BYTES > machine.ram.length) {
      throw new BadState('pages of memory that there is not');
    }
    numbers.forEach((page, i) => machine.restoreRam(page, content.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES)));
  }

  clusters({ slot, numbers, written, content }: Clusters): void {
    const { overlays, configuration } = this.machine;
    const overlay = overlays.find((one) => one.slot === slot);
    const disk = configuration.devices.find((device) => device.slot === slot);
    const capacity = disk?.kind === 'block' ? disk.capacity : 0;
    const sound = numbers.length === written.length && content.length === numbers.length * CLUSTER_BYTES;
    const fit = written.every((sectors, i) => sectors <= ALL_SECTORS && numbers[i] * CLUSTER_BYTES < capacity);
    if (overlay === undefined || !sound || !fit) throw new BadState('clusters of a disk that there is not');
    numbers.forEach((number, i) => {
      const bytes = content.slice(i * CLUSTER_BYTES, (i + 1) * CLUSTER_BYTES);
      overlay.put(number, written[i] === 0 ? undefined : { written: written[i], bytes });
    });
  }

  /** The last part. */
  finish({ fields, digest: expected, position }: State, digest: StateDigest): void {
    try {
      restoreState(this.machine, fields);
    } catch (error) {
      throw new BadState('a state of another machine', { cause: error });
    }
    if (this.machine.position !== position || digest.take() !== expected) {
      throw new BadState('a state that has another digest than its own');
    }
  }
}

function isZero(words: Int32Array, page: number): boolean {
  const pageWords = PAGE_BYTES / 4;
  for (let at = page * pageWords; at < (page + 1) * pageWords; at++) if (words[at] !== 0) return false;
  return true;
}
