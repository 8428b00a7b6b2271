/** What the tests of the arbiters share: the one property of all of them, and claimants that are processes. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Arbiter, Claim } from '../../src/pair/arbiter.js';

/** Keeps who was told to have which epoch, over all arbiters of a test. */
export class Winners {
  private readonly of = new Map<string, Set<string>>();

  won(run: string, epoch: number, holder: string): void {
    const key = `${run} ${String(epoch)}`;
    this.of.set(key, (this.of.get(key) ?? new Set()).add(holder));
  }

  /** The epochs with more than one winner: there must be none, ever. */
  get doubled(): string[] {
    return [...this.of]
      .filter(([, holders]) => holders.size > 1)
      .map(([key, holders]) => `${key}: ${[...holders].join(', ')}`);
  }

  get epochs(): number {
    return this.of.size;
  }

  /** The same arbiter, all whose answers are kept here. */
  watch<T extends Arbiter>(arbiter: T): T {
    const begin = arbiter.begin.bind(arbiter);
    const claim = arbiter.claim.bind(arbiter);
    arbiter.begin = async (run, holder) => {
      await begin(run, holder);
      this.won(run, 1, holder);
    };
    arbiter.claim = async (run, epoch, holder, previous) => {
      const won = await claim(run, epoch, holder, previous);
      if (won) this.won(run, epoch, holder);
      return won;
    };
    return arbiter;
  }
}

/** A claimant that is a process: it claims at a moment, as exactly as it can. */
export class Claimant {
  private readonly child: ChildProcess;

  /** `option` is one of `--arbiter`. */
  constructor(option: string) {
    const worker = fileURLToPath(new URL('arbiter-child.ts', import.meta.url));
    this.child = fork(worker, [option], { execArgv: ['--import', 'tsx'] });
  }

  async claimAt(moment: number, claim: Claim): Promise<boolean> {
    const answer = once(this.child, 'message');
    this.child.send({ moment, claim });
    const [{ won, error }] = (await answer) as [{ won?: boolean; error?: string }];
    if (won === undefined) throw new Error(error);
    return won;
  }

  close(): void {
    this.child.kill('SIGKILL');
  }
}

/** Both sides claim the next epoch at one moment, `count` epochs long; answers how often each won. */
export async function race(
  sides: readonly [Claimant, Claimant],
  { run, first, count, winners }: { run: string; first: string; count: number; winners: Winners },
): Promise<[number, number]> {
  const wins: [number, number] = [0, 0];
  let previous = first;
  for (let epoch = 2; epoch < 2 + count; epoch++) {
    const moment = Date.now() + 3;
    const holders = [0, 1].map((side) => `side${String(side)}-${String(epoch)}`);
    const answers = await Promise.all(
      holders.map((holder, side) => sides[side]?.claimAt(moment, { run, epoch, holder, previous })),
    );
    answers.forEach((won, side) => {
      const holder = holders[side] ?? '';
      if (won === true) winners.won(run, epoch, (previous = holder));
      if (won === true) wins[side] = (wins[side] ?? 0) + 1;
    });
  }
  return wins;
}
