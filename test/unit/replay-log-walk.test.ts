/**
 * Logs against each other without executing them, headers against each other, and which entry explains a difference.
 */
import type { Entry } from '../../src/log/entry.js';
import type { Header } from '../../src/log/header.js';
import { LogReader } from '../../src/log/reader.js';
import { LogWriter } from '../../src/log/writer.js';
import { findCause } from '../../src/replay/explanation.js';
import { differingPositions, measureLog } from '../../src/replay/log-walk.js';
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
  for await (const position of differingPositions(readerOf(logOf(a)), readerOf(logOf(b, everyB))))
    positions.push(position);
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

describe('the cause of a difference', () => {
  const cause = (a: Entry[], b: Entry[], laterA: Entry[] = [], laterB: Entry[] = []): ReturnType<typeof findCause> =>
    findCause(
      10,
      [
        { before: a, after: laterA },
        { before: b, after: laterB },
      ],
      [undefined, undefined],
    );

  it('is none where both have the same', () => {
    expect(cause([time(9), tick(10)], [time(8), tick(10)])).toBeUndefined();
  });

  it('is what one has and the other has not, or has later', () => {
    expect(cause([tick(10)], [])).toEqual({ entries: [tick(10), undefined], later: undefined });
    expect(cause([], [tick(10)], [time(11), tick(15), tick(16)])).toEqual({
      entries: [undefined, tick(10)],
      later: tick(15),
    });
    expect(cause([typed(10, 1), tick(10)], [tick(10)])).toMatchObject({ entries: [typed(10, 1), undefined] });
    expect(cause([tick(10)], [typed(10, 1), tick(10)])).toMatchObject({ entries: [undefined, typed(10, 1)] });
    expect(cause([tick(10), tick(10)], [tick(10)])).toMatchObject({ entries: [tick(10), undefined] });
  });

  it('is what both have otherwise', () => {
    expect(cause([time(10, 1)], [time(10, 2)])).toEqual({ entries: [time(10, 1), time(10, 2)], later: undefined });
  });
});
