/** Ethernet frames for the echo guest, and a peer that sends them in the framing of `--net stream:`. */
import { connect, type Socket } from 'node:net';
import { pause } from './vmft.js';

const GUEST_MAC = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];
const OUR_MAC = [0x02, 0, 0, 0, 0, 1];
const OUR_IP = [10, 0, 2, 2];
const GUEST_IP = [10, 0, 2, 15];
/** Of Ethernet, IP and UDP together. */
export const HEADER_BYTES = 42;

/** A UDP datagram to the guest, with no UDP checksum (RFC 768: a field of zeros), from port 4000. */
export function datagram(port: number, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  frame.set([...GUEST_MAC, ...OUR_MAC, 0x08, 0x00]);
  frame.set([0x45, 0, 0, 0, 0, 1, 0, 0, 64, 17, 0, 0, ...OUR_IP, ...GUEST_IP], 14);
  frame.writeUInt16BE(28 + payload.length, 16);
  frame.writeUInt16BE(checksum(frame.subarray(14, 34)), 24);
  [4000, port, 8 + payload.length, 0].forEach((field, n) => frame.writeUInt16BE(field, 34 + n * 2));
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/**
 * What a frame of the guest's says from a UDP port to port 4000 of ours, undefined where it is another frame. Throws where it
 * is that, but damaged.
 */
export function payloadFrom(port: number, frame: Buffer): Buffer | undefined {
  if (frame.length < HEADER_BYTES || frame.readUInt16BE(12) !== 0x0800 || frame[23] !== 17) return undefined;
  if (frame.readUInt16BE(34) !== port || frame.readUInt16BE(36) !== 4000) return undefined;
  const length = frame.readUInt16BE(38);
  const end = 34 + length;
  const pseudo = Buffer.from([...frame.subarray(26, 34), 0, 17, length >> 8, length & 255]);
  const whole = frame[14] === 0x45 && length >= 8 && end <= frame.length && frame.readUInt16BE(16) === 20 + length;
  if (
    !whole ||
    checksum(frame.subarray(14, 34)) !== 0 ||
    checksum(Buffer.concat([pseudo, frame.subarray(34, end)])) !== 0
  )
    throw new Error(`a damaged frame: ${frame.toString('hex')}`);
  return frame.subarray(HEADER_BYTES, end);
}

/** The internet checksum (RFC 1071). */
export function checksum(data: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < data.length; at += 2) sum += data[at] * 256 + (data[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** What the guest answers to ARP for its address. */
export function arpRequest(): Buffer {
  const question = [0, 1, 8, 0, 6, 4, 0, 1, ...OUR_MAC, ...OUR_IP, 0, 0, 0, 0, 0, 0, ...GUEST_IP];
  return Buffer.from([255, 255, 255, 255, 255, 255, ...OUR_MAC, 8, 6, ...question, ...new Array<number>(18).fill(0)]);
}

export class StreamPeer {
  private received = Buffer.alloc(0);
  readonly frames: Buffer[] = [];

  static to(port: number): Promise<StreamPeer> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new StreamPeer(socket)));
      socket.on('error', reject);
    });
  }

  /** The peer at the other end of a connection that is there; `take` is given each frame. */
  constructor(
    private readonly socket: Socket,
    take: (frame: Buffer) => void = (frame) => this.frames.push(frame),
  ) {
    socket.on('data', (data) => {
      this.received = Buffer.concat([this.received, Buffer.from(data)]);
      while (this.received.length >= 4 && this.received.length >= 4 + this.received.readUInt32BE(0)) {
        const end = 4 + this.received.readUInt32BE(0);
        take(this.received.subarray(4, end));
        this.received = this.received.subarray(end);
      }
    });
  }

  /** Sends a frame: 4 bytes of length, big-endian, and the frame. */
  send(frame: Uint8Array): void {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    this.socket.write(Buffer.concat([length, frame]));
  }

  /** Sends a frame and waits for one in return. */
  async ask(frame: Uint8Array): Promise<Buffer | undefined> {
    const before = this.frames.length;
    this.send(frame);
    for (let waited = 0; this.frames.length === before && waited < 10_000; waited += 5) await pause(5);
    return this.frames[before];
  }

  close(): void {
    this.socket.destroy();
  }
}
