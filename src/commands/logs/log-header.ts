/**
 * A log's header and the machine it describes: made for a recording, understood for a replay.
 */
import { Failure, STATUS } from '../../host/failure.js';
import { readGuestFile, sha256 } from '../../host/guest-bytes.js';
import type { Header, Image, NewHeader } from '../../log/header.js';
import { EMBEDDED_LIMIT } from '../../log/header.js';
import { hex } from '../../log/text.js';
import type { DeviceConfiguration, MachineConfiguration } from '../../machine/configuration.js';
import { MACHINE_VERSION, MEMORY, SLOTS } from '../../machine/configuration.js';
import { asGuest, type GuestFile } from '../guests/guest-file.js';

export interface HeaderOptions {
  readonly producer: string;
  readonly digestDistance: number;
  readonly embed: boolean;
}

/** The header of a recording of this guest on this machine. */
export function newHeader(configuration: MachineConfiguration, guest: GuestFile, options: HeaderOptions): NewHeader {
  const { producer, digestDistance, embed } = options;
  const image: Image = {
    role: 'kernel',
    name: guest.name,
    size: guest.bytes.length,
    sha256: Buffer.from(sha256(guest.bytes), 'hex'),
    embedded: embed,
  };
  return {
    ...{ producer, digestDistance },
    machine: {
      behaviour: MACHINE_VERSION,
      memory: configuration.memoryBytes,
      clock: configuration.clock,
      commandLine: configuration.commandLine,
      devices: configuration.devices.map((device) => ({ ...device })),
    },
    rngSeed: configuration.rngSeed,
    wallClock: configuration.wallClockBase,
    images: [embed ? { ...image, data: guest.bytes } : image],
    disks: [],
  };
}

/** The machine that a header describes. Throws a Failure where this vmft has no such machine. */
export function configurationOf(log: string, header: Header): MachineConfiguration {
  const { machine, rngSeed, wallClock } = header;
  if (machine.behaviour !== MACHINE_VERSION) {
    throw new Failure(
      STATUS.data,
      `${log} was recorded on version ${machine.behaviour} of the machine and this vmft has version ${MACHINE_VERSION}: replay it with the vmft that wrote it (${header.producer}).`,
    );
  }
  checkMachine(log, header);
  return {
    memoryBytes: machine.memory,
    clock: machine.clock,
    rngSeed,
    wallClockBase: wallClock,
    devices: machine.devices.map(({ kind, slot, mac }): DeviceConfiguration => {
      if (kind === 'net' && mac !== undefined) return { kind, slot, mac };
      if (kind === 'rng' || kind === 'console') return { kind, slot };
      throw new Failure(
        STATUS.data,
        `${log} needs a device "${kind}" in slot ${slot}, which this vmft does not have: replay it with the vmft that wrote it (${header.producer}).`,
      );
    }),
    commandLine: machine.commandLine,
  };
}

/** Throws a Failure where no vmft can have recorded on such a machine. */
function checkMachine(log: string, { machine: { memory, devices } }: Header): void {
  const { minimum, maximum, step } = MEMORY;
  if (memory < minimum || memory > maximum || memory % step !== 0) {
    throw impossible(log, `${memory} bytes of memory`);
  }
  const slots = devices.map(({ slot }) => slot);
  const wrong = slots.find((slot, index) => slot >= SLOTS || slots.indexOf(slot) !== index);
  if (wrong !== undefined) throw impossible(log, wrong >= SLOTS ? `a device in slot ${wrong}` : `two in slot ${wrong}`);
}

function impossible(log: string, what: string): Failure {
  return new Failure(
    STATUS.data,
    `${log} was recorded on a machine with ${what}, which there cannot be: it is not a log that vmft has written.`,
  );
}

/**
 * The guest that a log was recorded of: the one of the files `paths` that has the digest that the header names, else the
 * one in the log. Throws a Failure; also where files were named for a log that holds its guest and are not it.
 */
export function recordedGuest(log: string, header: Header, paths: readonly string[]): GuestFile {
  const image = header.images.find(({ role }) => role === 'kernel');
  if (image === undefined) throw new Failure(STATUS.data, `${log} names no guest: it cannot be replayed.`);
  const expected = hex(image.sha256);
  const files = paths.map((path) => ({ path, bytes: readGuestFile(path, EMBEDDED_LIMIT) }));
  const found = files.find(({ bytes }) => sha256(bytes) === expected);
  if (found !== undefined) return asGuest(found.path, found.bytes);
  const [other] = files;
  if (other !== undefined) throw new Failure(STATUS.data, otherGuest(log, header, other));
  if (image.data !== undefined) return checked(log, image, image.data);
  throw new Failure(
    STATUS.data,
    `${log} does not hold its guest: name the file with --guest (${image.name}, SHA-256 ${expected}).`,
  );
}

/** Says that a file is not the guest that a log was recorded of, with both digests. */
export function otherGuest(log: string, header: Header, file: Pick<GuestFile, 'path' | 'bytes'>): string {
  const image = header.images.find(({ role }) => role === 'kernel');
  const [expected, found] = [image === undefined ? 'none' : hex(image.sha256), sha256(file.bytes)];
  return `${file.path} is not the guest that ${log} was recorded of: its SHA-256 is ${found}, the log has ${expected}.`;
}

function checked(log: string, image: Image, data: Uint8Array): GuestFile {
  const digest = sha256(data);
  if (digest === hex(image.sha256)) return asGuest(image.name, data);
  throw new Failure(
    STATUS.data,
    `The guest in ${log} is not the one that its header names: its SHA-256 is ${digest}, the header has ${hex(image.sha256)}.`,
  );
}
