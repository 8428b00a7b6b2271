/**
 * The pace of a primary: that of the world, and no faster than its backup can follow.
 */
import type { Need } from '../machine/environment.js';
import type { Pacing } from '../replay/recorder.js';
import type { OutputGate } from './output-gate.js';
import type { Timers } from './ports.js';
import type { Primary } from './primary.js';

export class PairPacing implements Pacing {
  private turned: number;
  private waits = false;

  constructor(
    private readonly world: Pacing,
    private readonly primary: Pick<Primary, 'yield' | 'wake'>,
    private readonly gate: Pick<OutputGate, 'holds' | 'onRelease'>,
    private readonly timers: Pick<Timers, 'now'>,
  ) {
    this.turned = timers.now();
    // What leaves may be what the guest waits for: a disk's request that will be answered now.
    gate.onRelease = () => {
      if (this.waits) world.wake();
    };
  }

  turnDue(): boolean {
    return this.world.turnDue();
  }

  async turn(): Promise<void> {
    const slice = this.timers.now() - this.turned;
    await this.world.turn();
    await this.primary.yield(slice);
    this.turned = this.timers.now();
  }

  async wait(need: Need): Promise<void> {
    this.waits = true;
    await this.world.wait(need);
    this.waits = false;
    this.turned = this.timers.now();
  }

  canWake(need: Need): boolean {
    return this.gate.holds || this.world.canWake(need);
  }

  wake(): void {
    this.world.wake();
    this.primary.wake();
  }
}
