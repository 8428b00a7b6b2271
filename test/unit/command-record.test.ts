/** run, record, replay, diff and inspect as processes, on guests that end well. */
import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs';

import { summaryOf, Workshop } from './command-rig.js';

const shop = new Workshop();
afterAll(() => shop.remove());

describe('a guest', () => {
  it('runs, with its console on stdout and nothing on stderr', () => {
    const { status, stdout, stderr } = shop.run('$VMFT run $G/hello.elf');
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: 'hello from a guest in machine mode\n',
      stderr: '',
    });
  });

  it('is recorded with a summary, replayed, compared with itself and inspected', () => {
    const recorded = shop.run('$VMFT record $G/clock-small.elf -o clock.pb');
    expect(recorded.status).toBe(0);
    expect(recorded.stderr).toMatch(
      /^The guest powered off with status 0\.\n[\d ]+ instructions in \d+\.\d\d s \(.* MIPS\)\n/,
    );
    expect(recorded.stderr).toMatch(/entries, .* in clock\.pb\n/);
    expect(recorded.stderr).toMatch(/^ {2}time +[\d ]+ {2}/m);
    expect(recorded.stderr).not.toContain('\x1b');

    const replayed = shop.run('$VMFT replay clock.pb --json');
    expect(replayed.status).toBe(0);
    expect(replayed.stdout).toBe(recorded.stdout);
    expect(summaryOf(replayed)).toMatchObject({
      command: 'replay',
      log: 'clock.pb',
      ended: 'whole',
      status: 0,
      digests: 2,
      outputs: 2,
      recorded: { ended: 'power-off', status: 0 },
    });

    const same = shop.run('$VMFT diff clock.pb; echo $?; $VMFT diff clock.pb - < clock.pb; echo $?');
    expect(same.stdout).toMatch(
      /^clock\.pb replays as it was recorded.*\nIt is the same on interpreter and translator.*\n0\nThe runs are the same.*\n0\n$/,
    );
    expect(same.stderr).toBe('');

    const inspected = shop.run('$VMFT inspect clock.pb --type tick,end');
    expect(inspected.status).toBe(0);
    expect(inspected.stdout).toMatch(/^format +vmft log 1\.1/);
    const entries = inspected.stdout.split('\n\n')[1]?.trimEnd().split('\n') ?? [];
    // How many ticks there are is the host's matter: as many as the recorder has counted.
    const counted = /^ {2}tick +([\d ]+?) {2}/m.exec(recorded.stderr)?.[1] ?? '';
    expect(entries).toHaveLength(Number(counted.replaceAll(' ', '')) + 1);
    expect(entries.length).toBeGreaterThan(1);
    expect(entries.slice(0, -1).every((line) => /^ *\d+ {2}tick +\d+$/.test(line))).toBe(true);
    expect(entries.at(-1)).toMatch(/^ *\d+ {2}end +power-off, status 0$/);
  });

  it('gives the process its status, and console input is part of the log', () => {
    const typed = shop.run('$VMFT record $G/shell.elf -q -o shell.pb', 'sum 4\nexit 7\n');
    expect(typed.status).toBe(7);
    expect(typed.stderr).toBe('');
    expect(typed.stdout).toContain('\n10\n');
    const replayed = shop.run('$VMFT replay shell.pb -q');
    expect(replayed).toMatchObject({ status: 7, stdout: typed.stdout, stderr: '' });
    const { stdout } = shop.run('$VMFT inspect shell.pb --json --type console');
    const [header, entry] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(header).toMatchObject({ type: 'header', images: [{ name: 'shell.elf', embedded: true }] });
    expect(entry).toMatchObject({ type: 'console', data: Buffer.from('sum 4\nexit 7\n').toString('hex') });
  });

  it('that waits for input that has ended is ended, with status 0', () => {
    const { status, words } = shop.run('$VMFT run $G/shell.elf', 'sum 4\n');
    expect(status).toBe(0);
    expect(words).toEqual([expect.stringMatching(/^vmft: The guest was stopped: the guest waits for an interrupt/)]);
  });
});

describe('a log on a pipe', () => {
  it('is replayed while it is recorded; the console moves to stderr', () => {
    const { stdout, stderr } = shop.run(
      '$VMFT record $G/clock-small.elf -q -o - | $VMFT replay - -q; echo "${PIPESTATUS[@]}"',
    );
    expect(stdout).toMatch(/clock: ok\n0 0\n$/);
    expect(`${stderr}0 0\n`).toBe(stdout);
  });

  it('ends quietly where its reader goes away', () => {
    const { stdout, stderr } = shop.run(
      '$VMFT record $G/clock.elf -q -o - 2>console | head -c 3000 >cut.pb; echo "${PIPESTATUS[@]}"',
    );
    expect({ stdout, stderr }).toEqual({ stdout: '0 0\n', stderr: '' });
    expect(readFileSync(shop.path('console'), 'utf8')).toBe('');
    const replayed = shop.run('$VMFT replay cut.pb');
    expect(replayed.status).toBe(65);
    expect(replayed.words).toEqual([
      expect.stringMatching(/^vmft: cut\.pb ends at position \d+, byte offset \d+, without an end: /),
    ]);
  });

  it('can be followed as a file, from before it is there', () => {
    const { status, stdout, stderr } = shop.run(
      '(sleep 0.3; $VMFT record $G/clock-small.elf -q -o followed.pb >recorded) & $VMFT replay followed.pb --follow -q',
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(readFileSync(shop.path('recorded'), 'utf8'));
  });
});

it('two recordings of a virtual clock and a seed are the same file', () => {
  const { stdout, status } = shop.run(
    'for i in 1 2; do $VMFT record $G/dice.elf -q --clock virtual --entropy seed:2a -o seed$i.pb; done; cmp seed1.pb seed2.pb',
  );
  expect(status).toBe(0);
  const [first, second] = [stdout.slice(0, stdout.length / 2), stdout.slice(stdout.length / 2)];
  expect(first).toBe(second);
});

it('diff names the entry that parts two runs', () => {
  shop.run('for s in 2a 2b; do $VMFT record $G/dice.elf -q --clock virtual --entropy seed:$s -o d$s.pb; done');
  const { status, stdout, stderr } = shop.run('$VMFT diff d2a.pb d2b.pb --json');
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  const report = JSON.parse(stdout) as { outcome: string; divergence: { position: number; sentence: string } };
  expect(report.outcome).toBe('diverged');
  expect(report.divergence.sentence).toContain('entropy');
});

it('a log without its guest wants just that guest', () => {
  shop.run('$VMFT record $G/hello.elf -q --no-embed -o bare.pb');
  const missing = shop.run('$VMFT replay bare.pb');
  expect(missing.status).toBe(65);
  expect(missing.words).toEqual([
    expect.stringMatching(/^vmft: bare\.pb does not hold its guest: .*--guest \(hello\.elf, SHA-256 [0-9a-f]{64}\)\.$/),
  ]);
  const wrong = shop.run('$VMFT replay bare.pb --guest $G/sort.elf');
  expect(wrong.status).toBe(65);
  expect(wrong.words).toHaveLength(1);
  expect(wrong.stderr.match(/[0-9a-f]{64}/g)).toHaveLength(2);
  expect(shop.run('$VMFT replay bare.pb -q --guest $G/hello.elf')).toMatchObject({ status: 0, stderr: '' });
});

it('a log is not overwritten by mistake', () => {
  const { status, words } = shop.run('echo precious >kept.pb; $VMFT record $G/hello.elf -o kept.pb');
  expect(status).toBe(73);
  expect(words).toEqual(['vmft: kept.pb exists: give another name with -o, or overwrite it with --force.']);
  expect(readFileSync(shop.path('kept.pb'), 'utf8')).toBe('precious\n');
  expect(shop.run('$VMFT record $G/hello.elf -q -f -o kept.pb').status).toBe(0);
  expect(statSync(shop.path('kept.pb')).size).toBeGreaterThan(1000);
});

it('a log of many stretches replays, and from any cut up to there', () => {
  expect(shop.run('$VMFT record $G/clock.elf -q -o long.pb').status).toBe(0);
  const { size } = statSync(shop.path('long.pb'));
  expect(size).toBeGreaterThan(100_000);
  expect(shop.run('$VMFT replay long.pb -q')).toMatchObject({ status: 0, stderr: '' });
  truncateSync(shop.path('long.pb'), size - 1000);
  const { status, words } = shop.run('$VMFT replay long.pb');
  expect(status).toBe(65);
  expect(words).toEqual([expect.stringMatching(/position [1-9][\d ]+, byte offset \d+, without an end/)]);
  expect(existsSync(shop.path('log.pb'))).toBe(false);
});
