/**
 * The monitor: the fixed part of the guest that both sides run. It prepares what a stream's descriptor says, starts it,
 * takes its traps (directly, or through the supervisor's stub where they are delegated), writes them down and goes on
 * behind the instruction that trapped, and at the stream's end writes its whole state down. Machine-mode code of RISC-V
 * privileged specification 20240411, chapter 3.
 */
import { Assembler, type Register } from './assembler.js';
import {
  CONTEXT,
  DELEGATED_SHIFT,
  DESCRIPTOR,
  DESCRIPTOR_BYTES,
  LANDING,
  LOG_ENTRIES,
  LOG_ENTRY_BYTES,
  RAM_BASE,
  RESULT,
  RESULT_CSRS,
  SCRATCH,
  SETUP_CSRS,
  STREAMS,
  STUB,
  STUB_SRET,
  TABLES,
  csrNumber,
} from './layout.js';

/** Variables, from the context page's start; the first 32 doublewords save registers. */
const VARIABLE = { descriptor: 256, log: 264, logEnd: 272, executed: 280, left: 288, entries: 296, resumed: 304 };

/** Registers that the trap handler works with. */
const SAVED = [5, 6, 7, 28, 29, 30, 31];
const FS_DIRTY = 0x6000;
const ECALL_FROM_S = 9;
const CLINT_MSIP = 0x200_0000;
const CLINT_MTIMECMP = 0x200_4000;
const FINISHER = 0x10_0000;
const PASS = 0x5555;
const DIGEST_FACTOR = 0x9e37_79b1;
const STUB_BYTES = STUB_SRET * 4;

const MSTATUS = csrNumber('mstatus');
const MSCRATCH = csrNumber('mscratch');
const MINSTRET = csrNumber('minstret');
const MEPC = csrNumber('mepc');

export interface Monitor {
  /** (address, words) to place. */
  readonly pieces: readonly { readonly address: number; readonly words: Uint32Array }[];
  /** Instructions of the monitor that `RESULT.executed` counts for each trap entry. */
  readonly overheadPerEntry: number;
}

export function buildMonitor(): Monitor {
  const a = new Assembler(RAM_BASE);
  begin(a);
  nextStream(a);
  const untilCounted = trapHandler(a);
  endOfStream(a);
  if (a.address > STUB) throw new Error('the monitor has grown into the stub');
  return {
    pieces: [{ address: RAM_BASE, words: a.finish() }, stub(), landing()],
    overheadPerEntry: untilCounted,
  };
}

function begin(a: Assembler): void {
  a.li('sp', CONTEXT);
  a.csr('csrrw', 'zero', MSCRATCH, 'sp');
  a.jump('begin');
  // The trap vector: a jump for each cause, aligned to 64 bytes; the first serves direct mode.
  while (a.address % 64 !== 0) a.raw('addi', {});
  a.label('vector');
  for (let cause = 0; cause < 16; cause++) a.jump('handler');

  a.label('begin');
  a.csr('csrrs', 't0', csrNumber('mhartid'), 'zero');
  a.branch('beq', 't0', 'zero', 'first');
  a.label('parked');
  a.raw('wfi');
  a.jump('parked');
  a.label('first');
  a.li('t0', a.addressOf('vector'));
  a.csr('csrrw', 'zero', csrNumber('mtvec'), 't0');
  a.li('t0', -1);
  a.csr('csrrw', 'zero', csrNumber('stimecmp'), 't0');
  a.li('t1', CLINT_MTIMECMP);
  a.store('t0', 0, 't1');
  a.li('t0', STREAMS);
  a.store('t0', VARIABLE.descriptor, 'sp');
}

/** A loop over [t0, t1), 16 bytes at a time, where t0 < t1. */
function loop(a: Assembler, name: string, skip: string, body: () => void): void {
  a.branch('bgeu', 't0', 't1', skip);
  a.label(name);
  body();
  a.opImmediate('addi', 't0', 't0', 16);
  a.branch('bltu', 't0', 't1', name);
  a.label(skip);
}

/** Range of an area whose length the descriptor (in s0) names: t0 to t1. */
function area(a: Assembler, base: number, length: number): void {
  a.li('t0', base);
  a.load('t1', length, 's0');
  a.op('add', 't1', 't1', 't0');
}

function setUpMemory(a: Assembler): void {
  area(a, TABLES, DESCRIPTOR.tableBytes);
  loop(a, 'zeroing', 'zeroed', () => {
    a.store('zero', 0, 't0');
    a.store('zero', 8, 't0');
  });

  // Scratch: random doublewords in turn with those of the start state, which are of all interesting kinds.
  area(a, SCRATCH, DESCRIPTOR.scratchBytes);
  a.load('t2', DESCRIPTOR.fillSeed, 's0');
  a.load('s1', DESCRIPTOR.state, 's0');
  loop(a, 'filling', 'filled', () => {
    for (const [shift, amount] of [
      ['slli', 13],
      ['srli', 7],
      ['slli', 17],
    ] as const) {
      a.opImmediate(shift, 't3', 't2', amount);
      a.op('xor', 't2', 't2', 't3');
    }
    a.store('t2', 0, 't0');
    a.opImmediate('andi', 't3', 't0', 0x1f8);
    a.op('add', 't3', 't3', 's1');
    a.load('t3', 0, 't3');
    a.store('t3', 8, 't0');
  });

  a.load('t0', DESCRIPTOR.pokes, 's0');
  a.load('t1', DESCRIPTOR.pokeCount, 's0');
  a.opImmediate('slli', 't1', 't1', 4);
  a.op('add', 't1', 't1', 't0');
  loop(a, 'poking', 'poked', () => {
    a.load('t2', 0, 't0');
    a.load('t3', 8, 't0');
    a.store('t3', 0, 't2');
  });
}

/** The first start of a stream leaves the handler as every return into it does, so both count alike. */
function nextStream(a: Assembler): void {
  a.label('next');
  a.csr('csrrw', 'zero', csrNumber('satp'), 'zero');
  a.load('s0', VARIABLE.descriptor, 'sp');
  a.load('t0', DESCRIPTOR.start, 's0');
  a.branch('bne', 't0', 'zero', 'prepare');
  a.li('t0', FINISHER);
  a.li('t1', PASS);
  a.raw('sw', { rs1: 5, rs2: 6, imm: 0 });
  a.label('off');
  a.jump('off');

  a.label('prepare');
  a.csr('csrrw', 'zero', MEPC, 't0');
  setUpMemory(a);
  a.li('t0', CLINT_MSIP);
  a.raw('sw', { rs1: 5, rs2: 0, imm: 0 });
  SETUP_CSRS.forEach((name, index) => {
    a.load('t0', DESCRIPTOR.csrs + 8 * index, 's0');
    a.csr('csrrw', 'zero', csrNumber(name), 't0');
  });
  a.load('t0', DESCRIPTOR.results, 's0');
  a.opImmediate('addi', 't1', 't0', RESULT.log);
  a.store('t1', VARIABLE.log, 'sp');
  a.opImmediate('addi', 't1', 't1', LOG_ENTRIES * LOG_ENTRY_BYTES);
  a.store('t1', VARIABLE.logEnd, 'sp');
  for (const name of ['executed', 'entries', 'resumed'] as const) a.store('zero', VARIABLE[name], 'sp');

  a.li('t0', FS_DIRTY);
  a.csr('csrrs', 'zero', MSTATUS, 't0');
  a.load('t1', DESCRIPTOR.state, 's0');
  for (let f = 0; f < 32; f++) a.raw('fld', { rd: f, rs1: 6, imm: 256 + 8 * f });
  a.load('t0', DESCRIPTOR.fcsr, 's0');
  a.csr('csrrw', 'zero', csrNumber('fcsr'), 't0');
  a.load('t0', DESCRIPTOR.mstatus, 's0');
  a.csr('csrrw', 'zero', MSTATUS, 't0');

  // All but the handler's registers; the way out of the handler does the rest.
  for (let x = 1; x < 32; x++) {
    if (x !== 2 && x !== 6 && !SAVED.includes(x)) a.raw('ld', { rd: x, rs1: 6, imm: 8 * x });
  }
  a.load('t0', 2 * 8, 't1');
  a.csr('csrrw', 'zero', MSCRATCH, 't0');
  for (const x of SAVED) {
    a.load('t0', 8 * x, 't1');
    a.store('t0', 8 * x, 'sp');
  }
  a.jump('leave');
}

/** Answers how many of its instructions `executed` counts at each entry. */
function trapHandler(a: Assembler): number {
  const first = a.address;
  a.label('handler');
  a.csr('csrrw', 'sp', MSCRATCH, 'sp');
  for (const x of SAVED) a.raw('sd', { rs2: x, rs1: 2, imm: 8 * x });
  const beforeCount = (a.address - first) / 4 + 1; // and the vector's jump
  a.csr('csrrs', 't0', MINSTRET, 'zero');
  a.load('t1', VARIABLE.left, 'sp');
  a.op('sub', 't0', 't0', 't1');
  a.load('t1', VARIABLE.executed, 'sp');
  a.op('add', 't0', 't0', 't1');
  a.store('t0', VARIABLE.executed, 'sp');
  a.load('t0', VARIABLE.entries, 'sp');
  a.opImmediate('addi', 't0', 't0', 1);
  a.store('t0', VARIABLE.entries, 'sp');

  a.load('t6', VARIABLE.descriptor, 'sp');
  a.csr('csrrs', 't0', csrNumber('mcause'), 'zero');
  a.csr('csrrs', 't1', MEPC, 'zero');
  a.opImmediate('addi', 't2', 'zero', ECALL_FROM_S);
  a.branch('bne', 't0', 't2', 'direct');
  a.load('t3', DESCRIPTOR.stub, 't6');
  a.op('sub', 't3', 't1', 't3');
  a.opImmediate('addi', 't2', 'zero', STUB_BYTES);
  a.branch('bgeu', 't3', 't2', 'direct');

  a.opImmediate('srli', 't5', 't3', 2);
  a.opImmediate('addi', 't5', 't5', 1);
  a.csr('csrrs', 't0', csrNumber('scause'), 'zero');
  a.csr('csrrs', 't1', csrNumber('sepc'), 'zero');
  a.csr('csrrs', 't2', csrNumber('stval'), 'zero');
  a.csr('csrrs', 't3', csrNumber('sstatus'), 'zero');
  a.jump('known');
  a.label('direct');
  a.csr('csrrs', 't2', csrNumber('mtval'), 'zero');
  a.csr('csrrs', 't3', MSTATUS, 'zero');
  a.opImmediate('addi', 't5', 'zero', 0);
  a.label('known');

  a.load('t4', DESCRIPTOR.end, 't6');
  a.branch('beq', 't1', 't4', 'finish');
  a.load('t4', VARIABLE.logEnd, 'sp');
  a.store('t4', 0, 'sp'); // x0's place is free
  a.load('t4', VARIABLE.log, 'sp');
  writeEntry(a);
  resume(a);

  a.label('leave');
  a.csr('csrrs', 't0', MINSTRET, 'zero');
  a.store('t0', VARIABLE.left, 'sp');
  const leave = a.address;
  for (const x of SAVED) a.raw('ld', { rd: x, rs1: 2, imm: 8 * x });
  a.csr('csrrw', 'sp', MSCRATCH, 'sp');
  a.raw('mret');
  // The read itself and the store count, and do not show in the word that was read.
  return beforeCount + 2 + (a.address - leave) / 4;
}

/** Cause t0, epc t1, tval t2, status t3 and the mark t5 go into the log at t4, if there is room. */
function writeEntry(a: Assembler): void {
  a.opImmediate('slli', 't6', 't5', DELEGATED_SHIFT);
  a.op('or', 't6', 't6', 't0');
  a.store('t6', 0, 't4');
  a.store('t1', 8, 't4');
  a.store('t2', 16, 't4');
  a.store('t3', 24, 't4');
  a.opImmediate('addi', 't4', 't4', LOG_ENTRY_BYTES);
  a.store('t4', VARIABLE.log, 'sp');
  a.load('t6', 0, 'sp');
  a.branch('bgeu', 't4', 't6', 'finish');
  a.load('t6', VARIABLE.descriptor, 'sp');
}

/** Where to go on: at an interrupted instruction, behind one that trapped, or where a jump to nowhere was linked to. */
function resume(a: Assembler): void {
  a.branch('blt', 't0', 'zero', 'interrupted');
  a.load('t3', DESCRIPTOR.start, 't6');
  a.load('t4', DESCRIPTOR.end, 't6');
  a.branch('bltu', 't1', 't3', 'elsewhere');
  a.branch('bgeu', 't1', 't4', 'elsewhere');
  a.load('t3', DESCRIPTOR.delta, 't6');
  a.op('add', 't3', 't3', 't1');
  a.load('t3', 0, 't3', 'lhu');
  a.opImmediate('andi', 't3', 't3', 3);
  a.opImmediate('xori', 't3', 't3', 3);
  a.opImmediate('sltiu', 't3', 't3', 1);
  a.opImmediate('slli', 't3', 't3', 1);
  a.opImmediate('addi', 't3', 't3', 2);
  a.op('add', 't1', 't1', 't3');
  a.jump('resume');

  // The link must lie in the stream, and further on than the last one, so that every stream ends.
  a.label('elsewhere');
  a.branch('bltu', 'ra', 't3', 'finish');
  a.branch('bltu', 't4', 'ra', 'finish');
  a.load('t3', VARIABLE.resumed, 'sp');
  a.branch('bgeu', 't3', 'ra', 'finish');
  a.opImmediate('addi', 't1', 'ra', 0);
  a.store('ra', VARIABLE.resumed, 'sp');
  a.jump('resume');

  a.label('interrupted');
  a.opImmediate('addi', 't3', 'zero', 1);
  a.op('sll', 't3', 't3', 't0');
  a.csr('csrrc', 'zero', csrNumber('mie'), 't3');

  a.label('resume');
  a.branch('beq', 't5', 'zero', 'resumeDirect');
  a.csr('csrrw', 'zero', csrNumber('sepc'), 't1');
  a.load('t1', DESCRIPTOR.stub, 't6');
  a.opImmediate('addi', 't1', 't1', STUB_BYTES);
  a.label('resumeDirect');
  a.csr('csrrw', 'zero', MEPC, 't1');
}

/** The digest of [t0, t1) into t2. */
function digest(a: Assembler, name: string): void {
  a.li('t5', DIGEST_FACTOR);
  a.li('t2', 0);
  loop(a, `${name}ing`, `${name}ed`, () => {
    for (const offset of [0, 8]) {
      a.load('t3', offset, 't0');
      a.op('xor', 't2', 't2', 't3');
      a.op('mul', 't2', 't2', 't5');
      a.opImmediate('srli', 't3', 't2', 29);
      a.op('xor', 't2', 't2', 't3');
    }
  });
}

function endOfStream(a: Assembler): void {
  a.label('finish');
  a.load('t6', VARIABLE.descriptor, 'sp');
  a.load('t5', DESCRIPTOR.results, 't6');
  for (let x = 1; x < 32; x++)
    if (x !== 2 && !SAVED.includes(x)) a.raw('sd', { rs2: x, rs1: 30, imm: RESULT.x + 8 * x });
  const put = (value: Register, offset: number): void => a.store(value, offset, 't5');
  for (const x of SAVED) {
    a.load('t0', 8 * x, 'sp');
    put('t0', RESULT.x + 8 * x);
  }
  a.csr('csrrw', 't0', MSCRATCH, 'sp');
  put('t0', RESULT.x + 8 * 2);
  RESULT_CSRS.forEach((name, index) => {
    a.csr('csrrs', 't0', csrNumber(name), 'zero');
    put('t0', RESULT.csrs + 8 * index);
  });
  a.li('t0', FS_DIRTY);
  a.csr('csrrw', 'zero', MSTATUS, 't0');
  for (let f = 0; f < 32; f++) a.raw('fsd', { rs2: f, rs1: 30, imm: RESULT.f + 8 * f });
  a.csr('csrrs', 't0', csrNumber('fcsr'), 'zero');
  put('t0', RESULT.fcsr);
  for (const name of ['executed', 'entries'] as const) {
    a.load('t0', VARIABLE[name], 'sp');
    put('t0', RESULT[name]);
  }
  a.load('t0', VARIABLE.log, 'sp');
  a.op('sub', 't0', 't0', 't5');
  a.opImmediate('addi', 't0', 't0', -RESULT.log);
  put('t0', RESULT.logged);

  // s0 and s1 are written down already.
  a.opImmediate('addi', 's0', 't6', 0);
  a.opImmediate('addi', 's1', 't5', 0);
  area(a, SCRATCH, DESCRIPTOR.scratchBytes);
  digest(a, 'scratch');
  a.store('t2', RESULT.scratchDigest, 's1');
  a.csr('csrrw', 'zero', csrNumber('satp'), 'zero');
  area(a, TABLES, DESCRIPTOR.tableBytes);
  digest(a, 'table');
  a.store('t2', RESULT.tableDigest, 's1');

  a.opImmediate('addi', 's0', 's0', DESCRIPTOR_BYTES);
  a.store('s0', VARIABLE.descriptor, 'sp');
  a.jump('next');
}

function stub(): { address: number; words: Uint32Array } {
  const a = new Assembler(STUB);
  for (let slot = 0; slot < STUB_SRET; slot++) a.raw('ecall');
  a.raw('sret');
  return { address: STUB, words: a.finish() };
}

function landing(): { address: number; words: Uint32Array } {
  const ret = 0x8082;
  const halves = new Uint16Array(4096).fill(ret);
  halves[2047] = 0x0013; // addi x0, with the next page's `ret` for an upper half: addi x0, tp, -2040
  return { address: LANDING, words: new Uint32Array(halves.buffer) };
}
