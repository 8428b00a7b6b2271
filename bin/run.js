#!/usr/bin/env node
// The vmft command. `--version` is answered here, without loading anything else.
import { readFileSync } from 'node:fs';

const [first] = process.argv.slice(2);
if (first === '--version' || first === '-V') {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  process.stdout.write(`vmft ${version}\n`);
} else {
  const { main } = await import('../dist/main.js');
  await main(process.argv.slice(2), import.meta.url);
}
