/**
 * Entries in the middle of a sentence: "a tick at guest time 0.000500 s".
 */
import type { DiskEntry, Entry } from '../log/entry.js';
import { TIMEBASE_HZ } from '../machine/configuration.js';

/** What an entry stands for, with its article. */
export function entryPhrase(entry: Entry): string {
  switch (entry.type) {
    case 'time':
      return `a time read that gave ${entry.time}`;
    case 'tick':
      return `a tick at guest time ${secondsText(entry.time)}`;
    case 'entropy':
      return `an entropy read of ${bytesText(entry.data.length)}`;
    case 'packet':
      return `a packet of ${bytesText(entry.data.length)} for slot ${entry.device}`;
    case 'console':
      return `${bytesText(entry.data.length)} of console input`;
    case 'size':
      return `a console of ${entry.columns} columns and ${entry.rows} rows`;
    case 'disk':
      return diskPhrase(entry);
    case 'output':
      return outputPhrase(entry);
    case 'digest':
      return `a digest`;
    case 'progress':
      return 'progress of the primary';
    case 'end':
      return `the end (${entry.reason})`;
  }
}

/** What was sent, with its article. */
export function outputPhrase(output: Extract<Entry, { type: 'output' }>): string {
  switch (output.kind) {
    case 'console':
      return `a console output of ${bytesText(output.length)}`;
    case 'packet':
      return `an outgoing packet of ${bytesText(output.length)} from slot ${output.device}`;
    case 'disk':
      return output.length === 0
        ? `a disk flush in slot ${output.device}`
        : `a disk write of ${bytesText(output.length)} in slot ${output.device}`;
    case 'power':
      return 'a power-off';
  }
}

function diskPhrase({ device, request, status, data }: DiskEntry): string {
  const outcome = status !== 0 ? ' that failed' : data.length > 0 ? ` with ${bytesText(data.length)} read` : '';
  return `a completion of disk request ${request} in slot ${device}${outcome}`;
}

/** Guest time, given in ticks, in seconds. */
export function secondsText(ticks: number): string {
  return `${(ticks / TIMEBASE_HZ).toFixed(7)} s`;
}

/** A position with its digits in groups of three. */
export function positionText(position: number): string {
  return String(position).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function bytesText(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}
