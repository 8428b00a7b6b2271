/**
 * The world that a backup goes live into: the networks, disks and console of a guest that was elsewhere until now.
 */
import { announce } from '../../host/announcement.js';
import { ContinuedClock } from '../../host/clock.js';
import { Console } from '../../host/console.js';
import type { DiskOption } from '../../host/disk-option.js';
import { HostEntropy } from '../../host/entropy.js';
import { Failure } from '../../host/failure.js';
import { Live } from '../../host/live.js';
import type { NetOption } from '../../host/net.js';
import type { StopRequest } from '../../host/signals.js';
import { VIRTUAL_INSTRUCTIONS_PER_TICK, type MachineConfiguration } from '../../machine/configuration.js';
import { ConsoleOutput } from '../output/console-output.js';
import type { Words } from '../output/words.js';
import { Disks } from './disks.js';
import { Networks } from './networks.js';

export interface WorldOptions {
  readonly configuration: MachineConfiguration;
  readonly networks: ReadonlyMap<number, NetOption>;
  readonly disks: ReadonlyMap<number, DiskOption>;
  readonly consoleDevice: number;
  readonly endOfInput: Uint8Array;
  /** Guest time now, and the latest that the guest was told, in ticks. */
  readonly time: number;
  told(): number;
}

/** Milliseconds between two attempts to have what another still holds. */
const AGAIN = 500;

export class LiveWorld {
  private readonly output: ConsoleOutput;
  readonly console: Console;
  readonly live: Live;
  readonly clock: ContinuedClock;
  /** Called when nobody reads the console any more. */
  abandon: () => void = () => undefined;

  /**
   * Takes over what the old primary had. What it still holds (a port, say) is waited for, and said so: a backup that has
   * won must not give up. Undefined where `stops` asks for the end meanwhile.
   */
  static async take(options: WorldOptions, stops: StopRequest, words: Words): Promise<LiveWorld | undefined> {
    const timed = options.configuration.clock === 'host';
    for (let told = ''; stops.requested === undefined;) {
      let disks: Disks | undefined;
      try {
        disks = await Disks.open(options.disks, timed, { written: {}, read: {} });
        return new LiveWorld(options, disks, await Networks.open(options.networks), stops, words);
      } catch (error) {
        await disks?.close();
        if (!(error instanceof Failure)) throw error;
        if (error.message !== told) words.notice(`Not live yet: ${error.message}`);
        told = error.message;
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    }
    return undefined;
  }

  private constructor(
    private readonly options: WorldOptions,
    private readonly disks: Disks,
    private readonly networks: Networks,
    stops: StopRequest,
    words: Words,
  ) {
    const { configuration, consoleDevice, endOfInput } = options;
    networks.tell(words);
    disks.tell(words);
    this.output = new ConsoleOutput(process.stdout);
    this.console = new Console({
      ...{ output: process.stdout, input: process.stdin, messages: process.stderr, endOfInput },
      onQuit: () => stops.quit(),
      onInterrupt: () => process.kill(process.pid, 'SIGINT'),
      onClosed: () => this.abandon(),
    });
    this.clock = new ContinuedClock(options.time, configuration.wallClockBase, () => options.told());
    this.live = new Live({
      ...{ clock: this.clock, entropy: new HostEntropy(), timed: configuration.clock === 'host' },
      ...{ console: this.console, consoleDevice, links: networks.links, disks: disks.open },
      instructionsPerTick: VIRTUAL_INSTRUCTIONS_PER_TICK,
    });
  }

  /** Has `mayWrite` asked before each write to a disk. */
  guard(mayWrite: () => boolean): void {
    for (const disk of this.disks.open.values()) disk.mayWrite = mayWrite;
  }

  /** Tells the networks where the guest is now. */
  announce(): void {
    for (const device of this.options.configuration.devices) {
      const link = device.kind === 'net' ? this.networks.links.get(device.slot) : undefined;
      if (device.kind === 'net' && link !== undefined) announce(link, device.mac);
    }
  }

  /** Throws a Failure where the console could not be written, though it has a reader. */
  check(): void {
    this.output.check();
  }

  async close(): Promise<void> {
    await this.console.close();
    process.stdin.unref?.();
    await this.networks.close();
    await this.disks.close();
  }
}
