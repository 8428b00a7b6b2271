/**
 * What starting a command costs beside a bare node: processor time, and the least of several runs in turns, since a busy
 * machine only ever adds to it.
 */
import { Workshop } from '../unit/command-rig.js';

const RUNS = 12;
const shop = new Workshop();
afterAll(() => shop.remove());

/** Milliseconds of processor time that a command takes. */
function cost(command: string): number {
  const { status, words } = shop.run(`TIMEFORMAT='%U %S'; time ${command} >out`);
  expect(status).toBe(0);
  const [user = NaN, system = NaN] = (words.at(-1) ?? '').split(' ').map(Number);
  return (user + system) * 1000;
}

/** The least cost of each command. */
function costs(...commands: string[]): number[] {
  const least = commands.map(() => Infinity);
  for (let run = 0; run < RUNS; run++) {
    commands.forEach((command, i) => (least[i] = Math.min(least[i] ?? Infinity, cost(command))));
  }
  return least;
}

it('is at most 250 ms for a command, 350 with a machine built and run, and 1.3 times node for --version', () => {
  shop.run('$VMFT record $G/hello.elf -q -o hello.pb');
  const [bare = 0, version = 0, run = 0, inspect = 0] = costs(
    ...[`${process.execPath} -e 0`, '$VMFT --version', '$VMFT run $G/hello.elf', '$VMFT inspect hello.pb'],
  );
  expect(version / bare).toBeLessThan(1.3);
  expect(inspect - bare).toBeLessThan(250);
  expect(run - bare).toBeLessThan(350);
});
