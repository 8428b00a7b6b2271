// Embedded images as chunks (log.proto, ImageChunk): cut, compressed and written one by one, and put together again.

import { compress, compressAside, decompress } from './compress.js';
import { MalformedRecord } from './errors.js';
import type { Image } from './header.js';
import { Cursor, LENGTH, VARINT, putVarint, varintSize } from './wire.js';

/** The most bytes of an image in one chunk. */
const CHUNK_SIZE = 2 ** 20;

const IMAGE_TAG = (1 << 3) | VARINT;
const SIZE_TAG = (2 << 3) | VARINT;
const BROTLI_TAG = (3 << 3) | LENGTH;
const PLAIN_TAG = (4 << 3) | LENGTH;

/** What of an image goes into a log. */
type ImageData = Pick<Image, 'embedded' | 'data'>;

/** What becomes a chunk: bytes of the image with number `index`. */
interface Piece {
  readonly index: number;
  readonly plain: Uint8Array;
}

/** What is embedded of a header's images, in the order in which a log has it. */
function* pieces(images: readonly ImageData[]): Generator<Piece> {
  for (const [index, { embedded, data }] of images.entries()) {
    if (!embedded || data === undefined) continue;
    for (let from = 0; from < data.length; from += CHUNK_SIZE)
      yield { index, plain: data.subarray(from, from + CHUNK_SIZE) };
  }
}

/** A chunk's message in pieces, which a log has one behind the other: the bulk of it is not copied more than once. */
export type Chunk = readonly Uint8Array[];

/** The chunks of a header's images. */
export function* packImages(images: readonly ImageData[]): Generator<Chunk> {
  for (const piece of pieces(images)) yield pack(piece);
}

function pack({ index, plain }: Piece): Chunk {
  return chunk(index, plain, [compress(plain)]);
}

/** The chunks of a header's images as other threads make them: the same as those of `packImages`. */
export class ImagePacking {
  private readonly pieces: readonly Piece[];
  private readonly packed: Chunk[] = [];
  /** Resolves when all are made. Never rejects. */
  readonly done: Promise<void>;

  constructor(images: readonly ImageData[]) {
    this.pieces = [...pieces(images)];
    const all = this.pieces.map(async ({ index, plain }, number) => {
      this.packed[number] ??= chunk(index, plain, await compressAside(plain));
    });
    // What fails is tried again by `chunks`, for whoever can be told.
    this.done = Promise.allSettled(all).then(() => undefined);
  }

  /** The chunks. Those that are not there yet are made now. */
  chunks(): readonly Chunk[] {
    this.pieces.forEach((piece, number) => (this.packed[number] ??= pack(piece)));
    return this.packed;
  }
}

/** A chunk: compressed where that makes it smaller. */
function chunk(index: number, plain: Uint8Array, brotli: readonly Uint8Array[]): Chunk {
  const size = plain.length;
  const compressed = total(brotli);
  const [tag, length, data] =
    compressed < size ? ([BROTLI_TAG, compressed, brotli] as const) : ([PLAIN_TAG, size, [plain]] as const);
  const head = new Uint8Array((index === 0 ? 0 : 1 + varintSize(index)) + 2 + varintSize(size) + varintSize(length));
  let at = 0;
  if (index !== 0) {
    head[at++] = IMAGE_TAG;
    at = putVarint(head, at, index);
  }
  head[at++] = SIZE_TAG;
  at = putVarint(head, at, size);
  head[at++] = tag;
  putVarint(head, at, length);
  return [head, ...data];
}

/** Bytes in all pieces. */
export function total(pieces: Chunk): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
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
