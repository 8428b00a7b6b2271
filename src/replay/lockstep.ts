/**
 * Tells whether two machines that were equal still are, after a few instructions, at the cost of what may have changed
 * since: the hart's shared memory, the bytes of RAM and of disks that were written, and the rest of the state where anything has
 * happened that can change it.
 */
import { DRAM_BASE, HART, PAGE_BYTES } from '../hart/layout.js';
import type { Machine } from '../machine/machine.js';
import type { Cluster, ClusterFollower } from '../machine/overlay.js';
import type { Mask } from './digest.js';
import { sameBytes } from './same-bytes.js';
import { StateWriter } from './state-bytes.js';

const { floor } = Math;

/**
 * Words of the shared memory that are guest state: x0 to x31, mstatus and the registers of traps, f0 to f31, pc, fcsr, FS
 * and whether there is a reservation.
 */
const X = HART.x >> 2;
const X_END = X + 64;
const STATUS = HART.status >> 2;
const TRAP_END = (HART.machineTrap + 32) >> 2;
const F = HART.f >> 2;
const F_END = F + 64;
const PC = HART.pc >> 2;
const RESERVED = HART.reserved >> 2;
/** The reservation itself, where there is one. */
const RESERVATION_WORDS = [HART.reservation, HART.reservation + 4, HART.reservedValue, HART.reservedValue + 4].map(
  (address) => address >> 2,
);

class Follower {
  /** Address and length of each write of RAM since the last comparison, in pairs. */
  readonly writes: number[] = [];
  generation = -1;
  /** Of what is written to disks, in the order of the machine's overlays. */
  clusters: readonly ClusterFollower[] = [];
  private readonly writer: StateWriter;

  constructor(
    readonly machine: Machine,
    mask: Mask,
  ) {
    this.writer = new StateWriter(mask.fields);
  }

  get changed(): boolean {
    return this.generation !== this.machine.generation;
  }

  bytes(): Uint8Array {
    return this.writer.write(this.machine);
  }

  start(): void {
    this.writes.length = 0;
    this.machine.tellWrites(this.writes);
    this.clusters = this.machine.overlays.map((overlay) => overlay.follow());
    for (const follower of this.clusters) follower.take();
  }

  stop(): void {
    this.machine.tellWrites(undefined);
    this.machine.overlays.forEach((overlay, i) => overlay.unfollow(this.clusters[i]));
  }
}

export class Lockstep {
  private readonly a: Follower;
  private readonly b: Follower;
  /** The words of the shared memory to compare, where some are left out. */
  private readonly words: number[] | undefined;

  /** @param mask what is left out */
  constructor(
    a: Machine,
    b: Machine,
    private readonly mask: Mask,
  ) {
    this.a = new Follower(a, mask);
    this.b = new Follower(b, mask);
    const masked = [...mask.fields].flatMap(wordsOf);
    if (masked.length > 0) this.words = allWords().filter((at) => !masked.includes(at));
  }

  private sameWords(a: Int32Array, b: Int32Array): boolean {
    if (this.words === undefined) return sameWords(a, b);
    const reservation = a[RESERVED] === 0 ? [] : RESERVATION_WORDS;
    return this.words.every((at) => a[at] === b[at]) && reservation.every((at) => a[at] === b[at]);
  }

  /** Starts where both are equal. */
  start(): void {
    for (const follower of [this.a, this.b]) follower.start();
  }

  stop(): void {
    for (const follower of [this.a, this.b]) follower.stop();
  }

  /** Whether both are equal, if they were at the last call or at the start. */
  equal(): boolean {
    const { a, b } = this;
    return (
      a.machine.position === b.machine.position &&
      this.sameWords(a.machine.hart.words, b.machine.hart.words) &&
      this.sameWrites(a.writes) &&
      this.sameWrites(b.writes) &&
      this.sameClusters() &&
      this.sameFields()
    );
  }

  private sameClusters(): boolean {
    const { a, b } = this;
    return a.clusters.every((follower, i) => {
      const [left, right] = [a.machine.overlays[i], b.machine.overlays[i]] as const;
      // Machines that are compared though they are not of one make are compared whole, too.
      if (right === undefined) return true;
      const changed = [...follower.take(), ...b.clusters[i].take()];
      return changed.every((number) => sameCluster(left.clusters.get(number), right.clusters.get(number)));
    });
  }

  private sameFields(): boolean {
    const { a, b } = this;
    if (!a.changed && !b.changed) return true;
    const same = sameBytes(a.bytes(), b.bytes());
    for (const follower of [a, b]) follower.generation = follower.machine.generation;
    return same;
  }

  private sameWrites(writes: number[]): boolean {
    for (let at = 0; at < writes.length; at += 2) if (!this.sameRam(writes[at], writes[at + 1])) return false;
    writes.length = 0;
    return true;
  }

  private sameRam(address: number, length: number): boolean {
    const [left, right] = [this.a.machine.ram, this.b.machine.ram];
    const start = address - DRAM_BASE;
    for (let at = start; at < start + length; at++) {
      if (left[at] !== right[at] && !this.isMasked(at)) return false;
    }
    return true;
  }

  private isMasked(at: number): boolean {
    const page = floor(at / PAGE_BYTES);
    const offset = at % PAGE_BYTES;
    return this.mask.ranges.get(page)?.some(([first, end]) => offset >= first && offset < end) ?? false;
  }
}

function sameCluster(a: Cluster | undefined, b: Cluster | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || (a.written === b.written && sameBytes(a.bytes, b.bytes));
}

function sameWords(a: Int32Array, b: Int32Array): boolean {
  let different = 0;
  for (let at = X; at < X_END; at++) different |= a[at] ^ b[at];
  for (let at = STATUS; at < TRAP_END; at++) different |= a[at] ^ b[at];
  for (let at = F; at < F_END; at++) different |= a[at] ^ b[at];
  for (let at = PC; at <= RESERVED; at++) different |= a[at] ^ b[at];
  if (a[RESERVED] !== 0) for (const at of RESERVATION_WORDS) different |= a[at] ^ b[at];
  return different === 0;
}

function allWords(): number[] {
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  return [...range(X, X_END), ...range(STATUS, TRAP_END), ...range(F, F_END), ...range(PC, RESERVED + 1)];
}

const wide = (address: number): number[] => [address >> 2, (address >> 2) + 1];
const TRAP_FIELDS = ['scratch', 'epc', 'cause', 'tval'];

/** Where fields lie that are in the shared memory. */
const WORDS = new Map<string, number[]>([
  ['pc', wide(HART.pc)],
  ['mstatus', [STATUS]],
  ...(['fflags', 'frm', 'fs', 'reserved'] as const).map((name) => [name, [HART[name] >> 2]] as const),
  ...Array.from({ length: 32 }, (_, i) => [`x${i}`, wide(HART.x + i * 8)] as const),
  ...Array.from({ length: 32 }, (_, i) => [`f${i}`, wide(HART.f + i * 8)] as const),
  ...TRAP_FIELDS.flatMap((name, i) => [
    [`s${name}`, wide(HART.supervisorTrap + i * 8)] as const,
    [`m${name}`, wide(HART.machineTrap + i * 8)] as const,
  ]),
] as [string, number[]][]);

/** The words of a field: none, for most. */
function wordsOf(field: string): number[] {
  const [, name] = /^hart\.(.*)$/.exec(field) ?? [];
  return (name !== undefined && WORDS.get(name)) || [];
}
