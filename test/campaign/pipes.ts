/**
 * Slow and dying readers and writers: of logs and of consoles, at both ends of record and replay. Nothing that was let
 * out may be lost, a reader that has gone ends the command quietly, and nobody waits for ever or hoards what is not read.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';

import type { Dice } from '../guest/replay-rig.js';
import { guest } from '../support/vmft.js';
import { judgeLog } from './judge-log.js';
import { byBytes, fed, headOf, readOn, readSlowly } from './pipe-ends.js';
import type { CaseResult, Scenario } from './scenario.js';
import { VmftProcess, vmftEnding, wordsOf, type Ending } from './vmft-process.js';

/** No process may take more memory, in bytes. */
const MEMORY = 2 ** 30;
const TERMINATED = 143;
/** A follower has so long to take what there is, in milliseconds. */
const LATEST = 20_000;

/** Logs that are replayed, made once. */
interface Stock {
  readonly small: RecordedLog;
  readonly loud: RecordedLog;
  /** Of a guest that was never asked to end. */
  readonly shell: RecordedLog;
}

interface RecordedLog {
  readonly path: string;
  readonly bytes: Buffer;
  readonly console: Buffer;
}

/** A case's result, and the most memory that a process took. */
type Judged = CaseResult & { memory: number };

/** One way to be a bad reader or writer. */
type Variant = (dice: Dice, folder: string, stock: Stock) => Promise<Judged>;

const VARIANTS: Readonly<Record<string, Variant>> = {
  'log read slowly': async (dice, folder) => {
    const recorder = new VmftProcess(['record', guest(aGuest(dice)), '-q', '-o', '-'], { unread: true });
    await readSlowly(recorder, 1000 + dice.roll(60_000), dice.roll(8), 4 * 2 ** 20);
    readOn(recorder);
    return recorded(await recorder.ended, folder, 'whole');
  },
  'log not read for a while': async (dice, folder) => {
    const recorder = new VmftProcess(['record', guest(aGuest(dice)), '-q', '-o', '-'], { unread: true });
    await readSlowly(recorder, 60_000, 0, dice.roll(100_000));
    await after(100 + dice.roll(700));
    readOn(recorder);
    return recorded(await recorder.ended, folder, 'whole');
  },
  'log’s reader goes': async (dice, folder) => {
    const recorder = new VmftProcess(['record', guest(aGuest(dice)), '-q', '-o', '-'], { unread: true });
    await readSlowly(recorder, 60_000, 0, dice.roll(100_000));
    recorder.child.stdout?.destroy();
    return recorded(await recorder.ended, folder, undefined);
  },
  'log’s reader is head': async (dice, folder) => {
    const bytes = dice.roll(3) === 0 ? dice.roll(4000) : dice.roll(200_000);
    const log = join(folder, 'log.pb');
    const ending = await headOf(['record', guest(aGuest(dice)), '-q', '-o', '-'], bytes, log);
    return judgeRecorded(ending, ending.stderr, folder, undefined);
  },
  'log written byte by byte': async (_dice, _folder, { small }) => {
    return replayed(await fed(['replay', '-', '--json'], byBytes(small.bytes, 1)), small, 'whole');
  },
  'log written in pieces, with pauses': async (dice, _folder, { shell, small, loud }) => {
    const log = [shell, small, loud][dice.roll(3)];
    const feeding = byBytes(log.bytes, 50 + dice.roll(5000), dice.roll(4));
    return replayed(await fed(['replay', '-', '--json'], feeding), log, 'whole');
  },
  'log’s writer dies': async (dice, folder, { shell, loud }) => {
    const log = dice.roll(2) === 0 ? shell : loud;
    const size = dice.roll(log.bytes.length);
    const cut = byBytes(log.bytes.subarray(0, size), 1 + dice.roll(9000));
    const ending = await fed(['replay', '-', '--json'], cut);
    const { outcome, failure } = judgeLog({ released: Buffer.alloc(0), logBytes: size, replay: ending });
    if (failure !== undefined) return { outcome, failure, memory: ending.memory };
    const prefix = log.console.subarray(0, ending.stdout.length).equals(ending.stdout);
    const bad = outcome === 'whole' || !prefix;
    return {
      outcome,
      memory: ending.memory,
      ...(bad ? { failure: `${size} bytes of ${log.path} replayed otherwise (${folder})` } : {}),
    };
  },
  'console of a replay read slowly': async (dice, _folder, { loud }) => {
    const replayer = new VmftProcess(['replay', loud.path, '--json'], { unread: true });
    await after(dice.roll(400));
    await readSlowly(replayer, 2000 + dice.roll(9000), dice.roll(10), 2 ** 20);
    readOn(replayer);
    return replayed(await replayer.ended, loud, 'whole');
  },
  'console of a replay has no reader any more': async (dice, folder, { loud }) => {
    const bytes = dice.roll(loud.console.length);
    const kept = join(folder, 'console');
    const ending = await headOf(['replay', loud.path], bytes, kept);
    return quiet(ending, loud.console, bytes);
  },
  'console of a recording has no reader any more': async (dice, folder) => {
    const recorder = new VmftProcess(['record', guest('storm.elf'), '-q', '-o', join(folder, 'log.pb')], {
      unread: true,
    });
    await readSlowly(recorder, 1 + dice.roll(5000), 0, dice.roll(90_000));
    recorder.child.stdout?.destroy();
    const ending = await recorder.ended;
    return judgeRecorded(ending, ending.stdout, folder, 'whole');
  },
  'console of a recording read slowly': async (dice, folder) => {
    const recorder = new VmftProcess(['record', guest('storm.elf'), '-q', '-o', join(folder, 'log.pb')], {
      unread: true,
    });
    await after(dice.roll(400));
    await readSlowly(recorder, 2000 + dice.roll(9000), dice.roll(10), 2 ** 20);
    readOn(recorder);
    const ending = await recorder.ended;
    return judgeRecorded(ending, ending.stdout, folder, 'whole');
  },
  'typist who goes': async (dice, folder) => {
    const recorder = new VmftProcess(['record', guest('shell.elf'), '-q', '-o', join(folder, 'log.pb')], {
      stdin: 'pipe',
    });
    const stdin = recorder.child.stdin;
    for (let n = dice.roll(6); n > 0; n--) {
      stdin?.write('echo a line of words\rsum 100\r'.slice(0, 1 + dice.roll(29)));
      await after(dice.roll(120));
    }
    if (dice.roll(2) === 0) stdin?.end();
    else stdin?.destroy();
    const ending = await recorder.ended;
    return judgeRecorded(ending, ending.stdout, folder, 'whole');
  },
  'typist who floods': async (dice, folder) => {
    const recorder = new VmftProcess(['record', guest('shell.elf'), '-q', '-o', join(folder, 'log.pb')], {
      stdin: 'pipe',
    });
    const typed = `${'echo flood\r'.repeat(1 + dice.roll(4000))}exit 5\r`;
    recorder.child.stdin?.end(typed);
    const ending = await recorder.ended;
    // The shell itself drops what its own buffer does not hold, and then may not see the exit.
    const judged = await judgeRecorded(ending, ending.stdout, folder, 'whole', ending.status === 0 ? 0 : 5);
    if (judged.failure !== undefined || ending.status === 5) return judged;
    const { stdout } = await vmftEnding(['inspect', join(folder, 'log.pb'), '--json', '--type', 'console']);
    const inputs = stdout.toString().matchAll(/"data":"([0-9a-f]*)"/g);
    const logged = Buffer.from(Array.from(inputs, ([, hex]) => hex).join(''), 'hex').toString('latin1');
    return logged === typed
      ? judged
      : { ...judged, failure: `${typed.length} bytes were typed, ${logged.length} logged` };
  },
  'follower of a recorder that dies': async (dice, folder) => {
    const log = join(folder, 'log.pb');
    const recorder = new VmftProcess(['record', guest('shell.elf'), '-q', '-o', log], { stdin: 'pipe' });
    const follower = new VmftProcess(['replay', '--follow', log, '--json']);
    for (let lines = dice.roll(30); lines > 0; lines--) {
      recorder.child.stdin?.write('echo a line of words\r');
      await after(dice.roll(60));
    }
    recorder.kill();
    const { stdout: released } = await recorder.ended;
    // It takes what there is, and then waits for more until it is told to end.
    for (let waited = 0; waited < LATEST && follower.stdoutBytes < released.length; waited += 20) await after(20);
    await after(300);
    const waits = follower.running;
    follower.kill('SIGTERM');
    const ending = await follower.ended;
    const { memory, status, signal } = ending;
    const told = `the follower ended with ${signal ?? status}, "${wordsOf(ending.stderr).join(' / ')}"`;
    // Before it has the log's header it is at nothing that it could end cleanly.
    if (signal === 'SIGTERM' && released.length === 0) return { outcome: 'followed, nothing there', memory };
    const good = waits && status === TERMINATED && ending.stdout.subarray(0, released.length).equals(released);
    return { outcome: 'followed, then ended', memory, ...(good ? {} : { failure: told }) };
  },
  'lines of inspect have no reader any more': async (dice, folder, { loud }) => {
    const kept = join(folder, 'lines');
    const ending = await headOf(['inspect', loud.path], dice.roll(3000), kept);
    return quiet(ending, ending.stdout, Infinity);
  },
};

export const pipes: Scenario = {
  name: 'pipes',
  about: 'slow and dying readers and writers of logs and consoles',
  cases: { short: Object.keys(VARIANTS).length, long: 20 * Object.keys(VARIANTS).length },
  open: async ({ folder, note }) => {
    let memory = 0;
    const stock: Stock = {
      small: await made(folder, 'hello', ''),
      loud: await made(folder, 'storm', ''),
      shell: await made(folder, 'shell', 'help\recho one\rsum 1000\rtime\rexit 0\r'),
    };
    const variants = Object.entries(VARIANTS);
    return {
      run: async (index, dice) => {
        const [name, variant] = variants[index % variants.length];
        const own = join(folder, String(index));
        mkdirSync(own, { recursive: true });
        const result = await variant(dice, own, stock);
        note?.(`${name}: ${result.outcome}, ${result.memory} bytes of memory`);
        memory = Math.max(memory, result.memory);
        const failure =
          result.failure ?? (result.memory > MEMORY ? `it took ${result.memory} bytes of memory` : undefined);
        if (failure !== undefined) return { outcome: result.outcome, failure: `${name}: ${failure} (see ${own})` };
        if (note === undefined) rmSync(own, { recursive: true });
        return { outcome: result.outcome };
      },
      figures: () => [`memory at most ${Math.ceil(memory / 2 ** 20)} MiB`],
    };
  },
};

/** A recording that takes nothing from the host, so that it is always the same. */
async function made(folder: string, name: string, typed: string): Promise<RecordedLog> {
  const path = join(folder, `${name}.pb`);
  const options = ['-q', '-f', '-o', path, '--clock', 'virtual', '--entropy', 'seed:2a', '--digest-every', '1000'];
  const recorder = new VmftProcess(['record', guest(`${name}.elf`), ...options], { stdin: 'pipe' });
  recorder.child.stdin?.end(typed);
  const { status, stdout } = await recorder.ended;
  if (status !== 0) throw new Error(`${name} could not be recorded`);
  return { path, bytes: readFileSync(path), console: stdout };
}

function aGuest(dice: Dice): string {
  return ['clock.elf', 'storm.elf', 'race.elf'][dice.roll(3)];
}

/** Judges a recorder that wrote its log into a pipe: what the reader has of it, and the console on stderr. */
async function recorded(ending: Ending, folder: string, wanted: 'whole' | undefined): Promise<Judged> {
  writeFileSync(join(folder, 'log.pb'), ending.stdout);
  return judgeRecorded(ending, ending.stderr, folder, wanted);
}

/**
 * Judges a recorder by how it ended and by its log in the folder, which must explain the console. Where its log's reader
 * has gone the console may be ahead by what that reader did not take: then only the replay's own console counts.
 */
async function judgeRecorded(
  ending: Ending,
  released: Buffer,
  folder: string,
  wanted: 'whole' | undefined,
  status?: number,
): Promise<Judged> {
  const log = join(folder, 'log.pb');
  const replay = await vmftEnding(['replay', log, '--json']);
  const memory = Math.max(ending.memory, replay.memory);
  const told = `it ended with ${ending.signal ?? ending.status}`;
  if (ending.hung) return { outcome: 'hung', failure: 'it did not end', memory };
  // race ends with 1 where it has lost an update, and its replay then as well.
  const ends =
    status === undefined
      ? ending.status === 0 || (ending.status === 1 && replay.status === 1)
      : ending.status === status;
  if (!ends) return { outcome: 'ended wrongly', failure: told, memory };
  const lost = wanted === undefined;
  const logBytes = statSync(log).size;
  const evidence = { released: lost ? Buffer.alloc(0) : released, logBytes, replay };
  const { outcome, failure } = judgeLog(evidence);
  if (failure !== undefined) return { outcome, failure, memory };
  if (wanted === 'whole' && outcome !== 'whole') return { outcome, failure: `the log is ${outcome}`, memory };
  // What was let out without a reader for its log begins with what the log explains.
  const same = !lost || replay.stdout.subarray(0, released.length).equals(released.subarray(0, replay.stdout.length));
  return { outcome, memory, ...(same ? {} : { failure: 'the console is not that of the replay' }) };
}

function replayed(ending: Ending, log: RecordedLog, wanted: string): Judged {
  const { outcome, failure } = judgeLog({ released: log.console, logBytes: log.bytes.length, replay: ending });
  const { memory } = ending;
  if (failure !== undefined) return { outcome, failure, memory };
  const good = outcome === wanted && ending.stdout.equals(log.console);
  return { outcome, memory, ...(good ? {} : { failure: `${log.path} was replayed otherwise, ${outcome}` }) };
}

/** A command whose reader went is quiet and ends well; what the reader has is the start of what was to come. */
function quiet(ending: Ending, all: Buffer, bytes: number): Judged {
  const { status, signal, stderr, stdout, hung, memory } = ending;
  const words = wordsOf(stderr);
  const good = !hung && status !== null && status < 64 && !words.some((line) => /^\s+at |defect|EPIPE/.test(line));
  const start = all.subarray(0, stdout.length).equals(stdout) && stdout.length <= bytes;
  const failure = `status ${signal ?? status}, "${words.join(' / ')}", ${stdout.length} bytes`;
  return { outcome: 'ended quietly', memory, ...(good && start ? {} : { failure }) };
}
