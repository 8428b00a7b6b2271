/**
 * How the interpreter goes from place to place: through the fetch TLB to the records of a page, and from a record into
 * translated code and back.
 */
import { ENTRY, ENTRY_BASE, HART, RECORD_SHIFT } from '../hart/layout.js';
import { PAGE_MASK, RECORD, emitFetchLookup, pushRecordOffset } from './fetch-lookup.js';
import { emitCall, pushEntry, pushFirstPage, type EntryRuntime } from './jump-cache.js';
import type { FunctionBuilder, FunctionRef, Label, Local } from './wasm/builder.js';
import { I32, I64, OP } from './wasm/opcodes.js';

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
    .unlikely()
    .if(() => {
      f.i32(0);
      sample();
      f.memory(OP.i32Store, HART.heat);
    });
}

/** Finds the record of `target` by the fetch TLB; what it does not know, `miss` sets `pageRec` for or leaves. */
function emitFind(f: FunctionBuilder, locals: Locals, sample: FunctionRef, miss: () => void): void {
  const { rec, pcBase, pageRec, target } = locals;
  emitFetchLookup(f, target, rec);
  f.likely().if(() => f.get(rec).memory(OP.i32Load, 8).set(pageRec), miss);
  f.get(pageRec);
  pushRecordOffset(f, target);
  f.op(OP.i32Add).set(rec);
  f.get(target).i64(PAGE_MASK).op(OP.i64And);
  f.get(pageRec).i32(RECORD_SHIFT).op(OP.i32ShrU).op(OP.i64ExtendI32U).op(OP.i64Sub).set(pcBase);
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
interface Entering extends EntryRuntime {
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

/**
 * A handler number behind the last handler stands for an entry of translated code: runs it, and what it goes to as long
 * as that is translated too. Where an entry has not executed anything, `handler` is then that of the instruction it stands
 * for, which is to be interpreted.
 */
export function emitEnter(
  f: FunctionBuilder,
  locals: Locals,
  { handlers, region, holds, sample, lap }: Entering,
  exits: Exits,
): void {
  const { rec, pcBase, pageRec, budget, target, handler, from } = locals;
  const entry = f.local(I32);
  const page = f.local(I64);
  const before = f.local(I32);
  f.block((begin) => {
    // The instruction it is entered for has been counted already.
    f.get(budget).i32(1).op(OP.i32Add).set(before);
    f.loop((again) => {
      pushEntry(f, handler, handlers);
      f.set(entry);
      f.get(pcBase).get(pageRec).i32(RECORD_SHIFT).op(OP.i32ShrU).op(OP.i64ExtendI32U).op(OP.i64Add);
      pushFirstPage(f, entry);
      f.set(page);
      f.get(before).set(budget);
      f.get(entry).get(page).call(holds);
      f.if(() => {
        if (lap) emitLap(f, lap);
        emitCall(f, entry, page, budget);
        f.callIndirect(region).set(budget);
        if (lap) emitLapEnd(f, lap);
      });
      f.get(budget).get(before).op(OP.i32Eq);
      f.if(() => {
        f.get(before).i32(1).op(OP.i32Sub).set(budget);
        f.get(entry)
          .memory(OP.i32Load16U, ENTRY_BASE + ENTRY.handler)
          .set(handler)
          .br(begin);
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
  });
}
