/**
 * The platform-level interrupt controller: 96 level-sensitive sources (source 0 does not exist), two contexts, machine
 * and supervisor mode of hart 0. Follows the RISC-V Platform-Level Interrupt Controller Specification 1.0.0, in the
 * shape of the `sifive,plic-1.0.0` of QEMU's virt board: priorities of three bits, no other. Where QEMU strays from the
 * specification (it retracts a request whose line falls, and hides from a claim what the threshold masks) this does not.
 */
import type { StateVisitor } from '../../hart/state.js';
import type { Device, Width } from '../device.js';

/** Number of sources, the missing source 0 included. */
const PLIC_SOURCES = 96;
const { clz32 } = Math;
const WORDS = PLIC_SOURCES / 32;
const CONTEXTS = 2;
const PRIORITY_MASK = 7;

const PRIORITY_BASE = 0x0;
const PENDING_BASE = 0x1000;
const ENABLE_BASE = 0x2000;
const ENABLE_STRIDE = 0x80;
const CONTEXT_BASE = 0x200000;
const CONTEXT_STRIDE = 0x1000;
const THRESHOLD = 0;
const CLAIM = 4;

export interface PlicPorts {
  /** The hart's MEIP line (context 0). */
  machineInterrupt(level: boolean): void;
  /** The hart's SEIP line (context 1). */
  supervisorInterrupt(level: boolean): void;
}

export class Plic implements Device {
  readonly name = 'plic';
  private readonly priorities = new Uint8Array(PLIC_SOURCES);
  private readonly levels = new Uint32Array(WORDS);
  private readonly pending = new Uint32Array(WORDS);
  private readonly claimed = new Uint32Array(WORDS);
  /** Word w of context c is at c * WORDS + w. */
  private readonly enabled = new Uint32Array(CONTEXTS * WORDS);
  private readonly thresholds = new Uint8Array(CONTEXTS);

  constructor(private readonly ports: PlicPorts) {}

  /** The line of source `id`, 1 to 95, has `level`. Other numbers are ignored. */
  setSource(id: number, level: boolean): void {
    if (!(id >= 1 && id < PLIC_SOURCES)) return;
    const word = id >>> 5;
    const bit = 1 << (id & 31);
    if (level) this.levels[word] |= bit;
    else this.levels[word] &= ~bit;
    // The gateway passes one request on, then waits for its completion; it cannot retract one (chapter "Interrupt Gateways").
    if (!level || ((this.pending[word] | this.claimed[word]) & bit) !== 0) return;
    this.pending[word] |= bit;
    this.update();
  }

  /** Registers are 32 bits wide (chapter "Memory Map"). */
  accepts(_offset: number, size: Width): boolean {
    return size === 4;
  }

  read(offset: number, size: 1 | 2 | 4): number {
    if (size !== 4 || (offset & 3) !== 0) return 0;
    if (offset >= CONTEXT_BASE) {
      const context = (offset - CONTEXT_BASE) / CONTEXT_STRIDE;
      if (context === 0 || context === 1) return this.thresholds[context];
      const claimContext = (offset - CONTEXT_BASE - CLAIM) / CONTEXT_STRIDE;
      return claimContext === 0 || claimContext === 1 ? this.claim(claimContext) : 0;
    }
    if (offset >= ENABLE_BASE) {
      const index = enableIndex(offset);
      return index < 0 ? 0 : this.enabled[index];
    }
    if (offset >= PENDING_BASE) {
      const word = (offset - PENDING_BASE) >>> 2;
      return word < WORDS ? this.pending[word] : 0;
    }
    const source = (offset - PRIORITY_BASE) >>> 2;
    return source < PLIC_SOURCES ? this.priorities[source] : 0;
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    if (size !== 4 || (offset & 3) !== 0) return;
    if (offset >= CONTEXT_BASE) {
      const context = Math.floor((offset - CONTEXT_BASE) / CONTEXT_STRIDE);
      if (context >= CONTEXTS) return;
      const register = (offset - CONTEXT_BASE) % CONTEXT_STRIDE;
      if (register === THRESHOLD) this.thresholds[context] = value & PRIORITY_MASK;
      else if (register === CLAIM) this.complete(context, value >>> 0);
      else return;
    } else if (offset >= ENABLE_BASE) {
      const index = enableIndex(offset);
      if (index < 0) return;
      this.enabled[index] = index % WORDS === 0 ? value & ~1 : value;
    } else {
      const source = (offset - PRIORITY_BASE) >>> 2;
      if (source < 1 || source >= PLIC_SOURCES) return;
      this.priorities[source] = value & PRIORITY_MASK;
    }
    this.update();
  }

  reset(): void {
    for (const registers of [this.priorities, this.pending, this.claimed, this.enabled, this.thresholds]) {
      registers.fill(0);
    }
    this.levels.fill(0);
    this.update();
  }

  state(visitor: StateVisitor): void {
    this.priorities.set(visitor.bytes('priority', this.priorities));
    this.thresholds.set(visitor.bytes('threshold', this.thresholds));
    const words = { level: this.levels, pending: this.pending, claimed: this.claimed, enable: this.enabled };
    for (const [name, registers] of Object.entries(words)) {
      registers.forEach((value, i) => (registers[i] = visitor.number(`${name}.${i}`, value)));
    }
  }

  /** The source a context would be handed: the highest priority above `threshold`, the lowest number among equals. */
  private best(context: number, threshold: number): number {
    let best = 0;
    let highest = threshold;
    for (let word = 0; word < WORDS; word++) {
      let bits = this.pending[word] & ~this.claimed[word] & this.enabled[context * WORDS + word];
      while (bits !== 0) {
        const bit = 31 - clz32(bits & -bits);
        bits &= bits - 1;
        const source = word * 32 + bit;
        if (this.priorities[source] > highest) {
          highest = this.priorities[source];
          best = source;
        }
      }
    }
    return best;
  }

  private claim(context: number): number {
    // A claim takes no notice of the threshold, so that a hart may poll (chapter "Interrupt Claim Process").
    const source = this.best(context, 0);
    if (source !== 0) {
      this.pending[source >>> 5] &= ~(1 << (source & 31));
      this.claimed[source >>> 5] |= 1 << (source & 31);
      this.update();
    }
    return source;
  }

  private complete(context: number, source: number): void {
    const word = source >>> 5;
    const bit = 1 << (source & 31);
    // A completion for a source that is not enabled for the context is ignored (chapter "Interrupt Completion").
    if (source >= PLIC_SOURCES || (this.enabled[context * WORDS + word] & bit) === 0) return;
    if ((this.claimed[word] & bit) === 0) return;
    this.claimed[word] &= ~bit;
    if ((this.levels[word] & bit) !== 0) this.pending[word] |= bit;
  }

  private update(): void {
    this.ports.machineInterrupt(this.best(0, this.thresholds[0]) !== 0);
    this.ports.supervisorInterrupt(this.best(1, this.thresholds[1]) !== 0);
  }
}

/** Index into the enable words of both contexts, or -1 where no register is. */
function enableIndex(offset: number): number {
  const context = Math.floor((offset - ENABLE_BASE) / ENABLE_STRIDE);
  const word = ((offset - ENABLE_BASE) % ENABLE_STRIDE) >>> 2;
  return context < CONTEXTS && word < WORDS ? context * WORDS + word : -1;
}
