/**
 * The other end of a guest's `--net dgram:`: sends frames all the time and keeps those that come back. And the frames
 * of a capture, in the classic format of libpcap.
 */
import { createSocket, type Socket } from 'node:dgram';

import type { Dice } from '../guest/replay-rig.js';
import { arpRequest, datagram } from '../support/frames.js';

const GUEST_MAC = Buffer.from([0x52, 0x54, 0x00, 0x12, 0x34, 0x56]);
const ECHO_PORT = 7;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

export class FramePeer {
  readonly received: Buffer[] = [];
  private sending: NodeJS.Timeout | undefined;

  /** Sends a frame to `port` every `interval` milliseconds. */
  static async open(dice: Dice, interval: number): Promise<FramePeer> {
    const [socket, other] = await Promise.all([bound(), bound()]);
    const port = other.address().port;
    await new Promise<void>((done) => other.close(done));
    return new FramePeer(socket, port, dice, interval);
  }

  private constructor(
    private readonly socket: Socket,
    /** The guest's end. */
    private readonly port: number,
    dice: Dice,
    interval: number,
  ) {
    socket.on('message', (frame) => this.received.push(frame));
    socket.on('error', () => undefined);
    this.sending = setInterval(() => {
      const frame = dice.roll(8) === 0 ? arpRequest() : datagram(ECHO_PORT, dice.bytes(1 + dice.roll(600)));
      socket.send(frame, port, '127.0.0.1');
    }, interval);
  }

  /** What `--net` is to be told. */
  get spec(): string {
    return `dgram:local=127.0.0.1:${this.port},remote=127.0.0.1:${this.socket.address().port}`;
  }

  /** Sends no more, and takes what is on its way. */
  async close(): Promise<void> {
    clearInterval(this.sending);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise<void>((done) => this.socket.close(done));
  }
}

function bound(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => resolve(socket));
  });
}

/** The frames in a capture that the guest has sent. */
export function guestFrames(pcap: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = FILE_HEADER; at + RECORD_HEADER <= pcap.length;) {
    const end = at + RECORD_HEADER + pcap.readUInt32LE(at + 8);
    const frame = pcap.subarray(at + RECORD_HEADER, end);
    if (frame.subarray(6, 12).equals(GUEST_MAC)) frames.push(frame);
    at = end;
  }
  return frames;
}
