// What a reader says of a log that is not what was written: the damaged byte, a cut, another format. It never hands out
// an entry that was not written.

import type { Entry } from '../../src/log/entry.js';
import { LogDamage, LogFormat, LogVersion } from '../../src/log/errors.js';
import { LogReader } from '../../src/log/reader.js';
import { STRETCH_SIZE, putSeal } from '../../src/log/seal.js';
import { checksum } from '../../src/log/compress.js';
import { END, SAMPLE, joined, logOf, readLog, sampleHeader, sourceOf } from './log-sample.js';

const everyThird = { flushAfter: (index: number): boolean => index % 3 === 2 };
const whole: readonly Entry[] = [...SAMPLE, END];

/** `bytes` with bit `bit` of byte `at` flipped. */
function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] ^= 1 << bit;
  return copy;
}

/** The bytes of each sealed stretch of a log, the header's first. */
async function stretchesOf(log: Uint8Array): Promise<Uint8Array[]> {
  const { stretches } = await readLog(log);
  const starts = [0, ...stretches.map(({ offset }) => offset), log.length];
  return starts.slice(1).map((end, index) => log.subarray(starts[index], end));
}

/** One stretch of these records, sealed as the first of a log. */
function sealed(...records: Uint8Array[]): Uint8Array {
  const bytes = joined([...records, new Uint8Array(12)]);
  const length = bytes.length - 12;
  putSeal(bytes, length, checksum(bytes.subarray(0, length), 0), length);
  return bytes;
}

describe('a flipped bit', () => {
  it('is reported with its own byte, wherever it is, and nothing after it is handed out', async () => {
    const image = { role: 'initrd', name: 'i', size: 40, sha256: new Uint8Array(32), embedded: true } as const;
    const header = sampleHeader({ images: [{ ...image, data: new Uint8Array(40).fill(65) }] });
    const log = logOf(SAMPLE, { header, ...everyThird });
    const { stretches } = await readLog(log);
    const wrong: unknown[] = [];
    for (let at = 0; at < log.length; at++) {
      const before = stretches.filter(({ offset, length }) => offset + length <= at);
      const handedOut = before.flatMap(({ entries }) => entries);
      const reads = handedOut.map((entry) => (entry.type === 'times' ? entry.times.length : 1));
      const count = reads.reduce((sum, read) => sum + read, 0);
      for (let bit = 0; bit < 8; bit++) {
        const { error, entries } = await readLog(flipped(log, at, bit));
        if (!(error instanceof LogDamage) || error.offset !== at || !error.exact || entries.length !== count) {
          wrong.push({ at, bit, error, entries });
        }
        if (bit === at % 8) expect(entries).toEqual(whole.slice(0, count));
      }
    }
    expect(wrong).toEqual([]);
  });

  it('is found in pieces of any size, and in a stretch of 64 KiB', async () => {
    const packets = Array.from({ length: 100 }, (_, n): Entry => {
      return { type: 'packet', position: n, device: 0, data: new Uint8Array(1000).fill(n) };
    });
    const log = logOf(packets);
    for (const at of [200, 30_000, 65_000, log.length - 30]) {
      for (const step of [61, 4096, 65_536]) {
        const { error } = await readLog(flipped(log, at, at % 8), step);
        expect(error?.message).toBe(`the log is damaged at byte ${at}: one bit is flipped`);
      }
    }
  });

  it('stays reported: a reader gives nothing after damage', async () => {
    const log = logOf(SAMPLE, everyThird);
    const reader = new LogReader(sourceOf(flipped(log, log.length - 200, 1)));
    for (;;) {
      const stretch = await reader.next().catch(() => null);
      if (stretch === null) break;
    }
    await expect(reader.next()).rejects.toThrow(LogDamage);
    await expect(reader.next()).rejects.toThrow(LogDamage);
  });
});

describe('a cut', () => {
  it('at any byte leaves what was sealed before it, and is reported as a cut', async () => {
    const log = logOf(SAMPLE, everyThird);
    const { stretches, header } = await readLog(log);
    const first = stretches[0].offset;
    for (let size = 0; size < log.length; size++) {
      const reading = await readLog(log.subarray(0, size));
      if (size < first) {
        expect(reading.error).toBeInstanceOf(LogFormat);
        expect(reading.error?.message).toMatch(
          size === 0 ? 'the log is empty: it ends at byte 0' : `the log ends at byte ${size}, before`,
        );
        continue;
      }
      const kept = stretches.filter(({ offset, length }) => offset + length <= size);
      const end = kept.reduce((sum, { length }) => sum + length, first);
      expect(reading.error).toBeNull();
      expect(reading.header).toEqual(header);
      expect(reading.stretches).toEqual(kept);
      expect(reading.whole).toBe(false);
      expect(reading.torn).toEqual({ offset: end, bytes: size - end });
    }
  });

  it('in the embedded images leaves nothing to replay', async () => {
    const image = { role: 'kernel', name: 'k', size: 3000, sha256: new Uint8Array(32), embedded: true } as const;
    const data = Uint8Array.from({ length: 3000 }, (_, n) => (n * n) >> 3);
    const log = logOf([], { header: sampleHeader({ images: [{ ...image, data }] }), end: false });
    for (const size of [300, log.length - 1]) {
      expect((await readLog(log.subarray(0, size))).error).toBeInstanceOf(LogFormat);
    }
    expect((await readLog(log)).header?.images[0].data).toEqual(data);
  });
});

describe('stretches in the wrong place', () => {
  it.each<[string, (parts: Uint8Array[]) => Uint8Array[]]>([
    ['missing', (parts) => parts.toSpliced(2, 1)],
    ['doubled', (parts) => parts.toSpliced(2, 0, parts[2])],
    ['exchanged', (parts) => parts.toSpliced(2, 2, parts[3], parts[2])],
    ['all missing but the last', (parts) => [parts[0], parts[parts.length - 1]]],
  ])('%s', async (_, change) => {
    const parts = await stretchesOf(logOf(SAMPLE, everyThird));
    const { error, entries } = await readLog(joined(change(parts)));
    expect(error).toBeInstanceOf(LogDamage);
    expect(entries).toEqual(whole.slice(0, entries.length));
  });

  it('of another log of the same shape', async () => {
    const other = logOf(SAMPLE, { ...everyThird, header: sampleHeader({ wallClock: 1n }) });
    const [parts, others] = [await stretchesOf(logOf(SAMPLE, everyThird)), await stretchesOf(other)];
    expect(parts.map(({ length }) => length)).toEqual(others.map(({ length }) => length));
    const { error } = await readLog(joined([...parts.slice(0, 3), ...others.slice(3)]));
    expect(error?.offset).toBe(parts[0].length + parts[1].length + parts[2].length);
  });

  it('after the end', async () => {
    const log = logOf(SAMPLE);
    for (const rest of [new Uint8Array(1), log, Uint8Array.of(0x12, 0)]) {
      const { error, entries } = await readLog(joined([log, rest]));
      expect(entries).toEqual(whole);
      expect(error?.message).toMatch(/bytes? follow the end of the log$/);
      expect(error?.offset).toBe(log.length);
    }
  });
});

describe('many wrong bytes', () => {
  it('are reported with the stretch they lie in', async () => {
    const log = logOf(SAMPLE, everyThird);
    const { stretches } = await readLog(log);
    const { offset, length } = stretches[1];
    const broken = log.slice();
    broken.fill(0x55, offset + 4, offset + 20);
    const { error, entries } = await readLog(broken);
    expect(entries.length).toBe(stretches[0].entries.length);
    expect(error).toBeInstanceOf(LogDamage);
    expect(error).toMatchObject({ offset, end: offset + length });
  });

  it('of length fields cost little memory', async () => {
    const log = logOf(SAMPLE, everyThird);
    const first = (await readLog(log)).stretches[0].offset;
    const lengths = [
      [0xff, 0xff, 0xff, 0x7f],
      [0xff, 0xff, 0xff, 0xff, 0x07],
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
      [0x80, 0x80, 0x80, 0x04],
    ];
    const zeros = new Uint8Array(65536);
    for (const bytes of lengths) {
      let served = 0;
      const start = joined([log.subarray(0, first), Uint8Array.of(0x12, ...bytes)]);
      const endless = {
        read: () => Promise.resolve(served++ === 0 ? start : zeros),
      };
      const reader = new LogReader(endless);
      await reader.header();
      await expect(reader.next()).rejects.toThrow(LogDamage);
      expect(served * zeros.length).toBeLessThan(20 * 1024 * 1024);
    }
  });

  it('that are sealed all the same are refused', async () => {
    const header = logOf([], { end: false });
    const record = header.subarray(0, header.length - 12);
    const invalid: [string, number[]][] = [
      ['a field has number 0', [0x12, 2, 0x00, 0x00]],
      ['a number is cut', [0x12, 2, 0x08, 0x80]],
      ['a length is too large', [0x12, 2, 0x3a, 0x05]],
      ['a number is too large', [0x12, 9, 0x08, 255, 255, 255, 255, 255, 255, 255, 127]],
      ['a number is too long', [0x12, 12, 0x30, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 0]],
      ['a time is out of range', [0x12, 2, 0x30, 0x01]],
      ['the columns of a batch differ in length', [0x12, 8, 0x22, 6, 0x0a, 1, 1, 0x12, 1, 0x80]],
      ['a batch has no time reads', [0x12, 2, 0x22, 0]],
      ['a batch has no time reads', [0x12, 6, 0x22, 4, 0x0a, 0, 0x12, 0]],
      ['the end has an unknown reason', [0x12, 4, 0x7a, 2, 0x08, 99]],
      ['an entry follows the end', [0x12, 4, 0x7a, 2, 0x08, 1, 0x12, 0]],
      ['a record is out of order', [...record]],
    ];
    for (const [reason, bytes] of invalid) {
      const stretch = joined([Uint8Array.from(bytes), new Uint8Array(12)]);
      const crc = checksum(stretch.subarray(0, bytes.length), checksum(record, 0));
      putSeal(stretch, bytes.length, crc, header.length + bytes.length);
      const { error, entries } = await readLog(joined([header, stretch]));
      expect(error?.message).toMatch(`: ${reason}`);
      expect(error?.offset).toBe(header.length);
      expect(entries).toEqual([]);
    }
  });

  it('no batch is larger than the schema allows', async () => {
    const header = logOf([], { end: false });
    const column = new Uint8Array(5000);
    const varint = [0x88, 0x27];
    const times = joined([Uint8Array.of(0x0a, ...varint), column, Uint8Array.of(0x12, ...varint), column]);
    const size = times.length;
    const entry = joined([
      Uint8Array.of(0x12, ((size + 3) & 127) | 128, (size + 3) >> 7, 0x22, (size & 127) | 128, size >> 7),
      times,
    ]);
    const crc = checksum(entry, checksum(header.subarray(0, header.length - 12), 0));
    const stretch = joined([entry, new Uint8Array(12)]);
    putSeal(stretch, entry.length, crc, header.length + entry.length);
    const { error } = await readLog(joined([header, stretch]));
    expect(error?.message).toMatch('a batch has too many time reads');
    expect(entry.length).toBeLessThan(STRETCH_SIZE);
  });
});

describe('another format', () => {
  const text = (words: string): Uint8Array => new TextEncoder().encode(words);

  it.each<[string, Uint8Array, number]>([
    ['text', text('Once upon a time there was a log.\n'), 0],
    ['lines', text('\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n'), 3],
    ['an ELF file', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0), 0],
    ['zeros', new Uint8Array(100_000), 0],
    ['a byte', text('x'), 0],
    ['another protobuf message', Uint8Array.of(0x0a, 0x05, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x10, 0x01, 0x18, 0x02), 2],
  ])('%s is no log', async (_, bytes, differs) => {
    const { error } = await readLog(bytes);
    expect(error).toBeInstanceOf(LogFormat);
    expect(error?.message).toBe(`this is not a vmft log: it differs from one at byte ${differs}`);
    expect(error?.offset).toBe(differs);
  });

  it('is seen from the first bytes, without waiting for more', async () => {
    let reads = 0;
    const terminal = {
      read: () => {
        reads++;
        return reads === 1 ? Promise.resolve(text('what is this, then?\n')) : new Promise<null>(() => undefined);
      },
    };
    await expect(new LogReader(terminal).header()).rejects.toThrow('this is not a vmft log');
  });

  it('an empty file', async () => {
    expect((await readLog(new Uint8Array(0))).error?.message).toBe('the log is empty: it ends at byte 0');
  });

  it('a later major version is refused as such, sealed as now or otherwise', async () => {
    const header = Uint8Array.of(
      0x0a,
      0x04,
      0x76,
      0x6d,
      0x66,
      0x74,
      0x10,
      0x03,
      0x18,
      0x07,
      0x98,
      0x06,
      0x01,
      0x22,
      0x00,
    );
    const record = joined([Uint8Array.of(0x0a, header.length), header]);
    for (const log of [sealed(record), joined([record, new Uint8Array(300).fill(0xee)]), record]) {
      const { error } = await readLog(log);
      expect(error).toBeInstanceOf(LogVersion);
      expect(error?.message).toBe(
        'the log has format version 3, this vmft reads version 1 and stops at byte 0: use a later vmft',
      );
    }
  });
});
