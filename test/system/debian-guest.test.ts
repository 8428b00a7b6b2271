/** What scripts/debian-guest.sh makes: the formats of its files, their sameness, and that QEMU boots them. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, linkSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { debianGuest, debianScript, type DebianGuest } from '../support/debian.js';
import { installed, workFolder } from '../support/vmft.js';

const work = workFolder();
afterAll(() => work.remove());

const { guest, missing } = debianGuest();
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

if (guest === undefined) it.skip(`cannot be made: ${missing ?? ''}`, () => undefined);
else checks(guest);

function checks(debian: DebianGuest): void {
  it('holds a kernel plain and compressed', () => {
    const image = readFileSync(debian.image);
    expect(image.toString('latin1', 0, 2)).toBe('MZ');
    expect(image.toString('latin1', 48, 53)).toBe('RISCV');
    expect(image.toString('latin1', 56, 60)).toBe('RSC\x05');
    expect(readFileSync(debian.vmlinuz).equals(image)).toBe(true);
    expect(gunzipSync(readFileSync(debian.compressed)).equals(image)).toBe(true);
  });

  it('holds an initial RAM disk whose files are all of root', () => {
    const listing = spawnSync('cpio', ['-itvn', '--quiet'], {
      input: gunzipSync(readFileSync(debian.initrd)),
      encoding: 'utf8',
    });
    const lines = listing.stdout.trim().split('\n');
    expect(lines.filter((line) => !/^\S+ +\d+ 0 +0 /.test(line))).toEqual([]);
    const names = lines.map(
      (line) =>
        line
          .replace(/ -> .*/, '')
          .split(' ')
          .at(-1) ?? '',
    );
    expect(names).toEqual(expect.arrayContaining(['init', 'bin/busybox', 'etc/udhcpc.script']));
    for (const name of ['virtio_mmio', 'virtio_net', 'virtio_blk', 'virtio_rng', 'ext4', 'jbd2', 'net_failover']) {
      expect(names).toContainEqual(expect.stringMatching(new RegExp(`^lib/modules/[^/]+/${name}\\.ko$`)));
    }
  });

  it('holds a disk without a fault', () => {
    expect(readFileSync(debian.disk).readUInt16LE(1024 + 56)).toBe(0xef53);
    expect(spawnSync('/usr/sbin/e2fsck', ['-fn', debian.disk]).status).toBe(0);
  });

  it('is not made again, and asks nobody, where it is there', () => {
    const again = spawnSync(debianScript, [debian.folder], {
      env: { ...process.env, http_proxy: 'http://127.0.0.1:9' },
      encoding: 'utf8',
    });
    expect(again).toMatchObject({ status: 0, stdout: '' });
    expect(again.stderr).toMatch(
      /^debian-guest: \S+ is there: .*linux-image-[\S ]+, nginx [\S ]+, redis-server \S+\n$/,
    );
  });

  it('leaves nothing behind when it is stopped, and gives the same bytes again', async () => {
    const folder = work.path('a guest');
    mkdirSync(`${folder}/packages`, { recursive: true });
    const packages = readdirSync(`${debian.folder}/packages`);
    for (const name of packages) linkOrCopy(`${debian.folder}/packages/${name}`, `${folder}/packages/${name}`);

    const stopped = spawn(debianScript, [folder], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    const ended = new Promise((resolve) => stopped.on('close', resolve));
    stopped.stderr.on('data', (text: Buffer) => {
      // The whole group, as Ctrl-C on a terminal does.
      if (text.includes('making kernel')) process.kill(-(stopped.pid ?? 0), 'SIGINT');
    });
    expect(await ended).not.toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['.lock', 'packages']);

    expect(spawnSync(debianScript, [folder]).status).toBe(0);
    for (const name of ['vmlinuz', 'Image', 'Image.gz', 'initrd.gz', 'disk.img', 'versions']) {
      const [here, there] = [`${folder}/${name}`, `${debian.folder}/${name}`].map((path) => sha256(readFileSync(path)));
      expect(`${name} ${here}`).toBe(`${name} ${there}`);
    }
  });

  (installed('qemu-system-riscv64') ? it : it.skip)('boots on QEMU, serves, runs a command and powers off', () => {
    const command =
      'chroot /disk redis-cli set key value; wget -qO- http://127.0.0.1/10k | sha256sum; ' +
      'mount | grep -c /disk; exit 7';
    const { status, stdout } = spawnSync(
      'qemu-system-riscv64',
      [
        ...['-M', 'virt', '-m', '512M', '-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-no-reboot'],
        ...['-kernel', debian.vmlinuz, '-initrd', debian.initrd],
        ...['-append', `console=ttyS0 quiet start=redis,nginx run="${command}"`],
        ...['-drive', `file=${debian.disk},format=raw,if=none,id=disk,snapshot=on`],
        ...['-device', 'virtio-blk-device,drive=disk', '-netdev', 'user,id=net'],
        ...['-device', 'virtio-net-device,netdev=net'],
      ],
      { encoding: 'utf8', timeout: 180_000, killSignal: 'SIGKILL', input: '' },
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^guest: ready, up [\d.]+ s, serving redis nginx\r$/m);
    expect(stdout).toMatch(/^OK\r$/m);
    let numbers = '';
    for (let n = 1; numbers.length < 10_240; n++) numbers += `${n}\n`;
    expect(stdout).toContain(sha256(Buffer.from(numbers.slice(0, 10_240))));
    expect(stdout).toMatch(/^guest: the command ended with status 7\r$/m);
  });
}

/** The work folder may be on another file system. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    cpSync(from, to);
  }
}
