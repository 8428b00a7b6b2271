/**
 * The fixed part of the guests that the engines run side by side: a start that brings the hart into the program's mode,
 * trap handlers of M and S that skip what trapped (RISC-V privileged specification 20240411, chapters 3 and 10), and page
 * tables.
 */
import { DRAM_BASE } from '../../src/hart/layout.js';
import { csrNumbers } from '../../src/isa/csrs.js';
import { Assembler } from '../differential/assembler.js';
import type { Random } from '../differential/random.js';
import type { Mode } from '../differential/stream.js';
import {
  ALIAS,
  AREA,
  CODE,
  CODE_PAGES,
  DATA,
  DATA_PAGES,
  LEAF_TABLE,
  MACHINE_AREA,
  MIDDLE_TABLE,
  MTIME,
  MTIMECMP,
  PAGE,
  ROOT_TABLE,
  SHUFFLED,
  START,
  SUPERVISOR_AREA,
  SUPERVISOR_BASE,
  WINDOW,
  WINDOW_PAGES,
} from './layout.js';

export interface Setting {
  readonly mode: Mode;
  /** Traps that S-mode takes. */
  readonly medeleg: number;
  /** First instruction of the program. */
  readonly entry: number;
  readonly frm: number;
  /** Whether the windows have all rights everywhere. */
  readonly calm: boolean;
}

const STATUS = { MPIE: 1 << 7, SPP: 1 << 8, FS_INITIAL: 1 << 13, FS: 3 << 13, MPRV: 1 << 17, SUM: 1 << 18 } as const;
const MPP: Readonly<Record<Mode, number>> = { U: 0, S: 1 << 11, M: 3 << 11 };
const CAUSE = { fetchAccess: 1, illegal: 2, userCall: 8, fetchPage: 12 } as const;
const MTIE = 1 << 7;
const COUNTERS = 7;
const SV39 = 8;
/** Of the CLINT's clock: of ten instructions each. */
const FIRST_TICK = 100;
const SHORTEST_TICK = 6;

const V = 1;
const R = 2;
const W = 4;
const X = 8;
const U = 16;
const A = 64;
const D = 128;

const csr = (name: string): number => csrNumbers.get(name) ?? -1;
const supervisor = (physical: number): number => physical - DRAM_BASE + SUPERVISOR_BASE;

/** Pages of RAM by number, without data and program. */
export function guestPages(setting: Setting, random: Random): Map<number, Uint8Array> {
  const pages = new Map<number, Uint8Array>();
  const viewOf = (address: number): DataView => {
    const bytes = new Uint8Array(PAGE);
    pages.set((address - DRAM_BASE) / PAGE, bytes);
    return new DataView(bytes.buffer);
  };
  const start = viewOf(START);
  code(setting).forEach((word, index) => start.setUint32(4 * index, word, true));
  for (const area of [MACHINE_AREA, SUPERVISOR_AREA]) {
    const view = viewOf(area);
    view.setBigUint64(AREA.recover, BigInt(setting.entry), true);
    view.setBigUint64(AREA.mode, BigInt(MPP[setting.mode] | (setting.mode === 'S' ? STATUS.SPP : 0)), true);
  }
  tables(setting, random, viewOf);
  return pages;
}

function code({ mode, medeleg, entry, frm }: Setting): Uint32Array {
  const a = new Assembler(START);
  a.jump('begin');
  trapHandler(a, 'm');
  trapHandler(a, 's');
  a.label('begin');
  const set = (name: string, value: number): void => {
    a.li('t0', value);
    a.csr('csrrw', 'zero', csr(name), 't0');
  };
  set('pmpaddr0', -1);
  set('pmpcfg0', 0x1f);
  set('mtvec', a.addressOf('mtrap'));
  set('stvec', supervisor(a.addressOf('strap')));
  set('mscratch', MACHINE_AREA);
  set('sscratch', supervisor(SUPERVISOR_AREA));
  set('medeleg', medeleg);
  set('mcounteren', COUNTERS);
  set('scounteren', COUNTERS);
  set('mepc', entry);
  set('mstatus', MPP[mode] | STATUS.FS_INITIAL | STATUS.MPIE);
  set('frm', frm);
  set('mie', MTIE);
  a.li('t0', MTIMECMP);
  a.li('t1', FIRST_TICK);
  a.store('t1', 0, 't0');
  a.li('t0', SV39);
  a.opImmediate('slli', 't0', 't0', 60);
  a.li('t1', ROOT_TABLE / PAGE);
  a.op('or', 't0', 't0', 't1');
  a.csr('csrrw', 'zero', csr('satp'), 't0');
  a.raw('mret');
  return a.finish();
}

/**
 * Skips the instruction that trapped; goes on at the start of the program where nothing could be fetched. A call changes
 * mstatus.FS, an illegal instruction may turn the unit on. M-mode's sets the timer anew, too.
 */
function trapHandler(a: Assembler, level: 'm' | 's'): void {
  const label = (name: string): string => `${level} ${name}`;
  const own = (name: string): number => csr(`${level}${name}`);
  const saved = ['t0', 't1', 't2', 't3'] as const;
  while (a.address % 4 !== 0) a.raw('addi', {});
  a.label(`${level}trap`);
  a.csr('csrrw', 'sp', own('scratch'), 'sp');
  saved.forEach((x, index) => a.store(x, 8 * index, 'sp'));
  a.csr('csrrs', 't0', own('cause'), 'zero');
  a.csr('csrrs', 't1', own('epc'), 'zero');
  a.csr('csrrs', 't2', own('tval'), 'zero');
  a.load('t3', AREA.traps, 'sp');
  a.op('sh2add', 't3', 't3', 't3');
  a.op('add', 't3', 't3', 't0');
  a.op('xor', 't3', 't3', 't1');
  a.op('add', 't3', 't3', 't2');
  a.store('t3', AREA.traps, 'sp');
  a.load('t2', AREA.count, 'sp');
  a.opImmediate('addi', 't2', 't2', 1);
  a.store('t2', AREA.count, 'sp');

  if (level === 'm') a.branch('blt', 't0', 'zero', label('interrupt'));
  for (const cause of [CAUSE.fetchAccess, CAUSE.fetchPage]) {
    a.opImmediate('addi', 't2', 'zero', cause);
    a.branch('beq', 't0', 't2', label('recover'));
  }
  a.opImmediate('addi', 't2', 'zero', CAUSE.illegal);
  a.branch('bne', 't0', 't2', label('legal'));
  a.opImmediate('andi', 't2', 't3', 3);
  a.branch('beq', 't2', 'zero', label('legal'));
  a.li('t2', STATUS.FS_INITIAL);
  a.csr('csrrs', 'zero', own('status'), 't2');
  a.label(label('legal'));
  a.opImmediate('andi', 't2', 't0', -4);
  a.opImmediate('addi', 't2', 't2', -CAUSE.userCall);
  a.branch('bne', 't2', 'zero', label('skip'));
  a.li('t2', STATUS.FS);
  a.csr('csrrc', 'zero', own('status'), 't2');
  a.opImmediate('andi', 't2', 't3', 3);
  a.opImmediate('slli', 't2', 't2', 13);
  a.csr('csrrs', 'zero', own('status'), 't2');

  a.label(label('skip'));
  a.li('t3', level === 'm' ? STATUS.MPRV : STATUS.SUM);
  a.csr('csrrs', 'zero', own('status'), 't3');
  a.load('t2', 0, 't1', 'lhu');
  a.csr('csrrc', 'zero', own('status'), 't3');
  a.opImmediate('andi', 't2', 't2', 3);
  a.opImmediate('addi', 't2', 't2', -3);
  a.opImmediate('sltiu', 't2', 't2', 1);
  a.opImmediate('slli', 't2', 't2', 1);
  a.opImmediate('addi', 't2', 't2', 2);
  a.op('add', 't1', 't1', 't2');
  a.label(label('resume'));
  a.csr('csrrw', 'zero', own('epc'), 't1');
  a.label(label('leave'));
  saved.forEach((x, index) => a.load(x, 8 * index, 'sp'));
  a.csr('csrrw', 'sp', own('scratch'), 'sp');
  a.raw(`${level}ret`);

  a.label(label('recover'));
  // An interrupt between a program's write of xPP and its xRET led that elsewhere.
  a.load('t1', AREA.mode, 'sp');
  a.csr('csrrs', 'zero', own('status'), 't1');
  a.load('t1', AREA.recover, 'sp');
  a.jump(label('resume'));
  if (level === 's') return;
  a.label(label('interrupt'));
  a.li('t0', MTIME);
  a.load('t1', 0, 't0');
  a.opImmediate('andi', 't2', 't3', 0xff);
  a.op('add', 't1', 't1', 't2');
  a.opImmediate('addi', 't1', 't1', SHORTEST_TICK);
  a.li('t0', MTIMECMP);
  a.store('t1', 0, 't0');
  a.jump(label('leave'));
}

/** Three gigapages, and the windows; what U-mode may see S-mode may not execute. */
function tables({ mode, calm }: Setting, random: Random, viewOf: (address: number) => DataView): void {
  const own = mode === 'U' ? U : 0;
  const all = V | R | W | X | A | D;
  const entry = (physical: number, flags: number): bigint => (BigInt(physical / PAGE) << 10n) | BigInt(flags);
  const root = viewOf(ROOT_TABLE);
  root.setBigUint64(8 * 1, entry(MIDDLE_TABLE, V), true);
  root.setBigUint64(8 * 2, entry(DRAM_BASE, all | own), true);
  root.setBigUint64(8 * 3, entry(DRAM_BASE, all), true);
  viewOf(MIDDLE_TABLE).setBigUint64(0, entry(LEAF_TABLE, V), true);
  const leaves = viewOf(LEAF_TABLE);
  const put = (address: number, physical: number, flags: number): void =>
    leaves.setBigUint64((8 * (address - WINDOW)) / PAGE, entry(physical, flags), true);

  const usual = V | R | W | own;
  const strange = [0, V | R | own, V | R | X | own, usual ^ U, V | W | own];
  // Stores to the program's own pages soon make nonsense of it.
  const exposed = !calm && random.once(8);
  for (let page = 0; page < WINDOW_PAGES; page++) {
    const physical = DATA + random.below(DATA_PAGES) * PAGE;
    const flags =
      !calm && random.once(6) ? random.pick(strange) | (random.word() & (A | D)) : usual | random.pick([0, A, A | D]);
    if (exposed && random.once(8)) put(WINDOW + page * PAGE, CODE + random.below(CODE_PAGES) * PAGE, usual);
    else put(WINDOW + page * PAGE, physical, flags);
  }
  const order = Array.from({ length: CODE_PAGES }, (_, page) => page);
  for (let n = random.below(CODE_PAGES); n > 0; n--) {
    const [i, j] = [random.below(CODE_PAGES), random.below(CODE_PAGES)];
    [order[i], order[j]] = [order[j], order[i]];
  }
  order.forEach((other, page) => {
    put(ALIAS + page * PAGE, CODE + page * PAGE, V | R | W | X | own | random.pick([0, A, A | D]));
    put(SHUFFLED + page * PAGE, CODE + other * PAGE, V | R | W | X | own | random.pick([0, A, A | D]));
  });
}
