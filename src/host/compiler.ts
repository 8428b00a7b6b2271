/**
 * How V8 compiles the WebAssembly that the engine makes: off the path of the thread that runs the guest. Only speed
 * depends on it.
 */
import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** The last version of Node that is known to know these flags; another would complain of one that is gone. */
const LAST_MAJOR = 26;

const FLAGS = [
  // Else each small module wakes a whole pool of threads to validate it, and waits for them.
  '--wasm-lazy-validation',
  // One at a time: several take the guest's processor, and each holds its memory for as long as it waits for one.
  '--wasm-num-compilation-tasks=1',
  // What is unlikely goes behind a function's end: a region's hot path lies together, its registers are not spilled there.
  '--experimental-wasm-branch-hinting',
];

const THREADS = '/proc/self/task';

/** To be called before a machine is made. */
export function tuneCompiler(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major <= LAST_MAJOR) for (const flag of FLAGS) setFlagsFromString(flag);
  lowerPriorities();
}

/**
 * Node's other threads, which compile and collect garbage, get what processors the guest's leaves them. Linux
 * alone takes a thread for a process here.
 */
function lowerPriorities(): void {
  if (process.platform !== 'linux') return;
  try {
    for (const thread of readdirSync(THREADS)) {
      if (Number(thread) !== process.pid) setPriority(Number(thread), constants.priority.PRIORITY_BELOW_NORMAL);
    }
  } catch {
    // A thread that has ended, or a /proc that is not there: they compete then.
  }
}
