/** What the generators of all kinds build with: the stream under construction, and the commonest of its atoms. */
import { assemble } from '../../src/isa/assemble.js';
import { SCRATCH } from './layout.js';
import { float, integer, Random, type Wide } from './random.js';
import { CodeBuilder, PMP_OPEN, type Mode, type Poke, type Stream } from './stream.js';
import { encode, templateOfName, templatesOf, withRd, withRs1, type Template } from './templates.js';
import type { SetupCsr } from './layout.js';

const AUIPC = templateOfName('auipc');
const JAL = templateOfName('jal');
const plainI = templatesOf('I').filter(({ role }) => role === 'plain');
const branches = templatesOf('I').filter(({ role }) => role === 'branch');
/** Offsets of loads and stores reach 2 KiB to either side of pointers that lie in the middle. */
const POINTER_BASE = SCRATCH + 2048;
const POINTER_SPREAD = 512;
export const PLAIN_SCRATCH_BYTES = 2048 + POINTER_SPREAD + 2048 + 32;

export interface StreamOptions {
  readonly mode?: Mode;
  readonly mstatus?: bigint;
  readonly fs?: number;
  readonly csrs?: Partial<Record<SetupCsr, bigint>>;
  readonly pokes?: readonly Poke[];
  readonly scratchBytes?: number;
  readonly tableBytes?: number;
  readonly codePage?: number;
  readonly stub?: number;
}

export class Maker {
  readonly code = new CodeBuilder();
  readonly reserved = new Uint8Array(32);
  random = new Random(0, 0, 0);
  state = new Uint32Array(128);
  fcsr = 0;
  /** The interrupt that this stream may enable. */
  interrupt = 1;
  private readonly wide: Wide = { lo: 0, hi: 0 };
  private pointers: number[] = [];

  /** A new stream, with random registers. */
  begin(random: Random, doubles: number): void {
    this.random = random;
    this.code.clear();
    this.reserved.fill(0);
    this.pointers = [];
    this.state = new Uint32Array(128);
    for (let x = 1; x < 32; x++) {
      integer(random, this.wide);
      this.setX(x, this.wide.lo, this.wide.hi);
    }
    for (let f = 0; f < 32; f++) {
      float(random, random.below(10) < doubles, this.wide);
      this.state[64 + 2 * f] = this.wide.lo;
      this.state[65 + 2 * f] = this.wide.hi;
    }
    this.interrupt = random.pick([1, 1, 3, 5, 7, 9, 11]);
    const frm = random.once(40) ? random.below(8) : random.below(5);
    this.fcsr = (frm << 5) | (random.once(2) ? 0 : random.below(32));
  }

  setX(x: number, lo: number, hi: number): void {
    this.state[2 * x] = lo;
    this.state[2 * x + 1] = hi;
  }

  /** A register that instructions read, but never write. */
  reserve(x: number): number {
    this.reserved[x] = 1;
    return x;
  }

  /** A register that is not reserved yet, and is from now on. */
  reserveAny(): number {
    for (;;) {
      const x = 1 + this.random.below(31);
      if (this.reserved[x] === 0) return this.reserve(x);
    }
  }

  /** Makes a register point into scratch. */
  point(x: number, alignment: number): void {
    this.reserve(x);
    this.pointers.push(x);
    const offset = this.random.below(POINTER_SPREAD / alignment) * alignment;
    this.setX(x, POINTER_BASE + offset, 0);
  }

  pointer(): number {
    return this.random.pick(this.pointers);
  }

  isPointer(x: number): boolean {
    return this.pointers.includes(x);
  }

  /** A register that may be written and is not x0. */
  free(): number {
    for (;;) {
      const x = 1 + this.random.below(31);
      if (this.reserved[x] === 0) return x;
    }
  }

  /** One instruction that needs no arrangement. */
  emit(template: Template): void {
    this.code.put(encode(template, this.random, this.reserved));
  }

  filler(): void {
    this.emit(this.random.pick(plainI));
  }

  /** A load or store in scratch through a pointer. */
  access(template: Template): void {
    this.code.put(withRs1(encode(template, this.random, this.reserved), this.pointer()));
  }

  /** A compressed one, whose pointer may be implied. */
  accessCompressed(template: Template): void {
    for (;;) {
      const raw = encode(template, this.random, this.reserved);
      if (!this.isPointer(template.rs1(raw))) continue;
      this.code.put(raw);
      return;
    }
  }

  /** An address that is computed: low bits of any register, added to a pointer. */
  computed(template: Template): void {
    const { random } = this;
    const t = this.free();
    this.code.put(assemble('andi', { rd: t, rs1: random.below(32), imm: 0x1ff }));
    this.code.put(assemble('add', { rd: t, rs1: t, rs2: this.pointer() }));
    const raw = withRs1(encode(template, random, this.reserved), t);
    const low = random.below(64);
    // The offset, in the place where loads or stores have it, stays small.
    this.code.put(
      template.role === 'load'
        ? ((raw & 0x000f_ffff) | (low << 20)) >>> 0
        : ((raw & ~0xfe00_0f80) | ((low >>> 5) << 25) | ((low & 31) << 7)) >>> 0,
    );
  }

  /** A conditional branch over what `body` emits. */
  branchOver(body: () => void): void {
    const { code, random } = this;
    const at = code.offset;
    code.put(0x13);
    body();
    const { name } = random.pick(branches);
    // Equal operands now and then, or every beq would fall through.
    const rs1 = random.below(32);
    const rs2 = random.once(4) ? rs1 : random.below(32);
    code.patch(at, assemble(name, { rs1, rs2, imm: code.offset - at }));
  }

  /** Out to the far end, and back by a jump or a branch with a negative offset. */
  branchBack(first: () => void, second: () => void): void {
    const { code, random } = this;
    const out = code.offset;
    code.put(0x13);
    const body = code.offset;
    first();
    const onward = code.offset;
    code.put(0x13);
    this.jumpTo(out, code.offset);
    if (random.once(2)) {
      const { name } = random.pick(branches);
      const rs1 = random.below(32);
      code.put(assemble(name, { rs1, rs2: random.once(3) ? rs1 : random.below(32), imm: body - code.offset }));
      second();
    } else {
      code.put(withRd(assemble('jal', { imm: body - code.offset }), this.link()));
    }
    this.jumpTo(onward, code.offset);
  }

  /** auipc and jalr over what `body` emits. */
  jumpOver(body: () => void): void {
    const { code } = this;
    const t = this.free();
    const at = code.offset;
    code.put(withRd(AUIPC.pattern.match, t));
    const jump = code.offset;
    code.put(0x13);
    body();
    const odd = this.random.below(2);
    code.patch(jump, assemble('jalr', { rd: this.link(), rs1: t, imm: code.offset - at + odd }));
  }

  private jumpTo(at: number, target: number): void {
    this.code.patch(at, withRd(assemble(JAL.name, { imm: target - at }), this.link()));
  }

  private link(): number {
    return this.random.once(2) ? 0 : this.free();
  }

  finish(kind: string, index: number, options: StreamOptions = {}): Stream {
    const { random } = this;
    return {
      kind,
      index,
      ...this.code.finish(),
      state: this.state,
      fcsr: this.fcsr,
      mode: options.mode ?? 'M',
      mstatus: options.mstatus ?? 0n,
      fs: options.fs ?? 3,
      csrs: { ...PMP_OPEN, ...options.csrs },
      pokes: options.pokes ?? [],
      scratchBytes: options.scratchBytes ?? 0,
      tableBytes: options.tableBytes ?? 0,
      fillSeed: random.word() | 1,
      ...(options.codePage === undefined ? {} : { codePage: options.codePage }),
      ...(options.stub === undefined ? {} : { stub: options.stub }),
    };
  }
}
