/**
 * Makes a stream on which the sides differ small: delta debugging (Zeller and Hildebrandt, 2002) over its atoms, then over
 * what its start state holds. All candidates of a round share one image, so that a round costs one run of each side.
 */
import { PMP_OPEN, type Stream } from './stream.js';

/** Which of the streams the sides differ on. */
export type Differ = (candidates: readonly Stream[]) => Promise<readonly boolean[]>;

/** The stream with some of its atoms only. */
export function withAtoms(stream: Stream, kept: readonly number[]): Stream {
  const { atoms, code } = stream;
  const parts = kept.map((n) => code.subarray(atoms[n], atoms[n + 1] ?? code.length));
  const joined = new Uint16Array(parts.reduce((sum, { length }) => sum + length, 0));
  const starts: number[] = [];
  let at = 0;
  for (const part of parts) {
    starts.push(at);
    joined.set(part, at);
    at += part.length;
  }
  let length = 0;
  for (let i = 0; i < joined.length; i += (joined[i] & 3) === 3 ? 2 : 1) length++;
  return { ...stream, code: joined, atoms: starts, length, counted: 0 };
}

/**
 * The fewest items found with which `build` makes a stream that differs: leaves out ever smaller stretches for as long
 * as something can go.
 */
async function fewest<T>(items: readonly T[], build: (kept: readonly T[]) => Stream, differ: Differ): Promise<T[]> {
  let kept = [...items];
  let size = Math.max(1, Math.ceil(kept.length / 2));
  while (kept.length > 0) {
    const choices: T[][] = [];
    for (let from = 0; from < kept.length; from += size) {
      choices.push([...kept.slice(0, from), ...kept.slice(from + size)]);
    }
    const found = (await differ(choices.map(build))).indexOf(true);
    if (found >= 0) {
      kept = choices[found];
      size = Math.min(size, Math.max(1, kept.length));
    } else if (size === 1) break;
    else size = Math.ceil(size / 2);
  }
  return kept;
}

/** The shortest beginning that differs. */
async function beginning(stream: Stream, differ: Differ): Promise<Stream> {
  const all = [...stream.atoms.keys()];
  const candidates = all.map((n) => withAtoms(stream, all.slice(0, n + 1)));
  const found = (await differ(candidates)).indexOf(true);
  return found >= 0 ? candidates[found] : stream;
}

const registers = (stream: Stream): number[] =>
  [...Array(64).keys()].filter((n) => stream.state[2 * n] !== 0 || stream.state[2 * n + 1] !== 0);

function withRegisters(stream: Stream, kept: readonly number[]): Stream {
  const state = new Uint32Array(128);
  for (const n of kept) state.set(stream.state.subarray(2 * n, 2 * n + 2), 2 * n);
  return { ...stream, state };
}

/** PMP's last entry stays: without one, S and U could not run, and no more would the streams differ as they did. */
function withCsrs(stream: Stream, kept: readonly (readonly [string, bigint])[]): Stream {
  const always = Object.entries(stream.csrs).filter(([name]) => name in PMP_OPEN);
  return { ...stream, csrs: Object.fromEntries([...kept, ...always]) };
}

/** What is plainer about a stream, each by itself. */
const plainer: readonly ((stream: Stream) => Stream)[] = [
  (stream) => ({ ...stream, fcsr: 0 }),
  (stream) => ({ ...stream, mode: 'M' }),
  (stream) => ({ ...stream, mstatus: 0n }),
  (stream) => ({ ...stream, fs: 3 }),
  (stream) => ({ ...stream, scratchBytes: 0 }),
  (stream) => ({ ...stream, tableBytes: 0 }),
];

export async function shrink(stream: Stream, differ: Differ): Promise<Stream> {
  if (!(await differ([stream]))[0]) return stream;
  let small = await beginning(stream, differ);
  const cut = small;
  small = withAtoms(cut, await fewest([...cut.atoms.keys()], (kept) => withAtoms(cut, kept), differ));
  const shorter = small;
  small = withRegisters(shorter, await fewest(registers(shorter), (kept) => withRegisters(shorter, kept), differ));
  const poked = small;
  small = { ...poked, pokes: await fewest(poked.pokes, (pokes) => ({ ...poked, pokes }), differ) };
  const set = small;
  const csrs = await fewest(
    Object.entries(set.csrs).filter(([name]) => !(name in PMP_OPEN)),
    (kept) => withCsrs(set, kept),
    differ,
  );
  small = withCsrs(set, csrs);
  for (const change of plainer) {
    const candidate = change(small);
    if ((await differ([candidate]))[0]) small = candidate;
  }
  return small;
}
