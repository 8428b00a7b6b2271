/**
 * Peers of a pair that are not what they should be: thousands of streams of noise and of good conversations with
 * something wrong in them, at both ends. The pair goes on; who is fooled ends with a sentence, and does not go live.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

import { join } from '../../src/commands/pair/join.js';
import { Words } from '../../src/commands/output/words.js';
import { Failure } from '../../src/host/failure.js';
import { LogReader } from '../../src/log/reader.js';
import { LogError } from '../../src/log/errors.js';
import { LogWriter } from '../../src/log/writer.js';
import { singly, type Entry } from '../../src/log/entry.js';
import { decodeFrame, encodeFrame, type Frame, type State, type Welcome } from '../../src/pair/frames.js';
import { Divergence } from '../../src/replay/divergence.js';
import { LogFeed } from '../../src/replay/feed.js';
import { loadHash } from '../../src/replay/hash.js';
import { Replayer } from '../../src/replay/replayer.js';
import { Dice } from '../guest/replay-rig.js';
import { FakePrimary, Peer, type Place } from '../support/channel.js';
import { mutated, overheard, type Conversation, type Delivery } from '../support/channel-mutations.js';
import { Keyval, load } from '../support/keyval.js';
import { freePort, guest, pause, Running, Started, vmft, workFolder, type Answer } from '../support/vmft.js';
import { MemorySink, sourceOf } from '../unit/log-sample.js';

const MEBIBYTE = 2 ** 20;
const work = workFolder();
const started = new Started();
const start = (...args: string[]): Running => started.add(new Running(...args));
const producer = vmft('--version').stdout.trim();
let good: Conversation;

beforeAll(async () => {
  good = await overheard(guest('idle.elf'), '--memory', '4M', '--digest-every', '100');
});
afterAll(() => work.remove());
afterEach(() => started.end());

/** What a process takes: memory in bytes, and open files. */
function burden({ process: { pid } }: Running): { memory: number; files: number } {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const memory = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  return { memory, files: readdirSync(`/proc/${String(pid)}/fd`).length };
}

/** Sends bytes as they are to be sent, and looks at nothing that comes back. */
async function send(peer: Peer, { bytes, drip, end }: Delivery): Promise<void> {
  if (drip === undefined) peer.write(bytes);
  else {
    for (let at = 0; at < bytes.length && at < 8 * drip && !peer.ended; at += drip) {
      peer.write(bytes.subarray(at, at + drip));
      await pause(1);
    }
  }
  if (end === 'half') peer.socket.end();
  if (end === 'open') await pause(5);
}

/** So many bad peers at a place, some at once. */
async function attack(place: Place, count: number, seed: number, frames: readonly Uint8Array[]): Promise<number> {
  let left = count;
  let made = 0;
  const one = async (dice: Dice): Promise<void> => {
    while (left-- > 0) {
      const peer = await Peer.call(place).catch(() => undefined);
      if (peer === undefined) continue;
      made++;
      await send(peer, mutated(frames, dice));
      if (dice.roll(2) === 0) await peer.isLetGo(20);
      peer.close();
    }
  };
  await Promise.all(Array.from({ length: 12 }, (_, n) => one(new Dice(seed + n))));
  return made;
}

describe('a primary', () => {
  it('with a backup serves its clients through 3 500 of them, over TCP', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const net = await freePort();
    const keyval = await Keyval.open([net], { resend: 300 });
    writeFileSync(work.path('keyval.img'), Buffer.alloc(MEBIBYTE));
    const primary = start(
      ...['primary', guest('keyval.elf'), '--listen', address, '--digest-every', '200000'],
      ...['--disk', `${work.path('keyval.img')},mode=rw`, '--timeout', '5s'],
      ...['--net', `dgram:local=127.0.0.1:${net},remote=127.0.0.1:${keyval.port}`],
    );
    const backup = start('backup', '--connect', address, '--timeout', '5s', '--json');
    await backup.tells(/Following/);
    await keyval.ready();
    let attacking = true;
    const dice = new Dice(4);
    const clients = load(keyval, { clients: 2, roll: (sides) => dice.roll(sides), more: () => attacking });
    await pause(500);
    const before = burden(primary);
    const port = Number(address.split(':')[1]);
    expect(await attack(port, 3500, 100, good.backup)).toBeGreaterThan(3000);
    await pause(1000);
    const after = burden(primary);
    attacking = false;
    await clients;
    expect(after.memory - before.memory).toBeLessThan(128 * MEBIBYTE);
    expect(Math.abs(after.files - before.files)).toBeLessThan(6);
    keyval.history.audit();
    expect([keyval.history.contradictions, keyval.history.refused]).toEqual([[], []]);
    expect(keyval.latencies.length).toBeGreaterThan(20);
    const again = setInterval(() => keyval.stop(), 100);
    const [one, other] = [await primary.ended, await backup.ended];
    clearInterval(again);
    keyval.close();
    expect([one.status, other.status]).toEqual([0, 0]);
    // The backup has checked every digest up to the end.
    expect(JSON.parse(other.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({ ended: 'followed', status: 0 });
    expect(one.stderr).not.toMatch(/is lost|defect/);
  });

  it('without one survives 3 500 that begin as backups, over a Unix socket, and takes the first that is one', async () => {
    const [claims, place] = [work.path('claims'), work.path('alone.socket')];
    mkdirSync(claims);
    const primary = start(
      ...['primary', guest('idle-hour.elf'), '--listen', place, '--memory', '4M', '--arbiter', `file:${claims}`],
      ...['--timeout', '1s'],
    );
    for (let waited = 0; waited < 10_000 && (await Peer.call(place).catch(() => undefined)) === undefined; waited += 50)
      await pause(50);
    await attack(place, 300, 1, good.backup);
    await pause(1000);
    const before = burden(primary);
    await attack(place, 3200, 200, good.backup);
    await pause(1000);
    const after = burden(primary);
    expect(after.memory - before.memory).toBeLessThan(128 * MEBIBYTE);
    expect(Math.abs(after.files - before.files)).toBeLessThan(6);
    expect(primary.stderr.replaceAll('\n', '')).not.toMatch(/defect|\p{Cc}/u);
    const backup = start('backup', '--connect', place);
    await backup.tells(/Following/);
    primary.process.kill('SIGKILL');
    await backup.tells(/Live at position/);
  });

  it('has room for its backup beside a thousand that say nothing', async () => {
    const port = await freePort();
    const primary = start('primary', guest('idle-hour.elf'), '--listen', `127.0.0.1:${port}`, '--wait');
    await primary.tells(/Waiting/);
    const before = burden(primary);
    const peers: Peer[] = [];
    for (let n = 0; n < 1000; n++) {
      const peer = await Peer.call(port).catch(() => undefined);
      if (peer !== undefined) peers.push(peer);
    }
    const backup = start('backup', '--connect', `127.0.0.1:${port}`);
    await backup.tells(/Following/);
    await pause(6000);
    expect(peers.filter(({ ended }) => !ended)).toEqual([]);
    expect(burden(primary).files - before.files).toBeLessThan(4);
    for (const peer of peers) peer.close();
  });
});

/** An arbiter that knows the primary of a conversation. */
function arbiterFor({ run, holder }: Welcome, name: string): string {
  const folder = work.path(name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/vmft-${run}-1`, `${holder}\n`);
  return `file:${folder}`;
}

const frameOf = <T extends Frame['type']>(type: T): Extract<Frame, { type: T }> => {
  const found = good.primary.map((bytes) => decodeFrame(bytes)).find((frame) => frame.type === type);
  if (found === undefined) throw new Error(`no ${type} was said`);
  return found as Extract<Frame, { type: T }>;
};

/** Says what a primary said whose guest came to its end, and takes its leave of a backup that follows. */
async function soundly(peer: Peer): Promise<void> {
  const leave = good.primary.findIndex((bytes) => decodeFrame(bytes).type === 'leave');
  await peer.hears('hello');
  peer.say(...good.primary.slice(0, leave));
  await peer.hears('received');
  peer.say(...good.primary.slice(leave));
}

describe('a backup', () => {
  it('withstands 3 000 primaries, over TCP and a Unix socket: it joins and follows, or says in a sentence why not', async () => {
    const [hash, words] = [await loadHash(), await Words.open(true)];
    const arbiter = arbiterFor(frameOf('welcome'), 'mass');
    const places: { fake: FakePrimary; address: { path: string } | { host: string; port: number } }[] = [];
    const port = await freePort();
    places.push({ fake: await FakePrimary.listen(port), address: { host: '127.0.0.1', port } });
    const path = work.path('mass.socket');
    places.push({ fake: await FakePrimary.listen(path), address: { path } });
    const dice = new Dice(77);
    let called = 0;
    for (const { fake } of places) {
      fake.play = (peer) => {
        // Now and then one is sound: the others have not spoilt what it is to be followed with.
        if (++called % 50 === 0) {
          void soundly(peer).catch(() => undefined);
          return;
        }
        const delivery = mutated(good.primary, dice);
        void send(peer, delivery).then(() => (delivery.end === 'reset' ? peer.close() : peer.socket.end()));
      };
    }
    const wrong: string[] = [];
    const outcomes = new Map<string, number>();
    const one = async (n: number): Promise<string> => {
      const { address } = places[n % 2];
      try {
        const joined = await join(
          {
            ...{
              address,
              tls: undefined,
              arbiter,
              networks: undefined,
              disks: undefined,
              timed: false,
              producer,
              hash,
            },
            engine: 'interpreter',
          },
          words,
        );
        const { logged, reader, machine, digest, backup } = joined;
        void backup.loss.then(() => backup.source.end());
        try {
          const { ended } = await new Replayer(machine, new LogFeed(logged, reader), digest, {
            turn: () => pause(0),
          }).run();
          return `followed to an end that was ${ended}`;
        } finally {
          backup.close();
          await joined.close();
        }
      } catch (error) {
        if (error instanceof Failure) {
          if (!/^\P{Cc}+\.$/u.test(error.message)) wrong.push(error.message);
          return `status ${error.status}`;
        }
        if (error instanceof Divergence || error instanceof LogError) return error.name;
        wrong.push(String(error));
        return 'something else';
      }
    };
    const files = readdirSync('/proc/self/fd').length;
    let n = 0;
    const worker = async (): Promise<void> => {
      while (n < 3000) {
        const outcome = await one(n++);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 4 }, worker));
    for (const { fake } of places) await fake.close();
    await pause(700);
    expect(wrong).toEqual([]);
    expect(outcomes.get('status 69')).toBeGreaterThan(1000);
    expect(outcomes.get('followed to an end that was whole')).toBeGreaterThan(40);
    expect(readdirSync('/proc/self/fd').length - files).toBeLessThan(6);
  });

  /** What a real backup does with a primary that says this. */
  async function fooled(name: string, frames: readonly (Frame | Uint8Array)[], endless?: Frame): Promise<Answer> {
    const path = work.path(`${name.replace(/\W/g, '-')}.socket`);
    const fake = await FakePrimary.listen(path);
    fake.play = (peer) => {
      void peer
        .hears('hello')
        .then(async () => {
          peer.say(...frames);
          const more = endless === undefined ? undefined : encodeFrame(endless);
          while (more !== undefined && !peer.ended) {
            if (peer.socket.writableLength < MEBIBYTE) peer.say(more);
            await pause(1);
          }
        })
        .catch(() => undefined);
    };
    const backup = start(
      'backup',
      '--connect',
      path,
      '--arbiter',
      arbiterFor(frameOf('welcome'), name.replace(/\W/g, '-')),
    );
    const answer = await backup.ended;
    await fake.close();
    return answer;
  }

  /** The frames up to and with the state, some of them changed. */
  function early(change: (frame: Frame) => Frame | Uint8Array = (frame) => frame): (Frame | Uint8Array)[] {
    const frames = good.primary.map((bytes) => decodeFrame(bytes));
    return frames.slice(0, frames.findIndex(({ type }) => type === 'state') + 1).map(change);
  }
  const state = (changes: (state: State) => Partial<State>) => () =>
    early((frame) => (frame.type === 'state' ? { ...frame, ...changes(frame) } : frame));
  const welcome = (changes: Partial<Welcome>) => () =>
    early((frame) => (frame.type === 'welcome' ? { ...frame, ...changes } : frame));

  /** All of the good log, written anew with its entries changed; cut in two where the state is. */
  async function otherLog(change: (entry: Entry) => Entry): Promise<(Frame | Uint8Array)[]> {
    const logs = good.primary
      .map((bytes) => decodeFrame(bytes))
      .flatMap((frame) => (frame.type === 'log' ? [frame.bytes] : []));
    const reader = new LogReader(sourceOf(Buffer.concat(logs)));
    const sink = new MemorySink();
    const writer = new LogWriter(sink, await reader.header());
    const { size } = writer;
    for (let stretch = await reader.next(); stretch !== null; stretch = await reader.next()) {
      for (const entry of stretch.entries) for (const each of singly(entry)) writer.write(change(each));
      writer.flush();
    }
    const bytes = sink.bytes;
    const [first, ...rest] = early();
    return [
      ...[first, { type: 'log', bytes: bytes.subarray(0, size) } as const],
      ...rest.filter((frame) => frame instanceof Uint8Array || frame.type !== 'log'),
      { type: 'log', bytes: bytes.subarray(size) },
    ];
  }

  const huge = Uint8Array.of(0x4a, 9, 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10);
  const cases: [string, () => (Frame | Uint8Array)[] | Promise<(Frame | Uint8Array)[]>, number, RegExp, ...Frame[]][] =
    [
      [
        'a state of another digest',
        state(({ digest }) => ({ digest: digest ^ 1n })),
        69,
        /another digest than its own/,
      ],
      ['a state of noise', state(() => ({ fields: new Dice(1).bytes(3000) })), 69, /a state/],
      ['a state elsewhere', state(() => ({ position: 99 })), 69, /another digest than its own/],
      [
        'pages behind the end',
        () => [...early().slice(0, -1), { type: 'pages', numbers: [2 ** 31], content: new Uint8Array(4096) }],
        69,
        /pages of memory that there is not/,
      ],
      [
        'clusters of no disk',
        () => [
          ...early().slice(0, -1),
          { type: 'clusters', slot: 3, numbers: [1], written: [1], content: new Uint8Array(4096) },
        ],
        69,
        /clusters of a disk that there is not/,
      ],
      [
        'a damaged header',
        () =>
          early((frame) =>
            frame.type === 'log'
              ? { ...frame, bytes: frame.bytes.map((byte, n) => (n === 40 ? byte ^ 4 : byte)) }
              : frame,
          ),
        65,
        /The log that the primary sends /,
      ],
      [
        'no log at all',
        () => early((frame) => (frame.type === 'log' ? { ...frame, bytes: new Dice(5).bytes(500) } : frame)),
        65,
        /The log that the primary sends /,
      ],
      [
        'a damaged log',
        () => [...early(), { type: 'log', bytes: new Dice(2).bytes(300) }],
        65,
        /The log that the primary sends /,
      ],
      [
        'another execution',
        () =>
          otherLog((entry) =>
            entry.type === 'digest' && entry.position > 0 ? { ...entry, digest: entry.digest ^ 1n } : entry,
          ),
        70,
        /The backup diverged from its primary/,
      ],
      [
        'an endless log',
        () => early().slice(0, 3),
        69,
        /a log without a state/,
        { type: 'log', bytes: new Uint8Array(MEBIBYTE) },
      ],
      [
        'an endless header',
        () => early().slice(0, 1),
        65,
        /The log that the primary sends /,
        { type: 'log', bytes: new Uint8Array(MEBIBYTE).fill(0x0a) },
      ],
      ['numbers of 2^60', () => [...early().slice(0, 1), huge], 69, /something that is no frame/],
      ['a frame that is too long', () => [new Uint8Array(70_000)], 69, /a frame of 70000 bytes, which there cannot be/],
      ['a second welcome', () => [...early().slice(0, 1), ...early().slice(0, 1)], 69, /a second welcome/],
      [
        'an acknowledgement',
        () => [...early().slice(0, 1), { type: 'received', offset: 1, position: 1, stamp: 1 }],
        69,
        /a frame out of place/,
      ],
      ['a silence of nothing', welcome({ timeout: 0 }), 69, /something that is no frame/],
      ['a run that leads elsewhere', welcome({ run: '../../x' }), 69, /something that is no frame/],
      ['a primary that nobody knows', welcome({ holder: 'me' }), 78, /does not know the primary/],
      ['disks that the guest does not have', welcome({ disks: ['/etc/passwd'] }), 64, /The guest has 0 disks/],
    ];
  it.each(cases)('ends at %s, and does not go live', async (...[name, frames, status, sentence, ...endless]) => {
    const answer = await fooled(name, await frames(), ...endless);
    expect(answer.stderr).toMatch(sentence);
    const lines = answer.stderr.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^vmft: .*\.$/);
    expect([answer.status, answer.stdout]).toEqual([status, '']);
    expect(answer.stderr).not.toMatch(/Live at|defect/);
  });

  it('is not kept waiting for ever by one that says nothing', async () => {
    const answers = await Promise.all([
      fooled('silent', []),
      fooled('silent after the welcome', early().slice(0, 1)),
      fooled('silent before the state', early().slice(0, -1)),
    ]);
    for (const { status, stderr } of answers) {
      expect([status, stderr]).toEqual([
        69,
        expect.stringMatching(/^vmft: The primary at .* was lost before .*: it has said nothing for 5000 ms\.\n$/),
      ]);
    }
  });
});
