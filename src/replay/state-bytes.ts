/**
 * A machine's state as bytes and as named fields: visitors that collect what the parts of the machine name, and one
 * that hands it back. The bytes hold the values alone, in the order in which the parts name them, so that equal states
 * have equal bytes: numbers as IEEE doubles, 64-bit values and lengths little-endian.
 */
import type { StateVisitor, Stateful } from '../hart/state.js';

export type FieldValue = number | bigint | boolean | Uint8Array | readonly Uint8Array[];

/** Fields by name (`hart.x5`, `uart0.ier`), in the order of the parts. */
export type Fields = ReadonlyMap<string, FieldValue>;

const INITIAL_BYTES = 16384;

/** Serialises states; its buffer serves one after the other. */
export class StateWriter implements StateVisitor {
  /** Full names would have to be put together for each field of each state: what is omitted is known by its place. */
  readonly nameless = true;
  private buffer = new Uint8Array(INITIAL_BYTES);
  private view = new DataView(this.buffer.buffer);
  private length = 0;
  private fields = 0;
  /** Names of the omitted fields by their places among all fields, as of a state of `located` fields. */
  private places: ReadonlyMap<number, string> = new Map();
  private located = -1;
  /** A field at an omitted one's place has another name. */
  private misplaced = false;

  /** @param omitted names of fields to leave out */
  constructor(private readonly omitted: ReadonlySet<string> = new Set()) {}

  /** The state's bytes, valid until the next call. */
  write(part: Stateful): Uint8Array {
    this.collect(part);
    if (this.omitted.size > 0 && (this.misplaced || this.fields !== this.located)) {
      this.locate(part);
      this.collect(part);
    }
    return this.buffer.subarray(0, this.length);
  }

  private collect(part: Stateful): void {
    this.length = this.fields = 0;
    this.misplaced = false;
    part.state(this);
  }

  private locate(part: Stateful): void {
    const names = [...fieldsOf(part).keys()];
    this.located = names.length;
    this.places = new Map(
      names.flatMap((name, place): [number, string][] => (this.omitted.has(name) ? [[place, name]] : [])),
    );
  }

  number(name: string, value: number): number {
    if (this.take(name, 8)) this.view.setFloat64(this.length - 8, value, true);
    return value;
  }

  u64(name: string, value: bigint): bigint {
    if (this.take(name, 8)) this.view.setBigUint64(this.length - 8, value, true);
    return value;
  }

  bool(name: string, value: boolean): boolean {
    if (this.take(name, 1)) this.buffer[this.length - 1] = value ? 1 : 0;
    return value;
  }

  bytes(name: string, value: Uint8Array): Uint8Array {
    if (this.take(name, 4 + value.length)) this.put(value);
    return value;
  }

  list(name: string, value: readonly Uint8Array[]): Uint8Array[] {
    if (!this.take(name, 4)) return [...value];
    this.view.setUint32(this.length - 4, value.length, true);
    for (const bytes of value) {
      this.room(4 + bytes.length);
      this.put(bytes);
    }
    return [...value];
  }

  /** Makes room for a field; false where it is left out. */
  private take(name: string, size: number): boolean {
    const omitted = this.places.get(this.fields++);
    if (omitted !== undefined) {
      if (omitted.endsWith(name)) return false;
      this.misplaced = true;
    }
    this.room(size);
    return true;
  }

  /** Length and content, into the room made for both. */
  private put(value: Uint8Array): void {
    const start = this.length - value.length;
    this.view.setUint32(start - 4, value.length, true);
    this.buffer.set(value, start);
  }

  private room(size: number): void {
    this.length += size;
    while (this.length > this.buffer.length) {
      const grown = new Uint8Array(this.length * 2);
      grown.set(this.buffer);
      this.buffer = grown;
      this.view = new DataView(grown.buffer);
    }
  }
}

/** Hands back what a StateWriter that left nothing out has written. */
class StateReader implements StateVisitor {
  private readonly view: DataView;
  private at = 0;

  constructor(private readonly buffer: Uint8Array) {
    this.view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  number(): number {
    return this.view.getFloat64(this.advance(8), true);
  }

  u64(): bigint {
    return this.view.getBigUint64(this.advance(8), true);
  }

  bool(): boolean {
    return this.view.getUint8(this.advance(1)) !== 0;
  }

  bytes(): Uint8Array {
    const length = this.view.getUint32(this.advance(4), true);
    const start = this.advance(length);
    return this.buffer.subarray(start, start + length);
  }

  list(): Uint8Array[] {
    const count = this.view.getUint32(this.advance(4), true);
    return Array.from({ length: count }, () => this.bytes());
  }

  private advance(size: number): number {
    const start = this.at;
    this.at += size;
    return start;
  }
}

/** Puts a part back into a state that a StateWriter wrote from a part of the same make. */
export function restoreState(part: Stateful, bytes: Uint8Array): void {
  part.state(new StateReader(bytes));
}

/** The state as named fields, for reports. */
export function fieldsOf(part: Stateful): Fields {
  const fields = new Map<string, FieldValue>();
  const keep = <T extends FieldValue>(name: string, value: T): T => {
    fields.set(name, value);
    return value;
  };
  part.state({
    number: keep,
    u64: keep,
    bool: keep,
    bytes: (name, value) => keep(name, value.slice()),
    list: (name, value) => [
      ...keep(
        name,
        value.map((bytes) => bytes.slice()),
      ),
    ],
  });
  return fields;
}

/** Whether two values of a field are the same. */
export function sameValue(a: FieldValue | undefined, b: FieldValue | undefined): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  const { length } = a;
  if (length !== b.length) return false;
  for (let i = 0; i < length; i++) {
    const [left, right] = [a[i], b[i]];
    if (left !== right && (typeof left === 'number' || !sameValue(left, right))) return false;
  }
  return true;
}
