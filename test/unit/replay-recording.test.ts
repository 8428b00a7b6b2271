/**
 * The recording environment: every answer an entry, in order, and an output only behind its entry.
 */
import type { Entry } from '../../src/log/entry.js';
import { LogReader } from '../../src/log/reader.js';
import { singly } from '../../src/log/entry.js';
import { LogWriter } from '../../src/log/writer.js';
import type { Environment, Input, Need, Output } from '../../src/machine/environment.js';
import { loadHash, type Hash } from '../../src/replay/hash.js';
import { outputEntry } from '../../src/replay/output-entry.js';
import { Recording } from '../../src/replay/recording.js';
import { needing } from '../support/need.js';

const NEED: Need = needing();
const HELLO: Output = { type: 'console', device: 0, data: new TextEncoder().encode('hello') };

let hash: Hash;
let bytes: number[];
let events: string[];
let inputs: Input[];
let full: boolean;

const world: Environment = {
  nextStop: (position) => position + 1000,
  takeInputs: () => inputs,
  readTime: (position) => position * 10,
  readEntropy: (_position, length) => new Uint8Array(length).fill(7),
  emit: (_position, output, more = false) => void events.push(`${output.type} out${more ? ', more' : ''}`),
};

function recording(distance = 0): Recording {
  bytes = [];
  events = [];
  inputs = [];
  full = false;
  const sink = {
    write: (chunk: Uint8Array): void => {
      if (full) throw new Error('ENOSPC');
      bytes.push(...chunk);
      events.push('written');
    },
  };
  const header = {
    producer: 'test',
    machine: { behaviour: 1, memory: 4096, clock: 'host' as const, commandLine: '', devices: [] },
    rngSeed: new Uint8Array(32),
    wallClock: 0n,
    digestDistance: distance,
    images: [],
    disks: [],
  };
  return new Recording(world, new LogWriter(sink, header), hash, distance);
}

async function entries(): Promise<Entry[]> {
  let chunk: Uint8Array | null = Uint8Array.from(bytes);
  const reader = new LogReader({
    read: async () => {
      const next = chunk;
      chunk = null;
      return next;
    },
  });
  const all: Entry[] = [];
  for (let stretch = await reader.next(); stretch !== null; stretch = await reader.next()) {
    for (const entry of stretch.entries) all.push(...singly(entry));
  }
  return all;
}

beforeAll(async () => {
  hash = await loadHash();
});

describe('a recording', () => {
  it('holds every answer', async () => {
    const log = recording();
    expect(log.nextStop(0, NEED)).toBe(1000);
    expect(log.readTime(5)).toBe(50);
    expect(log.readTime(6)).toBe(60);
    expect(log.readEntropy(7, 2)).toEqual(Uint8Array.of(7, 7));
    inputs = [
      { type: 'tick', time: 99 },
      { type: 'packet', device: 2, data: Uint8Array.of(1) },
      { type: 'console', device: 0, data: Uint8Array.of(2) },
    ];
    expect(log.takeInputs(8, NEED)).toBe(inputs);
    log.emit(9, HELLO);
    expect(log.end({ position: 9, reason: 'until', status: 0 })).toBe(true);
    expect(await entries()).toEqual([
      { type: 'time', position: 5, time: 50 },
      { type: 'time', position: 6, time: 60 },
      { type: 'entropy', position: 7, data: Uint8Array.of(7, 7) },
      { type: 'tick', position: 8, time: 99 },
      { type: 'packet', position: 8, device: 2, data: Uint8Array.of(1) },
      { type: 'console', position: 8, device: 0, data: Uint8Array.of(2) },
      outputEntry(9, HELLO, hash),
      { type: 'end', position: 9, reason: 'until', status: 0 },
    ]);
  });

  it('tells how far the virtual clock was put forward before inputs that come while the guest waits', () => {
    const log = recording();
    const at = (now: number): Need => ({ ...NEED, idle: true, virtual: { now, deadline: Infinity } });
    inputs = [];
    log.takeInputs(8, at(50));
    expect(log.takeInputs(8, at(900))).toEqual([]);
    const typed: Input = { type: 'console', device: 0, data: Uint8Array.of(2) };
    inputs = [typed];
    expect(log.takeInputs(8, at(900))).toEqual([{ type: 'tick', time: 900 }, typed]);
    // Where the clock is as the position says, or a tick tells already, nothing is added.
    expect(log.takeInputs(9, at(901))).toEqual([typed]);
    inputs = [{ type: 'tick', time: 2000 }, typed];
    expect(log.takeInputs(9, at(1500))).toBe(inputs);
  });

  it('is in the sink before an output leaves', () => {
    const log = recording();
    events = [];
    log.readTime(5);
    expect(events).toEqual([]);
    log.emit(9, HELLO);
    expect(events).toEqual(['written', 'console out']);
  });

  it('lets no output leave that it could not write', () => {
    const log = recording();
    events = [];
    full = true;
    expect(() => log.emit(9, HELLO)).toThrow('ENOSPC');
    expect(() => log.emit(10, HELLO)).toThrow('ENOSPC');
    expect(events).toEqual([]);
    expect(log.end({ position: 9, reason: 'host-error', status: 74 })).toBe(false);
  });
});

describe('packets', () => {
  const REST: Need = { ...NEED, idle: true };
  const packet = (text: string): Output => ({ type: 'packet', device: 3, data: new TextEncoder().encode(text) });
  /** A recording of a guest that has sent more than an answer before its last rest, at position 2. */
  function busy(): Recording {
    const log = recording();
    for (const text of ['a', 'b', 'c']) log.emit(1, packet(text));
    log.takeInputs(2, REST);
    events = [];
    return log;
  }

  it('of a guest that sends little leave at once after each rest', () => {
    const log = recording();
    events = [];
    for (let rest = 10; rest < 40; rest += 10) {
      log.emit(rest + 1, packet('answer'));
      expect(events.splice(0)).toEqual(['written', 'packet out']);
      log.emit(rest + 2, packet('and more'));
      expect(events).toEqual([]);
      log.takeInputs(rest + 3, REST);
      expect(events.splice(0)).toEqual(['written', 'packet out']);
      // Woken by what did not end its rest, and by a timer.
      log.takeInputs(rest + 3, REST);
      log.takeInputs(rest + 4, REST);
      expect(events).toEqual([]);
    }
  });

  it('of a busy one leave together, behind one write, after some instructions or at a rest', async () => {
    const log = busy();
    const sent: readonly (readonly [number, Output])[] = [
      [5, packet('one')],
      [6, packet('two')],
      [8, packet('three')],
    ];
    for (const [position, output] of sent) log.emit(position, output);
    log.readTime(9);
    const due = log.nextStop(1_000_000, NEED);
    expect([due > 5, due < 1_000_000]).toEqual([true, true]);
    log.takeInputs(due - 1, NEED);
    expect(events).toEqual([]);
    log.takeInputs(due, NEED);
    expect(events.splice(0)).toEqual(['written', 'packet out, more', 'packet out, more', 'packet out']);
    expect(log.nextStop(1_000_000, NEED)).toBe(1_001_000);
    log.emit(due + 10, packet('four'));
    expect(events).toEqual([]);
    log.takeInputs(due + 11, REST);
    expect(events.splice(0)).toEqual(['written', 'packet out']);
    log.takeInputs(due + 15, REST);
    log.emit(due + 20, packet('at once again'));
    log.emit(due + 20, packet('last'));
    expect(events.splice(0)).toEqual(['written', 'packet out']);
    expect(log.end({ position: due + 20, reason: 'until', status: 0 })).toBe(true);
    expect(events).toEqual(['written', 'packet out', 'written']);
    const logged = (await entries()).slice(3, 7);
    expect(logged).toEqual([
      ...sent.map(([position, output]) => outputEntry(position, output, hash)),
      { type: 'time', position: 9, time: 90 },
    ]);
  });

  it('leave before what comes behind them, and before they are many', () => {
    const log = busy();
    log.emit(5, packet('one'));
    log.emit(6, HELLO);
    expect(events.splice(0)).toEqual(['written', 'packet out', 'console out']);
    log.takeInputs(6, REST);
    log.takeInputs(7, REST);
    log.emit(7, HELLO);
    log.emit(7, packet('prompt'));
    expect(events.splice(0)).toEqual(['written', 'console out', 'written', 'packet out']);
    log.emit(7, packet('x'.repeat(40_000)));
    expect(events).toEqual([]);
    log.emit(8, packet('y'.repeat(40_000)));
    expect(events.filter((event) => event !== 'written')).toEqual(['packet out, more', 'packet out']);
  });

  it('do not leave where they could not be written', () => {
    const log = busy();
    log.emit(5, packet('one'));
    full = true;
    expect(() => log.takeInputs(6, REST)).toThrow('ENOSPC');
    full = false;
    expect(log.takeInputs(6, REST)).toEqual([]);
    expect(log.end({ position: 9, reason: 'host-error', status: 74 })).toBe(false);
    expect(events).toEqual([]);
  });
});

describe('digests', () => {
  it('are due at every multiple of the distance, and at the end', async () => {
    const log = recording(100);
    const positions: number[] = [];
    for (let position = 0; position <= 450; position = Math.min(log.nextStop(position, NEED), position + 37)) {
      if (!log.digestDue(position)) continue;
      positions.push(position);
      log.writeDigest(position, BigInt(position));
    }
    expect(positions).toEqual([0, 100, 200, 300, 400]);
    log.end({ position: 450, reason: 'until', status: 0 }, () => 77n);
    const digests = (await entries()).filter(({ type }) => type === 'digest');
    expect(digests).toHaveLength(6);
    expect(digests.at(-1)).toEqual({ type: 'digest', position: 450, digest: 77n });
  });

  it('are not doubled at the end', async () => {
    const log = recording(100);
    log.writeDigest(0, 1n);
    log.end({ position: 0, reason: 'until', status: 0 }, () => 1n);
    expect((await entries()).map(({ type }) => type)).toEqual(['digest', 'end']);
  });

  it('are not there where none are wanted', async () => {
    const log = recording(0);
    expect(log.digestDue(0)).toBe(false);
    expect(log.nextStop(50, NEED)).toBe(1050);
    log.end({ position: 50, reason: 'until', status: 0 }, () => 1n);
    expect((await entries()).map(({ type }) => type)).toEqual(['end']);
  });

  it('reach the sink as signs of progress', () => {
    const log = recording(2 ** 21);
    log.writeDigest(0, 1n);
    events = [];
    log.writeDigest(2 ** 21, 1n);
    expect(events).toEqual(['written']);
  });
});
