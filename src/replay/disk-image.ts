/**
 * The image that a recording's disk started from, where a log leaves to it what was read: the host's side opens it.
 */
export interface DiskImage {
  /** What the image holds: exactly `length` bytes. Throws where it cannot be read. */
  read(offset: number, length: number): Uint8Array;
}

/** By the slot of their devices. */
export type DiskImages = ReadonlyMap<number, DiskImage>;
