/**
 * The wall clock: Google's goldfish real-time clock, nanoseconds since 1970 with one alarm. Follows the "Goldfish RTC"
 * section of Android's GOLDFISH-VIRTUAL-HARDWARE document, with the registers that QEMU's virt board and Linux's
 * rtc-goldfish driver use.
 *
 * It counts from a base that belongs to the machine's configuration, by the guest's time: a replay shows the same dates.
 */
import type { StateVisitor } from '../../hart/state.js';
import type { Device, DeviceContext, Width } from '../device.js';

const TIME_LOW = 0x00;
const TIME_HIGH = 0x04;
const ALARM_LOW = 0x08;
const ALARM_HIGH = 0x0c;
const IRQ_ENABLED = 0x10;
const CLEAR_ALARM = 0x14;
const ALARM_STATUS = 0x18;
const CLEAR_INTERRUPT = 0x1c;
/** QEMU's window ends here, though the device tree speaks of a page. */
const REGISTERS_END = 0x24;

const NANOSECONDS_PER_TICK = 100n;
const LOW_WORD = 0xffff_ffffn;

const asUint = BigInt.asUintN;
const toBig = BigInt;
const toNumber = Number;

const lowWord = (value: bigint): number => toNumber(value & LOW_WORD);
const highWord = (value: bigint): number => toNumber(asUint(32, value >> 32n));
const withLowWord = (value: bigint, word: number): bigint => (value & ~LOW_WORD) | toBig(word >>> 0);
const withHighWord = (value: bigint, word: number): bigint => (value & LOW_WORD) | (toBig(word >>> 0) << 32n);

export interface RtcPorts {
  /** `deadline()` may have changed. */
  timerChanged(): void;
}

export class GoldfishRtc implements Device {
  readonly name = 'rtc';
  /** What writes to the clock added to it, modulo 2^64. */
  private offset = 0n;
  private latchedHigh = 0;
  private alarm = 0n;
  private armed = false;
  /** Guest time at which the alarm is due; Infinity where none is set or it is out of reach. */
  private due = Infinity;
  private pending = false;
  private enabled = false;

  /** @param base Nanoseconds since 1970 at guest time 0. */
  constructor(
    private readonly context: Pick<DeviceContext, 'time' | 'interrupt'>,
    private readonly base: bigint,
    private readonly ports: RtcPorts,
  ) {}

  /** Guest time, in ticks, at which the alarm is due; Infinity where none is set. */
  deadline(): number {
    return this.due;
  }

  /** Guest time has reached `time`, in ticks. */
  tick(time: number): void {
    if (time >= this.due) this.fire();
  }

  /** Words, and pairs of them. */
  accepts(offset: number, size: Width): boolean {
    return size >= 4 && offset + size <= REGISTERS_END;
  }

  read(offset: number, size: 1 | 2 | 4): number {
    if (size !== 4) return 0;
    switch (offset) {
      case TIME_LOW: {
        const now = this.at(this.context.time());
        this.latchedHigh = highWord(now);
        return lowWord(now);
      }
      case TIME_HIGH:
        return this.latchedHigh;
      case ALARM_LOW:
        return lowWord(this.alarm);
      case ALARM_HIGH:
        return highWord(this.alarm);
      case IRQ_ENABLED:
        return this.enabled ? 1 : 0;
      case ALARM_STATUS:
        return this.armed ? 1 : 0;
      default:
        return 0;
    }
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    if (size !== 4) return;
    switch (offset) {
      case TIME_LOW:
        this.setClock((now) => withLowWord(now, value));
        break;
      case TIME_HIGH:
        this.setClock((now) => withHighWord(now, value));
        break;
      case ALARM_LOW:
        // The low word arms the alarm, so a driver writes the high one first.
        this.alarm = withLowWord(this.alarm, value);
        this.arm(this.context.time());
        break;
      case ALARM_HIGH:
        this.alarm = withHighWord(this.alarm, value);
        break;
      case IRQ_ENABLED:
        this.enabled = (value & 1) !== 0;
        this.update();
        break;
      case CLEAR_ALARM:
        this.disarm();
        break;
      case CLEAR_INTERRUPT:
        this.pending = false;
        this.update();
        break;
    }
  }

  reset(): void {
    this.offset = this.alarm = 0n;
    this.latchedHigh = 0;
    this.due = Infinity;
    this.armed = this.pending = this.enabled = false;
    this.update();
    this.ports.timerChanged();
  }

  state(visitor: StateVisitor): void {
    this.offset = visitor.u64('offset', this.offset);
    this.latchedHigh = visitor.number('timeHigh', this.latchedHigh);
    this.alarm = visitor.u64('alarm', this.alarm);
    this.armed = visitor.bool('armed', this.armed);
    this.due = visitor.number('deadline', this.due);
    this.pending = visitor.bool('pending', this.pending);
    this.enabled = visitor.bool('irqEnabled', this.enabled);
  }

  private at(time: number): bigint {
    return asUint(64, this.base + toBig(time) * NANOSECONDS_PER_TICK + this.offset);
  }

  private setClock(change: (now: bigint) => bigint): void {
    const time = this.context.time();
    const now = this.at(time);
    this.offset = asUint(64, this.offset + change(now) - now);
    if (this.armed) this.arm(time);
  }

  private arm(time: number): void {
    const now = this.at(time);
    if (this.alarm <= now) {
      this.fire();
      return;
    }
    const ticks = (this.alarm - now + NANOSECONDS_PER_TICK - 1n) / NANOSECONDS_PER_TICK;
    const due = time + toNumber(ticks);
    this.armed = true;
    this.due = due <= Number.MAX_SAFE_INTEGER ? due : Infinity;
    this.ports.timerChanged();
  }

  private fire(): void {
    this.pending = true;
    this.update();
    this.disarm();
  }

  private disarm(): void {
    this.armed = false;
    this.due = Infinity;
    this.ports.timerChanged();
  }

  private update(): void {
    this.context.interrupt(this.pending && this.enabled);
  }
}
