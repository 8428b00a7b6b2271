/**
 * Full disks: recordings that meet the end of their file system at any kind of moment (while the file is created, in the
 * header, in the guest's image, in any stretch, at the last seal), captures that do, and outputs. What was written stays
 * and replays; the command ends with one sentence and status 74.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Dice } from '../guest/replay-rig.js';
import { guest } from '../support/vmft.js';
import { FramePeer } from './frame-peer.js';
import { judgeLog } from './judge-log.js';
import type { CaseResult, Scenario } from './scenario.js';
import { VmftProcess, vmftEnding, wordsOf, type Ending } from './vmft-process.js';

const STATUS_IO = 74;
const FULL =
  /^vmft: No space is left for .*\S: (the recording stopped at position [\d ]+, and (what is in the log can be replayed|the log does not have the whole guest)|free some, or write it elsewhere)\.$/;
const PAGE = 4096;
/** Size of the file system in memory, in pages; a log may have what ballast leaves of it. */
const PAGES = 64;

/** Where the campaign may put files that meet a full disk. */
interface Disks {
  /** A small file system of its own; undefined where none may be mounted. */
  readonly small: string | undefined;
  /** A log with frames, to be replayed with a capture. */
  readonly frames: string;
  readonly loud: string;
}

type Variant = (dice: Dice, folder: string, disks: Disks) => Promise<CaseResult>;

const VARIANTS: Readonly<Record<string, Variant>> = {
  'log’s size limited': async (dice, folder) => {
    const [name, most] = aGuest(dice);
    const limit = dice.roll(4) === 0 ? dice.roll(3000) : dice.roll(most);
    const log = join(folder, 'log.pb');
    const ending = await vmftEnding(recordArguments(name, log), { under: limitedTo(limit) });
    return judgeRecording(ending, log, limit);
  },
  'disk nearly full': async (dice, folder, { small }) => {
    if (small === undefined) return { outcome: 'skipped: no mount' };
    const free = dice.roll(24);
    writeFileSync(join(small, 'ballast'), new Uint8Array((PAGES - free) * PAGE));
    const log = join(small, 'log.pb');
    const [name] = aGuest(dice);
    try {
      const ending = await vmftEnding(recordArguments(name, log));
      const result = await judgeRecording(ending, log, free * PAGE);
      if (result.failure !== undefined) writeFileSync(join(folder, 'log.pb'), readFileSync(log));
      return result;
    } finally {
      rmSync(join(small, 'ballast'));
      rmSync(log, { force: true });
    }
  },
  'device that is full': async (dice) => {
    const [name] = aGuest(dice);
    const ending = await vmftEnding(recordArguments(name, '/dev/full'));
    return judgeFull(ending) ?? { outcome: 'stopped' };
  },
  'capture’s size limited': async (dice, folder) => {
    const limit = dice.roll(3) === 0 ? dice.roll(40) : dice.roll(4000);
    const [log, capture] = [join(folder, 'log.pb'), join(folder, 'frames.pcap')];
    const peer = await FramePeer.open(dice, 2);
    // Only the capture is to meet the limit: the log goes into a pipe.
    const recorder = new VmftProcess(
      ['record', guest('echo.elf'), '-q', '-o', '-', '--pcap-out', capture, '--net', peer.spec],
      { under: limitedTo(limit) },
    );
    const ending = await recorder.ended;
    await peer.close();
    writeFileSync(log, ending.stdout);
    const words = wordsOf(ending.stderr);
    const said = { ...ending, stderr: Buffer.from(words.filter((line) => line.startsWith('vmft:')).join('\n')) };
    const wrong = judgeFull(said);
    if (wrong !== undefined) return wrong;
    // Whatever the recorder had begun, its log ends well: the disk that is full is the capture's.
    if (ending.stdout.length === 0) return { outcome: 'stopped, nothing recorded' };
    const replay = await vmftEnding(['replay', log, '--json']);
    const { outcome, failure } = judgeLog({ released: Buffer.alloc(0), logBytes: ending.stdout.length, replay });
    return { outcome: `stopped, ${outcome}`, ...(failure === undefined ? {} : { failure }) };
  },
  'capture of a replay limited': async (dice, folder, { frames }) => {
    const full = dice.roll(4) === 0;
    const capture = full ? '/dev/full' : join(folder, 'frames.pcap');
    const ending = await vmftEnding(['replay', frames, '-q', '--pcap-out', capture], {
      under: full ? [] : limitedTo(dice.roll(2000)),
    });
    return judgeFull(ending) ?? { outcome: 'stopped' };
  },
  'console into a full device': async (dice, folder, { loud }) => {
    const target = join(folder, 'console');
    symlinkSync('/dev/full', target);
    const record = dice.roll(2) === 0;
    const log = record ? join(folder, 'log.pb') : loud;
    const args = record ? recordArguments('storm', log) : ['replay', loud, '-q'];
    const ending = await vmftEnding(args, { under: ['bash', '-c', 'exec "${@:2}" > "$1"', 'bash', target] });
    const words = wordsOf(ending.stderr);
    const plain = ending.status === STATUS_IO && words.length === 1 && /^vmft: .*\.$/.test(words[0] ?? '');
    if (!plain) return { outcome: 'ended wrongly', failure: told(ending) };
    const replay = await vmftEnding(['replay', log, '--json']);
    const { outcome, failure } = judgeLog({ released: Buffer.alloc(0), logBytes: statSync(log).size, replay });
    return { outcome: `stopped, ${outcome}`, ...(failure === undefined ? {} : { failure }) };
  },
};

export const disk: Scenario = {
  name: 'disk',
  about: 'file systems that are full, at any moment',
  cases: { short: 12, long: 240 },
  open: async ({ folder, note }) => {
    const variants = Object.entries(VARIANTS);
    const small = mounted(join(folder, 'small'));
    const disks: Disks = { small, frames: await framesLog(folder), loud: join(folder, 'loud.pb') };
    await vmftEnding(recordArguments('storm', disks.loud));
    return {
      run: async (index, dice) => {
        const [name, variant] = variants[index % variants.length];
        const own = join(folder, String(index));
        mkdirSync(own, { recursive: true });
        const { outcome, failure } = await variant(dice, own, disks);
        note?.(`${name}: ${outcome}`);
        if (failure !== undefined) return { outcome, failure: `${name}: ${failure} (see ${own})` };
        if (note === undefined) rmSync(own, { recursive: true });
        return { outcome };
      },
      figures: () => (small === undefined ? ['no file system could be mounted: size limits only'] : []),
      close: async () => {
        if (small !== undefined) spawnSync('umount', [small]);
      },
    };
  },
};

/** A guest, and the most bytes of its log that a limit is drawn from. */
function aGuest(dice: Dice): readonly [string, number] {
  return (
    [
      ['hello', 2800],
      ['dice', 6000],
      ['storm', 8000],
      ['clock', 400_000],
    ] as const
  )[dice.roll(4)];
}

function recordArguments(name: string, log: string): string[] {
  return ['record', guest(`${name}.elf`), '-q', '-o', log, '--digest-every', '100000'];
}

/** What a command is run under so that no regular file may become larger than `bytes` (setrlimit(2), RLIMIT_FSIZE). */
function limitedTo(bytes: number): string[] {
  if (spawnSync('prlimit', ['--version']).status === 0) return ['prlimit', `--fsize=${bytes}`];
  return ['bash', '-c', 'ulimit -f "$1"; exec "${@:2}"', 'bash', String(Math.ceil(bytes / 1024))];
}

function mounted(at: string): string | undefined {
  mkdirSync(at);
  if (process.getuid?.() !== 0) return undefined;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${PAGES * PAGE}`, 'tmpfs', at]).status === 0 ? at : undefined;
}

/** A log with frames in it. */
async function framesLog(folder: string): Promise<string> {
  const log = join(folder, 'frames.pb');
  const { CaseDice } = await import('./case-dice.js');
  const peer = await FramePeer.open(new CaseDice(1, 'disk', 0), 2);
  const recorder = new VmftProcess(['record', guest('echo.elf'), '-q', '-o', log, '--net', peer.spec]);
  for (let waited = 0; waited < 20_000 && peer.received.length < 30; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  recorder.kill('SIGTERM');
  await recorder.ended;
  await peer.close();
  return log;
}

/** Judges a recording into a file for which there was room for `room` bytes. */
async function judgeRecording(ending: Ending, log: string, room: number): Promise<CaseResult> {
  const stopped = ending.status === STATUS_IO;
  const wrong = stopped ? judgeFull(ending) : undefined;
  if (wrong !== undefined) return wrong;
  if (!stopped && ending.status !== 0) return { outcome: 'ended wrongly', failure: told(ending) };
  const logBytes = statSync(log, { throwIfNoEntry: false })?.size;
  const replay = await vmftEnding(['replay', log, '--json']);
  const { outcome, failure } = judgeLog({ released: ending.stdout, logBytes, replay });
  if (failure !== undefined) return { outcome, failure };
  if (stopped === (outcome === 'whole')) return { outcome, failure: `${told(ending)}, and the log is ${outcome}` };
  if ((logBytes ?? 0) > room) return { outcome, failure: `${logBytes} bytes were written where ${room} have room` };
  return { outcome: stopped ? `stopped, ${outcome}` : 'fitted' };
}

/** What is wrong with a command that met a full disk; undefined where nothing is. */
function judgeFull(ending: Ending): CaseResult | undefined {
  const words = wordsOf(ending.stderr);
  if (ending.status === STATUS_IO && words.length === 1 && FULL.test(words[0] ?? '')) return undefined;
  return { outcome: 'ended wrongly', failure: told(ending) };
}

function told({ status, signal, stderr, hung }: Ending): string {
  return `it ${hung ? 'hung' : `ended with ${signal ?? status}`} and said "${wordsOf(stderr).join(' / ')}"`;
}
