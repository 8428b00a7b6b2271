/** The guest that a log was recorded of, in one file or three, out of the log or of files that are named. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { recordedGuest } from '../../src/commands/logs/recorded-guest.js';
import type { Header, Image, Role } from '../../src/log/header.js';

const folder = mkdtempSync(join(tmpdir(), 'vmft-recorded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const hex = (bytes: Uint8Array): string => digest(bytes).toString('hex');

const BYTES: Readonly<Record<Role, Uint8Array>> = {
  kernel: Uint8Array.of(0x13, 0, 0, 0, 0xff),
  firmware: Uint8Array.of(0x93, 0, 0, 0, 0xff),
  initrd: Uint8Array.of(1, 2, 3),
};
const OTHER = Uint8Array.of(9, 9, 9);

/** Writes a file; answers its path. */
function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}
const paths = {
  kernel: file('Image', BYTES.kernel),
  firmware: file('fw.bin', BYTES.firmware),
  initrd: file('initrd.img', BYTES.initrd),
  other: file('other.bin', OTHER),
};

/** A header with these roles; those in `embedded` come with their bytes. */
function header(roles: readonly Role[], embedded: readonly Role[] = []): Header {
  const images = roles.map((role): Image => {
    const bytes = BYTES[role];
    const inside = embedded.includes(role);
    const image = { role, name: `${role}.img`, size: bytes.length, sha256: digest(bytes), embedded: inside };
    return inside ? { ...image, data: bytes } : image;
  });
  return {
    ...{ version: { major: 1, minor: 0 }, producer: 'test', rngSeed: new Uint8Array(32), wallClock: 0n },
    machine: { behaviour: 0, memory: 0, clock: 'host', commandLine: '', devices: [] },
    ...{ digestDistance: 0, images, disks: [] },
  };
}

const ALL: readonly Role[] = ['kernel', 'firmware', 'initrd'];
const GUEST = { data: BYTES.kernel, firmware: { data: BYTES.firmware }, initrd: BYTES.initrd };

it('comes out of the log, under the names that the log has', () => {
  const { path, guest, files } = recordedGuest('a.pb', header(ALL, ALL), []);
  expect(path).toBe('kernel.img');
  expect(files.map(({ role, name }) => [role, name])).toEqual(ALL.map((role) => [role, `${role}.img`]));
  expect(guest).toMatchObject(GUEST);
});

it('comes out of files, named in any order', () => {
  const named = [paths.initrd, paths.kernel, paths.firmware];
  const { guest, files } = recordedGuest('a.pb', header(ALL), named);
  expect(guest).toMatchObject(GUEST);
  expect(files.map(({ path }) => path)).toEqual([paths.kernel, paths.firmware, paths.initrd]);
});

it('comes out of both', () => {
  expect(recordedGuest('a.pb', header(ALL, ['kernel', 'firmware']), [paths.initrd]).guest).toMatchObject(GUEST);
});

it('names what is missing', () => {
  const missing = (role: Role, what: string): string =>
    `a.pb does not hold its ${what}: name the file with --guest (${role}.img, SHA-256 ${hex(BYTES[role])}).`;
  expect(() => recordedGuest('a.pb', header(ALL), [])).toThrow(missing('kernel', 'guest'));
  expect(() => recordedGuest('a.pb', header(ALL), [paths.kernel])).toThrow(missing('firmware', 'firmware'));
  expect(() => recordedGuest('a.pb', header(ALL), [paths.firmware, paths.kernel])).toThrow(
    missing('initrd', 'initial ramdisk'),
  );
});

it('is not another file, and says so with both digests', () => {
  expect(() => recordedGuest('a.pb', header(['kernel'], ['kernel']), [paths.other])).toThrow(
    `other.bin is not the guest that a.pb was recorded of: its SHA-256 is ${hex(OTHER)}, the log has ${hex(BYTES.kernel)}.`,
  );
  const expected = `${hex(BYTES.kernel)} (guest), ${hex(BYTES.initrd)} (initial ramdisk)`;
  for (const named of [[paths.other], [paths.kernel, paths.other], [paths.kernel, paths.initrd, paths.other]]) {
    expect(() => recordedGuest('a.pb', header(['kernel', 'initrd']), named)).toThrow(
      `other.bin is no file of the guest that a.pb was recorded of: its SHA-256 is ${hex(OTHER)}, the log has ${expected}.`,
    );
  }
});

it('is found among files for another log besides', () => {
  const named = [paths.other, paths.kernel];
  expect(recordedGuest('a.pb', header(['kernel']), named, true).path).toBe(paths.kernel);
  expect(() => recordedGuest('a.pb', header(['kernel']), [paths.other], true)).toThrow('is not the guest');
});

it('is refused where the log holds what its header does not name', () => {
  const damaged = header(ALL, ALL);
  const [kernel, firmware, initrd] = damaged.images;
  damaged.images = [kernel, firmware, { ...initrd, data: OTHER }];
  expect(() => recordedGuest('a.pb', damaged, [])).toThrow(
    `The initial ramdisk in a.pb is not the one that its header names: its SHA-256 is ${hex(OTHER)}, the header has ${hex(BYTES.initrd)}.`,
  );
  expect(() => recordedGuest('a.pb', header(['firmware', 'initrd'], ALL), [])).toThrow(
    'a.pb names no guest: it cannot be replayed.',
  );
});
