/**
 * The file that a recording goes to: a log that is there already is not overwritten by mistake.
 */
import { openSync, realpathSync, statSync } from 'node:fs';

import { Failure, STATUS, systemCode, createFailure } from '../../host/failure.js';
import { FileSink } from '../../host/file-sink.js';

/** Creates the log at `path`; `-` is the standard output. Throws a Failure where it is there and `force` is not. */
export function createLog(path: string, force: boolean): FileSink {
  if (path === '-' || force) return FileSink.create(path);
  try {
    return new FileSink(openSync(path, 'wx'), path, true);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw createFailure(path, error);
    // A device or a named pipe loses nothing.
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) return FileSink.create(path);
    throw new Failure(STATUS.cannotCreate, `${path} exists: give another name with -o, or overwrite it with --force.`);
  }
}

/** Throws a Failure where two of the files that a command reads and writes are one. */
export function keepApart(files: Readonly<Record<string, string | undefined>>): void {
  const seen = new Map<string, string>();
  for (const [what, path] of Object.entries(files)) {
    if (path === undefined || path === '-' || !(statSync(path, { throwIfNoEntry: false })?.isFile() ?? true)) continue;
    const real = realPath(path);
    const other = seen.get(real);
    if (other !== undefined) {
      throw new Failure(STATUS.cannotCreate, `${path} cannot be both ${other} and ${what}: name another file.`);
    }
    seen.set(real, what);
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
