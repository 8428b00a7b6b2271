/**
 * The end of a process that must not linger: in good order where that is quick, and by a signal where something does not let
 * it go, such as a file system that does not answer. Node itself waits for its threads, so that no exit status can be had then.
 */

/** How long good order may take, in milliseconds. */
const LIMIT = 10_000;

/** Ends this process soon, at the latest by SIGKILL, before which `tell` is called. */
export function endSoon(tell: () => void): void {
  setTimeout(() => {
    tell();
    process.kill(process.pid, 'SIGKILL');
  }, LIMIT).unref();
}
