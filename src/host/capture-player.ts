/**
 * Plays captures into a guest: the first frame when the guest's driver is ready for it, each other one at the same
 * distance from the first as in the capture, in guest time.
 */
import type { Input, Need } from '../machine/environment.js';
import { CaptureBytes } from './capture-bytes.js';
import type { CapturedFrame, CaptureReader } from './capture-format.js';
import { Failure, STATUS } from './failure.js';
import { FRAMES_AT_ONCE } from './frames.js';
import { PcapReader } from './pcap-reader.js';
import { PcapngReader } from './pcapng-reader.js';

/** The largest frame for which a virtio network device has room (VIRTIO 1.2, 5.1.6.3.1), without its header there. */
const LARGEST_FRAME = 65_550;
const { MAX_SAFE_INTEGER } = Number;
const GZIP = 0x8b1f;

/** Opens the file that `bytes` are of, by what it starts with. */
function readerOf(bytes: CaptureBytes): CaptureReader {
  const magic = bytes.take(4)?.getUint32(0, true);
  bytes.rewind();
  if (magic !== undefined && PcapReader.recognises(magic)) return new PcapReader(bytes);
  if (magic !== undefined && PcapngReader.recognises(magic)) return new PcapngReader(bytes);
  const hint = magic !== undefined && (magic & 0xffff) === GZIP ? ', unpack it with gunzip first' : '';
  throw new Failure(
    STATUS.data,
    `${bytes.path} is no capture that can be read: at byte 0 it is neither pcap nor pcapng${hint}.`,
  );
}

/** Whether all of a frame was captured, and a network device can take it. */
function whole({ data, length }: CapturedFrame): boolean {
  return data.length > 0 && data.length >= length && data.length <= LARGEST_FRAME;
}

/** One capture. */
export class CapturePlayer {
  readonly #bytes: CaptureBytes;
  readonly #reader: CaptureReader;
  /** Frames that can be played, and those that are left out. */
  readonly frames: number;
  readonly leftOut: number;
  #played = 0;
  #next: CapturedFrame | undefined;
  /** The capture's time at distance 0, once a frame has told one. */
  #origin: bigint | undefined;
  /** Distance of the next frame from the first, in ticks: never less than that of the frame before. */
  #distance = 0;
  /** Guest time of the first frame. */
  #start: number | undefined;
  /** Guest time before which the next frame does not come, whatever its distance. */
  #earliest = 0;

  /**
   * Opens a capture and reads it through once: one that is malformed anywhere is refused before the guest starts. Throws
   * a Failure.
   */
  static open(path: string): CapturePlayer {
    const bytes = CaptureBytes.open(path);
    try {
      let [frames, leftOut] = [0, 0];
      const reader = readerOf(bytes);
      for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
        if (whole(frame)) frames++;
        else leftOut++;
      }
      bytes.rewind();
      return new CapturePlayer(bytes, frames, leftOut);
    } catch (error) {
      bytes.close();
      throw error;
    }
  }

  private constructor(bytes: CaptureBytes, frames: number, leftOut: number) {
    this.#bytes = bytes;
    this.#reader = readerOf(bytes);
    this.frames = frames;
    this.leftOut = leftOut;
    this.#advance();
  }

  get path(): string {
    return this.#bytes.path;
  }

  /** Frames that the guest's device was given. */
  get played(): number {
    return this.#played;
  }

  /** Guest time at which the next frame is due; Infinity where none is left or `begin` has not been called. */
  get due(): number {
    if (this.#next === undefined || this.#start === undefined) return Infinity;
    return Math.max(this.#earliest, Math.min(MAX_SAFE_INTEGER, this.#start + this.#distance));
  }

  /** The guest is ready for the first frame, at guest time `now`. Only the first call counts. */
  begin(now: number): void {
    this.#start ??= now;
  }

  /** The frames that are due at guest time `now`, oldest first; what is too much for one moment comes a tick later. */
  take(now: number): Uint8Array[] {
    const frames: Uint8Array[] = [];
    while (this.#next !== undefined && this.due <= now) {
      if (frames.length === FRAMES_AT_ONCE) {
        this.#earliest = now + 1;
        break;
      }
      frames.push(this.#next.data);
      this.#played++;
      this.#advance();
    }
    return frames;
  }

  close(): void {
    this.#bytes.close();
  }

  #advance(): void {
    do this.#next = this.#reader.next();
    while (this.#next !== undefined && !whole(this.#next));
    const time = this.#next?.time;
    if (time === undefined) return;
    this.#origin ??= time - BigInt(this.#distance);
    this.#distance = Math.max(this.#distance, Math.min(MAX_SAFE_INTEGER, Number(time - this.#origin)));
  }
}

/** The captures of a guest, by the slot of the device that each is played into. */
export class Playback {
  readonly #players: ReadonlyMap<number, CapturePlayer>;

  constructor(players: ReadonlyMap<number, CapturePlayer>) {
    this.#players = players;
  }

  /** Guest time at which the next frame is due for which the guest has room; Infinity where there is none. */
  due(need: Need): number {
    let due = Infinity;
    for (const [device, player] of this.#players) {
      if (need.takesFrames(device)) due = Math.min(due, player.due);
    }
    return due;
  }

  /** The frames that are due at guest time `now`. A guest that has become ready gets the first. */
  take(now: number, need: Need): Input[] {
    const inputs: Input[] = [];
    for (const [device, player] of this.#players) {
      if (!need.takesFrames(device)) continue;
      player.begin(now);
      for (const data of player.take(now)) inputs.push({ type: 'packet', device, data });
    }
    return inputs;
  }
}
