/**
 * Fixture guests that compute beside QEMU: each prints the same checksums on both. `smc` and `remap` also tell what becomes
 * of changes that a machine may notice late: `vmft` never does.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { guest, vmft, workFolder } from '../support/vmft.js';

const GUESTS = [
  ...['bits-small', 'bytecode-small', 'calls-small', 'chase-small', 'matrix-small', 'nbody-small', 'queens-small'],
  ...['sort-small', 'generate-small', 'smc', 'remap', 'calls', 'generate'],
];
const CPU = 'rv64,zba=true,zbb=true,zbs=true';
/** Lines of changes that may be noticed late. */
const UNFENCED = /, without (fence\.i|sfence\.vma): (at once|late)$/;

const work = workFolder();
afterAll(() => work.remove());

function linesOf(text: string): string[] {
  return text.replace(/\r/g, '').trimEnd().split('\n');
}

/** What a guest prints on QEMU, and its status. Its console goes to a file: it needs no terminal then. */
function onQemu(name: string): { status: number | null; lines: string[] } {
  const serial = work.path(`${name}.txt`);
  const machine = ['-M', 'virt', '-m', '128M', '-cpu', CPU, '-bios', 'none', '-display', 'none'];
  const args = [...machine, '-serial', `file:${serial}`, '-kernel', guest(`${name}.elf`)];
  const { status } = spawnSync('qemu-system-riscv64', args, { timeout: 120_000 });
  return { status, lines: linesOf(readFileSync(serial, 'latin1')) };
}

it.each(GUESTS)('%s prints the same', (name) => {
  const { status, stdout } = vmft('run', guest(`${name}.elf`), '-q');
  const lines = linesOf(stdout);
  const theirs = onQemu(name);
  const unfenced = lines.filter((line) => UNFENCED.test(line));
  expect(unfenced.filter((line) => !line.endsWith('at once'))).toEqual([]);
  expect(theirs.lines.filter((line) => UNFENCED.test(line))).toHaveLength(unfenced.length);
  const sure = (all: string[]): string[] => all.filter((line) => !UNFENCED.test(line));
  expect({ status, lines: sure(lines) }).toEqual({ ...theirs, lines: sure(theirs.lines) });
});
