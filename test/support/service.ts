/**
 * A service that must not die and must not be there twice: the guest `keyval` on a pair of sides that is broken again and
 * again, each side with a UDP port of its own, and clients that ask all of them without pause.
 */
import { readFileSync, writeFileSync } from 'node:fs';

import { Dice } from '../guest/replay-rig.js';
import { checkLog } from './keyval-log.js';
import { Keyval, load, type KeyvalOptions, type Place } from './keyval.js';
import { Side } from './pair.js';
import { freePort, guest, pause } from './vmft.js';

/** How often each scenario is gone through. */
export const REPEATS = Number(process.env['VMFT_PAIR_REPEATS'] ?? 2);
/** Silence that counts as death. Sides that live must not be taken for dead where many others want the machine. */
export const TIMEOUT = '2s';
const CLIENTS = 4;
const PATIENCE = 30_000;
/** Datagrams that a side may send late that was stopped at the wrong moment: what one acknowledgement has let go. */
const MOST_LATE = CLIENTS;

/** What a side says that has lost. */
export const HALTED = /the other side of the pair has gone live/;
export const LIVE = /Live at position/;
export const ALONE = /Going on without a backup/;
export const AWAY = /The arbiter .* is away .*: nobody goes live until it answers/;

/** Where a side is. */
export interface Seat {
  readonly Side: typeof Side;
  /** The address of its end of the guest's network, and that at which it reaches the clients. */
  readonly local: string;
  readonly remote: string;
  /** Where it awaits backups. */
  readonly listen: string;
  readonly options: readonly string[];
  /** A network that the primary names and every backup takes over, instead of a UDP port of each side. */
  readonly net?: string;
}

export interface ServiceOptions {
  /** The path of a file of this service. */
  readonly path: (name: string) => string;
  readonly seed: number;
  /** Bytes of the disk. */
  readonly disk?: number;
  readonly keyval?: KeyvalOptions;
  /** Options of all sides, and of primaries alone. */
  readonly both?: readonly string[];
  readonly primary?: readonly string[];
}

/** A side, and where its datagrams come from. */
export interface Seated {
  readonly side: Side;
  readonly seat: Seat;
  /** Undefined where another side has had it. */
  readonly place: Place | undefined;
}

export class Service {
  readonly dice: Dice;
  /** Whoever serves. */
  primary!: Seated;
  private readonly all: Seated[] = [];
  private seats = 0;
  private readonly image: string;
  private over = false;
  private asked: Promise<void> = Promise.resolve();
  private failure: unknown;

  /** Runs a scenario, and judges what was seen in it. */
  static async run(options: ServiceOptions, scenario: (service: Service) => Promise<void>): Promise<void> {
    const service = await Service.start(options);
    try {
      await scenario(service);
      await service.finish();
    } finally {
      await service.close();
    }
  }

  /** Starts a primary, and the clients as soon as its guest is ready. */
  static async start(options: ServiceOptions, seat?: Seat): Promise<Service> {
    const service = await Service.open(options);
    try {
      await service.begin(seat);
      await service.ready();
      return service;
    } catch (error) {
      await service.close();
      throw error;
    }
  }

  /** Nobody is there yet. */
  static async open(options: ServiceOptions): Promise<Service> {
    return new Service(options, await Keyval.open([], { resend: 50, ...options.keyval }));
  }

  private constructor(
    private readonly options: ServiceOptions,
    readonly keyval: Keyval,
  ) {
    this.dice = new Dice(options.seed);
    this.image = options.path('disk.img');
    writeFileSync(this.image, Buffer.alloc(options.disk ?? 2 ** 25));
  }

  /** A seat beside the others on this machine. */
  seat(more: Partial<Seat> = {}): Seat {
    const listen = this.options.path(`channel-${String(this.seats++)}`);
    return { Side, local: '127.0.0.1', remote: '127.0.0.1', listen, options: [], ...more };
  }

  /** Starts a primary. */
  async begin(seat = this.seat(), ...more: string[]): Promise<void> {
    const { place, net } = await this.network(seat);
    const options = ['--listen', seat.listen, '--net', net, '--disk', `${this.image},mode=rw`, ...this.shared];
    const own = [...(this.options.primary ?? []), ...seat.options, ...more];
    const side = new seat.Side('primary', guest('keyval.elf'), ...options, ...own);
    this.primary = this.take({ side, seat, place });
  }

  /** Waits for the guest of the primary, and starts the clients. */
  async ready(): Promise<void> {
    const { keyval, dice, primary } = this;
    await primary.side.prints(/ready/);
    const clients = { clients: CLIENTS, roll: (sides: number) => dice.roll(sides), more: () => !this.over };
    this.asked = load(keyval, clients).catch((error: unknown) => {
      this.failure = error;
    });
  }

  /** Starts a backup of whoever serves, which may not come to follow. */
  async call(seat = this.seat(), connect = this.primary.seat.listen, ...more: string[]): Promise<Seated> {
    const { place, net } = await this.network(seat);
    if (this.all.length > 0) this.primary.side.forget();
    const own = seat.net === undefined ? ['--net', net] : [];
    const addresses = ['--connect', connect, '--listen', seat.listen, ...own];
    const side = new seat.Side('backup', ...addresses, ...this.shared, ...seat.options, ...more);
    return this.take({ side, seat, place });
  }

  /** Starts a backup, and waits until it follows. */
  async join(seat?: Seat, connect?: string, ...more: string[]): Promise<Seated> {
    const backup = await this.call(seat, connect, ...more);
    await backup.side.says(/Following the primary/, PATIENCE);
    return backup;
  }

  /** Lets the pair be what it is for a moment, at most so many milliseconds. */
  async moment(longest = 300): Promise<void> {
    await pause(this.dice.roll(longest));
  }

  /** Waits until so many requests more were answered. */
  async serves(answers = 20): Promise<void> {
    const { history } = this.keyval;
    const wanted = history.answers + answers;
    const until = performance.now() + PATIENCE;
    while (history.answers < wanted) {
      if (this.failure !== undefined) throw this.failure as Error;
      if (performance.now() > until) throw new Error(`nobody serves:\n${this.words}`);
      await pause(5);
    }
  }

  /** Waits until what was on its way has come, and holds that nothing comes after it. */
  async silent(milliseconds: number): Promise<void> {
    const heard = (): number => this.keyval.received;
    let before = -1;
    for (let waited = 0; heard() !== before; waited++) {
      if (waited > 50) throw new Error(`somebody sends still:\n${this.words}`);
      before = heard();
      await pause(200);
    }
    await pause(milliseconds);
    expect(heard()).toBe(before);
  }

  /** Waits until one of two sides has lost to the other, in good order, and answers who goes on. */
  async settled(one: Seated, other: Seated): Promise<Seated> {
    const until = performance.now() + PATIENCE;
    while (one.side.alive && other.side.alive) {
      if (performance.now() > until) throw new Error(`both go on:\n${this.words}`);
      await pause(5);
    }
    const [winner, loser] = one.side.alive ? [one, other] : [other, one];
    await this.loses(loser);
    await this.succeeds(winner);
    return winner;
  }

  /** Waits until both know that the arbiter is away; then nobody sends, and nobody goes on. */
  async waits(...seated: Seated[]): Promise<void> {
    for (const { side } of seated) await side.says(AWAY, PATIENCE);
    await this.silent(300);
    for (const { side } of seated) {
      expect(side.words).not.toMatch(LIVE);
      expect(side.words).not.toMatch(ALONE);
    }
  }

  /** Holds that a side has lost, or does now. */
  async loses({ side }: Seated): Promise<void> {
    const { status, stderr } = await side.end(PATIENCE);
    expect({ status, stderr }).toEqual({ status: 75, stderr: expect.stringMatching(HALTED) as string });
  }

  /** Holds that this side serves from now on and no other is there. */
  async succeeds(winner: Seated): Promise<void> {
    this.primary = winner;
    await winner.side.says(winner.side.words.includes('Following the primary') ? LIVE : ALONE, PATIENCE);
    await this.serves();
    expect(this.all.filter(({ side }) => side.alive)).toEqual([winner]);
  }

  /** Ends the guest, and holds all that was seen against what there may be. */
  async finish(): Promise<void> {
    const { keyval, primary, image } = this;
    this.over = true;
    await this.asked;
    if (this.failure !== undefined) throw this.failure as Error;
    const again = setInterval(() => keyval.stop(), 100);
    const { status, stderr } = await primary.side.end(PATIENCE).finally(() => clearInterval(again));
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const { history } = keyval;
    history.audit();
    expect(history.contradictions).toEqual([]);
    expect(history.refused).toEqual([]);
    expect(history.writes.length).toBeGreaterThan(0);
    expect(checkLog(readFileSync(image), history.writes).faults).toEqual([]);
    this.takesTurns();
  }

  /**
   * Holds that nobody has sent after another had. A side that is stopped between its last look at the arbiter and the call
   * that sends does so when it goes on: that was acknowledged, so the other has sent the very same.
   */
  private takesTurns(): void {
    const { late } = this.keyval;
    expect(late.filter(({ repeats }) => !repeats)).toEqual([]);
    expect(late.length).toBeLessThanOrEqual(MOST_LATE * REPEATS);
  }

  async close(): Promise<void> {
    this.over = true;
    for (const { side } of this.all) await side.kill();
    this.keyval.close();
  }

  /** What all sides have said. */
  get words(): string {
    return this.all
      .map(({ side }, n) => `side ${String(n)}, ${side.alive ? 'alive' : 'gone'}:\n${side.stderr}`)
      .join('');
  }

  private get shared(): readonly string[] {
    return ['--timeout', TIMEOUT, ...(this.options.both ?? [])];
  }

  private take(seated: Seated): Seated {
    this.all.push(seated);
    const places = this.all.filter(({ side }) => side.alive).flatMap(({ place }) => place ?? []);
    if (places.length > 0) this.keyval.destinations = places;
    return seated;
  }

  private async network({ local, remote, net }: Seat): Promise<{ net: string; place: Seated['place'] }> {
    if (net !== undefined) return { net, place: undefined };
    let port = await freePort('udp');
    while (this.all.some(({ place }) => typeof place === 'object' && place.port === port)) port = await freePort('udp');
    const place = { host: local, port };
    return { place, net: `dgram:local=${local}:${String(port)},remote=${remote}:${String(this.keyval.port)}` };
  }
}
