/** The log of a pair in two places, and the entry that only one of them has: that the primary was here. */
import type { Entry, LogEntry } from '../../src/log/entry.js';
import { singly } from '../../src/log/entry.js';
import { LogReader, type Stretch } from '../../src/log/reader.js';
import { entryJson, entryText } from '../../src/log/text.js';
import { LogWriter } from '../../src/log/writer.js';
import { LogTee } from '../../src/pair/log-tee.js';
import { loadHash } from '../../src/replay/hash.js';
import { Logged } from '../../src/replay/logged.js';
import { needing } from '../support/need.js';
import { MemorySink, sampleHeader, sourceOf } from './log-sample.js';

const NEED = needing();

async function entriesOf(sink: MemorySink): Promise<Entry[]> {
  const reader = new LogReader(sourceOf(sink.bytes));
  const entries: Entry[] = [];
  for (let stretch = await reader.next(); stretch !== null; stretch = await reader.next()) {
    for (const entry of stretch.entries) entries.push(...singly(entry));
  }
  return entries;
}

describe('two logs', () => {
  let [file, channel] = [new MemorySink(), new MemorySink()];
  let tee: LogTee;
  beforeEach(() => {
    [file, channel] = [new MemorySink(), new MemorySink()];
    tee = new LogTee(new LogWriter(file, sampleHeader()));
  });
  const join = (): void => void (tee.channel = new LogWriter(channel, sampleHeader()));

  it('are the same from where the backup has the state, and the file has no signs of progress', async () => {
    tee.write({ type: 'tick', position: 1, time: 1 });
    expect(tee.sent).toBe(0);
    join();
    tee.time(2, 5);
    tee.write({ type: 'tick', position: 3, time: 6 });
    tee.progress(9);
    tee.write({ type: 'tick', position: 12, time: 7 });
    tee.flush();
    expect(tee.sent).toBe(channel.bytes.length);
    expect(tee.end({ type: 'end', position: 13, reason: 'power-off', status: 0 })).toBe(true);
    const [own, sent] = [await entriesOf(file), await entriesOf(channel)];
    expect(own.map(({ type, position }) => `${type} ${position}`)).toEqual([
      ...['tick 1', 'time 2', 'tick 3', 'tick 12', 'end 13'],
    ]);
    expect(sent).toEqual([...own.slice(1, 3), { type: 'progress', position: 9 }, ...own.slice(3)]);
  });

  it('a sign of progress is on its way at once, with all before it', async () => {
    join();
    tee.write({ type: 'tick', position: 3, time: 6 });
    const before = tee.sent;
    tee.progress(4);
    expect(tee.sent).toBeGreaterThan(before);
    expect(await entriesOf(channel)).toHaveLength(2);
  });

  it('an end by a failure of the host is none for the backup', async () => {
    join();
    tee.write({ type: 'tick', position: 3, time: 6 });
    tee.flush();
    const { sent } = tee;
    expect(tee.end({ type: 'end', position: 5, reason: 'host-error', status: 74 })).toBe(true);
    expect([tee.sent, (await entriesOf(file)).length, (await entriesOf(channel)).length]).toEqual([sent, 2, 1]);
  });

  it('what the file does not take is not sent either', () => {
    let full = false;
    tee = new LogTee(
      new LogWriter(
        {
          write: (bytes) => {
            file.write(bytes);
            if (full) throw new Error('ENOSPC');
          },
        },
        sampleHeader(),
      ),
    );
    join();
    const { sent } = tee;
    full = true;
    tee.write({ type: 'tick', position: 3, time: 6 });
    expect(() => tee.flush()).toThrow('ENOSPC');
    expect(tee.sent).toBe(sent);
    expect(tee.end({ type: 'end', position: 5, reason: 'host-error', status: 74 })).toBe(false);
  });

  it('without a file there is only the channel, or none', () => {
    tee = new LogTee(undefined);
    tee.write({ type: 'tick', position: 3, time: 6 });
    tee.progress(4);
    tee.flush();
    expect(tee.end({ type: 'end', position: 5, reason: 'power-off', status: 0 })).toBe(true);
  });
});

describe('an entry of progress', () => {
  const entry: Entry = { type: 'progress', position: 5_000_000_000 };

  it('comes back from its bytes', async () => {
    const sink = new MemorySink();
    const writer = new LogWriter(sink, sampleHeader());
    writer.write({ type: 'tick', position: 7, time: 1 });
    writer.write(entry);
    writer.write({ ...entry, position: entry.position });
    writer.flush();
    expect((await entriesOf(sink)).slice(1)).toEqual([entry, entry]);
    expect(writer.statistics.counts.progress.entries).toBe(2);
  });

  it('is told as text and as JSON', () => {
    expect(entryText(entry)).toMatch(/^ *5000000000 {2}progress *$/);
    expect(entryJson(entry)).toEqual({ position: 5_000_000_000, type: 'progress' });
  });
});

describe('a log that says how far the primary is', () => {
  const stretch = (...entries: LogEntry[]): Stretch => ({
    ...{ offset: 0, length: 1, mark: { offset: 0, crc: 0, position: 0, time: 0 }, entries },
  });
  const progress = (position: number): Entry => ({ type: 'progress', position });
  const tick = (position: number): Entry => ({ type: 'tick', position, time: 1 });
  let logged: Logged;
  beforeEach(async () => {
    logged = new Logged(await loadHash());
  });

  it('lets the guest run there and no further', () => {
    logged.feed(stretch(progress(1000)));
    expect([logged.reaches(0), logged.reaches(999), logged.reaches(1000)]).toEqual([true, true, false]);
    expect([logged.nextStop(0, NEED), logged.takeInputs(0, NEED)]).toEqual([1000, []]);
    expect([logged.pendingAt(1000), logged.peek()]).toEqual([false, undefined]);
    logged.feed(stretch(progress(3000)));
    expect([logged.reaches(1000), logged.nextStop(1000, NEED), logged.reaches(3000)]).toEqual([true, 3000, false]);
  });

  it('is no entry that anything has to be compared with', () => {
    logged.feed(stretch(tick(10), progress(20), tick(30), progress(30)));
    expect(logged.takeInputs(10, NEED)).toEqual([tick(10)]);
    expect(logged.takeInputs(20, NEED)).toEqual([]);
    expect(logged.nextStop(20, NEED)).toBe(30);
    expect(logged.takeInputs(30, NEED)).toEqual([tick(30)]);
    expect(logged.surroundings().before.map(({ type }) => type)).toEqual(['tick', 'tick']);
  });

  it('keeps inputs together where it comes behind the last of a position', () => {
    logged.feed(stretch(tick(10)));
    // Another may come with it.
    expect(logged.reaches(10)).toBe(false);
    logged.feed(stretch(progress(10)));
    expect([logged.takeInputs(10, NEED).length, logged.reaches(10)]).toEqual([1, false]);
    logged.feed(stretch(progress(11)));
    expect(logged.reaches(10)).toBe(true);
  });

  it('ends where it was cut: at the last sign of progress', () => {
    logged.feed(stretch(tick(10), progress(500)));
    logged.takeInputs(10, NEED);
    logged.close();
    expect([logged.exhausted, logged.nextStop(10, NEED), logged.reaches(500), logged.over]).toEqual([
      ...[true, 500, false, true],
    ]);
  });
});
