/**
 * Reports of a comparison for people: first a sentence that says what differs, where, and because of which entry, then
 * what belongs to it, on one screen.
 */
import { entryText } from '../log/text.js';
import type { DiffReport, Found } from './diff-report.js';
import type { FieldDifference, MemoryDifference } from './differences.js';
import type { DiskDifference } from './disk-differences.js';
import type { Surroundings } from './divergence.js';
import type { LogExtent } from './log-walk.js';
import type { Pair } from './pair.js';
import { positionText } from './phrase.js';
import { privilegeName, type Place } from './place.js';
import { bytePairs, counted, cut, table, wrapped } from './report-layout.js';
import { foundSentence, harmlessSentence, outputsSentence } from './report-sentences.js';
import type { FieldValue } from './state-bytes.js';

/** Rows of the table of differences, and how many of them registers and fields leave to memory at least. */
const ROWS = 12;
const MEMORY_ROWS = 4;
/** Rows of what was written to disks, below those. */
const DISK_ROWS = 4;
const BYTES = 8;
const LABEL = 24;

/** Names an address: `add_one+0x4`, or ''. */
export type Namer = (address: bigint) => string;

/** The report of a comparison of two logs. `symbolOf` names data in memory. */
export function diffText(report: DiffReport, symbolOf: Namer = () => ''): string {
  return [...setupLines(report), ...outcomeLines(report, symbolOf)].join('\n') + '\n';
}

function setupLines({ setup, labels, outcome }: DiffReport): string[] {
  const serious = setup.filter(({ usual }) => !usual);
  const lines = serious.flatMap(({ what, values }) => {
    const [a, b] = values.map((value, side) => `${labels[side as 0 | 1]} has ${value}`);
    return wrapped(`The logs differ in ${what}: ${a}, ${b}.`);
  });
  if (outcome === 'setup') {
    const rest = 'They are not two runs of one guest on one machine; they are compared all the same with --force.';
    return [...lines, ...wrapped(rest)];
  }
  if (setup.length === 0) return [];
  const usual = setup.filter((difference) => difference.usual).map(({ what }) => what);
  const what = serious.length > 0 ? 'what differs before the first instruction' : `the guest's ${usual.join(' and ')}`;
  return [...lines, `Left out of the comparison: ${what}.`, ''];
}

function outcomeLines(report: DiffReport, symbolOf: Namer): string[] {
  const { outcome, found } = report;
  if (outcome === 'setup') return [];
  if (found !== undefined) return foundLines(found, report, symbolOf);
  return [...equalSentences(report)].flatMap(wrapped);
}

function* equalSentences(report: DiffReport): Generator<string> {
  const { outcome, labels, extents, equalTo, every } = report;
  const ends = extents?.map((extent, side) => `${labels[side as 0 | 1]} ${extentText(extent)}.`) ?? [];
  if (outcome === 'same') yield `The runs are the same, to their end at position ${positionText(equalTo)}.`;
  else {
    yield equalTo < 0
      ? 'The runs have no position in common that is complete.'
      : `The runs are the same as far as both go, to position ${positionText(equalTo)}.`;
  }
  const [a, b] = extents?.map(({ end }) => `${end?.reason} ${end?.status}`) ?? [];
  if (outcome !== 'same' || a !== b) yield* ends;
  const harmless = harmlessSentence(report);
  if (harmless !== undefined) yield harmless;
  if (every > 1) {
    yield `Their states were compared wherever the logs differ, and every ${positionText(every)} instructions besides; --every 1 compares them after each.`;
  }
}

function extentText({ position, end, torn }: LogExtent): string {
  if (end !== undefined) return `ends at position ${positionText(position)} (${end.detail ?? end.reason})`;
  return `was cut at byte ${torn?.offset ?? 0}, behind position ${positionText(position)}`;
}

function foundLines(found: Found, report: DiffReport, symbolOf: Namer): string[] {
  const { labels } = report;
  const sentences = [
    ...foundSentence(found, report),
    harmlessSentence(report),
    outputsSentence(found.outputs, labels),
  ].filter((sentence) => sentence !== undefined);
  return [
    ...sentences.flatMap(wrapped),
    '',
    ...placeLines(found, labels),
    ...differenceLines(found, labels, symbolOf),
    ...aroundLines(found, labels),
  ];
}

function placeLines({ last, next, position }: Found, labels: Pair<string>): string[] {
  const rows: [string, Place | undefined][] = [
    [`instruction ${positionText(position)}`, last],
    [`${short(labels[0])} goes on at`, next[0]],
    [`${short(labels[1])} goes on at`, next[1]],
  ];
  const shown = rows.filter((row): row is [string, Place] => row[1] !== undefined);
  const lines = table(shown.map(([name, place]) => [name, ...placeCells(place)]));
  return lines.length > 0 ? [...lines, ''] : lines;
}

/** A log's name where columns are narrow. */
function short(label: string): string {
  return label.length <= LABEL ? label : `...${label.slice(3 - LABEL)}`;
}

export function placeCells({ pc, symbol, instruction, privilege }: Place): string[] {
  return [`0x${pc.toString(16)}`, privilegeName(privilege), symbol && `<${symbol}>`, instruction ?? '(no code there)'];
}

/** A table of what differs, with an empty line behind it; nothing where that is not known. */
export function differenceLines({ differences }: Found, labels: Pair<string>, symbolOf: Namer): string[] {
  if (differences === undefined) return [];
  const { fields, memory, memoryBytes, memoryPieces, disks } = differences;
  const shown = fields.slice(0, ROWS - Math.min(MEMORY_ROWS, memory.length));
  const pieces = memory.slice(0, ROWS - shown.length);
  const written = disks.slice(0, DISK_ROWS);
  const rows = [
    ...shown.map(fieldCells),
    ...pieces.map((piece) => memoryCells(piece, symbolOf)),
    ...written.map(diskCells),
  ];
  if (rows.length === 0) return [];
  const lines = table([['', ...labels.map(short)], ...rows]);
  const more = fields.length - shown.length;
  if (more > 0) lines.push(`  and ${counted(more, 'more register or field', 'more registers and fields')}`);
  if (memoryPieces > pieces.length) lines.push(`  in all ${memoryBytes} bytes of memory in ${memoryPieces} pieces`);
  if (disks.length > written.length)
    lines.push(`  and ${counted(disks.length - written.length, 'more piece')} of disks`);
  return [...lines, ''];
}

function diskCells({ slot, offset, values }: DiskDifference): string[] {
  const length = Math.max(...values.map((value) => value?.length ?? 0));
  const name = `disk in slot ${slot} at ${offset}${length > BYTES ? ` (${length} bytes)` : ''}`;
  return [name, ...values.map((value) => (value ? bytePairs(value, BYTES) : 'not written'))];
}

function memoryCells({ address, values }: MemoryDifference, symbolOf: Namer): string[] {
  const symbol = symbolOf(BigInt(address));
  const [{ length }] = values;
  const size = length > BYTES ? ` (${length} bytes)` : '';
  const name = `0x${address.toString(16)}${symbol && ` <${symbol}>`}${size}`;
  return [cut(name, 40), ...values.map((value) => bytePairs(value, BYTES))];
}

function fieldCells({ kind, name, values }: FieldDifference): string[] {
  const [a, b] = values;
  if (isBytes(a) && isBytes(b)) return byteCells(name, a, b);
  if (Array.isArray(a) && Array.isArray(b)) return listCells(name, a as Uint8Array[], b as Uint8Array[]);
  return [name, ...values.map((value) => valueText(kind, value))];
}

/** Bytes from the first that differs on. */
function byteCells(name: string, a: Uint8Array, b: Uint8Array): string[] {
  const length = Math.max(a.length, b.length);
  let at = 0;
  while (at < length - 1 && a[at] === b[at]) at++;
  const cells = [a, b].map((bytes) => (bytes.length <= at ? 'ends' : bytePairs(bytes.subarray(at), BYTES)));
  return [at > 0 ? `${name}[${at}]` : name, ...cells];
}

/** The first item that differs. */
function listCells(name: string, a: readonly Uint8Array[], b: readonly Uint8Array[]): string[] {
  const at = a.findIndex((bytes, i) => i < b.length && bytePairs(bytes, Infinity) !== bytePairs(b[i], Infinity));
  if (at >= 0) return byteCells(`${name}[${at}]`, a[at], b[at]);
  return [name, ...[a, b].map((items) => counted(items.length, 'item'))];
}

function isBytes(value: FieldValue | undefined): value is Uint8Array {
  return ArrayBuffer.isView(value);
}

function valueText(kind: FieldDifference['kind'], value: FieldValue | undefined): string {
  if (value === undefined) return '-';
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value === 'number') return kind === 'field' ? String(value) : `0x${value.toString(16)}`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return isBytes(value) ? bytePairs(value, BYTES) : counted(value.length, 'item');
}

function aroundLines({ around, position }: Found, labels: Pair<string>): string[] {
  const texts = around.map((surroundings) => surroundingLines(surroundings, position));
  if (texts[0].join('\n') === texts[1].join('\n'))
    return texts[0].length > 0 ? ['entries of both logs', ...texts[0]] : [];
  return texts.flatMap((lines, side) => [
    cut(`entries of ${labels[side as 0 | 1]}`),
    ...(lines.length > 0 ? lines : ['  (none)']),
  ]);
}

/** Entries as lines, those at the position marked. */
export function surroundingLines({ before, after }: Surroundings, position: number): string[] {
  return [...before, ...after].map((entry) => cut(`${entry.position === position ? '> ' : '  '}${entryText(entry)}`));
}
