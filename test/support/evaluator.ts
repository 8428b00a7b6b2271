/**
 * The third backend of the instruction table: it runs semantics directly on bigints. Slow and plain, it is the yardstick
 * in tests of single instructions, and a second opinion on compiled code. Memory is flat and never traps; CSRs are
 * bare storage.
 */
import * as softfloat from '../../src/engine/softfloat.js';
import type { Result, RoundingMode } from '../../src/engine/softfloat.js';
import { decode } from '../../src/isa/decode.js';
import type { Decoded } from '../../src/isa/instruction.js';
import type { AccessSize, FloatFormat, FloatOperation, Semantics, SystemOperation } from '../../src/isa/semantics.js';

const asSigned = BigInt.asIntN;
const asUnsigned = BigInt.asUintN;
const u64 = (value: bigint): bigint => asUnsigned(64, value);
const i64 = (value: bigint): bigint => asSigned(64, value);

export class IllegalInstruction extends Error {}

/** Operands, results and state are unsigned 64-bit values. */
export class Evaluator implements Semantics<bigint, boolean> {
  readonly registers: bigint[] = new Array<bigint>(32).fill(0n);
  readonly floats: bigint[] = new Array<bigint>(32).fill(0n);
  readonly csrs = new Map<number, bigint>();
  /** Bytes by address; what was never written reads as 0. */
  readonly memory = new Map<bigint, number>();
  reservation: bigint | undefined;
  counter = 0x8000_0000n;
  fflags = 0;
  frm = 0;
  floatEnabled = true;
  /** What the last instruction asked of the hart. */
  asked: SystemOperation | undefined;

  private decoded!: Decoded;
  private next = 0n;

  /** Executes one instruction word; throws `IllegalInstruction`, with nothing changed. */
  execute(raw: number): void {
    const decoded = decode(raw);
    if (!decoded) throw new IllegalInstruction();
    this.decoded = decoded;
    this.asked = undefined;
    this.next = this.nextPc();
    decoded.instruction.meaning(this);
    this.counter = this.next;
  }

  x = (field: 'rs1' | 'rs2'): bigint => this.registers[this.decoded[field]];
  setX(value: bigint): void {
    if (this.decoded.rd !== 0) this.registers[this.decoded.rd] = u64(value);
  }
  f = (field: 'rs1' | 'rs2' | 'rs3'): bigint => this.floats[this.decoded[field]];
  setF(value: bigint): void {
    this.floats[this.decoded.rd] = u64(value);
  }
  imm = (): bigint => u64(BigInt(this.decoded.imm));
  uimm = (): bigint => BigInt(this.decoded.rs1);
  pc = (): bigint => this.counter;
  nextPc = (): bigint => u64(this.counter + BigInt(this.decoded.length));
  const = u64;
  let = (value: bigint): bigint => value;

  add = (a: bigint, b: bigint): bigint => u64(a + b);
  sub = (a: bigint, b: bigint): bigint => u64(a - b);
  mul = (a: bigint, b: bigint): bigint => u64(a * b);
  mulHigh(a: bigint, b: bigint, kind: 'ss' | 'uu' | 'su'): bigint {
    return u64(((kind === 'uu' ? a : i64(a)) * (kind === 'ss' ? i64(b) : b)) >> 64n);
  }
  divS(a: bigint, b: bigint): bigint {
    if (i64(a) === -(1n << 63n) && i64(b) === -1n) throw new Error('the caller was to keep overflow away');
    return u64(i64(a) / i64(b));
  }
  divU = (a: bigint, b: bigint): bigint => a / b;
  remS(a: bigint, b: bigint): bigint {
    if (i64(a) === -(1n << 63n) && i64(b) === -1n) throw new Error('the caller was to keep overflow away');
    return u64(i64(a) % i64(b));
  }
  remU = (a: bigint, b: bigint): bigint => a % b;
  and = (a: bigint, b: bigint): bigint => a & b;
  or = (a: bigint, b: bigint): bigint => a | b;
  xor = (a: bigint, b: bigint): bigint => a ^ b;
  shl = (a: bigint, b: bigint): bigint => u64(a << (b & 63n));
  shrS = (a: bigint, b: bigint): bigint => u64(i64(a) >> (b & 63n));
  shrU = (a: bigint, b: bigint): bigint => a >> (b & 63n);
  rotl = (a: bigint, b: bigint): bigint => this.shl(a, b) | (a >> ((64n - (b & 63n)) & 127n));
  rotr = (a: bigint, b: bigint): bigint => this.rotl(a, 64n - (b & 63n));
  rotlWord = (a: bigint, b: bigint): bigint => {
    const [word, amount] = [BigInt.asUintN(32, a), b & 31n];
    return this.sext((word << amount) | (word >> (32n - amount)), 32);
  };
  rotrWord = (a: bigint, b: bigint): bigint => this.rotlWord(a, 32n - (b & 31n));
  reverseBytes = (a: bigint): bigint => {
    let reversed = 0n;
    for (let byte = 0n; byte < 64n; byte += 8n) reversed = (reversed << 8n) | ((a >> byte) & 0xffn);
    return reversed;
  };
  clz = (a: bigint): bigint => BigInt(64 - (a === 0n ? 0 : a.toString(2).length));
  ctz = (a: bigint): bigint => (a === 0n ? 64n : 63n - this.clz(a & -a));
  popcount = (a: bigint): bigint => BigInt(a.toString(2).replace(/0/g, '').length);
  sext = (a: bigint, bits: 8 | 16 | 32): bigint => u64(asSigned(bits, a));
  zext = (a: bigint, bits: 8 | 16 | 32): bigint => asUnsigned(bits, a);

  eq = (a: bigint, b: bigint): boolean => a === b;
  ne = (a: bigint, b: bigint): boolean => a !== b;
  ltS = (a: bigint, b: bigint): boolean => i64(a) < i64(b);
  ltU = (a: bigint, b: bigint): boolean => a < b;
  geS = (a: bigint, b: bigint): boolean => i64(a) >= i64(b);
  geU = (a: bigint, b: bigint): boolean => a >= b;
  both = (a: boolean, b: boolean): boolean => a && b;
  bool = (condition: boolean): bigint => (condition ? 1n : 0n);
  select = (condition: boolean, yes: bigint, no: bigint): bigint => (condition ? yes : no);

  load(address: bigint, size: AccessSize, signed: boolean): bigint {
    let value = 0n;
    for (let index = 0; index < size; index++)
      value |= BigInt(this.memory.get(u64(address + BigInt(index))) ?? 0) << BigInt(8 * index);
    return signed ? u64(asSigned(8 * size, value)) : value;
  }
  store(address: bigint, size: AccessSize, value: bigint): void {
    for (let index = 0; index < size; index++)
      this.memory.set(u64(address + BigInt(index)), Number((value >> BigInt(8 * index)) & 0xffn));
  }
  loadReserved(address: bigint, size: 4 | 8): bigint {
    this.reservation = address;
    return this.load(address, size, true);
  }
  storeConditional(address: bigint, size: 4 | 8, value: bigint): bigint {
    const held = this.reservation === address;
    this.reservation = undefined;
    if (held) this.store(address, size, value);
    return held ? 0n : 1n;
  }
  atomic(address: bigint, size: 4 | 8, update: (old: bigint) => bigint): bigint {
    const old = this.load(address, size, true);
    this.store(address, size, update(old));
    return old;
  }

  jump(target: bigint): void {
    this.next = u64(target);
  }
  jumpRelative(): void {
    this.jump(this.counter + BigInt(this.decoded.imm));
  }
  branchIf(condition: boolean): void {
    if (condition) this.jumpRelative();
  }

  requireFloat(): void {
    if (!this.floatEnabled) throw new IllegalInstruction();
  }
  roundingMode(): bigint {
    const mode = this.decoded.rm === 7 ? this.frm : this.decoded.rm;
    if (mode > 4) throw new IllegalInstruction();
    return BigInt(mode);
  }
  float(operation: FloatOperation, rounding: bigint, a: bigint, b = 0n, c = 0n): bigint {
    const { bits, flags } = computeFloat(operation, Number(rounding) as RoundingMode, a, b, c);
    this.fflags |= flags;
    return bits;
  }

  csr(kind: 'write' | 'set' | 'clear', operand: bigint): bigint {
    const old = this.csrs.get(this.decoded.imm) ?? 0n;
    this.csrs.set(this.decoded.imm, kind === 'write' ? operand : kind === 'set' ? old | operand : old & ~operand);
    return old;
  }
  system(operation: SystemOperation): void {
    this.asked = operation;
  }
}

const formats = { s: softfloat.F32, d: softfloat.F64 };
const integers = { w: [32, true], wu: [32, false], l: [64, true], lu: [64, false] } as const;

function computeFloat(operation: FloatOperation, rm: RoundingMode, a: bigint, b: bigint, c: bigint): Result {
  const [verb, to, from] = operation.split('.') as [string, FloatFormat | keyof typeof integers, string?];
  if (verb === 'cvt') return convertFloat(to, from as typeof to, rm, a);
  const format = formats[to as FloatFormat];
  switch (verb) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
      return softfloat[verb](format, a, b, rm);
    case 'sqrt':
      return softfloat.sqrt(format, a, rm);
    case 'madd':
      return softfloat.fma(format, a, b, c, rm);
    case 'min':
    case 'max':
    case 'eq':
    case 'lt':
    case 'le':
      return softfloat[verb](format, a, b);
    case 'class':
      return { bits: BigInt(softfloat.classify(format, a)), flags: 0 };
    default:
      throw new Error(`unknown operation ${operation}`);
  }
}

type Kind = FloatFormat | keyof typeof integers;

function convertFloat(to: Kind, from: Kind, rm: RoundingMode, a: bigint): Result {
  if (to in integers) {
    const [width, signed] = integers[to as keyof typeof integers];
    return softfloat.toInt(formats[from as FloatFormat], a, rm, width, signed);
  }
  const format = formats[to as FloatFormat];
  if (!(from in integers)) return softfloat.convert(formats[from as FloatFormat], format, a, rm);
  const [width, signed] = integers[from as keyof typeof integers];
  return softfloat.fromInt(format, a, width, signed, rm);
}
