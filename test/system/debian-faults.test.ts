/**
 * What goes wrong around a Debian guest is the guest's to deal with, or is said in a sentence: a corrupt file system, a host
 * whose disk is full, a network that goes away and returns. And every such run replays.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, constants, mkdirSync, openSync, truncateSync, writeSync } from 'node:fs';
import { debianGuest, type DebianGuest } from '../support/debian.js';
import { fetchFrom, fetchOnceThere } from '../support/guest-servers.js';
import { Passt } from '../support/passt.js';
import { freePort, installed, pause, RunningConsole, vmft, workFolder } from '../support/vmft.js';

const work = workFolder();
const mounted: string[] = [];
afterAll(() => {
  for (const folder of mounted) spawnSync('umount', [folder]);
  work.remove();
});

const { guest, missing } = debianGuest();
if (guest === undefined) it.skip(`the Debian guest cannot be made: ${missing ?? ''}`, () => undefined);
else faults(guest);

function faults(debian: DebianGuest): void {
  const options = (append: string, ...more: string[]): [string, ...string[]] => [
    debian.vmlinuz,
    ...['--initrd', debian.initrd, '--append', `console=ttyS0 ${append}`, '--memory', '512M', '-q', '-f', ...more],
  ];
  const record = (log: string, append: string, ...more: string[]): ReturnType<typeof vmft> =>
    vmft('record', ...options(append, '-o', log, ...more));
  const expectReplay = (log: string, stdout: string): void =>
    expect(vmft('replay', log, '-q')).toMatchObject({ status: 0, stdout });

  it.each([
    ['whose superblock is lost', 1024, 4096, /the disk holds no ext4 file system/],
    ['whose inodes are noise', 300 * 1024, 2 * 2 ** 20, /EXT4-fs|the disk holds no ext4 file system/],
  ])('a disk %s is refused by the guest, which goes on', (_what, offset, length, said) => {
    const image = work.path('corrupt.img');
    copyFileSync(debian.disk, image, constants.COPYFILE_FICLONE);
    const noise = Buffer.alloc(length, 'not a file system. ');
    const file = openSync(image, 'r+');
    writeSync(file, noise, 0, length, offset);
    closeSync(file);
    const log = work.path('corrupt.pb');
    const run = record(log, 'run="dmesg | grep EXT4; ls -R /disk | wc -l; uname"', '--disk', image);
    expect(run.stderr).toBe('');
    expect(run.stdout).toMatch(said);
    expect(run.stdout).toMatch(/\r\nLinux\r\n/);
    expect(run.status).toBe(0);
    expectReplay(log, run.stdout);
  });

  it('a guest that writes more than the host has room for meets I/O errors, and the log tells them', () => {
    const folder = work.path('small');
    mkdirSync(folder);
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder]).status !== 0) {
      // Nobody but root can make a small disk here; test/system/cli-disk.test.ts has other ways.
      return;
    }
    mounted.push(folder);
    const image = `${folder}/disk.img`;
    closeSync(openSync(image, 'w'));
    truncateSync(image, 64 * 2 ** 20);
    expect(spawnSync('/usr/sbin/mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', image]).status).toBe(0);
    const log = work.path('full.pb');
    const fill = 'dd if=/dev/zero of=/disk/zeros bs=1M count=40; sync; dmesg | grep -c I/O.error';
    const run = vmft(
      'record',
      ...options(`run="${fill}"`, '-o', log).filter((option) => option !== '-q'),
      '--disk',
      `${image},mode=rw`,
    );
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/\r\n[1-9]\d*\r\nguest: the command ended with status 0/);
    expect(run.stderr).toMatch(/cannot be written \(no space is left\): the guest meets I\/O errors/i);
    expectReplay(log, run.stdout);
  });

  (installed('passt') ? it : it.skip)('a network that is killed and comes back serves the guest again', async () => {
    const port = await freePort();
    const socket = work.path('passt.socket');
    let passt = await Passt.start(socket, { [port]: 80 });
    const log = work.path('reconnect.pb');
    const network = ['--disk', debian.disk, '--net', `stream:${socket}`];
    const run = new RunningConsole('record', ...options('start=nginx', '-o', log, ...network));
    try {
      await run.prints(/guest: ready, .* serving nginx/);
      expect((await fetchFrom(port, '/10k')).body).toHaveLength(10_240);
      await passt.stop();
      await pause(500);
      passt = await Passt.start(socket, { [port]: 80 });
      expect((await fetchOnceThere(port, '/10k')).body).toHaveLength(10_240);
      run.process.stdin?.write('poweroff\n');
      const { status, stdout } = await run.ended;
      expect(status).toBe(0);
      expectReplay(log, stdout);
    } finally {
      run.process.kill('SIGKILL');
      await passt.stop();
    }
  });
}
