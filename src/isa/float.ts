/**
 * The instructions that F and D have in common, by format: RISC-V unprivileged specification, chapters "F" and "D".
 * NaN-boxing ("NaN Boxing of Narrower Values") is done here: arithmetic below this file knows bare bit patterns only.
 */
import { effectiveAddress } from './formats.js';
import type { Instruction, Operands } from './instruction.js';
import type { FloatFormat, Semantics } from './semantics.js';

/** What differs between the formats. */
interface Format {
  readonly extension: 'F' | 'D';
  readonly suffix: FloatFormat;
  /** The `fmt` field. */
  readonly fmt: string;
  /** Width field of loads and stores. */
  readonly funct3: string;
  readonly size: 4 | 8;
  readonly signBit: bigint;
  /** Suffix of the moves to and from x registers. */
  readonly bits: 'w' | 'd';
}

export const single: Format = {
  extension: 'F',
  suffix: 's',
  fmt: '00',
  funct3: '010',
  size: 4,
  signBit: 1n << 31n,
  bits: 'w',
};

export const double: Format = {
  extension: 'D',
  suffix: 'd',
  fmt: '01',
  funct3: '011',
  size: 8,
  signBit: 1n << 63n,
  bits: 'd',
};

const canonicalNaN = 0x7fc0_0000n;
const upperHalf = 0xffff_ffff_0000_0000n;

type Source = 'rs1' | 'rs2' | 'rs3';

/** An operand's bare bit pattern: a binary32 that is not NaN-boxed reads as the canonical NaN. */
export function readFloat<V, C>(s: Semantics<V, C>, suffix: FloatFormat, field: Source): V {
  if (suffix === 'd') return s.f(field);
  const raw = s.let(s.f(field));
  return s.select(s.geU(raw, s.const(upperHalf)), s.zext(raw, 32), s.const(canonicalNaN));
}

/** Writes a result, a binary32 NaN-boxed. */
export function writeFloat<V, C>(s: Semantics<V, C>, suffix: FloatFormat, bits: V): void {
  s.setF(suffix === 'd' ? bits : s.or(bits, s.const(upperHalf)));
}

type Meaning = <V, C>(s: Semantics<V, C>) => void;

/** An instruction in OP-FP: `funct5 fmt rs2 rs1 rm rd`, where the last three arguments fill rs2 and rm. */
export function floatInstruction(
  { extension, fmt }: Format,
  name: string,
  funct5: string,
  rs2: string,
  rm: string,
  operands: Operands,
  meaning: Meaning,
): Instruction {
  return {
    name,
    extension,
    pattern: `${funct5} ${fmt} ${rs2} rs1 ${rm} rd 1010011`,
    operands,
    assembly: `${name} rd, rs1${operands.rs2 ? ', rs2' : ''}${rm === 'rm' ? '{rounding}' : ''}`,
    meaning(s) {
      s.requireFloat();
      meaning(s);
    },
  };
}

/** All instructions of one format. */
export function floatingPoint(format: Format): Instruction[] {
  const { extension, suffix, fmt, funct3, size, signBit, bits } = format;

  const read = <V, C>(s: Semantics<V, C>, field: Source): V => readFloat(s, suffix, field);
  const write = <V, C>(s: Semantics<V, C>, value: V): void => writeFloat(s, suffix, value);
  const noRounding = <V, C>(s: Semantics<V, C>): V => s.const(0n);

  const arithmetic = (name: 'add' | 'sub' | 'mul' | 'div', funct5: string): Instruction =>
    floatInstruction(format, `f${name}.${suffix}`, funct5, 'rs2', 'rm', { rd: 'f', rs1: 'f', rs2: 'f' }, (s) => {
      const rounding = s.let(s.roundingMode());
      write(s, s.float(`${name}.${suffix}`, rounding, read(s, 'rs1'), read(s, 'rs2')));
    });

  /** ±(rs1 × rs2) ± rs3, rounded once; both signs are exact, so they are put into the operands. */
  const fused = (name: string, opcode: string, negateProduct: boolean, negateAddend: boolean): Instruction => ({
    name: `${name}.${suffix}`,
    extension,
    pattern: `rs3 ${fmt} rs2 rs1 rm rd ${opcode}`,
    operands: { rd: 'f', rs1: 'f', rs2: 'f', rs3: 'f' },
    assembly: `${name}.${suffix} rd, rs1, rs2, rs3{rounding}`,
    meaning(s) {
      s.requireFloat();
      const rounding = s.let(s.roundingMode());
      const factor = read(s, 'rs1');
      const addend = read(s, 'rs3');
      const a = negateProduct ? s.xor(factor, s.const(signBit)) : factor;
      const c = negateAddend ? s.xor(addend, s.const(signBit)) : addend;
      write(s, s.float(`madd.${suffix}`, rounding, a, read(s, 'rs2'), c));
    },
  });

  const choice = (name: 'min' | 'max', rm: string): Instruction =>
    floatInstruction(format, `f${name}.${suffix}`, '00101', 'rs2', rm, { rd: 'f', rs1: 'f', rs2: 'f' }, (s) =>
      write(s, s.float(`${name}.${suffix}`, noRounding(s), read(s, 'rs1'), read(s, 'rs2'))),
    );

  const comparison = (name: 'eq' | 'lt' | 'le', rm: string): Instruction =>
    floatInstruction(format, `f${name}.${suffix}`, '10100', 'rs2', rm, { rd: 'x', rs1: 'f', rs2: 'f' }, (s) =>
      s.setX(s.float(`${name}.${suffix}`, noRounding(s), read(s, 'rs1'), read(s, 'rs2'))),
    );

  /** Magnitude of rs1 with a sign made of both operands (their sign bits in place, other bits of no account). */
  const signInjection = (name: string, rm: string, sign: <V, C>(s: Semantics<V, C>, a: V, b: V) => V): Instruction =>
    floatInstruction(format, `${name}.${suffix}`, '00100', 'rs2', rm, { rd: 'f', rs1: 'f', rs2: 'f' }, (s) => {
      const a = s.let(read(s, 'rs1'));
      const newSign = s.and(sign(s, a, read(s, 'rs2')), s.const(signBit));
      write(s, s.or(s.and(a, s.const(signBit - 1n)), newSign));
    });

  const toInteger = (type: 'w' | 'wu' | 'l' | 'lu', rs2: string): Instruction =>
    floatInstruction(format, `fcvt.${type}.${suffix}`, '11000', rs2, 'rm', { rd: 'x', rs1: 'f' }, (s) => {
      const rounding = s.let(s.roundingMode());
      s.setX(s.float(`cvt.${type}.${suffix}`, rounding, read(s, 'rs1')));
    });

  const fromInteger = (type: 'w' | 'wu' | 'l' | 'lu', rs2: string): Instruction =>
    floatInstruction(format, `fcvt.${suffix}.${type}`, '11010', rs2, 'rm', { rd: 'f', rs1: 'x' }, (s) => {
      const rounding = s.let(s.roundingMode());
      const x = s.x('rs1');
      const integer = type === 'w' ? s.sext(x, 32) : type === 'wu' ? s.zext(x, 32) : x;
      write(s, s.float(`cvt.${suffix}.${type}`, rounding, integer));
    });

  return [
    {
      name: `fl${bits}`,
      extension,
      pattern: `imm[11:0] rs1 ${funct3} rd 0000111`,
      operands: { rd: 'f', rs1: 'x' },
      assembly: `fl${bits} rd, imm(rs1)`,
      meaning(s) {
        s.requireFloat();
        write(s, s.load(effectiveAddress(s), size, false));
      },
    },
    {
      name: `fs${bits}`,
      extension,
      pattern: `imm[11:5] rs2 rs1 ${funct3} imm[4:0] 0100111`,
      operands: { rs1: 'x', rs2: 'f' },
      assembly: `fs${bits} rs2, imm(rs1)`,
      meaning(s) {
        s.requireFloat();
        s.store(effectiveAddress(s), size, s.f('rs2'));
      },
    },

    arithmetic('add', '00000'),
    arithmetic('sub', '00001'),
    arithmetic('mul', '00010'),
    arithmetic('div', '00011'),
    floatInstruction(format, `fsqrt.${suffix}`, '01011', '00000', 'rm', { rd: 'f', rs1: 'f' }, (s) => {
      const rounding = s.let(s.roundingMode());
      write(s, s.float(`sqrt.${suffix}`, rounding, read(s, 'rs1')));
    }),
    fused('fmadd', '1000011', false, false),
    fused('fmsub', '1000111', false, true),
    fused('fnmsub', '1001011', true, false),
    fused('fnmadd', '1001111', true, true),

    signInjection('fsgnj', '000', (_s, _a, b) => b),
    signInjection('fsgnjn', '001', (s, _a, b) => s.xor(b, s.const(signBit))),
    signInjection('fsgnjx', '010', (s, a, b) => s.xor(a, b)),
    choice('min', '000'),
    choice('max', '001'),
    comparison('le', '000'),
    comparison('lt', '001'),
    comparison('eq', '010'),

    toInteger('w', '00000'),
    toInteger('wu', '00001'),
    toInteger('l', '00010'),
    toInteger('lu', '00011'),
    fromInteger('w', '00000'),
    fromInteger('wu', '00001'),
    fromInteger('l', '00010'),
    fromInteger('lu', '00011'),

    // Moves take the bits as they are, boxed or not.
    floatInstruction(format, `fmv.x.${bits}`, '11100', '00000', '000', { rd: 'x', rs1: 'f' }, (s) =>
      s.setX(size === 4 ? s.sext(s.f('rs1'), 32) : s.f('rs1')),
    ),
    floatInstruction(format, `fmv.${bits}.x`, '11110', '00000', '000', { rd: 'f', rs1: 'x' }, (s) =>
      write(s, s.x('rs1')),
    ),
    floatInstruction(format, `fclass.${suffix}`, '11100', '00000', '001', { rd: 'x', rs1: 'f' }, (s) =>
      s.setX(s.float(`class.${suffix}`, noRounding(s), read(s, 'rs1'))),
    ),
  ];
}
