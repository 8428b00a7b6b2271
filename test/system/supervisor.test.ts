/**
 * The fixture kernel `supervisor` on the built-in SBI, on OpenSBI (Debian's package opensbi, version 1.1) and on QEMU: it
 * prints the same on all, but for what is told here, with its reason.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { guest, vmft, workFolder, type Answer } from '../support/vmft.js';

const OPENSBI = '/usr/lib/riscv64-linux-gnu/opensbi/generic/';
const FIRMWARE = ['fw_dynamic.bin', 'fw_dynamic.elf', 'fw_jump.bin', 'fw_jump.elf'];

/** What OpenSBI 1.1 prints in place of what the built-in SBI does; undefined where it prints nothing. */
const DIFFERENCES: readonly (readonly [builtIn: string, openSbi: string | undefined, reason: string])[] = [
  ['specification 0 2 0', 'specification 0 1 0', 'it follows SBI 1.0'],
  ['implementation 0 1986881140', 'implementation 0 1', 'it is another implementation'],
  ['probe console 1', 'probe console 0', 'DBCN came with SBI 2.0: the lines go by the UART'],
  ['console refuses -3 -3 -3 -2', undefined, 'likewise'],
  ['console byte', undefined, 'likewise'],
  ['console read 0 0', undefined, 'likewise'],
  ['interrupt others -3 0', 'interrupt others 0 0', 'it leaves harts out that are not there, where SBI wants an error'],
];

const work = workFolder();
afterAll(() => work.remove());

/** The guest's own lines, behind the firmware's. */
function linesOf(text: string): string[] {
  const lines = text.replace(/\r/g, '').trimEnd().split('\n');
  return lines.slice(Math.max(0, lines.indexOf('supervisor 0 1 0')));
}

function run(name: string, ...args: string[]): Answer {
  const answer = vmft('run', guest(`${name}.bin`), '-q', ...args);
  expect(answer.stderr).toBe('');
  return answer;
}

/** Its console goes to a file: it needs no terminal then. */
function qemu(name: string): { status: number | null; lines: string[] } {
  const serial = work.path(`${name}.txt`);
  const args = ['-M', 'virt', '-m', '128M', '-display', 'none', '-serial', `file:${serial}`, '-kernel'];
  const { status } = spawnSync('qemu-system-riscv64', [...args, guest(`${name}.bin`)], { timeout: 60_000 });
  return { status, lines: linesOf(readFileSync(serial, 'latin1')) };
}

const builtIn = linesOf(run('supervisor').stdout);
const onOpenSbi = builtIn.flatMap((line) => {
  const difference = DIFFERENCES.find(([ours]) => ours === line);
  if (difference === undefined) return [line];
  return difference[1] === undefined ? [] : [difference[1]];
});

it('the differences are those that there are', () => {
  expect(builtIn).toEqual(expect.arrayContaining(DIFFERENCES.map(([line]) => line)));
  expect(builtIn).toHaveLength(33);
});

it.each(FIRMWARE)('prints the same on OpenSBI, %s', (file) => {
  const { status, stdout } = run('supervisor', '--firmware', OPENSBI + file);
  expect(stdout).toMatch(/^\s*OpenSBI v1\.1/);
  expect(linesOf(stdout)).toEqual(onOpenSbi);
  expect(status).toBe(0);
});

it('prints the same on QEMU', () => {
  expect(qemu('supervisor')).toEqual({ status: 0, lines: onOpenSbi });
});

it('ends by a reset for a failure on all of them; QEMU alone makes no status of it', () => {
  expect(run('supervisor-failing').status).toBe(1);
  expect(run('supervisor-failing', '--firmware', `${OPENSBI}fw_dynamic.bin`).status).toBe(1);
  expect(qemu('supervisor-failing')).toEqual({ status: 0, lines: onOpenSbi });
});

it.each(['host', 'virtual'])('is recorded with OpenSBI and replayed, %s clock', (clock) => {
  const log = work.path(`${clock}.pb`);
  const firmware = ['--firmware', `${OPENSBI}fw_dynamic.bin`, '--clock', clock, '--digest-every', '100000'];
  const recorded = vmft('record', guest('supervisor.bin'), '-q', '-o', log, ...firmware);
  expect(recorded).toMatchObject({ status: 0, stderr: '' });
  expect(vmft('replay', log, '-q')).toEqual(recorded);
});

it('prints the same however often it is run', () => {
  for (let n = 0; n < 10; n++) expect(linesOf(run('supervisor').stdout)).toEqual(builtIn);
});
