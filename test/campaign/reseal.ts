/**
 * Logs as somebody makes them who knows the format (log.proto): records changed, moved, made up, and every seal computed
 * anew, so that only the reader's own checks stand between them and the machine. Such a log may be a valid one, of
 * another run.
 */
import { brotliCompressSync, constants } from 'node:zlib';

import { vmft } from '#proto/log.js';
import { checksum } from '../../src/log/compress.js';
import { SEAL_SIZE, putSeal } from '../../src/log/seal.js';
import type { Dice } from '../guest/replay-rig.js';
import { joined } from '../unit/log-sample.js';
import { filling, replaced, type Mutated } from './mutations.js';
import type { Original } from './originals.js';
import { evilNumber, fieldsOf, numbersIn, varint } from './wire-walk.js';

const HEADER_TAG = 0x0a;
const ENTRY_TAG = 0x12;
const IMAGE_TAG = 0x1a;
const SEAL_TAG = 0x22;

/** A record: what stands before its content, which may lie about it, and the content. */
interface Record {
  readonly frame: readonly number[];
  readonly body: Uint8Array;
}

/** The records between two seals. */
type Stretch = Record[];

type Mutator = (stretches: Stretch[], dice: Dice, other: Original) => void;

function record(tag: number, body: Uint8Array): Record {
  return { frame: [tag, ...varint(body.length)], body };
}

const MUTATORS: Readonly<{ [kind: string]: Mutator }> = {
  'number attacked': (stretches, dice) => changed(stretches, dice, (body) => attacked(body, dice)),
  'header’s number attacked': (stretches, dice) => changedFirst(stretches, HEADER_TAG, (body) => attacked(body, dice)),
  'end’s number attacked': (stretches, dice) => changedAt(stretches.at(-1) ?? [], -1, (body) => attacked(body, dice)),
  'bits flipped': (stretches, dice) =>
    changed(stretches, dice, (body) => {
      const bytes = body.slice();
      for (let n = 1 + dice.roll(3); n > 0 && bytes.length > 0; n--) {
        const at = dice.roll(bytes.length);
        bytes[at] = bytes[at] ^ (1 << dice.roll(8));
      }
      return bytes;
    }),
  'header’s bit flipped': (stretches, dice) =>
    changedFirst(stretches, HEADER_TAG, (body) => {
      const at = dice.roll(body.length);
      return replaced(body, at, 1, [body[at] ^ (1 << dice.roll(8))]);
    }),
  'content cut': (stretches, dice) => changed(stretches, dice, (body) => body.slice(0, dice.roll(body.length + 1))),
  'content longer': (stretches, dice) =>
    changed(stretches, dice, (body) => joined([body, filling(1 + dice.roll(300), dice)])),
  'frame attacked': (stretches, dice) => {
    const { stretch, at } = anywhere(stretches, dice);
    const { frame, body } = stretch[at];
    const lie = [...frame.slice(0, 1), ...evilNumber(Uint8Array.from(frame.slice(1)), dice)];
    stretch[at] = { frame: lie, body };
  },
  'tag changed': (stretches, dice) => {
    const { stretch, at } = anywhere(stretches, dice);
    const { frame, body } = stretch[at];
    stretch[at] = { frame: [dice.roll(256), ...frame.slice(1)], body };
  },
  'record missing': (stretches, dice) => {
    const { stretch, at } = anywhere(stretches, dice);
    stretch.splice(at, 1 + dice.roll(3));
  },
  'record doubled': (stretches, dice) => {
    const { stretch, at } = anywhere(stretches, dice);
    stretch.splice(at, 0, stretch[at]);
  },
  'record moved': (stretches, dice) => {
    const { stretch, at } = anywhere(stretches, dice);
    const [moved] = stretch.splice(at, 1) as [Record];
    const to = anywhere(stretches, dice);
    to.stretch.splice(to.at, 0, moved);
  },
  'record of another': (stretches, dice, other) => {
    const from = anywhere(dissected(other.log), dice);
    const { stretch, at } = anywhere(stretches, dice);
    stretch.splice(at, dice.roll(2), from.stretch[from.at]);
  },
  'rest of another': (stretches, dice, other) => {
    const others = dissected(other.log);
    stretches.splice(1 + dice.roll(stretches.length), Infinity, ...others.slice(1 + dice.roll(others.length)));
  },
  'record made up': (stretches, dice) => {
    const { stretch, at } = anywhere(stretches, dice);
    stretch.splice(at, 0, madeUp(dice));
  },
  'stretch missing': (stretches, dice) => void stretches.splice(dice.roll(stretches.length), 1),
  'stretch doubled': (stretches, dice) => {
    const at = dice.roll(stretches.length);
    stretches.splice(at, 0, [...stretches[at]]);
  },
  'stretch empty': (stretches, dice) => void stretches.splice(dice.roll(stretches.length + 1), 0, []),
  'stretches joined': (stretches, dice) => {
    const at = dice.roll(stretches.length);
    stretches.splice(at, 2, [...stretches[at], ...(stretches[at + 1] ?? [])]);
  },
  'end too early': (stretches, dice) => {
    const end = stretches.at(-1)?.at(-1);
    const { stretch, at } = anywhere(stretches, dice);
    if (end !== undefined) stretch.splice(at, 0, end);
  },
  'many small records': (stretches, dice) => {
    const { stretch, at } = anywhere(stretches, dice);
    const small = record(ENTRY_TAG, Uint8Array.from(dice.roll(2) === 0 ? [] : [0x30, dice.roll(2)]));
    stretch.splice(at, 0, ...new Array<Record>(1 + dice.roll(30_000)).fill(small));
  },
  'large record': (stretches, dice) => {
    const { stretch, at } = anywhere(stretches, dice);
    const size = [2 ** 16, 2 ** 20, 2 ** 23, 2 ** 23 + 1, 2 ** 23 + 1100][dice.roll(5)];
    const tag = [0x3a, 0x42, 0x4a, 0x7a][dice.roll(4)];
    stretch.splice(
      at,
      0,
      record(ENTRY_TAG, joined([Uint8Array.of(tag, ...varint(size)), new Uint8Array(size).fill(13)])),
    );
  },
  'long columns': (stretches, dice) => {
    const { stretch, at } = anywhere(stretches, dice);
    const count = [0, 1, 4095, 4096, 4097, 60_000][dice.roll(6)];
    const short = dice.roll(3) === 0 ? 1 : 0;
    const column = (tag: number, length: number): Uint8Array =>
      joined([Uint8Array.of(tag, ...varint(length)), new Uint8Array(length).fill(dice.roll(2))]);
    const columns = joined([column(0x0a, count), column(0x12, Math.max(0, count - short))]);
    stretch.splice(at, 0, record(ENTRY_TAG, joined([Uint8Array.of(0x22, ...varint(columns.length)), columns])));
  },
  'header rewritten': (stretches, dice) => changedFirst(stretches, HEADER_TAG, (body) => rewritten(body, dice)),
  'image attacked': (stretches, dice) => changedFirst(stretches, IMAGE_TAG, (body) => attackedImage(body, dice)),
};

const KINDS = Object.entries(MUTATORS);

export function resealed(original: Original, other: Original, dice: Dice): Mutated {
  const [kind, mutate] = KINDS[dice.roll(KINDS.length)];
  const stretches = dissected(original.log);
  mutate(stretches, dice, other);
  return { kind: `sealed: ${kind}`, log: assembled(stretches) };
}

/** A valid log as its records. */
export function dissected(log: Uint8Array): Stretch[] {
  const stretches: Stretch[] = [];
  let open: Stretch = [];
  for (const { tag, at, from, to } of fieldsOf(log) ?? []) {
    if (tag === SEAL_TAG) {
      stretches.push(open);
      open = [];
    } else open.push({ frame: [...log.subarray(at, from)], body: log.subarray(from, to) });
  }
  return stretches;
}

/** A log of these records, with the seals that belong there. */
export function assembled(stretches: readonly Stretch[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let crc = 0;
  let offset = 0;
  for (const stretch of stretches) {
    for (const { frame, body } of stretch) {
      for (const part of [Uint8Array.from(frame), body]) {
        crc = checksum(part, crc);
        offset += part.length;
        parts.push(part);
      }
    }
    const seal = new Uint8Array(SEAL_SIZE);
    putSeal(seal, 0, crc, offset);
    offset += SEAL_SIZE;
    parts.push(seal);
  }
  return joined(parts);
}

function anywhere(stretches: Stretch[], dice: Dice): { stretch: Stretch; at: number } {
  const full = stretches.filter(({ length }) => length > 0);
  const stretch = full[dice.roll(full.length)] ?? stretches[0] ?? [];
  return { stretch, at: dice.roll(Math.max(1, stretch.length)) };
}

function changedAt(stretch: Stretch, index: number, change: (body: Uint8Array) => Uint8Array): void {
  const at = index < 0 ? stretch.length + index : index;
  const found = stretch[at];
  if (found !== undefined) stretch[at] = record(found.frame[0] ?? 0, change(found.body));
}

function changed(stretches: Stretch[], dice: Dice, change: (body: Uint8Array) => Uint8Array): void {
  const { stretch, at } = anywhere(stretches, dice);
  changedAt(stretch, at, change);
}

function changedFirst(stretches: Stretch[], tag: number, change: (body: Uint8Array) => Uint8Array): void {
  for (const stretch of stretches) {
    const at = stretch.findIndex(({ frame }) => frame[0] === tag);
    if (at >= 0) return changedAt(stretch, at, change);
  }
}

/** A message with one of its numbers replaced; the lengths around it stay, and so lie where the number's size changes. */
function attacked(body: Uint8Array, dice: Dice): Uint8Array {
  const numbers = numbersIn(body);
  const place = numbers[dice.roll(Math.max(1, numbers.length))];
  if (place === undefined) return joined([body, Uint8Array.from(evilNumber(body.subarray(0, 1), dice))]);
  return replaced(body, place.at, place.end - place.at, evilNumber(body.subarray(place.at, place.end), dice));
}

/** A record of a tag that a log may have, or not, with bytes in it. */
function madeUp(dice: Dice): Record {
  const body = filling(dice.roll(100), dice);
  switch (dice.roll(4)) {
    case 0:
      return { frame: [(5 + dice.roll(11)) * 8, ...varint(dice.roll(2 ** 30))], body: new Uint8Array(0) };
    case 1:
      return { frame: [(5 + dice.roll(11)) * 8 + 1], body: dice.bytes(8) };
    case 2:
      return record((5 + dice.roll(11)) * 8 + 2, body);
    default:
      return record(ENTRY_TAG, body);
  }
}

/** Values that a header's fields must not have, or may just have. */
const SIZES = [
  0,
  1,
  4095,
  4096,
  4097,
  65536,
  2 ** 20,
  2 ** 20 + 4096,
  3 * 2 ** 30,
  3 * 2 ** 30 + 4096,
  2 ** 32,
  2 ** 40,
];
const MORE = [2 ** 53 - 1, 2 ** 28, 2 ** 30, 2 ** 30 + 1];

/** A header with a field that means something else. */
function rewritten(body: Uint8Array, dice: Dice): Uint8Array {
  const message = vmft.v1.Header.decode(body) as unknown as HeaderObject;
  const size = [...SIZES, ...MORE][dice.roll(SIZES.length + MORE.length)];
  const { machine } = message;
  const [image] = message.images;
  const changes: (() => void)[] = [
    () => (machine.memory = size),
    () => (message.digestDistance = size),
    () => (machine.behaviour = dice.roll(2 ** 31)),
    () => (machine.clock = dice.roll(5)),
    () => (machine.commandLine = 'a'.repeat([1, 2047, 4096, 60_000, 64_000][dice.roll(5)])),
    () => (machine.commandLine = '\0\u{1f600}\ud800\n'),
    () => machine.devices.push({ kind: 'rng', slot: [0, 1, 7, 8, 255, 2 ** 32 - 1][dice.roll(6)] }),
    () => machine.devices.push({ kind: 'net', slot: dice.roll(10), mac: dice.bytes(6) }),
    () => machine.devices.push({ kind: ['', 'block', 'net'][dice.roll(3)], slot: 2 }),
    () => (machine.devices = new Array(3000).fill({ kind: 'rng', slot: 3 }) as HeaderObject['machine']['devices']),
    () => (machine.devices = []),
    () => (message.rngSeed = dice.bytes([0, 31, 32, 33][dice.roll(4)])),
    () => (message.producer = dice.roll(2) === 0 ? 'x'.repeat(60_000) : '\x1b[2J\n\r'),
    () => (message.images = []),
    () => image && (image.size = size),
    () => image && (image.embedded = false),
    () => image && (image.role = dice.roll(5)),
    () => image && (image.sha256 = dice.bytes([0, 31, 32, 33][dice.roll(4)])),
    () => image && (image.name = ['', '../../etc/passwd', 'n'.repeat(60_000), '\x1b[2J\n'][dice.roll(4)]),
    () => image && message.images.push({ ...image, role: 1 + dice.roll(3) }),
    () =>
      image && (message.images = new Array(1000).fill({ ...image, size: 0, embedded: true }) as HeaderObject['images']),
    () => (message.major = dice.roll(4)),
    () => (message.minor = dice.roll(2 ** 31)),
    () => (message.format = ['', 'vmf', 'vmftx'][dice.roll(3)]),
    () => (message.disks = [{ name: 'disk', size, sha256: dice.bytes(32), slot: dice.roll(9) }]),
  ];
  changes[dice.roll(changes.length)]?.();
  return vmft.v1.Header.encode(message).finish();
}

interface HeaderObject {
  format: string;
  major: number;
  minor: number;
  producer: string;
  rngSeed: Uint8Array;
  digestDistance: number;
  machine: {
    behaviour: number;
    memory: number;
    clock: number;
    commandLine: string;
    devices: { kind: string; slot: number; mac?: Uint8Array }[];
  };
  images: { role: number; name: string; size: number; sha256: Uint8Array; embedded: boolean }[];
  disks: { name: string; size: number; sha256: Uint8Array; slot: number }[];
}

let bomb: Uint8Array | undefined;

/** 256 MiB of zeros in 48 KB. */
function bombOf(): Uint8Array {
  return (bomb ??= brotliCompressSync(new Uint8Array(2 ** 28), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }));
}

/** An image chunk whose stream is cut, is something else, or holds far more than it should. */
function attackedImage(body: Uint8Array, dice: Dice): Uint8Array {
  const fields = fieldsOf(body) ?? [];
  const size = body.subarray(
    fields.find(({ tag }) => tag === 0x10)?.at ?? 0,
    fields.find(({ tag }) => tag === 0x10)?.to ?? 0,
  );
  const data = fields.find(({ tag }) => tag === 0x1a || tag === 0x22);
  const stream = data === undefined ? new Uint8Array(0) : body.slice(data.from, data.to);
  const chunk = (sizeField: Uint8Array, tag: number, bytes: Uint8Array): Uint8Array =>
    joined([sizeField, Uint8Array.of(tag, ...varint(bytes.length)), bytes]);
  const flip = (): Uint8Array => {
    const at = dice.roll(stream.length);
    return replaced(stream, at, 1, [(stream[at] ?? 0) ^ (1 << dice.roll(8))]);
  };
  switch (dice.roll(7)) {
    case 0:
      return chunk(size, 0x1a, stream.slice(0, dice.roll(stream.length)));
    case 1:
      return chunk(size, 0x1a, bombOf());
    case 2:
      return chunk(Uint8Array.of(0x10, ...varint(2 ** 20)), 0x1a, bombOf());
    case 3:
      return chunk(size, 0x1a, flip());
    case 4:
      return chunk(size, 0x22, stream);
    case 5:
      return chunk(size, 0x1a, joined([stream, filling(1 + dice.roll(100), dice)]));
    default:
      return joined([Uint8Array.of(0x08, ...varint(dice.roll(2 ** 31))), body]);
  }
}
