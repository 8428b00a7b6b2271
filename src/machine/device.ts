/**
 * What a device is and what it is handed. A device knows neither its address nor the time nor the host: registers are
 * offsets, guest memory, its interrupt line and the door to the outside come with the context.
 */
import type { Stateful } from '../hart/state.js';

/** Bytes of an access. */
export type Width = 1 | 2 | 4 | 8;

export interface Device extends Stateful {
  /** Stable name, unique on the board: `uart0`, `virtio1-net`. Used in digests' field names and messages. */
  readonly name: string;
  /**
   * Whether an access of this width is answered at this offset, naturally aligned and within the window. Where it is not,
   * the hart takes an access fault, as on QEMU's board. Absent: all are.
   */
  accepts?(offset: number, size: Width): boolean;
  /** A read of 1, 2 or 4 bytes at an offset within the device's window, naturally aligned; answers an unsigned value. */
  read(offset: number, size: 1 | 2 | 4): number;
  write(offset: number, size: 1 | 2 | 4, value: number): void;
  /** 8-byte accesses; where absent the bus makes two 4-byte ones, the lower address first. */
  read64?(offset: number): bigint;
  write64?(offset: number, value: bigint): void;
  reset(): void;
}

/** Guest-physical memory as devices see it: RAM only. */
export interface GuestMemory {
  /** Whether all of [address, address + length) is RAM. Never throws, whatever the numbers. */
  contains(address: number, length: number): boolean;
  /** A copy. The range must be contained. */
  read(address: number, length: number): Uint8Array;
  write(address: number, data: Uint8Array): void;
  readU16(address: number): number;
  readU32(address: number): number;
  readU64(address: number): bigint;
  writeU16(address: number, value: number): void;
  writeU32(address: number, value: number): void;
}

/** A level-sensitive interrupt line. */
export type InterruptLine = (level: boolean) => void;

/** What the board hands to every device. */
export interface DeviceContext {
  readonly memory: GuestMemory;
  readonly interrupt: InterruptLine;
  /** Guest time in mtime ticks: a time read, recorded like that of an instruction. */
  time(): number;
  /** Recorded entropy, exactly `length` bytes. */
  entropy(length: number): Uint8Array;
  /** The present instruction made the device do the work of many: the environment gets its turn soon. */
  worked(): void;
  /** Sends an output to the world: a frame, console bytes. */
  emit(data: Uint8Array): void;
}
