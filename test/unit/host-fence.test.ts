import { existsSync, readFileSync } from 'node:fs';

import { runFence } from '../../src/host/fence.js';
import { pause, workFolder } from '../support/vmft.js';

const work = workFolder();
afterAll(() => work.remove());

const ENVIRONMENT = { VMFT_RUN: 'abc', VMFT_EPOCH: '2' };

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a fence', () => {
  it('tells the command which run and epoch', async () => {
    const path = work.path('told');
    const command = `echo "$VMFT_RUN $VMFT_EPOCH $HOME" > ${path}`;
    expect(await runFence(command, ENVIRONMENT, 5000)).toEqual({ ok: true });
    expect(readFileSync(path, 'utf8')).toBe(`abc 2 ${process.env.HOME ?? ''}\n`);
  });

  it.each([
    ['echo first; echo "no such outlet" >&2; exit 3', 'ended with status 3, saying "no such outlet"'],
    ['exit 1', 'ended with status 1'],
    ['kill -9 $$', 'ended with SIGKILL'],
    ['no-such-command-here 2>/dev/null', 'ended with status 127'],
  ])('says how %j failed', async (command, how) => {
    const sentence = `The fence command ${how}: see that the old primary is off.`;
    expect(await runFence(command, ENVIRONMENT, 5000)).toEqual({ ok: false, sentence });
  });

  it('says where it could not be started', async () => {
    const sentence = 'The fence command could not be started (E2BIG): see that the old primary is off.';
    expect(await runFence(`: ${'x'.repeat(1 << 18)}`, ENVIRONMENT, 5000)).toEqual({ ok: false, sentence });
  });

  it('ends what takes too long, with all that it started', async () => {
    const path = work.path('pids');
    const command = `trap '' TERM; sleep 77 & echo $! $$ > ${path}; echo waiting; wait`;
    const sentence = 'The fence command was ended after 0.5 s, saying "waiting": see that the old primary is off.';
    expect(await runFence(command, ENVIRONMENT, 500)).toEqual({ ok: false, sentence });
    const pids = readFileSync(path, 'utf8').trim().split(' ').map(Number);
    expect(pids).toHaveLength(2);
    while (pids.some(alive)) await pause(10);
  });

  it('does not wait for what the command left running', async () => {
    const path = work.path('left');
    const start = performance.now();
    expect(await runFence(`(sleep 2; echo > ${path}) & exit 0`, ENVIRONMENT, 10_000)).toEqual({ ok: true });
    expect(performance.now() - start).toBeLessThan(1500);
    while (!existsSync(path)) await pause(50);
  });
});
