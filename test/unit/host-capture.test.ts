/** Captures that are played: both formats, all byte orders and time resolutions, what is left out and what is refused. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CapturePlayer, Playback } from '../../src/host/capture-player.js';
import { Failure } from '../../src/host/failure.js';
import { PcapWriter } from '../../src/host/pcap.js';
import type { Need } from '../../src/machine/environment.js';

const folder = mkdtempSync(join(tmpdir(), 'vmft-capture-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const opened: CapturePlayer[] = [];
afterEach(() => opened.splice(0).forEach((player) => player.close()));

function written(content: Buffer): string {
  const path = join(folder, `${String(files++)}.pcap`);
  writeFileSync(path, content);
  return path;
}

function open(content: Buffer): CapturePlayer {
  const player = CapturePlayer.open(written(content));
  opened.push(player);
  return player;
}

/** Writes fields of 2, 4 and 8 bytes in one of the byte orders. */
class Order {
  constructor(readonly little: boolean) {}
  u16(value: number): Buffer {
    const bytes = Buffer.alloc(2);
    if (this.little) bytes.writeUInt16LE(value);
    else bytes.writeUInt16BE(value);
    return bytes;
  }
  u32(value: number): Buffer {
    const bytes = Buffer.alloc(4);
    if (this.little) bytes.writeUInt32LE(value);
    else bytes.writeUInt32BE(value);
    return bytes;
  }
  i64(value: bigint): Buffer {
    const bytes = Buffer.alloc(8);
    if (this.little) bytes.writeBigInt64LE(value);
    else bytes.writeBigInt64BE(value);
    return bytes;
  }
}

interface Packet {
  readonly time: bigint;
  readonly data: string;
  /** On the wire. */
  readonly length?: number;
}

function pcap(little: boolean, nanoseconds: boolean, packets: readonly Packet[], linkType = 1): Buffer {
  const { u32, u16 } = bound(little);
  const perSecond = nanoseconds ? 1_000_000_000n : 1_000_000n;
  const header = [
    u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    u16(2),
    u16(4),
    u32(0),
    u32(0),
    u32(65_535),
    u32(linkType),
  ];
  const records = packets.flatMap(({ time, data, length = data.length }) => [
    ...[u32(Number(time / perSecond)), u32(Number(time % perSecond)), u32(data.length), u32(length)],
    Buffer.from(data),
  ]);
  return Buffer.concat([...header, ...records]);
}

function bound(little: boolean): Pick<Order, 'u16' | 'u32' | 'i64'> {
  const order = new Order(little);
  return { u16: (v) => order.u16(v), u32: (v) => order.u32(v), i64: (v) => order.i64(v) };
}

const padded = (data: Buffer): Buffer => Buffer.concat([data, Buffer.alloc(-data.length & 3)]);

function block(little: boolean, type: number, ...parts: readonly Buffer[]): Buffer {
  const { u32 } = bound(little);
  const body = padded(Buffer.concat(parts));
  return Buffer.concat([u32(type), u32(body.length + 12), body, u32(body.length + 12)]);
}

function section(little: boolean): Buffer {
  const { u32, u16, i64 } = bound(little);
  return block(little, 0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), i64(-1n), u16(4), u16(3), Buffer.from('me?\0'));
}

function interfaceBlock(little: boolean, options: readonly [number, Buffer][] = [], linkType = 1, snaplen = 0): Buffer {
  const { u32, u16 } = bound(little);
  const written = options.flatMap(([code, value]) => [u16(code), u16(value.length), padded(value)]);
  return block(little, 1, u16(linkType), u16(0), u32(snaplen), ...written, u16(0), u16(0));
}

function enhanced(little: boolean, id: number, { time, data, length = data.length }: Packet): Buffer {
  const { u32, u16 } = bound(little);
  const [high, low] = [Number(time >> 32n), Number(time & 0xffff_ffffn)];
  const head = [u32(id), u32(high), u32(low), u32(data.length), u32(length)];
  return block(little, 6, ...head, padded(Buffer.from(data)), u16(1), u16(2), Buffer.from('ok\0\0'), u16(0), u16(0));
}

/** Plays a capture that begins at guest time 1000: each frame with the time at which it is due. */
function played(player: CapturePlayer): [number, string][] {
  const frames: [number, string][] = [];
  player.begin(1000);
  for (let now = player.due; now !== Infinity; now = player.due) {
    for (const data of player.take(now)) frames.push([now, Buffer.from(data).toString()]);
  }
  return frames;
}

const THREE = [
  [1000, 'first'],
  [16_000, 'second one'],
  [20_001_010, 'third'],
];

describe.each([true, false])('little-endian: %s', (little) => {
  it('pcap with microseconds and nanoseconds', () => {
    const micro = [
      { time: 1_700_000_000_999_999n, data: 'first' },
      { time: 1_700_000_001_001_499n, data: 'second one' },
      { time: 1_700_000_003_000_000n, data: 'third' },
    ];
    expect(played(open(pcap(little, false, micro)))).toEqual(THREE);
    const nano = micro.map(({ time, data }) => ({ time: time * 1000n + 50n, data }));
    expect(played(open(pcap(little, true, nano)))).toEqual(THREE);
  });

  it('pcapng with resolutions, offsets and blocks that are passed over', () => {
    const resolution = (code: number): [number, Buffer] => [9, Buffer.of(code)];
    const offset: [number, Buffer] = [14, bound(little).i64(-5n)];
    const file = Buffer.concat([
      section(little),
      interfaceBlock(little),
      interfaceBlock(little, [[2, Buffer.from('eth0')], resolution(9)]),
      interfaceBlock(little, [resolution(0x80 | 20), offset]),
      block(little, 0x0bad, Buffer.alloc(300_000)),
      enhanced(little, 0, { time: 1_700_000_000_999_999n, data: 'first' }),
      block(little, 5, Buffer.alloc(24)),
      enhanced(little, 1, { time: 1_700_000_001_001_499_000n, data: 'second one' }),
      // Units of 2^-20 s, 5 s late.
      enhanced(little, 2, { time: 1_700_000_008n << 20n, data: 'third' }),
    ]);
    expect(played(open(file))).toEqual(THREE);
  });

  it('simple and obsolete packet blocks, and another section', () => {
    const { u32, u16 } = bound(little);
    const file = Buffer.concat([
      section(little),
      interfaceBlock(little, [], 1, 4),
      block(little, 3, u32(4), Buffer.from('simp')),
      // Longer than the interface captures: cut.
      block(little, 3, u32(9), Buffer.from('simp')),
      block(little, 2, u16(0), u16(0), u32(0), u32(500), u32(5), u32(5), Buffer.from('oldie')),
      section(!little),
      interfaceBlock(!little),
      enhanced(!little, 0, { time: 700n, data: 'other' }),
    ]);
    const player = open(file);
    expect(player).toMatchObject({ frames: 3, leftOut: 1 });
    expect(played(player)).toEqual([
      [1000, 'simp'],
      [1000, 'oldie'],
      [3000, 'other'],
    ]);
  });
});

it('reads what --pcap-out writes', () => {
  const parts: Buffer[] = [];
  const writer = new PcapWriter({ write: (bytes) => void parts.push(Buffer.from(bytes)) }, 1_700_000_000_123_456_700n);
  writer.write(7, Buffer.from('a'));
  writer.write(12_345, Buffer.from('b'));
  expect(played(open(Buffer.concat(parts)))).toEqual([
    [1000, 'a'],
    [13_338, 'b'],
  ]);
});

describe('frames', () => {
  const at = (time: bigint, data: string, length?: number): Packet => ({ time, data, ...(length && { length }) });

  it('that were captured in part, are empty or too large are left out', () => {
    const player = open(pcap(true, false, [at(0n, 'cut', 60), at(5n, ''), at(9n, 'x'.repeat(65_551)), at(20n, 'ok')]));
    expect(player).toMatchObject({ frames: 1, leftOut: 3 });
    expect(played(player)).toEqual([[1000, 'ok']]);
  });

  it('never come before one that is earlier in the file', () => {
    expect(played(open(pcap(true, false, [at(50n, 'a'), at(90n, 'b'), at(40n, 'c'), at(91n, 'd')])))).toEqual([
      [1000, 'a'],
      [1400, 'b'],
      [1400, 'c'],
      [1410, 'd'],
    ]);
  });

  it('of one moment come 64 in a tick', () => {
    const frames = played(
      open(
        pcap(
          true,
          false,
          Array.from({ length: 150 }, (_, i) => at(3n, String(i))),
        ),
      ),
    );
    expect(frames.map(([, data]) => data)).toEqual(Array.from({ length: 150 }, (_, i) => String(i)));
    expect([0, 63, 64, 127, 128, 149].map((i) => frames[i]?.[0])).toEqual([1000, 1000, 1001, 1001, 1002, 1002]);
  });

  it('wait for the guest, and come into the device that has room', () => {
    const need = (...ready: number[]): Need => ({
      ...{ deadline: Infinity, idle: false, consoleRoom: 0, consoleListens: true },
      takesFrames: (device) => ready.includes(device),
      diskRequest: () => undefined,
    });
    const [a, b] = [open(pcap(true, false, [at(0n, 'a'), at(10n, 'b')])), open(pcap(true, false, [at(99n, 'c')]))];
    const playback = new Playback(new Map([[0, a], [2, b]])); // prettier-ignore
    expect(playback.take(50, need())).toEqual([]);
    expect(playback.due(need(0, 2))).toBe(Infinity);
    expect(playback.take(100, need(0))).toMatchObject([{ type: 'packet', device: 0, data: Buffer.from('a') }]);
    expect([playback.due(need(0)), playback.due(need(2))]).toEqual([200, Infinity]);
    expect(playback.take(199, need(0))).toEqual([]);
    expect(playback.take(300, need(0, 2))).toMatchObject([{ device: 0 }, { device: 2, data: Buffer.from('c') }]);
    expect(playback.due(need(0, 2))).toBe(Infinity);
    expect([a.played, b.played]).toEqual([2, 1]);
  });

  it('of a file larger than the buffer are all read', () => {
    const many = Array.from({ length: 900 }, (_, i) => at(BigInt(i), `${String(i)} `.padEnd(1500, '.')));
    expect(played(open(pcap(false, true, many))).map(([, data]) => parseInt(data))).toEqual(many.map((_, i) => i));
  });
});

describe('what makes no sense is refused with its byte offset', () => {
  const good = pcap(true, false, [{ time: 0n, data: 'abc' }]);
  const ng = Buffer.concat([section(true), interfaceBlock(true), enhanced(true, 0, { time: 0n, data: 'abcd' })]);
  const [first, second] = [section(true).length, section(true).length + interfaceBlock(true).length];
  const changed = (file: Buffer, at: number, value: number): Buffer => {
    const copy = Buffer.from(file);
    copy.writeUInt32LE(value, at);
    return copy;
  };
  it.each<[string, Buffer, RegExp]>([
    ['an empty file', Buffer.alloc(0), /is no capture that can be read: at byte 0 it is neither pcap nor pcapng\.$/],
    ['text', Buffer.from('hello, world'), /is no capture that can be read: at byte 0 it is neither pcap nor pcapng\.$/],
    ['gzip', Buffer.from('1f8b0800000000000003', 'hex'), /gunzip/],
    ['a cut header', good.subarray(0, 20), /byte 0: the file ends in the middle of its header/],
    ['another version', changed(good, 4, 0x0004_0003), /byte 4: version 3/],
    ['another link type', changed(good, 20, 113), /no Ethernet frames: byte 20 gives link type 113 \(Linux cooked\)/],
    ['a cut packet header', good.subarray(0, 30), /byte 24: the file ends in the middle of the header of a packet/],
    ['a cut packet', good.subarray(0, good.length - 1), /byte 24: the file ends in the middle of a packet/],
    ['a packet too long', changed(good, 32, 0xffff_ffff), /byte 24: a packet of 4294967295 bytes/],
    ['no byte-order magic', changed(ng, 8, 1), /byte 8: no byte-order magic/],
    ['another pcapng version', changed(ng, 12, 2), /byte 12: version 2/],
    ['a block of 8 bytes', changed(ng, first + 4, 8), new RegExp(`byte ${first + 4}: a block of 8 bytes`)],
    ['a block of 29 bytes', changed(ng, first + 4, 29), new RegExp(`byte ${first + 4}: a block of 29 bytes`)],
    ['an endless block', changed(ng, second + 4, 0xffff_fffc), /the file ends in the middle of a block/],
    ['lengths that differ', changed(ng, ng.length - 4, 40), new RegExp(`byte ${ng.length - 4}: .* another length`)],
    ['an unknown interface', changed(ng, second + 8, 7), new RegExp(`byte ${second}: a packet of interface 7`)],
    ['a packet longer than its block', changed(ng, second + 20, 500), /a packet of 500 bytes in a shorter block/],
    ['a small interface', Buffer.concat([section(true), block(true, 1)]), /shorter than what it holds/],
    ['no interface', Buffer.concat([section(true), block(true, 3, Buffer.alloc(8))]), /interface 0, not told/],
    [
      'an interface without Ethernet',
      Buffer.concat([section(true), interfaceBlock(true, [], 127), enhanced(true, 0, { time: 0n, data: 'a' })]),
      new RegExp(`byte ${first + 8} gives link type 127`),
    ],
  ])('%s', (_name, content, message) => {
    let failure: unknown;
    try {
      open(content);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(Failure);
    expect((failure as Failure).status).toBe(65);
    expect((failure as Failure).message).toMatch(message);
    expect((failure as Failure).message).toMatch(/^[^\n]*\.$/);
  });

  it.each([
    ['nowhere.pcap', 66, /There is no file/],
    ['', 66, /is a directory/],
  ])('%s', (name, status, message) => {
    expect(() => CapturePlayer.open(join(folder, name))).toThrow(message);
    expect(() => CapturePlayer.open(join(folder, name))).toThrow(expect.objectContaining({ status }));
  });
});
