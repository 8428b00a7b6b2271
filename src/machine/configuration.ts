/**
 * What a machine is built from. With the same configuration, the same image and the same inputs, two machines make the
 * same execution; all of it goes into a log's header.
 */

import { MAX_RAM_BYTES, PAGE_BYTES } from '../hart/layout.js';

export type Clock = 'host' | 'virtual';

export interface DiskConfiguration {
  readonly kind: 'block';
  readonly slot: number;
  /** Bytes: a multiple of 512. */
  readonly capacity: number;
  /** `snapshot`: the image stays as it is, and the machine keeps what the guest writes. `rw`: writes go to the image. */
  readonly mode: 'snapshot' | 'rw';
  readonly readOnly: boolean;
}

export type DeviceConfiguration =
  | { readonly kind: 'net'; readonly slot: number; readonly mac: Uint8Array }
  | { readonly kind: 'rng'; readonly slot: number }
  /** In slot 0, which as the device of console bytes also means the serial port, it takes what is typed at that. */
  | { readonly kind: 'console'; readonly slot: number }
  | DiskConfiguration;

/** What RAM a machine may have, in bytes: from, to, and a multiple of. */
export const MEMORY = { minimum: 2 ** 20, maximum: MAX_RAM_BYTES, step: PAGE_BYTES } as const;
/** virtio-mmio slots. */
export const SLOTS = 8;

export interface MachineConfiguration {
  /** As MEMORY says. */
  readonly memoryBytes: number;
  /** `host`: time is an input. `virtual`: time is a function of position. */
  readonly clock: Clock;
  /** 32 bytes for the device tree's /chosen/rng-seed. */
  readonly rngSeed: Uint8Array;
  /** Wall clock at power-on, nanoseconds since 1970, for the real-time clock. */
  readonly wallClockBase: bigint;
  /** virtio-mmio slots 0 to 7 that hold a device. */
  readonly devices: readonly DeviceConfiguration[];
  /** The device tree's /chosen/bootargs. */
  readonly commandLine: string;
}

/** Frequency of `time` and mtime. */
export const TIMEBASE_HZ = 10_000_000;
/** The virtual clock counts one tick for this many instructions: 100 million instructions a second. */
export const VIRTUAL_INSTRUCTIONS_PER_TICK = 10;

/** Bumped when the same inputs would lead to another execution than with the version before. */
export const MACHINE_VERSION = 3;
