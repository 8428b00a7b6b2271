/**
 * The guest's console on the host's terminal: its output to a stream, its input from the keyboard or a pipe.
 * A terminal is raw, so that every key goes to the guest but those that keys.ts takes.
 */
import type { Readable, Writable } from 'node:stream';

import { Keys, type KeyCommand } from './keys.js';

const HELP = [
  '',
  'Ctrl-A x       end the run',
  'Ctrl-A h       this help',
  'Ctrl-A Ctrl-A  send Ctrl-A to the guest',
  'All other keys go to the guest, Ctrl-C too; three Ctrl-C end the run of a guest that says nothing.',
  '',
].join('\n');
/** What somebody is told who presses Ctrl-C again and again. */
const HINT = '\nCtrl-C goes to the guest: Ctrl-A x ends the run.\n';
/** Input held for the guest at which the host's side is made to wait. */
const INPUT_HIGH = 1 << 16;
/** Output held for the host at which the guest is made to wait. */
const OUTPUT_HIGH = 1 << 18;

/** What of a terminal's input stream is needed beyond a Readable. */
export interface ConsoleInput extends Readable {
  isTTY?: boolean;
  isRaw?: boolean;
  setRawMode?(raw: boolean): unknown;
}

export interface ConsoleOutput extends Writable {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

export interface ConsoleOptions {
  readonly output: ConsoleOutput;
  /** Absent: the guest's console has no input. */
  readonly input?: ConsoleInput;
  /** Where the help of Ctrl-A h goes; its size is the terminal's where the output is none. */
  readonly messages?: ConsoleOutput;
  /** What the guest gets behind the last byte of an input that is no terminal. */
  readonly endOfInput?: Uint8Array;
  /** Ctrl-A x was typed. */
  readonly onQuit?: () => void;
  /** Ctrl-C was typed so often that it means the run: on a raw terminal it makes no signal by itself. */
  readonly onInterrupt?: () => void;
  /** The reader of the output has gone. */
  readonly onClosed?: () => void;
}

export interface TerminalSize {
  /** In characters. */
  readonly columns: number;
  readonly rows: number;
}

export class Console {
  readonly #options: ConsoleOptions;
  readonly #chunks: Uint8Array[] = [];
  #held = 0;
  readonly #keys = new Keys((command) => this.#obey(command));
  #hinted = false;
  #ended: boolean;
  #closed = false;
  #raw = false;
  readonly #detach: (() => void)[] = [];
  /** Called when input arrives or ends. */
  onInput: (() => void) | undefined;
  /** Called when the terminal has another size. */
  onResize: (() => void) | undefined;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#ended = options.input === undefined;
    const { output, input, messages } = options;
    this.#on(output, 'error', () => this.#lost());
    for (const stream of new Set([output, messages ?? output])) this.#on(stream, 'resize', () => this.onResize?.());
    if (input !== undefined) this.#attach(input);
  }

  #attach(input: ConsoleInput): void {
    this.#on(input, 'data', (data: Uint8Array) => this.#typed(data));
    this.#on(input, 'end', () => this.#finish(this.#options.endOfInput));
    for (const end of ['close', 'error']) this.#on(input, end, () => this.#finish());
    if (input.isTTY === true && input.setRawMode !== undefined) {
      this.#setRaw(true);
      // Whatever ends the process, the shell gets its terminal back; after a stop it is ours again.
      this.#on(process, 'exit', () => this.#setRaw(false));
      this.#on(process, 'SIGQUIT', () => {
        this.#setRaw(false);
        process.removeAllListeners('SIGQUIT');
        process.kill(process.pid, 'SIGQUIT');
      });
      this.#on(process, 'SIGCONT', () => {
        if (!this.#raw) return;
        // The mode is set only where it is thought to be another.
        this.#setRaw(false);
        this.#setRaw(true);
      });
    }
    input.resume();
  }

  #on(source: NodeJS.EventEmitter, event: string, listener: (data: Uint8Array) => void): void {
    source.on(event, listener);
    this.#detach.push(() => source.off(event, listener));
  }

  #setRaw(raw: boolean): void {
    if (this.#raw === raw) return;
    this.#raw = raw;
    try {
      this.#options.input?.setRawMode?.(raw);
    } catch {
      // The terminal has gone: there is nothing left to restore.
    }
  }

  #typed(data: Uint8Array): void {
    this.#put(this.#raw ? this.#keys.take(data) : data);
  }

  #put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#held += bytes.length;
    if (this.#held >= INPUT_HIGH) this.#options.input?.pause();
    this.onInput?.();
  }

  #obey(command: KeyCommand): void {
    const { messages, onQuit, onInterrupt } = this.#options;
    switch (command) {
      case 'quit':
        return onQuit?.();
      case 'interrupt':
        return onInterrupt?.();
      case 'help':
        return void messages?.write(HELP);
      case 'hint':
        // Once is enough: the guest may be in the middle of a screen.
        if (!this.#hinted) messages?.write(HINT);
        this.#hinted = true;
    }
  }

  /** @param last what the guest gets last */
  #finish(last?: Uint8Array): void {
    if (this.#ended) return;
    this.#ended = true;
    if (last !== undefined && !this.#raw) this.#put(last);
    this.onInput?.();
  }

  #lost(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onClosed?.();
  }

  /** Whether bytes wait for the guest. */
  get hasInput(): boolean {
    return this.#held > 0;
  }

  /** Whether more may arrive than waits already. */
  get inputComes(): boolean {
    return !this.#ended;
  }

  /** Whether the reader of the output has gone; what is written then is dropped. */
  get closed(): boolean {
    return this.#closed;
  }

  /** At most `limit` bytes of input, taken; none where there are none. */
  take(limit: number): Uint8Array {
    const bytes = new Uint8Array(Math.min(limit, this.#held));
    for (let filled = 0; filled < bytes.length;) {
      const chunk = this.#chunks[0];
      const part = chunk.subarray(0, bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    const wasHigh = this.#held >= INPUT_HIGH;
    this.#held -= bytes.length;
    if (wasHigh && this.#held < INPUT_HIGH) this.#options.input?.resume();
    return bytes;
  }

  /** The guest's output; the bytes may be changed afterwards. */
  write(bytes: Uint8Array): void {
    this.#keys.answered();
    if (!this.#closed) this.#options.output.write(new Uint8Array(bytes));
  }

  /** Whether the output's reader is so far behind that the guest should wait for drained(). */
  get congested(): boolean {
    return !this.#closed && this.#options.output.writableLength > OUTPUT_HIGH;
  }

  /** Resolves when all that was written has left, or can no longer. */
  drained(): Promise<void> {
    const { output } = this.#options;
    if (this.#closed || output.destroyed || output.writableLength === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        output.off('error', done);
        output.off('close', done);
        resolve();
      };
      output.once('error', done);
      output.once('close', done);
      // An empty write is called back behind all that came before it.
      output.write('', done);
    });
  }

  /** Whether the input is a terminal, whose keys are explained by Ctrl-A h. */
  get hasKeys(): boolean {
    return this.#raw;
  }

  /** The terminal's size; undefined where neither output nor messages go to one, or it has none. */
  size(): TerminalSize | undefined {
    for (const stream of [this.#options.output, this.#options.messages]) {
      const { isTTY, columns, rows } = stream ?? {};
      if (isTTY === true && columns && rows) return { columns, rows };
    }
    return undefined;
  }

  /** Gives the terminal back, lets go of the streams and waits until the output has left. */
  async close(): Promise<void> {
    this.#setRaw(false);
    this.#options.input?.pause();
    await this.drained();
    for (const detach of this.#detach.splice(0)) detach();
    // A late error of a stream that is not ours to close must not end the process.
    this.#options.output.on('error', () => undefined);
  }
}
