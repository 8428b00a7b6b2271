/**
 * A second backend over the instruction semantics: straight code, its operands known while it is emitted, the guest's
 * registers in WebAssembly locals. It shows that the table serves a translator as it serves the interpreter.
 */
import { Emitter, declareMulHighU, importServices, type Runtime } from '../../src/engine/emitter.js';
import { declareFloat } from '../../src/engine/float.js';
import { ModuleBuilder, type FunctionBuilder, type Label, type Local } from '../../src/engine/wasm/builder.js';
import { constant32, constant64, localValue, type Expression } from '../../src/engine/wasm/expression.js';
import { I64, OP } from '../../src/engine/wasm/opcodes.js';
import { HART } from '../../src/hart/layout.js';
import type { Decoded } from '../../src/isa/instruction.js';

class RegionBackend extends Emitter {
  private decoded!: Decoded;
  private address = 0n;
  private remaining = 0;
  private readonly x_: readonly Local[];
  private readonly f_: readonly Local[];

  constructor(
    code: FunctionBuilder,
    runtime: Runtime,
    private readonly exit: Label,
  ) {
    super(code, runtime);
    this.x_ = Array.from({ length: 32 }, () => code.local(I64));
    this.f_ = Array.from({ length: 32 }, () => code.local(I64));
    this.eachRegister((local, at) => code.i32(0).memory(OP.i64Load, at).set(local));
  }

  private eachRegister(visit: (local: Local, at: number) => void): void {
    this.x_.forEach((local, i) => i > 0 && visit(local, HART.x + i * 8));
    this.f_.forEach((local, i) => visit(local, HART.f + i * 8));
  }

  emitInstruction(decoded: Decoded, address: bigint, remaining: number): void {
    this.begin();
    this.decoded = decoded;
    this.address = address;
    this.remaining = remaining;
    decoded.instruction.meaning(this);
  }

  writeBack(): void {
    this.eachRegister((local, at) => this.code.i32(0).get(local).memory(OP.i64Store, at));
  }

  finish(address: bigint): void {
    this.writeBack();
    this.code.i32(0).i64(address).memory(OP.i64Store, HART.pc);
    this.code.i32(0).i32(0).memory(OP.i32Store, HART.budget);
  }

  x(field: 'rs1' | 'rs2'): Expression {
    const number = this.decoded[field];
    return number === 0 ? constant64(0n) : localValue(this.x_[number]);
  }
  setX(value: Expression): void {
    value.emit(this.code);
    if (this.decoded.rd === 0) this.code.op(OP.drop);
    else this.code.set(this.x_[this.decoded.rd]);
  }
  f(field: 'rs1' | 'rs2' | 'rs3'): Expression {
    return localValue(this.f_[this.decoded[field]]);
  }
  protected writeF(value: Expression): void {
    value.emit(this.code);
    this.code.set(this.f_[this.decoded.rd]);
  }
  imm(): Expression {
    return constant64(BigInt(this.decoded.imm));
  }
  uimm(): Expression {
    return constant64(BigInt(this.decoded.rs1));
  }
  pc(): Expression {
    return constant64(this.address);
  }
  nextPc(): Expression {
    return constant64(this.address + BigInt(this.decoded.length));
  }
  protected raw(): Expression {
    return constant32(this.decoded.raw);
  }
  protected rmField(): Expression {
    return constant32(this.decoded.rm);
  }
  protected spill(): void {
    this.code.i32(0).i64(this.address).memory(OP.i64Store, HART.pc);
    this.code.i32(0).i32(this.remaining).memory(OP.i32Store, HART.budget);
  }
  protected unspill(): void {
    // Nothing of the budget is kept in locals.
  }
  protected leave(): void {
    this.writeBack();
    this.code.br(this.exit);
  }
  protected refetch(): void {
    throw new Error('not straight code');
  }
  jump(): void {
    throw new Error('not straight code');
  }
  jumpRelative(): void {
    throw new Error('not straight code');
  }
  branchIf(): void {
    throw new Error('not straight code');
  }
}

/** A module whose `run` executes straight code that starts at `address`; its instructions must not jump. */
export function translateStraight(pages: number, code: readonly Decoded[], address: bigint): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory('env', 'memory', pages);
  const imports = importServices(module);
  const runtime: Runtime = {
    ...imports,
    mulHighU: declareMulHighU(module),
    float: declareFloat(module, imports.floatSlow),
  };
  const run = module.function([], [], (f) => {
    f.block((exit) => {
      const backend = new RegionBackend(f, runtime, exit);
      let at = address;
      code.forEach((decoded, index) => {
        backend.emitInstruction(decoded, at, code.length - 1 - index);
        at += BigInt(decoded.length);
      });
      backend.finish(at);
    });
  });
  module.exportFunction('run', run);
  return module.finish();
}
