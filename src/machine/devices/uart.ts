/**
 * The serial console, a 16550A: byte registers, a divisor latch and 16-byte FIFOs. Follows the data sheet of National
 * Semiconductor's PC16550D; where that speaks of time (character timeout, baud rate) the answer is "at once", for a
 * device knows no time: what the guest sends has left, and bytes below the trigger level have timed out already.
 *
 * Nothing overruns: bytes from the host wait in a queue, part of the device's state, and enter the FIFO as it empties.
 */
import type { StateVisitor } from '../../hart/state.js';
import type { Device, DeviceContext } from '../device.js';
import { ByteQueue } from './byte-queue.js';

const FIFO_SIZE = 16;
/** Reads of LSR in a row that find nothing, with nothing sent between them: the guest polls for input. */
const POLLS = 16;
/** Bytes the host may queue before `room()` answers 0. */
export const UART_QUEUE_LIMIT = 1 << 20;

// Register numbers; the first two are the divisor latch while LCR.DLAB is set.
const RBR_THR = 0;
const IER = 1;
const IIR_FCR = 2;
const LCR = 3;
const MCR = 4;
const LSR = 5;
const MSR = 6;
const SCR = 7;
const REGISTERS = 8;

const IER_RECEIVE = 0x01;
const IER_TRANSMIT = 0x02;
const IER_LINE = 0x04;

const IIR_NONE = 0x01;
const IIR_TRANSMIT = 0x02;
const IIR_RECEIVE = 0x04;
const IIR_LINE = 0x06;
const IIR_TIMEOUT = 0x0c;
const IIR_FIFOS = 0xc0;

const FCR_ENABLE = 0x01;
const FCR_CLEAR_RECEIVE = 0x02;
const FCR_CLEAR_TRANSMIT = 0x04;
const FCR_KEPT = 0xc9;
const TRIGGER_LEVELS = [1, 4, 8, 14];

const LCR_DLAB = 0x80;
const MCR_LOOP = 0x10;
const MCR_RESET = 0x08;
const LSR_DATA_READY = 0x01;
const LSR_OVERRUN = 0x02;
const LSR_TRANSMIT_EMPTY = 0x60;
const MSR_CONNECTED = 0xb0;
const DIVISOR_RESET = 0x0c;

export class Uart implements Device {
  private ier = 0;
  private fcr = 0;
  private lcr = 0;
  private mcr = MCR_RESET;
  private scr = 0;
  private divisor = DIVISOR_RESET;
  private overrun = false;
  /** The transmitter-empty interrupt: raised by each byte sent, taken back by a read of IIR. */
  private transmitPending = false;
  /** The guest has been told of data in the FIFO: see `clearReceived`. */
  private seen = false;
  private polls = 0;
  private readonly fifo = new ByteQueue(FIFO_SIZE);
  private readonly wire = new ByteQueue(UART_QUEUE_LIMIT);

  constructor(
    private readonly context: Pick<DeviceContext, 'interrupt' | 'emit'>,
    readonly name = 'uart0',
  ) {}

  /** How many bytes `receive` would take now. */
  room(): number {
    return this.wire.room();
  }

  /**
   * Whether the guest shows that it wants input: it has enabled the receive interrupt, or polls. A driver that is still
   * starting throws away what came before.
   */
  get listens(): boolean {
    return (this.ier & IER_RECEIVE) !== 0 || this.polls >= POLLS;
  }

  /** Bytes typed at the other end. What exceeds `room()` is refused; answers how many were taken. */
  receive(data: Uint8Array): number {
    const taken = this.wire.push(data);
    this.refill();
    this.update();
    return taken;
  }

  /** The byte that a read of RBR would fetch; -1 where there is none. For firmware that shares the device. */
  take(): number {
    if (this.fifo.length > 0) return this.fetch();
    // Unlike a read of LSR, which may ask for the transmitter, this can only mean input.
    this.polls = POLLS;
    return -1;
  }

  /** Eight registers; an access wider than a byte reaches the one at its address, as on QEMU's board. */
  accepts(offset: number): boolean {
    return offset < REGISTERS;
  }

  read64(offset: number): bigint {
    return BigInt(this.read(offset));
  }

  write64(offset: number, value: bigint): void {
    this.write(offset, 4, Number(value & 0xffn));
  }

  read(offset: number): number {
    switch (offset) {
      case RBR_THR:
        return this.dlab ? this.divisor & 0xff : this.fetch();
      case IER:
        return this.dlab ? this.divisor >>> 8 : this.ier;
      case IIR_FCR:
        return this.identify();
      case LCR:
        return this.lcr;
      case MCR:
        return this.mcr;
      case LSR:
        return this.lineStatus();
      case MSR:
        return this.modemStatus();
      case SCR:
        return this.scr;
      default:
        return 0;
    }
  }

  write(offset: number, _size: 1 | 2 | 4, value: number): void {
    const byte = value & 0xff;
    switch (offset) {
      case RBR_THR:
        if (this.dlab) this.divisor = (this.divisor & 0xff00) | byte;
        else this.send(byte);
        break;
      case IER:
        if (this.dlab) this.divisor = (this.divisor & 0xff) | (byte << 8);
        else this.enable(byte & 0x0f);
        break;
      case IIR_FCR:
        this.controlFifos(byte);
        break;
      case LCR:
        this.lcr = byte;
        break;
      case MCR:
        this.mcr = byte & 0x1f;
        this.refill();
        this.update();
        break;
      case SCR:
        this.scr = byte;
        break;
    }
  }

  reset(): void {
    this.ier = this.fcr = this.lcr = this.scr = 0;
    this.mcr = MCR_RESET;
    this.divisor = DIVISOR_RESET;
    this.overrun = this.transmitPending = this.seen = false;
    this.polls = 0;
    this.fifo.clear();
    this.wire.clear();
    this.update();
  }

  state(visitor: StateVisitor): void {
    this.ier = visitor.number('ier', this.ier);
    this.fcr = visitor.number('fcr', this.fcr);
    this.lcr = visitor.number('lcr', this.lcr);
    this.mcr = visitor.number('mcr', this.mcr);
    this.scr = visitor.number('scr', this.scr);
    this.divisor = visitor.number('divisor', this.divisor);
    this.overrun = visitor.bool('overrun', this.overrun);
    this.transmitPending = visitor.bool('transmitPending', this.transmitPending);
    this.seen = visitor.bool('seen', this.seen);
    this.polls = visitor.number('polls', this.polls);
    this.fifo.replace(visitor.bytes('fifo', this.fifo.contents()));
    this.wire.replace(visitor.bytes('queue', this.wire.contents()));
  }

  private get dlab(): boolean {
    return (this.lcr & LCR_DLAB) !== 0;
  }

  private get fifosEnabled(): boolean {
    return (this.fcr & FCR_ENABLE) !== 0;
  }

  private get looped(): boolean {
    return (this.mcr & MCR_LOOP) !== 0;
  }

  private send(byte: number): void {
    if (this.polls < POLLS) this.polls = 0;
    if (!this.looped) {
      this.context.emit(Uint8Array.of(byte));
    } else if (this.fifo.length < (this.fifosEnabled ? FIFO_SIZE : 1)) {
      this.fifo.pushByte(byte);
    } else {
      this.overrun = true;
    }
    this.transmitPending = true;
    this.update();
  }

  private fetch(): number {
    const byte = this.fifo.shift();
    this.refill();
    this.seen = this.fifo.length > 0;
    this.update();
    return byte < 0 ? 0 : byte;
  }

  private enable(ier: number): void {
    const changed = this.ier ^ ier;
    this.ier = ier;
    // Enabling the transmitter's interrupt while nothing waits to be sent raises it.
    if ((changed & IER_TRANSMIT) !== 0) this.transmitPending = (ier & IER_TRANSMIT) !== 0;
    this.update();
  }

  private identify(): number {
    const cause = this.cause();
    if (cause === IIR_TRANSMIT) {
      this.transmitPending = false;
      this.update();
    }
    return cause | (this.fifosEnabled ? IIR_FIFOS : 0);
  }

  private controlFifos(value: number): void {
    const toggled = ((value ^ this.fcr) & FCR_ENABLE) !== 0;
    this.fcr = value & FCR_KEPT;
    if (toggled || (value & FCR_CLEAR_RECEIVE) !== 0) this.clearReceived();
    if (toggled || (value & FCR_CLEAR_TRANSMIT) !== 0) this.transmitPending = true;
    this.refill();
    this.update();
  }

  /**
   * Empties the receive FIFO of what the guest has been told of. Bytes that no register read and no interrupt has shown
   * it count as still on the wire, so that a driver's start does not eat the beginning of what was piped in.
   */
  private clearReceived(): void {
    if (this.seen) this.fifo.clear();
    this.seen = false;
  }

  private lineStatus(): number {
    const ready = this.fifo.length > 0;
    const status = LSR_TRANSMIT_EMPTY | (ready ? LSR_DATA_READY : 0) | (this.overrun ? LSR_OVERRUN : 0);
    if (ready) this.seen = true;
    else if (this.polls < POLLS) this.polls++;
    if (this.overrun) {
      this.overrun = false;
      this.update();
    }
    return status;
  }

  private modemStatus(): number {
    if (!this.looped) return MSR_CONNECTED;
    // Loop-back: DTR, RTS, OUT1 and OUT2 come back as DSR, CTS, RI and DCD.
    return ((this.mcr & 0x0c) << 4) | ((this.mcr & 0x02) << 3) | ((this.mcr & 0x01) << 5);
  }

  private refill(): void {
    if (this.looped) return;
    const capacity = this.fifosEnabled ? FIFO_SIZE : 1;
    while (this.fifo.length < capacity && this.wire.length > 0) {
      this.fifo.pushByte(this.wire.shift());
    }
  }

  /** The cause of highest priority, as IIR names it. */
  private cause(): number {
    if ((this.ier & IER_LINE) !== 0 && this.overrun) return IIR_LINE;
    if ((this.ier & IER_RECEIVE) !== 0 && this.fifo.length > 0) {
      const trigger = this.fifosEnabled ? TRIGGER_LEVELS[this.fcr >>> 6] : 1;
      return this.fifo.length >= trigger ? IIR_RECEIVE : IIR_TIMEOUT;
    }
    return (this.ier & IER_TRANSMIT) !== 0 && this.transmitPending ? IIR_TRANSMIT : IIR_NONE;
  }

  private update(): void {
    const cause = this.cause();
    if (cause === IIR_RECEIVE || cause === IIR_TIMEOUT) this.seen = true;
    this.context.interrupt(cause !== IIR_NONE);
  }
}
