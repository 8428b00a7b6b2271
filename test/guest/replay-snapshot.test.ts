/**
 * Snapshots: every guest stopped at many positions, saved, restored into a fresh machine and continued, and put back in
 * its own; it always goes on to the same end. The campaign's `snapshots` does the same at a thousand positions each.
 */
import { assemble } from '../../src/isa/assemble.js';
import { loadHash } from '../../src/replay/hash.js';
import { Side } from '../../src/replay/side.js';
import { GUESTS } from './guests.js';
import { Dice, record, sideOf } from './replay-rig.js';
import type { MadeRecording, RecordingOptions } from './replay-rig.js';
import { Stage, goOnFrom, positionsOf } from './snapshot-rig.js';

const POSITIONS = 20;
/** What comes later is more of the same; the campaign goes on to the end. */
const LONGEST = 400_000;

const CASES = GUESTS.map(([name, options], index): readonly [string, RecordingOptions] => [
  name,
  {
    ...options,
    seed: 6,
    digestDistance: 5000,
    until: Math.min(options.until ?? LONGEST, LONGEST),
    configuration: { ...options.configuration, clock: index % 3 === 2 ? 'virtual' : 'host' },
  },
]);

/**
 * Restores each of the positions of a recording into a machine that has run elsewhere, to the end and then here and
 * there, and every seventh one into a fresh machine too: building those takes most of the time.
 */
async function expectSameEnd(made: MadeRecording): Promise<void> {
  const used = await Stage.open(made);
  const positions = await positionsOf(made, used, POSITIONS, new Dice(21));
  expect(positions.length).toBeGreaterThanOrEqual(POSITIONS);
  const source = await Stage.open(made);
  const failures: unknown[] = [];
  for (const [n, position] of positions.entries()) {
    await source.runTo(position);
    const place = source.save();
    const sent = source.outputs.length;
    if (n % 7 === 2) failures.push(await goOnFrom(place, sent, made, await Stage.open(made)));
    failures.push(await goOnFrom(place, sent, made, used));
    if (n % 3 === 1) {
      await used.restore(place);
      await used.runTo(position + 1000);
    }
  }
  expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
}

describe('a saved state', () => {
  it.each(CASES)('goes on to the same end in another machine: %s', async (name, options) => {
    await expectSameEnd(await record(name, options));
  });
});

it('goes on between LR and SC: the word is still what LR has read', async () => {
  // Adds 1 to a doubleword by LR and SC, forty times, and ends by what that has come to.
  const program = [
    assemble('auipc', { rd: 5, imm: 0x1000 }),
    assemble('addi', { rd: 8, imm: 40 }),
    assemble('lr.d', { rd: 6, rs1: 5 }),
    assemble('addi', { rd: 6, rs1: 6, imm: 1 }),
    assemble('sc.d', { rd: 7, rs1: 5, rs2: 6 }),
    assemble('bne', { rs1: 7, imm: -12 }),
    assemble('bne', { rs1: 6, rs2: 8, imm: -16 }),
    assemble('wfi'),
  ];
  const image = { kind: 'flat', data: new Uint8Array(new Uint32Array(program).buffer) } as const;
  const made = await record('lr-sc', { image, seed: 3, slice: 7, until: 500 });
  expect(made.run.position).toBe(203);
  const source = await Stage.open(made);
  const failures: unknown[] = [];
  for (let position = 0; position < 24; position++) {
    await source.runTo(position);
    if (position > 16) failures.push(await goOnFrom(source.save(), 0, made, await Stage.open(made)));
  }
  expect(failures.filter((failure) => failure !== undefined)).toEqual([]);
});

const SIDES = ['hello', 'clock-small', 'dice', 'paging', 'shell', 'echo', 'idle-second', 'storm'];

describe('a side', () => {
  it.each(CASES.filter(([name]) => SIDES.includes(name)))(
    'comes back to the place that was kept, as often as wanted: %s',
    async (name, options) => {
      const made = await record(name, options);
      const side = await Side.open(await sideOf(made, 'a'), await loadHash());
      const dice = new Dice(22);
      for (const kept of await positionsOf(made, await Stage.open(made), POSITIONS, dice)) {
        await side.runTo(kept);
        expect(side.thrown).toBeUndefined();
        const digest = side.digest.take();
        side.keep();
        const goal = kept + dice.roll(Math.min(made.run.position - kept + 1, 50_000));
        await side.runTo(goal);
        const there = side.digest.take();
        await side.goBack();
        expect([side.position, side.digest.take()]).toEqual([kept, digest]);
        await side.runTo(goal);
        expect(side.digest.take()).toBe(there);
        await side.goBack();
      }
      await side.runTo(Infinity);
      expect(side.ended).toMatchObject({ ended: 'whole', position: made.run.position });
    },
  );
});
