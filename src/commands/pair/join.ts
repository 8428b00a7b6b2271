/**
 * How a backup comes to its guest: calls the primary, compares what the two have, builds the machine and takes the state.
 */
import type { EngineKind } from '../../engine/kinds.js';
import { openArbiter, parseArbiter } from '../../host/arbiter-option.js';
import { callPrimary } from '../../host/channel-socket.js';
import type { DiskOption } from '../../host/disk-option.js';
import { Failure, STATUS, systemCode, UnavailableFailure, UsageFailure } from '../../host/failure.js';
import type { StreamAddress } from '../../host/net.js';
import { hostTimers } from '../../host/timers.js';
import type { TlsFiles } from '../../host/tls-files.js';
import type { Header } from '../../log/header.js';
import { LogReader } from '../../log/reader.js';
import type { MachineConfiguration } from '../../machine/configuration.js';
import type { Machine } from '../../machine/machine.js';
import { ArbiterAway, type Arbiter } from '../../pair/arbiter.js';
import { Backup, LostEarly, Refused } from '../../pair/backup.js';
import type { Welcome } from '../../pair/frames.js';
import type { Connection } from '../../pair/ports.js';
import { Succession } from '../../pair/succession.js';
import { DirtyPages } from '../../replay/dirty-pages.js';
import { StateDigest } from '../../replay/digest.js';
import type { Hash } from '../../replay/hash.js';
import { Logged } from '../../replay/logged.js';
import type { GuestFiles } from '../guests/guest-file.js';
import { buildMachine, expectMachines } from '../guests/machine.js';
import { channelFailure } from '../logs/log-failure.js';
import { configurationOf } from '../logs/log-header.js';
import { DiskFiles } from '../logs/recorded-disks.js';
import { recordedGuest } from '../logs/recorded-guest.js';
import type { Words } from '../output/words.js';
import { helloOf } from './primary-side.js';
import { sharedDisks } from './shared-disks.js';

/** What messages call the log that comes in on the channel. */
const CHANNEL = 'the channel';
/** Milliseconds for which a primary that is not there is called, and between two calls. */
const PATIENCE = 10_000;
const AGAIN = 100;
/** Errors of a primary that may be there soon: its machine, or it itself, starts. */
const ABSENT = new Set(['ENOENT', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EAI_AGAIN']);

export interface JoinOptions {
  readonly address: StreamAddress;
  readonly tls: TlsFiles | undefined;
  readonly arbiter: string | undefined;
  readonly networks: readonly string[] | undefined;
  readonly disks: readonly string[] | undefined;
  readonly engine: EngineKind;
  readonly timed: boolean;
  readonly producer: string;
  readonly hash: Hash;
}

/** A backup that has the guest's state. */
export interface Joined {
  readonly backup: Backup;
  readonly welcome: Welcome;
  readonly header: Header;
  readonly reader: LogReader;
  readonly configuration: MachineConfiguration;
  readonly guest: GuestFiles;
  readonly disks: ReadonlyMap<number, DiskOption>;
  readonly arbiter: Arbiter;
  readonly logged: Logged;
  readonly succession: Succession;
  readonly machine: Machine;
  readonly dirty: DirtyPages;
  readonly digest: StateDigest;
  /** Where the state is that it was sent. */
  readonly position: number;
  close(): Promise<void>;
}

/** Throws a Failure; where the primary was reached it is told why. */
export async function join(options: JoinOptions, words: Words): Promise<Joined> {
  expectMachines(options.timed);
  const connection = await call(options, words);
  const { producer } = options;
  const tell = (sentence: string): void => words.notice(sentence);
  const backup = new Backup(connection, { timers: hostTimers, tell, hello: helloOf(producer) });
  try {
    return await joinOver(backup, options);
  } catch (error) {
    const failure = explained(error, connection.peer);
    if (failure instanceof Failure) backup.refuse(failure.message.replace(/\.$/, ''));
    else backup.close();
    throw failure;
  }
}

async function joinOver(backup: Backup, options: JoinOptions): Promise<Joined> {
  const { hash, engine, timed } = options;
  const welcome = await backup.greet();
  const arbiter = openArbiter(parseArbiter(options.arbiter ?? welcome.arbiter));
  const files = new DiskFiles(options.disks ?? welcome.disks);
  const close = async (): Promise<void> => {
    await arbiter.close();
    await files.close();
  };
  try {
    await seesTheSame(arbiter, welcome);
    const reader = new LogReader(backup.source);
    const header = await reader.header();
    const configuration = configurationOf(CHANNEL, header);
    checkNetworks(configuration, options.networks);
    const guest = recordedGuest(CHANNEL, header, []);
    const disks = sharedDisks(configuration, options.disks, welcome);
    const images = await files.imagesOf(CHANNEL, header);
    const logged = new Logged(hash, (position, output) => backup.sent(position, output), images);
    const succession = new Succession(logged);
    const machine = buildMachine(guest, configuration, succession, engine, timed);
    const dirty = new DirtyPages(machine);
    const digest = new StateDigest(machine, dirty.consumer(), hash);
    const position = await backup.join(machine, digest);
    const guests = { configuration, guest, machine, dirty, digest };
    return { ...guests, backup, welcome, header, reader, disks, arbiter, logged, succession, position, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function call({ address, tls }: JoinOptions, words: Words): Promise<Connection> {
  const until = hostTimers.now() + PATIENCE;
  for (let told = false; ;) {
    try {
      return await callPrimary(address, tls);
    } catch (error) {
      const absent = error instanceof UnavailableFailure && ABSENT.has(systemCode(error.cause) ?? '');
      if (!absent || hostTimers.now() > until) throw error;
      if (!told) words.notice(`The primary is not there yet: ${error.message}`);
      told = true;
      await hostTimers.sleep(AGAIN);
    }
  }
}

/** A device that nobody names a network for would be cut off. */
function checkNetworks({ devices }: MachineConfiguration, given: readonly string[] | undefined): void {
  const count = devices.filter(({ kind }) => kind === 'net').length;
  if (given === undefined || given.length === count) return;
  throw new UsageFailure(`The guest has ${count} networks: give --net as often, not ${given.length} times.`);
}

/** An arbiter that does not know of the primary would let both go on. */
async function seesTheSame(arbiter: Arbiter, { run, epoch, holder }: Welcome): Promise<void> {
  const known = await arbiter.holder(run, epoch);
  if (known === holder) return;
  throw new Failure(
    STATUS.config,
    `The arbiter ${arbiter.name} does not know the primary: both sides must ask the same one, see --arbiter.`,
  );
}

function explained(error: unknown, peer: string): unknown {
  if (error instanceof Refused) {
    return new UnavailableFailure(
      `The primary at ${peer} does not take this backup: ${error.message.replace(/\.$/, '')}.`,
      error,
    );
  }
  if (error instanceof LostEarly) {
    const reason = error.message.replace(/\.$/, '');
    return new UnavailableFailure(
      `The primary at ${peer} was lost before this backup had the guest: ${reason}.`,
      error,
    );
  }
  if (error instanceof ArbiterAway) return new UnavailableFailure(error.message, error);
  return channelFailure(error);
}
