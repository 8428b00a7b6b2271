/**
 * Records a guest: runs it as a primary without a backup, writes the log, and tells what became of both.
 */
import { DiskFull, Failure, STATUS } from '../../host/failure.js';
import type { FileSink } from '../../host/file-sink.js';
import { ImagePacking } from '../../log/image.js';
import { LogWriter } from '../../log/writer.js';
import { DirtyPages } from '../../replay/dirty-pages.js';
import { StateDigest } from '../../replay/digest.js';
import { readyHash } from '../guests/hash.js';
import { DEFAULT_DIGEST_DISTANCE, Recording } from '../../replay/recording.js';
import { processStatus } from '../output/exit-status.js';
import { position, readFlag } from '../options/flag-values.js';
import type { GuestFlags } from '../options/guest-options.js';
import { beginReading, type GuestPaths, type GuestReading } from '../guests/guest-reading.js';
import { LiveSession, type LiveEnd } from '../guests/live-session.js';
import { createLog } from '../logs/log-file.js';
import { newHeader } from '../logs/log-header.js';
import { engineLines } from '../output/engine-summary.js';
import { networkLines, runJson } from './run-guest.js';
import { causeJson, causeLines, endText, grouped, paceText, sizeText } from '../output/summary-lines.js';
import { Words } from '../output/words.js';

export interface RecordFlags extends GuestFlags {
  readonly output: string;
  readonly force: boolean;
  readonly embed: boolean;
  readonly 'digest-every': string | undefined;
}

/**
 * Answers the process's exit status. Throws a Failure.
 *
 * @param guest its files, which are being read, or where they are
 */
export async function recordGuest(
  guest: GuestReading | GuestPaths,
  flags: RecordFlags,
  producer: string,
): Promise<number> {
  const reading = 'files' in guest ? guest : beginReading(guest);
  const words = await Words.open(flags.quiet);
  const digestDistance = (await readFlag('digest-every', flags['digest-every'], position)) ?? DEFAULT_DIGEST_DISTANCE;
  const hash = await readyHash();
  const output = flags.output === '-' ? process.stderr : process.stdout;
  const { embed } = flags;
  let packing: ImagePacking | undefined;
  const session = await LiveSession.open(reading, flags, output, words, flags.output, ({ files }) => {
    packing = new ImagePacking(files.map(({ bytes }) => ({ embedded: embed, data: bytes })));
  });
  let sink: FileSink | undefined;
  let writer: LogWriter;
  let end: LiveEnd;
  try {
    const disks = await session.disks.recorded();
    sink = createLog(flags.output, flags.force);
    const header = newHeader(session.configuration, session.guest, { producer, digestDistance, embed, disks });
    writer = new LogWriter(sink, header, packing);
    const { imageReads } = session.disks;
    const recording = new Recording(session.environment, writer, hash, digestDistance, imageReads);
    const machine = session.build(recording);
    const digest = new StateDigest(machine, new DirtyPages(machine).consumer(), hash);
    end = await session.run(machine, { recording, digest });
    session.disks.tellChanged(words);
  } finally {
    await session.close();
    sink?.close();
  }
  session.check();
  if (end.failure !== undefined) throw explained(end, flags.output, writer, end.failure);
  if (flags.json) {
    const { size, statistics } = writer;
    words.json({
      ...runJson('record', session.guest.path, end, flags.stats),
      log: flags.output,
      bytes: size,
      causes: causeJson(statistics),
    });
  } else {
    words.lines(recordLines(end, writer, flags.output, words));
    if (flags.stats) words.asked(engineLines(end.engine));
  }
  return processStatus(end.status);
}

/** What a failure in the middle of a recording leaves behind. */
function explained(end: LiveEnd, log: string, { hasImages }: LogWriter, failure: unknown): Error {
  if (!(failure instanceof DiskFull) || failure.path !== log) return failure as Error;
  const left = hasImages ? 'what is in the log can be replayed' : 'the log does not have the whole guest';
  return new Failure(
    STATUS.io,
    `No space is left for ${log}: the recording stopped at position ${grouped(end.position)}, and ${left}.`,
    failure,
  );
}

function recordLines(end: LiveEnd, writer: LogWriter, log: string, words: Words): string[] {
  const { colour } = words;
  const name = log === '-' ? 'the standard output' : log;
  const { entries } = writer.statistics;
  return [
    `${colour.bold(endText(end))}`,
    paceText(end.position, end.seconds),
    `${grouped(entries)} entries, ${sizeText(writer.size)} in ${colour.bold(name)}`,
    ...networkLines(end),
    ...causeLines(writer.statistics).map((line) => colour.dim(line)),
  ];
}
