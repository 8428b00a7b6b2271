/**
 * A log's header and the machine it describes: made for a recording, understood for a replay.
 */
import { Failure, STATUS } from '../../host/failure.js';
import { readGuestFile, sha256 } from '../../host/files.js';
import type { Header, Image, NewHeader } from '../../log/header.js';
import { EMBEDDED_LIMIT } from '../../log/header.js';
import { hex } from '../../log/text.js';
import type { DeviceConfiguration, MachineConfiguration } from '../../machine/configuration.js';
import { MACHINE_VERSION } from '../../machine/configuration.js';
import { asGuest, type GuestFile } from './guest-file.js';

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
  return {
    memoryBytes: machine.memory,
    clock: machine.clock,
    rngSeed,
    wallClockBase: wallClock,
    devices: machine.devices.map(({ kind, slot, mac }): DeviceConfiguration => {
      if (kind === 'net' && mac !== undefined) return { kind, slot, mac };
      if (kind === 'rng') return { kind, slot };
      throw new Failure(
        STATUS.data,
        `${log} needs a device "${kind}" in slot ${slot}, which this vmft does not have: replay it with the vmft that wrote it (${header.producer}).`,
      );
    }),
    commandLine: machine.commandLine,
  };
}

/**
 * The guest that a log was recorded of: embedded, or the file `path` if it has the digest that the header names.
 * Throws a Failure.
 */
export function recordedGuest(log: string, header: Header, path: string | undefined): GuestFile {
  const image = header.images.find(({ role }) => role === 'kernel');
  if (image === undefined) throw new Failure(STATUS.data, `${log} names no guest: it cannot be replayed.`);
  const expected = hex(image.sha256);
  if (path === undefined) {
    if (image.data !== undefined) return checked(log, image, image.data);
    throw new Failure(
      STATUS.data,
      `${log} does not hold its guest: name the file with --guest (${image.name}, SHA-256 ${expected}).`,
    );
  }
  const bytes = readGuestFile(path, EMBEDDED_LIMIT);
  const digest = sha256(bytes);
  if (digest !== expected) {
    throw new Failure(
      STATUS.data,
      `${path} is not the guest that ${log} was recorded of: its SHA-256 is ${digest}, the log has ${expected}.`,
    );
  }
  return asGuest(path, bytes);
}

function checked(log: string, image: Image, data: Uint8Array): GuestFile {
  const digest = sha256(data);
  if (digest === hex(image.sha256)) return asGuest(image.name, data);
  throw new Failure(
    STATUS.data,
    `the guest in ${log} is not the one that its header names: its SHA-256 is ${digest}, the header has ${hex(image.sha256)}.`,
  );
}
