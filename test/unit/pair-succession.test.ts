/** The environment of a backup that goes live: the log's answers to the last, then the world's. */
import type { Entry, LogEntry } from '../../src/log/entry.js';
import type { Stretch } from '../../src/log/reader.js';
import type { Environment, Output } from '../../src/machine/environment.js';
import { Succession } from '../../src/pair/succession.js';
import { LogExhausted } from '../../src/replay/divergence.js';
import { loadHash, type Hash } from '../../src/replay/hash.js';
import { Logged } from '../../src/replay/logged.js';
import { outputEntry } from '../../src/replay/output-entry.js';
import { Recording } from '../../src/replay/recording.js';
import { needing } from '../support/need.js';

const NEED = needing();
const said = (text: string): Output => ({ type: 'console', device: 0, data: new TextEncoder().encode(text) });
const stretch = (...entries: LogEntry[]): Stretch => ({
  ...{ offset: 0, length: 1, mark: { offset: 0, crc: 0, position: 0, time: 0 }, entries },
});

let hash: Hash;
let written: LogEntry[];
let left: string[];
let logged: Logged;
let succession: Succession;
let successor: Recording;

beforeAll(async () => {
  hash = await loadHash();
});

beforeEach(() => {
  [written, left] = [[], []];
  const world: Environment = {
    nextStop: (position) => position + 100,
    takeInputs: () => [{ type: 'tick', time: 777 }],
    readTime: () => 888,
    readEntropy: (_position, length) => new Uint8Array(length).fill(9),
    emit: (position) => void left.push(`left ${position}`),
  };
  const writer = {
    time: (position: number, time: number) => void written.push({ type: 'time', position, time }),
    write: (entry: LogEntry) => void written.push(entry),
    flush: () => void left.push('flushed'),
    end: () => true,
  };
  logged = new Logged(hash);
  succession = new Succession(logged);
  successor = new Recording(world, writer, hash, 0);
});

it('answers from the log as long as that goes, then from the world, which is recorded', () => {
  const data = Uint8Array.of(5);
  logged.feed(stretch({ type: 'time', position: 3, time: 30 }, { type: 'entropy', position: 4, data }));
  logged.feed(stretch({ type: 'tick', position: 9, time: 31 }, { type: 'progress', position: 20 }));
  expect([succession.readTime(3), succession.readEntropy(4, 1), succession.nextStop(4, NEED)]).toEqual([30, data, 9]);
  expect(succession.takeInputs(9, NEED)).toEqual([{ type: 'tick', position: 9, time: 31 }]);
  succession.prepare(successor);
  logged.close();
  // Up to where the primary is known to have been, the log has nothing, and the world is not asked.
  expect([succession.nextStop(9, NEED), succession.takeInputs(20, NEED)]).toEqual([20, []]);
  expect(succession.succeed()).toEqual([]);
  expect([succession.nextStop(20, NEED), succession.readTime(21), succession.readEntropy(22, 1)]).toEqual([
    ...[120, 888, Uint8Array.of(9)],
  ]);
  expect(succession.takeInputs(30, NEED)).toEqual([{ type: 'tick', time: 777 }]);
  expect(written.map(({ type }) => type)).toEqual(['time', 'entropy', 'tick']);
});

it('finishes an instruction that asks twice and has the log’s last answer', () => {
  logged.feed(stretch({ type: 'time', position: 3, time: 30 }));
  succession.prepare(successor);
  logged.close();
  expect([succession.readTime(3), succession.readTime(3), succession.readEntropy(3, 2)]).toEqual([
    ...[30, 888, Uint8Array.of(9, 9)],
  ]);
  expect(written).toEqual([
    { type: 'time', position: 3, time: 888 },
    { type: 'entropy', position: 3, data: Uint8Array.of(9, 9) },
  ]);
});

it('without a successor the log’s end is the end', () => {
  logged.feed(stretch({ type: 'time', position: 3, time: 30 }));
  logged.close();
  succession.readTime(3);
  expect(() => succession.readTime(3)).toThrow(LogExhausted);
  expect(() => succession.succeed()).toThrow('nobody succeeds');
});

it('asks nobody but the log while more may come', () => {
  logged.feed(stretch({ type: 'time', position: 3, time: 30 }));
  succession.prepare(successor);
  succession.readTime(3);
  expect(() => succession.readTime(3)).toThrow(LogExhausted);
  expect(written).toEqual([]);
});

describe('outputs that the log does not have', () => {
  const entry = (position: number, output: Output): Entry => outputEntry(position, output, hash);

  it('get their entries, once and in order, and do not leave by themselves', () => {
    logged.feed(stretch(entry(5, said('a')), { type: 'progress', position: 50 }));
    succession.emit(5, said('a'));
    succession.emit(7, said('b'));
    succession.emit(8, said('c'));
    succession.prepare(successor);
    logged.close();
    expect(succession.succeed()).toEqual([
      { position: 7, output: said('b') },
      { position: 8, output: said('c') },
    ]);
    expect([written, left]).toEqual([[entry(7, said('b')), entry(8, said('c'))], ['flushed']]);
    succession.emit(60, said('d'));
    expect([written.length, left]).toEqual([3, ['flushed', 'flushed', 'left 60']]);
  });

  it('come before what an instruction is answered by the world behind the end', () => {
    logged.feed(stretch({ type: 'time', position: 8, time: 30 }));
    succession.prepare(successor);
    logged.close();
    succession.readTime(8);
    succession.emit(8, said('x'));
    expect(succession.readTime(8)).toBe(888);
    succession.emit(8, said('y'));
    expect(succession.succeed().map(({ output }) => output)).toEqual([said('x'), said('y')]);
    expect(written).toEqual([entry(8, said('x')), { type: 'time', position: 8, time: 888 }, entry(8, said('y'))]);
  });
});
