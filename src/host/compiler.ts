/**
 * How V8 compiles the WebAssembly that the engine makes. Only speed depends on it.
 */
import { setFlagsFromString } from 'node:v8';

/** The last version of Node that is known to know these flags; another would complain of one that is gone. */
const LAST_MAJOR = 26;

const FLAGS = [
  // Else each small module wakes a whole pool of threads to validate it, and waits for them.
  '--wasm-lazy-validation',
];

/** To be called before a machine is made. */
export function tuneCompiler(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major <= LAST_MAJOR) for (const flag of FLAGS) setFlagsFromString(flag);
}
