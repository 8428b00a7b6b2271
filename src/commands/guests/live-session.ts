/**
 * A guest that runs in the present, recorded or not: the machine its options ask for, the host's clock, network and
 * console around it, and whatever may end it.
 */
import type { CapturePlayer } from '../../host/capture-player.js';
import { HostClock, milliseconds } from '../../host/clock.js';
import { Console } from '../../host/console.js';
import { FileSink } from '../../host/file-sink.js';
import { Live } from '../../host/live.js';
import { Capture, PcapWriter } from '../../host/pcap.js';
import { StopRequest } from '../../host/signals.js';
import { VIRTUAL_INSTRUCTIONS_PER_TICK, type MachineConfiguration } from '../../machine/configuration.js';
import { checkFits } from '../../machine/boot.js';
import type { Environment } from '../../machine/environment.js';
import type { Machine } from '../../machine/machine.js';
import type { Recorded, RunResult } from '../../replay/recorder.js';
import { Recorder, type Pacing } from '../../replay/recorder.js';
import type { EngineWork } from '../output/engine-summary.js';
import { ConsoleOutput } from '../output/console-output.js';
import { liveStatus } from '../output/exit-status.js';
import { fitting, readGuest, type GuestFiles } from './guest-file.js';
import type { GuestReading } from './guest-reading.js';
import { readGuestOptions, type GuestFlags, type GuestOptions } from '../options/guest-options.js';
import { keepApart } from '../logs/log-file.js';
import { buildMachine, expectMachines } from './machine.js';
import { Disks } from './disks.js';
import { Networks } from './networks.js';
import type { Words } from '../output/words.js';

/** How a run ended, and how long it took. */
export interface LiveEnd extends RunResult {
  readonly seconds: number;
  /** Nobody reads the console any more. */
  readonly unread: boolean;
  /** Frames that found no room in the guest's network devices, or that it could not send. */
  readonly dropped: number;
  readonly captures: readonly CapturePlayer[];
  readonly engine: EngineWork;
}

/** Who shares in a run: the primary of a pair. */
export interface Companion {
  /** The pace of the run, given that of the world. */
  pacing(world: Pacing): Pacing;
  /** Called between two instructions, before the world has its turn. */
  onTurn(position: number): void;
}

export class LiveSession {
  private readonly stops = new StopRequest();
  private readonly clock: HostClock;
  private readonly output: ConsoleOutput;
  private readonly console: Console;
  private readonly live: Live;
  private capture: FileSink | undefined;
  private machine: Machine | undefined;
  /** Ends the run because nobody reads the console any more. */
  private abandon: () => void = () => undefined;
  /** Ends the run as interrupted, with a reason; before the run it does nothing. */
  halt: (detail: string) => void = () => undefined;

  readonly configuration: MachineConfiguration;
  /** What the machine, or a recording of it, asks. */
  get environment(): Environment {
    return this.live;
  }

  /**
   * Checks everything, and opens what the run needs. Throws a Failure; nothing is left open then.
   * @param log the file that the log goes to, which must be none of the others
   * @param onRead is given the guest as soon as it is read
   */
  static async open(
    reading: GuestReading,
    flags: GuestFlags,
    output: NodeJS.WriteStream,
    words: Words,
    log?: string,
    onRead?: (guest: GuestFiles) => void,
  ): Promise<LiveSession> {
    // What is wrong with the options is told first.
    const options = await readGuestOptions(flags);
    const written = { 'the log': log, 'the capture': flags['pcap-out'] };
    const { kernel, firmware, initrd } = reading.paths;
    const read = { 'the guest': kernel, 'the firmware': firmware, 'the initial ramdisk': initrd };
    keepApart({ ...read, ...written });
    for (const network of options.networks.values()) {
      if (network.kind === 'pcap') keepApart({ 'the capture that is played': network.path, ...written });
    }
    expectMachines(flags.stats);
    const guest = await readGuest(reading);
    onRead?.(guest);
    fitting(guest, () => checkFits(options, guest.guest));
    const disks = await Disks.open(options.disks, options.clock === 'host', { written, read });
    let networks: Networks | undefined;
    try {
      networks = await Networks.open(options.networks);
      const capture = flags['pcap-out'] === undefined ? undefined : FileSink.create(flags['pcap-out']);
      return new LiveSession(guest, options, networks, disks, capture, output, words);
    } catch (error) {
      await networks?.close();
      await disks.close();
      throw error;
    }
  }

  private constructor(
    readonly guest: GuestFiles,
    private readonly options: GuestOptions,
    private readonly networks: Networks,
    readonly disks: Disks,
    capture: FileSink | undefined,
    output: NodeJS.WriteStream,
    words: Words,
  ) {
    networks.tell(words);
    disks.tell(words);
    this.output = new ConsoleOutput(output);
    this.console = new Console({
      output,
      input: process.stdin,
      messages: process.stderr,
      endOfInput: options.endOfInput,
      onQuit: () => this.stops.quit(),
      onInterrupt: () => process.kill(process.pid, 'SIGINT'),
      onClosed: () => this.abandon(),
    });
    if (this.console.hasKeys) words.notice('Ctrl-A x ends the run, Ctrl-A h tells more.');
    const { clock, entropy, consoleDevice } = options;
    this.clock = new HostClock(0, options.wallClock);
    this.configuration = {
      memoryBytes: options.memoryBytes,
      clock,
      rngSeed: options.rngSeed,
      wallClockBase: this.clock.wallBase,
      devices: [...options.devices, ...disks.configurations].sort((a, b) => a.slot - b.slot),
      commandLine: options.commandLine,
    };
    this.live = new Live({
      ...{
        clock: this.clock,
        entropy,
        timed: clock === 'host',
        console: this.console,
        consoleDevice,
        links: networks.links,
        disks: disks.open,
      },
      ...(networks.playback && { playback: networks.playback }),
      instructionsPerTick: VIRTUAL_INSTRUCTIONS_PER_TICK,
    });
    this.capture = capture;
  }

  /** The machine, which asks `environment`. Throws a Failure. */
  build(environment: Environment): Machine {
    const { guest, configuration, capture } = this;
    const { engine, stats } = this.options;
    const asked = capture ? captured(environment, capture, configuration, () => this.machine) : environment;
    return (this.machine = buildMachine(guest, configuration, asked, engine, stats));
  }

  /** Runs the machine until it powers off or something ends it. What fails on the host is part of the answer. */
  async run(machine: Machine, recorded?: Recorded, companion?: Companion): Promise<LiveEnd> {
    const { until, timeLimit } = this.options;
    const recorder = new Recorder(machine, companion?.pacing(this.live) ?? this.live, recorded, {
      ...(until === undefined ? {} : { until }),
      ...(companion && { onTurn: (position: number) => companion.onTurn(position) }),
      statusOf: (reason, guest) => liveStatus(reason, guest, this.stops.status),
    });
    this.halt = (detail) => recorder.stop('interrupted', detail);
    this.stops.onRequest(() => recorder.stop('interrupted', this.request));
    this.abandon = () => recorder.stop('interrupted', 'the reader of the console has gone');
    const timer = timeLimit === undefined ? undefined : setTimeout(() => recorder.stop('time-limit'), timeLimit);
    const start = milliseconds();
    this.clock.restart();
    const result = await recorder.run();
    clearTimeout(timer);
    return {
      ...result,
      seconds: (milliseconds() - start) / 1000,
      unread: this.console.closed,
      dropped: machine.board.droppedFrames(),
      captures: this.networks.captures,
      engine: { kind: this.options.engine, statistics: machine.engineStatistics() },
    };
  }

  /** The slot of the console that takes the input; 0: the serial port. */
  get consoleDevice(): number {
    return this.options.consoleDevice;
  }

  /** Guest time in ticks. */
  get guestTime(): number {
    return this.clock.now();
  }

  /** Resolves when somebody asks for the end. */
  asked(): Promise<void> {
    return new Promise((resolve) => this.stops.onRequest(resolve));
  }

  private get request(): string {
    const { requested } = this.stops;
    return requested === undefined || requested === 'quit' ? 'the user ended it at the console' : requested;
  }

  /** Throws a Failure where the console could not be written, though it has a reader. */
  check(): void {
    this.output.check();
  }

  /** Gives terminal, ports and files back. Throws a Failure where the capture could not be written. */
  async close(): Promise<void> {
    await this.console.close();
    // A read of the standard input that is under way must not keep the process: it may wait for a key.
    process.stdin.unref?.();
    await this.networks.close();
    await this.disks.close();
    this.stops.close();
    this.capture?.close();
  }
}

/** An environment whose frames are captured, dated in guest time; `machine` gives the machine once it is built. */
export function captured(
  inner: Environment,
  sink: FileSink,
  configuration: MachineConfiguration,
  machine: () => Machine | undefined,
): Environment {
  const writer = new PcapWriter(sink, configuration.wallClockBase);
  if (configuration.clock === 'host') return new Capture(inner, writer);
  return new Capture(inner, writer, () => machine()?.virtualTime() ?? 0);
}
