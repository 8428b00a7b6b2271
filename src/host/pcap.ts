/**
 * Captures of a guest's network as a pcap file: the classic format of libpcap with nanosecond timestamps
 * (draft-ietf-opsawg-pcap), which tcpdump, tshark and Wireshark open.
 * Times are the guest's: the latest time that the guest was told before the frame, so that the captures of a
 * recording and of its replays are the same file.
 */
import type { ByteSink } from '../log/stream.js';
import type { Environment, Input, Need, Output } from '../machine/environment.js';
import { NANOSECONDS_PER_TICK } from './clock.js';

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const LINKTYPE_ETHERNET = 1;
const SNAPLEN = 262_144;
const NANOSECONDS = 1_000_000_000n;

/** Writes a pcap file, each frame as it comes. */
export class PcapWriter {
  readonly #sink: ByteSink;
  readonly #wallBase: bigint;

  /** `wallBase`: Unix time in nanoseconds at guest time 0. */
  constructor(sink: ByteSink, wallBase: bigint) {
    this.#sink = sink;
    this.#wallBase = wallBase;
    const header = new DataView(new ArrayBuffer(24));
    header.setUint32(0, MAGIC_NANOSECONDS, true);
    header.setUint16(4, 2, true);
    header.setUint16(6, 4, true);
    header.setUint32(16, SNAPLEN, true);
    header.setUint32(20, LINKTYPE_ETHERNET, true);
    sink.write(new Uint8Array(header.buffer));
  }

  /** Adds a frame at guest time `time`, in ticks. */
  write(time: number, frame: Uint8Array): void {
    const moment = this.#wallBase + BigInt(time) * BigInt(NANOSECONDS_PER_TICK);
    const captured = Math.min(frame.length, SNAPLEN);
    const record = new Uint8Array(16 + captured);
    const view = new DataView(record.buffer);
    view.setUint32(0, Number((moment / NANOSECONDS) & 0xffff_ffffn), true);
    view.setUint32(4, Number(moment % NANOSECONDS), true);
    view.setUint32(8, captured, true);
    view.setUint32(12, frame.length, true);
    record.set(frame.subarray(0, captured), 16);
    this.#sink.write(record);
  }
}

/** Any environment, with the frames that pass through it captured. */
export class Capture implements Environment {
  readonly #inner: Environment;
  readonly #writer: PcapWriter;
  readonly #clock: (() => number) | undefined;
  #told = 0;

  /** `clock` gives guest time, in ticks, where the machine itself computes it (the virtual clock). */
  constructor(inner: Environment, writer: PcapWriter, clock?: () => number) {
    this.#inner = inner;
    this.#writer = writer;
    this.#clock = clock;
  }

  #time(): number {
    // A tick among the inputs has not put the virtual clock forward yet.
    return Math.max(this.#told, this.#clock?.() ?? 0);
  }

  nextStop(position: number, need: Need): number {
    return this.#inner.nextStop(position, need);
  }

  takeInputs(position: number, need: Need): readonly Input[] {
    const inputs = this.#inner.takeInputs(position, need);
    for (const input of inputs) {
      if (input.type === 'tick') this.#told = input.time;
      else if (input.type === 'packet') this.#writer.write(this.#time(), input.data);
    }
    return inputs;
  }

  readTime(position: number): number {
    return (this.#told = this.#inner.readTime(position));
  }

  readEntropy(position: number, length: number): Uint8Array {
    return this.#inner.readEntropy(position, length);
  }

  emit(position: number, output: Output): void {
    if (output.type === 'packet') this.#writer.write(this.#time(), output.data);
    this.#inner.emit(position, output);
  }
}
