/**
 * What a translator must know of an instruction before it translates it: where control goes behind it, and what it loads
 * or stores. Derived from its meaning, by running that on values that are nothing.
 */
import type { Instruction } from './instruction.js';
import type { AccessSize, Semantics } from './semantics.js';

/**
 * `next`: only to the instruction behind; `branch`: there or to pc + imm; `relative`: to pc + imm; `computed`: to an
 * address that it computes; `hart`: it is the hart's to execute (CSRs, privilege, waiting).
 */
export type Flow = 'next' | 'branch' | 'relative' | 'computed' | 'hart';

/** A load or store at rs1 + imm. */
export interface Access {
  readonly size: AccessSize;
  readonly stores: boolean;
}

export interface Outline {
  readonly flow: Flow;
  /** Undefined where it has none; atomic instructions count as such. */
  readonly access: Access | undefined;
}

type Nothing = undefined;

class Outliner implements Semantics<Nothing, Nothing> {
  flow: Flow = 'next';
  access: Access | undefined;

  load(_address: Nothing, size: AccessSize): Nothing {
    this.access = { size, stores: false };
  }
  store(_address: Nothing, size: AccessSize): void {
    this.access = { size, stores: true };
  }
  jump(): void {
    this.flow = 'computed';
  }
  jumpRelative(): void {
    this.flow = 'relative';
  }
  branchIf(): void {
    this.flow = 'branch';
  }
  csr(): Nothing {
    this.flow = 'hart';
  }
  system(): void {
    this.flow = 'hart';
  }
  atomic(_address: Nothing, _size: 4 | 8, update: (old: Nothing) => Nothing): Nothing {
    return update(undefined);
  }

  x = (): Nothing => undefined;
  setX = (): void => undefined;
  f = (): Nothing => undefined;
  setF = (): void => undefined;
  imm = (): Nothing => undefined;
  pc = (): Nothing => undefined;
  nextPc = (): Nothing => undefined;
  const = (): Nothing => undefined;
  let = (): Nothing => undefined;
  add = (): Nothing => undefined;
  sub = (): Nothing => undefined;
  mul = (): Nothing => undefined;
  mulHigh = (): Nothing => undefined;
  divS = (): Nothing => undefined;
  divU = (): Nothing => undefined;
  remS = (): Nothing => undefined;
  remU = (): Nothing => undefined;
  and = (): Nothing => undefined;
  or = (): Nothing => undefined;
  xor = (): Nothing => undefined;
  shl = (): Nothing => undefined;
  shrS = (): Nothing => undefined;
  shrU = (): Nothing => undefined;
  rotl = (): Nothing => undefined;
  rotlWord = (): Nothing => undefined;
  rotrWord = (): Nothing => undefined;
  reverseBytes = (): Nothing => undefined;
  rotr = (): Nothing => undefined;
  clz = (): Nothing => undefined;
  ctz = (): Nothing => undefined;
  popcount = (): Nothing => undefined;
  sext = (): Nothing => undefined;
  zext = (): Nothing => undefined;
  eq = (): Nothing => undefined;
  ne = (): Nothing => undefined;
  ltS = (): Nothing => undefined;
  ltU = (): Nothing => undefined;
  geS = (): Nothing => undefined;
  geU = (): Nothing => undefined;
  both = (): Nothing => undefined;
  bool = (): Nothing => undefined;
  select = (): Nothing => undefined;
  loadReserved = (): Nothing => undefined;
  storeConditional = (): Nothing => undefined;
  requireFloat = (): void => undefined;
  roundingMode = (): Nothing => undefined;
  float = (): Nothing => undefined;
  uimm = (): Nothing => undefined;
}

const outlines = new Map<Instruction, Outline>();

export function outlineOf(instruction: Instruction): Outline {
  let outline = outlines.get(instruction);
  if (outline === undefined) {
    const outliner = new Outliner();
    instruction.meaning(outliner);
    outline = { flow: outliner.flow, access: outliner.access };
    outlines.set(instruction, outline);
  }
  return outline;
}
