/** What every device of the board promises, whatever the guest does to it. */
import { RIGS } from './device-rigs.js';
import type { Rig, RigKind } from './device-rigs.js';
import { Dice, restore, save } from './fake-board.js';

const WIDTHS = [1, 2, 4] as const;

/** Offsets worth trying: all of a small window, of a large one each register's surroundings, and beyond both ends. */
function offsetsOf({ window, registers }: RigKind): number[] {
  const inside =
    window <= 0x1000
      ? Array.from({ length: window }, (_, i) => i)
      : registers.flatMap((at) => [at, at + 1, at + 2, at + 3]);
  return [...inside, -4, -1, window - 4, window - 1, window, window + 4, 2 ** 31, 2 ** 32, 2 ** 40];
}

/** One step of a guest, or of the world outside; the answers are part of what must repeat. */
function step(rig: Rig, kind: RigKind, dice: Dice, transcript: string[]): void {
  const at = dice.pick(kind.registers);
  const size = dice.roll(8) === 0 ? dice.pick(WIDTHS) : kind.name === 'uart' ? 1 : 4;
  switch (dice.roll(3)) {
    case 0:
      transcript.push(`${at} is ${rig.device.read(at, size)}`);
      break;
    case 1:
      rig.device.write(at, size, dice.roll(3) === 0 ? dice.word() : dice.pick(kind.values));
      break;
    default:
      rig.outside(dice);
  }
}

/** A stretch of work; a virtio driver starts anew from time to time, for random writes soon take the device down. */
function work(rig: Rig, kind: RigKind, dice: Dice, steps: number): string[] {
  const transcript: string[] = [];
  for (let i = 0; i < steps; i++) {
    if (rig.begin !== undefined && i % 40 === 0) rig.begin();
    if (rig.begin !== undefined && dice.roll(4) !== 0) rig.outside(dice);
    else step(rig, kind, dice, transcript);
  }
  return transcript.concat(rig.context.events);
}

describe.each(RIGS)('$name', (kind) => {
  it('answers every width at every offset, inside and outside its window, with a number of that width', () => {
    const rig = kind.make();
    for (const offset of offsetsOf(kind)) {
      for (const size of WIDTHS) {
        for (const value of [0, 1, 0xffff_ffff]) rig.device.write(offset, size, value % 2 ** (8 * size));
        const answer = rig.device.read(offset, size);
        expect(Number.isInteger(answer) && answer >= 0 && answer < 2 ** (8 * size)).toBe(true);
      }
      rig.device.write64?.(offset, 0xffff_ffff_ffff_ffffn);
      const wide = rig.device.read64?.(offset) ?? 0n;
      expect(BigInt.asUintN(64, wide)).toBe(wide);
    }
  });

  it('has a state after reset that is that of a new one', () => {
    const fresh = save(kind.make().device);
    const rig = kind.make();
    work(rig, kind, new Dice(7), 300);
    rig.device.reset();
    expect(save(rig.device)).toEqual(fresh);
    expect(rig.context.level).toBe(false);
  });

  it('does the same when the same happens to it', () => {
    for (let seed = 0; seed < 10; seed++) {
      const [one, other] = [kind.make(), kind.make()];
      expect(work(one, kind, new Dice(seed), 300)).toEqual(work(other, kind, new Dice(seed), 300));
      expect(save(one.device)).toEqual(save(other.device));
    }
  });

  it('goes on after save and restore in the middle of work as if nothing had been', () => {
    for (let seed = 100; seed < 130; seed++) {
      const rig = kind.make();
      work(rig, kind, new Dice(seed), 1 + seed * 3);
      const resumed = kind.make();
      const state = save(rig.device);
      restore(resumed.device, state);
      resumed.context.continueFrom(rig.context);
      expect(save(resumed.device)).toEqual(state);
      rig.context.events.length = 0;
      // Both go on without a fresh start of the driver: what was under way is what matters.
      const goOn = (one: Rig): string[] => {
        const transcript: string[] = [];
        const dice = new Dice(seed + 1000);
        for (let i = 0; i < 150; i++) step(one, kind, dice, transcript);
        return transcript.concat(one.context.events);
      };
      expect(goOn(resumed)).toEqual(goOn(rig));
      expect(save(resumed.device)).toEqual(save(rig.device));
      expect(Buffer.compare(resumed.context.memory.bytes, rig.context.memory.bytes)).toBe(0);
    }
  });

  it('keeps to guest memory and never throws, whatever is written to its registers', () => {
    for (let seed = 200; seed < 240; seed++) {
      const rig = kind.make();
      const dice = new Dice(seed);
      work(rig, kind, dice, 200);
      for (let i = 0; i < 400; i++) step(rig, kind, dice, []);
      expect(rig.context.memory.outside).toEqual([]);
    }
  });
});
