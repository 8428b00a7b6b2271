/**
 * Compares two executions that logs describe, or one with what its primary recorded, and reports the first difference.
 */
import type { EngineKind } from '../../engine/kinds.js';
import { ClosedPipe, UsageFailure } from '../../host/failure.js';
import { FileSink } from '../../host/file-sink.js';
import { Progress } from '../../host/progress.js';
import { StopRequest } from '../../host/signals.js';
import { LogError } from '../../log/errors.js';
import { hex } from '../../log/text.js';
import { checkLog } from '../../replay/check.js';
import { findDivergence } from '../../replay/diff.js';
import { compareEngines, type EngineSide } from '../../replay/engines.js';
import type { Hash } from '../../replay/hash.js';
import { readyHash } from '../guests/hash.js';
import { measureLog } from '../../replay/log-walk.js';
import { checkJson, diffJson, engineJson } from '../../replay/report-json.js';
import { checkText } from '../../replay/report-check.js';
import { engineText } from '../../replay/report-engines.js';
import { diffText, type Namer } from '../../replay/report.js';
import { wrapped } from '../../replay/report-layout.js';
import type { SideSource } from '../../replay/side.js';
import { engineKind, readFlag, wholeNumber } from '../options/flag-values.js';
import { asGuest, readGuest, type GuestFiles } from '../guests/guest-file.js';
import { beginReading } from '../guests/guest-reading.js';
import { logFailure } from '../logs/log-failure.js';
import { configurationOf } from '../logs/log-header.js';
import { DiskFiles } from '../logs/recorded-disks.js';
import { lengthOf } from '../logs/log-source.js';
import { otherGuest, recordedGuest } from '../logs/recorded-guest.js';
import { buildMachine, expectMachines } from '../guests/machine.js';
import { StoredLog } from '../logs/stored-log.js';
import { Words } from '../output/words.js';

export interface DiffFlags {
  readonly context: string | undefined;
  readonly every: string | undefined;
  readonly guest: string[] | undefined;
  readonly disk: string[] | undefined;
  readonly engine: string | undefined;
  readonly force: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

const CONTEXT_MAXIMUM = 1000;
const EVERY_MAXIMUM = 2 ** 40;
/** As diff(1) has it. */
const SAME = 0;
const DIFFERENT = 1;

/** A log, and how to rebuild its execution. */
interface Subject {
  readonly log: StoredLog;
  readonly guest: GuestFiles;
  /** What is to be said first: the guest is not the recorded one. */
  readonly note: string | undefined;
  /** Rebuilds it on an engine. */
  readonly on: (engine: EngineKind) => SideSource;
}

/** What a comparison found. */
interface Finding {
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
}

/** Answers the process's exit status. Throws a Failure. */
export async function diffLogs(paths: readonly string[], flags: DiffFlags): Promise<number> {
  const context = (await readFlag('context', flags.context, wholeNumber(0, CONTEXT_MAXIMUM))) ?? 3;
  const every = await readFlag('every', flags.every, wholeNumber(1, EVERY_MAXIMUM));
  const engine = await readFlag('engine', flags.engine, engineKind);
  if (paths.filter((path) => path === '-').length > 1) {
    throw new UsageFailure('Only one of the logs can come from the standard input: name a file for the other.');
  }
  expectMachines();
  const stops = new StopRequest();
  stops.onRequest(() => process.exit(stops.status));
  const progress = new Progress(process.stderr, 'diff');
  const subjects: Subject[] = [];
  const files = new DiskFiles(flags.disk ?? []);
  try {
    for (const path of paths)
      subjects.push(await subjectOf(await StoredLog.open(path), flags, files, paths.length === 1));
    files.refuseNeedless(subjects.map(({ log }) => log.header));
    if (paths.length === 1 && !flags.quiet && process.stderr.isTTY) {
      progress.total = await lengthOf(subjects[0]?.log.file ?? '-');
    }
    const finding = await compare(subjects, await readyHash(), {
      ...{ context, force: flags.force },
      ...(every !== undefined && { every }),
      ...(engine !== undefined && { engine }),
      turn: () => new Promise((resolve) => setImmediate(resolve)),
      onProgress: (position: number, last?: number) => {
        if (flags.quiet) return;
        if (paths.length === 2) progress.total = last;
        progress.update(position);
      },
    });
    progress.clear();
    print(flags.json ? `${JSON.stringify(finding.json)}\n` : await highlighted(finding.text));
    return finding.status;
  } catch (error) {
    progress.clear();
    throw error instanceof LogError ? await blamed(error, subjects) : error;
  } finally {
    for (const { log } of subjects) await log.close();
    await files.close();
    stops.close();
  }
}

interface CompareOptions {
  readonly context: number;
  readonly every?: number;
  readonly engine?: EngineKind;
  readonly force: boolean;
  readonly turn: () => Promise<void>;
  readonly onProgress: (position: number, last?: number) => void;
}

async function compare([a, b]: readonly Subject[], hash: Hash, options: CompareOptions): Promise<Finding> {
  if (a === undefined) throw new UsageFailure('There is no log to compare.');
  if (b === undefined) return compareAlone(a, hash, options);
  const { engine = 'auto' } = options;
  const report = await findDivergence(a.on(engine), b.on(engine), hash, options);
  const status = report.outcome === 'same' ? SAME : DIFFERENT;
  return { status, text: diffText(report, namerOf(a.guest)), json: diffJson(report) };
}

/** One log: the interpreter with another engine, and both with what was recorded. */
async function compareAlone(subject: Subject, hash: Hash, options: CompareOptions): Promise<Finding> {
  const { note, guest, on } = subject;
  const { engine = 'translator' } = options;
  const checks = { ...options, checkDigests: note === undefined };
  const rest = 'Its digests are left out: what is compared is what it asks and sends.';
  const first = note === undefined ? [] : [...wrapped(note), rest, ''];
  const found = (status: number, text: string, json: object): Finding => ({
    ...{ status, text: [...first, text].join('\n') },
    json: note === undefined ? json : { note, ...json },
  });
  const sideOn = (name: EngineKind): EngineSide => ({ name, source: on(name) });
  const report =
    engine === 'interpreter'
      ? { check: await checkLog(on(engine), hash, checks) }
      : await compareEngines([sideOn('interpreter'), sideOn(engine)], hash, checks);
  if ('difference' in report) {
    const { difference } = report;
    return found(DIFFERENT, engineText(difference, namerOf(guest)), engineJson(difference));
  }
  const { check } = report;
  return found(check.broken === undefined ? SAME : DIFFERENT, checkText(check), checkJson(check));
}

/** @param alone whether the log is compared to itself, and not to another */
async function subjectOf(
  log: StoredLog,
  { guest: paths = [], force }: DiffFlags,
  files: DiskFiles,
  alone: boolean,
): Promise<Subject> {
  const { label, header } = log;
  const { guest, note } = await guestOf(log, paths, alone, force);
  const configuration = configurationOf(label, header);
  const images = await files.imagesOf(label, header);
  return {
    ...{ log, guest, note },
    on: (engine) => ({
      ...{ label, header, images },
      open: (options) => log.reader(options),
      build: (environment) => buildMachine(guest, configuration, environment, engine),
    }),
  };
}

/** The guest to rebuild; any that is named in place of the recorded one, on request. */
async function guestOf(
  { label, header }: StoredLog,
  paths: readonly string[],
  alone: boolean,
  force: boolean,
): Promise<{ readonly guest: GuestFiles; readonly note: string | undefined }> {
  const [path] = paths;
  if (alone && force && path !== undefined) {
    const { files } = await readGuest(beginReading({ kernel: path }));
    const [kernel] = files;
    const isRecorded = header.images.some(({ sha256 }) => hex(sha256) === kernel.sha256);
    if (!isRecorded) {
      const others = header.images.some(({ role }) => role !== 'kernel') ? recordedGuest(label, header, []).files : [];
      const guest = asGuest([kernel, ...others.filter(({ role }) => role !== 'kernel')]);
      return { guest, note: otherGuest(label, header, kernel) };
    }
  }
  const whole = header.images.every(({ data }) => data !== undefined);
  return { guest: recordedGuest(label, header, whole && !alone ? [] : paths, !alone), note: undefined };
}

function namerOf({ guest }: GuestFiles): Namer {
  return guest.kind === 'elf' ? (address) => guest.elf.symbols.describe(address) : () => '';
}

/** The error as a failure of the log that it is in. */
async function blamed(error: LogError, subjects: readonly Subject[]): Promise<unknown> {
  for (const { log } of subjects) {
    try {
      await measureLog(await log.reader({ images: 'skip' }));
    } catch (again) {
      return logFailure(log.label, again);
    }
  }
  return logFailure('The log', error);
}

async function highlighted(text: string): Promise<string> {
  const { colour } = await Words.open(false, process.stdout);
  return text.replace(/^(The runs|.* replays?) .*(\n.+)*$/m, (lines) => colour.bold(lines));
}

/** Writes to stdout; what its reader does not want is dropped. */
function print(text: string): void {
  try {
    FileSink.create('-').write(new TextEncoder().encode(text));
  } catch (error) {
    if (!(error instanceof ClosedPipe)) throw error;
  }
}
