/**
 * A log's header and the machine it describes: made for a recording, understood for a replay.
 */
import { Failure, STATUS } from '../../host/failure.js';
import type { DeviceConfiguration as LoggedDevice, Disk, Header, Image, NewHeader } from '../../log/header.js';
import type { DeviceConfiguration, MachineConfiguration } from '../../machine/configuration.js';
import { MACHINE_VERSION, MEMORY, SLOTS } from '../../machine/configuration.js';
import { SECTOR_BYTES } from '../../machine/overlay.js';
import type { GuestFiles } from '../guests/guest-file.js';

export interface HeaderOptions {
  readonly producer: string;
  readonly digestDistance: number;
  readonly embed: boolean;
  readonly disks: readonly Disk[];
}

/** The header of a recording of this guest on this machine. */
export function newHeader(
  configuration: MachineConfiguration,
  { files }: GuestFiles,
  options: HeaderOptions,
): NewHeader {
  const { producer, digestDistance, embed, disks } = options;
  const images = files.map(({ role, name, bytes, sha256 }): Image => {
    const digest = Buffer.from(sha256, 'hex');
    return { role, name, size: bytes.length, sha256: digest, embedded: embed, ...(embed && { data: bytes }) };
  });
  return {
    ...{ producer, digestDistance },
    machine: {
      behaviour: MACHINE_VERSION,
      memory: configuration.memoryBytes,
      clock: configuration.clock,
      commandLine: configuration.commandLine,
      devices: configuration.devices.map(loggedDevice),
    },
    rngSeed: configuration.rngSeed,
    wallClock: configuration.wallClockBase,
    images,
    disks: [...disks],
  };
}

/** A device as a log's header has it. */
export function loggedDevice(device: DeviceConfiguration): LoggedDevice {
  if (device.kind !== 'block') return { ...device };
  const { kind, slot, capacity, mode, readOnly } = device;
  return { kind, slot, capacity, writesImage: mode === 'rw', readOnly };
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
    devices: machine.devices.map((device): DeviceConfiguration => {
      const { kind, slot, mac } = device;
      if (kind === 'net' && mac !== undefined) return { kind, slot, mac };
      if (kind === 'rng' || kind === 'console') return { kind, slot };
      if (kind === 'block') return diskOf(device);
      throw new Failure(
        STATUS.data,
        `${log} needs a device "${kind}" in slot ${slot}, which this vmft does not have: replay it with the vmft that wrote it (${header.producer}).`,
      );
    }),
    commandLine: machine.commandLine,
  };
}

function diskOf({ slot, capacity = 0, writesImage = false, readOnly = false }: LoggedDevice): DeviceConfiguration {
  return { kind: 'block', slot, capacity, mode: writesImage ? 'rw' : 'snapshot', readOnly };
}

/** Throws a Failure where no vmft can have recorded on such a machine. */
function checkMachine(log: string, { machine: { memory, devices } }: Header): void {
  const { minimum, maximum, step } = MEMORY;
  if (memory < minimum || memory > maximum || memory % step !== 0) {
    throw impossible(log, `${memory} bytes of memory`);
  }
  const odd = devices.find(({ capacity = 0 }) => capacity % SECTOR_BYTES !== 0);
  if (odd !== undefined) throw impossible(log, `a disk of ${odd.capacity} bytes`);
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
