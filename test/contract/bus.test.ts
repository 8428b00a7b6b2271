/**
 * What a guest sees of every device's window on a whole machine: an access of each width at each place is answered, or takes
 * an access fault, as on QEMU's virt board (version 7.2, asked by a guest that made the same accesses). A misaligned access
 * of a device takes an access fault: privileged specification, "Alignment" of the physical memory attributes.
 */
import { BOARD } from '../../src/machine/board-map.js';
import type { Width } from '../../src/machine/device.js';
import { Machine } from '../../src/machine/machine.js';
import { configurationOf, World } from '../guest/replay-rig.js';
import { RIGS } from './device-rigs.js';
import type { RigKind } from './device-rigs.js';
import { GuestProgram, PROGRAM_MEMORY } from './guest-program.js';
import type { Outcome } from './guest-program.js';

const WIDTHS: readonly Width[] = [1, 2, 4, 8];
const LOAD_FAULT = 5;
const STORE_FAULT = 7;

interface Access {
  readonly address: number;
  readonly size: Width;
}

/** Runs a guest that makes the accesses; answers what each load and each store of 0 came to. */
function visit(kind: RigKind, accesses: readonly Access[]): { loads: Outcome[]; stores: Outcome[] } {
  const program = new GuestProgram();
  for (const { address, size } of accesses) program.load(address, size);
  for (const { address, size } of accesses) program.store(address, size, 0n);
  program.end();
  const configuration = configurationOf({ memoryBytes: PROGRAM_MEMORY, devices: [], ...kind.board });
  const machine = new Machine(configuration, program.image(), new World({ seed: 1, slice: 1_000_000 }));
  let outcome = machine.advance(program.positions);
  while (outcome === 'stopped') outcome = machine.advance(program.positions);
  expect(machine.off).toEqual({ status: 0 });
  const outcomes = program.outcomes(machine.ram);
  return { loads: outcomes.slice(0, accesses.length), stores: outcomes.slice(accesses.length, 2 * accesses.length) };
}

/** Every width at registers, beside them, at both ends and beyond. */
function accessesOf({ place: { base, size }, registers }: RigKind): Access[] {
  const offsets = new Set(registers.slice(0, 64).flatMap((at) => [at, at + 1, at + 2, at + 4, at + 8]));
  for (const end of [size, ...[0x8, 0x20, 0x24, 0x200, 0x4000, 0xc000, 0x200000].filter((at) => at < size)]) {
    for (const near of [-8, -7, -6, -4, -2, -1, 0, 1, 4]) offsets.add(end + near);
  }
  for (let i = 0; i < 20; i++) offsets.add((i * 2654435761) % size);
  const accesses = [...offsets].flatMap((offset) => WIDTHS.map((width) => ({ address: base + offset, size: width })));
  return accesses.filter(({ address }) => address >= base);
}

const DEVICES = RIGS.filter(({ symbols }) => symbols === undefined);

describe.each(DEVICES)('$name', (kind) => {
  const { place, registers } = kind;
  const answered = ({ address, size }: Access): boolean => {
    const offset = address - place.base;
    return address % size === 0 && offset + size <= place.size && kind.answers(offset, size);
  };
  /** Where another device follows at once, what lies beyond is its own affair; virtio slots follow each other. */
  const neighbours = (address: number): boolean =>
    address >= place.base + place.size &&
    (place.base === BOARD.virtio.base || RIGS.some((other) => other.place.base === address - (address % 0x1000)));
  const accesses = accessesOf(kind).filter(({ address }) => !neighbours(address));

  it('answers or faults as QEMU does, and never anything else', () => {
    const { loads, stores } = visit(kind, accesses);
    const odd: string[] = [];
    accesses.forEach((access, i) => {
      const name = `${access.size} bytes at 0x${access.address.toString(16)}`;
      const expected = answered(access);
      const wanted = { load: expected ? undefined : LOAD_FAULT, store: expected ? undefined : STORE_FAULT };
      if (loads[i].fault !== wanted.load) odd.push(`load of ${name}: ${loads[i].fault}`);
      if (stores[i].fault !== wanted.store) odd.push(`store of ${name}: ${stores[i].fault}`);
      const known = registers.some((at) => {
        const distance = access.address - place.base - at;
        return distance < 4 && distance > -access.size;
      });
      if (expected && !known && loads[i].value !== 0n) odd.push(`load of ${name}: the value ${loads[i].value}`);
      if (expected && loads[i].value >= 1n << BigInt(8 * access.size)) odd.push(`load of ${name}: too wide`);
    });
    expect(odd).toEqual([]);
    // Both happen, or the test would show nothing.
    expect(new Set(loads.map(({ fault }) => fault)).size).toBe(2);
  });
});

it('faults where no device is', () => {
  const empty = [
    0,
    0x1000,
    0x102000,
    0x1fff_fff8,
    0x1000_9000,
    0x2000_0000,
    0x7fff_fff8,
    0x8010_0000,
    2 ** 40,
    2 ** 50,
  ];
  const accesses = empty.flatMap((address) => WIDTHS.map((size) => ({ address, size })));
  const { loads, stores } = visit(RIGS[0], accesses);
  expect(new Set(loads.map(({ fault }) => fault))).toEqual(new Set([LOAD_FAULT]));
  expect(new Set(stores.map(({ fault }) => fault))).toEqual(new Set([STORE_FAULT]));
});
