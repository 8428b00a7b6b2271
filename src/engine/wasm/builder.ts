/**
 * The one WebAssembly builder (WebAssembly core specification 2.0, chapter 5): modules of functions, written straight
 * into bytes. Control structures take callbacks, and branch targets are labels, whose depth the builder counts.
 */
import { Bytes } from './bytes.js';
import { OP, type ValueType } from './opcodes.js';

/** A branch target. Valid inside the structure that made it. */
export interface Label {
  readonly level: number;
}

export interface FunctionRef {
  readonly index: number;
}

/** A function's type. */
export interface TypeRef {
  readonly index: number;
}

/** A local variable or parameter. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** Where the code of a function has a branch of which it is known how it mostly goes. */
interface BranchHint {
  readonly at: number;
  readonly taken: boolean;
}

const EMPTY_BLOCK = 0x40;
const FUNCREF = 0x70;
/** Of 64 KiB. */
const MOST_MEMORY_PAGES = 0x1_0000;

/** Emits one function's body. Each method appends one instruction; operands are on WebAssembly's stack before it. */
export class FunctionBuilder {
  readonly code = new Bytes(4096);
  private readonly locals: ValueType[] = [];
  private depth = 0;
  private readonly hints: BranchHint[] = [];
  readonly parameters: readonly Local[];

  constructor(parameterTypes: readonly ValueType[]) {
    this.parameters = parameterTypes.map((type, index) => ({ index, type }));
  }

  local(type: ValueType): Local {
    this.locals.push(type);
    return { index: this.parameters.length + this.locals.length - 1, type };
  }

  op(opcode: number): this {
    this.code.u8(opcode);
    return this;
  }
  i32(value: number): this {
    this.code.u8(OP.i32Const);
    this.code.s32(value);
    return this;
  }
  /** A 64-bit value, or a safe integer. */
  i64(value: bigint | number): this {
    this.code.u8(OP.i64Const);
    if (typeof value === 'number') this.code.s53(value);
    else this.code.s64(value);
    return this;
  }
  f64(value: number): this {
    this.code.u8(OP.f64Const);
    this.code.f64(value);
    return this;
  }
  f32(value: number): this {
    this.code.u8(OP.f32Const);
    this.code.f32(value);
    return this;
  }
  get(local: Local): this {
    this.code.u8(OP.localGet);
    this.code.u32(local.index);
    return this;
  }
  set(local: Local): this {
    this.code.u8(OP.localSet);
    this.code.u32(local.index);
    return this;
  }
  tee(local: Local): this {
    this.code.u8(OP.localTee);
    this.code.u32(local.index);
    return this;
  }
  /** A load or store; the address (below 2^32) is on the stack and `offset` is added to it. */
  memory(opcode: number, offset = 0): this {
    this.code.u8(opcode);
    this.code.u8(0); // alignment is only a hint
    this.code.u32(offset);
    return this;
  }
  truncSat(kind: number): this {
    this.code.u8(OP.truncSatPrefix);
    this.code.u32(kind);
    return this;
  }
  /** A vector instruction with its immediates: lanes, or the bytes of a constant. */
  simd(kind: number, ...immediates: readonly number[]): this {
    this.code.u8(OP.simdPrefix);
    this.code.u32(kind);
    for (const immediate of immediates) this.code.u8(immediate);
    return this;
  }
  call(callee: FunctionRef): this {
    this.code.u8(OP.call);
    this.code.u32(callee.index);
    return this;
  }

  /** Calls the function whose index in table 0 is on the stack, behind its arguments. */
  callIndirect(type: TypeRef): this {
    this.code.u8(OP.callIndirect);
    this.code.u32(type.index);
    this.code.u8(0);
    return this;
  }

  /** The same two in place of returning (tail-call extension). */
  returnCall(callee: FunctionRef): this {
    this.code.u8(OP.returnCall);
    this.code.u32(callee.index);
    return this;
  }

  returnCallIndirect(type: TypeRef): this {
    this.code.u8(OP.returnCallIndirect);
    this.code.u32(type.index);
    this.code.u8(0);
    return this;
  }

  private structure(opcode: number, result: ValueType | undefined, body: (label: Label) => void): this {
    this.code.u8(opcode);
    this.code.u8(result ?? EMPTY_BLOCK);
    this.depth++;
    body({ level: this.depth });
    this.depth--;
    this.code.u8(OP.end);
    return this;
  }
  /** A branch to the label leaves the block. */
  block(body: (label: Label) => void, result?: ValueType): this {
    return this.structure(OP.block, result, body);
  }
  /** A branch to the label starts the body again. */
  loop(body: (label: Label) => void): this {
    return this.structure(OP.loop, undefined, body);
  }
  /** Takes an i32 condition from the stack. */
  if(then: (label: Label) => void, otherwise?: () => void, result?: ValueType): this {
    return this.structure(OP.if, result, (label) => {
      then(label);
      if (otherwise) {
        this.code.u8(OP.else);
        otherwise();
      }
    });
  }
  /** The next instruction, `if` or `brIf`, mostly finds its condition not 0. */
  likely(): this {
    this.hints.push({ at: this.code.length, taken: true });
    return this;
  }
  /** It mostly finds it 0. */
  unlikely(): this {
    this.hints.push({ at: this.code.length, taken: false });
    return this;
  }
  br(label: Label): this {
    this.code.u8(OP.br);
    this.code.u32(this.depth - label.level);
    return this;
  }
  brIf(label: Label): this {
    this.code.u8(OP.brIf);
    this.code.u32(this.depth - label.level);
    return this;
  }
  brTable(labels: readonly Label[], otherwise: Label): this {
    this.code.u8(OP.brTable);
    this.code.u32(labels.length);
    for (const label of labels) this.code.u32(this.depth - label.level);
    this.code.u32(this.depth - otherwise.level);
    return this;
  }

  /**
   * The finished body: declarations of locals, then the code.
   *
   * @param hinted is told of the branches of which it is known how they go, by their places in the body
   */
  finish(into: Bytes, hinted: (hints: readonly BranchHint[]) => void): void {
    const body = new Bytes(this.code.length + 64);
    const runs: { count: number; type: ValueType }[] = [];
    for (const type of this.locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ count: 1, type });
    }
    body.u32(runs.length);
    for (const run of runs) {
      body.u32(run.count);
      body.u8(run.type);
    }
    const start = body.length;
    body.append(this.code.view());
    body.u8(OP.end);
    into.sized(body);
    if (this.hints.length > 0) hinted(this.hints.map(({ at, taken }) => ({ at: start + at, taken })));
  }
}

/** Of the proposal for branch hints (WebAssembly 3.0 appendix): an engine that does not know it passes over it. */
const HINTS = 'metadata.code.branch_hint';
const SECTION = { custom: 0, type: 1, import: 2, function: 3, export: 7, code: 10 } as const;

/** Collects imports, functions and exports of one module. All imports come before the first function. */
export class ModuleBuilder {
  private readonly types: string[] = [];
  private readonly typeBytes: Bytes[] = [];
  private readonly imports = new Bytes();
  private importCount = 0;
  private importedFunctions = 0;
  private readonly functionTypes: number[] = [];
  private readonly bodies: (FunctionBuilder | undefined)[] = [];
  private readonly exports = new Bytes();
  private exportCount = 0;

  type(parameters: readonly ValueType[], results: readonly ValueType[]): TypeRef {
    return { index: this.typeOf(parameters, results) };
  }

  private typeOf(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${parameters.join()}>${results.join()}`;
    const known = this.types.indexOf(key);
    if (known >= 0) return known;
    const bytes = new Bytes(32);
    bytes.u8(0x60);
    bytes.u32(parameters.length);
    for (const type of parameters) bytes.u8(type);
    bytes.u32(results.length);
    for (const type of results) bytes.u8(type);
    this.typeBytes.push(bytes);
    return this.types.push(key) - 1;
  }

  /** The memory all modules of a machine share: of any size, so that its modules serve other machines too. */
  importMemory(module: string, name: string): void {
    this.imports.name(module);
    this.imports.name(name);
    this.imports.u8(0x02);
    this.imports.u8(0x01);
    this.imports.u32(1);
    this.imports.u32(MOST_MEMORY_PAGES);
    this.importCount++;
  }

  /** A table of functions, `size` entries, fixed. */
  importTable(module: string, name: string, size: number): void {
    this.imports.name(module);
    this.imports.name(name);
    this.imports.u8(0x01);
    this.imports.u8(FUNCREF);
    this.imports.u8(0x01);
    this.imports.u32(size);
    this.imports.u32(size);
    this.importCount++;
  }

  importFunction(
    module: string,
    name: string,
    parameters: readonly ValueType[],
    results: readonly ValueType[],
  ): FunctionRef {
    if (this.bodies.length > 0) throw new Error('imports come before functions');
    this.imports.name(module);
    this.imports.name(name);
    this.imports.u8(0x00);
    this.imports.u32(this.typeOf(parameters, results));
    this.importCount++;
    return { index: this.importedFunctions++ };
  }

  /** Declares a function now and lets `body` emit it at once. */
  function(
    parameters: readonly ValueType[],
    results: readonly ValueType[],
    body: (f: FunctionBuilder) => void,
  ): FunctionRef {
    const slot = this.bodies.push(undefined) - 1;
    this.functionTypes.push(this.typeOf(parameters, results));
    const builder = new FunctionBuilder(parameters);
    body(builder);
    this.bodies[slot] = builder;
    return { index: this.importedFunctions + slot };
  }

  exportFunction(name: string, callee: FunctionRef): void {
    this.exports.name(name);
    this.exports.u8(0x00);
    this.exports.u32(callee.index);
    this.exportCount++;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Bytes(1 << 16);
    out.append(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00));
    const section = (id: number, count: number, content: (bytes: Bytes) => void): void => {
      const bytes = new Bytes(4096);
      bytes.u32(count);
      content(bytes);
      out.u8(id);
      out.sized(bytes);
    };
    section(SECTION.type, this.typeBytes.length, (b) => this.typeBytes.forEach((t) => b.append(t.view())));
    section(SECTION.import, this.importCount, (b) => b.append(this.imports.view()));
    section(SECTION.function, this.functionTypes.length, (b) => this.functionTypes.forEach((t) => b.u32(t)));
    section(SECTION.export, this.exportCount, (b) => b.append(this.exports.view()));
    const hints = new Bytes();
    let hinted = 0;
    const code = new Bytes(1 << 16);
    this.bodies.forEach((body, slot) => {
      if (!body) throw new Error('a function was declared and not emitted');
      body.finish(code, (branches) => {
        hinted++;
        hints.u32(this.importedFunctions + slot);
        hints.u32(branches.length);
        for (const { at, taken } of branches) {
          hints.u32(at);
          hints.u32(1);
          hints.u8(taken ? 1 : 0);
        }
      });
    });
    if (hinted > 0) {
      const custom = new Bytes();
      custom.name(HINTS);
      custom.u32(hinted);
      custom.append(hints.view());
      out.u8(SECTION.custom);
      out.sized(custom);
    }
    section(SECTION.code, this.bodies.length, (b) => b.append(code.view()));
    return new Uint8Array(out.view());
  }
}
