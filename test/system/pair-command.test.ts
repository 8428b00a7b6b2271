/** What `vmft primary` and `vmft backup` say to users who ask for what cannot be: one sentence, and its status. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';

import { CHANNEL_VERSION } from '../../src/pair/frames.js';
import { MACHINE_VERSION } from '../../src/machine/configuration.js';
import { FakePrimary, Peer, soundWelcome } from '../support/channel.js';
import { freePort, guest, Running, RunningCramped, Started, vmft, workFolder, type Answer } from '../support/vmft.js';

const { stdout: version } = vmft('--version');
const work = workFolder();
const started = new Started();
const start = (...args: string[]): Running => started.add(new Running(...args));
afterAll(() => work.remove());
afterEach(() => started.end());

/** What a process had to say at its end: one sentence, and notices before it. */
function expectRefusal({ status, stderr, stdout }: Answer, expected: number, sentence: RegExp, notices = 0): void {
  const lines = stderr.trimEnd().split('\n');
  expect(lines.at(-1)).toMatch(sentence);
  expect(lines.at(-1)).toMatch(/^vmft: \S.*\.$/);
  expect([lines.length - 1, status, stdout]).toEqual([notices, expected, '']);
}

const SOCKET = (name: string): string => work.path(`${name}.socket`);
const idle = guest('idle-hour.elf');

describe('refused before anything is opened', () => {
  const PRIMARY = ['primary', idle, '--listen', '127.0.0.1:7'];
  const BACKUP = ['backup', '--connect', '127.0.0.1:7'];
  it.each<[string, string[], number, RegExp]>([
    ['no place to listen', ['primary', idle], 64, /^vmft: vmft primary needs --listen: see vmft primary --help\.$/],
    ['no place to call', ['backup'], 64, /^vmft: vmft backup needs --connect: see vmft backup --help\.$/],
    ['a place that is none', ['primary', idle, '--listen', 'somewhere'], 64, /--listen somewhere: .* use HOST:PORT/],
    [
      'an open network',
      ['primary', idle, '--listen', '0.0.0.0:7000'],
      64,
      /--listen 0\.0\.0\.0:7000 leads over a network/,
    ],
    ['a network by its name', ['primary', idle, '--listen', 'example.org:7000'], 64, /leads over a network/],
    ['an open network of six', ['primary', idle, '--listen', '[::]:7000'], 64, /--listen \[::\]:7000 leads over/],
    ['a call over a network', ['backup', '--connect', '192.0.2.1:7000'], 64, /--connect 192\.0\.2\.1:7000 leads over/],
    ['a backup that would listen there', [...BACKUP, '--listen', '0.0.0.0:1'], 64, /--listen 0\.0\.0\.0:1 leads over/],
    ['a log at the standard output', [...PRIMARY, '-o', '-'], 64, /-o takes a file here/],
    ['and of a backup', [...BACKUP, '-o', '-'], 64, /-o takes a file here/],
    ['a capture', [...PRIMARY, '--net', 'pcap:/dev/null'], 64, /--net pcap:\/dev\/null cannot be taken over/],
    ['a capture for a backup', [...BACKUP, '--net', 'pcap:x.pcap'], 64, /--net pcap:x\.pcap cannot be taken over/],
    ['a network that is none', [...BACKUP, '--net', 'carrier-pigeon'], 64, /--net carrier-pigeon is not a network/],
    ['a short silence', [...PRIMARY, '--timeout', '49ms'], 64, /--timeout is 50ms at least/],
    ['no silence', [...BACKUP, '--timeout', '0'], 64, /--timeout takes a time from 1ms to 596h/],
    ['a silence in words', [...PRIMARY, '--timeout', 'soon'], 64, /--timeout takes a time .*, not "soon"/],
    ['a lag below nothing', [...PRIMARY, '--lag-limit=-1s'], 64, /--lag-limit takes a time/],
    ['a lag without an end', [...BACKUP, '--lag-limit', '1e9'], 64, /--lag-limit takes a time/],
    ['an arbiter that is none', [...PRIMARY, '--arbiter', 'coin'], 64, /--arbiter coin is not an arbiter/],
    ['an arbiter nowhere', [...PRIMARY, '--arbiter', 'file:/no/where'], 66, /directory \/no\/where does not exist/],
    ['half of TLS', [...PRIMARY, '--tls-cert', 'a.pem'], 64, /TLS takes all of/],
    ['half of TLS at the backup', [...BACKUP, '--tls-key', 'a', '--tls-ca', 'b'], 64, /TLS takes all of/],
    [
      'a guest that there is not',
      ['primary', '/no/guest', '--listen', '127.0.0.1:7'],
      66,
      /There is no file \/no\/guest/,
    ],
    ['an engine that there is not', [...BACKUP, '--engine', 'steam'], 64, /--engine takes/],
  ])('%s', (_name, args, status, sentence) => {
    expectRefusal(vmft(...args), status, sentence);
  });
});

describe('a place to listen that cannot be had', () => {
  const claims = (): string[] => readdirSync(work.path('')).filter((name) => name.startsWith('vmft-'));

  it('a port in use, and no claim is left at the arbiter', async () => {
    const server = createServer();
    const port = await freePort();
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
    const args = ['primary', idle, '--listen', `127.0.0.1:${port}`, '--arbiter', `file:${work.path('')}`];
    expectRefusal(vmft(...args), 69, /TCP port \d+ of 127\.0\.0\.1 is in use: choose another\.$/);
    server.close();
    expect(claims()).toEqual([]);
  });

  it('a socket that another listens on, and one in no directory', async () => {
    const primary = start('primary', idle, '--listen', SOCKET('taken'), '--wait');
    await primary.tells(/Waiting for a backup/);
    const other = vmft('primary', idle, '--listen', SOCKET('taken'));
    expectRefusal(other, 69, /The socket .*taken\.socket is in use/);
    expectRefusal(
      vmft('primary', idle, '--listen', work.path('no/where')),
      77,
      /The socket .*no\/where may not be opened/,
    );
  });

  it('but the socket of one that has died is taken over', async () => {
    const first = start('primary', idle, '--listen', SOCKET('left'), '--wait');
    await first.tells(/Waiting/);
    first.process.kill('SIGKILL');
    await first.ended;
    await start('primary', idle, '--listen', SOCKET('left'), '--wait').tells(/Waiting/);
  });
});

describe('a primary that is not there', () => {
  it('is called for ten seconds, and told once', async () => {
    const begun = performance.now();
    const answer = await start('backup', '--connect', SOCKET('nobody')).ended;
    expectRefusal(answer, 69, /There is no socket .*nobody\.socket/, 1);
    expect(answer.stderr).toMatch(/^vmft: The primary is not there yet: There is no socket/);
    expect(performance.now() - begun).toBeGreaterThan(10_000);
  });

  it('is found where it comes in that time', async () => {
    const backup = start('backup', '--connect', SOCKET('late'));
    await backup.tells(/not there yet/);
    start('primary', idle, '--listen', SOCKET('late'));
    await backup.tells(/Following the primary/);
  });

  it('and one that ends before the guest has come is told', async () => {
    const primary = await FakePrimary.listen(SOCKET('short'));
    writeFileSync(work.path('vmft-abcdef-1'), '0123\n');
    primary.play = (peer) => {
      peer.say(soundWelcome({ arbiter: `file:${work.path('')}` }));
      setTimeout(() => peer.close(), 500);
    };
    const answer = await start('backup', '--connect', SOCKET('short')).ended;
    await primary.close();
    rmSync(work.path('vmft-abcdef-1'));
    expectRefusal(
      answer,
      69,
      /The primary at .* was lost before this backup had the guest: its connection was closed\.$/,
    );
  });
});

describe('versions', () => {
  it('a primary says what both are to a backup of another', async () => {
    const primary = start('primary', idle, '--listen', SOCKET('version'), '--wait');
    await primary.tells(/Waiting/);
    for (const changes of [{ build: 'vmft 99.0' }, { behaviour: 99 }, { version: 99 }]) {
      const peer = await Peer.call(SOCKET('version'));
      const own = { build: version.trim(), behaviour: MACHINE_VERSION, version: CHANNEL_VERSION };
      peer.say({ type: 'hello', format: 'vmft', ...own, ...changes });
      const { reason } = await peer.hears('refusal');
      expect(reason).toMatch(/^The backup is .*99.* and the primary vmft .*: both must be the same\.$/);
      expect(await peer.isLetGo()).toBe(true);
    }
    await primary.tells(/(A backup did not join: The backup is .*: both must be the same\.\n.*){3}/);
  });

  it('a backup passes on what a primary has against it', async () => {
    const primary = await FakePrimary.listen(SOCKET('refusing'));
    primary.play = (peer) => peer.say({ type: 'refusal', reason: 'Both must\x1b[31m be the same.' });
    const answer = await start('backup', '--connect', SOCKET('refusing')).ended;
    await primary.close();
    expectRefusal(
      answer,
      69,
      /The primary at .*refusing\.socket does not take this backup: Both must \[31m be the same\.$/,
    );
  });
});

describe('who cannot be the backup of this primary', () => {
  let primary: Running;
  const connect = SOCKET('primary');
  const image = work.path('disk.img');
  beforeAll(() => {
    for (const [name, size] of [
      ['disk.img', 65_536],
      ['other.img', 65_536],
      ['small.img', 4096],
    ] as const) {
      writeFileSync(work.path(name), new Uint8Array(size));
    }
  });
  beforeEach(async () => {
    primary = start(
      ...['primary', idle, '--listen', connect, '--disk', `${image},mode=rw`],
      ...['--net', `stream:listen:${SOCKET('net')}`, '--arbiter', `file:${work.path('')}`],
    );
  });

  /** The primary goes on, and tells why a backup did not join. */
  async function expectUnharmed(reason: RegExp): Promise<void> {
    await primary.tells(reason);
    expect(primary.process.exitCode).toBeNull();
  }

  it.each<[string, string[], number, RegExp]>([
    [
      'one with another file',
      ['--disk', work.path('other.img')],
      65,
      /other\.img is not the file that the primary writes to/,
    ],
    [
      'one with a smaller disk',
      ['--disk', work.path('small.img')],
      65,
      /small\.img is not the primary's disk: it has 4096 bytes/,
    ],
    ['one without the disk', ['--disk', work.path('none.img')], 66, /There is no file .*none\.img/],
    ['one with two disks', ['--disk', image, '--disk', image], 64, /The guest has 1 disks: give --disk as often/],
    [
      'one with two networks',
      ['--net', 'stream:/a', '--net', 'stream:/b'],
      64,
      /The guest has 1 networks: give --net as often/,
    ],
    [
      'one with another arbiter',
      ['--arbiter', 'file:/var/tmp'],
      78,
      /does not know the primary: both sides must ask the same/,
    ],
    ['one with an arbiter nowhere', ['--arbiter', 'file:/no/where'], 66, /\/no\/where does not exist/],
    [
      'one that wants a log from the start',
      ['-o', work.path('late.pb')],
      64,
      /The guest is at position \S+( \d+)* already, and a log starts at 0/,
    ],
  ])('%s', async (_name, args, status, sentence) => {
    const answer = await start('backup', '--connect', connect, ...args).ended;
    const waited = answer.stderr.includes('not there yet') ? 1 : 0;
    expectRefusal(answer, status, sentence, waited);
    await expectUnharmed(/(did not join|has left)(: it says ".*")?\.$/m);
  });

  it('a second one', async () => {
    const first = start('backup', '--connect', connect);
    await first.tells(/Following/);
    const second = await start('backup', '--connect', connect).ended;
    expectRefusal(second, 69, /does not take this backup: The primary has a backup already: one is all it takes\.$/);
    await expectUnharmed(/A backup did not join: The primary has a backup already/);
    expect(first.process.exitCode).toBeNull();
  });
});

describe('ends', () => {
  it('of a guest end both, with its status, and leave nothing at the arbiter', async () => {
    const claims = work.path('claims');
    mkdirSync(claims);
    const primary = start(
      'primary',
      guest('supervisor-failing.bin'),
      '--listen',
      SOCKET('both'),
      '--wait',
      '--arbiter',
      `file:${claims}`,
    );
    await primary.tells(/Waiting/);
    const backup = start('backup', '--connect', SOCKET('both'));
    const [one, other] = [await primary.ended, await backup.ended];
    expect([one.status, other.status]).toEqual([1, 1]);
    expect([one.stdout.length > 100, other.stdout]).toEqual([true, '']);
    for (const { stderr } of [one, other]) expect(stderr).not.toMatch(/lost|epoch/);
    expect(readdirSync(claims)).toEqual([]);
  });

  it('of a primary that cannot keep its log do not end the guest: the backup takes it over', async () => {
    const args = [
      'primary',
      guest('clock.elf'),
      '--listen',
      SOCKET('full'),
      '--wait',
      '--quiet',
      '-o',
      work.path('full.pb'),
    ];
    const primary = new RunningCramped(...args);
    started.add(primary);
    const backup = start('backup', '--connect', SOCKET('full'));
    const ended = await primary.ended;
    expect(ended.status).toBe(74);
    const other = await backup.ended;
    expect(other.stderr).toMatch(/The primary is lost: [^]*Live at position/);
    expect([other.status, /clock: ok/.test(other.stdout)]).toEqual([0, true]);
  });

  it('of a backup by a signal let the primary go on', async () => {
    const primary = start('primary', idle, '--listen', SOCKET('signal'), '--wait');
    const backup = start('backup', '--connect', SOCKET('signal'));
    await backup.tells(/Following/);
    backup.process.kill('SIGTERM');
    const { status, stderr } = await backup.ended;
    expect([status, stderr]).toEqual([143, expect.stringMatching(/Left the primary at position/)]);
    await primary.tells(/has left\.$/m);
    expect(primary.process.exitCode).toBeNull();
  });

  it('of a guest that was taken over end the backup, though the address of the old primary never becomes free', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const primary = start('primary', guest('clock.elf'), '--listen', address, '--wait', '--timeout', '1s');
    const backup = start('backup', '--connect', address);
    await backup.tells(/Following/);
    primary.process.kill('SIGSTOP');
    const { status, stdout, stderr } = await backup.ended;
    expect([status, stdout]).toEqual([0, expect.stringMatching(/clock: ok/)]);
    expect(stderr).toMatch(
      /has said nothing for 1000 ms\.\n[^]*No backup can join yet: TCP port \d+ of 127\.0\.0\.1 is in use/,
    );
  });

  it('of a primary that has slept and was taken over come when it wakes', async () => {
    const primary = start('primary', idle, '--listen', SOCKET('asleep'), '--wait', '--timeout', '1s');
    const backup = start('backup', '--connect', SOCKET('asleep'), '--listen', SOCKET('next'));
    await backup.tells(/Following/);
    primary.process.kill('SIGSTOP');
    await backup.tells(/Live at position/);
    primary.process.kill('SIGCONT');
    const { status, stdout, stderr } = await primary.ended;
    expect([status, stdout]).toEqual([75, '']);
    expect(stderr).toMatch(/The guest was stopped: the other side of the pair has gone live\.$/m);
    expect(backup.process.exitCode).toBeNull();
  });
});
