/**
 * The drill, over real processes: killed at one entry of its log after another, no primary takes anything with it. And
 * it can fail: in a build whose outputs wait for nobody, the drill finds what the world has seen of an execution that
 * was lost. VMFT_DRILL_EVERY=1 kills at every entry of the longest log (16).
 */
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { guest, vmftCommand, workFolder } from '../support/vmft.js';

const EVERY = process.env['VMFT_DRILL_EVERY'] ?? '16';
const LIMIT = 3_000_000;
const ROUNDS = 5;

const work = workFolder();
afterAll(() => work.remove());

interface Report {
  readonly entries: number;
  readonly kills: number;
  readonly tookOver: number;
  readonly faults: readonly { readonly entry: number; readonly fault: string }[];
}

function drill(command: string, ...args: string[]): { status: number | null; report: Report } {
  const { status, stderr } = spawnSync(process.execPath, [command, 'drill', ...args, '--json', '-q'], {
    ...{ encoding: 'utf8', maxBuffer: 1 << 28, timeout: LIMIT },
  });
  const line = stderr.trimEnd().split('\n').at(-1) ?? '';
  if (!line.startsWith('{')) throw new Error(stderr);
  return { status, report: JSON.parse(line) as Report };
}

function emptyDisk(): string {
  const path = work.path('disk.img');
  writeFileSync(path, Buffer.alloc(2 ** 22));
  return `${path},mode=rw`;
}

it(
  `a guest that writes to its disk is killed at every ${EVERY}th of several hundred entries`,
  () => {
    const { status, report } = drill(vmftCommand, guest('disk.elf'), '--disk', emptyDisk(), '--every', EVERY);
    expect(report.faults).toEqual([]);
    expect(status).toBe(0);
    expect(report.entries).toBeGreaterThan(200);
    expect(report.kills).toBe(2 * Math.floor(report.entries / Number(EVERY)));
    expect(report.tookOver).toBeGreaterThan(report.kills / 2);
  },
  LIMIT,
);

it.each([
  ['dice', ['--every', '6']],
  ['storm', ['--every', '5']],
  ['idle', ['--every', '2']],
  ['clock', ['--at', '30', '--at', '300', '--at', '1000']],
])('%s', (name, kills) => {
  const { status, report } = drill(vmftCommand, guest(`${name}.elf`), ...kills);
  expect(report.faults).toEqual([]);
  expect(status).toBe(0);
  expect(report.tookOver).toBeGreaterThan(0);
});

it('finds the violation where outputs leave before they are acknowledged', () => {
  const command = withoutOutputRule(work.path('without'));
  // What leaves too early is lost only where its entry was still on its way: not in each run.
  for (let round = 0; round < ROUNDS; round++) {
    const { status, report } = drill(command, guest('disk.elf'), '--disk', emptyDisk(), '--every', '30');
    expect(status).toBe(report.faults.length > 0 ? 1 : 0);
    if (report.faults.length > 0) return;
  }
  throw new Error(`no violation in ${ROUNDS} drills without an output rule`);
});

/** Copies what was built, but for the gate's condition; answers the command. */
function withoutOutputRule(folder: string): string {
  const root = join(vmftCommand, '../..');
  for (const part of ['bin', 'dist', 'proto', 'package.json', 'oclif.manifest.json']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const gate = 'if (this.gate === "open" || isRead(output) && !this.holdsFor(output.device)) {';
  const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(folder, 'dist', name))
    .filter((path) => readFileSync(path, 'utf8').includes(gate));
  expect(files).toHaveLength(1);
  for (const path of files) writeFileSync(path, readFileSync(path, 'utf8').replace(gate, 'if (true) {'));
  return join(folder, 'bin/run.js');
}
