/** Other versions of Node, each installed once from its npm package into a folder that is kept between runs. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const cache = join(tmpdir(), `vmft-nodes-${userInfo().username}`);

/** A Node of a major version, or why there is none. */
export interface OtherNode {
  readonly major: number;
  readonly path?: string;
  readonly missing?: string;
}

export const thisMajor = Number(process.versions.node.split('.')[0]);

/** Finds or installs a version of Node. */
export function otherNode(major: number): OtherNode {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(cache, String(major));
  const path = join(folder, 'node_modules', name, 'bin/node');
  if (answers(path, major)) return { major, path };
  mkdirSync(folder, { recursive: true });
  const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts'];
  const { error, status, stderr } = spawnSync('npm', ['install', '--prefix', folder, ...options, `${name}@${major}`], {
    encoding: 'utf8',
    timeout: 180_000,
  });
  if (answers(path, major)) return { major, path };
  const reason = error?.message ?? stderr.trim().split('\n').at(0) ?? '';
  return { major, missing: `${name}@${major} cannot be installed (status ${String(status)}: ${reason})` };
}

function answers(path: string, major: number): boolean {
  return spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout?.startsWith(`v${major}.`) ?? false;
}
