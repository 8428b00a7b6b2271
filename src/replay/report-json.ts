/**
 * Reports of a comparison for programs: the same as for people, in full. Addresses and 64-bit values are hexadecimal
 * strings with 0x, bytes hexadecimal digits.
 */
import { entryJson, hex, type Json } from '../log/text.js';
import type { CheckReport } from './check.js';
import type { DiffReport, Found } from './diff-report.js';
import type { EngineDifference } from './engines.js';
import type { Divergence, Surroundings } from './divergence.js';
import { privilegeName, type Place } from './place.js';
import type { OutputDifference } from './later-outputs.js';
import type { LogDifference } from './log-difference.js';
import type { LogExtent } from './log-walk.js';
import type { Pair } from './pair.js';
import { checkSentences } from './report-check.js';
import { engineSentences } from './report-engines.js';
import { differencePhrase, foundSentence } from './report-sentences.js';
import type { FieldValue } from './state-bytes.js';

/** The report of a comparison of two logs as one JSON object. */
export function diffJson(report: DiffReport): Json {
  const { outcome, labels, setup, extents, equalTo, every, harmless, found } = report;
  return {
    outcome,
    logs: [...labels],
    setup: setup.map(({ what, values, usual }) => ({ what, values: [...values], usual })),
    ends: extents ? extents.map(extentJson) : null,
    equalTo,
    every,
    harmless: { count: harmless.count, first: harmless.first.map((one) => differenceJson(one, labels)) },
    divergence: found ? foundJson(found, report) : null,
  };
}

function foundJson(found: Found, { labels, setup }: DiffReport): Json {
  const { cause } = found;
  return {
    ...findingJson(found),
    sentence: foundSentence(found, { labels, setup }).join(' '),
    cause: cause ? differenceJson(cause, labels) : null,
  };
}

/** What two machines differ in, and what became of it. */
function findingJson({ position, last, next, differences, thrown, around, outputs }: Found): { [key: string]: Json } {
  return {
    position,
    instruction: placeJson(last),
    next: next.map(placeJson),
    fields: differences
      ? differences.fields.map(({ kind, name, values }) => ({ kind, name, values: values.map(valueJson) }))
      : null,
    memory: differences
      ? {
          bytes: differences.memoryBytes,
          pieces: differences.memoryPieces,
          list: differences.memory.map(({ address, values }) => ({
            address: `0x${address.toString(16)}`,
            values: values.map(hex),
          })),
        }
      : null,
    disks: differences
      ? differences.disks.map(({ slot, offset, values }) => ({
          ...{ slot, offset },
          values: values.map((value) => (value ? hex(value) : null)),
        }))
      : null,
    thrown: thrown.map(divergenceJson),
    around: around.map(surroundingsJson),
    outputs: typeof outputs === 'string' ? outputs : outputsJson(outputs),
  };
}

/** The report of one log on two engines that differ as one JSON object. */
export function engineJson(difference: EngineDifference): { [key: string]: Json } {
  const { label, names, from, repeats, instructions, found } = difference;
  return {
    outcome: 'diverged',
    logs: [label],
    engines: [...names],
    end: null,
    divergence: {
      ...findingJson(found),
      sentence: engineSentences(difference).join(' '),
      from,
      repeats,
      instructions: instructions.map(placeJson),
    },
  };
}

function differenceJson(difference: LogDifference, labels: Pair<string>): Json {
  const { kind, entries, later } = difference;
  return {
    kind,
    sentence: differencePhrase(difference, labels),
    entries: entries.map((entry) => (entry ? entryJson(entry) : null)),
    later: later ? entryJson(later) : null,
  };
}

function outputsJson({ kind, sent }: OutputDifference): Json {
  return { kind, sent: sent.map((one) => (one ? { position: one.position, data: hex(one.data) } : null)) };
}

/** The report of a check of one log as one JSON object. */
export function checkJson({ label, engines, result, broken }: CheckReport): { [key: string]: Json } {
  return {
    outcome: broken ? 'diverged' : 'same',
    logs: [label],
    ...(engines ? { engines: [...engines.names], every: engines.every } : {}),
    end: result
      ? { ended: result.ended, position: result.position, status: result.status, digests: result.digests }
      : null,
    divergence: broken
      ? {
          ...(divergenceJson(broken.divergence) as { [key: string]: Json }),
          sentence: checkSentences(label, broken).join(' '),
          agreed: broken.agreed,
          digestEvery: broken.digestDistance,
          entriesBetween: broken.entries,
          last: broken.last.map(entryJson),
          next: placeJson(broken.place),
          around: surroundingsJson(broken.around),
        }
      : null,
  };
}

function divergenceJson(divergence: Divergence | undefined): Json {
  if (divergence === undefined) return null;
  const { position, message, expected } = divergence;
  return { position, message, expected: expected ? entryJson(expected) : null };
}

function placeJson(place: Place | undefined): Json {
  if (place === undefined) return null;
  const { pc, privilege, symbol, instruction } = place;
  return {
    pc: `0x${pc.toString(16)}`,
    privilege: privilegeName(privilege),
    symbol: symbol || null,
    instruction: instruction ?? null,
  };
}

function extentJson({ position, end, torn }: LogExtent): Json {
  return { position, reason: end?.reason ?? null, status: end?.status ?? null, cutAtByte: torn?.offset ?? null };
}

function surroundingsJson({ before, after }: Surroundings): Json {
  return { before: before.map(entryJson), after: after.map(entryJson) };
}

function valueJson(value: FieldValue | undefined): Json {
  if (value === undefined) return null;
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'boolean') return value;
  if (ArrayBuffer.isView(value)) return hex(value);
  return (value as readonly Uint8Array[]).map((bytes) => hex(bytes));
}
