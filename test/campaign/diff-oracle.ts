/**
 * What `diff` has to find, found in the plainest way: both machines are rebuilt from their entries by an environment of
 * a few lines, stepped one instruction at a time, and the whole state is compared after each, field by field and byte by
 * byte. Shares nothing with the code under test but the machine and the hash of outputs.
 */
import type { Entry } from '../../src/log/entry.js';
import type { Environment, Input, Output } from '../../src/machine/environment.js';
import type { Machine } from '../../src/machine/machine.js';
import type { Hash } from '../../src/replay/hash.js';
import type { MachinePool } from './machine-pool.js';

/** Instructions compared one by one; behind them every so many, and one by one where something is found. */
const CLOSELY = 1500;
const STRIDE = 97;
/** Of them at most, in long runs. */
const STRIDES = 400;

type BuildMachine = (environment: Environment) => Machine;

/** The guest did what the entries do not have. */
class Left extends Error {
  override readonly name = 'Left';
}

class Script implements Environment {
  private at = 0;

  constructor(
    private readonly entries: readonly Entry[],
    private readonly hash: Hash,
  ) {}

  get next(): Entry | undefined {
    return this.entries[this.at];
  }

  nextStop(position: number): number {
    for (let at = this.at; at < this.entries.length; at++) {
      const entry = this.entries[at];
      if (isInput(entry) || entry.type === 'end') {
        return Math.max(position, entry.position);
      }
    }
    return Number.MAX_SAFE_INTEGER;
  }

  takeInputs(position: number): Input[] {
    const inputs: Input[] = [];
    for (let entry = this.next; entry?.position === position; entry = this.next) {
      if (!isInput(entry)) break;
      inputs.push(entry);
      this.at++;
    }
    return inputs;
  }

  readTime(position: number): number {
    const entry = this.next;
    if (entry?.type !== 'time' || entry.position !== position) throw new Left();
    this.at++;
    return entry.time;
  }

  readEntropy(position: number, length: number): Uint8Array {
    const entry = this.next;
    if (entry?.type !== 'entropy' || entry.position !== position || entry.data.length !== length) throw new Left();
    this.at++;
    return entry.data;
  }

  emit(position: number, output: Output): void {
    const entry = this.next;
    const data = output.type === 'power' ? new Uint8Array(new Uint32Array([output.status]).buffer) : output.data;
    if (
      entry?.type !== 'output' ||
      entry.position !== position ||
      entry.kind !== output.type ||
      entry.device !== output.device ||
      entry.length !== data.length ||
      entry.hash !== this.hash(data)
    ) {
      throw new Left();
    }
    this.at++;
  }
}

function isInput(entry: Entry): entry is Extract<Entry, Input> {
  return ['tick', 'packet', 'console', 'size', 'disk'].includes(entry.type);
}

/** A machine that follows its entries, position by position, for as long as it can. */
class Follower {
  readonly machine: Machine;
  left = false;
  private readonly script: Script;

  constructor(build: BuildMachine, entries: readonly Entry[], hash: Hash) {
    this.script = new Script(entries, hash);
    this.machine = build(this.script);
  }

  goTo(position: number): void {
    try {
      while (!this.left && this.machine.position <= position) {
        const outcome = this.machine.advance(position);
        this.rest();
        if (this.machine.position === position) return;
        if (outcome !== 'stopped' && outcome !== 'until' && this.script.next?.position !== this.machine.position) {
          throw new Left();
        }
      }
    } catch (error) {
      if (!(error instanceof Left)) throw error;
      this.left = true;
    }
  }

  /** What the entries have here beside inputs: the console's last flush. Whatever else lies here was not met. */
  private rest(): void {
    const { machine, script } = this;
    for (;;) {
      const entry = script.next;
      if (entry === undefined || entry.position > machine.position || entry.type === 'end') return;
      if (entry.position < machine.position || entry.type === 'time' || entry.type === 'entropy') throw new Left();
      if (entry.type !== 'output') {
        // Inputs behind an output of this position.
        if (entry.type === 'digest') throw new Left();
        machine.advance(machine.position);
        // A guest that is off takes none.
        if (script.next === entry) throw new Left();
      } else {
        machine.flushConsole();
        if (script.next === entry) throw new Left();
      }
    }
  }
}

/** All of a machine's fields by name, as text. */
export function plainFields(machine: Machine): Map<string, string> {
  const fields = new Map<string, string>();
  const keep = <T>(name: string, value: T): T => {
    fields.set(name, String(value));
    return value;
  };
  machine.state({ number: keep, u64: keep, bool: keep, bytes: keep, list: (name, value) => [...keep(name, value)] });
  return fields;
}

/** Values of all fields in their order. */
function values(machine: Machine): unknown[] {
  const all: unknown[] = [];
  const keep = <T>(_name: string, value: T): T => {
    all.push(typeof value === 'object' ? String(value) : value);
    return value;
  };
  machine.state({
    nameless: true,
    ...{ number: keep, u64: keep, bool: keep, bytes: keep },
    list: (_name, value) => {
      all.push(value.length, ...value.map(String));
      return [...value];
    },
  });
  return all;
}

function same(a: Follower, b: Follower): boolean {
  if (a.left || b.left) return a.left && b.left;
  const [left, right] = [values(a.machine), values(b.machine)];
  if (left.length !== right.length || left.some((value, i) => value !== right[i])) return false;
  return Buffer.compare(a.machine.ram, b.machine.ram) === 0;
}

/**
 * The first position at which two executions differ, or one leaves its entries while the other does not; undefined where
 * they are equal to `last`. Positions before `from` are not compared one by one.
 */
export function firstDifference(
  pool: MachinePool,
  [a, b]: readonly [readonly Entry[], readonly Entry[]],
  hash: Hash,
  from: number,
  last: number,
): number | undefined {
  pool.release();
  const left = new Follower(pool.build, a, hash);
  const right = new Follower(pool.build, b, hash);
  const stride = Math.max(STRIDE, Math.ceil((last - from) / STRIDES));
  let equal = -1;
  for (let position = from; position <= last;) {
    left.goTo(position);
    right.goTo(position);
    if (!same(left, right)) {
      if (position === equal + 1 || equal < 0) return position;
      return firstDifference(pool, [a, b], hash, equal, position);
    }
    equal = position;
    position = position === last ? last + 1 : Math.min(last, position + (position < from + CLOSELY ? 1 : stride));
  }
  return undefined;
}
