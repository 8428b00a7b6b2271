/**
 * `diff` against random faults: a bit of one side's state flipped at a random position, or an entry of one log moved,
 * changed, dropped or doubled. The report must name exactly the position, what differs there, and the entry behind it;
 * where an entry makes no difference to the guest, it must say that and name it all the same. What is right is found
 * by diff-oracle.ts.
 */
import { DRAM_BASE } from '../../src/hart/layout.js';
import type { Entry } from '../../src/log/entry.js';
import type { Machine } from '../../src/machine/machine.js';
import { findDivergence } from '../../src/replay/diff.js';
import type { DiffOptions, DiffReport } from '../../src/replay/diff-report.js';
import type { Hash } from '../../src/replay/hash.js';
import { loadHash } from '../../src/replay/hash.js';
import { sameEntry } from '../../src/replay/log-difference.js';
import { Side } from '../../src/replay/side.js';
import { positionText } from '../../src/replay/phrase.js';
import { diffJson } from '../../src/replay/report-json.js';
import { diffText } from '../../src/replay/report.js';
import { entriesOf, withEntries } from '../guest/replay-faults.js';
import type { Dice, MadeRecording, RecordingOptions } from '../guest/replay-rig.js';
import { record, sideOf } from '../guest/replay-rig.js';
import { datagram } from '../support/frames.js';
import {
  LOG_CHANGES,
  changeLog,
  fieldFlip,
  memoryFlip,
  registerFlip,
  type Flip,
  type LogChange,
} from './diff-faults.js';
import { firstDifference, plainFields } from './diff-oracle.js';
import { MachinePool } from './machine-pool.js';
import type { CaseResult, OpenScenario, Scenario } from './scenario.js';

/** Lines and columns of a screen. */
const LINES = 50;
const COLUMNS = 100;
/** Small, so that it can be compared as a whole after each instruction. */
const configuration = { memoryBytes: 768 * 1024 };

const text = (...words: string[]): Uint8Array[] => words.map((word) => datagram(7, new TextEncoder().encode(word)));
const QUIT = datagram(9, new TextEncoder().encode('quit'));
const SHORT: readonly (readonly [string, RecordingOptions])[] = [
  ['hello', {}],
  ['clock-small', { until: 4000, pace: 400 }],
  ['clock-small', { slice: 300, pace: 9000 }],
  ['dice', {}],
  ['shell', { typed: ['help\n', 'echo a b\n', 'exit\n'] }],
  ['shell', { typed: ['h', 'elp\n', 'ec', 'ho a\n', 'time\n', 'exit\n'], slice: 40 }],
  ['echo', { frames: [...text('one', 'and two', 'three'), QUIT], slice: 900 }],
  ['echo', { frames: [...text('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), QUIT], slice: 40 }],
  ['paging', { until: 40_000 }],
  ['paging', { until: 300_000, slice: 50_000 }],
  ['race-once', { until: 60_000, pace: 200_000, slice: 4000 }],
  ['sort-small', { until: 65_000 }],
  ['storm', { until: 30_000 }],
  ['nbody-small', { until: 20_000 }],
  ['idle-second', { until: 5000 }],
];
/** Longer than what is compared after every instruction by default. */
const LONG: readonly (readonly [string, RecordingOptions])[] = [
  ['sort-small', { until: 1_400_000 }],
  ['race-once', { until: 1_500_000, pace: 2000, slice: 20_000 }],
];

interface Subject {
  readonly name: string;
  readonly made: MadeRecording;
  readonly entries: readonly Entry[];
  readonly pool: MachinePool;
}

async function subject([name, options]: readonly [string, RecordingOptions], seed: number): Promise<Subject> {
  const made = await record(name, { seed, digestDistance: 0, configuration, ...options });
  return { name, made, entries: await entriesOf(made), pool: new MachinePool(made) };
}

class DiffCases implements OpenScenario {
  private exact = 0;
  private longest = 0;
  private lines = 0;

  constructor(
    private readonly hash: Hash,
    private readonly short: readonly Subject[],
    private readonly long: readonly Subject[],
  ) {}

  async run(index: number, dice: Dice): Promise<CaseResult> {
    if (index % 50 === 49) return this.inLongRun(index, dice);
    const of = this.short[dice.roll(this.short.length)];
    const kind = index % 10;
    if (kind >= 5) return this.changed(of, LOG_CHANGES[kind - 5], dice);
    return this.flipped(of, (['register', 'csr', 'memory', 'device', 'device'] as const)[kind], dice);
  }

  figures(): readonly string[] {
    return [
      `positions named exactly ${this.exact}, the latest ${positionText(this.longest)}`,
      `the longest report has ${this.lines} lines`,
    ];
  }

  private async machineAt({ made, pool }: Subject, position: number): Promise<Machine> {
    pool.release();
    const side = await Side.open(await sideOf(made, 'a', undefined, pool.build), this.hash);
    await side.runTo(position);
    return side.machine;
  }

  /** A bit of one side's state. */
  private async flipped(of: Subject, kind: 'register' | 'csr' | 'memory' | 'device', dice: Dice): Promise<CaseResult> {
    for (let tries = 0; tries < 50; tries++) {
      const position = dice.roll(of.made.run.position);
      const machine = await this.machineAt(of, position);
      if (machine.position !== position) continue;
      const flip =
        kind === 'register'
          ? registerFlip(dice)
          : kind === 'memory'
            ? memoryFlip(machine, dice)
            : fieldFlip(machine, kind === 'csr', dice);
      const expected = struckNames(machine, flip);
      // What a part holds to be constant does not stay flipped.
      if (expected === undefined) continue;
      return this.compareFlipped(of, flip, position, expected, dice.roll(2) === 0, `${kind} flipped`);
    }
    return { outcome: 'nothing to flip' };
  }

  private async compareFlipped(
    of: Subject,
    flip: Flip,
    position: number,
    expected: Struck,
    onLeft: boolean,
    outcome: string,
    options: DiffOptions = {},
  ): Promise<CaseResult> {
    const { made, pool } = of;
    pool.release();
    const fault = { position, strike: (machine: Machine) => flip.strike(machine) };
    const a = await sideOf(made, 'a', onLeft ? fault : undefined, pool.build);
    const b = await sideOf(made, 'b', onLeft ? undefined : fault, pool.build);
    const report = await findDivergence(a, b, this.hash, options);
    const wrong = this.wrongReport(report, position) ?? wrongNames(report, expected);
    if (wrong === undefined) return { outcome };
    return { outcome, failure: `${of.name}: ${flip.what} at position ${position} of ${onLeft ? 'a' : 'b'}: ${wrong}` };
  }

  /** An entry of one log. */
  private async changed(of: Subject, change: (typeof LOG_CHANGES)[number], dice: Dice): Promise<CaseResult> {
    const changed = changeLog(of.entries, change, dice);
    if (changed === undefined) return { outcome: `nothing to be ${change}` };
    return this.compareLogs(
      of,
      changed,
      dice.roll(2) === 0,
      change === 'content' ? `${typeOf(changed)} changed` : `entry ${change}`,
    );
  }

  private async compareLogs(of: Subject, changed: LogChange, onLeft: boolean, what: string): Promise<CaseResult> {
    const { made, entries, pool } = of;
    pool.release();
    const other = await withEntries(made, changed.log);
    const [a, b] = onLeft ? [other, made] : [made, other];
    const [left, right] = [await sideOf(a, 'a', undefined, pool.build), await sideOf(b, 'b', undefined, pool.build)];
    const report = await findDivergence(left, right, this.hash);
    const first = Math.min(...changed.entries.map((entry) => entry?.position ?? Infinity));
    const logs = onLeft ? ([changed.log, entries] as const) : ([entries, changed.log] as const);
    const position = firstDifference(pool, logs, this.hash, Math.max(0, first - 40), made.run.position);
    const outcome = position === undefined ? `${what}, no effect` : what;
    const wrong = this.wrongReport(report, position) ?? wrongEntry(report, changed, onLeft);
    if (wrong === undefined) return { outcome };
    return { outcome, failure: `${of.name}: ${changed.what} in ${onLeft ? 'a' : 'b'}: ${wrong}` };
  }

  /** Where positions are not compared one by one, unless that is asked for. */
  private async inLongRun(index: number, dice: Dice): Promise<CaseResult> {
    const of = this.long[dice.roll(this.long.length)];
    if (index % 100 === 49) {
      const change = LOG_CHANGES[dice.roll(LOG_CHANGES.length)];
      const changed = changeLog(of.entries, change, dice);
      if (changed !== undefined) return this.compareLogs(of, changed, dice.roll(2) === 0, 'entry in a long run');
    }
    const position = dice.roll(of.made.run.position);
    const machine = await this.machineAt(of, position);
    const everywhere = dice.roll(8) === 0;
    // What nothing overwrites, or anything where all positions are compared.
    const flip = everywhere ? registerFlip(dice) : unusedMemory(machine.ram.length, dice);
    const expected = struckNames(machine, flip);
    if (expected === undefined) return { outcome: 'nothing to flip' };
    const outcome = everywhere ? 'register in a long run, --every 1' : 'memory in a long run';
    return this.compareFlipped(
      of,
      flip,
      position,
      expected,
      dice.roll(2) === 0,
      outcome,
      everywhere ? { every: 1 } : {},
    );
  }

  /** Whether the report says anything but that the runs differ from `position` on, or not at all. */
  private wrongReport(report: DiffReport, position: number | undefined): string | undefined {
    const { outcome, found } = report;
    if (position === undefined) {
      if (outcome !== 'same') return `they do not differ, and the report says ${outcome} at ${found?.position}`;
    } else {
      if (outcome !== 'diverged') return `they differ at ${position}, and the report says ${outcome}`;
      if (found?.position !== position) return `they differ at ${position}, and the report says ${found?.position}`;
      this.exact++;
      this.longest = Math.max(this.longest, position);
    }
    return this.wrongText(report, position);
  }

  private wrongText(report: DiffReport, position: number | undefined): string | undefined {
    const words = diffText(report);
    const lines = words.split('\n');
    this.lines = Math.max(this.lines, lines.length);
    if (lines.length > LINES) return `the report has ${lines.length} lines`;
    const wide = lines.find((line) => line.length > COLUMNS);
    if (wide !== undefined) return `a line is too long: ${wide}`;
    const sentence =
      position === undefined ? 'The runs are the same' : `The runs differ from position ${positionText(position)} on`;
    if (!words.startsWith(sentence)) return `the report starts with ${lines[0]}`;
    const json = JSON.parse(JSON.stringify(diffJson(report))) as { divergence: { position: number } | null };
    return json.divergence?.position === position ? undefined : `the JSON report says ${json.divergence?.position}`;
  }
}

/** What a flip has changed, by all names. */
interface Struck {
  readonly fields: ReadonlySet<string>;
  readonly csrs: ReadonlySet<string>;
  readonly register: string | undefined;
  readonly address: number | undefined;
}

/** Undefined where it has changed nothing, or could not be done. */
function struckNames(machine: Machine, flip: Flip & { name?: string; address?: number }): Struck | undefined {
  const before = plainFields(machine);
  const csrs = csrValues(machine);
  const ram = machine.ram.slice();
  try {
    flip.strike(machine);
  } catch {
    return undefined;
  }
  const fields = [...plainFields(machine)].filter(([name, value]) => before.get(name) !== value).map(([name]) => name);
  if (fields.length === 0 && Buffer.compare(ram, machine.ram) === 0) return undefined;
  const changed = [...csrValues(machine)].filter(([name, value]) => csrs.get(name) !== value).map(([name]) => name);
  return { fields: new Set(fields), csrs: new Set(changed), register: flip.name, address: flip.address };
}

function csrValues({ hart }: Machine): Map<string, bigint | undefined> {
  return new Map([...hart.csrNames].map(([number, name]) => [name, hart.readCsr(number)]));
}

/** Whether a report names anything but what was struck. */
function wrongNames({ found }: DiffReport, { fields, csrs, register, address }: Struck): string | undefined {
  if (found?.cause !== undefined) return 'it blames an entry';
  if (found?.differences === undefined) return 'it names no differences';
  const names = found.differences.fields.map(({ name }) => name);
  const { memory, memoryBytes } = found.differences;
  if (address !== undefined) {
    const right = names.length === 0 && memoryBytes === 1 && memory[0]?.address === DRAM_BASE + address;
    return right ? undefined : `it names ${names.join(', ')} and ${memoryBytes} bytes at ${memory[0]?.address}`;
  }
  if (memoryBytes > 0) return `it names ${memoryBytes} bytes of memory`;
  if (register !== undefined) return names.join() === register ? undefined : `it names ${names.join(', ')}`;
  const other = names.find((name) => !fields.has(name) && !csrs.has(name));
  if (other !== undefined || names.length === 0) return `it names ${names.join(', ')}`;
  const unnamed = [...fields].find((field) => !names.includes(field) && !names.some((name) => csrs.has(name)));
  return unnamed === undefined ? undefined : `it does not name ${unnamed}`;
}

/** Whether a report blames anything but the entry that was changed. */
function wrongEntry(
  { found, harmless }: DiffReport,
  { kind, entries }: LogChange,
  onLeft: boolean,
): string | undefined {
  const cause = found === undefined ? harmless.first[0] : found.cause;
  if (cause === undefined) return 'it names no entry';
  if (found === undefined && harmless.count !== 1) return `it counts ${harmless.count} differences of the logs`;
  const expected = onLeft ? [entries[1], entries[0]] : entries;
  const name = kind === 'missing' && onLeft ? 'added' : kind;
  if (cause.kind !== name) return `it says ${cause.kind} and not ${name}`;
  const right = expected.every((entry, side) => {
    const named = cause.entries[side];
    return entry === undefined || named === undefined ? entry === named : sameEntry(entry, named);
  });
  return right ? undefined : `it names ${cause.entries.map((entry) => JSON.stringify(entry, plain)).join(' and ')}`;
}

const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

function typeOf({ entries }: LogChange): string {
  return (entries[0] ?? entries[1])?.type ?? 'entry';
}

/** Behind all that the guest uses, and before the device tree. */
function unusedMemory(length: number, dice: Dice): Flip & { readonly address: number } {
  const address = Math.floor(length / 2) + dice.roll(length / 8);
  const bit = dice.roll(8);
  return {
    address,
    what: `RAM byte ${address} bit ${bit}`,
    strike: (machine) => {
      const page = Math.floor(address / 4096);
      const bytes = machine.ram.slice(page * 4096, (page + 1) * 4096);
      bytes[address % 4096] ^= 1 << bit;
      machine.restoreRam(page, bytes);
    },
  };
}

export const diff: Scenario = {
  name: 'diff',
  about:
    'a bit of state flipped, or an entry moved, changed, dropped or doubled, in one of two runs: diff names it exactly',
  cases: { short: 150, long: 2500 },
  async open({ seed }) {
    const all: Subject[] = [];
    for (const options of [...SHORT, ...LONG]) all.push(await subject(options, seed + all.length));
    return new DiffCases(await loadHash(), all.slice(0, SHORT.length), all.slice(SHORT.length));
  },
};
