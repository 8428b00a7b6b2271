/**
 * The engines side by side: stopped at random positions, each is at exactly the position asked for, and its whole state
 * is the interpreter's: all fields, all of RAM.
 */
import { PAGE_BYTES } from '../../src/hart/layout.js';
import { Silence, partings, runTo, runnersOf, stateDifferences, translated } from './engines-rig.js';
import { Dice, consoleText, guestImage } from './replay-rig.js';

const GUESTS = [
  ...['sort-small', 'bits-small', 'bytecode-small', 'calls-small', 'chase-small', 'matrix-small', 'nbody-small'],
  ...['queens-small', 'smc', 'remap', 'generate-small', 'paging', 'clock-small'],
];
/** A thousand of them in all. */
const STOPS = Math.ceil(1000 / GUESTS.length);
/** Stops come in groups a few instructions apart, so that many lie in one block of code. */
const GROUP = 4;

/** `STOPS` positions up to `end`, ascending. */
function stops(end: number, dice: Dice): number[] {
  const chosen = new Set<number>();
  while (chosen.size < STOPS) {
    let position = dice.roll(end);
    for (let n = 0; n < GROUP && chosen.size < STOPS && position < end; n++) {
      chosen.add(position);
      position += 1 + dice.roll(n === 0 ? 3 : 40);
    }
  }
  return [...chosen].sort((a, b) => a - b);
}

/** Where a guest ends. */
function endOf(name: string): number {
  const [{ machine }] = runnersOf(guestImage(name), () => new Silence(), { clock: 'virtual' });
  runTo(machine, Infinity);
  return machine.position;
}

/** Guests that jump often enough, even stopped as often as here. */
const HOT = ['sort-small', 'queens-small', 'matrix-small', 'calls-small'];

it.each(GUESTS)('every stop is exact, and the state there the same: %s', (name) => {
  const end = endOf(name);
  const runners = runnersOf(guestImage(name), () => new Silence(), { clock: 'virtual' });
  const positions = stops(end, new Dice(end));
  expect(positions).toHaveLength(STOPS);
  const found: string[] = [];
  for (const position of positions) {
    for (const { machine } of runners) runTo(machine, position);
    expect(runners.map(({ machine }) => machine.position)).toEqual(runners.map(() => position));
    found.push(...partings(runners));
    if (found.length > 0) break;
  }
  expect(found).toEqual([]);

  for (const { machine } of runners) runTo(machine, Infinity);
  const [interpreter, ...others] = runners;
  expect(interpreter.machine.off).toEqual({ status: 0 });
  for (const { machine, environment } of others) {
    expect([machine.position, machine.off]).toEqual([end, interpreter.machine.off]);
    expect(environment.outputs).toEqual(interpreter.environment.outputs);
  }
  expect(partings(runners)).toEqual([]);
  // What is short may be too short for `auto`.
  const [translator, auto] = others.map(translated);
  expect(translator).toBeGreaterThan(0);
  if (HOT.includes(name)) expect(auto).toBeGreaterThan(0);
});

/** What these guests print last, on QEMU as well, and how many changes they tell of that may be noticed late. */
const LAST_LINES = [
  ['smc', 'smc: ok, checksum 7d35a8b7cf453140', 7],
  ['remap', 'remap: ok, checksum 89b79012f7d8a7e7', 6],
  ['generate-small', 'generate: ok, sum 9d5bb0639a86d70e', 0],
] as const;

it.each(LAST_LINES)('changes of code are seen at once, also by translated code: %s', (name, last, unfenced) => {
  const runners = runnersOf(guestImage(name), () => new Silence(), { clock: 'virtual' });
  for (const { machine, environment } of runners) {
    runTo(machine, Infinity);
    const lines = consoleText(environment.outputs).trimEnd().split('\n');
    expect(lines.pop()).toBe(last);
    expect(lines.filter((line) => line.endsWith(': at once'))).toHaveLength(unfenced);
    expect(lines).toHaveLength(unfenced);
  }
  expect(translated(runners[1])).toBeGreaterThan(0);
});

it('a difference in any part of the state is found', () => {
  const machines = runnersOf(guestImage('sort-small'), () => new Silence()).map(({ machine }) => machine);
  for (const machine of machines) runTo(machine, 10_000);
  const [a, b] = machines;
  expect(stateDifferences(a, b)).toEqual([]);
  b.hart.setX(9, a.hart.getX(9) ^ 1n);
  b.hart.setF(3, a.hart.getF(3) ^ (1n << 63n));
  b.hart.pc += 2n;
  const page = b.ram.slice(5 * PAGE_BYTES, 6 * PAGE_BYTES);
  page[17] ^= 4;
  b.restoreRam(5, page);
  const found = stateDifferences(a, b);
  expect(found.map((what) => what.replace(/:.*/, ''))).toEqual([
    ...['hart.pc', 'hart.x9', 'hart.f3'],
    'RAM from 0x80005011 to 0x80005011',
  ]);
  runTo(b, 10_001);
  expect(stateDifferences(a, b).some((what) => what.startsWith('position'))).toBe(true);
});
