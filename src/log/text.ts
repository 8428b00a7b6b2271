// Logs for people and for programs: an entry as a line and as a JSON value, a header as lines and as a JSON value,
// statistics as rows.

import type { DiskEntry, Entry } from './entry.js';
import type { DeviceConfiguration, Header } from './header.js';
import type { Statistics } from './statistics.js';
import { CAUSES } from './statistics.js';

/** The most bytes of data that a line shows. */
const SHOWN = 32;

/** A value that JSON.stringify takes as it is. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** An entry as one line: position, type, and what it carries; long data is cut. */
export function entryText(entry: Entry): string {
  return `${String(entry.position).padStart(14)}  ${entry.type.padEnd(8)} ${content(entry)}`;
}

function content(entry: Entry): string {
  switch (entry.type) {
    case 'time':
    case 'tick':
      return String(entry.time);
    case 'entropy':
      return dataText(entry.data);
    case 'packet':
      return `slot ${entry.device}, ${dataText(entry.data)}`;
    case 'console':
      return `${slotText(entry.device)}${quoted(entry.data.subarray(0, SHOWN))}${entry.data.length > SHOWN ? '...' : ''}`;
    case 'size':
      return `slot ${entry.device}, ${entry.columns} columns, ${entry.rows} rows`;
    case 'disk':
      return `slot ${entry.device}, request ${entry.request} ${diskText(entry)}`;
    case 'output':
      return entry.kind === 'packet' || entry.kind === 'disk'
        ? `${entry.kind}, slot ${entry.device}, ${bytesText(entry.length)}, hash ${hex64(entry.hash)}`
        : `${entry.kind}, ${slotText(entry.device)}${bytesText(entry.length)}, hash ${hex64(entry.hash)}`;
    case 'digest':
      return hex64(entry.digest);
    case 'progress':
      return '';
    case 'end':
      return `${entry.reason}, status ${entry.status}${entry.detail === undefined ? '' : `: ${entry.detail}`}`;
  }
}

/** Which console: nothing is said of the serial port. */
function slotText(device: number): string {
  return device === 0 ? '' : `slot ${device}, `;
}

/** An entry as a JSON object: 64-bit hashes as 16 hex digits, data in hex and in full. */
export function entryJson(entry: Entry): Json {
  switch (entry.type) {
    case 'time':
    case 'tick':
    case 'size':
    case 'progress':
    case 'end':
      return { ...entry };
    case 'entropy':
    case 'packet':
    case 'console':
    case 'disk':
      return { ...entry, data: hex(entry.data) };
    case 'output':
      return { ...entry, hash: hex64(entry.hash) };
    case 'digest':
      return { ...entry, digest: hex64(entry.digest) };
  }
}

/** A header as lines of name and value. */
export function headerText(header: Header): [name: string, value: string][] {
  const { machine } = header;
  return [
    ['format', `vmft log ${header.version.major}.${header.version.minor}, written by ${header.producer}`],
    ['machine', `behaviour ${machine.behaviour}, ${bytesText(machine.memory)} of memory, ${machine.clock} clock`],
    ...machine.devices.map((device): [string, string] => [`slot ${device.slot}`, deviceText(device)]),
    ['command line', machine.commandLine],
    ['rng-seed', hex(header.rngSeed)],
    ['wall clock', `${header.wallClock} ns since 1970`],
    ['digests', header.digestDistance === 0 ? 'none' : `every ${header.digestDistance} instructions`],
    ...header.images.map(({ role, name, size, sha256, embedded }): [string, string] => [
      role,
      `${name}, ${bytesText(size)}${embedded ? ', embedded' : ''}, sha256 ${hex(sha256)}`,
    ]),
    ...header.disks.map(({ slot, name, size, sha256 }): [string, string] => [
      'disk',
      `${name} in slot ${slot}, ${bytesText(size)}, ${sha256.length === 0 ? 'what is read is in the log' : `sha256 ${hex(sha256)}`}`,
    ]),
  ];
}

/** A header as a JSON object; the wall clock as a decimal string, the images' data left out. */
export function headerJson(header: Header): Json {
  const { version, producer, machine, digestDistance } = header;
  return {
    ...{ version, producer, digestDistance },
    wallClock: String(header.wallClock),
    rngSeed: hex(header.rngSeed),
    machine: {
      ...machine,
      devices: machine.devices.map(({ mac, ...device }) => ({
        ...device,
        ...(mac === undefined ? {} : { mac: macText(mac) }),
      })),
    },
    images: header.images.map(({ role, name, size, sha256, embedded }) => ({
      ...{ role, name, size, embedded },
      sha256: hex(sha256),
    })),
    disks: header.disks.map(({ name, size, sha256, slot }) => ({ name, size, slot, sha256: hex(sha256) })),
  };
}

/** One row of the table of a log's bytes. */
export interface StatisticsRow {
  cause: string;
  entries: number;
  bytes: number;
  /** Of all the log's bytes: 0 to 1. */
  share: number;
}

/** The causes that occur, in a fixed order, and their total. */
export function statisticsRows(statistics: Statistics): { rows: StatisticsRow[]; total: StatisticsRow } {
  const all = statistics.bytes;
  const rows = CAUSES.map((cause) => {
    const { entries, bytes } = statistics.counts[cause];
    return { cause, entries, bytes, share: all === 0 ? 0 : bytes / all };
  }).filter(({ bytes, entries }) => bytes > 0 || entries > 0);
  return { rows, total: { cause: 'total', entries: statistics.entries, bytes: all, share: all === 0 ? 0 : 1 } };
}

/** Bytes as hex digits. */
export function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function hex64(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}

function macText(mac: Uint8Array): string {
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function deviceText({ kind, mac, capacity, writesImage, readOnly }: DeviceConfiguration): string {
  if (mac !== undefined) return `${kind}, ${macText(mac)}`;
  if (capacity === undefined) return kind;
  const kept = readOnly ? 'read only' : writesImage ? 'writes to the image' : 'a snapshot of the image';
  return `${kind}, ${bytesText(capacity)}, ${kept}`;
}

function diskText({ status, data }: DiskEntry): string {
  if (status !== 0) return `failed with status ${status}`;
  return data.length === 0 ? 'done' : `done, ${dataText(data)}`;
}

function bytesText(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

function dataText(data: Uint8Array): string {
  return `${bytesText(data.length)}: ${hex(data.subarray(0, SHOWN))}${data.length > SHOWN ? '...' : ''}`;
}

/** Bytes as a quoted string: printable ASCII as it is, all else escaped. */
export function quoted(data: Uint8Array): string {
  const text = Array.from(data, (byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    if (byte === 0x0a) return '\\n';
    if (byte === 0x0d) return '\\r';
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  });
  return `"${text.join('')}"`;
}
