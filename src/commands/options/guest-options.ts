/**
 * The options of a command that starts a guest, read and checked: what machine to build and what limits it has.
 */
import type { EngineKind } from '../../engine/kinds.js';
import type { Entropy } from '../../host/entropy.js';
import type { DiskOption } from '../../host/disk-option.js';
import { HostEntropy, parseEntropy } from '../../host/entropy.js';
import { UsageFailure } from '../../host/failure.js';
import type { NetOption } from '../../host/net.js';
import type { Clock, DeviceConfiguration } from '../../machine/configuration.js';
import { clockName, duration, engineKind, memorySize, oneOf, position, readFlag } from './flag-values.js';

/** The values of guestFlags as oclif hands them over. */
export interface GuestFlags {
  readonly memory: string | undefined;
  readonly clock: string | undefined;
  readonly entropy: string | undefined;
  readonly net: string[] | undefined;
  readonly disk: string[] | undefined;
  readonly console: string | undefined;
  readonly 'stdin-eof': string | undefined;
  readonly append: string | undefined;
  readonly initrd: string | undefined;
  readonly firmware: string | undefined;
  readonly until: string | undefined;
  readonly 'time-limit': string | undefined;
  readonly 'pcap-out': string | undefined;
  readonly engine: string | undefined;
  readonly stats: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface GuestOptions {
  readonly memoryBytes: number;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** 32 bytes of that entropy for the device tree. */
  readonly rngSeed: Uint8Array;
  /** Wall clock at power-on where it is fixed: nothing of such a run comes from the host's clock. */
  readonly wallClock: bigint | undefined;
  readonly devices: readonly DeviceConfiguration[];
  /** The links of the network devices, by slot. */
  readonly networks: ReadonlyMap<number, NetOption>;
  /** The images of the disks, by slot; their devices come with them. */
  readonly disks: ReadonlyMap<number, DiskOption>;
  /** The slot of the console that takes the standard input; 0: the serial port. */
  readonly consoleDevice: number;
  /** What the guest gets at the end of a standard input that is no terminal. */
  readonly endOfInput: Uint8Array;
  readonly commandLine: string;
  readonly until: number | undefined;
  /** Milliseconds. */
  readonly timeLimit: number | undefined;
  readonly engine: EngineKind;
  /** Whether the time in each tier of the engine is to be told. */
  readonly stats: boolean;
}

const DEFAULT_MEMORY = 128 * 2 ** 20;
const RNG_SLOT = 7;
const CONSOLE_SLOT = 6;
const CTRL_D = 0x04;
/** Most networks and disks together, where there are disks: the console has its slot behind them. */
const MOST_DEVICES = CONSOLE_SLOT;
/** What Linux takes for its command line. */
const COMMAND_LINE_BYTES = 1023;
/** 2020-01-01T00:00:00Z in nanoseconds: when runs begin that take nothing from the host. */
const FIXED_WALL_CLOCK = 1_577_836_800_000_000_000n;

/** Throws UsageFailure with one sentence that names the option. */
export async function readGuestOptions(flags: GuestFlags): Promise<GuestOptions> {
  const memoryBytes = (await readFlag('memory', flags.memory, memorySize)) ?? DEFAULT_MEMORY;
  const clock = (await readFlag('clock', flags.clock, clockName)) ?? 'host';
  const until = await readFlag('until', flags.until, position);
  const timeLimit = await readFlag('time-limit', flags['time-limit'], duration);
  const engine = (await readFlag('engine', flags.engine, engineKind)) ?? 'auto';
  const commandLine = readCommandLine(flags.append ?? '');
  const hasConsole = (await readFlag('console', flags.console, oneOf('uart', 'virtio'))) === 'virtio';
  const ctrlD = (await readFlag('stdin-eof', flags['stdin-eof'], oneOf('ignore', 'ctrl-d'))) === 'ctrl-d';
  const networks = await readNetworks(flags.net ?? [], hasConsole ? CONSOLE_SLOT : RNG_SLOT);
  const disks = await readDisks(flags.disk ?? [], networks.size);
  const entropy = parseEntropy(flags.entropy ?? 'host');
  const seeded = !(entropy instanceof HostEntropy);
  const devices: DeviceConfiguration[] = [...networks].map(([slot, { mac }]) => ({
    kind: 'net',
    slot,
    mac: mac ?? defaultMac(slot),
  }));
  if (hasConsole) devices.push({ kind: 'console', slot: CONSOLE_SLOT });
  devices.push({ kind: 'rng', slot: RNG_SLOT });
  return {
    ...{
      memoryBytes,
      clock,
      entropy,
      devices,
      networks,
      disks,
      commandLine,
      until,
      timeLimit,
      engine,
      stats: flags.stats,
    },
    consoleDevice: hasConsole ? CONSOLE_SLOT : 0,
    endOfInput: ctrlD ? Uint8Array.of(CTRL_D) : new Uint8Array(0),
    rngSeed: entropy.bytes(32),
    wallClock: clock === 'virtual' && seeded ? FIXED_WALL_CLOCK : undefined,
  };
}

/** @param most slots there are for networks, from 0 on */
async function readNetworks(specifications: readonly string[], most: number): Promise<Map<number, NetOption>> {
  if (specifications.length === 0) return new Map();
  if (specifications.length > most) {
    throw new UsageFailure(`--net can be given ${most} times, not ${specifications.length}.`);
  }
  const { parseNet } = await import('../../host/net.js');
  return new Map(specifications.map((text, slot) => [slot, parseNet(text)]));
}

/** Disks are in the slots behind the networks. */
async function readDisks(specifications: readonly string[], networks: number): Promise<Map<number, DiskOption>> {
  if (specifications.length === 0) return new Map();
  const count = networks + specifications.length;
  if (count > MOST_DEVICES) {
    const together = networks > 0 ? '--net and --disk can be given' : '--disk can be given';
    throw new UsageFailure(`${together} ${MOST_DEVICES} times${networks > 0 ? ' together' : ''}, not ${count}.`);
  }
  const { parseDisk } = await import('../../host/disk-option.js');
  return new Map(specifications.map((text, i) => [networks + i, parseDisk(text)]));
}

/** Of the range that QEMU gives its own devices; the last byte tells them apart. */
function defaultMac(slot: number): Uint8Array {
  return Uint8Array.of(0x52, 0x54, 0x00, 0x12, 0x34, 0x56 + slot);
}

function readCommandLine(text: string): string {
  const { length } = new TextEncoder().encode(text);
  if (length > COMMAND_LINE_BYTES || text.includes('\0')) {
    throw new UsageFailure(`--append takes a text of at most ${COMMAND_LINE_BYTES} bytes, not of ${length}.`);
  }
  return text;
}
