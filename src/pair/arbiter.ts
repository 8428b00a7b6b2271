/**
 * Who may be the primary of a live pair: an arbiter outside both machines, with a test-and-set for each epoch (the
 * paper, section 2.3). The primary of epoch e holds claim e of its run. Where a pair breaks, both sides claim e + 1: the
 * one that gets it goes on as the primary, the other halts. An arbiter that is away is waited for, by both.
 */

/** A claim to the epoch after the one that `previous` holds. */
export interface Claim {
  /** Hexadecimal digits, chosen at random by the first primary. */
  readonly run: string;
  readonly epoch: number;
  /** One process, no other before or after: one that starts anew takes another name. */
  readonly holder: string;
  readonly previous: string;
}

export interface Arbiter {
  /** What messages call it, such as `file:/mnt/shared` or `etcd:http://127.0.0.1:2379`. */
  readonly name: string;
  /** Receives sentences about claims made earlier, one that has expired for instance. */
  onNotice?: ((sentence: string) => void) | undefined;
  /**
   * The first primary of a run takes epoch 1. Throws ArbiterAway, and another error where the place cannot be used at
   * all or another has begun the run.
   */
  begin(run: string, holder: string): Promise<void>;
  /**
   * Tries once, atomically, to take `epoch` (2 or more) for `holder`, where `previous` holds the epoch before it.
   * True where `holder` has it: also if it had it already, for instance as the answer was lost and it asks again.
   * False where another has it, or the epoch before is not `previous`'s and never will be again.
   * Throws ArbiterAway where there is no answer in a few seconds, or the claim before cannot be seen. Then the outcome is
   * unknown: whoever asks no more must not go live, and may still turn out to have the epoch.
   */
  claim(run: string, epoch: number, holder: string, previous: string): Promise<boolean>;
  /** Who holds an epoch; undefined where nobody does, or where it is long past. Throws ArbiterAway. */
  holder(run: string, epoch: number): Promise<string | undefined>;
  /** Whether anybody has taken an epoch, at once and synchronously; undefined where that cannot be told at once. */
  taken(run: string, epoch: number): boolean | undefined;
  /** Forgets the claims of a run that its primary has ended in good order. Best effort. */
  end(run: string): Promise<void>;
  close(): Promise<void>;
}

/** The arbiter cannot be asked now. */
export class ArbiterAway extends Error {
  /** Why, in a few words. */
  readonly reason: string;

  constructor(arbiter: string, reason: string, cause?: unknown) {
    super(`The arbiter ${arbiter} is away (${reason}): see that it can be reached.`, { cause });
    this.name = new.target.name;
    this.reason = reason;
  }
}

export interface ArbitrateOptions {
  /** Told once that the arbiter is away, and once that it is back. */
  readonly notice: (sentence: string) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Gives up, by throwing the signal's reason; who holds the epoch is unknown then. */
  readonly signal?: AbortSignal | undefined;
  /** Between two questions, in milliseconds. */
  readonly pause?: number;
}

const PAUSE = 1000;

/** Claims until there is an answer, however long the arbiter is away. True: go live. False: halt. */
export async function arbitrate(
  arbiter: Arbiter,
  { run, epoch, holder, previous }: Claim,
  { notice, sleep, signal, pause = PAUSE }: ArbitrateOptions,
): Promise<boolean> {
  let away = false;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const won = await unlessAborted(arbiter.claim(run, epoch, holder, previous), signal);
      if (away) notice(`The arbiter ${arbiter.name} is back.`);
      return won;
    } catch (error) {
      if (!(error instanceof ArbiterAway)) throw error;
      if (!away) notice(`The arbiter ${arbiter.name} is away (${error.reason}): nobody goes live until it answers.`);
      away = true;
    }
    await unlessAborted(sleep(pause), signal);
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((done, fail) => {
    const abort = (): void => fail(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    void work.then(done, fail).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Throws where a claim has no proper name: run and epoch become part of paths and keys, the holder a line of a file. */
export function checkClaim({ run, epoch, holder, previous }: Pick<Claim, 'run' | 'epoch'> & Partial<Claim>): void {
  if (!/^[0-9a-f]{1,64}$/.test(run)) throw new RangeError(`a run is named in hexadecimal, not "${run}"`);
  const first = previous === undefined ? 1 : 2;
  if (!Number.isSafeInteger(epoch) || epoch < first) throw new RangeError(`${epoch} is no epoch to claim`);
  for (const name of [holder, previous]) {
    if (name !== undefined && !/^[\x21-\x7e]{1,200}$/.test(name)) throw new RangeError(`"${name}" cannot hold a claim`);
  }
}
