/**
 * The differential test of both engines against QEMU in its short form, the streams that once differed, and a proof that
 * it fails where something is wrong: `npm run differential` is the full form. Needs Debian's qemu-system-misc.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installed } from '../support/vmft.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const fixtures = join(root, 'test/differential/fixtures');
const whenInstalled = installed('qemu-system-riscv64') ? it : it.skip;

function differential(...options: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ['--import', 'tsx', 'test/differential/main.ts', ...options], {
    cwd: root,
    encoding: 'utf8',
  });
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmft-differential-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

whenInstalled('random instructions of every kind do on QEMU what they do here, interpreted and translated', () => {
  const { status, stdout, stderr } = differential('--instructions', '100000', '--others', '10000', '--save', folder);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^paging: \d{6} instructions, 0 differences$/m);
  expect(stdout.match(/: \d{6,} instructions, 0 differences$/gm)).toHaveLength(13);
  // Half of what is executed for a stream in registers is the monitor's.
  const [, translated] = /│ Zba +│ +[\d,]+ │ +[\d,]+ │ +([\d.]+) % │/.exec(stdout) ?? [];
  expect(Number(translated)).toBeGreaterThan(60);
  expect(status).toBe(0);
});

whenInstalled('streams that once differed are equal', () => {
  const kept = readdirSync(fixtures).filter((name) => name.endsWith('.json')).length;
  expect(kept).toBeGreaterThan(0);
  const { status, stdout } = differential('--fixture', fixtures);
  expect(stdout).toContain(`${kept} kept streams, 0 differences`);
  expect(status).toBe(0);
});

whenInstalled('a wrong meaning is found, and made small', () => {
  const broken = ['--break', 'sh2add=sh3add', '--save', folder];
  const { status, stdout } = differential('--extension', 'Zba', '--instructions', '2000', ...broken);
  expect(status).toBe(1);
  const [file] = readdirSync(folder).filter((name) => name.startsWith('Zba-1-'));
  const { code } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { code: string[][] };
  expect(code.flat().length).toBeLessThanOrEqual(4);
  expect(code.flat().join('\n')).toContain('sh2add');
  expect(stdout).toContain('QEMU has');
  // The same stream is equal where nothing is broken.
  expect(differential('--fixture', join(folder, file)).status).toBe(0);
});

whenInstalled('a seed makes the same streams every time', () => {
  const once = (): string => {
    const { status, stdout } = differential('--extension', 'I,traps', '--instructions', '5000', '--seed', '7');
    expect(stdout).toMatch(/^traps: \d{4,} instructions, 0 differences$/m);
    expect(status).toBe(0);
    return stdout;
  };
  const withoutTimes = (text: string): string => text.replace(/\d+\.\d /g, '');
  expect(withoutTimes(once())).toBe(withoutTimes(once()));
});
