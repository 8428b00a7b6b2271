import { PassThrough, Writable } from 'node:stream';

import { Console } from '../../src/host/console.js';
import type { ConsoleInput } from '../../src/host/console.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

class FakeTerminal extends PassThrough implements ConsoleInput {
  readonly isTTY = true;
  modes: boolean[] = [];
  setRawMode(raw: boolean): void {
    this.modes.push(raw);
  }
}

/** Takes one chunk and holds it until release(). */
class SlowWritable extends Writable {
  taken = '';
  #held: (() => void)[] = [];
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.taken += chunk.toString();
    this.#held.push(done);
  }
  release(): void {
    for (const done of this.#held.splice(0)) done();
  }
}

describe('input', () => {
  it('from a pipe is passed on as it is, and ends', async () => {
    const input = new PassThrough();
    const console = new Console({ output: new PassThrough(), input });
    let calls = 0;
    console.onInput = () => calls++;
    input.write('a\x01x\x03b');
    await turn();
    expect(console.hasInput).toBe(true);
    expect(text(console.take(3))).toBe('a\x01x');
    input.end();
    await turn();
    expect(text(console.take(100))).toBe('\x03b');
    expect(console.take(100)).toHaveLength(0);
    await turn();
    expect(console.inputComes).toBe(false);
    expect(calls).toBeGreaterThanOrEqual(2);
    await console.close();
  });

  it('absent is at its end', async () => {
    const console = new Console({ output: new PassThrough() });
    expect(console.inputComes).toBe(false);
    await console.close();
  });

  it('from a terminal is raw, all the guest’s but what follows Ctrl-A, also across reads', async () => {
    const input = new FakeTerminal();
    const messages = new PassThrough();
    let [quits, interrupts] = [0, 0];
    const console = new Console({
      ...{ output: new PassThrough(), input, messages },
      onQuit: () => quits++,
      onInterrupt: () => interrupts++,
    });
    expect(console.hasKeys).toBe(true);
    expect(input.modes).toEqual([true]);
    input.write('l\x03s\x01');
    await turn();
    input.write('\x01\x01h\x01zq\x03');
    await turn();
    expect(text(console.take(100))).toBe('l\x03s\x01q\x03');
    expect([quits, interrupts]).toEqual([0, 0]);
    expect(String(messages.read())).toContain('Ctrl-A x');
    input.write('\x01x');
    await turn();
    expect(quits).toBe(1);
    await console.close();
    expect(input.modes).toEqual([true, false]);
  });

  it('ends a run by three Ctrl-C while the guest says nothing; one that answers is not interrupted', async () => {
    const input = new FakeTerminal();
    const messages = new PassThrough();
    let interrupts = 0;
    const console = new Console({
      ...{ output: new PassThrough(), input, messages },
      onInterrupt: () => interrupts++,
    });
    for (let n = 0; n < 9; n++) {
      input.write('\x03');
      await turn();
      console.write(Buffer.from('^C'));
    }
    expect(interrupts).toBe(0);
    expect(String(messages.read())).toBe('\nCtrl-C goes to the guest: Ctrl-A x ends the run.\n');
    input.write('\x03\x03\x03');
    await turn();
    expect(interrupts).toBe(1);
    expect(messages.read()).toBeNull();
    expect(console.take(100)).toHaveLength(12);
    await console.close();
  });

  it('from a pipe may end with a byte for the guest', async () => {
    const [input, terminal] = [new PassThrough(), new FakeTerminal()];
    const endOfInput = Uint8Array.of(4);
    const consoles = [input, terminal].map((one) => new Console({ output: new PassThrough(), input: one, endOfInput }));
    input.end('last');
    terminal.end('last');
    await turn();
    await turn();
    expect(consoles.map((console) => text(console.take(100)))).toEqual(['last\x04', 'last']);
    expect(consoles[0].hasKeys).toBe(false);
    for (const console of consoles) await console.close();
  });

  it('is raw anew after a stop, whatever mode the shell has left', async () => {
    const input = new FakeTerminal();
    const console = new Console({ output: new PassThrough(), input });
    process.emit('SIGCONT');
    expect(input.modes).toEqual([true, false, true]);
    await console.close();
  });

  it('leaves no listener behind, and restores the terminal at exit', async () => {
    const before = process.listenerCount('exit');
    const input = new FakeTerminal();
    const console = new Console({ output: new PassThrough(), input });
    const [restore] = process.listeners('exit').slice(-1);
    restore?.call(process, 0);
    expect(input.modes).toEqual([true, false]);
    await console.close();
    expect(input.modes).toEqual([true, false]);
    expect(process.listenerCount('exit')).toBe(before);
  });

  it('holds a fast writer back', async () => {
    const input = new PassThrough();
    const console = new Console({ output: new PassThrough(), input });
    input.write(Buffer.alloc(1 << 16));
    await turn();
    expect(input.isPaused()).toBe(true);
    console.take(1);
    expect(input.isPaused()).toBe(false);
    await console.close();
  });
});

describe('output', () => {
  it('keeps order and copies what it is given', async () => {
    const output = new PassThrough();
    const console = new Console({ output });
    const bytes = Buffer.from('one');
    console.write(bytes);
    bytes.fill('x');
    console.write(Buffer.from(' two'));
    await console.close();
    expect(String(output.read())).toBe('one two');
  });

  it('is congested while its reader is far behind, and close() waits for it', async () => {
    const output = new SlowWritable();
    const console = new Console({ output });
    console.write(Buffer.alloc(300_000, 'a'));
    console.write(Buffer.from('b'));
    expect(console.congested).toBe(true);
    let closed = false;
    const closing = console.close().then(() => (closed = true));
    await turn();
    expect(closed).toBe(false);
    while (!closed) {
      output.release();
      await turn();
    }
    await closing;
    expect(console.congested).toBe(false);
    expect(output.taken).toHaveLength(300_001);
  });

  it('goes quiet when the reader has gone', async () => {
    const output = new PassThrough();
    let lost = 0;
    const console = new Console({ output, onClosed: () => lost++ });
    output.destroy(Object.assign(new Error('EPIPE'), { code: 'EPIPE' }));
    await turn();
    expect(lost).toBe(1);
    expect(console.closed).toBe(true);
    console.write(Buffer.from('x'));
    expect(console.congested).toBe(false);
    await console.close();
  });

  it('knows the size of a terminal only', async () => {
    const plain = new Console({ output: new PassThrough() });
    expect(plain.size()).toBeUndefined();
    const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 132, rows: 43 });
    let resized = 0;
    const sized = new Console({ output: terminal });
    sized.onResize = () => resized++;
    expect(sized.size()).toEqual({ columns: 132, rows: 43 });
    terminal.emit('resize');
    expect(resized).toBe(1);
    // Where the output is no terminal, that of the messages counts.
    const aside = new Console({ output: new PassThrough(), messages: terminal });
    expect(aside.size()).toEqual({ columns: 132, rows: 43 });
    await Promise.all([plain.close(), sized.close(), aside.close()]);
  });
});
