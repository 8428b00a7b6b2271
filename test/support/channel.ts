/** Peers of the logging channel that are played by a test: what they say is up to it, sound or not. */
import { connect, createServer, type Server, type Socket } from 'node:net';

import { decodeFrame, encodeFrame, type Frame, type Welcome } from '../../src/pair/frames.js';
import { pause } from './vmft.js';

/** A frame as it goes over a socket. */
export function packed(frame: Frame | Uint8Array): Uint8Array {
  const content = frame instanceof Uint8Array ? frame : encodeFrame(frame);
  const bytes = Buffer.alloc(4 + content.length);
  bytes.writeUInt32BE(content.length);
  bytes.set(content, 4);
  return bytes;
}

/** The frames of a stream, without their lengths; what is left over at its end is left out. */
export function unpacked(stream: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(stream);
  const frames: Uint8Array[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32BE(at);
    if (at + 4 + length > bytes.length) break;
    frames.push(Uint8Array.from(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return frames;
}

/** Where a peer is: a port of the loopback, or a Unix socket. */
export type Place = number | string;

/** One side of a connection. */
export class Peer {
  readonly received: Buffer[] = [];
  ended = false;

  static call(place: Place): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const socket = typeof place === 'number' ? connect(place, '127.0.0.1') : connect(place);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Peer(socket));
      });
    });
  }

  constructor(readonly socket: Socket) {
    socket.on('data', (data) => this.received.push(data));
    socket.on('error', () => undefined);
    socket.on('close', () => (this.ended = true));
  }

  say(...frames: readonly (Frame | Uint8Array)[]): void {
    for (const frame of frames) this.write(packed(frame));
  }

  write(bytes: Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** What has come, as values. */
  get frames(): Frame[] {
    return unpacked(Buffer.concat(this.received)).map((bytes) => decodeFrame(bytes));
  }

  /** Waits for the frame of a type. */
  async hears<T extends Frame['type']>(type: T): Promise<Extract<Frame, { type: T }>> {
    for (let waited = 0; waited < 30_000; waited += 20) {
      const found = this.frames.find((frame) => frame.type === type);
      if (found !== undefined) return found as Extract<Frame, { type: T }>;
      if (this.ended) break;
      await pause(20);
    }
    throw new Error(`no ${type} among ${this.frames.map((frame) => frame.type).join()}`);
  }

  /** Waits until the other side has closed. */
  async isLetGo(milliseconds = 10_000): Promise<boolean> {
    for (let waited = 0; !this.ended && waited < milliseconds; waited += 10) await pause(10);
    return this.ended;
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A primary that a test plays. */
export class FakePrimary {
  readonly peers: Peer[] = [];
  /** Called with each backup. */
  play: (peer: Peer) => void = () => undefined;

  static async listen(place: Place): Promise<FakePrimary> {
    const server = createServer();
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      if (typeof place === 'number') server.listen(place, '127.0.0.1', done);
      else server.listen(place, done);
    });
    return new FakePrimary(server);
  }

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      const peer = new Peer(socket);
      this.peers.push(peer);
      this.play(peer);
    });
  }

  close(): Promise<void> {
    for (const peer of this.peers) peer.close();
    return new Promise((done) => this.server.close(() => done()));
  }
}

export const soundWelcome = (changes: Partial<Welcome> = {}): Welcome => ({
  ...{ type: 'welcome', run: 'abcdef', epoch: 1, holder: '0123', arbiter: 'file:/tmp', networks: [], disks: [] },
  ...{ identities: [], host: 'elsewhere', timeout: 1000, console: 0, ...changes },
});
