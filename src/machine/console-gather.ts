/**
 * Gathers the guest's console bytes, so that they leave as one output per stretch. When a stretch ends is a function of
 * the execution alone: when it is long, when the guest rests, or a fixed number of instructions after its first byte.
 */
import type { StateVisitor, Stateful } from '../hart/state.js';

/** About a millisecond of guest execution. */
const LONGEST_WAIT = 1 << 17;
const LONGEST_STRETCH = 4096;

export class ConsoleGather implements Stateful {
  private bytes: number[] = [];
  /** Position at which what was gathered must leave; Infinity while there is nothing. */
  due = Infinity;

  constructor(private readonly emit: (data: Uint8Array) => void) {}

  /** Takes one byte; answers whether `due` has changed. */
  push(byte: number, position: number): boolean {
    const first = this.bytes.length === 0;
    this.bytes.push(byte);
    if (this.bytes.length >= LONGEST_STRETCH) this.flush();
    else if (first) this.due = position + LONGEST_WAIT;
    return first;
  }

  flush(): void {
    if (this.bytes.length === 0) return;
    const data = Uint8Array.from(this.bytes);
    this.bytes = [];
    this.due = Infinity;
    this.emit(data);
  }

  /** Drops what was gathered: a reset. */
  clear(): void {
    this.bytes = [];
    this.due = Infinity;
  }

  state(visitor: StateVisitor): void {
    this.bytes = [...visitor.bytes('gathered', Uint8Array.from(this.bytes))];
    this.due = visitor.number('due', this.due);
  }
}
