/**
 * A guest and the sides that keep it alive, as processes: a primary, a backup, and after each death the next backup.
 */
import { once } from 'node:events';

import { pause, Running, type Answer } from './vmft.js';

/** One side. */
export class Side extends Running {
  private forgotten = 0;

  /** What it has said since `forget`. */
  get words(): string {
    return this.stderr.slice(this.forgotten);
  }

  /** What it has said so far is not looked at any more. */
  forget(): void {
    this.forgotten = this.stderr.length;
  }

  /** Waits until it has said something that matches. */
  async says(pattern: RegExp, milliseconds = 30_000): Promise<void> {
    const until = performance.now() + milliseconds;
    while (!pattern.test(this.words)) {
      const over = this.process.exitCode !== null || this.process.signalCode !== null;
      if (over || performance.now() > until) {
        throw new Error(`no ${String(pattern)} in "${this.stderr}" (${this.process.exitCode ?? 'runs'})`);
      }
      await pause(5);
    }
  }

  get alive(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** How it ended; it has to within so many milliseconds. */
  async end(milliseconds = 30_000): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, fail) => {
      timer = setTimeout(() => fail(new Error(`it has not ended, and said "${this.stderr}"`)), milliseconds);
    });
    return Promise.race([this.ended, late]).finally(() => clearTimeout(timer));
  }

  /** Resolves when it is dead. */
  async kill(): Promise<void> {
    if (!this.alive) return;
    const over = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await over;
  }
}

export interface PairOptions {
  /** The socket or HOST:PORT of the channel. */
  readonly channel: string;
  /** The guest and its options. */
  readonly guest: readonly string[];
  /** Options of both sides, of primaries, and of backups. */
  readonly both?: readonly string[];
  readonly primary?: readonly string[];
  readonly backup?: readonly string[];
  /** How the first primary and all backups are started. */
  readonly Primary?: typeof Side;
  readonly Backup?: typeof Side;
}

export class Pair {
  /** All sides there were, in the order in which they were started. */
  readonly sides: Side[] = [];
  primary: Side;
  backup: Side | undefined;

  constructor(private readonly options: PairOptions) {
    const { guest, channel, both = [], primary = [], Primary = Side } = options;
    this.primary = new Primary('primary', ...guest, '--listen', channel, ...both, ...primary);
    this.sides.push(this.primary);
  }

  /** Starts a backup, and waits until it follows. */
  async join(...more: string[]): Promise<Side> {
    const { channel, both = [], backup = [], Backup = Side } = this.options;
    this.backup = new Backup('backup', '--connect', channel, ...both, ...backup, ...more);
    this.sides.push(this.backup);
    await this.backup.says(/Following the primary/);
    return this.backup;
  }

  /** Kills the primary, and waits until the backup is live. */
  async fail(): Promise<Side> {
    const { backup } = this;
    if (backup === undefined) throw new Error('nobody to take over');
    await this.primary.kill();
    await backup.says(/Live at position/);
    this.primary = backup;
    this.backup = undefined;
    return backup;
  }

  async end(): Promise<void> {
    for (const side of this.sides) await side.kill();
  }
}
