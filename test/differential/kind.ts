/** What a kind of streams is. */
import type { Maker } from './maker.js';
import type { Stream } from './stream.js';

export interface Kind {
  readonly name: string;
  /** Tenths of the floating-point registers that hold doubles. */
  readonly doubles: number;
  /** How many instructions the full test has of it. */
  readonly instructions: number;
  /** `maker` has begun the stream. */
  readonly make: (maker: Maker, index: number) => Stream;
}
