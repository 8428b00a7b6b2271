/** The log that the guest `keyval` (fixtures/guests/keyval.c) keeps on its disk, read from the image and judged. */
import type { AcknowledgedWrite } from './keyval-history.js';

export const SECTOR = 512;
export const MAGIC = 'keyval 1';

export interface LogReport {
  /** Sectors of the log: what is older than so many writes has been overwritten. */
  readonly capacity: number;
  /** Records by their versions. */
  readonly records: ReadonlyMap<number, AcknowledgedWrite>;
  readonly newest: number;
  /** In words: records that are missing, that differ from what was answered, that should not be. */
  readonly faults: string[];
}

/**
 * Judges an image by the writes that were answered. A record that is not among them is one whose answer never came. Sectors
 * without a record are taken for ones that were never written: what lay there before is no fault.
 */
export function checkLog(image: Buffer, acknowledged: readonly AcknowledgedWrite[]): LogReport {
  const capacity = Math.floor(image.length / SECTOR);
  const records = new Map<number, AcknowledgedWrite>();
  const faults: string[] = [];
  const askers = new Map<string, number>();
  for (let sector = 0; sector < capacity; sector++) {
    const record = recordIn(image.subarray(sector * SECTOR, (sector + 1) * SECTOR));
    if (record === undefined) continue;
    const { version, client, seq } = record;
    if ((version - 1) % capacity !== sector) faults.push(`version ${version} lies in sector ${sector}`);
    const other = askers.get(`${client} ${seq}`);
    if (other !== undefined) faults.push(`versions ${other} and ${version} are both ${client} ${seq}`);
    askers.set(`${client} ${seq}`, version);
    records.set(version, record);
  }
  const newest = largest(records.keys());
  const answered = new Map(acknowledged.map((write) => [write.version, write]));
  // Records are written in order: below one that was answered there are all.
  const last = largest(answered.keys());
  for (let version = Math.max(1, newest - capacity + 1); version <= last; version++) {
    const record = records.get(version);
    const write = answered.get(version);
    if (record === undefined) faults.push(`version ${version} is missing${write ? `: ${JSON.stringify(write)}` : ''}`);
    else if (write !== undefined) faults.push(...differences(write, record));
  }
  return { capacity, records, newest, faults };
}

function differences(write: AcknowledgedWrite, record: AcknowledgedWrite): string[] {
  const fields = ['client', 'seq', 'operation', 'key', 'value'] as const;
  return fields
    .filter((field) => record[field] !== write[field])
    .map((field) => `version ${write.version} has ${field} ${record[field]}, not ${write[field]}`);
}

/** The record in a sector; undefined where none is, or one that is not whole. */
function recordIn(sector: Buffer): AcknowledgedWrite | undefined {
  if (sector.toString('latin1', 0, 8) !== MAGIC) return undefined;
  if (sector.readUInt32LE(SECTOR - 4) !== checksum(sector.subarray(0, SECTOR - 4))) return undefined;
  const text = (at: number, length: number): string => sector.toString('latin1', at, at + length).replace(/\0+$/, '');
  return {
    version: Number(sector.readBigUInt64LE(8)),
    seq: Number(sector.readBigUInt64LE(16)),
    client: text(32, 16),
    key: text(48, 16),
    value: text(64, 64),
    operation: text(128, 4) as AcknowledgedWrite['operation'],
  };
}

function largest(numbers: Iterable<number>): number {
  let most = 0;
  for (const number of numbers) most = Math.max(most, number);
  return most;
}

/** FNV-1a. */
export function checksum(data: Uint8Array): number {
  let sum = 2166136261;
  for (const byte of data) sum = Math.imul(sum ^ byte, 16777619);
  return sum >>> 0;
}
