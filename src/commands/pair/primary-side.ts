/**
 * The primary's side of a pair, whether it began as that or went live: the gate in front of the world, the log's two
 * ways, and the channel.
 */
import { randomBytes } from 'node:crypto';

import { awaitBackups } from '../../host/channel-socket.js';
import { hostIdentity } from '../../host/host-identity.js';
import { hostTimers } from '../../host/timers.js';
import type { StreamAddress } from '../../host/net.js';
import type { TlsFiles } from '../../host/tls-files.js';
import type { NewHeader } from '../../log/header.js';
import { ImagePacking } from '../../log/image.js';
import type { EntryWriter } from '../../log/writer.js';
import { MACHINE_VERSION } from '../../machine/configuration.js';
import type { Environment } from '../../machine/environment.js';
import type { Arbiter } from '../../pair/arbiter.js';
import type { LogStart } from '../../pair/follower.js';
import type { Hello, Welcome } from '../../pair/frames.js';
import { LogTee } from '../../pair/log-tee.js';
import { OutputGate } from '../../pair/output-gate.js';
import { PairPacing } from '../../pair/pacing.js';
import type { Listener, Tell } from '../../pair/ports.js';
import { Primary, type Reign } from '../../pair/primary.js';
import type { RunningGuest } from '../../pair/state-transfer.js';
import type { Pacing } from '../../replay/recorder.js';
import type { Hash } from '../../replay/hash.js';
import { Recording } from '../../replay/recording.js';
import type { Companion } from '../guests/live-session.js';

export interface RecordedHow {
  readonly hash: Hash;
  readonly digestDistance: number;
  readonly imageReads: ReadonlySet<number>;
  /** Position from which on it is recorded. */
  readonly start: number;
}

export interface ReignOptions {
  readonly header: NewHeader;
  readonly producer: string;
  readonly arbiter: Arbiter;
  /** What a backup is told: see channel.proto. */
  readonly told: Pick<Welcome, 'arbiter' | 'networks' | 'disks' | 'identities' | 'console'>;
  readonly timeout: number;
  readonly lagLimit: number;
  readonly tell: Tell;
  /** Another has gone live. */
  halt(): void;
}

/** A name that no other process has had or will have. */
export const newName = (): string => randomBytes(16).toString('hex');

/** What a side says it is. */
export const helloOf = (producer: string): Pick<Hello, 'build' | 'behaviour'> => ({
  build: producer,
  behaviour: MACHINE_VERSION,
});

export class PrimarySide implements Companion {
  readonly gate: OutputGate;
  readonly recording: Recording;
  private readonly tee: LogTee;
  private primary: Primary | undefined;
  private guest: RunningGuest | undefined;
  private listener: Listener | undefined;
  /** Nobody is to be listened for any more. */
  closed = false;

  /** @param file where the log is kept besides */
  constructor(world: Environment, file: EntryWriter | undefined, how: RecordedHow) {
    this.tee = new LogTee(file);
    this.gate = new OutputGate(world, {
      sent: () => this.tee.sent,
      now: () => hostTimers.now(),
      mayRelease: () => this.mayChange(),
    });
    const { hash, digestDistance, imageReads, start } = how;
    this.recording = new Recording(this.gate, this.tee, hash, digestDistance, imageReads, start);
  }

  /** Begins to reign over a guest. Nobody can join before `listen`. */
  begin(reign: Reign, guest: RunningGuest, options: ReignOptions): Primary {
    const { producer, arbiter, told, timeout, lagLimit, tell, header } = options;
    this.guest = guest;
    const { gate, tee } = this;
    this.primary = new Primary(reign, {
      ...{ timers: hostTimers, tell, arbiter, guest, gate, tee, timeout, lagLimit },
      start: startOf(header),
      hello: helloOf(producer),
      welcome: { ...told, host: hostIdentity() },
      halted: () => options.halt(),
    });
    return this.primary;
  }

  /** Awaits backups. Throws a Failure where the address cannot be had. */
  async listen(address: StreamAddress, tls: TlsFiles | undefined): Promise<void> {
    const listener = await awaitBackups(address, tls);
    if (this.closed) return listener.close();
    this.listener = listener;
    this.primary?.listen(listener);
  }

  pacing(world: Pacing): Pacing {
    const { primary } = this;
    return primary === undefined ? world : new PairPacing(world, primary, this.gate, hostTimers);
  }

  /** Whether the world is this side's to change. */
  mayChange(): boolean {
    return this.primary?.mayRelease() ?? true;
  }

  onTurn(position: number): void {
    this.primary?.atTurn(position, this.guest?.machine.idle ?? false);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.primary?.close();
    await this.listener?.close();
  }
}

/** The images are compressed when the first backup comes, and kept. */
function startOf(header: NewHeader): LogStart {
  const embedded = { ...header, images: header.images.map((image) => ({ ...image, embedded: true })) };
  let packing: ImagePacking | undefined;
  return { header: embedded, images: () => (packing ??= new ImagePacking(embedded.images)) };
}
