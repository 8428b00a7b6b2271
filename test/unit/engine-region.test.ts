/** The interpreter and translated straight code, derived from one table, come to the same state. */
import fc from 'fast-check';
import { Engine } from '../../src/engine/engine.js';
import type { EngineKind } from '../../src/engine/kinds.js';
import type { Bus } from '../../src/hart/bus.js';
import { Hart } from '../../src/hart/hart.js';
import { DRAM_BASE, HART, RAM_OFFSET } from '../../src/hart/layout.js';
import { decode } from '../../src/isa/decode.js';
import type { Decoded, Instruction } from '../../src/isa/instruction.js';
import { parsePattern } from '../../src/isa/pattern.js';
import { instructions } from '../../src/isa/table.js';

const RAM_BYTES = 1 << 20;
const PAGES = Math.ceil((RAM_OFFSET + RAM_BYTES) / 65536);
const CODE = BigInt(DRAM_BASE);
/** Registers that hold addresses: loads and stores go through x8, which code never changes. */
const POINTER = 8;
const DATA_OFFSET = 0x80000;
const DATA_BYTES = 0x1000;
const DATA = BigInt(DRAM_BASE + DATA_OFFSET + DATA_BYTES / 2);

interface Rig {
  readonly memory: WebAssembly.Memory;
  readonly hart: Hart;
  readonly engine: Engine;
}

/** Bare addresses in M-mode; in S-mode under PMP every access goes through the TLBs. */
type Mode = 'M' | 'S';

function makeRig(kind: EngineKind, mode: Mode): Rig {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const bus: Bus = { ramBytes: RAM_BYTES, read: () => undefined, write: () => false };
  const holder: { engine?: Engine } = {};
  const hart = new Hart(memory, bus, {
    position: () => holder.engine?.position ?? 0,
    readTime: () => 0,
    readSeed: () => 0,
    timerChanged: () => undefined,
    flushTranslations: () => holder.engine?.access.flushAll(),
    rootChanged: () => holder.engine?.access.flushAll(),
    tableRead: () => undefined,
    tableMarked: () => undefined,
    fenceInstructions: () => undefined,
  });
  const engine = new Engine(memory, hart, bus, kind);
  holder.engine = engine;
  hart.reset(CODE, [0n, 0n]);
  if (mode === 'S') hart.startSupervisor();
  return { memory, hart, engine };
}

interface Start {
  readonly mode: Mode;
  readonly code: Uint8Array;
  readonly registers: readonly bigint[];
  readonly floats: readonly bigint[];
}

function prepare({ memory, hart, engine }: Rig, { mode, code, registers, floats }: Start): void {
  // No reset, which would empty the TLBs each time.
  hart.privilege = mode === 'M' ? 3 : 1;
  hart.pc = CODE;
  engine.setPosition(0);
  registers.forEach((value, i) => i > 0 && hart.setX(i, value));
  floats.forEach((value, i) => hart.setF(i, value));
  hart.setX(POINTER, DATA);
  const view = new DataView(memory.buffer);
  view.setUint32(HART.fs, 1, true);
  for (const word of [HART.fflags, HART.frm, HART.reserved]) view.setUint32(word, 0, true);
  const held = new Uint8Array(memory.buffer, RAM_OFFSET, code.length);
  if (Buffer.compare(held, code) !== 0) {
    held.set(code);
    engine.forget();
  }
  const data = new Uint8Array(memory.buffer, RAM_OFFSET + DATA_OFFSET, DATA_BYTES);
  data.forEach((_, i) => (data[i] = (i * 37 + 11) & 0xff));
}

function stateOf({ memory, hart }: Rig): Record<string, unknown> {
  const view = new DataView(memory.buffer);
  return {
    x: Array.from({ length: 32 }, (_, i) => hart.getX(i)),
    f: Array.from({ length: 32 }, (_, i) => hart.getF(i)),
    pc: hart.pc,
    fflags: view.getUint32(HART.fflags, true),
    fs: view.getUint32(HART.fs, true),
    ram: Buffer.from(memory.buffer, RAM_OFFSET + DATA_OFFSET, DATA_BYTES).toString('base64'),
  };
}

const STRAIGHT = new Set(['I', 'M', 'A', 'F', 'D', 'Zba', 'Zbb', 'Zbs']);
const LEAVES = /^(jal|jalr|b(eq|ne|lt|ge|ltu|geu)|ecall|ebreak|fence.*)$/;
const straight = instructions.filter((entry) => STRAIGHT.has(entry.extension) && !LEAVES.test(entry.name));
const touchesMemory = (entry: Instruction): boolean => /\(rs1\)/.test(entry.assembly);

/** A random word of the instruction whose memory operands stay within the data page. */
function word(entry: Instruction, bits: number): Decoded | undefined {
  const { mask, match } = parsePattern(entry.pattern);
  let raw = ((bits & ~mask) | match) >>> 0;
  if (touchesMemory(entry)) raw = ((raw & ~0xf8000) | (POINTER << 15)) >>> 0;
  if (entry.operands.rd === 'x' && ((raw >>> 7) & 31) === POINTER) raw ^= 0x80;
  const decoded = decode(raw >>> 0);
  return decoded?.instruction === entry ? decoded : undefined;
}

const LONGEST = 60;
const program = fc
  .array(fc.tuple(fc.nat(straight.length - 1), fc.integer()), { minLength: 1, maxLength: LONGEST })
  .map((picks) => picks.map(([i, bits]) => word(straight[i], bits)).filter((d) => d !== undefined))
  .filter((code) => code.length > 0);
const value = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  fc.constantFrom(0n, 1n, (1n << 64n) - 1n, 1n << 63n, (1n << 63n) - 1n, 0x8000_0000n, 0x3ff0_0000_0000_0000n),
);

const registerFile = fc.array(value, { minLength: 32, maxLength: 32 });

describe.each(['M', 'S'] as const)('interpreter and translated region in %s-mode', (mode) => {
  const interpreted = makeRig('interpreter', mode);
  const translated = makeRig('translator', mode);

  it('come to the same state over random straight code', () => {
    fc.assert(
      fc.property(program, registerFile, registerFile, (program, registers, floats) => {
        // Nothing of a longer program before stays behind it.
        const code = new Uint8Array(LONGEST * 4);
        program.forEach((decoded, i) => new DataView(code.buffer).setUint32(i * 4, decoded.raw, true));
        const start = { mode, code, registers, floats };
        prepare(interpreted, start);
        interpreted.engine.run(program.length);
        // The second time nothing is new: what left the region before stays in it.
        for (let time = 0; time < 2; time++) {
          prepare(translated, start);
          translated.engine.run(program.length);
          expect(stateOf(translated)).toEqual(stateOf(interpreted));
        }
      }),
      { seed: 20260, numRuns: 400 },
    );
    const { instructions: done } = translated.engine.statistics();
    // What a region hands over, and all behind it, is interpreted.
    expect(done.translator).toBeGreaterThan(done.interpreter / 4);
  });
});

it('covers every instruction that is straight code', () => {
  expect(straight.length).toBeGreaterThan(150);
});
