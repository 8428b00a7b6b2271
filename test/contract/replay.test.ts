/**
 * Replayed equals recorded, for every device: a random guest drives it on a whole machine, in a world that makes up time
 * and inputs, and the recording's replay meets every digest, a few instructions apart, and every output.
 */
import type { MachineConfiguration } from '../../src/machine/configuration.js';
import { record, replay } from '../guest/replay-rig.js';
import type { MadeRecording } from '../guest/replay-rig.js';
import { RIGS } from './device-rigs.js';
import type { RigKind } from './device-rigs.js';
import { Dice } from './fake-board.js';
import { interruptsTaken, PROGRAM_MEMORY, randomProgram } from './guest-program.js';

const STEPS = 120;
const SEEDS = [1, 2];
/** Instructions between digests: a few accesses of the guest. */
const DISTANCE = 61;

function recordOne(kind: RigKind, seed: number, clock: MachineConfiguration['clock']): Promise<MadeRecording> {
  const queues = kind.make().device.queues?.length ?? 0;
  const program = randomProgram(kind, queues, new Dice(seed), STEPS);
  return record(kind.name, {
    seed,
    slice: 200,
    pace: 100,
    ...kind.world,
    image: program.image(kind.symbols),
    configuration: { memoryBytes: PROGRAM_MEMORY, devices: [], clock, ...kind.board },
    digestDistance: DISTANCE,
    until: program.positions,
  });
}

/** What was seen in all recordings together. */
const seen = new Map<string, number>();
const count = (what: string, more = 1): void => void seen.set(what, (seen.get(what) ?? 0) + more);

describe.each(RIGS)('$name', (kind) => {
  it.each(SEEDS)('replays what it recorded, seed %i', async (seed) => {
    const made = await recordOne(kind, seed, seed === 2 ? 'virtual' : 'host');
    expect(['power-off', 'until']).toContain(made.run.reason);
    const { result, outputs, machine } = await replay(made);
    expect(result.ended).toBe('whole');
    expect(result.position).toBe(made.run.position);
    expect(result.digests).toBeGreaterThanOrEqual(Math.floor(made.run.position / DISTANCE));
    expect(outputs).toEqual(made.outputs);

    for (const { output } of outputs) count(output.type);
    count(`interrupts of ${kind.name}`, interruptsTaken(machine));
    if (made.log.length > 1e4) count('long logs');
  });
});

it('has driven the devices in earnest', () => {
  const interrupting = ['clint', 'plic', 'uart', 'virtio-net', 'virtio-rng', 'virtio-blk'].map(
    (name) => `interrupts of ${name}`,
  );
  for (const what of ['console', 'packet', 'disk', 'power', 'long logs', ...interrupting]) {
    expect(`${what}: ${(seen.get(what) ?? 0) > 0}`).toBe(`${what}: true`);
  }
});
