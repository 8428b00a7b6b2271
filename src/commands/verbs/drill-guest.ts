/**
 * The drill: kills the primary of a guest at one entry of its log after another, and tells whether anybody outside could
 * have noticed.
 */
import { availableParallelism } from 'node:os';

import { parseDisk } from '../../host/disk-option.js';
import { Failure, STATUS, UsageFailure } from '../../host/failure.js';
import { Progress } from '../../host/progress.js';
import { readyHash } from '../guests/hash.js';
import { duration, readFlag, wholeNumber } from '../options/flag-values.js';
import { readGuestOptions, type GuestFlags } from '../options/guest-options.js';
import { grouped } from '../output/summary-lines.js';
import { Words } from '../output/words.js';
import { drillRun, type DrillGuest, type DrillResult, type Kill } from '../pair/drill-run.js';

export interface DrillFlags extends Omit<GuestFlags, 'until' | 'time-limit' | 'pcap-out'> {
  readonly at: string[] | undefined;
  readonly every: string | undefined;
  readonly limit: string | undefined;
  readonly jobs: string | undefined;
}

const DEFAULT_KILLS = 10;
const DEFAULT_LIMIT = 60_000;
const MOST_JOBS = 64;
/** Faults that are told one by one. */
const TOLD = 10;

interface Drilled {
  readonly kill: Kill;
  readonly result: DrillResult;
}

/** Answers the process's exit status: 0 where nobody could notice, 1 where somebody could. Throws a Failure. */
export async function drillGuest(path: string, flags: DrillFlags, executable: string): Promise<number> {
  const words = await Words.open(flags.quiet);
  const every = await readFlag('every', flags.every, wholeNumber(1, 2 ** 31));
  const limit = (await readFlag('limit', flags.limit, duration)) ?? DEFAULT_LIMIT;
  const jobs = (await readFlag('jobs', flags.jobs, wholeNumber(1, MOST_JOBS))) ?? availableParallelism();
  const at = await Promise.all((flags.at ?? []).map((text) => readFlag('at', text, wholeNumber(1, 2 ** 31))));
  if (every !== undefined && at.length > 0) throw new UsageFailure('Of --at and --every give one.');
  // Wrong options are said once, not by each of the sides.
  await readGuestOptions({ ...flags, until: undefined, 'time-limit': undefined, 'pcap-out': undefined });
  const guest: DrillGuest = {
    ...{ executable, guest: [path, ...guestOptions(flags)], limit, hash: await readyHash() },
    disks: (flags.disk ?? []).map((text) => {
      const { path: image, mode } = parseDisk(text);
      return { path: image, options: text.slice(image.length), written: mode === 'rw' };
    }),
  };
  const whole = await drillRun(guest, undefined);
  if (whole.fault !== undefined) {
    throw new Failure(STATUS.data, `The drill needs a guest that ends by itself, and without a kill ${whole.fault}.`);
  }
  const { entries } = whole;
  if (entries === 0)
    throw new Failure(STATUS.data, 'The guest ended before its log had an entry: nothing can be drilled.');
  words.notice(`Without a kill the log has ${grouped(entries)} entries.`);
  const kills = killsOf(entries, at as number[], every);
  const drilled = await runAll(guest, kills, jobs, flags.quiet);
  return tell(words, entries, drilled, flags.json);
}

/** Each entry once with the outputs behind it still held back, and once after they have left. */
function killsOf(entries: number, at: readonly number[], every: number | undefined): Kill[] {
  const step = every ?? Math.max(1, Math.floor(entries / DEFAULT_KILLS));
  const chosen = at.length > 0 ? at : Array.from({ length: Math.floor(entries / step) }, (_, i) => (i + 1) * step);
  return chosen.flatMap((entry): Kill[] => [
    { entry, outputs: 'held' },
    { entry, outputs: 'left' },
  ]);
}

async function runAll(guest: DrillGuest, kills: readonly Kill[], jobs: number, quiet: boolean): Promise<Drilled[]> {
  const progress = new Progress(process.stderr, 'drill', process.stderr.isTTY && !quiet ? kills.length : undefined);
  const drilled: Drilled[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < kills.length) {
      const kill = kills[next++];
      drilled.push({ kill, result: await drillRun(guest, kill) });
      progress.update(drilled.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, kills.length) }, work));
  progress.clear();
  return drilled;
}

function tell(words: Words, entries: number, drilled: readonly Drilled[], json: boolean): number {
  const faults = drilled.filter(({ result }) => result.fault !== undefined);
  const live = drilled.filter(({ result }) => result.outcome === 'live');
  const failovers = live.flatMap(({ result: { failover } }) => failover ?? []).sort((a, b) => a - b);
  const median = failovers[failovers.length >> 1];
  if (json) {
    words.json({
      ...{ command: 'drill', entries, kills: drilled.length, tookOver: live.length },
      ...(median === undefined ? {} : { failoverMedianMs: median, failoverWorstMs: failovers.at(-1) }),
      faults: faults.map(({ kill, result: { fault } }) => ({ ...kill, fault })),
    });
  } else {
    for (const { kill, result } of faults.slice(0, TOLD)) {
      words.warn(`Killed at entry ${grouped(kill.entry)}, its outputs ${kill.outputs}: ${result.fault ?? ''}.`);
    }
    const unnoticed = grouped(drilled.length - faults.length);
    const lines = [
      words.colour.bold(`${grouped(drilled.length)} kills, ${grouped(live.length)} of them before the guest's end.`),
      `${unnoticed} went unnoticed outside${faults.length > 0 ? `, ${grouped(faults.length)} did not` : ''}.`,
    ];
    if (median !== undefined) lines.push(`Live after ${median} ms in the median, ${failovers.at(-1)} ms at most.`);
    words.lines(lines);
  }
  return faults.length > 0 ? 1 : 0;
}

/** The options of the guest, for its sides. */
function guestOptions(flags: DrillFlags): string[] {
  const texts = [
    'memory',
    'clock',
    'entropy',
    'console',
    'stdin-eof',
    'append',
    'initrd',
    'firmware',
    'engine',
  ] as const;
  const given = texts.flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
  return [...given, ...(flags.net ?? []).flatMap((text) => ['--net', text])];
}
