/**
 * Every fixture guest, with the world it is recorded in: what is typed, which frames come, where a guest is cut that
 * does not end or takes long. All that is done to "every guest" is done to this list.
 */
import { readdirSync } from 'node:fs';

import type { RecordingOptions, WorldDisk } from './replay-rig.js';

const arp = (from: number): Uint8Array => {
  const mac = [0x02, 0, 0, 0, 0, from];
  const question = [0, 1, 8, 0, 6, 4, 0, 1, ...mac, 10, 0, 2, 2, 0, 0, 0, 0, 0, 0, 10, 0, 2, 15];
  return Uint8Array.from([255, 255, 255, 255, 255, 255, ...mac, 8, 6, ...question, ...new Array<number>(18).fill(0)]);
};

/** A UDP datagram without a checksum, from port 4000. */
const udp = (port: number, text: string): Uint8Array => {
  const payload = new TextEncoder().encode(text);
  const length = 28 + payload.length;
  const ip = [0x45, 0, 0, length, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 2, 2, 10, 0, 2, 15];
  let sum = 0;
  for (let i = 0; i < 20; i += 2) sum += ip[i] * 256 + ip[i + 1];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  ip[10] = (~sum >>> 8) & 255;
  ip[11] = ~sum & 255;
  const header = [0x52, 0x54, 0, 0x12, 0x34, 0x56, 2, 0, 0, 0, 0, 1, 8, 0];
  return Uint8Array.from([...header, ...ip, 15, 160, port >> 8, port & 255, 0, 8 + payload.length, 0, 0, ...payload]);
};

export const FRAMES = [arp(1), udp(7, 'ping'), udp(7, 'a longer datagram'), arp(2), udp(7, 'x'), udp(9, 'quit')];
export const TYPED = [
  'he',
  'lp\n',
  'echo one\b\b\btwo\n',
  'nonsense\n',
  '\x03',
  'regs\n',
  'exit 7\n',
  'exit\n',
  '\x04',
];

/** The long forms of the compute guests do the same for longer: a part of them is enough. */
const PART: RecordingOptions = { until: 1_000_000, digestDistance: 100_000 };

/** More memory than the other guests need. */
const ROOMY: RecordingOptions = { configuration: { memoryBytes: 8 * 2 ** 20 } };

/** A disk of 160 KiB; what it holds is no pattern that a cluster or sector repeats. */
const IMAGE = Uint8Array.from({ length: 160 * 1024 }, (_, i) => (i * 2654435761) >>> 23);
const DISKS: readonly WorldDisk[] = [
  { image: IMAGE },
  { image: IMAGE, logReads: true },
  { image: IMAGE, written: true },
];
/** A machine with one of those disks in slot 0. */
const diskWorld = (number: number): RecordingOptions => {
  const disk = DISKS[number];
  const mode = disk.written ? 'rw' : 'snapshot';
  return {
    disks: new Map([[0, disk]]),
    configuration: { devices: [{ kind: 'block', slot: 0, capacity: IMAGE.length, mode, readOnly: false }] },
  };
};
export const DISK_WORLDS = DISKS.map((_, number) => diskWorld(number));

/** More writes than the log has room for; some come again, some too early, and some are none. */
const KEYVAL_REQUESTS = [
  ...Array.from({ length: 14 }, (_, n) => [
    `SET a${n % 5} ${n + 1} key${n % 3} value-${n}`,
    `ADD b${n % 5} ${n + 1} sum`,
  ]),
  ['SET a4 10 key0 value-9', 'GET c 1 key0', 'GET d 1 none', 'ADD e 1 key1', 'SET e 1', 'nonsense', 'ADD b1 12 sum'],
  ['STOP'],
].flat();

/** A network card in slot 0, and in slot 1 a disk that is written to. */
const KEYVAL_IMAGE = IMAGE.slice(0, 4096);
export const KEYVAL: RecordingOptions = {
  frames: [arp(1), ...KEYVAL_REQUESTS.map((text) => udp(7000, text))],
  disks: new Map([[1, { image: KEYVAL_IMAGE, written: true }]]),
  configuration: {
    devices: [
      { kind: 'net', slot: 0, mac: Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56) },
      { kind: 'block', slot: 1, capacity: KEYVAL_IMAGE.length, mode: 'rw', readOnly: false },
    ],
  },
};

const VCONSOLE: RecordingOptions = {
  configuration: { devices: [{ kind: 'console', slot: 6 }] },
  console: 6,
  sizes: [
    [80, 24],
    [80, 24],
    [132, 43],
  ],
  typed: ['hel', 'lo\r', 'a line that is longer than one buffer of the driver, and more\n', 'two\nlines\n', 'exit 5\n'],
};

export const GUESTS: readonly (readonly [name: string, options: RecordingOptions])[] = [
  ['hello', {}],
  ['clock-small', {}],
  ['clock', { until: 200_000 }],
  ['dice', {}],
  ['disk', diskWorld(0)],
  ['disk-long', { ...PART, ...diskWorld(2), until: 3_000_000 }],
  ['paging', {}],
  ['remap', {}],
  ['smc', {}],
  ['generate-small', {}],
  ['generate', { ...PART, ...ROOMY }],
  ['generate-endless', { ...PART, ...ROOMY }],
  ['race-once', { digestDistance: 2 ** 20 }],
  ['race', { digestDistance: 2 ** 20, until: 10_000_000 }],
  ['idle', {}],
  ['idle-second', {}],
  ['idle-hour', {}],
  ['shell', { typed: TYPED }],
  ['echo', { frames: FRAMES }],
  ['keyval', KEYVAL],
  ['vconsole', VCONSOLE],
  ['sort-small', {}],
  ['bits-small', {}],
  ['bytecode-small', {}],
  ['calls-small', {}],
  ['chase-small', {}],
  ['matrix-small', {}],
  ['nbody-small', {}],
  ['queens-small', {}],
  ['sort', PART],
  ['bits', PART],
  ['bytecode', PART],
  ['calls', PART],
  ['chase', { ...PART, ...ROOMY }],
  ['matrix', PART],
  ['nbody', PART],
  ['queens', PART],
  ['supervisor', {}],
  ['supervisor-failing', {}],
  ['supervisor-rebooting', { digestDistance: 2 ** 20 }],
  ['storm', { until: 50_000 }],
  ['traploop', { until: 50_000 }],
  ['flood-small', PART],
  ['flood', PART],
  ['flood-endless', PART],
];

/** The prebuilt guests there are. */
export function prebuiltGuests(): string[] {
  const files = readdirSync(new URL('../../fixtures/guests/prebuilt', import.meta.url));
  return files.filter((file) => file.endsWith('.bin')).map((file) => file.slice(0, -'.bin'.length));
}
