/**
 * A backup as its primary sees it: one connection, from the stranger who calls to the backup that has the log up to here.
 */
import type { NewHeader } from '../log/header.js';
import type { ImagePacking } from '../log/image.js';
import { LogWriter } from '../log/writer.js';
import type { Received, Welcome } from './frames.js';
import { CHANNEL_VERSION, decodeFrame, encodeFrame, FORMAT, SHORT_FRAME, type Frame, type Hello } from './frames.js';
import type { Connection, Timers } from './ports.js';
import { StateSender, type RunningGuest } from './state-transfer.js';

/** Milliseconds that a stranger has to say what it is. */
const GREETING_TIME = 5000;
/** Bytes that may wait for the system while the state is sent, and milliseconds for which none of them may leave. */
const SEND_HIGH = 2 ** 22;
const STALL = 10_000;
/** Milliseconds between two signs that the primary is alive, until the backup has the state. */
export const SIGN = 1000;

/** What a log starts with. */
export interface LogStart {
  readonly header: NewHeader;
  /** The images, as a log has them. */
  images(): ImagePacking;
}

export interface FollowerPorts {
  readonly timers: Timers;
  readonly guest: RunningGuest;
  readonly start: LogStart;
  readonly hello: Pick<Hello, 'build' | 'behaviour'>;
  /** Who the pair is; undefined where there is a backup already. */
  welcome(follower: Follower): Omit<Welcome, 'type'> | undefined;
  /** The backup has the state at the position where the guest is now: its log goes to `writer` from here on. */
  joined(follower: Follower): void;
  received(received: Received): void;
  /** The connection is over, for a reason that may be ''. `left`: the backup has said that it goes. */
  gone(follower: Follower, reason: string, left: boolean): void;
}

export class Follower {
  /** From `joined` on. */
  following = false;
  /** The backup has sent a proper greeting. */
  known = false;
  /** When it was heard last, in milliseconds. */
  heard: number;
  /** Milliseconds for which the guest stood still to be sent. */
  pause = 0;
  writer: LogWriter | undefined;
  private over = false;
  private left = false;
  private readonly stopGreeting: () => void;
  private stopSigns: (() => void) | undefined;

  constructor(
    readonly connection: Connection,
    private readonly ports: FollowerPorts,
  ) {
    this.heard = ports.timers.now();
    connection.allow(SHORT_FRAME);
    connection.onClose = (reason) => this.end(reason);
    connection.onFrame = (bytes) => this.take(bytes);
    this.stopGreeting = ports.timers.every(GREETING_TIME, () => this.drop());
  }

  send(frame: Frame): void {
    this.connection.send(encodeFrame(frame));
  }

  /** Ends the connection, with a sentence for the other side. */
  refuse(reason: string): void {
    this.send({ type: 'refusal', reason });
    this.end(reason);
  }

  /** Ends the connection without a word. */
  drop(reason = 'it was not a backup'): void {
    this.end(reason);
  }

  private end(reason: string): void {
    if (this.over) return;
    this.over = true;
    this.stopGreeting();
    this.stopSigns?.();
    this.connection.onFrame = this.connection.onClose = undefined;
    this.connection.close();
    this.ports.gone(this, reason, this.left);
  }

  private take(bytes: Uint8Array): void {
    if (this.over) return;
    let frame: Frame;
    try {
      frame = decodeFrame(bytes);
    } catch {
      this.drop('it sent something that is no frame');
      return;
    }
    this.heard = this.ports.timers.now();
    if (frame.type === 'hello' && !this.known) this.greet(frame);
    else if (!this.known) this.drop();
    else if (frame.type === 'received' && this.following) this.receive(frame);
    else if (frame.type === 'refusal' || frame.type === 'leave') {
      // Who gives up will not go live: nobody needs to be asked.
      this.left = true;
      this.end(frame.type === 'leave' ? '' : `it says "${frame.reason.replace(/\.$/, '')}"`);
    } else if (frame.type !== 'received') this.drop('it sent a frame out of place');
  }

  private receive(received: Received): void {
    // What nobody has been sent cannot have come: outputs would leave too early.
    const sent = this.writer?.size ?? 0;
    if (received.offset <= sent && received.stamp <= this.ports.timers.now()) this.ports.received(received);
    else this.drop('it acknowledged what it was not sent');
  }

  private greet({ format, version, build, behaviour }: Hello): void {
    if (format !== FORMAT) return this.drop();
    this.known = true;
    this.stopGreeting();
    const own = this.ports.hello;
    if (version !== CHANNEL_VERSION || build !== own.build || behaviour !== own.behaviour) {
      this.refuse(
        `The backup is ${build} (machine ${String(behaviour)}, channel ${String(version)}) and the primary ${own.build} (machine ${String(own.behaviour)}, channel ${String(CHANNEL_VERSION)}): both must be the same.`,
      );
      return;
    }
    const welcome = this.ports.welcome(this);
    if (welcome === undefined) return this.refuse('The primary has a backup already: one is all it takes.');
    this.send({ type: 'welcome', ...welcome });
    this.stopSigns = this.ports.timers.every(SIGN, () => {
      this.send({ type: 'beat', time: 0, released: 0, stamp: 0, position: 0, leased: false });
    });
    this.bring().catch((error: unknown) => {
      this.end(`it cannot be brought to where the guest is (${String(error)})`);
    });
  }

  /** Brings the backup to where the guest is. */
  private async bring(): Promise<void> {
    const { guest, start, timers } = this.ports;
    // Nothing but acknowledgements comes back, and those are short.
    const images = start.images();
    const writer = new LogWriter({ write: (bytes) => this.send({ type: 'log', bytes }) }, start.header, images);
    // They come before the state.
    await images.done;
    const sender = new StateSender(guest, {
      send: (frame) => this.send(frame),
      breathe: () => this.breathe(),
    });
    try {
      if (!(await sender.sendMost())) return;
      const from = timers.now();
      sender.sendRest();
      this.pause = timers.now() - from;
    } finally {
      sender.close();
    }
    this.stopSigns?.();
    this.writer = writer;
    this.following = true;
    this.heard = timers.now();
    this.ports.joined(this);
  }

  /** Lets the guest run, and waits while much is on its way. Who takes nothing keeps the place of one that would. */
  private async breathe(): Promise<boolean> {
    const { timers } = this.ports;
    await timers.turn();
    let least = Infinity;
    for (let since = timers.now(); !this.over && this.connection.waiting > SEND_HIGH; await timers.sleep(1)) {
      const { waiting } = this.connection;
      if (waiting < least) {
        least = waiting;
        since = timers.now();
      } else if (timers.now() - since > STALL) this.drop(`it has taken nothing for ${String(STALL)} ms`);
    }
    return !this.over;
  }
}
