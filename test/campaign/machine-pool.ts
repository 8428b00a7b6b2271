/**
 * Machines of one make that are used again: put back into the state in which they were built, and given another
 * environment. Building one anew for each of thousands of cases would take most of their time.
 */
import type { Environment, Input, Need, Output } from '../../src/machine/environment.js';
import { Machine } from '../../src/machine/machine.js';
import { restoreSaved, saveState, type SavedState } from '../../src/replay/snapshot.js';
import type { MadeRecording } from '../guest/replay-rig.js';

/** Stands before environments that change. */
class Relay implements Environment {
  inner: Environment | undefined;

  private get present(): Environment {
    if (this.inner === undefined) throw new Error('a machine without an environment');
    return this.inner;
  }

  nextStop(position: number, need: Need): number {
    return this.present.nextStop(position, need);
  }

  takeInputs(position: number, need: Need): readonly Input[] {
    return this.present.takeInputs(position, need);
  }

  readTime(position: number): number {
    return this.present.readTime(position);
  }

  readEntropy(position: number, length: number): Uint8Array {
    return this.present.readEntropy(position, length);
  }

  emit(position: number, output: Output): void {
    this.present.emit(position, output);
  }
}

export class MachinePool {
  private readonly machines: { readonly machine: Machine; readonly relay: Relay; readonly fresh: SavedState }[] = [];
  private used = 0;

  constructor(private readonly made: Pick<MadeRecording, 'configuration' | 'image'>) {}

  /** As good as new. */
  readonly build = (environment: Environment): Machine => {
    const known = this.machines[this.used++];
    if (known !== undefined) {
      known.relay.inner = environment;
      restoreSaved(known.machine, known.fresh);
      return known.machine;
    }
    const relay = new Relay();
    relay.inner = environment;
    const machine = new Machine(this.made.configuration, this.made.image, relay);
    this.machines.push({ machine, relay, fresh: saveState(machine) });
    return machine;
  };

  /** Nobody uses any of them any more. */
  release(): void {
    this.used = 0;
  }
}
