/**
 * Shows what is in a log: its header and entries, as text or as JSON lines, or counts of them.
 */
import { Failure, STATUS } from '../../host/failure.js';
import { FileSink } from '../../host/file-sink.js';
import type { Entry } from '../../log/entry.js';
import { entryJson, entryText, headerJson, headerText, statisticsRows } from '../../log/text.js';
import { singly } from '../../log/entry.js';
import type { Count } from '../../log/statistics.js';
import { TIMEBASE_HZ } from '../../machine/configuration.js';
import { namesOf, position, readFlag } from '../options/flag-values.js';
import { logFailure, tornText } from '../logs/log-failure.js';
import { openLog, type OpenLog } from '../logs/log-source.js';
import { causeJson, grouped } from '../output/summary-lines.js';

export interface InspectFlags {
  readonly json: boolean;
  readonly stats: boolean;
  readonly type: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

const TYPES = ['time', 'tick', 'entropy', 'packet', 'console', 'size', 'disk', 'output', 'digest', 'end'] as const;
/** Characters gathered before they are written. */
const GATHERED = 1 << 16;

/** Which entries are shown. */
interface Selection {
  readonly types: ReadonlySet<Entry['type']> | undefined;
  readonly from: number;
  readonly to: number;
}

/** Throws a Failure where the log is damaged or has no end, behind all that could be read. */
export async function inspectLog(path: string, flags: InspectFlags): Promise<void> {
  const selection: Selection = {
    types: await readFlag('type', flags.type, namesOf(TYPES)),
    from: (await readFlag('from', flags.from, position)) ?? 0,
    to: (await readFlag('to', flags.to, position)) ?? Infinity,
  };
  const log = await openLog(path, false, { images: 'skip' });
  const lines = new Lines();
  const name = log.source.path;
  try {
    if (flags.json) lines.add(JSON.stringify({ type: 'header', ...(headerJson(log.header) as object) }));
    else for (const [key, value] of headerText(log.header)) lines.add(`${key.padEnd(14)} ${value}`);
    const time = await showEntries(log, flags, selection, lines);
    if (flags.stats) showStatistics(log, time, flags.json, lines);
  } catch (error) {
    throw logFailure(name, error);
  } finally {
    lines.flush();
    await log.source.close();
  }
  const { reader } = log;
  if (reader.whole || reader.torn === null) return;
  throw new Failure(STATUS.data, tornText(name, reader.mark.position, reader.torn, 'all before that is sound'));
}

/** Shows the entries, or only goes through them; answers the last guest time in the log, in ticks. */
async function showEntries(
  { reader }: OpenLog,
  { json, stats }: InspectFlags,
  { types, from, to }: Selection,
  lines: Lines,
): Promise<number> {
  if (!stats && !json) lines.add('');
  for (;;) {
    const stretch = await reader.next();
    if (stretch === null) return reader.mark.time;
    if (stats || reader.mark.position < from) continue;
    if (stretch.mark.position > to) return reader.mark.time;
    for (const entries of stretch.entries) {
      for (const entry of singly(entries)) {
        if (entry.position < from || entry.position > to || types?.has(entry.type) === false) continue;
        lines.add(json ? JSON.stringify(entryJson(entry)) : entryText(entry));
      }
    }
  }
}

/** Counts by cause, with what they make for each million instructions and each second of guest time. */
function showStatistics({ reader }: OpenLog, time: number, json: boolean, lines: Lines): void {
  const { statistics, mark } = reader;
  const seconds = time / TIMEBASE_HZ;
  const instructions = mark.position;
  if (json) {
    const { entries, bytes } = statistics;
    const counts = { entries, bytes, ...perSecond({ entries, bytes }, seconds) };
    const causes = Object.fromEntries(
      Object.entries(causeJson(statistics)).map(([cause, count]) => [
        cause,
        { ...count, ...perSecond(count, seconds) },
      ]),
    );
    lines.add(JSON.stringify({ type: 'statistics', instructions, guestSeconds: seconds, ...counts, causes }));
    return;
  }
  lines.add('');
  lines.add(
    `${grouped(instructions)} instructions, ${seconds > 0 ? `${seconds.toFixed(3)} s of guest time` : 'no guest time'}`,
  );
  lines.add('');
  lines.add(row(['cause', 'entries', 'bytes', 'share', 'each', 'entries/M', 'bytes/M', 'entries/s', 'bytes/s']));
  const { rows, total } = statisticsRows(statistics);
  for (const { cause, entries, bytes, share } of [...rows, total]) {
    const millions = instructions / 1e6;
    lines.add(
      row([
        cause,
        grouped(entries),
        grouped(bytes),
        `${(share * 100).toFixed(1)} %`,
        rate(bytes, entries, 1),
        rate(entries, millions, 1),
        rate(bytes, millions, 0),
        rate(entries, seconds, 1),
        rate(bytes, seconds, 0),
      ]),
    );
  }
  lines.add('');
  lines.add('each: bytes for an entry; /M: for a million instructions; /s: for a second of guest time');
}

/** Rates in guest time, which a log may not tell of. */
function perSecond({ entries, bytes }: Count, seconds: number): { entriesPerSecond?: number; bytesPerSecond?: number } {
  if (seconds <= 0) return {};
  return { entriesPerSecond: entries / seconds, bytesPerSecond: bytes / seconds };
}

function rate(value: number, of: number, digits: number): string {
  return of > 0 ? (value / of).toFixed(digits) : '-';
}

function row([name = '', ...cells]: readonly string[]): string {
  return name.padEnd(14) + cells.map((cell) => cell.padStart(11)).join('');
}

/** Lines on their way to stdout. Throws ClosedPipe where its reader has gone. */
class Lines {
  private readonly sink = FileSink.create('-');
  private text = '';

  add(line: string): void {
    this.text += `${line}\n`;
    if (this.text.length >= GATHERED) this.flush();
  }

  flush(): void {
    const { text } = this;
    this.text = '';
    if (text !== '') this.sink.write(new TextEncoder().encode(text));
  }
}
