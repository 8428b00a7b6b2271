/**
 * The keyboard with Ctrl-C taken out: on a raw terminal it is a byte like any other, and yet it has to end the run.
 * Ctrl-A Ctrl-C is the guest's own Ctrl-C.
 */
import { PassThrough } from 'node:stream';

import type { ConsoleInput } from '../../host/console.js';

const ESCAPE = 0x01;
const INTERRUPT = 0x03;

/** `input` itself where it is no terminal; otherwise its bytes, with `interrupted` called for each Ctrl-C. */
export function terminalInput(input: ConsoleInput, interrupted: () => void): ConsoleInput {
  if (input.isTTY !== true || input.setRawMode === undefined) return input;
  const filter = new PassThrough() as PassThrough & ConsoleInput;
  filter.isTTY = true;
  filter.setRawMode = (raw) => input.setRawMode?.(raw);
  let escaped = false;
  input.on('data', (data: Uint8Array) => {
    const passed: number[] = [];
    for (const byte of data) {
      if (escaped) {
        escaped = false;
        if (byte === INTERRUPT) passed.push(byte);
        else passed.push(ESCAPE, byte);
      } else if (byte === ESCAPE) escaped = true;
      else if (byte === INTERRUPT) interrupted();
      else passed.push(byte);
    }
    if (passed.length > 0) filter.write(Uint8Array.from(passed));
  });
  input.on('end', () => filter.end());
  filter.on('pause', () => input.pause());
  filter.on('resume', () => input.resume());
  return filter;
}
