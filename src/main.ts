/**
 * The process around a command: hands the arguments to oclif and turns what goes wrong into one sentence on stderr
 * and an exit status of sysexits.h. The stack is for whoever sets DEBUG.
 */
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';

import { ClosedPipe, Failure, reasonOf, STATUS, UsageFailure } from './host/failure.js';

/** Runs the command that `argv` names; `url` is that of the executable, beside which oclif finds the package. */
export async function main(argv: string[], url: string): Promise<void> {
  // A reader that goes away (`| head`) ends vmft quietly; what is at work notices by its own means.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  // When nothing is left to do the process ends, without taking its memory apart first, a guest's among it.
  process.once('beforeExit', () => process.exit());
  // What is installed is what runs: no search for TypeScript sources.
  settings.enableAutoTranspile = false;
  try {
    await run(argv, url);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Tells the user about anything thrown; answers the exit status. */
function report(error: unknown): number {
  const exit = exitOf(error);
  if (exit !== undefined) return exit;
  if (error instanceof ClosedPipe) return 0;
  const failure = failureOf(error);
  const prefix = process.stderr.isTTY && !process.env['NO_COLOR'] ? '\x1b[31mvmft:\x1b[0m' : 'vmft:';
  process.stderr.write(`${prefix} ${failure.message}\n`);
  if (process.env['DEBUG']) process.stderr.write(`${stackOf(error)}\n`);
  return failure.status;
}

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isUsage(error)) return new UsageFailure(sentence(reasonOf(error)), error);
  return new Failure(
    STATUS.software,
    `This is a defect of vmft (${reasonOf(error)}): please report it with what DEBUG=1 shows.`,
    error,
  );
}

/** oclif's own word for "end with this status": nothing is wrong. */
function exitOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error) || error.code !== 'EEXIT') return undefined;
  return 'oclif' in error ? ((error.oclif as { exit?: number }).exit ?? 0) : 0;
}

/** Whether oclif could not make sense of the command line. */
function isUsage(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'oclif' in error;
}

/** oclif's message as one sentence, without its hint at --help. */
function sentence(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const told = lines.filter((line) => line !== '' && !line.startsWith('See more help')).join(': ');
  return /[.!?]$/.test(told) ? told : `${told}.`;
}

function stackOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'stack' in error ? String(error.stack) : String(error);
}
