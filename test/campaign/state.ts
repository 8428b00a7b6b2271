/**
 * What a campaign has done so far, in a file to which every case adds one line of JSON as soon as it is done: an
 * interrupted campaign goes on behind the last whole line.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

import type { CaseResult } from './scenario.js';

/** One case that is done. */
export interface DoneCase extends CaseResult {
  readonly scenario: string;
  readonly index: number;
  readonly milliseconds: number;
}

export class CampaignState {
  private readonly fd: number;
  private readonly cases: Map<string, Map<number, DoneCase>>;

  /** Opens the file at `path`; what it holds already counts only where the campaign is to go on. */
  constructor(
    readonly path: string,
    resume: boolean,
  ) {
    mkdirSync(dirname(path), { recursive: true });
    const text = resume && existsSync(path) ? readFileSync(path, 'utf8') : '';
    // A line without its end was being written when the campaign died.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    this.cases = casesIn(whole);
    if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
    this.fd = openSync(path, resume ? 'a' : 'w');
  }

  /** The cases of a scenario that are done, by index. */
  doneOf(scenario: string): ReadonlyMap<number, DoneCase> {
    return this.cases.get(scenario) ?? new Map<number, DoneCase>();
  }

  add(done: DoneCase): void {
    writeSync(this.fd, `${JSON.stringify(done)}\n`);
  }

  close(): void {
    closeSync(this.fd);
  }
}

function casesIn(text: string): Map<string, Map<number, DoneCase>> {
  const cases = new Map<string, Map<number, DoneCase>>();
  for (const line of text.split('\n')) {
    const done = caseIn(line);
    if (done === undefined) continue;
    const of = cases.get(done.scenario) ?? new Map<number, DoneCase>();
    cases.set(done.scenario, of.set(done.index, done));
  }
  return cases;
}

/** The case in a line; undefined where there is none, and it is done again. */
function caseIn(line: string): DoneCase | undefined {
  try {
    const value = JSON.parse(line) as DoneCase;
    const sound =
      typeof value.scenario === 'string' && Number.isInteger(value.index) && typeof value.outcome === 'string';
    return sound ? value : undefined;
  } catch {
    return undefined;
  }
}
