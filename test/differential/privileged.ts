/**
 * Streams of traps: CSR accesses from every mode, system calls, returns, delegation, interrupts, and accesses to where
 * nothing is. RISC-V privileged specification 20240411, chapters 3 and 10; translation has a file of its own.
 */
import { assemble } from '../../src/isa/assemble.js';
import { constant, csrAtom } from './csr-atoms.js';
import type { Kind } from './kind.js';
import { PLAIN_SCRATCH_BYTES, type Maker } from './maker.js';
import type { Random } from './random.js';
import type { Mode, Stream } from './stream.js';
import { encode, templatesOf, withRs1 } from './templates.js';
import { csrNumber } from './layout.js';

const LENGTH = 120;
const STATUS = { SIE: 1, MIE: 3, SPIE: 5, MPIE: 7, SPP: 8, SUM: 18, MXR: 19, TVM: 20, TW: 21, TSR: 22 } as const;
/** What the supervisor's stub needs is the monitor's: faults of fetching, and its `ecall`. */
const DELEGABLE = 0xb3ff & ~((1 << 1) | (1 << 9) | (1 << 12));
const SUPERVISOR_INTERRUPTS = 0x222;
const STIP = 1 << 5;
const STCE = 1n << 63n;

const memory = templatesOf('I').filter(({ role }) => role === 'load' || role === 'store');
const atomics = templatesOf('A').filter(({ name }) => !name.startsWith('sc'));
const sfence = templatesOf('privileged').filter(({ name }) => name === 'sfence.vma')[0];
const fence = templatesOf('Zifencei')[0];
/** Known: flagsMakeDirty. */
const floats = [...templatesOf('F'), ...templatesOf('D')].filter(
  ({ name, role }) => role === 'plain' && !/^f(cvt\.[wl]u?\.|eq|lt|le)/.test(name),
);

/** Where no device and no RAM is, on both boards, and where no memory can be. */
const nowhere: readonly (readonly [lo: number, hi: number])[] = [
  [0x0700_0000, 0],
  [0x9000_0000, 0],
  [0x0000_0200, 0],
  [0x8000_0000, 0x8000_0000],
  [0xffff_f000, 0xffff_ffff],
  [0x8001_0000, 0x0100_0000],
];

interface Setting {
  readonly mode: Mode;
  /** Whether nothing in the stream leaves M-mode. */
  readonly pure: boolean;
  /** Whether wfi traps, whatever is pending. */
  readonly wfiTraps: boolean;
  readonly nowhere: readonly number[];
}

/** The bits of mstatus named, each set at random. */
function some(random: Random, names: readonly (keyof typeof STATUS)[]): bigint {
  return names.reduce((bits, name) => (random.once(2) ? bits | (1n << BigInt(STATUS[name])) : bits), 0n);
}

function makeTraps(maker: Maker, index: number): Stream {
  const { random, code } = maker;
  const mode = random.pick<Mode>(['M', 'M', 'S', 'S', 'U']);
  const delegates = random.once(2);
  const tw = random.once(3);
  const setting: Setting = {
    mode,
    pure: mode === 'M' && random.once(2),
    wfiTraps: mode === 'U' || (mode === 'S' && tw),
    nowhere: Array.from({ length: 2 }, () => {
      const x = maker.reserveAny();
      maker.setX(x, ...random.pick(nowhere));
      return x;
    }),
  };
  for (let i = 0; i < 2; i++) maker.point(maker.reserveAny(), random.once(3) ? 1 : 8);
  while (code.length < LENGTH) {
    code.atom();
    atom(maker, setting);
  }
  code.counted = code.length;
  // Known: menvcfg.
  const stce = random.once(4);
  const mideleg = delegates ? random.word() & SUPERVISOR_INTERRUPTS : 0;
  return maker.finish('traps', index, {
    mode,
    fs: random.below(4),
    mstatus:
      // Not MIE: the monitor is still at work; the return into the stream makes it of MPIE.
      some(random, ['SIE', 'SPIE', 'MPIE', 'SPP', 'SUM', 'MXR', 'TVM']) |
      (tw ? 1n << BigInt(STATUS.TW) : 0n) |
      (delegates ? 0n : some(random, ['TSR'])),
    scratchBytes: PLAIN_SCRATCH_BYTES,
    csrs: {
      medeleg: delegates ? BigInt(random.word() & DELEGABLE) : 0n,
      mideleg: BigInt(mideleg),
      mie: random.once(2) ? BigInt(1 << maker.interrupt) : 0n,
      mip: BigInt(random.word() & SUPERVISOR_INTERRUPTS & (stce ? ~STIP : ~0)),
      mcounteren: BigInt(random.below(8)),
      scounteren: BigInt(random.below(8)),
      menvcfg: BigInt(random.below(2)) | (stce ? STCE : 0n),
      stvec: BigInt(random.below(2)),
    },
  });
}

function atom(maker: Maker, setting: Setting): void {
  const { random, code } = maker;
  const choice = random.below(64);
  // No MPRV. Known: sretKeepsMprv; and with it loads would meet any root and region (tableOnNothing, emptyTor).
  if (choice < 24) csrAtom(maker, setting.mode === 'M' && !setting.pure ? 'S' : setting.mode, false);
  else if (choice < 32) maker.filler();
  else if (choice < 36) maker.emit(random.pick(floats));
  else if (choice < 40) maker.access(random.pick(memory));
  else if (choice < 46) faultyAccess(maker, setting);
  else if (choice < 48) jumpAway(maker, random.pick(setting.nowhere));
  else if (choice < 52) code.put(random.pick([assemble('ecall'), assemble('ebreak'), assemble('c.ebreak')]));
  else if (choice < 54) maker.emit(random.pick([sfence, fence]));
  else if (choice < 58) {
    if (setting.pure) maker.filler();
    else returnFrom(maker, random.pick(['mret', 'sret']));
  } else if (choice < 60) wait(maker, setting);
  else if (choice < 62) softwareInterrupt(maker, setting);
  else code.put(illegalWord(random));
}

/** To where nothing is, or misaligned. */
function faultyAccess(maker: Maker, setting: Setting): void {
  const { random, code } = maker;
  if (random.once(3)) {
    code.put(withRs1(encode(random.pick(random.once(2) ? atomics : memory), random, maker.reserved), maker.pointer()));
    return;
  }
  // Known: atomicOnNothing, misalignedFault.
  const template = random.pick(memory);
  const lowBits = template.role === 'load' ? 7 << 20 : 7 << 7;
  const raw = encode(template, random, maker.reserved) & ~lowBits;
  code.put(withRs1(raw, random.pick(setting.nowhere)));
}

/** Through ra, behind which the monitor goes on when the fetch has failed. */
function jumpAway(maker: Maker, x: number): void {
  if (x === 1 || maker.reserved[1] !== 0) maker.filler();
  else maker.code.put(assemble('jalr', { rd: 1, rs1: x, imm: maker.random.below(64) }));
}

/** A return to the next instruction, into whatever mode is set. */
function returnFrom(maker: Maker, name: 'mret' | 'sret'): void {
  const { code } = maker;
  const t = maker.free();
  const at = code.offset;
  code.put(assemble('auipc', { rd: t }));
  const add = code.offset;
  code.put(0x13);
  code.put(assemble('csrrw', { rs1: t, imm: csrNumber(name === 'mret' ? 'mepc' : 'sepc') }));
  code.put(assemble(name));
  code.patch(add, assemble('addi', { rd: t, rs1: t, imm: code.offset - at }));
}

/** wfi where it traps, or with an interrupt pending that cannot be taken: otherwise it would wait for ever. */
function wait(maker: Maker, { pure, wfiTraps }: Setting): void {
  const { code } = maker;
  if (wfiTraps) code.put(assemble('wfi'));
  else if (!pure || maker.interrupt !== 1) maker.filler();
  else {
    code.put(assemble('csrrci', { rs1: 8, imm: csrNumber('mstatus') }));
    code.put(assemble('csrrsi', { rs1: 2, imm: csrNumber('mip') }));
    code.put(assemble('csrrsi', { rs1: 2, imm: csrNumber('mie') }));
    code.put(assemble('wfi'));
  }
}

/** The CLINT's msip: raised while masked, so that it is taken at the instruction that unmasks it. */
function softwareInterrupt(maker: Maker, { pure }: Setting): void {
  const { random, code } = maker;
  if (!pure || maker.interrupt !== 3) {
    maker.filler();
    return;
  }
  const t = maker.free();
  code.put(assemble('csrrci', { rs1: 8, imm: csrNumber('mstatus') }));
  code.put(assemble('csrrci', { rs1: 8, imm: csrNumber('mie') }));
  constant(maker, t, 0x200_0000n);
  code.put(assemble('sw', { rs1: t, rs2: t, imm: 0 })); // bit 0 is clear: lowers it
  code.put(assemble('addi', { rd: t, rs1: t, imm: 1 }));
  code.put(assemble('sw', { rs1: t, rs2: t, imm: -1 }));
  code.put(assemble('csrrs', { rd: maker.free(), imm: csrNumber('mip') }));
  const [first, second] = random.once(2) ? ['mstatus', 'mie'] : ['mie', 'mstatus'];
  code.put(assemble('csrrsi', { rs1: 8, imm: csrNumber(first) }));
  code.put(assemble('csrrsi', { rs1: 8, imm: csrNumber(second) }));
  constant(maker, t, 0x200_0000n);
  code.put(assemble('sw', { rs1: t, rs2: 0, imm: 0 }));
}

/** Words that no extension has. */
const illegalWord = (random: Random): number => random.pick([0, 0xffff_ffff, 0x0000_707b, 0x8000, 0x9c41]);

export const trapKind: Kind = { name: 'traps', doubles: 5, instructions: 1_000_000, make: makeTraps };
