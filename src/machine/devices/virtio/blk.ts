/**
 * The disk. Follows the VIRTIO specification 1.2, chapter 5.2 ("Block Device").
 *
 * A request goes to the environment, with a copy of what is to be written, and is in flight until its completion comes as
 * an input: only then does the guest's memory change, at a recorded position. Of a disk that is a snapshot of its image
 * the device itself keeps what the guest writes, in an overlay.
 */
import type { StateVisitor } from '../../../hart/state.js';
import type { DiskConfiguration } from '../../configuration.js';
import type { DeviceContext } from '../../device.js';
import type { DiskDemand } from '../../environment.js';
import { Overlay, SECTOR_BYTES } from '../../overlay.js';
import {
  abandoned,
  askedBy,
  decodeRequest,
  encodeRequest,
  gathered,
  HEADER_BYTES,
  statusOf,
  targetsOf,
  TYPE,
  type DiskRequest,
} from './blk-request.js';
import type { VirtioBackend, VirtioTransport } from './mmio.js';
import type { Chain } from './queue.js';

const BLK_SIZE_MAX = 1;
const BLK_SEG_MAX = 2;
const BLK_RO = 5;
const BLK_BLK_SIZE = 6;
const BLK_FLUSH = 9;

const OK = 0;
const IO_ERROR = 1;
const UNSUPPORTED = 2;

const REQUESTS = 0;
const QUEUE_SIZE = 256;
/** Most data segments of a request and most bytes of one, as a driver keeps to. */
const SEGMENTS = 126;
const SEGMENT_BYTES = 16_384;
/** Most bytes of one request, whatever a driver makes of that. */
const MOST_BYTES = 2 ** 21;
/** Requests and bytes in flight; chains beyond stay in the queue until others have come back. */
const MOST_REQUESTS = 256;
const MOST_IN_FLIGHT = 2 * MOST_BYTES;
const SERIAL_BYTES = 20;

const NOTHING = new Uint8Array(0);

export class VirtioBlk implements VirtioBackend {
  readonly deviceId = 2;
  readonly features: readonly number[];
  readonly queueSizes = [QUEUE_SIZE];
  /** What the guest has written; undefined where that is in the image. */
  readonly overlay: Overlay | undefined;
  private transport!: VirtioTransport;
  /** In the order in which they were made. */
  private inFlight: DiskRequest[] = [];
  private readonly configuration = new Uint8Array(24);
  private readonly serial: Uint8Array;

  /** @param ask hands a request to the environment */
  constructor(
    private readonly context: Pick<DeviceContext, 'memory'>,
    private readonly disk: DiskConfiguration,
    private readonly ask: (demand: DiskDemand) => void,
  ) {
    this.features = [BLK_SIZE_MAX, BLK_SEG_MAX, BLK_BLK_SIZE, BLK_FLUSH, ...(disk.readOnly ? [BLK_RO] : [])];
    this.overlay = disk.mode === 'snapshot' ? new Overlay(disk.slot) : undefined;
    const view = new DataView(this.configuration.buffer);
    view.setBigUint64(0, BigInt(disk.capacity / SECTOR_BYTES), true);
    view.setUint32(8, SEGMENT_BYTES, true);
    view.setUint32(12, SEGMENTS, true);
    view.setUint32(20, SECTOR_BYTES, true);
    this.serial = new TextEncoder().encode(`vmft-disk${disk.slot}`);
  }

  attach(transport: VirtioTransport): void {
    this.transport = transport;
  }

  config(): Uint8Array {
    return this.configuration;
  }

  /** A request in flight, the oldest first; undefined where there are not so many. */
  request(index: number): DiskRequest | undefined {
    return this.inFlight[index];
  }

  /** What is in flight, the oldest first, as it is to be asked again by whoever takes the guest over. */
  demands(): DiskDemand[] {
    return this.inFlight.map((request) => this.demandOf(request));
  }

  private demandOf({ operation, offset, length, data }: DiskRequest): DiskDemand {
    // Whoever cannot flush relies on what is written (5.2.6.2).
    const durable = operation === 'write' && !this.transport.negotiated(BLK_FLUSH);
    return { operation, offset, length, data, durable };
  }

  notified(): void {
    this.take();
    this.transport.settle(REQUESTS);
  }

  /**
   * A request in flight is done, or has failed where `status` is not 0. Of a read `data` is what the image holds.
   * Nothing happens where there is no such request.
   */
  complete(index: number, status: number, data: Uint8Array): void {
    const [request] = this.inFlight.splice(index, 1);
    if (request === undefined) return;
    const { operation, offset } = request;
    const done = status === OK && this.makesSense(request, operation === 'read' ? data : request.data);
    if (done && operation === 'write') this.overlay?.write(offset, request.data);
    if (!this.transport.running()) return;
    this.answer(request, done, data);
    this.take();
    this.transport.settle(REQUESTS);
  }

  /** The driver wants nothing of them any more, but they are under way. */
  driverReset(): void {
    this.inFlight = this.inFlight.map(abandoned);
  }

  /** A disk keeps what it holds. */
  reset(): void {
    this.driverReset();
  }

  state(visitor: StateVisitor): void {
    const requests = visitor.list('requests', this.inFlight.map(encodeRequest));
    const data = visitor.list(
      'writes',
      this.inFlight.map((request) => request.data),
    );
    this.inFlight = requests.map((bytes, i) => decodeRequest(bytes, data[i] ?? NOTHING));
  }

  /** Takes what chains there is room for: as many as the queue holds, at most. */
  private take(): void {
    const queue = this.transport.queues[REQUESTS];
    for (let left = queue.size; left > 0 && this.inFlight.length < MOST_REQUESTS; left--) {
      const chain = queue.peek();
      if (chain === undefined) break;
      if (chain.readableLength < HEADER_BYTES || chain.writableLength < 1) {
        this.transport.fail();
        break;
      }
      if (!this.start(chain)) break;
    }
    queue.askForNotification();
  }

  /** Takes the next chain; false where it has to wait for room. */
  private start(chain: Chain): boolean {
    const { memory } = this.context;
    const { type, offset } = askedBy(chain, memory);
    const queue = this.transport.queues[REQUESTS];
    const write = type === TYPE.write;
    const length = write ? chain.readableLength - HEADER_BYTES : type === TYPE.read ? chain.writableLength - 1 : 0;
    const transfers = write || type === TYPE.read;
    const possible = transfers && this.canTransfer(write, offset, length);
    if (possible && length > 0 && this.bytesInFlight() + length > MOST_IN_FLIGHT) return false;
    queue.advance(1);
    const status = statusOf(chain);
    if (possible ? length > 0 : type === TYPE.flush) {
      const operation = write ? 'write' : possible ? 'read' : 'flush';
      const data = write ? gathered(chain.readable, HEADER_BYTES, length, memory) : NOTHING;
      const targets = operation === 'read' ? targetsOf(chain) : [];
      const place = operation === 'flush' ? { offset: 0, length: 0 } : { offset, length };
      const request: DiskRequest = { head: chain.head, operation, ...place, status, targets, data };
      this.inFlight.push(request);
      this.ask(this.demandOf(request));
      return true;
    }
    const identity = type === TYPE.identify ? this.identify(chain) : 0;
    const outcome = transfers ? (possible ? OK : IO_ERROR) : type === TYPE.identify ? OK : UNSUPPORTED;
    memory.write(status, Uint8Array.of(outcome));
    queue.put(chain.head, identity + 1);
    return true;
  }

  private canTransfer(write: boolean, offset: number, length: number): boolean {
    if (write && this.disk.readOnly) return false;
    return length % SECTOR_BYTES === 0 && length <= MOST_BYTES && offset + length <= this.disk.capacity;
  }

  /** Not so only in a state that was tampered with, and with a log that no vmft has written. */
  private makesSense({ operation, offset, length }: DiskRequest, data: Uint8Array): boolean {
    if (operation === 'flush') return true;
    return (
      offset >= 0 && offset % SECTOR_BYTES === 0 && data.length === length && this.canTransfer(false, offset, length)
    );
  }

  /** Answers how many bytes were written. */
  private identify(chain: Chain): number {
    const bytes = new Uint8Array(SERIAL_BYTES);
    bytes.set(this.serial);
    return this.scatter(targetsOf(chain), bytes);
  }

  private answer(request: DiskRequest, done: boolean, data: Uint8Array): void {
    const { memory } = this.context;
    const queue = this.transport.queues[REQUESTS];
    const { head, operation, offset, status, targets } = request;
    // A head of its own choosing can only be in a state that was tampered with, as an address outside of memory.
    if (!queue.ready || queue.broken || !(head >= 0 && head < 0x10000) || !memory.contains(status, 1)) return;
    const reads = done && operation === 'read';
    const read = reads ? this.scatter(targets, this.overlay?.cover(offset, data) ?? data) : 0;
    memory.write(status, Uint8Array.of(done ? OK : IO_ERROR));
    queue.put(head, read + 1);
  }

  /** Answers how many bytes there was room for. */
  private scatter(targets: DiskRequest['targets'], bytes: Uint8Array): number {
    const { memory } = this.context;
    let at = 0;
    for (const { address, length } of targets) {
      if (at >= bytes.length || !memory.contains(address, length)) break;
      const part = bytes.subarray(at, at + length);
      memory.write(address, part);
      at += part.length;
    }
    return at;
  }

  private bytesInFlight(): number {
    return this.inFlight.reduce((sum, { length }) => sum + length, 0);
  }
}
