/**
 * Guest RAM as devices and loaders reach it: by physical address, with every change announced, so that nothing cached
 * outlives it.
 */
import { DRAM_BASE, RAM_OFFSET } from '../hart/layout.js';
import type { GuestMemory } from './device.js';

export class Ram implements GuestMemory {
  /** All of RAM; index 0 is the byte at DRAM_BASE. Whoever writes here must announce it. */
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  /** @param changed is told of each stretch written, by physical address */
  constructor(
    memory: WebAssembly.Memory,
    length: number,
    private readonly changed: (address: number, length: number) => void,
  ) {
    this.bytes = new Uint8Array(memory.buffer, RAM_OFFSET, length);
    this.view = new DataView(memory.buffer, RAM_OFFSET, length);
  }

  contains(address: number, length: number): boolean {
    return address >= DRAM_BASE && length >= 0 && address + length <= DRAM_BASE + this.bytes.length;
  }

  read(address: number, length: number): Uint8Array {
    return this.bytes.slice(address - DRAM_BASE, address - DRAM_BASE + length);
  }

  write(address: number, data: Uint8Array): void {
    this.bytes.set(data, address - DRAM_BASE);
    this.changed(address, data.length);
  }

  readU16(address: number): number {
    return this.view.getUint16(address - DRAM_BASE, true);
  }

  readU32(address: number): number {
    return this.view.getUint32(address - DRAM_BASE, true);
  }

  readU64(address: number): bigint {
    return this.view.getBigUint64(address - DRAM_BASE, true);
  }

  writeU16(address: number, value: number): void {
    this.view.setUint16(address - DRAM_BASE, value, true);
    this.changed(address, 2);
  }

  writeU32(address: number, value: number): void {
    this.view.setUint32(address - DRAM_BASE, value, true);
    this.changed(address, 4);
  }

  /** Zeroes all of it, as at power-on. */
  clear(): void {
    this.bytes.fill(0);
    this.changed(DRAM_BASE, this.bytes.length);
  }
}
