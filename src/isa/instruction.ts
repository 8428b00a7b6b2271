/**
 * What one entry of the instruction table is, and what decoding a word answers.
 * Patterns are written as in the instruction listings of the RISC-V unprivileged specification.
 */
import type { Semantics } from './semantics.js';

/** Which register file an operand names. */
export type RegisterFile = 'x' | 'f';

export interface Operands {
  rd?: RegisterFile;
  rs1?: RegisterFile;
  rs2?: RegisterFile;
  rs3?: RegisterFile;
}

/** A base (32-bit) instruction. */
export interface Instruction {
  /** Lower-case mnemonic: `addi`, `fcvt.w.s`, `amoadd.w`. */
  readonly name: string;
  /** `I`, `M`, `A`, `F`, `D`, `Zicsr`, `Zba`, ... */
  readonly extension: string;
  /**
   * Bit fields from bit 31 down, as in the manual: `imm[12|10:5] rs2 rs1 000 imm[4:1|11] 1100011`. Literal bits,
   * `rd rs1 rs2 rs3` (5 bits), `rm` (3), `csr` (12), `uimm` (5), `imm[...]`, `shamt[5:0]`, `-` for a bit that is ignored.
   */
  readonly pattern: string;
  readonly operands: Operands;
  /** Assembly template with field names: `addi rd, rs1, imm`, `lw rd, imm(rs1)`. */
  readonly assembly: string;
  readonly meaning: <V, C>(s: Semantics<V, C>) => void;
}

/** A compressed instruction: only an encoding of a base instruction. */
export interface Compressed {
  readonly name: string;
  /** Bit fields from bit 15 down. */
  readonly pattern: string;
  readonly assembly: string;
  /** Name of the base instruction it stands for, and operands that are fixed (`{ rs1: 2 }`). */
  readonly expands: string;
  readonly fixed?: { rd?: number; rs1?: number; rs2?: number; imm?: number };
}

/** A decoded instruction; register numbers 0-31, 0 where the instruction has no such operand. */
export interface Decoded {
  readonly instruction: Instruction;
  /** Mnemonic as written in the code: `c.addi` where it was compressed. */
  readonly mnemonic: string;
  readonly length: 2 | 4;
  /** The instruction word as unsigned number; 16 bits when compressed. */
  readonly raw: number;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly rs3: number;
  /** Sign-extended immediate within int32 (for `lui` and `auipc` already shifted left by 12); the CSR number for Zicsr. */
  readonly imm: number;
  /** Rounding mode field, 0-7; 7 means dynamic. */
  readonly rm: number;
}
