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
  it('Ctrl-C ends a recording with a whole log', () => {
    const { status, stdout } = onTerminal(
      '$VMFT record $G/traploop.elf -o ctrlc.pb',
      "sleep 3; printf '\\003'; sleep 1",
    );
    expect(status).toBe(130);
    expect(stdout).toContain('\x1b[1mThe guest was stopped: SIGINT.\x1b[22m');
    expect(shop.run('$VMFT replay ctrlc.pb -q').status).toBe(0);
  });

  it('Ctrl-A x ends a run, Ctrl-A Ctrl-C is the guest’s Ctrl-C', () => {
    const { status, stdout } = onTerminal(
      '$VMFT record $G/shell.elf -q -o shell.pb',
      "sleep 3; printf 'sum 4\\r'; sleep 1; printf '\\001\\003'; sleep 1; printf '\\001x'; sleep 1",
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/sum 4\r?\r\n10\r?\r\n/);
    const { stdout: entries } = shop.run('$VMFT inspect shell.pb --json --type console');
    expect(entries).toMatch(/"data":"03"/);
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
