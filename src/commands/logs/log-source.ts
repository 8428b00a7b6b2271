/**
 * Logs as sources of bytes: a file, the standard input, or a file that is still being written.
 */
import { FileSource, openSource } from '../../host/byte-sources.js';
import type { HostSource } from '../../host/byte-sources.js';
import { FollowSource } from '../../host/follow.js';
import type { Header } from '../../log/header.js';
import { LogReader, type ReaderOptions } from '../../log/reader.js';
import { measureLog } from '../../replay/log-walk.js';
import { logFailure } from './log-failure.js';

/** Larger logs are not read through beforehand only to show how long they take, in bytes. */
const MEASURED = 2 ** 25;

export interface OpenLog {
  readonly source: HostSource;
  readonly reader: LogReader;
  readonly header: Header;
}

/** Opens the log at `path` (`-`: the standard input) and reads its header. Throws a Failure. */
export async function openLog(path: string, follow = false, options: ReaderOptions = {}): Promise<OpenLog> {
  const source = follow && path !== '-' ? await FollowSource.open(path) : await openSource(path);
  const reader = new LogReader(source, options);
  try {
    return { source, reader, header: await reader.header() };
  } catch (error) {
    await source.close();
    throw logFailure(source.path, error);
  }
}

/** The position at which the log at `path` ends, where that is cheap to know; otherwise undefined. */
export async function lengthOf(path: string): Promise<number | undefined> {
  if (path === '-') return undefined;
  try {
    const source = await openSource(path);
    try {
      if (!(source instanceof FileSource) || (await source.size()) > MEASURED) return undefined;
      return (await measureLog(new LogReader(source, { images: 'skip' }))).position;
    } finally {
      await source.close();
    }
  } catch {
    // Whoever reads it in earnest will say so.
    return undefined;
  }
}
