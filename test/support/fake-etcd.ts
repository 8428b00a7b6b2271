/** A server that answers as etcd's JSON gateway does, as far as an arbiter asks, and misbehaves on request. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Kept {
  readonly value: string;
  readonly lease: string;
}

type Question = Record<string, never> & {
  readonly key?: string;
  readonly range_end?: string;
  readonly ID?: string;
  readonly TTL?: string;
  readonly compare?: readonly { readonly key: string; readonly target: string; readonly value?: string }[];
  readonly success?: readonly { readonly request_put: { key: string; value: string; lease: string } }[];
  readonly failure?: readonly { readonly request_range: { key: string } }[];
};

/** What becomes of a question: `lose` does what is asked, and its answer never comes. */
export type Mood = 'answer' | 'lose' | 'hang' | 'drop' | { readonly status: number; readonly body: string };

const plain = (base64: string): string => Buffer.from(base64, 'base64').toString();

export class FakeEtcd {
  readonly keys = new Map<string, Kept>();
  readonly leases = new Set<string>();
  /** Paths that were asked. */
  readonly asked: string[] = [];
  mood: Mood | (() => Mood) = 'answer';
  cluster = '17';
  private readonly server: Server = createServer((request, response) => void this.take(request, response));
  private next = 1;

  static async start(): Promise<FakeEtcd> {
    const fake = new FakeEtcd();
    fake.server.listen(0, '127.0.0.1');
    await once(fake.server, 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  /** A lease and what hangs on it. */
  expire(lease: string): void {
    this.leases.delete(lease);
    for (const [key, kept] of this.keys) if (kept.lease === lease) this.keys.delete(key);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const path = request.url ?? '';
    this.asked.push(path);
    const mood = typeof this.mood === 'function' ? this.mood() : this.mood;
    if (mood === 'hang') return;
    if (mood === 'drop') return void request.socket.destroy();
    if (typeof mood === 'object') return void response.writeHead(mood.status).end(mood.body);
    const answer = this.answer(path, JSON.parse(text) as Question);
    if (mood === 'lose') return;
    response.writeHead(answer === undefined ? 404 : 200);
    const missing = { error: 'etcdserver: requested lease not found', message: 'requested lease not found', code: 5 };
    response.end(JSON.stringify(answer ?? missing));
  }

  private answer(path: string, question: Question): object | undefined {
    const header = { cluster_id: this.cluster };
    const { key = '', ID = '', compare = [], success = [], failure = [] } = question;
    switch (path) {
      case '/v3/lease/grant': {
        const id = String(this.next++);
        this.leases.add(id);
        return { header, ID: id, TTL: question.TTL };
      }
      case '/v3/lease/keepalive':
        return { result: { header, ID, ...(this.leases.has(ID) && { TTL: '3600' }) } };
      case '/v3/kv/range':
        return { header, ...this.range(key) };
      case '/v3/kv/deleterange':
        for (const name of this.keys.keys()) {
          if (name >= plain(key) && name < plain(question.range_end ?? '')) this.keys.delete(name);
        }
        return { header };
      case '/v3/kv/txn': {
        const holds = compare.every(({ key: name, target, value }) => {
          const kept = this.keys.get(plain(name));
          return target === 'CREATE' ? kept === undefined : kept?.value === value;
        });
        if (!holds) {
          const responses = failure.map((ask) => ({ response_range: this.range(ask.request_range.key) }));
          return { header, responses };
        }
        if (success.some(({ request_put: { lease } }) => !this.leases.has(lease))) return undefined;
        for (const { request_put: put } of success) {
          this.keys.set(plain(put.key), { value: put.value, lease: put.lease });
        }
        return { header, succeeded: true, responses: success.map(() => ({ response_put: {} })) };
      }
      default:
        throw new Error(`nothing to answer at ${path}`);
    }
  }

  private range(key: string): object {
    const kept = this.keys.get(plain(key));
    return kept === undefined ? {} : { kvs: [{ key, value: kept.value }], count: '1' };
  }
}
