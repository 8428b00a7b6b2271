/**
 * The backup's half of a pair: takes the guest's state, rebuilds the execution from the log as it comes, and when the
 * primary is lost asks the arbiter whether it may go live (VM-FT, sections 2.1 to 2.3).
 */
import type { Output } from '../machine/environment.js';
import { arbitrate, type Arbiter } from './arbiter.js';
import { ChannelSource } from './channel-source.js';
import {
  CHANNEL_VERSION,
  decodeFrame,
  encodeFrame,
  FORMAT,
  LONGEST_FRAME,
  type Beat,
  type Frame,
  type Hello,
  type Welcome,
} from './frames.js';
import { MOST_MISSING, SIGN } from './follower.js';
import type { Connection, Tell, Timers } from './ports.js';
import { BEATS, LEASES, type Reign } from './primary.js';
import { BadState, StateReceiver } from './state-transfer.js';
import type { StateDigest } from '../replay/digest.js';
import type { Machine } from '../machine/machine.js';
import type { Unsent } from './succession.js';

/** Bytes of state that wait for the machine to be built, at which the channel is held. */
const EARLY_HIGH = 2 ** 25;

export interface BackupPorts {
  readonly timers: Timers;
  readonly tell: Tell;
  readonly hello: Pick<Hello, 'build' | 'behaviour'>;
}

/** The primary does not want this backup: one sentence. */
export class Refused extends Error {}
/** The primary is lost to a backup that does not have the guest's state. */
export class LostEarly extends Error {}

export class Backup {
  /** The log, for a LogReader. */
  readonly source: ChannelSource;
  private welcome: Welcome | undefined;
  private beat: Beat | undefined;
  /** When the last beat came. */
  private beaten = 0;
  private heard: number;
  private offset = 0;
  private early: Frame[] | undefined = [];
  private earlyBytes = 0;
  private receiver: StateReceiver | undefined;
  private machine: Machine | undefined;
  private digest: StateDigest | undefined;
  private following = false;
  private greeted!: (welcome: Welcome) => void;
  private readonly greeting: Promise<Welcome>;
  private stated!: (position: number) => void;
  private readonly state: Promise<number>;
  private failed: ((error: Error) => void)[] = [];
  /** Why there is no state to follow from, and never will be. */
  failure: Error | undefined;
  private left!: () => void;
  /** Resolves when the primary has said that the guest has ended and all it has sent has left. */
  readonly farewell: Promise<void>;
  private lost!: (reason: string) => void;
  /** Resolves with the reason when the primary is lost that this one may take over from. */
  readonly loss: Promise<string>;
  private over = false;
  private stopBeating: (() => void) | undefined;
  /** Signs of life of the primary that are missing before the state is there. */
  private missing = 0;
  /** What the guest has sent and the log has, that may not have left the primary; how many have left. */
  private unsent: Unsent[] = [];
  private proven = 0;

  constructor(
    private readonly connection: Connection,
    private readonly ports: BackupPorts,
  ) {
    this.heard = ports.timers.now();
    this.source = new ChannelSource((still) => connection.hold(still));
    this.greeting = new Promise((resolve, reject) => {
      this.greeted = resolve;
      this.failed.push(reject);
    });
    this.state = new Promise((resolve, reject) => {
      this.stated = resolve;
      this.failed.push(reject);
    });
    this.loss = new Promise((resolve) => (this.lost = resolve));
    this.farewell = new Promise((resolve) => (this.left = resolve));
    for (const promise of [this.greeting, this.state]) promise.catch(() => undefined);
    connection.allow(LONGEST_FRAME);
    connection.onClose = (reason) => this.end(reason);
    connection.onFrame = (bytes) => this.take(bytes);
    this.send({ type: 'hello', format: FORMAT, version: CHANNEL_VERSION, ...ports.hello });
    this.stopBeating = ports.timers.every(SIGN, () => this.attend());
  }

  /** Says who the pair is. Throws Refused. */
  greet(): Promise<Welcome> {
    return this.greeting;
  }

  /**
   * Takes the state into a machine that was built from the log's header; resolves with the position at which it is
   * there. Throws Refused, and BadState.
   */
  join(machine: Machine, digest: StateDigest): Promise<number> {
    this.machine = machine;
    this.digest = digest;
    this.receiver = new StateReceiver(machine);
    const early = this.early ?? [];
    this.early = undefined;
    this.earlyBytes = 0;
    for (const frame of early) this.apply(frame);
    if (!this.source.full) this.connection.hold(false);
    return this.state;
  }

  /** Is to be told of each output that the log proves, in order. */
  sent(position: number, output: Output): void {
    this.proven++;
    this.unsent.push({ position, output });
    this.forget();
  }

  /** What has been proven and may not have left the primary. */
  get doubtful(): readonly Unsent[] {
    return this.unsent;
  }

  /** Guest time now, as the primary's clock would have it: never before what the log has. */
  get guestTime(): number {
    const { beat, beaten } = this;
    return beat === undefined ? 0 : beat.time + Math.floor((this.ports.timers.now() - beaten) * 10_000);
  }

  /** Who this becomes where it may go live; undefined where another has. Only the arbiter is asked. */
  async contend(arbiter: Arbiter, holder: string, signal: AbortSignal): Promise<Reign | undefined> {
    const { welcome, ports } = this;
    if (welcome === undefined) throw new Error('no pair to contend for');
    const { run, epoch, holder: previous, timeout } = welcome;
    const { timers, tell } = ports;
    const claim = { run, epoch: epoch + 1, holder, previous };
    const sleep = (milliseconds: number): Promise<void> => timers.sleep(milliseconds);
    if (!(await arbitrate(arbiter, claim, { notice: tell, signal, sleep }))) return undefined;
    // A primary that is alive and cannot ask at once may send for as long what this one has acknowledged.
    if (arbiter.taken(run, epoch + 1) === undefined) await timers.sleep(timeout / LEASES);
    return { run, epoch: epoch + 1, holder };
  }

  /** Gives up, for good: the primary goes on without asking anybody. */
  leave(): void {
    this.send({ type: 'leave' });
    this.close();
  }

  /** Gives up with a sentence for the primary. */
  refuse(reason: string): void {
    this.send({ type: 'refusal', reason });
    this.close();
  }

  close(): void {
    this.over = true;
    this.stopBeating?.();
    this.connection.onFrame = this.connection.onClose = undefined;
    this.connection.close();
    this.early = undefined;
  }

  private send(frame: Frame): void {
    this.connection.send(encodeFrame(frame));
  }

  private end(reason: string, refused = false): void {
    if (this.over) return;
    const { following } = this;
    this.close();
    if (following) this.lost(reason);
    else this.fail(refused ? new Refused(reason) : new LostEarly(reason));
  }

  private fail(error: Error): void {
    this.failure = error;
    this.source.end();
    for (const fail of this.failed) fail(error);
  }

  private take(bytes: Uint8Array): void {
    if (this.over) return;
    this.heard = this.ports.timers.now();
    this.missing = 0;
    let frame: Frame;
    try {
      frame = decodeFrame(bytes);
    } catch {
      this.end('it sent something that is no frame');
      return;
    }
    switch (frame.type) {
      case 'welcome':
        if (this.welcome !== undefined) return this.end('it sent a second welcome');
        this.welcome = frame;
        return this.greeted(frame);
      case 'refusal':
        return this.end(frame.reason, true);
      case 'leave':
        // The log has its end: it is rebuilt up to there.
        if (!this.following) return this.end('the guest has ended', true);
        this.close();
        this.source.end();
        return this.left();
      case 'log':
        this.offset += frame.bytes.length;
        this.source.push(frame.bytes);
        if (this.following) this.acknowledge();
        return;
      case 'beat':
        this.beat = frame;
        this.beaten = this.heard;
        this.forget();
        return;
      case 'pages':
      case 'clusters':
      case 'state':
        return this.receive(frame, bytes.length);
      default:
        return this.end('it sent a frame out of place');
    }
  }

  /** The state is not there yet. */
  private attend(): void {
    this.send({ type: 'received', offset: 0, position: 0, stamp: 0 });
    if (this.source.full || this.earlyBytes > EARLY_HIGH) return;
    if (++this.missing > MOST_MISSING) this.end(`it has said nothing for ${String((MOST_MISSING * SIGN) / 1000)} s`);
  }

  private receive(frame: Frame, size: number): void {
    if (this.following) return this.end('it sent a second state');
    if (this.early === undefined) return this.apply(frame);
    this.early.push(frame);
    this.earlyBytes += size;
    if (this.earlyBytes > EARLY_HIGH) this.connection.hold(true);
  }

  private apply(frame: Frame): void {
    const { receiver, digest } = this;
    if (this.over || receiver === undefined || digest === undefined) return;
    try {
      if (frame.type === 'pages') receiver.pages(frame);
      else if (frame.type === 'clusters') receiver.clusters(frame);
      else if (frame.type === 'state') {
        receiver.finish(frame, digest);
        this.beat = { type: 'beat', time: frame.time, released: 0, stamp: 0, position: frame.position };
        this.beaten = this.heard;
        this.follow(frame.position);
      }
    } catch (error) {
      if (!(error instanceof BadState)) throw error;
      this.refuse(`The state that came is ${error.message}.`);
      this.fail(new LostEarly(`it sent ${error.message}`));
    }
  }

  private follow(position: number): void {
    const { timers } = this.ports;
    this.following = true;
    const timeout = Math.max(1, this.welcome?.timeout ?? 1);
    this.stopBeating?.();
    this.stopBeating = timers.every(timeout / BEATS, () => this.watch(timeout));
    this.acknowledge();
    this.stated(position);
  }

  private acknowledge(): void {
    const { offset, machine, beat } = this;
    this.send({ type: 'received', offset, position: machine?.position ?? 0, stamp: beat?.stamp ?? 0 });
  }

  private watch(timeout: number): void {
    const { timers } = this.ports;
    this.acknowledge();
    if (this.source.full || timers.now() - this.heard <= timeout) return;
    // This process may have slept itself: what has come in meanwhile is heard first.
    void timers.turn().then(() => {
      if (timers.now() - this.heard > timeout) this.end(`it has said nothing for ${String(timeout)} ms`);
    });
  }

  /** Outputs that have left the primary are not to be sent again. */
  private forget(): void {
    const released = this.beat?.released ?? 0;
    const first = this.proven - this.unsent.length;
    if (released > first) this.unsent.splice(0, released - first);
  }
}
