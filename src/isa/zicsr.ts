/** Zicsr, control and status registers: RISC-V unprivileged specification, chapter "Zicsr". */
import type { Instruction } from './instruction.js';

type Kind = 'write' | 'set' | 'clear';

const withRegister = (name: string, funct3: string, kind: Kind): Instruction => ({
  name,
  extension: 'Zicsr',
  pattern: `csr rs1 ${funct3} rd 1110011`,
  operands: { rd: 'x', rs1: 'x' },
  assembly: `${name} rd, csr, rs1`,
  meaning: (s) => s.setX(s.csr(kind, s.x('rs1'))),
});

const withImmediate = (name: string, funct3: string, kind: Kind): Instruction => ({
  name,
  extension: 'Zicsr',
  pattern: `csr uimm ${funct3} rd 1110011`,
  operands: { rd: 'x' },
  assembly: `${name} rd, csr, uimm`,
  meaning: (s) => s.setX(s.csr(kind, s.uimm())),
});

export const zicsr: readonly Instruction[] = [
  withRegister('csrrw', '001', 'write'),
  withRegister('csrrs', '010', 'set'),
  withRegister('csrrc', '011', 'clear'),
  withImmediate('csrrwi', '101', 'write'),
  withImmediate('csrrsi', '110', 'set'),
  withImmediate('csrrci', '111', 'clear'),
];
