/**
 * Every difference between QEMU 7.2 and this hart that is known and justified, in one place, each with its reason: where
 * the specification leaves a choice, or where QEMU is wrong. Generators ask here what to leave out, and the comparison
 * what not to compare. What is not here must be equal.
 */
import { csrNames, csrNumbers } from '../../src/isa/csrs.js';

/**
 * What is done with a CSR: `excluded` is never accessed, `access` is accessed without reading or writing it (whether
 * that traps is compared), `read` is never written; `written` are the bits that an access may name, the others are given
 * as zeros.
 */
export interface CsrRule {
  readonly csr: RegExp;
  readonly handling: 'excluded' | 'access' | 'read' | { readonly written: bigint };
  readonly reason: string;
}

export const csrRules: readonly CsrRule[] = [
  {
    csr: /^(time|cycle|instret|mcycle|minstret)$/,
    handling: 'access',
    reason:
      'QEMU counts host time for cycles and time, and instructions by its own rule; whether they may be read is compared',
  },
  {
    csr: /^m?hpm(counter|event)\d+$/,
    handling: 'excluded',
    reason: 'without event counters, zeros here (as the specification has it), illegal or plain storage in QEMU',
  },
  {
    csr: /^m(arch|imp)id$/,
    handling: 'access',
    reason: "QEMU tells its version, this hart 0: each one's own to choose",
  },
  {
    csr: /^mcountinhibit$/,
    handling: 'read',
    reason: 'inhibiting would falsify the count of executed instructions; QEMU also keeps bits of counters it lacks',
  },
  { csr: /^stimecmp$/, handling: 'read', reason: 'a comparand in the past fires by the time, which is an input' },
  { csr: /^seed$/, handling: 'excluded', reason: 'entropy is an input' },
  { csr: /^mseccfg$/, handling: 'excluded', reason: 'here for Zkr (SSEED, USEED); QEMU has it with Smepmp only' },
  {
    csr: /^(tselect|tdata[123]|tinfo|tcontrol|mcontext|scontext|0x7a[69a-f])$/,
    handling: 'excluded',
    reason: 'the debug triggers are optional, and QEMU has some (7.2 aborts on a write to tdata3); none here',
  },
  { csr: /^0x24d$/, handling: 'excluded', reason: 'QEMU has vstimecmp even where the H extension is off' },
  {
    csr: /^mstatus$/,
    handling: { written: 0x7e_79aan },
    reason:
      'writable in QEMU: UXL (also to 1 and the reserved 3; here 64 bits, a choice), VS without V (a choice), and MPV and ' +
      'GVA without H (an error)',
  },
  { csr: /^sstatus$/, handling: { written: 0xc_6122n }, reason: 'as mstatus' },
  {
    csr: /^(mideleg|mip|sip)$/,
    handling: { written: 0x222n },
    reason: 'QEMU keeps the VS-level and counter-overflow interrupts without H and Sscofpmf',
  },
  {
    csr: /^(mie|sie)$/,
    handling: { written: 0xaaan },
    reason: 'as mideleg; and a stream enables one interrupt at most (see `interruptPriority`)',
  },
  {
    csr: /^medeleg$/,
    handling: { written: 0xb3ffn },
    reason: 'QEMU keeps bits of exceptions that cannot be delegated (ecall from M) or do not exist without H',
  },
  {
    csr: /^[ms]counteren$/,
    handling: { written: 7n },
    reason: 'QEMU keeps the enables of all 32 counters; here those that count',
  },
  {
    csr: /^menvcfg$/,
    handling: { written: 1n },
    reason:
      'QEMU keeps PBMTE and the cache-block enables without Svpbmt, Zicbom and Zicboz, and does not let STIP follow ' +
      'stimecmp when STCE changes; some streams begin with STCE set',
  },
  { csr: /^senvcfg$/, handling: { written: 1n }, reason: 'as menvcfg' },
  {
    csr: /^[ms]epc$/,
    handling: { written: -2n },
    reason: 'QEMU keeps bit 0, which the specification has read as zero',
  },
  {
    csr: /^satp$/,
    handling: { written: ~(7n << 60n) },
    reason: 'QEMU has Sv48 and Sv57 too; here Bare and Sv39, and other modes are not written',
  },
  {
    csr: /^pmpaddr\d+$/,
    handling: { written: (1n << 54n) - 1n },
    reason: 'QEMU keeps bits 63 to 54, which are to be zero',
  },
  {
    csr: /^pmpcfg\d+$/,
    handling: { written: 0x1d1d_1d1d_1d1d_1d1dn },
    reason:
      'QEMU keeps the reserved bits 5 and 6, and the reserved combination W without R; L would outlive the stream',
  },
];

/** What generators leave out besides: the places that heed a rule name it. */
export const generatorRules = {
  readOnlyCsrSetByZero:
    'csrrs and csrrc with a register other than x0 write, whatever it holds, so on a read-only CSR they are illegal; ' +
    'QEMU lets them pass where the register holds zero',
  floatCsrSetByZero:
    'likewise a set or clear of fflags, frm or fcsr by zero marks the FP state dirty here and not in QEMU; both may be',
  ctzw:
    'QEMU 7.2 counts into the upper half where the lower one is zero (mended in its 8.0); so ctzw gets a lower half that ' +
    'is not zero, or an upper one that is',
  flagsMakeDirty:
    'a comparison or a conversion to an integer that raises a flag changes fcsr, and so makes mstatus.FS dirty; not in ' +
    'QEMU, so streams that look at FS do without them',
  interruptPriority:
    'of several interrupts QEMU takes the one with the lowest number; the specification (3.1.9) has SEI, SSI, STI and ' +
    'MEI, MSI, MTI',
  misalignedFault:
    'a misaligned access to where no memory is: QEMU tells an aligned address below it, which is no part of the access; ' +
    'the specification has the address of the part that failed',
  sretKeepsMprv:
    'sret into a mode below M clears MPRV (3.1.6.3); QEMU 7.2 keeps it, so that the next trap handler loads and stores ' +
    'with the rights of the mode below. Streams that leave M-mode do not set it',
  mprvIsCached:
    'QEMU 7.2 keeps translations made under MPRV where those of M-mode are: fetches find them, and they outlive a change of ' +
    'MPP by a trap and its return. Streams under MPRV fence before each access, and do not jump',
  fetchOverNothing:
    'QEMU 7.2 aborts at an instruction whose second half lies in a page that is mapped to no memory, so only the first of ' +
    'the pages jumped to may be such a one',
  reservedMpp: 'QEMU keeps the reserved MPP 2, here a write of it changes nothing; so no access writes or leaves it',
  splitOrder:
    'an access over two pages of which the first is mapped to no memory and the second not at all: QEMU accesses the first ' +
    'before it translates the second, this hart translates both first; either may be (3.7 leaves the order open)',
  atomicOnNothing:
    'an AMO to where no memory is: a store access fault (3.1.15), in QEMU one of a load; streams have loads and stores there',
  sumMakesExecutable:
    'QEMU 7.2 keeps a translation that S-mode made of a user page under SUM as executable, and then fetches through it; so ' +
    'a page lies between those that are read and those that are jumped to',
  emptyTor:
    'QEMU 7.2 takes a TOR region from 0 to 0 for all of memory, where it is empty; so PMP is not written by streams that ' +
    'leave M-mode',
  tableOnNothing:
    'a page table where no memory is: an access fault (10.3.2), in QEMU a page fault; so large pages are leaves always',
  mixedWidthSc:
    'sc.w behind lr.d to one address, and sc.d behind lr.w: may fail or succeed; QEMU compares the memory with what lr ' +
    'read, at the width of sc, this hart at the width of lr too',
} as const;

/** Values of mtval and stval that are equal for these causes. */
export const tvalRules = [
  {
    causes: [5n, 7n] as readonly bigint[],
    equal: (own: bigint, qemu: bigint): boolean => qemu < own && own - qemu < 8n,
    reason: 'see `misalignedFault`',
  },
] as const;

/** Numbers and rules of the CSRs that may be accessed. */
export interface CsrChoice {
  readonly number: number;
  readonly name: string;
  readonly rule: CsrRule | undefined;
}

export const ruleOfCsr = (name: string): CsrRule | undefined => csrRules.find(({ csr }) => csr.test(name));

export const csrChoices: readonly CsrChoice[] = [...csrNumbers]
  .map(([name, number]) => ({ name, number, rule: ruleOfCsr(name) }))
  .filter(({ rule }) => rule?.handling !== 'excluded');

/** Numbers that have no register here; QEMU's are named in the rules. */
export const absentCsrs: readonly number[] = [...Array(4096).keys()].filter(
  (number) => !csrNames.has(number) && !ruleOfCsr(`0x${number.toString(16)}`),
);
