/**
 * diff is exact: one bit flipped anywhere in one side's state, or one input changed, is found at the very position, named
 * and explained.
 */
import { DRAM_BASE } from '../../src/hart/layout.js';
import { xNames } from '../../src/isa/registers.js';
import type { Entry } from '../../src/log/entry.js';
import { checkLog } from '../../src/replay/check.js';
import { findDivergence } from '../../src/replay/diff.js';
import type { DiffOptions, DiffReport } from '../../src/replay/diff-report.js';
import type { Hash } from '../../src/replay/hash.js';
import { loadHash } from '../../src/replay/hash.js';
import { diffJson } from '../../src/replay/report-json.js';
import { checkText } from '../../src/replay/report-check.js';
import { diffText } from '../../src/replay/report.js';
import {
  entriesOf,
  flippableFields,
  flippedByte,
  flippedField,
  flippedRegister,
  withEntries,
} from './replay-faults.js';
import { Dice, record, replay, sideOf } from './replay-rig.js';
import type { Fault, MadeRecording, RecordingOptions } from './replay-rig.js';

const GUESTS: readonly (readonly [string, RecordingOptions])[] = [
  ['hello', {}],
  ['clock-small', { until: 800 }],
  ['dice', { until: 1250 }],
  ['paging', { until: 1000 }],
  ['shell', { until: 1000, typed: ['help\n', 'echo a b\n'] }],
];

let hash: Hash;
const recordings: MadeRecording[] = [];

beforeAll(async () => {
  hash = await loadHash();
  for (const [name, options] of GUESTS)
    recordings.push(await record(name, { seed: 4, digestDistance: 250, ...options }));
});

async function diffWithFault(
  made: MadeRecording,
  fault: Fault,
  onLeft = false,
  options: DiffOptions = {},
): Promise<DiffReport> {
  const [left, right] = onLeft ? [fault, undefined] : [undefined, fault];
  return findDivergence(await sideOf(made, 'a', left), await sideOf(made, 'b', right), hash, options);
}

async function diffLogs(a: MadeRecording, b: MadeRecording, options: DiffOptions = {}): Promise<DiffReport> {
  return findDivergence(await sideOf(a, 'a'), await sideOf(b, 'b'), hash, options);
}

describe('a flipped bit', () => {
  it('of a register is found at its position, each time', async () => {
    const dice = new Dice(11);
    for (let n = 0; n < 100; n++) {
      const made = recordings[n % recordings.length];
      const position = dice.roll(made.run.position);
      const index = 1 + dice.roll(31);
      const { outcome, found } = await diffWithFault(
        made,
        flippedRegister(position, index, dice.roll(64)),
        n % 2 === 0,
      );
      expect([outcome, found?.position]).toEqual(['diverged', position]);
      expect(found?.differences?.fields.map(({ name }) => name)).toEqual([xNames[index]]);
      expect(found?.cause).toBeUndefined();
    }
  });

  it('of a CSR or a device is found at its position, each time', async () => {
    const dice = new Dice(12);
    for (let n = 0; n < 25; n++) {
      const made = recordings[n % recordings.length];
      const fields = flippableFields((await replay(made, { until: 0 })).machine);
      const position = dice.roll(made.run.position);
      const field = fields[dice.roll(fields.length)];
      const fault = flippedField(position, field, dice.roll(64));
      // A bit that the part holds to be constant does not stay flipped.
      const { machine } = await replay(made, { until: position });
      const before = JSON.stringify(stateOf(machine));
      fault.strike(machine);
      if (JSON.stringify(stateOf(machine)) === before) continue;
      const { outcome, found } = await diffWithFault(made, fault, n % 2 === 0);
      expect([field, outcome, found?.position]).toEqual([field, 'diverged', position]);
      expect(found?.differences?.fields.length).toBeGreaterThan(0);
    }
  });

  it('of memory is found at its position, each time', async () => {
    const dice = new Dice(13);
    for (let n = 0; n < 25; n++) {
      const made = recordings[n % recordings.length];
      const position = dice.roll(made.run.position);
      const address = dice.roll(n % 3 === 0 ? made.configuration.memoryBytes : 0x6000);
      const { outcome, found } = await diffWithFault(made, flippedByte(position, address, dice.roll(8)), n % 2 === 0);
      expect([address, outcome, found?.position]).toEqual([address, 'diverged', position]);
      expect(found?.differences).toMatchObject({ memoryBytes: 1, memoryPieces: 1 });
      expect(found?.differences?.memory[0].address).toBe(DRAM_BASE + address);
    }
  });

  it('is found in long runs where it lasts', async () => {
    const made = await record('sort-small', { digestDistance: 2 ** 18 });
    for (const position of [1, 65_537, 1_234_567, 3_000_001]) {
      // The stack pointer's high bits and gp: nothing overwrites them.
      const { found } = await diffWithFault(made, flippedRegister(position, 4, 13), false, { every: 2 ** 18 });
      expect(found?.position).toBe(position);
    }
  });
});

describe('changed inputs', () => {
  const isInput = ({ type }: Entry): boolean => ['tick', 'time', 'entropy', 'console', 'packet'].includes(type);

  it('dropped, doubled, moved or with another content: the first is found, and named', async () => {
    const dice = new Dice(14);
    const mades = [
      await record('clock-small', { seed: 5, until: 3000 }),
      await record('dice', { seed: 5, until: 3000 }),
      await record('shell', { seed: 5, typed: ['help\n', 'echo a b\n', 'exit\n'] }),
    ];
    for (let n = 0; n < 32; n++) {
      const made = mades[n % mades.length];
      const entries = await entriesOf(made);
      const inputs = entries.filter(isInput);
      const entry = inputs[dice.roll(inputs.length)];
      const at = entries.indexOf(entry);
      const change = (['drop', 'double', 'move', 'content'] as const)[n % 4];
      const changed = [...entries];
      if (change === 'drop') changed.splice(at, 1);
      if (change === 'double') changed.splice(at, 0, entry);
      if (change === 'move') changed[at] = { ...entry, position: entry.position + 1 };
      if (change === 'content') changed[at] = otherContent(entry);
      if (change === 'move' && (entries[at + 1]?.position ?? 0) <= entry.position) continue;
      const { outcome, found, harmless } = await diffLogs(made, await withEntries(made, changed));
      if (outcome !== 'diverged') {
        // A time that the guest does not look at, a tick before anything is due: there is no difference to find.
        expect(harmless.count).toBe(1);
        expect(harmless.first[0].entries).toContainEqual(entry);
        expect(diffText(await diffLogs(made, await withEntries(made, changed)))).toMatch(
          /which makes no difference to\sthe guest/,
        );
        continue;
      }
      // What the guest makes of it may show later, but never earlier.
      expect(found?.position).toBeGreaterThanOrEqual(entry.position);
      expect(found?.cause?.entries).toContainEqual(entry);
      const kind = { drop: 'missing', double: 'doubled', move: 'moved', content: 'changed' }[change];
      expect(found?.cause?.kind).toBe(kind);
      if (change === 'drop' && entry.type !== 'tick') expect(found?.position).toBe(entry.position);
    }
  });

  function otherContent(entry: Entry): Entry {
    if (entry.type === 'time' || entry.type === 'tick') return { ...entry, time: entry.time + 1 };
    if (!('data' in entry)) return entry;
    const data = entry.data.slice();
    data[0] ^= 1;
    return { ...entry, data };
  }

  it('the tick behind the lost update', async () => {
    const good = await record('race-once', { seed: 1, digestDistance: 2 ** 20 });
    const bad = await record('race-once', { seed: 2, digestDistance: 2 ** 20 });
    const report = await diffLogs(good, bad);
    const ticks = await Promise.all(
      [good, bad].map(async (made) => (await entriesOf(made)).filter(({ type }) => type === 'tick')),
    );
    const [first, second] = [ticks[0][0], ticks[1][0]].sort((a, b) => a.position - b.position);
    expect(report.found?.position).toBe(first.position);
    expect(report.found?.cause).toEqual({
      kind: ticks[0][0] === first ? 'missing' : 'added',
      entries: ticks[0][0] === first ? [first, undefined] : [undefined, first],
      later: second,
    });
    const text = diffText(report);
    expect(text.replaceAll('\n', ' ')).toMatch(
      /^The runs differ from position [\d ]+ on: \w has a tick at guest time [\d.]+ s there, and \w has its next [\d ]+ instructions later\. /,
    );
    expect(text).toContain('<trap_entry>');
    expect(text.split('\n').length).toBeLessThan(40);
  });
});

describe('what cannot be', () => {
  it('a power-off that one log has and no guest makes ends the search', async () => {
    const made = await record('dice', { digestDistance: 5000 });
    const entries = await entriesOf(made);
    const behind = entries.findIndex(({ position }) => position > 5000);
    const power: Entry = { type: 'output', position: 5000, kind: 'power', device: 0, length: 4, hash: 1n };
    const { outcome, found } = await diffLogs(made, await withEntries(made, entries.toSpliced(behind, 0, power)));
    expect([outcome, found?.position]).toEqual(['diverged', 5000]);
    expect(found?.thrown[1]?.message).toMatch(/the log has a power-off there next/);
  });

  it('a privilege mode that there is none of is shown by its number', async () => {
    const report = await diffWithFault(recordings[0], {
      position: 100,
      strike: ({ hart }) => (hart.privilege = 2 as 3),
    });
    expect(report.found?.position).toBe(100);
    expect(diffText(report)).toMatch(/b goes on at +0x[0-9a-f]+ +2 /);
    expect(JSON.stringify(diffJson(report))).toContain('"privilege":"2"');
  });
});

describe('what else logs differ in', () => {
  it('nothing', async () => {
    for (const made of recordings) {
      const report = await diffLogs(made, made);
      expect(report).toMatchObject({ outcome: 'same', equalTo: made.run.position, harmless: { count: 0 } });
      expect(diffText(report)).toMatch(/^The runs are the same/);
    }
  });

  it('the distance of their digests', async () => {
    const [a, b] = [await record('dice', { digestDistance: 300 }), await record('dice', { digestDistance: 77 })];
    expect(await diffLogs(a, b)).toMatchObject({ outcome: 'same', equalTo: a.run.position });
  });

  it('their length', async () => {
    const whole = await record('dice', { seed: 3 });
    const part = await record('dice', { seed: 3, until: 4321 });
    const report = await diffLogs(whole, part);
    expect(report).toMatchObject({ outcome: 'shorter', equalTo: 4320 });
    expect(diffText(report)).toMatch(/b ends at position 4 321 \(until\)/);
    const cut = { ...whole, log: whole.log.subarray(0, whole.log.length - 60) };
    const torn = await diffLogs(cut, whole);
    expect(torn.outcome).toBe('shorter');
    expect(diffText(torn)).toMatch(/a was cut at byte \d+/);
  });

  it('the entropy of the boot and the date are left out', async () => {
    const a = await record('hello');
    const b = await record('hello', {
      configuration: { rngSeed: new Uint8Array(32).fill(9), wallClockBase: 1_800_000_000_000_000_000n },
    });
    const report = await diffLogs(a, b);
    expect(report.outcome).toBe('same');
    expect(diffText(report)).toMatch(/Left out of the comparison: the guest's rng-seed and wall clock/);
  });

  it('the machine is said first, and compared on request', async () => {
    const a = await record('hello');
    const b = await record('hello', { configuration: { commandLine: 'quiet' } });
    const refused = await diffLogs(a, b);
    expect(refused.outcome).toBe('setup');
    expect(diffText(refused)).toMatch(/^The logs differ in command line: a has "", b has "quiet"/);
    expect(diffText(refused)).toContain('they are compared all the same with --force');
    expect((await diffLogs(a, b, { force: true })).outcome).toBe('same');
  });

  it('more memory: the registers that differ from the start on are left out', async () => {
    const a = await record('hello');
    const b = await record('hello', { configuration: { memoryBytes: 8 * 2 ** 20 } });
    const report = await diffLogs(a, b, { force: true });
    // a1 holds the device tree's address, which is another: left out until the guest stores it.
    expect(report.found?.differences).toMatchObject({ fields: [], memoryPieces: 1 });
    expect(report.found?.last?.instruction).toMatch(/sdsp a1/);
    expect(diffText(report).replaceAll('\n', ' ')).toContain('What was left out of the comparison may be the reason.');
    expect(diffText(report)).toMatch(/^The logs differ in memory: /);
  });

  it('a report is a JSON value', async () => {
    const report = await diffWithFault(recordings[0], flippedRegister(100, 10, 3));
    const json = JSON.parse(JSON.stringify(diffJson(report)));
    expect(json.outcome).toBe('diverged');
    expect(json.divergence.position).toBe(100);
    expect(json.divergence.fields[0]).toMatchObject({ kind: 'register', name: 'a0' });
  });
});

describe('a difference that does not last', () => {
  it('is found where all positions are compared', async () => {
    const made = await record('sort-small', { digestDistance: 0, until: 5000 });
    // A temporary of the loop, and a byte of the stack: both are written over soon.
    for (const fault of [flippedRegister(3001, 15, 7), flippedRegister(3777, 14, 0)]) {
      expect(await diffWithFault(made, fault)).toMatchObject({ every: 1, found: { position: fault.position } });
    }
    expect(await diffWithFault(made, flippedRegister(3001, 15, 7), true, { every: 4 })).toMatchObject({ every: 4 });
  });

  it('is no reason to say less: what was compared is told', async () => {
    const report = await diffLogs(recordings[0], recordings[0], { every: 64 });
    expect(report).toMatchObject({ outcome: 'same', every: 64 });
    expect(diffText(report)).toMatch(/every 64\sinstructions besides; --every 1\scompares/);
    expect(diffText(await diffLogs(recordings[0], recordings[0]))).not.toContain('--every');
    expect(diffJson(report)).toMatchObject({ every: 64, divergence: null });
  });
});

describe('what is said', () => {
  let made: MadeRecording;
  let entries: Entry[];
  beforeAll(async () => {
    made = await record('shell', { seed: 5, typed: ['help\n', 'echo a b\n', 'exit\n'] });
    entries = await entriesOf(made);
  });
  const changed = async (at: number, ...by: Entry[]): Promise<DiffReport> =>
    diffLogs(made, await withEntries(made, entries.toSpliced(at, 1, ...by)));
  const words = (report: DiffReport): string => diffText(report).replaceAll('\n', ' ');
  const typed = (): number => entries.findIndex((entry) => entry.type === 'console' && entry.data.length === 9);
  const sent = (): number => entries.findIndex((entry) => entry.type === 'output' && entry.kind === 'console');

  it('of a changed input: the text of both, and the output that it leads to', async () => {
    const entry = entries[typed()];
    const report = await changed(typed(), { ...entry, data: new TextEncoder().encode('echo a c\n') } as Entry);
    expect(words(report)).toContain(String.raw`: a has the console input "echo a b\n" there, b has "echo a c\n".`);
    expect(words(report)).toMatch(
      /The first output that differs after it: a sends ".*a b\\n" at position [\d ]+, b sends ".*a c\\n" at/,
    );
    const json = JSON.parse(JSON.stringify(diffJson(report)));
    expect(json.divergence.cause.kind).toBe('changed');
    expect(json.divergence.outputs.kind).toBe('console');
    expect(Buffer.from(json.divergence.outputs.sent[1].data, 'hex').toString()).toMatch(/a c\n$/);
  });

  it('of an input that comes later, or twice, or not at all', async () => {
    const entry = entries[typed()];
    const later = words(await changed(typed(), { ...entry, position: entry.position + 1 }));
    expect(later).toMatch(
      /: the 9 bytes of console input that a has at position [\d ]+ comes? 1 instruction later in b\. /,
    );
    expect(words(await changed(typed(), entry, entry))).toContain(
      'b has 9 bytes of console input twice there, and a has it once',
    );
    expect(words(await changed(typed()))).toMatch(
      /a has 9 bytes of console input there, and b has its next [\d ]+ instructions later/,
    );
  });

  it('of an output that the guest does not send', async () => {
    const entry = entries[sent()];
    if (entry.type !== 'output') throw new Error('no output');
    const report = await changed(sent(), { ...entry, hash: entry.hash ^ 1n });
    expect(report.found).toMatchObject({ position: entry.position, cause: { kind: 'changed' } });
    expect(words(report)).toMatch(/b cannot be rebuilt there: .* with other bytes than were recorded\. It sent "/);
  });

  it('fits a screen whatever differs, and --context widens it', async () => {
    const everything: Fault = {
      position: 900,
      strike: (machine) => {
        for (let n = 1; n < 32; n++) machine.hart.setX(n, ~machine.hart.getX(n) & ((1n << 64n) - 1n));
        for (let page = 0; page < 64; page++) machine.restoreRam(page * 3, new Uint8Array(4096).fill(page + 1));
      },
    };
    const report = await diffWithFault(made, everything);
    const lines = diffText(report).split('\n');
    expect(lines.length).toBeLessThan(50);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(lines.join('\n')).toMatch(/and \d+ more registers and fields\n.* in all \d+ bytes of memory in \d+ pieces/);
    const narrow = await diffWithFault(made, everything, false, { context: 0 });
    expect(narrow.found?.around[0]).toEqual({ before: [], after: [] });
    const wide = await diffWithFault(made, everything, false, { context: 2 });
    expect(wide.found?.around[0].after).toHaveLength(2);
  });
});

describe('one log', () => {
  it('that is as recorded', async () => {
    const report = await checkLog(await sideOf(recordings[2], 'a'), hash);
    expect(report.broken).toBeUndefined();
    expect(checkText(report)).toMatch(/^a replays as it was recorded, to position 1 250; 7 digests agree/);
  });

  it('whose primary was struck: the interval is named', async () => {
    const dice = new Dice(15);
    for (let n = 0; n < 20; n++) {
      const made = recordings[2];
      const position = 1 + dice.roll(made.run.position - 1);
      const fault = flippedByte(position, made.configuration.memoryBytes - 12345, 2);
      const report = await checkLog(await sideOf(made, 'a', fault), hash);
      const next = Math.min(made.run.position, Math.ceil(position / 250) * 250);
      expect(report.broken?.divergence.position).toBe(next);
      expect(report.broken?.agreed).toBe(next - 250 < position ? Math.floor((position - 1) / 250) * 250 : next);
      expect(checkText(report)).toMatch(/the state is not what was recorded/);
      expect(checkText(report).replaceAll('\n', ' ')).toMatch(
        /The last digest that agrees is at position [\d ]+: they parted behind it, by position [\d ]+; (no|one|\d+) entr(y|ies) lies? between\. To come closer, record with --digest-every N: this log has one every 250 instructions/,
      );
    }
  });
});

function stateOf(machine: Parameters<typeof flippableFields>[0]): unknown {
  const values: unknown[] = [];
  const keep = <T>(name: string, value: T): T => {
    values.push(name, typeof value === 'bigint' ? value.toString() : value);
    return value;
  };
  machine.state({ number: keep, u64: keep, bool: keep, bytes: keep, list: (name, value) => [...keep(name, value)] });
  return values;
}
