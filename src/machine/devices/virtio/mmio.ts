/**
 * The transport: the register window through which a driver finds a virtio device, negotiates features and sets up
 * queues. Follows the VIRTIO specification 1.2, chapters 2.1 to 2.5 and 4.2.2 ("MMIO Device Register Layout", version 2).
 * A slot without a backend shows device id 0.
 */
import type { StateVisitor } from '../../../hart/state.js';
import type { Device, DeviceContext } from '../../device.js';
import { Virtqueue } from './queue.js';
import type { QueueArea } from './queue.js';

/** What a kind of device is, behind the transport. */
export interface VirtioBackend {
  readonly deviceId: number;
  /** Device-specific feature bits that are offered; the transport adds those of its own. */
  readonly features: readonly number[];
  /** Largest size of each queue; powers of two. */
  readonly queueSizes: readonly number[];
  /** Called once, before anything else. */
  attach(transport: VirtioTransport): void;
  /** The device-specific configuration. */
  config(): Uint8Array;
  /** Another number whenever `config()` may answer otherwise; absent: it never does. */
  configGeneration?(): number;
  /** The driver writes to the configuration; absent: nothing in it is the driver's to write. */
  writeConfig?(offset: number, value: number): void;
  /** The driver has made buffers available on a queue, or has just become ready. Only called while running. */
  notified(queue: number): void;
  /** The driver resets the device. What came from outside and was not delivered yet may stay. */
  driverReset(): void;
  reset(): void;
  state(visitor: StateVisitor): void;
}

/** What the transport does for its backend. */
export interface VirtioTransport {
  readonly queues: readonly Virtqueue[];
  /** The driver is ready and the device is not broken. */
  running(): boolean;
  negotiated(feature: number): boolean;
  /** After chains were put back on a queue, or looked at: interrupts the driver if it wants that, or reports a broken queue. */
  settle(queue: number): void;
  /** The driver's data made no sense: DEVICE_NEEDS_RESET. */
  fail(): void;
  /** The configuration has changed: interrupts a driver that runs. */
  configChanged(): void;
}

const RING_INDIRECT_DESC = 28;
const RING_EVENT_IDX = 29;
const VERSION_1 = 32;

const MAGIC_VALUE = 0x74726976;
/** "VMFT", in the order of bytes. */
const VENDOR = 0x54464d56;

const REGISTER = {
  magic: 0x000,
  version: 0x004,
  deviceId: 0x008,
  vendorId: 0x00c,
  deviceFeatures: 0x010,
  deviceFeaturesSelect: 0x014,
  driverFeatures: 0x020,
  driverFeaturesSelect: 0x024,
  queueSelect: 0x030,
  queueMaximum: 0x034,
  queueSize: 0x038,
  queueReady: 0x044,
  queueNotify: 0x050,
  interruptStatus: 0x060,
  interruptAcknowledge: 0x064,
  status: 0x070,
  descriptorsLow: 0x080,
  descriptorsHigh: 0x084,
  availableLow: 0x090,
  availableHigh: 0x094,
  usedLow: 0x0a0,
  usedHigh: 0x0a4,
  sharedMemoryFirst: 0x0b0,
  sharedMemoryLast: 0x0bc,
  configGeneration: 0x0fc,
  config: 0x100,
  /** Room for any device's configuration; QEMU's window ends here, though the device tree speaks of a page. */
  end: 0x200,
} as const;

const FEATURES_OK = 8;
const DRIVER_OK = 4;
const NEEDS_RESET = 0x40;

const USED_BUFFER = 1;
const CONFIG_CHANGE = 2;

export class VirtioMmio implements Device, VirtioTransport {
  readonly queues: readonly Virtqueue[];
  private readonly offered: readonly number[];
  /** Features the driver accepted, words 0 and 1. */
  private readonly accepted = [0, 0];
  private status = 0;
  private interruptStatus = 0;
  private deviceFeaturesSelect = 0;
  private driverFeaturesSelect = 0;
  private queueSelect = 0;

  constructor(
    readonly name: string,
    private readonly context: Pick<DeviceContext, 'memory' | 'interrupt' | 'worked'>,
    private readonly backend?: VirtioBackend,
  ) {
    this.queues = (backend?.queueSizes ?? []).map((size) => new Virtqueue(context.memory, size));
    this.offered = featureWords([...(backend?.features ?? []), RING_INDIRECT_DESC, RING_EVENT_IDX, VERSION_1]);
    backend?.attach(this);
  }

  running(): boolean {
    return (this.status & (FEATURES_OK | DRIVER_OK | NEEDS_RESET)) === (FEATURES_OK | DRIVER_OK);
  }

  negotiated(feature: number): boolean {
    return ((this.accepted[feature >>> 5] >>> (feature & 31)) & 1) !== 0;
  }

  settle(queue: number): void {
    const virtqueue = this.queues[queue];
    if (virtqueue.wantsInterrupt()) this.raise(USED_BUFFER);
    if (virtqueue.broken) this.fail();
  }

  fail(): void {
    if ((this.status & NEEDS_RESET) !== 0) return;
    this.status |= NEEDS_RESET;
    if ((this.status & DRIVER_OK) !== 0) this.raise(CONFIG_CHANGE);
  }

  configChanged(): void {
    if (this.running()) this.raise(CONFIG_CHANGE);
  }

  /** Every width: what is no word of the control registers reads as 0 (the driver must not, 4.2.2.2). */
  accepts(offset: number): boolean {
    return offset < REGISTER.end;
  }

  read(offset: number, size: 1 | 2 | 4): number {
    if (offset >= REGISTER.config) return this.readConfig(offset - REGISTER.config, size);
    if (size !== 4) return 0;
    switch (offset) {
      case REGISTER.magic:
        return MAGIC_VALUE;
      case REGISTER.version:
        return 2;
      case REGISTER.deviceId:
        return this.backend?.deviceId ?? 0;
      case REGISTER.vendorId:
        return VENDOR;
    }
    if (this.backend === undefined) return 0;
    switch (offset) {
      case REGISTER.deviceFeatures:
        return (this.offered[this.deviceFeaturesSelect] ?? 0) >>> 0;
      case REGISTER.queueMaximum:
        return this.queues[this.queueSelect]?.maximum ?? 0;
      case REGISTER.queueReady:
        return this.queues[this.queueSelect]?.ready ? 1 : 0;
      case REGISTER.interruptStatus:
        return this.interruptStatus;
      case REGISTER.status:
        return this.status;
      case REGISTER.configGeneration:
        return this.backend.configGeneration?.() ?? 0;
      default:
        // No shared memory region exists: length and base read as all ones (4.2.2.1).
        return offset >= REGISTER.sharedMemoryFirst && offset <= REGISTER.sharedMemoryLast ? 0xffff_ffff : 0;
    }
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    if (this.backend === undefined) return;
    const word = value >>> 0;
    if (offset >= REGISTER.config) this.backend.writeConfig?.(offset - REGISTER.config, word);
    if (size !== 4 || offset >= REGISTER.config) return;
    switch (offset) {
      case REGISTER.deviceFeaturesSelect:
        this.deviceFeaturesSelect = word;
        break;
      case REGISTER.driverFeaturesSelect:
        this.driverFeaturesSelect = word;
        break;
      case REGISTER.driverFeatures:
        if (this.driverFeaturesSelect < 2 && (this.status & FEATURES_OK) === 0) {
          this.accepted[this.driverFeaturesSelect] = word;
        }
        break;
      case REGISTER.queueSelect:
        this.queueSelect = word;
        break;
      case REGISTER.queueNotify:
        this.notify(word);
        break;
      case REGISTER.interruptAcknowledge:
        this.interruptStatus &= ~word;
        this.context.interrupt(this.interruptStatus !== 0);
        break;
      case REGISTER.status:
        this.setStatus(word & 0xff);
        break;
      default:
        this.setUpQueue(offset, word);
    }
  }

  reset(): void {
    this.resetTransport();
    this.backend?.reset();
  }

  state(visitor: StateVisitor): void {
    this.status = visitor.number('status', this.status);
    this.interruptStatus = visitor.number('interruptStatus', this.interruptStatus);
    this.accepted[0] = visitor.number('features.low', this.accepted[0]);
    this.accepted[1] = visitor.number('features.high', this.accepted[1]);
    this.deviceFeaturesSelect = visitor.number('deviceFeaturesSelect', this.deviceFeaturesSelect);
    this.driverFeaturesSelect = visitor.number('driverFeaturesSelect', this.driverFeaturesSelect);
    this.queueSelect = visitor.number('queueSelect', this.queueSelect);
    this.queues.forEach((queue, i) => queue.state(visitor, `queue${i}`));
    this.backend?.state(visitor);
  }

  private readConfig(offset: number, size: 1 | 2 | 4): number {
    const config = this.backend?.config() ?? new Uint8Array(0);
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = value * 256 + (config[offset + i] ?? 0);
    return value;
  }

  private notify(queue: number): void {
    if (!this.running() || queue >= this.queues.length || !this.queues[queue].ready) return;
    this.backend?.notified(queue);
    this.context.worked();
  }

  private setStatus(value: number): void {
    if (value === 0) {
      this.resetTransport();
      this.backend?.driverReset();
      return;
    }
    const started = (value & DRIVER_OK) !== 0 && (this.status & DRIVER_OK) === 0;
    // Only the device sets NEEDS_RESET, and only a reset clears it.
    this.status = (value & ~NEEDS_RESET) | (this.status & NEEDS_RESET);
    if ((this.status & FEATURES_OK) !== 0 && !this.featuresAcceptable()) this.status &= ~FEATURES_OK;
    for (const queue of this.queues) {
      queue.indirect = this.negotiated(RING_INDIRECT_DESC);
      queue.eventIndex = this.negotiated(RING_EVENT_IDX);
    }
    if (started) for (let queue = 0; queue < this.queues.length; queue++) this.notify(queue);
  }

  private featuresAcceptable(): boolean {
    return this.negotiated(VERSION_1) && this.accepted.every((word, i) => (word & ~this.offered[i]) === 0);
  }

  private setUpQueue(offset: number, word: number): void {
    const queue = this.queues[this.queueSelect];
    if (queue === undefined) return;
    if (offset === REGISTER.queueReady) {
      const ready = (word & 1) !== 0;
      if (!ready) queue.stop();
      else if (!queue.ready && !queue.start()) this.fail();
      return;
    }
    if (queue.ready) return;
    if (offset === REGISTER.queueSize) {
      queue.size = word;
      return;
    }
    const place = AREAS[offset];
    if (place !== undefined) queue.setAddress(place[0], place[1], word);
  }

  private raise(cause: number): void {
    this.interruptStatus |= cause;
    this.context.interrupt(true);
  }

  private resetTransport(): void {
    this.status = this.interruptStatus = 0;
    this.accepted.fill(0);
    this.deviceFeaturesSelect = this.driverFeaturesSelect = this.queueSelect = 0;
    for (const queue of this.queues) queue.reset();
    this.context.interrupt(false);
  }
}

const AREAS: Readonly<Record<number, readonly [QueueArea, boolean]>> = {
  [REGISTER.descriptorsLow]: ['descriptors', false],
  [REGISTER.descriptorsHigh]: ['descriptors', true],
  [REGISTER.availableLow]: ['available', false],
  [REGISTER.availableHigh]: ['available', true],
  [REGISTER.usedLow]: ['used', false],
  [REGISTER.usedHigh]: ['used', true],
};

function featureWords(bits: readonly number[]): number[] {
  const words = [0, 0];
  for (const bit of bits) words[bit >>> 5] |= 1 << (bit & 31);
  return words;
}
