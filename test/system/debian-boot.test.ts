/**
 * Debian's kernel boots to a shell: from each form of its file, with the built-in SBI and with OpenSBI, without a warning
 * that QEMU's boot of it does not have; and every recording of a boot replays.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { debianGuest, type DebianGuest } from '../support/debian.js';
import { Many, checksOf, summaryOf, type Outcome } from '../support/many.js';
import { installed, RunningConsole, vmft, workFolder } from '../support/vmft.js';

const BOOTS = 20;
const OPENSBI = '/usr/lib/riscv64-linux-gnu/opensbi/generic';
/** Shows the kernel's warnings and worse, without their times, between two marks. */
const WARNINGS = `echo BEG''IN; dmesg -r | grep '^<[0-4]>' | sed 's/^<.>.[^]]*. //'; echo E''ND`;

const work = workFolder();
afterAll(() => work.remove());

const { guest, missing } = debianGuest();
if (guest === undefined) it.skip(`the Debian guest cannot be made: ${missing ?? ''}`, () => undefined);
else boots(guest);

function boots(debian: DebianGuest): void {
  const options = (append: string): string[] => [
    '--initrd',
    debian.initrd,
    '--append',
    append,
    '--memory',
    '512M',
    '-q',
  ];
  const forms = { Image: debian.image, vmlinuz: debian.vmlinuz, 'Image.gz': debian.compressed };
  const firmwares = { 'the built-in SBI': undefined, OpenSBI: `${OPENSBI}/fw_dynamic.bin` };

  for (const [sbi, firmware] of Object.entries(firmwares)) {
    for (const [form, file] of Object.entries(forms)) {
      const there = firmware === undefined || existsSync(firmware);
      (there ? it : it.skip)(`from ${form} with ${sbi} to a shell that answers, and replays`, async () => {
        const log = work.path('boot.pb');
        const below = firmware === undefined ? [] : ['--firmware', firmware];
        const run = new RunningConsole('record', file, ...options('console=ttyS0'), ...below, '-o', log, '-f');
        run.process.stdin?.end("uname -sm; echo $((6 * 7))\nsh -c 'exit 3'; echo status $?\npoweroff\n");
        const { status, stdout, stderr } = await run.ended;
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        expect(stdout).toMatch(/\r\nLinux riscv64\r\n42\r\n/);
        expect(stdout).toMatch(/\r\nstatus 3\r\n/);
        const replayed = vmft('replay', log);
        expect(replayed).toMatchObject({ status: 0, stdout });
        expect(replayed.stderr).toMatch(/digests and \d+ outputs agree/);
      });
    }
  }

  (installed('qemu-system-riscv64') ? it : it.skip)('says nothing worse than on QEMU', async () => {
    const append = 'console=ttyS0';
    const run = new RunningConsole('run', debian.vmlinuz, ...options(append));
    run.process.stdin?.end(`${WARNINGS}\npoweroff\n`);
    const ours = warningsIn((await run.ended).stdout);
    const theirs = warningsIn(await qemuSays(debian, append, `${WARNINGS}\npoweroff\n`));
    expect(ours).toBeDefined();
    expect(theirs).toBeDefined();
    expect(ours?.filter((line) => theirs?.includes(line) === false)).toEqual([]);
  });

  it('reboots, and ends with the guest', async () => {
    const log = work.path('reboot.pb');
    const run = new RunningConsole('record', debian.vmlinuz, ...options('console=ttyS0'), '-o', log);
    await run.prints(/guest# /);
    run.process.stdin?.write('reboot\n');
    await run.prints(/reboot: Restarting system[^]*guest# /);
    run.process.stdin?.write('poweroff\n');
    const { status, stdout } = await run.ended;
    expect(status).toBe(0);
    expect(vmft('replay', log, '-q')).toMatchObject({ status: 0, stdout });
  });

  it('diff tells on one screen where two boots part, and why', () => {
    const logs = ['one.pb', 'other.pb'].map((name) => work.path(name));
    for (const [entropy, why] of [
      [[], /no entry of the logs explains it[^]*same --entropy seed:HEX/],
      [['--entropy', 'seed:2a'], /a time read that gave \d+/],
    ] as const) {
      for (const log of logs) {
        const boot = vmft('record', debian.vmlinuz, ...options('console=ttyS0 run=true'), ...entropy, '-o', log, '-f');
        expect(boot.status).toBe(0);
      }
      const { status, stdout } = vmft('diff', ...logs);
      expect(status).toBe(1);
      expect(stdout).toMatch(/^The runs differ from position [\d ]+ on/m);
      expect(stdout.replaceAll('\n', ' ')).toMatch(why);
      expect(stdout.split('\n').length).toBeLessThanOrEqual(40);
    }
  });

  it(`${BOOTS} boots replay with every digest and output`, async () => {
    const [recorder, replayer] = [new Many([process.execPath]), new Many([process.execPath])];
    const starts = new Set<string>();
    const expectFaithful = async (log: string, recorded: Outcome): Promise<void> => {
      const replayed = await replayer.run({ command: 'replay', path: log });
      expect(replayed).toMatchObject({ status: 0, stdout: recorded.stdout });
      const { digests, outputs } = checksOf(summaryOf(recorded));
      expect(digests).toBeGreaterThan(50);
      expect(outputs).toBeGreaterThan(20);
      expect(summaryOf(replayed)).toMatchObject({ digests, outputs });
    };
    // While one is replayed the next is recorded.
    let replaying = Promise.resolve();
    for (let boot = 0; boot < BOOTS; boot++) {
      const log = work.path(`many-${boot % 2}.pb`);
      const flags = {
        ...{ output: log, force: true, memory: '512M', 'digest-every': '20000000' },
        ...{ initrd: debian.initrd, append: 'console=ttyS0 run="cat /proc/uptime"' },
      };
      const recorded = await recorder.run({ command: 'record', path: debian.vmlinuz, flags });
      starts.add(recorded.stdout);
      await replaying;
      replaying = expectFaithful(log, recorded);
      replaying.catch(() => undefined);
    }
    await replaying;
    recorder.close();
    replayer.close();
    // Each was another boot: the times that the kernel prints differ.
    expect(starts.size).toBe(BOOTS);
  });
}

/** The lines between the marks; undefined where they are not there. */
function warningsIn(console: string): string[] | undefined {
  const text = /\r\nBEGIN\r\n([^]*?)END\r\n/.exec(console)?.[1];
  return text?.split('\r\n').filter((line) => line !== '');
}

/** Types `input` at the prompt of a guest on QEMU; answers what the console showed. */
function qemuSays(debian: DebianGuest, append: string, input: string): Promise<string> {
  const files = ['-kernel', debian.vmlinuz, '-initrd', debian.initrd, '-append', append];
  const board = ['-M', 'virt', '-m', '512M', '-display', 'none', '-serial', 'stdio', '-monitor', 'none'];
  const qemu = spawn('qemu-system-riscv64', [...board, ...files], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  const typed = input.split('\n');
  qemu.stdout.on('data', (data: Buffer) => {
    text += data.toString();
    // A line at a time: more would overrun its UART. Behind the prompt the shell may ask where the cursor is.
    if (text.endsWith('guest# ') || text.endsWith('guest# \x1b[6n')) qemu.stdin.write(`${typed.shift() ?? ''}\n`);
  });
  const limit = setTimeout(() => qemu.kill('SIGKILL'), 120_000);
  return new Promise((resolve) =>
    qemu.on('close', () => {
      clearTimeout(limit);
      resolve(text);
    }),
  );
}
