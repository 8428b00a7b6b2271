/**
 * What an entry takes in the log, from the statistics that `record` itself gives: at most 3 bytes for a time read on
 * average, 16 for a tick, 16 and the payload for a packet.
 */
import { statSync } from 'node:fs';
import { arpRequest, datagram, StreamPeer } from '../support/frames.js';
import { summaryOf, type Summary } from '../support/many.js';
import { freePort, guest, Running, RunningConsole, vmft, workFolder } from '../support/vmft.js';

const work = workFolder();
afterAll(() => work.remove());

function recorded(name: string, ...flags: string[]): Summary {
  const answer = vmft('record', guest(`${name}.elf`), '-f', '-o', work.path(`${name}.pb`), '--json', ...flags);
  // The race may be lost.
  expect(name === 'race' ? [0, 1] : [0]).toContain(answer.status);
  return checked(summaryOf(answer), `${name}.pb`);
}

/** Checks that the statistics are those of the file, and that `inspect` counts the same. */
function checked(summary: Summary, log: string): Summary {
  const causes = Object.values(summary.causes);
  expect(causes.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(summary.bytes);
  expect(statSync(work.path(log)).size).toBe(summary.bytes);
  const { stdout } = vmft('inspect', work.path(log), '--stats', '--json');
  const counted = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  expect(counted).toMatchObject({ bytes: summary.bytes, causes: summary.causes });
  return summary;
}

const each = ({ causes }: Summary, cause: string): number =>
  (causes[cause]?.bytes ?? 0) / (causes[cause]?.entries ?? 0);

function report(text: string): void {
  process.stderr.write(`      ${text}\n`);
}

it('a time read: 3 bytes at most, on average', () => {
  for (const name of ['clock-small', 'clock']) {
    const summary = recorded(name);
    report(`${name}: ${each(summary, 'time').toFixed(2)} bytes for each of ${summary.causes['time']?.entries} reads`);
    expect(summary.causes['time']?.entries).toBeGreaterThan(1000);
    expect(each(summary, 'time')).toBeLessThanOrEqual(3);
  }
});

it('a tick: 16 bytes at most', () => {
  // Many close together, some far apart.
  for (const name of ['clock-small', 'race', 'idle']) {
    const summary = recorded(name);
    report(`${name}: ${each(summary, 'tick').toFixed(2)} bytes for each of ${summary.causes['tick']?.entries} ticks`);
    expect(summary.causes['tick']?.entries).toBeGreaterThanOrEqual(3);
    expect(each(summary, 'tick')).toBeLessThanOrEqual(16);
  }
});

it('a packet: its payload and 16 bytes at most; its output: 24', async () => {
  const port = await freePort();
  const log = work.path('echo.pb');
  const recording = new Running(
    ...['record', guest('echo.elf'), '-o', log, '--json', '--net', `stream:listen:127.0.0.1:${port}`],
  );
  const sizes = [0, 1, 18, 64, 100, 500, 1000, 1472];
  try {
    await recording.prints(/ready/);
    const peer = await StreamPeer.to(port);
    expect((await peer.ask(arpRequest()))?.length).toBeGreaterThanOrEqual(42);
    for (const size of sizes) {
      const payload = Buffer.alloc(size, `payload of ${size} bytes `);
      expect((await peer.ask(datagram(7, payload)))?.subarray(42, 42 + size)).toEqual(payload);
    }
    for (let n = 0; n < 100; n++) await peer.ask(datagram(7, Buffer.from('small')));
    peer.send(datagram(9, Buffer.from('quit')));
    await recording.ended;
    peer.close();
  } finally {
    recording.process.kill('SIGKILL');
  }
  const answer = await recording.ended;
  expect(answer).toMatchObject({ status: 0, stdout: expect.stringMatching(/received 110 sent 109/) });
  const summary = checked(summaryOf(answer), 'echo.pb');
  const lines = vmft('inspect', log, '--json', '--type', 'packet').stdout.trim().split('\n').slice(1);
  const payload = lines.reduce((sum, line) => sum + (JSON.parse(line).data as string).length / 2, 0);
  const { entries = 0, bytes = 0 } = summary.causes['packet'] ?? {};
  expect(entries).toBe(110);
  report(`echo: ${((bytes - payload) / entries).toFixed(2)} bytes beside the payload for each of ${entries} packets`);
  report(`echo: ${each(summary, 'output:packet').toFixed(2)} bytes for each packet sent`);
  expect((bytes - payload) / entries).toBeLessThanOrEqual(16);
  expect(summary.causes['output:packet']?.entries).toBe(109);
  expect(each(summary, 'output:packet')).toBeLessThanOrEqual(24);
  expect(vmft('replay', log)).toMatchObject({ status: 0, stdout: answer.stdout });
});

it('console output: one entry for a stretch, however many bytes', () => {
  const { causes } = recorded('storm');
  const { entries = 0, bytes = 0 } = causes['output:console'] ?? {};
  report(`storm: 104 000 bytes of output in ${entries} entries of ${(bytes / entries).toFixed(2)} bytes`);
  expect(entries).toBeLessThan(1000);
  expect(bytes / entries).toBeLessThanOrEqual(24);
});

it('console input: the bytes and 16', async () => {
  const log = work.path('shell.pb');
  const recording = new RunningConsole('record', guest('shell.elf'), '-o', log, '--json');
  await recording.prints(/> /);
  await recording.type([...'echo one by one', '\n', 'exit\n'], 10);
  const answer = await recording.ended;
  expect(answer.status).toBe(0);
  const { causes } = checked(summaryOf(answer), 'shell.pb');
  const { entries = 0, bytes = 0 } = causes['console'] ?? {};
  report(`shell: ${bytes} bytes for 21 typed in ${entries} pieces`);
  expect(bytes).toBeLessThanOrEqual(21 + 16 * entries);
});
