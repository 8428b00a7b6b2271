/**
 * Why two executions differ at a position: the entry that one log has there and the other has not, or has otherwise;
 * and where in the guest's code it is.
 */
import { DRAM_BASE } from '../hart/layout.js';
import { disassemble } from '../isa/disassemble.js';
import type { Entry } from '../log/entry.js';
import type { Machine } from '../machine/machine.js';
import type { Divergence, Surroundings } from './divergence.js';
import { sameEntry } from './log-walk.js';

/** A place in the guest's code. */
export interface Place {
  readonly pc: bigint;
  /** U, S, M. */
  readonly privilege: 0 | 1 | 3;
  /** `add_one+0x4`, or ''. */
  readonly symbol: string;
  /** Disassembly; undefined where no code can be fetched there. */
  readonly instruction: string | undefined;
}

/** An entry that explains a difference. */
export interface Cause {
  /** What each log has at the position; undefined where it has nothing that corresponds. */
  readonly entries: readonly [Entry | undefined, Entry | undefined];
  /** Where the side that lacks the entry has one like it a little later. */
  readonly later: Entry | undefined;
}

/** Where a machine will go on. Asks the machine for a translation, so that it may no longer be run afterwards. */
export function placeOf(machine: Machine): Place {
  const { pc, privilege } = machine.hart;
  const symbols = (address: bigint): string | undefined => machine.symbolOf(address) || undefined;
  const raw = fetch(machine, pc);
  const instruction = raw === undefined ? undefined : disassemble(raw, pc, symbols);
  return { pc, privilege, symbol: machine.symbolOf(pc), instruction };
}

/** The instruction word at a virtual address; undefined where it cannot be fetched. */
function fetch(machine: Machine, address: bigint): number | undefined {
  const low = fetchHalf(machine, address);
  if (low === undefined || (low & 3) !== 3) return low;
  const high = fetchHalf(machine, BigInt.asUintN(64, address + 2n));
  return high === undefined ? undefined : low + high * 0x10000;
}

function fetchHalf({ hart, ram }: Machine, address: bigint): number | undefined {
  const physical = hart.translate(Number(BigInt.asIntN(32, address >> 32n)), Number(BigInt.asIntN(32, address)), 0, 2);
  const at = physical - DRAM_BASE;
  return at < 0 || at + 2 > ram.length ? undefined : ram[at] | (ram[at + 1] << 8);
}

/** Looks for the entry behind a difference at `position`, in what surrounds both logs' places there. */
export function findCause(
  position: number,
  surroundings: readonly [Surroundings, Surroundings],
  thrown: readonly [Divergence | undefined, Divergence | undefined],
): Cause | undefined {
  const [left, right] = surroundings.map((around, side) => entriesAt(position, around, thrown[side])) as [
    Entry[],
    Entry[],
  ];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [a, b] = [left[i], right[i]];
    if (a !== undefined && b !== undefined && sameEntry(a, b)) continue;
    // Where one side's entry comes later on the other, that other has one more before it.
    if (b === undefined || has(left, i + 1, b)) return { entries: [a, undefined], later: later(a, surroundings[1]) };
    if (a === undefined || has(right, i + 1, a)) return { entries: [undefined, b], later: later(b, surroundings[0]) };
    return { entries: [a, b], later: undefined };
  }
  return undefined;

  function later(entry: Entry | undefined, { after }: Surroundings): Entry | undefined {
    return after.find(({ type, position: at }) => type === entry?.type && at > position);
  }
}

function has(entries: readonly Entry[], from: number, wanted: Entry): boolean {
  return entries.some((entry, index) => index >= from && sameEntry(entry, wanted));
}

/** A log's entries at a position, without digests and the end. */
function entriesAt(position: number, { before, after }: Surroundings, thrown: Divergence | undefined): Entry[] {
  // Where the execution has left its log, entries of the position may be unused.
  const entries = thrown === undefined ? before : [...before, ...after];
  return entries.filter((entry) => entry.position === position && entry.type !== 'digest' && entry.type !== 'end');
}
