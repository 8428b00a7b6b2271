/**
 * mcycle and minstret, which are the position plus what the guest has written, and who may read counters.
 * RISC-V privileged specification 20240411, sections 3.1.10 to 3.1.12 and 4.1.5 (10.1.5).
 */
import type { HartPorts } from './bus.js';
import type { StateVisitor } from './state.js';
import type { Status } from './status.js';

/** Bits of mcounteren, scounteren and mcountinhibit. */
export const COUNTER = { cycle: 1, time: 2, instret: 4 } as const;
/** All counters there are. */
export const ALL_COUNTERS = COUNTER.cycle | COUNTER.time | COUNTER.instret;
const INHIBITABLE = COUNTER.cycle | COUNTER.instret;

const asUnsigned = BigInt.asUintN;

interface Counter {
  readonly bit: number;
  /** The value itself while inhibited; otherwise what is added to the number of instructions started. */
  base: bigint;
}

export class Counters {
  mcounteren = 0;
  scounteren = 0;
  mcountinhibit = 0;
  /** Whether an instruction asks: it is part of the position, but not of what it reads. */
  asking = true;
  private readonly cycle: Counter = { bit: COUNTER.cycle, base: 0n };
  private readonly instret: Counter = { bit: COUNTER.instret, base: 0n };

  constructor(
    private readonly ports: HartPorts,
    private readonly status: Status,
  ) {}

  reset(): void {
    this.mcounteren = 0;
    this.scounteren = 0;
    this.mcountinhibit = 0;
    this.cycle.base = 0n;
    this.instret.base = 0n;
  }

  /** Whether the present mode may read the counter with this bit through its unprivileged number. */
  readable(bit: number): boolean {
    const { privilege } = this.status;
    if (privilege === 3) return true;
    return (this.mcounteren & bit) !== 0 && (privilege === 1 || (this.scounteren & bit) !== 0);
  }

  readCycle(): bigint {
    return this.read(this.cycle);
  }

  readInstret(): bigint {
    return this.read(this.instret);
  }

  writeCycle(value: bigint): void {
    this.write(this.cycle, value);
  }

  writeInstret(value: bigint): void {
    this.write(this.instret, value);
  }

  writeMcounteren(value: number): void {
    this.mcounteren = value & ALL_COUNTERS;
  }

  writeScounteren(value: number): void {
    this.scounteren = value & ALL_COUNTERS;
  }

  writeMcountinhibit(value: number): void {
    const next = value & INHIBITABLE;
    for (const counter of [this.cycle, this.instret]) {
      const started = BigInt(this.ports.position());
      const was = (this.mcountinhibit & counter.bit) !== 0;
      const is = (next & counter.bit) !== 0;
      if (is && !was) counter.base = asUnsigned(64, counter.base + started);
      if (was && !is) counter.base = asUnsigned(64, counter.base - started);
    }
    this.mcountinhibit = next;
  }

  state(visitor: StateVisitor): void {
    this.mcounteren = visitor.number('mcounteren', this.mcounteren);
    this.scounteren = visitor.number('scounteren', this.scounteren);
    this.mcountinhibit = visitor.number('mcountinhibit', this.mcountinhibit);
    this.cycle.base = visitor.u64('mcycle.base', this.cycle.base);
    this.instret.base = visitor.u64('minstret.base', this.instret.base);
  }

  private read(counter: Counter): bigint {
    if ((this.mcountinhibit & counter.bit) !== 0) return counter.base;
    const started = this.ports.position() - (this.asking ? 1 : 0);
    return asUnsigned(64, counter.base + BigInt(started));
  }

  /** The next instruction reads `value`: the one that writes is not counted. */
  private write(counter: Counter, value: bigint): void {
    const inhibited = (this.mcountinhibit & counter.bit) !== 0;
    counter.base = inhibited ? value : asUnsigned(64, value - BigInt(this.ports.position()));
  }
}
