/**
 * The logging channel over sockets: TCP, TLS or a Unix socket. Each frame goes behind its length in four bytes,
 * big-endian (proto/vmft/v1/channel.proto).
 */
import { connect as connectPlain, createServer, isIP, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from 'node:tls';

import type { Connection, Listener } from '../pair/ports.js';
import { reasonOf, UsageFailure } from './failure.js';
import { describeAddress, type StreamAddress } from './net.js';
import { connectFailure, listenFailure, removeStale } from './stream.js';
import type { TlsFiles } from './tls-files.js';

const HEADER = 4;
/** What a peer may send before it is known, until the receiver says otherwise. */
const FIRST_LIMIT = 65_536;
/** How long a peer that does not read is waited for at the end, and how long one that is busy, in milliseconds. */
const LINGER = 500;
const PATIENCE = 5000;
/** Strangers that have not finished a TLS handshake, and how long one may take, in milliseconds. */
const HANDSHAKE = 5000;

class SocketConnection implements Connection {
  #onFrame: ((bytes: Uint8Array) => void) | undefined;
  onClose: ((reason: string) => void) | undefined;
  #limit = FIRST_LIMIT;
  readonly #header = new Uint8Array(HEADER);
  #headerFilled = 0;
  #frame: Uint8Array | undefined;
  #filled = 0;
  #closed = false;
  #reason = 'its connection was closed';

  constructor(
    readonly peer: string,
    private readonly socket: Socket,
  ) {
    socket.setNoDelay(true);
    // What comes before anybody listens stays in the socket.
    socket.pause();
    socket.on('data', (bytes) => this.#push(bytes));
    socket.on('error', (error) => (this.#reason = `its connection broke (${reasonOf(error)})`));
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      if (this.#closed) return;
      this.#closed = true;
      this.onClose?.(this.#reason);
    });
  }

  get onFrame(): ((bytes: Uint8Array) => void) | undefined {
    return this.#onFrame;
  }

  set onFrame(take: ((bytes: Uint8Array) => void) | undefined) {
    this.#onFrame = take;
    if (take !== undefined) this.socket.resume();
  }

  get waiting(): number {
    return this.socket.writableLength;
  }

  send(frame: Uint8Array): void {
    if (this.#closed || !this.socket.writable) return;
    const header = new Uint8Array(HEADER);
    new DataView(header.buffer).setUint32(0, frame.length);
    this.socket.cork();
    this.socket.write(header);
    this.socket.write(frame);
    this.socket.uncork();
  }

  allow(longest: number): void {
    this.#limit = longest;
  }

  hold(still: boolean): void {
    if (still) this.socket.pause();
    else this.socket.resume();
  }

  close(patient = false): void {
    if (this.#closed) return;
    this.#closed = true;
    const { socket } = this;
    socket.resume();
    socket.end();
    setTimeout(() => socket.destroy(), patient ? PATIENCE : LINGER).unref();
  }

  #push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && !this.#closed) {
      if (this.#frame === undefined) {
        const part = bytes.subarray(at, at + HEADER - this.#headerFilled);
        this.#header.set(part, this.#headerFilled);
        this.#headerFilled += part.length;
        at += part.length;
        if (this.#headerFilled < HEADER) return;
        this.#headerFilled = 0;
        const length = new DataView(this.#header.buffer).getUint32(0);
        if (length === 0 || length > this.#limit) {
          this.#reason = `it sent a frame of ${String(length)} bytes, which there cannot be`;
          this.socket.destroy();
          return;
        }
        this.#frame = new Uint8Array(length);
        this.#filled = 0;
      }
      const part = bytes.subarray(at, at + this.#frame.length - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#frame.length) return;
      const frame = this.#frame;
      this.#frame = undefined;
      this.#onFrame?.(frame);
    }
  }
}

/** Throws UsageFailure where the address can be reached from other machines and the channel is not secured. */
export function refuseOpenChannel(option: string, address: StreamAddress, tls: TlsFiles | undefined): void {
  if (tls !== undefined || 'path' in address || isLoopback(address.host)) return;
  throw new UsageFailure(
    `${option} ${describeAddress(address)} leads over a network, where anybody could read and change the guest: give --tls-cert, --tls-key and --tls-ca, or use a loopback address or a Unix socket.`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Calls a primary. Throws a Failure. */
export async function callPrimary(address: StreamAddress, tls: TlsFiles | undefined): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const plain = 'path' in address ? { path: address.path } : { host: address.host, port: address.port };
    const socket: Socket | TLSSocket =
      tls === undefined ? connectPlain(plain) : connectTls({ ...plain, ...tls.client });
    const failed = (error: Error): void => reject(connectFailure(address, error));
    socket.once('error', failed);
    socket.setTimeout(HANDSHAKE, () => {
      socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
    });
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      socket.off('error', failed);
      socket.setTimeout(0);
      resolve(new SocketConnection(describeAddress(address), socket));
    });
  });
}

/** Awaits backups. Throws a Failure that names the address where it cannot be had. */
export async function awaitBackups(address: StreamAddress, tls: TlsFiles | undefined): Promise<Listener> {
  if ('path' in address) await removeStale(address.path);
  const server: Server =
    tls === undefined ? createServer() : createTlsServer({ ...tls.server, handshakeTimeout: HANDSHAKE });
  server.maxConnections = 64;
  await new Promise<void>((done, fail) => {
    server.once('error', (error) => fail(listenFailure(address, error)));
    const listening = (): void => {
      server.removeAllListeners('error');
      done();
    };
    if ('path' in address) server.listen(address.path, listening);
    else server.listen(address.port, address.host, listening);
  });
  return new SocketListener(describeAddress(address), server, tls !== undefined);
}

class SocketListener implements Listener {
  onConnection: ((connection: Connection) => void) | undefined;
  readonly #strangers = new Set<Socket>();

  constructor(
    readonly address: string,
    private readonly server: Server,
    secured: boolean,
  ) {
    server.on('error', () => undefined);
    // Also where the time for a handshake is over: nobody else closes the connection.
    server.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      this.#strangers.add(socket);
      socket.on('close', () => this.#strangers.delete(socket));
    });
    server.on(secured ? 'secureConnection' : 'connection', (socket: Socket) => {
      const peer =
        socket.remoteAddress === undefined ? address : `${socket.remoteAddress}:${String(socket.remotePort)}`;
      const connection = new SocketConnection(peer, socket);
      if (this.onConnection === undefined) connection.close();
      else this.onConnection(connection);
    });
  }

  close(): Promise<void> {
    this.onConnection = undefined;
    return new Promise((done) => {
      this.server.close(() => done());
      // Who has not been let in is not waited for; the others leave by themselves.
      setTimeout(() => this.#strangers.forEach((socket) => socket.destroy()), LINGER).unref();
    });
  }
}
