/**
 * An arbiter in etcd, by the JSON form of its v3 API (etcd 3.4 or later). Claim e of a run is the key `vmft/RUN/e` with
 * its holder's name. It hangs on a lease that the holder keeps alive, so that the claims of the dead go away by
 * themselves.
 *
 * A claim takes the claim before it onto its own lease. So a claim never expires before the one that follows it, and an
 * epoch that was taken once is never free again while the one before it is held: who slept for hours finds it gone.
 */
import * as z from 'zod';

import { ArbiterAway, checkClaim } from '../pair/arbiter.js';
import type { Arbiter } from '../pair/arbiter.js';
import { reasonOf, UnavailableFailure } from './failure.js';

/** How long claims outlive their holder, in seconds. */
const TTL = 3600;
/** How long each server is waited for, in milliseconds. */
const LIMIT = 3000;
/** gRPC's NOT_FOUND. */
const NOT_FOUND = 5;

const header = z.object({ cluster_id: z.string() });
const range = z.object({ kvs: z.array(z.object({ value: z.base64() })).default([]) });
const answers = {
  range: range.extend({ header }),
  txn: z.object({
    header,
    succeeded: z.boolean().default(false),
    responses: z.array(z.object({ response_range: range.optional() })).default([]),
  }),
  deleteRange: z.object({ header }),
  grant: z.object({ header, ID: z.string(), TTL: z.coerce.number() }),
  /** Without a TTL the lease has expired. */
  keepAlive: z
    .object({ result: z.object({ header, TTL: z.coerce.number().default(0) }) })
    .transform(({ result }) => result),
};
type Answer = z.ZodType<{ readonly header: z.infer<typeof header> }>;
const refusal = z.object({ code: z.number().optional(), message: z.string().optional() });

/** etcd, or what answers in its place, did not do what it was asked for. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: number | undefined,
    message: string,
  ) {
    super(message);
  }
}

/** Of a question with a lease: that has expired. */
const isNotFound = (error: unknown): boolean => error instanceof Refusal && error.code === NOT_FOUND;

export interface EtcdTimes {
  /** How long claims outlive their holder, in seconds. */
  readonly ttl?: number;
  /** How long each server is waited for, in milliseconds. */
  readonly limit?: number;
}

export class EtcdArbiter implements Arbiter {
  readonly name: string;
  onNotice?: ((sentence: string) => void) | undefined;
  readonly #urls: readonly string[];
  readonly #ttl: number;
  readonly #limit: number;
  /** Which server answered last. */
  #server = 0;
  #cluster: string | undefined;
  #lease: Promise<string> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #holding = false;
  #closed = false;

  /** `urls` are servers of one cluster. */
  constructor(urls: readonly string[], { ttl = TTL, limit = LIMIT }: EtcdTimes = {}) {
    this.name = `etcd:${urls.join(',')}`;
    this.#urls = urls;
    this.#ttl = ttl;
    this.#limit = limit;
  }

  async begin(run: string, holder: string): Promise<void> {
    checkClaim({ run, epoch: 1, holder });
    const key = keyOf(run, 1);
    let first: string | undefined;
    try {
      first = await this.#leased(async (lease) => {
        const { succeeded, responses } = await this.#ask('kv/txn', answers.txn, {
          compare: [absent(key)],
          success: [put(key, holder, lease)],
          failure: [{ request_range: { key } }],
        });
        return succeeded ? holder : valueOf(responses[0]?.response_range);
      });
    } catch (error) {
      const cause = error instanceof ArbiterAway ? error.cause : undefined;
      if (cause instanceof Refusal && cause.status >= 400 && cause.status < 500) {
        throw new UnavailableFailure(
          `The arbiter ${this.name} cannot be used (${cause.message}): it takes etcd 3.4 or later, without passwords.`,
          cause,
        );
      }
      throw error;
    }
    if (first !== holder) throw new UnavailableFailure(`The run ${run} has begun already at ${this.name}: start anew.`);
    this.#holding = true;
  }

  async claim(run: string, epoch: number, holder: string, previous: string): Promise<boolean> {
    checkClaim({ run, epoch, holder, previous });
    const key = keyOf(run, epoch);
    const before = keyOf(run, epoch - 1);
    const won = await this.#leased(async (lease) => {
      const { succeeded, responses } = await this.#ask('kv/txn', answers.txn, {
        compare: [absent(key), { key: before, target: 'VALUE', result: 'EQUAL', value: base64(previous) }],
        success: [put(key, holder, lease), put(before, previous, lease)],
        failure: [{ request_range: { key } }],
      });
      // Its own where an answer was lost.
      return succeeded || valueOf(responses[0]?.response_range) === holder;
    });
    if (won) this.#holding = true;
    return won;
  }

  async holder(run: string, epoch: number): Promise<string | undefined> {
    checkClaim({ run, epoch });
    return valueOf(await this.#ask('kv/range', answers.range, { key: keyOf(run, epoch) }));
  }

  taken(): undefined {
    return undefined;
  }

  async end(run: string): Promise<void> {
    checkClaim({ run, epoch: 1 });
    this.#holding = false;
    try {
      // Every key that begins with the run's: '0' is the character after '/'.
      await this.#ask('kv/deleterange', answers.deleteRange, {
        key: base64(`vmft/${run}/`),
        range_end: base64(`vmft/${run}0`),
      });
    } catch (error) {
      if (!(error instanceof ArbiterAway)) throw error;
    }
  }

  /** The claims stay, until they expire. */
  close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    return Promise.resolve();
  }

  /** Does `work` with this arbiter's lease, and again with a new one where that has expired. */
  async #leased<T>(work: (lease: string) => Promise<T>): Promise<T> {
    const lease = (this.#lease ??= this.#grant());
    try {
      return await work(await lease);
    } catch (error) {
      if (!isNotFound(error instanceof ArbiterAway ? error.cause : undefined)) throw error;
      this.#expired(lease);
    }
    return work(await (this.#lease ??= this.#grant()));
  }

  async #grant(): Promise<string> {
    try {
      // etcd may grant a longer time than it was asked for.
      const { ID, TTL: seconds } = await this.#ask('lease/grant', answers.grant, { TTL: String(this.#ttl) });
      clearInterval(this.#timer);
      if (!this.#closed) this.#timer = setInterval(() => void this.#keepAlive(ID), (seconds * 1000) / 3).unref();
      return ID;
    } catch (error) {
      this.#lease = undefined;
      throw error;
    }
  }

  async #keepAlive(id: string): Promise<void> {
    const lease = this.#lease;
    try {
      const { TTL: seconds } = await this.#ask('lease/keepalive', answers.keepAlive, { ID: id });
      if (seconds === 0 && (await lease) === id) this.#expired(lease);
    } catch {
      // The next one may come in time.
    }
  }

  #expired(lease: Promise<string> | undefined): void {
    if (this.#lease !== lease) return;
    this.#lease = undefined;
    clearInterval(this.#timer);
    if (this.#holding) {
      this.onNotice?.(
        `The arbiter ${this.name} was out of reach for so long that this pair's claim has expired: should the pair break, both sides halt.`,
      );
    }
    this.#holding = false;
  }

  /** Asks the servers in turn. Throws ArbiterAway, whose cause is a Refusal where there was one. */
  async #ask<T extends Answer>(path: string, answer: T, question: object): Promise<z.infer<T>> {
    let last: unknown;
    for (let i = 0; i < this.#urls.length; i++) {
      const server = (this.#server + i) % this.#urls.length;
      try {
        const result = await this.#post(`${this.#urls[server] ?? ''}/v3/${path}`, answer, question);
        this.#server = server;
        return result;
      } catch (error) {
        last = error;
        if (isNotFound(error)) break;
      }
    }
    throw new ArbiterAway(this.name, reasonOf(last), last);
  }

  async #post<T extends Answer>(url: string, answer: T, question: object): Promise<z.infer<T>> {
    const { status, text } = await this.#exchange(url, JSON.stringify(question));
    const body = parsed(text);
    if (status !== 200) {
      const { code, message } = refusal.safeParse(body).data ?? {};
      throw new Refusal(status, code, message ?? `HTTP status ${String(status)}`);
    }
    const result = answer.safeParse(body);
    if (!result.success) throw new Error('what answers is not etcd');
    // Two clusters would have two winners.
    this.#cluster ??= result.data.header.cluster_id;
    if (this.#cluster !== result.data.header.cluster_id) throw new Error('another cluster answers');
    return result.data;
  }

  async #exchange(url: string, body: string): Promise<{ status: number; text: string }> {
    const signal = AbortSignal.timeout(this.#limit);
    try {
      const response = await fetch(url, { method: 'POST', body, redirect: 'error', signal });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      if (signal.aborted) throw new Error(`no answer within ${String(this.#limit / 1000)} s`, { cause: error });
      // fetch itself says only that it failed.
      const { cause } = error as { readonly cause?: unknown };
      throw new Error(reasonOf(cause ?? error), { cause: error });
    }
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const keyOf = (run: string, epoch: number): string => base64(`vmft/${run}/${String(epoch)}`);

const absent = (key: string): object => ({ key, target: 'CREATE', result: 'EQUAL', create_revision: '0' });

const put = (key: string, value: string, lease: string): object => ({
  request_put: { key, value: base64(value), lease },
});

function valueOf(answer: z.infer<typeof range> | undefined): string | undefined {
  const value = answer?.kvs[0]?.value;
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
