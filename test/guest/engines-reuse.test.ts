/**
 * Pages that held code and hold data now, as a kernel's do when a program has ended: stores to them are fast again, and where
 * code comes there once more, it is the new one that is executed.
 */
import { imageOf, partings, runTo, runnersOf, Silence } from './engines-rig.js';
import { assemble } from '../../src/isa/assemble.js';

const RESULT = 10;
const ROUND = 12;
const ROUNDS = 4;
const STORES = 0x5000;

/** Puts `addi a0, a0, ROUND * 16; ret` into a page, calls it, and fills the page with numbers. */
const GUEST = imageOf([
  ['auipc', { rd: 30, imm: 0x4000 }], // the page
  ['auipc', { rd: 29 }],
  ['addi', { rd: 29, rs1: 29 }, 'code'],
  ['addi', { rd: 29, rs1: 29, imm: 4 }],
  ['lw', { rd: 28, rs1: 29 }],
  ['lw', { rd: 27, rs1: 29, imm: 4 }],
  ['lui', { rd: 26, imm: 0x10_0000 }], // 1 in the immediate
  'round',
  ['addi', { rd: ROUND, rs1: ROUND, imm: 1 }],
  ['add', { rd: 28, rs1: 28, rs2: 26 }],
  ['sw', { rs1: 30, rs2: 28 }],
  ['sw', { rs1: 30, rs2: 27, imm: 4 }],
  ['fence.i'],
  ['jalr', { rd: 1, rs1: 30 }],
  ['lui', { rd: 6, imm: STORES }],
  'store',
  ['andi', { rd: 7, rs1: 6, imm: 255 }],
  ['slli', { rd: 7, rs1: 7, imm: 3 }],
  ['add', { rd: 7, rs1: 7, rs2: 30 }],
  ['sd', { rs1: 7, rs2: 6 }],
  ['addi', { rd: 6, rs1: 6, imm: -1 }],
  ['bne', { rs1: 6 }, 'store'],
  ['addi', { rd: 8, imm: ROUNDS }],
  ['bne', { rs1: 8, rs2: ROUND }, 'round'],
  'end',
  ['jal', {}, 'end'],
  'code',
  ['addi', { rd: RESULT, rs1: RESULT }],
  ['jalr', { rs1: 1 }],
]);

it('a page that held code is stored to as fast as any other, and may hold code again', () => {
  expect(assemble('addi', { rd: RESULT, rs1: RESULT, imm: 1 }) - assemble('addi', { rd: RESULT, rs1: RESULT })).toBe(
    0x10_0000,
  );
  const runners = runnersOf(GUEST, () => new Silence());
  const found: string[] = [];
  for (let position = 1000; position < ROUNDS * (STORES * 6 + 50) && found.length === 0; position += 20_011) {
    for (const { machine } of runners) runTo(machine, position);
    found.push(...partings(runners));
  }
  for (const { machine } of runners) runTo(machine, ROUNDS * (STORES * 6 + 50));
  found.push(...partings(runners));
  expect(found).toEqual([]);
  for (const { engine, machine } of runners) {
    expect(machine.hart.getX(RESULT)).toBe(BigInt((ROUNDS * (ROUNDS + 1)) / 2));
    expect([engine, machine.engineStatistics().misses.store < ROUNDS * 1000]).toEqual([engine, true]);
  }
});
