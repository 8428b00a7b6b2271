// The reader: header and images, marks to come back to, logs that are still being written, later minor versions.

import { checksum } from '../../src/log/compress.js';
import type { Header, Image } from '../../src/log/header.js';
import { FORMAT_VERSION } from '../../src/log/header.js';
import type { Stretch } from '../../src/log/reader.js';
import { LogReader } from '../../src/log/reader.js';
import { putSeal } from '../../src/log/seal.js';
import type { ByteSource } from '../../src/log/stream.js';
import { LogWriter } from '../../src/log/writer.js';
import { END, MemorySink, SAMPLE, joined, logOf, readLog, sampleHeader, sourceOf } from './log-sample.js';

// Globals cost much under Jest.
const { imul } = Math;

/** Bytes that compress only in part. */
function imageData(size: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: size }, (_, n) => {
    state = (imul(state, 1664525) + 1013904223) >>> 0;
    return n % 4096 < 2048 ? state >>> 24 : n >> 10;
  });
}

/** A header that Jest compares quickly. */
function withoutData(header: Header): Header {
  return { ...header, images: header.images.map(({ data: _, ...rest }) => rest) };
}

function image(name: string, role: Image['role'], data: Uint8Array, embedded = true): Image {
  return { role, name, size: data.length, sha256: new Uint8Array(32).fill(name.length), embedded, data };
}

describe('the header', () => {
  it('comes back as it was written, with its images', async () => {
    const images = [
      image('Image', 'kernel', imageData(2_500_000, 1)),
      image('empty', 'firmware', new Uint8Array(0)),
      image('rootfs.cpio.gz', 'initrd', imageData(1_048_576, 2)),
    ];
    const disks = [{ name: 'disk.img', size: 2 ** 40, sha256: new Uint8Array(32).fill(9), slot: 5 }];
    const header = sampleHeader({ images, disks });
    const reading = await readLog(logOf(SAMPLE, { header }), 10_000);
    expect(withoutData(reading.header!)).toEqual(withoutData({ ...header, version: FORMAT_VERSION }));
    for (const [index, { data }] of reading.header!.images.entries()) {
      expect(Buffer.compare(data!, images[index].data!)).toBe(0);
    }
    expect(reading.entries).toEqual([...SAMPLE, END]);
  });

  it('names images that are not embedded, and skips embedded ones where told to', async () => {
    const named = { ...image('Image', 'kernel', new Uint8Array(5), false) };
    delete named.data;
    const header = sampleHeader({ images: [named, image('initrd', 'initrd', imageData(5000, 3))] });
    const log = logOf(SAMPLE, { header });
    expect((await readLog(log)).header).toEqual({ ...header, version: FORMAT_VERSION });
    const skipped = await readLog(log, 65536, { images: 'skip' });
    expect(skipped.header?.images.map(({ data }) => data)).toEqual([undefined, undefined]);
    expect(skipped.entries.length).toBe(SAMPLE.length + 1);
  });

  it('compresses images', () => {
    const data = new Uint8Array(1_000_000);
    expect(logOf([], { header: sampleHeader({ images: [image('k', 'kernel', data)] }) }).length).toBeLessThan(2000);
  });

  it('is refused by the writer where it is outside the limits', () => {
    const huge = { ...image('huge', 'kernel', new Uint8Array(0)), size: 2 ** 30 + 1 };
    const write = (changes: Parameters<typeof sampleHeader>[0]) => () =>
      new LogWriter(new MemorySink(), sampleHeader(changes));
    expect(write({ images: [huge] })).toThrow('a log embeds 1073741824 at most');
    expect(write({ images: [{ ...huge, size: 7 }] })).toThrow('the data of huge does not have its 7 bytes');
    expect(write({ rngSeed: new Uint8Array(31) })).toThrow('31 bytes instead of 32');
    expect(write({ wallClock: -1n })).toThrow(RangeError);
    expect(write({ digestDistance: 0.5 })).toThrow(RangeError);
    expect(write({ producer: 'x'.repeat(70_000) })).toThrow('65536 at most');
  });
});

describe('a mark', () => {
  it('lets another reader go on from any stretch', async () => {
    const log = logOf(SAMPLE, { flushAfter: (index) => index % 2 === 0 });
    const { stretches } = await readLog(log);
    expect(stretches.length).toBe(9);
    for (const [index, { mark, offset }] of stretches.entries()) {
      expect(mark.offset).toBe(offset);
      const plain = JSON.parse(JSON.stringify(mark)) as Stretch['mark'];
      const again = await readLog(log.subarray(offset), 100, { mark: plain });
      expect(again.stretches).toEqual(stretches.slice(index));
      expect(again.whole).toBe(true);
    }
  });

  it('is where the reader stands, so that it can go on later', async () => {
    const log = logOf(SAMPLE, { flushAfter: (index) => index === 4 });
    const reader = new LogReader(sourceOf(log));
    await reader.header();
    const start = reader.mark;
    const first = await reader.next();
    expect(first?.mark).toEqual(start);
    const rest = await readLog(log.subarray(reader.mark.offset), 100, { mark: reader.mark });
    expect(rest.entries).toEqual([...SAMPLE.slice(5), END]);
  });

  it('still finds damage', async () => {
    const log = logOf(SAMPLE, { flushAfter: (index) => index % 2 === 0 });
    const { mark, offset } = (await readLog(log)).stretches[2];
    const broken = log.slice(offset);
    broken[40] ^= 4;
    expect((await readLog(broken, 100, { mark })).error?.offset).toBe(offset + 40);
    expect((await readLog(log.subarray(offset), 100, { mark: { ...mark, crc: 1 } })).error?.offset).toBe(offset);
  });
});

describe('a log that is still being written', () => {
  it('is read as far as it goes, again and again', async () => {
    const log = logOf(SAMPLE, { flushAfter: () => true });
    let size = 0;
    let at = 0;
    const source: ByteSource = {
      read() {
        const chunk = log.subarray(at, size);
        at = size;
        return Promise.resolve(chunk.length === 0 ? null : chunk);
      },
    };
    const all = await readLog(log);
    size = all.stretches[0].offset;
    const reader = new LogReader(source);
    const entries = [];
    for (; size <= log.length; size += 5) {
      for (let stretch; (stretch = await reader.next()) !== null;) entries.push(...stretch.entries);
      expect(reader.torn).toEqual({ offset: reader.mark.offset, bytes: size - reader.mark.offset });
    }
    size = log.length;
    for (let stretch; (stretch = await reader.next()) !== null;) entries.push(...stretch.entries);
    expect(entries).toEqual(all.stretches.flatMap((stretch) => stretch.entries));
    expect(reader.whole).toBe(true);
    expect(reader.torn).toBeNull();
  });

  it('is waited for by the source, but not after its end', async () => {
    const sink = new MemorySink();
    const writer = new LogWriter(sink, sampleHeader());
    let at = 0;
    const source: ByteSource = {
      async read(wait = true) {
        while (wait && sink.chunks.length === at) await new Promise((resolve) => setImmediate(resolve));
        return sink.chunks[at++] ?? null;
      },
    };
    const reader = new LogReader(source);
    const reading = (async () => {
      const entries = [];
      for (let stretch; (stretch = await reader.next()) !== null;) entries.push(...stretch.entries);
      return entries;
    })();
    for (let n = 1; n <= 20; n++) {
      writer.write({ type: 'digest', position: n, digest: BigInt(n) });
      writer.flush();
      await new Promise((resolve) => setImmediate(resolve));
    }
    writer.end({ ...END });
    expect((await reading).length).toBe(21);
  });
});

describe('statistics', () => {
  it('of reader and writer are equal and add up to the file', async () => {
    const sink = new MemorySink();
    const header = sampleHeader({ images: [image('k', 'kernel', imageData(300_000, 5))] });
    const writer = new LogWriter(sink, header);
    for (const [index, entry] of SAMPLE.entries()) {
      writer.write(entry);
      if (index % 5 === 0) writer.flush();
    }
    for (let n = 0; n < 10_000; n++) writer.time(2_000_000 + n, n);
    writer.end({ ...END, position: 3_000_000 });
    const reader = new LogReader(sourceOf(sink.bytes, 777));
    while ((await reader.next()) !== null);
    expect(reader.statistics.counts).toEqual(writer.statistics.counts);
    expect(reader.statistics.bytes).toBe(sink.bytes.length);
    expect(reader.statistics.entries).toBe(SAMPLE.length + 10_000 + 1);
  });
});

describe('a later minor version', () => {
  it('is read, and what it added is passed over', async () => {
    const whole = logOf([]);
    const { stretches } = await readLog(whole);
    const first = stretches[0].offset;
    const entries = joined([
      Uint8Array.of(0x12, 4, 0x08, 100, 0x28, 6), // after 100: a time read
      Uint8Array.of(0x12, 7, 0x08, 100, 0x92, 0x01, 2, 1, 2), // after 100: a kind of field 18
      Uint8Array.of(0x12, 5, 0x08, 100, 0x98, 0x06, 1), // after 100: nothing but a varint of field 99
      Uint8Array.of(0x32, 3, 1, 2, 3), // field 6 of Log
      Uint8Array.of(0x12, 9, 0x08, 100, 0x38, 9, 0x28, 8, 0xc0, 0x06, 1), // a time read with unknown fields around it
    ]);
    const bytes = joined([whole.subarray(0, first), entries, new Uint8Array(12)]);
    const end = first + entries.length;
    putSeal(bytes, end, checksum(entries, checksum(whole.subarray(0, first - 12), 0)), end);
    const reading = await readLog(bytes);
    expect(reading.error).toBeNull();
    expect(reading.entries).toEqual([
      { type: 'time', position: 100, time: 3 },
      { type: 'time', position: 400, time: 7 },
    ]);
    const reader = new LogReader(sourceOf(bytes));
    while ((await reader.next()) !== null);
    expect(reader.statistics.counts.unknown.entries).toBe(3);
    expect(reader.statistics.bytes).toBe(bytes.length);
  });
});
