/** What every device of the board promises, whatever the guest does to it: on its own, without a machine around it. */
import { readdirSync } from 'node:fs';

import { RIGS } from './device-rigs.js';
import type { Rig, RigKind } from './device-rigs.js';
import { poke, moved, readAt, step, WIDTHS, work, writeAt } from './device-work.js';
import { Dice, differences, FakeContext, restore, save } from './fake-board.js';

/** Offsets worth trying: all of a small window, of a large one each register's surroundings, and beyond both ends. */
function offsetsOf({ place: { size }, registers }: RigKind): number[] {
  const inside =
    size <= 0x1000
      ? Array.from({ length: size }, (_, i) => i)
      : registers.flatMap((at) => [at, at + 1, at + 2, at + 3]);
  return [...inside, -4, -1, size - 4, size - 1, size, size + 4, 2 ** 31, 2 ** 32, 2 ** 40];
}

const isWord = (value: number | bigint, size: number): boolean =>
  typeof value === 'bigint'
    ? value >= 0n && value < 2n ** 64n
    : Number.isInteger(value) && value >= 0 && value < 2 ** (8 * size);

/** A context that goes on where another is, with a memory of its own. */
function copyOf(context: FakeContext): FakeContext {
  const copy = new FakeContext();
  copy.continueFrom(context);
  return copy;
}

/** What two rigs that should be in one state differ in, memory and lines included. */
function differing(one: Rig, other: Rig): string[] {
  const found = differences(save(one.device), save(other.device));
  if (Buffer.compare(one.context.memory.bytes, other.context.memory.bytes) !== 0) found.push('memory');
  if (one.context.level !== other.context.level) found.push('interrupt');
  one.context.lines.forEach((level, name) => {
    if (level !== (other.context.lines.get(name) ?? false)) found.push(name);
  });
  return found;
}

it('leaves out no device of src/machine/devices', async () => {
  const folder = new URL('../../src/machine/devices/', import.meta.url);
  const parts = RIGS.flatMap((kind) => kind.make().parts);
  const missing: string[] = [];
  let found = 0;
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!file.endsWith('.ts')) continue;
    const module = (await import(`../../src/machine/devices/${file.replace(/\.ts$/, '.js')}`)) as object;
    for (const [name, value] of Object.entries(module)) {
      const isPart = typeof value === 'function' && typeof value.prototype?.state === 'function';
      if (!isPart) continue;
      found++;
      if (!parts.some(({ constructor }) => constructor === value)) missing.push(`${file}: ${name}`);
    }
  }
  expect(missing).toEqual([]);
  expect(found).toBeGreaterThan(8);
  expect(new Set(RIGS.map(({ name }) => name)).size).toBe(RIGS.length);
});

describe.each(RIGS)('$name', (kind) => {
  it('answers every width at every offset, inside and outside its window, with a number of that width', () => {
    const rig = kind.make();
    const odd: string[] = [];
    for (const offset of offsetsOf(kind)) {
      for (const size of WIDTHS) {
        for (const value of [0, 1, 0xffff_ffff]) writeAt(rig, offset, size, value);
        const answer = readAt(rig, offset, size);
        if (!isWord(answer, size)) odd.push(`${size} bytes at ${offset}: ${answer}`);
      }
    }
    expect(odd).toEqual([]);
    expect(rig.context.memory.outside).toEqual([]);
  });

  it('agrees with QEMU on the accesses that it answers', () => {
    const { device } = kind.make();
    const odd: string[] = [];
    for (const offset of offsetsOf(kind).filter((at) => at >= 0 && at < kind.place.size)) {
      for (const size of WIDTHS) {
        if (offset % size !== 0 || offset + size > kind.place.size) continue;
        if ((device.accepts?.(offset, size) ?? true) !== kind.answers(offset, size)) odd.push(`${size} at ${offset}`);
      }
    }
    expect(odd).toEqual([]);
  });

  it('does the same when the same happens to it', () => {
    for (let seed = 0; seed < 5; seed++) {
      const [one, other] = [kind.make(), kind.make()];
      expect(work(one, kind, new Dice(seed), 200)).toEqual(work(other, kind, new Dice(seed), 200));
      expect(differing(one, other)).toEqual([]);
    }
  });

  it('is, whenever it is reset, as a new one is, and behaves so from then on', () => {
    const fresh = save(kind.make().device);
    for (let seed = 20; seed < 44; seed++) {
      const rig = kind.make();
      const dice = new Dice(seed);
      work(rig, kind, dice, 3 + 7 * (seed - 20));
      rig.device.reset();
      rig.rest?.();
      const state = save(rig.device);
      expect(differences(state, fresh).filter((name) => !kind.outlives?.includes(name))).toEqual([]);
      expect(rig.context.level).toBe(false);
      expect([...rig.context.lines.values()]).not.toContain(true);

      // Nothing of before comes out later: no frame that waited, no timer that was set.
      const other = kind.make(copyOf(rig.context));
      restore(other.device, state);
      rig.context.events.length = 0;
      expect(work(rig, kind, new Dice(seed), 60)).toEqual(work(other, kind, new Dice(seed), 60));
      expect(differing(rig, other)).toEqual([]);
    }
  });

  it('can be saved and restored at every step, with nothing of it to be seen', () => {
    for (let seed = 100; seed < 105; seed++) {
      const still = kind.make();
      let moving = kind.make();
      const [dice, sameDice] = [new Dice(seed), new Dice(seed)];
      for (let number = 0; number < 200; number++) {
        const saved = save(moving.device);
        moving = moved(moving, kind);
        if (differences(save(moving.device), saved).length > 0) expect(save(moving.device)).toEqual(saved);
        const answers = [step(still, kind, dice, number), step(moving, kind, sameDice, number)];
        if (answers[0] !== answers[1]) expect(`step ${number}: ${answers[1]}`).toBe(`step ${number}: ${answers[0]}`);
        const odd = differences(save(still.device), save(moving.device));
        if (odd.length > 0) expect(`${odd.join(', ')} after step ${number} of ${seed}`).toBe('the same');
      }
      expect(moving.context.events).toEqual(still.context.events);
      expect(differing(still, moving)).toEqual([]);
    }
  });

  it('keeps to guest memory and never throws, whatever is written to its registers', () => {
    for (let seed = 200; seed < 210; seed++) {
      const rig = kind.make();
      const dice = new Dice(seed);
      work(rig, kind, dice, 150);
      for (let i = 0; i < 300; i++) poke(rig, kind, dice);
      expect(rig.context.memory.outside).toEqual([]);
    }
  });
});
