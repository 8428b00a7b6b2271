// Builds dist/ from src/ and writes oclif.manifest.json, from which vmft knows its commands without loading them. The modules
// are joined into few files, those of other packages with them, since finding and reading each takes a good part of a
// millisecond; the packages' licences go to dist/licences.txt. Types are checked elsewhere.
//   node scripts/build.js           builds
//   node scripts/build.js --check   writes nothing; status 1 where the manifest is not what the commands give
import { build } from 'esbuild';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const manifestPath = join(root, 'oclif.manifest.json');
const check = process.argv.includes('--check');

/** What is a file of its own in dist/: where vmft starts, its commands, and what they load when they run. */
function entryPoints() {
  const folders = ['src/commands', 'src/commands/verbs'];
  const modules = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  return ['src/main.ts', ...modules];
}

/** What CommonJS packages find Node's modules by, inside ES modules. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

async function compile() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: entryPoints(),
    outbase: 'src',
    outdir: 'dist',
    chunkNames: 'parts/[name]-[hash]',
    bundle: true,
    splitting: true,
    banner: { js: REQUIRE },
    // oclif would have it run commands that are not built.
    external: ['typescript'],
    legalComments: 'inline',
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
  });
  const licences = {
    path: join(root, 'dist/licences.txt'),
    contents: Buffer.from(licencesOf(Object.keys(metafile.inputs))),
  };
  const files = [...outputFiles, licences];
  for (const { path, contents } of files) put(path, contents);
  removeStale(new Set(files.map(({ path }) => path)));
}

/** The licences of the packages that modules come from, each under the package's name. */
function licencesOf(modules) {
  const folders = modules.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
  return [...new Set(folders)]
    .sort()
    .map(licenceOf)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8')}`;
}

/** Writes a file in one step, where it is another one: npm builds behind the back of a vmft that may be running. */
function put(path, contents) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, contents);
  renameSync(fresh, path);
}

/** Removes from dist/ what was not built now. */
function removeStale(built) {
  for (const entry of readdirSync(join(root, 'dist'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const needed = entry.isDirectory() ? [...built].some((file) => file.startsWith(join(path, '/'))) : built.has(path);
    if (!needed) rmSync(path, { recursive: true, force: true });
  }
}

/** The commands' flags, arguments and descriptions as JSON, by loading every command once. */
async function manifest() {
  const { Plugin } = await import('@oclif/core');
  const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true, respectNoCacheDefault: true });
  await plugin.load();
  return `${JSON.stringify(plugin.manifest, null, 2)}\n`;
}

if (!check) await compile();
const text = await manifest();
if (!check) writeFileSync(manifestPath, text);
else if (readFileSync(manifestPath, 'utf8') !== text) {
  console.error('oclif.manifest.json is not what the commands give: run npm run build');
  process.exitCode = 1;
}
