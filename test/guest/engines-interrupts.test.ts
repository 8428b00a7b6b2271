/**
 * Interrupts at every place of a hot loop: a loop of all kinds of instructions, with a handler that notes where it was
 * interrupted, runs on each engine while ticks come at one position after another. The whole state stays the
 * interpreter's.
 */
import { CSR } from '../../src/isa/csrs.js';
import type { Input, Need } from '../../src/machine/environment.js';
import { DirtyPages } from '../../src/replay/dirty-pages.js';
import { Snapshot } from '../../src/replay/snapshot.js';
import type { Runner } from './engines-rig.js';
import { Silence, imageOf, partings, runTo, runnersOf, translated } from './engines-rig.js';

const MTIMECMP = 0x200_4000;
const MSIP = 0x200_0000;
/** MTIE and MSIE of mie. */
const ENABLED = 0x88;
const MSTATUS_MIE = 8;
/** FS of mstatus: initial. */
const FLOATING = 0x2000;
/** Ticks of guest time from one timer to the next. */
const PERIOD = 1000;

/** x5 to x8 and x14 to x16 are the handler's, the rest the loop's. */
const STORM = imageOf([
  ['auipc', { rd: 13, imm: 0x4000 }], // data
  ['auipc', { rd: 10 }],
  ['addi', { rd: 10, rs1: 10 }, 'handler'],
  ['addi', { rd: 10, rs1: 10, imm: 4 }],
  ['csrrw', { rs1: 10, imm: CSR.mtvec }],
  ['lui', { rd: 11, imm: MTIMECMP }],
  ['lui', { rd: 12, imm: MSIP }],
  ['addi', { rd: 27, imm: 1 }],
  ['addi', { rd: 14, imm: PERIOD }],
  ['sd', { rs1: 11, rs2: 14 }],
  ['addi', { rd: 5, imm: ENABLED }],
  ['csrrw', { rs1: 5, imm: CSR.mie }],
  ['lui', { rd: 5, imm: FLOATING }],
  ['csrrs', { rs1: 5, imm: CSR.mstatus }],
  ['csrrsi', { rs1: MSTATUS_MIE, imm: CSR.mstatus }],
  'loop',
  ['addi', { rd: 20, rs1: 20, imm: 1 }],
  ['ld', { rd: 21, rs1: 13 }],
  ['add', { rd: 21, rs1: 21, rs2: 20 }],
  ['sd', { rs1: 13, rs2: 21 }],
  ['mul', { rd: 22, rs1: 21, rs2: 20 }],
  ['andi', { rd: 23, rs1: 20, imm: 31 }],
  ['slli', { rd: 23, rs1: 23, imm: 3 }],
  ['add', { rd: 23, rs1: 23, rs2: 13 }],
  ['sd', { rs1: 23, rs2: 22, imm: 8 }],
  ['lw', { rd: 24, rs1: 23, imm: 12 }],
  ['c.add', { rd: 25, rs2: 24 }],
  ['fcvt.d.l', { rd: 1, rs1: 24 }],
  ['fadd.d', { rd: 2, rs1: 2, rs2: 1 }],
  ['jal', { rd: 1 }, 'leaf'],
  ['amoadd.d', { rd: 28, rs1: 13, rs2: 20 }],
  ['c.addi', { rd: 17, imm: 3 }],
  ['andi', { rd: 26, rs1: 20, imm: 15 }],
  ['bne', { rs1: 26 }, 'skip'],
  ['sw', { rs1: 12, rs2: 27 }], // a software interrupt, at once
  'skip',
  ['xor', { rd: 18, rs1: 18, rs2: 28 }],
  ['jal', {}, 'loop'],
  'leaf',
  ['sub', { rd: 29, rs1: 29, rs2: 22 }],
  ['srai', { rd: 30, rs1: 29, imm: 3 }],
  ['jalr', { rs1: 1 }],
  'handler',
  ['csrrs', { rd: 5, imm: CSR.mepc }],
  ['slli', { rd: 7, rs1: 6, imm: 5 }],
  ['sub', { rd: 6, rs1: 7, rs2: 6 }],
  ['add', { rd: 6, rs1: 6, rs2: 5 }], // x6 = 31 * x6 + mepc
  ['csrrs', { rd: 7, imm: CSR.mcause }],
  ['andi', { rd: 7, rs1: 7, imm: 15 }],
  ['addi', { rd: 8, imm: 3 }],
  ['beq', { rs1: 7, rs2: 8 }, 'software'],
  ['addi', { rd: 15, rs1: 15, imm: 1 }],
  ['addi', { rd: 14, rs1: 14, imm: PERIOD }],
  ['sd', { rs1: 11, rs2: 14 }],
  ['mret'],
  'software',
  ['sw', { rs1: 12 }],
  ['addi', { rd: 16, rs1: 16, imm: 1 }],
  ['mret'],
]);

/** SSIE and STIE of sie, and what is delegated. */
const SUPERVISOR_ENABLED = 0x22;
const SSTATUS_SIE = 2;
const SIP_SSIP = 2;
const PMPCFG0 = 0x3a0;
const PMPADDR0 = 0x3b0;
/** All of memory, for every access: TOR. */
const OPEN = 0xf;

/** The same in S-mode, in whose loop interrupts are kept out for a while, as a kernel does it, and the handler swaps sscratch. */
const SUPERVISOR_STORM = imageOf([
  ['auipc', { rd: 13, imm: 0x4000 }], // data
  ['auipc', { rd: 10 }],
  ['addi', { rd: 10, rs1: 10 }, 'handler'],
  ['addi', { rd: 10, rs1: 10, imm: 4 }],
  ['csrrw', { rs1: 10, imm: CSR.stvec }],
  ['addi', { rd: 5, imm: -1 }],
  ['csrrw', { rs1: 5, imm: PMPADDR0 }],
  ['csrrwi', { rs1: OPEN, imm: PMPCFG0 }],
  ['addi', { rd: 5, imm: SUPERVISOR_ENABLED }],
  ['csrrw', { rs1: 5, imm: CSR.mideleg }],
  ['addi', { rd: 5, imm: 1 }],
  ['slli', { rd: 5, rs1: 5, imm: 63 }],
  ['csrrw', { rs1: 5, imm: CSR.menvcfg }], // STCE
  ['csrrwi', { rs1: 2, imm: CSR.mcounteren }], // TM
  ['lui', { rd: 5, imm: 0x1000 }],
  ['srli', { rd: 5, rs1: 5, imm: 1 }],
  ['csrrs', { rs1: 5, imm: CSR.mstatus }], // MPP: S
  ['lui', { rd: 5, imm: FLOATING }],
  ['csrrs', { rs1: 5, imm: CSR.mstatus }],
  ['auipc', { rd: 10 }],
  ['addi', { rd: 10, rs1: 10, imm: 16 }],
  ['csrrw', { rs1: 10, imm: CSR.mepc }],
  ['mret'],
  ['addi', { rd: 14, imm: PERIOD }],
  ['csrrw', { rs1: 14, imm: CSR.stimecmp }],
  ['addi', { rd: 5, imm: SUPERVISOR_ENABLED }],
  ['csrrw', { rs1: 5, imm: CSR.sie }],
  ['lui', { rd: 9, imm: 0x4_0000 }], // SUM
  ['csrrsi', { rs1: SSTATUS_SIE, imm: CSR.sstatus }],
  'loop',
  ['addi', { rd: 20, rs1: 20, imm: 1 }],
  ['ld', { rd: 21, rs1: 13 }],
  ['add', { rd: 21, rs1: 21, rs2: 20 }],
  ['csrrci', { rd: 19, rs1: SSTATUS_SIE, imm: CSR.sstatus }],
  ['sd', { rs1: 13, rs2: 21 }],
  ['mul', { rd: 22, rs1: 21, rs2: 20 }],
  ['andi', { rd: 26, rs1: 20, imm: 15 }],
  ['bne', { rs1: 26 }, 'skip'],
  ['csrrsi', { rs1: SIP_SSIP, imm: CSR.sip }], // a software interrupt, as soon as they are let in
  'skip',
  ['csrrs', { rd: 24, rs1: 9, imm: CSR.sstatus }],
  ['sd', { rs1: 13, rs2: 22, imm: 8 }],
  ['csrrc', { rd: 25, rs1: 9, imm: CSR.sstatus }],
  ['andi', { rd: 19, rs1: 19, imm: SSTATUS_SIE }],
  ['csrrs', { rd: 23, rs1: 19, imm: CSR.sstatus }],
  ['c.add', { rd: 18, rs2: 23 }],
  ['c.addi', { rd: 17, imm: 3 }],
  ['fcvt.d.l', { rd: 1, rs1: 24 }],
  ['fadd.d', { rd: 2, rs1: 2, rs2: 1 }],
  ['jal', { rd: 1 }, 'leaf'],
  ['amoadd.d', { rd: 28, rs1: 13, rs2: 20 }],
  ['xor', { rd: 18, rs1: 18, rs2: 28 }],
  ['csrrs', { rd: 27, imm: CSR.sstatus }],
  ['add', { rd: 18, rs1: 18, rs2: 27 }],
  ['jal', {}, 'loop'],
  'leaf',
  ['sub', { rd: 29, rs1: 29, rs2: 22 }],
  ['srai', { rd: 30, rs1: 29, imm: 3 }],
  ['jalr', { rs1: 1 }],
  'handler',
  ['csrrw', { rd: 8, rs1: 8, imm: CSR.sscratch }],
  ['csrrs', { rd: 5, imm: CSR.sepc }],
  ['slli', { rd: 7, rs1: 6, imm: 5 }],
  ['sub', { rd: 6, rs1: 7, rs2: 6 }],
  ['add', { rd: 6, rs1: 6, rs2: 5 }], // x6 = 31 * x6 + sepc
  ['ori', { rd: 5, rs1: 5, imm: 1 }],
  ['csrrw', { rs1: 5, imm: CSR.sepc }], // bit 0 stays clear
  ['csrrs', { rd: 7, imm: CSR.scause }],
  ['csrrw', { rd: 8, rs1: 7, imm: CSR.stval }],
  ['andi', { rd: 7, rs1: 7, imm: 15 }],
  ['addi', { rd: 8, rs1: 8, imm: 1 }],
  ['csrrw', { rd: 8, rs1: 8, imm: CSR.sscratch }],
  ['addi', { rd: 7, rs1: 7, imm: -1 }],
  ['beq', { rs1: 7 }, 'software'],
  ['addi', { rd: 15, rs1: 15, imm: 1 }],
  ['addi', { rd: 14, rs1: 14, imm: PERIOD }],
  ['csrrw', { rs1: 14, imm: CSR.stimecmp }],
  ['sret'],
  'software',
  ['csrrci', { rs1: SIP_SSIP, imm: CSR.sip }],
  ['addi', { rd: 16, rs1: 16, imm: 1 }],
  ['sret'],
]);

/** Both, with how many places of the loop an interrupt is taken at. */
const STORMS = [
  ['of M-mode', STORM, 24],
  ['of S-mode', SUPERVISOR_STORM, 16],
] as const;

/** Register that counts timer interrupts, and that which counts software interrupts. */
const TIMER_COUNT = 15;
const SOFTWARE_COUNT = 16;

/** One tick, at a position. */
class OneTick extends Silence {
  at = Infinity;

  override nextStop(position = 0): number {
    return position < this.at ? this.at : Infinity;
  }

  override takeInputs(position = 0, need?: Need): readonly Input[] {
    const due = position === this.at && need !== undefined && need.deadline !== Infinity;
    return due ? [{ type: 'tick', time: need.deadline }] : [];
  }
}

/** Positions from when a timer is set to its tick, at least: the handler returns by the one instruction in between. */
const NEAREST = 1;
const SPREAD = 90;

/** A tick for every timer that is set: each comes a position later than the last one did, as seen from the timer. */
class Ticks extends Silence {
  private timer = -1;
  private due = Infinity;
  private count = 0;

  /** @param everywhere stops at each position, whether anything is due or not */
  constructor(private readonly everywhere = false) {
    super();
  }

  override nextStop(position = 0): number {
    return this.everywhere ? position + 1 : this.due > position ? this.due : Infinity;
  }

  override takeInputs(position = 0, need?: Need): readonly Input[] {
    if (need === undefined || need.deadline === Infinity) return [];
    if (need.deadline !== this.timer) {
      this.timer = need.deadline;
      this.due = position + NEAREST + (this.count++ % SPREAD);
    }
    if (position !== this.due) return [];
    return [{ type: 'tick', time: need.deadline }];
  }
}

const counts = ({ machine }: Runner): number[] =>
  [TIMER_COUNT, SOFTWARE_COUNT].map((register) => Number(machine.hart.getX(register)));

/** Instructions that make the loop hot. */
const WARM = 30_000;
/** More than three rounds of the loop. */
const POSITIONS = 90;
/** Goes on until well behind the handler. */
const AFTER = 200;

it.each(STORMS)('a tick at each position of a hot loop %s', (_name, storm, places) => {
  const runners = runnersOf(storm, () => new OneTick());
  const snapshots = runners.map(({ machine }) => {
    const takeDirty = new DirtyPages(machine).consumer();
    runTo(machine, WARM);
    return new Snapshot(machine, takeDirty);
  });
  expect(partings(runners)).toEqual([]);
  expect(counts(runners[0])).toEqual([0, expect.any(Number)]);

  const [warm] = runners.slice(1).map(translated);
  const seen = new Set<bigint>();
  const found: string[] = [];
  for (let at = WARM; at < WARM + POSITIONS; at++) {
    runners.forEach(({ machine, environment }, i) => {
      snapshots[i].restore();
      environment.at = at;
      runTo(machine, at);
    });
    found.push(...partings(runners));
    for (const { machine } of runners) runTo(machine, WARM + POSITIONS + AFTER);
    found.push(...partings(runners).map((what) => `a tick at ${at}: ${what}`));
    expect(counts(runners[0])[0]).toBe(1);
    seen.add(runners[0].machine.hart.getX(6));
  }
  expect(found).toEqual([]);
  // Each place of the loop gave another sum, and so was another one.
  expect(seen.size).toBeGreaterThanOrEqual(places);
  // Restoring leaves translated code in place, and it ran between the ticks.
  expect(warm).toBeGreaterThan(0);
  expect(translated(runners[1])).toBeGreaterThan(warm);
});

it.each(
  STORMS.flatMap(([name, storm]) => [
    [name, 'and stops there alone', storm, false] as const,
    [name, 'and stops everywhere', storm, true] as const,
  ]),
)('ticks one position later each time in a loop %s, %s', (_name, _stops, storm, everywhere) => {
  const runners = runnersOf(storm, () => new Ticks(everywhere));
  const found: string[] = [];
  const end = everywhere ? 12_000 : 120_000;
  for (let position = 0; position <= end && found.length === 0; position += end / 40) {
    for (const { machine } of runners) runTo(machine, position);
    found.push(...partings(runners));
  }
  expect(found).toEqual([]);
  const [timer, software] = counts(runners[0]);
  expect(timer).toBeGreaterThan(end / (SPREAD + 10));
  expect(software).toBeGreaterThan(10);
  // Where each position is a stop, no block fits in between.
  if (!everywhere) expect(translated(runners[1])).toBeGreaterThan(0);
});
