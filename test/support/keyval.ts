/**
 * Clients of the guest `keyval` (fixtures/guests/keyval.c) at the other end of its `--net dgram:`. They ask one request each
 * at a time, again where no answer comes, and hold each answer against the history of all.
 */
import { createSocket, type Socket } from 'node:dgram';

import { arpRequest, datagram, payloadFrom } from './frames.js';
import { History, words, type Operation, type Request } from './keyval-history.js';
import { pause } from './vmft.js';

const PORT = 7000;
const BUFFER = 1 << 20;

/** A UDP port: of the loopback, or of another address. */
export type Place = number | { readonly host: string; readonly port: number };

/** What one source has sent, until another began. */
export interface Turn {
  /** HOST:PORT. */
  readonly source: string;
  readonly frames: Set<string>;
}

/** A datagram from a source whose turn was over, in milliseconds since the last of its turn. */
export interface Late {
  readonly source: string;
  readonly after: number;
  /** Whether who has the turn had sent the very same. */
  readonly repeats: boolean;
}

export interface KeyvalOptions {
  /** Where the guest's frames arrive, what `remote=` says: a UDP port of the loopback, by default any. */
  readonly port?: number;
  /** The address of that port: the loopback's by default. */
  readonly host?: string;
  /** Milliseconds without an answer, after which a request is sent again. */
  readonly resend?: number;
  /** And those after which a client gives up. */
  readonly patience?: number;
}

interface Waiting {
  readonly request: Request;
  /** Sends it again. */
  readonly again: NodeJS.Timeout;
  readonly answered: (text: string) => void;
}

export class Keyval {
  readonly history = new History();
  /** Milliseconds from the first sending of each request to its answer. */
  readonly latencies: number[] = [];
  /** Requests that were sent again. */
  resent = 0;
  /** Where frames go: each place gets all. May change at any time. */
  destinations: readonly Place[];
  /** Who has sent, in the order of arrival, which on one host is that of sending. */
  readonly turns: Turn[] = [];
  readonly late: Late[] = [];
  /** Datagrams that came. */
  received = 0;
  private readonly waiting = new Map<string, Waiting>();
  private readonly sequences = new Map<string, number>();
  private readonly lastHeard = new Map<string, number>();
  private arpReplies = 0;

  /** @param destinations what `local=` says */
  static async open(destinations: readonly Place[], options: KeyvalOptions = {}): Promise<Keyval> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: BUFFER });
    await new Promise<void>((done, fail) => {
      socket.once('error', fail);
      socket.bind(options.port ?? 0, options.host ?? '127.0.0.1', done);
    });
    return new Keyval(socket, destinations, options.resend ?? 200, options.patience ?? 60_000);
  }

  private constructor(
    private readonly socket: Socket,
    destinations: readonly Place[],
    private readonly resend: number,
    private readonly patience: number,
  ) {
    this.destinations = destinations;
    socket.on('message', (frame, { address, port }) => {
      this.heard(`${address}:${String(port)}`, frame.toString('latin1'));
      this.arrived(frame);
    });
    // Nobody listens there yet, or any more.
    socket.on('error', () => undefined);
  }

  /** The port that the guest's frames go to. */
  get port(): number {
    return this.socket.address().port;
  }

  /** Asks by ARP until the guest is there. */
  async ready(): Promise<void> {
    const before = this.arpReplies;
    for (let waited = 0; this.arpReplies === before; waited += this.resend) {
      if (waited > this.patience) throw new Error('the guest does not answer ARP');
      this.send(arpRequest());
      await pause(this.resend);
    }
  }

  /** Asks for one thing and waits for the answer. A client asks one at a time. */
  async request(client: string, operation: Operation, key: string, value?: string): Promise<string> {
    const seq = (this.sequences.get(client) ?? 0) + 1;
    this.sequences.set(client, seq);
    const request = { client, seq, operation, key, value };
    const frame = datagram(PORT, Buffer.from(words(request)));
    this.history.ask(request);
    const start = performance.now();
    return new Promise((resolve, reject) => {
      const again = setInterval(() => {
        if (performance.now() - start > this.patience) {
          clearInterval(again);
          this.waiting.delete(client);
          reject(new Error(`no answer to ${words(request)}`));
        } else {
          this.resent++;
          this.send(frame);
        }
      }, this.resend);
      this.waiting.set(client, {
        request,
        again,
        answered: (text) => {
          clearInterval(again);
          this.waiting.delete(client);
          this.latencies.push(performance.now() - start);
          resolve(text);
        },
      });
      this.send(frame);
    });
  }

  /** Tells the guest to end; nothing says that it has heard. */
  stop(): void {
    this.send(datagram(PORT, Buffer.from('STOP')));
  }

  /** Whoever waits for an answer waits for ever. */
  close(): void {
    for (const { again } of this.waiting.values()) clearInterval(again);
    this.socket.close();
  }

  private send(frame: Uint8Array): void {
    for (const place of this.destinations) {
      const { host, port } = typeof place === 'number' ? { host: '127.0.0.1', port: place } : place;
      this.socket.send(frame, port, host);
    }
  }

  private heard(source: string, frame: string): void {
    this.received++;
    const now = performance.now();
    const turn = this.turns.at(-1);
    const before = this.lastHeard.get(source);
    if (turn?.source !== source && before !== undefined) {
      this.late.push({ source, after: now - before, repeats: turn?.frames.has(frame) === true });
      return;
    }
    this.lastHeard.set(source, now);
    if (turn?.source === source) turn.frames.add(frame);
    else this.turns.push({ source, frames: new Set([frame]) });
  }

  private arrived(frame: Buffer): void {
    if (frame.length >= 42 && frame.readUInt32BE(12) === 0x0806_0001 && frame[21] === 2) this.arpReplies++;
    let text: string | undefined;
    try {
      text = payloadFrom(PORT, frame)?.toString('latin1');
    } catch (error) {
      this.history.contradictions.push(String(error));
    }
    if (text === undefined) return;
    const request = this.history.answer(text);
    const waiting = this.waiting.get(request?.client ?? '');
    if (waiting !== undefined && waiting.request.seq === request?.seq) waiting.answered(text);
  }
}

/** Random whole numbers below `sides`. */
type Roll = (sides: number) => number;

export interface Load {
  readonly clients: number;
  readonly roll: Roll;
  /** Asked before each request. */
  readonly more: () => boolean;
  /** The names begin so: another load of the same guest has other clients. */
  readonly prefix?: string;
}

const KEYS = 40;
const NUMBERS = 5;

/** Clients that ask for this and that without pause: mostly writes, of keys that all share. */
export async function load(keyval: Keyval, { clients, roll, more, prefix = 'client' }: Load): Promise<void> {
  const client = async (name: string): Promise<void> => {
    for (let n = 0; more(); n++) {
      const key = `key-${roll(KEYS)}`;
      const number = `number-${roll(NUMBERS)}`;
      const kind = roll(10);
      if (kind < 4) await keyval.request(name, 'SET', key, `${name}-${n}-${'x'.repeat(roll(40))}`);
      else if (kind < 7) await keyval.request(name, 'ADD', number);
      else await keyval.request(name, 'GET', kind === 7 ? number : key);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, n) => client(`${prefix}-${n}`)));
}

/** The latency that a share of the requests stays below. */
export function quantile(latencies: readonly number[], share: number): number {
  const sorted = [...latencies].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
