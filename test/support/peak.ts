/** The most memory that a vmft has held at once. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { vmftCommand, type Answer } from './vmft.js';

const preload = fileURLToPath(new URL('peak-preload.js', import.meta.url));

export interface Measured extends Answer {
  /** Peak of the resident set, in bytes. */
  readonly peak: number;
}

/** Runs `vmft` to its end; `report` is a file for the figure, `input` a log for its standard input. */
export function measured(report: string, args: readonly string[], input?: number): Measured {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', preload, vmftCommand, ...args], {
    stdio: [input ?? 'ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, VMFT_PEAK_REPORT: report },
    timeout: 600_000,
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr, peak: Number(readFileSync(report, 'utf8')) };
}
