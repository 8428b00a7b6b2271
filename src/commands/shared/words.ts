/**
 * What vmft itself says: notices and summaries on stderr, in colour on a terminal only (NO_COLOR is honoured).
 */
import { Chalk, chalkStderr } from 'chalk';
import type { ChalkInstance } from 'chalk';

export class Words {
  readonly colour: ChalkInstance;

  /** @param quiet says nothing but what was asked for */
  constructor(
    readonly quiet: boolean,
    private readonly stream: NodeJS.WriteStream = process.stderr,
  ) {
    const plain = !stream.isTTY || (process.env['NO_COLOR'] ?? '') !== '';
    this.colour = new Chalk({ level: plain ? 0 : chalkStderr.level });
  }

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

  /** A value as one line of JSON. */
  json(value: unknown): void {
    this.line(JSON.stringify(value));
  }

  private line(text: string): void {
    this.stream.write(`${text}\n`);
  }
}
