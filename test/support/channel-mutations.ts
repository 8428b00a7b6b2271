/** Conversations of the logging channel as they should be, recorded between two processes, and as they should not. */
import { connect, createServer } from 'node:net';

import type { Dice } from '../guest/replay-rig.js';
import { packed, unpacked } from './channel.js';
import { freePort, Running } from './vmft.js';

/** What each side has said, frame by frame. */
export interface Conversation {
  readonly primary: readonly Uint8Array[];
  readonly backup: readonly Uint8Array[];
}

/** Has a real pair run a guest to its end, and listens. */
export async function overheard(guest: string, ...options: readonly string[]): Promise<Conversation> {
  const [inner, outer] = [await freePort(), await freePort()];
  const said = { primary: [] as Buffer[], backup: [] as Buffer[] };
  const proxy = createServer((backup) => {
    const primary = connect(inner, '127.0.0.1');
    primary.on('data', (data) => said.primary.push(data));
    backup.on('data', (data) => said.backup.push(data));
    primary.pipe(backup).pipe(primary);
    for (const socket of [primary, backup]) socket.on('error', () => undefined);
  });
  await new Promise<void>((done) => proxy.listen(outer, '127.0.0.1', done));
  const primary = new Running('primary', guest, '--listen', `127.0.0.1:${inner}`, '--wait', ...options);
  await primary.tells(/Waiting/);
  const backup = new Running('backup', '--connect', `127.0.0.1:${outer}`);
  const ends = [await primary.ended, await backup.ended];
  proxy.close();
  if (ends.some(({ status }) => status !== 0)) throw new Error(ends.map(({ stderr }) => stderr).join());
  return { primary: unpacked(Buffer.concat(said.primary)), backup: unpacked(Buffer.concat(said.backup)) };
}

/** How bytes are sent. */
export interface Delivery {
  readonly bytes: Uint8Array;
  /** Bytes at once; all where it is absent. */
  readonly drip?: number;
  /** The connection is left open for a while, half closed, or reset. */
  readonly end: 'open' | 'half' | 'reset';
}

const LENGTHS = [0, 1, 65_535, 65_537, 2 ** 24, 2 ** 24 + 1, 2 ** 31, 2 ** 32 - 1];

/** A conversation's side with something wrong in it; sometimes with nothing but noise, or nothing at all. */
export function mutated(frames: readonly Uint8Array[], dice: Dice): Delivery {
  const end = (['open', 'half', 'reset'] as const)[dice.roll(3)];
  const kind = dice.roll(16);
  if (kind === 0) return { bytes: new Uint8Array(0), end };
  if (kind === 1) return { bytes: dice.bytes(1 + dice.roll(3000)), end };
  let list: Uint8Array[] = frames.map((frame) => frame.slice());
  // Most of what is wrong is wrong early: behind it nothing is looked at.
  const place = (): number => dice.roll(1 + dice.roll(list.length));
  for (let n = 1 + dice.roll(3); n > 0 && list.length > 0; n--) list = changed(list, place(), dice);
  const bytes = Buffer.concat(list.map((frame) => packed(frame)));
  if (bytes.length === 0) return { bytes, end };
  const what = dice.roll(8);
  if (what === 0) bytes.writeUInt32BE(LENGTHS[dice.roll(LENGTHS.length)], 0);
  if (what === 1) return { bytes: bytes.subarray(0, dice.roll(bytes.length)), end };
  if (what === 2) return { bytes, end, drip: 1 + dice.roll(100) };
  if (what === 3) bytes[dice.roll(Math.min(bytes.length, 200))] ^= 1 << dice.roll(8);
  return { bytes, end };
}

function changed(frames: Uint8Array[], at: number, dice: Dice): Uint8Array[] {
  const frame = frames[at];
  const other = dice.roll(frames.length);
  switch (dice.roll(9)) {
    case 0:
      for (let n = 1 + dice.roll(4); n > 0; n--) frame[dice.roll(frame.length)] ^= 1 << dice.roll(8);
      return frames;
    case 1:
      return frames.toSpliced(at, 1);
    case 2:
      return frames.toSpliced(at, 0, frame);
    case 3:
      return frames.with(at, frames[other]).with(other, frame);
    case 4:
      return frames.with(at, frame.subarray(0, dice.roll(frame.length)));
    case 5:
      return frames.with(at, Buffer.concat([frame, frames[other]]));
    case 6:
      return frames.toSpliced(at, 0, dice.bytes(1 + dice.roll(200)));
    case 7:
      return frames.with(at, Buffer.concat([frame, new Uint8Array(70_000)]));
    default:
      return frames.slice(0, at + 1);
  }
}
