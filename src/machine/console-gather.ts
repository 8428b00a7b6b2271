/**
 * Gathers the bytes of the guest's consoles, so that they leave as one output per stretch. When a stretch ends is a
 * function of the execution alone: when it is long, when the guest rests or speaks on its other console, or a fixed
 * number of instructions after its first byte.
 */
import type { StateVisitor, Stateful } from '../hart/state.js';

/** About a millisecond of guest execution. */
const LONGEST_WAIT = 1 << 17;
const LONGEST_STRETCH = 4096;

export class ConsoleGather implements Stateful {
  private readonly buffer = new Uint8Array(LONGEST_STRETCH);
  private length = 0;
  /** The console that what was gathered is of. */
  private device = 0;
  /** Position at which what was gathered must leave; Infinity while there is nothing. */
  due = Infinity;

  /** @param emit sends bytes of a console: of the one in that slot, or of the serial port, 0. */
  constructor(private readonly emit: (device: number, data: Uint8Array) => void) {}

  /** Takes bytes of a console, which the caller may change afterwards; answers whether something is due that was not. */
  append(device: number, data: Uint8Array, position: number): boolean {
    const idle = this.due === Infinity;
    if (device !== this.device) {
      this.flush();
      this.device = device;
    }
    for (let at = 0; at < data.length; at++) {
      if (this.length === 0) this.due = position + LONGEST_WAIT;
      this.buffer[this.length++] = data[at];
      if (this.length >= LONGEST_STRETCH) this.flush();
    }
    return idle && this.due !== Infinity;
  }

  flush(): void {
    // Also where nothing was gathered: a machine whose state was struck must not stand still for it.
    this.due = Infinity;
    if (this.length === 0) return;
    const data = this.buffer.slice(0, this.length);
    this.length = 0;
    this.emit(this.device, data);
  }

  state(visitor: StateVisitor): void {
    const gathered = this.buffer.subarray(0, this.length);
    const bytes = visitor.bytes('gathered', gathered);
    if (bytes !== gathered) {
      this.buffer.set(bytes);
      this.length = bytes.length;
    }
    this.device = visitor.number('device', this.device);
    this.due = visitor.number('due', this.due);
  }
}
