/**
 * The hart's privileged side: everything compiled code does not do itself. CSR accesses, traps and returns, interrupts,
 * waiting, and address translation, composed of the parts beside this file. RISC-V privileged specification 20240411;
 * where that leaves freedom, as QEMU's `virt` board does it.
 */
import { csrName } from '../isa/csrs.js';
import type { SystemOperation } from '../isa/semantics.js';
import type { Bus, HartPorts } from './bus.js';
import { ALL_COUNTERS, Counters } from './counters.js';
import { buildCsrs, Security, type Csr } from './csr.js';
import { INTERRUPT, Interrupts, type LineNumber } from './interrupts.js';
import { fetchTlbOf, readTlbOf, writeTlbOf, type TlbContext } from './layout.js';
import { Mmu } from './mmu.js';
import { Pmp, type Access } from './pmp.js';
import { Registers } from './registers.js';
import type { Stateful, StateVisitor } from './state.js';
import { MSTATUS, Status, type Privilege } from './status.js';
import { STCE, SupervisorTimer } from './timer.js';
import { CAUSE, Traps } from './trap.js';

const ALL_ONES = 0xffff_ffff_ffff_ffffn;
/** The unsigned 12-bit CSR number's fields: the lowest privilege, and whether it is read-only. */
const lowestPrivilege = (number: number): number => (number >> 8) & 3;
const isReadOnly = (number: number): boolean => number >> 10 === 3;
const rdOf = (raw: number): number => (raw >>> 7) & 31;
const rs1Of = (raw: number): number => (raw >>> 15) & 31;

const toBigint = BigInt;

export class Hart implements Stateful {
  /** Whether the hart waits in wfi for an interrupt. */
  waiting = false;
  /** Counts whatever may have changed state that lies outside the shared memory. */
  changes = 0;
  /** Names of all CSRs by number. */
  readonly csrNames: ReadonlyMap<number, string>;

  private readonly registers: Registers;
  private readonly status: Status;
  private readonly interrupts: Interrupts;
  private readonly traps: Traps;
  private readonly counters: Counters;
  private readonly timer: SupervisorTimer;
  private readonly pmp = new Pmp();
  private readonly mmu: Mmu;
  private readonly security = new Security();
  private readonly csrs: ReadonlyMap<number, Csr>;

  constructor(
    memory: WebAssembly.Memory,
    bus: Bus,
    private readonly ports: HartPorts,
  ) {
    this.registers = new Registers(memory);
    this.status = new Status(this.registers);
    this.interrupts = new Interrupts(this.status);
    this.traps = new Traps(this.registers, this.status, this.interrupts);
    this.counters = new Counters(ports, this.status);
    this.timer = new SupervisorTimer(ports, this.status, this.counters, this.interrupts);
    this.mmu = new Mmu(memory, bus, ports, this.status, this.pmp);
    this.csrs = buildCsrs(this.parts());
    this.csrNames = new Map([...this.csrs.keys()].map((number) => [number, csrName(number)]));
    this.refresh();
  }

  /** M-mode at `pc`, all registers zero but a0, a1, ... Interrupt lines are down until their devices raise them. */
  reset(pc: bigint, args: readonly bigint[]): void {
    this.registers.reset();
    this.status.reset();
    this.interrupts.reset();
    this.traps.reset();
    this.counters.reset();
    this.timer.reset();
    this.pmp.reset();
    this.mmu.reset();
    this.security.reset();
    this.waiting = false;
    this.registers.pc = pc;
    args.forEach((value, index) => this.registers.setX(10 + index, value));
    this.ports.flushTranslations();
    this.refresh();
  }

  /**
   * Goes on in S-mode as firmware leaves the hart to a kernel: every trap but calls delegated, all of memory open, counters
   * readable, stimecmp the supervisor's.
   */
  startSupervisor(): void {
    this.traps.writeMedeleg(toBigint(0xffff & ~(1 << CAUSE.ecallFromS)));
    this.interrupts.writeMideleg(0xffff);
    this.counters.writeMcounteren(ALL_COUNTERS);
    // OpenSBI leaves these open too, and programs read `time`.
    this.counters.writeScounteren(ALL_COUNTERS);
    this.timer.writeMenvcfg(STCE);
    this.pmp.open();
    this.privilege = 1;
    this.ports.flushTranslations();
  }

  /** The supervisor's timer fires when guest time reaches `time`, in ticks. */
  setTimer(time: bigint): void {
    this.timer.writeStimecmp(time);
    this.refresh();
  }

  /** Makes the supervisor's software interrupt pending. */
  interruptItself(): void {
    this.interrupts.writeMip(1 << INTERRUPT.SSI, 1 << INTERRUPT.SSI, false);
    this.refresh();
  }

  /** Waits for an interrupt, as `wfi` does. */
  wait(): void {
    this.waiting = !this.interrupts.wakes;
    if (this.waiting) this.registers.requestAttention();
  }

  /** The shared memory below the TLBs by 32-bit words, laid out as HART says. Read only. */
  get words(): Int32Array {
    return this.registers.words;
  }

  getX(index: number): bigint {
    return this.registers.getX(index);
  }

  setX(index: number, value: bigint): void {
    this.registers.setX(index, value);
  }

  getF(index: number): bigint {
    return this.registers.getF(index);
  }

  setF(index: number, value: bigint): void {
    this.registers.setF(index, value);
  }

  get pc(): bigint {
    return this.registers.pc;
  }

  set pc(value: bigint) {
    this.registers.pc = value;
  }

  get privilege(): Privilege {
    return this.status.privilege;
  }

  set privilege(value: Privilege) {
    this.status.privilege = value;
    this.refresh();
  }

  /** Exception code of the translation that failed last. */
  get faultCause(): number {
    return this.mmu.faultCause;
  }

  /**
   * Physical address (below 2^53) of the virtual address (hi, lo) for an access of `size` bytes within one page, in the
   * present mode (for data, the mode MPRV says); -1 with the exception noted for `raiseFault`.
   */
  translate(hi: number, lo: number, access: Access, size = 1): number {
    return this.mmu.translate(hi, lo, access, size);
  }

  /**
   * Whether what `translate` just answered for this access holds for every address and size within its page, so that a
   * TLB may keep it: one PMP answer for the whole page, and RAM behind it.
   */
  cacheable(physical: number, access: Access): boolean {
    return this.mmu.cacheable(physical, access);
  }

  /** The page-table entry behind the last translation: its physical address, or -1, and its level. */
  get leaf(): number {
    return this.mmu.leaf;
  }

  get leafLevel(): number {
    return this.mmu.leafLevel;
  }

  /** Takes the exception noted by `translate` for the virtual address (hi, lo). */
  raiseFault(hi: number, lo: number): void {
    this.raise(this.mmu.faultCause, (toBigint(hi >>> 0) << 32n) | toBigint(lo >>> 0));
  }

  /** An exception of the instruction at pc: pc becomes its handler's address. */
  raise(cause: number, tval: bigint): void {
    this.traps.exception(cause, tval);
    this.refresh();
  }

  /** Takes the interrupt that is due between two instructions, if there is one. */
  takeInterrupt(): boolean {
    const number = this.interrupts.next();
    if (number === -1) return false;
    this.waiting = false;
    this.traps.interrupt(number);
    this.refresh();
    return true;
  }

  interruptible(): boolean {
    return this.interrupts.takeable() !== 0;
  }

  /**
   * A Zicsr instruction with the instruction word `raw`; `operand` is the value of rs1 or the immediate. The old value
   * goes to HART.scratch. False where it raised an illegal instruction.
   */
  csr(kind: 'write' | 'set' | 'clear', raw: number, operand: bigint): boolean {
    const number = raw >>> 20;
    const csr = this.csrs.get(number);
    const writes = kind === 'write' || rs1Of(raw) !== 0;
    if (
      csr === undefined ||
      lowestPrivilege(number) > this.status.privilege ||
      (writes ? isReadOnly(number) : csr.writeOnly === true) ||
      csr.accessible?.() === false
    ) {
      this.illegal(raw);
      return false;
    }
    // csrrw to x0 does not read, so it has none of a read's effects.
    const old = kind !== 'write' || rdOf(raw) !== 0 ? csr.read() : 0n;
    if (writes && csr.write !== undefined) {
      if (kind === 'write') csr.write(operand, ALL_ONES);
      else csr.write(kind === 'set' ? old | operand : old & ~operand, operand);
      this.refresh();
    }
    this.registers.result = old;
    return true;
  }

  /**
   * A system instruction with the instruction word `raw`. True where pc has changed (a trap or a return), false where
   * execution goes on behind the instruction.
   */
  system(operation: SystemOperation, raw: number): boolean {
    this.changes++;
    const { status } = this;
    const { privilege, low } = status;
    switch (operation) {
      case 'ecall':
        if (privilege === 1 && this.ports.supervisorCall !== undefined) {
          this.ports.supervisorCall();
          return false;
        }
        this.raise(CAUSE.ecallFromU + privilege, 0n);
        return true;
      case 'ebreak':
        this.raise(CAUSE.breakpoint, 0n);
        return true;
      case 'mret':
        if (privilege !== 3) return this.illegal(raw);
        this.traps.returnFromMachine();
        this.refresh();
        return true;
      case 'sret':
        if (privilege === 0 || (privilege === 1 && (low & MSTATUS.TSR) !== 0)) return this.illegal(raw);
        this.traps.returnFromSupervisor();
        this.refresh();
        return true;
      case 'wfi':
        if (privilege === 0 || (privilege === 1 && (low & MSTATUS.TW) !== 0)) return this.illegal(raw);
        this.wait();
        return false;
      case 'sfence.vma':
        if (privilege === 0 || (privilege === 1 && (low & MSTATUS.TVM) !== 0)) return this.illegal(raw);
        // What is cached always is what the tables hold: see HartPorts.tableRead.
        return false;
      case 'fence.i':
        this.ports.fenceInstructions();
        return false;
    }
  }

  /** The level of an interrupt line from outside: MSIP 3, MTIP 7, SEIP 9, MEIP 11. */
  setLine(line: LineNumber, level: boolean): void {
    this.interrupts.setLine(line, level);
    this.refresh();
  }

  /** Guest time is known to have reached `time`: the supervisor's timer fires where it is due. */
  tick(time: number): void {
    this.timer.tick(time);
    this.refresh();
  }

  /** Guest time at which the supervisor's timer fires next; Infinity where it cannot, or has already. */
  deadline(): number {
    return this.timer.deadline();
  }

  /** How loads and stores are translated now. */
  dataContext(): TlbContext {
    const privilege = this.status.dataPrivilege;
    if (privilege === 3) return 0;
    if (privilege === 0) return 3;
    return (this.status.low & MSTATUS.SUM) !== 0 ? 2 : 1;
  }

  /** How fetches are translated now; SUM makes no difference to them. */
  fetchContext(): TlbContext {
    const { privilege } = this.status;
    return privilege === 3 ? 0 : privilege === 1 ? 1 : 3;
  }

  /** A CSR's value between two instructions, whatever the mode; undefined where there is none or reading has effects. */
  readCsr(number: number): bigint | undefined {
    const csr = this.csrs.get(number);
    if (csr === undefined || csr.volatile === true) return undefined;
    this.counters.asking = false;
    const value = csr.read();
    this.counters.asking = true;
    return value;
  }

  /** Everything of the hart the guest can see. Holds between two instructions. */
  state(visitor: StateVisitor): void {
    const mxr = this.status.low & MSTATUS.MXR;
    this.registers.state(visitor);
    this.status.state(visitor);
    this.waiting = visitor.bool('waiting', this.waiting);
    this.interrupts.state(visitor);
    this.traps.state(visitor);
    this.counters.state(visitor);
    this.timer.state(visitor);
    this.security.state(visitor);
    const satpChanged = this.mmu.state(visitor);
    const pmpChanged = this.pmp.state(visitor);
    if (satpChanged || pmpChanged || (this.status.low & MSTATUS.MXR) !== mxr) this.ports.flushTranslations();
    this.refresh();
  }

  private illegal(raw: number): true {
    this.raise(CAUSE.illegalInstruction, toBigint(raw >>> 0));
    return true;
  }

  /** After any change: which TLBs hold, whether a wait ends, and whether compiled code must return. */
  private refresh(): void {
    this.changes++;
    const { registers, status, interrupts } = this;
    const data = this.dataContext();
    registers.selectTlbs(readTlbOf(data), writeTlbOf(data), fetchTlbOf(this.fetchContext()));
    registers.bare = data === 0 && this.mmu.isOpen();
    registers.showSupervisor(status.privilege === 1 && status.dataPrivilege === 1, interrupts.mip & interrupts.mie);
    if (this.waiting && interrupts.wakes) this.waiting = false;
    if (interrupts.takeable() !== 0) registers.requestAttention();
  }

  private parts(): Parameters<typeof buildCsrs>[0] {
    const { ports, registers, status, interrupts, traps, counters, timer, pmp, mmu, security } = this;
    return { ports, registers, status, interrupts, traps, counters, timer, pmp, mmu, security };
  }
}
