/**
 * What vmft itself says: notices and summaries on stderr, in colour on a terminal only (NO_COLOR is honoured).
 */
/** Marks text for a terminal. */
export type Colour = Record<'bold' | 'dim' | 'red' | 'yellow', (text: string) => string>;

const same = (text: string): string => text;
const PLAIN: Colour = { bold: same, dim: same, red: same, yellow: same };

export class Words {
  /** @param quiet says nothing but what was asked for */
  static async open(quiet: boolean, stream: NodeJS.WriteStream = process.stderr): Promise<Words> {
    // Only a terminal needs chalk loaded.
    const plain = !stream.isTTY || (process.env['NO_COLOR'] ?? '') !== '';
    return new Words(quiet, stream, plain ? PLAIN : (await import('chalk')).chalkStderr);
  }

  private constructor(
    readonly quiet: boolean,
    private readonly stream: NodeJS.WriteStream,
    readonly colour: Colour,
  ) {}

  /** One sentence about something that happened. */
  notice(sentence: string): void {
    if (!this.quiet) this.line(`${this.colour.yellow('vmft:')} ${sentence}`);
  }

  /** One sentence that must be read, quiet or not. */
  warn(sentence: string): void {
    this.line(`${this.colour.red('vmft:')} ${sentence}`);
  }

  /** Lines of a summary. */
  lines(lines: readonly string[]): void {
    if (!this.quiet) for (const line of lines) this.line(line);
  }

  /** Lines that were asked for: also where quiet. */
  asked(lines: readonly string[]): void {
    for (const line of lines) this.line(line);
  }

  /** A value as one line of JSON. */
  json(value: unknown): void {
    this.line(JSON.stringify(value));
  }

  private line(text: string): void {
    this.stream.write(`${text}\n`);
  }
}
