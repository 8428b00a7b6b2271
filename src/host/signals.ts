/**
 * SIGINT, SIGTERM and SIGHUP as a request to end cleanly: the log gets its end, the terminal its mode.
 * Whoever asks a second time by SIGINT is not made to wait.
 */
import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type StopSignal = (typeof SIGNALS)[number];

export class StopRequest {
  #requested: StopSignal | 'quit' | undefined;
  readonly #listeners: (() => void)[] = [];
  readonly #exit: (status: number) => void;
  readonly #handlers = SIGNALS.map((signal) => ({ signal, handle: (): void => this.#receive(signal) }));

  /** Listens from now on. `exit` ends the process at the second SIGINT. */
  constructor(exit: (status: number) => void = (status) => process.exit(status)) {
    this.#exit = exit;
    for (const { signal, handle } of this.#handlers) process.on(signal, handle);
  }

  /** What asked for the end: a signal, `quit` for the console's Ctrl-A x; undefined as long as nothing did. */
  get requested(): StopSignal | 'quit' | undefined {
    return this.#requested;
  }

  /** Exit status of a process that a signal ended, 128 and its number; 0 for anything else. */
  get status(): number {
    return this.#requested === undefined || this.#requested === 'quit' ? 0 : 128 + constants.signals[this.#requested];
  }

  /** `listener` is called once, at the first request; at once where it was made already. */
  onRequest(listener: () => void): void {
    if (this.#requested === undefined) this.#listeners.push(listener);
    else listener();
  }

  /** Asks for the end without a signal. */
  quit(): void {
    this.#request('quit');
  }

  #receive(signal: StopSignal): void {
    if (this.#requested !== undefined && signal === 'SIGINT') this.#exit(128 + constants.signals.SIGINT);
    this.#request(signal);
  }

  #request(by: StopSignal | 'quit'): void {
    if (this.#requested !== undefined) return;
    this.#requested = by;
    for (const listener of this.#listeners.splice(0)) listener();
  }

  /** Signals have their ordinary effect again. */
  close(): void {
    for (const { signal, handle } of this.#handlers) process.off(signal, handle);
  }
}
