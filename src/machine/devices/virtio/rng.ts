/**
 * The entropy device. Follows the VIRTIO specification 1.2, chapter 5.4 ("Entropy Device"). Its bytes come through the
 * machine's door and so are recorded.
 */
import type { StateVisitor } from '../../../hart/state.js';
import type { DeviceContext } from '../../device.js';
import type { VirtioBackend, VirtioTransport } from './mmio.js';
import { scatter } from './segments.js';

const REQUESTS = 0;
const QUEUE_SIZE = 1024;
/** Most bytes for one request; a larger buffer is filled in part, as the device may (5.4.6.1). */
const MOST_BYTES = 4096;

export class VirtioRng implements VirtioBackend {
  readonly deviceId = 4;
  readonly features = [];
  readonly queueSizes = [QUEUE_SIZE];
  private transport!: VirtioTransport;

  constructor(private readonly context: Pick<DeviceContext, 'memory' | 'entropy'>) {}

  attach(transport: VirtioTransport): void {
    this.transport = transport;
  }

  config(): Uint8Array {
    return new Uint8Array(0);
  }

  notified(): void {
    const queue = this.transport.queues[REQUESTS];
    for (let left = queue.size; left > 0; left--) {
      const chain = queue.take();
      if (chain === undefined) break;
      const wanted = Math.min(chain.writableLength, MOST_BYTES);
      // Nothing to fill: no reason to ask for entropy.
      const bytes = wanted === 0 ? new Uint8Array(0) : this.context.entropy(wanted);
      scatter(this.context.memory, chain.writable, bytes);
      queue.put(chain.head, wanted);
    }
    queue.askForNotification();
    this.transport.settle(REQUESTS);
  }

  /** The device holds nothing of its own. */
  driverReset(): void {}

  reset(): void {}

  state(_visitor: StateVisitor): void {}
}
