/**
 * Runs the backup of a pair: follows the primary, and goes live when that is lost.
 */
import { Failure, STATUS, UnavailableFailure } from '../../host/failure.js';
import { runFence } from '../../host/fence.js';
import { milliseconds } from '../../host/clock.js';
import type { FileSink } from '../../host/file-sink.js';
import { parseNet, type NetOption, type StreamAddress } from '../../host/net.js';
import { StopRequest } from '../../host/signals.js';
import { hostTimers } from '../../host/timers.js';
import { ImagePacking } from '../../log/image.js';
import { LogWriter } from '../../log/writer.js';
import type { MachineConfiguration } from '../../machine/configuration.js';
import { Refused } from '../../pair/backup.js';
import type { Primary, Reign } from '../../pair/primary.js';
import { Divergence } from '../../replay/divergence.js';
import { LogFeed } from '../../replay/feed.js';
import { readyHash } from '../guests/hash.js';
import { Recorder, type RunResult } from '../../replay/recorder.js';
import { Replayer, type ReplayResult } from '../../replay/replayer.js';
import { LiveWorld } from '../guests/live-world.js';
import { createLog } from '../logs/log-file.js';
import { channelFailure } from '../logs/log-failure.js';
import { engineKind, oneOf, readFlag } from '../options/flag-values.js';
import { engineJson, engineLines } from '../output/engine-summary.js';
import { liveStatus, processStatus } from '../output/exit-status.js';
import { pairJson, pairLines, type PairWork } from '../output/pair-summary.js';
import { endText, grouped, paceText } from '../output/summary-lines.js';
import { Words } from '../output/words.js';
import { join, type Joined } from '../pair/join.js';
import {
  channelAddress,
  readPairOptions,
  refuseCaptures,
  type PairFlags,
  type PairOptions,
} from '../pair/pair-options.js';
import { newName, PrimarySide } from '../pair/primary-side.js';
import { endSuperseded, SUPERSEDED, supersededFailure } from './primary-guest.js';

export interface BackupFlags extends PairFlags {
  readonly connect: string;
  readonly listen: string | undefined;
  readonly net: string[] | undefined;
  readonly disk: string[] | undefined;
  readonly fence: string | undefined;
  readonly 'stdin-eof': string | undefined;
  readonly engine: string | undefined;
  readonly stats: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Instructions after which a backup looks for what has come in: a fraction of a millisecond. */
const TURN_DISTANCE = 2 ** 17;
const FENCE_TIME = 60_000;
const AGAIN = 1000;

/** How a backup ended. */
interface BackupEnd {
  readonly status: number;
  /** `followed`: the guest ended, or somebody ended the backup, while there was a primary; `lived`: it had gone live. */
  readonly kind: 'followed' | 'lived';
  readonly words: string;
  readonly position: number;
  readonly seconds: number;
  /** Milliseconds from the loss of the primary to going live. */
  readonly failover?: number;
  readonly work?: PairWork;
}

/** Answers the process's exit status. Throws a Failure. */
export async function backupGuest(flags: BackupFlags, producer: string): Promise<number> {
  const words = await Words.open(flags.quiet);
  const engine = (await readFlag('engine', flags.engine, engineKind)) ?? 'auto';
  const options = await readPairOptions(flags);
  const address = channelAddress('--connect', flags.connect, options.tls);
  const listen = flags.listen === undefined ? address : channelAddress('--listen', flags.listen, options.tls);
  for (const text of flags.net ?? []) parseNet(text);
  refuseCaptures(flags.net ?? []);
  const ctrlD = (await readFlag('stdin-eof', flags['stdin-eof'], oneOf('ignore', 'ctrl-d'))) === 'ctrl-d';
  const hash = await readyHash();
  const { tls, arbiter } = options;
  const joined = await join(
    { address, tls, arbiter, networks: flags.net, disks: flags.disk, engine, timed: flags.stats, producer, hash },
    words,
  );
  let sink: FileSink | undefined;
  const stops = new StopRequest();
  const session = new BackupSession(joined, { flags, options, listen, producer, ctrlD, words, stops });
  let end: BackupEnd;
  try {
    if (flags.output !== undefined) {
      if (joined.position > 0) {
        joined.backup.leave();
        throw new Failure(
          STATUS.usage,
          `The guest is at position ${grouped(joined.position)} already, and a log starts at 0: leave out -o, or join a primary that waits (vmft primary --wait).`,
        );
      }
      sink = createLog(flags.output, flags.force);
      session.keep(sink);
    }
    words.notice(`Following the primary at ${flags.connect} from position ${grouped(joined.position)} on.`);
    end = await session.run();
  } finally {
    joined.backup.close();
    await joined.close();
    stops.close();
    sink?.close();
  }
  const statistics = joined.machine.engineStatistics();
  if (flags.json) {
    words.json({
      ...{ command: 'backup', ended: end.kind, status: end.status, instructions: end.position },
      ...(end.failover === undefined ? {} : { failoverMs: Number(end.failover.toFixed(3)) }),
      ...(end.work && { pair: pairJson(end.work) }),
      ...(flags.stats && { engine: engineJson({ kind: engine, statistics }) }),
    });
  } else {
    words.lines([words.colour.bold(end.words), paceText(end.position - joined.position, end.seconds)]);
    if (flags.stats)
      words.asked([...(end.work ? pairLines(end.work) : []), ...engineLines({ kind: engine, statistics })]);
  }
  return end.status;
}

interface SessionOptions {
  readonly flags: BackupFlags;
  readonly options: PairOptions;
  /** Where the next backup is awaited after going live. */
  readonly listen: StreamAddress;
  readonly producer: string;
  readonly ctrlD: boolean;
  readonly words: Words;
  readonly stops: StopRequest;
}

class BackupSession {
  private file: LogWriter | undefined;
  private start = 0;
  private readonly holder = newName();

  constructor(
    private readonly joined: Joined,
    private readonly session: SessionOptions,
  ) {}

  /** Keeps the log in a file. */
  keep(sink: FileSink): void {
    const { header } = this.joined;
    this.file = new LogWriter(sink, header, new ImagePacking(header.images));
  }

  async run(): Promise<BackupEnd> {
    const { joined, session } = this;
    const { machine, logged, reader, digest, backup } = joined;
    const { stops } = session;
    this.start = milliseconds();
    const feed = new LogFeed(logged, reader, undefined, ({ entries }) => {
      for (const entry of entries) if (entry.type !== 'progress') this.file?.write(entry);
      this.file?.flush();
    });
    const replayer = new Replayer(machine, feed, digest, {
      turnDistance: TURN_DISTANCE,
      turn: () => hostTimers.turn(),
    });
    const replay = replayer.run();
    const asked = new Promise<void>((resolve) => stops.onRequest(resolve));
    try {
      const first = await Promise.race([replay, backup.loss, asked]);
      // A primary that dies behind the log's end may not have sent all.
      const next = typeof first === 'object' ? await Promise.race([backup.farewell, backup.loss, asked]) : first;
      if (typeof next === 'string') return await this.succeed(next, replay);
      return typeof first === 'object' ? this.followed(first) : await this.leave(replayer, replay);
    } catch (error) {
      // Whoever cannot rebuild the execution must not go on with it.
      backup.leave();
      if (error instanceof Divergence) {
        throw new Failure(STATUS.software, `The backup diverged from its primary: ${error.message}.`, error);
      }
      throw error instanceof Refused ? new UnavailableFailure(error.message, error) : channelFailure(error);
    }
  }

  private async leave(replayer: Replayer, replay: Promise<ReplayResult>): Promise<BackupEnd> {
    const { backup, machine } = this.joined;
    const { stops } = this.session;
    backup.leave();
    replayer.stop();
    backup.source.end();
    await replay;
    const words = `Left the primary at position ${grouped(machine.position)}.`;
    return { kind: 'followed', status: stops.status, words, ...this.spent() };
  }

  private followed({ end, status }: ReplayResult): BackupEnd {
    // So that a primary which is still there knows that this one has seen the end.
    this.joined.backup.leave();
    const words = end === undefined ? 'The log ended.' : endText(end);
    return {
      kind: 'followed',
      status: end?.reason === 'power-off' ? processStatus(status) : 0,
      words,
      ...this.spent(),
    };
  }

  private spent(): Pick<BackupEnd, 'position' | 'seconds'> {
    return { position: this.joined.machine.position, seconds: (milliseconds() - this.start) / 1000 };
  }

  /** The primary is lost. */
  private async succeed(reason: string, replay: Promise<ReplayResult>): Promise<BackupEnd> {
    const { words, stops } = this.session;
    const since = milliseconds();
    words.notice(`The primary is lost: ${reason}.`);
    const reign = await this.contend();
    const world = reign !== undefined && (await this.fenced(reign)) ? await this.world() : undefined;
    if (reign !== undefined && world !== undefined) return this.live(reign, world, replay, since);
    return { kind: 'followed', status: stops.status, words: 'Ended without going live.', ...this.spent() };
  }

  /** Who this may reign as; undefined where somebody asks for the end meanwhile. Throws a Failure where another reigns. */
  private async contend(): Promise<Reign | undefined> {
    const { backup, arbiter } = this.joined;
    const ended = new AbortController();
    this.session.stops.onRequest(() => ended.abort(new Error('ended')));
    try {
      const reign = await backup.contend(arbiter, this.holder, ended.signal);
      if (reign === undefined) throw supersededFailure();
      return reign;
    } catch (error) {
      if (ended.signal.aborted) return undefined;
      throw error;
    }
  }

  /** Makes sure that the old primary is off, where there is a way to. False where somebody asks for the end meanwhile. */
  private async fenced({ run, epoch }: Reign): Promise<boolean> {
    const { flags, words, stops } = this.session;
    if (flags.fence === undefined) return true;
    for (let told = ''; stops.requested === undefined;) {
      const result = await runFence(flags.fence, { VMFT_RUN: run, VMFT_EPOCH: String(epoch) }, FENCE_TIME);
      if (result.ok) return true;
      if (result.sentence !== told) words.notice(result.sentence);
      told = result.sentence;
      await hostTimers.sleep(AGAIN);
    }
    return false;
  }

  private world(): Promise<LiveWorld | undefined> {
    const { configuration, welcome, disks, backup, reader } = this.joined;
    const { flags, words, stops, ctrlD } = this.session;
    return LiveWorld.take(
      {
        ...{ configuration, disks, consoleDevice: welcome.console },
        networks: networksOf(configuration, flags.net ?? welcome.networks),
        endOfInput: ctrlD ? Uint8Array.of(4) : new Uint8Array(0),
        time: backup.guestTime,
        told: () => reader.mark.time,
      },
      stops,
      words,
    );
  }

  /** Goes live, and runs to the end. */
  private async live(reign: Reign, world: LiveWorld, replay: Promise<ReplayResult>, since: number): Promise<BackupEnd> {
    const { joined, session } = this;
    const { backup, succession, machine, header, dirty, digest, arbiter, welcome } = joined;
    const { words, options, producer, listen, stops } = session;
    const hash = await readyHash();
    const imageReads = new Set(header.disks.flatMap(({ slot, sha256 }) => (sha256.length > 0 ? [slot] : [])));
    const { digestDistance } = header;
    const side = new PrimarySide(world.live, this.file, { hash, digestDistance, imageReads, start: machine.position });
    world.guard(() => side.mayChange());
    try {
      succession.prepare(side.recording);
      backup.source.end();
      const replayed = await replay;
      const doubtful = [...backup.doubtful];
      const unsent = succession.succeed();
      backup.close();
      // What the primary may have sent and may not: a network takes it twice, and a disk does it again.
      for (const { position, output } of [...doubtful, ...unsent]) {
        if (output.type !== 'disk') world.live.emit(position, output);
      }
      for (const { device, demand } of machine.board.disksInFlight()) {
        world.live.emit(machine.position, { type: 'disk', device, ...demand });
      }
      world.announce();
      const failover = milliseconds() - since;
      words.notice(
        `Live at position ${grouped(machine.position)}, as the primary of epoch ${reign.epoch}, after ${failover.toFixed(0)} ms.`,
      );
      if (replayed.ended === 'whole') {
        await arbiter.end(reign.run);
        return { ...this.followed(replayed), kind: 'lived', failover };
      }
      let superseded = false;
      let halt: () => void = () => undefined;
      const primary = side.begin(
        reign,
        { machine, dirty, digest, time: () => world.clock.now() },
        {
          ...{ header, producer, arbiter, timeout: options.timeout, lagLimit: options.lagLimit },
          told: {
            arbiter: welcome.arbiter,
            networks: session.flags.net ?? welcome.networks,
            disks: [...joined.disks.values()].map(({ path }) => path),
            identities: welcome.identities,
            console: welcome.console,
          },
          tell: (sentence) => words.notice(sentence),
          halt: () => {
            superseded = true;
            halt();
            endSuperseded(words);
          },
        },
      );
      void this.listen(side, listen);
      const recorder = new Recorder(
        machine,
        side.pacing(world.live),
        { recording: side.recording, digest },
        {
          onTurn: (position) => side.onTurn(position),
          statusOf: (ended, guest) => liveStatus(ended, guest, stops.status),
        },
      );
      halt = () => recorder.stop('interrupted', SUPERSEDED);
      world.abandon = () => recorder.stop('interrupted', 'the reader of the console has gone');
      stops.onRequest(() => recorder.stop('interrupted', stops.requested));
      const result = await recorder.run();
      return await this.ended(result, { side, primary, world, reign, failover, superseded: () => superseded });
    } finally {
      await side.close();
      await world.close();
    }
  }

  private async ended(
    result: RunResult,
    reigned: {
      readonly side: PrimarySide;
      readonly primary: Primary;
      readonly world: LiveWorld;
      readonly superseded: () => boolean;
      readonly reign: Reign;
      readonly failover: number;
    },
  ): Promise<BackupEnd> {
    const { side, primary, world, superseded, reign, failover } = reigned;
    const asked = new Promise<void>((resolve) => this.session.stops.onRequest(resolve));
    // What has failed here goes on at a backup, which asks the arbiter.
    const over = result.failure === undefined ? await primary.finish(asked) : primary.alone;
    if (over && !superseded()) await this.joined.arbiter.end(reign.run);
    if (result.failure !== undefined) throw result.failure as Error;
    world.check();
    const work: PairWork = { counts: primary.counts, waits: side.gate.statistics };
    const status = superseded() ? STATUS.temporary : processStatus(result.status);
    return { kind: 'lived', status, words: endText(result), failover, work, ...this.spent() };
  }

  /** Awaits the next backup: at an address that the old primary may hold still. */
  private async listen(side: PrimarySide, address: StreamAddress): Promise<void> {
    const { options, words, stops } = this.session;
    for (let told = ''; stops.requested === undefined && !side.closed;) {
      try {
        return await side.listen(address, options.tls);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (error.message !== told) words.notice(`No backup can join yet: ${error.message}`);
        told = error.message;
        await hostTimers.sleep(AGAIN);
      }
    }
  }
}

/** Links by the slots of a machine's network devices. Throws a Failure. */
function networksOf({ devices }: MachineConfiguration, texts: readonly string[]): ReadonlyMap<number, NetOption> {
  const slots = devices.flatMap((device) => (device.kind === 'net' ? [device.slot] : []));
  return new Map(slots.slice(0, texts.length).map((slot, i) => [slot, parseNet(texts[i])]));
}
