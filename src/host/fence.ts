/**
 * Fencing: a command of the user's that makes sure an old primary is off (cuts its power, its switch port, its access to
 * the disk) before another goes live. An arbiter says who may go on; only a fence stops who does not listen.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';

import { reasonOf } from './failure.js';

export interface FenceEnvironment {
  /** The run, and the epoch that goes live. */
  readonly VMFT_RUN: string;
  readonly VMFT_EPOCH: string;
  readonly [name: `VMFT_${string}`]: string;
}

export type FenceResult = { readonly ok: true } | { readonly ok: false; readonly sentence: string };

/** How much of what the command prints is kept for the sentence. */
const KEPT = 4096;
const SHOWN = 200;
/** How long output is waited for after the command's end, in milliseconds: what it left running may hold the pipe. */
const LINGER = 100;

/** Runs the command with `/bin/sh`, in a process group of its own, that is killed where it takes too long. */
export function runFence(command: string, environment: FenceEnvironment, timeoutMs: number): Promise<FenceResult> {
  return new Promise((done) => {
    let child: ChildProcessByStdio<null, Readable, Readable>;
    try {
      child = start(command, environment);
    } catch (error) {
      done({ ok: false, sentence: sentenceOf(notStarted(error), '') });
      return;
    }
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (printed = (printed + text).slice(-KEPT)));
    }
    const settle = (wrong: string | undefined): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.on('error', () => undefined);
      child.stdout.destroy();
      child.stderr.destroy();
      done(wrong === undefined ? { ok: true } : { ok: false, sentence: sentenceOf(wrong, printed) });
    };
    const timer = setTimeout(() => {
      if (child.pid !== undefined) {
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch {
          // It ended just now: too late all the same.
        }
      }
      settle(`was ended after ${String(timeoutMs / 1000)} s`);
    }, timeoutMs);
    child.on('error', (error) => settle(notStarted(error)));
    child.on('exit', (status, signal) => {
      clearTimeout(timer);
      const end = (): void => settle(status === 0 ? undefined : `ended with ${signal ?? `status ${String(status)}`}`);
      const linger = setTimeout(end, LINGER);
      child.on('close', () => {
        clearTimeout(linger);
        end();
      });
    });
  });
}

function start(command: string, environment: FenceEnvironment): ChildProcessByStdio<null, Readable, Readable> {
  return spawn('/bin/sh', ['-c', command], {
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const notStarted = (error: unknown): string => `could not be started (${reasonOf(error)})`;

function sentenceOf(wrong: string, printed: string): string {
  const last = printed.trimEnd().split('\n').at(-1)?.trim().slice(0, SHOWN) ?? '';
  const said = last === '' ? '' : `, saying "${last}"`;
  return `The fence command ${wrong}${said}: see that the old primary is off.`;
}
