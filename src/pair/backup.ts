/**
 * The backup's half of a pair: takes the guest's state, rebuilds the execution from the log as it comes, and when the
 * primary is lost asks the arbiter whether it may go live (VM-FT, sections 2.1 to 2.3).
 */
import { EMBEDDED_LIMIT } from '../log/header.js';
import type { Output } from '../machine/environment.js';
import { arbitrate, type Arbiter } from './arbiter.js';
import { ChannelSource } from './channel-source.js';
import {
  CHANNEL_VERSION,
  decodeFrame,
  encodeFrame,
  FORMAT,
  LONGEST_FRAME,
  SHORT_FRAME,
  type Beat,
  type Clusters,
  type Frame,
  type Hello,
  type Pages,
  type State,
  type Welcome,
} from './frames.js';
import { SIGN } from './follower.js';
import type { Connection, Tell, Timers } from './ports.js';
import { BEATS, LEASES, type Reign } from './primary.js';
import { BadState, StateReceiver } from './state-transfer.js';
import type { StateDigest } from '../replay/digest.js';
import type { Machine } from '../machine/machine.js';
import type { Unsent } from './succession.js';

/** Bytes of state that wait for the machine to be built, at which the channel is held. */
const EARLY_HIGH = 2 ** 25;
/** Bytes of log that there can be before the state: header and images. */
const MOST_LOG = EMBEDDED_LIMIT + 2 ** 24;
/** Milliseconds for which a primary may be silent before the state has come. */
const JOINING_TIME = 5 * SIGN;

export interface BackupPorts {
  readonly timers: Timers;
  readonly tell: Tell;
  readonly hello: Pick<Hello, 'build' | 'behaviour'>;
}

const NO_STATE = 'it sent a log without a state';

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
  private early: (Pages | Clusters | State)[] | undefined = [];
  private earlyBytes = 0;
  private receiver: StateReceiver | undefined;
  private machine: Machine | undefined;
  private digest: StateDigest | undefined;
  private following = false;
  private greeted!: (welcome: Welcome) => void;
  private readonly greeting: Promise<Welcome>;
  private stated!: (position: number) => void;
  private readonly state: Promise<number>;
  /** Whether the state has come: the log goes on from there. */
  private complete = false;
  private failed: ((error: Error) => void)[] = [];
  private left!: () => void;
  /** Resolves when the primary has said that the guest has ended and all it has sent has left. */
  readonly farewell: Promise<void>;
  private lost!: (reason: string) => void;
  /** Resolves with the reason when the primary is lost that this one may take over from. */
  readonly loss: Promise<string>;
  private over = false;
  private stopBeating: (() => void) | undefined;
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
    connection.allow(SHORT_FRAME);
    connection.onClose = (reason) => this.end(reason);
    connection.onFrame = (bytes) => this.take(bytes);
    this.stopBeating = ports.timers.every(JOINING_TIME / BEATS, () => this.watch(JOINING_TIME));
    this.send({ type: 'hello', format: FORMAT, version: CHANNEL_VERSION, ...ports.hello });
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
    for (const frame of early) this.apply(frame);
    // Nobody reads the log before the state is there.
    if (!this.complete && this.source.full) this.end(NO_STATE);
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
    // A primary that lives and cannot ask at once may send for as long what this one has acknowledged.
    if (this.beat?.leased === true) await timers.sleep(timeout / LEASES);
    return { run, epoch: epoch + 1, holder };
  }

  /** Gives up, for good: the primary goes on without asking anybody. */
  leave(): void {
    this.send({ type: 'leave' });
    this.close(true);
  }

  /** Gives up with a sentence for the primary. */
  refuse(reason: string): void {
    this.send({ type: 'refusal', reason });
    this.close(true);
  }

  close(patient = false): void {
    this.over = true;
    this.stopBeating?.();
    this.connection.onFrame = this.connection.onClose = undefined;
    this.connection.close(patient);
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

  /** There is no state to follow from. */
  private fail(error: Error): void {
    this.source.fail(error);
    for (const fail of this.failed) fail(error);
  }

  private take(bytes: Uint8Array): void {
    if (this.over) return;
    this.heard = this.ports.timers.now();
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
        this.connection.allow(LONGEST_FRAME);
        return this.greeted(frame);
      case 'refusal':
        return this.end(frame.reason, true);
      case 'leave':
        // The log has its end: it is rebuilt up to there.
        if (!this.following) return this.end('the guest has ended', true);
        this.over = true;
        this.stopBeating?.();
        this.source.end();
        return this.left();
      case 'log':
        this.offset += frame.bytes.length;
        if (!this.complete && (this.machine !== undefined || this.offset > MOST_LOG)) return this.end(NO_STATE);
        this.source.push(frame.bytes);
        if (this.following) this.acknowledge();
        return;
      case 'beat': {
        const news = frame.leased && this.beat?.leased !== true;
        this.beat = frame;
        this.beaten = this.heard;
        this.forget();
        if (news && this.following) this.acknowledge();
        return;
      }
      case 'pages':
      case 'clusters':
      case 'state':
        return this.receive(frame, bytes.length);
      default:
        return this.end('it sent a frame out of place');
    }
  }

  private receive(frame: Pages | Clusters | State, size: number): void {
    if (this.complete) return this.end('it sent a second state');
    this.complete = frame.type === 'state';
    if (this.early === undefined) return this.apply(frame);
    this.early.push(frame);
    this.earlyBytes += size;
    if (this.earlyBytes > EARLY_HIGH) this.connection.hold(true);
  }

  private apply(frame: Pages | Clusters | State): void {
    const { receiver, digest } = this;
    if (this.over || receiver === undefined || digest === undefined) return;
    try {
      if (frame.type === 'pages') receiver.pages(frame);
      else if (frame.type === 'clusters') receiver.clusters(frame);
      else {
        receiver.finish(frame, digest);
        this.beat = { type: 'beat', time: frame.time, released: 0, stamp: 0, position: frame.position, leased: false };
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
    this.stopBeating?.();
    const timeout = Math.max(1, this.welcome?.timeout ?? 1);
    this.stopBeating = timers.every(timeout / BEATS, () => this.watch(timeout));
    this.acknowledge();
    this.stated(position);
  }

  private acknowledge(): void {
    const { offset, machine, beat } = this;
    this.send({ type: 'received', offset, position: machine?.position ?? 0, stamp: beat?.stamp ?? 0 });
  }

  /** What this side does not take cannot be heard. */
  private get held(): boolean {
    return this.source.full || (this.early !== undefined && this.earlyBytes > EARLY_HIGH);
  }

  private watch(timeout: number): void {
    const { timers } = this.ports;
    if (this.following) this.acknowledge();
    if (this.held || timers.now() - this.heard <= timeout) return;
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
