/**
 * How the interpreter goes from place to place: through the fetch TLB to the records of a page, and from a record into
 * translated code and back. What a record's fields and handler numbers mean stands here too.
 */
import { ENTRY, ENTRY_BASE, ENTRY_BYTES, FETCH_TLB_ENTRIES, HART, TLB_ENTRY_BYTES } from '../hart/layout.js';
import type { FunctionBuilder, FunctionRef, Label, Local, ModuleBuilder, TypeRef } from './wasm/builder.js';
import { I32, I64, OP } from './wasm/opcodes.js';

/** Where a record's fields lie. Register fields hold the register's address in the shared memory. */
export const RECORD = { handler: 0, rd: 2, rs1: 4, rs2: 6, imm: 8, rs3: 8, raw: 12 } as const;

/**
 * A region of translated code: (block to start at, virtual address of its first page, budget) -> budget left by it and by
 * those it was followed by. HART.pc is where they ended; the budget it was given means that nothing has begun.
 */
export const REGION_TYPE = { parameters: [I32, I64, I32], results: [I32] } as const;
/** Size of the table of regions. */
export const MOST_REGIONS = 16_384;

/** Handlers that stand for no instruction. */
export const NOT_DECODED = 0;
export const PAGE_CROSSING = 1;
export const STRADDLING = 2;
export const ILLEGAL = 3;

export interface Locals {
  readonly rec: Local;
  readonly pcBase: Local;
  readonly pageRec: Local;
  readonly budget: Local;
  readonly target: Local;
  /** The handler to go to. */
  readonly handler: Local;
  readonly heat: Local;
  /** HART.exitRegion of the region that has just jumped, 0 where the jump was interpreted. */
  readonly from: Local;
}

export interface Exits {
  readonly next: Label;
  readonly goto: Label;
  readonly reload: Label;
}

export interface InterpreterImports {
  readonly fetchMiss: FunctionRef;
  readonly decode: FunctionRef;
  readonly straddle: FunctionRef;
  readonly sample: FunctionRef;
}

/** Counts a taken jump; where it is to be a sample, `sample` pushes how many taken jumps there are until the next one. */
export function emitHeat(f: FunctionBuilder, { heat }: Locals, sample: () => void): void {
  f.i32(0).i32(0).memory(OP.i32Load, HART.heat).i32(1).op(OP.i32Sub).tee(heat).memory(OP.i32Store, HART.heat);
  f.get(heat)
    .op(OP.i32Eqz)
    .if(() => {
      f.i32(0);
      sample();
      f.memory(OP.i32Store, HART.heat);
    });
}

const PAGE_MASK = ~0xfffn;

/** Looks an address up in the fetch TLB: pushes whether `slot`, which it sets, is the entry of its page. */
export function emitFetchLookup(f: FunctionBuilder, address: Local, slot: Local): void {
  f.get(address).i64(8n).op(OP.i64ShrU).op(OP.i32WrapI64);
  f.i32((FETCH_TLB_ENTRIES - 1) * TLB_ENTRY_BYTES).op(OP.i32And);
  f.i32(0).memory(OP.i32Load, HART.fetchTlb).op(OP.i32Add).tee(slot).memory(OP.i64Load);
  f.get(address).i64(PAGE_MASK).op(OP.i64And).op(OP.i64Eq);
}

/** Pushes how far from its page's first record that of an address lies. */
export function pushRecordOffset(f: FunctionBuilder, address: Local): void {
  f.get(address).op(OP.i32WrapI64).i32(0xffe).op(OP.i32And).i32(3).op(OP.i32Shl);
}

/** Finds the record of `target` by the fetch TLB; what it does not know, `miss` sets `pageRec` for or leaves. */
function emitFind(f: FunctionBuilder, locals: Locals, sample: FunctionRef, miss: () => void): void {
  const { rec, pcBase, pageRec, target } = locals;
  emitFetchLookup(f, target, rec);
  f.if(() => f.get(rec).memory(OP.i32Load, 8).set(pageRec), miss);
  f.get(pageRec);
  pushRecordOffset(f, target);
  f.op(OP.i32Add).set(rec);
  f.get(target).i64(PAGE_MASK).op(OP.i64And);
  f.get(pageRec).i32(3).op(OP.i32ShrU).op(OP.i64ExtendI32U).op(OP.i64Sub).set(pcBase);
  emitHeat(f, locals, () => {
    f.i32(0).get(target).memory(OP.i64Store, HART.pc);
    f.get(rec).get(locals.from).call(sample);
  });
}

/** Goes to `target`. Leaves the run where the budget is spent. */
export function emitGoto(
  f: FunctionBuilder,
  locals: Locals,
  imports: InterpreterImports,
  exits: Omit<Exits, 'next'>,
  done: Label,
): void {
  const { pageRec, budget, target } = locals;
  f.get(budget)
    .op(OP.i32Eqz)
    .if(() => {
      f.i32(0).get(target).memory(OP.i64Store, HART.pc).br(done);
    });
  emitFind(f, locals, imports.sample, () => {
    f.i32(0).get(target).memory(OP.i64Store, HART.pc).i32(0).get(budget).memory(OP.i32Store, HART.budget);
    f.get(target).op(OP.i32WrapI64).get(target).i64(32n).op(OP.i64ShrU).op(OP.i32WrapI64);
    f.call(imports.fetchMiss).tee(pageRec).op(OP.i32Eqz).brIf(exits.reload);
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

function emitLapEnd(f: FunctionBuilder, lap: FunctionRef): void {
  f.i32(0)
    .memory(OP.i32Load, HART.lap)
    .op(OP.i32Eqz)
    .if(() => f.call(lap));
}

/** What is needed to enter translated code. */
interface Entering {
  /** Handler numbers of instructions; entries have those behind. */
  readonly handlers: number;
  readonly region: TypeRef;
  readonly sample: FunctionRef;
  readonly lap: FunctionRef | undefined;
}

/** Adds to the counter at an address that `push` pushes. */
function emitCount(f: FunctionBuilder, counter: number, push: () => void, by: () => void): void {
  push();
  push();
  f.memory(OP.i64Load, counter);
  by();
  f.op(OP.i64Add).memory(OP.i64Store, counter);
}

/** Pushes how far from the first entry that of a handler number lies. */
function pushEntry(f: FunctionBuilder, handler: Local, handlers: number): void {
  f.get(handler).i32(handlers).op(OP.i32Sub).i32(ENTRY_BYTES).op(OP.i32Mul);
}

/** Pushes what a region is called with at an entry, and its place in the table; `page` pushes the entry's page address. */
function emitArguments(f: FunctionBuilder, entry: Local, budget: Local, page: () => void): void {
  f.get(entry).memory(OP.i32Load16U, ENTRY_BASE + ENTRY.block);
  page();
  f.get(entry)
    .memory(OP.i64Load16S, ENTRY_BASE + ENTRY.page)
    .i64(12n)
    .op(OP.i64Shl)
    .op(OP.i64Sub);
  f.get(budget);
  f.get(entry).memory(OP.i32Load16U, ENTRY_BASE + ENTRY.region);
}

/** Of a region that jumps: (address it jumps to, budget) -> budget left by it and by those it was followed by. */
export const FOLLOW_TYPE = { parameters: [I64, I32], results: [I32] } as const;

/**
 * Declares the function of FOLLOW_TYPE that a region ends with which jumps, all state written back: goes on in the region
 * that is entered at `target`. Where there is none, or the interpreter is to take a sample, it answers the budget at once.
 * It is one for all regions, since V8 gives each instance that imports a table a copy of its own.
 */
export function declareFollow(module: ModuleBuilder, handlers: number, region: TypeRef): FunctionRef {
  return module.function(FOLLOW_TYPE.parameters, FOLLOW_TYPE.results, (f) => {
    const [target, budget] = f.parameters as [Local, Local];
    const heat = f.local(I32);
    const handler = f.local(I32);
    const slot = f.local(I32);
    f.block((stay) => {
      f.get(budget).op(OP.i32Eqz).brIf(stay);
      f.i32(0).memory(OP.i32Load, HART.heat).i32(1).op(OP.i32Sub).tee(heat).op(OP.i32Eqz).brIf(stay);
      emitFetchLookup(f, target, slot);
      f.op(OP.i32Eqz).brIf(stay);
      f.get(slot).memory(OP.i32Load, 8);
      pushRecordOffset(f, target);
      f.op(OP.i32Add).memory(OP.i32Load16U, RECORD.handler).tee(handler).i32(handlers).op(OP.i32LtU).brIf(stay);
      f.i32(0).get(heat).memory(OP.i32Store, HART.heat);
      pushEntry(f, handler, handlers);
      f.set(slot);
      emitArguments(f, slot, budget, () => f.get(target).i64(PAGE_MASK).op(OP.i64And));
      f.returnCallIndirect(region);
    });
    f.get(budget);
  });
}

/**
 * A handler number behind the last handler stands for an entry of translated code: runs it, and what it goes to as long
 * as that is translated too. Where an entry has not executed anything, the instruction it stands for is interpreted.
 */
export function emitEnter(
  f: FunctionBuilder,
  locals: Locals,
  { handlers, region, sample, lap }: Entering,
  exits: Exits & { dispatch: Label },
): void {
  const { rec, pcBase, pageRec, budget, target, handler, from } = locals;
  const entry = f.local(I32);
  const before = f.local(I32);
  // The instruction it is entered for has been counted already.
  f.get(budget).i32(1).op(OP.i32Add).set(before);
  f.loop((again) => {
    pushEntry(f, handler, handlers);
    f.set(entry);
    if (lap) emitLap(f, lap);
    emitArguments(f, entry, before, () => {
      f.get(pcBase).get(pageRec).i32(3).op(OP.i32ShrU).op(OP.i64ExtendI32U).op(OP.i64Add);
    });
    f.callIndirect(region).set(budget);
    if (lap) emitLapEnd(f, lap);
    f.get(budget).get(before).op(OP.i32Eq);
    f.if(() => {
      f.get(before).i32(1).op(OP.i32Sub).set(budget);
      f.get(entry)
        .memory(OP.i32Load16U, ENTRY_BASE + ENTRY.handler)
        .set(handler)
        .br(exits.dispatch);
    });
    emitCount(
      f,
      HART.translatedInstructions,
      () => f.i32(0),
      () => f.get(before).get(budget).op(OP.i32Sub).op(OP.i64ExtendI32U),
    );
    emitCount(
      f,
      HART.exits,
      () => f.i32(0).memory(OP.i32Load, HART.exitCause).i32(3).op(OP.i32Shl),
      () => f.i64(1n),
    );
    f.i32(0).memory(OP.i32Load, HART.exitRegion).set(from);
    f.i32(0).memory(OP.i64Load, HART.pc).set(target);
    f.get(budget).op(OP.i32Eqz).brIf(exits.goto);
    emitFind(f, locals, sample, () => f.br(exits.goto));
    f.get(rec).memory(OP.i32Load16U, RECORD.handler).tee(handler).i32(handlers).op(OP.i32LtU).brIf(exits.next);
    f.get(budget).set(before).br(again);
  });
}
