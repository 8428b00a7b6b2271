/** What is not loaded costs no time: start-up is measured in `npm run bench`, and kept short by what is held here. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What every command needs, and what loads next to nothing; among that what reads the guest while the rest loads. */
const LIGHT =
  /^(@oclif\/core.*|\.\/options\/(command|flags)\.js|\.\/guests\/guest-reading\.js|\.\.\/host\/failure\.js)$/;
const root = fileURLToPath(new URL('../../', import.meta.url));

it('--version needs nothing but the executable and package.json', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vmft-version-'));
  try {
    mkdirSync(join(folder, 'bin'));
    for (const file of ['bin/run.js', 'package.json']) copyFileSync(join(root, file), join(folder, file));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const answer = execFileSync(process.execPath, [join(folder, 'bin/run.js'), '--version'], { encoding: 'utf8' });
    expect(answer).toBe(`vmft ${version}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('a command loads what does its work only when it runs', () => {
  for (const verb of ['run', 'record', 'replay', 'diff', 'inspect']) {
    const source = readFileSync(join(root, `src/commands/${verb}.ts`), 'utf8');
    const imported = [...source.matchAll(/^import (?!type ).*from '([^']+)'/gm)].map(([, from]) => from);
    expect(imported.filter((from) => !LIGHT.test(from ?? ''))).toEqual([]);
  }
});
