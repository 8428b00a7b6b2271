/**
 * The board: QEMU's `virt`, as far as it is emulated. Puts the devices at their addresses and wires their interrupts;
 * the devices themselves know neither.
 */
import type { Watch } from '../engine/memory-access.js';
import type { Hart } from '../hart/hart.js';
import type { StateVisitor, Stateful } from '../hart/state.js';
import type { AddressMap } from './address-map.js';
import type { DeviceConfiguration, MachineConfiguration } from './configuration.js';
import type { DiskDemand, DiskPlace } from './environment.js';
import type { Overlay } from './overlay.js';
import type { Device, DeviceContext, GuestMemory } from './device.js';
import { BOARD } from './board-map.js';
import { Clint } from './devices/clint.js';
import { Finisher } from './devices/finisher.js';
import { Plic } from './devices/plic.js';
import { Htif } from './devices/htif.js';
import { GoldfishRtc } from './devices/rtc.js';
import { Uart } from './devices/uart.js';
import { VirtioBlk } from './devices/virtio/blk.js';
import { VirtioConsole } from './devices/virtio/console.js';
import { VirtioMmio, type VirtioBackend } from './devices/virtio/mmio.js';
import { VirtioNet } from './devices/virtio/net.js';
import { VirtioRng } from './devices/virtio/rng.js';
import { scoped } from './state-scope.js';

const { min } = Math;

/** Bits of mip. */
const MSIP = 3;
const MTIP = 7;
const SEIP = 9;
const MEIP = 11;
/** The console that is not in a slot, as inputs and outputs name it: the serial port, or HTIF. */
export const SERIAL = 0;

/** What the machine does for its devices. */
export interface BoardPorts {
  readonly memory: GuestMemory;
  time(): number;
  entropy(length: number): Uint8Array;
  /** Bytes that the console in a slot shows, or with 0 the serial port. */
  console(device: number, data: Uint8Array): void;
  packet(device: number, data: Uint8Array): void;
  disk(device: number, demand: DiskDemand): void;
  /** A device's deadline may have changed. */
  timerChanged(): void;
  /** A device has done the work of many instructions in one. */
  worked(): void;
  powerOff(status: number): void;
  reboot(): void;
}

export class Board implements Stateful {
  private readonly devices: Device[] = [];
  private readonly clint: Clint;
  private readonly rtc: GoldfishRtc;
  private readonly uart: Uart;
  private htif: Htif | undefined;
  private readonly networks = new Map<number, VirtioNet>();
  private readonly disks = new Map<number, VirtioBlk>();
  private readonly consoles = new Map<number, VirtioConsole>();

  constructor(
    configuration: MachineConfiguration,
    private readonly map: AddressMap,
    hart: Hart,
    readonly ports: BoardPorts,
  ) {
    const plic = new Plic({
      machineInterrupt: (level) => hart.setLine(MEIP, level),
      supervisorInterrupt: (level) => hart.setLine(SEIP, level),
    });
    const context = (irq: number, emit: (data: Uint8Array) => void = () => undefined): DeviceContext => ({
      memory: ports.memory,
      interrupt: (level) => plic.setSource(irq, level),
      time: () => ports.time(),
      entropy: (length) => ports.entropy(length),
      worked: () => ports.worked(),
      emit,
    });
    const timerChanged = (): void => ports.timerChanged();

    this.attach(BOARD.finisher, new Finisher(ports));
    this.rtc = this.attach(
      BOARD.rtc,
      new GoldfishRtc(context(BOARD.rtc.irq), configuration.wallClockBase, { timerChanged }),
    );
    this.clint = this.attach(
      BOARD.clint,
      new Clint(context(0), {
        softwareInterrupt: (level) => hart.setLine(MSIP, level),
        timerInterrupt: (level) => hart.setLine(MTIP, level),
        timerChanged,
      }),
    );
    this.attach(BOARD.plic, plic);
    this.uart = this.attach(BOARD.uart, new Uart(context(BOARD.uart.irq, (data) => ports.console(SERIAL, data))));
    for (let slot = 0; slot < BOARD.virtio.slots; slot++) {
      const { base, size, irq } = BOARD.virtio;
      const device = configuration.devices.find((entry) => entry.slot === slot);
      const slotContext = context(irq + slot, (data) =>
        device?.kind === 'console' ? ports.console(slot, data) : ports.packet(slot, data),
      );
      const backend = device && this.backend(device, slotContext);
      const name = `virtio${slot}${device ? `-${device.kind}` : ''}`;
      this.attach({ base: base + slot * size, size }, new VirtioMmio(name, slotContext, backend));
    }
  }

  private attach<D extends Device>(place: { base: number; size: number }, device: D): D {
    this.map.add(place.base, place.size, device);
    this.devices.push(device);
    return device;
  }

  private backend(device: DeviceConfiguration, context: DeviceContext): VirtioBackend {
    switch (device.kind) {
      case 'rng':
        return new VirtioRng(context);
      case 'net': {
        const network = new VirtioNet(context, device.mac);
        this.networks.set(device.slot, network);
        return network;
      }
      case 'block': {
        const disk = new VirtioBlk(context, device, (demand) => this.ports.disk(device.slot, demand));
        this.disks.set(device.slot, disk);
        return disk;
      }
      case 'console': {
        const console = new VirtioConsole(context);
        this.consoles.set(device.slot, console);
        return console;
      }
    }
  }

  /** Guest time at which the next device timer is due; Infinity where none is. */
  deadline(): number {
    return min(this.clint.deadline(), this.rtc.deadline());
  }

  tick(time: number): void {
    this.clint.tick(time);
    this.rtc.tick(time);
  }

  /** A frame for the network device in a slot; none is there to take it where the slot holds another. */
  receivePacket(slot: number, frame: Uint8Array): void {
    this.networks.get(slot)?.receive(frame);
  }

  /** Whether the network device in a slot would pass a frame on to its driver, or hold it as the first. */
  takesFrames(slot: number): boolean {
    return this.networks.get(slot)?.takesFrames ?? false;
  }

  /** Frames for which no room was found, either way, since the machine's reset. */
  droppedFrames(): number {
    return [...this.networks.values()].reduce((sum, { dropped }) => sum + dropped, 0);
  }

  /** A request of the disk in a slot is done; nothing where there is no such request, or no disk. */
  completeDisk(slot: number, request: number, status: number, data: Uint8Array): void {
    this.disks.get(slot)?.complete(request, status, data);
  }

  /** A request that the disk in a slot has in flight, the oldest being 0. */
  diskRequest(slot: number, request: number): DiskPlace | undefined {
    return this.disks.get(slot)?.request(request);
  }

  /** What the disks have in flight, by slot, the oldest request first. */
  disksInFlight(): { readonly device: number; readonly demand: DiskDemand }[] {
    return [...this.disks].flatMap(([device, disk]) => disk.demands().map((demand) => ({ device, demand })));
  }

  /** What was written to disks whose images stay as they are, in the order of their slots. */
  overlays(): Overlay[] {
    return [...this.disks.values()].flatMap(({ overlay }) => overlay ?? []);
  }

  /** The console that takes the input: the virtio console where there is one. */
  private get console(): VirtioConsole | Htif | Uart {
    const [console] = this.consoles.values();
    return console ?? this.htif ?? this.uart;
  }

  /** How many bytes `receiveConsole` would take now. */
  consoleRoom(): number {
    return this.console.room();
  }

  /** Takes the next byte that waits for the serial console's driver; -1 where there is none. */
  takeConsole(): number {
    return this.uart.take();
  }

  /** Whether the guest shows that it wants console input. */
  consoleListens(): boolean {
    const { console } = this;
    return console instanceof Htif || console.listens;
  }

  /** The guest waits for an interrupt. */
  rest(): void {
    for (const console of this.consoles.values()) console.rest();
  }

  /** Bytes for the console in a slot, or with 0 for the serial port; nothing takes them where the slot holds another. */
  receiveConsole(device: number, data: Uint8Array): void {
    const console = this.consoles.get(device) ?? (device === SERIAL ? (this.htif ?? this.uart) : undefined);
    console?.receive(data);
  }

  /** The size of the terminal behind the console in a slot, in characters. */
  resizeConsole(slot: number, columns: number, rows: number): void {
    this.consoles.get(slot)?.resize(columns, rows);
  }

  /** The host-target interface of an image with the symbols `tohost` and `fromhost`, at physical addresses in RAM. */
  addHostInterface(tohost: number, fromhost: number | undefined): Watch {
    const { ports } = this;
    const htif = new Htif(
      { memory: ports.memory, emit: (data) => ports.console(SERIAL, data) },
      fromhost === undefined ? { tohost } : { tohost, fromhost },
      (status) => ports.powerOff(status),
    );
    this.htif = htif;
    return { words: fromhost === undefined ? [tohost] : [tohost, fromhost], written: () => htif.written() };
  }

  reset(): void {
    for (const device of this.devices) device.reset();
    this.htif?.reset();
  }

  state(visitor: StateVisitor): void {
    for (const device of this.devices) device.state(scoped(visitor, device.name));
    this.htif?.state(scoped(visitor, 'htif'));
  }
}
