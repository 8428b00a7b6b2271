/**
 * What a comparison found, in sentences: the entry in which two logs differ and how, and the output that it leads to.
 */
import type { Entry } from '../log/entry.js';
import { hex, quoted } from '../log/text.js';
import type { DiffReport, Found } from './diff-report.js';
import type { Divergence } from './divergence.js';
import type { LaterOutputs, OutputDifference, SentOutput } from './later-outputs.js';
import type { LogDifference } from './log-difference.js';
import { OFFSET_BYTES } from './output-entry.js';
import type { Pair } from './pair.js';
import type { Place } from './place.js';
import { entryPhrase, positionText } from './phrase.js';
import { counted } from './report-layout.js';
import { sameBytes } from './same-bytes.js';
import type { SetupDifference } from './setup.js';

/** The most bytes of console text in a sentence. */
const TEXT = 48;

/** What differs, where, and why. */
export function foundSentence(found: Found, { labels, setup }: Pick<DiffReport, 'labels' | 'setup'>): string[] {
  const { position, last, cause, thrown } = found;
  const head = `The runs differ from position ${positionText(position)} on`;
  const thrownLines = thrown.flatMap((divergence, side) =>
    divergence ? [`${labels[side as 0 | 1]} cannot be rebuilt there: ${thrownSentence(divergence)}`] : [],
  );
  if (cause !== undefined) {
    const at = positionOf(cause);
    const where = at === position || cause.kind === 'moved' ? '' : `at position ${positionText(at)} `;
    return [`${head}: ${where}${differencePhrase(cause, labels)}.`, ...thrownLines];
  }
  if (thrownLines.length > 0) return [`${head}.`, ...thrownLines];
  return [unexplained(head, position, last, setup)];
}

function unexplained(
  head: string,
  position: number,
  last: Place | undefined,
  setup: readonly SetupDifference[],
): string {
  if (position === 0 || last === undefined) return `${head}: before the first instruction.`;
  const seeds = setup.some(({ what }) => what === 'rng-seed')
    ? ' Recordings with the same --entropy seed:HEX have the same rng-seed.'
    : '';
  const rest = setup.length > 0 ? ` What was left out of the comparison may be the reason.${seeds}` : '';
  return `${head}, and no entry of the logs explains it: the instruction before it met equal states and equal inputs.${rest}`;
}

function thrownSentence({ message, deed }: Divergence): string {
  if (deed.type !== 'output' || deed.output.type !== 'console') return `${message}.`;
  return `${message}. It sent ${textOf(deed.output.data)}.`;
}

/** How an entry differs, without a full stop. */
export function differencePhrase({ kind, entries, later }: LogDifference, labels: Pair<string>): string {
  const [a, b] = entries;
  if (a !== undefined && b !== undefined) {
    if (kind === 'moved') return movedPhrase(a, b, labels);
    if (kind === 'changed') return changedPhrase(a, b, labels);
    return `${labels[0]} has ${entryPhrase(a)} there, ${labels[1]} has ${entryPhrase(b)} instead`;
  }
  const side = a === undefined ? 1 : 0;
  const entry = a ?? b;
  if (entry === undefined) return 'the logs differ there';
  const [has, other] = [labels[side], labels[1 - side]];
  if (kind === 'doubled') return `${has} has ${entryPhrase(entry)} twice there, and ${other} has it once`;
  const rest =
    later === undefined ? 'has none there' : `has its next ${instructions(later.position - entry.position)} later`;
  return `${has} has ${entryPhrase(entry)} there, and ${other} ${rest}`;
}

function movedPhrase(a: Entry, b: Entry, labels: Pair<string>): string {
  const distance = b.position - a.position;
  const way = distance > 0 ? 'later' : 'earlier';
  const what = entryPhrase(a).replace(/^an? /, '');
  return `the ${what} that ${labels[0]} has at position ${positionText(a.position)} ${/^\d+ bytes/.test(what) ? 'come' : 'comes'} ${instructions(Math.abs(distance))} ${way} in ${labels[1]}`;
}

function changedPhrase(a: Entry, b: Entry, labels: Pair<string>): string {
  const [left, right] = [entryPhrase(a), entryPhrase(b)];
  if ('data' in a && 'data' in b) {
    if (a.type === 'console') {
      return `${labels[0]} has the console input ${textOf(a.data)} there, ${labels[1]} has ${textOf(b.data)}`;
    }
    if (a.data.length === b.data.length && !sameBytes(a.data, b.data))
      return bytesPhrase(left.replace(/^an? /, 'the '), a.data, b.data, labels);
  }
  const rest = left === right ? ' with other bytes' : '';
  return `${labels[0]} has ${left} there, ${labels[1]} has ${right}${rest}`;
}

/** In which bytes two of a length differ. */
function bytesPhrase(what: string, a: Uint8Array, b: Uint8Array, labels: Pair<string>): string {
  const places = [...a.keys()].filter((i) => a[i] !== b[i]);
  const [first = 0] = places;
  const more =
    places.length > 1
      ? `, and ${counted(places.length - 1, 'more byte')} ${places.length > 2 ? 'differ' : 'differs'}`
      : '';
  const [left, right] = [a, b].map((bytes) => hex(bytes.subarray(first, first + 1)));
  return `byte ${first} of ${what} is ${left} in ${labels[0]} and ${right} in ${labels[1]}${more}`;
}

/** What became of the guests' outputs after a divergence; undefined where that is not known. */
export function outputsSentence(outputs: LaterOutputs, labels: Pair<string>): string | undefined {
  if (outputs === 'unknown') return undefined;
  if (outputs === 'same') return 'All that the guests send after it is the same.';
  const { kind, sent } = outputs;
  const [a, b] = sent;
  const head = 'The first output that differs after it:';
  if (a !== undefined && b !== undefined && kind === 'packet' && a.data.length === b.data.length) {
    const at =
      a.position === b.position
        ? `at position ${positionText(a.position)}`
        : `at positions ${positionText(a.position)} and ${positionText(b.position)}`;
    return `${head} ${bytesPhrase(`the packet of ${a.data.length} bytes ${at}`, a.data, b.data, labels)}.`;
  }
  const clauses = sent.map((one, side) => `${labels[side as 0 | 1]} ${sentPhrase(kind, one)}`);
  return `${head} ${clauses.join(', ')}.`;
}

function sentPhrase(kind: OutputDifference['kind'], sent: SentOutput | undefined): string {
  if (sent === undefined) return kind === 'power' ? 'does not power off' : 'sends nothing more';
  const at = `at position ${positionText(sent.position)}`;
  if (kind === 'console') return `sends ${textOf(sent.data)} ${at}`;
  if (kind === 'disk') return `${diskPhrase(sent.data)} ${at}`;
  if (kind === 'packet') return `sends a packet of ${sent.data.length} bytes ${at}`;
  return `powers off with status ${new DataView(sent.data.buffer, sent.data.byteOffset).getUint32(0, true)} ${at}`;
}

/** What a disk was made to do; `bytes` as outputBytes gives them. */
function diskPhrase(bytes: Uint8Array): string {
  if (bytes.length < OFFSET_BYTES) return 'flushes its disk';
  const offset = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return `writes ${bytes.length - OFFSET_BYTES} bytes at offset ${offset} of its disk`;
}

/** What is to be said of differences between the logs that made none between the states. */
export function harmlessSentence({
  harmless,
  found,
  labels,
}: Pick<DiffReport, 'harmless' | 'found' | 'labels'>): string | undefined {
  const { count, first } = harmless;
  const [difference] = first;
  if (difference === undefined) return undefined;
  const at = positionOf(difference);
  const head = found === undefined ? 'The logs differ' : 'Before it the logs differ';
  const which = count === 1 ? 'in one entry, at' : `in ${count} entries, first at`;
  return `${head} ${which} position ${positionText(at)}, which makes no difference to the guest: ${differencePhrase(difference, labels)}.`;
}

/** Where an entry that differs is first met. */
function positionOf({ entries }: LogDifference): number {
  return Math.min(...entries.map((entry) => entry?.position ?? Infinity));
}

function textOf(data: Uint8Array): string {
  const text = quoted(data.subarray(0, TEXT));
  return data.length > TEXT ? `${text} and so on (${data.length} bytes)` : text;
}

function instructions(count: number): string {
  return count === 1 ? '1 instruction' : `${positionText(count)} instructions`;
}
