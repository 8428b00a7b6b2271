// The writer: what the sink is given is always a valid log, and a failing sink ends the log without spoiling it.

import { ImagePacking } from '../../src/log/image.js';
import type { ByteSink } from '../../src/log/stream.js';
import { LogWriter } from '../../src/log/writer.js';
import { END, MemorySink, SAMPLE, joined, logOf, readLog, sampleHeader } from './log-sample.js';

describe('LogWriter', () => {
  it('gives equal bytes for equal runs', () => {
    const header = sampleHeader({
      images: [
        { role: 'kernel', name: 'k', size: 9, sha256: new Uint8Array(32), embedded: true, data: new Uint8Array(9) },
      ],
    });
    expect(logOf(SAMPLE, { header })).toEqual(logOf(SAMPLE, { header }));
  });

  it('leaves a valid log in the sink after every call', async () => {
    const sink = new MemorySink();
    const writer = new LogWriter(sink, sampleHeader());
    expect((await readLog(sink.bytes)).torn).toEqual({ offset: sink.bytes.length, bytes: 0 });
    for (const [index, entry] of SAMPLE.entries()) {
      writer.write(entry);
      writer.flush();
      const reading = await readLog(sink.bytes);
      expect(reading.error).toBeNull();
      expect(reading.entries).toEqual(SAMPLE.slice(0, index + 1));
      expect(reading.torn).toEqual({ offset: sink.bytes.length, bytes: 0 });
    }
    expect(writer.end(END)).toBe(true);
    expect((await readLog(sink.bytes)).whole).toBe(true);
    expect(writer.size).toBe(sink.bytes.length);
  });

  it('hands stretches to the sink by itself, each of 64 KiB and the record that filled it', () => {
    const sink = new MemorySink();
    const writer = new LogWriter(sink, sampleHeader());
    for (let n = 0; n < 5000; n++) {
      writer.write({ type: 'packet', position: n, device: 0, data: new Uint8Array(1514) });
      writer.time(n, n);
    }
    expect(sink.chunks.length).toBeGreaterThan(100);
    for (const chunk of sink.chunks) expect(chunk.length).toBeLessThan(65536 + 1600);
  });

  it('starts no record behind 64 KiB, whatever fills the stretch', async () => {
    const sink = new MemorySink();
    const writer = new LogWriter(sink, sampleHeader());
    let position = 0;
    // Batches of every length between ticks: sooner or later each kind of record is the one that fills a stretch.
    for (let round = 0; round < 2000; round++) {
      for (let read = 0; read < round % 97; read++) writer.time((position += 7), position);
      writer.write({ type: 'tick', position: (position += 3), time: position });
    }
    writer.end({ ...END, position });
    const reading = await readLog(sink.bytes);
    expect([reading.error, reading.whole]).toEqual([null, true]);
    expect(sink.chunks.length).toBeGreaterThan(3);
  });

  it('gives readable stretches wherever a batch of time reads fills one', async () => {
    const sink = new MemorySink();
    const writer = new LogWriter(sink, sampleHeader());
    let position = 0;
    for (let n = 0; n < 400; n++) {
      for (let read = 0; read < 100 + ((n * 37) % 900); read++) writer.time((position += 7), position);
      writer.write({ type: 'tick', position, time: position });
    }
    writer.end({ type: 'end', position, reason: 'until', status: 0 });
    const reading = await readLog(sink.bytes);
    expect(reading.error).toBeNull();
    expect(reading.whole).toBe(true);
    expect(reading.entries.filter((entry) => entry.type === 'tick').length).toBe(400);
  });

  it('adds nothing for a flush with nothing to flush', () => {
    const sink = new MemorySink();
    const writer = new LogWriter(sink, sampleHeader());
    const { size } = writer;
    writer.flush();
    writer.flush();
    expect(writer.size).toBe(size);
    expect(sink.chunks.length).toBe(1);
  });

  it('counts entries and bytes by cause, to the size of the log', async () => {
    const log = logOf(SAMPLE, { flushAfter: (index) => index % 4 === 0 });
    const sink = new MemorySink();
    const writer = new LogWriter(sink, sampleHeader());
    SAMPLE.forEach((entry, index) => {
      writer.write(entry);
      if (index % 4 === 0) writer.flush();
    });
    writer.end(END);
    const { counts } = writer.statistics;
    expect(writer.statistics.bytes).toBe(log.length);
    expect(writer.statistics.entries).toBe(SAMPLE.length + 1);
    expect(counts.time.entries).toBe(4);
    expect(counts.tick.entries).toBe(1);
    expect(counts['output:disk']).toEqual({ entries: 1, bytes: expect.any(Number) as number });
    expect(counts.seal.bytes).toBe(counts.seal.entries * 12);
    expect((await readLog(log)).stretches.length).toBe(counts.seal.entries - 1);
  });

  it('throws what the sink throws, writes no more, and can still be closed', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const taken: Uint8Array[] = [];
    let room = 700;
    const sink: ByteSink = {
      write(bytes) {
        taken.push(bytes.slice(0, room));
        room -= Math.min(room, bytes.length);
        if (room === 0) throw full;
      },
    };
    const writer = new LogWriter(sink, sampleHeader());
    let written = 0;
    const record = (): void => {
      for (;;) {
        writer.write({ type: 'entropy', position: written, data: new Uint8Array(50) });
        writer.flush();
        written++;
      }
    };
    expect(record).toThrow(full);
    const calls = taken.length;
    expect(() => writer.time(1000, 1)).toThrow(full);
    expect(() => writer.flush()).toThrow(full);
    expect(writer.end({ ...END, reason: 'host-error' })).toBe(false);
    expect(taken.length).toBe(calls);
    const reading = await readLog(joined(taken));
    expect(reading.error).toBeNull();
    expect(reading.entries.length).toBe(written);
    expect(reading.torn?.bytes).toBeGreaterThan(0);
  });

  it('takes nothing after the end', () => {
    const writer = new LogWriter(new MemorySink(), sampleHeader());
    writer.end(END);
    expect(() => writer.time(END.position, 0)).toThrow('the log has ended');
    expect(() => writer.write(END)).toThrow('the log has ended');
    expect(() => writer.end(END)).toThrow('the log has ended');
  });
});

describe('images that are packed meanwhile', () => {
  // Of several chunks: some shrink, some do not.
  const data = Uint8Array.from({ length: 3 * 2 ** 20 + 5 }, (_, n) =>
    n < 2 ** 20 ? n & 3 : Math.imul(n, 0x9e3779b1) >>> 13,
  );
  const header = sampleHeader({
    images: [
      { role: 'kernel', name: 'k', size: data.length, sha256: new Uint8Array(32), embedded: true, data },
      { role: 'initrd', name: 'i', size: 9, sha256: new Uint8Array(32), embedded: true, data: new Uint8Array(9) },
    ],
  });
  /** More than a stretch of entries. */
  const write = (writer: LogWriter): void => {
    for (let position = 0; position < 3000; position++) {
      if (position % 5 === 0) writer.time(position, position);
      writer.write({ type: 'entropy', position, data: new Uint8Array(50) });
    }
    writer.end({ ...END, position: 3000 });
  };
  const reference = (): Uint8Array => {
    const sink = new MemorySink();
    write(new LogWriter(sink, header));
    return sink.bytes;
  };

  it('give the same log when they are there before the entries', async () => {
    const sink = new MemorySink();
    const packing = new ImagePacking(header.images);
    const writer = new LogWriter(sink, header, packing);
    expect(writer.hasImages).toBe(false);
    await packing.done;
    expect(writer.hasImages).toBe(true);
    write(writer);
    expect(sink.bytes).toEqual(reference());
  });

  it('give the same log when nobody waits for them', () => {
    const sink = new MemorySink();
    write(new LogWriter(sink, header, new ImagePacking(header.images)));
    expect(sink.bytes).toEqual(reference());
  });

  it('give the same log when they come between the entries of one stretch', async () => {
    const sinks = [new MemorySink(), new MemorySink()];
    const packing = new ImagePacking(header.images);
    const writers = [new LogWriter(sinks[0], header, packing), new LogWriter(sinks[1], header)];
    for (const writer of writers) for (const position of [3, 5]) writer.time(position, position);
    await packing.done;
    for (const writer of writers) {
      writer.time(7, 7);
      writer.end(END);
    }
    expect(sinks[0].bytes).toEqual(sinks[1].bytes);
    expect((await readLog(sinks[0].bytes)).whole).toBe(true);
  });

  it('are nothing that an entry goes ahead of', () => {
    const sink = new MemorySink();
    const writer = new LogWriter(sink, header, new ImagePacking(header.images));
    writer.time(3, 3);
    writer.flush();
    expect(writer.hasImages).toBe(true);
    expect(writer.size).toBe(sink.bytes.length);
  });

  it('tell whoever writes next that the sink has failed', async () => {
    const full = new Error('no space left on device');
    let calls = 0;
    const packing = new ImagePacking(header.images);
    const writer = new LogWriter(
      {
        write: () => {
          if (calls++ > 0) throw full;
        },
      },
      header,
      packing,
    );
    await packing.done;
    expect(() => writer.time(1, 1)).toThrow(full);
    expect(writer.end(END)).toBe(false);
    expect([calls, writer.hasImages]).toEqual([2, false]);
  });
});
