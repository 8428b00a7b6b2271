/**
 * One program on a machine of each engine, in lockstep: all run to the same positions, and are compared there in all their
 * state. Where they differ the stretch is narrowed, and told with its instructions.
 */
import { ENGINE_KINDS, type EngineKind } from '../../src/engine/kinds.js';
import { DRAM_BASE } from '../../src/hart/layout.js';
import { disassemble } from '../../src/isa/disassemble.js';
import { Machine } from '../../src/machine/machine.js';
import { stateDifferences } from '../../src/replay/differences.js';
import { NOTHING_MASKED, StateDigest } from '../../src/replay/digest.js';
import { DirtyPages } from '../../src/replay/dirty-pages.js';
import type { Hash } from '../../src/replay/hash.js';
import { restoreSaved, saveState, type SavedState } from '../../src/replay/snapshot.js';
import type { FieldValue } from '../../src/replay/state-bytes.js';
import { Random } from '../differential/random.js';
import { Silence } from '../guest/engines-rig.js';
import { configurationOf } from '../guest/replay-rig.js';
import { AREA, LEAF_TABLE, MACHINE_AREA, PAGE, SUPERVISOR_AREA, RAM_BYTES, SUPERVISOR_BASE, WINDOW } from './layout.js';
import { makeProgram, type Program } from './program.js';

/** Programs one behind the other on the same machines: what was translated of one must not be entered for the next. */
const PROGRAMS = 8;
/** Instructions of each, and of the last one, which is for the engine that only translates what is hot. */
const POSITIONS = 12_000;
const LONG_POSITIONS = 1_000_000;
/** Instructions told before the difference, and fields and bytes that differ. */
const TOLD = 24;

const configuration = configurationOf({ memoryBytes: RAM_BYTES, clock: 'virtual', devices: [] });

class Engine {
  readonly machine: Machine;
  readonly digest: StateDigest;
  private readonly fresh: SavedState;

  constructor(
    readonly kind: EngineKind,
    hash: Hash,
  ) {
    this.machine = new Machine(configuration, { kind: 'flat', data: new Uint8Array(4) }, new Silence(), kind);
    this.digest = new StateDigest(this.machine, new DirtyPages(this.machine).consumer(), hash);
    this.fresh = saveState(this.machine);
  }

  load(program: Program | SavedState): void {
    restoreSaved(this.machine, { ...this.fresh, ...program });
  }

  /** Runs to a position, from another state where one is given; answers what was thrown meanwhile. */
  goOn(state: Program | SavedState | undefined, position: number): string | undefined {
    try {
      if (state !== undefined) this.load(state);
      this.runTo(position);
      return undefined;
    } catch (error) {
      return (error as Error).stack ?? String(error);
    }
  }

  runTo(position: number): void {
    while (this.machine.position < position) {
      const outcome = this.machine.advance(position);
      if (outcome === 'off' || outcome === 'idle') return;
    }
  }
}

/** Where one engine left the interpreter. */
interface Parting {
  readonly kind: EngineKind;
  readonly program: number;
  /** Positions compared, up to the one at which it was seen. */
  readonly stops: readonly number[];
  readonly differences: readonly string[];
}

interface Plan {
  readonly stops: readonly number[];
  /** Whether the engines go back to a state that was saved, now and then. */
  readonly restores: boolean;
}

export interface Outcome {
  /** Instructions of the programs. */
  readonly positions: number;
  /** Traps and interrupts in them. */
  readonly traps: number;
  /** Instructions that translated code has executed, by engine. */
  readonly translated: Readonly<Record<EngineKind, number>>;
  /** What differed, in lines; undefined where nothing did. */
  readonly failure?: string;
}

export class Lockstep {
  constructor(private readonly hash: Hash) {}

  /** The programs of one case; a seed and a number determine them and the positions compared. */
  run(seed: number, number: number): Outcome {
    const engines = this.fresh();
    let [positions, traps] = [0, 0];
    let parting: Parting | undefined;
    for (let n = 0; n < PROGRAMS && parting === undefined; n++) {
      const program = number * PROGRAMS + n;
      const long = n === PROGRAMS - 1;
      const stops = stopsOf(seed, program, long);
      const those = long ? engines.filter(({ kind }) => kind !== 'translator') : engines;
      parting = this.runProgram(those, seed, program, { stops, restores: true });
      positions += stops[stops.length - 1];
      traps += trapsOf(engines[0].machine);
    }
    const translated = { interpreter: 0, translator: 0, auto: 0 };
    for (const { kind, machine } of engines) translated[kind] = machine.engineStatistics().instructions.translator;
    return {
      ...{ positions, traps, translated },
      ...(parting && { failure: this.tell(seed, number, parting) }),
    };
  }

  private runProgram(engines: readonly Engine[], seed: number, program: number, plan: Plan): Parting | undefined {
    const made = makeProgram(seed, program);
    const random = new Random(seed, program, 2);
    const [model, ...others] = engines;
    let saved: SavedState | undefined;
    let state: SavedState | Program | undefined = made;
    for (const [index, stop] of plan.stops.entries()) {
      for (const engine of engines) {
        const stops = plan.stops.slice(0, index + 1);
        const thrown = engine.goOn(state, stop);
        if (thrown !== undefined) return { kind: engine.kind, program, stops, differences: [thrown] };
      }
      state = undefined;
      const digest = model.digest.take();
      for (const other of others) {
        if (other.digest.take() === digest && other.machine.position === model.machine.position) continue;
        return {
          kind: other.kind,
          program,
          stops: plan.stops.slice(0, index + 1),
          differences: differences(model, other),
        };
      }
      if (!plan.restores) continue;
      // What is translated by now is not what the state of then has.
      if (saved !== undefined && random.once(20)) {
        state = saved;
        saved = undefined;
      } else if (random.once(20)) saved = saveState(model.machine);
    }
    return undefined;
  }

  private fresh(kinds: readonly EngineKind[] = ENGINE_KINDS): Engine[] {
    return kinds.map((kind) => new Engine(kind, this.hash));
  }

  /** Runs the program alone, and stops ever nearer to where the engines part. */
  private tell(seed: number, number: number, first: Parting): string {
    const again = (stops: readonly number[]): Parting | undefined =>
      this.runProgram(this.fresh(['interpreter', first.kind]), seed, first.program, { stops, restores: false });
    let parting = first;
    let equal = first.stops.at(-2) ?? 0;
    const alone = again(first.stops);
    if (alone !== undefined) {
      parting = alone;
      equal = alone.stops.at(-2) ?? 0;
      for (let to = alone.stops.at(-1) ?? 0; to - equal > 1;) {
        const middle = Math.floor((equal + to) / 2);
        const nearer = again([...parting.stops.slice(0, -1), middle, to]);
        if (nearer === undefined) break;
        parting = nearer;
        to = parting.stops.at(-1) ?? 0;
        equal = parting.stops.at(-2) ?? 0;
      }
    }
    const position = parting.stops.at(-1) ?? 0;
    const [model] = this.fresh(['interpreter']);
    const { mode } = makeProgram(seed, first.program);
    model.load(makeProgram(seed, first.program));
    const how = alone === undefined ? 'only behind the programs and restores before it' : 'also alone';
    return [
      `seed ${seed}, case ${number}, program ${first.program} in ${mode}-mode: ${parting.kind} and interpreter are equal ` +
        `at position ${equal} and differ at ${position} (seen at ${first.stops.at(-1)}; ${how})`,
      ...parting.differences,
      'the instructions before that:',
      ...trace(model, position),
    ].join('\n');
  }
}

/** Positions to compare at: a few instructions apart, or a few thousand; now and then one after the other. */
function stopsOf(seed: number, program: number, long: boolean): number[] {
  const [positions, longest] = long ? [LONG_POSITIONS, 100_000] : [POSITIONS, 3000];
  const random = new Random(seed, program, 1);
  const stops: number[] = [];
  let at = 0;
  while (at < positions) {
    const single = random.once(8) ? 1 + random.below(12) : 1;
    const step = single > 1 ? 1 : 1 + random.below(random.pick([16, 300, longest, longest]));
    for (let n = 0; n < single; n++) stops.push((at += step));
  }
  return stops;
}

function trapsOf({ ram }: Machine): number {
  const view = new DataView(ram.buffer, ram.byteOffset);
  return [MACHINE_AREA, SUPERVISOR_AREA].reduce(
    (sum, area) => sum + view.getUint32(area - DRAM_BASE + AREA.count, true),
    0,
  );
}

/** Fields and memory that differ. */
function differences(model: Engine, other: Engine): string[] {
  const { fields, memory, memoryBytes } = stateDifferences(model, other, NOTHING_MASKED, TOLD);
  return [
    ...fields
      .slice(0, TOLD)
      .map(({ name, values: [mine, theirs] }) => `  ${name}: ${text(mine)}, ${other.kind} ${text(theirs)}`),
    ...memory
      .slice(0, TOLD)
      .map(
        ({ address, values: [mine, theirs] }) =>
          `  0x${address.toString(16)}: ${bytes(mine)}, ${other.kind} ${bytes(theirs)}`,
      ),
    ...(memoryBytes > 0 ? [`  ${memoryBytes} bytes of memory in all`] : []),
  ];
}

function text(value: FieldValue | undefined): string {
  if (typeof value === 'bigint' || typeof value === 'number') return `0x${value.toString(16)}`;
  return value instanceof Uint8Array ? bytes(value) : String(value);
}

const bytes = (value: Uint8Array): string => Buffer.from(value.subarray(0, 16)).toString('hex');

/** The last that the interpreter executes before a position, and what comes then. */
function trace(model: Engine, to: number): string[] {
  const lines: string[] = [];
  model.runTo(Math.max(0, to - TOLD));
  for (;;) {
    const { position, hart } = model.machine;
    lines.push(`  ${position}: ${hart.pc.toString(16)}  ${instructionAt(model.machine, hart.pc)}`);
    if (position >= to) return lines;
    model.runTo(position + 1);
    if (model.machine.position === position) return lines;
  }
}

function instructionAt(machine: Machine, pc: bigint): string {
  const halves = [pc, pc + 2n].map((address) => {
    const at = offsetOf(machine, address);
    return at < 0 || at + 2 > machine.ram.length ? 0 : machine.ram[at] | (machine.ram[at + 1] << 8);
  });
  return disassemble((halves[0] | (halves[1] << 16)) >>> 0, pc);
}

/** Where in RAM an address of the program's lies, by the tables as they are now; -1 where in none. */
function offsetOf({ ram }: Machine, address: bigint): number {
  const low = Number(address);
  if (low >= SUPERVISOR_BASE && low < SUPERVISOR_BASE + RAM_BYTES) return low - SUPERVISOR_BASE;
  if (low >= DRAM_BASE) return low - DRAM_BASE;
  if (low < WINDOW || low >= WINDOW + 512 * PAGE) return -1;
  const entry = LEAF_TABLE - DRAM_BASE + 8 * Math.floor((low - WINDOW) / PAGE);
  const page = new DataView(ram.buffer, ram.byteOffset).getUint32(entry, true) >>> 10;
  return page * PAGE - DRAM_BASE + (low % PAGE);
}
