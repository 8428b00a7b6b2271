/**
 * How translated code is entered, and how it goes from region to region: by the jump cache, which knows by the address
 * alone where to go on, and where that does not know, by the fetch TLB, the record and its entry. Whatever changes one
 * of these forgets all jump caches, so that what is found there needs no check: nothing is entered that would not be
 * found, or would not hold, without.
 */
import {
  ENTRY,
  ENTRY_BASE,
  ENTRY_BYTES,
  HART,
  JUMP_BYTES,
  JUMP_CACHE_ENTRIES,
  JUMP_CACHE_OFFSET,
  MOST_REGION_PAGES,
  REGION_PAGES_BASE,
  REGION_PAGE_BYTES,
} from '../hart/layout.js';
import { PAGE_MASK, RECORD, emitFetchLookup, pushRecordOffset } from './fetch-lookup.js';
import type { FunctionBuilder, FunctionRef, Local, ModuleBuilder, TypeRef } from './wasm/builder.js';
import { I32, I64, OP, SIMD, V128 } from './wasm/opcodes.js';

const NO_VECTOR = new Array<number>(16).fill(0);

/**
 * A region of translated code: (block to start at, virtual address of its first page, budget) -> budget left by it and by
 * those it was followed by. HART.pc is where they ended; the budget it was given means that nothing has begun.
 */
export const REGION_TYPE = { parameters: [I32, I64, I32], results: [I32] } as const;

/**
 * Of a region that jumps: (address it jumps to, budget, nothing) -> budget left by it and by those it was followed by. With
 * a parameter that JavaScript has no value for, V8 does not make each module, and have the guest wait for it, what would
 * call a function of JavaScript in its place.
 */
export const FOLLOW_TYPE = { parameters: [I64, I32, V128], results: [I32] } as const;

/** Calls the function of FOLLOW_TYPE, whose first parameters are on the stack, in place of this one. */
export function emitFollow(f: FunctionBuilder, follow: FunctionRef): void {
  f.simd(SIMD.v128Const, ...NO_VECTOR).returnCall(follow);
}

/** What entering translated code rests on. */
export interface EntryRuntime {
  /** Handler numbers of instructions; entries have those behind. */
  readonly handlers: number;
  readonly region: TypeRef;
  /** What `declareHolds` has declared. */
  readonly holds: FunctionRef;
}

/** Pushes how far from the first entry that of a handler number lies. */
export function pushEntry(f: FunctionBuilder, handler: Local, handlers: number): void {
  f.get(handler).i32(handlers).op(OP.i32Sub).i32(ENTRY_BYTES).op(OP.i32Mul);
}

/** Makes of the page address on the stack, that of an entry, that of the first page of its region. */
export function pushFirstPage(f: FunctionBuilder, entry: Local, base = ENTRY_BASE): void {
  f.get(entry)
    .memory(OP.i64Load16S, base + ENTRY.page)
    .i64(12n)
    .op(OP.i64Shl)
    .op(OP.i64Sub);
}

/** Pushes what a region is called with at an entry, and its place in the table. */
export function emitCall(f: FunctionBuilder, entry: Local, page: Local, budget: Local, base = ENTRY_BASE): void {
  f.get(entry).memory(OP.i32Load16U, base + ENTRY.block);
  f.get(page).get(budget);
  f.get(entry).memory(OP.i32Load16U, base + ENTRY.region);
}

/**
 * Declares (entry, address of its region's first page) -> whether the region's pages are mapped now as when it was made.
 * That the entry's page is, whoever asks has found out; so regions of one page are not listed.
 */
export function declareHolds(module: ModuleBuilder): FunctionRef {
  return module.function([I32, I64], [I32], (f) => {
    const [entry, first] = f.parameters as [Local, Local];
    const page = f.local(I64);
    const slot = f.local(I32);
    f.get(entry)
      .memory(OP.i32Load16U, ENTRY_BASE + ENTRY.region)
      .i32(MOST_REGION_PAGES * REGION_PAGE_BYTES)
      .op(OP.i32Mul)
      .set(entry);
    f.block((held) => {
      for (let i = 0; i < MOST_REGION_PAGES; i++) {
        const listed = REGION_PAGES_BASE + i * REGION_PAGE_BYTES;
        f.get(entry)
          .memory(OP.i32Load, listed + 4)
          .op(OP.i32Eqz)
          .brIf(held);
        f.get(first).get(entry).memory(OP.i64Load32S, listed).i64(12n).op(OP.i64Shl).op(OP.i64Add).set(page);
        emitFetchLookup(f, page, slot);
        f.op(OP.i32Eqz);
        f.get(slot)
          .memory(OP.i32Load, 8)
          .get(entry)
          .memory(OP.i32Load, listed + 4)
          .op(OP.i32Ne)
          .op(OP.i32Or)
          .if(() => f.i32(0).op(OP.return));
      }
    });
    f.i32(1);
  });
}

/** Declares (address, slot of the jump cache) -> whether a region is entered at the address, which the slot then tells. */
function declareMeet(module: ModuleBuilder, { handlers, holds }: EntryRuntime): FunctionRef {
  return module.function([I64, I32], [I32], (f) => {
    const [target, jump] = f.parameters as [Local, Local];
    const entry = f.local(I32);
    f.block((nowhere) => {
      emitFetchLookup(f, target, entry);
      f.op(OP.i32Eqz).brIf(nowhere);
      f.get(entry).memory(OP.i32Load, 8);
      pushRecordOffset(f, target);
      f.op(OP.i32Add).memory(OP.i32Load16U, RECORD.handler).tee(entry).i32(handlers).op(OP.i32LtU).brIf(nowhere);
      pushEntry(f, entry, handlers);
      f.tee(entry).get(target).i64(PAGE_MASK).op(OP.i64And);
      pushFirstPage(f, entry);
      f.call(holds).op(OP.i32Eqz).brIf(nowhere);
      f.get(jump).get(target).memory(OP.i64Store, JUMP_CACHE_OFFSET);
      f.get(jump)
        .get(entry)
        .memory(OP.i64Load, ENTRY_BASE)
        .memory(OP.i64Store, JUMP_CACHE_OFFSET + 8);
      f.i32(0).i32(1).memory(OP.i32Store, HART.jumps);
      f.i32(1).op(OP.return);
    });
    f.i32(0);
  });
}

/** Pushes where the jump cache has an address, from the fetch TLB on; bits of the page number spread functions alike. */
function pushJump(f: FunctionBuilder, target: Local): void {
  f.get(target).i64(1n).op(OP.i64ShrU).get(target).i64(13n).op(OP.i64ShrU).op(OP.i64Xor).op(OP.i32WrapI64);
  f.i32(JUMP_CACHE_ENTRIES - 1)
    .op(OP.i32And)
    .i32(Math.log2(JUMP_BYTES))
    .op(OP.i32Shl);
  f.i32(0).memory(OP.i32Load, HART.fetchTlb).op(OP.i32Add);
}

/**
 * Declares the function of FOLLOW_TYPE that a region ends with which jumps, all state written back: goes on in the region
 * that is entered at `target`. Where there is none, or the interpreter is to take a sample, it answers the budget at once.
 * It is one for all regions, since V8 gives each instance that imports a table a copy of its own.
 */
export function declareFollow(module: ModuleBuilder, runtime: EntryRuntime): FunctionRef {
  const meet = declareMeet(module, runtime);
  return module.function(FOLLOW_TYPE.parameters, FOLLOW_TYPE.results, (f) => {
    const [target, budget] = f.parameters as [Local, Local];
    const heat = f.local(I32);
    const jump = f.local(I32);
    const page = f.local(I64);
    f.block((stay) => {
      f.get(budget).op(OP.i32Eqz).brIf(stay);
      f.i32(0).memory(OP.i32Load, HART.heat).i32(1).op(OP.i32Sub).tee(heat).op(OP.i32Eqz).brIf(stay);
      pushJump(f, target);
      f.tee(jump).memory(OP.i64Load, JUMP_CACHE_OFFSET).get(target).op(OP.i64Ne);
      f.unlikely().if(() => f.get(target).get(jump).call(meet).op(OP.i32Eqz).brIf(stay));
      f.i32(0).get(heat).memory(OP.i32Store, HART.heat);
      f.get(target).i64(PAGE_MASK).op(OP.i64And);
      pushFirstPage(f, jump, JUMP_CACHE_OFFSET + 8);
      f.set(page);
      emitCall(f, jump, page, budget, JUMP_CACHE_OFFSET + 8);
      f.returnCallIndirect(runtime.region);
    });
    f.get(budget);
  });
}
