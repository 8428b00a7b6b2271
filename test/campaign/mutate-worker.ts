/**
 * The process in which mutated logs are replayed: a hang or a crash takes only this process, and the campaign names the
 * case. Each message asks for one case.
 */
import { writeFileSync } from 'node:fs';

import { loadHash } from '../../src/replay/hash.js';
import { CaseDice } from './case-dice.js';
import { judgeDamaged, judgeResealed } from './judge-mutation.js';
import { mutated } from './mutations.js';
import { chosen, makeOriginals, type Original } from './originals.js';
import { Rebuilder, type Verdict } from './rebuild.js';
import { resealed } from './reseal.js';
import type { CaseResult } from './scenario.js';

export interface MutateJob {
  readonly index: number;
  /** Where the log is to be kept, for the command itself. */
  readonly file?: string;
}

export interface MutateAnswer {
  readonly result: CaseResult;
  readonly kind: string;
  readonly ended: Verdict['ended'];
  readonly message: string;
  /** Bytes of the mutated log. */
  readonly bytes: number;
  /** The most memory that this process has taken so far, in bytes. */
  readonly memory: number;
}

/** Two of five logs are sealed anew. */
const SEALED = 0.4;
/** A replay goes so far past the originals' ends, in instructions, before it counts as one without end. */
const BEYOND = 300_000;

const seed = Number(process.argv[2]);
const originals = await makeOriginals(seed);
const hash = await loadHash();
const rebuilder = new Rebuilder(hash);

async function answer({ index, file }: MutateJob): Promise<MutateAnswer> {
  const dice = new CaseDice(seed, 'mutate', index);
  const [original, other] = [chosen(originals, dice), chosen(originals, dice)];
  const sealed = dice.roll(1000) < SEALED * 1000;
  const mutation = sealed ? resealed(original, other, dice) : mutated(original, other, dice);
  if (file !== undefined) writeFileSync(file, mutation.log);
  const known = startsLike(mutation.log, original) ? String(originals.indexOf(original)) : undefined;
  const until = Math.max(original.run.position, other.run.position) + BEYOND;
  const verdict = await rebuilder.replay(mutation.log, until, known);
  const result = sealed
    ? await judgeResealed(mutation, original, verdict, hash)
    : judgeDamaged(mutation, [original, other], verdict);
  return {
    result,
    kind: `${original.name}, ${mutation.kind}`,
    ended: verdict.ended,
    message: verdict.error?.message ?? '',
    bytes: mutation.log.length,
    memory: process.resourceUsage().maxRSS * 1024,
  };
}

/** Whether a log has the header and images of an original. */
function startsLike(log: Uint8Array, { log: whole, stretches }: Original): boolean {
  const start = stretches[0]?.offset ?? whole.length;
  return log.length >= start && Buffer.compare(log.subarray(0, start), whole.subarray(0, start)) === 0;
}

process.on('message', (job: MutateJob) => {
  void answer(job).then((done) => process.send?.(done));
});
process.send?.('ready');
