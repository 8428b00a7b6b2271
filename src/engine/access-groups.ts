/**
 * Loads and stores of a block that go by the same register, which does not change in between: a function's saved registers,
 * the fields of a structure. Most lie in one page, so that one look at the TLB does for all of them.
 */
import { outlineOf, type Access } from '../isa/outline.js';
import type { PlacedInstruction } from './region-plan.js';

const { floor, max, min } = Math;

/** The more bytes a group covers, the more often it lies in two pages, and is looked up in vain. */
const MOST_BYTES = 256;

export interface AccessGroup {
  /** The first of them, which looks up the page for all. */
  readonly first: PlacedInstruction;
  /** The register by which they go. */
  readonly base: number;
  /** The lowest offset from the register, a multiple of `size`, and how many bytes are covered from there on. */
  low: number;
  bytes: number;
  /** The largest access: the register is to be a multiple of it. */
  size: number;
  stores: boolean;
  members: number;
}

const NONE: ReadonlyMap<PlacedInstruction, AccessGroup> = new Map();

/** The groups of a block's instructions; those that stand alone are in none. */
export function groupAccesses(instructions: readonly PlacedInstruction[]): ReadonlyMap<PlacedInstruction, AccessGroup> {
  let groups: Map<PlacedInstruction, AccessGroup> | undefined;
  /** By register. */
  const open: (AccessGroup | undefined)[] = [];
  for (const placed of instructions) {
    const { instruction, rd, rs1, imm } = placed.decoded;
    const { access } = outlineOf(instruction);
    if (access && rs1 !== 0 && imm % access.size === 0) {
      const group = open[rs1];
      if (group && join(group, access, imm)) {
        groups ??= new Map();
        if (group.members === 2) groups.set(group.first, group);
        groups.set(placed, group);
      } else {
        open[rs1] = { first: placed, base: rs1, low: imm, bytes: access.size, ...access, members: 1 };
      }
    } else if (instruction.extension === 'Zicsr') {
      // It may change which TLB holds.
      open.length = 0;
    }
    if (instruction.operands.rd === 'x') open[rd] = undefined;
  }
  return groups ?? NONE;
}

/** Takes one more access into a group; answers false where that would cover too much. */
function join(group: AccessGroup, { size, stores }: Access, offset: number): boolean {
  const largest = max(group.size, size);
  const start = floor(min(group.low, offset) / largest) * largest;
  const end = max(group.low + group.bytes, offset + size);
  if (end - start > MOST_BYTES) return false;
  group.low = start;
  group.bytes = end - start;
  group.size = largest;
  group.stores ||= stores;
  group.members++;
  return true;
}
