/** The commands on a terminal, which script(1) of util-linux makes: keys, colour and progress. */
import { spawnSync } from 'node:child_process';

import { Workshop } from '../unit/command-rig.js';

const shop = new Workshop();
afterAll(() => shop.remove());

const whenTerminal = spawnSync('script', ['--version']).status === 0 ? describe : describe.skip;

/** Runs a command on a terminal on which `keys` (shell commands that print them) are typed. */
const onTerminal = (command: string, keys = 'sleep 1') =>
  shop.run(`(${keys}) | env -u NO_COLOR -u CI TERM=xterm-256color script -qec "${command}" /dev/null`);

whenTerminal('on a terminal', () => {
  it('three Ctrl-C end a recording of a guest that says nothing, with a whole log', () => {
    const { status, stdout } = onTerminal(
      '$VMFT record $G/traploop.elf -o ctrlc.pb',
      "sleep 3; printf '\\003'; sleep 0.2; printf '\\003'; sleep 0.2; printf '\\003'; sleep 1",
    );
    expect(status).toBe(130);
    expect(stdout).toContain('Ctrl-A x ends the run, Ctrl-A h tells more.');
    expect(stdout).toContain('\x1b[1mThe guest was stopped: SIGINT.\x1b[22m');
    expect(shop.run('$VMFT replay ctrlc.pb -q').status).toBe(0);
  });

  it('Ctrl-A x ends a run; Ctrl-C is the guest’s, as is Ctrl-A behind Ctrl-A', () => {
    const { status, stdout } = onTerminal(
      '$VMFT record $G/shell.elf -q -o shell.pb',
      "sleep 3; printf 'sum 4\\r'; sleep 1; printf '\\003'; sleep 0.3; printf '\\001'; sleep 0.3; printf '\\001'; sleep 1; printf '\\001x'; sleep 1",
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/sum 4\r?\r\n10\r?\r\n/);
    expect(stdout).toContain('^C');
    expect(stdout).not.toContain('Ctrl-A x');
    const { stdout: entries } = shop.run('$VMFT inspect shell.pb --json --type console');
    expect(entries).toMatch(/"data":"03"/);
    expect(entries).toMatch(/"data":"01"/);
  });

  it('a virtio console is as large as the terminal, also when that changes, and replays so', () => {
    const { status, stdout } = onTerminal(
      'tty > tty; stty cols 100 rows 30; $VMFT record $G/vconsole.elf --console virtio -o size.pb',
      "sleep 3; stty -F $(cat tty) cols 132; sleep 1; printf 'a line\\r'; sleep 1; printf 'exit 3\\r'; sleep 1",
    );
    expect(status).toBe(3);
    const shown = /vconsole: up[^]*a line\r?\n/.exec(stdout)?.[0].replaceAll('\r', '');
    expect(shown).toBe('vconsole: up\nvconsole: 100 columns, 30 rows\nvconsole: 132 columns, 30 rows\na line\n');
    const replayed = shop.run('$VMFT replay size.pb -q');
    expect(replayed).toMatchObject({ status: 3, stdout: shown });
    expect(shop.run('$VMFT inspect size.pb --type size').stdout).toMatch(
      /slot 6, 100 columns, 30 rows\n.*slot 6, 132 columns, 30 rows\n$/,
    );
  });

  it.each([
    ['Ctrl-A x', "printf '\\001x'"],
    ['SIGTERM', 'kill -TERM $(cat pid)'],
    ['SIGQUIT', 'kill -QUIT $(cat pid)'],
  ])('is as it was before, after %s', (_end, act) => {
    const { stdout } = onTerminal(
      `stty -echo; stty -g; $VMFT run $G/traploop.elf < /dev/tty & echo \\$! > pid; wait \\$!; stty -g < /dev/tty`,
      `sleep 3; ${act}; sleep 2`,
    );
    const modes = stdout.match(/^[0-9a-f]+(:[0-9a-f]+){10,}/gm);
    expect(modes).toHaveLength(2);
    expect(modes?.[1]).toBe(modes?.[0]);
  });

  it('is raw again after a stop in which the shell has used it', () => {
    const { stdout } = onTerminal(
      `tty > tty; $VMFT run $G/shell.elf < /dev/tty & echo \\$! > pid; wait \\$!`,
      "sleep 3; kill -STOP $(cat pid); stty -F $(cat tty) sane; kill -CONT $(cat pid); sleep 0.5; echo modes $(stty -F $(cat tty) | tr '\\n' ' ') > modes; printf 'exit\\r'; sleep 1",
    );
    expect(stdout).toContain('shell: type help');
    expect(shop.run('cat modes').stdout).toContain('-icanon');
  });

  it('a guest that ends by itself ends the process, though the keyboard is still there', () => {
    const { status, stdout } = onTerminal('NO_COLOR=1 $VMFT run $G/hello.elf --until 10', 'sleep 2');
    expect(status).toBe(0);
    expect(stdout).toContain('vmft: The guest was stopped at the position that --until named.');
    expect(stdout).not.toContain('\x1b');
  });

  it('a long replay shows how far it is', () => {
    expect(shop.run('$VMFT record $G/sort.elf -q -o sort.pb').status).toBe(0);
    const { stdout } = onTerminal('$VMFT replay sort.pb');
    expect(stdout).toMatch(/replay {2}\[#*\.*\] +\d+ %/);
    expect(onTerminal('$VMFT replay sort.pb --quiet').stdout).not.toContain('%');
  });
});

it('input from a pipe reaches the guest whole, however long its lines and whichever its console', () => {
  const line = `echo ${'0123456789'.repeat(11)}`;
  const uart = shop.run(`printf '%s\\n' '${line}' 'exit 3' | $VMFT record $G/shell.elf -q -o pipe.pb`);
  expect(uart.stdout).toContain(`\n${line.slice(5)}\n`);
  expect(uart.status).toBe(3);
  const lines = "seq -f 'line %08.0f of many, which are longer than the buffers' 20000";
  const virtio = shop.run(`(${lines}; echo exit 4) | $VMFT record $G/vconsole.elf --console virtio -q -o lines.pb`);
  expect(virtio.status).toBe(4);
  expect(virtio.stdout).toBe(`vconsole: up\nvconsole: 0 columns, 0 rows\n${shop.run(lines).stdout}`);
  expect(shop.run('$VMFT replay lines.pb -q')).toMatchObject({ status: 4, stdout: virtio.stdout });
});

it('the end of a pipe is nothing to the guest, or a Ctrl-D', () => {
  const shown = shop.run('echo echo hello | $VMFT run $G/shell.elf -q --stdin-eof ctrl-d --time-limit 20s');
  expect(shown).toMatchObject({ status: 0, stdout: expect.stringMatching(/\nhello\n> exit\n$/) as string });
  const { stderr, stdout } = shop.run('echo echo hello | $VMFT run $G/shell.elf --time-limit 20s');
  expect(stderr).toContain('waits for an interrupt that nothing can cause any more');
  expect(stdout).toMatch(/\nhello\n> $/);
});
