/**
 * What devices are handed in tests: guest memory that refuses every access outside of it, and a context that writes
 * down what a device does.
 */
import type { StateVisitor } from '../../src/hart/state.js';
import type { DeviceContext, GuestMemory } from '../../src/machine/device.js';

export const RAM_BASE = 0x8000_0000;

// Under Jest a global costs much more than a constant of the module.
const { imul, floor } = Math;
const { isInteger } = Number;

/** Throws on an access that is not wholly inside, and remembers that it happened. */
export class FakeMemory implements GuestMemory {
  readonly bytes: Uint8Array;
  readonly outside: string[] = [];
  accesses = 0;
  /** Bytes moved by `read` and `write`. */
  moved = 0;
  private readonly view: DataView;

  constructor(size = 0x40000) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  contains(address: number, length: number): boolean {
    return address >= RAM_BASE && length >= 0 && address + length <= RAM_BASE + this.bytes.length;
  }

  private at(address: number, length: number): number {
    this.accesses++;
    if (!isInteger(address) || !this.contains(address, length)) {
      this.outside.push(`${address}+${length}`);
      throw new Error(`an access outside of guest memory: ${address}, ${length} bytes`);
    }
    return address - RAM_BASE;
  }

  read(address: number, length: number): Uint8Array {
    const start = this.at(address, length);
    this.moved += length;
    return this.bytes.slice(start, start + length);
  }

  write(address: number, data: Uint8Array): void {
    this.bytes.set(data, this.at(address, data.length));
    this.moved += data.length;
  }

  readU16(address: number): number {
    return this.view.getUint16(this.at(address, 2), true);
  }

  readU32(address: number): number {
    return this.view.getUint32(this.at(address, 4), true);
  }

  readU64(address: number): bigint {
    return this.view.getBigUint64(this.at(address, 8), true);
  }

  writeU16(address: number, value: number): void {
    this.view.setUint16(this.at(address, 2), value, true);
  }

  writeU32(address: number, value: number): void {
    this.view.setUint32(this.at(address, 4), value, true);
  }

  writeU64(address: number, value: bigint): void {
    this.view.setBigUint64(this.at(address, 8), value, true);
  }
}

function sumOf(data: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum = (imul(sum, 31) + data[i]) | 0;
  return sum;
}

/** A context whose time stands still unless a test moves it, and whose entropy counts. */
export class FakeContext implements DeviceContext {
  readonly emitted: Uint8Array[] = [];
  readonly events: string[] = [];
  level = false;
  /** Lines of the device other than its interrupt, by name. */
  readonly lines = new Map<string, boolean>();
  now = 0;
  timeReads = 0;
  /** How often the device said that it did much. */
  toil = 0;
  private nextByte = 1;

  constructor(readonly memory = new FakeMemory()) {}

  interrupt = (level: boolean): void => {
    if (level !== this.level) this.events.push(`interrupt ${level}`);
    this.level = level;
  };

  time(): number {
    this.timeReads++;
    this.events.push('time');
    return this.now;
  }

  entropy(length: number): Uint8Array {
    this.events.push(`entropy ${length}`);
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.nextByte++;
    return bytes;
  }

  worked(): void {
    this.toil++;
  }

  emit(data: Uint8Array): void {
    this.events.push(`emit ${data.length} bytes, sum ${sumOf(data)}`);
    this.emitted.push(data.slice());
  }

  /** Makes this context continue where `other` is. */
  continueFrom(other: FakeContext): void {
    this.memory.bytes.set(other.memory.bytes);
    this.level = other.level;
    other.lines.forEach((level, name) => this.lines.set(name, level));
    this.now = other.now;
    this.nextByte = other.nextByte;
  }
}

type Field = number | bigint | boolean | Uint8Array | Uint8Array[];
export type Snapshot = Map<string, Field>;

/** Names of the fields in which two states differ; both must have the same fields. */
export function differences(one: Snapshot, other: Snapshot): string[] {
  const same = (a: Field | undefined, b: Field | undefined): boolean => {
    if (ArrayBuffer.isView(a)) return ArrayBuffer.isView(b) && Buffer.compare(a, b) === 0;
    if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((part, i) => same(part, b[i]));
    return a === b;
  };
  const names = new Set([...one.keys(), ...other.keys()]);
  return [...names].filter((name) => !same(one.get(name), other.get(name)));
}

/** Saves a device's state, or anything else's. */
export function save(part: { state(visitor: StateVisitor): void }): Snapshot {
  const fields: Snapshot = new Map();
  const put =
    <T extends Field>(copy: (value: T) => T) =>
    (name: string, value: T): T => {
      if (fields.has(name)) throw new Error(`the field ${name} is named twice`);
      fields.set(name, copy(value));
      return value;
    };
  part.state({
    number: put<number>((value) => {
      if (value !== Infinity && !(Number.isSafeInteger(value) && value >= 0)) throw new Error(`not a number: ${value}`);
      return value;
    }),
    u64: put<bigint>((value) => {
      if (value !== BigInt.asUintN(64, value)) throw new Error(`not 64 bits: ${value}`);
      return value;
    }),
    bool: put<boolean>((value) => value),
    bytes: put<Uint8Array>((value) => value.slice()),
    list: (name, value) => put<Uint8Array[]>((all) => all.map((one) => one.slice()))(name, [...value]),
  });
  return fields;
}

/** Makes a saved state the part's own; every field that was saved must be asked for. */
export function restore(part: { state(visitor: StateVisitor): void }, fields: Snapshot): void {
  const left = new Set(fields.keys());
  const get = <T extends Field>(name: string): T => {
    if (!left.delete(name)) throw new Error(`the field ${name} was not saved, or is asked for twice`);
    return fields.get(name) as T;
  };
  part.state({
    number: (name) => get<number>(name),
    u64: (name) => get<bigint>(name),
    bool: (name) => get<boolean>(name),
    bytes: (name) => get<Uint8Array>(name),
    list: (name) => get<Uint8Array[]>(name),
  });
  if (left.size > 0) throw new Error(`fields not restored: ${[...left].join(', ')}`);
}

/** A small generator of repeatable random numbers (the "mulberry32" mixing function). */
export class Dice {
  constructor(private seed: number) {}

  /** 0 to `below` - 1. */
  roll(below: number): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let mixed = imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    mixed = (mixed + imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  word(): number {
    return this.roll(2 ** 32);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.roll(from.length)];
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.roll(256);
    return bytes;
  }
}
