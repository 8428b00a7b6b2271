/**
 * The log in pieces: any header comes back; a log reads the same however its bytes are cut into chunks; of every prefix
 * a reader gives what lies before the cut, and says where that is.
 */
import fc from 'fast-check';
import type { Entry } from '../../src/log/entry.js';
import type { NewHeader } from '../../src/log/header.js';
import { FORMAT_VERSION } from '../../src/log/header.js';
import { LogReader } from '../../src/log/reader.js';
import type { ByteSource } from '../../src/log/stream.js';
import { singly } from '../../src/log/entry.js';
import { END, SAMPLE, logOf, readLog } from '../unit/log-sample.js';

const bytesOf = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const words = fc.string({ unit: 'grapheme', maxLength: 40 });
const slot = fc.integer({ min: 0, max: 7 });
const size = fc.maxSafeNat();
const sha256 = bytesOf(32);

const image = fc
  .record({
    role: fc.constantFrom('kernel' as const, 'firmware' as const, 'initrd' as const),
    name: words,
    sha256,
    data: fc.option(fc.uint8Array({ maxLength: 5000 }), { nil: undefined }),
    size: fc.nat(2 ** 30),
  })
  .map(({ data, ...rest }) =>
    data === undefined ? { ...rest, embedded: false } : { ...rest, embedded: true, size: data.length, data },
  );

const header: fc.Arbitrary<NewHeader> = fc.record({
  producer: words,
  machine: fc.record({
    behaviour: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    memory: size,
    clock: fc.constantFrom('host' as const, 'virtual' as const),
    commandLine: words,
    devices: fc.array(
      fc.oneof(
        fc.record({ kind: fc.constant('net' as const), slot, mac: bytesOf(6) }),
        fc.record({ kind: fc.constant('rng' as const), slot }),
      ),
      { maxLength: 8 },
    ),
  }),
  rngSeed: sha256,
  wallClock: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  digestDistance: size,
  images: fc.array(image, { maxLength: 3 }),
  disks: fc.array(fc.record({ name: words, size, sha256, slot }), { maxLength: 3 }),
});

it('any header comes back', async () => {
  await fc.assert(
    fc.asyncProperty(header, fc.integer({ min: 1, max: 500 }), async (written, step) => {
      const reading = await readLog(logOf(SAMPLE, { header: written }), step);
      expect(reading.error).toBeNull();
      expect(reading.header).toEqual({ ...written, version: FORMAT_VERSION });
      expect(reading.entries).toEqual([...SAMPLE, END]);
    }),
    { seed: 8, numRuns: 100 },
  );
});

/** Small, of several stretches. */
const log = logOf(SAMPLE, { flushAfter: (index) => index % 3 === 1 });
const all: readonly Entry[] = [...SAMPLE, END];

/** Reads a log that comes in these chunks. */
async function readChunks(chunks: readonly Uint8Array[]): Promise<{ entries: Entry[]; whole: boolean }> {
  const left = [...chunks];
  const source: ByteSource = { read: () => Promise.resolve(left.shift() ?? null) };
  const reader = new LogReader(source);
  const entries: Entry[] = [];
  for (let stretch; (stretch = await reader.next()) !== null;) {
    for (const entry of stretch.entries) entries.push(...singly(entry));
  }
  return { entries, whole: reader.whole };
}

it('reads the same in two chunks cut anywhere, in chunks of one size, and in any chunks', async () => {
  const expectSame = async (chunks: readonly Uint8Array[]): Promise<void> => {
    const { entries, whole } = await readChunks(chunks);
    expect([entries.length, whole]).toEqual([all.length, true]);
    expect(entries).toEqual(all);
  };
  for (let cut = 1; cut < log.length; cut++) await expectSame([log.subarray(0, cut), log.subarray(cut)]);
  for (let step = 1; step <= 40; step++) {
    const count = Math.ceil(log.length / step);
    await expectSame(Array.from({ length: count }, (_, n) => log.subarray(n * step, (n + 1) * step)));
  }
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: log.length - 1 }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(cuts, async (places) => {
      const ends = [...places.sort((a, b) => a - b), log.length];
      await expectSame(ends.map((end, n) => log.subarray(n === 0 ? 0 : ends[n - 1], end)));
    }),
    { seed: 9, numRuns: 100 },
  );
});

it('of every prefix gives the stretches that are whole, and says where they end', async () => {
  const ends = (await readLog(log)).stretches.map(({ offset, length, entries }) => ({
    end: offset + length,
    count: entries.flatMap((entry) => [...singly(entry)]).length,
  }));
  const first = ends[0].end - (await readLog(log)).stretches[0].length;
  for (let length = 0; length < log.length; length++) {
    const { entries, torn, whole, error } = await readLog(log.slice(0, length), 1 + (length % 50));
    const before = ends.filter(({ end }) => end <= length);
    const count = before.reduce((sum, stretch) => sum + stretch.count, 0);
    expect([length, entries]).toEqual([length, all.slice(0, count)]);
    expect(whole).toBe(false);
    if (length < first) expect(error?.name).toBe('LogFormat');
    else expect([error, torn?.offset]).toEqual([null, before.at(-1)?.end ?? first]);
  }
});
