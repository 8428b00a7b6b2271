// Generates proto/gen (a static ES module and its types for each schema in proto/vmft/v1) with pbjs.
// With --check nothing is written: ends with status 1 where proto/gen is not what the schemas give, byte for byte.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const schemas = join(root, 'proto/vmft/v1');
const generated = join(root, 'proto/gen');
const pbjs = join(dirname(createRequire(import.meta.url).resolve('protobufjs-cli/package.json')), 'bin/pbjs');
// Only encoding and decoding are used; positions and hashes are converted in src/log/header-codec.ts.
const options = [
  ...['--target', 'static-module', '--wrap', 'esm', '--dts'],
  ...['--no-create', '--no-convert', '--no-verify', '--no-delimited', '--no-typeurl', '--no-service'],
];

/** Generates every schema's module into the folder `out`; one root name per schema keeps them apart. */
function generate(out) {
  mkdirSync(out, { recursive: true });
  for (const schema of readdirSync(schemas).sort()) {
    if (!schema.endsWith('.proto')) continue;
    const name = basename(schema, '.proto');
    const target = join(out, `${name}.js`);
    execFileSync(
      process.execPath,
      [pbjs, ...options, '--root', `vmft-${name}`, '--out', target, join(schemas, schema)],
      {
        cwd: root,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
  }
}

/** The files of a folder, as a map from name to content. */
function contents(folder) {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

if (process.argv.includes('--check')) {
  const fresh = mkdtempSync(join(tmpdir(), 'vmft-proto-'));
  try {
    generate(fresh);
    const [is, should] = [contents(generated), contents(fresh)];
    const stale = [...new Set([...is.keys(), ...should.keys()])].filter((name) => is.get(name) !== should.get(name));
    for (const name of stale) console.error(`proto/gen/${name} is not what the schema gives: run npm run generate`);
    process.exitCode = stale.length > 0 ? 1 : 0;
  } finally {
    rmSync(fresh, { recursive: true });
  }
} else {
  rmSync(generated, { recursive: true, force: true });
  generate(generated);
}
