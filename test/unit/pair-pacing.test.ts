/** The pace of a primary: the world's, the backup's, and that of outputs which wait for their acknowledgement. */
import { OutputGate } from '../../src/pair/output-gate.js';
import { PairPacing } from '../../src/pair/pacing.js';
import type { Output } from '../../src/machine/environment.js';
import type { Pacing } from '../../src/replay/recorder.js';
import { Door } from '../support/door.js';
import { needing } from '../support/need.js';
import { ManualTimers, settled } from '../support/pair-host.js';

const WRITE: Output = {
  ...{ type: 'disk', device: 0, operation: 'write', offset: 0, length: 1, data: Uint8Array.of(1), durable: false },
};

/** A world in which nothing wakes a guest but somebody who calls `wake`. */
class StillWorld implements Pacing {
  turns = 0;
  woken = 0;
  private sleeper: (() => void) | undefined;

  turnDue(): boolean {
    return true;
  }

  async turn(): Promise<void> {
    this.turns++;
  }

  wait(): Promise<void> {
    return new Promise((resolve) => (this.sleeper = resolve));
  }

  canWake(): boolean {
    return false;
  }

  wake(): void {
    this.woken++;
    this.sleeper?.();
  }
}

let world: StillWorld;
let gate: OutputGate;
let timers: ManualTimers;
let slices: number[];
let ended: number;
let pacing: PairPacing;

beforeEach(() => {
  world = new StillWorld();
  timers = new ManualTimers();
  [slices, ended] = [[], 0];
  const nowhere = new Door({ emit: () => undefined } as never);
  gate = new OutputGate(nowhere, { sent: () => 10, now: () => 0, mayRelease: () => true });
  const primary = {
    yield: async (slice: number) => void slices.push(slice),
    wake: () => void ended++,
  };
  pacing = new PairPacing(world, primary, gate, timers);
});

it('a guest that waits for an output which is held can be woken by it, and is', async () => {
  gate.guard();
  expect(pacing.canWake(needing({ idle: true }))).toBe(false);
  gate.emit(1, WRITE);
  expect(pacing.canWake(needing({ idle: true }))).toBe(true);
  let awake = false;
  const waited = pacing.wait(needing({ idle: true })).then(() => (awake = true));
  await settled();
  expect(awake).toBe(false);
  gate.acknowledge(10);
  await waited;
  expect(pacing.canWake(needing({ idle: true }))).toBe(false);
});

it('what leaves while the guest runs wakes nobody: a console that is full must keep it waiting', () => {
  gate.guard();
  gate.emit(1, WRITE);
  gate.acknowledge(10);
  expect(world.woken).toBe(0);
});

it('each turn yields to the pair, with the time that the guest ran, and not that it waited', async () => {
  timers.tick(7);
  await pacing.turn();
  timers.tick(2);
  await pacing.turn();
  const waited = pacing.wait(needing());
  timers.tick(50);
  world.wake();
  await waited;
  timers.tick(1);
  await pacing.turn();
  expect([slices, world.turns, pacing.turnDue()]).toEqual([[7, 2, 1], 3, true]);
});

it('who ends the run ends all waiting', () => {
  pacing.wake();
  expect([world.woken, ended]).toEqual([1, 1]);
});
