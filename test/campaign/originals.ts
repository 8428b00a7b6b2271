/**
 * The logs that are mutated: small recordings of every kind of entry, made in memory from a seed, each with its guest in
 * it; and what every prefix of them replays to.
 */
import { readFileSync } from 'node:fs';

import type { Header } from '../../src/log/header.js';
import { LogReader, type Stretch } from '../../src/log/reader.js';
import { arpRequest, datagram } from '../support/frames.js';
import { guest } from '../support/vmft.js';
import {
  Dice,
  MemorySource,
  record,
  type MadeRecording,
  type RecordingOptions,
  type World,
} from '../guest/replay-rig.js';

export interface Original {
  readonly name: string;
  readonly log: Uint8Array;
  readonly header: Header;
  readonly stretches: readonly Stretch[];
  readonly outputs: World['outputs'];
  readonly run: MadeRecording['run'];
  /** How often it is chosen: the large ones take longer. */
  readonly weight: number;
}

const MEMORY = 2 ** 20;
const PADDING = 2.5 * 2 ** 20;

const FRAMES = [arpRequest(), ...['ping', 'a longer datagram', 'x'].map((text) => datagram(7, Buffer.from(text)))];
const QUIT = datagram(9, Buffer.from('quit'));
const TYPED = ['he', 'lp\n', 'echo one\b\b\btwo\n', 'sum 5\n', '\x03', 'time\n', 'exit 7\n', 'exit\n', '\x04'];

/** A disk of a few sectors, whose reads the log holds. */
const IMAGE = Uint8Array.from({ length: 24 * 512 }, (_, n) => n >> 4);
const DISK: RecordingOptions = {
  disks: new Map([[0, { image: IMAGE, written: true }]]),
  configuration: { devices: [{ kind: 'block', slot: 0, capacity: IMAGE.length, mode: 'rw', readOnly: false }] },
  digestDistance: 20_000,
  until: 300_000,
};

const RECIPES: readonly (readonly [name: string, weight: number, options: RecordingOptions])[] = [
  ['hello', 6, { digestDistance: 100 }],
  ['dice', 8, { digestDistance: 2000 }],
  ['clock-small', 8, { until: 20_000, digestDistance: 4000 }],
  ['clock-small', 2, { until: 20_000, configuration: { clock: 'virtual' } }],
  ['shell', 8, { typed: TYPED, digestDistance: 5000 }],
  ['echo', 8, { frames: [...FRAMES, QUIT], digestDistance: 5000 }],
  ['disk', 4, DISK],
  ['storm', 4, { until: 20_000, digestDistance: 5000 }],
  ['paging', 2, { until: 30_000, digestDistance: 7000 }],
  ['clock', 1, { until: 600_000, digestDistance: 100_000 }],
  ['echo', 1, { frames: Array.from({ length: 120 }, (_, n) => FRAMES[n % FRAMES.length]).concat(QUIT) }],
];

/** The logs of a campaign; `names`: of these guests only. */
export async function makeOriginals(seed: number, names?: readonly string[]): Promise<Original[]> {
  const originals: Original[] = [];
  for (const [name, weight, options] of RECIPES) {
    if (names?.includes(name) === false) continue;
    const made = await record(name, {
      ...{ seed, embedded: Uint8Array.from(readFileSync(guest(`${name}.elf`))), ...options },
      configuration: { memoryBytes: MEMORY, ...options.configuration },
    });
    originals.push(await originalOf(name, weight, made));
  }
  if (names !== undefined) return originals;
  // An image of several chunks that hardly compress.
  const code = readFileSync(guest('hello.bin'));
  const dice = new Dice(seed);
  const embedded = Uint8Array.from({ length: PADDING }, (_, n) => code[n] ?? (n % 3 === 0 ? dice.roll(256) : n >> 8));
  const made = await record('padded', {
    seed,
    embedded,
    digestDistance: 100,
    configuration: { memoryBytes: 4 * MEMORY },
  });
  originals.push(await originalOf('padded', 0.3, made));
  return originals;
}

async function originalOf(name: string, weight: number, { log, outputs, run }: MadeRecording): Promise<Original> {
  const reader = new LogReader(new MemorySource(log));
  const header = await reader.header();
  const stretches: Stretch[] = [];
  for (let stretch = await reader.next(); stretch !== null; stretch = await reader.next()) stretches.push(stretch);
  return { name, log, header, stretches, outputs, run, weight };
}

/** One of the originals, the heavier the likelier. */
export function chosen(originals: readonly Original[], dice: Dice): Original {
  const total = originals.reduce((sum, { weight }) => sum + weight, 0);
  let left = (dice.roll(2 ** 20) / 2 ** 20) * total;
  return originals.find(({ weight }) => (left -= weight) < 0) ?? originals[0];
}
