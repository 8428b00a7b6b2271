/**
 * The same recordings replayed by other versions of Node, by V8's compilers one at a time, on a loaded machine, on one
 * core and in a tiny heap: every digest, a fine mesh of them, and every output is that of the recording. What compiles
 * the WebAssembly, and when, must not show.
 */
import { writeFileSync } from 'node:fs';
import { arpRequest, datagram } from '../support/frames.js';
import { checksOf, load, Many, summaryOf, type Outcome } from '../support/many.js';
import { otherNode, thisMajor } from '../support/nodes.js';
import { guest, installed, workFolder } from '../support/vmft.js';
import { PcapWriter } from '../../src/host/pcap.js';

const work = workFolder();
afterAll(() => work.remove());

/** The smallest old space, in MiB, in which all of these replay on Node 20 to 26; 12 is enough for Node 20. */
const TINY_HEAP = 16;

/** Guests, their digests' distance, and whether a capture is played into them. */
const GUESTS: readonly (readonly [name: string, distance: number, capture?: string])[] = [
  ['clock-small', 100],
  ['dice', 100],
  ['echo', 50, work.path('echo.pcap')],
  ['paging', 500],
  ['race-once', 200_000],
  ['nbody-small', 5000],
  ['matrix-small', 5000],
];

/** A Node and its flags. */
type Command = readonly [string, ...string[]];
const here: Command = [process.execPath];

interface Recorded {
  readonly name: string;
  readonly log: string;
  readonly outcome: Outcome;
}

async function record(node: Command, suffix: string): Promise<Recorded[]> {
  const many = new Many(node);
  const recordings: Recorded[] = [];
  for (const [name, distance, capture] of GUESTS) {
    const log = work.path(`${name}-${suffix}.pb`);
    const net = capture === undefined ? {} : { net: [`pcap:${capture}`] };
    const flags = { output: log, memory: '16M', 'digest-every': String(distance), ...net };
    recordings.push({ name, log, outcome: await many.run({ command: 'record', path: guest(`${name}.elf`), flags }) });
  }
  many.close();
  return recordings;
}

/** Replays each recording; every check that it holds must have been made, and console and status be the same. */
async function expectSame(node: Command, recordings: readonly Recorded[]): Promise<void> {
  const many = new Many(node);
  try {
    for (const { name, log, outcome } of recordings) {
      const replayed = await many.run({ command: 'replay', path: log });
      expect({ name, ...replayed }).toMatchObject({ name, status: outcome.status, stdout: outcome.stdout });
      const { digests, outputs } = checksOf(summaryOf(outcome));
      expect(digests).toBeGreaterThan(20);
      expect({ name, ...summaryOf(replayed) }).toMatchObject({ name, ended: 'whole', digests, outputs });
    }
  } finally {
    many.close();
  }
}

let recordings: Recorded[];

beforeAll(async () => {
  const parts: Uint8Array[] = [];
  const capture = new PcapWriter({ write: (bytes) => void parts.push(bytes.slice()) }, 0n);
  capture.write(0, arpRequest());
  for (let n = 1; n <= 40; n++) capture.write(n * 10_000, datagram(7, Buffer.from(`message ${n}`)));
  capture.write(500_000, datagram(9, Buffer.from('quit')));
  writeFileSync(work.path('echo.pcap'), Buffer.concat(parts));
  recordings = await record(here, 'here');
});

it(`records on Node ${thisMajor}`, () => {
  for (const { outcome } of recordings) expect(outcome.status).toBeLessThan(2); // race-once fails now and then
});

describe.each([26, 24, 22, 20].filter((major) => major !== thisMajor))('Node %d', (major) => {
  const { path, missing } = otherNode(major);
  if (path === undefined) {
    it.skip(`is not there: ${missing ?? ''}`, () => undefined);
    return;
  }

  it('replays what was recorded here', async () => {
    await expectSame([path], recordings);
  });

  if (major !== 26 && major !== 20) return;

  it('replays by the baseline compiler alone, and by the optimising one alone', async () => {
    await expectSame([path, '--liftoff-only'], recordings);
    await expectSame([path, '--no-liftoff'], recordings);
  });

  it('records what replays here', async () => {
    await expectSame(here, await record([path], `on-${major}`));
  });

  it(`replays in a heap of ${TINY_HEAP} MiB`, async () => {
    await expectSame([path, `--max-old-space-size=${TINY_HEAP}`], recordings);
  });
});

describe(`this Node, ${process.version}`, () => {
  it.each([
    ['the baseline compiler alone', '--liftoff-only'],
    ['the optimising compiler alone', '--no-liftoff'],
    [`a heap of ${TINY_HEAP} MiB`, `--max-old-space-size=${TINY_HEAP}`],
  ])('replays with %s', async (_what, flag) => {
    await expectSame([...here, flag], recordings);
  });

  it('replays while every core is busy', async () => {
    const busy = load(1);
    try {
      await expectSame(here, recordings);
    } finally {
      busy.stop();
    }
  });

  (installed('taskset') ? it : it.skip)('replays on one core, which is busy besides', async () => {
    const busy = load(1);
    try {
      await expectSame(['taskset', '-c', '0', process.execPath], recordings);
    } finally {
      busy.stop();
    }
  });
});
