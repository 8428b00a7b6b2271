/**
 * Reports of a comparison for people: first a sentence that says what differs, where, and because of which entry, then
 * what belongs to it, on one screen.
 */
import type { Entry } from '../log/entry.js';
import { entryText, hex } from '../log/text.js';
import type { CheckReport } from './check.js';
import type { DiffReport, Found, Pair } from './diff.js';
import type { FieldDifference, MemoryDifference } from './differences.js';
import type { Surroundings } from './divergence.js';
import type { Cause, Place } from './explanation.js';
import type { LogExtent } from './log-walk.js';
import { entryPhrase, positionText } from './phrase.js';
import type { FieldValue } from './state-bytes.js';

/** Rows of each list that are shown. */
const ROWS = 12;
const BYTES = 8;
const PRIVILEGES = { 0: 'U', 1: 'S', 3: 'M' } as const;

/** Names an address: `add_one+0x4`, or ''. */
export type Namer = (address: bigint) => string;

/** The report of a comparison of two logs. `symbolOf` names data in memory. */
export function diffText(report: DiffReport, symbolOf: Namer = () => ''): string {
  return [...setupLines(report), ...outcomeLines(report, symbolOf)].join('\n') + '\n';
}

function setupLines({ setup, labels, outcome }: DiffReport): string[] {
  const serious = setup.filter(({ usual }) => !usual);
  const lines = serious.map(
    ({ what, values }) => `The logs differ in ${what}: ${labels[0]} has ${values[0]}, ${labels[1]} has ${values[1]}.`,
  );
  if (outcome === 'setup')
    lines.push('They are not two runs of one guest on one machine; they are compared all the same with --force.');
  const usual = setup.filter((difference) => difference.usual).map(({ what }) => what);
  if (outcome !== 'setup' && setup.length > 0) {
    const what =
      serious.length > 0 ? 'what differs before the first instruction' : `the guest's ${usual.join(' and ')}`;
    lines.push(`Left out of the comparison: ${what}.`);
  }
  return lines.length > 0 ? [...lines, ''] : lines;
}

function outcomeLines(report: DiffReport, symbolOf: Namer): string[] {
  const { outcome, labels, extents, equalTo, found, harmless } = report;
  if (outcome === 'setup') return [];
  if (found !== undefined) return foundLines(found, labels, symbolOf);
  const lines =
    outcome === 'same'
      ? [`The runs are the same, to their end at position ${positionText(equalTo)}.`]
      : [
          `The runs are the same as far as both go, to position ${positionText(equalTo)}.`,
          ...(extents ?? []).map((extent, side) => `${labels[side as 0 | 1]} ${extentText(extent)}.`),
        ];
  if (harmless > 0)
    lines.push(
      `Their logs differ at ${harmless === 1 ? 'one position' : `${harmless} positions`}, which made no difference to the guest.`,
    );
  return lines;
}

function extentText({ position, end, torn }: LogExtent): string {
  if (end !== undefined) return `ends at position ${positionText(position)} (${end.detail ?? end.reason})`;
  return `was cut at byte ${torn?.offset ?? 0}, behind position ${positionText(position)}`;
}

function foundLines(found: Found, labels: Pair<string>, symbolOf: Namer): string[] {
  return [
    ...sentence(found, labels),
    '',
    ...placeLines(found, labels),
    ...differenceLines(found, labels, symbolOf),
    ...aroundLines(found, labels),
  ];
}

/** What differs, where, and why. */
export function sentence({ position, last, cause, thrown }: Found, labels: Pair<string>): string[] {
  const head = `The runs differ from position ${positionText(position)} on`;
  const lines = [cause === undefined ? unexplained(head, position, last) : explained(head, cause, labels, position)];
  thrown.forEach((divergence, side) => {
    if (divergence) lines.push(`${labels[side as 0 | 1]} cannot be rebuilt there: ${divergence.message}.`);
  });
  return lines;
}

function explained(head: string, { entries, later }: Cause, labels: Pair<string>, position: number): string {
  const [a, b] = entries;
  if (a !== undefined && b !== undefined) {
    return `${head}: ${labels[0]} has ${entryPhrase(a)}, ${labels[1]} has ${entryPhrase(b)}${a.type === b.type ? difference(a, b) : ''}.`;
  }
  const extra = a === undefined ? 1 : 0;
  const entry = entries[extra];
  if (entry === undefined) return `${head}.`;
  const rest =
    later === undefined
      ? 'has none there'
      : `has its next ${positionText(later.position - position)} instructions later`;
  return `${head}: ${labels[extra]} has ${entryPhrase(entry)} there, and ${labels[1 - extra]} ${rest}.`;
}

/** In what two entries differ that read alike. */
function difference(a: Entry, b: Entry): string {
  if (entryPhrase(a) !== entryPhrase(b)) return '';
  if (!('data' in a) || !('data' in b)) return ', with other bytes';
  const at = a.data.findIndex((byte, i) => byte !== b.data[i]);
  return `: byte ${at} of it is ${hex(a.data.subarray(at, at + 1))} in one and ${hex(b.data.subarray(at, at + 1))} in the other`;
}

function unexplained(head: string, position: number, last: Place | undefined): string {
  if (position === 0 || last === undefined) return `${head}: before the first instruction.`;
  return `${head}, and no entry of the logs explains it: the instruction before it met equal states and equal inputs.`;
}

function placeLines({ last, next, position }: Found, labels: Pair<string>): string[] {
  const rows: [string, Place | undefined][] = [
    [`instruction ${positionText(position)}`, last],
    [`${labels[0]} goes on at`, next[0]],
    [`${labels[1]} goes on at`, next[1]],
  ];
  const shown = rows.filter((row): row is [string, Place] => row[1] !== undefined);
  const lines = table(shown.map(([name, place]) => [name, ...placeCells(place)]));
  return lines.length > 0 ? [...lines, ''] : lines;
}

function placeCells({ pc, symbol, instruction, privilege }: Place): string[] {
  return [`0x${pc.toString(16)}`, PRIVILEGES[privilege], symbol && `<${symbol}>`, instruction ?? '(no code there)'];
}

function differenceLines({ differences }: Found, labels: Pair<string>, symbolOf: Namer): string[] {
  if (differences === undefined) return [];
  const { fields, memory, memoryBytes, memoryPieces } = differences;
  const rows = [
    ...fields.slice(0, ROWS).map((field) => [field.name, ...field.values.map((value) => valueText(field, value))]),
    ...memory.slice(0, ROWS).map((piece) => memoryCells(piece, symbolOf)),
  ];
  if (rows.length === 0) return [];
  const lines = table([['', ...labels], ...rows]);
  const more = Math.max(0, fields.length - ROWS);
  if (more > 0) lines.push(`  and ${more} more registers and fields`);
  if (memoryPieces > ROWS) lines.push(`  in all ${memoryBytes} bytes of memory in ${memoryPieces} pieces`);
  return [...lines, ''];
}

function memoryCells({ address, values }: MemoryDifference, symbolOf: Namer): string[] {
  const symbol = symbolOf(BigInt(address));
  const bytes = values.map((value) => {
    const text = hex(value.subarray(0, BYTES)).replace(/(..)(?=.)/g, '$1 ');
    return value.length > BYTES ? `${text} ... (${value.length} bytes)` : text;
  });
  return [`0x${address.toString(16)}${symbol && ` <${symbol}>`}`, ...bytes];
}

function valueText({ kind }: FieldDifference, value: FieldValue | undefined): string {
  if (value === undefined) return '-';
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value === 'number') return kind === 'field' ? String(value) : `0x${value.toString(16)}`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (!ArrayBuffer.isView(value)) return `${value.length} items`;
  const bytes = value;
  return bytes.length > BYTES ? `${hex(bytes.subarray(0, BYTES))}... (${bytes.length} bytes)` : hex(bytes) || 'empty';
}

function aroundLines({ around, position }: Found, labels: Pair<string>): string[] {
  const texts = around.map((surroundings) => surroundingLines(surroundings, position));
  if (texts[0].join('\n') === texts[1].join('\n'))
    return texts[0].length > 0 ? ['entries of both logs', ...texts[0]] : [];
  return texts.flatMap((lines, side) => [
    `entries of ${labels[side as 0 | 1]}`,
    ...(lines.length > 0 ? lines : ['  (none)']),
  ]);
}

/** Entries as lines, those at the position marked. */
function surroundingLines({ before, after }: Surroundings, position: number): string[] {
  return [...before, ...after].map((entry) => `${entry.position === position ? '> ' : '  '}${entryText(entry)}`);
}

/** The report of a check of one log. */
export function checkText({ label, result, broken }: CheckReport): string {
  if (broken === undefined) {
    const how = result?.ended === 'torn' ? ', where the log was cut' : '';
    const digests = result?.digests === 1 ? 'one digest' : `${result?.digests ?? 0} digests`;
    return `${label} replays as it was recorded, to position ${positionText(result?.position ?? 0)}${how}; ${digests} agree.\n`;
  }
  const { divergence, agreed, place, entries, last, around } = broken;
  const from =
    agreed < 0 ? 'No digest before agrees' : `The last digest that agrees is at position ${positionText(agreed)}`;
  const count = entries === 0 ? 'no entries lie' : entries === 1 ? 'one entry lies' : `${entries} entries lie`;
  const lines = [
    `${label} does not replay as it was recorded: ${divergence.message}.`,
    `${from}; ${count} between.`,
    '',
  ];
  if (place !== undefined) lines.push(...table([['the guest goes on at', ...placeCells(place)]]), '');
  if (last.length > 0) lines.push('the last of them', ...last.map((entry) => `  ${entryText(entry)}`));
  else lines.push('entries around', ...surroundingLines(around, divergence.position));
  return lines.join('\n') + '\n';
}

/** Rows in columns, indented. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i])).join('  ')}`.trimEnd());
}
