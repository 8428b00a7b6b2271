/** A kernel without a driver of its own, whose console is the SBI's: it is heard, and what is typed reaches it. */
import { assemble } from '../../src/isa/assemble.js';
import type { Environment, Output } from '../../src/machine/environment.js';
import { recogniseImage } from '../../src/machine/image.js';
import { Machine } from '../../src/machine/machine.js';
import { configurationOf, consoleText } from './replay-rig.js';

const [T0, A0, A1, A2, A6, A7] = [5, 10, 11, 12, 16, 17];
const DBCN = 0x4442_434e;

/** Asks for one byte until there is one, sends it back, and so on. */
const PROGRAM = [
  assemble('lui', { rd: A7, imm: DBCN & ~0xfff }),
  assemble('addi', { rd: A7, rs1: A7, imm: DBCN & 0xfff }),
  assemble('auipc', { rd: T0, imm: 0x1000 }),
  assemble('addi', { rd: A0, imm: 1 }),
  assemble('addi', { rd: A1, rs1: T0, imm: 0 }),
  assemble('addi', { rd: A2, imm: 0 }),
  assemble('addi', { rd: A6, imm: 1 }),
  assemble('ecall'),
  assemble('beq', { rs1: A1, rs2: 0, imm: -20 }),
  assemble('lbu', { rd: A0, rs1: T0, imm: 0 }),
  assemble('addi', { rd: A6, imm: 2 }),
  assemble('ecall'),
  assemble('jal', { rd: 0, imm: -36 }),
];

function image(): Uint8Array {
  const file = Buffer.alloc(64 + 4 * PROGRAM.length);
  file.writeUInt32LE(assemble('jal', { rd: 0, imm: 64 }));
  file.writeBigUInt64LE(0x20_0000n, 8);
  file.write('RSC\x05', 56);
  PROGRAM.forEach((word, i) => file.writeUInt32LE(word, 64 + 4 * i));
  return new Uint8Array(file);
}

it('listens from its first read that finds nothing, and gets what is typed', () => {
  const outputs: { position: number; output: Output }[] = [];
  const heard: boolean[] = [];
  const environment: Environment = {
    nextStop: (position) => position + 4,
    takeInputs: (position, { consoleListens }) => {
      heard.push(consoleListens);
      return position === 400 ? [{ type: 'console', device: 0, data: Buffer.from('typed') }] : [];
    },
    readTime: () => 0,
    readEntropy: (_position, length) => new Uint8Array(length),
    emit: (position, output) => outputs.push({ position, output }),
  };
  const machine = new Machine(configurationOf(), recogniseImage(image()), environment);
  while (machine.advance(1000) !== 'until');
  machine.flushConsole();
  expect(heard.slice(0, 3)).toEqual([false, false, false]);
  expect(heard.slice(3).every((listens) => listens)).toBe(true);
  expect(machine.hart.privilege).toBe(1);
  expect(consoleText(outputs)).toBe('typed');
});
