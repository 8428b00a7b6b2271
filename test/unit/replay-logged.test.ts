/**
 * The environment that answers from a log: right answers at their positions, and a Divergence for anything else.
 */
import type { Entry, LogEntry } from '../../src/log/entry.js';
import type { Mark, Stretch } from '../../src/log/reader.js';
import type { Need, Output } from '../../src/machine/environment.js';
import { Divergence, LogExhausted } from '../../src/replay/divergence.js';
import { loadHash, type Hash } from '../../src/replay/hash.js';
import { Logged } from '../../src/replay/logged.js';
import { outputEntry } from '../../src/replay/output-entry.js';
import { needing } from '../support/need.js';

const NEED: Need = needing();
const mark = (offset: number): Mark => ({ offset, crc: 0, position: 0, time: 0 });
const stretch = (...entries: LogEntry[]): Stretch => ({ offset: 0, length: 1, mark: mark(0), entries });
const times = (...reads: [number, number][]): LogEntry => ({
  type: 'times',
  positions: Float64Array.from(reads, ([position]) => position),
  times: Float64Array.from(reads, ([, time]) => time),
});
const tick = (position: number, time = 0): Entry => ({ type: 'tick', position, time });
const said = (text: string): Output => ({ type: 'console', device: 0, data: new TextEncoder().encode(text) });
const sent = (text: string): Output => ({ type: 'packet', device: 2, data: new TextEncoder().encode(text) });

let hash: Hash;
let told: [number, Output][];
beforeAll(async () => {
  hash = await loadHash();
});

function logged(...stretches: Stretch[]): Logged {
  told = [];
  const environment = new Logged(hash, (position, output) => told.push([position, output]));
  for (const each of stretches) environment.feed(each);
  return environment;
}

describe('answers', () => {
  it('come in order', () => {
    const data = Uint8Array.of(1, 2);
    const log = logged(
      stretch(times([5, 50], [7, 60]), { type: 'entropy', position: 9, data }, { type: 'time', position: 9, time: 70 }),
    );
    expect([log.readTime(5), log.readTime(7), log.readEntropy(9, 2), log.readTime(9)]).toEqual([50, 60, data, 70]);
  });

  it('are refused elsewhere', () => {
    const log = (): Logged => logged(stretch(times([5, 50], [7, 60]), tick(8)));
    expect(() => log().readTime(4)).toThrow(Divergence);
    expect(() => log().readEntropy(5, 2)).toThrow(
      /asked for 2 bytes of entropy, and the log has a time read that gave 50 there/,
    );
    const passed = log();
    passed.readTime(5);
    expect(() => passed.readTime(6)).toThrow(/at position 6 the guest read the time, .* at position 7 next/);
    expect(() => passed.takeInputs(7, NEED)).toThrow(Divergence);
    expect(() => passed.nextStop(8, NEED)).toThrow(/went past what was recorded/);
  });

  it('of another length are refused', () => {
    const log = logged(stretch({ type: 'entropy', position: 3, data: new Uint8Array(4) }));
    expect(() => log.readEntropy(3, 8)).toThrow(Divergence);
  });

  it('end with the log', () => {
    const log = logged(stretch(times([1, 2], [2, 3])));
    log.close();
    log.readTime(1);
    log.readTime(2);
    expect(() => log.readTime(2)).toThrow(LogExhausted);
    const whole = logged(stretch({ type: 'end', position: 2, reason: 'until', status: 0 }));
    expect(() => whole.readTime(2)).toThrow(/the log has the end \(until\) there/);
  });
});

describe('inputs', () => {
  it('are handed out at their position, up to a digest', () => {
    const packet: Entry = { type: 'packet', position: 4, device: 1, data: Uint8Array.of(1) };
    const log = logged(stretch(tick(4, 9), packet, { type: 'digest', position: 4, digest: 7n }, tick(4, 10), tick(6)));
    expect(log.nextStop(0, NEED)).toBe(4);
    expect(log.takeInputs(0, NEED)).toEqual([]);
    expect(log.takeInputs(4, NEED)).toEqual([tick(4, 9), packet]);
    expect(log.takeInputs(4, NEED)).toEqual([]);
    expect(log.nextStop(4, NEED)).toBe(4);
    expect(log.digestAt(4)).toBe(7n);
    log.checkDigest(4, 7n);
    expect(log.takeInputs(4, NEED)).toEqual([tick(4, 10)]);
    expect(log.nextStop(4, NEED)).toBe(6);
  });

  it('that were passed over are missed', () => {
    const log = logged(stretch(tick(4), tick(9)));
    expect(() => log.takeInputs(5, NEED)).toThrow(
      /went past what was recorded, and the log has a tick .* at position 4 next/,
    );
  });

  it('time reads cause no stops', () => {
    const log = logged(stretch(times([3, 1], [4, 2]), outputEntry(5, said('x'), hash), tick(100)));
    expect(log.nextStop(0, NEED)).toBe(100);
  });
});

describe('digests', () => {
  it('that differ are a divergence, with what is around', () => {
    const log = logged(
      stretch(tick(1), times([3, 1], [4, 2]), { type: 'digest', position: 4, digest: 0xabn }, tick(5)),
    );
    log.takeInputs(1, NEED);
    log.readTime(3);
    log.readTime(4);
    try {
      log.checkDigest(4, 0xcdn);
      throw new Error('nothing was thrown');
    } catch (error) {
      expect(error).toMatchObject({ name: 'Divergence', position: 4, settled: true });
      expect((error as Error).message).toBe(
        'at position 4 the state is not what was recorded: its digest is 00000000000000cd, the log has 00000000000000ab',
      );
      expect((error as Divergence).surroundings).toEqual({
        before: [tick(1), { type: 'time', position: 3, time: 1 }, { type: 'time', position: 4, time: 2 }],
        after: [{ type: 'digest', position: 4, digest: 0xabn }, tick(5)],
      });
    }
  });
});

describe('outputs', () => {
  it('that agree are told on', () => {
    const log = logged(
      stretch(outputEntry(5, sent('ab'), hash), outputEntry(7, { type: 'power', device: 0, status: 3 }, hash)),
    );
    log.emit(5, sent('ab'));
    log.emit(7, { type: 'power', device: 0, status: 3 });
    expect(told.map(([position]) => position)).toEqual([5, 7]);
  });

  it.each<[string, number, Output, RegExp]>([
    [
      'position',
      6,
      sent('ab'),
      /at position 6 the guest sent an outgoing packet of 2 bytes from slot 2, and the log has .* at position 5/,
    ],
    ['bytes', 5, sent('ac'), /sent an outgoing packet of 2 bytes from slot 2 with other bytes than were recorded/],
    ['length', 5, sent('abc'), /of 3 bytes .* of 2 bytes/],
    ['device', 5, { ...sent('ab'), device: 3 } as Output, /slot 3/],
    ['kind', 5, said('ab'), /a console output of 2 bytes/],
  ])('with another %s are a divergence', (_what, position, output, message) => {
    const log = logged(stretch(outputEntry(5, sent('ab'), hash), tick(9)));
    expect(() => log.emit(position, output)).toThrow(message);
    expect(told).toEqual([]);
  });

  it('with another status are a divergence', () => {
    const log = logged(stretch(outputEntry(5, { type: 'power', device: 0, status: 3 }, hash)));
    expect(() => log.emit(5, { type: 'power', device: 0, status: 4 })).toThrow(Divergence);
  });

  it('that the log does not have yet wait for it', () => {
    const log = logged(stretch(outputEntry(5, sent('one'), hash)));
    log.emit(5, sent('one'));
    log.emit(5, sent('two'));
    log.emit(5, sent('three'));
    expect(told).toHaveLength(1);
    log.feed(stretch(outputEntry(5, sent('two'), hash)));
    expect(log.reaches(5)).toBe(false);
    expect(told).toHaveLength(2);
    log.feed(stretch(outputEntry(5, sent('four!'), hash), tick(9)));
    expect(() => log.reaches(5)).toThrow(/at position 5 the guest sent .* with other bytes/);
  });

  it('that the log never has are dropped', () => {
    const log = logged(stretch(tick(5)));
    log.takeInputs(5, NEED);
    log.emit(5, said('x'));
    log.close();
    expect(log.reaches(5)).toBe(false);
    expect(told).toEqual([]);
  });
});

describe('what is known of the log', () => {
  it('bounds the run', () => {
    const log = logged();
    expect(log.nextStop(0, NEED)).toBe(0);
    expect(log.reaches(0)).toBe(false);
    log.feed(stretch(tick(10)));
    expect(log.reaches(0)).toBe(true);
    expect(log.nextStop(0, NEED)).toBe(10);
    log.takeInputs(10, NEED);
    expect(log.nextStop(10, NEED)).toBe(10);
    expect(log.reaches(10)).toBe(false);
  });

  it('ends before an instruction whose last answer is the last known', () => {
    const log = logged(stretch(times([10, 1], [20, 2])));
    expect(log.nextStop(0, NEED)).toBe(19);
    log.readTime(10);
    expect(log.reaches(19)).toBe(false);
    log.feed(stretch({ type: 'entropy', position: 20, data: Uint8Array.of(1) }));
    expect(log.reaches(19)).toBe(false);
    log.close();
    expect(log.reaches(19)).toBe(true);
    expect(log.nextStop(19, NEED)).toBe(20);
  });

  it('stretches without entries change nothing', () => {
    const log = logged(stretch(tick(10)), stretch());
    expect(log.nextStop(0, NEED)).toBe(10);
  });
});

describe('places', () => {
  it('can be gone back to, in the middle of a batch', () => {
    const whole = [stretch(tick(1), times([2, 20], [3, 30], [4, 40])), stretch(tick(9))];
    const log = logged(...whole);
    log.takeInputs(1, NEED);
    log.readTime(2);
    const { cursor } = log;
    expect(cursor).toEqual({ mark: mark(0), entry: 1, read: 1, unproven: [] });
    log.readTime(3);
    log.readTime(4);
    log.takeInputs(9, NEED);
    log.rewind(cursor!);
    expect(log.nextStop(2, NEED)).toBe(2);
    for (const each of whole) log.feed(each);
    expect(log.nextStop(2, NEED)).toBe(9);
    expect([log.readTime(3), log.readTime(4)]).toEqual([30, 40]);
  });

  it('show what is around them across stretches', () => {
    const log = logged(stretch(tick(1), tick(2)), stretch(times([3, 30], [4, 40])), stretch(tick(5), tick(6)));
    log.takeInputs(1, NEED);
    log.takeInputs(2, NEED);
    log.readTime(3);
    const positions = (entries: readonly Entry[]): number[] => entries.map(({ position }) => position);
    expect(positions(log.surroundings(2).before)).toEqual([2, 3]);
    expect(positions(log.surroundings(9).before)).toEqual([1, 2, 3]);
    expect(positions(log.surroundings(2).after)).toEqual([4, 5]);
    expect(positions(log.surroundings(9).after)).toEqual([4, 5, 6]);
  });
});

describe('inputs of one position', () => {
  it('are waited for where the log breaks off among them', () => {
    const log = logged(stretch(tick(5)));
    expect(log.reaches(4)).toBe(true);
    // What else came at 5 is not known: a guest that waits must not have its virtual clock moved on before it has all.
    expect(log.reaches(5)).toBe(false);
    log.feed(stretch({ type: 'packet', position: 5, device: 0, data: Uint8Array.of(1) }));
    expect(log.reaches(5)).toBe(false);
    log.feed(stretch({ type: 'digest', position: 9, digest: 1n }));
    expect(log.reaches(5)).toBe(true);
    expect(log.takeInputs(5, NEED).map(({ type }) => type)).toEqual(['tick', 'packet']);
  });

  it('are all there is where the log ends', () => {
    const log = logged(stretch(tick(5)));
    log.close();
    expect(log.reaches(5)).toBe(true);
  });
});

describe('completions of disk requests', () => {
  const done = (position: number, request: number, data = new Uint8Array(0)): Entry => {
    return { type: 'disk', position, device: 2, request, status: 0, data };
  };
  /** Requests in flight: reads at these offsets, or writes where there is none. */
  const flying = (...offsets: (number | undefined)[]): Need => ({
    ...NEED,
    diskRequest: (device, request) => {
      if (device !== 2 || request >= offsets.length) return undefined;
      const offset = offsets[request];
      return { operation: offset === undefined ? 'write' : 'read', offset: offset ?? 0, length: 4 };
    },
  });
  const image = { read: (offset: number, length: number) => new Uint8Array(length).fill(offset) };
  const withImage = (...entries: LogEntry[]): Logged => {
    const environment = new Logged(hash, undefined, new Map([[2, image]]));
    environment.feed(stretch(...entries));
    environment.close();
    return environment;
  };
  const dataOf = (log: Logged, position: number, need: Need): number[][] =>
    log.takeInputs(position, need).map((input) => (input.type === 'disk' ? [...input.data] : []));

  it('bring what the image holds, whichever of those in flight they name', () => {
    const log = withImage(done(5, 1), done(5, 1), done(5, 0), done(5, 0), done(5, 0));
    const read = (offset: number): number[] => [offset, offset, offset, offset];
    // The second that is done as number 1 is number 2 before; then come 0, 3 and 4.
    expect(dataOf(log, 5, flying(10, undefined, 12, 13, 14))).toEqual([[], read(12), read(10), read(13), read(14)]);
  });

  it('wait for requests that those before them set off', () => {
    const log = withImage(done(5, 0), done(5, 0), tick(5));
    expect(dataOf(log, 5, flying(1))).toEqual([[1, 1, 1, 1]]);
    expect(dataOf(log, 5, flying(2))).toEqual([[2, 2, 2, 2], []]);
  });

  it('are handed on as they are where the log has what was read, or there is no such request', () => {
    const log = withImage(done(5, 0, Uint8Array.of(7, 8, 9, 9)), done(6, 3), { ...done(7, 0), status: 1 } as Entry);
    expect(dataOf(log, 5, flying(1))).toEqual([[7, 8, 9, 9]]);
    expect(dataOf(log, 6, flying(1))).toEqual([[]]);
    expect(dataOf(log, 7, flying(1))).toEqual([[]]);
  });

  it('cannot come where the image cannot be read', () => {
    const broken = {
      read: (): never => {
        throw new Error('an I/O error');
      },
    };
    const log = new Logged(hash, undefined, new Map([[2, broken]]));
    log.feed(stretch(done(5, 0)));
    expect(() => log.takeInputs(5, flying(1))).toThrow('an I/O error');
  });

  it('are not told of reads, which leave nothing', () => {
    const log = withImage(done(5, 0));
    log.emit(3, {
      type: 'disk',
      device: 2,
      operation: 'read',
      offset: 0,
      length: 4,
      data: new Uint8Array(0),
      durable: false,
    });
    expect(log.peek()).toEqual(done(5, 0));
  });
});
