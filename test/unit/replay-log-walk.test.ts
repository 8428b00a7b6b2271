/**
 * Logs against each other without executing them, headers against each other, and what differs between entries.
 */
import type { Entry } from '../../src/log/entry.js';
import type { Header } from '../../src/log/header.js';
import { LogReader } from '../../src/log/reader.js';
import { LogWriter } from '../../src/log/writer.js';
import type { LogDifference } from '../../src/replay/log-difference.js';
import { measureLog, partings } from '../../src/replay/log-walk.js';
import { Partings } from '../../src/replay/partings.js';
import { setupDifferences } from '../../src/replay/setup.js';

const header: Header = {
  version: { major: 1, minor: 0 },
  producer: 'test',
  machine: { behaviour: 1, memory: 4096, clock: 'host', commandLine: '', devices: [] },
  rngSeed: new Uint8Array(32),
  wallClock: 0n,
  digestDistance: 0,
  images: [],
  disks: [],
};
const time = (position: number, value = position): Entry => ({ type: 'time', position, time: value });
const tick = (position: number, value = position): Entry => ({ type: 'tick', position, time: value });
const typed = (position: number, ...data: number[]): Entry => ({
  type: 'console',
  position,
  device: 0,
  data: Uint8Array.from(data),
});
const END: Entry = { type: 'end', position: 1000, reason: 'until', status: 0 };

function logOf(entries: readonly Entry[], flushEvery = 3): Uint8Array {
  const bytes: number[] = [];
  const writer = new LogWriter({ write: (chunk) => void bytes.push(...chunk) }, header);
  entries.forEach((entry, n) => {
    if (entry.type === 'end') writer.end(entry);
    else writer.write(entry);
    if (n % flushEvery === 0) writer.flush();
  });
  writer.flush();
  return Uint8Array.from(bytes);
}

function readerOf(log: Uint8Array): LogReader {
  let next: Uint8Array | null = log;
  return new LogReader({
    read: async () => {
      const chunk = next;
      next = null;
      return chunk;
    },
  });
}

async function differing(a: readonly Entry[], b: readonly Entry[], everyB = 5): Promise<number[]> {
  const positions: number[] = [];
  for await (const { position } of partings(readerOf(logOf(a)), readerOf(logOf(b, everyB)))) positions.push(position);
  return positions;
}

describe('logs', () => {
  const common = [time(1), time(2), tick(3), typed(3, 1, 2), time(5), time(6), time(7), time(8), tick(20), time(30)];

  it('that are the same do not differ, however they are cut into stretches and batches', async () => {
    expect(await differing([...common, END], [...common, END])).toEqual([]);
    expect(await differing(common, common, 1)).toEqual([]);
  });

  it('differ where one has an entry more, and nowhere else', async () => {
    for (let n = 0; n < common.length; n++) {
      const less = common.toSpliced(n, 1);
      expect(await differing(common, less)).toEqual([common[n].position]);
      expect(await differing(less, common)).toEqual([common[n].position]);
    }
  });

  it('differ where contents do', async () => {
    expect(await differing(common, common.with(6, time(7, 99)))).toEqual([7]);
    expect(await differing(common, common.with(3, typed(3, 1, 3)))).toEqual([3]);
    expect(await differing(common, common.with(8, tick(21)))).toEqual([20, 21]);
  });

  it('may have other digests and ends', async () => {
    const digests: Entry[] = [{ type: 'digest', position: 4, digest: 1n }, ...common.slice(4)];
    expect(await differing([...common.slice(0, 4), ...digests, END], common)).toEqual([]);
  });

  it('are measured', async () => {
    expect(await measureLog(readerOf(logOf([...common, END])))).toEqual({ position: 1000, end: END });
    const log = logOf(common);
    const cut = await measureLog(readerOf(log.subarray(0, log.length - 3)));
    expect(cut.end).toBeUndefined();
    expect(cut.position).toBeLessThanOrEqual(30);
    expect(cut.torn?.offset).toBeLessThan(log.length);
  });
});

describe('headers', () => {
  it('differ by name, and the usual differences are told apart', () => {
    expect(setupDifferences(header, header)).toEqual([]);
    expect(setupDifferences(header, { ...header, producer: 'another', digestDistance: 5 })).toEqual([]);
    const other: Header = {
      ...header,
      machine: { ...header.machine, memory: 8192, clock: 'virtual', devices: [{ kind: 'rng', slot: 1 }] },
      rngSeed: new Uint8Array(32).fill(1),
      images: [{ role: 'kernel', name: 'x', size: 1, sha256: new Uint8Array(32).fill(0xab), embedded: false }],
    };
    const differences = setupDifferences(header, other);
    expect(differences.map(({ what, usual }) => [what, usual])).toEqual([
      ['kernel', false],
      ['memory', false],
      ['clock', false],
      ['devices', false],
      ['rng-seed', true],
    ]);
    expect(differences[0].values).toEqual(['none', `sha256 ${'ab'.repeat(32)}`]);
  });
});

describe('what differs between two logs', () => {
  /** What is said at each place, in order. */
  async function differences(a: readonly Entry[], b: readonly Entry[]): Promise<(LogDifference | undefined)[]> {
    const walk = new Partings(partings(readerOf(logOf(a)), readerOf(logOf(b, 5))));
    const found: (LogDifference | undefined)[] = [];
    for (await walk.next(); walk.position !== Infinity; await walk.next()) found.push(walk.difference());
    return found;
  }
  const log = [time(1), tick(3), typed(4, 1, 2), time(5, 70), time(6, 70), tick(20, 9), time(21), typed(30, 7), END];

  it('is one entry missing or added', async () => {
    for (const [n, entry] of log.entries()) {
      if (entry.type === 'end') continue;
      const less = log.toSpliced(n, 1);
      const later = log.slice(n + 1).find(({ type, position }) => type === entry.type && position > entry.position);
      expect(await differences(log, less)).toEqual([{ kind: 'missing', entries: [entry, undefined], later }]);
      expect(await differences(less, log)).toEqual([{ kind: 'added', entries: [undefined, entry], later }]);
    }
  });

  it('is one entry twice', async () => {
    for (const [n, entry] of log.entries()) {
      if (entry.type === 'end') continue;
      const twice = log.toSpliced(n, 0, entry);
      expect(await differences(log, twice)).toMatchObject([{ kind: 'doubled', entries: [undefined, entry] }]);
      expect(await differences(twice, log)).toMatchObject([{ kind: 'doubled', entries: [entry, undefined] }]);
    }
  });

  it('is one entry with another content', async () => {
    const changed = { kind: 'changed', later: undefined };
    const other = log.with(2, typed(4, 1, 3)).with(5, tick(20, 10));
    expect(await differences(log, other)).toEqual([
      { ...changed, entries: [log[2], other[2]] },
      { ...changed, entries: [log[5], other[5]] },
    ]);
    expect(await differences([tick(1), END], [typed(1, 1), END])).toMatchObject([{ kind: 'replaced' }]);
  });

  it('is one entry at another position, said the same at both', async () => {
    for (const position of [19, 22]) {
      const entry = { ...log[5], position };
      const other = [...log.toSpliced(5, 1), entry].sort((a, b) => a.position - b.position);
      const moved = { kind: 'moved', entries: [log[5], entry], later: undefined };
      expect(await differences(log, other)).toEqual([moved, moved]);
    }
  });

  it('is found among many others that follow', async () => {
    const many = Array.from({ length: 200 }, (_, n) => time(10 * n, n * n));
    expect(await differences(many, many.toSpliced(50, 1))).toMatchObject([
      { kind: 'missing', entries: [many[50], undefined] },
    ]);
    const moved = many.with(100, time(1001, 10_000));
    expect(await differences(many, moved)).toMatchObject([{ kind: 'moved' }, { kind: 'moved' }]);
  });
});
