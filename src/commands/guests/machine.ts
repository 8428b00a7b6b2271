/**
 * Builds a machine for a guest, and says in one sentence why that cannot be done.
 */
import { warmUp } from '../../engine/interpreter-module.js';
import type { EngineKind } from '../../engine/kinds.js';
import { milliseconds } from '../../host/clock.js';
import { tuneCompiler } from '../../host/compiler.js';
import { Failure, STATUS } from '../../host/failure.js';
import type { MachineConfiguration } from '../../machine/configuration.js';
import type { Environment } from '../../machine/environment.js';
import { Machine } from '../../machine/machine.js';
import { fitting, type GuestFiles } from './guest-file.js';

/** Gets the engine ready, aside, for machines that are going to be built: to be called before anything else is done. */
export function expectMachines(timed = false): void {
  tuneCompiler();
  warmUp(timed);
}

/** Throws a Failure where the guest does not fit, or the host has no such memory to give. */
export function buildMachine(
  guest: GuestFiles,
  configuration: MachineConfiguration,
  environment: Environment,
  engine: EngineKind = 'auto',
  timed = false,
): Machine {
  tuneCompiler();
  const stopwatch = timed ? (): number => milliseconds() / 1000 : undefined;
  try {
    return fitting(guest, () => new Machine(configuration, guest.guest, environment, engine, stopwatch));
  } catch (error) {
    if (!(error instanceof RangeError) || !/memory/i.test(error.message)) throw error;
    const size = `${String(Math.round(configuration.memoryBytes / 2 ** 20))} MiB`;
    throw new Failure(STATUS.unavailable, `The host has no ${size} of memory for the guest: free some.`, error);
  }
}
