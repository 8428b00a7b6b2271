/**
 * The machine's own clock and the environment's turn: a guest that waits has virtual time put forward, by its timers and
 * by ticks, to the same states in the same order; and nothing that a guest does keeps the environment from its turn.
 */
import { assemble } from '../../src/isa/assemble.js';
import type { Environment, Input, Need } from '../../src/machine/environment.js';
import { Machine } from '../../src/machine/machine.js';
import { configurationOf } from './replay-rig.js';

const [T0, T1] = [5, 6];
const CLINT_COMPARAND = 0x200_4000;
const MIE = 0x304;

function flat(...words: number[]): { kind: 'flat'; data: Uint8Array } {
  const data = new Uint8Array(words.length * 4);
  words.forEach((word, n) => new DataView(data.buffer).setUint32(n * 4, word, true));
  return { kind: 'flat', data };
}

class World implements Environment {
  asked: { position: number; need: Need }[] = [];
  answers: Input[][] = [];
  nextStop(position: number): number {
    return position + 1000;
  }
  takeInputs(position: number, need: Need): readonly Input[] {
    this.asked.push({ position, need: { ...need } });
    return this.answers.shift() ?? [];
  }
  readTime(): number {
    return 0;
  }
  readEntropy(_position: number, length: number): Uint8Array {
    return new Uint8Array(length);
  }
  emit(): void {}
}

const setComparand = [
  assemble('lui', { rd: T1, imm: CLINT_COMPARAND & ~0xfff }),
  assemble('addi', { rd: T0, rs1: 0, imm: 1000 }),
  assemble('sd', { rs1: T1, rs2: T0, imm: 0 }),
];

describe('a guest that asks for attention', () => {
  /** Sets its timer again and again, `apart` instructions from each time to the next. */
  const asking = (apart: number): Machine => {
    const rest = Array.from({ length: apart - 2 }, () => assemble('addi', { rd: 0, rs1: 0, imm: 0 }));
    const again = [
      assemble('sd', { rs1: T1, rs2: T0, imm: 0 }),
      ...rest,
      assemble('jal', { rd: 0, imm: -4 * (apart - 1) }),
    ];
    return new Machine(configurationOf(), flat(...setComparand, ...again), new World());
  };

  it('does not put off the turn that its environment has asked for', () => {
    const machine = asking(200);
    expect(machine.advance(1_000_000)).toBe('stopped');
    expect(machine.position).toBe(1000);
  });

  it('all the time gives its environment a turn sooner: each end of a run takes as long as many instructions', () => {
    const machine = asking(2);
    expect(machine.advance(1_000_000)).toBe('stopped');
    expect(machine.position).toBeLessThan(100);
  });
});

describe('a guest that waits under the virtual clock', () => {
  const configuration = configurationOf({ clock: 'virtual' });
  /** Waits with its timer's interrupt not enabled, so that only a tick past all timers leaves a trace. */
  const deaf = flat(...setComparand, assemble('wfi'), assemble('jal', { rd: 0, imm: 0 }));
  /** Waits with the timer's interrupt enabled, but not taken. */
  const woken = flat(
    ...setComparand,
    assemble('addi', { rd: T0, rs1: 0, imm: 0x80 }),
    assemble('csrrw', { rd: 0, rs1: T0, imm: MIE }),
    assemble('wfi'),
    assemble('jal', { rd: 0, imm: 0 }),
  );

  it('finds itself at its timer, and its environment is asked again', () => {
    const world = new World();
    const machine = new Machine(configuration, woken, world);
    expect(machine.advance(100)).toBe('until');
    expect(machine.virtualTime()).toBe(1010);
    const at = world.asked.filter(({ position }) => position === 6);
    expect(at.map(({ need }) => need.virtual?.now)).toEqual([0, 1000]);
    expect(at.map(({ need }) => [need.idle, need.virtual?.deadline])).toEqual([
      [true, 1000],
      [false, Infinity],
    ]);
  });

  it('is put forward by a tick, past a timer that does not wake it', () => {
    for (const asIn of ['recording', 'replay']) {
      const world = new World();
      const machine = new Machine(configuration, deaf, world);
      // Asked at 0, at 4 where it waits, and, in a recording, at 4 again where the timer has passed.
      world.answers =
        asIn === 'recording' ? [[], [], [{ type: 'tick', time: 5000 }]] : [[], [{ type: 'tick', time: 5000 }]];
      expect(machine.advance(100)).toBe('idle');
      expect(machine.position).toBe(4);
      expect(machine.virtualTime()).toBe(5000);
    }
  });
});
