/**
 * Machines of one make that are used again: put back into the state in which they were built, and given another
 * environment. Building one anew for each of thousands of cases would take most of their time.
 */
import type { Environment } from '../../src/machine/environment.js';
import { Machine } from '../../src/machine/machine.js';
import { restoreSaved, saveState, type SavedState } from '../../src/replay/snapshot.js';
import type { MadeRecording } from '../guest/replay-rig.js';
import { Door } from '../support/door.js';

export class MachinePool {
  private readonly machines: { readonly machine: Machine; readonly door: Door; readonly fresh: SavedState }[] = [];
  private used = 0;

  constructor(private readonly made: Pick<MadeRecording, 'configuration' | 'image'>) {}

  /** As good as new. */
  readonly build = (environment: Environment): Machine => {
    const known = this.machines[this.used++];
    if (known !== undefined) {
      known.door.inner = environment;
      restoreSaved(known.machine, known.fresh);
      return known.machine;
    }
    const door = new Door(environment);
    const machine = new Machine(this.made.configuration, this.made.image, door);
    this.machines.push({ machine, door, fresh: saveState(machine) });
    return machine;
  };

  /** Nobody uses any of them any more. */
  release(): void {
    this.used = 0;
  }
}
