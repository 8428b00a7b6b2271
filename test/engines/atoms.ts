/** What the random programs consist of between their jumps: one instruction, or a few that belong together. */
import { CSR } from '../../src/isa/csrs.js';
import type { Random } from '../differential/random.js';
import type { Mode } from '../differential/stream.js';
import { encode, templatesOf, withRs1, type Role, type Template } from '../differential/templates.js';
import { DRAM_BASE } from '../../src/hart/layout.js';
import type { CodeWriter, Label } from './code-writer.js';
import { ALIAS, CODE, LEAF_TABLE, PAGE, WINDOW, WINDOW_PAGES } from './layout.js';

/** Registers that random instructions leave alone: links, pointers and loop counters. */
export const LINKS = [1, 5] as const;
export const POINTER = { stack: 2, data: 3, edge: 4, window: 8, other: 9 } as const;
export const COUNTERS = [18, 19, 20, 21, 22, 23] as const;
const pointers = Object.values(POINTER);
const reserved = new Uint8Array(32);
for (const x of [...LINKS, ...pointers, ...COUNTERS]) reserved[x] = 1;
export const FREE = [...Array(32).keys()].filter((x) => x > 0 && reserved[x] === 0);
/** For addresses and values of what belongs together. */
const T1 = 6;
const T2 = 7;
const SWAPPED = [10, 11] as const;

export interface Place {
  readonly code: CodeWriter;
  readonly random: Random;
  readonly mode: Mode;
  /** Traps are few. */
  readonly calm: boolean;
  readonly targets: Target[];
}

/** An instruction of 32 bits that other code may replace: one or the other. */
export interface Target {
  readonly at: Label;
  readonly either: readonly [number, number];
}

const byRole = (role: Role, ...extensions: string[]): readonly Template[] =>
  extensions.flatMap(templatesOf).filter((template) => template.role === role);

const integers = byRole('plain', 'I', 'I', 'M', 'Zba', 'Zbb', 'Zbs');
/** c.addi16sp would move a pointer. */
const compressed = byRole('plain', 'C').filter(({ name }) => name !== 'c.addi16sp');
const compressedMemory = [...byRole('load', 'C'), ...byRole('store', 'C')];
const floats = byRole('plain', 'F', 'D');
const loads = byRole('load', 'I', 'I', 'F', 'D');
const stores = byRole('store', 'I', 'I', 'F', 'D');
const atomics = byRole('atomic', 'A');
const roundings = [0, 1, 2, 3, 4, 7, 7, 7, 7];

const FS = 3 << 13;
const MPRV = 1 << 17;
const SUM = 1 << 18;
const SPP = 1 << 8;
const MPP = 3 << 11;

export function plain({ code, random }: Place): void {
  code.put(encode(random.pick(random.once(3) ? compressed : integers), random, reserved));
}

export function float({ code, random }: Place): void {
  const raw = encode(random.pick(floats), random, reserved);
  const rounds = ((raw >>> 12) & 7) >= 5 && !random.once(10);
  code.put(rounds ? ((raw & ~(7 << 12)) | (random.pick(roundings) << 12)) >>> 0 : raw);
}

/** Where words lie: offsets that are aligned more often than not. */
function offset(random: Random): number {
  const any = random.below(4096) - 2048;
  return random.once(5) ? any : any & ~7;
}

export function access(place: Place): void {
  const { code, random } = place;
  if (random.once(4)) {
    accessCompressed(place);
    return;
  }
  const store = random.once(3);
  const raw = withRs1(encode(random.pick(store ? stores : loads), random, reserved), random.pick(pointers));
  const imm = offset(random);
  code.put(
    store
      ? ((raw & ~0xfe00_0f80) | ((imm & 0xfe0) << 20) | ((imm & 31) << 7)) >>> 0
      : ((raw & 0x000f_ffff) | (imm << 20)) >>> 0,
  );
}

function accessCompressed({ code, random }: Place): void {
  for (;;) {
    const template = random.pick(compressedMemory);
    const raw = encode(template, random, reserved);
    if (!pointers.includes(template.rs1(raw) as 2)) continue;
    code.put(raw);
    return;
  }
}

/** Around the end of a page, misaligned. */
export function crossing({ code, random }: Place): void {
  const imm = -8 + random.below(12);
  const x = random.once(2) ? POINTER.edge : POINTER.window;
  if (random.once(2))
    code.op(random.pick(['ld', 'lw', 'lhu', 'lh', 'fld', 'flw']), { rd: random.pick(FREE), rs1: x, imm });
  else code.op(random.pick(['sd', 'sw', 'sh', 'fsd']), { rs2: random.below(32), rs1: x, imm });
}

/** The window's pointer moves to another page: the middle of it, or its end. */
export function moveWindow({ code, random, mode }: Place): void {
  if (mode === 'M') {
    code.op('addi', { rd: POINTER.window, rs1: POINTER.window, imm: random.pick([-64, -8, -1, 1, 8, 64]) });
    return;
  }
  code.op('andi', { rd: T1, rs1: random.pick(FREE), imm: WINDOW_PAGES - 2 });
  code.op('slli', { rd: T1, rs1: T1, imm: 12 });
  code.op('lui', { rd: T2, imm: WINDOW + (random.once(3) ? PAGE : 0) });
  code.op('add', { rd: POINTER.window, rs1: T1, rs2: T2 });
  if (random.once(2)) {
    code.op('addi', { rd: T1, imm: 1 });
    code.op('slli', { rd: T1, rs1: T1, imm: 11 });
    code.op('add', { rd: POINTER.window, rs1: POINTER.window, rs2: T1 });
  }
}

export function atomic({ code, random }: Place): void {
  const x = random.pick([
    POINTER.data,
    POINTER.data,
    POINTER.other,
    POINTER.other,
    POINTER.stack,
    POINTER.stack,
    POINTER.window,
  ]);
  const width = random.pick(['w', 'd']);
  if (random.once(2)) {
    const template = random.pick(atomics.filter(({ name }) => name.startsWith('amo')));
    code.put(withRs1(encode(template, random, reserved), x));
    return;
  }
  code.op(`lr.${width}`, { rd: random.pick(FREE), rs1: x });
  if (random.once(2)) code.op('addi', { rd: random.pick(FREE), rs1: random.below(32), imm: random.below(99) });
  if (random.once(3)) code.op('sd', { rs2: random.below(32), rs1: x, imm: random.pick([0, 8, 64]) });
  code.op(`sc.${random.once(8) ? 'w' : width}`, { rd: random.pick(FREE), rs1: x, rs2: random.below(32) });
}

/** Floating-point state, counters, and whether there is a unit at all. */
export function csrAccess({ code, random, mode, calm }: Place): void {
  const rd = random.once(3) ? 0 : random.pick(FREE);
  // Seldom what U-mode may not.
  switch (random.below(mode === 'U' && !random.once(8) ? 5 : 9)) {
    case 0:
      code.op('csrrwi', { rd, rs1: !calm && random.once(6) ? random.below(8) : random.below(5), imm: CSR.frm });
      break;
    case 1:
      code.op(random.pick(['csrrw', 'csrrs', 'csrrc']), { rd, rs1: random.below(32), imm: CSR.fflags });
      break;
    case 2:
      code.op(random.pick(['csrrsi', 'csrrci', 'csrrwi']), { rd, rs1: random.below(32), imm: CSR.fflags });
      break;
    case 3:
      code.op('csrrs', { rd, imm: random.pick([CSR.fcsr, CSR.frm, CSR.fflags]) });
      break;
    case 4:
      code.op('csrrs', { rd, imm: random.pick(mode === 'M' ? [...COUNTING, CSR.minstret] : COUNTING) });
      break;
    case 5:
      // Cleared seldom: each instruction of the unit traps from then on.
      status(code, mode, !calm && random.once(4) ? 'csrrc' : 'csrrs', FS);
      break;
    case 6:
      code.op('csrrs', { rd, imm: mode === 'M' ? CSR.mstatus : CSR.sstatus });
      break;
    case 7:
      // Interrupts let in and kept out: none is pending.
      code.op(random.pick(['csrrsi', 'csrrci']), { rd, rs1: 2, imm: CSR.sstatus });
      break;
    default:
      code.op(random.pick(['csrrw', 'csrrs', 'csrrwi']), { rd, rs1: random.below(32), imm: random.pick(OTHER_CSRS) });
  }
}

const COUNTING = [CSR.instret, CSR.cycle, CSR.time];
/** What nothing rests on. */
const OTHER_CSRS = [
  ...[CSR.mtval, CSR.mcause, CSR.scause, CSR.stval, CSR.sepc, CSR.mepc, CSR.mhartid, CSR.misa, 0x8ff],
];

function status(code: CodeWriter, mode: Mode, name: string, bits: number): void {
  code.op('lui', { rd: T1, imm: bits });
  code.op(name, { rs1: T1, imm: mode === 'M' ? CSR.mstatus : CSR.sstatus });
}

/** Loads and stores as another mode would do them, and back. */
export function otherEyes(place: Place): void {
  const { code, random, mode, calm } = place;
  if (calm || (mode === 'U' && !random.once(8))) {
    access(place);
    return;
  }
  const bit = mode === 'M' ? MPRV : SUM;
  status(code, mode, 'csrrs', bit);
  for (let n = random.below(4); n >= 0; n--) access(place);
  status(code, mode, 'csrrc', bit);
}

/** A call, a break, nonsense, or a fence; some of them illegal in U-mode. */
export function trapping(place: Place): void {
  const { code, random, mode, calm } = place;
  if (calm && !random.once(6)) {
    code.op('fence.i');
    return;
  }
  switch (random.below(mode === 'U' && !random.once(4) ? 6 : 8)) {
    case 0:
    case 1:
      code.op('ecall');
      break;
    case 2:
      code.op(random.pick(['ebreak', 'c.ebreak']));
      break;
    case 3:
      code.put(random.pick([0, 0xffff_ffff, 0x8000, 0x0000_007b, 0x0200_305b]));
      break;
    case 4:
      code.op('sfence.vma', { rs1: random.pick([0, POINTER.window]) });
      break;
    case 5:
      code.op('fence.i');
      break;
    case 6:
      flushAll(code);
      break;
    default:
      returnHere(place);
  }
}

/** satp anew: nothing translated holds. */
function flushAll(code: CodeWriter): void {
  code.op('csrrs', { rd: T1, imm: CSR.satp });
  code.op('csrrw', { rs1: T1, imm: CSR.satp });
}

/** A trap's return that leads to what follows it. */
function returnHere({ code, mode }: Place): void {
  const there = { address: -1 };
  code.la(T1, there);
  code.op('csrrw', { rs1: T1, imm: mode === 'M' ? CSR.mepc : CSR.sepc });
  if (mode === 'M') {
    code.op('addi', { rd: T1, imm: MPP >> 4 });
    code.op('slli', { rd: T1, rs1: T1, imm: 4 });
  } else code.op('addi', { rd: T1, imm: SPP });
  code.op('csrrs', { rs1: T1, imm: mode === 'M' ? CSR.mstatus : CSR.sstatus });
  code.op(mode === 'M' ? 'mret' : 'sret');
  code.place(there);
}

/** Two entries of the last page table change places: of the data's window, or of the program's. */
export function swapPages({ code, random }: Place): void {
  const [table, first] = random.once(4) ? [LEAF_TABLE + PAGE, (ALIAS - WINDOW) / PAGE - 512] : [LEAF_TABLE, 0];
  const entries = [random.below(8), random.below(8)].map((page) => 8 * (first + page));
  // pc without its low bits is where RAM starts; in an alias it is 0, and this traps.
  code.op('auipc', { rd: T1 });
  code.op('srli', { rd: T1, rs1: T1, imm: 31 });
  code.op('slli', { rd: T1, rs1: T1, imm: 31 });
  code.op('lui', { rd: T2, imm: table - DRAM_BASE });
  code.op('add', { rd: T1, rs1: T1, rs2: T2 });
  entries.forEach((imm, index) => code.op('ld', { rd: SWAPPED[index], rs1: T1, imm }));
  entries.forEach((imm, index) => code.op('sd', { rs2: SWAPPED[1 - index], rs1: T1, imm }));
}

export function patchable({ code, random, targets }: Place): void {
  const either = [wide(random), wide(random)] as const;
  targets.push({ at: code.here(), either });
  code.put(either[0]);
}

/** Stores one of the two over an instruction that may be replaced, by the address it runs at or by an alias. */
export function patch(place: Place): void {
  const { code, random, mode, targets } = place;
  if (targets.length === 0) {
    patchable(place);
    return;
  }
  // One of the last ones: it may be in the same loop.
  const { at, either } = targets[Math.max(0, targets.length - 1 - random.below(3))];
  code.la(T1, at);
  if (mode !== 'M' && random.once(3)) {
    // Where pc is the alias already, this leads nowhere.
    code.op('lui', { rd: T2, imm: CODE - ALIAS });
    code.op('sub', { rd: T1, rs1: T1, rs2: T2 });
  }
  if (random.once(2)) {
    code.op('lwu', { rd: T2, rs1: T1 });
    constant(code, SWAPPED[0], either[0] ^ either[1]);
    code.op('xor', { rd: T2, rs1: T2, rs2: SWAPPED[0] });
  } else constant(code, T2, random.pick(either));
  if (random.once(4)) {
    code.op('sh', { rs2: T2, rs1: T1 });
    code.op('srli', { rd: T2, rs1: T2, imm: 16 });
    code.op('sh', { rs2: T2, rs1: T1, imm: 2 });
  } else if (random.once(6)) code.op('amoswap.w', { rs1: T1, rs2: T2 });
  else code.op('sw', { rs2: T2, rs1: T1 });
  if (random.once(3)) code.op('fence.i');
}

/** An integer instruction of 32 bits. */
const wide = (random: Random): number => encode(random.pick(integers), random, reserved);

function constant(code: CodeWriter, rd: number, value: number): void {
  const low = (value << 20) >> 20;
  code.op('lui', { rd, imm: (value - low) | 0 });
  code.op('addiw', { rd, rs1: rd, imm: low });
}
