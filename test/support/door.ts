/** An environment that passes everything on to another, which can be exchanged; and what changes some of it begins here. */
import type { Environment, Input, Need, Output } from '../../src/machine/environment.js';

export class Door implements Environment {
  constructor(public inner: Environment) {}

  nextStop(position: number, need: Need): number {
    return this.inner.nextStop(position, need);
  }

  takeInputs(position: number, need: Need): readonly Input[] {
    return this.inner.takeInputs(position, need);
  }

  readTime(position: number): number {
    return this.inner.readTime(position);
  }

  readEntropy(position: number, length: number): Uint8Array {
    return this.inner.readEntropy(position, length);
  }

  emit(position: number, output: Output): void {
    this.inner.emit(position, output);
  }
}
