/** What the suite asks of devices and machine together, where a device alone cannot show it. */
import { BOARD } from '../../src/machine/board-map.js';
import { Machine } from '../../src/machine/machine.js';
import { configurationOf, World } from '../guest/replay-rig.js';
import { Dice, RAM_BASE } from './fake-board.js';
import { GuestProgram, PROGRAM_MEMORY, randomProgram } from './guest-program.js';
import { RIGS } from './device-rigs.js';
import type { RigKind } from './device-rigs.js';

const rigNamed = (name: string): RigKind => RIGS.find((kind) => kind.name === name) as RigKind;

function machineOf(program: GuestProgram, { board, symbols, world }: Partial<RigKind> = {}): Machine {
  const configuration = configurationOf({ memoryBytes: PROGRAM_MEMORY, devices: [], ...board });
  return new Machine(configuration, program.image(symbols), new World({ seed: 1, slice: 1e9, ...world }));
}

/** Runs to the end; answers how often the environment had its turn. */
function turnsOf(machine: Machine, until: number): number {
  let turns = 0;
  for (; turns < 1e6; turns++) if (machine.advance(until) !== 'stopped') return turns;
  return turns;
}

describe('a guest that keeps its devices busy', () => {
  const MANY = 400;
  /** What it does, and for how many of that there is a turn at least. */
  const busy: Record<string, [(program: GuestProgram) => void, number]> = {
    'a timer set anew': [(program) => program.store(BOARD.clint.base + 0x4000, 8, 1n << 60n), 16],
    'a queue notified': [(program) => program.store(BOARD.virtio.base + 0x50, 4, 0n), 1],
  };
  it.each(Object.keys(busy))('does not keep the environment from its turn: %s', (name) => {
    const program = new GuestProgram();
    const kind = rigNamed('virtio-rng');
    const { memory } = kind.make().context;
    kind.begin?.({
      registers: {
        queues: { length: 1 },
        write: (offset, size, value) => program.store(kind.place.base + offset, size, BigInt(value)),
      },
      memory,
    });
    const [act, share] = busy[name];
    for (let i = 0; i < MANY; i++) act(program);
    program.end();
    const machine = machineOf(program, kind);
    const turns = turnsOf(machine, program.positions);
    expect(machine.off).toEqual({ status: 0 });
    expect(turns).toBeGreaterThanOrEqual(MANY / share);
  });

  it('and one that computes leaves it the whole slice', () => {
    const program = new GuestProgram();
    for (let i = 0; i < MANY; i++) program.load(RAM_BASE, 8);
    program.end();
    expect(turnsOf(machineOf(program), program.positions)).toBeLessThan(3);
  });
});

describe('the words of HTIF', () => {
  const htif = rigNamed('htif');
  const tohost = htif.place.base;
  const stores: Record<string, (program: GuestProgram) => void> = {
    'a doubleword': (program) => program.store(tohost, 8, 5n),
    'a word': (program) => program.store(tohost, 4, 5n),
    'a byte': (program) => program.store(tohost, 1, 5n),
    'a doubleword that begins on the page before': (program) => program.store(tohost - 4, 8, 5n << 32n),
    'a doubleword that ends behind it': (program) => program.store(tohost + 2, 8, 0n),
    'an atomic exchange': (program) => program.swap(tohost, 5n),
  };
  it.each(Object.keys(stores))('are seen to change by %s', (name) => {
    const program = new GuestProgram();
    stores[name](program);
    if (name.endsWith('behind it')) program.store(tohost, 2, 5n);
    for (let i = 0; i < 8; i++) program.time();
    program.end();
    const machine = machineOf(program, htif);
    turnsOf(machine, program.positions);
    expect(machine.off).toEqual({ status: 2 });
  });
});

it('comes to the same end whether the devices are stopped at every instruction or never', () => {
  for (const name of ['virtio-net', 'uart', 'clint']) {
    const kind = rigNamed(name);
    const program = randomProgram(kind, kind.make().device.queues?.length ?? 0, new Dice(3), 12);
    const rams = [1, 1e9].map((step) => {
      const machine = machineOf(program, { board: { ...kind.board, clock: 'virtual' } });
      while (machine.position < program.positions && machine.off === undefined) {
        machine.advance(Math.min(program.positions, machine.position + step));
      }
      expect(machine.off).toEqual({ status: 0 });
      return machine.ram.slice();
    });
    expect(Buffer.compare(rams[0], rams[1])).toBe(0);
  }
});
