import { count, duration, Progress } from '../../src/host/progress.js';
import { StopRequest } from '../../src/host/signals.js';

describe('progress', () => {
  function terminal(columns = 100): { isTTY: boolean; columns: number; text: string[]; write(text: string): void } {
    const text: string[] = [];
    return { isTTY: true, columns, text, write: (part) => text.push(part) };
  }

  it('tells position, speed and time left, ten times a second at most', () => {
    let now = 1000;
    const stream = terminal();
    const progress = new Progress(stream, 'replay', 1e9, () => now);
    progress.update(0);
    now += 2000;
    progress.update(250e6);
    now += 99;
    progress.update(260e6);
    expect(stream.text).toHaveLength(2);
    expect(stream.text[1]).toBe(
      '\rreplay  [######..................]  25 %  250 M instructions, 125 MIPS, 6 s left\x1b[K',
    );
    progress.clear();
    progress.clear();
    expect(stream.text.slice(2)).toEqual(['\r\x1b[K']);
  });

  it('does without the end, keeps to one line, and says nothing elsewhere', () => {
    let now = 0;
    const stream = terminal(20);
    const progress = new Progress(stream, 'diff', undefined, () => now);
    now = 1000;
    progress.update(4_560_000);
    expect(stream.text).toEqual(['\rdiff  4.56 M instru\x1b[K']);
    const silent = { text: [] as string[], write: (part: string) => silent.text.push(part) };
    const quiet = new Progress(silent, 'x', 10);
    quiet.update(5);
    quiet.clear();
    expect(silent.text).toEqual([]);
  });

  it('writes counts and durations for people', () => {
    expect([0, 999, 1000, 12_345, 4.56e6, 7.89e9, 1.2e12].map(count)).toEqual([
      '0',
      '999',
      '1.00 k',
      '12.3 k',
      '4.56 M',
      '7.89 G',
      '1.20 T',
    ]);
    expect([0, 3.2, 60, 200, 7500].map(duration)).toEqual(['0 s', '4 s', '1 min 0 s', '3 min 20 s', '2 h 5 min']);
  });
});

describe('a request to stop', () => {
  it('is made once by a signal, and forced by a second SIGINT', () => {
    const exits: number[] = [];
    const stop = new StopRequest((status) => exits.push(status));
    let calls = 0;
    stop.onRequest(() => calls++);
    expect(stop.requested).toBeUndefined();
    expect(stop.status).toBe(0);
    process.emit('SIGTERM');
    expect(stop.requested).toBe('SIGTERM');
    expect(stop.status).toBe(143);
    process.emit('SIGTERM');
    expect(calls).toBe(1);
    expect(exits).toEqual([]);
    process.emit('SIGINT');
    expect(exits).toEqual([130]);
    stop.onRequest(() => calls++);
    expect(calls).toBe(2);
    stop.close();
    expect(process.listenerCount('SIGHUP')).toBe(0);
  });

  it('is made by the console without a status of its own', () => {
    const stop = new StopRequest(() => undefined);
    stop.quit();
    expect(stop.requested).toBe('quit');
    expect(stop.status).toBe(0);
    stop.close();
  });
});
