/**
 * Devices under random sequences that shrink: register accesses of every kind, rings and descriptors of half sense or none,
 * inputs, time, resets. Whatever the sequence, nothing throws, no other memory is touched, the work of each step is
 * bounded, and a copy restored from the saved state is the same.
 */
import fc from 'fast-check';

import type { Width } from '../../src/machine/device.js';
import { RIGS } from './device-rigs.js';
import type { Rig, RigKind } from './device-rigs.js';
import { guestOf, moved, readAt, WIDTHS, writeAt } from './device-work.js';
import { Dice, differences, RAM_BASE, save } from './fake-board.js';

const SETTINGS = { seed: 20260101, numRuns: 300 };
/** Most accesses of memory and bytes moved that one step may take: a full queue of 16 of the longest chains and frames. */
const MOST_ACCESSES = 16 * (8 + 5 * 1024) + 64;
const MOST_MOVED = 2 * 16 * 65_562;

type Step =
  | { readonly type: 'read' | 'write'; readonly offset: number; readonly size: Width; readonly value: number }
  | {
      readonly type: 'describe';
      readonly at: number;
      readonly address: bigint;
      readonly length: number;
      readonly rest: number;
    }
  | { readonly type: 'available'; readonly at: number; readonly head: number; readonly index: number }
  | { readonly type: 'outside'; readonly seed: number }
  | { readonly type: 'begin' | 'reset' | 'move' };

const ADDRESSES = [
  0,
  RAM_BASE - 1,
  RAM_BASE,
  RAM_BASE + 0x1000,
  RAM_BASE + 0x6000,
  RAM_BASE + 0x20000,
  RAM_BASE + 0x3ffff,
];

function stepsOf({ registers, values, place }: RigKind): fc.Arbitrary<Step[]> {
  const offset = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...registers) },
    { weight: 1, arbitrary: fc.integer({ min: -8, max: place.size + 8 }) },
  );
  const value = fc.oneof(fc.constantFrom(...values), fc.nat(0xffff_ffff), fc.nat(16));
  const size = fc.oneof({ weight: 4, arbitrary: fc.constant(4) }, { weight: 1, arbitrary: fc.constantFrom(...WIDTHS) });
  const address = fc.oneof(
    { weight: 4, arbitrary: fc.nat(0x2000).map((at) => BigInt(RAM_BASE + 0x20000 + at)) },
    { weight: 1, arbitrary: fc.constantFrom(...ADDRESSES).map(BigInt) },
    { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  );
  const length = fc.oneof(fc.nat(0x800), fc.constantFrom(0, 1, 12, 16, 32, 0x3_0000, 0xffff_ffff));
  // Flags in the low half, the next descriptor in the high one.
  const rest = fc
    .tuple(fc.nat(7), fc.oneof(fc.nat(15), fc.nat(0xffff)))
    .map(([flags, next]) => flags + next * 0x1_0000);
  const index = fc.oneof({ weight: 6, arbitrary: fc.nat(24) }, { weight: 1, arbitrary: fc.nat(0xffff) });
  const one: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ type: fc.constantFrom('read' as const, 'write' as const), offset, size, value }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant('describe' as const), at: fc.nat(31), address, length, rest }),
    },
    {
      weight: 5,
      arbitrary: fc.record({ type: fc.constant('available' as const), at: fc.nat(3), head: fc.nat(17), index }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('outside' as const), seed: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('begin' as const, 'reset' as const, 'move' as const) }) },
  );
  return fc.array(one, { maxLength: 60 });
}

function take(rig: Rig, kind: RigKind, step: Step): Rig {
  const { memory } = rig.context;
  switch (step.type) {
    case 'read':
      readAt(rig, step.offset, step.size);
      break;
    case 'write':
      writeAt(rig, step.offset, step.size, step.value);
      break;
    case 'describe': {
      // Of the first queue, of the second, or in a table of neither.
      const table = RAM_BASE + [0x1000, 0x9000, 0x20000, 0x20800][step.at % 4];
      const at = table + 16 * (step.at >>> 2);
      memory.writeU64(at, step.address);
      memory.writeU32(at + 8, step.length);
      memory.writeU32(at + 12, step.rest);
      break;
    }
    case 'available': {
      const queue = step.at % 2;
      const ring = RAM_BASE + 0x6000 + queue * 0x8000;
      memory.writeU16(ring + 4 + 2 * (step.index % 16), step.head);
      memory.writeU16(ring + 2, step.index);
      guestOf(rig).registers.write(0x50, 4, queue);
      break;
    }
    case 'outside':
      rig.outside(new Dice(step.seed));
      break;
    case 'begin':
      kind.begin?.(guestOf(rig));
      break;
    case 'reset':
      rig.device.reset();
      break;
    case 'move':
      return moved(rig, kind);
  }
  return rig;
}

describe.each(RIGS)('$name', (kind) => {
  it('takes every sequence of accesses, ring contents and inputs', () => {
    let most = 0;
    fc.assert(
      fc.property(stepsOf(kind), (steps) => {
        let rig = kind.make();
        const { memory } = rig.context;
        kind.begin?.(guestOf(rig));
        for (const step of steps) {
          memory.accesses = memory.moved = 0;
          rig = take(rig, kind, step);
          most = Math.max(most, memory.accesses);
          if (memory.accesses > MOST_ACCESSES) throw new Error(`${memory.accesses} accesses`);
          if (memory.moved > MOST_MOVED) throw new Error(`${memory.moved} bytes moved`);
        }
        if (memory.outside.length > 0) throw new Error(`outside of memory: ${memory.outside.join(', ')}`);
        const odd = differences(save(moved(rig, kind).device), save(rig.device));
        if (odd.length > 0) throw new Error(`restored differently: ${odd.join(', ')}`);
      }),
      SETTINGS,
    );
    expect(most).toBeGreaterThan(0);
  });
});
