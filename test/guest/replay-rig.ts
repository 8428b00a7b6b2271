/**
 * A whole recorder and replayer in memory, with a world that a seed makes up: time, ticks, slices, entropy, console
 * input and frames are random, and repeatable.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

import type { EngineKind, EngineStatistics } from '../../src/engine/kinds.js';
import type { Image, NewHeader } from '../../src/log/header.js';
import type { ByteSource } from '../../src/log/stream.js';
import type { Mark } from '../../src/log/reader.js';
import { LogReader } from '../../src/log/reader.js';
import { LogWriter } from '../../src/log/writer.js';
import type { DeviceConfiguration, MachineConfiguration } from '../../src/machine/configuration.js';
import { MACHINE_VERSION } from '../../src/machine/configuration.js';
import { loggedDevice } from '../../src/commands/logs/log-header.js';
import type { DiskDemand, Environment, Input, Need, Output } from '../../src/machine/environment.js';
import type { GuestImage } from '../../src/machine/image.js';
import { recogniseImage } from '../../src/machine/image.js';
import { Machine } from '../../src/machine/machine.js';
import type { DiskImages } from '../../src/replay/disk-image.js';
import { StateDigest } from '../../src/replay/digest.js';
import { DirtyPages } from '../../src/replay/dirty-pages.js';
import { LogFeed } from '../../src/replay/feed.js';
import { loadHash } from '../../src/replay/hash.js';
import { Logged } from '../../src/replay/logged.js';
import type { Pacing, RunResult } from '../../src/replay/recorder.js';
import { Recorder } from '../../src/replay/recorder.js';
import { Recording } from '../../src/replay/recording.js';
import type { SideSource } from '../../src/replay/side.js';
import type { ReplayOptions, ReplayResult } from '../../src/replay/replayer.js';
import { Replayer } from '../../src/replay/replayer.js';
import { Door } from '../support/door.js';

/** Random whole numbers from a seed (Marsaglia's xorshift32). */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 2654435761 + 0x9e3779b9) | 0 || 1;
    for (let i = 0; i < 8; i++) this.roll(2);
  }

  /** 0 to sides - 1. */
  roll(sides: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % sides;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.roll(256));
  }
}

export interface WorldOptions {
  readonly seed: number;
  /** Longest slice, in instructions. */
  readonly slice?: number;
  /** Typed piece by piece, when the guest waits or at random. */
  readonly typed?: readonly string[];
  /** The console that it is typed at, and whose terminal has sizes: a slot, or 0. */
  readonly console?: number;
  /** Columns and rows that its terminal has, one after the other, likewise. */
  readonly sizes?: readonly (readonly [columns: number, rows: number])[];
  /** Sent frame by frame to slot 0, likewise. */
  readonly frames?: readonly Uint8Array[];
  /** Ticks of guest time that pass in a slice, at most. */
  readonly pace?: number;
  /** Images of the disks, by slot. */
  readonly disks?: ReadonlyMap<number, WorldDisk>;
  /** Some requests to disks fail. */
  readonly ailing?: boolean;
  /** Guest time at first. */
  readonly time?: number;
}

export interface WorldDisk {
  readonly image: Uint8Array;
  /** The guest writes to it. */
  readonly written?: boolean;
  /** What is read is recorded; always so where the guest writes to the image. */
  readonly logReads?: boolean;
}

/** The disks that are needed to replay what was recorded with these. */
export function imagesOf(disks: ReadonlyMap<number, WorldDisk> = new Map()): DiskImages {
  const needed = [...disks].filter(([, { written = false, logReads = false }]) => !written && !logReads);
  return new Map(
    needed.map(([slot, { image }]) => [slot, { read: (offset, length) => image.slice(offset, offset + length) }]),
  );
}

/**
 * The outside world: time goes on at random, inputs come at random. What it does depends on its seed and on the positions
 * at which the guest needs it, never on how often it is asked in between: that differs from engine to engine.
 */
export class World implements Environment, Pacing {
  readonly outputs: { position: number; output: Output }[] = [];
  private readonly dice: Dice;
  private readonly answers: Dice;
  private readonly turns: Dice;
  private readonly typed: string[];
  private readonly sizes: (readonly [columns: number, rows: number])[];
  private readonly frames: Uint8Array[];
  /** Contents of disks, and their requests in flight. */
  private readonly disks: ReadonlyMap<number, { image: Uint8Array; readonly requests: DiskDemand[] }>;
  private time: number;
  private waited = false;
  stopAt = 0;

  constructor(private readonly options: WorldOptions) {
    this.time = options.time ?? 0;
    this.dice = new Dice(options.seed);
    this.answers = new Dice(options.seed + 1);
    this.turns = new Dice(options.seed + 2);
    this.typed = [...(options.typed ?? [])];
    this.sizes = [...(options.sizes ?? [])];
    this.frames = [...(options.frames ?? [])];
    this.disks = new Map(
      [...(options.disks ?? [])].map(([slot, { image }]) => [slot, { image: image.slice(), requests: [] }]),
    );
  }

  /** What the disk in a slot holds. */
  imageOf(slot: number): Uint8Array | undefined {
    return this.disks.get(slot)?.image;
  }

  nextStop(position: number): number {
    if (position >= this.stopAt) this.stopAt = position + 1 + this.dice.roll(this.options.slice ?? 5000);
    return this.stopAt;
  }

  takeInputs(position: number, need: Need): readonly Input[] {
    if (position < this.stopAt && !this.waited) return [];
    const inputs: Input[] = [];
    this.time += this.dice.roll(this.options.pace ?? 2000);
    if (this.time >= need.deadline) inputs.push({ type: 'tick', time: this.time });
    inputs.push(...this.completions());
    const now = this.waited || this.dice.roll(20) === 0;
    this.waited = false;
    if (!now) return inputs;
    const frame = this.frames.shift();
    if (frame) inputs.push({ type: 'packet', device: 0, data: frame });
    const typed = frame ? undefined : this.typed.shift();
    const device = this.options.console ?? 0;
    const size = this.sizes.shift();
    if (size) inputs.push({ type: 'size', device, columns: size[0], rows: size[1] });
    if (typed) inputs.push({ type: 'console', device, data: new TextEncoder().encode(typed) });
    return inputs;
  }

  readTime(): number {
    return (this.time += this.answers.roll(100));
  }

  readEntropy(_position: number, length: number): Uint8Array {
    return this.answers.bytes(length);
  }

  /** Some of the requests in flight are done, in any order. */
  private completions(): Input[] {
    const inputs: Input[] = [];
    for (const [device, disk] of this.disks) {
      while (disk.requests.length > 0 && this.dice.roll(3) > 0) {
        const request = this.dice.roll(disk.requests.length);
        const [{ operation, offset, length, data }] = disk.requests.splice(request, 1);
        const status = this.options.ailing && this.dice.roll(5) === 0 ? 1 : 0;
        const reads = operation === 'read' && status === 0;
        if (status === 0 && this.options.disks?.get(device)?.written) disk.image.set(data, offset);
        inputs.push({
          type: 'disk',
          device,
          request,
          status,
          data: disk.image.slice(offset, offset + (reads ? length : 0)),
        });
      }
    }
    return inputs;
  }

  private get disksBusy(): boolean {
    return [...this.disks.values()].some(({ requests }) => requests.length > 0);
  }

  emit(position: number, output: Output): void {
    if (output.type === 'disk') this.disks.get(output.device)?.requests.push(output);
    if (output.type === 'disk' && output.operation === 'read') return;
    this.outputs.push({ position, output });
  }

  turnDue(): boolean {
    return this.turns.roll(8) === 0;
  }

  async turn(): Promise<void> {}

  async wait(need: Need): Promise<void> {
    this.waited = true;
    if (this.left === 0 || this.dice.roll(4) === 0) {
      this.time = Math.max(this.time, Math.min(need.deadline, 1e15));
    }
  }

  canWake(need: Need): boolean {
    return need.deadline !== Infinity || this.disksBusy || this.left > 0;
  }

  wake(): void {}

  /** Inputs still to come. */
  private get left(): number {
    return this.typed.length + this.frames.length + this.sizes.length;
  }
}

/** A log's bytes, from an offset on, in pieces of a size. */
export class MemorySource implements ByteSource {
  constructor(
    private readonly bytes: Uint8Array,
    private offset = 0,
    private readonly piece = 60_000,
  ) {}

  async read(): Promise<Uint8Array | null> {
    if (this.offset >= this.bytes.length) return null;
    const chunk = this.bytes.subarray(this.offset, this.offset + this.piece);
    this.offset += chunk.length;
    return chunk;
  }
}

const DIGEST_DISTANCE = 10_000;

const images = new Map<string, GuestImage>();

/** A prebuilt guest of fixtures/guests: an ELF, or a kernel that is none. */
export function guestImage(name: string): GuestImage {
  let image = images.get(name);
  if (!image) {
    const path = (ending: string): URL => new URL(`../../fixtures/guests/prebuilt/${name}.${ending}`, import.meta.url);
    const file = readFileSync(existsSync(path('elf')) ? path('elf') : path('bin'));
    images.set(name, (image = recogniseImage(file)));
  }
  return image;
}

export const NET_AND_RNG: readonly DeviceConfiguration[] = [
  { kind: 'net', slot: 0, mac: Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56) },
  { kind: 'rng', slot: 1 },
];

export function configurationOf(more: Partial<MachineConfiguration> = {}): MachineConfiguration {
  return {
    memoryBytes: 4 * 2 ** 20,
    clock: 'host',
    rngSeed: new Uint8Array(32).fill(7),
    wallClockBase: 1_700_000_000_000_000_000n,
    devices: NET_AND_RNG,
    commandLine: '',
    ...more,
  };
}

export interface RecordingOptions extends Partial<WorldOptions> {
  /** Another guest than the prebuilt one of the name. */
  readonly image?: GuestImage;
  readonly configuration?: Partial<MachineConfiguration>;
  readonly digestDistance?: number;
  readonly until?: number;
  readonly engine?: EngineKind;
  /** A guest's file to record, and to keep in the log; by default a fixture's, which the log only names. */
  readonly embedded?: Uint8Array;
  /** The sink is full when it has taken so many bytes. */
  readonly sinkLimit?: number;
  /** Called before the run. */
  readonly onStart?: (recorder: Recorder, world: World) => void;
}

export interface MadeRecording {
  readonly log: Uint8Array;
  readonly image: GuestImage;
  readonly configuration: MachineConfiguration;
  readonly run: RunResult;
  readonly outputs: World['outputs'];
  /** Images that a replay needs. */
  readonly images: DiskImages;
  /** What the engine has done. */
  readonly statistics: EngineStatistics;
}

export async function record(name: string, options: RecordingOptions = {}): Promise<MadeRecording> {
  const { digestDistance = DIGEST_DISTANCE, embedded } = options;
  const image = options.image ?? (embedded === undefined ? guestImage(name) : recogniseImage(embedded));
  const configuration = configurationOf(options.configuration);
  const hash = await loadHash();
  const world = new World({ seed: 1, ...options });
  const images = imagesOf(options.disks);
  const chunks: Uint8Array[] = [];
  let room = options.sinkLimit ?? Infinity;
  const take = (bytes: Uint8Array): void => {
    chunks.push(bytes.slice(0, Math.min(bytes.length, room)));
    room -= bytes.length;
    if (room < 0) throw new Error('no space left');
  };
  const writer = new LogWriter({ write: take }, headerOf(name, options));
  const recording = new Recording(world, writer, hash, digestDistance, new Set(images.keys()));
  const machine = new Machine(configuration, image, recording, options.engine);
  const digest = new StateDigest(machine, new DirtyPages(machine).consumer(), hash);
  const { until } = options;
  const recorder = new Recorder(machine, world, { recording, digest }, until === undefined ? {} : { until });
  options.onStart?.(recorder, world);
  const run = await recorder.run();
  const log = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    log.set(chunk, at);
    at += chunk.length;
  }
  return { log, image, configuration, run, outputs: world.outputs, images, statistics: machine.engineStatistics() };
}

/** The header of a recording. */
export function headerOf(name: string, options: RecordingOptions): NewHeader {
  const configuration = configurationOf(options.configuration);
  const images = imagesOf(options.disks);
  return {
    producer: 'test',
    machine: {
      behaviour: MACHINE_VERSION,
      memory: configuration.memoryBytes,
      clock: configuration.clock,
      commandLine: configuration.commandLine,
      devices: configuration.devices.map(loggedDevice),
    },
    rngSeed: configuration.rngSeed,
    wallClock: configuration.wallClockBase,
    digestDistance: options.digestDistance ?? DIGEST_DISTANCE,
    images: [kernelOf(name, options.embedded)],
    disks: [...(options.disks ?? [])].map(
      ([
        slot,
        {
          image: { length: size },
        },
      ]) => ({
        ...{ name: `disk${slot}`, size, slot },
        sha256: new Uint8Array(images.has(slot) ? 32 : 0),
      }),
    ),
  };
}

/** What the header says of the guest. */
function kernelOf(name: string, file: Uint8Array | undefined): Image {
  const role = 'kernel';
  if (file === undefined) return { role, name, size: 0, sha256: new Uint8Array(32), embedded: false };
  const sha256 = Uint8Array.from(createHash('sha256').update(file).digest());
  return { role, name, size: file.length, sha256, embedded: true, data: file };
}

export interface MadeReplay {
  readonly result: ReplayResult;
  readonly outputs: World['outputs'];
  readonly machine: Machine;
}

export async function replay(
  {
    log,
    image,
    configuration,
    images,
  }: Pick<MadeRecording, 'log' | 'image' | 'configuration'> & Partial<MadeRecording>,
  { engine, ...options }: ReplayOptions & { readonly engine?: EngineKind } = {},
  source: ByteSource = new MemorySource(log),
): Promise<MadeReplay> {
  const hash = await loadHash();
  const reader = new LogReader(source);
  await reader.header();
  const outputs: World['outputs'] = [];
  const logged = new Logged(hash, (position, output) => outputs.push({ position, output }), images);
  const machine = new Machine(configuration, image, logged, engine);
  const digest = new StateDigest(machine, new DirtyPages(machine).consumer(), hash);
  const feed = new LogFeed(logged, reader, (mark: Mark) => new LogReader(new MemorySource(log, mark.offset), { mark }));
  const result = await new Replayer(machine, feed, digest, options).run();
  return { result, outputs, machine };
}

/** What a guest wrote to the console. */
export function consoleText(outputs: World['outputs']): string {
  const decoder = new TextDecoder();
  return outputs.map(({ output }) => (output.type === 'console' ? decoder.decode(output.data) : '')).join('');
}

/** Changes a machine at a position: between two instructions, when all inputs of the position are applied. */
export interface Fault {
  readonly position: number;
  strike(machine: Machine): void;
}

/** Stops a machine at the fault's position and lets it strike there, each time execution comes by. */
class FaultyEnvironment extends Door {
  machine: Machine | undefined;
  private armed = true;

  constructor(
    inner: Environment,
    private readonly fault: Fault,
  ) {
    super(inner);
  }

  override nextStop(position: number, need: Need): number {
    const stop = this.inner.nextStop(position, need);
    if (position >= this.fault.position) return stop;
    this.armed = true;
    return Math.min(stop, this.fault.position);
  }

  override takeInputs(position: number, need: Need): readonly Input[] {
    const inputs = this.inner.takeInputs(position, need);
    if (position < this.fault.position) this.armed = true;
    if (position === this.fault.position && this.armed && this.machine) {
      this.armed = false;
      this.fault.strike(this.machine);
    }
    return inputs;
  }
}

/** A side of a comparison, made from a recording in memory; with a fault where one is given. */
export async function sideOf(
  made: MadeRecording,
  label: string,
  fault?: Fault,
  build = (environment: Environment): Machine => new Machine(made.configuration, made.image, environment),
): Promise<SideSource> {
  const header = await new LogReader(new MemorySource(made.log)).header();
  return {
    label,
    header,
    images: made.images,
    open: (options) => new LogReader(new MemorySource(made.log, options.mark?.offset), options),
    build: (environment) => {
      if (fault === undefined) return build(environment);
      const faulty = new FaultyEnvironment(environment, fault);
      return (faulty.machine = build(faulty));
    },
  };
}
