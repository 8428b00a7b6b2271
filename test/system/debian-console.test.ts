/** A person at the Debian guest's virtio console: job control, Ctrl-C, the terminal's size, an editor; and pipes. */
import { debianGuest, type DebianGuest } from '../support/debian.js';
import { hasTerminals, Terminal } from '../support/terminal.js';
import { RunningConsole, vmft, vmftCommand, workFolder } from '../support/vmft.js';

/** The shell asks the terminal where its cursor is. */
const PROMPT = /guest# (.\[6n)?$/;

const work = workFolder();
afterAll(() => work.remove());

const { guest, missing } = debianGuest();
if (guest === undefined) it.skip(`the Debian guest cannot be made: ${missing ?? ''}`, () => undefined);
else consoles(guest);

function consoles(debian: DebianGuest): void {
  const record = (log: string, append: string): string[] => [
    ...['record', debian.image, '--initrd', debian.initrd, '--append', append, '--memory', '512M'],
    ...['--console', 'virtio', '-o', log],
  ];

  (hasTerminals ? it : it.skip)('is worked in on a terminal, and replays', async () => {
    const log = work.path('work.pb');
    const command = [process.execPath, vmftCommand, ...record(log, 'console=ttyS0 console=hvc0')];
    const terminal = new Terminal(command, work.path('tty'), 100, 30);
    try {
      await terminal.answer('', PROMPT, 120);
      const ask = (line: string): Promise<string> => terminal.answer(`${line}\r`, PROMPT);
      expect(await ask('tty; stty size')).toMatch(/\/dev\/hvc0\s+30 100\s/);
      terminal.resize(132, 43);
      expect(await ask('sleep 0.2; stty size')).toMatch(/\s43 132\s/);

      // The one that says so is the one in the foreground: a key typed earlier would be the shell's.
      const sleeping = (): Promise<string> => terminal.answer(`sh -c 'echo be""gun; exec sleep 1000'\r`, /\nbegun/);
      await sleeping();
      expect(await terminal.answer('\x03', PROMPT)).toContain('^C');
      await sleeping();
      expect(await terminal.answer('\x1a', PROMPT)).toMatch(/Stopped +sh -c/);
      expect(await ask('kill %1; echo killed')).toContain('killed');
      await terminal.answer('yes\r', /y\r*\n(y\r*\n){100}/);
      await terminal.answer('\x03', PROMPT);

      await terminal.answer('vi /tmp/text\r', /\/tmp\/text/);
      await terminal.answer('iwritten in vi\x1b', /\[Modified\]/);
      terminal.resize(90, 20);
      await terminal.answer('', /\[20;1H/);
      await terminal.answer(':wq\r', PROMPT);
      expect(await ask('cat /tmp/text; stty size')).toMatch(/written in vi\s+20 90\s/);
      terminal.type('poweroff\r');
      expect(await terminal.ended).toBe(0);
    } finally {
      terminal.kill();
    }
    const replayed = vmft('replay', log, '-q');
    expect(replayed.status).toBe(0);
    expect(replayed.stdout).toContain('written in vi');
    expect(vmft('inspect', log, '--type', 'size').stdout.match(/ size /g)).toHaveLength(3);
  });

  it.each([
    ['poweroff\n', []],
    ['', ['--stdin-eof', 'ctrl-d']],
  ])('takes a script from a pipe that ends with %j', async (end, options) => {
    const log = work.path(`pipe${options.length}.pb`);
    const run = new RunningConsole(...record(log, 'quiet console=hvc0'), '-q', ...options);
    const long = 'x'.repeat(300);
    run.process.stdin?.end(`uname -sm\necho '${long}' | wc -c\nsh -c 'exit 3'; echo status $?\n${end}`);
    const { status, stdout } = await run.ended;
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nLinux riscv64\r\n/);
    expect(stdout).toMatch(/\n301\r\n/);
    expect(stdout).toMatch(/\nstatus 3\r\n/);
    expect(vmft('replay', log, '-q')).toMatchObject({ status: 0, stdout });
  });
}
