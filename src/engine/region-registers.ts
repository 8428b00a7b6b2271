/**
 * The guest's registers in a region: WebAssembly locals, which V8 keeps in the processor's registers as it can.
 *
 * A region may end at every access to memory, and what it has set must then be in the hart's words. So that nothing is left
 * to be done there, registers are stored as soon as the region may next end, and loaded where they are first needed. V8 then
 * allocates registers in two fifths less time and makes two thirds of the code, which is what much of a kernel's time goes
 * into: it runs through lots of code, each part a few times. A tight region loads all its registers where it begins and
 * stores them where it ends: its loops are faster by a tenth.
 */
import { HART } from '../hart/layout.js';
import type { RegisterFile } from '../isa/instruction.js';
import type { PlacedInstruction } from './region-plan.js';
import type { FunctionBuilder, Local } from './wasm/builder.js';
import { I64, OP } from './wasm/opcodes.js';

const { clz32 } = Math;

/** Some registers of each file, a bit each. */
export type RegisterSet = Readonly<Record<RegisterFile, number>>;

export const NO_REGISTERS: RegisterSet = { x: 0, f: 0 };
/** x0 has no local. */
const ALL: RegisterSet = { x: ~1, f: ~0 };

export const inBoth = (a: RegisterSet, b: RegisterSet): RegisterSet => ({ x: a.x & b.x, f: a.f & b.f });

/** The registers that instructions, one behind the other, take values from which they have not set themselves. */
export function registersTaken(instructions: readonly PlacedInstruction[]): RegisterSet {
  const taken = { x: 0, f: 0 };
  const left = { ...ALL };
  for (const { decoded } of instructions) {
    const { rd, rs1, rs2, rs3 } = decoded.instruction.operands;
    if (rs1) taken[rs1] |= (1 << decoded.rs1) & left[rs1];
    if (rs2) taken[rs2] |= (1 << decoded.rs2) & left[rs2];
    if (rs3) taken[rs3] |= (1 << decoded.rs3) & left[rs3];
    if (rd) left[rd] &= ~(1 << decoded.rd);
  }
  return taken;
}

/** The registers that instructions take values from or set. */
function registersUsed(instructions: readonly PlacedInstruction[]): RegisterSet {
  const used = { ...registersTaken(instructions) };
  for (const { decoded } of instructions) {
    const { rd } = decoded.instruction.operands;
    if (rd) used[rd] |= (1 << decoded.rd) & ALL[rd];
  }
  return used;
}

class FileLocals {
  private readonly locals: (Local | undefined)[] = Array.from({ length: 32 });
  /** Registers whose local has their value, a bit each. */
  held = 0;
  /** Registers whose word is out of date. */
  private unsaved = 0;

  /** @param base where register 0 of the file lies */
  constructor(
    private readonly code: FunctionBuilder,
    private readonly base: number,
  ) {}

  get(number: number): Local {
    return (this.locals[number] ??= this.code.local(I64));
  }

  set(number: number): Local {
    this.held |= 1 << number;
    this.unsaved |= 1 << number;
    return this.get(number);
  }

  load(registers: number): void {
    this.each(registers & ~this.held, (number) => {
      this.code
        .i32(0)
        .memory(OP.i64Load, this.base + number * 8)
        .set(this.get(number));
    });
    this.held |= registers;
  }

  store(): void {
    this.each(this.unsaved, (number) => {
      this.code
        .i32(0)
        .get(this.get(number))
        .memory(OP.i64Store, this.base + number * 8);
    });
    this.unsaved = 0;
  }

  private each(registers: number, action: (number: number) => void): void {
    for (let left = registers; left !== 0; left &= left - 1) action(31 - clz32(left & -left));
  }
}

export class RegionRegisters {
  private readonly files: Readonly<Record<RegisterFile, FileLocals>>;

  /** @param tight whether they stay in their locals until the region ends */
  constructor(
    code: FunctionBuilder,
    private readonly tight: boolean,
  ) {
    this.files = { x: new FileLocals(code, HART.x), f: new FileLocals(code, HART.f) };
  }

  /** The local of a register that is held. */
  get(file: RegisterFile, number: number): Local {
    return this.files[file].get(number);
  }

  /** The local of a register that gets a value next. */
  set(file: RegisterFile, number: number): Local {
    return this.files[file].set(number);
  }

  /** The registers whose locals have their values: to be told wherever control comes from elsewhere. */
  get held(): RegisterSet {
    return { x: this.files.x.held, f: this.files.f.held };
  }
  set held({ x, f }: RegisterSet) {
    this.files.x.held = x;
    this.files.f.held = f;
  }

  /** Has registers in their locals. */
  hold({ x, f }: RegisterSet): void {
    this.files.x.load(x);
    this.files.f.load(f);
  }

  /** The region begins; these are its instructions. */
  begin(blocks: readonly { readonly instructions: readonly PlacedInstruction[] }[]): void {
    if (this.tight) for (const { instructions } of blocks) this.hold(registersUsed(instructions));
  }

  /** The region may end next. */
  save(): void {
    if (!this.tight) this.end();
  }

  /** The region ends here; to be emitted behind all else. */
  end(): void {
    this.files.x.store();
    this.files.f.store();
  }
}
