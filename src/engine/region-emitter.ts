/**
 * Semantics with operands that are known while they are emitted, the guest's registers in WebAssembly locals: the body
 * of a region. It calls nothing. Where it has no answer, it ends the region in front of the instruction, and the
 * interpreter executes that.
 *
 * Where a region ends is told by one number: the offset of the next instruction from the region's first page, how much
 * of the budget was taken too much, and the cause.
 */
import { DRAM_BASE, HART, PAGE_BYTES, PLAIN_BASE, RAM_OFFSET } from '../hart/layout.js';
import { CSR } from '../isa/csrs.js';
import type { AccessSize, FloatOperation } from '../isa/semantics.js';
import { groupAccesses, type AccessGroup } from './access-groups.js';
import { Emitter, STORES, loadOpcode, type TlbPointer } from './emitter.js';
import { fastPathOf } from './float.js';
import { FloatFunction, type FloatCallees } from './float-function.js';
import { EXIT_CAUSES, type ExitCause } from './kinds.js';
import { isReturn, type Block, type PlacedInstruction } from './region-plan.js';
import { registersTaken, type RegionRegisters } from './region-registers.js';
import {
  emitStatusAccess,
  emitSupervisorOnly,
  emitTrapCsrAccess,
  trapCsrIndex,
  type CsrAccess,
  type CsrKind,
} from './supervisor-csr.js';
import type { FunctionBuilder, FunctionRef, Label, Local } from './wasm/builder.js';
import { binary64, constant32, constant64, emitted, load, localValue, type Expression } from './wasm/expression.js';
import { I32, I64, OP } from './wasm/opcodes.js';

/** How `leaving` is made up, from bit 0: the cause, the excess, the offset. */
const CAUSE_BITS = 3;
const EXCESS_BITS = 13;
const RM_LAST = 4;

/** What functions of a module that holds regions share. */
export interface RegionRuntime extends FloatCallees {
  readonly mulHighU: FunctionRef;
  /** What `declareFollow` has declared. */
  readonly follow: FunctionRef;
}

export interface RegionLocals {
  /** Virtual address of the region's first page, i64. */
  readonly page: Local;
  readonly budget: Local;
  /** Where and why the region ends, i64. */
  readonly leaving: Local;
}

/** How data is addressed: through the TLBs, or bare, in `ramBytes` of RAM without translation and protection. */
export type Addressing = { readonly bare: false } | { readonly bare: true; readonly ramBytes: number };

/** Where control goes: decided by the region's shape. */
export interface RegionFlow {
  /** Goes to the block at an offset, or ends the region there. */
  goTo(offset: number): void;
  /** Goes to an address on the stack, i64. */
  goToComputed(isReturn: boolean): void;
  /** Ends the region as `leaving` says. */
  readonly end: Label;
}

export class RegionEmitter extends Emitter {
  private readonly tlbs: Partial<Record<TlbPointer, Local>> = {};
  private present!: PlacedInstruction;
  /** Instructions of the block, from the present one on, that have been taken from the budget. */
  private excess = 0;
  /** Of the present block; of each that has been looked up, where its lowest byte lies in the shared memory. */
  private groups: ReadonlyMap<PlacedInstruction, AccessGroup> = new Map();
  private readonly located = new Map<AccessGroup, Local>();
  private readonly places: Local[] = [];
  private floatRequired = false;
  private floatMarked = false;

  constructor(
    code: FunctionBuilder,
    private readonly runtime: RegionRuntime,
    private readonly locals: RegionLocals,
    private readonly addressing: Addressing,
    private readonly registers: RegionRegisters,
    private readonly flow: RegionFlow,
  ) {
    super(code, runtime.mulHighU);
  }

  /** Loads what holds for the whole region, which has these blocks. */
  enter(blocks: readonly Block[]): void {
    const f = this.code;
    for (const tlb of ['readTlb', 'writeTlb'] as const) {
      f.i32(0)
        .memory(OP.i32Load, HART[tlb])
        .set((this.tlbs[tlb] = f.local(I32)));
    }
    this.registers.begin(blocks);
  }

  /**
   * Takes a block's instructions from the budget.
   *
   * @param needed what the budget must be, or the region ends in front of the block; undefined where that is known
   */
  beginBlock(start: number, instructions: readonly PlacedInstruction[], needed: number | undefined): void {
    const count = instructions.length;
    this.groups = groupAccesses(instructions);
    this.located.clear();
    this.floatRequired = false;
    this.floatMarked = false;
    this.excess = 0;
    const { budget } = this.locals;
    const f = this.code;
    if (needed !== undefined) {
      f.get(budget).i32(needed).op(OP.i32LtS);
      f.unlikely().if(() => this.endAt(start, 'budget'));
    }
    this.excess = count;
    if (count > 0) f.get(budget).i32(count).op(OP.i32Sub).set(budget);
  }

  emitInstruction(instruction: PlacedInstruction): void {
    this.begin();
    this.present = instruction;
    this.registers.hold(registersTaken([instruction]));
    instruction.decoded.instruction.meaning(this);
    this.excess--;
  }

  endBlock(): void {
    this.registers.save();
  }

  /** Ends the region; the next instruction is the one at `offset`. */
  endAt(offset: number, cause: ExitCause): void {
    this.code
      .i64(this.leavingTo(offset, cause, this.excess))
      .set(this.locals.leaving)
      .br(this.flow.end);
  }

  private leavingTo(offset: number, cause: ExitCause, excess: number): number {
    return (offset * 2 ** EXCESS_BITS + excess) * 2 ** CAUSE_BITS + EXIT_CAUSES.indexOf(cause);
  }

  /** Sets `leaving` for an end at a computed address. */
  leaveByJump(): void {
    this.code.i64(this.leavingTo(0, 'jump', 0)).set(this.locals.leaving);
  }

  /** At the region's end: pushes the next instruction's address and takes back what was taken too much. */
  static settle(f: FunctionBuilder, { page, budget, leaving }: RegionLocals): void {
    f.get(budget).get(leaving).i64(CAUSE_BITS).op(OP.i64ShrU).op(OP.i32WrapI64);
    f.i32((1 << EXCESS_BITS) - 1)
      .op(OP.i32And)
      .op(OP.i32Add)
      .set(budget);
    f.get(page)
      .get(leaving)
      .i64(CAUSE_BITS + EXCESS_BITS)
      .op(OP.i64ShrS)
      .op(OP.i64Add);
  }

  /** Pushes the cause as EXIT_CAUSES numbers it. */
  static pushCause(f: FunctionBuilder, { leaving }: RegionLocals): void {
    f.get(leaving)
      .op(OP.i32WrapI64)
      .i32((1 << CAUSE_BITS) - 1)
      .op(OP.i32And);
  }

  /** Has the interpreter execute the present instruction. */
  private handOver(cause: ExitCause): void {
    this.endAt(this.present.offset, cause);
  }

  x(field: 'rs1' | 'rs2'): Expression {
    const number = this.present.decoded[field];
    return number === 0 ? constant64(0n) : localValue(this.registers.get('x', number));
  }
  setX(value: Expression): void {
    value.emit(this.code);
    const { rd } = this.present.decoded;
    if (rd === 0) this.code.op(OP.drop);
    else this.code.set(this.registers.set('x', rd));
  }
  f(field: 'rs1' | 'rs2' | 'rs3'): Expression {
    return localValue(this.registers.get('f', this.present.decoded[field]));
  }
  protected writeF(value: Expression): void {
    value.emit(this.code);
    this.code.set(this.registers.set('f', this.present.decoded.rd));
  }
  imm(): Expression {
    return constant64(BigInt(this.present.decoded.imm));
  }
  uimm(): Expression {
    return constant64(BigInt(this.present.decoded.rs1));
  }
  protected rmField(): Expression {
    return constant32(this.present.decoded.rm);
  }

  private addressOf(offset: number): Expression {
    return binary64(OP.i64Add, localValue(this.locals.page), constant64(BigInt(offset)));
  }
  pc(): Expression {
    return this.addressOf(this.present.offset);
  }
  nextPc(): Expression {
    return this.addressOf(this.present.offset + this.present.decoded.length);
  }

  jump(target: Expression): void {
    this.excess--;
    this.registers.save();
    target.emit(this.code);
    this.flow.goToComputed(isReturn(this.present.decoded));
  }
  jumpRelative(): void {
    this.excess--;
    this.registers.save();
    this.flow.goTo(this.present.offset + this.present.decoded.imm);
  }
  branchIf(condition: Expression): void {
    const { offset, decoded } = this.present;
    this.registers.save();
    condition.emit(this.code);
    this.excess--;
    this.code.if(() => this.flow.goTo(offset + decoded.imm));
    this.flow.goTo(offset + decoded.length);
  }

  protected override pushTlb(tlb: TlbPointer): void {
    this.code.get(this.tlbs[tlb]!);
  }

  protected missLoad(): void {
    this.handOver('memory');
  }
  protected missStore(): void {
    this.handOver('memory');
  }
  protected missAtomic(): void {
    this.handOver('memory');
  }
  protected illegal(): void {
    this.handOver('system');
  }
  csr(kind: CsrKind, operand: Expression): Expression {
    const f = this.code;
    const { imm: number } = this.present.decoded;
    const old = this.temporary(I64);
    this.registers.save();
    f.block((done) => {
      f.block((slow) => {
        emitSupervisorOnly(f, slow);
        const scratch = [this.temporary(I32), this.temporary(I32)] as const;
        const access: CsrAccess = { kind, operand: this.let(operand), old, scratch, slow };
        if (number === CSR.sstatus) emitStatusAccess(f, access, (tlb, address) => this.selectTlb(tlb, address));
        else emitTrapCsrAccess(f, access, constant32(trapCsrIndex(number)));
        f.br(done);
      });
      this.handOver('system');
    });
    return localValue(old);
  }

  private selectTlb(tlb: TlbPointer, address: number): void {
    this.code.i32(0).i32(address).tee(this.tlbs[tlb]!).memory(OP.i32Store, HART[tlb]);
  }

  system(): void {
    throw new Error('system instructions are the interpreter’s');
  }

  /** Pushes, and keeps in a local that is answered, where in RAM a bare address lies. */
  private inRam(address: Expression): Expression {
    return this.let(binary64(OP.i64Sub, address, constant64(BigInt(DRAM_BASE))));
  }

  /** Where the present instruction's access lies, where it belongs to a group: that a local holds, and an offset from it. */
  private inGroup(): { readonly at: Expression; readonly offset: number } | undefined {
    const { present, located, addressing } = this;
    const group = this.groups.get(present);
    if (!group) return undefined;
    let place = located.get(group);
    if (place === undefined) {
      this.registers.save();
      place = this.places[located.size] ??= this.code.local(I32);
      located.set(group, place);
      if (addressing.bare) this.locateBare(group, place, addressing.ramBytes);
      else this.locateGroup(group, place);
    }
    const offset = present.decoded.imm - group.low + (addressing.bare ? RAM_OFFSET : 0);
    return { at: localValue(place), offset };
  }

  /** Pushes whether `bytes` from an address on lie in more than one page. */
  private pushCrosses(low: Expression, bytes: number): void {
    low.emit(this.code);
    this.code
      .op(OP.i32WrapI64)
      .i32(PAGE_BYTES - 1)
      .op(OP.i32And)
      .i32(PAGE_BYTES - bytes)
      .op(OP.i32GtU);
  }

  private locateGroup({ base, low: offset, bytes, size, stores }: AccessGroup, place: Local): void {
    const f = this.code;
    const low = this.let(binary64(OP.i64Add, localValue(this.registers.get('x', base)), constant64(BigInt(offset))));
    this.pushLookup(low, size as AccessSize, stores ? 'writeTlb' : 'readTlb', place);
    f.op(OP.i32Eqz);
    this.pushCrosses(low, bytes);
    f.op(OP.i32Or)
      .unlikely()
      .if(() => this.handOver('memory'));
    this.pushHit(low, place);
    f.set(place);
  }

  private locateBare({ base, low: offset, bytes, size, stores }: AccessGroup, place: Local, ramBytes: number): void {
    const f = this.code;
    const low = this.let(
      binary64(OP.i64Add, localValue(this.registers.get('x', base)), constant64(BigInt(offset) - BigInt(DRAM_BASE))),
    );
    low.emit(f);
    f.i64(BigInt(ramBytes - bytes)).op(OP.i64GtU);
    if (stores) {
      this.pushCrosses(low, bytes);
      f.op(OP.i32Or);
      low.emit(f);
      f.op(OP.i32WrapI64)
        .i32(size - 1)
        .op(OP.i32And)
        .op(OP.i32Or);
    }
    f.unlikely().if(() => this.handOver('memory'));
    low.emit(f);
    f.op(OP.i32WrapI64).set(place);
    if (!stores) return;
    f.get(place).i32(12).op(OP.i32ShrU).memory(OP.i32Load8U, PLAIN_BASE).op(OP.i32Eqz);
    f.unlikely().if(() => this.handOver('memory'));
  }

  override load(address: Expression, size: AccessSize, signed: boolean): Expression {
    const known = this.inGroup();
    if (known) return this.let(load(loadOpcode(size, signed), I64, known.at, known.offset));
    this.registers.save();
    if (!this.addressing.bare) return super.load(address, size, signed);
    const f = this.code;
    const at = this.inRam(address);
    at.emit(f);
    f.i64(BigInt(this.addressing.ramBytes - size))
      .op(OP.i64GtU)
      .unlikely()
      .if(() => this.handOver('memory'));
    const index = emitted(I32, () => {
      at.emit(f);
      f.op(OP.i32WrapI64);
    });
    return this.let(load(loadOpcode(size, signed), I64, index, RAM_OFFSET));
  }

  override store(address: Expression, size: AccessSize, value: Expression): void {
    const known = this.inGroup();
    if (known) {
      known.at.emit(this.code);
      value.emit(this.code);
      this.code.memory(STORES[size], known.offset);
      return;
    }
    this.registers.save();
    if (!this.addressing.bare) {
      super.store(address, size, value);
      return;
    }
    const f = this.code;
    const at = this.inRam(address);
    const shift = BigInt(Math.log2(size));
    // Rotated, a misaligned address is a large one.
    at.emit(f);
    if (size > 1) f.i64(shift).op(OP.i64Rotr);
    f.i64(BigInt(this.addressing.ramBytes / size - 1)).op(OP.i64GtU);
    f.unlikely().if(() => this.handOver('memory'));
    at.emit(f);
    f.i64(12n).op(OP.i64ShrU).op(OP.i32WrapI64).memory(OP.i32Load8U, PLAIN_BASE).op(OP.i32Eqz);
    f.unlikely().if(() => this.handOver('memory'));
    at.emit(f);
    f.op(OP.i32WrapI64);
    value.emit(f);
    f.memory(STORES[size], RAM_OFFSET);
  }

  override loadReserved(address: Expression, size: 4 | 8): Expression {
    this.registers.save();
    return super.loadReserved(address, size);
  }

  override storeConditional(address: Expression, size: 4 | 8, value: Expression): Expression {
    this.registers.save();
    return super.storeConditional(address, size, value);
  }

  override atomic(address: Expression, size: 4 | 8, update: (old: Expression) => Expression): Expression {
    this.registers.save();
    return super.atomic(address, size, update);
  }

  /** Once in a block: FS changes only outside of regions. */
  override requireFloat(): void {
    if (!this.floatRequired) {
      this.registers.save();
      super.requireFloat();
    }
    this.floatRequired = true;
  }
  protected override markFloatDirty(): void {
    if (!this.floatMarked) super.markFloatDirty();
  }
  override setF(value: Expression): void {
    super.setF(value);
    this.floatMarked = true;
  }

  override roundingMode(): Expression {
    const { rm } = this.present.decoded;
    if (rm <= RM_LAST) return constant32(rm);
    this.registers.save();
    return super.roundingMode();
  }

  protected applyFloat(operation: FloatOperation, rounding: Expression, operands: readonly Expression[]): Expression {
    this.registers.save();
    const patterns = operands.map((operand) => {
      const local = this.temporary(I64);
      operand.emit(this.code);
      this.code.set(local);
      return local;
    });
    const fast = fastPathOf(operation);
    return emitted(I64, (f) => {
      f.block((done) => {
        f.block((slow) => {
          const local = this.temporary.bind(this);
          fast(new FloatFunction(f, rounding, patterns, this.runtime, slow, done, local));
          f.br(done);
        });
        this.handOver('float');
      }, I64);
    });
  }
}
