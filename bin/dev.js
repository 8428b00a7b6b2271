#!/usr/bin/env node
// vmft from its sources: compiles what has changed, then runs.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const build = fileURLToPath(new URL('../scripts/build.js', import.meta.url));
const { status } = spawnSync(process.execPath, [build, '--quick'], { stdio: ['ignore', 'inherit', 'inherit'] });
if (status !== 0) process.exit(status ?? 1);
await import('./run.js');
