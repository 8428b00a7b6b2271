/**
 * How state is saved and restored: each part of the machine names its fields once, to a visitor that either collects
 * them or hands back what was collected. So saving and restoring cannot drift apart, a digest covers what a snapshot
 * covers, and a difference between two states has a name.
 */

export interface StateVisitor {
  /** Does not look at names: it is spared those that would have to be put together. */
  readonly nameless?: boolean;
  /** Non-negative integers below 2^53, and Infinity. Answers the value to go on with. */
  number(name: string, value: number): number;
  /** Unsigned 64-bit values. */
  u64(name: string, value: bigint): bigint;
  bool(name: string, value: boolean): boolean;
  /** Of any length; the answer may alias the snapshot and must be copied where it will be written to. */
  bytes(name: string, value: Uint8Array): Uint8Array;
  /** A list of byte strings: queued frames, for example. */
  list(name: string, value: readonly Uint8Array[]): Uint8Array[];
}

export interface Stateful {
  state(visitor: StateVisitor): void;
}
