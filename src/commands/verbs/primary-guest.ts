/**
 * Runs a guest as the primary of a pair: alone until a backup joins, and again when that is lost.
 */
import { resolve } from 'node:path';

import { openArbiter } from '../../host/arbiter-option.js';
import { Failure, STATUS, UnavailableFailure } from '../../host/failure.js';
import type { FileSink } from '../../host/file-sink.js';
import { fileIdentity } from '../../host/host-identity.js';
import { endSoon } from '../../host/sudden-end.js';
import { ImagePacking } from '../../log/image.js';
import { LogWriter } from '../../log/writer.js';
import { ArbiterAway, type Arbiter } from '../../pair/arbiter.js';
import type { Primary } from '../../pair/primary.js';
import { DirtyPages } from '../../replay/dirty-pages.js';
import { StateDigest } from '../../replay/digest.js';
import { readyHash } from '../guests/hash.js';
import { DEFAULT_DIGEST_DISTANCE } from '../../replay/recording.js';
import type { GuestReading } from '../guests/guest-reading.js';
import { LiveSession, type LiveEnd } from '../guests/live-session.js';
import { createLog } from '../logs/log-file.js';
import { newHeader } from '../logs/log-header.js';
import { position, readFlag } from '../options/flag-values.js';
import type { GuestFlags } from '../options/guest-options.js';
import { engineLines } from '../output/engine-summary.js';
import { processStatus } from '../output/exit-status.js';
import { pairJson, pairLines, type PairWork } from '../output/pair-summary.js';
import { endText, paceText } from '../output/summary-lines.js';
import { Words } from '../output/words.js';
import { arbiterOf, channelAddress, readPairOptions, refuseCaptures, type PairFlags } from '../pair/pair-options.js';
import { newName, PrimarySide } from '../pair/primary-side.js';
import { networkLines, runJson } from './run-guest.js';

export interface PrimaryFlags extends GuestFlags, PairFlags {
  readonly listen: string;
  readonly wait: boolean;
  readonly 'digest-every': string | undefined;
}

/** What a primary says that ends because another has gone live. */
export const SUPERSEDED = 'the other side of the pair has gone live';

/** Answers the process's exit status. Throws a Failure. */
export async function primaryGuest(reading: GuestReading, flags: PrimaryFlags, producer: string): Promise<number> {
  const words = await Words.open(flags.quiet);
  const digestDistance = (await readFlag('digest-every', flags['digest-every'], position)) ?? DEFAULT_DIGEST_DISTANCE;
  const options = await readPairOptions(flags);
  const address = channelAddress('--listen', flags.listen, options.tls);
  refuseCaptures(flags.net ?? []);
  const hash = await readyHash();
  const session = await LiveSession.open(reading, flags, process.stdout, words, flags.output);
  const run = newName();
  let sink: FileSink | undefined;
  let superseded = false;
  let side: PrimarySide | undefined;
  let primary: Primary | undefined;
  let end: LiveEnd;
  const shared = [...session.disks.open.values()].filter(({ option }) => option.mode === 'rw');
  const { text, option } = await arbiterOf(
    ...[options.arbiter, address, options.tls, shared.map(({ option: { path: image } }) => image)],
  );
  const arbiter = openArbiter(option);
  try {
    const disks = await session.disks.recorded();
    const header = newHeader(session.configuration, session.guest, { producer, digestDistance, embed: true, disks });
    let file: LogWriter | undefined;
    if (flags.output !== undefined) {
      sink = createLog(flags.output, flags.force);
      file = new LogWriter(sink, header, new ImagePacking(header.images));
    }
    const { imageReads } = session.disks;
    side = new PrimarySide(session.environment, file, { hash, digestDistance, imageReads, start: 0 });
    const machine = session.build(side.recording);
    const dirty = new DirtyPages(machine);
    const digest = new StateDigest(machine, dirty.consumer(), hash);
    const holder = newName();
    primary = side.begin(
      { run, epoch: 1, holder },
      { machine, dirty, digest, time: () => session.guestTime },
      {
        ...{ header, producer, arbiter, timeout: options.timeout, lagLimit: options.lagLimit },
        told: {
          arbiter: text,
          networks: flags.net ?? [],
          disks: [...session.disks.open.values()].map(({ option: { path: image } }) => resolve(image)),
          identities: shared.map(({ file: { fd } }) => fileIdentity(fd)),
          console: session.consoleDevice,
        },
        tell: (sentence) => words.notice(sentence),
        halt: () => {
          superseded = true;
          session.halt(SUPERSEDED);
          endSuperseded(words);
        },
      },
    );
    for (const disk of session.disks.open.values()) disk.mayWrite = () => side?.mayChange() ?? true;
    await begin(arbiter, run, holder);
    try {
      await side.listen(address, options.tls);
    } catch (error) {
      await arbiter.end(run);
      throw error;
    }
    if (flags.wait) {
      words.notice(`Waiting for a backup at ${flags.listen}.`);
      await Promise.race([primary.hasBackup(), session.asked()]);
    }
    end = await session.run(machine, { recording: side.recording, digest }, side);
    // What has failed here goes on at a backup, which asks the arbiter.
    const over = end.failure === undefined ? await primary.finish(session.asked()) : primary.alone;
    if (over && !superseded) await arbiter.end(run);
    session.disks.tellChanged(words);
  } finally {
    await side?.close();
    await session.close();
    await arbiter.close();
    sink?.close();
  }
  session.check();
  if (end.failure !== undefined) throw end.failure as Error;
  const work: PairWork = { counts: primary.counts, waits: side.gate.statistics };
  if (flags.json) {
    words.json({ ...runJson('primary', session.guest.path, end, flags.stats), superseded, pair: pairJson(work) });
  } else {
    words.lines([words.colour.bold(endText(end)), paceText(end.position, end.seconds), ...networkLines(end)]);
    if (flags.stats) words.asked([...pairLines(work), ...engineLines(end.engine)]);
  }
  return superseded ? STATUS.temporary : processStatus(end.status);
}

/** Throws a Failure where nobody could decide who goes on. */
async function begin(arbiter: Arbiter, run: string, holder: string): Promise<void> {
  try {
    await arbiter.begin(run, holder);
  } catch (error) {
    throw error instanceof ArbiterAway ? new UnavailableFailure(error.message, error) : error;
  }
}

/** Sees that a side ends that has lost, whatever it waits for. */
export function endSuperseded(words: Words): void {
  endSoon(() => {
    words.notice(`This side ends at once: ${SUPERSEDED}, and it could not end in good order, as if its disk hung.`);
  });
}

/** What a side ends with that another has gone live instead of. */
export function supersededFailure(): Failure {
  return new Failure(STATUS.temporary, `This side ends: ${SUPERSEDED}.`);
}
