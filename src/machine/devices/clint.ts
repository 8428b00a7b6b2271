/**
 * The core-local interruptor of one hart: software interrupt, timer comparand and the clock itself. Follows the
 * "CLINT" chapter of SiFive's FU540 manual and the machine timer registers of the RISC-V privileged specification
 * (chapter "Machine-Level ISA", mtime and mtimecmp).
 */
import type { StateVisitor } from '../../hart/state.js';
import type { Device, DeviceContext, Width } from '../device.js';

const MSIP = 0x0;
const MTIMECMP = 0x4000;
const MTIME = 0xbff8;
const TIMER_END = 0xc000;

const NEVER = 0xffff_ffff_ffff_ffffn;
const LOW_WORD = 0xffff_ffffn;
const asUint = BigInt.asUintN;
const toBig = BigInt;
const toNumber = Number;

export interface ClintPorts {
  /** The hart's MSIP line. */
  softwareInterrupt(level: boolean): void;
  /** The hart's MTIP line. */
  timerInterrupt(level: boolean): void;
  /** `deadline()` may have changed. */
  timerChanged(): void;
}

export class Clint implements Device {
  readonly name = 'clint';
  private software = false;
  private comparand = NEVER;
  /** What a write to mtime added to guest time, modulo 2^64. */
  private offset = 0n;
  /** Guest time at which mtime reaches the comparand; Infinity where it already has, or is out of reach. */
  private due = Infinity;

  constructor(
    private readonly context: Pick<DeviceContext, 'time'>,
    private readonly ports: ClintPorts,
  ) {}

  /** Guest time, in ticks, at which the timer interrupt is due; Infinity where none is awaited. */
  deadline(): number {
    return this.due;
  }

  /** Guest time has reached `time`, in ticks. */
  tick(time: number): void {
    if (time < this.due) return;
    this.due = Infinity;
    this.ports.timerInterrupt(true);
    this.ports.timerChanged();
  }

  /** Software interrupts are words; the timer's registers are doublewords or halves of one. */
  accepts(offset: number, size: Width): boolean {
    if (offset < MTIMECMP) return size === 4;
    return size >= 4 && offset < TIMER_END;
  }

  read(offset: number, size: 1 | 2 | 4): number {
    if (size !== 4) return 0;
    switch (offset) {
      case MSIP:
        return this.software ? 1 : 0;
      case MTIMECMP:
        return toNumber(this.comparand & LOW_WORD);
      case MTIMECMP + 4:
        return toNumber(this.comparand >> 32n);
      case MTIME:
        return toNumber(this.now() & LOW_WORD);
      case MTIME + 4:
        return toNumber(this.now() >> 32n);
      default:
        return 0;
    }
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    if (size !== 4) return;
    const word = toBig(value >>> 0);
    switch (offset) {
      case MSIP:
        this.software = (value & 1) !== 0;
        this.ports.softwareInterrupt(this.software);
        break;
      case MTIMECMP:
        this.compareWith((this.comparand & ~LOW_WORD) | word);
        break;
      case MTIMECMP + 4:
        this.compareWith((this.comparand & LOW_WORD) | (word << 32n));
        break;
      case MTIME:
      case MTIME + 4: {
        const time = this.context.time();
        const now = this.at(time);
        this.setClock(offset === MTIME ? (now & ~LOW_WORD) | word : (now & LOW_WORD) | (word << 32n), time);
        break;
      }
    }
  }

  read64(offset: number): bigint {
    if (offset === MTIME) return this.now();
    if (offset === MTIMECMP) return this.comparand;
    return toBig(this.read(offset, 4)) | (toBig(this.read(offset + 4, 4)) << 32n);
  }

  write64(offset: number, value: bigint): void {
    if (offset === MTIMECMP) this.compareWith(asUint(64, value));
    else if (offset === MTIME) this.setClock(asUint(64, value), this.context.time());
    else {
      this.write(offset, 4, toNumber(value & LOW_WORD));
      this.write(offset + 4, 4, toNumber(asUint(32, value >> 32n)));
    }
  }

  reset(): void {
    this.software = false;
    this.comparand = NEVER;
    this.offset = 0n;
    this.due = Infinity;
    this.ports.softwareInterrupt(false);
    this.ports.timerInterrupt(false);
    this.ports.timerChanged();
  }

  state(visitor: StateVisitor): void {
    this.software = visitor.bool('msip', this.software);
    this.comparand = visitor.u64('mtimecmp', this.comparand);
    this.offset = visitor.u64('mtimeOffset', this.offset);
    this.due = visitor.number('deadline', this.due);
  }

  private at(time: number): bigint {
    return asUint(64, toBig(time) + this.offset);
  }

  private now(): bigint {
    return this.at(this.context.time());
  }

  private compareWith(comparand: bigint): void {
    this.comparand = comparand;
    this.evaluate(this.context.time());
  }

  private setClock(value: bigint, time: number): void {
    this.offset = asUint(64, value - toBig(time));
    this.evaluate(time);
  }

  private evaluate(time: number): void {
    const now = this.at(time);
    const pending = now >= this.comparand;
    const due = pending ? Infinity : time + toNumber(this.comparand - now);
    this.due = due <= Number.MAX_SAFE_INTEGER ? due : Infinity;
    this.ports.timerInterrupt(pending);
    this.ports.timerChanged();
  }
}
