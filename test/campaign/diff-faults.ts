/**
 * Faults for `diff` to find, drawn at random: one bit of one side's state, or one entry of one log, with what a report of
 * it must name.
 */
import { PAGE_BYTES } from '../../src/hart/layout.js';
import type { StateVisitor } from '../../src/hart/state.js';
import { fNames, xNames } from '../../src/isa/registers.js';
import type { Entry } from '../../src/log/entry.js';
import type { Machine } from '../../src/machine/machine.js';
import type { ChangeKind } from '../../src/replay/log-difference.js';
import type { Dice } from '../guest/replay-rig.js';
import { plainFields } from './diff-oracle.js';

/** A bit flipped in a machine. */
export interface Flip {
  /** To see it again: `register a0 bit 5`. */
  readonly what: string;
  strike(machine: Machine): void;
}

export function registerFlip(dice: Dice): Flip & { readonly name: string } {
  const bit = dice.roll(64);
  const mask = 1n << BigInt(bit);
  if (dice.roll(3) === 0) {
    const index = dice.roll(32);
    const name = fNames[index];
    return {
      name,
      what: `register ${name} bit ${bit}`,
      strike: ({ hart }) => hart.setF(index, hart.getF(index) ^ mask),
    };
  }
  const index = 1 + dice.roll(31);
  const name = xNames[index];
  return { name, what: `register ${name} bit ${bit}`, strike: ({ hart }) => hart.setX(index, hart.getX(index) ^ mask) };
}

/** Anywhere: in pages that hold something, and in those of zeros. */
export function memoryFlip(machine: Machine, dice: Dice): Flip & { readonly address: number } {
  const used = [...Array(machine.ram.length / PAGE_BYTES).keys()].filter((page) =>
    machine.ram.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES).some((byte) => byte !== 0),
  );
  const anywhere = used.length === 0 || dice.roll(2) === 0;
  const page = anywhere ? dice.roll(machine.ram.length / PAGE_BYTES) : used[dice.roll(used.length)];
  const offset = dice.roll(PAGE_BYTES);
  const bit = dice.roll(8);
  const address = page * PAGE_BYTES + offset;
  const strike = (struck: Machine): void => {
    const bytes = struck.ram.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
    bytes[offset] ^= 1 << bit;
    struck.restoreRam(page, bytes);
  };
  return { address, what: `RAM byte ${address} bit ${bit}`, strike };
}

/** What is no register, nor about where the execution is. */
const APART = /^(position|off|announced|hart\.(x\d+|f\d+|pc))$/;

/** A field of the hart (all that is behind CSRs, and its mode), or one of a device. */
export function fieldFlip(machine: Machine, ofHart: boolean, dice: Dice): Flip {
  const names = [...plainFields(machine)]
    .filter(([name, value]) => !APART.test(name) && name.startsWith('hart.') === ofHart && value !== '')
    .map(([name]) => name);
  const wanted = names[dice.roll(names.length)];
  const bit = dice.roll(64);
  const place = dice.roll(2 ** 16);
  const flipped = (bytes: Uint8Array): Uint8Array => {
    const copy = bytes.slice();
    if (copy.length > 0) copy[place % copy.length] ^= 1 << (bit % 8);
    return copy;
  };
  const visitor: StateVisitor = {
    number: (name, value) => (name === wanted ? (Number.isFinite(value) ? flippedNumber(value, bit) : place) : value),
    u64: (name, value) => (name === wanted ? value ^ (1n << BigInt(bit)) : value),
    bool: (name, value) => (name === wanted) !== value,
    bytes: (name, value) => (name === wanted ? flipped(value) : value),
    list: (name, value) =>
      value.map((bytes, i) => (name === wanted && i === place % value.length ? flipped(bytes) : bytes)),
  };
  return { what: `field ${wanted} bit ${bit} place ${place}`, strike: (struck) => struck.state(visitor) };
}

/** In one of the bits that the number has, or in its low bits. */
function flippedNumber(value: number, bit: number): number {
  const bits = Math.max(1, Math.min(31, value.toString(2).length));
  return Number(BigInt(value) ^ (1n << BigInt(bit % bits)));
}

/** One entry changed, from the recorded log to the other. */
export interface LogChange {
  readonly what: string;
  readonly kind: ChangeKind;
  /** What the recorded log has, and the other. */
  readonly entries: readonly [Entry | undefined, Entry | undefined];
  readonly log: readonly Entry[];
}

export const LOG_CHANGES = ['moved later', 'moved earlier', 'content', 'dropped', 'doubled'] as const;

/** Undefined where the log has no such entry, or it cannot be moved so. */
export function changeLog(
  entries: readonly Entry[],
  change: (typeof LOG_CHANGES)[number],
  dice: Dice,
): LogChange | undefined {
  const eligible = [...entries.keys()].filter(
    (i) => entries[i].type !== 'end' && (change !== 'content' || entries[i].type !== 'output' || dice.roll(4) === 0),
  );
  // Entries of a type that is rare are as likely as those of one that is not.
  const types = [...new Set(eligible.map((i) => entries[i].type))];
  if (types.length === 0) return undefined;
  const type = types[dice.roll(types.length)];
  const ofType = eligible.filter((i) => entries[i].type === type);
  const at = ofType[dice.roll(ofType.length)];
  const entry = entries[at];
  const what = `${type} at ${entry.position} ${change}`;
  switch (change) {
    case 'dropped':
      return { what, kind: 'missing', entries: [entry, undefined], log: entries.toSpliced(at, 1) };
    case 'doubled':
      return { what, kind: 'doubled', entries: [undefined, entry], log: entries.toSpliced(at, 0, entry) };
    case 'content': {
      const other = otherContent(entry, dice);
      return { what, kind: 'changed', entries: [entry, other], log: entries.with(at, other) };
    }
    default:
      return moved(entries, at, change === 'moved later' ? 1 : -1, what);
  }
}

function moved(entries: readonly Entry[], at: number, by: 1 | -1, what: string): LogChange | undefined {
  const entry = entries[at];
  const other: Entry = { ...entry, position: entry.position + by };
  const end = entries.at(-1);
  if (other.position < 0 || other.position > (end?.position ?? Infinity)) return undefined;
  const rest = entries.toSpliced(at, 1);
  // Behind all that lie before it; of its new position, the first when it comes later, the last when it comes earlier.
  const index = rest.findIndex(
    ({ type, position }) => position > other.position || type === 'end' || (by === 1 && position === other.position),
  );
  return {
    what,
    kind: 'moved',
    entries: [entry, other],
    log: rest.toSpliced(index < 0 ? rest.length : index, 0, other),
  };
}

function otherContent(entry: Entry, dice: Dice): Entry {
  switch (entry.type) {
    case 'time':
    case 'tick':
      return { ...entry, time: entry.time + 1 + dice.roll(1000) };
    case 'size':
      return { ...entry, columns: entry.columns ^ (1 << dice.roll(8)) };
    case 'output':
      return { ...entry, hash: entry.hash ^ (1n << BigInt(dice.roll(64))) };
    case 'digest':
    case 'progress':
    case 'end':
      return entry;
    default: {
      const data = entry.data.slice();
      data[dice.roll(data.length)] ^= 1 << dice.roll(8);
      return { ...entry, data };
    }
  }
}
