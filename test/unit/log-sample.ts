// What the log's tests share: a log in memory, read and written in pieces of any size, and a sample of every entry.

import type { Entry, LogEntry } from '../../src/log/entry.js';
import type { LogError } from '../../src/log/errors.js';
import type { Header, NewHeader } from '../../src/log/header.js';
import type { ReaderOptions, Stretch, Tear } from '../../src/log/reader.js';
import { LogReader } from '../../src/log/reader.js';
import type { ByteSink, ByteSource } from '../../src/log/stream.js';
import { singly } from '../../src/log/entry.js';
import { LogWriter } from '../../src/log/writer.js';

/** A sink that keeps what it is given. */
export class MemorySink implements ByteSink {
  readonly chunks: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.chunks.push(bytes.slice());
  }

  get bytes(): Uint8Array {
    return joined(this.chunks);
  }
}

/** A source of `bytes`, `step` at a time. */
export function sourceOf(bytes: Uint8Array, step = 65536): ByteSource {
  let at = 0;
  return {
    read() {
      const chunk = bytes.subarray(at, at + step);
      at += chunk.length;
      return Promise.resolve(chunk.length === 0 ? null : chunk);
    },
  };
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

export function sampleHeader(changes: Partial<NewHeader> = {}): NewHeader {
  return {
    producer: 'vmft 0.1.0',
    machine: {
      behaviour: 1,
      memory: 128 * 1024 * 1024,
      clock: 'host',
      commandLine: 'console=ttyS0',
      devices: [
        { kind: 'net', slot: 0, mac: Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56) },
        { kind: 'rng', slot: 1 },
      ],
    },
    rngSeed: Uint8Array.from({ length: 32 }, (_, n) => n),
    wallClock: 1_790_000_000_123_456_789n,
    digestDistance: 1_000_000,
    images: [],
    disks: [],
    ...changes,
  };
}

/** One entry of every type, in order, with time reads single and gathered. */
export const SAMPLE: readonly Entry[] = [
  { type: 'time', position: 10, time: 5 },
  { type: 'tick', position: 200_000, time: 10_000 },
  { type: 'time', position: 200_040, time: 10_003 },
  { type: 'time', position: 200_080, time: 10_002 },
  { type: 'time', position: 500_000, time: 23_456 },
  { type: 'entropy', position: 500_000, data: Uint8Array.of(1, 2, 3) },
  { type: 'packet', position: 500_001, device: 0, data: Uint8Array.from({ length: 60 }, (_, n) => n) },
  { type: 'console', position: 500_001, device: 2, data: Uint8Array.of(0x6c, 0x73, 0x0a) },
  { type: 'output', position: 500_002, kind: 'console', device: 0, length: 6, hash: 0x0123456789abcdefn },
  { type: 'output', position: 500_003, kind: 'packet', device: 0, length: 60, hash: 0xffffffffffffffffn },
  { type: 'output', position: 500_004, kind: 'disk', device: 3, length: 4096, hash: 1n },
  { type: 'digest', position: 1_000_000, digest: 0x8000000000000000n },
  { type: 'output', position: 1_000_007, kind: 'power', device: 0, length: 0, hash: 0n },
  { type: 'disk', position: 1_000_007, device: 3, request: 0, status: 0, data: Uint8Array.of(1, 2) },
  { type: 'disk', position: 1_000_007, device: 0, request: 300, status: 1, data: new Uint8Array(0) },
];

export const END = { type: 'end', position: 1_000_007, reason: 'power-off', status: 3 } as const;

/** The log of `entries`, flushed after each whose index `flushAfter` says so. */
export function logOf(
  entries: readonly LogEntry[],
  { header = sampleHeader(), flushAfter = (_: number): boolean => false, end = true } = {},
): Uint8Array {
  const sink = new MemorySink();
  const writer = new LogWriter(sink, header);
  entries.forEach((entry, index) => {
    writer.write(entry);
    if (flushAfter(index)) writer.flush();
  });
  if (end) writer.end({ ...END, position: Math.max(END.position, writer.position) });
  else writer.flush();
  return sink.bytes;
}

/** All that a reader makes of a log, up to its end or its first error. */
export interface Reading {
  header: Header | null;
  entries: Entry[];
  stretches: Stretch[];
  whole: boolean;
  torn: Tear | null;
  error: LogError | null;
}

/** Reads a log to its end or first LogError; any other error is thrown on. */
export async function readLog(bytes: Uint8Array, step = 65536, options: ReaderOptions = {}): Promise<Reading> {
  const reader = new LogReader(sourceOf(bytes, step), options);
  const reading: Reading = { header: null, entries: [], stretches: [], whole: false, torn: null, error: null };
  try {
    if (options.mark === undefined) reading.header = await reader.header();
    for (let stretch; (stretch = await reader.next()) !== null;) {
      reading.stretches.push(stretch);
      for (const entry of stretch.entries) reading.entries.push(...singly(entry));
    }
  } catch (error) {
    if (typeof (error as LogError).offset !== 'number') throw error;
    reading.error = error as LogError;
  }
  reading.whole = reader.whole;
  reading.torn = reader.torn;
  return reading;
}
