/**
 * Traps: the registers that describe one, delegation, trap entry and return.
 * RISC-V privileged specification 20240411, sections 3.1.7, 3.1.8, 3.1.12 to 3.1.16, 3.3.2.
 */
import type { Interrupts, InterruptNumber } from './interrupts.js';
import { HART } from './layout.js';
import type { Registers } from './registers.js';
import type { StateVisitor } from './state.js';
import type { Status } from './status.js';

/** Exception codes of mcause and scause. */
export const CAUSE = {
  fetchMisaligned: 0,
  fetchAccess: 1,
  illegalInstruction: 2,
  breakpoint: 3,
  loadMisaligned: 4,
  loadAccess: 5,
  storeMisaligned: 6,
  storeAccess: 7,
  ecallFromU: 8,
  ecallFromS: 9,
  ecallFromM: 11,
  fetchPage: 12,
  loadPage: 13,
  storePage: 15,
} as const;

/** Every exception but ecall from M-mode can be delegated. */
const DELEGABLE = 0xb3ff;
const INTERRUPT_BIT = 1n << 63n;
const MODE = 3n;

const toBigint = BigInt;

/** Where each lies from the first, in 64-bit words: in the order of their numbers. */
const SCRATCH = 0;
const EPC = 1;
const CAUSE_WORD = 2;
const TVAL = 3;

/** xtvec, xepc, xcause, xtval and xscratch of one mode. All but xtvec live where compiled code can reach them. */
export class TrapRegisters {
  tvec = 0n;
  private readonly words: BigUint64Array;

  constructor(
    private readonly mode: 'm' | 's',
    { wide }: Registers,
  ) {
    const first = (mode === 'm' ? HART.machineTrap : HART.supervisorTrap) >> 3;
    this.words = wide.subarray(first, first + 4);
  }

  reset(): void {
    this.tvec = 0n;
    this.words.fill(0n);
  }

  get scratch(): bigint {
    return this.words[SCRATCH];
  }
  set scratch(value: bigint) {
    this.words[SCRATCH] = value;
  }

  get epc(): bigint {
    return this.words[EPC];
  }
  set epc(value: bigint) {
    this.words[EPC] = value;
  }

  get cause(): bigint {
    return this.words[CAUSE_WORD];
  }
  set cause(value: bigint) {
    this.words[CAUSE_WORD] = value;
  }

  get tval(): bigint {
    return this.words[TVAL];
  }
  set tval(value: bigint) {
    this.words[TVAL] = value;
  }

  /** Modes 0 (direct) and 1 (vectored); a write of another mode changes nothing. */
  writeTvec(value: bigint): void {
    if ((value & MODE) < 2n) this.tvec = value;
  }

  writeEpc(value: bigint): void {
    this.epc = value & ~1n;
  }

  /** Where the handler of an exception, or of interrupt `number`, starts. */
  handler(number: InterruptNumber | -1): bigint {
    const { tvec } = this;
    const base = tvec & ~MODE;
    // The address may wrap around the end of the address space.
    return number >= 0 && base !== tvec ? BigInt.asUintN(64, base + toBigint(number * 4)) : base;
  }

  state(visitor: StateVisitor): void {
    this.tvec = visitor.u64(`${this.mode}tvec`, this.tvec);
    this.epc = visitor.u64(`${this.mode}epc`, this.epc);
    this.cause = visitor.u64(`${this.mode}cause`, this.cause);
    this.tval = visitor.u64(`${this.mode}tval`, this.tval);
    this.scratch = visitor.u64(`${this.mode}scratch`, this.scratch);
  }
}

export class Traps {
  readonly machine: TrapRegisters;
  readonly supervisor: TrapRegisters;
  medeleg = 0;

  constructor(
    private readonly registers: Registers,
    private readonly status: Status,
    private readonly interrupts: Interrupts,
  ) {
    this.machine = new TrapRegisters('m', registers);
    this.supervisor = new TrapRegisters('s', registers);
  }

  reset(): void {
    this.machine.reset();
    this.supervisor.reset();
    this.medeleg = 0;
  }

  writeMedeleg(value: bigint): void {
    this.medeleg = Number(value & 0xffffn) & DELEGABLE;
  }

  /** An exception of the instruction at pc. */
  exception(cause: number, tval: bigint): void {
    const delegated = this.status.privilege !== 3 && (this.medeleg & (1 << cause)) !== 0;
    this.enter(delegated, toBigint(cause), tval, -1);
  }

  /** An interrupt before the instruction at pc. */
  interrupt(number: InterruptNumber): void {
    const delegated = (this.interrupts.mideleg & (1 << number)) !== 0;
    this.enter(delegated, INTERRUPT_BIT | toBigint(number), 0n, number);
  }

  returnFromMachine(): void {
    this.status.leaveMachine();
    this.registers.pc = this.machine.epc;
    this.registers.dropReservation();
  }

  returnFromSupervisor(): void {
    this.status.leaveSupervisor();
    this.registers.pc = this.supervisor.epc;
    this.registers.dropReservation();
  }

  state(visitor: StateVisitor): void {
    this.machine.state(visitor);
    this.supervisor.state(visitor);
    this.medeleg = visitor.number('medeleg', this.medeleg);
  }

  private enter(delegated: boolean, cause: bigint, tval: bigint, interrupt: InterruptNumber | -1): void {
    const target = delegated ? this.supervisor : this.machine;
    target.cause = cause;
    target.epc = this.registers.pc;
    target.tval = tval;
    if (delegated) this.status.enterSupervisor();
    else this.status.enterMachine();
    this.registers.pc = target.handler(interrupt);
    this.registers.dropReservation();
  }
}
