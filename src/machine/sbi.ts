/**
 * The supervisor binary interface that a kernel started in S-mode finds below it: SBI 2.0, chapters 3 to 12 (BASE, TIME,
 * IPI, RFENCE, HSM, SRST, DBCN). It stands in place of M-mode firmware: an `ecall` from S-mode is answered here, as part of
 * that one instruction, and M-mode is never entered.
 */
import type { GuestMemory } from './device.js';

/** Extension identifiers: ASCII, as the specification has them. */
const EXTENSION = {
  BASE: 0x10,
  TIME: 0x5449_4d45,
  IPI: 0x0073_5049,
  RFENCE: 0x5246_4e43,
  HSM: 0x0048_534d,
  SRST: 0x5352_5354,
  DBCN: 0x4442_434e,
} as const;
const EXTENSIONS: ReadonlySet<number> = new Set(Object.values(EXTENSION));

/** Table 1, "Standard SBI errors". */
const ERROR = {
  success: 0,
  failed: -1,
  notSupported: -2,
  invalidParameter: -3,
  alreadyAvailable: -6,
} as const;

/** Version 2.0: the major number in bits 30 to 24. */
const SPECIFICATION = 2 << 24;
/** No number of the registry: "vmft" in ASCII. */
const IMPLEMENTATION = 0x766d_6674;
const IMPLEMENTATION_VERSION = 1;

/** The only hart. */
const HART = 0n;
/** A hart mask base that means every hart. */
const ALL_HARTS = 0xffff_ffff_ffff_ffffn;
const HART_STARTED = 0n;
const SUSPEND_RETENTIVE = 0;
const SUSPEND_NON_RETENTIVE = 0x8000_0000;
/** Bytes that one console call moves at most; it tells how many it has moved. */
const CONSOLE_AT_ONCE = 4096;
const WORD = 0xffff_ffffn;

/** What an answer puts into a0 and a1. */
interface Answer {
  readonly error: number;
  readonly value: bigint;
}

const done = (value = 0n): Answer => ({ error: ERROR.success, value });
const refused = (error: number): Answer => ({ error, value: 0n });

/** What the machine does for its supervisor. */
export interface SbiPorts {
  readonly memory: GuestMemory;
  getX(index: number): bigint;
  setX(index: number, value: bigint): void;
  /** The supervisor's timer fires when guest time reaches `time`. */
  setTimer(time: bigint): void;
  /** Makes the hart's supervisor software interrupt pending. */
  sendInterrupt(): void;
  /** Waits for an interrupt. */
  suspend(): void;
  consoleByte(byte: number): void;
  /** Takes the next byte typed at the console; -1 where there is none. */
  consoleTake(): number;
  powerOff(status: number): void;
  reboot(): void;
}

export class Sbi {
  constructor(private readonly ports: SbiPorts) {}

  /** Answers the call in a7 and a6, with arguments from a0 on. */
  call(): void {
    const { ports } = this;
    const { error, value } = this.answer(Number(ports.getX(17)), Number(ports.getX(16)));
    ports.setX(10, BigInt.asUintN(64, BigInt(error)));
    ports.setX(11, value);
  }

  private answer(extension: number, call: number): Answer {
    switch (extension) {
      case EXTENSION.BASE:
        return this.base(call);
      case EXTENSION.TIME:
        return call === 0 ? this.setTimer() : refused(ERROR.notSupported);
      case EXTENSION.IPI:
        return call === 0 ? this.interruptHarts() : refused(ERROR.notSupported);
      case EXTENSION.RFENCE:
        return this.fence(call);
      case EXTENSION.HSM:
        return this.hartState(call);
      case EXTENSION.SRST:
        return call === 0 ? this.systemReset() : refused(ERROR.notSupported);
      case EXTENSION.DBCN:
        return this.console(call);
      default:
        return refused(ERROR.notSupported);
    }
  }

  private argument(index: number): bigint {
    return this.ports.getX(10 + index);
  }

  /** Chapter 4. */
  private base(call: number): Answer {
    switch (call) {
      case 0:
        return done(BigInt(SPECIFICATION));
      case 1:
        return done(BigInt(IMPLEMENTATION));
      case 2:
        return done(BigInt(IMPLEMENTATION_VERSION));
      case 3:
        return done(EXTENSIONS.has(Number(this.argument(0))) ? 1n : 0n);
      // mvendorid, marchid and mimpid are zero.
      case 4:
      case 5:
      case 6:
        return done();
      default:
        return refused(ERROR.notSupported);
    }
  }

  /** Chapter 6. */
  private setTimer(): Answer {
    this.ports.setTimer(this.argument(0));
    return done();
  }

  /** Section 3.1: whether a0 and a1, a hart mask and its base, name the hart; undefined where they name others. */
  private namesHart(): boolean | undefined {
    const mask = this.argument(0);
    const base = this.argument(1);
    if (base === ALL_HARTS) return true;
    // A mask that is empty names no hart, whatever its base.
    if (mask === 0n) return false;
    return base === HART && mask === 1n ? true : undefined;
  }

  /** Chapter 7. */
  private interruptHarts(): Answer {
    const named = this.namesHart();
    if (named === undefined) return refused(ERROR.invalidParameter);
    if (named) this.ports.sendInterrupt();
    return done();
  }

  /**
   * Chapter 8: fence.i, sfence.vma and sfence.vma with an address space; without the hypervisor extension's. There is
   * nothing to do: cached code and translations always are those that memory holds.
   */
  private fence(call: number): Answer {
    if (call > 2) return refused(ERROR.notSupported);
    return this.namesHart() === undefined ? refused(ERROR.invalidParameter) : done();
  }

  /** Chapter 9. */
  private hartState(call: number): Answer {
    switch (call) {
      case 0:
        return refused(this.argument(0) === HART ? ERROR.alreadyAvailable : ERROR.invalidParameter);
      // The only hart, once stopped, could not be started again.
      case 1:
        return refused(ERROR.failed);
      case 2:
        return this.argument(0) === HART ? done(HART_STARTED) : refused(ERROR.invalidParameter);
      case 3: {
        const type = low(this.argument(0));
        if (type === SUSPEND_RETENTIVE) {
          this.ports.suspend();
          return done();
        }
        // Types of platforms, of which this is none, are refused as reserved ones are.
        return refused(type === SUSPEND_NON_RETENTIVE ? ERROR.notSupported : ERROR.invalidParameter);
      }
      default:
        return refused(ERROR.notSupported);
    }
  }

  /** Chapter 10: shutdown, cold and warm reboot; the reason, where it is a failure, is the guest's status. */
  private systemReset(): Answer {
    const type = low(this.argument(0));
    const reason = low(this.argument(1));
    if (type > 2 || reason > 1) return refused(ERROR.invalidParameter);
    if (type === 0) this.ports.powerOff(reason);
    else this.ports.reboot();
    return done();
  }

  /** Chapter 12. */
  private console(call: number): Answer {
    const { memory } = this.ports;
    if (call === 2) {
      this.ports.consoleByte(low(this.argument(0)) & 0xff);
      return done();
    }
    if (call > 2) return refused(ERROR.notSupported);
    const bytes = Number(this.argument(0));
    const address = Number(this.argument(1));
    if (this.argument(2) !== 0n || !memory.contains(address, bytes)) return refused(ERROR.invalidParameter);
    const length = Math.min(bytes, CONSOLE_AT_ONCE);
    return done(BigInt(call === 0 ? this.print(address, length) : this.type(address, length)));
  }

  private print(address: number, length: number): number {
    for (const byte of this.ports.memory.read(address, length)) this.ports.consoleByte(byte);
    return length;
  }

  private type(address: number, length: number): number {
    const bytes: number[] = [];
    while (bytes.length < length) {
      const byte = this.ports.consoleTake();
      if (byte < 0) break;
      bytes.push(byte);
    }
    if (bytes.length > 0) this.ports.memory.write(address, Uint8Array.from(bytes));
    return bytes.length;
  }
}

/** Bits 31 to 0 as an unsigned number: types and reasons are 32 bits wide. */
function low(value: bigint): number {
  return Number(value & WORD);
}
