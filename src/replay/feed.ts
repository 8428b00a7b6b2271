/**
 * Keeps a Logged environment supplied from a reader, a few stretches ahead, so that a log of any size and one that is
 * still being written take the same bounded memory.
 */
import type { LogReader, Mark, Stretch, Tear } from '../log/reader.js';
import type { Cursor, Logged } from './logged.js';

/** Stretches read ahead of the machine. */
const AHEAD = 4;

/** Makes a reader that starts at a mark. */
export type Reopen = (mark: Mark) => Promise<LogReader> | LogReader;

export class LogFeed {
  private pending: Promise<void> | undefined;
  private failure: { readonly error: unknown } | undefined;

  /**
   * @param reader whose header was read
   * @param reopen needed only for `rewind`
   * @param kept is told of each stretch that was read
   */
  constructor(
    readonly logged: Logged,
    private reader: LogReader,
    private readonly reopen?: Reopen,
    private readonly kept?: (stretch: Stretch) => void,
  ) {}

  /** How the log ends that has no end entry, once that is known. */
  get torn(): Tear | null {
    return this.reader.torn;
  }

  /** Byte offset up to which the log was read. */
  get offset(): number {
    return this.reader.mark.offset;
  }

  /**
   * Sees to it that the machine can go on from `position`. False where it cannot, because the log is over. Throws what
   * the reader throws, when all before it is used up.
   */
  async supply(position: number): Promise<boolean> {
    const { logged } = this;
    while (!logged.over && !logged.reaches(position)) {
      this.readAhead();
      await this.pending;
      if (this.failure !== undefined && !logged.reaches(position)) throw this.failure.error;
    }
    this.readAhead();
    return logged.reaches(position);
  }

  /** Reads on to the log's end, behind its end entry: throws where anything follows. */
  async finish(): Promise<void> {
    while (!this.logged.over && this.failure === undefined) {
      this.pending ??= this.read();
      await this.pending;
    }
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** The place in the log. */
  get cursor(): Cursor {
    return this.logged.cursor ?? { mark: this.reader.mark, entry: 0, read: 0, unproven: [] };
  }

  /** Goes back, or on, to another place. */
  async rewind(cursor: Cursor): Promise<void> {
    if (this.reopen === undefined) throw new Error('this log is read only once');
    await this.pending;
    this.failure = undefined;
    this.reader = await this.reopen(cursor.mark);
    this.logged.rewind(cursor);
  }

  private readAhead(): void {
    const { logged } = this;
    if (this.pending !== undefined || this.failure !== undefined || logged.over || logged.held >= AHEAD) return;
    this.pending = this.read();
  }

  private async read(): Promise<void> {
    try {
      const stretch = await this.reader.next();
      if (stretch === null) this.logged.close();
      else {
        this.kept?.(stretch);
        this.logged.feed(stretch);
      }
    } catch (error) {
      this.failure = { error };
    } finally {
      this.pending = undefined;
    }
  }
}
