/**
 * A byte buffer with the encodings of the WebAssembly binary format (WebAssembly core specification 2.0, chapter 5):
 * LEB128 integers, vectors, names. It grows by doubling, so that appending stays cheap.
 */

const { floor } = Math;
const toNumber = Number;

export class Bytes {
  private buffer: Uint8Array;
  length = 0;

  constructor(capacity = 1024) {
    this.buffer = new Uint8Array(capacity);
  }

  private room(count: number): void {
    if (this.length + count <= this.buffer.length) return;
    let capacity = this.buffer.length * 2;
    while (capacity < this.length + count) capacity *= 2;
    const grown = new Uint8Array(capacity);
    grown.set(this.buffer);
    this.buffer = grown;
  }

  u8(value: number): void {
    this.room(1);
    this.buffer[this.length++] = value;
  }

  append(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Unsigned LEB128 of a value below 2^32. */
  u32(value: number): void {
    this.room(5);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.length++] = rest;
  }

  /** Signed LEB128 of an int32. */
  s32(value: number): void {
    this.room(5);
    let rest = value | 0;
    for (;;) {
      const byte = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
        this.buffer[this.length++] = byte;
        return;
      }
      this.buffer[this.length++] = byte | 0x80;
    }
  }

  /** Signed LEB128 of a safe integer. */
  s53(value: number): void {
    this.room(8);
    let rest = value;
    for (;;) {
      const next = floor(rest / 0x80);
      const byte = rest - next * 0x80;
      if ((next === 0 && byte < 0x40) || (next === -1 && byte >= 0x40)) {
        this.buffer[this.length++] = byte;
        return;
      }
      this.buffer[this.length++] = byte | 0x80;
      rest = next;
    }
  }

  /** Signed LEB128 of a 64-bit value. */
  s64(value: bigint): void {
    const small = toNumber(value);
    if (small === (small | 0)) {
      this.s32(small);
      return;
    }
    this.room(10);
    let rest = BigInt.asIntN(64, value);
    for (;;) {
      const byte = Number(rest & 0x7fn);
      rest >>= 7n;
      if ((rest === 0n && (byte & 0x40) === 0) || (rest === -1n && (byte & 0x40) !== 0)) {
        this.buffer[this.length++] = byte;
        return;
      }
      this.buffer[this.length++] = byte | 0x80;
    }
  }

  f64(value: number): void {
    this.room(8);
    new DataView(this.buffer.buffer).setFloat64(this.length, value, true);
    this.length += 8;
  }

  f32(value: number): void {
    this.room(4);
    new DataView(this.buffer.buffer).setFloat32(this.length, value, true);
    this.length += 4;
  }

  name(text: string): void {
    this.u32(text.length);
    for (let i = 0; i < text.length; i++) this.u8(text.charCodeAt(i));
  }

  /** A section or body: its length, then its bytes. */
  sized(content: Bytes): void {
    this.u32(content.length);
    this.append(content.view());
  }

  view(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}
