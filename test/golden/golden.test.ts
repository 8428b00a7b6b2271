/**
 * Logs that were recorded once and are kept: each replays to what its recorder saw, or, where the machine has changed
 * its behaviour since, is refused in one sentence. So are logs of a later format and of another machine.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configurationOf } from '../../src/commands/logs/log-header.js';
import { recordedGuest } from '../../src/commands/logs/recorded-guest.js';
import { openLog } from '../../src/commands/logs/log-source.js';
import { buildMachine } from '../../src/commands/guests/machine.js';
import { replayLog } from '../../src/commands/verbs/replay-log.js';
import { singly } from '../../src/log/entry.js';
import { MACHINE_VERSION } from '../../src/machine/configuration.js';
import { StateDigest } from '../../src/replay/digest.js';
import { DirtyPages } from '../../src/replay/dirty-pages.js';
import { LogFeed } from '../../src/replay/feed.js';
import { loadHash } from '../../src/replay/hash.js';
import { Logged } from '../../src/replay/logged.js';
import { Replayer } from '../../src/replay/replayer.js';
import { changeHeader } from '../support/change-header.js';

const golden = fileURLToPath(new URL('../../fixtures/golden/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'vmft-golden-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Expected {
  readonly ended: string;
  /** Absent where the recording was cut. */
  readonly status?: number;
  readonly position: number;
  readonly stdout: string;
  readonly digests: number;
  readonly outputs: number;
  readonly lastDigest: { readonly position: number; readonly digest: string };
  readonly entries: Readonly<Record<string, number>>;
}
interface Version {
  readonly format: string;
  readonly behaviour: number;
  readonly logs: Readonly<Record<string, Expected>>;
}

const versions = readdirSync(golden, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({
    name,
    ...(JSON.parse(readFileSync(join(golden, name, 'expected.json'), 'utf8')) as Version),
  }));
const logs = versions.flatMap(({ name: version, behaviour, logs }) =>
  Object.entries(logs).map(([name, expected]) => ({
    name: `${version}/${name}`,
    path: join(golden, version, `${name}.pb`),
    behaviour,
    expected,
  })),
);
const ours = logs.filter(({ behaviour }) => behaviour === MACHINE_VERSION);
const others = logs.filter(({ behaviour }) => behaviour !== MACHINE_VERSION);

/** What a replay of the log at `path` makes of it, in the terms of expected.json; its entries are counted elsewhere. */
async function replayed(path: string, { lastDigest, entries }: Expected): Promise<Expected> {
  const { source, reader, header } = await openLog(path);
  const hash = await loadHash();
  const [console, decoder] = [[] as string[], new TextDecoder()];
  let outputs = 0;
  const logged = new Logged(hash, (_position, output) => {
    outputs++;
    if (output.type === 'console') console.push(decoder.decode(output.data, { stream: true }));
  });
  const machine = buildMachine(recordedGuest(path, header, []), configurationOf(path, header), logged);
  const digest = new StateDigest(machine, new DirtyPages(machine).consumer(), hash);
  const replayer = new Replayer(machine, new LogFeed(logged, reader), digest);
  // Up to the last digest, where the state is looked at by a digest of our own.
  const early = await replayer.runTo(lastDigest.position);
  const state = { position: machine.position, digest: digest.take().toString(16).padStart(16, '0') };
  const result = early ?? (await replayer.run());
  await source.close();
  return {
    ended: result.ended === 'torn' ? 'torn' : (result.end?.reason ?? ''),
    ...(result.ended === 'whole' ? { status: result.status } : {}),
    position: result.position,
    stdout: console.join(''),
    digests: result.digests,
    outputs,
    lastDigest: state,
    entries,
  };
}

/** How many entries of each type the log holds. */
async function counted(path: string): Promise<Record<string, number>> {
  const { source, reader } = await openLog(path, false, { images: 'skip' });
  const counts: Record<string, number> = {};
  for (let stretch = await reader.next(); stretch !== null; stretch = await reader.next()) {
    for (const entries of stretch.entries)
      for (const { type } of singly(entries)) counts[type] = (counts[type] ?? 0) + 1;
  }
  await source.close();
  return counts;
}

it('there are logs of this machine, of every kind, and they are small', () => {
  expect(ours.map(({ name }) => name.replace(/.*\//, ''))).toEqual(
    expect.arrayContaining([
      ...['clock', 'dice', 'disk', 'echo', 'hello', 'interrupted', 'paging', 'shell', 'supervisor', 'torn', 'vconsole'],
      'virtual',
    ]),
  );
  const bytes = logs.reduce((sum, { path }) => sum + readFileSync(path).length, 0);
  expect(bytes / versions.length).toBeLessThan(500_000);
});

it.each(ours)('$name replays as it was recorded', async ({ path, expected }) => {
  expect(await replayed(path, expected)).toEqual(expected);
  expect(await counted(path)).toEqual(expected.entries);
});

/** Replays as the command does, and answers why it refuses to. */
async function refusal(path: string): Promise<{ status: number; message: string }> {
  const flags = {
    until: undefined,
    guest: undefined,
    disk: undefined,
    follow: false,
    'pcap-out': undefined,
    engine: undefined,
    stats: false,
    json: false,
    quiet: true,
  };
  return replayLog(path, flags).then(
    () => {
      throw new Error(`${path} was not refused`);
    },
    ({ status, message }: { status: number; message: string }) => ({ status, message }),
  );
}

if (others.length > 0) {
  it.each(others)(
    '$name, of another machine, is refused and can be inspected',
    async ({ path, behaviour, expected }) => {
      expect((await refusal(path)).message).toContain(`was recorded on version ${behaviour} of the machine`);
      expect(await counted(path)).toEqual(expected.entries);
    },
  );
}

describe('a log of another version', () => {
  const [{ path: original, expected }] = ours;

  function changed(name: string, change: Parameters<typeof changeHeader>[1]): string {
    const path = join(folder, name);
    writeFileSync(path, changeHeader(readFileSync(original), change));
    return path;
  }

  it('of the format, a later one, is refused', async () => {
    const later = changed('later.pb', (header) => (header.major = 2));
    expect(await refusal(later)).toEqual({
      status: 65,
      message: expect.stringMatching(/^\S+later\.pb has format version 2, this vmft reads version 1\b.*\.$/),
    });
  });

  it.each<[string, Parameters<typeof changeHeader>[1]]>([
    ['0 bytes of memory', ({ machine }) => machine && (machine.memory = 0)],
    ['1048577 bytes of memory', ({ machine }) => machine && (machine.memory = 2 ** 20 + 1)],
    ['9007199254740991 bytes of memory', ({ machine }) => machine && (machine.memory = Number.MAX_SAFE_INTEGER)],
    ['a device in slot 8', ({ machine }) => machine?.devices?.push({ kind: 'rng', slot: 8 })],
    ['two in slot 3', ({ machine }) => machine?.devices?.push({ kind: 'rng', slot: 3 }, { kind: 'rng', slot: 3 })],
  ])('or of a machine that there cannot be, with %s, is refused', async (what, change) => {
    const { status, message } = await refusal(changed('impossible.pb', change));
    expect(status).toBe(65);
    expect(message).toContain(`impossible.pb was recorded on a machine with ${what}, which there cannot be`);
  });

  it('of the format, a later minor one, is replayed', async () => {
    const minor = changed('minor.pb', (header) => (header.minor = 7));
    const { header, source } = await openLog(minor);
    await source.close();
    expect(header.version).toEqual({ major: 1, minor: 7 });
    expect(await replayed(minor, expected)).toEqual(expected);
  });

  it('of the machine, is refused, whether later or earlier', async () => {
    for (const behaviour of [MACHINE_VERSION + 1, MACHINE_VERSION + 1000, 0]) {
      const path = changed(`machine-${behaviour}.pb`, ({ machine }) => {
        if (machine) machine.behaviour = behaviour;
      });
      expect(await refusal(path)).toEqual({
        status: 65,
        message: `${path} was recorded on version ${behaviour} of the machine and this vmft has version ${MACHINE_VERSION}: replay it with the vmft that wrote it (vmft 0.1.0).`,
      });
    }
  });

  it('of the machine, with a device that is not known, is refused', async () => {
    const path = changed('device.pb', ({ machine }) => machine?.devices?.push({ kind: 'telepathy', slot: 3 }));
    expect((await refusal(path)).message).toContain(
      'needs a device "telepathy" in slot 3, which this vmft does not have',
    );
  });

  it('that is none at all but for its header is as good as before', async () => {
    const same = changed('same.pb', () => undefined);
    expect(readFileSync(same).equals(readFileSync(original))).toBe(true);
  });
});
