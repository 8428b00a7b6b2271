/**
 * Recorders killed at random moments: SIGKILL while they start, while the header is on its way, in the middle of output,
 * of frames, of anything. The log must replay to its end, and explain all that the recorder had let out.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Dice } from '../guest/replay-rig.js';
import { guest, pause } from '../support/vmft.js';
import { FramePeer, guestFrames } from './frame-peer.js';
import { judgeLog } from './judge-log.js';
import type { CaseResult, Scenario, ScenarioContext } from './scenario.js';
import { VmftProcess, vmftEnding } from './vmft-process.js';

/** What is recorded: a guest, and who talks to it. */
interface Subject {
  readonly guest: string;
  readonly typed?: boolean;
  readonly network?: boolean;
  /** The log goes into a pipe, which the scenario reads, and the console to stderr. */
  readonly piped?: boolean;
}

const SUBJECTS: readonly Subject[] = [
  { guest: 'clock' },
  { guest: 'storm' },
  { guest: 'shell', typed: true },
  { guest: 'echo', network: true },
  { guest: 'race' },
  { guest: 'clock', piped: true },
  { guest: 'storm', piped: true },
  { guest: 'shell', typed: true, piped: true },
  { guest: 'echo', network: true, piped: true },
];

const LINES = ['help\r', 'time\r', 'echo a line\r', 'sum 30000\r', 'peek 0x80000000\r', 'ech\b\bcho\r', '\x03'];
/** Whatever a kill waits for, it waits no longer than this from the log's first byte, in milliseconds. */
const LATEST = 4000;
/** A start of the command takes about so long; a kill by the clock falls within it and a little behind it. */
const START = 700;

/** The moment of a kill. */
interface Moment {
  readonly told: string;
  /** Milliseconds from when `reached` is true. */
  readonly delay: number;
  readonly reached: (seen: Seen) => boolean;
}

interface Seen {
  readonly log: number;
  readonly console: number;
  readonly frames: number;
}

export const kill: Scenario = {
  name: 'kill',
  about: 'recorders killed by SIGKILL at random moments',
  cases: { short: 12, long: 200 },
  open: async (context) => {
    let most = 0;
    let released = 0;
    return {
      run: async (index, dice) => {
        const folder = join(context.folder, String(index));
        const result = await killed(SUBJECTS[index % SUBJECTS.length], folder, dice, context);
        if (result.failure === undefined && context.note === undefined) rmSync(folder, { recursive: true });
        most = Math.max(most, result.log);
        released += result.released;
        return result;
      },
      figures: () => [`largest log ${most} bytes`, `${released} console bytes and frames had been released`],
    };
  },
};

async function killed(
  subject: Subject,
  folder: string,
  dice: Dice,
  { note }: ScenarioContext,
): Promise<CaseResult & { log: number; released: number }> {
  mkdirSync(folder, { recursive: true });
  const log = join(folder, 'log.pb');
  const moment = momentOf(subject, dice);
  const digests = ['1000', '50000', '1000000'][dice.roll(3)];
  note?.(`${subject.guest}${subject.piped === true ? ' into a pipe' : ''}, killed ${moment.told}, +${moment.delay} ms`);
  const peer = subject.network === true ? await FramePeer.open(dice, 1 + dice.roll(5)) : undefined;
  const recorder = new VmftProcess(
    [
      ...['record', guest(`${subject.guest}.elf`), '-q', '-o', subject.piped === true ? '-' : log],
      ...['--digest-every', digests, ...(peer === undefined ? [] : ['--net', peer.spec])],
    ],
    { stdin: subject.typed === true ? 'pipe' : 'ignore' },
  );
  const typist = subject.typed === true ? typing(recorder, dice) : undefined;
  const console = (): number => (subject.piped === true ? recorder.stderrBytes : recorder.stdoutBytes);
  const stored = (): number => (subject.piped === true ? recorder.stdoutBytes : (sizeOf(log) ?? 0));
  // A busy machine may take long to start it: what counts is the time from the log's first byte.
  let deadline = Infinity;
  while (recorder.running && performance.now() < deadline) {
    if (deadline === Infinity && stored() > 0) deadline = performance.now() + LATEST;
    if (moment.reached({ log: stored(), console: console(), frames: peer?.received.length ?? 0 })) break;
    await pause(0);
  }
  if (moment.delay > 0) await pause(moment.delay);
  recorder.kill();
  clearInterval(typist);
  const ending = await recorder.ended;
  await peer?.close();
  if (subject.piped === true) writeFileSync(log, ending.stdout);

  const released = subject.piped === true ? ending.stderr : ending.stdout;
  const capture = join(folder, 'replay.pcap');
  const replay = await vmftEnding(['replay', log, '--json', ...(peer === undefined ? [] : ['--pcap-out', capture])]);
  const received = peer?.received ?? [];
  const replayed = sizeOf(capture) === undefined ? [] : guestFrames(readFileSync(capture));
  const logBytes = sizeOf(log);
  const { outcome, failure } = judgeLog({ released, logBytes, replay, frames: { received, replayed } });
  note?.(`released ${released.length} bytes and ${received.length} frames; the log has ${logBytes} bytes`);
  return {
    outcome: ending.signal === 'SIGKILL' ? outcome : `ended before, ${outcome}`,
    ...(failure === undefined ? {} : { failure: `${failure} (${subject.guest}, ${moment.told}; see ${folder})` }),
    log: logBytes ?? 0,
    released: released.length + received.length,
  };
}

function momentOf(subject: Subject, dice: Dice): Moment {
  const soon = dice.roll(3) === 0 ? dice.roll(30) : 0;
  const kind = dice.roll(10);
  if (kind < 2) return { told: 'by the clock', delay: dice.roll(START), reached: () => true };
  if (kind < 4) {
    const bytes = 1 + dice.roll(3000);
    return { told: `when the log has ${bytes} bytes`, delay: soon, reached: ({ log }) => log >= bytes };
  }
  if (kind < 6) {
    const bytes = 1 + dice.roll(subject.guest === 'clock' ? 4_000_000 : 30_000);
    return { told: `when the log has ${bytes} bytes`, delay: soon, reached: ({ log }) => log >= bytes };
  }
  if (subject.network === true) {
    const count = 1 + dice.roll(200);
    return { told: `when ${count} frames were received`, delay: soon, reached: ({ frames }) => frames >= count };
  }
  const bytes = 1 + dice.roll(subject.guest === 'storm' ? 100_000 : 600);
  return { told: `when ${bytes} console bytes were seen`, delay: soon, reached: ({ console }) => console >= bytes };
}

/** Types lines for as long as somebody may be there to read them. */
function typing(recorder: VmftProcess, dice: Dice): NodeJS.Timeout {
  return setInterval(() => recorder.child.stdin?.write(LINES[dice.roll(LINES.length)] ?? ''), 5 + dice.roll(40));
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
