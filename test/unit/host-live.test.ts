import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';

import { CapturePlayer, Playback } from '../../src/host/capture-player.js';
import { HostClock } from '../../src/host/clock.js';
import type { Clock } from '../../src/host/clock.js';
import { Console } from '../../src/host/console.js';
import { Disk } from '../../src/host/disk.js';
import { SeededEntropy } from '../../src/host/entropy.js';
import { FileSink } from '../../src/host/file-sink.js';
import { QueuedLink } from '../../src/host/frames.js';
import { Live } from '../../src/host/live.js';
import type { LiveOptions } from '../../src/host/live.js';
import { PcapWriter } from '../../src/host/pcap.js';
import type { Need } from '../../src/machine/environment.js';
import { needing } from '../support/need.js';

class FakeClock implements Clock {
  time = 0;
  now(): number {
    return this.time;
  }
}

class FakeLink extends QueuedLink {
  readonly name = 'fake';
  sent: string[] = [];
  send(frame: Uint8Array): void {
    this.sent.push(Buffer.from(frame).toString());
  }
  arrive(text: string): void {
    this.arrived(Buffer.from(text));
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

const RUNNING: Need = needing({ consoleRoom: 4096 });
const until = (deadline: number): Need => needing({ deadline, idle: true, consoleRoom: 4096 });
const entropy = new SeededEntropy(Buffer.from('01', 'hex'));
const live = (options: Partial<LiveOptions>): Live =>
  new Live({ clock: new HostClock(), entropy, timed: true, ...options });
/** Milliseconds that an action takes. */
async function duration(action: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

describe('slices', () => {
  it('approach a millisecond of the measured speed', () => {
    const clock = new FakeClock();
    const env = live({ clock });
    let position = 0;
    for (let i = 0; i < 20; i++) {
      const stop = env.nextStop(position, RUNNING);
      expect(stop).toBeGreaterThan(position);
      clock.time += (stop - position) / 20; // 200 MIPS are 20 instructions a tick
      position = stop;
      env.takeInputs(position, RUNNING);
    }
    const slice = env.nextStop(position, RUNNING) - position;
    expect(slice).toBeGreaterThan(195_000);
    expect(slice).toBeLessThan(205_000);
    expect(env.speed / 1e6).toBeCloseTo(200, -1);
  });

  it('end near a timer deadline, and always move on', () => {
    const clock = new FakeClock();
    const env = live({ clock });
    expect(env.nextStop(0, needing({ deadline: 1000, consoleRoom: 4096 }))).toBe(1000);
    clock.time = 999;
    const stop = env.nextStop(0, needing({ deadline: 1000, consoleRoom: 4096 }));
    expect(stop).toBeGreaterThan(0);
    expect(stop).toBeLessThan(1000);
    clock.time = 2000;
    expect(env.nextStop(0, needing({ deadline: 1000, consoleRoom: 4096 }))).toBeGreaterThan(0);
  });

  it('do not shrink for a deadline that was met, nor with virtual time', () => {
    const clock = new FakeClock();
    const env = live({ clock });
    clock.time = 2000;
    const need: Need = needing({ deadline: 1000, consoleRoom: 4096 });
    expect(env.takeInputs(0, need)).toEqual([{ type: 'tick', time: 2000 }]);
    expect(env.nextStop(0, need)).toBe(10_000);
    expect(live({ clock, timed: false }).nextStop(0, needing({ deadline: 2001, consoleRoom: 4096 }))).toBe(10_000);
  });

  it('are measured without the turn or the sleep that follows', async () => {
    const clock = new FakeClock();
    for (const pause of ['turn', 'wait'] as const) {
      clock.time = 1000;
      const env = live({ clock });
      env.nextStop(0, RUNNING);
      clock.time += 10_000;
      setTimeout(() => ((clock.time += 50_000), env.wake()), 5);
      if (pause === 'turn') await env.turn();
      else await env.wait(until(40_000));
      clock.time += 1_000_000;
      env.takeInputs(70_000, RUNNING);
      expect(env.speed).toBe(((1 + 7) / 2) * 1e7);
    }
  });
});

describe('the console', () => {
  const waiting: Need = { ...until(1e9), consoleListens: false };
  const typing = async (options: Partial<LiveOptions>): Promise<Live> => {
    const input = new PassThrough();
    const env = live({ ...options, console: new Console({ output: new PassThrough(), input }) });
    input.write('x');
    await new Promise((resolve) => setImmediate(resolve));
    return env;
  };
  const data = new Uint8Array([0x78]);

  it('tells a terminal’s size to a virtio console alone, first and whenever it changes', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
    const [serial, virtio] = [0, 6].map((consoleDevice) =>
      live({ console: new Console({ output: terminal }), consoleDevice }),
    );
    expect(virtio.takeInputs(0, waiting)).toEqual([{ type: 'size', device: 6, columns: 80, rows: 24 }]);
    expect(virtio.takeInputs(0, waiting)).toEqual([]);
    let roused = false;
    const wait = virtio.wait(waiting).then(() => (roused = true));
    terminal.columns = 132;
    terminal.emit('resize');
    await wait;
    expect(roused).toBe(true);
    expect(virtio.canWake({ ...waiting, deadline: Infinity })).toBe(true);
    expect(virtio.takeInputs(1, waiting)).toEqual([{ type: 'size', device: 6, columns: 132, rows: 24 }]);
    expect(virtio.canWake({ ...waiting, deadline: Infinity })).toBe(false);
    expect(serial.takeInputs(0, waiting)).toEqual([]);
  });

  it('gives a virtio console whose driver has room two seconds to start wholly', async () => {
    const clock = new FakeClock();
    const env = await typing({ clock, consoleDevice: 6 });
    const busy = { ...waiting, idle: false };
    expect(env.takeInputs(0, { ...busy, consoleRoom: 0 })).toEqual([]);
    clock.time = 5e7;
    expect(env.takeInputs(0, busy)).toEqual([]);
    clock.time = 7e7 - 1;
    expect(env.takeInputs(0, busy)).toEqual([]);
    clock.time = 7e7;
    expect(env.takeInputs(0, busy)).toEqual([{ type: 'console', device: 6, data }]);
  });

  it('does not wait for a guest that sleeps without a timer, and counts for nothing where there is no room', async () => {
    const virtual = { now: 0, deadline: 5 };
    const asleep: Need = { ...waiting, deadline: Infinity };
    const env = await typing({ clock: new FakeClock() });
    expect(env.takeInputs(0, { ...asleep, virtual })).toEqual([]);
    expect(env.takeInputs(0, { ...asleep, consoleRoom: 0 })).toEqual([]);
    expect(env.takeInputs(0, asleep)).toEqual([{ type: 'console', device: 0, data }]);
  });
});

describe('inputs', () => {
  it('are a tick when it is due, then packets by device, then console bytes', async () => {
    const clock = new FakeClock();
    const links = new Map([
      [1, new FakeLink()],
      [2, new FakeLink()],
    ]);
    const input = new PassThrough();
    const console = new Console({ output: new PassThrough(), input });
    const env = live({ clock, links, console, consoleDevice: 3 });
    expect(env.takeInputs(5, RUNNING)).toEqual([]);
    links.get(2)?.arrive('c');
    links.get(1)?.arrive('a');
    links.get(1)?.arrive('b');
    input.write('k');
    await new Promise((resolve) => setImmediate(resolve));
    clock.time = 100;
    expect(env.takeInputs(5, needing({ deadline: 100, consoleRoom: 4096 }))).toEqual([
      { type: 'tick', time: 100 },
      { type: 'packet', device: 1, data: Buffer.from('a') },
      { type: 'packet', device: 1, data: Buffer.from('b') },
      { type: 'packet', device: 2, data: Buffer.from('c') },
      { type: 'console', device: 3, data: new Uint8Array([0x6b]) },
    ]);
    expect(env.takeInputs(6, RUNNING)).toEqual([]);
    await console.close();
  });

  it('tell the time along with a packet when it was long untold', () => {
    const clock = new FakeClock();
    const link = new FakeLink();
    const env = live({ clock, links: new Map([[1, link]]) });
    clock.time = 50_000;
    link.arrive('a');
    expect(env.takeInputs(0, RUNNING).map((input) => input.type)).toEqual(['tick', 'packet']);
    link.arrive('b');
    clock.time = 51_000;
    expect(env.takeInputs(0, RUNNING).map((input) => input.type)).toEqual(['packet']);
    clock.time = 70_000;
    env.readTime(0);
    link.arrive('c');
    expect(env.takeInputs(0, RUNNING).map((input) => input.type)).toEqual(['packet']);
  });

  it('never are ticks with virtual time', () => {
    const clock = new FakeClock();
    clock.time = 1e6;
    const link = new FakeLink();
    const env = live({ clock, timed: false, links: new Map([[1, link]]) });
    link.arrive('a');
    expect(env.takeInputs(0, needing({ deadline: 5, consoleRoom: 4096 })).map((input) => input.type)).toEqual([
      'packet',
    ]);
  });

  it('come in portions', () => {
    const link = new FakeLink();
    for (let i = 0; i < 100; i++) link.arrive(String(i));
    // A clock that stands: as it goes on, the guest is told the time with the frames.
    const env = live({ clock: new FakeClock(), links: new Map([[1, link]]) });
    expect(env.takeInputs(0, RUNNING)).toHaveLength(64);
    expect(env.takeInputs(0, RUNNING)).toHaveLength(36);
  });

  it('answer time from the clock and entropy by length', () => {
    const clock = new FakeClock();
    clock.time = 77;
    const env = live({ clock });
    expect(env.readTime(3)).toBe(77);
    expect(env.readEntropy(3, 5)).toHaveLength(5);
  });
});

describe('console input', () => {
  const SECONDS = 10_000_000;
  const DEAF: Need = { ...RUNNING, consoleListens: false };
  const typed = (text: string): unknown => [{ type: 'console', device: 0, data: new Uint8Array(Buffer.from(text)) }];
  let clock: FakeClock;
  let input: PassThrough;
  let console: Console;
  let env: Live;

  beforeEach(() => {
    clock = new FakeClock();
    input = new PassThrough();
    console = new Console({ output: new PassThrough(), input });
    env = live({ clock, console });
  });
  afterEach(() => console.close());

  const type = async (text: string): Promise<void> => {
    input.write(text);
    await new Promise((resolve) => setImmediate(resolve));
  };

  it('waits until the guest listens', async () => {
    await type('a');
    expect(env.takeInputs(0, DEAF)).toEqual([]);
    clock.time += 59 * SECONDS;
    expect(env.takeInputs(1, DEAF)).toEqual([]);
    await type('b');
    expect(env.takeInputs(2, RUNNING)).toEqual(typed('ab'));
  });

  it('comes after a minute to a guest that never does, and from then on at once', async () => {
    await type('a');
    expect(env.takeInputs(0, DEAF)).toEqual([]);
    clock.time += 60 * SECONDS - 1;
    expect(env.takeInputs(1, DEAF)).toEqual([]);
    clock.time += 1;
    expect(env.takeInputs(2, DEAF)).toEqual(typed('a'));
    await type('b');
    expect(env.takeInputs(3, DEAF)).toEqual(typed('b'));
  });

  it('waits anew for a guest that listened once and starts again', async () => {
    await type('a');
    expect(env.takeInputs(0, DEAF)).toEqual([]);
    expect(env.takeInputs(1, RUNNING)).toEqual(typed('a'));
    clock.time += 120 * SECONDS;
    await type('b');
    expect(env.takeInputs(2, DEAF)).toEqual([]);
    clock.time += 60 * SECONDS;
    expect(env.takeInputs(3, DEAF)).toEqual(typed('b'));
  });

  it('wakes a guest that sleeps and does not listen', async () => {
    const asleep: Need = { ...until(1e12), consoleListens: false };
    await type('a');
    expect(env.takeInputs(0, asleep)).toEqual([]);
    clock.time = 60 * SECONDS - 200_000;
    setTimeout(() => (clock.time = 60 * SECONDS), 5);
    expect(await duration(() => env.wait(asleep))).toBeGreaterThan(15);
    expect(env.takeInputs(0, asleep)).toEqual(typed('a'));
  });

  it('lets a guest sleep that has no room for it', async () => {
    await type('a');
    setTimeout(() => env.wake(), 20);
    expect(await duration(() => env.wait({ ...until(Infinity), consoleRoom: 0 }))).toBeGreaterThan(15);
  });
});

describe('captures', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vmft-live-'));
  const path = join(folder, 'three.pcap');
  const opened: CapturePlayer[] = [];
  beforeAll(() => {
    const sink = FileSink.create(path);
    const writer = new PcapWriter(sink, 0n);
    for (const [time, data] of [[0, 'a'], [30_000, 'b'], [30_000, 'c']] as const) writer.write(time, Buffer.from(data)); // prettier-ignore
    sink.close();
  });
  afterAll(() => {
    for (const player of opened) player.close();
    rmSync(folder, { recursive: true });
  });

  function playback(): Playback {
    const player = CapturePlayer.open(path);
    opened.push(player);
    return new Playback(new Map([[3, player]]));
  }

  const ready: Need = { ...RUNNING, takesFrames: (device) => device === 3 };
  const packet = (data: string): object => ({ type: 'packet', device: 3, data: Buffer.from(data) });
  const shown = (inputs: readonly object[]): object[] => inputs.map((input) => ({ ...input }));

  it('begin when the guest is ready, keep their distances, and tell the time with each frame', () => {
    const clock = new FakeClock();
    const env = live({ clock, playback: playback() });
    clock.time = 500;
    expect(env.takeInputs(0, RUNNING)).toEqual([]);
    expect(env.canWake({ ...RUNNING, idle: true })).toBe(false);
    clock.time = 1000;
    expect(shown(env.takeInputs(1, ready))).toEqual([{ type: 'tick', time: 1000 }, packet('a')]);
    expect(env.canWake({ ...ready, idle: true })).toBe(true);
    clock.time = 30_999;
    expect(env.takeInputs(2, ready)).toEqual([]);
    expect(env.nextStop(2, ready)).toBeLessThan(200);
    clock.time = 31_200;
    expect(env.takeInputs(3, RUNNING)).toEqual([]);
    expect(shown(env.takeInputs(3, ready))).toEqual([{ type: 'tick', time: 31_200 }, packet('b'), packet('c')]);
    expect(env.canWake({ ...ready, idle: true })).toBe(false);
  });

  it('wake a guest that waits', async () => {
    const clock = new HostClock();
    const env = live({ clock, playback: playback() });
    const need: Need = { ...ready, idle: true };
    env.takeInputs(0, need);
    const start = clock.now();
    await env.wait(need);
    expect(clock.now() - start).toBeGreaterThan(20_000);
    expect(env.takeInputs(0, need)).toHaveLength(3);
  });

  it('come at exact positions of the virtual clock, and put it forward where the guest waits', () => {
    const options = { clock: new FakeClock(), timed: false, instructionsPerTick: 10 };
    const at = (now: number, more: Partial<Need> = {}): Need => ({
      ...ready,
      ...more,
      virtual: { now, deadline: 40_000 },
    });
    const busy = live({ ...options, playback: playback() });
    expect(shown(busy.takeInputs(1234, at(123)))).toEqual([packet('a')]);
    expect(busy.takeInputs(301_229, at(30_122))).toEqual([]);
    expect(busy.nextStop(301_229, at(30_122))).toBe(301_230);
    expect(shown(busy.takeInputs(301_230, at(30_123)))).toEqual([packet('b'), packet('c')]);

    const idle = live({ ...options, playback: playback() });
    idle.takeInputs(1234, at(123));
    const timerFirst = { idle: true, virtual: { now: 123, deadline: 30_122 } };
    expect(idle.takeInputs(1234, { ...ready, ...timerFirst })).toEqual([]);
    expect(shown(idle.takeInputs(1234, at(123, { idle: true })))).toEqual([
      { type: 'tick', time: 30_123 },
      packet('b'),
      packet('c'),
    ]);
  });
});

describe('outputs', () => {
  it('go to the console and to the link of the device', async () => {
    const output = new PassThrough();
    const console = new Console({ output });
    const link = new FakeLink();
    const env = live({ console, links: new Map([[4, link]]) });
    env.emit(1, { type: 'console', device: 0, data: Buffer.from('hi') });
    env.emit(2, { type: 'packet', device: 4, data: Buffer.from('frame') });
    env.emit(3, { type: 'packet', device: 5, data: Buffer.from('nobody') });
    env.emit(4, { type: 'power', device: 0, status: 0 });
    await console.close();
    expect(String(output.read())).toBe('hi');
    expect(link.sent).toEqual(['frame']);
  });
});

describe('waiting', () => {
  it.each([0.2, 3.5, 20])('ends at a deadline %d ms away', async (milliseconds) => {
    const clock = new HostClock();
    const env = live({ clock });
    const deadline = clock.now() + milliseconds * 10_000;
    await env.wait(until(deadline));
    const late = (clock.now() - deadline) / 10_000;
    expect(late).toBeGreaterThanOrEqual(0);
    // Generous: other processes have the cores too.
    expect(late).toBeLessThan(250);
  });

  it('ends at an input, at once when it is there already', async () => {
    const link = new FakeLink();
    const env = live({ links: new Map([[1, link]]) });
    setTimeout(() => link.arrive('a'), 20);
    const took = await duration(() => env.wait(until(Infinity)));
    expect(took).toBeGreaterThan(15);
    expect(took).toBeLessThan(1000);
    expect(await duration(() => env.wait(until(Infinity)))).toBeLessThan(500);
  });

  it('gives the event loop its turn even where no wait is long', async () => {
    const clock = new HostClock();
    const env = live({ clock });
    let happened = false;
    setTimeout(() => (happened = true), 5);
    const start = performance.now();
    while (!happened && performance.now() - start < 5000) {
      env.takeInputs(0, until(clock.now()));
      await env.wait(until(clock.now()));
    }
    expect(happened).toBe(true);
  });

  it('ends at wake()', async () => {
    const env = live({});
    setTimeout(() => env.wake(), 10);
    await env.wait(until(Infinity));
    env.wake();
  });

  it('rests when a timer that is due does not wake the guest', async () => {
    const env = live({});
    env.takeInputs(0, until(0));
    expect(await duration(() => env.wait(until(0)))).toBeGreaterThan(8);
  });

  it('knows when nothing can come', async () => {
    const input = new PassThrough();
    const console = new Console({ output: new PassThrough(), input });
    const env = live({ console });
    expect(env.canWake(until(Infinity))).toBe(true);
    const waiting = env.wait(until(Infinity));
    input.end();
    await waiting;
    expect(env.canWake(until(Infinity))).toBe(false);
    expect(env.canWake(until(5))).toBe(true);
    expect(live({ links: new Map([[1, new FakeLink()]]) }).canWake(until(Infinity))).toBe(true);
    await console.close();
  });
});

describe('disks', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vmft-live-disk-'));
  const path = join(folder, 'image');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const NOTHING = new Uint8Array(0);
  const at = { type: 'disk', device: 2, offset: 512, length: 512, durable: false } as const;

  it('do what they are asked when inputs are taken next, and wake a guest that waits for a flush', async () => {
    const content = Uint8Array.from({ length: 2048 }, (_, i) => i);
    writeFileSync(path, content);
    const disk = Disk.open({ path, mode: 'rw', readOnly: false, logReads: true }, true);
    const env = live({ disks: new Map([[2, disk]]), timed: false });
    const done = { type: 'disk', device: 2, request: 0, status: 0, data: NOTHING };
    expect(env.takeInputs(0, RUNNING)).toEqual([]);
    env.emit(5, { ...at, operation: 'read', data: NOTHING });
    env.emit(5, { ...at, operation: 'write', data: new Uint8Array(512) });
    env.emit(5, { ...at, device: 3, operation: 'write', data: new Uint8Array(512) });
    expect(env.takeInputs(5, RUNNING)).toEqual([{ ...done, data: content.slice(512, 1024) }, done]);
    expect(env.canWake(until(Infinity))).toBe(false);
    env.emit(9, { ...at, operation: 'flush', length: 0, data: NOTHING });
    expect(env.takeInputs(9, until(Infinity))).toEqual([]);
    expect(env.canWake(until(Infinity))).toBe(true);
    await env.wait(until(Infinity));
    expect(env.takeInputs(9, until(Infinity))).toEqual([done]);
    await disk.close();
  });
});

describe('turns', () => {
  it('are due after half a millisecond and let events happen', async () => {
    const clock = new FakeClock();
    const env = live({ clock });
    expect(env.turnDue()).toBe(false);
    clock.time = 5000;
    expect(env.turnDue()).toBe(true);
    let happened = false;
    setImmediate(() => (happened = true));
    await env.turn();
    expect(happened).toBe(true);
    expect(env.turnDue()).toBe(false);
  });

  it('wait for a slow reader of the console, or for wake()', async () => {
    const output = new PassThrough({ highWaterMark: 1 });
    const console = new Console({ output });
    const env = live({ console });
    env.emit(0, { type: 'console', device: 0, data: new Uint8Array(400_000) });
    env.emit(0, { type: 'console', device: 0, data: new Uint8Array(400_000) });
    expect(console.congested).toBe(true);
    setTimeout(() => env.wake(), 30);
    expect(await duration(() => env.turn())).toBeGreaterThan(25);
    setTimeout(() => output.resume(), 30);
    expect(await duration(() => env.turn())).toBeGreaterThan(25);
    await console.close();
  });
});
