/**
 * The supervisor's own timer and the environment configuration registers that enable it: stimecmp, menvcfg, senvcfg.
 * RISC-V privileged specification 20240411, sections 3.1.18, 4.1.10 (10.1.10) and chapter Sstc.
 */
import type { HartPorts } from './bus.js';
import { COUNTER, type Counters } from './counters.js';
import type { Interrupts } from './interrupts.js';
import type { StateVisitor } from './state.js';
import type { Status } from './status.js';

/** menvcfg: stimecmp is there. */
export const STCE = 1n << 63n;
const FIOM = 1n;
const NEVER = 0xffff_ffff_ffff_ffffn;
const LARGEST_TIME = 2n ** 53n;

export class SupervisorTimer {
  menvcfg = 0n;
  senvcfg = 0n;
  stimecmp = NEVER;
  /** menvcfg.STCE: STIP is stimecmp's, and not writable. */
  enabled = false;
  private due = Infinity;

  constructor(
    private readonly ports: HartPorts,
    private readonly status: Status,
    private readonly counters: Counters,
    private readonly interrupts: Interrupts,
  ) {}

  /** stimecmp starts at its largest value: the specification leaves it open, and so enabling it does not fire it. */
  reset(): void {
    this.menvcfg = 0n;
    this.senvcfg = 0n;
    this.enabled = false;
    this.setComparand(NEVER);
  }

  /** Whether the present mode may access stimecmp. */
  get accessible(): boolean {
    return this.status.privilege === 3 || (this.enabled && this.counters.readable(COUNTER.time));
  }

  writeMenvcfg(value: bigint): void {
    this.menvcfg = value & (STCE | FIOM);
    const enabled = (value & STCE) !== 0n;
    if (enabled === this.enabled) return;
    this.enabled = enabled;
    this.ports.timerChanged();
    if (enabled) this.look();
    else this.interrupts.setTimer(false);
  }

  writeSenvcfg(value: bigint): void {
    this.senvcfg = value & FIOM;
  }

  /** A comparand in the past fires at once. */
  writeStimecmp(value: bigint): void {
    this.setComparand(value);
    if (!this.enabled) return;
    this.ports.timerChanged();
    this.look();
  }

  /** Guest time is known to have reached `time`. */
  tick(time: number): void {
    if (this.enabled) this.interrupts.setTimer(time >= this.due);
  }

  /** Guest time at which STIP rises; Infinity where it cannot, or has already. */
  deadline(): number {
    return this.enabled && !this.interrupts.timerPending ? this.due : Infinity;
  }

  state(visitor: StateVisitor): void {
    this.menvcfg = visitor.u64('menvcfg', this.menvcfg);
    this.senvcfg = visitor.u64('senvcfg', this.senvcfg);
    this.enabled = (this.menvcfg & STCE) !== 0n;
    this.setComparand(visitor.u64('stimecmp', this.stimecmp));
  }

  /** Compares with guest time, which is read where the comparand can have been reached: that read is an input. */
  private look(): void {
    if (this.due === Infinity) this.interrupts.setTimer(false);
    else this.tick(this.ports.readTime());
  }

  private setComparand(value: bigint): void {
    this.stimecmp = value;
    this.due = value < LARGEST_TIME ? Number(value) : Infinity;
  }
}
