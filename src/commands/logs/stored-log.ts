/**
 * A log that is read more than once and from many places: a file, or what came through a pipe, kept in a file until the
 * process ends.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FileSource, openSource } from '../../host/byte-sources.js';
import { FileSink } from '../../host/file-sink.js';
import type { Header } from '../../log/header.js';
import { LogReader, type ReaderOptions } from '../../log/reader.js';
import { logFailure } from './log-failure.js';

export class StoredLog {
  private readonly sources: FileSource[] = [];

  /** Opens the log at `path` (`-`: the standard input) and reads its header. Throws a Failure. */
  static async open(path: string): Promise<StoredLog> {
    const { file, label } = await stored(path);
    const source = await FileSource.open(file);
    try {
      return new StoredLog(file, label, await new LogReader(source).header());
    } catch (error) {
      throw logFailure(label, error);
    } finally {
      await source.close();
    }
  }

  private constructor(
    readonly file: string,
    /** What messages call it. */
    readonly label: string,
    readonly header: Header,
  ) {}

  /** A new reader, from the start or a mark. */
  async reader(options: ReaderOptions): Promise<LogReader> {
    const source = await FileSource.open(this.file);
    this.sources.push(source);
    source.seek(options.mark?.offset ?? 0);
    return new LogReader(source, options);
  }

  async close(): Promise<void> {
    for (const source of this.sources.splice(0)) await source.close();
  }
}

/** The regular file in which the log at `path` can be read. */
async function stored(path: string): Promise<{ file: string; label: string }> {
  if (path !== '-' && statSync(path, { throwIfNoEntry: false })?.isFile() !== false) return { file: path, label: path };
  const source = await openSource(path);
  const folder = mkdtempSync(join(tmpdir(), 'vmft-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const sink = FileSink.create(join(folder, 'log.pb'));
  for (let bytes = await source.read(); bytes !== null; bytes = await source.read()) sink.write(bytes);
  sink.close();
  await source.close();
  return { file: sink.path, label: source.path };
}
