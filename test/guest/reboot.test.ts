/** A guest that resets the board: memory and devices begin anew, the position goes on. */
import { DRAM_BASE } from '../../src/hart/layout.js';
import { assemble } from '../../src/isa/assemble.js';
import type { Environment, Output } from '../../src/machine/environment.js';
import { Machine } from '../../src/machine/machine.js';
import { configurationOf } from './replay-rig.js';

const A0 = 10;
const T0 = 5;
const T1 = 6;

/** Counts in the last word of its image, prints "A" plus what it has counted, and resets the board. */
const PROGRAM = [
  assemble('auipc', { rd: T0, imm: 0 }),
  assemble('lw', { rd: T1, rs1: T0, imm: 64 }),
  assemble('addi', { rd: T1, rs1: T1, imm: 1 }),
  assemble('sw', { rs1: T0, rs2: T1, imm: 64 }),
  assemble('addi', { rd: A0, rs1: T1, imm: 0x40 }),
  assemble('lui', { rd: T1, imm: 0x1000_0000 }), // UART
  assemble('sb', { rs1: T1, rs2: A0, imm: 0 }),
  assemble('lui', { rd: T1, imm: 0x10_0000 }), // finisher
  assemble('lui', { rd: A0, imm: 0x7000 }),
  assemble('addi', { rd: A0, rs1: A0, imm: 0x777 }),
  assemble('sw', { rs1: T1, rs2: A0, imm: 0 }),
  assemble('jal', { rd: 0, imm: 0 }),
];

function flatImage(): Uint8Array {
  const image = new Uint8Array(68);
  PROGRAM.forEach((word, i) => new DataView(image.buffer).setUint32(i * 4, word, true));
  return image;
}

it('starts the image anew, with fresh memory', () => {
  const outputs: [number, Output][] = [];
  const environment: Environment = {
    nextStop: (position) => position + 1000,
    takeInputs: () => [],
    readTime: () => 0,
    readEntropy: (_position, length) => new Uint8Array(length),
    emit: (position, output) => outputs.push([position, output]),
  };
  const machine = new Machine(configurationOf(), { kind: 'flat', data: flatImage() }, environment);
  const round = PROGRAM.length - 1;
  expect(machine.advance(3 * round)).toBe('until');
  expect(machine.position).toBe(3 * round);
  expect(machine.hart.pc).toBe(BigInt(DRAM_BASE));
  expect(machine.hart.privilege).toBe(3);
  expect(machine.ram[64]).toBe(0);
  // The count never comes further than one: memory was as at power-on each time.
  expect(outputs.map(([position, output]) => [position, output.type === 'console' && String(output.data)])).toEqual(
    [1, 2, 3].map((n) => [n * round, String('A'.charCodeAt(0))]),
  );
});
