/**
 * An Ethernet link over a TCP or Unix stream: QEMU's `-netdev stream`, passt, or another vmft at the other end.
 * A peer that goes away is called again, or waited for; meanwhile the guest's frames are lost, as on an unplugged wire.
 */
import { unlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

import { Failure, reasonOf, STATUS, systemCode, UnavailableFailure } from './failure.js';
import { QUEUE_FRAMES, QueuedLink } from './frames.js';
import { Deframer, framed } from './framing.js';
import { describeAddress } from './net.js';
import type { StreamAddress } from './net.js';

/** Bytes that may wait in the socket before the guest's frames are dropped. */
const SEND_HIGH = 1 << 20;
/** Queue lengths at which the peer is held back and let go again. */
const QUEUE_HIGH = QUEUE_FRAMES / 2;
const QUEUE_LOW = QUEUE_FRAMES / 8;
/** Pauses between calls of a peer that has gone, in milliseconds. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 1000;
/** A peer is back that has sent anything or stayed so long, in milliseconds: passt takes a second client to drop it. */
const STEADY = 500;
/** How long a peer that does not read is waited for at the end, in milliseconds. */
const LINGER = 500;

/** What both roles share: one connection at a time and the frames over it. */
abstract class StreamLink extends QueuedLink {
  readonly name: string;
  readonly #address: StreamAddress;
  #socket: Socket | undefined;
  /** The loss of the peer was told, and not its return. */
  #missed = false;
  #steady: NodeJS.Timeout | undefined;

  constructor(address: StreamAddress) {
    super();
    this.#address = address;
    this.name = `stream ${describeAddress(address)}`;
  }

  protected get address(): StreamAddress {
    return this.#address;
  }

  protected get connected(): boolean {
    return this.#socket !== undefined;
  }

  /** The connection was lost. */
  protected abstract lost(): void;

  /** The peer has come to stay. */
  protected settled(): void {
    clearTimeout(this.#steady);
    this.#steady = undefined;
    if (this.#missed) this.onNotice?.(`${this.name} is back.`);
    this.#missed = false;
  }

  protected adopt(socket: Socket): void {
    this.#socket = socket;
    this.current = 'up';
    socket.setNoDelay(true);
    const deframer = new Deframer();
    this.#steady = setTimeout(() => this.settled(), STEADY).unref();
    socket.on('data', (bytes) => {
      if (this.#steady !== undefined) this.settled();
      const wrong = deframer.push(bytes, (frame) => this.arrived(frame));
      if (wrong !== undefined) {
        this.counts.refused++;
        this.onNotice?.(
          `${this.name} sent a frame of ${String(wrong)} bytes, which is no Ethernet frame: its connection was closed.`,
        );
        socket.destroy();
      } else if (this.waiting >= QUEUE_HIGH) {
        socket.pause();
      }
    });
    let reason: string | undefined;
    socket.on('error', (error) => (reason = reasonOf(error)));
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      if (this.current === 'closed') return;
      this.current = 'down';
      clearTimeout(this.#steady);
      this.#steady = undefined;
      if (!this.#missed) {
        this.#missed = true;
        this.onNotice?.(`${this.name} has gone${reason === undefined ? '' : ` (${reason})`}; it may come back.`);
      }
      this.lost();
    });
  }

  override take(limit: number): Uint8Array[] {
    const frames = super.take(limit);
    if (this.waiting <= QUEUE_LOW && this.#socket?.isPaused() === true) this.#socket.resume();
    return frames;
  }

  send(frame: Uint8Array, more = false): void {
    const socket = this.#socket;
    if (socket === undefined || socket.writableLength > SEND_HIGH) {
      this.counts.dropped++;
      return;
    }
    // A write of many frames takes hardly longer than a write of one.
    if (more && socket.writableCorked === 0) {
      socket.cork();
      // What follows may be another link's.
      process.nextTick(() => socket.uncork());
    }
    socket.write(framed(frame));
    if (!more) socket.uncork();
    this.counts.sent++;
  }

  close(): Promise<void> {
    this.current = 'closed';
    clearTimeout(this.#steady);
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.destroyed) return Promise.resolve();
    return new Promise((done) => {
      socket.once('close', () => done());
      // What was sent leaves; a peer that does not read is not waited for.
      if (socket.writableLength === 0) socket.destroySoon();
      else {
        socket.end();
        setTimeout(() => socket.destroy(), LINGER).unref();
      }
    });
  }
}

/** The calling side. */
export class ConnectingLink extends StreamLink {
  #pause = FIRST_PAUSE;
  #timer: NodeJS.Timeout | undefined;
  #attempt: Socket | undefined;

  /** Connects once; a peer that is not there is a Failure. Afterwards a lost peer is called again, again and again. */
  static async open(address: StreamAddress): Promise<ConnectingLink> {
    const link = new ConnectingLink(address);
    await new Promise<void>((done, fail) => link.#call(done, (error) => fail(connectFailure(address, error))));
    return link;
  }

  #call(done: () => void, fail: (error: Error) => void): void {
    const socket = 'path' in this.address ? connect(this.address.path) : connect(this.address.port, this.address.host);
    this.#attempt = socket;
    socket.once('error', fail);
    socket.once('connect', () => {
      this.#attempt = undefined;
      socket.off('error', fail);
      this.adopt(socket);
      done();
    });
  }

  protected lost(): void {
    const again = (): void => {
      this.#timer = undefined;
      this.#call(
        () => undefined,
        () => {
          this.#attempt = undefined;
          if (this.current !== 'closed') this.lost();
        },
      );
    };
    this.#timer = setTimeout(again, this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  protected override settled(): void {
    this.#pause = FIRST_PAUSE;
    super.settled();
  }

  override close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#attempt?.destroy();
    return super.close();
  }
}

/** The called side: one peer at a time, a second one is turned away. */
export class ListeningLink extends StreamLink {
  readonly #server: Server;

  /** Listens at once; a port or path in use is a Failure that names it. The socket file of a dead process is replaced. */
  static async open(address: StreamAddress): Promise<ListeningLink> {
    if ('path' in address) await removeStale(address.path);
    const server = createServer();
    await new Promise<void>((done, fail) => {
      server.once('error', (error) => fail(listenFailure(address, error)));
      const listening = (): void => {
        server.removeAllListeners('error');
        done();
      };
      if ('path' in address) server.listen(address.path, listening);
      else server.listen(address.port, address.host, listening);
    });
    return new ListeningLink(address, server);
  }

  private constructor(address: StreamAddress, server: Server) {
    super(address);
    this.#server = server;
    server.on('error', (error) => this.onNotice?.(`${this.name} takes no more connections (${reasonOf(error)}).`));
    server.on('connection', (socket) => {
      if (this.connected) {
        socket.on('error', () => undefined);
        socket.destroy();
        return;
      }
      this.adopt(socket);
    });
  }

  protected lost(): void {
    // The server is still there for the next one.
  }

  override async close(): Promise<void> {
    const closed = new Promise<void>((done) => this.#server.close(() => done()));
    await super.close();
    await closed;
  }
}

/** Removes a Unix socket that nobody listens on any more. */
export async function removeStale(path: string): Promise<void> {
  const code = await new Promise<string | undefined>((done) => {
    const probe = connect(path);
    probe.once('error', (error) => done(systemCode(error)));
    probe.once('connect', () => {
      probe.destroy();
      done(undefined);
    });
  });
  if (code === 'ECONNREFUSED') unlinkSync(path);
}

export function connectFailure(address: StreamAddress, error: unknown): Failure {
  const where = describeAddress(address);
  switch (systemCode(error)) {
    case 'ENOENT':
      return new UnavailableFailure(`There is no socket ${where}: start its server first.`, error);
    case 'ECONNREFUSED':
      return new UnavailableFailure(`Nobody listens at ${where}: start its server first.`, error);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new UnavailableFailure(`The host of ${where} has no address: check its name.`, error);
    case 'EACCES':
    case 'EPERM':
      return new Failure(STATUS.noPermission, `${where} may not be connected to: check its permissions.`, error);
    default:
      return new UnavailableFailure(`${where} cannot be connected to (${reasonOf(error)}).`, error);
  }
}

export function listenFailure(address: StreamAddress, error: unknown): Failure {
  const where =
    'path' in address ? `The socket ${address.path}` : `TCP port ${String(address.port)} of ${address.host}`;
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return new UnavailableFailure(`${where} is in use: choose another.`, error);
    case 'EACCES':
      return new Failure(STATUS.noPermission, `${where} may not be opened: choose another.`, error);
    default:
      return new UnavailableFailure(`${where} cannot be opened (${reasonOf(error)}).`, error);
  }
}
