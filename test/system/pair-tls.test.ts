/** A pair over TLS: only who shows a certificate of the pair's own authority is spoken to, on either side. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTls } from 'node:tls';

import { decodeFrame, encodeFrame } from '../../src/pair/frames.js';
import { Peer, packed, unpacked, FakePrimary } from '../support/channel.js';
import { freePort, guest, installed, pause, Running, Started, vmft, workFolder } from '../support/vmft.js';

const test = installed('openssl') ? it : it.skip;
const work = workFolder();
const started = new Started();
const start = (...args: string[]): Running => started.add(new Running(...args));
afterAll(() => work.remove());
afterEach(() => started.end());

function openssl(...args: string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** An authority of that name. */
function authority(name: string): void {
  openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${name}`, '-keyout', work.path(`${name}.key`), '-out', work.path(`${name}.pem`)],
  );
}

/** A certificate by an authority, valid for so many days. */
function member(name: string, by: string, days = 2): void {
  const [key, request] = [work.path(`${name}.key`), work.path(`${name}.csr`)];
  openssl(
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${name}`],
    ...['-keyout', key, '-out', request],
  );
  const ca = ['-CA', work.path(`${by}.pem`), '-CAkey', work.path(`${by}.key`), '-CAcreateserial'];
  openssl('x509', '-req', '-in', request, ...ca, '-days', String(days), '-out', work.path(`${name}.pem`));
}

const tls = (name: string, ca = 'pair'): string[] => [
  ...[
    '--tls-cert',
    work.path(`${name}.pem`),
    '--tls-key',
    work.path(`${name}.key`),
    '--tls-ca',
    work.path(`${ca}.pem`),
  ],
];

beforeAll(() => {
  if (!installed('openssl')) return;
  for (const name of ['pair', 'others']) authority(name);
  for (const name of ['a', 'b']) member(name, 'pair');
  member('stranger', 'others');
  writeFileSync(work.path('text.pem'), 'not a certificate\n');
});

const ARBITER = ['--arbiter', `file:${work.path('')}`];

/** A primary of a guest, which waits for its backup. */
async function primaryOf(name: string): Promise<{ primary: Running; port: number }> {
  const port = await freePort();
  const primary = start('primary', guest(name), '--listen', `127.0.0.1:${port}`, ...tls('a'), '--wait', ...ARBITER);
  await primary.tells(/Waiting for a backup/);
  return { primary, port };
}

test('a pair works, and survives its primary', async () => {
  const { primary, port } = await primaryOf('clock.elf');
  const backup = start('backup', '--connect', `127.0.0.1:${port}`, ...tls('b'), '--json');
  await backup.tells(/Following the primary/);
  await pause(200);
  primary.process.kill('SIGKILL');
  await backup.tells(/Live at position/);
  const { status, stdout, stderr } = await backup.ended;
  expect([status, stdout]).toEqual([0, expect.stringMatching(/clock: ok/)]);
  expect(stderr).toMatch(/The primary is lost: its connection (was closed|broke)/);
});

describe('a stranger gets nothing from a primary', () => {
  /** How many bytes a TLS client gets to read. */
  function tlsClient(port: number, files: Record<string, Buffer>): Promise<number> {
    return new Promise((resolve) => {
      const peer = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...files });
      let bytes = 0;
      peer.on('secureConnect', () => peer.write(packed(hello())));
      peer.on('data', (data: Buffer) => (bytes += data.length));
      peer.on('error', () => undefined);
      peer.on('close', () => resolve(bytes));
    });
  }

  const hello = (): Uint8Array =>
    encodeFrame({ type: 'hello', format: 'vmft', version: 1, build: vmft('--version').stdout.trim(), behaviour: 1 });

  test('without a certificate, with another authority’s, by plain TCP, and the right one still joins', async () => {
    const { primary, port } = await primaryOf('idle-hour.elf');
    const read = (name: string): Buffer => readFileSync(work.path(name));
    const bare = await tlsClient(port, {});
    const foreign = await tlsClient(port, { cert: read('stranger.pem'), key: read('stranger.key') });
    expect([bare, foreign]).toEqual([0, 0]);
    const plain = await Peer.call(port);
    plain.say(hello());
    expect([await plain.isLetGo(), plain.received.filter((data) => data[0] !== 0x15)]).toEqual([true, []]);
    // Who says nothing at all is let go after the time of a handshake.
    const silent = await Peer.call(port);
    expect(await silent.isLetGo(15_000)).toBe(true);
    expect(primary.stderr).toBe(`vmft: Waiting for a backup at 127.0.0.1:${port}.\n`);
    const backup = start('backup', '--connect', `127.0.0.1:${port}`, ...tls('b'));
    await backup.tells(/Following/);
  });

  test('a backup of another authority ends at once, in one sentence', async () => {
    const { primary, port } = await primaryOf('idle-hour.elf');
    const address = ['--connect', `127.0.0.1:${port}`];
    for (const files of [tls('stranger', 'pair'), tls('b', 'others'), []]) {
      const begun = performance.now();
      const { status, stderr } = await start('backup', ...address, ...files).ended;
      expect([status, stderr]).toEqual([69, expect.stringMatching(/^vmft: [^\n]*\.\n$/)]);
      expect(performance.now() - begun).toBeLessThan(9000);
    }
    expect(primary.stderr).not.toMatch(/joined/);
  });
});

test('a backup says nothing of its guest to a primary of another authority, nor to one without TLS', async () => {
  const port = await freePort();
  const fake = await FakePrimary.listen(port);
  const { status, stderr } = await start('backup', '--connect', `127.0.0.1:${port}`, ...tls('b')).ended;
  const heard = fake.peers.flatMap((peer) => unpacked(Buffer.concat(peer.received)));
  await fake.close();
  // Somebody is there who does not answer: that may change.
  expect([status, stderr.trimEnd().split('\n')]).toEqual([
    69,
    expect.arrayContaining([expect.stringMatching(/ETIMEDOUT/)]),
  ]);
  expect(heard.map((bytes) => attempt(bytes))).toEqual(heard.map(() => undefined));
});

function attempt(bytes: Uint8Array): unknown {
  try {
    return decodeFrame(bytes);
  } catch {
    return undefined;
  }
}

describe('files and options', () => {
  const PRIMARY = ['primary', guest('hello.elf'), '--listen', '127.0.0.1:1'];
  const BACKUP = ['backup', '--connect', '127.0.0.1:1'];
  const named = (cert: string, key: string, ca: string): string[] => [
    ...['--tls-cert', work.path(cert), '--tls-key', work.path(key), '--tls-ca', work.path(ca)],
  ];
  const cases: [string, string[], number, RegExp][] = [
    ['a certificate that there is not', named('none.pem', 'a.key', 'pair.pem'), 66, /There is no file .*none\.pem/],
    ['a key that there is not', named('a.pem', 'none.key', 'pair.pem'), 66, /There is no file .*none\.key/],
    ['an authority that there is not', named('a.pem', 'a.key', 'none.pem'), 66, /There is no file .*none\.pem/],
    ['a directory', named('', 'a.key', 'pair.pem'), 66, /is a directory/],
    [
      'a certificate of text',
      named('text.pem', 'a.key', 'pair.pem'),
      65,
      /are no certificate, key and authority in PEM/,
    ],
    ['a key of text', named('a.pem', 'text.pem', 'pair.pem'), 65, /are no certificate, key and authority in PEM/],
    ['an authority of text', named('a.pem', 'a.key', 'text.pem'), 65, /are no certificate, key and authority in PEM/],
    ['another’s key', named('a.pem', 'b.key', 'pair.pem'), 65, /are no certificate, key and authority in PEM/],
    [
      'a certificate alone',
      ['--tls-cert', work.path('a.pem')],
      64,
      /TLS takes all of --tls-cert, --tls-key and --tls-ca/,
    ],
    ['no authority', named('a.pem', 'a.key', 'x').slice(0, 4), 64, /TLS takes all of/],
  ];
  for (const command of [PRIMARY, BACKUP]) {
    test.each(cases)(`${command[0]}: %s`, (_name, files, status, sentence) => {
      const answer = vmft(...command, ...files);
      expect([answer.status, answer.stdout]).toEqual([status, '']);
      expect(answer.stderr).toMatch(sentence);
      expect(answer.stderr).toMatch(/^vmft: [^\n]*\.\n$/);
    });
  }

  it('without TLS no address but the loopback', () => {
    for (const args of [
      ['primary', guest('hello.elf'), '--listen', '0.0.0.0:7000'],
      ['backup', '--connect', '192.0.2.7:7000'],
    ]) {
      const { status, stderr } = vmft(...args);
      expect([status, stderr]).toEqual([
        64,
        expect.stringMatching(/^vmft: .* leads over a network, .*--tls-cert.*\.\n$/),
      ]);
    }
  });
});
