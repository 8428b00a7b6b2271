/** The frames of the logging channel: each comes back as it was, and whatever else comes is refused. */
import fc from 'fast-check';

import { vmft } from '#proto/channel.js';
import { decodeFrame, encodeFrame, MalformedFrame, type Frame, type Welcome } from '../../src/pair/frames.js';

const SEED = 20101213;
const { v1 } = vmft;

const number = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER));
const uint32 = fc.oneof(fc.nat(0xffff_ffff), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1));
const time = fc.double({ min: 0, max: 1e15, noNaN: true }).map((value) => value + 0);
const content = fc.uint8Array({ maxLength: 200 });
const name = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !/\p{Cc}/u.test(text));
const names = fc.array(name, { maxLength: 4 });
const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 1, maxLength: 64 });

const type = <T extends Frame['type']>(value: T): fc.Arbitrary<T> => fc.constant(value);
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    type: type('hello'),
    format: name,
    version: uint32,
    build: fc.constantFrom('vmft 0.1.0', ''),
    behaviour: uint32,
  }),
  fc.record({
    ...{ type: type('welcome'), run: hex, epoch: fc.integer({ min: 1, max: 0xffff_ffff }), holder: hex, arbiter: name },
    ...{ networks: names, disks: names, identities: names, host: name },
    ...{ timeout: fc.integer({ min: 1, max: 2 ** 31 - 1 }), console: uint32 },
  }),
  fc.record({ type: type('refusal'), reason: fc.constantFrom('Not you.', 'Größer als „das“, 0 € — and no more.', '') }),
  fc.record({ type: type('log'), bytes: content }),
  fc.record({ type: type('pages'), numbers: fc.array(uint32, { maxLength: 300 }), content }),
  fc.record({
    ...{ type: type('clusters'), slot: uint32, numbers: fc.array(number, { maxLength: 300 }) },
    ...{ written: fc.array(uint32, { maxLength: 300 }), content },
  }),
  fc.record({
    ...{ type: type('state'), fields: content, digest: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
    ...{ position: number, time: number },
  }),
  fc.record({ type: type('received'), offset: number, position: number, stamp: time }),
  fc.record({
    ...{ type: type('beat'), time: number, released: number, stamp: time, position: number },
    leased: fc.boolean(),
  }),
  fc.record({ type: type('leave') }),
);

/** Bytes that lie in a larger buffer, as they come from a socket, compare as what they hold. */
const plain = (value: Frame): unknown =>
  Object.fromEntries(
    Object.entries(value).map(([key, part]: [string, unknown]) => [
      key,
      part instanceof Uint8Array ? Buffer.from(part).toString('hex') : part,
    ]),
  );

/** What comes of bytes: a frame, or that it is none. Anything else is thrown on. */
function attempt(bytes: Uint8Array): Frame | undefined {
  try {
    return decodeFrame(bytes);
  } catch (error) {
    if (!(error instanceof MalformedFrame)) throw error;
    return undefined;
  }
}

it('every frame comes back as it was', () => {
  fc.assert(
    fc.property(frame, (value) => {
      expect(plain(decodeFrame(encodeFrame(value)))).toEqual(plain(value));
    }),
    { seed: SEED, numRuns: 1000 },
  );
});

it('any bytes are a frame or are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void attempt(bytes)),
    { seed: SEED, numRuns: 3000 },
  );
});

it('frames with bits flipped, bytes cut off, put in or doubled are frames or are refused', () => {
  const change = fc.record({ at: fc.nat(), what: fc.nat(3), bit: fc.nat(7) });
  fc.assert(
    fc.property(frame, fc.array(change, { minLength: 1, maxLength: 4 }), (value, changes) => {
      let bytes = [...encodeFrame(value)];
      for (const { at, what, bit } of changes) {
        const place = at % Math.max(1, bytes.length);
        if (what === 0) bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
        else if (what === 1) bytes = bytes.slice(0, place);
        else if (what === 2) bytes.splice(place, 0, bit * 31);
        else bytes = [...bytes, ...bytes.slice(place)];
      }
      attempt(Uint8Array.from(bytes));
    }),
    { seed: SEED, numRuns: 3000 },
  );
});

it.each<[string, Uint8Array]>([
  ['nothing', new Uint8Array(0)],
  ['a field that there is not', Uint8Array.of(0x7a, 0)],
  ['text', new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')],
  ['a length behind the end', Uint8Array.of(0x22, 0x80, 0x80, 0x80, 0x08)],
  ['groups without an end', new Uint8Array(60_000).fill(0x7b)],
])('%s is none', (_name, bytes) => {
  expect(attempt(bytes)).toBeUndefined();
});

describe('numbers out of range are refused', () => {
  const large = { low: 0, high: 0x0020_0000, unsigned: true } as never;
  it.each<[string, vmft.v1.Frame.$Properties]>([
    ['an offset of 2^53', { received: { offset: large } }],
    ['a position of 2^53', { received: { position: large } }],
    ['a count of 2^53', { beat: { released: large } }],
    ['a guest time of 2^53', { beat: { time: large } }],
    ['a state at 2^53', { state: { position: large } }],
    ['a cluster 2^53', { clusters: { numbers: [large] } }],
    ['a stamp without a number', { received: { stamp: NaN } }],
    ['a stamp without an end', { received: { stamp: Infinity } }],
    ['a stamp before all', { beat: { stamp: -1 } }],
  ])('%s', (_name, message) => {
    expect(attempt(v1.Frame.encode(message).finish())).toBeUndefined();
  });
});

describe('a welcome', () => {
  const sound: Welcome = {
    ...{ type: 'welcome', run: 'ab12', epoch: 1, holder: 'cd34', arbiter: 'file:/tmp', networks: [], disks: [] },
    ...{ identities: [], host: 'h', timeout: 2000, console: 0 },
  };
  it.each<[string, Partial<Welcome>]>([
    ['of a run that leads elsewhere', { run: '../../etc' }],
    ['without a run', { run: '' }],
    ['of no epoch', { epoch: 0 }],
    ['of nobody', { holder: '' }],
    ['of a holder of two lines', { holder: 'a\nb' }],
    ['that does not wait', { timeout: 0 }],
    ['that waits for longer than a timer can', { timeout: 2 ** 31 }],
    ['whose arbiter rings a bell', { arbiter: 'file:\x07' }],
    ['whose disk clears the screen', { disks: ['a.img', '\x1b[2J'] }],
    ['whose network is of two lines', { networks: ['stream:/a\n'] }],
  ])('%s is none', (_name, changes) => {
    expect(attempt(encodeFrame(sound))).toEqual(sound);
    expect(attempt(encodeFrame({ ...sound, ...changes }))).toBeUndefined();
  });
});

it('what a stranger says of itself or against this side is one line that a terminal can show', () => {
  const evil = 'no\x1b[2J\r\nvmft: all is well\u202e\u0000.';
  const refusal = decodeFrame(encodeFrame({ type: 'refusal', reason: evil + 'x'.repeat(10_000) }));
  const hello = decodeFrame(encodeFrame({ type: 'hello', format: 'vmft', version: 1, build: evil, behaviour: 1 }));
  for (const text of [refusal.type === 'refusal' ? refusal.reason : '', hello.type === 'hello' ? hello.build : '']) {
    expect(text).toMatch(/^no \[2J vmft: all is well \.x*$/);
    expect(text.length).toBeLessThanOrEqual(500);
  }
});
