/**
 * Semantics that have all answers: where compiled code has none, they call the hart's services in TypeScript and go on.
 * The interpreter is made of these.
 */
import { HART } from '../hart/layout.js';
import type { AccessSize, FloatOperation, SystemOperation } from '../isa/semantics.js';
import { Emitter } from './emitter.js';
import type { FunctionBuilder, FunctionRef, Local, ModuleBuilder } from './wasm/builder.js';
import { constant32, emitted, load, type Expression } from './wasm/expression.js';
import { I32, I64, OP, type ValueType } from './wasm/opcodes.js';

/** Numbers by which compiled code names system operations to the hart. */
export const SYSTEM_OPERATIONS: readonly SystemOperation[] = [
  'ecall',
  'ebreak',
  'mret',
  'sret',
  'wfi',
  'sfence.vma',
  'fence.i',
];
export const CSR_KINDS = ['write', 'set', 'clear'] as const;

/** The functions of TypeScript that compiled code calls. See engine.ts for their contracts. */
export interface Imports {
  readonly loadMiss: FunctionRef;
  readonly storeMiss: FunctionRef;
  readonly atomicMiss: FunctionRef;
  readonly csr: FunctionRef;
  readonly system: FunctionRef;
  readonly illegal: FunctionRef;
  readonly floatSlow: FunctionRef;
}

/** Functions that stand once in a module and that emitted code calls. */
export interface Runtime extends Imports {
  /** Upper half of an unsigned 128-bit product. */
  readonly mulHighU: FunctionRef;
  readonly float: ReadonlyMap<FloatOperation, FunctionRef>;
}

const SERVICE_TYPES: Record<keyof Imports, readonly [readonly ValueType[], readonly ValueType[]]> = {
  loadMiss: [[I32, I32, I32], [I32]],
  storeMiss: [[I32, I32, I32], [I32]],
  atomicMiss: [[I32, I32, I32, I32], [I32]],
  csr: [[I32, I32], [I32]],
  system: [[I32, I32], [I32]],
  illegal: [[I32], []],
  floatSlow: [[I32, I32, I64, I64, I64], [I64]],
};

export function importServices(module: ModuleBuilder): Imports {
  const names = Object.keys(SERVICE_TYPES) as (keyof Imports)[];
  return Object.fromEntries(
    names.map((name) => [name, module.importFunction('hart', name, ...SERVICE_TYPES[name])]),
  ) as unknown as Imports;
}

export abstract class ServiceEmitter extends Emitter {
  constructor(
    code: FunctionBuilder,
    protected readonly runtime: Runtime,
  ) {
    super(code, runtime.mulHighU);
  }

  /** The word of an instruction that the hart executes, i32. */
  protected abstract raw(): Expression;
  /** The address of the instruction's record, i32. */
  protected abstract record(): Expression;
  /** Stores pc and budget (and what else the hart must see) before a service is called. */
  protected abstract spill(): void;
  /** Takes up what a service may have changed, when it has returned without a trap. */
  protected abstract unspill(): void;
  /** Leaves after a trap: HART.pc holds the next instruction. */
  protected abstract leave(): void;
  /** Ends the instruction and looks up the next one afresh, since its translation may have changed. */
  protected abstract refetch(): void;

  /** Pushes an address as the two int32 that services take: low, high. */
  private pushAddress(va: Expression): void {
    va.emit(this.code);
    this.code.op(OP.i32WrapI64);
    va.emit(this.code);
    this.code.i64(32n).op(OP.i64ShrU).op(OP.i32WrapI64);
  }

  private leaveIfZero(local: Local): void {
    this.code
      .get(local)
      .op(OP.i32Eqz)
      .unlikely()
      .if(() => this.leave());
  }

  protected missLoad(va: Expression, size: AccessSize, at: Local): void {
    this.spill();
    this.pushAddress(va);
    this.code.i32(size).call(this.runtime.loadMiss).set(at);
    this.leaveIfZero(at);
    this.unspill();
  }

  protected missStore(va: Expression, size: AccessSize, value: Expression, scratch: Local): void {
    const f = this.code;
    this.spill();
    f.i32(0);
    value.emit(f);
    f.memory(OP.i64Store, HART.scratch);
    this.pushAddress(va);
    f.i32(size).call(this.runtime.storeMiss).set(scratch);
    this.leaveIfZero(scratch);
    this.unspill();
  }

  protected missAtomic(va: Expression, size: AccessSize, writes: boolean, at: Local): void {
    this.spill();
    this.pushAddress(va);
    this.code
      .i32(size)
      .i32(writes ? 1 : 0)
      .call(this.runtime.atomicMiss)
      .set(at);
    this.leaveIfZero(at);
    this.unspill();
  }

  protected illegal(): void {
    this.spill();
    this.record().emit(this.code);
    this.code.call(this.runtime.illegal);
    this.leave();
  }

  csr(kind: 'write' | 'set' | 'clear', operand: Expression): Expression {
    const f = this.code;
    this.spill();
    f.i32(0);
    operand.emit(f);
    f.memory(OP.i64Store, HART.scratch);
    f.i32(CSR_KINDS.indexOf(kind));
    this.raw().emit(f);
    const done = this.temporary(I32);
    f.call(this.runtime.csr).set(done);
    this.leaveIfZero(done);
    this.unspill();
    return this.let(load(OP.i64Load, I64, constant32(0), HART.scratch));
  }

  system(operation: SystemOperation): void {
    const f = this.code;
    this.spill();
    f.i32(SYSTEM_OPERATIONS.indexOf(operation));
    this.raw().emit(f);
    const onward = this.temporary(I32);
    f.call(this.runtime.system).set(onward);
    this.leaveIfZero(onward);
    this.unspill();
    this.refetch();
  }

  protected applyFloat(operation: FloatOperation, rounding: Expression, operands: readonly Expression[]): Expression {
    const callee = this.runtime.float.get(operation);
    if (!callee) throw new Error(`no such floating-point operation: ${operation}`);
    return emitted(I64, (f) => {
      rounding.emit(f);
      for (const operand of operands) operand.emit(f);
      f.call(callee);
    });
  }
}
