/** Each queue of each virtio device with its driver, set up to take requests. */
import { VirtioMmio } from '../../src/machine/devices/virtio/mmio.js';
import { FakeContext, FakeMemory } from './fake-board.js';
import { BIT_INDIRECT, startDriver, WRITE } from './virtio-driver.js';
import type { Buffer, DriverQueue } from './virtio-driver.js';
import { VIRTIO_KINDS } from './virtio-rigs.js';

export interface QueueRig {
  readonly context: FakeContext;
  readonly device: VirtioMmio;
  readonly queue: DriverQueue;
  /** Something arrives for the device, where it waits for that. */
  arrive(bytes?: number): void;
  /** Lets the device look at the queue: something arrives, and the driver notifies. */
  poke(): void;
}

export interface QueueSetup {
  readonly features?: readonly number[];
  readonly size?: number;
  readonly memoryBytes?: number;
}

export interface QueueRigKind {
  readonly name: string;
  /** Flags of the descriptor that a request of this queue begins with. */
  readonly flag: number;
  /** Whether all of a request has one direction, so that it may be cut anywhere. */
  readonly uniform: boolean;
  /** A request that the device fulfils, with its parts one behind the other in memory from an address on. */
  request(context: FakeContext, address: number): Buffer[];
  setUp(setup?: QueueSetup): QueueRig;
}

/** Bytes of what arrives. */
const ARRIVING = 100;

export const QUEUES: readonly QueueRigKind[] = VIRTIO_KINDS.flatMap((kind) =>
  kind.queues.map(({ name, index, request }): QueueRigKind => ({
    name: kind.queues.length > 1 ? `${kind.name} ${name}` : kind.name,
    flag: request[0].write ? WRITE : 0,
    uniform: request.every(({ write }) => Boolean(write) === Boolean(request[0].write)),
    request: ({ memory }, address) => {
      let at = address;
      return request.map(({ length, write, fill }) => {
        if (fill) memory.write(at, fill);
        const part = { address: at, length, ...(write && { write }) };
        at += length;
        return part;
      });
    },
    setUp: ({ features = [BIT_INDIRECT], size = 8, memoryBytes } = {}) => {
      const context = new FakeContext(new FakeMemory(memoryBytes));
      const backend = kind.makeBackend(context);
      const device = new VirtioMmio(kind.name, context, backend);
      const offered = features.filter((bit) => bit >= 24 || kind.features.includes(bit));
      const queue = startDriver(device, context.memory, offered, size)[index];
      const arrive = (bytes = ARRIVING): void => {
        if (backend) kind.arrive?.(backend, new Uint8Array(bytes).fill(0x5a));
      };
      const poke = (): void => {
        arrive();
        queue.notify();
      };
      return { context, device, queue, arrive, poke };
    },
  })),
);
