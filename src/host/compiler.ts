/**
 * How V8 compiles the WebAssembly that the engine makes, off the path of the thread that runs the guest, and how it keeps
 * its heap. Only speed depends on it.
 */
import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** The last version of Node that is known to know a flag: another would complain of one that is gone. */
const FLAGS: readonly (readonly [flag: string, lastMajor: number])[] = [
  // Else each small module wakes a whole pool of threads to validate it, and waits for them.
  ['--wasm-lazy-validation', 26],
  // One at a time: several take the guest's processor, and each holds its memory for as long as it waits for one.
  ['--wasm-num-compilation-tasks=1', 26],
  // What is unlikely goes behind a function's end: a region's hot path lies together, its registers are not spilled there.
  ['--experimental-wasm-branch-hinting', 26],
  // Compiled code runs for no longer than its budget, and nothing that it calls calls it: at a loop's head, which in the
  // interpreter each instruction passes, it need not look at the stack.
  ['--no-wasm-stack-checks', 22],
  // Few new objects live on: to have them moved by threads that may not have a processor takes longer than to move them.
  ['--no-parallel-scavenge', 26],
];

/** What the space for new objects grows by when it is found too small, and the last version of Node known to know that. */
const GROWTH = { flag: '--semi-space-growth-factor', lastMajor: 26, none: 1, usual: 2 } as const;
/** Milliseconds for which it does not: memory that is touched for the first time costs more than what is saved by then. */
const SHORT_RUN = 5_000;

const THREADS = '/proc/self/task';
/** Milliseconds: longer than anything compiles. */
const LONG = 60_000;

/** To be called before a machine is made. */
export function tuneCompiler(): void {
  const major = Number(process.versions.node.split('.')[0]);
  for (const [flag, lastMajor] of FLAGS) if (major <= lastMajor) setFlagsFromString(flag);
  if (major <= GROWTH.lastMajor) delayGrowth();
  lowerPriorities();
}

let delayed = false;

/** Keeps the space for new objects as small as it is, for a while. */
function delayGrowth(): void {
  if (delayed) return;
  delayed = true;
  setFlagsFromString(`${GROWTH.flag}=${GROWTH.none}`);
  setTimeout(() => setFlagsFromString(`${GROWTH.flag}=${GROWTH.usual}`), SHORT_RUN).unref();
}

/**
 * Waits for what V8 compiles as promised. Node's event loop does not count that as something to wait for: it would end,
 * and then go on only when every thread of V8's is done, with all that they optimise besides.
 */
export async function awaitCompiled<T>(promise: Promise<T>): Promise<T> {
  const alive = setInterval(() => undefined, LONG);
  try {
    return await promise;
  } finally {
    clearInterval(alive);
  }
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
