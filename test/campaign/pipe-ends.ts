/**
 * The other ends of vmft's pipes: readers that are slow, stall and go, writers that trickle.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';

import { VmftProcess, type Ending } from './vmft-process.js';

/** Pieces of bytes, and milliseconds before each. */
export interface Feeding {
  readonly pieces: readonly Uint8Array[];
  readonly pause: number;
}

export function byBytes(bytes: Uint8Array, size: number, pause = 0): Feeding {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return { pieces, pause };
}

/** Runs vmft with its standard input fed so. */
export async function fed(args: readonly string[], { pieces, pause }: Feeding): Promise<Ending> {
  const reader = new VmftProcess(args, { stdin: 'pipe' });
  const { stdin } = reader.child;
  for (const piece of pieces) {
    if (!reader.running) break;
    // Each piece is a write of its own: the pipe has taken it before the next comes.
    await new Promise<void>((resolve) => stdin?.write(piece, () => resolve()));
    if (pause > 0) await after(pause);
  }
  stdin?.end();
  return reader.ended;
}

/** Reads `count` bytes of a process's stdout, at most `size` at a time with a pause behind each, and keeps them. */
export async function readSlowly(process: VmftProcess, size: number, pause: number, count: number): Promise<void> {
  const { stdout } = process.child;
  for (let read = 0; read < count && stdout !== null && !stdout.readableEnded && !stdout.destroyed;) {
    const piece = stdout.read(Math.min(size, count - read, stdout.readableLength)) as Buffer | null;
    if (piece !== null) {
      process.keep(piece);
      read += piece.length;
    }
    if (piece === null || pause > 0) await after(Math.max(1, pause));
  }
}

/** Reads all that is still to come. */
export function readOn(process: VmftProcess): void {
  process.child.stdout?.removeAllListeners('readable');
  process.child.stdout?.on('data', (data: Buffer) => process.keep(data));
}

/** Runs `vmft ... | head -c BYTES > FILE` by a shell; the ending is that of vmft, with what head kept as its stdout. */
export async function headOf(args: readonly string[], bytes: number, file: string): Promise<Ending> {
  const script = '"${@:3}" | head -c "$1" > "$2"; exit ${PIPESTATUS[0]}';
  const ending = await new VmftProcess(args, { under: ['bash', '-c', script, 'bash', String(bytes), file] }).ended;
  return { ...ending, stdout: readFileSync(file) };
}
