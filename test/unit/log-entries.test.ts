// Entries in the log: every type there and back, read alike by the generated decoder, and as small as promised.

import { vmft } from '#proto/log.js';
import { DATA_LIMIT, type Entry } from '../../src/log/entry.js';
import { LogWriter } from '../../src/log/writer.js';
import { END, MemorySink, SAMPLE, logOf, readLog, sampleHeader } from './log-sample.js';

const MAX = Number.MAX_SAFE_INTEGER;

/** Bytes that an entry takes after another at position 10^9, time 10^9. */
function sizeAfter(entry: Entry): number {
  const sink = new MemorySink();
  const writer = new LogWriter(sink, sampleHeader());
  writer.write({ type: 'tick', position: 1e9, time: 1e9 });
  writer.flush();
  const before = writer.statistics.bytes;
  writer.write(entry);
  writer.flush();
  return writer.statistics.bytes - before - 12;
}

describe('entries', () => {
  it('come back as they were written', async () => {
    const reading = await readLog(logOf(SAMPLE));
    expect(reading.error).toBeNull();
    expect(reading.entries).toEqual([...SAMPLE, END]);
    expect(reading.whole).toBe(true);
  });

  it('are the same however the bytes arrive', async () => {
    const log = logOf(SAMPLE, { flushAfter: (index) => index % 3 === 0 });
    for (const step of [1, 2, 7, 13, 100]) expect((await readLog(log, step)).entries).toEqual([...SAMPLE, END]);
  });

  it('hold positions, times and hashes at the ends of their ranges', async () => {
    const entries: Entry[] = [
      { type: 'time', position: 0, time: MAX },
      { type: 'time', position: 0, time: 0 },
      { type: 'tick', position: 0, time: MAX },
      { type: 'time', position: 2 ** 32, time: 2 ** 32 + 1 },
      { type: 'time', position: MAX, time: MAX - 1 },
      { type: 'packet', position: MAX, device: 2 ** 32 - 1, data: new Uint8Array(0) },
      { type: 'output', position: MAX, kind: 'disk', device: 7, length: 2 ** 32 - 1, hash: 2n ** 64n - 1n },
    ];
    const end = { type: 'end', position: MAX, reason: 'host-error', status: 2 ** 32 - 1, detail: 'naïve ✓' } as const;
    const sink = new MemorySink();
    const writer = new LogWriter(sink, sampleHeader());
    for (const entry of entries) writer.write(entry);
    writer.end(end);
    expect((await readLog(sink.bytes)).entries).toEqual([...entries, end]);
  });

  it('are read by the generated decoder as the schema says', () => {
    const log = vmft.v1.Log.decode(logOf(SAMPLE, { flushAfter: (index) => index === 5 }));
    expect(log.header?.format).toBe('vmft');
    expect(log.seal.length).toBe(3);
    const kinds = log.entry.map((entry) => Object.keys(entry).filter((key) => key !== 'after' && key !== 'device'));
    expect(kinds).toEqual([
      ['time'],
      ['tick'],
      ['times'],
      ['entropy'],
      ['packet'],
      ['console'],
      ['length', 'consoleOutput'],
      ['length', 'packetOutput'],
      ['length', 'diskOutput'],
      ['digest'],
      ['powerOutput'],
      ['disk'],
      ['disk'],
      ['end'],
    ]);
    const numbers = (values: unknown[] | null | undefined): number[] => (values ?? []).map(Number);
    expect(numbers(log.entry[2].times?.after)).toEqual([40, 40, 299_920]);
    expect(numbers(log.entry[2].times?.time)).toEqual([3, -1, 13_454]);
    expect(Number(log.entry[1].after)).toBe(199_990);
    expect(Number(log.entry[1].tick)).toBe(9_995);
    expect(String(log.entry[6].consoleOutput)).toBe(String(0x0123456789abcdefn));
    expect(log.entry[13].end).toMatchObject({ reason: vmft.v1.Reason.REASON_POWER_OFF, status: 3 });
  });

  it('tell the size of a console in a field of its own, whatever its numbers', async () => {
    const sizes: Entry[] = [
      { type: 'size', position: 0, device: 6, columns: 80, rows: 24 },
      { type: 'size', position: 0, device: 0, columns: 0, rows: 0 },
      { type: 'size', position: 300, device: 6, columns: 65_535, rows: 1 },
    ];
    const log = logOf(sizes);
    expect((await readLog(log)).entries.slice(0, -1)).toEqual(sizes);
    const [entry] = vmft.v1.Log.decode(log).entry;
    expect(entry.size).toMatchObject({ columns: 80, rows: 24 });
    for (const columns of [-1, 1.5, 65_536]) {
      expect(() => logOf([{ type: 'size', position: 0, device: 6, columns, rows: 0 }])).toThrow(RangeError);
    }
  });

  it('may be written in batches of time reads, as a reader gives them', async () => {
    const positions = Float64Array.from({ length: 10_000 }, (_, n) => 1000 + n * 37);
    const times = Float64Array.from({ length: 10_000 }, (_, n) => n * 3);
    const log = logOf([{ type: 'times', positions, times }]);
    const reading = await readLog(log);
    expect(reading.entries.slice(0, -1)).toEqual(
      Array.from(positions, (position, n) => ({ type: 'time', position, time: times[n] })),
    );
  });

  it('carry at most 8 MiB each', async () => {
    const data = new Uint8Array(DATA_LIMIT).fill(7);
    const log = logOf([{ type: 'console', position: 0, device: 0, data }]);
    const [entry] = (await readLog(log)).entries;
    expect(entry.type === 'console' && entry.data.length === DATA_LIMIT && entry.data.every((byte) => byte === 7)).toBe(
      true,
    );
    expect(() => logOf([{ type: 'entropy', position: 0, data: new Uint8Array(DATA_LIMIT + 1) }])).toThrow(RangeError);
  });

  it('are refused where they go back or do not fit, and then leave nothing behind', async () => {
    const sink = new MemorySink();
    const writer = new LogWriter(sink, sampleHeader());
    writer.time(100, 50);
    const bad: Entry[] = [
      { type: 'time', position: 99, time: 50 },
      { type: 'time', position: 101, time: -1 },
      { type: 'time', position: NaN, time: 1 },
      { type: 'tick', position: 101, time: 2 ** 53 },
      { type: 'tick', position: 99, time: 1 },
      { type: 'digest', position: 2 ** 53, digest: 0n },
      { type: 'packet', position: 101, device: -1, data: new Uint8Array(1) },
      { type: 'output', position: 101, kind: 'disk', device: 0, length: 2 ** 32, hash: 0n },
      { type: 'disk', position: 101, device: 0, request: 2 ** 32, status: 0, data: new Uint8Array(0) },
      { type: 'disk', position: 101, device: 0, request: 0, status: 0, data: new Uint8Array(DATA_LIMIT) },
    ];
    for (const entry of bad) expect(() => writer.write(entry)).toThrow(RangeError);
    writer.time(100, 51);
    writer.flush();
    expect((await readLog(sink.bytes)).entries).toEqual([
      { type: 'time', position: 100, time: 50 },
      { type: 'time', position: 100, time: 51 },
    ]);
  });
});

describe('sizes', () => {
  it('time reads: at most 3 bytes on average where they come in bursts between ticks', () => {
    // A tick each millisecond of a 200 MIPS guest, after it 40 reads some hundred instructions apart.
    const writer = new LogWriter(new MemorySink(), sampleHeader());
    for (let tick = 1; tick <= 1000; tick++) {
      let position = tick * 200_000;
      let time = tick * 10_000;
      writer.write({ type: 'tick', position, time });
      for (let read = 0; read < 40; read++) {
        position += 30 + ((read * 97) % 400);
        time += 1 + (read % 20);
        writer.time(position, time);
      }
    }
    writer.flush();
    const { entries, bytes } = writer.statistics.counts.time;
    expect(entries).toBe(40_000);
    expect(bytes / entries).toBeLessThanOrEqual(3);
  });

  it('time reads in a tight loop: little over 2 bytes', () => {
    const writer = new LogWriter(new MemorySink(), sampleHeader());
    for (let read = 0; read < 100_000; read++) writer.time(read * 20, read * 3);
    writer.flush();
    expect(writer.statistics.bytes / 100_000).toBeLessThan(2.05);
  });

  it('a tick: at most 16 bytes, also after an hour of idling', () => {
    expect(sizeAfter({ type: 'tick', position: 1e9 + 1e6, time: 1e9 + 1e4 })).toBeLessThanOrEqual(11);
    expect(sizeAfter({ type: 'tick', position: 1e9 + 2 ** 28, time: 1e9 + 3600 * 1e7 })).toBeLessThanOrEqual(16);
  });

  it('a packet: at most its payload and 16 bytes', () => {
    for (const length of [0, 60, 127, 128, 1514, 9018]) {
      const data = new Uint8Array(length);
      const size = sizeAfter({ type: 'packet', position: 1e9 + 2 ** 28, device: 7, data });
      expect(size - length).toBeLessThanOrEqual(16);
    }
  });

  it('a disk request: at most what is read and 24 bytes', () => {
    for (const length of [0, 512, 4096, 2 ** 21]) {
      const disk = { type: 'disk', device: 7, request: 0, status: 0, data: new Uint8Array(length) } as const;
      const size = sizeAfter({ ...disk, position: 1e9 + 2 ** 28 });
      expect(size - length).toBeLessThanOrEqual(length === 0 ? 13 : 24);
    }
  });

  it('an output: at most 20 bytes', () => {
    const output = { type: 'output', kind: 'packet', device: 1, length: 1514, hash: 0xfedcba9876543210n } as const;
    expect(sizeAfter({ ...output, position: 1e9 + 1e6 })).toBeLessThanOrEqual(20);
  });
});
