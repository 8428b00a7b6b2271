/** An illegal instruction tells the trap handler its word, wherever it lies: privileged specification 20240411, section 3.1.16. */
import { ENGINE_KINDS, type EngineKind } from '../../src/engine/kinds.js';
import { CAUSE } from '../../src/hart/trap.js';
import { assemble } from '../../src/isa/assemble.js';
import { CSR } from '../../src/isa/csrs.js';
import { Machine } from '../../src/machine/machine.js';
import { Silence } from '../guest/engines-rig.js';
import { configurationOf } from '../guest/replay-rig.js';

const BASE = 0x8000_0000n;
const HANDLER = 0x800;
const FS_INITIAL = 1 << 13;
/** In a page, and over the end of one; there the next page has the upper half. */
const PLACES = [0x100, 0xffe];
const LEFT = 8;
/** The translator has translated what leads there by then. */
const ROUNDS = 5;
const MOST_INSTRUCTIONS = 200;

/** What the handler is told last where control comes to a word again and again. */
function trap(word: number, place: number, kind: EngineKind, float: boolean): readonly (bigint | undefined)[] {
  const data = new Uint8Array(0x2000);
  const view = new DataView(data.buffer);
  const program: readonly (readonly [number, number])[] = [
    [0x0, assemble('auipc', { rd: 5, imm: 0 })],
    [0x4, assemble('addi', { rd: 6, rs1: 5, imm: HANDLER / 2 })],
    [0x8, assemble('addi', { rd: 6, rs1: 6, imm: HANDLER / 2 })],
    [0xc, assemble('csrrw', { rd: 0, rs1: 6, imm: CSR.mtvec })],
    [0x10, assemble('lui', { rd: 7, imm: float ? FS_INITIAL : 0 })],
    [0x14, assemble('csrrw', { rd: 0, rs1: 7, imm: CSR.mstatus })],
    [0x18, assemble('addi', { rd: LEFT, rs1: 0, imm: ROUNDS })],
    [0x1c, assemble('jal', { rd: 0, imm: place - 0x1c })],
    [HANDLER, assemble('addi', { rd: LEFT, rs1: LEFT, imm: -1 })],
    [HANDLER + 4, assemble('beq', { rs1: LEFT, rs2: 0, imm: 8 })],
    [HANDLER + 8, assemble('jal', { rd: 0, imm: 0x1c - HANDLER - 8 })],
    [HANDLER + 12, assemble('wfi', {})],
    [place, word],
  ];
  for (const [at, what] of program) view.setUint32(at, what, true);
  const machine = new Machine(configurationOf(), { kind: 'flat', data }, new Silence(), kind);
  if (machine.advance(MOST_INSTRUCTIONS) !== 'idle') throw new Error('the handler has not come to its end');
  return [CSR.mcause, CSR.mtval, CSR.mepc].map((number) => machine.hart.readCsr(number));
}

describe.each(ENGINE_KINDS)('on %s', (kind) => {
  it.each([
    ['all ones', 0xffff_ffff, false],
    ['an unused code', 0x0000_700b, false],
    ['16 bits of zeros', 0x0001_0000, false],
    ['a floating-point operation while FS is Off', assemble('fadd.s', { rd: 1, rs1: 2, rs2: 3, rm: 0 }), false],
    ['a floating-point load while FS is Off', assemble('flw', { rd: 1, rs1: 5, imm: 0 }), false],
    ['a compressed one while FS is Off', 0x2188, false],
    ['a reserved rounding mode', assemble('fadd.s', { rd: 1, rs1: 2, rs2: 3, rm: 0 }) | (5 << 12), true],
    ['a CSR that there is not', assemble('csrrs', { rd: 1, rs1: 0, imm: 0x7ff }), false],
  ])('%s', (_name, word, float) => {
    const value = BigInt((word & 3) === 3 ? word >>> 0 : word & 0xffff);
    for (const place of PLACES) {
      const told = [BigInt(CAUSE.illegalInstruction), value, BASE + BigInt(place)];
      expect(trap(word, place, kind, float)).toEqual(told);
    }
  });
});
