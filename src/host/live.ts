/**
 * The environment of a machine that runs in the present: the host's clock, entropy, network and console.
 * Live also sets the pace: it cuts the execution into slices of about a millisecond, between which the driver gives
 * the host's event loop its turn, and lets the driver sleep while the guest idles.
 */
import type { Environment, Input, Need, Output } from '../machine/environment.js';
import type { Pacing } from '../replay/recorder.js';
import { TICKS_PER_MILLISECOND } from './clock.js';
import type { Playback } from './capture-player.js';
import type { Clock } from './clock.js';
import type { Console, TerminalSize } from './console.js';
import type { Disk } from './disk.js';
import type { Entropy } from './entropy.js';
import { FRAMES_AT_ONCE, type FrameLink } from './frames.js';

const { ceil, floor, max, min } = Math;

/** Ticks of wall time in a slice. */
const SLICE = TICKS_PER_MILLISECOND;
/** Instructions in the shortest slice: a deadline missed by an estimate is met by the next. */
const SHORTEST = 100;
const LONGEST = 20_000_000;
/** Shortest measurement of speed that is believed, in ticks. */
const BELIEVED = 200;
/** Console bytes that reach the guest at one position, at most. */
const CONSOLE_AT_ONCE = 256;
/** How long console input waits for a guest that does not show that it wants any, in ticks. */
const UNHEARD = 60_000 * TICKS_PER_MILLISECOND;
/** The same where the driver of a virtio console has said that it takes input: it may be starting still. */
const UNHEARD_DRIVER = 2000 * TICKS_PER_MILLISECOND;
/** Guest time untold for so long is told along with a packet, so that a capture can date it. */
const UNTOLD = TICKS_PER_MILLISECOND;
/** Waiting without sleeping is paid from a purse that fills with one tick in 200 and holds 5 ms. */
const PURSE_SHARE = 200;
const PURSE_FULL = 5 * TICKS_PER_MILLISECOND;
const LONGEST_SLEEP = 60_000;
/** How long a guest rests whose due timer does not wake it, in ticks. */
const STALE_REST = 10 * TICKS_PER_MILLISECOND;

const NOTHING: readonly Input[] = [];

export interface LiveOptions {
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Whether guest time is the host's: false with the virtual clock, whose time the machine itself computes. */
  readonly timed: boolean;
  readonly console?: Console;
  /** The console that takes the input: its slot, and with it the terminal's size is told; 0, the default: the serial port. */
  readonly consoleDevice?: number;
  /** Links by the slot of their device. */
  readonly links?: ReadonlyMap<number, FrameLink>;
  /** Disks by the slot of their device. */
  readonly disks?: ReadonlyMap<number, Disk>;
  /** Captures that are played into other devices. */
  readonly playback?: Playback;
  /** Instructions in a tick of the virtual clock; where time is not the host's. */
  readonly instructionsPerTick?: number;
}

export class Live implements Environment, Pacing {
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #timed: boolean;
  readonly #console: Console | undefined;
  readonly #consoleDevice: number;
  /** The terminal's size, where it has one that the guest was not told. */
  #size: TerminalSize | undefined;
  readonly #links: ReadonlyMap<number, FrameLink>;
  readonly #disks: ReadonlyMap<number, Disk>;
  readonly #playback: Playback | undefined;
  readonly #instructionsPerTick: number;

  /** Measured speed, in instructions a tick. */
  #speed = 1;
  #sliceStart = 0;
  #slicePosition = 0;
  /** When the slice ended, once a turn or a sleep has followed it; NaN before. */
  #sliceEnd = NaN;
  #lastTurn = 0;
  /** The latest guest time that the guest was told. */
  #told = 0;
  /** Since when console input waits that the guest has not asked for; NaN where none does. */
  #unheard = NaN;
  readonly #patience: number;
  /** The deadline that the last tick fulfilled. */
  #fired = -1;

  #waiter: (() => void) | undefined;
  #release: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #purse = PURSE_FULL;
  #purseTime = 0;

  constructor(options: LiveOptions) {
    this.#clock = options.clock;
    this.#entropy = options.entropy;
    this.#timed = options.timed;
    this.#console = options.console;
    this.#consoleDevice = options.consoleDevice ?? 0;
    this.#patience = this.#consoleDevice === 0 ? UNHEARD : UNHEARD_DRIVER;
    this.#links = options.links ?? new Map<number, FrameLink>();
    this.#disks = options.disks ?? new Map<number, Disk>();
    this.#playback = options.playback;
    this.#instructionsPerTick = options.instructionsPerTick ?? 1;
    const rouse = (): void => this.#rouse();
    for (const link of this.#links.values()) link.onFrame = rouse;
    for (const disk of this.#disks.values()) disk.onDone = rouse;
    if (this.#console === undefined) return;
    this.#console.onInput = rouse;
    if (this.#consoleDevice === 0) return;
    this.#size = this.#console.size();
    this.#console.onResize = () => {
      this.#size = this.#console?.size();
      rouse();
    };
  }

  /** Measured speed, in instructions a second. */
  get speed(): number {
    return this.#speed * TICKS_PER_MILLISECOND * 1000;
  }

  nextStop(position: number, need: Need): number {
    const now = this.#clock.now();
    this.#sliceStart = now;
    this.#slicePosition = position;
    this.#sliceEnd = NaN;
    const frame = this.#frameDue(need);
    let ticks = SLICE;
    if (this.#timed) {
      const timer = need.deadline === this.#fired ? Infinity : need.deadline;
      ticks = max(0, min(ticks, min(timer, frame) - now));
    }
    const stop = position + max(SHORTEST, min(LONGEST, ceil(ticks * this.#speed)));
    return this.#timed ? stop : min(stop, this.#positionAt(frame, position, need));
  }

  /** Guest time at which the next frame of a capture is due; Infinity where none is. */
  #frameDue(need: Need): number {
    return this.#playback === undefined ? Infinity : this.#playback.due(need);
  }

  /** The position at which the virtual clock will show `time` if the guest does not wait: exact, as the frame due then. */
  #positionAt(time: number, position: number, { virtual }: Need): number {
    if (virtual === undefined) return Infinity;
    const each = this.#instructionsPerTick;
    return max(position + 1, position - (position % each) + (time - virtual.now) * each);
  }

  takeInputs(position: number, need: Need): readonly Input[] {
    const now = this.#clock.now();
    this.#measure(position, now);
    const due = this.#timed && now >= need.deadline;
    const played = this.#played(now, need);
    if (!due && played.length === 0 && !this.#pending(need)) return NOTHING;

    const inputs: Input[] = [];
    if (due) {
      this.#fired = need.deadline;
      inputs.push(this.#tick(now));
    }
    // A capture's distances are to be found in the log: its frames are told the time each.
    if (this.#timed && played.length > 0 && this.#told < now) inputs.push(this.#tick(now));
    inputs.push(...played);
    for (const [device, link] of this.#links) {
      if (!link.hasFrames) continue;
      if (this.#timed && now - this.#told >= UNTOLD) inputs.push(this.#tick(now));
      for (const data of link.take(FRAMES_AT_ONCE)) inputs.push({ type: 'packet', device, data });
    }
    for (const [device, disk] of this.#disks) {
      for (const completion of disk.take()) inputs.push({ type: 'disk', device, ...completion });
    }
    if (this.#size !== undefined) {
      inputs.push({ type: 'size', device: this.#consoleDevice, ...this.#size });
      this.#size = undefined;
    }
    if (this.#console !== undefined && this.#typed(need)) {
      const data = this.#console.take(min(CONSOLE_AT_ONCE, need.consoleRoom));
      inputs.push({ type: 'console', device: this.#consoleDevice, data });
    }
    return inputs;
  }

  /** The frames of captures that are due, behind the tick that puts the virtual clock forward to them where it does. */
  #played(now: number, need: Need): readonly Input[] {
    const playback = this.#playback;
    if (playback === undefined) return NOTHING;
    if (this.#timed) return playback.take(now, need);
    const { virtual } = need;
    if (virtual === undefined) return NOTHING;
    const frames = playback.take(virtual.now, need);
    if (frames.length > 0 || !need.idle) return frames;
    // A guest that waits finds itself at the next frame where no timer comes before.
    const time = playback.due(need);
    if (time === Infinity || time > virtual.deadline) return NOTHING;
    return [{ type: 'tick', time }, ...playback.take(time, need)];
  }

  #tick(now: number): Input {
    this.#told = now;
    return { type: 'tick', time: now };
  }

  /** What the slice that ends at `position` tells about the speed; a turn or a sleep after it is no part of it. */
  #measure(position: number, now: number): void {
    const elapsed = (this.#sliceEnd > 0 ? this.#sliceEnd : now) - this.#sliceStart;
    const executed = position - this.#slicePosition;
    if (elapsed < BELIEVED || executed <= 0) return;
    this.#speed = (this.#speed + executed / elapsed) / 2;
    this.#slicePosition = position;
  }

  #endSlice(): void {
    if (!(this.#sliceEnd > 0)) this.#sliceEnd = this.#clock.now();
  }

  /** Whether console input waits and is to reach the guest now. */
  #typed({ consoleRoom, consoleListens, idle, deadline, virtual }: Need): boolean {
    if (this.#console?.hasInput !== true || consoleRoom === 0) return false;
    // One that sleeps without a timer waits for something from outside: its drivers have started.
    if (consoleListens || (idle && (virtual ?? { deadline }).deadline === Infinity)) {
      this.#unheard = NaN;
      return true;
    }
    const now = this.#clock.now();
    if (!(this.#unheard >= 0)) this.#unheard = now;
    return now - this.#unheard >= this.#patience;
  }

  /** When console input that waits unheard reaches the guest all the same; Infinity where none does. */
  #unheardUntil({ consoleRoom }: Need): number {
    const waits = this.#console?.hasInput === true && consoleRoom > 0 && this.#unheard >= 0;
    return waits ? this.#unheard + this.#patience : Infinity;
  }

  #pending(need: Need): boolean {
    if (this.#size !== undefined) return true;
    if (this.#typed(need)) return true;
    for (const link of this.#links.values()) if (link.hasFrames) return true;
    for (const disk of this.#disks.values()) if (disk.hasWork) return true;
    return false;
  }

  readTime(_position: number): number {
    return (this.#told = this.#clock.now());
  }

  readEntropy(_position: number, length: number): Uint8Array {
    return this.#entropy.bytes(length);
  }

  emit(_position: number, output: Output, more = false): void {
    if (output.type === 'console') this.#console?.write(output.data);
    else if (output.type === 'packet') this.#links.get(output.device)?.send(output.data, more);
    else if (output.type === 'disk') this.#disks.get(output.device)?.submit(output);
  }

  turnDue(): boolean {
    return this.#clock.now() - this.#lastTurn >= SLICE / 2;
  }

  /** Gives the event loop its turn, and waits while the console's reader is far behind. */
  async turn(): Promise<void> {
    this.#endSlice();
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#console?.congested === true) {
      const released = new Promise<void>((resolve) => (this.#release = resolve));
      await Promise.race([this.#console.drained(), released]);
      this.#release = undefined;
    }
    this.#lastTurn = this.#clock.now();
  }

  canWake(need: Need): boolean {
    if (min(need.deadline, this.#frameDue(need)) !== Infinity || this.#links.size > 0 || this.#pending(need))
      return true;
    for (const disk of this.#disks.values()) if (disk.busy) return true;
    return this.#console?.inputComes === true || (this.#console?.hasInput === true && need.consoleRoom > 0);
  }

  wait(need: Need): Promise<void> {
    // Virtual time is moved on by the machine itself: only a guest without any timer has something to wait for.
    const frame = this.#frameDue(need);
    const moving = !this.#timed && min(need.deadline, frame) !== Infinity;
    if (moving || this.#pending(need) || this.#console?.congested === true) return this.turn();
    const now = this.#clock.now();
    if (frame <= now || (need.deadline <= now && need.deadline !== this.#fired)) {
      return this.turnDue() ? this.turn() : Promise.resolve();
    }
    this.#endSlice();
    return new Promise((resolve) => {
      this.#waiter = resolve;
      // A timer that is due and does not wake the hart must not keep the host busy.
      const stale = need.deadline === this.#fired;
      const deadline = min(frame, this.#unheardUntil(need), stale ? this.#clock.now() + STALE_REST : need.deadline);
      this.#sleep(deadline, deadline - this.#clock.now() < TICKS_PER_MILLISECOND);
    });
  }

  /** Sleeps on towards `deadline`; called anew when a part of the wait is over. `awake`: without giving up the core. */
  #sleep(deadline: number, awake: boolean): void {
    const left = deadline - this.#clock.now();
    if (left <= 0) {
      this.#rouse();
    } else if (awake || (left < TICKS_PER_MILLISECOND && this.#pay(left))) {
      this.#immediate = setImmediate(() => this.#sleep(deadline, true));
    } else {
      // Timers are as exact as a millisecond: too early and the rest awake where that can be paid, too late otherwise.
      const round = this.#fund() >= TICKS_PER_MILLISECOND ? floor : ceil;
      const milliseconds = min(LONGEST_SLEEP, max(1, round(left / TICKS_PER_MILLISECOND)));
      this.#timer = setTimeout(() => this.#sleep(deadline, false), milliseconds);
    }
  }

  /** What is in the purse, in ticks: an idle guest must cost next to nothing. */
  #fund(): number {
    const now = this.#clock.now();
    this.#purse = min(PURSE_FULL, this.#purse + (now - this.#purseTime) / PURSE_SHARE);
    this.#purseTime = now;
    return this.#purse;
  }

  /** Whether the last `ticks` of a long wait may be spent awake. */
  #pay(ticks: number): boolean {
    if (this.#fund() < ticks) return false;
    this.#purse -= ticks;
    return true;
  }

  #rouse(): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return;
    this.#waiter = undefined;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#lastTurn = this.#clock.now();
    waiter();
  }

  wake(): void {
    this.#rouse();
    this.#release?.();
  }
}
