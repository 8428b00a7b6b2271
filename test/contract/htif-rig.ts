/**
 * HTIF among the devices: two words of RAM that it watches stand in for its registers, so every aligned access is
 * answered, by memory, and what lies beyond is no fault.
 */
import { Htif } from '../../src/machine/devices/htif.js';
import { FakeContext, RAM_BASE } from './fake-board.js';
import type { RigKind } from './device-rigs.js';

const TOHOST = RAM_BASE + 0x10000;
const FROMHOST = TOHOST + 8;
/** A system call's eight words. */
const BLOCK = RAM_BASE + 0x11000;
const TEXT = RAM_BASE + 0x12000;

const CONSOLE_WRITE = 0x0101_0000;
const CONSOLE_READ = 0x0100_0000;

export const htifRig: RigKind = {
  name: 'htif',
  place: { base: TOHOST, size: 16 },
  symbols: { tohost: TOHOST, fromhost: FROMHOST },
  answers: () => true,
  registers: [0, 4, 8, 12],
  values: [0, 1, 3, 0x41, BLOCK, CONSOLE_READ, CONSOLE_WRITE, 0xffff_ffff],
  width: 8,
  make: (context = new FakeContext()) => {
    const { memory } = context;
    const htif = new Htif(context, { tohost: TOHOST, fromhost: FROMHOST }, (status) =>
      context.events.push(`off ${status}`),
    );
    const within = (offset: number, size: number): boolean => offset >= 0 && offset + size <= 16;
    /** The guest's accesses go to memory; after a store HTIF looks. */
    const device = {
      name: htif.name,
      read: (offset: number, size: 1 | 2 | 4): number => {
        if (!within(offset, size)) return 0;
        return memory.read(TOHOST + offset, size).reduceRight((value, byte) => value * 256 + byte, 0);
      },
      write: (offset: number, size: 1 | 2 | 4, value: number): void => {
        if (!within(offset, size)) return;
        memory.write(
          TOHOST + offset,
          Uint8Array.from({ length: size }, (_, i) => value / 2 ** (8 * i)),
        );
        htif.written();
      },
      write64: (offset: number, value: bigint): void => {
        if (!within(offset, 8)) return;
        memory.writeU64(TOHOST + offset, value);
        htif.written();
      },
      /** Its words are memory, which a reset of the board fills anew. */
      reset: (): void => {
        memory.write(TOHOST, new Uint8Array(16));
        htif.reset();
      },
      state: htif.state.bind(htif),
    };
    const outside = (dice: { bytes(length: number): Uint8Array; roll(below: number): number }): void =>
      void htif.receive(dice.bytes(dice.roll(20)));
    return { context, device, parts: [htif], outside };
  },
  act: ({ memory, registers }, dice) => {
    const call = [dice.pick([64, 93, 1]), dice.pick([1, 2, 7]), dice.pick([TEXT, 0, RAM_BASE - 8]), dice.pick([0, 5])];
    call.forEach((word, i) => memory.writeU64(BLOCK + 8 * i, BigInt(word)));
    memory.writeU64(TEXT, 0x6f6c6c6568n);
    // A command is a doubleword: two words, of which the high one makes it whole, are what 32-bit stores make of it.
    registers.write(4, 4, dice.pick([0, CONSOLE_READ, CONSOLE_WRITE]));
    registers.write(0, 4, dice.pick([0x42, BLOCK, 0]));
    registers.write(8, 4, 0);
    registers.write(12, 4, 0);
  },
  world: { typed: ['to', 'host'] },
};
