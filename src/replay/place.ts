/**
 * Where in the guest's code a machine is.
 */
import { DRAM_BASE } from '../hart/layout.js';
import { disassemble } from '../isa/disassemble.js';
import type { Machine } from '../machine/machine.js';

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

const PRIVILEGES: Readonly<Record<number, string>> = { 0: 'U', 1: 'S', 3: 'M' };

/** `U`, `S` or `M`; the number where a struck machine has none of them. */
export function privilegeName(privilege: number): string {
  return PRIVILEGES[privilege] ?? String(privilege);
}
