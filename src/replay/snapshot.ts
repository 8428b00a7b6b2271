/**
 * Snapshots of a machine. A Snapshot stays with its machine and moves on with it: taking it again, or going back to it,
 * costs as much as was written in between. A SavedState stands alone and restores into any machine of the same make.
 */
import { PAGE_BYTES } from '../hart/layout.js';
import type { Machine } from '../machine/machine.js';
import type { TakeDirty } from './dirty-pages.js';
import { StateWriter, restoreState } from './state-bytes.js';

const ZEROS = new Uint8Array(PAGE_BYTES);
const PAGE_WORDS = PAGE_BYTES / 4;

/** A whole state: the fields' bytes, and the RAM pages that are not all zero by number. */
export interface SavedState {
  readonly fields: Uint8Array;
  readonly pages: ReadonlyMap<number, Uint8Array>;
}

export class Snapshot {
  private readonly pages = new Map<number, Uint8Array>();
  private readonly writer = new StateWriter();
  private fields = new Uint8Array(0);
  private readonly words: Int32Array;

  /** Takes the first one. `takeDirty` must not have been asked since the machine was built. */
  constructor(
    private readonly machine: Machine,
    private readonly takeDirty: TakeDirty,
  ) {
    this.words = wordsOf(machine);
    this.update();
  }

  /** Takes it anew, of the state now. */
  update(): void {
    for (const page of this.takeDirty()) this.keep(page);
    this.fields = this.writer.write(this.machine).slice();
  }

  /** Puts the machine back into the state it was taken of. */
  restore(): void {
    for (const page of this.takeDirty()) this.machine.restoreRam(page, this.pages.get(page) ?? ZEROS);
    restoreState(this.machine, this.fields);
    // What was just written is what is kept.
    this.takeDirty();
  }

  private keep(page: number): void {
    const bytes = pageOf(this.machine, page);
    const kept = this.pages.get(page);
    if (kept !== undefined) kept.set(bytes);
    else if (!isZero(this.words, page)) this.pages.set(page, bytes.slice());
  }
}

/** The state now, complete in itself. */
export function saveState(machine: Machine): SavedState {
  const pages = new Map<number, Uint8Array>();
  const words = wordsOf(machine);
  for (let page = 0; page < machine.ram.length / PAGE_BYTES; page++) {
    if (!isZero(words, page)) pages.set(page, pageOf(machine, page).slice());
  }
  return { fields: new StateWriter().write(machine).slice(), pages };
}

/** Puts a machine of the same configuration and image into a saved state, whatever it did before. */
export function restoreSaved(machine: Machine, saved: SavedState): void {
  const words = wordsOf(machine);
  for (let page = 0; page < machine.ram.length / PAGE_BYTES; page++) {
    const bytes = saved.pages.get(page);
    if (bytes !== undefined) machine.restoreRam(page, bytes);
    else if (!isZero(words, page)) machine.restoreRam(page, ZEROS);
  }
  restoreState(machine, saved.fields);
}

function pageOf(machine: Machine, page: number): Uint8Array {
  return machine.ram.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
}

function wordsOf({ ram }: Machine): Int32Array {
  return new Int32Array(ram.buffer, ram.byteOffset, ram.byteLength / 4);
}

function isZero(words: Int32Array, page: number): boolean {
  const end = (page + 1) * PAGE_WORDS;
  for (let at = page * PAGE_WORDS; at < end; at++) if (words[at] !== 0) return false;
  return true;
}
