/** What ends a run before the guest does, and every bad input: its status, and one line on stderr. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { changeHeader } from '../support/change-header.js';
import { summaryOf, Workshop } from './command-rig.js';

const shop = new Workshop();
afterAll(() => shop.remove());

describe('a guest that loops in a trap is ended', () => {
  it('by --until, at exactly that position', () => {
    const recorded = shop.run('$VMFT record $G/traploop.elf --json --until 123457 -o until.pb');
    expect(recorded.status).toBe(0);
    expect(summaryOf(recorded)).toMatchObject({ ended: 'until', status: 0, instructions: 123457 });
    const replayed = shop.run('$VMFT replay until.pb --json');
    expect(replayed).toMatchObject({ status: 0, stdout: recorded.stdout });
    expect(summaryOf(replayed)).toMatchObject({ ended: 'whole', instructions: 123457 });
    expect(summaryOf(shop.run('$VMFT replay until.pb --until 1000 --json'))).toMatchObject({
      ended: 'until',
      instructions: 1000,
    });
  });

  it('by --time-limit', () => {
    const { status, words } = shop.run('$VMFT run $G/traploop.elf --time-limit 100ms');
    expect(status).toBe(124);
    expect(words).toEqual([expect.stringMatching(/^vmft: The guest was stopped at the time limit\. /)]);
  });

  it.each([
    ['INT', 130],
    ['TERM', 143],
  ])('by SIG%s, with a whole log', (signal, status) => {
    // Backgrounded jobs of a shell without job control ignore SIGINT; the command's own handler does not.
    const stopped = shop.run(
      `$VMFT record $G/traploop.elf -q -o ${signal}.pb >out${signal} & pid=$!
       until [ -s out${signal} ]; do sleep 0.05; done; sleep 0.1; kill -${signal} $pid; wait $pid`,
    );
    expect(stopped).toMatchObject({ status, stderr: '' });
    const replayed = shop.run(`$VMFT replay ${signal}.pb --json`);
    expect(replayed.status).toBe(0);
    expect(summaryOf(replayed)).toMatchObject({ ended: 'whole', recorded: { ended: 'interrupted', status } });
  });
});

describe('a console without a reader', () => {
  it.each(['run $G/storm.elf', 'record $G/storm.elf -q -o storm.pb', 'replay storm.pb', 'inspect storm.pb'])(
    '%s | head ends quietly',
    (command) => {
      const { stdout, stderr } = shop.run(`$VMFT ${command} | head -n 1; echo "\${PIPESTATUS[@]}"`);
      expect(stdout).toMatch(/^(storm: line 0000|format).*\n0 0\n$/);
      expect(stderr).toBe('');
    },
  );

  it('leaves a whole log behind', () => {
    expect(shop.run('$VMFT replay storm.pb -q')).toMatchObject({ status: 0, stderr: '' });
  });
});

const whereFull = existsSync('/dev/full') ? describe : describe.skip;
whereFull('a full disk', () => {
  it.each([
    'record $G/hello.elf -o /dev/full',
    'record $G/hello.elf -o - 2>&1 >/dev/full | cat; exit ${PIPESTATUS[0]}',
  ])('ends %s', (command) => {
    const { status, stdout, stderr } = shop.run(`$VMFT ${command}`);
    expect(status).toBe(74);
    expect(stdout + stderr).toMatch(/^vmft: No space is left for .*: free some, or write it elsewhere\.\n$/);
  });

  it('of the console ends a run', () => {
    const { status, words } = shop.run('$VMFT run $G/storm.elf >/dev/full');
    expect(status).toBe(74);
    expect(words).toEqual(['vmft: No space is left for the standard output: free some, or write it elsewhere.']);
  });
});

describe('bad input is one line and its status', () => {
  beforeAll(() => {
    shop.run('$VMFT record $G/hello.elf -q -o good.pb; : >empty');
    const good = readFileSync(shop.path('good.pb'));
    const flipped = Buffer.from(good);
    flipped[1000] = (flipped[1000] ?? 0) ^ 0x10;
    writeFileSync(shop.path('flipped.pb'), flipped);
    writeFileSync(shop.path('cut.pb'), good.subarray(0, good.length - 5));
    writeFileSync(shop.path('start.pb'), good.subarray(0, 100));
    writeFileSync(
      shop.path('later.pb'),
      changeHeader(good, (header) => (header.major = 2)),
    );
    writeFileSync(shop.path('text.txt'), 'no guest\n'.repeat(20));
    const alien = Buffer.from(readFileSync(process.execPath).subarray(0, 4096));
    writeFileSync(shop.path('alien.elf'), alien);
    writeFileSync(shop.path('big.bin'), Buffer.alloc(2 ** 20 + 1, 0x13));
  });

  it.each<[string, number, RegExp]>([
    ['run nowhere.elf', 66, /^There is no file nowhere\.elf: check the path\.$/],
    ['run empty', 65, /^empty is not a guest \(an empty file\)/],
    ['run text.txt', 65, /^text\.txt is not a guest \(text\)/],
    ['run alien.elf', 65, /^alien\.elf is not a guest \((an ELF|a macOS)/],
    ['run big.bin --memory 1M', 65, /^big\.bin does not fit into memory \(1 bytes too large/],
    ['run $G/hello.elf --memory -1M', 64, /^--memory takes a size from 1M to 3G/],
    ['run $G/hello.elf --until=-5', 64, /^--until takes a whole number from 0 to 9007199254740991, not "-5"\.$/],
    ['record $G/hello.elf --until 99999999999999999999', 64, /^--until takes a whole number/],
    ['run $G/hello.elf --time-limit', 64, /^--time-limit expects a value: see vmft run --help\.$/],
    ['run $G/hello.elf --net tap:0', 64, /^--net tap:0 is not a network/],
    ['run', 64, /^vmft run needs a GUEST: see vmft run --help\.$/],
    ['run a --frobnicate', 64, /^vmft run has no option --frobnicate: see vmft run --help\.$/],
    [
      'record $G/hello.elf -o nowhere/log.pb',
      73,
      /^nowhere\/log\.pb cannot be created: its directory does not exist\.$/,
    ],
    ['record $G/hello.elf -o good.pb', 73, /^good\.pb exists/],
    ['replay nowhere.pb', 66, /^There is no file nowhere\.pb/],
    ['replay $G/hello.elf', 65, /hello\.elf is not a vmft log/],
    ['replay empty', 65, /^empty is empty/],
    ['replay start.pb', 65, /^start\.pb ends at byte 100, before its first entry/],
    ['replay cut.pb', 65, /^cut\.pb ends at position 397, byte offset \d+, without an end/],
    ['replay flipped.pb', 65, /^flipped\.pb is damaged at byte 1000: /],
    [
      'replay later.pb',
      65,
      /^later\.pb has format version 2, this vmft reads version 1 and stops at byte 0: use a later vmft\.$/,
    ],
    ['replay good.pb --guest $G/sort.elf', 65, /sort\.elf is not the guest that good\.pb was recorded of/],
    ['diff good.pb nowhere.pb', 2, /^There is no file nowhere\.pb/],
    ['diff good.pb flipped.pb', 2, /^flipped\.pb is damaged at byte 1000/],
    ['diff - -', 2, /^Only one of the logs/],
    ['diff', 2, /^vmft diff needs a LOG/],
  ])('%s: %i', (command, expected, message) => {
    const { status, words } = shop.run(`$VMFT ${command} >out`);
    expect(words).toHaveLength(1);
    expect(words[0]).toMatch(/^vmft: /);
    expect(words[0]?.slice('vmft: '.length)).toMatch(message);
    expect(status).toBe(expected);
  });

  it('a port in use: 69, and no log is left behind', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    const { status, words } = shop.run(
      `$VMFT record $G/hello.elf -o port.pb --net dgram:remote=127.0.0.1:9,local=127.0.0.1:${port}`,
    );
    socket.close();
    expect(status).toBe(69);
    expect(words).toEqual([`vmft: UDP port ${port} of 127.0.0.1 is in use: choose another.`]);
    expect(existsSync(shop.path('port.pb'))).toBe(false);
  }, 60_000);

  it('the guest and the log cannot be one file', () => {
    const before = shop.run(
      'cp $G/hello.elf guest.elf; $VMFT record guest.elf -f -o guest.elf; e=$?; cmp guest.elf $G/hello.elf; exit $e',
    );
    expect(before).toMatchObject({ status: 73, stdout: '' });
    expect(before.words).toEqual(['vmft: guest.elf cannot be both the guest and the log: name another file.']);
  });
});
