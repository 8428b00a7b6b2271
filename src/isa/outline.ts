/**
 * What a translator must know of an instruction before it translates it: where control goes behind it. Derived from its
 * meaning, by running that on values that are nothing.
 */
import type { Instruction } from './instruction.js';
import type { Semantics } from './semantics.js';

/**
 * `next`: only to the instruction behind; `branch`: there or to pc + imm; `relative`: to pc + imm; `computed`: to an
 * address that it computes; `hart`: it is the hart's to execute (CSRs, privilege, waiting).
 */
export type Flow = 'next' | 'branch' | 'relative' | 'computed' | 'hart';

type Nothing = undefined;

class Outliner implements Semantics<Nothing, Nothing> {
  flow: Flow = 'next';

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
  load = (): Nothing => undefined;
  store = (): void => undefined;
  loadReserved = (): Nothing => undefined;
  storeConditional = (): Nothing => undefined;
  requireFloat = (): void => undefined;
  roundingMode = (): Nothing => undefined;
  float = (): Nothing => undefined;
  uimm = (): Nothing => undefined;
}

const flows = new Map<Instruction, Flow>();

export function flowOf(instruction: Instruction): Flow {
  let flow = flows.get(instruction);
  if (flow === undefined) {
    const outliner = new Outliner();
    instruction.meaning(outliner);
    flow = outliner.flow;
    flows.set(instruction, flow);
  }
  return flow;
}
