// Embedded images as chunks (log.proto, ImageChunk): cut, compressed and written one by one, and put together again.

import { compress, compressAside, decompress } from './compress.js';
import { MalformedRecord } from './errors.js';
import type { Image } from './header.js';
import { Cursor, LENGTH, VARINT, putVarint, varintSize } from './wire.js';

/** The most bytes of an image in one chunk. */
const CHUNK_SIZE = 2 ** 20;

/** Bytes of a chunk that are tried first, and to which part of their size they must shrink. */
const SAMPLE_SIZE = 2 ** 14;
const WORTHWHILE = 0.97;

const IMAGE_TAG = (1 << 3) | VARINT;
const SIZE_TAG = (2 << 3) | VARINT;
const BROTLI_TAG = (3 << 3) | LENGTH;
const PLAIN_TAG = (4 << 3) | LENGTH;

/** What becomes a chunk: bytes of the image with number `index`. */
interface Piece {
  readonly index: number;
  readonly plain: Uint8Array;
}

/** What is embedded of a header's images, in the order in which a log has it. */
function* pieces(images: readonly Image[]): Generator<Piece> {
  for (const [index, { embedded, data }] of images.entries()) {
    if (!embedded || data === undefined) continue;
    for (let from = 0; from < data.length; from += CHUNK_SIZE)
      yield { index, plain: data.subarray(from, from + CHUNK_SIZE) };
  }
}

/** The chunk messages of a header's images. */
export function* packImages(images: readonly Image[]): Generator<Uint8Array> {
  for (const piece of pieces(images)) yield pack(piece);
}

function pack({ index, plain }: Piece): Uint8Array {
  return chunk(index, plain, isWorthwhile(plain, compress(sampleOf(plain))) ? compress(plain) : plain);
}

/**
 * The chunks of a header's images as another thread makes them, one after the other, so that the others stay free. They
 * are the same as those of `packImages`.
 */
export class ImagePacking {
  private readonly pieces: readonly Piece[];
  private readonly packed: Uint8Array[] = [];
  private hurried = false;
  /** Resolves when all are made, or somebody could not wait. Never rejects. */
  readonly done: Promise<void>;

  constructor(images: readonly Image[]) {
    this.pieces = [...pieces(images)];
    // What fails is tried again by `chunks`, for whoever can be told.
    this.done = this.run().catch(() => undefined);
  }

  private async run(): Promise<void> {
    for (const { index, plain } of this.pieces) {
      const worthwhile = isWorthwhile(plain, await compressAside(sampleOf(plain)));
      const message = chunk(index, plain, worthwhile && !this.hurried ? await compressAside(plain) : plain);
      if (this.hurried) return;
      this.packed.push(message);
    }
  }

  /** The chunk messages. Those that are not there yet are made now. */
  chunks(): readonly Uint8Array[] {
    this.hurried = true;
    for (const piece of this.pieces.slice(this.packed.length)) this.packed.push(pack(piece));
    return this.packed;
  }
}

/** Kernels and ramdisks are compressed already, and trying takes as long as compressing: a sample is tried first. */
function sampleOf(plain: Uint8Array): Uint8Array {
  const middle = plain.length >> 1;
  return plain.subarray(middle, middle + SAMPLE_SIZE);
}

/** Whether a chunk is to be compressed, by what its sample was compressed to. */
function isWorthwhile(plain: Uint8Array, sample: Uint8Array): boolean {
  return sample.length < sampleOf(plain).length * WORTHWHILE;
}

/** The message of a chunk: compressed where that makes it smaller. */
function chunk(index: number, plain: Uint8Array, brotli: Uint8Array): Uint8Array {
  const smaller = brotli.length < plain.length;
  const [tag, data] = smaller ? [BROTLI_TAG, brotli] : [PLAIN_TAG, plain];
  const size = plain.length;
  const head = (index === 0 ? 0 : 1 + varintSize(index)) + 2 + varintSize(size) + varintSize(data.length);
  const bytes = new Uint8Array(head + data.length);
  let at = 0;
  if (index !== 0) {
    bytes[at++] = IMAGE_TAG;
    at = putVarint(bytes, at, index);
  }
  bytes[at++] = SIZE_TAG;
  at = putVarint(bytes, at, size);
  bytes[at++] = tag;
  at = putVarint(bytes, at, data.length);
  bytes.set(data, at);
  return bytes;
}

/** Takes a log's image chunks in order and fills in `data` of the embedded images. */
export class ImageAssembler {
  private readonly images: Image[];
  private index = 0;
  private filled = 0;

  /**
   * @param images the header's images
   * @param load whether to fill in `data`; otherwise chunks are only counted
   */
  constructor(
    images: Image[],
    private readonly load: boolean,
  ) {
    this.images = images;
    this.advance();
  }

  /** Whether every embedded image has all its bytes. */
  get complete(): boolean {
    return this.index === this.images.length;
  }

  /** Takes the chunk message at bytes[from, to). Throws MalformedRecord where it is not the next one. */
  take(bytes: Uint8Array, from: number, to: number): void {
    const cursor = new Cursor(bytes, from, to);
    let index = 0;
    let size = 0;
    let stored: Uint8Array | null = null;
    let compressed = false;
    while (cursor.at < to) {
      const tag = cursor.varint();
      if (tag === IMAGE_TAG) index = cursor.varint();
      else if (tag === SIZE_TAG) size = cursor.varint();
      else if (tag === BROTLI_TAG || tag === PLAIN_TAG) {
        const length = cursor.length();
        stored = bytes.subarray(cursor.at, cursor.at + length);
        compressed = tag === BROTLI_TAG;
        cursor.at += length;
      } else cursor.skip(tag);
    }
    if (this.complete || index !== this.index) throw new MalformedRecord('an image chunk is out of order', from);
    const image = this.images[index];
    if (size === 0 || size > CHUNK_SIZE || size > image.size - this.filled || stored === null) {
      throw new MalformedRecord('an image chunk has no valid size', from);
    }
    if (this.load) {
      const plain = compressed ? decompress(stored, size) : stored;
      if (plain?.length !== size) throw new MalformedRecord('an image chunk does not decompress', from);
      image.data ??= new Uint8Array(image.size);
      image.data.set(plain, this.filled);
    }
    this.filled += size;
    this.advance();
  }

  /** Goes on to the next image that still needs bytes. */
  private advance(): void {
    for (; this.index < this.images.length; this.index++) {
      const image = this.images[this.index];
      if (image.embedded && this.filled < image.size) return;
      if (image.embedded && this.load) image.data ??= new Uint8Array(0);
      this.filled = 0;
    }
  }
}
