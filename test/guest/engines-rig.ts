/**
 * What the tests share that compare engines: machines that differ in their engine alone, run side by side, and what
 * differs in their states, which must be nothing.
 */
import type { EngineKind } from '../../src/engine/kinds.js';
import { assemble, type FieldValues } from '../../src/isa/assemble.js';
import { DRAM_BASE } from '../../src/hart/layout.js';
import type { MachineConfiguration } from '../../src/machine/configuration.js';
import type { Environment, Output } from '../../src/machine/environment.js';
import type { GuestImage } from '../../src/machine/image.js';
import { Machine } from '../../src/machine/machine.js';
import type { FieldValue } from '../../src/replay/state-bytes.js';
import { fieldsOf, sameValue, StateWriter } from '../../src/replay/state-bytes.js';
import { configurationOf } from './replay-rig.js';

/** The engines that translate: each is compared to the interpreter. */
export const TRANSLATING: readonly EngineKind[] = ['translator', 'auto'];

/** An outside that keeps silent and listens. By the host's clock, time stands still. */
export class Silence implements Environment {
  readonly outputs: { readonly position: number; readonly output: Output }[] = [];

  nextStop(): number {
    return Infinity;
  }

  takeInputs(): ReturnType<Environment['takeInputs']> {
    return [];
  }

  readTime(): number {
    return 0;
  }

  readEntropy(position: number, length: number): Uint8Array {
    return new Uint8Array(length).fill(position);
  }

  emit(position: number, output: Output): void {
    this.outputs.push({ position, output: 'data' in output ? { ...output, data: output.data.slice() } : output });
  }
}

export interface Runner<E extends Environment = Environment> {
  readonly engine: EngineKind;
  readonly machine: Machine;
  readonly environment: E;
}

/** A machine for each kind of engine, the interpreter first, each with an environment of its own. */
export function runnersOf<E extends Environment>(
  image: GuestImage,
  environment: () => E,
  configuration: Partial<MachineConfiguration> = {},
): Runner<E>[] {
  return (['interpreter', ...TRANSLATING] as const).map((engine) => {
    const outside = environment();
    return {
      engine,
      environment: outside,
      machine: new Machine(configurationOf(configuration), image, outside, engine),
    };
  });
}

/** Runs a machine to exactly a position, or until it is off or waits for what does not come. */
export function runTo(machine: Machine, position: number): void {
  while (machine.advance(position) === 'stopped');
}

/**
 * What differs between a machine and another of the same make: names of the state's fields, the addresses of the first
 * and the last byte of RAM. Nothing where they are in the same state.
 */
export function stateDifferences(a: Machine, b: Machine): string[] {
  const [bytes, others] = [a, b].map((machine) => new StateWriter().write(machine));
  const differences: string[] = [];
  if (Buffer.compare(bytes, others) !== 0) {
    const [fields, otherFields] = [fieldsOf(a), fieldsOf(b)];
    for (const [name, value] of fields) {
      const other = otherFields.get(name);
      if (!sameValue(value, other)) differences.push(`${name}: ${describe(value)}, ${describe(other)}`);
    }
    if (differences.length === 0) differences.push('the state in bytes');
  }
  if (Buffer.compare(a.ram, b.ram) !== 0) {
    const first = a.ram.findIndex((byte, i) => byte !== b.ram[i]);
    const last = a.ram.findLastIndex((byte, i) => byte !== b.ram[i]);
    differences.push(`RAM from 0x${(DRAM_BASE + first).toString(16)} to 0x${(DRAM_BASE + last).toString(16)}`);
  }
  return differences;
}

function describe(value: FieldValue | undefined): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  return typeof value === 'object' ? 'other bytes' : String(value);
}

/** What differs between the interpreter's machine and the others, by engine. */
export function partings([interpreter, ...others]: readonly Runner[]): string[] {
  const at = interpreter.machine.position;
  return others.flatMap(({ engine, machine }) =>
    stateDifferences(interpreter.machine, machine).map((what) => `${engine} at position ${at}: ${what}`),
  );
}

/** Instructions that translated code has executed. */
export const translated = ({ machine }: Pick<Runner, 'machine'>): number =>
  machine.engineStatistics().instructions.translator;

export type Line = readonly [name: string, fields?: FieldValues, target?: string] | string;

/** A machine-code image of lines; a string is a label, and a line's target one that it jumps to or computes. */
export function imageOf(lines: readonly Line[]): GuestImage {
  const labels = new Map<string, number>();
  const sizeOf = ([name]: Exclude<Line, string>): number => (name.startsWith('c.') ? 2 : 4);
  let at = 0;
  for (const line of lines) {
    if (typeof line === 'string') labels.set(line, at);
    else at += sizeOf(line);
  }
  const bytes: number[] = [];
  for (const line of lines) {
    if (typeof line === 'string') continue;
    const [name, fields, target] = line;
    const offset = target === undefined ? {} : { imm: (labels.get(target) ?? NaN) - bytes.length };
    const word = assemble(name, { ...fields, ...offset });
    for (let i = 0; i < sizeOf(line); i++) bytes.push((word >>> (8 * i)) & 255);
  }
  return { kind: 'flat', data: Uint8Array.from(bytes) };
}
