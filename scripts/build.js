// Builds dist/ from src/ and writes oclif.manifest.json, from which vmft knows its commands without loading them.
//   node scripts/build.js           everything anew
//   node scripts/build.js --quick   only what has changed
//   node scripts/build.js --check   writes nothing; status 1 where the manifest is not what the commands give
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifestPath = join(root, 'oclif.manifest.json');
const quick = process.argv.includes('--quick');
const check = process.argv.includes('--check');

function compile() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const state = join(root, 'node_modules/.cache/vmft.tsbuildinfo');
  // Over what is there, never from an empty folder: npm builds behind the back of a vmft that may be running.
  if (!quick) rmSync(state, { force: true });
  const options = ['-p', join(root, 'tsconfig.json'), '--incremental', '--tsBuildInfoFile', state];
  const { status } = spawnSync(process.execPath, [tsc, ...options], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  removeStale();
}

/** Removes from dist/ what has no source any more. */
function removeStale() {
  const dist = join(root, 'dist');
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const built = join(entry.parentPath, entry.name);
    const source = join(root, 'src', built.slice(dist.length + 1).replace(/\.js$/, '.ts'));
    if (!existsSync(source)) rmSync(built, { recursive: true, force: true });
  }
}

/** The commands' flags, arguments and descriptions as JSON, by loading every command once. */
async function manifest() {
  const { Plugin } = await import('@oclif/core');
  const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true, respectNoCacheDefault: true });
  await plugin.load();
  return `${JSON.stringify(plugin.manifest, null, 2)}\n`;
}

if (!check) compile();
const text = await manifest();
if (!check) writeFileSync(manifestPath, text);
else if (readFileSync(manifestPath, 'utf8') !== text) {
  console.error('oclif.manifest.json is not what the commands give: run npm run build');
  process.exitCode = 1;
}
