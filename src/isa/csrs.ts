/**
 * Numbers and names of the control and status registers: RISC-V privileged specification 20240411, chapter "CSRs". Names
 * only; how a register behaves, and whether it exists, is the hart's.
 */

/** Registers that stand alone. */
export const CSR = {
  fflags: 0x001,
  frm: 0x002,
  fcsr: 0x003,
  seed: 0x015,
  cycle: 0xc00,
  time: 0xc01,
  instret: 0xc02,

  sstatus: 0x100,
  sie: 0x104,
  stvec: 0x105,
  scounteren: 0x106,
  senvcfg: 0x10a,
  sscratch: 0x140,
  sepc: 0x141,
  scause: 0x142,
  stval: 0x143,
  sip: 0x144,
  stimecmp: 0x14d,
  satp: 0x180,
  scontext: 0x5a8,

  mstatus: 0x300,
  misa: 0x301,
  medeleg: 0x302,
  mideleg: 0x303,
  mie: 0x304,
  mtvec: 0x305,
  mcounteren: 0x306,
  menvcfg: 0x30a,
  mcountinhibit: 0x320,
  mscratch: 0x340,
  mepc: 0x341,
  mcause: 0x342,
  mtval: 0x343,
  mip: 0x344,
  mtinst: 0x34a,
  mtval2: 0x34b,
  mseccfg: 0x747,
  mcycle: 0xb00,
  minstret: 0xb02,
  mvendorid: 0xf11,
  marchid: 0xf12,
  mimpid: 0xf13,
  mhartid: 0xf14,
  mconfigptr: 0xf15,

  tselect: 0x7a0,
  tdata1: 0x7a1,
  tdata2: 0x7a2,
  tdata3: 0x7a3,
  tinfo: 0x7a4,
  tcontrol: 0x7a5,
  mcontext: 0x7a8,
  dcsr: 0x7b0,
  dpc: 0x7b1,
  dscratch0: 0x7b2,
  dscratch1: 0x7b3,
} as const;

/** Numbered families: the number of the member with index 0, the first and last index, and the step between them. */
const families: readonly (readonly [prefix: string, origin: number, first: number, last: number, step: number])[] = [
  ['hpmcounter', 0xc00, 3, 31, 1],
  ['mhpmcounter', 0xb00, 3, 31, 1],
  ['mhpmevent', 0x320, 3, 31, 1],
  // On RV64 only the even ones exist, eight regions each.
  ['pmpcfg', 0x3a0, 0, 14, 2],
  ['pmpaddr', 0x3b0, 0, 63, 1],
];

function* entries(): Generator<[string, number]> {
  yield* Object.entries(CSR);
  for (const [prefix, origin, first, last, step] of families)
    for (let index = first; index <= last; index += step) yield [`${prefix}${index}`, origin + index];
}

/** Number of every named register. */
export const csrNumbers: ReadonlyMap<string, number> = new Map(entries());

/** Name of every named register. */
export const csrNames: ReadonlyMap<number, string> = new Map([...entries()].map(([name, number]) => [number, name]));

/** The register's name, or its number in hexadecimal: `mstatus`, `0x7c0`. */
export const csrName = (number: number): string => csrNames.get(number) ?? `0x${number.toString(16)}`;
