/**
 * What must hold of a mutated log: it is refused with the place of the damage, or replayed exactly as far as it is what
 * was written. Nothing that was altered may reach the guest, unless the seals were made anew: then what is replayed must
 * still be what the log itself says.
 */
import type { LogEntry } from '../../src/log/entry.js';
import { LogReader } from '../../src/log/reader.js';
import { outputEntry, type OutputEntry } from '../../src/replay/output-entry.js';
import type { Hash } from '../../src/replay/hash.js';
import { MemorySource } from '../guest/replay-rig.js';
import type { Mutated } from './mutations.js';
import type { Original } from './originals.js';
import type { Verdict } from './rebuild.js';
import type { CaseResult } from './scenario.js';

const NAMES_AN_OFFSET = /\bbytes? (offset )?\d+/;

/** Judges a log whose seals are as they were, put together from `originals`. */
export function judgeDamaged({ log }: Mutated, originals: readonly Original[], verdict: Verdict): CaseResult {
  const { ended, error, outputs, offset } = verdict;
  // Put together from two, it may be the start of either.
  const starts = originals.map((one) => commonStart(log, one.log));
  const same = Math.max(...starts);
  const original = originals[starts.indexOf(same)];
  switch (ended) {
    case 'whole':
      if (same < original.log.length || same < log.length)
        return wrong(ended, 'it replayed as if nothing had happened');
      break;
    case 'torn':
      break;
    case 'refused':
      if (!NAMES_AN_OFFSET.test(error?.message ?? '')) return wrong(ended, `"${error?.message}" names no byte offset`);
      break;
    default:
      return wrong(ended, told(verdict));
  }
  if (offset > same)
    return wrong(ended, `entries up to byte ${offset} were handed out, and it differs from byte ${same} on`);
  const expected = outputsBefore(original, offset);
  if (outputs.length !== expected || !outputs.every((sent, index) => isSame(sent, original.outputs[index]))) {
    return wrong(ended, `${outputs.length} outputs were replayed, and the log has ${expected} up to byte ${offset}`);
  }
  return { outcome: ended === 'refused' ? 'refused' : `replayed, ${ended === 'torn' ? 'cut' : ended}` };
}

/** Judges a log whose seals were made anew. */
export async function judgeResealed(
  { log }: Mutated,
  original: Original,
  verdict: Verdict,
  hash: Hash,
): Promise<CaseResult> {
  const { ended, error, outputs } = verdict;
  switch (ended) {
    case 'refused':
      if (!NAMES_AN_OFFSET.test(error?.message ?? '')) return wrong(ended, `"${error?.message}" names no byte offset`);
      return { outcome: 'sealed anew: refused' };
    case 'failed':
    case 'diverged':
      if (!isSentence(error?.message ?? '')) return wrong(ended, `"${error?.message}" is no sentence`);
      return { outcome: `sealed anew: ${ended === 'failed' ? 'refused' : 'diverged'}` };
    case 'whole':
    case 'torn':
    case 'until':
      break;
    default:
      return wrong(ended, told(verdict));
  }
  const entries = await outputEntriesOf(log, outputs.length);
  const wrongAt = outputs.findIndex(
    ({ position, output }, index) => !agrees(outputEntry(position, output, hash), entries[index]),
  );
  if (wrongAt >= 0) return wrong(ended, `output ${wrongAt} of the replay is not the log's`);
  if (ended === 'until') return { outcome: 'sealed anew: another run, without end' };
  if (outputs.length < entries.length)
    return wrong(ended, `the log has an output behind the ${outputs.length} replayed`);
  return {
    outcome:
      commonStart(log, original.log) === log.length
        ? `replayed, ${ended === 'torn' ? 'cut' : ended}`
        : 'sealed anew: another run',
  };
}

function wrong(outcome: string, failure: string): CaseResult {
  return { outcome, failure };
}

function told({ ended, error }: Verdict): string {
  const text = ended === 'crashed' ? error?.stack?.split('\n').slice(0, 4).join(' | ') : error?.message;
  return `it ${ended}: ${text ?? 'nothing was thrown'}`;
}

function isSentence(text: string): boolean {
  return text.length > 10 && !text.includes('\n') && !/undefined|NaN|\[object|TypeError/.test(text);
}

/** How many bytes two logs have in common at their start. */
function commonStart(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return at;
  return length;
}

/** How many outputs the first bytes of an original explain. */
function outputsBefore({ stretches }: Original, offset: number): number {
  return stretches
    .filter((stretch) => stretch.offset + stretch.length <= offset)
    .reduce((sum, { entries }) => sum + entries.filter(({ type }) => type === 'output').length, 0);
}

type Sent = Verdict['outputs'][number];

function isSame(a: Sent, b: Sent | undefined): boolean {
  if (b === undefined || a.position !== b.position || a.output.type !== b.output.type) return false;
  if (a.output.type === 'power' || b.output.type === 'power') return true;
  return Buffer.compare(a.output.data, b.output.data) === 0;
}

/** The outputs that a log has entries for: those before `count`, and one more. */
async function outputEntriesOf(log: Uint8Array, count: number): Promise<OutputEntry[]> {
  const reader = new LogReader(new MemorySource(log), { images: 'skip' });
  const outputs: OutputEntry[] = [];
  for (let stretch = await reader.next(); stretch !== null; stretch = await reader.next()) {
    outputs.push(...stretch.entries.filter(isOutput));
    if (outputs.length > count) break;
  }
  return outputs;
}

function isOutput(entry: LogEntry): entry is OutputEntry {
  return entry.type === 'output';
}

function agrees(sent: OutputEntry, logged: OutputEntry | undefined): boolean {
  return (
    logged !== undefined &&
    sent.position === logged.position &&
    sent.kind === logged.kind &&
    sent.length === logged.length &&
    sent.hash === logged.hash
  );
}
