/**
 * Loads and stores of a block that go by the same register, which does not change in between: a function's saved registers,
 * the fields of a structure. Most lie in one page, so that one look at the TLB does for all of them.
 */
import { outlineOf } from '../isa/outline.js';
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

/** The groups of a block's instructions; those that stand alone are in none. */
export function groupAccesses(instructions: readonly PlacedInstruction[]): ReadonlyMap<PlacedInstruction, AccessGroup> {
  const groups = new Map<PlacedInstruction, AccessGroup>();
  /** By register. */
  const open: (AccessGroup | undefined)[] = [];
  for (const placed of instructions) {
    const { instruction, rd, rs1, imm } = placed.decoded;
    const { access } = outlineOf(instruction);
    // A CSR may change which TLB holds.
    if (instruction.extension === 'Zicsr') open.length = 0;
    if (access && rs1 !== 0 && imm % access.size === 0) {
      const fresh: AccessGroup = { first: placed, base: rs1, low: imm, bytes: access.size, ...access, members: 1 };
      const group = join(open[rs1], fresh) ?? fresh;
      open[rs1] = group;
      groups.set(placed, group);
    }
    if (instruction.operands.rd === 'x') open[rd] = undefined;
  }
  for (const [placed, { members }] of groups) if (members === 1) groups.delete(placed);
  return groups;
}

/** The group with one more access, itself a group of one; undefined where that would cover too much. */
function join(group: AccessGroup | undefined, { low, bytes, size, stores }: AccessGroup): AccessGroup | undefined {
  if (!group) return undefined;
  const largest = max(group.size, size);
  const start = floor(min(group.low, low) / largest) * largest;
  const end = max(group.low + group.bytes, low + bytes);
  if (end - start > MOST_BYTES) return undefined;
  group.low = start;
  group.bytes = end - start;
  group.size = largest;
  group.stores ||= stores;
  group.members++;
  return group;
}
