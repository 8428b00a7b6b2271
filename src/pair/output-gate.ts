/**
 * The output rule (VM-FT, section 2.2): nothing that the guest sends leaves before the backup has acknowledged the log
 * up to and with the output's own entry. Only the output waits; the guest runs on.
 *
 * An environment around the one that the outputs go to. It stands behind the recording, so that an output's entry, and
 * all before it, is in the log and on its way when the output comes here.
 */
import type { Environment, Input, Need, Output } from '../machine/environment.js';

const { max } = Math;

/** Outputs whose waits are kept for the statistics. */
const MEASURED = 4096;

interface Held {
  readonly position: number;
  readonly output: Output;
  /** Bytes of the log that must be acknowledged. */
  readonly needed: number;
  readonly since: number;
}

export interface GatePorts {
  /** Bytes of the log that were sent to the backup. */
  sent(): number;
  /** Milliseconds. */
  now(): number;
  /** Whether nobody else has gone live: asked each time before outputs leave that have waited. */
  mayRelease(): boolean;
}

/** How long outputs have waited, in milliseconds. */
export interface Waits {
  readonly count: number;
  readonly median: number;
  readonly worst: number;
}

/**
 * `open`: outputs leave at once; `guarded`: they wait for acknowledgements; `shut`: none leaves, whatever was
 * acknowledged.
 */
export type GateState = 'open' | 'guarded' | 'shut';

export class OutputGate implements Environment {
  /** Called when outputs have left that had waited. */
  onRelease: () => void = () => undefined;
  private gate: GateState = 'open';
  private queue: Held[] = [];
  private acknowledged = 0;
  private count = 0;
  private bytes = 0;
  private readonly waits: number[] = [];
  private waited = 0;
  private worst = 0;
  private empty: (() => void)[] = [];

  constructor(
    private readonly inner: Environment,
    private readonly ports: GatePorts,
  ) {}

  get state(): GateState {
    return this.gate;
  }

  /** Outputs that have left since `guard`; reads from disks are none. */
  get released(): number {
    return this.count;
  }

  /** Whether any output waits. */
  get holds(): boolean {
    return this.queue.length > 0;
  }

  /** Bytes that wait. */
  get held(): number {
    return this.bytes;
  }

  /** Outputs wait from now on. */
  guard(): void {
    this.gate = 'guarded';
    this.count = this.acknowledged = 0;
  }

  /** No output leaves until `open`. */
  shut(): void {
    this.gate = 'shut';
  }

  /** All that waits leaves, and what comes leaves at once: there is no backup. */
  open(): void {
    this.gate = 'open';
    this.release();
  }

  /** The backup has the log's first `offset` bytes. */
  acknowledge(offset: number): void {
    this.acknowledged = max(this.acknowledged, offset);
    if (this.gate === 'guarded') this.release();
  }

  /** Resolves when nothing waits any more. */
  drained(): Promise<void> {
    if (!this.holds) return Promise.resolve();
    return new Promise((resolve) => this.empty.push(resolve));
  }

  get statistics(): Waits {
    const sorted = [...this.waits].sort((a, b) => a - b);
    return { count: this.waited, median: sorted[sorted.length >> 1] ?? 0, worst: this.worst };
  }

  nextStop(position: number, need: Need): number {
    return this.inner.nextStop(position, need);
  }

  takeInputs(position: number, need: Need): readonly Input[] {
    return this.inner.takeInputs(position, need);
  }

  readTime(position: number): number {
    return this.inner.readTime(position);
  }

  readEntropy(position: number, length: number): Uint8Array {
    return this.inner.readEntropy(position, length);
  }

  emit(position: number, output: Output, more = false): void {
    if (this.gate === 'open' || (isRead(output) && !this.holdsFor(output.device))) {
      this.leave(position, output, more);
      return;
    }
    this.queue.push({ position, output, needed: this.ports.sent(), since: this.ports.now() });
    this.bytes += sizeOf(output);
  }

  /** A disk does its requests in their order: what reads must not overtake what writes. */
  private holdsFor(device: number): boolean {
    return this.queue.some(({ output }) => output.type === 'disk' && output.device === device);
  }

  private release(): void {
    let ready = 0;
    while (ready < this.queue.length && (this.gate === 'open' || this.queue[ready].needed <= this.acknowledged))
      ready++;
    if (ready === 0 || (this.gate === 'guarded' && !this.ports.mayRelease())) return;
    const now = this.ports.now();
    this.queue.splice(0, ready).forEach(({ position, output, since }, at, leaving) => {
      this.bytes -= sizeOf(output);
      if (!isRead(output)) this.measure(now - since);
      this.leave(position, output, leaving.at(at + 1)?.output.type === 'packet');
    });
    this.onRelease();
    if (this.holds) return;
    for (const resolve of this.empty.splice(0)) resolve();
  }

  private leave(position: number, output: Output, more: boolean): void {
    if (!isRead(output)) this.count++;
    this.inner.emit(position, output, more);
  }

  private measure(wait: number): void {
    this.waits[this.waited++ % MEASURED] = wait;
    this.worst = max(this.worst, wait);
  }
}

function isRead(output: Output): boolean {
  return output.type === 'disk' && output.operation === 'read';
}

function sizeOf(output: Output): number {
  return output.type === 'power' ? 0 : output.data.length;
}
