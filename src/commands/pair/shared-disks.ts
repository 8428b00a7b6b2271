/**
 * The disks of a backup: those that the primary writes to must be the very same, of the others the image alone.
 */
import { parseDisk, type DiskOption } from '../../host/disk-option.js';
import { DiskFile } from '../../host/disk-file.js';
import { Failure, STATUS, UsageFailure } from '../../host/failure.js';
import { fileIdentity, hostIdentity } from '../../host/host-identity.js';
import type { MachineConfiguration } from '../../machine/configuration.js';
import type { Welcome } from '../../pair/frames.js';

/**
 * By slot, where the images are that a machine's disks have: at `given`, or where the primary has them. Throws a Failure
 * where one is not what the primary has.
 */
export function sharedDisks(
  { devices }: MachineConfiguration,
  given: readonly string[] | undefined,
  { disks: told, identities, host }: Welcome,
): Map<number, DiskOption> {
  const disks = devices.filter((device) => device.kind === 'block');
  const paths = given ?? told;
  if (paths.length !== disks.length) {
    throw new UsageFailure(`The guest has ${disks.length} disks: give --disk as often, not ${paths.length} times.`);
  }
  const options = new Map<number, DiskOption>();
  let written = 0;
  disks.forEach(({ slot, mode, readOnly, capacity }, i) => {
    // How a disk is used is the primary's to say: only where it is can be another path.
    const { path } = given === undefined ? { path: paths[i] } : parseDisk(paths[i]);
    const expected = mode === 'rw' ? identities[written++] : undefined;
    check(path, mode === 'rw', capacity, host === hostIdentity() ? expected : undefined);
    options.set(slot, { path, mode, readOnly, logReads: mode === 'rw' });
  });
  return options;
}

function check(path: string, writable: boolean, capacity: number, identity: string | undefined): void {
  const file = DiskFile.open(path, writable);
  try {
    if (file.size !== capacity) {
      throw new Failure(
        STATUS.data,
        `${path} is not the primary's disk: it has ${file.size} bytes, the primary's ${capacity}.`,
      );
    }
    if (identity !== undefined && fileIdentity(file.fd) !== identity) {
      throw new Failure(STATUS.data, `${path} is not the file that the primary writes to: both must share one disk.`);
    }
  } finally {
    file.close();
  }
}
