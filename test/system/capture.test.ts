/**
 * Captures as inputs (`--net pcap:FILE`): one run's capture played into another, at its distances; tcpdump's and
 * Wireshark's own files; the same file twice with the virtual clock; replays equal, without the capture.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { PcapWriter } from '../../src/host/pcap.js';
import { arpRequest, datagram, StreamPeer } from '../support/frames.js';
import { summaryOf } from '../support/many.js';
import { freePort, guest, installed, Running, vmft, workFolder } from '../support/vmft.js';

const work = workFolder();
afterAll(() => work.remove());

const ECHO = guest('echo.elf');
/** Distances of the frames below from the first, in ticks of 100 ns. */
const DISTANCES = [0, 200_000, 200_001, 350_007, 1_350_000];
const FRAMES = [arpRequest(), ...[1, 2, 3].map((n) => datagram(7, Buffer.from(`say ${n}`)))];

function writeCapture(path: string, frames: readonly (readonly [number, Buffer])[]): void {
  const parts: Uint8Array[] = [];
  const writer = new PcapWriter({ write: (bytes) => void parts.push(bytes.slice()) }, 1_700_000_000_000_000_000n);
  for (const [time, frame] of frames) writer.write(time, frame);
  writeFileSync(path, Buffer.concat(parts));
}

const capture = work.path('five.pcap');
beforeAll(() => {
  const frames = [...FRAMES, datagram(9, Buffer.from('quit'))];
  writeCapture(
    capture,
    frames.map((frame, n) => [DISTANCES[n] ?? 0, frame]),
  );
});

interface JsonEntry {
  readonly type: string;
  readonly time?: number | string;
  readonly position?: number;
}

function entriesOf(log: string): JsonEntry[] {
  const { stdout } = vmft('inspect', log, '--json');
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonEntry);
}

/** Guest times of a log's packets, from the first, by the ticks that precede them, or the virtual clock before any. */
function packetDistances(log: string): number[] {
  let time: number | undefined;
  const times: number[] = [];
  for (const entry of entriesOf(log)) {
    if (entry.type === 'tick') time = Number(entry.time);
    if (entry.type === 'packet') times.push(time ?? Math.floor((entry.position ?? 0) / 10));
  }
  return times.map((each) => each - (times[0] ?? 0));
}

const ANSWERED = /received 5 sent 4 arp 1 icmp 0 udp 3\necho: bad checksum 0 ignored 0 dropped 0/;

it('answers a capture, at its distances at least, and replays without it', () => {
  const copy = work.path('copy.pcap');
  writeFileSync(copy, readFileSync(capture));
  const log = work.path('host.pb');
  const recorded = vmft('record', ECHO, '-o', log, '--net', `pcap:${copy}`, '--pcap-out', work.path('host.pcap'));
  expect(recorded).toMatchObject({ status: 0, stdout: expect.stringMatching(ANSWERED) as string });
  expect(recorded.stderr).toMatch(/^5 of 5 frames of .*copy.pcap were played\.$/m);
  rmSync(copy);

  const distances = packetDistances(log);
  expect(distances).toHaveLength(5);
  distances.forEach((distance, n) => expect(distance).toBeGreaterThanOrEqual(DISTANCES[n] ?? Infinity));

  const replayed = vmft('replay', log, '--pcap-out', work.path('host-replayed.pcap'));
  expect(replayed).toMatchObject({ status: 0, stdout: recorded.stdout });
  expect(readFileSync(work.path('host-replayed.pcap')).equals(readFileSync(work.path('host.pcap')))).toBe(true);
});

it('plays what --pcap-out took of another run', async () => {
  const port = await freePort();
  const first = new Running(
    ...['record', ECHO, '-o', work.path('peer.pb'), '--pcap-out', work.path('peer.pcap')],
    ...['--net', `stream:listen:127.0.0.1:${port}`],
  );
  try {
    await first.prints(/ready/);
    const peer = await StreamPeer.to(port);
    for (const frame of FRAMES) expect(await peer.ask(frame)).toBeDefined();
    peer.send(datagram(9, Buffer.from('quit')));
    expect((await first.ended).status).toBe(0);
    peer.close();
  } finally {
    first.process.kill('SIGKILL');
  }
  // The guest's own answers are in the capture as well: it hears them and has nothing to say to them.
  const log = work.path('again.pb');
  const again = vmft('record', ECHO, '-o', log, '--net', `pcap:${work.path('peer.pcap')}`);
  expect(again).toMatchObject({ status: 0, stdout: expect.stringMatching(/sent 4 arp 1 icmp 0 udp 3/) as string });
  expect(vmft('replay', log)).toMatchObject({ status: 0, stdout: again.stdout });
});

describe('with the virtual clock', () => {
  const record = (log: string, ...more: string[]): ReturnType<typeof vmft> =>
    vmft('record', ECHO, '-o', log, '-q', '--clock', 'virtual', '--entropy', 'seed:2a', ...more);

  it('recordings are one and the same file, at the distances exactly', () => {
    const logs = [1, 2, 3].map((n) => work.path(`virtual-${n}.pb`));
    for (const log of logs) {
      const made = record(log, '--net', `pcap:${capture}`, '--pcap-out', `${log}.pcap`);
      expect(made).toMatchObject({ status: 0, stdout: expect.stringMatching(ANSWERED) as string });
    }
    const [first, ...others] = logs.map((log) => readFileSync(log));
    for (const other of others) expect(other.equals(first ?? Buffer.alloc(0))).toBe(true);
    // A frame for a guest that waits comes to the tick; one while it is busy has no tick, its position tells.
    expect(packetDistances(logs[0] ?? '')[4]).toBe(DISTANCES[4]);

    const replayed = vmft('replay', logs[0] ?? '', '--pcap-out', work.path('virtual-replayed.pcap'));
    expect(replayed.status).toBe(0);
    expect(readFileSync(work.path('virtual-replayed.pcap')).equals(readFileSync(`${logs[0]}.pcap`))).toBe(true);
    expect(vmft('diff', logs[0] ?? '', logs[1] ?? '').status).toBe(0);
  });

  it('nothing is lost of a burst that is larger than all queues, and every time is the same', () => {
    const burst = work.path('burst.pcap');
    const frames = Array.from({ length: 1500 }, (_, n) => datagram(7, Buffer.from(String(n).padEnd(900))));
    writeCapture(burst, [
      ...frames.map((frame): [number, Buffer] => [5, frame]),
      [5, datagram(9, Buffer.from('quit'))],
    ]);
    const logs = [1, 2].map((n) => work.path(`burst-${n}.pb`));
    for (const log of logs) {
      const made = record(log, '--net', `pcap:${burst}`, '--digest-every', '100000');
      expect(made).toMatchObject({ status: 0, stdout: expect.stringMatching(/received 1501 sent 1500 /) as string });
    }
    expect(readFileSync(logs[0] ?? '').equals(readFileSync(logs[1] ?? ''))).toBe(true);
    expect(vmft('replay', logs[0] ?? '').status).toBe(0);
  });

  it('goes on behind the last frame, to its end where nothing can come any more', () => {
    const two = work.path('two.pcap');
    writeCapture(two, [
      [0, FRAMES[0] ?? Buffer.alloc(0)],
      [77, FRAMES[1] ?? Buffer.alloc(0)],
    ]);
    const log = work.path('two.pb');
    const made = vmft(
      'record',
      ECHO,
      '-o',
      log,
      '--clock',
      'virtual',
      '--json',
      '--net',
      `pcap:${two},mac=02:00:00:00:00:07`,
    );
    expect(summaryOf(made)).toMatchObject({ ended: 'interrupted', captures: [{ played: 2, frames: 2, leftOut: 0 }] });
    expect(vmft('replay', log).status).toBe(0);
  });
});

(installed('editcap') && installed('tcpdump') ? it : it.skip)('plays files of tcpdump and Wireshark', () => {
  const files = { ng: work.path('by.pcapng'), micro: work.path('by.pcap'), dump: work.path('dump.pcap') };
  const done = [
    spawnSync('editcap', ['-F', 'pcapng', capture, files.ng]),
    spawnSync('editcap', ['-F', 'pcap', capture, files.micro]),
    spawnSync('tcpdump', ['-r', capture, '-w', files.dump]),
  ];
  for (const { status } of done) expect(status).toBe(0);
  const seen = new Map<string, number[]>();
  for (const [kind, file] of Object.entries(files)) {
    const log = work.path(`${kind}.pb`);
    const made = vmft(
      'record',
      ECHO,
      '-o',
      log,
      '-q',
      '--clock',
      'virtual',
      '--entropy',
      'seed:01',
      '--net',
      `pcap:${file}`,
    );
    expect(made).toMatchObject({ status: 0, stdout: expect.stringMatching(ANSWERED) as string });
    seen.set(kind, packetDistances(log));
  }
  expect(seen.get('ng')?.[4]).toBe(DISTANCES[4]);
  // Microseconds are coarser than a tick.
  expect(Math.abs((seen.get('micro')?.[4] ?? 0) - (DISTANCES[4] ?? 0))).toBeLessThan(10);

  const cut = work.path('cut.pcap');
  expect(spawnSync('editcap', ['-s', '46', capture, cut]).status).toBe(0);
  const partly = vmft('run', ECHO, '--clock', 'virtual', '--net', `pcap:${cut}`);
  expect(partly.stderr).toMatch(/4 of the 5 frames of .*cut.pcap are not played: they were captured in part/);
});

it('refuses what it cannot play, before anything is written', () => {
  const broken = work.path('broken.pcap');
  writeFileSync(broken, readFileSync(capture).subarray(0, 200));
  const log = work.path('never.pb');
  const record = (spec: string, ...more: string[]): ReturnType<typeof vmft> =>
    vmft('record', ECHO, '-o', log, '--net', spec, ...more);
  expect(record(`pcap:${broken}`)).toEqual({
    status: 65,
    stdout: '',
    stderr: `vmft: ${broken} is malformed at byte 163: the file ends in the middle of a packet.\n`,
  });
  expect(record(`pcap:${work.path('absent')}`)).toMatchObject({ status: 66, stdout: '' });
  expect(record('pcap:')).toMatchObject({ status: 64, stdout: '' });
  expect(record(`pcap:${capture}`, '--pcap-out', capture).status).toBe(73);
  expect(vmft('record', ECHO, '-f', '-o', capture, '--net', `pcap:${capture}`).status).toBe(73);
  expect(vmft('run', ECHO, '--pcap-out', ECHO).status).toBe(73);
  expect(vmft('inspect', log).status).toBe(66);
});
