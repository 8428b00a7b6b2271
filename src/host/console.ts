/**
 * The guest's console on the host's terminal: its output to a stream, its input from the keyboard or a pipe.
 * A terminal is raw, so that every key goes to the guest but Ctrl-C, which interrupts, and Ctrl-A, the escape: then x
 * ends, h helps, and Ctrl-A and Ctrl-C are the guest's.
 */
import type { Readable, Writable } from 'node:stream';

const ESCAPE = 0x01;
const INTERRUPT = 0x03;
const HELP =
  '\r\nCtrl-A x  or Ctrl-C: end the run\r\nCtrl-A h  this help\r\nCtrl-A Ctrl-A, Ctrl-A Ctrl-C  send Ctrl-A or Ctrl-C to the guest\r\n';
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
  /** Where the help of Ctrl-A h goes. */
  readonly messages?: Writable;
  /** Ctrl-A x was typed. */
  readonly onQuit?: () => void;
  /** Ctrl-C was typed: on a raw terminal it is a byte like any other, and makes no signal by itself. */
  readonly onInterrupt?: () => void;
  /** The reader of the output has gone. */
  readonly onClosed?: () => void;
  /** The terminal's size changed. */
  readonly onResize?: () => void;
}

export class Console {
  readonly #options: ConsoleOptions;
  readonly #chunks: Uint8Array[] = [];
  #held = 0;
  #escaped = false;
  #ended: boolean;
  #closed = false;
  #raw = false;
  readonly #detach: (() => void)[] = [];
  /** Called when input arrives or ends. */
  onInput: (() => void) | undefined;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#ended = options.input === undefined;
    const { output, input } = options;
    this.#on(output, 'error', () => this.#lost());
    this.#on(output, 'resize', () => options.onResize?.());
    if (input !== undefined) this.#attach(input);
  }

  #attach(input: ConsoleInput): void {
    this.#on(input, 'data', (data: Uint8Array) => this.#typed(data));
    for (const end of ['end', 'close', 'error']) this.#on(input, end, () => this.#finish());
    if (input.isTTY === true && input.setRawMode !== undefined) {
      this.#setRaw(true);
      // Whatever ends the process, the shell gets its terminal back; after a stop it is ours again.
      this.#on(process, 'exit', () => this.#setRaw(false));
      this.#on(process, 'SIGCONT', () => {
        if (this.#raw) input.setRawMode?.(true);
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
    const bytes = this.#raw ? this.#unescape(data) : data;
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#held += bytes.length;
    if (this.#held >= INPUT_HIGH) this.#options.input?.pause();
    this.onInput?.();
  }

  /** What of the typed bytes is for the guest; acts on the rest. */
  #unescape(data: Uint8Array): Uint8Array {
    const guest: number[] = [];
    for (const byte of data) {
      if (!this.#escaped) {
        if (byte === ESCAPE) this.#escaped = true;
        else if (byte === INTERRUPT) this.#options.onInterrupt?.();
        else guest.push(byte);
        continue;
      }
      this.#escaped = false;
      if (byte === ESCAPE || byte === INTERRUPT) guest.push(byte);
      else if (byte === 0x78 || byte === 0x58) this.#options.onQuit?.();
      else if (byte === 0x68 || byte === 0x48 || byte === 0x3f) this.#options.messages?.write(HELP);
    }
    return Uint8Array.from(guest);
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
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

  /** Whether the input is at its end and all of it was taken. */
  get inputEnded(): boolean {
    return this.#ended && this.#held === 0;
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

  /** The terminal's size in characters; undefined where the output is no terminal or has none. */
  size(): { columns: number; rows: number } | undefined {
    const { isTTY, columns, rows } = this.#options.output;
    return isTTY === true && columns && rows ? { columns, rows } : undefined;
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
