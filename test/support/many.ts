/**
 * Many recordings and replays without a start of a process for each: a process that runs them one after another
 * (many-child.js), and busy processes that take the cores away meanwhile.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

export interface Job {
  readonly command: 'record' | 'replay';
  /** The guest, or the log. */
  readonly path: string;
  /** The command's flags where they are not the defaults; `output` for a recording. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

export interface Outcome {
  /** The exit status; undefined where the command failed: `stderr` says why. */
  readonly status?: number;
  /** Base64. */
  readonly stdout: string;
  readonly stderr: string;
}

export class Many {
  private readonly child: ChildProcess;

  /** `command` is a Node, the present one by default, and its flags. */
  constructor([execPath, ...execArgv]: readonly [string, ...string[]] = [process.execPath]) {
    this.child = fork(fileURLToPath(new URL('many-child.js', import.meta.url)), {
      ...{ execPath, execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    });
  }

  /** Answers when the job is done. One at a time. */
  async run(job: Job): Promise<Outcome> {
    const ended = new AbortController();
    const exit = once(this.child, 'exit', { signal: ended.signal }).then(([status]) => {
      throw new Error(`the process ended with ${String(status)} at ${JSON.stringify(job)}`);
    });
    exit.catch(() => undefined);
    const answer = once(this.child, 'message', { signal: ended.signal });
    this.child.send(job);
    try {
      const [outcome] = (await Promise.race([answer, exit])) as [Outcome];
      return outcome;
    } finally {
      ended.abort();
      answer.catch(() => undefined);
    }
  }

  close(): void {
    this.child.kill('SIGKILL');
  }
}

/** The JSON summary that `record` and `replay` end with. */
export function summaryOf({ stderr }: { readonly stderr: string }): Summary {
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as Summary;
}

export interface Summary {
  readonly ended: string;
  readonly status: number;
  readonly instructions: number;
  readonly seconds: number;
  /** Of a recording. */
  readonly bytes: number;
  readonly causes: Readonly<Record<string, { readonly entries: number; readonly bytes: number }>>;
  /** Of a replay: how many were compared, and were equal. */
  readonly digests: number;
  readonly outputs: number;
}

/** How many digests and outputs a recording holds. */
export function checksOf({ causes }: Summary): { digests: number; outputs: number } {
  const entries = (wanted: RegExp): number =>
    Object.entries(causes).reduce((sum, [cause, count]) => sum + (wanted.test(cause) ? count.entries : 0), 0);
  return { digests: entries(/^digest$/), outputs: entries(/^output:/) };
}

const BUSY = 'const parent = process.ppid; while (process.ppid === parent) for (let i = 0; i < 1e7; i++);';

/** Busy processes, until `stop`: `each` for every core. They end with this process, whatever ends it. */
export function load(each: number): { stop: () => void } {
  const processes = Array.from({ length: each * availableParallelism() }, () =>
    spawn(process.execPath, ['-e', BUSY], { stdio: 'ignore' }),
  );
  return { stop: () => processes.forEach((busy) => busy.kill('SIGKILL')) };
}
