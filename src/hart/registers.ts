/**
 * Accessors for the part of the hart's state that compiled code shares: integer and floating-point registers, pc, fcsr
 * and the LR reservation, at the addresses of layout.ts. RISC-V unprivileged specification 20240411, chapters 2, 13, 20.
 */
import { ATTENTION, HART } from './layout.js';
import type { StateVisitor } from './state.js';

const X = HART.x >> 3;
const F = HART.f >> 3;
const PC = HART.pc >> 3;
const RESERVATION = HART.reservation >> 3;
const RESERVED_VALUE = HART.reservedValue >> 3;
const SCRATCH = HART.scratch >> 3;
const RESERVED = HART.reserved >> 2;
const FFLAGS = HART.fflags >> 2;
const FRM = HART.frm >> 2;
const FS = HART.fs >> 2;
const STATUS = HART.status >> 2;

const asUnsigned = BigInt.asUintN;
/** Names of fields, made once: states are collected often. */
const X_NAMES = Array.from({ length: 32 }, (_, i) => `x${i}`);
const F_NAMES = Array.from({ length: 32 }, (_, i) => `f${i}`);

export class Registers {
  /** The shared memory by 64-bit and by 32-bit words, up to the TLBs. */
  readonly wide: BigUint64Array;
  readonly words: Int32Array;

  constructor(memory: WebAssembly.Memory) {
    this.wide = new BigUint64Array(memory.buffer, 0, 0x400 >> 3);
    this.words = new Int32Array(memory.buffer, 0, 0x400 >> 2);
  }

  /** Everything zero. */
  reset(): void {
    this.wide.fill(0n, X, X + 32);
    this.wide.fill(0n, F, F + 32);
    this.wide[PC] = 0n;
    this.words[FFLAGS] = 0;
    this.words[FRM] = 0;
    this.words[FS] = 0;
    this.dropReservation();
  }

  getX(index: number): bigint {
    return this.wide[X + (index & 31)];
  }

  /** Writes to x0 are dropped. */
  setX(index: number, value: bigint): void {
    if ((index & 31) !== 0) this.wide[X + (index & 31)] = value;
  }

  getF(index: number): bigint {
    return this.wide[F + (index & 31)];
  }

  setF(index: number, value: bigint): void {
    this.wide[F + (index & 31)] = value;
  }

  get pc(): bigint {
    return this.wide[PC];
  }

  set pc(value: bigint) {
    this.wide[PC] = value;
  }

  /** Result of a service call. */
  set result(value: bigint) {
    this.wide[SCRATCH] = value;
  }

  get fflags(): number {
    return this.words[FFLAGS];
  }

  set fflags(value: number) {
    this.words[FFLAGS] = value & 31;
  }

  get frm(): number {
    return this.words[FRM];
  }

  set frm(value: number) {
    this.words[FRM] = value & 7;
  }

  /** mstatus.FS, 0 to 3. */
  get fs(): number {
    return this.words[FS];
  }

  set fs(value: number) {
    this.words[FS] = value & 3;
  }

  /** mstatus[31:0] without FS. */
  get status(): number {
    return this.words[STATUS];
  }

  set status(value: number) {
    this.words[STATUS] = value;
  }

  dropReservation(): void {
    this.words[RESERVED] = 0;
  }

  requestAttention(): void {
    this.words[HART.attention >> 2] = ATTENTION.boundary;
  }

  /** Points compiled code at the TLBs (byte addresses) that hold from now on. */
  selectTlbs(read: number, write: number, fetch: number): void {
    this.words[HART.readTlb >> 2] = read;
    this.words[HART.writeTlb >> 2] = write;
    this.words[HART.fetchTlb >> 2] = fetch;
  }

  /** What compiled code must know of S-mode: whether it is in it, and which enabled interrupts are pending. */
  showSupervisor(present: boolean, pending: number): void {
    this.words[HART.supervisor >> 2] = present ? 1 : 0;
    this.words[HART.pending >> 2] = pending;
  }

  /** Whether compiled code may address RAM without translation and protection. */
  set bare(value: boolean) {
    this.words[HART.bare >> 2] = value ? 1 : 0;
  }

  state(visitor: StateVisitor): void {
    const { wide, words } = this;
    wide[PC] = visitor.u64('pc', wide[PC]);
    for (let i = 1; i < 32; i++) wide[X + i] = visitor.u64(X_NAMES[i], wide[X + i]);
    for (let i = 0; i < 32; i++) wide[F + i] = visitor.u64(F_NAMES[i], wide[F + i]);
    words[FFLAGS] = visitor.number('fflags', words[FFLAGS]);
    words[FRM] = visitor.number('frm', words[FRM]);
    words[FS] = visitor.number('fs', words[FS]);
    // The address left behind by a lost reservation is nothing the guest can see.
    const reserved = visitor.bool('reserved', words[RESERVED] !== 0);
    const address = visitor.u64('reservation', reserved ? wide[RESERVATION] : 0n);
    words[RESERVED] = reserved ? 1 : 0;
    if (!reserved) return;
    wide[RESERVATION] = asUnsigned(64, address);
    // What a lost reservation had read decides nothing any more: two states that differ in it only are the same.
    wide[RESERVED_VALUE] = asUnsigned(64, visitor.u64('reservedValue', wide[RESERVED_VALUE]));
  }
}
