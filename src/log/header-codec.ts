// Header to and from its protobuf message: the one place that meets the generated types, and where their 64-bit numbers
// (Long) become numbers and bigints. What a header may hold is checked here, in both directions.

import { vmft } from '#proto/log.js';
import { LogVersion, MalformedRecord } from './errors.js';
import type { Clock, Disk, Header, Image, MachineConfiguration, NewHeader, Role } from './header.js';
import { EMBEDDED_LIMIT, FORMAT_VERSION, HEADER_LIMIT } from './header.js';

const { v1 } = vmft;

type Message = vmft.v1.Header.$Properties;
/** A 64-bit number as the generated code gives it. */
type Wide = NonNullable<vmft.v1.Header.$Properties['digestDistance']>;

const CLOCKS: readonly Clock[] = ['host', 'virtual'];
/** The kind of device that is a disk. */
const BLOCK = 'block';
const ROLES: readonly Role[] = ['kernel', 'firmware', 'initrd'];

/** The protobuf message of a header, at most HEADER_LIMIT bytes. Throws RangeError where it is outside the limits. */
export function encodeHeader(header: NewHeader): Uint8Array {
  const problem = headerProblem(header);
  if (problem !== null) throw new RangeError(problem);
  const { machine, wallClock } = header;
  const message: Message = {
    format: 'vmft',
    ...FORMAT_VERSION,
    producer: header.producer,
    machine: { ...machine, clock: CLOCKS.indexOf(machine.clock) + 1 },
    rngSeed: header.rngSeed,
    // A Long in all that the encoder looks at.
    wallClock: { low: Number(wallClock & 0xffffffffn) | 0, high: Number(wallClock >> 32n) | 0, unsigned: true } as Wide,
    digestDistance: header.digestDistance,
    images: header.images.map(({ role, name, size, sha256, embedded }) => ({
      ...{ name, size, sha256, embedded },
      role: ROLES.indexOf(role) + 1,
    })),
    disks: header.disks,
  };
  const bytes = v1.Header.encode(message).finish();
  if (bytes.length > HEADER_LIMIT)
    throw new RangeError(`the header has ${bytes.length} bytes, ${HEADER_LIMIT} at most`);
  return bytes;
}

/** A header from its protobuf message. Throws LogVersion or MalformedRecord where it is not of this major version. */
export function decodeHeader(bytes: Uint8Array): Header {
  const message = decode(bytes);
  const major = message.major ?? 0;
  if (message.format !== 'vmft') throw new MalformedRecord('the header is not of a vmft log', 0);
  if (major > FORMAT_VERSION.major) throw new LogVersion(major, FORMAT_VERSION.major);
  const header: Header = {
    version: { major, minor: message.minor ?? 0 },
    producer: message.producer ?? '',
    machine: decodeMachine(message.machine ?? {}),
    rngSeed: message.rngSeed ?? new Uint8Array(0),
    wallClock: toBigInt(message.wallClock),
    digestDistance: toNumber(message.digestDistance),
    images: (message.images ?? []).map(decodeImage),
    disks: (message.disks ?? []).map(decodeDisk),
  };
  const problem = headerProblem(header);
  if (problem !== null) throw new MalformedRecord(problem, 0);
  return header;
}

function decode(bytes: Uint8Array): Message {
  if (bytes.length > HEADER_LIMIT) throw new MalformedRecord('the header is too long', 0);
  try {
    return v1.Header.decode(bytes);
  } catch {
    throw new MalformedRecord('the header is not a valid message', 0);
  }
}

function decodeMachine(machine: vmft.v1.Machine.$Properties): MachineConfiguration {
  return {
    behaviour: machine.behaviour ?? 0,
    memory: toNumber(machine.memory),
    clock: named(CLOCKS, machine.clock, 'clock'),
    commandLine: machine.commandLine ?? '',
    devices: (machine.devices ?? []).map(({ kind, slot, mac, capacity, writesImage, readOnly }) => ({
      ...{ kind: kind ?? '', slot: slot ?? 0 },
      ...(mac?.length ? { mac } : {}),
      ...(kind === BLOCK && {
        ...{ capacity: toNumber(capacity), writesImage: writesImage ?? false, readOnly: readOnly ?? false },
      }),
    })),
  };
}

function decodeImage(image: vmft.v1.Image.$Properties): Image {
  return { role: named(ROLES, image.role, 'image role'), ...decodeName(image), embedded: image.embedded ?? false };
}

function decodeDisk(disk: vmft.v1.Disk.$Properties): Disk {
  return { ...decodeName(disk), slot: disk.slot ?? 0 };
}

/** What names a file: the same in an image and in a disk. */
function decodeName({ name, size, sha256 }: vmft.v1.Image.$Properties | vmft.v1.Disk.$Properties): Omit<Disk, 'slot'> {
  return { name: name ?? '', size: toNumber(size), sha256: sha256 ?? new Uint8Array(0) };
}

/** The name that an enum's value (1 and up) stands for. */
function named<Name>(names: readonly Name[], value: number | null | undefined, what: string): Name {
  const name = names[(value ?? 0) - 1];
  if (name === undefined) throw new MalformedRecord(`the header names an unknown ${what}`, 0);
  return name;
}

function toNumber(value: Wide | null | undefined): number {
  return typeof value === 'object' ? (value?.toNumber() ?? 0) : (value ?? 0);
}

function toBigInt(value: Wide | null | undefined): bigint {
  return typeof value === 'object' ? (value?.toBigInt() ?? 0n) : BigInt(value ?? 0);
}

/** One sentence on what in a header is outside its limits; null where nothing is. */
function headerProblem({ rngSeed, wallClock, digestDistance, machine, images, disks }: NewHeader): string | null {
  const embedded = images.reduce((sum, image) => sum + (image.embedded ? image.size : 0), 0);
  if (rngSeed.length !== 0 && rngSeed.length !== 32)
    return `the boot entropy has ${rngSeed.length} bytes instead of 32`;
  if (wallClock < 0n || wallClock >= 1n << 64n) return 'the wall clock is outside 64 bits';
  if (!isCount(digestDistance)) return 'the digest distance is no position';
  if (!isCount(machine.memory)) return 'the memory size is out of range';
  if (machine.devices.some(({ mac }) => mac !== undefined && mac.length !== 6)) return 'a MAC does not have 6 bytes';
  if ([...images, ...disks].some(({ size }) => !isCount(size))) return 'the size of an image is out of range';
  if (machine.devices.some(({ capacity = 0 }) => !isCount(capacity))) return 'the capacity of a disk is out of range';
  if (images.some(({ sha256 }) => sha256.length !== 32)) return 'a SHA-256 does not have 32 bytes';
  if (disks.some(({ sha256 }) => ![0, 32].includes(sha256.length))) return 'a SHA-256 does not have 32 bytes';
  if (embedded > EMBEDDED_LIMIT) return `the images have ${embedded} bytes, a log embeds ${EMBEDDED_LIMIT} at most`;
  return null;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
