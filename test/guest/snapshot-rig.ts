/**
 * What the tests of snapshots share: machines that replay a recording and can be saved and restored anywhere, positions
 * at which that is likely to go wrong, and the check itself.
 */
import type { EngineKind } from '../../src/engine/kinds.js';
import { LogReader } from '../../src/log/reader.js';
import { CSR } from '../../src/isa/csrs.js';
import { Machine } from '../../src/machine/machine.js';
import { StateDigest } from '../../src/replay/digest.js';
import { DirtyPages } from '../../src/replay/dirty-pages.js';
import { LogFeed } from '../../src/replay/feed.js';
import { loadHash } from '../../src/replay/hash.js';
import type { Cursor } from '../../src/replay/logged.js';
import { Logged } from '../../src/replay/logged.js';
import type { ReplayResult } from '../../src/replay/replayer.js';
import { Replayer } from '../../src/replay/replayer.js';
import type { SavedState } from '../../src/replay/snapshot.js';
import { restoreSaved, saveState } from '../../src/replay/snapshot.js';
import { fieldsOf, sameValue } from '../../src/replay/state-bytes.js';
import type { Dice, MadeRecording, World } from './replay-rig.js';
import { MemorySource } from './replay-rig.js';

/** A place of a replay: the machine's state, and the log's. */
export interface Place {
  readonly position: number;
  readonly saved: SavedState;
  readonly cursor: Cursor;
  readonly digest: bigint;
}

export interface StageOptions {
  /** Bytes of the pieces that the log comes in. */
  readonly piece?: number;
  readonly engine?: EngineKind;
}

/** A machine that replays a recording, and what belongs to it. */
export class Stage {
  outputs: World['outputs'] = [];
  readonly machine: Machine;
  readonly dirty: DirtyPages;
  readonly digest: StateDigest;
  private readonly feed: LogFeed;
  private replayer: Replayer;

  static async open(made: MadeRecording, options: StageOptions = {}): Promise<Stage> {
    const reader = new LogReader(new MemorySource(made.log, 0, options.piece), { images: 'skip' });
    await reader.header();
    return new Stage(made, reader, await loadHash(), options);
  }

  private constructor(
    made: MadeRecording,
    reader: LogReader,
    hash: Awaited<ReturnType<typeof loadHash>>,
    { piece, engine }: StageOptions,
  ) {
    const logged = new Logged(hash, (position, output) => this.outputs.push({ position, output }), made.images);
    this.machine = new Machine(made.configuration, made.image, logged, engine);
    this.dirty = new DirtyPages(this.machine);
    this.digest = new StateDigest(this.machine, this.dirty.consumer(), hash);
    this.feed = new LogFeed(
      logged,
      reader,
      (mark) => new LogReader(new MemorySource(made.log, mark.offset, piece), { mark }),
    );
    this.replayer = new Replayer(this.machine, this.feed, this.digest);
  }

  runTo(position: number): Promise<ReplayResult | undefined> {
    return this.replayer.runTo(position);
  }

  run(): Promise<ReplayResult> {
    return this.replayer.run();
  }

  takeDigest(): bigint {
    return this.digest.take();
  }

  save(): Place {
    const { machine, feed } = this;
    return { position: machine.position, saved: saveState(machine), cursor: feed.cursor, digest: this.digest.take() };
  }

  async restore({ saved, cursor }: Place): Promise<void> {
    restoreSaved(this.machine, saved);
    await this.goOn(cursor);
  }

  /** Replays on from a place of the log: the machine is there. */
  async goOn(cursor: Cursor): Promise<void> {
    await this.feed.rewind(cursor);
    this.outputs = [];
    this.replayer = new Replayer(this.machine, this.feed, this.digest);
  }
}

/** Whether two saved states have written the same to disks. */
function sameDisks(a: SavedState, b: SavedState): boolean {
  return a.disks.every((clusters, i) => {
    const others = b.disks[i];
    if (clusters.size !== others.size) return false;
    return [...clusters].every(([number, { written, bytes }]) => {
      const other = others.get(number);
      return other !== undefined && other.written === written && Buffer.compare(bytes, other.bytes) === 0;
    });
  });
}

/** Whether two saved states are the same bytes. */
export function sameSaved(a: SavedState, b: SavedState): boolean {
  if (!sameValue(a.fields, b.fields) || a.pages.size !== b.pages.size || !sameDisks(a, b)) return false;
  for (const [page, bytes] of a.pages)
    if (Buffer.compare(bytes, b.pages.get(page) ?? new Uint8Array(0)) !== 0) return false;
  return true;
}

/**
 * Restores a place into a machine and replays from there to the end. Answers what went another way than in the
 * recording, in a sentence; undefined where nothing did.
 */
export async function goOnFrom(
  place: Place,
  sent: number,
  made: MadeRecording,
  stage: Stage,
): Promise<string | undefined> {
  const { machine } = stage;
  const at = `restored at position ${place.position},`;
  await stage.restore(place);
  if (machine.position !== place.position) return `${at} the machine is at ${machine.position}`;
  if (stage.takeDigest() !== place.digest) return `${at} the digest is another`;
  if (!sameSaved(saveState(machine), place.saved)) return `${at} the state that is saved again is another`;
  let result: ReplayResult;
  try {
    result = await stage.run();
  } catch (error) {
    return `${at} the replay ends with ${String(error)}`;
  }
  const { run, outputs } = made;
  if (result.ended !== 'whole' || result.position !== run.position || result.status !== run.status)
    return `${at} it ends ${result.ended} at ${result.position} with status ${result.status}`;
  // The digest of the end itself may be among what lies before the place.
  if (result.lastDigest !== run.position && place.position !== run.position)
    return `${at} the last digest is that of ${result.lastDigest}`;
  const rest = outputs.slice(sent);
  const same =
    rest.length === stage.outputs.length && rest.every((output, i) => describe(output) === describe(stage.outputs[i]));
  return same ? undefined : `${at} other outputs leave it`;
}

function describe({ position, output }: World['outputs'][number]): string {
  const what = output.type === 'power' ? `status ${output.status}` : Buffer.from(output.data).toString('hex');
  return `${position} ${output.type} ${output.device} ${what}`;
}

/** Positions of a recording's entries. */
async function entryPositions({ log }: MadeRecording): Promise<number[]> {
  const reader = new LogReader(new MemorySource(log), { images: 'skip' });
  const positions: number[] = [];
  for (let stretch = await reader.next(); stretch !== null; stretch = await reader.next()) {
    for (const entry of stretch.entries) {
      if (entry.type === 'times') for (const position of entry.positions) positions.push(position);
      else positions.push(entry.position);
    }
  }
  return positions;
}

/** What changes of these means a trap, a return, a wait or a device's work. */
const TELLTALE = [CSR.mepc, CSR.mcause, CSR.sepc, CSR.scause] as const;

function marksOf({ hart, board }: Machine): (bigint | number)[] {
  const devices: (bigint | number)[] = [];
  for (const value of fieldsOf(board).values()) {
    if (typeof value === 'object') devices.push(value.length);
    else devices.push(Number(value));
  }
  return [hart.waiting ? 1 : 0, hart.privilege, ...TELLTALE.map((number) => hart.readCsr(number) ?? 0n), ...devices];
}

const WINDOW = 48;

/** Positions just before and after traps, waits and devices' work, by single steps in some stretches of a replay. */
async function eventPositions(stage: Stage, starts: readonly number[]): Promise<number[]> {
  const positions: number[] = [];
  for (const start of starts) {
    if (start < stage.machine.position) continue;
    if ((await stage.runTo(start)) !== undefined) break;
    let before = marksOf(stage.machine);
    for (let position = start + 1; position <= start + WINDOW; position++) {
      if ((await stage.runTo(position)) !== undefined) return positions;
      const after = marksOf(stage.machine);
      if (!sameMarks(before, after)) positions.push(position - 1, position);
      before = after;
    }
  }
  return positions;
}

function sameMarks(a: readonly (bigint | number)[], b: readonly (bigint | number)[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/**
 * About `count` positions, ascending: the start, every Nth, and as many around the log's entries and around what
 * happens in the machine, which is seen on `stage`, a machine at the start.
 */
export async function positionsOf(made: MadeRecording, stage: Stage, count: number, dice: Dice): Promise<number[]> {
  const end = made.run.position;
  const chosen = new Set<number>([0, end]);
  const add = (position: number): void => void (position >= 0 && position <= end && chosen.add(position));
  const share = Math.ceil(count / 3);
  for (let i = 1; i <= share; i++) add(Math.floor((i * end) / (share + 1)));

  const entries = await entryPositions(made);
  const picked = (from: readonly number[], number: number): number[] =>
    Array.from({ length: number }, () => from[dice.roll(from.length)]);
  for (const position of picked(entries, share)) add(position + dice.roll(3) - 1);

  const starts = [...picked(entries, 3), ...Array.from({ length: 3 }, () => dice.roll(end + 1))];
  const events = await eventPositions(
    stage,
    starts.map((at) => Math.max(0, at - WINDOW / 2)).sort((a, b) => a - b),
  );
  if (events.length > 0) for (const position of picked(events, share)) add(position);
  while (chosen.size < Math.min(count, end + 1)) add(dice.roll(end + 1));
  return [...chosen].sort((a, b) => a - b);
}
