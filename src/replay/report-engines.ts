/**
 * The report of one log on two engines that differ, for people: what differs, where, and in which instructions.
 */
import { surroundingLines, differenceLines, placeCells, type Namer } from './report.js';
import type { EngineDifference } from './engines.js';
import { positionText } from './phrase.js';
import { counted, table, wrapped } from './report-layout.js';
import { outputsSentence } from './report-sentences.js';

const { ceil } = Math;
/** How many times as often a comparison should be that is to come closer. */
const CLOSER = 4;

/** The report of a difference between two engines. `symbolOf` names data in memory. */
export function engineText(difference: EngineDifference, symbolOf: Namer = () => ''): string {
  const { found, names } = difference;
  const outputs = outputsSentence(found.outputs, names);
  const lines = [...engineSentences(difference), ...(outputs === undefined ? [] : [outputs])].flatMap(wrapped);
  lines.push('', ...placeLines(difference), ...differenceLines(found, names, symbolOf));
  const around = surroundingLines(found.around[0], found.position);
  if (around.length > 0) lines.push('entries around', ...around);
  return lines.join('\n') + '\n';
}

/** What differs, and between where. */
export function engineSentences({ label, names, from, repeats, found }: EngineDifference): string[] {
  const { position, thrown } = found;
  const head = `The runs of ${label} on ${names[0]} and ${names[1]} differ from position ${positionText(position)} on`;
  const sentences: string[] = [];
  if (position === 0) sentences.push(`${head}: before the first instruction.`);
  else if (!repeats) {
    sentences.push(
      `${head}, or from one before it: they were equal at position ${positionText(from)}.`,
      'Run again from there they do not differ: it has to do with what an engine had done before.',
    );
    if (position - from > 1) {
      sentences.push(`Compare more often to come closer: --every ${ceil((position - from) / CLOSER)}.`);
    }
  } else if (position - from === 1) sentences.push(`${head}: the instruction before it met equal states and inputs.`);
  else {
    sentences.push(
      `${head}: ${counted(position - from, 'instruction')} before it, run in one piece, met equal states and inputs. Run in smaller pieces they do not differ.`,
    );
  }
  sentences.push('The guest cannot be the reason: one of the engines is wrong.');
  thrown.forEach((divergence, side) => {
    if (divergence !== undefined)
      sentences.push(`On ${names[side as 0 | 1]} it is not what was recorded: ${divergence.message}.`);
  });
  return sentences;
}

function placeLines({ names, instructions, found: { position, next } }: EngineDifference): string[] {
  const rows = instructions.map((place, i) => [
    `instruction ${positionText(position - instructions.length + i + 1)}`,
    ...placeCells(place),
  ]);
  next.forEach((place, side) => {
    if (place !== undefined) rows.push([`${names[side as 0 | 1]} goes on at`, ...placeCells(place)]);
  });
  return rows.length > 0 ? [...table(rows), ''] : [];
}
