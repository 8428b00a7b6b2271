/**
 * Runs a guest in the present and tells how it went.
 */
import { processStatus } from '../output/exit-status.js';
import type { GuestFlags } from '../options/guest-options.js';
import type { GuestReading } from '../guests/guest-reading.js';
import { LiveSession, type LiveEnd } from '../guests/live-session.js';
import { engineJson, engineLines } from '../output/engine-summary.js';
import { endText, grouped, mips, paceText } from '../output/summary-lines.js';
import { Words } from '../output/words.js';

/** Answers the process's exit status. Throws a Failure. */
export async function runGuest(reading: GuestReading, flags: GuestFlags): Promise<number> {
  const words = await Words.open(flags.quiet);
  const session = await LiveSession.open(reading, flags, process.stdout, words);
  let end: LiveEnd;
  try {
    end = await session.run(session.build(session.environment));
  } finally {
    await session.close();
  }
  session.check();
  if (end.failure !== undefined) throw end.failure as Error;
  if (flags.json) words.json(runJson('run', session.guest.path, end, flags.stats));
  else if (!end.unread) {
    const pace = paceText(end.position, end.seconds);
    if (end.reason !== 'power-off') words.notice(flags.stats ? endText(end) : `${endText(end)} ${pace}.`);
    words.lines(networkLines(end));
    if (flags.stats) words.asked([pace, ...engineLines(end.engine)]);
  }
  return processStatus(end.status);
}

/** What became of frames that did not reach the guest, or did not leave it: nothing where there are none. */
export function networkLines({ captures, dropped }: LiveEnd): string[] {
  const lines = captures.map(
    ({ path, played, frames }) => `${grouped(played)} of ${grouped(frames)} frames of ${path} were played.`,
  );
  if (dropped > 0) lines.push(`${grouped(dropped)} frames were dropped by the guest's network devices.`);
  return lines;
}

/** How a run ended, for programs; with what the engine has done on request. */
export function runJson(command: string, guest: string, end: LiveEnd, stats: boolean): Record<string, unknown> {
  const { reason, status, detail, position, seconds, dropped } = end;
  return {
    ...{ command, guest, ended: reason, status },
    ...(detail === undefined ? {} : { detail }),
    instructions: position,
    seconds: Number(seconds.toFixed(6)),
    ...(dropped > 0 ? { droppedFrames: dropped } : {}),
    ...(end.captures.length > 0
      ? { captures: end.captures.map(({ path, played, frames, leftOut }) => ({ path, played, frames, leftOut })) }
      : {}),
    mips: Number(mips(position, seconds).toFixed(3)),
    ...(stats ? { engine: engineJson(end.engine) } : {}),
  };
}
