/**
 * Two hosts on one machine: network namespaces joined by a link that can be cut, each with a link of its own to the test, which
 * is in neither. Takes root and iproute2.
 */
import { spawnSync } from 'node:child_process';

import { Side } from './pair.js';
import { freePort } from './vmft.js';
import type { Seat } from './service.js';

/** Of the link between the two; nobody has it. */
const NOWHERE = '02:00:00:00:00:01';

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}

/** Addresses of a benchmark's networks (RFC 2544): between the test and each host, and between the hosts. */
interface Host {
  readonly name: string;
  readonly own: string;
  readonly test: string;
  readonly pair: string;
}

export class Hosts {
  private readonly both: readonly [Host, Host];

  /** Whether this machine lets the test make any. */
  static possible(): boolean {
    const name = `vmft-${String(process.pid)}`;
    if (process.getuid?.() !== 0 || spawnSync('ip', ['netns', 'add', name]).status !== 0) return false;
    const link = ['link', 'add', 'pair', 'type', 'veth', 'peer', 'name', 'riap'];
    const { status } = spawnSync('ip', ['-n', name, ...link]);
    ip('netns', 'del', name);
    return status === 0;
  }

  constructor() {
    const host = (n: number): Host => ({
      name: `vmft-${String(process.pid)}-${String(n)}`,
      own: `198.18.${String(n)}.2`,
      test: `198.18.${String(n)}.1`,
      pair: `198.18.3.${String(n)}`,
    });
    const both = (this.both = [host(1), host(2)] as const);
    both.forEach(({ name, own, test }, n) => {
      const outside = `v${String(process.pid)}-${String(n)}`;
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
      ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', 'test', 'netns', name);
      ip('addr', 'add', `${test}/24`, 'dev', outside);
      ip('link', 'set', outside, 'up');
      ip('-n', name, 'addr', 'add', `${own}/24`, 'dev', 'test');
      ip('-n', name, 'link', 'set', 'test', 'up');
    });
    const [one, other] = both;
    ip('-n', one.name, 'link', 'add', 'pair', 'type', 'veth', 'peer', 'name', 'pair', 'netns', other.name);
    for (const { name, pair } of both) ip('-n', name, 'addr', 'add', `${pair}/24`, 'dev', 'pair');
    this.up();
  }

  /** A seat on one of the two; `options` are told the address of the test there. */
  async seat(n: number, options: (test: string) => readonly string[]): Promise<Seat> {
    const { name, own, test, pair } = this.both[n];
    const There = class extends Side {
      protected override launcher(): readonly string[] {
        return ['ip', 'netns', 'exec', name];
      }
    };
    return {
      Side: There,
      local: own,
      remote: test,
      listen: `${pair}:${String(await freePort())}`,
      options: options(test),
    };
  }

  /** Takes the link between the two down, on one side. */
  down(n: number): void {
    ip('-n', this.both[n].name, 'link', 'set', 'pair', 'down');
  }

  /** Has the link lose all that is sent, and nobody told. */
  lose(): void {
    for (const [one, other] of [this.both, [...this.both].reverse()]) {
      ip('-n', one.name, 'neigh', 'replace', other.pair, 'lladdr', NOWHERE, 'dev', 'pair', 'nud', 'permanent');
    }
  }

  /** Makes the link whole. */
  up(): void {
    for (const { name } of this.both) {
      ip('-n', name, 'link', 'set', 'pair', 'up');
      ip('-n', name, 'neigh', 'flush', 'dev', 'pair', 'nud', 'all');
    }
  }

  close(): void {
    for (const { name } of this.both) ip('netns', 'del', name);
  }
}
