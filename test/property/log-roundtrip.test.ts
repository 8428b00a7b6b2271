// Properties of the log: any entries come back, however they are flushed and however the bytes arrive; whatever is
// done to the bytes, a reader gives a prefix of what was written, or refuses; the generated decoder agrees.

import fc from 'fast-check';
import { vmft } from '#proto/log.js';
import type { Entry } from '../../src/log/entry.js';
import { EntryDecoder } from '../../src/log/entry-decoder.js';
import { MalformedRecord } from '../../src/log/errors.js';
import { Statistics } from '../../src/log/statistics.js';
import { Cursor, putVarint, putZigzag, varintSize } from '../../src/log/wire.js';
import { LogWriter } from '../../src/log/writer.js';
import { END, MemorySink, joined, logOf, readLog, sampleHeader } from '../unit/log-sample.js';

const SEED = 20101213;
const MAX = Number.MAX_SAFE_INTEGER;

/** Numbers of every magnitude: few are small in a uniform choice. */
const magnitude = (bits: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: bits }).chain((size) => fc.maxSafeNat().map((n) => n % 2 ** size));
const data = fc.uint8Array({ maxLength: 300 });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const device = magnitude(32);

/** An entry without its position. */
const body = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('time' as const), time: magnitude(53) }) },
  fc.record({ type: fc.constant('tick' as const), time: magnitude(53) }),
  fc.record({ type: fc.constant('entropy' as const), data }),
  fc.record({ type: fc.constantFrom('packet' as const, 'console' as const), device, data }),
  fc.record({
    type: fc.constant('disk' as const),
    device,
    request: magnitude(32),
    status: magnitude(32),
    data,
  }),
  fc.record({
    type: fc.constant('output' as const),
    kind: fc.constantFrom('console' as const, 'packet' as const, 'disk' as const, 'power' as const),
    device,
    length: magnitude(32),
    hash: uint64,
  }),
  fc.record({ type: fc.constant('size' as const), device, columns: magnitude(16), rows: magnitude(16) }),
  fc.record({ type: fc.constant('digest' as const), digest: uint64 }),
);

/** Entries at positions that never go back, and after which of them the writer flushes. */
const run = fc
  .array(fc.record({ body, after: magnitude(40), flush: fc.integer({ min: 0, max: 4 }) }), { maxLength: 60 })
  .map((steps) => {
    let position = 0;
    const entries = steps.map(({ body: entry, after }) => ({ ...entry, position: (position += after) }));
    return { entries, flushed: steps.map(({ flush }) => flush === 0) };
  });

type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

function written({ entries, flushed }: Run): { log: Uint8Array; end: Entry; writer: LogWriter } {
  const sink = new MemorySink();
  const writer = new LogWriter(sink, sampleHeader());
  entries.forEach((entry, index) => {
    writer.write(entry);
    if (flushed[index]) writer.flush();
  });
  const end = { ...END, position: writer.position };
  writer.end(end);
  return { log: sink.bytes, end, writer };
}

it('any number comes back from a varint and from a zigzag varint', () => {
  const bytes = new Uint8Array(16);
  fc.assert(
    fc.property(magnitude(53), fc.boolean(), (value, negative) => {
      const number = negative ? 0 - value : value;
      const end = putVarint(bytes, 0, value);
      const zigzagEnd = putZigzag(bytes, end, number);
      const cursor = new Cursor(bytes, 0, zigzagEnd);
      expect(end).toBe(varintSize(value));
      expect(cursor.varint()).toBe(value);
      expect(cursor.at).toBe(end);
      expect(cursor.zigzag()).toBe(number === 0 ? 0 : number);
      expect(cursor.at).toBe(zigzagEnd);
    }),
    {
      seed: SEED,
      numRuns: 2000,
      examples: [
        [MAX, true],
        [MAX, false],
        [0, true],
        [2 ** 31, true],
        [2 ** 52, true],
      ],
    },
  );
});

it('any run comes back, and its statistics add up', async () => {
  await fc.assert(
    fc.asyncProperty(run, fc.integer({ min: 1, max: 300 }), async (steps, step) => {
      const { log, end, writer } = written(steps);
      const reading = await readLog(log, step);
      expect(reading.error).toBeNull();
      expect(reading.entries).toEqual([...steps.entries, end]);
      expect(reading.whole).toBe(true);
      expect(writer.statistics.bytes).toBe(log.length);
      expect(writer.statistics.entries).toBe(steps.entries.length + 1);
    }),
    { seed: SEED, numRuns: 200 },
  );
});

it('the generated decoder reads the positions, times and hashes that were written', () => {
  fc.assert(
    fc.property(run, (steps) => {
      const { log, end } = written(steps);
      let position = 0;
      let time = 0;
      const seen: unknown[] = [];
      for (const entry of vmft.v1.Log.decode(log).entry) {
        position += Number(entry.after ?? 0);
        const set = (value: unknown): boolean => value !== undefined && value !== null;
        const fields = entry as Record<string, unknown>;
        const kind = Object.keys(fields).find(
          (key) => !['after', 'device', 'length'].includes(key) && set(fields[key]),
        )!;
        if (kind === 'times') {
          const { after, time: times } = entry.times as { after: unknown[]; time: unknown[] };
          after.forEach((delta, n) => seen.push(['time', (position += Number(delta)), (time += Number(times[n]))]));
        } else if (kind === 'time' || kind === 'tick') seen.push([kind, position, (time += Number(fields[kind]))]);
        else if (/Output$|^digest$/.test(kind)) seen.push([kind, position, BigInt(String(fields[kind]))]);
        else seen.push([kind, position]);
      }
      const expected = [...steps.entries, end].map((entry) => {
        if (entry.type === 'time' || entry.type === 'tick') return [entry.type, entry.position, entry.time];
        if (entry.type === 'digest') return ['digest', entry.position, entry.digest];
        if (entry.type === 'output') return [`${entry.kind}Output`, entry.position, entry.hash];
        return [entry.type, entry.position];
      });
      expect(seen).toEqual(expected);
    }),
    { seed: SEED, numRuns: 200 },
  );
});

/** A change of a log's bytes. */
const mutation = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), with: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat() }),
  fc.record({ kind: fc.constant('remove' as const), at: fc.nat(), count: fc.integer({ min: 1, max: 64 }) }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.nat(),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 64 }),
  }),
  fc.record({
    kind: fc.constant('copy' as const),
    at: fc.nat(),
    from: fc.nat(),
    count: fc.integer({ min: 1, max: 200 }),
  }),
);

function mutated(log: Uint8Array, change: typeof mutation extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const at = change.at % log.length;
  switch (change.kind) {
    case 'flip': {
      const copy = log.slice();
      copy[at] ^= change.with;
      return copy;
    }
    case 'cut':
      return log.slice(0, at);
    case 'remove':
      return joined([log.subarray(0, at), log.subarray(at + change.count)]);
    case 'insert':
      return joined([log.subarray(0, at), change.bytes, log.subarray(at)]);
    case 'copy': {
      const from = change.from % log.length;
      return joined([log.subarray(0, at), log.subarray(from, from + change.count), log.subarray(at)]);
    }
  }
}

it('a changed log gives a prefix of what was written, and says that there was more', async () => {
  await fc.assert(
    fc.asyncProperty(run, fc.array(mutation, { minLength: 1, maxLength: 3 }), async (steps, changes) => {
      const { log, end } = written(steps);
      const bytes = changes.reduce(
        (current, change) => (current.length === 0 ? current : mutated(current, change)),
        log,
      );
      const reading = await readLog(bytes, 1000);
      const all = [...steps.entries, end];
      expect(reading.entries).toEqual(all.slice(0, reading.entries.length));
      const same = bytes.length === log.length && bytes.every((byte, index) => byte === log[index]);
      if (!same) expect(reading.error !== null || reading.torn !== null).toBe(true);
      if (reading.error !== null) expect(reading.error.message).not.toMatch(/\n/);
    }),
    { seed: SEED, numRuns: 1500 },
  );
});

it('any bytes decode to an entry or are refused, in bounds', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const decoder = new EntryDecoder(0, 0, new Statistics());
      const padded = joined([bytes, new Uint8Array(8).fill(1)]);
      try {
        decoder.decode(padded, 0, bytes.length, bytes.length);
      } catch (error) {
        expect((error as Error).name).toBe(MalformedRecord.name);
        expect((error as MalformedRecord).at).toBeLessThanOrEqual(bytes.length);
      }
      expect(decoder.position).toBeLessThanOrEqual(MAX);
    }),
    { seed: SEED, numRuns: 5000 },
  );
});

it('logs of two runs of equal entries are equal', () => {
  fc.assert(
    fc.property(run, ({ entries }) => {
      expect(logOf(entries, { end: false })).toEqual(logOf(entries, { end: false }));
    }),
    { seed: SEED, numRuns: 50 },
  );
});
