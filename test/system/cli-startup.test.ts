/** What starting a command costs, beside a bare node in turns: medians, so that a busy machine slows both. */
import { Workshop } from '../unit/command-rig.js';

const RUNS = 9;
const shop = new Workshop();
afterAll(() => shop.remove());

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;
}

/** Median milliseconds of each script. */
function times(...scripts: string[]): number[] {
  const measured = scripts.map((): number[] => []);
  for (let run = 0; run < RUNS; run++) {
    scripts.forEach((script, i) => {
      const start = performance.now();
      expect(shop.run(`exec ${script}`).status).toBe(0);
      measured[i]?.push(performance.now() - start);
    });
  }
  return measured.map(median);
}

it('is at most 250 ms for a command, and 1.3 times node for --version', () => {
  shop.run('$VMFT record $G/hello.elf -q -o hello.pb');
  const node = `${process.execPath} -e 0`;
  const [bare = 0, version = 0, run = 0, inspect = 0] = times(
    ...[node, '$VMFT --version', '$VMFT run $G/hello.elf', '$VMFT inspect hello.pb'],
  );
  expect(version / bare).toBeLessThan(1.3);
  expect(inspect - bare).toBeLessThan(250);
  expect(run - bare).toBeLessThan(250);
});
