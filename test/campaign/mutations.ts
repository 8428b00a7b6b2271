/**
 * What happens to logs: cut, flipped, overwritten, spliced, put together wrongly, and lengths attacked. The seals are left
 * as they are: every such log must be refused, or be replayed as far as it is what was written.
 */
import type { Dice } from '../guest/replay-rig.js';
import { joined } from '../unit/log-sample.js';
import type { Original } from './originals.js';
import { evilNumber, numbersIn, type Place } from './wire-walk.js';

export interface Mutated {
  readonly kind: string;
  readonly log: Uint8Array;
}

type Mutator = (original: Original, other: Original, dice: Dice) => Uint8Array;

const LONGEST_RUN = 4000;

const MUTATORS: Readonly<Record<string, Mutator>> = {
  'cut anywhere': ({ log }, _, dice) => log.slice(0, dice.roll(log.length)),
  'cut at a stretch': (original, _, dice) => original.log.slice(0, aStart(original, dice)),
  'cut near a stretch': (original, _, dice) =>
    original.log.slice(0, Math.max(0, aStart(original, dice) + dice.roll(40) - 20)),
  'first bytes missing': ({ log }, _, dice) => log.slice(1 + dice.roll(Math.min(64, log.length))),
  'bit flipped': (original, _, dice) => flipped(original, dice, 1),
  'bits flipped': (original, _, dice) => flipped(original, dice, 2 + dice.roll(7)),
  'byte changed': ({ log }, _, dice) => replaced(log, dice.roll(log.length), 1, dice.bytes(1)),
  'run overwritten': ({ log }, _, dice) => {
    const at = dice.roll(log.length);
    const length = Math.min(log.length - at, 1 + dice.roll(aLength(dice)));
    return replaced(log, at, length, filling(length, dice));
  },
  'run inserted': ({ log }, _, dice) =>
    replaced(log, dice.roll(log.length + 1), 0, filling(1 + dice.roll(aLength(dice)), dice)),
  'run missing': ({ log }, _, dice) => replaced(log, dice.roll(log.length), 1 + dice.roll(aLength(dice))),
  'piece of itself over it': ({ log }, _, dice) => {
    const piece = aPiece(log, dice);
    return replaced(log, dice.roll(log.length), piece.length, piece);
  },
  'piece of itself inserted': ({ log }, _, dice) => replaced(log, dice.roll(log.length + 1), 0, aPiece(log, dice)),
  'piece of another over it': ({ log }, other, dice) => {
    const piece = aPiece(other.log, dice);
    return replaced(log, dice.roll(log.length), piece.length, piece);
  },
  'piece of another inserted': ({ log }, other, dice) =>
    replaced(log, dice.roll(log.length + 1), 0, aPiece(other.log, dice)),
  'stretch missing': (original, _, dice) =>
    together(stretchesOf(original), (parts, at) => parts.toSpliced(at, 1 + dice.roll(2)), dice),
  'stretch doubled': (original, _, dice) =>
    together(stretchesOf(original), (parts, at) => parts.toSpliced(at, 0, parts[at]), dice),
  'stretch moved': (original, _, dice) =>
    together(
      stretchesOf(original),
      (parts, at) => parts.toSpliced(at, 1).toSpliced(dice.roll(parts.length), 0, parts[at]),
      dice,
    ),
  'stretch of another': (original, other, dice) => {
    const others = stretchesOf(other);
    const piece = others[dice.roll(others.length)];
    return together(stretchesOf(original), (parts, at) => parts.toSpliced(at, dice.roll(2), piece), dice);
  },
  'stretches of another from here on': (original, other, dice) => {
    const others = stretchesOf(other);
    return together(
      stretchesOf(original),
      (parts, at) => [...parts.slice(0, at), ...others.slice(Math.min(at, others.length))],
      dice,
    );
  },
  'two logs in one': ({ log }, other, dice) => joined([log, dice.roll(2) === 0 ? log : other.log]),
  'bytes behind the end': ({ log }, _, dice) => joined([log, filling(1 + dice.roll(aLength(dice)), dice)]),
  'number attacked': (original, _, dice) => attacked(original, numbersOf(original), dice),
  'framing attacked': (original, _, dice) => attacked(original, framingOf(original), dice),
};

const KINDS = Object.entries(MUTATORS);

export function mutated(original: Original, other: Original, dice: Dice): Mutated {
  const [kind, mutate] = KINDS[dice.roll(KINDS.length)];
  return { kind, log: mutate(original, other, dice) };
}

/** `bytes` with `length` bytes from `at` on replaced by others. */
export function replaced(bytes: Uint8Array, at: number, length: number, others: ArrayLike<number> = []): Uint8Array {
  return joined([bytes.subarray(0, at), Uint8Array.from(others), bytes.subarray(Math.min(bytes.length, at + length))]);
}

/** Bytes of one value, or of any. */
export function filling(length: number, dice: Dice): Uint8Array {
  const kind = dice.roll(6);
  if (kind < 2) return dice.bytes(length);
  return new Uint8Array(length).fill([0, 0xff, 0x55, 0x12][kind - 2]);
}

/** A bound for lengths: mostly small. */
function aLength(dice: Dice): number {
  return [8, 64, 400, LONGEST_RUN][dice.roll(4)];
}

function aPiece(log: Uint8Array, dice: Dice): Uint8Array {
  const at = dice.roll(log.length);
  return log.slice(at, at + 1 + dice.roll(aLength(dice)));
}

function flipped({ log }: Original, dice: Dice, count: number): Uint8Array {
  const bytes = log.slice();
  // Near each other, or anywhere.
  const [from, range] = dice.roll(2) === 0 ? [dice.roll(log.length), 16] : [0, log.length];
  for (let n = 0; n < count; n++) {
    const at = Math.min(log.length - 1, from + dice.roll(range));
    bytes[at] = bytes[at] ^ (1 << dice.roll(8));
  }
  return bytes;
}

function aStart({ log, stretches }: Original, dice: Dice): number {
  const index = dice.roll(stretches.length + 1);
  return stretches[index]?.offset ?? log.length;
}

/** The header with its images, and each stretch of entries. */
function stretchesOf({ log, stretches }: Original): Uint8Array[] {
  const starts = [0, ...stretches.map(({ offset }) => offset), log.length];
  return starts.slice(1).map((end, index) => log.subarray(starts[index], end));
}

function together(
  parts: Uint8Array[],
  change: (parts: Uint8Array[], at: number) => Uint8Array[],
  dice: Dice,
): Uint8Array {
  return joined(change(parts, dice.roll(parts.length)));
}

function attacked({ log }: Original, places: readonly Place[], dice: Dice): Uint8Array {
  const { at, end } = places[dice.roll(places.length)];
  return replaced(log, at, end - at, evilNumber(log.subarray(at, end), dice));
}

const allNumbers = new WeakMap<Original, Place[]>();

function numbersOf(original: Original): Place[] {
  const known = allNumbers.get(original) ?? numbersIn(original.log);
  allNumbers.set(original, known);
  return known;
}

const outerNumbers = new WeakMap<Original, Place[]>();

/** The lengths of the log's own records. */
function framingOf(original: Original): Place[] {
  const known = outerNumbers.get(original) ?? numbersIn(original.log, 0, original.log.length, Infinity);
  outerNumbers.set(original, known);
  return known;
}
