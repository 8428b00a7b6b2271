/**
 * The interpreter: one generated WebAssembly function over predecoded records. Each instruction of the table gives a
 * handler; a handler ends by moving to the next record, and one `br_table` goes to that record's handler.
 *
 * `rec` walks over records, 8 bytes for each halfword of code, so the address of the instruction is that of the record
 * divided by 4, plus what `pcBase` adds. The budget is counted down at every instruction: a run stops at exactly the
 * position it was told. Where code has been translated, a record has the number of an entry in place of its handler's.
 */
import { HART, MOST_REGIONS, RECORDS_PER_PAGE, RECORD_BYTES, RECORD_SHIFT } from '../hart/layout.js';
import { CSR } from '../isa/csrs.js';
import type { Instruction, Operands } from '../isa/instruction.js';
import { declareMulHighU } from './emitter.js';
import { ServiceEmitter, importServices, type Runtime } from './service-emitter.js';
import { declareFloat } from './float.js';
import { ILLEGAL, NOT_DECODED, PAGE_CROSSING, RECORD, STRADDLING, WRITTEN_X, rs2Field } from './fetch-lookup.js';
import {
  emitEnter,
  emitGoto,
  emitHeat,
  type Exits,
  type InterpreterImports,
  type Locals,
} from './interpreter-control.js';
import { REGION_TYPE, declareFollow, declareHolds, type EntryRuntime } from './jump-cache.js';
import {
  TRAP_CSRS,
  emitStatusAccess,
  emitSupervisorOnly,
  emitTrapCsrAccess,
  trapCsrIndex,
  type CsrAccess,
  type CsrKind,
} from './supervisor-csr.js';
import { ModuleBuilder, type FunctionBuilder, type Label, type Local } from './wasm/builder.js';
import { emitted, load, localValue, unary, type Expression } from './wasm/expression.js';
import { I32, I64, OP } from './wasm/opcodes.js';

class InterpreterBackend extends ServiceEmitter {
  /** Length and operands of the present instruction, and whether its semantics have ended it. */
  private length = 4;
  private operands: Operands = {};
  private ended = false;
  /** Not 0 where it may have changed how addresses are translated, i32; undefined where it never does. */
  private remapped: Local | undefined;

  constructor(
    code: FunctionBuilder,
    runtime: Runtime,
    private readonly locals: Locals,
    private readonly exits: Exits,
    private readonly imports: Omit<InterpreterImports, 'fetchMiss'>,
  ) {
    super(code, runtime);
  }

  emitHandler(instruction: Instruction, length: 2 | 4): void {
    this.begin();
    this.length = length;
    this.operands = instruction.operands;
    this.ended = false;
    this.remapped = undefined;
    instruction.meaning(this);
    if (this.ended) return;
    if (this.remapped) {
      this.code.get(this.remapped).if(() => this.refetch());
    }
    this.advance();
  }

  private advance(): void {
    const { rec } = this.locals;
    this.code
      .get(rec)
      .i32((this.length / 2) * RECORD_BYTES)
      .op(OP.i32Add)
      .set(rec)
      .br(this.exits.next);
  }

  private byte(offset: number): Expression {
    return load(OP.i32Load8U, I32, localValue(this.locals.rec), offset);
  }

  private read(field: 'rs1' | 'rs2' | 'rs3', file: number): Expression {
    return load(OP.i64Load, I64, this.byte(field === 'rs2' ? rs2Field(this.operands) : RECORD[field]), file);
  }
  x(field: 'rs1' | 'rs2'): Expression {
    return this.read(field, HART.x);
  }
  f(field: 'rs1' | 'rs2' | 'rs3'): Expression {
    return this.read(field, HART.f);
  }

  private write(value: Expression, file: number): void {
    this.byte(RECORD.rd).emit(this.code);
    value.emit(this.code);
    this.code.memory(OP.i64Store, file);
  }
  setX(value: Expression): void {
    this.write(value, WRITTEN_X);
  }
  protected writeF(value: Expression): void {
    this.write(value, HART.f);
  }
  imm(): Expression {
    return load(OP.i64Load32S, I64, localValue(this.locals.rec), RECORD.imm);
  }
  protected raw(): Expression {
    return load(OP.i32Load, I32, localValue(this.locals.rec), RECORD.raw);
  }
  protected record(): Expression {
    return localValue(this.locals.rec);
  }
  protected rmField(): Expression {
    return this.byte(RECORD.rm);
  }
  uimm(): Expression {
    const value = emitted(I32, (f) => {
      this.raw().emit(f);
      f.i32(15).op(OP.i32ShrU).i32(31).op(OP.i32And);
    });
    return unary(OP.i64ExtendI32U, I64, value);
  }

  private pcPlus(bytes: number): Expression {
    const { rec, pcBase } = this.locals;
    return emitted(I64, (f) => {
      f.get(pcBase).get(rec);
      f.i32(RECORD_SHIFT).op(OP.i32ShrU).op(OP.i64ExtendI32U).op(OP.i64Add);
      if (bytes > 0) f.i64(BigInt(bytes)).op(OP.i64Add);
    });
  }
  pc(): Expression {
    return this.pcPlus(0);
  }
  nextPc(): Expression {
    return this.pcPlus(this.length);
  }

  protected spill(): void {
    this.storePc();
    this.code.i32(0).get(this.locals.budget).memory(OP.i32Store, HART.budget);
  }
  protected unspill(): void {
    this.code.i32(0).memory(OP.i32Load, HART.budget).set(this.locals.budget);
  }
  protected leave(): void {
    this.code.br(this.exits.reload);
  }
  protected refetch(): void {
    this.jump(this.nextPc());
  }
  jump(target: Expression): void {
    target.emit(this.code);
    this.code.set(this.locals.target).i32(0).set(this.locals.from).br(this.exits.goto);
    this.ended = true;
  }

  jumpRelative(): void {
    const f = this.code;
    const { rec, pageRec } = this.locals;
    const there = this.temporary(I32);
    f.get(rec).get(rec).memory(OP.i32Load, RECORD.imm).i32(RECORD_SHIFT).op(OP.i32Shl).op(OP.i32Add).tee(there);
    f.get(pageRec)
      .op(OP.i32Sub)
      .i32(RECORDS_PER_PAGE * RECORD_BYTES)
      .op(OP.i32LtU);
    f.if(() => {
      f.get(there).set(rec);
      emitHeat(f, this.locals, () => {
        this.storePc();
        f.get(rec).i32(0).call(this.imports.sample);
      });
      f.br(this.exits.next);
    });
    this.jump(this.add(this.pc(), this.imm()));
  }

  branchIf(condition: Expression): void {
    condition.emit(this.code);
    this.code.if(() => this.jumpRelative());
    this.advance();
    this.ended = true;
  }

  override csr(kind: CsrKind, operand: Expression): Expression {
    const f = this.code;
    const value = this.let(operand);
    const old = this.temporary(I64);
    const number = this.temporary(I32);
    const remapped = (this.remapped = this.temporary(I32));
    f.i32(0).set(remapped);
    f.block((done) => {
      f.block((slow) => {
        emitSupervisorOnly(f, slow);
        const scratch = [this.temporary(I32), this.temporary(I32)] as const;
        const access: CsrAccess = { kind, operand: value, old, scratch, slow };
        this.raw().emit(f);
        f.i32(20).op(OP.i32ShrU).tee(number);
        if (kind !== 'write') {
          f.i32(CSR.sstatus).op(OP.i32Eq);
          f.if(() => {
            emitStatusAccess(f, access, (tlb, address) => f.i32(0).i32(address).memory(OP.i32Store, HART[tlb]));
            f.br(done);
          });
          f.get(number);
        }
        f.i32(trapCsrIndex(0)).op(OP.i32Add).tee(number).i32(TRAP_CSRS).op(OP.i32GeU).unlikely().brIf(slow);
        emitTrapCsrAccess(f, access, localValue(number));
        f.br(done);
      });
      super.csr(kind, value).emit(f);
      f.set(old).i32(1).set(remapped);
    });
    return localValue(old);
  }

  /** What is at the record is not decoded yet: let it be, and come again. It has not been started. */
  emitNotDecoded(): void {
    this.uncount();
    this.code.get(this.locals.rec).call(this.imports.decode).br(this.exits.next);
  }

  /** Behind the last record of a page: go on in the next page. */
  emitPageCrossing(): void {
    this.uncount();
    this.length = 0;
    this.refetch();
  }

  /** A 32-bit instruction whose halves lie in two pages: `straddle` answers the record to run, or 0 after a fault. */
  emitStraddling(): void {
    const f = this.code;
    const { rec, pageRec, pcBase } = this.locals;
    const page = this.temporary(I32);
    this.spill();
    f.get(rec)
      .call(this.imports.straddle)
      .tee(page)
      .op(OP.i32Eqz)
      .if(() => this.leave());
    this.unspill();
    this.uncount();
    // The record lies at the same place of another page of records.
    f.get(pcBase).get(pageRec).get(page).op(OP.i32Sub).i32(RECORD_SHIFT).op(OP.i32ShrS);
    f.op(OP.i64ExtendI32S).op(OP.i64Add).set(pcBase);
    f.get(rec).get(pageRec).op(OP.i32Sub).get(page).op(OP.i32Add).set(rec);
    f.get(page).set(pageRec).br(this.exits.next);
  }

  emitIllegal(): void {
    this.begin();
    this.illegal();
  }

  storePc(): void {
    this.code.i32(0);
    this.pc().emit(this.code);
    this.code.memory(OP.i64Store, HART.pc);
  }

  private uncount(): void {
    const { budget } = this.locals;
    this.code.get(budget).i32(1).op(OP.i32Add).set(budget);
  }
}

/** Handler numbers by instruction, of its form of four bytes and of the compressed one. */
export type Handlers = ReadonlyMap<Instruction, { readonly 4: number; readonly 2?: number }>;

export interface InterpreterModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many there are: larger numbers stand for entries of translated code. */
  readonly handlerCount: number;
  readonly handlers: Handlers;
}

/**
 * Generates the interpreter. It imports the shared memory `env.memory`, the table of translated code `env.regions` and the
 * services of `hart.*`, and exports `follow` for translated code and `run()`: executes HART.budget instructions from
 * HART.pc on, or fewer where a service cuts the budget; both are up to date when it returns.
 *
 * @param compressible names of instructions that have a compressed form
 * @param timed whether it calls `hart.lap` in front of an entry of translated code and behind it, each time HART.lap
 *   comes to 0
 */
export function buildInterpreter(
  instructions: readonly Instruction[],
  compressible: ReadonlySet<string>,
  timed: boolean,
): InterpreterModule {
  const module = new ModuleBuilder();
  module.importMemory('env', 'memory');
  module.importTable('env', 'regions', MOST_REGIONS);
  const imports = importServices(module);
  const fetchMiss = module.importFunction('hart', 'fetchMiss', [I32, I32], [I32]);
  const decode = module.importFunction('hart', 'decode', [I32], []);
  const straddle = module.importFunction('hart', 'straddle', [I32], [I32]);
  const sample = module.importFunction('hart', 'sample', [I32, I32], [I32]);
  const lap = timed ? module.importFunction('hart', 'lap', [], []) : undefined;
  const own: InterpreterImports = { fetchMiss, decode, straddle, sample };
  const runtime: Runtime = {
    ...imports,
    mulHighU: declareMulHighU(module),
    float: declareFloat(module, imports.floatSlow),
  };

  const handlers = new Map<Instruction, { 4: number; 2?: number }>();
  const emitters: ((backend: InterpreterBackend) => void)[] = [];
  emitters[NOT_DECODED] = (backend) => backend.emitNotDecoded();
  emitters[PAGE_CROSSING] = (backend) => backend.emitPageCrossing();
  emitters[STRADDLING] = (backend) => backend.emitStraddling();
  emitters[ILLEGAL] = (backend) => backend.emitIllegal();
  const addHandler = (instruction: Instruction, length: 2 | 4): number =>
    emitters.push((backend) => backend.emitHandler(instruction, length)) - 1;
  for (const instruction of instructions) {
    const numbers = { 4: addHandler(instruction, 4) };
    const compressed = compressible.has(instruction.name);
    handlers.set(instruction, compressed ? { ...numbers, 2: addHandler(instruction, 2) } : numbers);
  }

  const entering: EntryRuntime = {
    handlers: emitters.length,
    region: module.type(REGION_TYPE.parameters, REGION_TYPE.results),
    holds: declareHolds(module),
  };
  const run = module.function([], [], (f) => {
    const locals: Locals = {
      rec: f.local(I32),
      pcBase: f.local(I64),
      pageRec: f.local(I32),
      budget: f.local(I32),
      target: f.local(I64),
      handler: f.local(I32),
      heat: f.local(I32),
      from: f.local(I32),
    };
    f.block((done) => {
      f.loop((reload) => {
        f.i32(0).set(locals.from);
        f.i32(0).memory(OP.i64Load, HART.pc).set(locals.target);
        f.i32(0).memory(OP.i32Load, HART.budget).set(locals.budget);
        f.loop((goto) => {
          emitGoto(f, locals, own, { reload, goto }, done);
          f.loop((next) => {
            const exits = { reload, goto, next };
            const backend = new InterpreterBackend(f, runtime, locals, exits, own);
            f.get(locals.budget)
              .op(OP.i32Eqz)
              .unlikely()
              .if(() => {
                backend.storePc();
                f.br(done);
              });
            f.get(locals.budget).i32(1).op(OP.i32Sub).set(locals.budget);
            f.get(locals.rec).memory(OP.i32Load16U, RECORD.handler).set(locals.handler);
            emitDispatch(f, locals.handler, backend, emitters, () => {
              emitEnter(f, locals, { ...entering, sample, lap }, exits);
            });
          });
        });
      });
    });
    f.i32(0).get(locals.budget).memory(OP.i32Store, HART.budget);
  });
  module.exportFunction('run', run);
  module.exportFunction('follow', declareFollow(module, entering));
  return { bytes: module.finish(), handlerCount: emitters.length, handlers };
}

/**
 * Nested blocks, the first handler in the innermost: `br_table` leaves as many as take it in front of its handler. Where
 * the number is an entry's, `enter` goes first: it goes elsewhere, or leaves the number of a handler.
 */
function emitDispatch(
  f: FunctionBuilder,
  handler: Local,
  backend: InterpreterBackend,
  emitters: readonly ((backend: InterpreterBackend) => void)[],
  enter: () => void,
): void {
  const labels: Label[] = [];
  const nest = (index: number): void => {
    if (index < 0) {
      f.get(handler).i32(emitters.length).op(OP.i32GeU).unlikely().if(enter);
      f.get(handler).brTable(labels, labels[ILLEGAL]);
      return;
    }
    f.block((label) => {
      labels[index] = label;
      nest(index - 1);
    });
    emitters[index]?.(backend);
  };
  nest(emitters.length - 1);
}
