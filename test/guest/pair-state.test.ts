/** The state of a running guest, sent to another machine wherever it is: that goes on as the first does. */
import {
  decodeFrame,
  encodeFrame,
  LONGEST_FRAME,
  type Clusters,
  type Frame,
  type Pages,
  type State,
} from '../../src/pair/frames.js';
import { BadState, StateReceiver, StateSender } from '../../src/pair/state-transfer.js';
import { saveState } from '../../src/replay/snapshot.js';
import { BackupRig, PrimaryRig } from '../support/pair-rig.js';
import { Wire } from '../support/pair-host.js';
import { DISK_WORLDS, GUESTS, KEYVAL } from './guests.js';
import { Dice, record, type MadeRecording, type RecordingOptions } from './replay-rig.js';
import { positionsOf, sameSaved, Stage } from './snapshot-rig.js';

type Part = Pages | Clusters | State;

interface Sent {
  readonly parts: Part[];
  /** Where the guest was when the sending began. */
  readonly from: number;
}

/** Sends the state while the guest runs on, some way at a time; each frame as bytes. */
async function send(stage: Stage, dice: Dice, pace = 4000): Promise<Sent> {
  const { machine, dirty, digest } = stage;
  const parts: Part[] = [];
  const from = machine.position;
  let time = 41;
  const sender = new StateSender(
    { machine, dirty, digest, time: () => ++time },
    {
      send: (frame: Frame) => {
        const bytes = encodeFrame(frame);
        expect(bytes.length).toBeLessThan(LONGEST_FRAME);
        parts.push(decodeFrame(bytes) as Part);
      },
      breathe: async () => {
        await stage.runTo(machine.position + dice.roll(1 + dice.roll(pace)));
        return true;
      },
    },
  );
  expect(await sender.sendMost()).toBe(true);
  sender.sendRest();
  sender.close();
  return { parts, from };
}

function receive(stage: Stage, parts: readonly Part[]): void {
  const receiver = new StateReceiver(stage.machine);
  for (const part of parts) {
    if (part.type === 'pages') receiver.pages(part);
    else if (part.type === 'clusters') receiver.clusters(part);
    else receiver.finish(part, stage.digest);
  }
}

const stateOf = (parts: readonly Part[]): State => {
  const last = parts.at(-1);
  if (last?.type !== 'state') throw new Error('no state');
  return last;
};

const CHOSEN = new Map([
  ...['clock-small', 'dice', 'disk', 'echo', 'idle', 'keyval', 'paging', 'shell', 'smc', 'supervisor', 'vconsole'].map(
    (name): [string, number] => [name, 5],
  ),
  ['supervisor-rebooting', 3],
]);

/** Sends at about `count` positions; answers what went wrong, and which states the guest was in. */
async function sendAt(made: MadeRecording, count: number, dice: Dice): Promise<{ faults: string[]; requests: number }> {
  const scout = await Stage.open(made);
  const faults: string[] = [];
  let requests = 0;
  const stage = await Stage.open(made);
  for (const position of await positionsOf(made, scout, count, dice)) {
    if (position < stage.machine.position) continue;
    await stage.runTo(position);
    const { parts } = await send(stage, dice);
    const { machine } = stage;
    if (machine.board.disksInFlight().length > 0) requests++;
    const other = await Stage.open(made);
    receive(other, parts);
    const at = `sent at ${machine.position}`;
    if (other.takeDigest() !== stage.takeDigest()) faults.push(`${at}: the digest is another`);
    if (!sameSaved(saveState(other.machine), saveState(machine))) faults.push(`${at}: the state is another`);
    const place = stage.save();
    const sent = stage.outputs.length;
    const { outputs, run } = made;
    await other.goOn(place.cursor);
    const result = await other.run();
    if (result.ended !== 'whole' || result.status !== run.status) faults.push(`${at}: it ends ${result.ended}`);
    if (other.outputs.length !== outputs.length - sent) faults.push(`${at}: other outputs`);
  }
  return { faults, requests };
}

it.each(GUESTS.filter(([name]) => CHOSEN.has(name)))(
  '%s goes on elsewhere',
  async (name, options) => {
    const made = await record(name, options);
    expect(await sendAt(made, CHOSEN.get(name) ?? 0, new Dice(3))).toMatchObject({ faults: [] });
  },
  60_000,
);

it.each<[string, string, RecordingOptions]>([
  ['whose disk has requests in flight', 'disk', DISK_WORLDS[2]],
  ['whose disk is a snapshot that it has written to', 'disk', DISK_WORLDS[0]],
  ['that waits for its disk', 'keyval', KEYVAL],
])(
  'a guest %s goes on elsewhere',
  async (what, name, options) => {
    const made = await record(name, { ...options, seed: 5 });
    const { faults, requests } = await sendAt(made, 16, new Dice(11));
    expect(faults).toEqual([]);
    if (what.includes('in flight')) expect(requests).toBeGreaterThan(0);
  },
  120_000,
);

it('a guest that waits in wfi goes on elsewhere', async () => {
  const primary = await PrimaryRig.start({ guest: 'idle-second', engine: 'interpreter' });
  const running = primary.run();
  const wire = primary.listener.call(new Wire());
  const backup = new BackupRig(wire.backup, primary.options, primary.timers, primary.arbiter);
  const position = await backup.join();
  expect([position > 0, backup.machine.idle, backup.machine.position]).toEqual([true, true, position]);
  const [run, followed] = await Promise.all([running, backup.follow()]);
  expect([run, followed]).toMatchObject([
    { status: 0 },
    { ended: 'whole', status: 0, position: primary.machine.position },
  ]);
  primary.primary.close();
});

it('a page is sent again where the guest has written to it meanwhile, and the last one counts', async () => {
  const made = await record('sort-small');
  const stage = await Stage.open(made);
  await stage.runTo(1_500_000);
  const { parts, from } = await send(stage, new Dice(2), 200_000);
  const numbers = parts.flatMap((part) => (part.type === 'pages' ? part.numbers : []));
  expect(numbers.length).toBeGreaterThan(new Set(numbers).size);
  expect(stage.machine.position).toBeGreaterThan(from);
  const other = await Stage.open(made);
  // What a machine begins with, and the guest has cleared since, is gone.
  other.machine.restoreRam(700, new Uint8Array(4096).fill(7));
  receive(other, parts);
  expect(other.takeDigest()).toBe(stage.takeDigest());
});

it('a transfer that is given up leaves nothing behind', async () => {
  const made = await record('sort', { until: 400_000, digestDistance: 100_000 });
  const stage = await Stage.open(made);
  await stage.runTo(100_000);
  const { machine, dirty, digest } = stage;
  const frames: Frame[] = [];
  const sender = new StateSender(
    { machine, dirty, digest, time: () => 0 },
    { send: (frame) => frames.push(frame), breathe: async () => false },
  );
  expect(await sender.sendMost()).toBe(false);
  sender.close();
  expect(frames.map(({ type }) => type)).toEqual(['pages']);
  const { run } = made;
  expect(await stage.run()).toMatchObject({ ended: 'whole', position: run.position });
});

describe('what cannot be a state is refused', () => {
  let parts: Part[];
  let made: MadeRecording;
  let other: Stage;
  beforeAll(async () => {
    made = await record('disk', { ...DISK_WORLDS[0], until: 8_000_000 });
    const stage = await Stage.open(made);
    await stage.runTo(7_500_000);
    // The guest stands still: no part takes the place of another.
    ({ parts } = await send(stage, new Dice(9), 1));
  });
  beforeEach(async () => {
    other = await Stage.open(made);
  });

  it.each<[string, (parts: Part[]) => Part[]]>([
    ['another digest', (all) => [...all.slice(0, -1), { ...stateOf(all), digest: stateOf(all).digest ^ 1n }]],
    ['another position', (all) => [...all.slice(0, -1), { ...stateOf(all), position: 7 }]],
    ['a page that is missing', (all) => all.filter((part, n) => part.type !== 'pages' || n > 0)],
    ['clusters that are missing', (all) => all.filter(({ type }) => type !== 'clusters')],
    [
      'fields that end early',
      (all) => [...all.slice(0, -1), { ...stateOf(all), fields: stateOf(all).fields.subarray(0, -9) }],
    ],
    ['no fields', (all) => [...all.slice(0, -1), { ...stateOf(all), fields: new Uint8Array(0) }]],
    ['fields of noise', (all) => [...all.slice(0, -1), { ...stateOf(all), fields: new Dice(3).bytes(5000) }]],
    ['a page behind the end of RAM', () => [{ type: 'pages', numbers: [1024], content: new Uint8Array(4096) }]],
    [
      'the last page that there can be',
      () => [{ type: 'pages', numbers: [2 ** 32 - 1], content: new Uint8Array(4096) }],
    ],
    ['more pages than content', () => [{ type: 'pages', numbers: [1, 2], content: new Uint8Array(4096) }]],
    ['content without pages', () => [{ type: 'pages', numbers: [], content: new Uint8Array(1) }]],
    [
      'clusters of no disk',
      () => [{ type: 'clusters', slot: 5, numbers: [0], written: [1], content: new Uint8Array(4096) }],
    ],
    [
      'clusters without sectors',
      () => [{ type: 'clusters', slot: 0, numbers: [0], written: [], content: new Uint8Array(4096) }],
    ],
    [
      'clusters without content',
      () => [{ type: 'clusters', slot: 0, numbers: [0], written: [1], content: new Uint8Array(0) }],
    ],
    [
      'a cluster behind the disk',
      () => [{ type: 'clusters', slot: 0, numbers: [40], written: [1], content: new Uint8Array(4096) }],
    ],
    [
      'more sectors than a cluster has',
      () => [{ type: 'clusters', slot: 0, numbers: [0], written: [256], content: new Uint8Array(4096) }],
    ],
  ])('%s', (_name, change) => {
    expect(() => receive(other, change(parts))).toThrow(BadState);
  });

  it('a bit flipped in any part, where it makes another state', () => {
    receive(other, parts);
    const sound = saveState(other.machine);
    const dice = new Dice(31);
    let refused = 0;
    for (let n = 0; n < 40; n++) {
      const at = dice.roll(parts.length);
      const changed = parts.map((part, i): Part => {
        if (i !== at) return part;
        if (part.type === 'state') return { ...part, fields: flipped(part.fields, dice) };
        return { ...part, content: flipped(part.content, dice) };
      });
      try {
        receive(other, changed);
        expect(sameSaved(saveState(other.machine), sound)).toBe(true);
      } catch (error) {
        if (!(error instanceof BadState)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(30);
  });

  it('and what is sound is taken after all that', () => {
    receive(other, parts);
    expect(other.machine.position).toBe(stateOf(parts).position);
  });
});

function flipped(bytes: Uint8Array, dice: Dice): Uint8Array {
  const copy = bytes.slice();
  copy[dice.roll(copy.length)] ^= 1 << dice.roll(8);
  return copy;
}
