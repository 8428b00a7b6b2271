/**
 * The primary's half of a pair: takes in a backup, sends it the log, lets outputs leave when they are acknowledged, and
 * when the backup is lost asks the arbiter whether it may go on alone (VM-FT, sections 2.2 and 2.3).
 */
import { arbitrate, type Arbiter } from './arbiter.js';
import { Follower, type LogStart } from './follower.js';
import type { Hello, Received, Welcome } from './frames.js';
import { Lag } from './lag.js';
import type { LogTee } from './log-tee.js';
import type { OutputGate } from './output-gate.js';
import type { Connection, Listener, Tell, Timers } from './ports.js';
import type { RunningGuest } from './state-transfer.js';

const { max } = Math;

/** Beats in the time after which silence means death. */
export const BEATS = 5;
/** Leases in that time: so long an old primary may send what its backup has acknowledged. */
export const LEASES = 2;
/** Milliseconds between signs of progress of a busy guest. */
const PROGRESS = 5;
/** Milliseconds between two looks whether the backup has ended too. */
const PARTING = 5;
/** Bytes that the backup has not acknowledged, or that wait for it, at which the guest stands still. */
const UNACKNOWLEDGED = 2 ** 24;
/** Strangers and backups at once, at most. */
const MOST_CONNECTIONS = 16;

/** Who a primary is, to the arbiter. */
export interface Reign {
  readonly run: string;
  readonly epoch: number;
  readonly holder: string;
}

export interface PrimaryPorts {
  readonly timers: Timers;
  readonly tell: Tell;
  readonly arbiter: Arbiter;
  readonly guest: RunningGuest;
  readonly gate: OutputGate;
  readonly tee: LogTee;
  readonly start: LogStart;
  readonly hello: Pick<Hello, 'build' | 'behaviour'>;
  /** What a backup is told beside who it joins. */
  readonly welcome: Omit<Welcome, 'type' | 'run' | 'epoch' | 'holder' | 'timeout'>;
  /** Milliseconds of silence that count as death. */
  readonly timeout: number;
  /** Milliseconds that a backup may be behind before the guest is slowed. */
  readonly lagLimit: number;
  /** Another has gone live: this one must end. */
  halted(): void;
}

/** What became of a pair, for the summary. */
export interface PairCounts {
  backups: number;
  /** Milliseconds for which the guest stood still to be sent, at most. */
  pause: number;
  /** Bytes of log that were sent to backups behind the state. */
  sent: number;
  /** Milliseconds by which the backup was behind, at most. */
  lag: number;
}

export class Primary {
  readonly counts: PairCounts = { backups: 0, pause: 0, sent: 0, lag: 0 };
  private epoch: number;
  private readonly followers = new Set<Follower>();
  private backup: Follower | undefined;
  private acknowledged = 0;
  /** Bytes of log that came before the state. */
  private prelude = 0;
  /** When the last beat was sent that has been answered. */
  private echo = -Infinity;
  /** All later beats say that outputs leave without a look at the arbiter; undefined where they do not. */
  private leased: number | undefined;
  private told = { position: -1, at: -Infinity, released: 0 };
  private readonly lag: Lag;
  private arbitrating: AbortController | undefined;
  private over = false;
  /** The backup was told that the guest has ended. */
  private parting = false;
  private ending = false;
  private stopBeating: (() => void) | undefined;
  private blocked: (() => void)[] = [];
  private joins: (() => void)[] = [];
  private ends: (() => void)[] = [];

  constructor(
    private readonly reign: Reign,
    private readonly ports: PrimaryPorts,
  ) {
    this.epoch = reign.epoch;
    this.lag = new Lag(ports.lagLimit);
  }

  /** Takes backups that call there. */
  listen(listener: Listener): void {
    const { timers, timeout } = this.ports;
    listener.onConnection = (connection) => this.accept(connection);
    this.stopBeating = timers.every(timeout / BEATS, () => this.beat());
  }

  /** Resolves when there is a backup, or the run is over. */
  hasBackup(): Promise<void> {
    if (this.backup !== undefined || this.over) return Promise.resolve();
    return new Promise((resolve) => this.joins.push(resolve));
  }

  /** Whether there is nobody who could take over. */
  get alone(): boolean {
    return this.backup === undefined && this.ports.gate.state === 'open';
  }

  /** Whether the world is this primary's: asked at the last moment before something is changed in it. */
  mayRelease(): boolean {
    const { arbiter, timers, timeout, gate } = this.ports;
    if (this.backup === undefined) return gate.state === 'open';
    const taken = arbiter.taken(this.reign.run, this.epoch + 1);
    if (taken === true) this.lost();
    if (taken !== undefined) {
      this.leased = undefined;
      return !taken;
    }
    // It cannot be asked at once. A backup that knows, and wins there, waits as long as this before it goes live.
    if (this.leased === undefined) {
      this.leased = timers.now();
      this.beat();
    }
    return this.echo > this.leased && timers.now() - this.echo <= timeout / LEASES;
  }

  /** Called between two instructions, before the world has its turn. */
  atTurn(position: number, idle: boolean): void {
    if (this.backup === undefined) return;
    const { timers, tee, gate } = this.ports;
    const now = timers.now();
    const moved = position !== this.told.position;
    if (moved) this.lag.passed(position, now);
    if (!idle && now - this.told.at < PROGRESS) return;
    if (moved) tee.progress(position);
    // What has left is not to be sent again by who goes live.
    if (gate.released !== this.told.released) this.beat();
    if (moved || gate.released !== this.told.released) this.told = { position, at: now, released: gate.released };
  }

  /** Resolves when the guest may run on; called after each of its turns, which took `slice` milliseconds. */
  async yield(slice: number): Promise<void> {
    while (!this.over && !this.ending && this.mustWait)
      await new Promise<void>((resolve) => this.blocked.push(resolve));
    const rest = this.lag.brake(slice);
    if (rest > 0 && !this.over) await this.ports.timers.sleep(rest);
  }

  /** The run is to end: the guest waits for nothing any more. */
  wake(): void {
    this.ending = true;
    this.unblock();
  }

  private unblock(): void {
    for (const resolve of this.blocked.splice(0)) resolve();
  }

  /**
   * The guest has ended and its log has its end: resolves when all it has sent has left, and the backup, which is told so,
   * has rebuilt it to the end too. False where that is not known, and whoever is left may still ask the arbiter: also where
   * nothing may leave and somebody has `asked` for the end, who is not made to wait for an arbiter that is away.
   */
  async finish(asked: Promise<void>): Promise<boolean> {
    const { gate, timers, timeout } = this.ports;
    const over = new Promise<void>((resolve) => this.ends.push(resolve));
    if (!this.over) await Promise.race([gate.drained(), over, this.givenUp(asked)]);
    if (gate.state !== 'shut') {
      this.parting = true;
      this.backup?.send({ type: 'leave' });
      for (let waited = 0; waited < timeout && !this.over && !this.alone; waited += PARTING)
        await timers.sleep(PARTING);
    }
    const { alone } = this;
    this.close();
    return alone;
  }

  /** Resolves where the end is asked for while nothing may leave. */
  private async givenUp(asked: Promise<void>): Promise<void> {
    await asked;
    while (!this.over && this.ports.gate.state !== 'shut') await this.ports.timers.sleep(50);
  }

  /** Gives the channel back. */
  close(): void {
    this.over = true;
    this.stopBeating?.();
    this.arbitrating?.abort();
    this.forgetBackup();
    for (const follower of this.followers) follower.drop('the primary has ended');
    this.unblock();
    for (const resolve of [...this.joins.splice(0), ...this.ends.splice(0)]) resolve();
  }

  private get mustWait(): boolean {
    const { gate } = this.ports;
    if (gate.state === 'shut') return true;
    const { backup } = this;
    if (backup === undefined) return false;
    const unacknowledged = (backup.writer?.size ?? 0) - this.acknowledged;
    return unacknowledged > UNACKNOWLEDGED || gate.held > UNACKNOWLEDGED;
  }

  private accept(connection: Connection): void {
    if (this.over) {
      connection.close();
      return;
    }
    // Strangers must not keep a backup out: the oldest of too many goes.
    if (this.followers.size >= MOST_CONNECTIONS) [...this.followers].find(({ known }) => !known)?.drop();
    const { timers, guest, start, hello } = this.ports;
    this.followers.add(
      new Follower(connection, {
        ...{ timers, guest, start, hello },
        welcome: (follower) => this.welcome(follower),
        joined: (follower) => this.joined(follower),
        received: (received) => this.received(received),
        gone: (follower, reason, left) => this.gone(follower, reason, left),
      }),
    );
  }

  private welcome(caller: Follower): Omit<Welcome, 'type'> | undefined {
    const taken = [...this.followers].some((other) => other !== caller && other.known);
    if (taken || this.ports.gate.state !== 'open') return undefined;
    const { run, holder } = this.reign;
    return { ...this.ports.welcome, run, holder, epoch: this.epoch, timeout: this.ports.timeout };
  }

  private joined(follower: Follower): void {
    const { gate, tee, tell } = this.ports;
    this.backup = follower;
    this.acknowledged = 0;
    this.prelude = follower.writer?.size ?? 0;
    this.echo = -Infinity;
    this.leased = undefined;
    this.counts.backups++;
    this.counts.pause = max(this.counts.pause, follower.pause);
    tee.channel = follower.writer;
    gate.guard();
    this.lag.reset();
    tell(`The backup at ${follower.connection.peer} has joined.`);
    this.beat();
    for (const resolve of this.joins.splice(0)) resolve();
  }

  private received({ offset, position, stamp }: Received): void {
    const { gate, timers } = this.ports;
    this.acknowledged = max(this.acknowledged, offset);
    this.echo = max(this.echo, stamp);
    this.lag.reached(position, timers.now());
    this.counts.lag = max(this.counts.lag, this.lag.behind);
    gate.acknowledge(offset);
    if (!this.mustWait) this.unblock();
  }

  private beat(): void {
    const { backup, ports } = this;
    if (backup === undefined) return;
    const { timers, gate, guest, timeout } = ports;
    backup.send({
      type: 'beat',
      ...{ time: guest.time(), released: gate.released, position: guest.machine.position },
      stamp: timers.now(),
      leased: this.leased !== undefined,
    });
    if (timers.now() - backup.heard <= timeout) return;
    // This process may have slept itself: what has come in meanwhile is heard first.
    void timers.turn().then(() => {
      if (this.backup !== backup || timers.now() - backup.heard <= timeout) return;
      backup.drop(`it has said nothing for ${String(timeout)} ms`);
    });
  }

  private gone(follower: Follower, reason: string, left: boolean): void {
    this.followers.delete(follower);
    const why = reason === '' ? '.' : `: ${reason.replace(/\.$/, '')}.`;
    if (follower !== this.backup) {
      if (follower.known && !this.over) this.ports.tell(`A backup did not join${why}`);
      return;
    }
    this.forgetBackup();
    if (this.over) return;
    const { peer } = follower.connection;
    if (!left || !this.parting) this.ports.tell(`The backup at ${peer} ${left ? 'has left' : 'is lost'}${why}`);
    if (left) this.ports.gate.open();
    else void this.contend();
    this.unblock();
  }

  private forgetBackup(): void {
    const { tee } = this.ports;
    if (this.backup !== undefined) this.counts.sent += tee.sent - this.prelude;
    this.backup = tee.channel = undefined;
  }

  /** Both may have lost the other: the arbiter decides who goes on. */
  private async contend(): Promise<void> {
    const { gate, arbiter, tell, timers } = this.ports;
    const { run, holder } = this.reign;
    gate.shut();
    const controller = (this.arbitrating = new AbortController());
    const { signal } = controller;
    const sleep = (milliseconds: number): Promise<void> => timers.sleep(milliseconds);
    const claim = { run, epoch: this.epoch + 1, holder, previous: holder };
    const won = await arbitrate(arbiter, claim, { notice: tell, signal, sleep }).catch((error: unknown) => {
      // Nothing that waits for an answer leaves any more: the run was ended meanwhile, or there will be no answer.
      if (!signal.aborted) tell(`The arbiter ${arbiter.name} does not decide: ${String(error)}.`);
      return false;
    });
    if (this.over) return;
    if (!won) return this.lost();
    this.epoch++;
    tell(`Going on without a backup, as the primary of epoch ${String(this.epoch)}.`);
    gate.open();
    this.unblock();
  }

  private lost(): void {
    if (this.over) return;
    this.ports.gate.shut();
    this.close();
    this.ports.halted();
  }
}
