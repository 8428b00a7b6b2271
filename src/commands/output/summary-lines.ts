/**
 * Summaries for people: how a run ended, how fast it was, and what the log's bytes were spent on.
 */
import { count } from '../../host/progress.js';
import type { EndReason } from '../../log/entry.js';
import type { Statistics } from '../../log/statistics.js';
import { statisticsRows } from '../../log/text.js';

/** A whole number with its digits in groups of three. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** Instructions, seconds and their quotient: `1 234 567 instructions in 0.52 s (2.4 MIPS)`. */
export function paceText(instructions: number, seconds: number): string {
  return `${grouped(instructions)} instructions in ${seconds.toFixed(2)} s (${mips(instructions, seconds).toFixed(1)} MIPS)`;
}

/** Millions of instructions a second. */
export function mips(instructions: number, seconds: number): number {
  return seconds > 0 ? instructions / seconds / 1e6 : 0;
}

/** How a run or a recording ended, as a sentence. */
export function endText({ reason, status, detail }: { reason: EndReason; status: number; detail?: string }): string {
  switch (reason) {
    case 'power-off':
      return `The guest powered off with status ${status}.`;
    case 'until':
      return 'The guest was stopped at the position that --until named.';
    case 'time-limit':
      return 'The guest was stopped at the time limit.';
    case 'interrupted':
      return `The guest was stopped${detail === undefined ? '' : `: ${detail}`}.`;
    case 'host-error':
      return `The guest was stopped by a failure on the host${detail === undefined ? '' : `: ${detail.replace(/\.$/, '')}`}.`;
  }
}

/** A table of a log's entries and bytes by cause, most bytes first, without a heading. */
export function causeLines(statistics: Statistics): string[] {
  const { rows, total } = statisticsRows(statistics);
  const sorted = [...rows].sort((a, b) => b.bytes - a.bytes);
  return [...sorted, total].map(
    ({ cause, entries, bytes, share }) =>
      `  ${cause.padEnd(14)} ${grouped(entries).padStart(13)}  ${sizeText(bytes).padStart(10)}  ${percent(share).padStart(6)}`,
  );
}

/** Entries and bytes by cause, for JSON. */
export function causeJson(statistics: Statistics): Record<string, { entries: number; bytes: number }> {
  const { rows } = statisticsRows(statistics);
  return Object.fromEntries(rows.map(({ cause, entries, bytes }) => [cause, { entries, bytes }]));
}

/** `512 bytes`, `12.3 kB`. */
export function sizeText(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${count(bytes)}B`;
}

/** `12.3 %` of a share from 0 to 1. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
