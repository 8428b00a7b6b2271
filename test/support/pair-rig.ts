/**
 * A whole pair in one process: a primary and a backup of a fixture guest, joined in memory, each with a world that a
 * seed makes up. The primary can die at any step of its log; what the outside has seen of both is kept.
 */
import type { LogEntry, EndEntry } from '../../src/log/entry.js';
import { ImagePacking } from '../../src/log/image.js';
import { LogReader } from '../../src/log/reader.js';
import { LogWriter } from '../../src/log/writer.js';
import type { MachineConfiguration } from '../../src/machine/configuration.js';
import type { Environment, Output } from '../../src/machine/environment.js';
import { Machine } from '../../src/machine/machine.js';
import type { Arbiter } from '../../src/pair/arbiter.js';
import { Backup } from '../../src/pair/backup.js';
import { LogTee } from '../../src/pair/log-tee.js';
import { OutputGate } from '../../src/pair/output-gate.js';
import { PairPacing } from '../../src/pair/pacing.js';
import type { Connection } from '../../src/pair/ports.js';
import { Primary, type PrimaryPorts, type Reign } from '../../src/pair/primary.js';
import { Succession } from '../../src/pair/succession.js';
import { StateDigest } from '../../src/replay/digest.js';
import { DirtyPages } from '../../src/replay/dirty-pages.js';
import { LogFeed } from '../../src/replay/feed.js';
import type { Hash } from '../../src/replay/hash.js';
import { loadHash } from '../../src/replay/hash.js';
import { Logged } from '../../src/replay/logged.js';
import { isSent } from '../../src/replay/output-entry.js';
import { Recorder, type Pacing, type RunResult } from '../../src/replay/recorder.js';
import { Recording } from '../../src/replay/recording.js';
import { Replayer, type ReplayResult } from '../../src/replay/replayer.js';
import { configurationOf, guestImage, headerOf, imagesOf, World, type RecordingOptions } from '../guest/replay-rig.js';
import { MemorySink } from '../unit/log-sample.js';
import { Door } from './door.js';
import { ManualTimers, MemoryArbiter, MemoryListener, settled, Wire } from './pair-host.js';

export const HELLO = { build: 'vmft test', behaviour: 1 };
export const TIMEOUT = 2000;

/** Something that the outside has seen, or that a guest has done. */
export interface Seen {
  readonly position: number;
  readonly output: Output;
}

/** A world that gives the pair its turns; time passes by the millisecond. */
export class PairWorld extends World {
  constructor(
    options: RecordingOptions,
    private readonly timers: ManualTimers,
    /** Called at each turn. */
    private readonly turned: () => void = () => undefined,
  ) {
    super({ seed: 1, ...options });
  }

  override async turn(): Promise<void> {
    this.timers.tick(1);
    this.turned();
    await settled();
  }

  override async wait(need: Parameters<World['wait']>[0]): Promise<void> {
    await this.turn();
    await super.wait(need);
  }
}

/** The primary has died. */
export class Died extends Error {}

/** A log whose writer dies before one of its steps: an entry, or a flush. */
export class MortalTee extends LogTee {
  steps = 0;
  lifetime = Infinity;

  override time(position: number, time: number): void {
    this.step();
    super.time(position, time);
  }

  override write(entry: LogEntry): void {
    this.step();
    super.write(entry);
  }

  override flush(): void {
    this.step();
    super.flush();
  }

  override end(entry: EndEntry): boolean {
    if (this.steps < this.lifetime) this.step();
    return super.end(entry);
  }

  private step(): void {
    if (this.steps >= this.lifetime) throw new Died();
    this.steps++;
  }
}

/** Passes questions on and keeps what the guest sends. */
export class Tap extends Door {
  readonly sent: Seen[] = [];

  override emit(position: number, output: Output): void {
    if (isSent(output)) this.sent.push({ position, output });
    super.emit(position, output);
  }
}

/** What is around a guest in either half. */
interface Half {
  readonly world: World;
  readonly gate: OutputGate;
  readonly tee: LogTee;
  readonly recording: Recording;
}

function halfOf(world: World, tee: LogTee, hash: Hash, options: RecordingOptions, start: number, leaky = false): Half {
  let primary: (() => boolean) | undefined;
  const gate = new OutputGate(world, {
    sent: () => tee.sent,
    now: () => 0,
    mayRelease: () => primary?.() ?? true,
  });
  const outer = leaky ? new Leak(gate, world) : gate;
  const { digestDistance = 10_000, disks } = options;
  const recording = new Recording(outer, tee, hash, digestDistance, new Set(imagesOf(disks).keys()), start);
  const half = { world, gate, tee, recording };
  asking.set(half, (ask) => (primary = ask));
  return half;
}

/** How a half is told whom to ask before outputs leave. */
const asking = new WeakMap<Half, (ask: () => boolean) => void>();

/** No gate at all: everything leaves at once. */
class Leak extends Door {
  constructor(
    gate: Environment,
    private readonly world: Environment,
  ) {
    super(gate);
  }

  override emit(position: number, output: Output): void {
    this.world.emit(position, output);
  }
}

export interface PairOptions extends RecordingOptions {
  readonly guest: string;
  readonly arbiter?: MemoryArbiter;
  readonly timers?: ManualTimers;
  /** Steps of the log before the primary dies. */
  readonly lifetime?: number;
  /** Outputs leave at once, as if there were no gate. */
  readonly leaky?: boolean;
  /** Called at each of the primary's turns. */
  readonly turned?: () => void;
}

/** A guest that runs as the primary of a pair. */
export class PrimaryRig {
  readonly listener = new MemoryListener();
  readonly told: string[] = [];
  halted = false;
  /** Outputs that had left when the last backup joined. */
  before = 0;

  static async start(options: PairOptions): Promise<PrimaryRig> {
    const arbiter = options.arbiter ?? new MemoryArbiter();
    await arbiter.begin('ab', 'first');
    return new PrimaryRig(options, await loadHash(), arbiter, options.timers ?? new ManualTimers());
  }

  readonly world: PairWorld;
  readonly half: Half;
  readonly machine: Machine;
  readonly primary: Primary;
  readonly recorder: Recorder;
  readonly tap: Tap;
  readonly tee: MortalTee;

  private constructor(
    readonly options: PairOptions,
    hash: Hash,
    readonly arbiter: MemoryArbiter,
    readonly timers: ManualTimers,
  ) {
    this.tee = new MortalTee(undefined);
    this.tee.lifetime = options.lifetime ?? Infinity;
    this.world = new PairWorld(options, timers, options.turned);
    this.half = halfOf(this.world, this.tee, hash, options, 0, options.leaky);
    this.tap = new Tap(this.half.recording);
    const configuration = configurationOf(options.configuration);
    const image = options.image ?? guestImage(options.guest);
    this.machine = new Machine(configuration, image, this.tap, options.engine);
    const dirty = new DirtyPages(this.machine);
    const digest = new StateDigest(this.machine, dirty.consumer(), hash);
    const { primary, recorder } = reignOver(
      { run: 'ab', epoch: 1, holder: 'first' },
      { machine: this.machine, dirty, digest, half: this.half, options, arbiter, timers },
      { tell: (sentence) => this.tell(sentence), halted: () => this.halt() },
    );
    this.primary = primary;
    this.recorder = recorder;
    primary.listen(this.listener);
  }

  get gate(): OutputGate {
    return this.half.gate;
  }

  /** What has left. */
  get seen(): readonly Seen[] {
    return this.world.outputs;
  }

  run(): Promise<RunResult> {
    return this.recorder.run();
  }

  private tell(sentence: string): void {
    this.told.push(sentence);
    if (sentence.endsWith('has joined.')) this.before = this.world.outputs.length;
  }

  private halt(): void {
    this.halted = true;
    this.recorder?.stop('interrupted', 'halted');
  }
}

interface Subject {
  readonly machine: Machine;
  readonly dirty: DirtyPages;
  readonly digest: StateDigest;
  readonly half: Half;
  readonly options: PairOptions;
  readonly arbiter: Arbiter;
  readonly timers: ManualTimers;
}

function reignOver(
  reign: Reign,
  { machine, dirty, digest, half, options, arbiter, timers }: Subject,
  { tell, halted }: Pick<PrimaryPorts, 'tell' | 'halted'>,
): { primary: Primary; recorder: Recorder } {
  const { gate, tee, recording, world } = half;
  const primary = new Primary(reign, {
    ...{ timers, tell, arbiter, gate, tee, halted, hello: HELLO, timeout: TIMEOUT, lagLimit: 1000 },
    guest: { machine, dirty, digest, time: () => 0 },
    start: { header: headerOf(options.guest, options), images: () => new ImagePacking([]) },
    welcome: { arbiter: 'memory:', networks: [], disks: [], identities: [], host: '', console: options.console ?? 0 },
  });
  asking.get(half)?.(() => primary.mayRelease());
  const pacing: Pacing = new PairPacing(world, primary, gate, timers);
  const recorder = new Recorder(
    machine,
    pacing,
    { recording, digest },
    {
      onTurn: (position) => primary.atTurn(position, machine.idle),
      ...(options.until !== undefined && { until: options.until }),
    },
  );
  return { primary, recorder };
}

/** A guest that is followed, and taken over where the primary dies. */
export class BackupRig {
  readonly told: string[] = [];
  /** The log as the backup keeps it: of both reigns. */
  readonly log = new MemorySink();
  readonly backup: Backup;
  /** Everything that the guest has sent in this execution of it. */
  tap!: Tap;
  machine!: Machine;
  world: PairWorld | undefined;
  private logged!: Logged;
  private succession!: Succession;
  private reader!: LogReader;
  private feed!: LogFeed;
  private replayer!: Replayer;
  private dirty!: DirtyPages;
  private digest!: StateDigest;
  private hash!: Hash;
  private file!: LogWriter;

  constructor(
    connection: Connection,
    readonly options: PairOptions,
    readonly timers: ManualTimers,
    readonly arbiter: Arbiter,
  ) {
    this.backup = new Backup(connection, {
      ...{ timers, hello: HELLO, tell: (sentence) => this.told.push(sentence) },
    });
  }

  /** Takes the state; answers where. */
  async join(): Promise<number> {
    const { backup, options } = this;
    await backup.greet();
    this.hash = await loadHash();
    this.reader = new LogReader(backup.source);
    await this.reader.header();
    this.logged = new Logged(this.hash, (position, output) => backup.sent(position, output), imagesOf(options.disks));
    this.succession = new Succession(this.logged);
    this.tap = new Tap(this.succession);
    const image = options.image ?? guestImage(options.guest);
    this.machine = new Machine(this.configuration, image, this.tap, options.engine);
    this.dirty = new DirtyPages(this.machine);
    this.digest = new StateDigest(this.machine, this.dirty.consumer(), this.hash);
    this.file = new LogWriter(this.log, headerOf(options.guest, options));
    this.feed = new LogFeed(this.logged, this.reader, undefined, ({ entries }) => {
      for (const entry of entries) if (entry.type !== 'progress') this.file.write(entry);
      this.file.flush();
    });
    this.replayer = new Replayer(this.machine, this.feed, this.digest, { turn: settled, turnDistance: 2 ** 14 });
    return backup.join(this.machine, this.digest);
  }

  get configuration(): MachineConfiguration {
    return configurationOf(this.options.configuration);
  }

  /** Follows to the log's end; or answers the reason for which the primary is lost. */
  async follow(): Promise<ReplayResult | string> {
    this.replay ??= this.replayer.run();
    return Promise.race([this.replay, this.backup.loss]);
  }

  private replay: Promise<ReplayResult> | undefined;

  /** Goes live in another world, and runs to the end; undefined where another has gone live. */
  async succeed(options: RecordingOptions): Promise<RunResult | undefined> {
    const { backup, arbiter, timers, machine, hash, succession } = this;
    const reign = await backup.contend(arbiter, 'second', new AbortController().signal);
    if (reign === undefined) return undefined;
    this.world = new PairWorld({ ...options, time: this.reader.mark.time + 1 }, timers);
    const half = halfOf(this.world, new LogTee(this.file), hash, this.options, machine.position);
    succession.prepare(half.recording);
    backup.source.end();
    const replayed = await (this.replay ??= this.replayer.run());
    const doubtful = [...backup.doubtful];
    const unsent = succession.succeed();
    backup.close();
    for (const { position, output } of [...doubtful, ...unsent]) {
      if (output.type !== 'disk') this.world.emit(position, output);
    }
    for (const { device, demand } of machine.board.disksInFlight()) {
      this.world.emit(machine.position, { type: 'disk', device, ...demand });
    }
    if (replayed.ended === 'whole') {
      return { reason: 'power-off', position: replayed.position, status: replayed.status, whole: true };
    }
    const { recorder } = reignOver(
      reign,
      { machine, dirty: this.dirty, digest: this.digest, half, options: this.options, arbiter, timers },
      { tell: (sentence) => this.told.push(sentence), halted: () => recorder.stop('interrupted') },
    );
    return recorder.run();
  }
}

/** A primary and a backup that has joined it before the first instruction; `timers`: the backup's own. */
export async function joinedPair(
  options: PairOptions,
  wire = new Wire(),
  timers?: ManualTimers,
): Promise<{ primary: PrimaryRig; backup: BackupRig; wire: Wire }> {
  const primary = await PrimaryRig.start(options);
  primary.listener.call(wire);
  const backup = new BackupRig(wire.backup, options, timers ?? primary.timers, primary.arbiter);
  expect(await backup.join()).toBe(primary.machine.position);
  return { primary, backup, wire };
}
