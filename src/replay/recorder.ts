/**
 * Runs a machine in the present, recorded or not: gives the host its turns, sleeps while the guest idles, keeps the
 * limits, and closes the log in good order whatever ends the run.
 */
import type { EndReason } from '../log/entry.js';
import type { Need } from '../machine/environment.js';
import type { Machine } from '../machine/machine.js';
import type { StateDigest } from './digest.js';
import type { Recording } from './recording.js';

/** How a run keeps pace with the world outside; the host's side implements it. */
export interface Pacing {
  /** Whether the event loop has waited long enough for its turn. */
  turnDue(): boolean;
  turn(): Promise<void>;
  /** Sleeps until something may have happened that the guest waits for, or `wake`. */
  wait(need: Need): Promise<void>;
  /** Whether anything can still wake a guest that waits. */
  canWake(need: Need): boolean;
  /** Ends a sleep. */
  wake(): void;
}

export interface RecordOptions {
  /** Stop at this position. */
  readonly until?: number;
  /** The status to end with; by default the guest's, and 0 where it has not powered off. */
  readonly statusOf?: (reason: EndReason, guest: number | undefined) => number;
  /** Called between two instructions, before the world has its turn or the guest waits for it. */
  readonly onTurn?: (position: number) => void;
}

/** How a run ended. */
export interface RunResult {
  readonly reason: EndReason;
  readonly detail?: string;
  readonly position: number;
  readonly status: number;
  /** Whether the log has its end; true where nothing was recorded. */
  readonly whole: boolean;
  /** What went wrong, with the reason `host-error`. */
  readonly failure?: unknown;
}

/** What is recorded, and the digest of the machine it is recorded of. */
export interface Recorded {
  readonly recording: Recording;
  readonly digest: StateDigest;
}

/** Why a guest that waits for ever is not waited for. */
const NOTHING_COMES = 'the guest waits for an interrupt that nothing can cause any more';

export class Recorder {
  private stopping: { readonly reason: EndReason; readonly detail?: string } | undefined;

  constructor(
    private readonly machine: Machine,
    private readonly pacing: Pacing,
    private readonly recorded?: Recorded,
    private readonly options: RecordOptions = {},
  ) {}

  /** Ends the run at the next opportunity. The first reason given holds. */
  stop(reason: EndReason, detail?: string): void {
    this.stopping ??= detail === undefined ? { reason } : { reason, detail };
    this.pacing.wake();
  }

  /** Runs to the end. What the host's side throws ends the run, with the log closed, and is part of the answer. */
  async run(): Promise<RunResult> {
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.drive();
      this.machine.flushConsole();
    } catch (error) {
      failure = { error };
    }
    return this.finish(failure);
  }

  private async drive(): Promise<void> {
    const { machine, pacing } = this;
    const { until = Infinity, onTurn } = this.options;
    while (this.stopping === undefined) {
      const outcome = machine.advance(until);
      this.takeDigest();
      switch (outcome) {
        case 'until':
          return this.stop('until');
        case 'off':
          return this.stop('power-off');
        case 'idle':
          onTurn?.(machine.position);
          await this.rest();
          break;
        case 'stopped':
          if (!pacing.turnDue()) break;
          onTurn?.(machine.position);
          await pacing.turn();
          break;
      }
    }
  }

  private async rest(): Promise<void> {
    const need = this.machine.needs();
    if (this.pacing.canWake(need)) await this.pacing.wait(need);
    else this.stop('interrupted', NOTHING_COMES);
  }

  private takeDigest(): void {
    if (this.recorded === undefined) return;
    const { recording, digest } = this.recorded;
    const { position } = this.machine;
    if (recording.digestDue(position)) recording.writeDigest(position, digest.take());
  }

  private finish(failure: { readonly error: unknown } | undefined): RunResult {
    const { machine, recorded } = this;
    const { position } = machine;
    if (failure) this.stopping = { reason: 'host-error', detail: messageOf(failure.error) };
    const { reason, detail } = this.stopping ?? { reason: 'interrupted' };
    const guest = machine.off?.status;
    const status = this.options.statusOf?.(reason, guest) ?? guest ?? 0;
    const words = detail === undefined ? {} : { detail };
    let whole = true;
    if (recorded !== undefined) {
      // After a failure the machine may be in the middle of an instruction: its state has no digest.
      const digest = failure ? undefined : (): bigint => recorded.digest.take();
      try {
        whole = recorded.recording.end({ position, reason, status, ...words }, digest);
      } catch (error) {
        whole = false;
        failure ??= { error };
      }
    }
    return { reason, position, status, whole, ...words, ...(failure && { failure: failure.error }) };
  }
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
