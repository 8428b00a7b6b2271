/** The package as users get it: a tarball that installs in an empty folder and runs there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

let folder: string;
let executable: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmft-package-'));
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const name = /"filename": "([^"]+)"/.exec(packed)?.[1] ?? '';
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, name)], {
    cwd: folder,
    stdio: 'ignore',
  });
  executable = join(folder, 'node_modules/.bin/vmft');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('tells its version', () => {
  expect(execFileSync(executable, ['--version'], { cwd: folder, encoding: 'utf8' })).toBe(`vmft ${version}\n`);
});

it('brings its licences, schema and manifest, and no sources', () => {
  const home = join(folder, 'node_modules/vmft');
  const files = [
    'LICENSE',
    'dist/licences.txt',
    'README.md',
    'CHANGELOG.md',
    'proto/vmft/v1/log.proto',
    'oclif.manifest.json',
  ];
  for (const file of files) {
    expect([file, existsSync(join(home, file))]).toEqual([file, true]);
  }
  expect(existsSync(join(home, 'src'))).toBe(false);
  expect(existsSync(join(home, 'test'))).toBe(false);
});

it('brings no other package along, and the terms of what is in it', () => {
  expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['vmft']);
  const licences = readFileSync(join(folder, 'node_modules/vmft/dist/licences.txt'), 'utf8');
  for (const name of ['@oclif/core', 'protobufjs', 'zod'])
    expect(licences).toMatch(new RegExp(`^${name} [0-9.]+ \\(`, 'm'));
});

it('records, replays and diffs a guest', () => {
  const guest = join(root, 'fixtures/guests/prebuilt/hello.elf');
  const log = join(folder, 'hello.pb');
  const recorded = spawnSync(executable, ['record', guest, '-o', log], { cwd: folder, encoding: 'utf8' });
  expect(recorded).toMatchObject({ status: 0 });
  expect(recorded.stdout.length).toBeGreaterThan(0);
  const replayed = spawnSync(executable, ['replay', log], { cwd: folder, encoding: 'utf8' });
  expect(replayed).toMatchObject({ status: 0, stdout: recorded.stdout });
  expect(spawnSync(executable, ['diff', log, log], { cwd: folder })).toMatchObject({ status: 0 });
});

it('refuses what it does not know with one sentence and status 64', () => {
  const answer = spawnSync(executable, ['recrod'], { cwd: folder, encoding: 'utf8' });
  expect(answer.status).toBe(64);
  expect(answer.stderr.trim().split('\n')).toHaveLength(1);
});
