/**
 * What must hold of a log whose recording ended badly, whatever ended it: it replays as far as it goes, says where that
 * is, and explains all that the world has seen (VM-FT, section 2.2, "Output Rule").
 */
import type { CaseResult } from './scenario.js';
import { wordsOf, type Ending } from './vmft-process.js';

export interface Evidence {
  /** Console bytes that the world had received. */
  readonly released: Buffer;
  /** Bytes of the log; undefined where it was not even created. */
  readonly logBytes: number | undefined;
  /** How `vmft replay LOG --json` ended. */
  readonly replay: Ending;
  /** Frames that the guest's peer had received, and those of the guest in the replay's capture. */
  readonly frames?: { readonly received: readonly Buffer[]; readonly replayed: readonly Buffer[] };
}

/** What `vmft replay --json` says at its end. */
interface Summary {
  readonly ended: string;
  readonly status: number;
  readonly recorded?: { readonly ended: string };
  readonly torn?: { readonly offset: number; readonly bytes: number };
}

const CUT = /^vmft: .* ends at position [\d ]+, byte offset (\d+), without an end: /;
const HEADLESS = /^vmft: .* (is empty|ends at byte \d+, before its first entry)/;
const STATUS_DATA = 65;
const STATUS_NO_INPUT = 66;

/** The outcome is `whole`, `cut` or `without header`. */
export function judgeLog({ released, logBytes, replay, frames }: Evidence): CaseResult {
  const { outcome, failure } = endOf(logBytes, replay);
  if (failure !== undefined) return { outcome, failure };
  const { received, replayed } = frames ?? { received: [], replayed: [] };
  if (!replay.stdout.subarray(0, released.length).equals(released)) {
    const failure = `the console had released ${released.length} bytes (${tailOf(released)}), and the replay has ${replay.stdout.length} (${tailOf(replay.stdout)})`;
    return { outcome, failure };
  }
  const missing = firstMissing(received, replayed);
  if (missing !== undefined) {
    return { outcome, failure: `frame ${missing} of ${received.length} that the peer received is not in the replay` };
  }
  return { outcome };
}

function endOf(logBytes: number | undefined, replay: Ending): CaseResult {
  const { status, signal, hung } = replay;
  const words = wordsOf(replay.stderr);
  const told = `the replay ended with ${signal ?? status} and said "${words.join(' / ')}"`;
  if (hung) return { outcome: 'hung', failure: 'the replay did not end' };
  if (logBytes === undefined) {
    return status === STATUS_NO_INPUT ? { outcome: 'without header' } : { outcome: 'no log', failure: told };
  }
  const [first = ''] = words;
  if (HEADLESS.test(first)) {
    const plain = status === STATUS_DATA && words.length === 1;
    return { outcome: 'without header', ...(plain ? {} : { failure: told }) };
  }
  const summary = summaryIn(words.at(-1) ?? '');
  if (summary?.ended === 'whole') {
    const expected = summary.recorded?.ended === 'power-off' ? summary.status : 0;
    const plain = words.length === 1 && status === expected;
    return { outcome: 'whole', ...(plain ? {} : { failure: told }) };
  }
  if (summary?.ended === 'torn' && summary.torn !== undefined) {
    const { offset, bytes } = summary.torn;
    const plain = status === STATUS_DATA && words.length === 2 && CUT.exec(first)?.[1] === String(offset);
    const all = offset + bytes === logBytes;
    return { outcome: 'cut', ...(plain && all ? {} : { failure: `${told}, of a log of ${logBytes} bytes` }) };
  }
  return { outcome: 'refused', failure: told };
}

function summaryIn(line: string): Summary | undefined {
  try {
    return JSON.parse(line) as Summary;
  } catch {
    return undefined;
  }
}

/** The first of `part` that does not come in `all` behind those before it; undefined where all do. */
function firstMissing(part: readonly Buffer[], all: readonly Buffer[]): number | undefined {
  let at = 0;
  for (const [index, frame] of part.entries()) {
    while (at < all.length && all[at]?.equals(frame) !== true) at++;
    if (at++ >= all.length) return index;
  }
  return undefined;
}

function tailOf(bytes: Buffer): string {
  return `..."${bytes
    .subarray(-40)
    .toString('latin1')
    .replace(/[^ -~]/g, '.')}"`;
}
