/** Writes code of 16- and 32-bit instructions to labels that may lie ahead, by the table's own assembler. */
import { assemble, type FieldValues } from '../../src/isa/assemble.js';

/** A place in the code; -1 until it is placed. */
export interface Label {
  address: number;
}

const NOP = 0x0001;

export class CodeWriter {
  private readonly halves: Uint16Array;
  private at = 0;
  private readonly fixes: (() => void)[] = [];

  constructor(
    readonly base: number,
    bytes: number,
  ) {
    this.halves = new Uint16Array(bytes / 2);
  }

  get address(): number {
    return this.base + 2 * this.at;
  }

  /** In bytes. */
  get room(): number {
    return 2 * (this.halves.length - this.at);
  }

  /** An instruction of 32 bits, or of 16 where its low bits say so. */
  put(word: number): void {
    if (this.room < 4) throw new RangeError('the code is too long');
    this.halves[this.at++] = word;
    if ((word & 3) === 3) this.halves[this.at++] = word >>> 16;
  }

  op(name: string, fields: FieldValues = {}): void {
    this.put(assemble(name, fields));
  }

  double(value: bigint): void {
    for (let shift = 0n; shift < 64n; shift += 16n) this.halves[this.at++] = Number((value >> shift) & 0xffffn);
  }

  /** A doubleword that holds a label's address. */
  pointer(label: Label): void {
    const at = this.at;
    this.double(0n);
    this.fixes.push(() => {
      this.halves[at] = label.address;
      this.halves[at + 1] = label.address >>> 16;
    });
  }

  /** A label here. */
  here(): Label {
    return { address: this.address };
  }

  place(label: Label): void {
    label.address = this.address;
  }

  /** A jump or branch to a label. */
  to(label: Label, name: string, fields: FieldValues = {}): void {
    const { at, address } = this;
    this.put(assemble(name, fields));
    this.fixes.push(() => this.patch(at, assemble(name, { ...fields, imm: label.address - address })));
  }

  /** A label's address, relative to pc. */
  la(rd: number, label: Label): void {
    const { at, address } = this;
    this.op('auipc', { rd });
    this.op('addi', { rd, rs1: rd });
    this.fixes.push(() => {
      const distance = label.address - address;
      const high = (distance + 0x800) & ~0xfff;
      this.patch(at, assemble('auipc', { rd, imm: high }));
      this.patch(at + 2, assemble('addi', { rd, rs1: rd, imm: distance - high }));
    });
  }

  /** Compressed no-operations until the address is this one modulo a power of two. */
  padTo(rest: number, modulus: number): void {
    while (this.address % modulus !== rest) this.put(NOP);
  }

  /** The bytes, once every label is placed. */
  finish(): Uint8Array {
    for (const fix of this.fixes) fix();
    return new Uint8Array(this.halves.buffer);
  }

  private patch(at: number, word: number): void {
    this.halves[at] = word;
    if ((word & 3) === 3) this.halves[at + 1] = word >>> 16;
  }
}
