/** Random accesses to control and status registers, arranged so that the monitor stays in control. */
import { assemble } from '../../src/isa/assemble.js';
import { absentCsrs, csrChoices, type CsrChoice } from './known.js';
import type { Maker } from './maker.js';
import type { Mode } from './stream.js';

const kinds = ['csrrw', 'csrrs', 'csrrc', 'csrrwi', 'csrrsi', 'csrrci'] as const;

/** Registers that lead to the monitor: their old value is put back at once. */
const RESTORED = /^(mtvec|mscratch|stvec)$/;
/** Registers whose change would take the ground from under the stream in that mode. */
const READ_ONLY: Readonly<Record<Mode, RegExp>> = {
  M: /^$/,
  S: /^(satp|medeleg|pmp\w+)$/,
  U: /^$/,
};

const MPRV = 1n << 17n;
const MPP = 3n << 11n;
const MPP_HIGH = 2n << 11n;
const ENABLES = /^[ms]ie$/;
const FLOAT = /^f(flags|rm|csr)$/;

const common = csrChoices.filter(({ name }) => !/^(m?hpm|pmp)/.test(name));
const frequent = csrChoices.filter(({ name }) => /^[ms](status|ie|ip|cause|epc|tval)$|^(medeleg|mideleg)$/.test(name));

function choose(maker: Maker): CsrChoice {
  const { random } = maker;
  const choice = random.below(16);
  if (choice === 0) {
    const number = random.pick(absentCsrs);
    return { number, name: '', rule: undefined };
  }
  return random.pick(choice < 3 ? csrChoices : choice < 10 ? common : frequent);
}

/** One access with what belongs to it; `mprv` tells whether it may set mstatus.MPRV. */
export function csrAtom(maker: Maker, mode: Mode, mprv = mode === 'M'): void {
  const { random } = maker;
  const { number, name, rule } = choose(maker);
  const handling = rule?.handling;
  if (handling === 'access') {
    put(maker, 'csrrs', 0, 0, number);
    return;
  }
  const rd = random.once(8) ? 0 : maker.free();
  if (handling === 'read' || READ_ONLY[mode].test(name)) {
    put(maker, random.pick(['csrrs', 'csrrc', 'csrrsi', 'csrrci']), rd, 0, number);
  } else if (RESTORED.test(name)) {
    const old = maker.free();
    put(maker, random.pick(kinds), old, random.below(32), number);
    put(maker, 'csrrw', otherThan(maker, old), old, number);
  } else if (typeof handling === 'object') {
    let bits = handling.written;
    if (ENABLES.test(name)) bits &= 1n << BigInt(maker.interrupt); // Known: interruptPriority.
    if (!mprv) bits &= ~MPRV;
    // Clearing R of a PMP entry could leave W alone.
    const list = name.startsWith('pmpcfg') ? kinds.filter((kind) => !kind.startsWith('csrrc')) : kinds;
    const kind = random.pick(list);
    // Known: reservedMpp.
    if (name === 'mstatus') bits &= kind.startsWith('csrrc') ? ~MPP : ~MPP_HIGH;
    putBits(maker, kind, rd, number, bits);
  } else if (number >> 10 === 3 || FLOAT.test(name)) {
    // Known: readOnlyCsrSetByZero, floatCsrSetByZero.
    const kind = random.pick(kinds);
    put(maker, kind, rd, /^csrr[sc]$/.test(kind) ? 0 : random.below(32), number);
  } else {
    put(maker, random.pick(kinds), rd, random.below(32), number);
  }
}

/** An access that names some bits only. */
function putBits(maker: Maker, kind: string, rd: number, number: number, bits: bigint): void {
  const { random, code } = maker;
  if (kind.endsWith('i')) {
    put(maker, kind, rd, random.below(32) & Number(bits & 31n), number);
    return;
  }
  const t = maker.free();
  constant(maker, t, bits);
  code.put(assemble('and', { rd: t, rs1: t, rs2: random.below(32) }));
  put(maker, kind, rd, t, number);
}

function put(maker: Maker, kind: string, rd: number, rs1: number, number: number): void {
  maker.code.put(assemble(kind, { rd, rs1, imm: number }));
  maker.code.counted++;
}

function otherThan(maker: Maker, x: number): number {
  for (;;) {
    const other = maker.free();
    if (other !== x) return other;
  }
}

/** Any constant, twelve bits at a time. */
export function constant(maker: Maker, rd: number, value: bigint): void {
  const { code } = maker;
  const low = Number(BigInt.asIntN(12, value));
  const rest = (BigInt.asIntN(64, value) - BigInt(low)) >> 12n;
  if (rest === 0n) {
    code.put(assemble('addi', { rd, imm: low }));
    return;
  }
  constant(maker, rd, rest);
  code.put(assemble('slli', { rd, rs1: rd, imm: 12 }));
  code.put(assemble('addi', { rd, rs1: rd, imm: low }));
}
