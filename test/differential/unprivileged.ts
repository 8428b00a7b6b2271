/**
 * Streams of the unprivileged extensions, one kind an extension: RISC-V unprivileged specification 20240411. Each is made
 * of its seed, its kind and its number alone.
 */
import { assemble } from '../../src/isa/assemble.js';
import { csrAtom } from './csr-atoms.js';
import type { Kind } from './kind.js';
import { PLAIN_SCRATCH_BYTES, type Maker } from './maker.js';
import type { Mode, Stream } from './stream.js';
import { encode, templatesOf, withRs1, withRs2, type Template } from './templates.js';

const LENGTH = 256;
const modes: readonly Mode[] = ['M', 'M', 'S', 'U'];

const byRole = (extension: string, ...roles: Template['role'][]): readonly Template[] =>
  templatesOf(extension).filter(({ role }) => roles.includes(role));

/** Emits one atom. */
type Atom = (maker: Maker) => void;

interface Recipe {
  /** Tenths of the floating-point registers that hold doubles. */
  readonly doubles?: number;
  readonly scratch?: true;
  readonly mode?: Mode;
  readonly prepare?: (maker: Maker) => void;
  readonly atom: Atom;
  /** Whether all of its instructions are of the kind. */
  readonly all?: true;
}

function stream(kind: string, recipe: Recipe) {
  return (maker: Maker, index: number): Stream => {
    const { code, random } = maker;
    recipe.prepare?.(maker);
    while (code.length < LENGTH) {
      code.atom();
      recipe.atom(maker);
    }
    if (recipe.all) code.counted = code.length;
    return maker.finish(kind, index, {
      mode: recipe.mode ?? random.pick(modes),
      ...(recipe.scratch ? { scratchBytes: PLAIN_SCRATCH_BYTES } : {}),
    });
  };
}

/** One of the kind's own instructions, which counts. */
function own(maker: Maker, list: readonly Template[]): void {
  const template = maker.random.pick(list);
  if (template.name === 'ctzw') countTrailing(maker, template);
  else maker.emit(template);
  maker.code.counted++;
}

/** Known: ctzw. */
function countTrailing(maker: Maker, template: Template): void {
  const { random, code } = maker;
  const t = maker.free();
  const rs1 = random.below(32);
  if (random.once(2)) code.put(assemble('ori', { rd: t, rs1, imm: 1 << random.below(11) }));
  else {
    code.put(assemble('slli', { rd: t, rs1, imm: 32 }));
    code.put(assemble('srli', { rd: t, rs1: t, imm: 32 }));
  }
  code.put(withRs1(encode(template, random, maker.reserved), t));
}

/** Kinds that compute in registers only. */
function computing(extension: string): Recipe {
  const list = templatesOf(extension);
  return {
    atom: (maker) => {
      if (maker.random.once(8)) maker.filler();
      else own(maker, list);
    },
  };
}

function pointers(maker: Maker): void {
  for (let i = 0; i < 4; i++) maker.point(maker.reserveAny(), maker.random.once(4) ? 1 : 8);
}

const I = {
  plain: byRole('I', 'plain'),
  memory: byRole('I', 'load', 'store'),
  traps: byRole('I', 'system'),
};

const integerRecipe: Recipe = {
  all: true,
  scratch: true,
  prepare: pointers,
  atom: (maker) => {
    const { random } = maker;
    const some = (): void => {
      for (let n = random.once(16) ? random.below(40) : random.below(5); n >= 0; n--) maker.emit(random.pick(I.plain));
    };
    const choice = random.below(256);
    if (choice < 150) maker.emit(random.pick(I.plain));
    else if (choice < 200) maker.access(random.pick(I.memory));
    else if (choice < 215) maker.computed(random.pick(I.memory));
    else if (choice < 235) maker.branchOver(some);
    else if (choice < 245) maker.branchBack(some, some);
    else if (choice < 255) maker.jumpOver(some);
    else maker.emit(random.pick(I.traps));
  },
};

const atomics = templatesOf('A');
const widthOf = (name: string): string => name.slice(-2);

const atomicRecipe: Recipe = {
  scratch: true,
  prepare: (maker) => {
    // Doublewords trap through the pointers that are aligned to words, words through the odd ones.
    const narrow = maker.random.once(16);
    for (let i = 0; i < 6; i++) maker.point(maker.reserveAny(), maker.random.pick(narrow ? [8, 4] : [8, 64]));
    if (maker.random.once(32)) maker.point(maker.reserveAny(), 1);
  },
  atom: (maker) => {
    const { random, code } = maker;
    if (random.once(6)) {
      maker.filler();
      return;
    }
    const put = (template: Template, pointer: number): void => {
      code.put(withRs1(encode(template, random, maker.reserved), pointer));
      code.counted++;
    };
    const template = random.pick(atomics);
    const pointer = maker.pointer();
    if (!/^(lr|sc)/.test(template.name)) {
      put(template, pointer);
      return;
    }
    // A reservation, perhaps lost, and the store that asks for it; of one width (see `known.ts`).
    const pair = atomics.filter(({ name }) => /^(lr|sc)/.test(name) && widthOf(name) === widthOf(template.name));
    put(pair[0], pointer);
    for (let n = random.below(4); n > 0; n--) {
      if (random.once(3)) put(random.pick(atomics.filter(({ name }) => name.startsWith('amo'))), maker.pointer());
      else maker.filler();
    }
    put(pair[1], random.once(4) ? maker.pointer() : pointer);
    if (random.once(4)) put(pair[1], pointer);
  },
};

function floatRecipe(extension: 'F' | 'D', doubles: number): Recipe {
  const plain = byRole(extension, 'plain');
  const memory = byRole(extension, 'load', 'store');
  return {
    doubles,
    scratch: true,
    prepare: pointers,
    atom: (maker) => {
      const { random } = maker;
      const choice = random.below(64);
      if (choice < 48) own(maker, plain);
      else if (choice < 54) {
        maker.access(random.pick(memory));
        maker.code.counted++;
      } else if (choice < 60) maker.filler();
      else if (choice < 62) maker.code.put(assemble('csrrwi', { rd: maker.free(), rs1: random.below(5), imm: 2 }));
      else maker.code.put(assemble('csrrw', { rd: maker.free(), rs1: random.once(2) ? 0 : random.below(32), imm: 1 }));
    },
  };
}

const C = {
  plain: byRole('C', 'plain').filter(({ name }) => name !== 'c.addi16sp'),
  sp: byRole('C', 'plain').filter(({ name }) => name === 'c.addi16sp'),
  memory: byRole('C', 'load', 'store'),
  throughSp: /sp$/,
  traps: byRole('C', 'system'),
  branches: ['c.beqz', 'c.bnez'],
};

const compressedRecipe: Recipe = {
  doubles: 5,
  scratch: true,
  prepare: (maker) => {
    const { random } = maker;
    if (random.once(2)) maker.point(2, 8);
    for (let i = 0; i < 2; i++) maker.point(8 + random.below(8), random.once(4) ? 1 : 8);
  },
  atom: (maker) => {
    const { random, code } = maker;
    const choice = random.below(64);
    const some = (): void => {
      for (let n = random.below(4); n >= 0; n--) own(maker, C.plain);
    };
    if (choice < 36) own(maker, maker.reserved[2] === 0 && random.once(24) ? C.sp : C.plain);
    else if (choice < 48) {
      const template = random.pick(C.memory);
      if (C.throughSp.test(template.name) && !maker.isPointer(2)) return own(maker, C.plain);
      maker.accessCompressed(template);
      code.counted++;
    } else if (choice < 52) maker.filler();
    else if (choice < 60) compressedJump(maker, some);
    else if (choice < 61 && random.once(4)) own(maker, C.traps);
    else maker.access(random.pick(I.memory));
  },
};

/** c.j, c.beqz and c.bnez, forward and back, and c.jr and c.jalr through an address that auipc made. */
function compressedJump(maker: Maker, body: () => void): void {
  const { random, code } = maker;
  const at = code.offset;
  code.counted++;
  if (random.once(3)) {
    const t = maker.free();
    const link = maker.reserved[1] === 0 && random.once(2) && t !== 1;
    code.put(assemble('auipc', { rd: t }));
    const add = code.offset;
    code.put(0x13);
    code.put(assemble(link ? 'c.jalr' : 'c.jr', { rs1: t }));
    body();
    code.patch(add, assemble('addi', { rd: t, rs1: t, imm: code.offset - at }));
  } else if (random.once(2)) {
    const name = random.pick(C.branches);
    code.put(1);
    body();
    code.patch(at, assemble(name, { rs1: 8 + random.below(8), imm: code.offset - at }));
  } else {
    code.put(1);
    const back = code.offset;
    body();
    const onward = code.offset;
    code.put(1);
    code.patch(at, assemble('c.j', { imm: code.offset - at }));
    if (random.once(2)) code.put(assemble('c.j', { imm: back - code.offset }));
    else code.put(assemble(random.pick(C.branches), { rs1: 8 + random.below(8), imm: back - code.offset }));
    code.patch(onward, assemble('c.j', { imm: code.offset - onward }));
    code.counted += 2;
  }
}

const fenceI = templatesOf('Zifencei');

/** Stores into code, the fence, and the code: what is stored is a random instruction. */
const fenceRecipe: Recipe = {
  prepare: (maker) => {
    const sources = Array.from({ length: 6 }, () => maker.reserveAny());
    for (const x of sources) {
      maker.setX(x, encode(maker.random.pick(I.plain), maker.random, maker.reserved), maker.random.word());
    }
  },
  atom: (maker) => {
    const { random, code } = maker;
    if (!random.once(6)) {
      if (random.once(4)) maker.filler();
      else own(maker, fenceI);
      return;
    }
    const sources = [...maker.reserved.keys()].filter((x) => maker.reserved[x] !== 0);
    const t = maker.free();
    const at = code.offset;
    code.put(assemble('auipc', { rd: t }));
    const store = code.offset;
    code.put(0x13);
    own(maker, fenceI);
    const before = random.below(3);
    for (let n = before; n > 0; n--) maker.filler();
    code.patch(store, withRs2(assemble('sw', { rs1: t, imm: code.offset - at }), random.pick(sources)));
    maker.filler();
  },
};

const csrRecipe: Recipe = {
  mode: 'M',
  atom: (maker) => {
    if (maker.random.once(5)) maker.filler();
    else csrAtom(maker, 'M');
  },
};

const recipes: Readonly<Record<string, Recipe>> = {
  I: integerRecipe,
  M: computing('M'),
  A: atomicRecipe,
  F: floatRecipe('F', 2),
  D: floatRecipe('D', 8),
  C: compressedRecipe,
  Zicsr: csrRecipe,
  Zifencei: fenceRecipe,
  Zba: computing('Zba'),
  Zbb: computing('Zbb'),
  Zbs: computing('Zbs'),
};

export const unprivilegedKinds: readonly Kind[] = Object.entries(recipes).map(([name, recipe]) => ({
  name,
  doubles: recipe.doubles ?? 5,
  instructions: 10_000_000,
  make: stream(name, recipe),
}));
