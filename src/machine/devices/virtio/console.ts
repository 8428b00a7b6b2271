/**
 * The console. Follows the VIRTIO specification 1.2, chapter 5.3 ("Console Device"): one port, whose receive queue brings
 * what is typed and whose transmit queue takes what is shown; the size of the terminal behind it; the emergency write.
 *
 * Nothing overruns: typed bytes wait here, part of the device's state, until the driver has a buffer for them.
 */
import type { StateVisitor } from '../../../hart/state.js';
import type { DeviceContext } from '../../device.js';
import { ByteQueue } from '../byte-queue.js';
import type { VirtioBackend, VirtioTransport } from './mmio.js';
import { collect, scatter } from './segments.js';

const CONSOLE_SIZE = 0;
const CONSOLE_EMERGENCY_WRITE = 2;

const RECEIVE = 0;
const TRANSMIT = 1;
const QUEUE_SIZE = 128;
/** Bytes that may wait for the driver. */
export const CONSOLE_QUEUE_LIMIT = 1 << 20;
/** Most bytes of one request to transmit: beyond, a notification would take as long as its driver likes. */
const MOST_BYTES = 1 << 18;

/** Offsets in the configuration (5.3.4). */
const COLUMNS = 0;
const ROWS = 2;
const PORTS = 4;
const EMERGENCY = 8;
const CONFIGURATION_BYTES = 12;

export class VirtioConsole implements VirtioBackend {
  readonly deviceId = 3;
  readonly features = [CONSOLE_SIZE, CONSOLE_EMERGENCY_WRITE];
  readonly queueSizes = [QUEUE_SIZE, QUEUE_SIZE];
  private transport!: VirtioTransport;
  private readonly typed = new ByteQueue(CONSOLE_QUEUE_LIMIT);
  /** Of the terminal, in characters; 0 while there is none. */
  private columns = 0;
  private rows = 0;
  private changes = 0;
  /** The driver that runs has been told of the size. */
  private told = false;
  /** It has offered buffers for what is typed, and the guest has come to rest since. */
  private offered = false;
  private rested = false;

  constructor(private readonly context: Pick<DeviceContext, 'memory' | 'emit'>) {}

  attach(transport: VirtioTransport): void {
    this.transport = transport;
  }

  config(): Uint8Array {
    const configuration = new Uint8Array(CONFIGURATION_BYTES);
    const view = new DataView(configuration.buffer);
    view.setUint16(COLUMNS, this.columns, true);
    view.setUint16(ROWS, this.rows, true);
    view.setUint32(PORTS, 1, true);
    return configuration;
  }

  configGeneration(): number {
    return this.changes;
  }

  /** A byte for the console from a driver that has no queues yet, or no more. */
  writeConfig(offset: number, value: number): void {
    if (offset === EMERGENCY) this.context.emit(Uint8Array.of(value & 0xff));
  }

  /** How many typed bytes are to be had now: none before there is a driver for them. */
  room(): number {
    return this.offered ? this.typed.room() : 0;
  }

  /** Linux throws away what comes before its driver has started wholly: a guest that rests is past that. */
  get listens(): boolean {
    return this.rested;
  }

  /** The guest waits for an interrupt. */
  rest(): void {
    this.rested ||= this.offered;
  }

  /** Typed bytes. What exceeds the queue is refused; answers how many were taken. */
  receive(data: Uint8Array): number {
    const taken = this.typed.push(data);
    this.deliver();
    return taken;
  }

  /** The terminal has another size now, in characters. */
  resize(columns: number, rows: number): void {
    if (columns === this.columns && rows === this.rows) return;
    this.columns = columns;
    this.rows = rows;
    this.changes = (this.changes + 1) >>> 0;
    this.told = this.transport.running();
    this.transport.configChanged();
  }

  notified(queue: number): void {
    // Linux takes the size of a console without ports at a change only: so it hears of one as soon as it runs.
    if (!this.told) {
      this.told = true;
      if (this.changes > 0) this.transport.configChanged();
    }
    if (queue !== RECEIVE) return this.transmit();
    this.offered ||= this.transport.queues[RECEIVE].waiting() > 0;
    this.deliver();
  }

  /** What was typed and not taken is on the line still: a driver's reset does not lose it. */
  driverReset(): void {
    this.told = this.offered = this.rested = false;
  }

  /** As with the serial port, what waits is lost where the machine begins anew; the terminal stays as large as it is. */
  reset(): void {
    this.driverReset();
    this.typed.clear();
  }

  state(visitor: StateVisitor): void {
    this.typed.replace(visitor.bytes('typed', this.typed.contents()));
    this.columns = visitor.number('columns', this.columns);
    this.rows = visitor.number('rows', this.rows);
    this.changes = visitor.number('changes', this.changes);
    this.told = visitor.bool('told', this.told);
    this.offered = visitor.bool('offered', this.offered);
    this.rested = visitor.bool('rested', this.rested);
  }

  private deliver(): void {
    if (!this.transport.running()) return;
    const queue = this.transport.queues[RECEIVE];
    while (this.typed.length > 0) {
      const chain = queue.take();
      if (chain === undefined) {
        queue.askForNotification();
        break;
      }
      if (chain.writableLength === 0) {
        this.transport.fail();
        break;
      }
      const data = this.typed.take(chain.writableLength);
      scatter(this.context.memory, chain.writable, data);
      queue.put(chain.head, data.length);
    }
    this.transport.settle(RECEIVE);
  }

  private transmit(): void {
    const queue = this.transport.queues[TRANSMIT];
    for (let left = queue.size; left > 0; left--) {
      const chain = queue.take();
      if (chain === undefined) break;
      if (chain.readableLength > MOST_BYTES) {
        this.transport.fail();
        break;
      }
      if (chain.readableLength > 0) {
        this.context.emit(collect(this.context.memory, chain.readable, chain.readableLength));
      }
      queue.put(chain.head, 0);
    }
    queue.askForNotification();
    this.transport.settle(TRANSMIT);
  }
}
