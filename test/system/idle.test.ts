/**
 * An idle guest costs next to nothing: no log, no processor, and no time when it is replayed. What was measured is
 * printed; the bounds are generous, and far from what busy waiting or logging at each look at the clock would take.
 */
import { readFileSync, statSync } from 'node:fs';
import { checksOf, summaryOf, type Summary } from '../support/many.js';
import { guest, Running, RunningConsole, vmft, workFolder, type Answer } from '../support/vmft.js';

const work = workFolder();
afterAll(() => work.remove());

const TICKS_PER_SECOND = 10_000_000;

/** Processor time that a process has taken so far, in seconds (proc(5), stat: utime and stime in 1/100 s). */
function processorSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function report(text: string): void {
  process.stderr.write(`      ${text}\n`);
}

/** Bytes of a log without its header, images and what every log has at its beginning and end. */
function varying({ causes }: Summary): number {
  return (causes['time']?.bytes ?? 0) + (causes['tick']?.bytes ?? 0) + (causes['digest']?.bytes ?? 0);
}

function timed(...args: string[]): Answer & { seconds: number } {
  const start = performance.now();
  const answer = vmft(...args);
  return { ...answer, seconds: (performance.now() - start) / 1000 };
}

describe('an hour without anything to do', () => {
  it.each([
    ['idle-hour', 'woke 1 times in 3600 s'],
    ['idle-second', 'woke 3600 times in 3600 s'],
  ])('%s: a small log, replayed in seconds', (name, words) => {
    const log = work.path(`${name}.pb`);
    const recorded = timed('record', guest(`${name}.elf`), '-o', log, '--clock', 'virtual', '--json');
    expect(recorded).toMatchObject({ status: 0, stdout: `idle: ${words}\n` });
    const replayed = timed('replay', log, '--json');
    expect(replayed).toMatchObject({ status: 0, stdout: recorded.stdout });
    expect(summaryOf(replayed)).toMatchObject(checksOf(summaryOf(recorded)));
    const { size } = statSync(log);
    const embedded = summaryOf(recorded).causes['image']?.bytes ?? 0;
    report(`${name}: ${size} bytes, ${embedded} of them the guest; replayed in ${replayed.seconds.toFixed(2)} s`);
    expect(size - embedded).toBeLessThan(1000);
    expect(recorded.seconds).toBeLessThan(30);
    expect(replayed.seconds).toBeLessThan(30);
  });
});

describe('idle time of the host', () => {
  it('adds a tick and its time reads for each time the guest wakes, and is skipped by the replay', () => {
    const log = work.path('idle.pb');
    const recorded = vmft('record', guest('idle.elf'), '-o', log, '--json');
    expect(recorded.status).toBe(0);
    const summary = summaryOf(recorded);
    const bytes = varying(summary);
    report(`idle: 3 wakes in 0.3 s, ${bytes} bytes of ticks, time reads and digests`);
    expect(summary.causes['tick']?.entries).toBe(3);
    expect(bytes).toBeLessThan(200);

    const replayed = summaryOf(vmft('replay', log, '--json'));
    expect(replayed).toMatchObject(checksOf(summary));
    expect(summary.seconds).toBeGreaterThan(0.3);
    // The guest alone: without the start of the process.
    report(`idle: recorded in ${summary.seconds.toFixed(2)} s, replayed in ${replayed.seconds.toFixed(2)} s`);
  });

  it('costs the recorder no processor, and its log a few bytes a second', async () => {
    const log = work.path('seconds.pb');
    const recording = new Running('record', guest('idle-second.elf'), '-o', log, '--json', '--time-limit', '11s');
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const [before, from] = [processorSeconds(recording.process.pid), performance.now()];
    await new Promise((resolve) => setTimeout(resolve, 6000));
    const [after, to] = [processorSeconds(recording.process.pid), performance.now()];
    const recorded = await recording.ended;
    expect(recorded.status).toBe(124);

    const share = (after - before) / ((to - from) / 1000);
    const summary = summaryOf(recorded);
    const ticks = summary.causes['tick']?.entries ?? 0;
    const times = vmft('inspect', log, '--json', '--type', 'tick').stdout.trim().split('\n').slice(1);
    const guestSeconds = JSON.parse(times.at(-1) ?? '').time / TICKS_PER_SECOND;
    const bytes = varying(summary) / guestSeconds;
    report(`idle-second: ${(share * 100).toFixed(1)} % of a core, ${bytes.toFixed(1)} bytes a second of idle time`);
    expect(ticks).toBeGreaterThanOrEqual(9);
    expect(ticks).toBeLessThanOrEqual(12);
    expect(bytes).toBeLessThan(100);
    expect(share).toBeLessThan(0.2);

    const replayed = vmft('replay', log, '--json');
    expect(replayed).toMatchObject({ status: 0, stdout: recorded.stdout });
    const { seconds } = summaryOf(replayed);
    report(`idle-second: ${guestSeconds.toFixed(1)} s of guest time replayed in ${seconds.toFixed(3)} s`);
    expect(seconds).toBeLessThan(guestSeconds / 3);
  });

  it('while somebody may still type, it is nothing at all', async () => {
    const log = work.path('shell.pb');
    const recording = new RunningConsole('record', guest('shell.elf'), '-o', log, '--json', '--time-limit', '5s');
    await recording.prints(/> /);
    const recorded = await recording.ended;
    expect(recorded.status).toBe(124);
    const { causes } = summaryOf(recorded);
    report(`shell: ${(causes['tick']?.bytes ?? 0) + (causes['time']?.bytes ?? 0)} bytes while nobody types`);
    expect(causes['tick']).toBeUndefined();
    expect(causes['time']).toBeUndefined();
  });
});
