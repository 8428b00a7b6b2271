/**
 * The interpreter: one generated WebAssembly function over predecoded records. Each instruction of the table gives a
 * handler; a handler ends by moving to the next record, and one `br_table` goes to that record's handler.
 *
 * `rec` walks over records, 16 bytes for each halfword of code, so the address of the instruction is that of the record
 * divided by 8, plus what `pcBase` adds. The budget is counted down at every instruction: a run stops at exactly the
 * position it was told. Where code has been translated, a record has the number of an entry in place of its handler's.
 */
import {
  ENTRY,
  ENTRY_BASE,
  ENTRY_BYTES,
  FETCH_TLB_ENTRIES,
  HART,
  RECORDS_PER_PAGE,
  RECORD_BYTES,
  TLB_ENTRY_BYTES,
} from '../hart/layout.js';
import type { Instruction } from '../isa/instruction.js';
import { declareMulHighU } from './emitter.js';
import { ServiceEmitter, importServices, type Runtime } from './service-emitter.js';
import { declareFloat } from './float.js';
import {
  ModuleBuilder,
  type FunctionBuilder,
  type FunctionRef,
  type Label,
  type Local,
  type TypeRef,
} from './wasm/builder.js';
import { emitted, load, localValue, unary, type Expression } from './wasm/expression.js';
import { I32, I64, OP } from './wasm/opcodes.js';

/** Where a record's fields lie. Register fields hold the register's address in the shared memory. */
export const RECORD = { handler: 0, rd: 2, rs1: 4, rs2: 6, imm: 8, rs3: 8, raw: 12 } as const;

/**
 * A region of translated code: (block to start at, virtual address of its first page, budget) -> budget left. HART.pc is
 * where it ended; the budget it was given means that it has not begun.
 */
export const REGION_TYPE = { parameters: [I32, I64, I32], results: [I32] } as const;
/** Size of the table of regions. */
export const MOST_REGIONS = 16_384;

/** Handlers that stand for no instruction. */
export const NOT_DECODED = 0;
export const PAGE_CROSSING = 1;
export const STRADDLING = 2;
export const ILLEGAL = 3;

interface Locals {
  readonly rec: Local;
  readonly pcBase: Local;
  readonly pageRec: Local;
  readonly budget: Local;
  readonly target: Local;
  /** The handler to go to. */
  readonly handler: Local;
  /** Taken jumps until the next sample. */
  readonly heat: Local;
  /** Handler number of the entry by which the code was entered that has just jumped, 0 where it was interpreted. */
  readonly from: Local;
}

interface Exits {
  readonly next: Label;
  readonly goto: Label;
  readonly reload: Label;
}

interface InterpreterImports {
  readonly fetchMiss: FunctionRef;
  readonly decode: FunctionRef;
  readonly straddle: FunctionRef;
  readonly sample: FunctionRef;
}

class InterpreterBackend extends ServiceEmitter {
  /** Length of the present instruction, and whether its semantics have ended it. */
  private length = 4;
  private ended = false;
  /** Whether it may have changed how addresses are translated. */
  private remapped = false;

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
    this.ended = false;
    this.remapped = false;
    instruction.meaning(this);
    if (this.ended) return;
    if (this.remapped) this.refetch();
    else this.advance();
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

  private field(offset: number): Expression {
    return load(OP.i32Load16U, I32, localValue(this.locals.rec), offset);
  }

  x(field: 'rs1' | 'rs2'): Expression {
    return load(OP.i64Load, I64, this.field(RECORD[field]));
  }
  f(field: 'rs1' | 'rs2' | 'rs3'): Expression {
    return load(OP.i64Load, I64, this.field(RECORD[field]));
  }
  setX(value: Expression): void {
    this.field(RECORD.rd).emit(this.code);
    value.emit(this.code);
    this.code.memory(OP.i64Store);
  }
  protected writeF(value: Expression): void {
    this.setX(value);
  }
  imm(): Expression {
    return load(OP.i64Load32S, I64, localValue(this.locals.rec), RECORD.imm);
  }
  protected raw(): Expression {
    return load(OP.i32Load, I32, localValue(this.locals.rec), RECORD.raw);
  }
  protected rmField(): Expression {
    return emitted(I32, (f) => {
      this.raw().emit(f);
      f.i32(12).op(OP.i32ShrU).i32(7).op(OP.i32And);
    });
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
      f.i32(3).op(OP.i32ShrU).op(OP.i64ExtendI32U).op(OP.i64Add);
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
    f.get(rec).get(rec).memory(OP.i32Load, RECORD.imm).i32(3).op(OP.i32Shl).op(OP.i32Add).tee(there);
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

  override csr(kind: 'write' | 'set' | 'clear', operand: Expression): Expression {
    this.remapped = true;
    return super.csr(kind, operand);
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
    f.get(pcBase).get(pageRec).get(page).op(OP.i32Sub).i32(3).op(OP.i32ShrS);
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

/** Counts a taken jump; where it is to be a sample, `sample` pushes how many taken jumps there are until the next one. */
function emitHeat(f: FunctionBuilder, { heat }: Locals, sample: () => void): void {
  f.get(heat)
    .i32(1)
    .op(OP.i32Sub)
    .tee(heat)
    .op(OP.i32Eqz)
    .if(() => {
      sample();
      f.set(heat);
    });
}

/** Goes to `target`: through the fetch TLB to the records of its page. Leaves the run where the budget is spent. */
function emitGoto(
  f: FunctionBuilder,
  locals: Locals,
  imports: InterpreterImports,
  exits: Omit<Exits, 'next'>,
  done: Label,
): void {
  const { rec, pcBase, pageRec, budget, target } = locals;
  const pageMask = ~0xfffn;
  f.get(budget)
    .op(OP.i32Eqz)
    .if(() => {
      f.i32(0).get(target).memory(OP.i64Store, HART.pc).br(done);
    });
  f.get(target).i64(8n).op(OP.i64ShrU).op(OP.i32WrapI64);
  f.i32((FETCH_TLB_ENTRIES - 1) * TLB_ENTRY_BYTES).op(OP.i32And);
  f.i32(0).memory(OP.i32Load, HART.fetchTlb).op(OP.i32Add).tee(rec).memory(OP.i64Load);
  f.get(target).i64(pageMask).op(OP.i64And).op(OP.i64Eq);
  f.if(
    () => f.get(rec).memory(OP.i32Load, 8).set(pageRec),
    () => {
      f.i32(0).get(target).memory(OP.i64Store, HART.pc).i32(0).get(budget).memory(OP.i32Store, HART.budget);
      f.get(target).op(OP.i32WrapI64).get(target).i64(32n).op(OP.i64ShrU).op(OP.i32WrapI64);
      f.call(imports.fetchMiss).tee(pageRec).op(OP.i32Eqz).brIf(exits.reload);
    },
  );
  f.get(pageRec).get(target).op(OP.i32WrapI64).i32(0xffe).op(OP.i32And).i32(3).op(OP.i32Shl).op(OP.i32Add).set(rec);
  f.get(target).i64(pageMask).op(OP.i64And);
  f.get(pageRec).i32(3).op(OP.i32ShrU).op(OP.i64ExtendI32U).op(OP.i64Sub).set(pcBase);
  emitHeat(f, locals, () => {
    f.i32(0).get(target).memory(OP.i64Store, HART.pc);
    f.get(rec).get(locals.from).call(imports.sample);
  });
}

/** Counts an entry of translated code down to the one that is timed: `lap` is called in front of it and behind it. */
function emitLap(f: FunctionBuilder, lap: FunctionRef): void {
  const left = f.local(I32);
  f.i32(0).i32(0).memory(OP.i32Load, HART.lap).i32(1).op(OP.i32Sub).tee(left).memory(OP.i32Store, HART.lap);
  f.get(left)
    .op(OP.i32Eqz)
    .if(() => f.call(lap));
}

/**
 * A handler number behind the last handler stands for an entry of translated code: runs it. Where it has not executed
 * anything, the instruction that it stands for is interpreted.
 */
function emitEnter(
  f: FunctionBuilder,
  locals: Locals,
  handlers: number,
  region: TypeRef,
  exits: Exits & { dispatch: Label },
  lap: FunctionRef | undefined,
): void {
  const { pcBase, pageRec, budget, target, handler, from } = locals;
  const entry = f.local(I32);
  const before = f.local(I32);
  f.get(handler).i32(handlers).op(OP.i32Sub).i32(ENTRY_BYTES).op(OP.i32Mul).set(entry);
  // The instruction it is entered for has been counted already.
  f.get(budget).i32(1).op(OP.i32Add).set(before);
  if (lap) emitLap(f, lap);
  f.get(entry).memory(OP.i32Load16U, ENTRY_BASE + ENTRY.block);
  f.get(pcBase).get(pageRec).i32(3).op(OP.i32ShrU).op(OP.i64ExtendI32U).op(OP.i64Add);
  f.get(entry)
    .memory(OP.i64Load16S, ENTRY_BASE + ENTRY.page)
    .i64(12n)
    .op(OP.i64Shl)
    .op(OP.i64Sub);
  f.get(before);
  f.get(entry).memory(OP.i32Load16U, ENTRY_BASE + ENTRY.region);
  f.callIndirect(region).set(budget);
  if (lap)
    f.i32(0)
      .memory(OP.i32Load, HART.lap)
      .op(OP.i32Eqz)
      .if(() => f.call(lap));
  f.get(budget).get(before).op(OP.i32Eq);
  f.if(() => {
    f.get(before).i32(1).op(OP.i32Sub).set(budget);
    f.get(entry)
      .memory(OP.i32Load16U, ENTRY_BASE + ENTRY.handler)
      .set(handler)
      .br(exits.dispatch);
  });
  const increment = (push: () => void, counter: number, by: () => void): void => {
    push();
    push();
    f.memory(OP.i64Load, counter);
    by();
    f.op(OP.i64Add).memory(OP.i64Store, counter);
  };
  increment(
    () => f.i32(0),
    HART.translatedInstructions,
    () => f.get(before).get(budget).op(OP.i32Sub).op(OP.i64ExtendI32U),
  );
  increment(
    () => f.i32(0).memory(OP.i32Load, HART.exitCause).i32(3).op(OP.i32Shl),
    HART.exits,
    () => f.i64(1n),
  );
  f.get(handler).set(from);
  f.i32(0).memory(OP.i64Load, HART.pc).set(target).br(exits.goto);
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
 * Generates the interpreter for a shared memory of `pages` times 64 KiB. It imports `env.memory`, the table of translated
 * code `env.regions` and the services of `hart.*`, and exports `run()`: executes HART.budget instructions from HART.pc on, or fewer where a service cuts the
 * budget; both are up to date when it returns.
 *
 * @param compressible names of instructions that have a compressed form
 * @param timed whether it calls `hart.lap` in front of an entry of translated code and behind it, each time HART.lap
 *   comes to 0
 */
export function buildInterpreter(
  pages: number,
  instructions: readonly Instruction[],
  compressible: ReadonlySet<string>,
  timed: boolean,
): InterpreterModule {
  const module = new ModuleBuilder();
  module.importMemory('env', 'memory', pages);
  module.importTable('env', 'regions', MOST_REGIONS);
  const imports = importServices(module);
  const fetchMiss = module.importFunction('hart', 'fetchMiss', [I32, I32], [I32]);
  const decode = module.importFunction('hart', 'decode', [I32], []);
  const straddle = module.importFunction('hart', 'straddle', [I32], [I32]);
  const sample = module.importFunction('hart', 'sample', [I32, I32], [I32]);
  const lap = timed ? module.importFunction('hart', 'lap', [], []) : undefined;
  const own: InterpreterImports = { fetchMiss, decode, straddle, sample };
  const region = module.type(REGION_TYPE.parameters, REGION_TYPE.results);
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
    f.i32(0).memory(OP.i32Load, HART.heat).set(locals.heat);
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
              .if(() => {
                backend.storePc();
                f.br(done);
              });
            f.get(locals.budget).i32(1).op(OP.i32Sub).set(locals.budget);
            f.get(locals.rec).memory(OP.i32Load16U, RECORD.handler).set(locals.handler);
            f.loop((dispatch) => {
              emitDispatch(f, locals.handler, backend, emitters);
              emitEnter(f, locals, emitters.length, region, { ...exits, dispatch }, lap);
            });
          });
        });
      });
    });
    f.i32(0).get(locals.budget).memory(OP.i32Store, HART.budget);
    f.i32(0).get(locals.heat).memory(OP.i32Store, HART.heat);
  });
  module.exportFunction('run', run);
  return { bytes: module.finish(), handlerCount: emitters.length, handlers };
}

/**
 * Nested blocks, the first handler in the innermost: `br_table` leaves as many as take it in front of its handler. An
 * entry's number leaves all of them.
 */
function emitDispatch(
  f: FunctionBuilder,
  handler: Local,
  backend: InterpreterBackend,
  emitters: readonly ((backend: InterpreterBackend) => void)[],
): void {
  const labels: Label[] = [];
  const nest = (index: number, entry: Label): void => {
    if (index < 0) {
      f.get(handler).brTable(labels, entry);
      return;
    }
    f.block((label) => {
      labels[index] = label;
      nest(index - 1, entry);
    });
    emitters[index]?.(backend);
  };
  f.block((entry) => nest(emitters.length - 1, entry));
}
