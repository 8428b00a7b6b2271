/**
 * The network card. Follows the VIRTIO specification 1.2, chapter 5.1 ("Network Device").
 *
 * A frame from outside is copied into the device's own bounce buffer first and enters the guest's memory only here, when
 * the machine hands it over or the guest makes buffers available: so the guest sees it change at a recorded position.
 */
import type { StateVisitor } from '../../../hart/state.js';
import type { DeviceContext } from '../../device.js';
import type { VirtioBackend, VirtioTransport } from './mmio.js';
import type { Chain, Virtqueue } from './queue.js';
import { collect, scatter } from './segments.js';

const NET_MAC = 5;
const NET_MRG_RXBUF = 15;
const NET_STATUS = 16;

const RECEIVE = 0;
const TRANSMIT = 1;
const QUEUE_SIZE = 1024;
const HEADER_BYTES = 12;
const NUM_BUFFERS = 10;
/** The largest frame with its header that a driver may prepare for (5.1.6.3.1). */
const MOST_BYTES = 65_562;
const MOST_FRAMES = 256;
const LINK_UP = 1;

export class VirtioNet implements VirtioBackend {
  readonly deviceId = 1;
  readonly features = [NET_MAC, NET_MRG_RXBUF, NET_STATUS];
  readonly queueSizes = [QUEUE_SIZE, QUEUE_SIZE];
  private transport!: VirtioTransport;
  private frames: Uint8Array[] = [];
  private droppedFrames = 0;
  /** The driver has told of buffers since it is ready: frames can begin to come. */
  private offered = false;
  private readonly configuration: Uint8Array;

  /** @param mac Six bytes. */
  constructor(
    private readonly context: Pick<DeviceContext, 'memory' | 'emit'>,
    mac: Uint8Array,
  ) {
    this.configuration = Uint8Array.of(...mac.subarray(0, 6), LINK_UP, 0);
  }

  /** Frames that no room was found for, either way, since the machine's reset. */
  get dropped(): number {
    return this.droppedFrames;
  }

  /**
   * Whether the driver receives, and no frame waits for its buffers. Changes only where the driver notifies or resets, so
   * that it does not depend on when it is asked.
   */
  get takesFrames(): boolean {
    return this.offered && this.frames.length === 0 && this.transport.running();
  }

  attach(transport: VirtioTransport): void {
    this.transport = transport;
  }

  config(): Uint8Array {
    return this.configuration;
  }

  /** A frame from outside, without checksum. */
  receive(frame: Uint8Array): void {
    if (frame.length === 0 || frame.length + HEADER_BYTES > MOST_BYTES || this.frames.length >= MOST_FRAMES) {
      this.droppedFrames++;
      return;
    }
    this.frames.push(frame.slice());
    this.deliver();
  }

  notified(queue: number): void {
    if (queue !== RECEIVE) return this.transmit();
    this.offered ||= this.transport.queues[RECEIVE].waiting() > 0;
    this.deliver();
  }

  /** Frames that wait are on the wire still: a driver's reset does not lose them. */
  driverReset(): void {
    this.offered = false;
  }

  reset(): void {
    this.offered = false;
    this.frames = [];
    this.droppedFrames = 0;
  }

  state(visitor: StateVisitor): void {
    this.frames = [...visitor.list('frames', this.frames)];
    this.droppedFrames = visitor.number('dropped', this.droppedFrames);
    this.offered = visitor.bool('offered', this.offered);
  }

  private deliver(): void {
    if (!this.transport.running()) return;
    const queue = this.transport.queues[RECEIVE];
    const merge = this.transport.negotiated(NET_MRG_RXBUF);
    // Chains seen so far: each is walked once, however many frames look at it.
    const seen: Chain[] = [];
    while (this.frames.length > 0) {
      const needed = HEADER_BYTES + this.frames[0].length;
      const chains = gather(queue, seen, needed, merge);
      if (chains === 'wait') {
        queue.askForNotification();
        break;
      }
      if (chains === 'malformed') {
        this.transport.fail();
        break;
      }
      const frame = this.frames.shift() as Uint8Array;
      if (chains === 'never') this.droppedFrames++;
      else {
        this.fill(queue, chains, frame);
        seen.splice(0, chains.length);
      }
    }
    this.transport.settle(RECEIVE);
  }

  private fill(queue: Virtqueue, chains: readonly Chain[], frame: Uint8Array): void {
    const packet = new Uint8Array(HEADER_BYTES + frame.length);
    packet[NUM_BUFFERS] = chains.length & 0xff;
    packet[NUM_BUFFERS + 1] = chains.length >>> 8;
    packet.set(frame, HEADER_BYTES);
    queue.advance(chains.length);
    let at = 0;
    for (const chain of chains) {
      const part = packet.subarray(at, at + chain.writableLength);
      scatter(this.context.memory, chain.writable, part);
      queue.put(chain.head, part.length);
      at += part.length;
    }
  }

  private transmit(): void {
    const queue = this.transport.queues[TRANSMIT];
    for (let left = queue.size; left > 0; left--) {
      const chain = queue.take();
      if (chain === undefined) break;
      if (chain.readableLength < HEADER_BYTES) {
        this.transport.fail();
        break;
      }
      if (chain.readableLength > MOST_BYTES || chain.readableLength === HEADER_BYTES) this.droppedFrames++;
      else this.context.emit(collect(this.context.memory, chain.readable, chain.readableLength).slice(HEADER_BYTES));
      queue.put(chain.head, 0);
    }
    queue.askForNotification();
    this.transport.settle(TRANSMIT);
  }
}

/**
 * The chains that a packet of `needed` bytes goes into: one, or with mergeable buffers as many as it takes. 'wait' where
 * more buffers have to come first, 'never' where the packet will not fit. `seen` are the next chains as far as known.
 */
function gather(
  queue: Virtqueue,
  seen: Chain[],
  needed: number,
  merge: boolean,
): readonly Chain[] | 'wait' | 'never' | 'malformed' {
  let count = 0;
  for (let room = 0; room < needed; count++) {
    if (count === seen.length) {
      const next = queue.peek(count);
      if (next === undefined) return queue.ready && count === queue.size ? 'never' : 'wait';
      seen.push(next);
    }
    const { writableLength } = seen[count];
    // The header, which counts the buffers, lies in the first one alone.
    if (writableLength < (count === 0 ? HEADER_BYTES : 1)) return 'malformed';
    room += writableLength;
    if (!merge && room < needed) return 'never';
  }
  return seen.slice(0, count);
}
