/**
 * A, atomic memory operations: RISC-V unprivileged specification, chapter "A". One hart needs no ordering, so `aq` and
 * `rl` are accepted and change nothing.
 */
import type { Binary, Condition } from './formats.js';
import type { Instruction } from './instruction.js';

type Width = { suffix: 'w' | 'd'; funct3: string; size: 4 | 8 };

const atomicMemoryOperation =
  ({ suffix, funct3, size }: Width) =>
  (name: string, funct5: string, update: Binary): Instruction => ({
    name: `${name}.${suffix}`,
    extension: 'A',
    pattern: `${funct5} aq rl rs2 rs1 ${funct3} rd 0101111`,
    operands: { rd: 'x', rs1: 'x', rs2: 'x' },
    assembly: `${name}.${suffix}{order} rd, rs2, (rs1)`,
    meaning(s) {
      const operand = s.let(size === 4 ? s.sext(s.x('rs2'), 32) : s.x('rs2'));
      s.setX(s.atomic(s.x('rs1'), size, (old) => update(s, old, operand)));
    },
  });

/** Both operands come sign-extended, which keeps the order of unsigned words too. */
const chosen =
  (condition: Condition): Binary =>
  (s, x, b) => {
    const a = s.let(x);
    return s.select(condition(s, a, b), a, b);
  };

function ofWidth(width: Width): Instruction[] {
  const { suffix, funct3, size } = width;
  const amo = atomicMemoryOperation(width);
  return [
    {
      name: `lr.${suffix}`,
      extension: 'A',
      pattern: `00010 aq rl 00000 rs1 ${funct3} rd 0101111`,
      operands: { rd: 'x', rs1: 'x' },
      assembly: `lr.${suffix}{order} rd, (rs1)`,
      meaning: (s) => s.setX(s.loadReserved(s.x('rs1'), size)),
    },
    {
      name: `sc.${suffix}`,
      extension: 'A',
      pattern: `00011 aq rl rs2 rs1 ${funct3} rd 0101111`,
      operands: { rd: 'x', rs1: 'x', rs2: 'x' },
      assembly: `sc.${suffix}{order} rd, rs2, (rs1)`,
      meaning: (s) => s.setX(s.storeConditional(s.x('rs1'), size, s.x('rs2'))),
    },
    amo('amoswap', '00001', (_s, _old, operand) => operand),
    amo('amoadd', '00000', (s, a, b) => s.add(a, b)),
    amo('amoxor', '00100', (s, a, b) => s.xor(a, b)),
    amo('amoand', '01100', (s, a, b) => s.and(a, b)),
    amo('amoor', '01000', (s, a, b) => s.or(a, b)),
    amo(
      'amomin',
      '10000',
      chosen((s, a, b) => s.ltS(a, b)),
    ),
    amo(
      'amomax',
      '10100',
      chosen((s, a, b) => s.ltS(b, a)),
    ),
    amo(
      'amominu',
      '11000',
      chosen((s, a, b) => s.ltU(a, b)),
    ),
    amo(
      'amomaxu',
      '11100',
      chosen((s, a, b) => s.ltU(b, a)),
    ),
  ];
}

export const atomics: readonly Instruction[] = [
  ...ofWidth({ suffix: 'w', funct3: '010', size: 4 }),
  ...ofWidth({ suffix: 'd', funct3: '011', size: 8 }),
];
