/**
 * Sv39 as a program meets it: loads, stores, atomics and fetches of a whole machine, in all modes, against the plain
 * model, which knows no TLB. Page tables, modes and satp change between them, without a fence: a translation is always
 * what memory says.
 */
import fc from 'fast-check';
import { DRAM_BASE } from '../../src/hart/layout.js';
import { assemble } from '../../src/isa/assemble.js';
import { CSR } from '../../src/isa/csrs.js';
import type { Environment } from '../../src/machine/environment.js';
import { Machine } from '../../src/machine/machine.js';
import { configurationOf } from '../guest/replay-rig.js';
import type { Outcome } from './sv39-model.js';
import { FIRST_TABLE, SLOTS, TABLES, address, leafFlags, pte, slot, tablePpn, walk } from './sv39-model.js';

const MEMORY = 4 * 2 ** 20;
const END = DRAM_BASE + MEMORY;
/** One instruction of each kind, at the start of a page of its own. */
const CODE = DRAM_BASE + 0x10000;
const HANDLER = DRAM_BASE + 0x11000;
const ACCESSES = {
  load: { word: assemble('ld', { rd: 10, rs1: 5 }), at: 0, access: 1 },
  byte: { word: assemble('lbu', { rd: 10, rs1: 5 }), at: 4, access: 1 },
  store: { word: assemble('sd', { rs1: 5, rs2: 11 }), at: 8, access: 2 },
  atomic: { word: assemble('amoswap.d', { rd: 10, rs1: 5, rs2: 11 }), at: 12, access: 2 },
  fetch: { word: 0, at: 0, access: 0 },
} as const;
type Kind = keyof typeof ACCESSES;

/** Slots of the root for the code: the same gigabyte, once for S-mode and once for U-mode. */
const CODE_SLOT = { supervisor: 2, user: 3 } as const;
const GIGABYTE = 2n ** 30n;

const MPP = 11n;
const bit = (at: bigint, on: boolean): bigint => (on ? 1n << at : 0n);
const { asIntN, asUintN } = BigInt;
const toBig = BigInt;
const toNumber = Number;

interface Mode {
  readonly privilege: 0 | 1 | 3;
  readonly mprv: boolean;
  readonly mpp: 0 | 1 | 3;
  readonly sum: boolean;
  readonly mxr: boolean;
}

const PHYSICAL: Mode = { privilege: 3, mprv: false, mpp: 3, sum: false, mxr: false };

const quiet: Environment = {
  nextStop: (position) => position + 1_000_000,
  takeInputs: () => [],
  readTime: () => 0,
  readEntropy: (_, length) => new Uint8Array(length),
  emit: () => undefined,
};

/** RAM without code: every instruction of a page says which page it is; page tables are empty. */
const PAGES = Array.from({ length: MEMORY / 4096 }, (_, page) => {
  const table = page - (FIRST_TABLE - DRAM_BASE) / 4096;
  const word = table >= 0 && table < TABLES ? 0 : assemble('addi', { rd: 9, imm: page });
  return new Uint8Array(new Uint32Array(1024).fill(word).buffer);
});

class Bench {
  readonly machine = new Machine(
    configurationOf({ memoryBytes: MEMORY, devices: [] }),
    { kind: 'flat', data: new Uint8Array(4) },
    quiet,
  );
  private readonly view = new DataView(this.machine.ram.buffer, this.machine.ram.byteOffset, MEMORY);
  /** The root table's page number. */
  root = FIRST_TABLE / 4096;

  constructor() {
    this.csr(0x3b0, (1n << 54n) - 1n);
    this.csr(0x3a0, 0x1fn);
    this.csr(CSR.mtvec, toBig(HANDLER));
  }

  read(physical: number): bigint {
    return this.view.getBigUint64(physical - DRAM_BASE, true);
  }

  /** A change from outside the hart. */
  write(physical: number, value: bigint): void {
    const page = Math.floor((physical - DRAM_BASE) / 4096);
    const bytes = this.machine.ram.slice(page * 4096, page * 4096 + 4096);
    new DataView(bytes.buffer).setBigUint64(physical % 4096, value, true);
    this.machine.restoreRam(page, bytes);
  }

  csr(number: number, value: bigint): void {
    const { hart } = this.machine;
    hart.privilege = 3;
    hart.csr('write', ((number << 20) | (1 << 15) | 0x1073) >>> 0, value);
  }

  /** Puts everything back but modes and registers. */
  clear(): void {
    PAGES.forEach((bytes, page) => this.machine.restoreRam(page, bytes));
    for (const { word, at } of Object.values(ACCESSES)) if (word !== 0) this.writeWord(CODE + at, word);
    for (let i = 0; i < TABLES; i++) this.mapCode(FIRST_TABLE + i * 4096);
  }

  /** Any table can be the root. */
  mapCode(table: number): void {
    const flags = 0xc1n | 8n | 2n;
    this.write(table + CODE_SLOT.supervisor * 8, (toBig(DRAM_BASE / 4096) << 10n) | flags);
    this.write(table + CODE_SLOT.user * 8, (toBig(DRAM_BASE / 4096) << 10n) | flags | 16n);
  }

  private writeWord(physical: number, word: number): void {
    const at = physical - (physical % 8);
    const old = this.read(at);
    const shift = toBig((physical & 4) * 8);
    this.write(at, (old & ~(0xffff_ffffn << shift)) | (toBig(word) << shift));
  }

  /** A change of memory by the guest, in M-mode, or from outside. */
  change(at: number, value: bigint, byGuest: boolean): void {
    if (byGuest) expect(this.execute('store', toBig(at), PHYSICAL, value)).toBeUndefined();
    else this.write(at, value);
  }

  /** Goes on with another root table, whose upper half is made the same. */
  changeSpace(table: number, byGuest: boolean): void {
    for (const at of SLOTS.filter((number) => number >= 256)) {
      this.change(table + at * 8, this.read(this.root * 4096 + at * 8), byGuest);
    }
    this.root = table / 4096;
  }

  /** What the model says of an access. */
  expected(kind: Kind, va: bigint, mode: Mode): Outcome {
    const { access } = ACCESSES[kind];
    const privilege = access !== 0 && mode.mprv ? mode.mpp : mode.privilege;
    if (privilege === 3) {
      return va < 2n ** 53n ? { physical: va } : { cause: [1, 5, 7][access] };
    }
    return walk((at) => this.read(at), END, toBig(this.root), va, access, privilege, mode.sum, mode.mxr);
  }

  /** Executes one access; answers the exception's code, or undefined. */
  execute(kind: Kind, va: bigint, mode: Mode, value: bigint): number | undefined {
    const { hart } = this.machine;
    this.csr(CSR.satp, (8n << 60n) | toBig(this.root));
    const status = bit(17n, mode.mprv) | (toBig(mode.mpp) << MPP) | bit(18n, mode.sum) | bit(19n, mode.mxr);
    this.csr(CSR.mstatus, status);
    hart.setX(5, va);
    hart.setX(9, ~0n & 0xffffn);
    hart.setX(11, value);
    const gigabyte = mode.privilege === 3 ? 2n : toBig(CODE_SLOT[mode.privilege === 1 ? 'supervisor' : 'user']);
    const code = gigabyte * GIGABYTE + toBig(CODE - DRAM_BASE + ACCESSES[kind].at);
    hart.pc = kind === 'fetch' ? va : code;
    hart.privilege = mode.privilege;
    this.machine.advance(this.machine.position + 1);
    return hart.pc === toBig(HANDLER) ? toNumber(hart.readCsr(CSR.mcause)) : undefined;
  }
}

/** Entries that more often lead somewhere: to a table, or to RAM by pages of each size; the others as for the model. */
const ramPpn = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: MEMORY / 4096 - 1 }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 512) },
  { weight: 2, arbitrary: fc.constant(0) },
);
const entry = fc.oneof(
  { weight: 4, arbitrary: tablePpn.map((ppn) => (ppn << 10n) | 1n) },
  {
    weight: 5,
    arbitrary: fc.tuple(ramPpn, leafFlags).map(([page, flags]) => (toBig(DRAM_BASE / 4096 + page) << 10n) | flags),
  },
  { weight: 2, arbitrary: pte },
);

const privilege = fc.constantFrom<0 | 1 | 3>(0, 1, 3);
const mode = fc.record<Mode>({
  privilege,
  // MPRV with a mode below M is M-mode's way to reach what others see.
  mprv: fc.boolean(),
  mpp: privilege,
  sum: fc.boolean(),
  // A change of MXR empties the caches: it is to be rare.
  mxr: fc.constantFrom(false, false, false, false, true),
});
const kind = fc.constantFrom<Kind>('load', 'byte', 'store', 'atomic', 'fetch', 'fetch');
const entryPlace = fc
  .tuple(fc.integer({ min: 0, max: TABLES - 1 }), slot)
  .map(([table, s]) => FIRST_TABLE + table * 4096 + s * 8);

const anyTable = fc.integer({ min: 0, max: TABLES - 1 });

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('mode' as const), mode }) },
  {
    weight: 12,
    arbitrary: fc.record({ type: fc.constant('access' as const), kind, va: fc.nat(5), value: fc.nat() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('change' as const),
      at: entryPlace,
      pte: entry,
      byGuest: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('root' as const), table: anyTable }) },
  // As a kernel makes an address space: the upper half is that of the present one.
  { weight: 2, arbitrary: fc.record({ type: fc.constant('space' as const), table: anyTable, byGuest: fc.boolean() }) },
);

it('accesses of a machine answer, fault and mark as the model says, whatever was cached before', () => {
  const seen = { load: 0, byte: 0, store: 0, atomic: 0, fetch: 0, marked: 0, pageFault: 0, accessFault: 0, mprv: 0 };
  const bench = new Bench();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(entryPlace, entry), { minLength: 40, maxLength: 60 }),
      // Few addresses, so that translations are used again.
      fc.array(address, { minLength: 6, maxLength: 6 }),
      fc.array(step, { minLength: 150, maxLength: 150 }),
      (entries, addresses, steps) => {
        bench.clear();
        bench.root = FIRST_TABLE / 4096;
        for (const [at, value] of entries) bench.write(at, value);
        let now = PHYSICAL;
        for (const [index, one] of steps.entries()) {
          if (one.type === 'mode') now = one.mode;
          else if (one.type === 'root') bench.root = FIRST_TABLE / 4096 + one.table;
          else if (one.type === 'space') bench.changeSpace(FIRST_TABLE + one.table * 4096, one.byGuest);
          else if (one.type === 'change') bench.change(one.at, one.pte, one.byGuest);
          else {
            const va = one.kind === 'fetch' ? addresses[one.va] & ~3n : addresses[one.va] & ~7n;
            checkAccess(bench, one.kind, asUintN(64, va), now, toBig(one.value), seen, index);
          }
        }
      },
    ),
    { seed: 39, numRuns: 300, endOnFailure: true },
  );
  // The tables were rich enough to have tested something.
  expect(Object.entries(seen).filter(([, count]) => count < 10)).toEqual([]);
});

function checkAccess(
  bench: Bench,
  kind: Kind,
  va: bigint,
  mode: Mode,
  value: bigint,
  seen: Record<string, number>,
  index: number,
): void {
  const { hart } = bench.machine;
  const outcome = bench.expected(kind, va, mode);
  const what = `step ${index}, ${kind} of ${va.toString(16)} ${JSON.stringify(mode)}`;
  if (!('cause' in outcome)) {
    const { physical, updated } = outcome;
    // Devices are another matter.
    if (physical < toBig(DRAM_BASE)) return;
    const at = toNumber(physical);
    const inRam = at + 8 <= END;
    const before = inRam ? bench.read(at) : 0n;
    // What would end the code that is being run, or the handler, is left alone.
    if (ACCESSES[kind].access === 2 && at >= CODE && at < CODE + 8192) return;
    const cause = bench.execute(kind, va, mode, value);
    if (!inRam) {
      expect([what, cause]).toEqual([what, [1, 5, 7][ACCESSES[kind].access]]);
      seen['accessFault']++;
    } else {
      checkEffect(bench, kind, at, before, value, cause, what);
      seen[kind]++;
      if (mode.mprv && mode.mpp !== mode.privilege) seen['mprv']++;
    }
    // A store may have hit the entry itself.
    if (updated && !(ACCESSES[kind].access === 2 && updated[0] === at)) {
      expect([what, bench.read(updated[0])]).toEqual([what, updated[1]]);
      seen['marked']++;
    }
    return;
  }
  expect([what, bench.execute(kind, va, mode, value)]).toEqual([what, outcome.cause]);
  seen[outcome.cause >= 12 ? 'pageFault' : 'accessFault']++;
  expect([what, hart.readCsr(CSR.mtval), hart.privilege]).toEqual([what, va, 3]);
}

function checkEffect(
  bench: Bench,
  kind: Kind,
  at: number,
  before: bigint,
  value: bigint,
  cause: number | undefined,
  what: string,
): void {
  const { hart } = bench.machine;
  if (kind === 'fetch') {
    // Where it is a page of data, its instruction tells which; anything else that is executed is no fault of the fetch.
    expect([what, [1, 12].includes(cause ?? -1)]).toEqual([what, false]);
    const word = toNumber(before & 0xffff_ffffn);
    if ((word & 0xfffff) === 0x493)
      expect([what, hart.getX(9)]).toEqual([what, asUintN(64, asIntN(12, toBig(word >>> 20)))]);
    return;
  }
  expect([what, cause]).toEqual([what, undefined]);
  if (kind === 'load' || kind === 'atomic') expect([what, hart.getX(10)]).toEqual([what, before]);
  if (kind === 'byte') expect([what, hart.getX(10)]).toEqual([what, before & 0xffn]);
  if (ACCESSES[kind].access === 2) expect([what, bench.read(at)]).toEqual([what, value]);
}
