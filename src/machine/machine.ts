/**
 * The machine: hart, memory and devices as a pure function of its configuration, its image and the inputs that the
 * environment hands it. What happens between two instructions happens here, always in the same order.
 */
import { Engine } from '../engine/engine.js';
import type { EngineKind, EngineStatistics, Stopwatch } from '../engine/kinds.js';
import type { HartPorts } from '../hart/bus.js';
import { Hart } from '../hart/hart.js';
import { ATTENTION, DRAM_BASE, HART, PAGE_BYTES, RAM_OFFSET } from '../hart/layout.js';
import type { StateVisitor, Stateful } from '../hart/state.js';
import { AddressMap } from './address-map.js';
import { Board, SERIAL } from './board.js';
import { VIRTUAL_INSTRUCTIONS_PER_TICK, type MachineConfiguration } from './configuration.js';
import { ConsoleGather } from './console-gather.js';
import { placeGuest } from './boot.js';
import type { Environment, Input, Need } from './environment.js';
import type { Guest } from './image.js';
import type { Overlay } from './overlay.js';
import { Ram } from './ram.js';
import { Sbi } from './sbi.js';
import { scoped } from './state-scope.js';

/** Global names are slow to look up where the global object is not V8's own, as under Jest. */
const { min, max, floor } = Math;
const NEVER = Infinity;

const WASM_PAGE = 65536;
/** How often a run may end early before the environment has its turn: each end takes as long as thousands of instructions. */
const MOST_INTERRUPTED = 8;

/** Why `advance` returned: it is there; the environment wants its turn; the hart waits; the guest is off. */
export type Outcome = 'until' | 'stopped' | 'idle' | 'off';

export class Machine implements Stateful {
  readonly hart: Hart;
  readonly board: Board;
  /** State that lies in no field and not in RAM: what the guest has written to disks. */
  readonly overlays: readonly Overlay[];
  /** Set once the guest has powered off. */
  off: { readonly status: number } | undefined;

  private readonly view: DataView;
  private readonly memory: Ram;
  private readonly engine: Engine;
  private readonly console: ConsoleGather;
  /** Answers the calls of a kernel that has no firmware below it. */
  private readonly sbi: Sbi | undefined;
  /** Ticks that the virtual clock has been put forward while the guest waited. */
  private skipped = 0;
  /** Power-off has been told to the environment. */
  private announced = false;
  /** The guest asked for a reset, which happens at the next boundary. */
  private rebooting = false;
  /** Counts what happened between instructions. */
  private events = 0;
  /** A device did the work of many instructions in one: the environment has its turn next. */
  private toiled = false;
  private readonly need: { -readonly [K in keyof Need]: Need[K] } = {
    deadline: Infinity,
    idle: false,
    consoleRoom: 0,
    consoleListens: false,
    takesFrames: (device) => this.board.takesFrames(device),
    diskRequest: (device, request) => this.board.diskRequest(device, request),
  };

  constructor(
    readonly configuration: MachineConfiguration,
    readonly image: Guest,
    private readonly environment: Environment,
    engine: EngineKind = 'auto',
    stopwatch?: Stopwatch,
  ) {
    const pages = Math.ceil((RAM_OFFSET + configuration.memoryBytes) / WASM_PAGE);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.view = new DataView(memory.buffer);
    const bus = new AddressMap(configuration.memoryBytes);
    const supervised = image.kind === 'linux' && image.firmware === undefined;
    this.hart = new Hart(memory, bus, this.hartPorts(supervised));
    this.engine = new Engine(memory, this.hart, bus, engine, stopwatch);
    this.memory = new Ram(memory, configuration.memoryBytes, (address, length) =>
      this.engine.access.ramChanged(address, length),
    );
    this.console = new ConsoleGather((device, data) => {
      this.events++;
      this.environment.emit(this.position, { type: 'console', device, data });
    });
    this.board = new Board(configuration, bus, this.hart, {
      memory: this.memory,
      time: () => this.readTime(),
      entropy: (length) => this.environment.readEntropy(this.position, length),
      console: (device, data) => {
        if (this.console.append(device, data, this.position)) this.requestAttention();
      },
      packet: (device, data) => {
        this.console.flush();
        this.environment.emit(this.position, { type: 'packet', device, data });
      },
      disk: (device, demand) => {
        // Its completion is an input: whatever made the request, the environment is asked for it soon.
        this.toiled = true;
        this.requestAttention();
        if (demand.operation !== 'read') this.console.flush();
        this.environment.emit(this.position, { type: 'disk', device, ...demand });
      },
      timerChanged: () => this.requestAttention(),
      worked: () => {
        this.toiled = true;
        this.requestAttention();
      },
      powerOff: (status) => {
        this.off = { status };
        this.requestAttention();
      },
      reboot: () => {
        this.rebooting = true;
        this.requestAttention();
      },
    });
    if (supervised) this.sbi = this.buildSbi();
    this.overlays = this.board.overlays();
    this.watchHostInterface();
    this.boot();
  }

  /** Instructions the hart has started since power-on. */
  get position(): number {
    return this.engine.position;
  }

  /** Whether the hart waits for an interrupt. */
  get idle(): boolean {
    return this.hart.waiting;
  }

  /** All of RAM, from DRAM_BASE on. Read only: changes go through `restoreRam`. */
  get ram(): Uint8Array {
    return this.memory.bytes;
  }

  /** Numbers of the RAM pages written since the last call, ascending. One consumer: the digest. */
  takeDirty(): number[] {
    return this.engine.access.takeDirty();
  }

  /**
   * Another number whenever anything of the state may have changed that lies neither in RAM nor in the hart's shared
   * memory: so long as it stays, only those two need to be looked at.
   */
  get generation(): number {
    return this.hart.changes + this.engine.access.deviceAccesses + this.events;
  }

  /** Adds each single write of RAM, by physical address and length, to `writes` from now on; slows stores meanwhile. */
  tellWrites(writes: number[] | undefined): void {
    this.engine.access.tellWrites(writes);
  }

  restoreRam(page: number, bytes: Uint8Array): void {
    this.memory.write(DRAM_BASE + page * PAGE_BYTES, bytes);
  }

  /** `name`, `name+0x1c`, or '' where the image has no symbol for an address. */
  symbolOf(address: bigint): string {
    return this.image.kind === 'elf' ? this.image.elf.symbols.describe(address) : '';
  }

  /** What the engine has done so far. */
  engineStatistics(): EngineStatistics {
    return this.engine.statistics();
  }

  /** Sends what the console has gathered. */
  flushConsole(): void {
    this.console.flush();
  }

  /**
   * Runs from boundary to boundary. At `until` the inputs of that position are applied too: what the state is then is
   * what the next instruction will meet.
   */
  advance(until: number): Outcome {
    // A guest that asks for attention again and again, or keeps its devices busy, must not put the environment's turn off.
    let turn = Infinity;
    for (let interrupted = 0; ; interrupted++) {
      this.settle();
      if (this.off) return 'off';
      for (const input of this.environment.takeInputs(this.position, this.needs())) {
        this.apply(input);
        this.settle();
      }
      const position = this.position;
      if (position >= until) return 'until';
      if (this.toiled) {
        // An input has set off requests to a disk.
        this.toiled = false;
        return 'stopped';
      }
      if (this.hart.waiting) {
        if (!this.skipIdle()) return 'idle';
        continue;
      }
      turn = min(turn, this.environment.nextStop(position, this.needs()));
      const stop = min(until, turn, this.console.due, this.virtualDeadline());
      if (stop > position) this.engine.run(stop);
      else if (turn <= position) return 'stopped';
      const due = this.position >= turn || this.toiled || interrupted >= MOST_INTERRUPTED;
      if (due && this.position < until) {
        this.toiled = false;
        this.settle();
        return this.off ? 'off' : 'stopped';
      }
    }
  }

  /** Everything of the machine but RAM. Holds at a boundary. */
  state(visitor: StateVisitor): void {
    this.events++;
    this.engine.setPosition(visitor.number('position', this.position));
    this.skipped = visitor.number('skipped', this.skipped);
    const status = visitor.number('off', this.off ? this.off.status + 1 : 0);
    this.off = status > 0 ? { status: status - 1 } : undefined;
    this.announced = visitor.bool('announced', this.announced);
    this.console.state(scoped(visitor, 'console'));
    this.hart.state(scoped(visitor, 'hart'));
    this.board.state(visitor);
  }

  /** Brings everything that follows from the last instruction or input to rest. */
  private settle(): void {
    this.engine.access.settleWatch();
    if (this.rebooting) {
      this.rebooting = false;
      this.boot();
    }
    const position = this.position;
    if (this.hart.waiting) this.board.rest();
    if (this.hart.waiting || this.off || position >= this.console.due) this.console.flush();
    if (this.off) {
      this.announceOff(this.off.status);
      return;
    }
    if (position >= this.virtualDeadline()) this.tick(this.virtualTime());
    this.hart.takeInterrupt();
  }

  /** Power-off leaves the guest once, behind all it wrote before. */
  private announceOff(status: number): void {
    if (this.announced) return;
    this.announced = true;
    this.events++;
    this.environment.emit(this.position, { type: 'power', device: 0, status });
  }

  private apply(input: Input): void {
    this.events++;
    switch (input.type) {
      case 'tick':
        if (this.configuration.clock === 'host') this.tick(input.time);
        else this.putForward(input.time);
        break;
      case 'packet':
        this.board.receivePacket(input.device, input.data);
        break;
      case 'console':
        this.board.receiveConsole(input.device, input.data);
        break;
      case 'size':
        this.board.resizeConsole(input.device, input.columns, input.rows);
        break;
      case 'disk':
        this.board.completeDisk(input.device, input.request, input.status, input.data);
        break;
    }
  }

  private tick(time: number): void {
    this.events++;
    this.board.tick(time);
    this.hart.tick(time);
  }

  /** What the machine awaits now. */
  needs(): Need {
    this.need.deadline = this.configuration.clock === 'host' ? this.deadline() : NEVER;
    this.need.idle = this.hart.waiting;
    this.need.consoleRoom = this.board.consoleRoom();
    this.need.consoleListens = this.board.consoleListens();
    if (this.configuration.clock === 'virtual') {
      this.need.virtual = { now: this.virtualTime(), deadline: this.deadline() };
    }
    return this.need;
  }

  private deadline(): number {
    return min(this.hart.deadline(), this.board.deadline());
  }

  /** Guest time by the virtual clock, in ticks. */
  virtualTime(): number {
    return floor(this.position / VIRTUAL_INSTRUCTIONS_PER_TICK) + this.skipped;
  }

  /** Position at which the virtual clock reaches the next timer. */
  private virtualDeadline(): number {
    if (this.configuration.clock === 'host') return NEVER;
    return (this.deadline() - this.skipped) * VIRTUAL_INSTRUCTIONS_PER_TICK;
  }

  /** A guest that waits under the virtual clock finds itself at its next timer. False where there is none. */
  private skipIdle(): boolean {
    const deadline = this.deadline();
    if (this.configuration.clock === 'host' || deadline === NEVER) return false;
    this.events++;
    this.skipped += max(0, deadline - this.virtualTime());
    return true;
  }

  /** Puts the virtual clock forward to `time`, the timers that are due on the way in their order. */
  private putForward(time: number): void {
    for (let due = this.deadline(); due < time; due = this.deadline()) {
      this.skipped += max(0, due - this.virtualTime());
      this.tick(this.virtualTime());
    }
    this.skipped += max(0, time - this.virtualTime());
    this.tick(this.virtualTime());
  }

  private readTime(): number {
    if (this.configuration.clock === 'virtual') return this.virtualTime();
    return this.environment.readTime(this.position);
  }

  private requestAttention(): void {
    this.view.setUint32(HART.attention, ATTENTION.boundary, true);
  }

  private buildSbi(): Sbi {
    const { hart, board } = this;
    return new Sbi({
      memory: this.memory,
      getX: (index) => hart.getX(index),
      setX: (index, value) => hart.setX(index, value),
      setTimer: (time) => hart.setTimer(time),
      sendInterrupt: () => hart.interruptItself(),
      suspend: () => hart.wait(),
      consoleByte: (byte) => board.ports.console(SERIAL, Uint8Array.of(byte)),
      consoleTake: () => board.takeConsole(),
      powerOff: (status) => board.ports.powerOff(status),
      reboot: () => board.ports.reboot(),
    });
  }

  /** @param supervised whether calls from S-mode are answered by the built-in SBI */
  private hartPorts(supervised: boolean): HartPorts {
    return {
      ...(supervised && { supervisorCall: () => this.sbi?.call() }),
      position: () => this.engine.position,
      readTime: () => this.readTime(),
      readSeed: () => {
        const bytes = this.environment.readEntropy(this.position, 2);
        return bytes[0] | (bytes[1] << 8);
      },
      timerChanged: () => this.requestAttention(),
      // The engine is not there yet while the hart is being built, and then has nothing to flush.
      flushTranslations: () => (this.engine as Engine | undefined)?.access.flushAll(),
      // Decoded code always is what memory holds.
      fenceInstructions: () => undefined,
      rootChanged: (before, after) => this.engine.access.rootChanged(before, after),
      tableRead: (address, upper, level) => this.engine.access.tables.read(address, upper, level),
      tableMarked: (address) => this.engine.access.written(address, 8),
    };
  }

  /** Power-on, and every reset: RAM holds the image and the device tree only. The position goes on. */
  private boot(): void {
    if (this.position > 0) this.memory.clear();
    this.console.flush();
    this.board.reset();
    const { entry, deviceTree, dynamicInfo, supervised } = placeGuest(this.configuration, this.image, this.memory);
    this.hart.reset(BigInt(entry), [0n, BigInt(deviceTree), BigInt(dynamicInfo)]);
    if (supervised) this.hart.startSupervisor();
    this.engine.forget();
  }

  /** ELFs with a `tohost` symbol end and speak as on Spike. */
  private watchHostInterface(): void {
    if (this.image.kind !== 'elf') return;
    const { symbols } = this.image.elf;
    const address = (name: string): number | undefined => {
      const symbol = symbols.find(name);
      return symbol && this.memory.contains(Number(symbol.address), 8) ? Number(symbol.address) : undefined;
    };
    const tohost = address('tohost');
    if (tohost !== undefined) this.engine.access.setWatch(this.board.addHostInterface(tohost, address('fromhost')));
  }
}
