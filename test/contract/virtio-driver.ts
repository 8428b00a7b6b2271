/** A driver for one virtio-mmio device, as a guest would write it: sets up queues and offers chains. */
import { RAM_BASE } from './fake-board.js';
import type { FakeMemory } from './fake-board.js';

export const R = {
  magic: 0x00,
  version: 0x04,
  deviceId: 0x08,
  deviceFeatures: 0x10,
  deviceFeaturesSelect: 0x14,
  driverFeatures: 0x20,
  driverFeaturesSelect: 0x24,
  queueSelect: 0x30,
  queueMaximum: 0x34,
  queueSize: 0x38,
  queueReady: 0x44,
  queueNotify: 0x50,
  interruptStatus: 0x60,
  interruptAcknowledge: 0x64,
  status: 0x70,
  descriptorsLow: 0x80,
  availableLow: 0x90,
  usedLow: 0xa0,
  sharedMemoryLength: 0xb0,
  configGeneration: 0xfc,
  config: 0x100,
} as const;

export const NEXT = 1;
export const WRITE = 2;
export const INDIRECT = 4;
export const NEEDS_RESET = 0x40;
const READY = 0x0f;

export const BIT_CONSOLE_SIZE = 0;
export const BIT_MRG_RXBUF = 15;
export const BIT_INDIRECT = 28;
export const BIT_EVENT_IDX = 29;
export const BIT_VERSION_1 = 32;

export interface Buffer {
  readonly address: number;
  readonly length: number;
  readonly write?: boolean | undefined;
}

/** Where a driver finds its device: the device itself, or whatever stands in for it. */
export interface RegisterPort {
  readonly queues: ArrayLike<unknown>;
  write(offset: number, size: 1 | 2 | 4, value: number): void;
}

export class DriverQueue {
  readonly descriptors: number;
  readonly available: number;
  readonly used: number;
  private count = 0;
  private nextDescriptor = 0;
  private seen = 0;

  constructor(
    private readonly device: RegisterPort,
    private readonly memory: FakeMemory,
    readonly index: number,
    readonly size: number,
  ) {
    const base = RAM_BASE + 0x1000 + index * 0x8000;
    this.descriptors = base;
    this.available = base + 0x5000;
    this.used = base + 0x6000;
  }

  /** Empties the rings and hands them to the device. */
  setUp(): void {
    const { device } = this;
    this.memory.writeU32(this.available, 0);
    this.memory.writeU32(this.used, 0);
    device.write(R.queueSelect, 4, this.index);
    device.write(R.queueSize, 4, this.size);
    device.write(R.descriptorsLow, 4, this.descriptors);
    device.write(R.availableLow, 4, this.available);
    device.write(R.usedLow, 4, this.used);
    device.write(R.queueReady, 4, 1);
  }

  describe(
    index: number,
    address: number,
    length: number,
    flags: number,
    next: number,
    table = this.descriptors,
  ): void {
    const at = table + index * 16;
    this.memory.writeU64(at, BigInt(address));
    this.memory.writeU32(at + 8, length);
    this.memory.writeU16(at + 12, flags);
    this.memory.writeU16(at + 14, next);
  }

  /** Makes the chain that starts at descriptor `head` available. */
  offerHead(head: number): void {
    this.memory.writeU16(this.available + 4 + 2 * (this.count % this.size), head);
    this.count = (this.count + 1) & 0xffff;
    this.memory.writeU16(this.available + 2, this.count);
  }

  /** Describes a chain in the next descriptors and makes it available; answers its head. */
  offer(buffers: readonly Buffer[]): number {
    const indices = buffers.map(() => this.nextDescriptor++ % this.size);
    buffers.forEach(({ address, length, write }, i) => {
      const last = i === buffers.length - 1;
      const flags = (write ? WRITE : 0) | (last ? 0 : NEXT);
      this.describe(indices[i], address, length, flags, last ? 0 : indices[i + 1]);
    });
    this.offerHead(indices[0]);
    return indices[0];
  }

  notify(): void {
    this.device.write(R.queueNotify, 4, this.index);
  }

  get usedIndex(): number {
    return this.memory.readU16(this.used + 2);
  }

  /** Value of the device's avail_event, which lies behind the used ring. */
  get availableEvent(): number {
    return this.memory.readU16(this.used + 4 + 8 * this.size);
  }

  set usedEvent(value: number) {
    this.memory.writeU16(this.available + 4 + 2 * this.size, value);
  }

  /** Chains that came back since the last call. */
  takeUsed(): { head: number; written: number }[] {
    const back = [];
    for (; this.seen !== this.usedIndex; this.seen = (this.seen + 1) & 0xffff) {
      const entry = this.used + 4 + 8 * (this.seen % this.size);
      back.push({ head: this.memory.readU32(entry), written: this.memory.readU32(entry + 4) });
    }
    return back;
  }

  /** Pretends that this many chains were made available and came back already. */
  skipTo(count: number): void {
    this.count = this.seen = count;
  }
}

/** Negotiates `features` (bit numbers, VERSION_1 is added), sets up every queue, and reports DRIVER_OK. */
export function startDriver(
  device: RegisterPort,
  memory: FakeMemory,
  features: readonly number[] = [],
  size = 16,
): DriverQueue[] {
  device.write(R.status, 4, 0);
  device.write(R.status, 4, 1);
  device.write(R.status, 4, 3);
  const words = [0, 0];
  for (const bit of [...features, BIT_VERSION_1]) words[bit >>> 5] |= 1 << (bit & 31);
  words.forEach((word, i) => {
    device.write(R.driverFeaturesSelect, 4, i);
    device.write(R.driverFeatures, 4, word >>> 0);
  });
  device.write(R.status, 4, 0x0b);
  const queues = Array.from(device.queues, (_, index) => new DriverQueue(device, memory, index, size));
  for (const queue of queues) queue.setUp();
  device.write(R.status, 4, READY);
  return queues;
}
