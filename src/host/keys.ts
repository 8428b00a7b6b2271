/**
 * What keys mean on a raw terminal: all are the guest's but Ctrl-A, the escape (then x ends, h helps, and Ctrl-A is the
 * guest's), as on QEMU's console. Ctrl-C is the guest's too; but who presses it again and again at a guest that says
 * nothing wants to end it, and knows no other way.
 */
import { milliseconds } from './clock.js';

const ESCAPE = 0x01;
const INTERRUPT = 0x03;
/** So many Ctrl-C within so many milliseconds, with no word of the guest between, end the run. */
const INTERRUPTS = 3;
const INTERRUPT_SPAN = 2000;
/** An end that was asked for and has not come after so many milliseconds is forced by Ctrl-C. */
const PATIENCE = 1000;

/** `hint`: somebody seems not to know how to end the run. */
export type KeyCommand = 'quit' | 'help' | 'interrupt' | 'hint';

export class Keys {
  #escaped = false;
  /** When the last Ctrl-C were pressed. */
  #interrupts: number[] = [];
  /** The guest has said something since the first of them. */
  #answered = false;
  /** When the end was asked for. */
  #ending: number | undefined;

  constructor(
    private readonly command: (command: KeyCommand) => void,
    private readonly now: () => number = milliseconds,
  ) {}

  /** The guest has said something. */
  answered(): void {
    this.#answered = true;
  }

  /** What of typed bytes is for the guest; commands are carried out. */
  take(data: Uint8Array): Uint8Array {
    const guest: number[] = [];
    for (const byte of data) {
      if (this.#escaped) {
        this.#escaped = false;
        if (byte === ESCAPE) guest.push(byte);
        else this.#escape(byte);
      } else if (byte === ESCAPE) {
        this.#escaped = true;
      } else {
        guest.push(byte);
        if (byte === INTERRUPT) this.#interrupt();
      }
    }
    return Uint8Array.from(guest);
  }

  /** The key behind Ctrl-A; any that means nothing is left out. */
  #escape(byte: number): void {
    if (byte === 0x78 || byte === 0x58) this.#end('quit');
    else if (byte === 0x68 || byte === 0x48 || byte === 0x3f) this.command('help');
  }

  #interrupt(): void {
    const now = this.now();
    if (this.#ending !== undefined) {
      if (now - this.#ending >= PATIENCE) this.command('interrupt');
      return;
    }
    const recent = this.#interrupts.filter((time) => now - time < INTERRUPT_SPAN);
    if (recent.length === 0) this.#answered = false;
    recent.push(now);
    this.#interrupts = recent;
    if (recent.length < INTERRUPTS) return;
    this.#interrupts = [];
    if (this.#answered) this.command('hint');
    else this.#end('interrupt');
  }

  #end(command: 'quit' | 'interrupt'): void {
    this.#ending ??= this.now();
    this.command(command);
  }
}
