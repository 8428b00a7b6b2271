/**
 * A `vmft` as a process of its own, whose streams a scenario reads, stalls and cuts as it likes.
 */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { vmftCommand } from '../support/vmft.js';

/** After so many milliseconds a process hangs. */
const PATIENCE = 60_000;
/** Milliseconds between two looks at a process's memory. */
const LOOK = 25;

export interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** It had to be killed because it did not end. */
  readonly hung: boolean;
  /** The most memory it was seen to take, in bytes. */
  readonly memory: number;
}

export interface ProcessOptions {
  readonly stdin?: 'ignore' | 'pipe';
  readonly cwd?: string;
  /** What node's command line goes behind: `prlimit --fsize=1000`. */
  readonly under?: readonly string[];
  /** Leaves reading stdout to the scenario. */
  readonly unread?: boolean;
  readonly patience?: number;
}

export class VmftProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ending>;
  private readonly out: Buffer[] = [];
  private readonly err: Buffer[] = [];
  private hung = false;
  private memory = 0;

  constructor(args: readonly string[], options: ProcessOptions = {}) {
    const { stdin = 'ignore', cwd, under = [], patience = PATIENCE } = options;
    const [command = process.execPath, ...rest] = [...under, process.execPath, vmftCommand, ...args];
    const stdio: StdioOptions = [stdin, 'pipe', 'pipe'];
    const env = { ...process.env, NO_COLOR: '1', DEBUG: '', NODE_OPTIONS: '' };
    this.child = spawn(command, rest, { stdio, env, ...(cwd === undefined ? {} : { cwd }) });
    if (options.unread !== true) this.child.stdout?.on('data', (data: Buffer) => this.out.push(data));
    // Node throws away what nobody reads of a process that has ended, unless somebody listens for it.
    else this.child.stdout?.on('readable', () => undefined);
    this.child.stderr?.on('data', (data: Buffer) => this.err.push(data));
    // Typing at a process that has gone is part of the game.
    for (const stream of [this.child.stdin, this.child.stdout, this.child.stderr]) stream?.on('error', () => undefined);
    const watchdog = setTimeout(() => {
      this.hung = true;
      this.kill();
    }, patience);
    const looking = setInterval(() => this.look(), LOOK);
    this.ended = new Promise((resolve, reject) => {
      this.child.on('error', reject);
      this.child.on('close', (status, signal) => {
        clearTimeout(watchdog);
        clearInterval(looking);
        const { stdout, hung, memory } = this;
        resolve({ status, signal, stdout, stderr: Buffer.concat(this.err), hung, memory });
      });
    });
  }

  /** What was read of stdout so far. */
  get stdout(): Buffer {
    return Buffer.concat(this.out);
  }

  get stdoutBytes(): number {
    return this.out.reduce((sum, { length }) => sum + length, 0);
  }

  get stderrBytes(): number {
    return this.err.reduce((sum, { length }) => sum + length, 0);
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Adds to what counts as read of stdout: for a scenario that reads by itself. */
  keep(data: Buffer): void {
    this.out.push(data);
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.child.kill(signal);
  }

  private look(): void {
    const { pid } = this.child;
    if (pid === undefined || !this.running) return;
    try {
      const peak = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
      this.memory = Math.max(this.memory, Number(peak ?? 0) * 1024);
    } catch {
      // It has just gone, or there is no /proc.
    }
  }
}

/** Runs `vmft` to its end. */
export function vmftEnding(args: readonly string[], options?: ProcessOptions): Promise<Ending> {
  return new VmftProcess(args, options).ended;
}

/** The lines that vmft has said. */
export function wordsOf(stderr: Buffer): string[] {
  return stderr
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}
