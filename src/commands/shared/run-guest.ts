/**
 * Runs a guest in the present and tells how it went.
 */
import { processStatus } from './exit-status.js';
import type { GuestFlags } from './guest-options.js';
import { LiveSession, type LiveEnd } from './live-session.js';
import { endText, mips, paceText } from './summary-lines.js';
import { Words } from './words.js';

/** Answers the process's exit status. Throws a Failure. */
export async function runGuest(path: string, flags: GuestFlags): Promise<number> {
  const words = await Words.open(flags.quiet);
  const session = await LiveSession.open(path, flags, process.stdout, words);
  let end: LiveEnd;
  try {
    end = await session.run(session.build(session.environment));
  } finally {
    await session.close();
  }
  session.check();
  if (end.failure !== undefined) throw end.failure as Error;
  if (flags.json) words.json(runJson('run', path, end));
  else if (end.reason !== 'power-off' && !end.unread)
    words.notice(`${endText(end)} ${paceText(end.position, end.seconds)}.`);
  return processStatus(end.status);
}

/** How a run ended, for programs. */
export function runJson(command: string, guest: string, end: LiveEnd): Record<string, unknown> {
  const { reason, status, detail, position, seconds } = end;
  return {
    ...{ command, guest, ended: reason, status },
    ...(detail === undefined ? {} : { detail }),
    instructions: position,
    seconds: Number(seconds.toFixed(6)),
    mips: Number(mips(position, seconds).toFixed(3)),
  };
}
