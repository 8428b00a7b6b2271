/** A disk that fills up while a guest is recorded: a small file system in memory, which needs root to mount. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

import { Workshop } from '../unit/command-rig.js';

const shop = new Workshop();
const mount = (...args: string[]): boolean => spawnSync('mount', args).status === 0;
const disk = shop.path('disk');
mkdirSync(disk);
const mounted = process.getuid?.() === 0 && mount('-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', disk);

afterAll(() => {
  if (mounted) spawnSync('umount', [disk]);
  shop.remove();
});

(mounted ? it : it.skip)('ends the recording, and what was written replays', () => {
  const { status, words } = shop.run('$VMFT record $G/clock.elf -q -o disk/log.pb >out');
  expect(status).toBe(74);
  expect(words).toEqual([
    expect.stringMatching(/^vmft: No space is left for disk\/log\.pb: the recording stopped at position [1-9][\d ]+, /),
  ]);
  const replayed = shop.run('$VMFT replay disk/log.pb --json');
  expect(replayed.status).toBe(65);
  const [sentence, json] = replayed.words;
  expect(sentence).toMatch(/ends at position [1-9][\d ]+, byte offset \d+, without an end/);
  expect((JSON.parse(json ?? '') as { instructions: number }).instructions).toBeGreaterThan(10_000);
});
