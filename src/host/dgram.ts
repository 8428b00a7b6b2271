/**
 * An Ethernet link over UDP, one frame a datagram: the other end is QEMU's `-netdev dgram` or another vmft.
 */
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';

import { reasonOf, STATUS, systemCode, Failure, UnavailableFailure } from './failure.js';
import { QueuedLink } from './frames.js';
import { describeAddress } from './net.js';
import type { Endpoint } from './net.js';

/** Largest payload of a UDP datagram over IPv4. */
const MAX_DATAGRAM = 65_507;
/** Bytes that may wait in the socket before the guest's frames are dropped. */
const SEND_HIGH = 1 << 20;
const RECEIVE_BUFFER = 1 << 20;

async function resolve(endpoint: Endpoint, family?: 4 | 6): Promise<{ address: string; family: 4 | 6 }> {
  try {
    const { address, family: found } = await lookup(endpoint.host, family === undefined ? {} : { family });
    return { address, family: found === 6 ? 6 : 4 };
  } catch (error) {
    throw new UnavailableFailure(`The host ${endpoint.host} of --net has no address: check its name.`, error);
  }
}

export class DatagramLink extends QueuedLink {
  readonly name: string;
  readonly #socket: Socket;

  /** Binds `local` and takes datagrams of `remote` only. Throws a Failure that names the port when it is in use. */
  static async open(local: Endpoint, remote: Endpoint): Promise<DatagramLink> {
    const far = await resolve(remote);
    const near = await resolve(local, far.family);
    const socket = createSocket(far.family === 6 ? 'udp6' : 'udp4');
    await new Promise<void>((done, fail) => {
      socket.once('error', (error) => {
        socket.close();
        fail(bindFailure(local, error));
      });
      socket.bind(local.port, near.address, () => {
        socket.removeAllListeners('error');
        done();
      });
    });
    await new Promise<void>((done, fail) => {
      socket.once('error', fail);
      socket.connect(remote.port, far.address, () => {
        socket.removeAllListeners('error');
        done();
      });
    }).catch((error: unknown) => {
      socket.close();
      throw new UnavailableFailure(`${describeAddress(remote)} cannot be reached (${reasonOf(error)}).`, error);
    });
    return new DatagramLink(socket, `udp ${describeAddress(remote)}`);
  }

  private constructor(socket: Socket, name: string) {
    super();
    this.#socket = socket;
    this.name = name;
    this.current = 'up';
    try {
      socket.setRecvBufferSize(RECEIVE_BUFFER);
    } catch {
      // The system's own size will do.
    }
    socket.on('message', (frame) => this.arrived(frame));
    // Nobody listens there yet, or a route is missing: frames are lost, as on any wire.
    socket.on('error', () => this.counts.dropped++);
  }

  send(frame: Uint8Array): void {
    const fits = frame.length > 0 && frame.length <= MAX_DATAGRAM;
    if (this.current !== 'up' || !fits || this.#socket.getSendQueueSize() > SEND_HIGH) {
      this.counts.dropped++;
      return;
    }
    this.#socket.send(Uint8Array.from(frame), (error) => {
      if (error === null) this.counts.sent++;
      else this.counts.dropped++;
    });
  }

  close(): Promise<void> {
    if (this.current === 'closed') return Promise.resolve();
    this.current = 'closed';
    return new Promise((done) => this.#socket.close(done));
  }
}

function bindFailure(local: Endpoint, error: unknown): Failure {
  const where = describeAddress(local);
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return new UnavailableFailure(
        `UDP port ${String(local.port)} of ${local.host} is in use: choose another.`,
        error,
      );
    case 'EADDRNOTAVAIL':
      return new UnavailableFailure(`${local.host} is no address of this host: local= names one that is.`, error);
    case 'EACCES':
      return new Failure(
        STATUS.noPermission,
        `UDP port ${String(local.port)} needs privileges: choose one above 1023.`,
        error,
      );
    default:
      return new UnavailableFailure(`UDP ${where} cannot be had (${reasonOf(error)}).`, error);
  }
}
