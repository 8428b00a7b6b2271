/**
 * The decoded record of an address, as compiled code finds it: through the fetch TLB. What a record's fields and handler
 * numbers mean stands here too.
 */
import { FETCH_TLB_ENTRIES, HART, RECORD_SHIFT, TLB_ENTRY_BYTES } from '../hart/layout.js';
import type { Operands } from '../isa/instruction.js';
import type { FunctionBuilder, Local } from './wasm/builder.js';
import { OP } from './wasm/opcodes.js';

/**
 * Where a record's fields lie: u16 `handler`, a byte for each register, i32 `imm`. What the hart executes has the whole word
 * `raw` in place of an immediate; an instruction with rd has none beside rs2, where rs3 and rm lie too.
 */
export const RECORD = { handler: 0, rd: 2, rs1: 3, imm: 4, raw: 4, rs3: 5, rm: 6 } as const;

/** Where rs2 lies: in place of rd where there is none, otherwise in place of an immediate. */
export const rs2Field = ({ rd }: Operands): number => (rd === undefined ? RECORD.rd : RECORD.imm);

/**
 * A register is told by its distance from the first of its file, in bytes. Of x registers that are written the first is x1,
 * and x0 comes behind x31, where the sink lies: so a byte has room for all of them.
 */
export const WRITTEN_X = HART.x + 8;

/** Handlers that stand for no instruction. */
export const NOT_DECODED = 0;
export const PAGE_CROSSING = 1;
export const STRADDLING = 2;
export const ILLEGAL = 3;

export const PAGE_MASK = ~0xfffn;

/** Looks an address up in the fetch TLB: pushes whether `slot`, which it sets, is the entry of its page. */
export function emitFetchLookup(f: FunctionBuilder, address: Local, slot: Local): void {
  f.get(address).i64(8n).op(OP.i64ShrU).op(OP.i32WrapI64);
  f.i32((FETCH_TLB_ENTRIES - 1) * TLB_ENTRY_BYTES).op(OP.i32And);
  f.i32(0).memory(OP.i32Load, HART.fetchTlb).op(OP.i32Add).tee(slot).memory(OP.i64Load);
  f.get(address).i64(PAGE_MASK).op(OP.i64And).op(OP.i64Eq);
}

/** Pushes how far from its page's first record that of an address lies. */
export function pushRecordOffset(f: FunctionBuilder, address: Local): void {
  f.get(address).op(OP.i32WrapI64).i32(0xffe).op(OP.i32And).i32(RECORD_SHIFT).op(OP.i32Shl);
}
