/**
 * The options of a pair, read and checked.
 */
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';

import type { ArbiterOption } from '../../host/arbiter-option.js';
import { refuseOpenChannel } from '../../host/channel-socket.js';
import { UsageFailure } from '../../host/failure.js';
import { parseAddress, type StreamAddress } from '../../host/net.js';
import { readTls, type TlsFiles, type TlsFlags } from '../../host/tls-files.js';
import { duration, readFlag } from '../options/flag-values.js';

export interface PairFlags extends TlsFlags {
  readonly arbiter: string | undefined;
  readonly timeout: string | undefined;
  readonly 'lag-limit': string | undefined;
  readonly output: string | undefined;
  readonly force: boolean;
}

export interface PairOptions {
  readonly tls: TlsFiles | undefined;
  /** As it was given. */
  readonly arbiter: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly lagLimit: number;
}

const DEFAULT_TIMEOUT = 2000;
const DEFAULT_LAG = 1000;
/** Beats of a shorter one would come late by themselves, in milliseconds. */
const SHORTEST_TIMEOUT = 50;

/** Throws a Failure. */
export async function readPairOptions(flags: PairFlags): Promise<PairOptions> {
  const timeout = (await readFlag('timeout', flags.timeout, duration)) ?? DEFAULT_TIMEOUT;
  if (timeout < SHORTEST_TIMEOUT) {
    throw new UsageFailure(`--timeout is ${String(SHORTEST_TIMEOUT)}ms at least: a shorter silence means nothing.`);
  }
  if (flags.output === '-') throw new UsageFailure('-o takes a file here: the standard output is the console.');
  const lagLimit = (await readFlag('lag-limit', flags['lag-limit'], duration)) ?? DEFAULT_LAG;
  return { tls: readTls(flags), arbiter: flags.arbiter, timeout, lagLimit };
}

/** A capture that is played is in one process: who goes live could not go on with it. */
export function refuseCaptures(networks: readonly string[]): void {
  const capture = networks.find((text) => text.startsWith('pcap:'));
  if (capture !== undefined) throw new UsageFailure(`--net ${capture} cannot be taken over: a pair has links only.`);
}

/** Where the channel is, given by `option`. Throws a Failure where others could listen to it. */
export function channelAddress(option: string, text: string, tls: TlsFiles | undefined): StreamAddress {
  const address = parseAddress(option, text);
  refuseOpenChannel(option, address, tls);
  return address;
}

/**
 * The arbiter of a primary whose channel is at `address` and whose disks that are written to are `shared`. Its text has
 * an absolute path, so that a backup can be told.
 */
export async function arbiterOf(
  given: string | undefined,
  address: StreamAddress,
  tls: TlsFiles | undefined,
  shared: readonly string[],
): Promise<{ readonly text: string; readonly option: ArbiterOption }> {
  const { parseArbiter } = await import('../../host/arbiter-option.js');
  const option = given === undefined ? undefined : parseArbiter(given);
  if (option?.kind === 'etcd') return { text: given ?? '', option };
  const local = 'path' in address || tls === undefined;
  const [disk] = shared;
  const directory = option?.directory ?? (disk === undefined ? (local ? tmpdir() : undefined) : dirname(disk));
  if (directory === undefined) {
    throw new UsageFailure(
      'The guest has no disk whose directory both sides share: name an arbiter with --arbiter, as etcd:http://HOST:2379.',
    );
  }
  const absolute = resolve(directory);
  return { text: `file:${absolute}`, option: { kind: 'file', directory: absolute } };
}
