// What stands at the start of a log: all that a replay needs before the guest's first instruction.

/** The schema's version that this code writes, and the latest it reads. */
export const FORMAT_VERSION = { major: 1, minor: 1 } as const;

export type Clock = 'host' | 'virtual';
export type Role = 'kernel' | 'firmware' | 'initrd';

export interface Header {
  version: { major: number; minor: number };
  /** The program that wrote the log, for people. */
  producer: string;
  machine: MachineConfiguration;
  /** /chosen/rng-seed of the guest's device tree, 32 bytes; empty where the guest was given none. */
  rngSeed: Uint8Array;
  /** Nanoseconds since 1970 (UTC) at which guest time was 0: an unsigned 64-bit number. */
  wallClock: bigint;
  /** A digest is recorded at every multiple of this position; 0: never. */
  digestDistance: number;
  images: Image[];
  disks: Disk[];
}

/** What a writer is given: the version is its own. */
export type NewHeader = Omit<Header, 'version'>;

/** Together with its inputs it determines the machine's state at every position. */
export interface MachineConfiguration {
  /** Version of what the machine does with given inputs. */
  behaviour: number;
  /** Bytes of RAM. */
  memory: number;
  clock: Clock;
  /** /chosen/bootargs of the guest's device tree. */
  commandLine: string;
  devices: DeviceConfiguration[];
}

/** A device in a virtio-mmio slot. */
export interface DeviceConfiguration {
  /** 'net', 'rng', 'block', 'console', ... */
  kind: string;
  slot: number;
  /** Six bytes, for a network device. */
  mac?: Uint8Array;
  /** For a disk: bytes, whether the image is written to, and whether the guest cannot write. */
  capacity?: number;
  writesImage?: boolean;
  readOnly?: boolean;
}

/** A file that was loaded into the guest's memory. */
export interface Image {
  role: Role;
  name: string;
  /** Bytes. */
  size: number;
  /** 32 bytes; src/log neither computes nor checks it. */
  sha256: Uint8Array;
  /** Whether the log holds the image itself. */
  embedded: boolean;
  /** The image's bytes. A writer needs them where `embedded`; a reader gives them there unless told to skip them. */
  data?: Uint8Array;
}

/** A disk image that the run started from; only named. */
export interface Disk {
  name: string;
  size: number;
  /** 32 bytes; empty where a replay does not need the image. */
  sha256: Uint8Array;
  slot: number;
}

/** The most bytes of the header's own record. */
export const HEADER_LIMIT = 65536;

/** The most bytes of all embedded images together (1 GiB). */
export const EMBEDDED_LIMIT = 2 ** 30;
