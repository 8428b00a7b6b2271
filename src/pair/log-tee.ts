/**
 * The log of one execution in two places: in a file, where one was asked for, and on the channel, while there is a backup.
 */
import type { EndEntry, LogEntry } from '../log/entry.js';
import type { EntryWriter, LogWriter } from '../log/writer.js';

export class LogTee implements EntryWriter {
  /** The backup's, from the position on at which it has the state. */
  channel: LogWriter | undefined;

  constructor(private readonly file: EntryWriter | undefined) {}

  /** Bytes of its log that the backup was sent. */
  get sent(): number {
    return this.channel?.size ?? 0;
  }

  time(position: number, time: number): void {
    this.file?.time(position, time);
    this.channel?.time(position, time);
  }

  write(entry: LogEntry): void {
    this.file?.write(entry);
    this.channel?.write(entry);
  }

  flush(): void {
    this.file?.flush();
    this.channel?.flush();
  }

  end(entry: EndEntry): boolean {
    // What ended by a failure of this host's has not ended for a backup.
    if (entry.reason !== 'host-error') this.channel?.end(entry);
    return this.file?.end(entry) ?? true;
  }

  /** Lets the backup follow up to `position`, where the guest is: what came before it is all on its way. */
  progress(position: number): void {
    this.channel?.write({ type: 'progress', position });
    this.channel?.flush();
  }
}
