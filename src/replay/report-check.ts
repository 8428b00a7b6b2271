/**
 * The report of one log against itself, for people: whether it replays as it was recorded, and where it does not, between
 * which digests the executions parted.
 */
import { entryText } from '../log/text.js';
import type { Broken, CheckReport } from './check.js';
import { positionText } from './phrase.js';
import { placeCells, surroundingLines } from './report.js';
import { counted, cut, table, wrapped } from './report-layout.js';

/** The report of a check of one log. */
export function checkText(report: CheckReport): string {
  const lines = report.broken === undefined ? agreement(report) : brokenLines(report, report.broken);
  return lines.join('\n') + '\n';
}

function agreement({ label, result, engines }: CheckReport): string[] {
  const how = result?.ended === 'torn' ? ', where the log was cut' : '';
  const digests = result?.digests ?? 0;
  const agree = digests === 1 ? 'one digest agrees' : `${digests} digests agree`;
  const lines = [
    `${label} replays as it was recorded, to position ${positionText(result?.position ?? 0)}${how}; ${agree}.`,
  ];
  if (engines === undefined) return lines;
  const { names, every } = engines;
  const often = every > 1 ? `every ${positionText(every)} instructions` : 'after every instruction';
  return [...lines, ...wrapped(`It is the same on ${names[0]} and ${names[1]}, which were compared ${often}.`)];
}

function brokenLines({ label, engines }: CheckReport, broken: Broken): string[] {
  const { divergence, place, last, around } = broken;
  const lines = checkSentences(label, broken).flatMap(wrapped);
  if (engines !== undefined) lines.push(...wrapped(`It is the same on ${engines.names[0]} and ${engines.names[1]}.`));
  lines.push('');
  if (place !== undefined) lines.push(...table([['the guest goes on at', ...placeCells(place)]]), '');
  if (last.length > 0) lines.push('the last of them', ...last.map((entry) => cut(`  ${entryText(entry)}`)));
  else lines.push('entries around', ...surroundingLines(around, divergence.position));
  return lines;
}

/** What is not as recorded, and between where they parted. */
export function checkSentences(label: string, { divergence, agreed, entries, digestDistance }: Broken): string[] {
  const { position, deed } = divergence;
  const sentences = [`${label} does not replay as it was recorded: ${divergence.message}.`];
  const lie = entries === 1 ? 'lies' : 'lie';
  const count = entries === 0 ? 'no entries' : counted(entries, 'entry', 'entries');
  const from =
    agreed < 0
      ? 'No digest before it agrees: they parted somewhere before it'
      : `The last digest that agrees is at position ${positionText(agreed)}: they parted behind it`;
  const exact = agreed === position - 1 ? ', at this very instruction' : '';
  sentences.push(`${from}${exact || `, by position ${positionText(position)}`}; ${count} ${lie} between.`);
  if (deed.type === 'output' && deed.output.type === 'console') {
    sentences.push(`The guest sent ${JSON.stringify(new TextDecoder().decode(deed.output.data.subarray(0, 60)))}.`);
  }
  if (exact === '' && position - agreed > 1) {
    const now = digestDistance === 0 ? 'has none' : `has one every ${positionText(digestDistance)} instructions`;
    sentences.push(
      `To come closer, record with --digest-every N: this log ${now}, and with N 1 the instruction is named; or compare with a log of a good run.`,
    );
  }
  return sentences;
}
