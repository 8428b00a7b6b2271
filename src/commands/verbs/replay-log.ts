/**
 * Replays a log as a backup without a primary would: console to stdout, every digest and output checked.
 */
import type { EngineKind } from '../../engine/kinds.js';
import { milliseconds } from '../../host/clock.js';
import { Console } from '../../host/console.js';
import { Failure, STATUS } from '../../host/failure.js';
import { FileSink } from '../../host/file-sink.js';
import { Progress } from '../../host/progress.js';
import { StopRequest } from '../../host/signals.js';
import { StateDigest } from '../../replay/digest.js';
import { DirtyPages } from '../../replay/dirty-pages.js';
import { Divergence } from '../../replay/divergence.js';
import { LogFeed } from '../../replay/feed.js';
import { readyHash } from '../guests/hash.js';
import { Logged } from '../../replay/logged.js';
import { Replayer, type ReplayResult } from '../../replay/replayer.js';
import { ConsoleOutput } from '../output/console-output.js';
import { engineJson, engineLines, type EngineWork } from '../output/engine-summary.js';
import { processStatus } from '../output/exit-status.js';
import { engineKind, position, readFlag } from '../options/flag-values.js';
import type { Machine } from '../../machine/machine.js';
import { captured } from '../guests/live-session.js';
import { keepApart } from '../logs/log-file.js';
import { logFailure, tornText } from '../logs/log-failure.js';
import { configurationOf } from '../logs/log-header.js';
import { DiskFiles } from '../logs/recorded-disks.js';
import { lengthOf, openLog, type OpenLog } from '../logs/log-source.js';
import { recordedGuest } from '../logs/recorded-guest.js';
import { buildMachine, expectMachines } from '../guests/machine.js';
import { endText, grouped, mips, paceText } from '../output/summary-lines.js';
import { Words } from '../output/words.js';

export interface ReplayFlags {
  readonly until: string | undefined;
  readonly guest: string[] | undefined;
  readonly disk: string[] | undefined;
  readonly follow: boolean;
  readonly 'pcap-out': string | undefined;
  readonly engine: string | undefined;
  readonly stats: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

interface ReplayEnd extends ReplayResult {
  /** Outputs that were checked. */
  readonly outputs: number;
  readonly seconds: number;
  /** Status of the signal that ended the replay; 0 where none did. */
  readonly signal: number;
  /** Nobody reads the console any more. */
  readonly unread: boolean;
  readonly engine: EngineWork;
}

/** Answers the process's exit status. Throws a Failure. */
export async function replayLog(path: string, flags: ReplayFlags): Promise<number> {
  const words = await Words.open(flags.quiet);
  const until = await readFlag('until', flags.until, position);
  const engine = (await readFlag('engine', flags.engine, engineKind)) ?? 'auto';
  const written = flags['pcap-out'];
  keepApart({ 'the log': path, 'the capture': written });
  for (const guest of flags.guest ?? []) keepApart({ 'the guest': guest, 'the capture': written });
  const log = await openLog(path, flags.follow);
  const name = log.source.path;
  const measured = process.stderr.isTTY && !flags.quiet && !flags.follow;
  const progress = new Progress(process.stderr, 'replay', measured ? await lengthOf(path) : undefined);
  let end: ReplayEnd;
  try {
    end = await replay(log, flags, { until, engine }, flags.quiet ? undefined : progress);
  } catch (error) {
    progress.clear();
    throw explained(path, name, error);
  } finally {
    await log.source.close();
  }
  progress.clear();
  const torn = end.ended === 'torn';
  if (torn) words.warn(tornText(name, log.reader.mark.position, end.torn, `${agreement(end)} before that`));
  if (flags.json) words.json({ ...replayJson(name, end), ...(flags.stats ? { engine: engineJson(end.engine) } : {}) });
  else if (!end.unread) {
    if (!torn) words.lines(replayLines(name, end, words));
    if (flags.stats) words.asked(engineLines(end.engine));
  }
  if (torn) return STATUS.data;
  return end.ended === 'stopped' ? end.signal : processStatus(end.end?.reason === 'power-off' ? end.status : 0);
}

async function replay(
  { source, reader, header }: OpenLog,
  flags: ReplayFlags,
  { until, engine }: { readonly until: number | undefined; readonly engine: EngineKind },
  progress: Progress | undefined,
): Promise<ReplayEnd> {
  expectMachines(flags.stats);
  const configuration = configurationOf(source.path, header);
  const guest = recordedGuest(source.path, header, flags.guest ?? []);
  const hash = await readyHash();
  const files = new DiskFiles(flags.disk ?? []);
  files.refuseNeedless([header]);
  const images = await files.imagesOf(source.path, header);
  const stops = new StopRequest();
  const output = new ConsoleOutput(process.stdout);
  const console = new Console({ output: output.stream, onClosed: () => stops.quit() });
  let outputs = 0;
  const logged = new Logged(
    hash,
    (_position, sent) => {
      outputs++;
      if (sent.type !== 'console') return;
      progress?.clear();
      console.write(sent.data);
    },
    images,
  );
  const capture = flags['pcap-out'] === undefined ? undefined : FileSink.create(flags['pcap-out']);
  try {
    const built: { machine?: Machine } = {};
    const environment = capture === undefined ? logged : captured(logged, capture, configuration, () => built.machine);
    const machine = (built.machine = buildMachine(guest, configuration, environment, engine, flags.stats));
    const digest = new StateDigest(machine, new DirtyPages(machine).consumer(), hash);
    const replayer = new Replayer(machine, new LogFeed(logged, reader), digest, {
      ...(until === undefined ? {} : { until }),
      ...(progress === undefined ? {} : { onProgress: (at) => progress.update(at) }),
      turn: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        if (console.congested) await console.drained();
      },
    });
    stops.onRequest(() => {
      replayer.stop();
      // A read that waits for more of the log waits no longer.
      void source.close();
    });
    const start = milliseconds();
    const result = await replayer.run();
    const seconds = (milliseconds() - start) / 1000;
    await console.drained();
    output.check();
    const stopped = stops.requested !== undefined && result.ended !== 'whole';
    return {
      ...result,
      ...(stopped ? { ended: 'stopped' } : {}),
      outputs,
      seconds,
      signal: stops.status,
      unread: console.closed,
      engine: { kind: engine, statistics: machine.engineStatistics() },
    };
  } finally {
    await console.close();
    stops.close();
    capture?.close();
    await files.close();
  }
}

function explained(path: string, name: string, error: unknown): unknown {
  if (!(error instanceof Divergence)) return logFailure(name, error);
  const hint = path === '-' ? 'keep the log in a file and run vmft diff on it' : `run vmft diff ${path}`;
  return new Failure(
    STATUS.software,
    `The replay of ${name} diverged: ${error.message}; ${hint} to find the cause.`,
    error,
  );
}

function replayJson(log: string, end: ReplayEnd): Record<string, unknown> {
  const { ended, status, position: instructions, digests, outputs, seconds, torn } = end;
  return {
    ...{ command: 'replay', log, ended, status, digests, outputs, instructions },
    ...(end.end === undefined ? {} : { recorded: { ended: end.end.reason, status: end.end.status } }),
    ...(torn === undefined ? {} : { torn }),
    seconds: Number(seconds.toFixed(6)),
    mips: Number(mips(instructions, seconds).toFixed(3)),
  };
}

function replayLines(log: string, end: ReplayEnd, { colour }: Words): string[] {
  const lines = [`${colour.bold(`Replayed ${log}:`)} ${agreement(end)}.`, paceText(end.position, end.seconds)];
  if (end.end !== undefined) lines.push(endText(end.end));
  else if (end.ended === 'until') lines.push('Stopped at the position that --until names.');
  else if (end.ended === 'stopped') lines.push(`Stopped at position ${grouped(end.position)}.`);
  return lines;
}

function agreement({ digests, outputs }: ReplayEnd): string {
  return `${counted(digests, 'digest')} and ${counted(outputs, 'output')} agree`;
}

function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}
