/**
 * WebAssembly values as expressions: what a semantics' value is while code is emitted. An expression is emitted where
 * it is used; constants fold, so that operands known at translation time cost nothing.
 */
import type { FunctionBuilder, Local } from './builder.js';
import { I32, I64, OP, type ValueType } from './opcodes.js';

export interface Expression {
  readonly type: ValueType;
  /** The value, where it is known. */
  readonly constant?: bigint;
  emit(f: FunctionBuilder): void;
}

export const constant64 = (value: bigint): Expression => {
  const constant = BigInt.asIntN(64, value);
  return { type: I64, constant, emit: (f) => f.i64(constant) };
};

export const constant32 = (value: number): Expression => ({
  type: I32,
  constant: BigInt(value | 0),
  emit: (f) => f.i32(value),
});

export const localValue = (local: Local): Expression => ({ type: local.type, emit: (f) => f.get(local) });

export const emitted = (type: ValueType, emit: (f: FunctionBuilder) => void): Expression => ({ type, emit });

export const unary = (opcode: number, type: ValueType, a: Expression): Expression =>
  emitted(type, (f) => {
    a.emit(f);
    f.op(opcode);
  });

export const binary = (opcode: number, type: ValueType, a: Expression, b: Expression): Expression =>
  emitted(type, (f) => {
    a.emit(f);
    b.emit(f);
    f.op(opcode);
  });

/** A load; small constant displacements are left to the instruction's offset. */
export const load = (opcode: number, type: ValueType, address: Expression, offset = 0): Expression =>
  emitted(type, (f) => {
    address.emit(f);
    f.memory(opcode, offset);
  });

const FOLDS: Partial<Record<number, (a: bigint, b: bigint) => bigint>> = {
  [OP.i64Add]: (a, b) => a + b,
  [OP.i64Sub]: (a, b) => a - b,
  [OP.i64And]: (a, b) => a & b,
  [OP.i64Or]: (a, b) => a | b,
  [OP.i64Xor]: (a, b) => a ^ b,
  [OP.i64Shl]: (a, b) => a << (b & 63n),
};

/** A 64-bit operation on two values, folded where both are known or one is neutral. */
export function binary64(opcode: number, a: Expression, b: Expression): Expression {
  const fold = FOLDS[opcode];
  if (fold) {
    if (a.constant !== undefined && b.constant !== undefined) return constant64(fold(a.constant, b.constant));
    const neutralRight = opcode !== OP.i64And && b.constant === 0n;
    if (neutralRight) return a;
    if (a.constant === 0n && (opcode === OP.i64Add || opcode === OP.i64Or || opcode === OP.i64Xor)) return b;
  }
  return binary(opcode, I64, a, b);
}
