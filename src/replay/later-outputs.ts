/**
 * What a divergence leads to: the first output in which two executions differ behind it. The console is one stream of
 * bytes, however it is cut into outputs; packets are compared one by one, and power-off by its status.
 */
import type { Output } from '../machine/environment.js';
import { outputBytes } from './output-entry.js';
import type { Pair } from './pair.js';
import type { Side } from './side.js';

/** Instructions behind the divergence in which outputs are looked for, and in one turn. */
const REACH = 2 ** 28;
const TURN = 2 ** 22;
/** Bytes shown of a console's line. */
const EXCERPT = 60;

export interface OutputDifference {
  readonly kind: Output['type'];
  /** What each sent instead; undefined where it sent nothing more. */
  readonly sent: Pair<SentOutput | undefined>;
}

export interface SentOutput {
  readonly position: number;
  /** Of the console, the line with the first byte that differs, from its start or from the divergence on. */
  readonly data: Uint8Array;
}

/** `same`: all outputs up to the end of both are; `unknown`: none that differs was met as far as was looked. */
export type LaterOutputs = OutputDifference | 'same' | 'unknown';

/** Runs both on, from a place at which they differ. */
export async function firstOutputDifference(sides: Pair<Side>, turn?: () => Promise<void>): Promise<LaterOutputs> {
  const streams = new Map<string, Stream>();
  const streamOf = ({ type, device }: Output): Stream => {
    const key = `${type} ${device}`;
    let stream = streams.get(key);
    if (stream === undefined) streams.set(key, (stream = new Stream(type)));
    return stream;
  };
  sides.forEach((side, n) => {
    side.onOutput = (position, output) => streamOf(output).push(n as 0 | 1, { position, data: outputBytes(output) });
  });
  const start = sides[0].position;
  const find = (): OutputDifference | undefined => {
    const found = [...streams.values()].flatMap((stream) => stream.compare() ?? []);
    return found.sort((one, other) => firstPosition(one) - firstPosition(other))[0];
  };
  for (let at = start + TURN; at <= start + REACH && sides.some(goesOn); at += TURN) {
    try {
      for (const side of sides) if (goesOn(side)) await side.runTo(at);
    } catch {
      // A machine that is in a state it could not come into by itself may do anything; the divergence is found all the same.
      return 'unknown';
    }
    const found = find();
    if (found !== undefined) return found;
    await turn?.();
  }
  // An output that is not what the log has was not told of.
  sides.forEach(({ thrown }, n) => {
    if (thrown?.deed.type !== 'output') return;
    const { entry, output } = thrown.deed;
    streamOf(output).push(n as 0 | 1, { position: entry.position, data: outputBytes(output) });
  });
  for (const stream of streams.values()) stream.over = [isOver(sides[0]), isOver(sides[1])];
  return find() ?? (sides.every(isOver) ? 'same' : 'unknown');
}

const goesOn = ({ ended, thrown }: Side): boolean => ended === undefined && thrown === undefined;
/** Whether the guest can send nothing more. */
const isOver = ({ machine }: Side): boolean => machine.off !== undefined;

function firstPosition({ sent }: OutputDifference): number {
  return Math.min(...sent.map((one) => one?.position ?? Infinity));
}

/** Outputs of one kind and device. */
class Stream {
  /** Whether a side sends nothing more. */
  over: Pair<boolean> = [false, false];
  private readonly sent: Pair<SentOutput[]> = [[], []];
  /** Of the console: the last line both have sent, as far as it goes. */
  private line: number[] = [];

  constructor(private readonly kind: Output['type']) {}

  push(side: 0 | 1, output: SentOutput): void {
    this.sent[side].push(output);
  }

  /** Drops what both have sent alike; answers the first difference. */
  compare(): OutputDifference | undefined {
    const [left, right] = this.sent;
    while (left.length > 0 && right.length > 0) {
      const [a, b] = [left[0], right[0]];
      const same = commonLength(a.data, b.data);
      const shorter = Math.min(a.data.length, b.data.length);
      const whole = this.kind === 'console' || a.data.length === b.data.length;
      const differ = same < shorter || !whole;
      if (differ && this.kind !== 'console') return { kind: this.kind, sent: [a, b] };
      if (this.kind === 'console') this.remember(a.data.subarray(0, same));
      for (const [list, one] of [
        [left, a],
        [right, b],
      ] as const) {
        list.shift();
        if (one.data.length > same) list.unshift({ ...one, data: one.data.subarray(same) });
      }
      if (differ) return { kind: this.kind, sent: [this.excerpt(left), this.excerpt(right)] };
    }
    if (left.length > 0 && this.over[1]) return { kind: this.kind, sent: [this.excerpt(left), undefined] };
    if (right.length > 0 && this.over[0]) return { kind: this.kind, sent: [undefined, this.excerpt(right)] };
    return undefined;
  }

  private remember(data: Uint8Array): void {
    const newline = data.lastIndexOf(10);
    this.line = newline < 0 ? [...this.line, ...data].slice(-EXCERPT) : [...data.subarray(newline + 1)].slice(-EXCERPT);
  }

  /** The line that the difference is in, or the packet. */
  private excerpt(list: readonly SentOutput[]): SentOutput {
    const [{ position, data }] = list;
    if (this.kind !== 'console') return { position, data };
    const bytes = [...this.line, ...list.flatMap((output) => [...output.data.subarray(0, EXCERPT)])];
    const newline = bytes.indexOf(10);
    return { position, data: Uint8Array.from(newline < 0 ? bytes : bytes.slice(0, newline + 1)) };
  }
}

function commonLength(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return at;
  return length;
}
