/**
 * Every fixture guest, recorded with a made-up world and replayed: all digests, outputs and the status are equal, however
 * the log's bytes come, wherever it is cut, and whatever slices the recording was made in.
 */
import type { Entry } from '../../src/log/entry.js';
import type { ByteSource } from '../../src/log/stream.js';
import { LogReader } from '../../src/log/reader.js';
import { FRAMES, GUESTS, TYPED, prebuiltGuests } from './guests.js';
import { configurationOf, consoleText, Dice, MemorySource, record, replay } from './replay-rig.js';
import type { MadeRecording } from './replay-rig.js';
import { entriesOf, withEntries } from './replay-faults.js';

async function expectFaithful(made: MadeRecording, source?: ByteSource): Promise<void> {
  const { result, outputs } = await replay(made, {}, source);
  expect(result).toMatchObject({ ended: 'whole', position: made.run.position, status: made.run.status });
  expect(result.lastDigest).toBe(made.run.position);
  expect(outputs).toEqual(made.outputs);
}

/** The digests in a log, by position. */
async function digestsOf({ log }: MadeRecording): Promise<Map<number, bigint>> {
  const reader = new LogReader(new MemorySource(log));
  const digests = new Map<number, bigint>();
  for (let stretch = await reader.next(); stretch !== null; stretch = await reader.next()) {
    for (const entry of stretch.entries) if (entry.type === 'digest') digests.set(entry.position, entry.digest);
  }
  return digests;
}

it('no prebuilt guest is missing', () => {
  expect(GUESTS.map(([name]) => name).sort()).toEqual(prebuiltGuests().sort());
});

describe('a replay equals its recording', () => {
  it.each(GUESTS)('%s, host clock', async (name, options) => {
    for (const seed of [1, 2]) {
      const made = await record(name, { ...options, seed });
      expect(made.run.whole).toBe(true);
      expect(made.run.reason).toBe(options.until === undefined ? 'power-off' : 'until');
      await expectFaithful(made);
    }
  });

  it.each(GUESTS)('%s, virtual clock', async (name, options) => {
    const made = await record(name, { ...options, configuration: { ...options.configuration, clock: 'virtual' } });
    await expectFaithful(made);
  });

  it('says what the guest said', async () => {
    const { outputs } = await record('hello');
    expect(consoleText(outputs)).toBe('hello from a guest in machine mode\n');
    const echo = await record('echo', { frames: FRAMES });
    expect(consoleText(echo.outputs)).toContain('arp 2 icmp 0 udp 3');
    expect(echo.outputs.filter(({ output }) => output.type === 'packet')).toHaveLength(5);
  });
});

describe('what the guest cannot see', () => {
  it.each(['clock-small', 'paging', 'sort-small'])('slices: %s under the virtual clock', async (name) => {
    const of = (slice: number): Promise<MadeRecording> =>
      record(name, { seed: slice, slice, configuration: { clock: 'virtual' }, digestDistance: 10_000 });
    const [a, b, c] = [await of(77), await of(3333), await of(1_000_000)];
    expect((await digestsOf(a)).size).toBeGreaterThan(10);
    expect(await digestsOf(b)).toEqual(await digestsOf(a));
    expect(await digestsOf(c)).toEqual(await digestsOf(a));
  });

  it('two recordings with one seed are the same bytes', async () => {
    for (const name of ['dice', 'clock-small', 'paging']) {
      const options = { configuration: { clock: 'virtual' }, seed: 5 } as const;
      expect((await record(name, options)).log).toEqual((await record(name, options)).log);
    }
  });

  it('an hour of idle time adds next to nothing', async () => {
    const made = await record('idle-hour', { digestDistance: 2 ** 26 });
    expect(made.log.length).toBeLessThan(20_000);
    await expectFaithful(made);
  });
});

describe('a log that comes in other ways', () => {
  it('byte by byte, and in random pieces', async () => {
    const made = await record('dice', { digestDistance: 500 });
    await expectFaithful(made, new MemorySource(made.log, 0, 1));
    await expectFaithful(made, new MemorySource(made.log, 0, 77));
  });

  it.each(['echo', 'clock-small', 'shell'])('while it is being written: %s', async (name) => {
    const made = await record(name, { frames: FRAMES, typed: TYPED, digestDistance: 1000 });
    const dice = new Dice(3);
    let offset = 0;
    await expectFaithful(made, {
      // Whatever is not there yet is waited for; now and then nothing is.
      read: async (wait = true) => {
        if (!wait && dice.roll(2) === 0) return null;
        for (let turns = dice.roll(3); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
        if (offset >= made.log.length) return null;
        const chunk = made.log.subarray(offset, offset + 1 + dice.roll(200));
        offset += chunk.length;
        return chunk;
      },
    });
  });

  it.each(['echo', 'clock-small', 'dice'])('cut anywhere: %s', async (name) => {
    const made = await record(name, { frames: FRAMES, digestDistance: 5000 });
    const dice = new Dice(9);
    const header = await headerBytes(made.log);
    for (let n = 0; n < 25; n++) {
      const size = header + dice.roll(made.log.length - header);
      const { result, outputs } = await replay({ ...made, log: made.log.subarray(0, size) });
      expect(result.ended).toBe('torn');
      expect(result.torn?.offset).toBeLessThanOrEqual(size);
      expect(outputs).toEqual(made.outputs.slice(0, outputs.length));
    }
  });

  it('stops where it is told to, and goes on from there', async () => {
    const made = await record('clock-small');
    const { result, machine } = await replay(made, { until: 12_345 });
    expect(result).toMatchObject({ ended: 'until', position: 12_345 });
    expect(machine.position).toBe(12_345);
  });

  it('refuses to take another guest for the recorded one', async () => {
    const made = await record('dice');
    const other = configurationOf({ rngSeed: new Uint8Array(32).fill(8) });
    await expect(replay({ ...made, configuration: other })).rejects.toThrow(/at position 0 the state is not/);
  });
});

describe('a log that has what never happens', () => {
  const power: Entry = { type: 'output', position: 0, kind: 'power', device: 0, length: 4, hash: 1n };

  it.each([0, 5000, 20_000])('a power-off at %i is a divergence, and not waited for', async (position) => {
    const made = await record('dice', { digestDistance: 5000 });
    const entries = (await entriesOf(made)).filter((entry) => entry.position <= position && entry.type !== 'end');
    const odd = await withEntries(made, [...entries, { ...power, position }]);
    await expect(replay(odd)).rejects.toThrow(/went past what was recorded, and the log has a power-off there next/);
  });

  it('an answer that nobody asks for is one, too, where all the rest was known before', async () => {
    const made = await record('storm', { until: 20_000, digestDistance: 15_000 });
    const entries = await entriesOf(made);
    const time: Entry = { type: 'time', position: 15_001, time: 0 };
    for (const end of [entries.length, entries.length - 1, 0]) {
      const odd = await withEntries(made, [time, ...entries.slice(0, end)]);
      await expect(replay(odd)).rejects.toThrow(/went past what was recorded, and the log has a time read/);
    }
  });

  it('nor is one where the guest sleeps', async () => {
    const made = await record('idle-second', {});
    const entries = await entriesOf(made);
    const asleep = entries.findIndex(({ type }) => type === 'tick');
    const position = entries[asleep]?.position ?? 0;
    const odd = await withEntries(made, [...entries.slice(0, asleep), { ...power, position }]);
    await expect(replay(odd)).rejects.toThrow(/went past what was recorded, and the log has a power-off there next/);
  });
});

async function headerBytes(log: Uint8Array): Promise<number> {
  const reader = new LogReader(new MemorySource(log));
  await reader.header();
  return reader.mark.offset;
}
