/**
 * The host's clocks as the guest sees them: a monotonic one in ticks of the board's 10 MHz timebase, and the wall
 * clock at the moment the guest's time was 0, from which the real-time clock counts.
 */

/** Ticks of the guest's timebase in a millisecond and nanoseconds in a tick: 10 MHz. */
export const TICKS_PER_MILLISECOND = 10_000;
export const NANOSECONDS_PER_TICK = 100;

export interface Clock {
  /** Guest time in ticks: a whole number that never falls. */
  now(): number;
}

/** Runs with the host's monotonic clock. One reading costs some 50 ns. */
export class HostClock implements Clock {
  /** Reading of the host's clock, in milliseconds, at guest time 0. */
  #origin: number;
  /** Unix time in nanoseconds at guest time 0. */
  readonly wallBase: bigint;

  /**
   * A clock that reads `start` ticks now. `wallBase` is given when an execution goes on that began elsewhere, so that
   * its calendar does not jump.
   */
  constructor(start = 0, wallBase?: bigint) {
    this.#origin = performance.now() - start / TICKS_PER_MILLISECOND;
    this.wallBase = wallBase ?? BigInt(Date.now()) * 1_000_000n - BigInt(start) * BigInt(NANOSECONDS_PER_TICK);
  }

  /** Guest time begins anew: power-on is when the guest starts, not when it is being loaded. */
  restart(): void {
    this.#origin = performance.now();
  }

  now(): number {
    return Math.floor((performance.now() - this.#origin) * TICKS_PER_MILLISECOND);
  }
}

/** A host's clock that goes on where an execution was taken over: it never shows less than what the guest was told. */
export class ContinuedClock implements Clock {
  readonly #host: HostClock;
  readonly #told: () => number;

  /** @param told the latest time that the guest knows, in ticks */
  constructor(start: number, wallBase: bigint, told: () => number) {
    this.#host = new HostClock(start, wallBase);
    this.#told = told;
  }

  now(): number {
    return Math.max(this.#host.now(), this.#told());
  }
}

/** Milliseconds of a monotonic clock whose origin means nothing: for durations. */
export function milliseconds(): number {
  return performance.now();
}
