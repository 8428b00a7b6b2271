/**
 * Clients of a redis that write and check without pause, each over one TCP connection that must live as long as they do:
 * every answer is held against what was answered before.
 */
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

import { redis } from './guest-servers.js';

export class RedisWriter {
  /** Answers that contradict earlier ones. */
  readonly contradictions: string[] = [];
  /** Writes that were acknowledged. */
  writes = 0;
  /** Milliseconds of the slowest answer. */
  slowest = 0;
  /** Why the connection was lost; undefined while it lives. */
  lost: string | undefined;
  private buffered = '';
  private awaiting: ((line: string) => void) | undefined;
  private counter = 0;
  private last = '';

  static async open(port: number, name: string): Promise<RedisWriter> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RedisWriter(socket, name);
  }

  private constructor(
    private readonly socket: Socket,
    private readonly name: string,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (data) => this.take(data.toString('latin1')));
    socket.on('error', (error) => (this.lost ??= error.message));
    socket.on('close', () => {
      this.lost ??= 'closed';
      this.awaiting?.('');
    });
  }

  /** Counts, writes and reads until `more` says no, or the connection is lost. */
  async run(more: () => boolean): Promise<void> {
    while (more() && this.lost === undefined) await this.round();
  }

  /** Looks for what it has written, in whatever redis is at that port now. */
  async audit(port: number): Promise<void> {
    for (const [key, expected] of [
      ['count', `${this.counter}`],
      ['value', this.last],
    ]) {
      const found = await redis(port, 'GET', `${this.name}:${key}`);
      if (found !== expected) this.contradictions.push(`audit of ${key}: "${found}" in place of "${expected}"`);
    }
  }

  close(): void {
    this.socket.destroy();
  }

  private async round(): Promise<void> {
    await this.expect(`INCR ${this.name}:count`, `:${this.counter + 1}`);
    if (this.lost !== undefined) return;
    this.counter++;
    this.writes++;
    const value = `${this.name}-${this.counter}`;
    await this.expect(`SET ${this.name}:value ${value}`, '+OK');
    if (this.lost !== undefined) return;
    this.last = value;
    this.writes++;
    await this.expect(`GET ${this.name}:value`, value, true);
  }

  private async expect(command: string, expected: string, bulk = false): Promise<void> {
    const start = performance.now();
    this.socket.write(`${command}\r\n`);
    let line = await this.line();
    if (bulk && line.startsWith('$') && line !== '$-1') line = await this.line();
    this.slowest = Math.max(this.slowest, performance.now() - start);
    if (this.lost === undefined && line !== expected) {
      this.contradictions.push(`${command}: "${line}" in place of "${expected}"`);
    }
  }

  private line(): Promise<string> {
    return new Promise((resolve) => {
      if (this.lost !== undefined) return resolve('');
      this.awaiting = resolve;
      this.take('');
    });
  }

  private take(text: string): void {
    this.buffered += text;
    const end = this.buffered.indexOf('\r\n');
    if (end < 0 || this.awaiting === undefined) return;
    const line = this.buffered.slice(0, end);
    this.buffered = this.buffered.slice(end + 2);
    const { awaiting } = this;
    this.awaiting = undefined;
    awaiting(line);
  }
}
