// What a log records, entry by entry: inputs, outputs, digests and the end (VM-FT section 2.1).

/** What left the guest. */
export type OutputKind = 'console' | 'packet' | 'disk' | 'power';

/** Why a recording ended. */
export type EndReason = 'power-off' | 'until' | 'time-limit' | 'interrupted' | 'host-error';

/**
 * One entry. `position` is the instruction number (0 to 2^53 - 1), `device` the virtio-mmio slot (0 where a kind has one
 * device only), `time` guest time in ticks of 100 ns (0 to 2^53 - 1), `columns` and `rows` characters of the console's
 * terminal (0 to 65535), hashes and digests unsigned 64-bit numbers.
 */
export type Entry =
  | { type: 'time'; position: number; time: number }
  | { type: 'tick'; position: number; time: number }
  | { type: 'entropy'; position: number; data: Uint8Array }
  | { type: 'packet'; position: number; device: number; data: Uint8Array }
  | { type: 'console'; position: number; device: number; data: Uint8Array }
  | DiskEntry
  | { type: 'size'; position: number; device: number; columns: number; rows: number }
  | { type: 'output'; position: number; kind: OutputKind; device: number; length: number; hash: bigint }
  | { type: 'digest'; position: number; digest: bigint }
  /** Only on the logging channel: the primary was here. */
  | { type: 'progress'; position: number }
  | EndEntry;

/** A request to a disk is done: `request` counts those in flight from the oldest, 0; `status` 0, or 1: it failed. */
export interface DiskEntry {
  type: 'disk';
  position: number;
  device: number;
  request: number;
  status: number;
  /** What the image holds where the guest reads; empty where nothing is read, or the log leaves it to the image. */
  data: Uint8Array;
}

/** The last entry of a whole log. */
export interface EndEntry {
  type: 'end';
  position: number;
  reason: EndReason;
  /** The status that the recording ended with: 0 to 2^32 - 1. */
  status: number;
  detail?: string;
}

/** Consecutive time reads in the form that a reader hands out: the n-th read is at positions[n] and gave times[n]. */
export interface TimesEntry {
  type: 'times';
  positions: Float64Array;
  times: Float64Array;
}

/** An entry as a reader hands it out: time reads gathered, or single. */
export type LogEntry = Entry | TimesEntry;

/** The largest number of columns or rows. */
export const SIZE_LIMIT = 65_535;

/** The most bytes that one entry carries (8 MiB). */
export const DATA_LIMIT = 8 * 1024 * 1024;

/** The most time reads in one batch. */
export const BATCH_LIMIT = 4096;

/** One time read of a batch; another entry as it is. */
export function single(entry: LogEntry, read: number): Entry {
  if (entry.type !== 'times') return entry;
  return { type: 'time', position: entry.positions[read], time: entry.times[read] };
}

/** Entries one by one: a batch of time reads becomes single ones, from its `read`-th on. */
export function* singly(entry: LogEntry, read = 0): Generator<Entry> {
  if (entry.type !== 'times') yield entry;
  else for (let n = read; n < entry.times.length; n++) yield single(entry, n);
}
