/**
 * What a pair needs of its host, in memory: a clock that goes on when it is told to, connections that can be held up and
 * cut, and an arbiter that can be away.
 */
import type { Arbiter } from '../../src/pair/arbiter.js';
import { ArbiterAway } from '../../src/pair/arbiter.js';
import { decodeFrame, encodeFrame, type Frame } from '../../src/pair/frames.js';
import type { Connection, Listener, Timers } from '../../src/pair/ports.js';

/** Lets everything that is under way settle. */
export const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

interface Due {
  at: number;
  readonly action: () => void;
  /** Milliseconds from one time to the next; 0: once. */
  readonly period: number;
}

/** A clock that stands still until somebody lets time pass. */
export class ManualTimers implements Timers {
  private time = 0;
  private readonly due = new Set<Due>();

  /** Timers that are set. */
  get pending(): number {
    return this.due.size;
  }

  now(): number {
    return this.time;
  }

  every(milliseconds: number, action: () => void): () => void {
    const due = { at: this.time + milliseconds, action, period: milliseconds };
    this.due.add(due);
    return () => this.due.delete(due);
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((done) => this.due.add({ at: this.time + milliseconds, action: done, period: 0 }));
  }

  turn(): Promise<void> {
    return settled();
  }

  /** Time passes, and what is due on the way happens. */
  tick(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (let next = this.next(end); next !== undefined; next = this.next(end)) this.fire(next);
    this.time = end;
  }

  /** The same, and whatever follows from each has the time to happen. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settled();
    for (let next = this.next(end); next !== undefined; next = this.next(end)) {
      this.fire(next);
      await settled();
    }
    this.time = end;
    await settled();
  }

  /** The process did not run for a while: each timer that has become due meanwhile is late, and fires once. */
  async oversleep(milliseconds: number): Promise<void> {
    this.time += milliseconds;
    for (const due of [...this.due]) {
      if (due.at > this.time) continue;
      due.at = this.time;
      this.fire(due);
    }
    await settled();
    await settled();
  }

  private next(end: number): Due | undefined {
    let first: Due | undefined;
    for (const due of this.due) if (due.at <= end && (first === undefined || due.at < first.at)) first = due;
    return first;
  }

  private fire(due: Due): void {
    this.time = Math.max(this.time, due.at);
    if (due.period === 0) this.due.delete(due);
    else due.at = this.time + due.period;
    due.action();
  }
}

/** One end of a connection in memory. */
export class WireEnd implements Connection {
  other!: WireEnd;
  onClose: ((reason: string) => void) | undefined;
  /** What has come and was not handed over. */
  readonly inbox: Uint8Array[] = [];
  /** All that this end has sent. */
  readonly sent: Uint8Array[] = [];
  /** What was handed over. */
  readonly taken: Uint8Array[] = [];
  longest = 0;
  held = false;
  closed = false;
  /** The other side does not read: what is sent waits. */
  stuck = false;
  private take: ((bytes: Uint8Array) => void) | undefined;

  constructor(
    readonly peer: string,
    private readonly wire: Wire,
  ) {}

  get onFrame(): ((bytes: Uint8Array) => void) | undefined {
    return this.take;
  }

  set onFrame(take: ((bytes: Uint8Array) => void) | undefined) {
    this.take = take;
    if (take !== undefined) this.wire.sent(this);
  }

  get waiting(): number {
    return this.stuck ? this.other.inbox.reduce((sum, { length }) => sum + length, 0) : 0;
  }

  send(frame: Uint8Array): void {
    if (this.closed) return;
    // The sender's buffer is its own again.
    const bytes = frame.slice();
    this.sent.push(bytes);
    if (this.other.closed) return;
    this.other.inbox.push(bytes);
    if (!this.stuck) this.wire.sent(this.other);
  }

  /** Sends a frame that is a value. */
  say(frame: Frame): void {
    this.send(encodeFrame(frame));
  }

  /** What this end has sent, as values. */
  get said(): Frame[] {
    return this.sent.map((bytes) => decodeFrame(bytes));
  }

  allow(longest: number): void {
    this.longest = longest;
  }

  hold(still: boolean): void {
    this.held = still;
    if (!still) this.wire.sent(this);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.inbox.length = 0;
    this.wire.ended(this.other);
  }

  /** Hands over what has come: so many frames at most. */
  deliver(count = Infinity): void {
    for (let n = 0; n < count && !this.held && !this.closed && this.take !== undefined; n++) {
      const frame = this.inbox.shift();
      if (frame === undefined) return;
      this.taken.push(frame.slice());
      this.take(frame);
    }
  }

  /** The connection is over. */
  over(reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.onClose?.(reason);
  }
}

/**
 * A connection in memory. Frames arrive when the event loop has its turn, or, where it is `manual`, when the test
 * delivers them.
 */
export class Wire {
  readonly primary: WireEnd;
  readonly backup: WireEnd;

  constructor(private readonly manual = false) {
    this.primary = new WireEnd('the backup', this);
    this.backup = new WireEnd('the primary', this);
    this.primary.other = this.backup;
    this.backup.other = this.primary;
  }

  sent(to: WireEnd): void {
    if (!this.manual) setImmediate(() => to.deliver());
  }

  /** What was sent before arrives first. */
  ended(end: WireEnd): void {
    setImmediate(() => {
      if (!this.manual) end.deliver();
      end.over('its connection was closed');
    });
  }

  /** Both ends are told at once; what is on its way is lost. */
  cut(reason = 'its connection broke'): void {
    for (const end of [this.primary, this.backup]) {
      end.inbox.length = 0;
      end.over(reason);
    }
  }

  /** One side has died: what the other was sent arrives, and then the end. */
  static die(end: WireEnd): void {
    end.closed = true;
    end.inbox.length = 0;
    end.onClose = end.onFrame = undefined;
  }
}

/** Where a primary listens in memory. */
export class MemoryListener implements Listener {
  readonly address = 'memory';
  onConnection: ((connection: Connection) => void) | undefined;

  /** Somebody calls. */
  call(wire = new Wire()): Wire {
    this.onConnection?.(wire.primary);
    return wire;
  }

  async close(): Promise<void> {
    this.onConnection = undefined;
  }
}

/** Test-and-set in memory. */
export class MemoryArbiter implements Arbiter {
  readonly name = 'memory:';
  /** It cannot be asked. */
  away = false;
  /** Whether an epoch is taken cannot be told at once. */
  blind = false;
  /** What `claim` throws. */
  broken: Error | undefined;
  claims = 0;
  readonly holders = new Map<string, string>();

  async begin(run: string, holder: string): Promise<void> {
    this.check();
    this.holders.set(`${run} 1`, holder);
  }

  async claim(run: string, epoch: number, holder: string, previous: string): Promise<boolean> {
    this.claims++;
    this.check();
    if (this.broken !== undefined) throw this.broken;
    if (this.holders.get(`${run} ${epoch - 1}`) !== previous) return false;
    const key = `${run} ${epoch}`;
    if (!this.holders.has(key)) this.holders.set(key, holder);
    return this.holders.get(key) === holder;
  }

  async holder(run: string, epoch: number): Promise<string | undefined> {
    this.check();
    return this.holders.get(`${run} ${epoch}`);
  }

  taken(run: string, epoch: number): boolean | undefined {
    return this.away || this.blind ? undefined : this.holders.has(`${run} ${epoch}`);
  }

  async end(run: string): Promise<void> {
    for (const key of this.holders.keys()) if (key.startsWith(`${run} `)) this.holders.delete(key);
  }

  async close(): Promise<void> {}

  private check(): void {
    if (this.away) throw new ArbiterAway(this.name, 'out for lunch');
  }
}
