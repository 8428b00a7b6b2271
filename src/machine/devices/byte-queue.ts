/**
 * A bounded first-in, first-out queue of bytes: what the host has sent and the guest has not fetched yet.
 */
export class ByteQueue {
  private data = new Uint8Array(64);
  private start = 0;
  private end = 0;

  /** @param limit Most bytes the queue ever holds. */
  constructor(private readonly limit: number) {}

  get length(): number {
    return this.end - this.start;
  }

  /** How many more bytes fit. */
  room(): number {
    return this.limit - this.length;
  }

  /** Appends as much of `bytes` as fits; answers how many that were. */
  push(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.room());
    if (this.end + count > this.data.length) this.makeRoom(count);
    this.data.set(bytes.subarray(0, count), this.end);
    this.end += count;
    return count;
  }

  /** Appends one byte; false where there is no room. */
  pushByte(byte: number): boolean {
    if (this.room() === 0) return false;
    if (this.end === this.data.length) this.makeRoom(1);
    this.data[this.end++] = byte;
    return true;
  }

  /** The oldest byte, or -1 where there is none. */
  shift(): number {
    if (this.start === this.end) return -1;
    const byte = this.data[this.start++];
    if (this.start === this.end) this.start = this.end = 0;
    return byte;
  }

  /** The oldest bytes, at most `limit` of them, as memory of their own. */
  take(limit: number): Uint8Array {
    const bytes = this.data.slice(this.start, Math.min(this.end, this.start + limit));
    this.start += bytes.length;
    if (this.start === this.end) this.start = this.end = 0;
    return bytes;
  }

  clear(): void {
    this.start = this.end = 0;
  }

  /** What is queued, oldest first; valid until the queue changes. */
  contents(): Uint8Array {
    return this.data.subarray(this.start, this.end);
  }

  /** Makes `bytes` the contents. */
  replace(bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.clear();
    this.push(copy);
  }

  private makeRoom(count: number): void {
    const length = this.length;
    const size = Math.max(64, 2 ** Math.ceil(Math.log2(length + count)));
    const data = size > this.data.length ? new Uint8Array(size) : this.data;
    data.set(this.contents());
    this.data = data;
    this.start = 0;
    this.end = length;
  }
}
