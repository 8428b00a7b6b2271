/**
 * The board's map: where its parts lie and which PLIC sources they raise, as on QEMU's virt board.
 */
import { SLOTS } from './configuration.js';

export const BOARD = {
  finisher: { base: 0x100000, size: 0x1000 },
  rtc: { base: 0x101000, size: 0x1000, irq: 11 },
  clint: { base: 0x2000000, size: 0x10000 },
  plic: { base: 0xc000000, size: 0x600000, sources: 96 },
  uart: { base: 0x10000000, size: 0x100, irq: 10 },
  /** Slot n lies at base + n * size and raises irq + n. */
  virtio: { base: 0x10001000, size: 0x1000, slots: SLOTS, irq: 1 },
  dram: { base: 0x80000000 },
  /** The UART's input clock, in Hz. */
  uartClock: 3_686_400,
} as const;
