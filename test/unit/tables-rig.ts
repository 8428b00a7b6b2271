/** A hart and an engine behind page tables that a test lays out: S-mode, Sv39, 1 MiB of RAM. */
import { Engine } from '../../src/engine/engine.js';
import type { EngineKind } from '../../src/engine/kinds.js';
import type { Bus } from '../../src/hart/bus.js';
import { Hart } from '../../src/hart/hart.js';
import { DRAM_BASE, PAGE_BYTES, RAM_OFFSET } from '../../src/hart/layout.js';

const RAM_BYTES = 1 << 20;
const PAGES = Math.ceil((RAM_OFFSET + RAM_BYTES) / 65536);
export const page = (n: number): number => DRAM_BASE + n * PAGE_BYTES;

/** Pages of RAM by their use. */
export const CODE = page(0);
export const OTHER_CODE = page(1);
export const FIRST = page(2);
export const SECOND = page(3);
export const ROOT = page(4);
export const MIDDLE = page(5);
export const LEAVES = page(6);
export const OTHER_LEAVES = page(7);
/** Virtual addresses: page n of this mapping is entry n of the leaf table. */
export const VIRTUAL = 0x4000_0000;
export const virtual = (n: number): number => VIRTUAL + n * PAGE_BYTES;

export const SATP = 0x180;
const PMPCFG0 = 0x3a0;
const PMPADDR0 = 0x3b0;

export const FLAGS = { pointer: 0x01, data: 0xc7, code: 0xcb, unread: 0x07 };
export const entry = (physical: number, flags: number): bigint =>
  (BigInt(physical / PAGE_BYTES) << 10n) | BigInt(flags);

export class Rig {
  readonly memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  readonly view = new DataView(this.memory.buffer);
  readonly hart: Hart;
  readonly engine: Engine;

  constructor(kind: EngineKind = 'auto') {
    const bus: Bus = { ramBytes: RAM_BYTES, read: () => undefined, write: () => false };
    const holder: { engine?: Engine } = {};
    this.hart = new Hart(this.memory, bus, {
      position: () => holder.engine?.position ?? 0,
      readTime: () => 0,
      readSeed: () => 0,
      timerChanged: () => undefined,
      flushTranslations: () => holder.engine?.access.flushAll(),
      rootChanged: (before, after) => holder.engine?.access.rootChanged(before, after),
      tableRead: (address, upper, level) => holder.engine?.access.tables.read(address, upper, level),
      tableMarked: (address) => holder.engine?.access.written(address, 8),
      fenceInstructions: () => undefined,
    });
    this.engine = holder.engine = new Engine(this.memory, this.hart, bus, kind);
    this.hart.reset(BigInt(CODE), [0n, 0n]);
  }

  put(address: number, value: bigint): void {
    this.view.setBigUint64(address - DRAM_BASE + RAM_OFFSET, value, true);
  }
  get(address: number): bigint {
    return this.view.getBigUint64(address - DRAM_BASE + RAM_OFFSET, true);
  }

  putCode(address: number, words: readonly number[]): void {
    words.forEach((word, i) => this.view.setUint32(address - DRAM_BASE + RAM_OFFSET + i * 4, word, true));
  }

  private writeCsr(number: number, value: bigint): void {
    this.hart.csr('write', (number << 20) | (1 << 15), value);
  }

  /** S-mode at the code page, behind Sv39, with page n of the mapping as `leaves` says. */
  start(code: readonly number[], leaves: readonly bigint[]): void {
    this.putCode(CODE, code);
    leaves.forEach((leaf, n) => this.put(LEAVES + n * 8, leaf));
    this.put(ROOT + (VIRTUAL / 2 ** 30) * 8, entry(MIDDLE, FLAGS.pointer));
    this.put(MIDDLE, entry(LEAVES, FLAGS.pointer));
    this.writeCsr(PMPADDR0, (1n << 54n) - 1n);
    this.writeCsr(PMPCFG0, 0x1fn);
    this.writeCsr(SATP, (8n << 60n) | BigInt(ROOT / PAGE_BYTES));
    this.hart.privilege = 1;
    this.hart.pc = BigInt(VIRTUAL);
  }

  /** Runs `count` instructions in runs of `slice`. */
  run(count: number, slice: number): void {
    while (this.engine.position < count) this.engine.run(Math.min(count, this.engine.position + slice));
  }
}
