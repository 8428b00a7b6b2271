/** What the translator makes of code, where the guest cannot see it: which instructions stay with the interpreter. */
import { pageDistance } from '../../src/engine/region-code.js';
import { ModuleBuilder } from '../../src/engine/wasm/builder.js';
import { Bytes } from '../../src/engine/wasm/bytes.js';
import { I32, I64, OP } from '../../src/engine/wasm/opcodes.js';
import { ENGINE_KINDS, type EngineKind, type EngineStatistics } from '../../src/engine/kinds.js';
import { weakTopologicalOrder, type Component } from '../../src/engine/weak-order.js';
import { assemble, type FieldValues } from '../../src/isa/assemble.js';
import { Machine } from '../../src/machine/machine.js';
import { Silence } from '../guest/engines-rig.js';
import { configurationOf } from '../guest/replay-rig.js';

const ROUNDS = 2000;
const COUNT = 8;
const LEFT = 9;
const MSCRATCH = 0x340;

type Line = readonly [at: number, name: string, values: FieldValues];

/** Runs until the guest waits. */
function run(lines: readonly Line[], kind: EngineKind): { count: bigint; position: number; done: EngineStatistics } {
  const data = new Uint8Array(0x4000);
  const view = new DataView(data.buffer);
  for (const [at, name, values] of lines) view.setUint32(at, assemble(name, values), true);
  const machine = new Machine(configurationOf(), { kind: 'flat', data }, new Silence(), kind);
  while (machine.advance(Infinity) !== 'idle');
  return { count: machine.hart.getX(COUNT), position: machine.position, done: machine.engineStatistics() };
}

const start: readonly Line[] = [
  [0x0, 'lui', { rd: LEFT, imm: ROUNDS << 12 }],
  [0x4, 'srli', { rd: LEFT, rs1: LEFT, imm: 12 }],
];

describe('code of two pages', () => {
  // A loop calls code of the next page. In both the hart executes an instruction: execution goes on in the middle of each.
  const calls: readonly Line[] = [
    ...start,
    [0x8, 'jal', { rd: 1, imm: 0x1100 - 0x8 }],
    [0xc, 'addi', { rd: COUNT, rs1: COUNT, imm: 1 }],
    [0x10, 'jal', { rd: 1, imm: 0x1000 - 0x10 }],
    [0x14, 'csrrs', { rd: 12, rs1: 0, imm: MSCRATCH }],
    [0x18, 'addi', { rd: LEFT, rs1: LEFT, imm: -1 }],
    [0x1c, 'bne', { rs1: LEFT, rs2: 0, imm: 0xc - 0x1c }],
    [0x20, 'wfi', {}],
    [0x1000, 'addi', { rd: COUNT, rs1: COUNT, imm: 1 }],
    [0x1004, 'csrrs', { rd: 12, rs1: 0, imm: MSCRATCH }],
    [0x1008, 'addi', { rd: COUNT, rs1: COUNT, imm: 1 }],
    [0x100c, 'addi', { rd: COUNT, rs1: COUNT, imm: 1 }],
    [0x1010, 'jalr', { rd: 0, rs1: 1, imm: 0 }],
    [0x1100, 'jalr', { rd: 0, rs1: 1, imm: 0 }],
  ];
  // The loop's body lies on both sides of the border, an instruction across it.
  const straddles: readonly Line[] = [
    ...start,
    [0x8, 'jal', { rd: 0, imm: 0xff6 - 0x8 }],
    [0xff6, 'addi', { rd: COUNT, rs1: COUNT, imm: 1 }],
    [0xffa, 'addi', { rd: COUNT, rs1: COUNT, imm: 1 }],
    [0xffe, 'addi', { rd: COUNT, rs1: COUNT, imm: 1 }],
    [0x1002, 'addi', { rd: COUNT, rs1: COUNT, imm: 1 }],
    [0x1006, 'addi', { rd: LEFT, rs1: LEFT, imm: -1 }],
    [0x100a, 'bne', { rs1: LEFT, rs2: 0, imm: 0xff6 - 0x100a }],
    [0x100e, 'wfi', {}],
  ];

  it.each(ENGINE_KINDS)('does the same on %s', (kind) => {
    for (const lines of [calls, straddles]) {
      const { count, position } = run(lines, kind);
      expect([count, position]).toEqual([BigInt(4 * ROUNDS), run(lines, 'interpreter').position]);
    }
  });

  it('is entered in the middle of either page: only the CSR accesses are interpreted', () => {
    const { done } = run(calls, 'translator');
    expect(done.instructions.interpreter).toBeLessThan(2 * ROUNDS + 100);
    expect(done.exits.system).toBeGreaterThan(0.9 * ROUNDS);
  });

  it('is one loop', () => {
    const { done } = run(straddles, 'translator');
    expect(done.instructions.interpreter).toBeLessThan(20);
    expect(done.exits.jump).toBeLessThan(5);
  });
});

it('regions that jump to one another become one', () => {
  // Two places that go to each other by computed jumps: nothing but execution tells that they belong together.
  const lines: readonly Line[] = [
    ...start,
    [0x8, 'auipc', { rd: 5, imm: 0 }],
    [0xc, 'addi', { rd: 6, rs1: 5, imm: 0x200 - 0x8 }],
    [0x10, 'addi', { rd: 7, rs1: 5, imm: 0x100 - 0x8 }],
    [0x14, 'jalr', { rd: 0, rs1: 7, imm: 0 }],
    [0x100, 'addi', { rd: COUNT, rs1: COUNT, imm: 1 }],
    [0x104, 'jalr', { rd: 0, rs1: 6, imm: 0 }],
    [0x200, 'addi', { rd: LEFT, rs1: LEFT, imm: -1 }],
    [0x204, 'beq', { rs1: LEFT, rs2: 0, imm: 8 }],
    [0x208, 'jalr', { rd: 0, rs1: 7, imm: 0 }],
    [0x20c, 'wfi', {}],
  ];
  const { count, done } = run(lines, 'translator');
  expect(count).toBe(BigInt(ROUNDS));
  expect(done.exits.jump).toBeLessThan(ROUNDS / 10);
  expect(done.regions.live).toBeLessThan(done.regions.made);
});

it('interpreted code is counted, and nothing translated', () => {
  const { done } = run(start.concat([[0x8, 'wfi', {}]]), 'interpreter');
  expect(done).toMatchObject({
    instructions: { interpreter: 3, translator: 0 },
    regions: { live: 0, made: 0 },
    modules: 0,
  });
});

describe('the weak topological order', () => {
  const text = (order: readonly Component[]): string =>
    order.map(({ head, body }) => (body ? `(${[String(head), text(body)].join(' ').trim()})` : String(head))).join(' ');

  it('is that of the paper’s example', () => {
    // Bourdoncle 1993, figure 1: 1 2 (3 4 (5 6) 7) 8, its vertices from 0 on.
    const successors = [[1], [2, 7], [3], [4, 6], [5], [4, 6], [2, 7], []];
    expect(text(weakTopologicalOrder(successors, [0]))).toBe('0 1 (2 3 (4 5) 6) 7');
  });

  it('has every edge go forward, or to the head of a loop around its origin, in random graphs', () => {
    let state = 1;
    const roll = (sides: number): number => (state = (state * 48271) % 0x7fffffff) % sides;
    for (let round = 0; round < 300; round++) {
      const count = 1 + roll(20);
      const successors = Array.from({ length: count }, () => Array.from({ length: roll(4) }, () => roll(count)));
      const roots = Array.from({ length: count }, (_, vertex) => vertex);
      const places = new Map<number, { at: number; heads: readonly number[] }>();
      const place = (order: readonly Component[], heads: readonly number[]): void => {
        for (const { head, body } of order) {
          const around = body ? [...heads, head] : heads;
          places.set(head, { at: places.size, heads: around });
          if (body) place(body, around);
        }
      };
      place(weakTopologicalOrder(successors, roots), []);
      expect(places.size).toBe(count);
      successors.forEach((targets, from) => {
        for (const target of targets) {
          const forward = places.get(target)!.at > places.get(from)!.at;
          expect(forward || places.get(from)!.heads.includes(target)).toBe(true);
        }
      });
    }
  });
});

it('numbers and bigints have the same LEB128', () => {
  const edges = [0, 1, 63, 64, 127, 128, 8191, 8192, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 48 + 5, 2 ** 53 - 1];
  for (const value of edges.flatMap((edge) => [edge, -edge, -edge - 1].filter(Number.isSafeInteger))) {
    const [number, bigint] = [new Bytes(), new Bytes()];
    number.s53(value);
    bigint.s64(BigInt(value));
    expect([value, ...number.view()]).toEqual([value, ...bigint.view()]);
  }
});

it('hints are of the branches in front of which they were given', () => {
  const module = new ModuleBuilder();
  module.function([I32], [], (f) => {
    const [condition] = f.parameters;
    const local = f.local(I64);
    f.i64(0n)
      .set(local)
      .get(condition)
      .if(() => undefined);
    f.get(condition)
      .likely()
      .if(() => undefined);
    f.block((label) => f.get(condition).unlikely().brIf(label));
  });
  const bytes = module.finish();
  const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(bytes), 'metadata.code.branch_hint');
  // The code section comes last: identifier, size, one function, its size, its body.
  const code = bytes.findIndex((byte, at) => byte === 10 && at + 2 + bytes[at + 1] === bytes.length);
  const body = bytes.subarray(code + 4);
  const [functions, index, count, likely, , taken, unlikely, , notTaken] = new Uint8Array(section);
  expect([functions, index, count, taken, notTaken]).toEqual([1, 0, 2, 1, 0]);
  expect([body[likely], body[unlikely]]).toEqual([OP.if, OP.brIf]);
  expect(body[likely - 5]).toBe(OP.if);
});

it('pages are told apart by both halves of their addresses', () => {
  expect(pageDistance(0x1000, 0, 0x4000, 0)).toBe(3);
  expect(pageDistance(-0x1000, 0, 0, 1)).toBe(1);
  expect(pageDistance(0, 1, -0x2000, 0)).toBe(-2);
  expect(pageDistance(0, 0, 0, 1)).toBe(Infinity);
  expect(pageDistance(0x8000_0000 | 0, -1, 0x8000_3000 | 0, -1)).toBe(3);
});
