/** A hart on a small real memory, with a bus that answers nothing and ports that keep count: what the hart's tests drive. */
import { CSR } from '../../src/isa/csrs.js';
import { Hart } from '../../src/hart/hart.js';
import { DRAM_BASE, HART, RAM_OFFSET } from '../../src/hart/layout.js';
import type { Privilege } from '../../src/hart/status.js';

export const RAM_BYTES = 1 << 20;
const memory = new WebAssembly.Memory({ initial: (RAM_OFFSET + RAM_BYTES) / 65536 });
const view = new DataView(memory.buffer);
const ram = new Uint8Array(memory.buffer, RAM_OFFSET, RAM_BYTES);

export const PC = 0x8000_1000n;
export const MTVEC = 0x8000_2000n;
export const STVEC = 0x8000_3000n;

const FUNCT3 = { write: 1, set: 2, clear: 3 } as const;

export class Rig {
  position = 0;
  time = 1000;
  seeds = [0x1234, 0xabcd, 0xffff];
  timeReads = 0;
  timerChanges = 0;
  flushes = 0;
  instructionFences = 0;
  written: number[] = [];
  tableReads: number[] = [];
  readonly hart: Hart;

  constructor() {
    new Uint8Array(memory.buffer, 0, 0x1000).fill(0);
    ram.fill(0);
    const bus = { ramBytes: RAM_BYTES, read: () => undefined, write: () => false };
    this.hart = new Hart(memory, bus, {
      position: () => this.position,
      readTime: () => {
        this.timeReads++;
        return this.time;
      },
      readSeed: () => this.seeds.shift() ?? 0,
      timerChanged: () => void this.timerChanges++,
      flushTranslations: () => void this.flushes++,
      rootChanged: () => void this.flushes++,
      tableRead: (address) => void this.tableReads.push(address),
      tableMarked: (address) => void this.written.push(address),
      fenceInstructions: () => void this.instructionFences++,
    });
    this.hart.reset(PC, [0n, 0n]);
    this.flushes = 0;
  }

  /** A hart whose S-mode and U-mode may reach all memory, with both trap vectors set. */
  static open(): Rig {
    const rig = new Rig();
    rig.write(CSR.mtvec, MTVEC);
    rig.write(CSR.stvec, STVEC);
    rig.write(0x3b0, (1n << 54n) - 1n);
    rig.write(0x3a0, 0x1fn);
    rig.flushes = 0;
    return rig;
  }

  /** One Zicsr instruction as the engine would do it; the old value, or undefined where it trapped. */
  csr(kind: 'write' | 'set' | 'clear', number: number, operand: bigint, rd = 5, rs1 = 6): bigint | undefined {
    this.position++;
    const raw = ((number << 20) | (rs1 << 15) | (FUNCT3[kind] << 12) | (rd << 7) | 0x73) >>> 0;
    return this.hart.csr(kind, raw, operand) ? view.getBigUint64(HART.scratch, true) : undefined;
  }

  /** csrrs rd, csr, x0. */
  read(number: number): bigint | undefined {
    return this.csr('set', number, 0n, 5, 0);
  }

  /** csrrw x0, csr, rs1; false where it trapped. */
  write(number: number, value: bigint): boolean {
    return this.csr('write', number, value, 0) !== undefined;
  }

  /** Writes, and answers what is read back. */
  settle(number: number, value: bigint): bigint | undefined {
    this.write(number, value);
    return this.hart.readCsr(number);
  }

  /** In M-mode beforehand: the next instruction runs at PC with this privilege. */
  enter(privilege: Privilege): void {
    this.hart.privilege = privilege;
    this.hart.pc = PC;
  }

  word(address: number): number {
    return view.getUint32(address, true);
  }

  get attention(): boolean {
    return this.word(HART.attention) !== 0;
  }

  clearAttention(): void {
    view.setUint32(HART.attention, 0, true);
  }

  setWord(address: number, value: number): void {
    view.setUint32(address, value, true);
  }

  readRam(physical: number): bigint {
    return view.getBigUint64(physical - DRAM_BASE + RAM_OFFSET, true);
  }

  writeRam(physical: number, value: bigint): void {
    view.setBigUint64(physical - DRAM_BASE + RAM_OFFSET, value, true);
  }

  translate(address: bigint, access: 0 | 1 | 2, size = 1): number {
    return this.hart.translate(Number(address >> 32n) | 0, Number(address & 0xffff_ffffn) | 0, access, size);
  }
}
