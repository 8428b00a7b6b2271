/**
 * One line on a terminal that tells how far a long replay or search is: position, speed, time left.
 * Where the stream is no terminal nothing is written.
 */
import { milliseconds } from './clock.js';

const REFRESH = 100;
const BAR = 24;

export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export class Progress {
  readonly #stream: ProgressStream;
  readonly #label: string;
  readonly #now: () => number;
  readonly #start: number;
  #last = -Infinity;
  #shown = false;
  /** Position at the end; undefined where it is not known. */
  total: number | undefined;

  /** `now` is a clock in milliseconds. */
  constructor(stream: ProgressStream, label: string, total?: number, now: () => number = milliseconds) {
    this.#stream = stream;
    this.#label = label;
    this.total = total;
    this.#now = now;
    this.#start = now();
  }

  /** Shows `position`, at most ten times a second. Cheap enough to call at every slice. */
  update(position: number): void {
    if (this.#stream.isTTY !== true) return;
    const now = this.#now();
    if (now - this.#last < REFRESH) return;
    this.#last = now;
    const line = this.#line(position, (now - this.#start) / 1000);
    this.#stream.write(`\r${line.slice(0, (this.#stream.columns ?? 80) - 1)}\x1b[K`);
    this.#shown = true;
  }

  #line(position: number, seconds: number): string {
    const speed = seconds > 0 ? position / seconds : 0;
    const pace = `${count(position)} instructions, ${(speed / 1e6).toFixed(0)} MIPS`;
    if (this.total === undefined || this.total === 0) return `${this.#label}  ${pace}`;
    const share = Math.min(1, position / this.total);
    const full = Math.floor(share * BAR);
    const left = speed > 0 ? `, ${duration((this.total - position) / speed)} left` : '';
    const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
    return `${this.#label}  [${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${percent}  ${pace}${left}`;
  }

  /** Takes the line away, so that what is written next starts on a clean one. */
  clear(): void {
    if (!this.#shown) return;
    this.#shown = false;
    this.#last = -Infinity;
    this.#stream.write('\r\x1b[K');
  }
}

/** A count for people: 950, 12.3 k, 4.56 M, 7.89 G, 1.2 T. */
export function count(value: number): string {
  for (const [unit, size] of UNITS) {
    if (value >= size) return `${(value / size).toPrecision(3)} ${unit}`;
  }
  return String(value);
}
const UNITS = [
  ['T', 1e12],
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
] as const;

/** A duration for people, of some seconds: 4 s, 3 min 20 s, 2 h 5 min. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return `${String(whole)} s`;
  if (whole < 3600) return `${String(Math.floor(whole / 60))} min ${String(whole % 60)} s`;
  return `${String(Math.floor(whole / 3600))} h ${String(Math.floor((whole % 3600) / 60))} min`;
}
