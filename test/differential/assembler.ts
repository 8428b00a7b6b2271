/** A small assembler over the instruction table: names, fields and labels to words, for the code that both sides run. */
import { assemble, type FieldValues } from '../../src/isa/assemble.js';

const X = { zero: 0, ra: 1, sp: 2, t0: 5, t1: 6, t2: 7, s0: 8, s1: 9, a0: 10, t3: 28, t4: 29, t5: 30, t6: 31 } as const;
export type Register = keyof typeof X;
type Branch = 'beq' | 'bne' | 'blt' | 'bge' | 'bltu' | 'bgeu';

export class Assembler {
  private readonly words: (number | ((at: number) => number))[] = [];
  private readonly labels = new Map<string, number>();

  constructor(private readonly base: number) {}

  get address(): number {
    return this.base + this.words.length * 4;
  }

  label(name: string): void {
    this.labels.set(name, this.address);
  }

  raw(name: string, fields: FieldValues = {}): void {
    this.words.push(assemble(name, fields));
  }

  op(name: string, rd: Register, rs1: Register, rs2: Register): void {
    this.raw(name, { rd: X[rd], rs1: X[rs1], rs2: X[rs2] });
  }

  opImmediate(name: string, rd: Register, rs1: Register, imm: number): void {
    this.raw(name, { rd: X[rd], rs1: X[rs1], imm });
  }

  load(rd: Register, imm: number, base: Register, name = 'ld'): void {
    this.raw(name, { rd: X[rd], rs1: X[base], imm });
  }

  store(rs2: Register, imm: number, base: Register): void {
    this.raw('sd', { rs2: X[rs2], rs1: X[base], imm });
  }

  /** csrrw, csrrs or csrrc; the CSR by number. */
  csr(name: string, rd: Register, number: number, rs1: Register): void {
    this.raw(name, { rd: X[rd], rs1: X[rs1], imm: number });
  }

  /** Any value of up to 44 bits above zero, or a small negative one. */
  li(rd: Register, value: number): void {
    const low = ((value & 0xfff) << 20) >> 20;
    const rest = (value - low) / 4096;
    if (rest === 0) {
      this.opImmediate('addi', rd, 'zero', low);
    } else if (rest < 2 ** 11) {
      this.opImmediate('addi', rd, 'zero', rest);
      this.opImmediate('slli', rd, rd, 12);
      this.opImmediate('addi', rd, rd, low);
    } else {
      this.li(rd, rest);
      this.opImmediate('slli', rd, rd, 12);
      this.opImmediate('addi', rd, rd, low);
    }
  }

  branch(name: Branch, rs1: Register, rs2: Register, label: string): void {
    this.words.push((at) => assemble(name, { rs1: X[rs1], rs2: X[rs2], imm: this.addressOf(label) - at }));
  }

  jump(label: string): void {
    this.words.push((at) => assemble('jal', { rd: 0, imm: this.addressOf(label) - at }));
  }

  addressOf(label: string): number {
    const address = this.labels.get(label);
    if (address === undefined) throw new Error(`no label ${label}`);
    return address;
  }

  /** The words, once every label is placed. */
  finish(): Uint32Array {
    return Uint32Array.from(this.words, (word, index) =>
      typeof word === 'number' ? word : word(this.base + index * 4),
    );
  }
}
