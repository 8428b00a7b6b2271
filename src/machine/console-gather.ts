/**
 * Gathers the guest's console bytes, so that they leave as one output per stretch. When a stretch ends is a function of
 * the execution alone: when it is long, when the guest rests, or a fixed number of instructions after its first byte.
 */
import type { StateVisitor, Stateful } from '../hart/state.js';

/** About a millisecond of guest execution. */
const LONGEST_WAIT = 1 << 17;
const LONGEST_STRETCH = 4096;

export class ConsoleGather implements Stateful {
  private readonly buffer = new Uint8Array(LONGEST_STRETCH);
  private length = 0;
  /** Position at which what was gathered must leave; Infinity while there is nothing. */
  due = Infinity;

  constructor(private readonly emit: (data: Uint8Array) => void) {}

  /** Takes one byte; answers whether `due` has changed. */
  push(byte: number, position: number): boolean {
    const first = this.length === 0;
    this.buffer[this.length++] = byte;
    if (this.length >= LONGEST_STRETCH) this.flush();
    else if (first) this.due = position + LONGEST_WAIT;
    return first;
  }

  flush(): void {
    // Also where nothing was gathered: a machine whose state was struck must not stand still for it.
    this.due = Infinity;
    if (this.length === 0) return;
    const data = this.buffer.slice(0, this.length);
    this.length = 0;
    this.emit(data);
  }

  state(visitor: StateVisitor): void {
    const gathered = this.buffer.subarray(0, this.length);
    const bytes = visitor.bytes('gathered', gathered);
    if (bytes !== gathered) {
      this.buffer.set(bytes);
      this.length = bytes.length;
    }
    this.due = visitor.number('due', this.due);
  }
}
