/**
 * What is wrong with a log, as a failure that names it.
 */
import { Failure, STATUS } from '../../host/failure.js';
import { LogDamage, LogError, LogFormat } from '../../log/errors.js';
import type { Tear } from '../../log/reader.js';
import { grouped } from '../output/summary-lines.js';

/** A LogError as a Failure with one sentence; anything else as it is. */
export function logFailure(path: string, error: unknown): unknown {
  if (!(error instanceof LogError)) return error;
  const predicate = error.message.replace(/^(this|the log) /, '');
  return new Failure(STATUS.data, `${path} ${predicate}${advice(error)}.`, error);
}

/** The same of the log that comes from a primary. */
export function channelFailure(error: unknown): unknown {
  if (!(error instanceof LogError)) return error;
  const predicate = error.message.replace(/^(this|the log) /, '');
  return new Failure(STATUS.data, `The log that the primary sends ${predicate}.`, error);
}

function advice(error: LogError): string {
  if (error instanceof LogDamage) return '; take another copy of it';
  if (error instanceof LogFormat && error.alien) return '; name a file that vmft record has written';
  return '';
}

/** That a log has no end, as a sentence. `position` is that of its last entry, `addition` a clause about it. */
export function tornText(path: string, position: number, torn: Tear | undefined, addition: string): string {
  const at = torn === undefined ? '' : `, byte offset ${torn.offset},`;
  return `${path} ends at position ${grouped(position)}${at} without an end: its recording was cut off; ${addition}.`;
}
