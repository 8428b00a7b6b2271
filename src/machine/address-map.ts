/**
 * The bus: which device answers at which physical address. Accesses are naturally aligned; eight bytes are two accesses
 * of four unless the device knows better. What no window holds, or its device does not accept, is an access fault.
 */
import type { Bus } from '../hart/bus.js';
import type { Device, Width } from './device.js';

interface Window {
  readonly base: number;
  readonly end: number;
  readonly device: Device;
}

const toBigint = BigInt;
const toNumber = Number;
const LOW_WORD = 0xffff_ffffn;

export class AddressMap implements Bus {
  private readonly windows: Window[] = [];

  constructor(readonly ramBytes: number) {}

  add(base: number, size: number, device: Device): void {
    this.windows.push({ base, end: base + size, device });
  }

  private find(address: number, size: Width): Window | undefined {
    const found = this.windows.find((window) => address >= window.base && address + size <= window.end);
    if (found === undefined) return undefined;
    return (found.device.accepts?.(address - found.base, size) ?? true) ? found : undefined;
  }

  read(address: number, size: Width): bigint | undefined {
    const window = this.find(address, size);
    if (!window) return undefined;
    const { device } = window;
    const offset = address - window.base;
    if (size !== 8) return toBigint(device.read(offset, size));
    if (device.read64) return device.read64(offset);
    const low = toBigint(device.read(offset, 4));
    return (toBigint(device.read(offset + 4, 4)) << 32n) | low;
  }

  write(address: number, size: Width, value: bigint): boolean {
    const window = this.find(address, size);
    if (!window) return false;
    const { device } = window;
    const offset = address - window.base;
    if (size !== 8) device.write(offset, size, toNumber(value));
    else if (device.write64) device.write64(offset, value);
    else {
      device.write(offset, 4, toNumber(value & LOW_WORD));
      device.write(offset + 4, 4, toNumber(value >> 32n));
    }
    return true;
  }
}
