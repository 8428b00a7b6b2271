/**
 * Mutated logs: each is refused with a message that names the byte offset, or replays exactly. The logs are replayed in a
 * process that is watched, so that a crash, a hang and memory without bound are seen, and named as the case they are; some
 * are given to `vmft replay` too.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { MutateAnswer, MutateJob } from './mutate-worker.js';
import type { CaseResult, Scenario, ScenarioContext } from './scenario.js';
import { vmftEnding, wordsOf, type Ending } from './vmft-process.js';

const WORKER = fileURLToPath(new URL('mutate-worker.ts', import.meta.url));
/** No case may take longer, in milliseconds, nor more memory, in bytes. */
const PATIENCE = 30_000;
const MEMORY = 2 ** 30;
const MEBIBYTE = 2 ** 20;
/** One case of so many is given to the command. */
const SAMPLED = 200;

/** Processes that replay at the same time. */
const LANES = availableParallelism();

const STATUS_DATA = 65;
const STATUS_DIVERGED = 70;

export const mutate: Scenario = {
  name: 'mutate',
  about: 'logs cut, flipped, spliced, lengths attacked, some sealed anew',
  cases: { short: 2000, long: 100_000 },
  parallel: LANES,
  open: async (context) => {
    const workers = Array.from({ length: LANES }, () => new WatchedWorker(context.seed));
    const free = [...workers];
    const sample = new CommandSample(context);
    return {
      run: async (index) => {
        const sampled = index % SAMPLED === 0 || context.note !== undefined;
        const file = sampled ? join(context.folder, `${index}.pb`) : undefined;
        const worker = free.pop() as WatchedWorker;
        const answer = await worker.ask({ index, ...(file === undefined ? {} : { file }) });
        free.push(worker);
        if (typeof answer === 'string') return { outcome: 'died', failure: answer };
        context.note?.(`${answer.kind}, ${answer.bytes} bytes: ${answer.ended} ${answer.message}`);
        const result = { ...answer.result };
        if (result.failure !== undefined) return { ...result, failure: `${result.failure} (${answer.kind})` };
        return file === undefined ? result : sample.check(file, answer);
      },
      figures: () => [
        `memory at most ${Math.ceil(Math.max(...workers.map(({ memory }) => memory)) / MEBIBYTE)} MiB`,
        `${sample.count} also by vmft replay, at most ${Math.ceil(sample.memory / MEBIBYTE)} MiB`,
      ],
      close: async () => workers.forEach((worker) => worker.close()),
    };
  },
};

/** The process that replays, started anew where a case has ended it. */
class WatchedWorker {
  /** The most memory that any of them has taken. */
  memory = 0;
  private child: Promise<ChildProcess> | undefined;

  constructor(private readonly seed: number) {}

  /** The answer to a job, or a sentence on how it ended the process. */
  async ask(job: MutateJob): Promise<MutateAnswer | string> {
    const child = await (this.child ??= this.started());
    const answer = await answerOf(child, PATIENCE, () => child.send(job));
    if (typeof answer === 'string') {
      this.end(child);
      return answer;
    }
    this.memory = Math.max(this.memory, answer.memory);
    if (answer.memory <= MEMORY) return answer;
    this.end(child);
    return `it took ${Math.ceil(answer.memory / MEBIBYTE)} MiB of memory (${answer.kind})`;
  }

  close(): void {
    void this.child?.then((child) => this.end(child));
  }

  private async started(): Promise<ChildProcess> {
    const child = fork(WORKER, [String(this.seed)], { execArgv: ['--import', 'tsx'], serialization: 'advanced' });
    const ready = await answerOf(child, PATIENCE, () => undefined);
    if (typeof ready === 'string' && ready !== 'ready') throw new Error(`the worker did not start: ${ready}`);
    return child;
  }

  private end(child: ChildProcess): void {
    this.child = undefined;
    child.kill('SIGKILL');
  }
}

function answerOf(child: ChildProcess, patience: number, ask: () => void): Promise<MutateAnswer | string> {
  return new Promise((resolve) => {
    const settle = (answer: MutateAnswer | string): void => {
      clearTimeout(timer);
      child.off('message', settle);
      child.off('exit', died);
      resolve(answer);
    };
    const died = (status: number | null, signal: string | null): void =>
      settle(`it ended the process with ${signal ?? status}`);
    const timer = setTimeout(() => settle(`it took more than ${patience} ms`), patience);
    child.on('message', settle);
    child.on('exit', died);
    ask();
  });
}

/** Cases that are replayed by the command, too: the sentence, the status, and no stack. */
class CommandSample {
  count = 0;
  memory = 0;

  constructor(private readonly context: ScenarioContext) {}

  async check(file: string, answer: MutateAnswer): Promise<CaseResult> {
    const { result, ended, message } = answer;
    // A log of a run without end is replayed without end.
    if (ended === 'until') return result;
    const ending = await vmftEnding(['replay', file, '--json']);
    this.count++;
    this.memory = Math.max(this.memory, ending.memory);
    const failure = this.wrong(ending, ended, message);
    this.context.note?.(wordsOf(ending.stderr).join('\n'));
    if (failure !== undefined) return { outcome: result.outcome, failure: `vmft replay ${file}: ${failure}` };
    rmSync(file);
    return result;
  }

  private wrong(ending: Ending, ended: MutateAnswer['ended'], message: string): string | undefined {
    const words = wordsOf(ending.stderr);
    const told = `status ${ending.signal ?? ending.status}, "${words.join(' / ')}"`;
    if (ending.hung || ending.memory > MEMORY || words.some((line) => /^\s+at |defect/.test(line))) return told;
    const reason = message.replace(/^(this|the log|.*?) /, '').slice(0, 40);
    const [first = ''] = words;
    switch (ended) {
      case 'refused':
        return ending.status === STATUS_DATA && words.length === 1 && first.includes(reason) ? undefined : told;
      case 'diverged':
        return ending.status === STATUS_DIVERGED && first.includes(message) ? undefined : told;
      case 'torn':
        return ending.status === STATUS_DATA && words.length === 2 && /byte offset \d+/.test(first) ? undefined : told;
      case 'whole':
        return words.length === 1 && first.includes('"ended":"whole"') ? undefined : told;
      default:
        return ending.status !== 0 && words.length === 1 ? undefined : told;
    }
  }
}
