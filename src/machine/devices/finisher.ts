/**
 * The SiFive test finisher, the board's power switch: one write-only word. Follows the "Test Finisher" of SiFive's
 * FU540 sources (`sifive,test0` and `sifive,test1` in the device tree bindings, syscon power-off and reboot).
 */
import type { StateVisitor } from '../../hart/state.js';
import type { Device, Width } from '../device.js';

const COMMAND = 0x0;

const FAIL = 0x3333;
const PASS = 0x5555;
const REBOOT = 0x7777;

export interface FinisherPorts {
  /** The guest ends with `status`: 0 is a pass, 1 to 65535 a failure. */
  powerOff(status: number): void;
  reboot(): void;
}

export class Finisher implements Device {
  readonly name = 'finisher';

  constructor(private readonly ports: FinisherPorts) {}

  /** As QEMU's: no single bytes, and nothing of eight. */
  accepts(_offset: number, size: Width): boolean {
    return size === 2 || size === 4;
  }

  read(): number {
    return 0;
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    if (offset !== COMMAND || size === 1) return;
    const code = (value >>> 16) & 0xffff;
    switch (value & 0xffff) {
      case PASS:
        this.ports.powerOff(0);
        break;
      case FAIL:
        // A failure that names no code is still none that should read as a success.
        this.ports.powerOff(code === 0 ? 1 : code);
        break;
      case REBOOT:
        this.ports.reboot();
        break;
    }
  }

  /** The finisher holds nothing. */
  reset(): void {}

  state(_visitor: StateVisitor): void {}
}
