/**
 * The rules that semantics.ts sets for every meaning, checked over the whole table by a backend that computes nothing
 * and keeps account of values.
 */
import type { Instruction } from '../../src/isa/instruction.js';
import type { Semantics } from '../../src/isa/semantics.js';
import { instructions } from '../../src/isa/table.js';

/** A value that may be used once, unless `let` made it; `readAt` is the count of register writes when it was read. */
interface Value {
  uses: number;
  readonly fixed: boolean;
  readonly readAt: number | undefined;
}

interface Account {
  readonly breaches: string[];
  /** What happened that matters for order. */
  readonly events: string[];
  readonly calls: Set<string>;
}

/** Operations by what they do beyond taking values and giving one. */
const reads = new Set(['x', 'f']);
const writes = new Set(['setX', 'setF']);
const mayTrap = new Set([
  'load', 'store', 'loadReserved', 'storeConditional', 'atomic', 'requireFloat', 'roundingMode', 'csr',
]); // prettier-ignore
const ends = new Set(['jump', 'jumpRelative', 'branchIf', 'system']);

function account(instruction: Instruction): Account {
  const breaches: string[] = [];
  const events: string[] = [];
  const calls = new Set<string>();
  let written = 0;
  let lastCall = '';

  const use = (operation: string, value: unknown): number | undefined => {
    if (typeof value !== 'object' || value === null || !('uses' in value)) return undefined;
    const used = value as Value;
    if (used.fixed) return undefined;
    if (++used.uses > 1) breaches.push(`${operation} uses a value a second time`);
    if (used.readAt !== undefined && used.readAt < written)
      breaches.push(`${operation} uses what was read before a write`);
    return used.readAt;
  };

  const backend = new Proxy({} as Semantics<Value, Value>, {
    get:
      (_target, operation: string) =>
      (...parameters: unknown[]) => {
        if (lastCall === 'roundingMode' && operation !== 'let') breaches.push('roundingMode may go unevaluated');
        lastCall = operation;
        calls.add(operation);
        const ages = parameters.map((parameter) => use(operation, parameter)).filter((age) => age !== undefined);
        const readAt = reads.has(operation) ? written : ages.length ? Math.min(...ages) : undefined;
        const fresh: Value = { uses: 0, fixed: operation === 'let', readAt };
        if (operation === 'atomic') {
          const update = parameters[2] as (old: Value) => Value;
          use('atomic', update({ uses: 0, fixed: false, readAt: undefined }));
        }
        if (mayTrap.has(operation)) events.push('trap');
        if (ends.has(operation)) events.push('end');
        if (writes.has(operation)) {
          events.push('write');
          written++;
        }
        return fresh;
      },
  });
  instruction.meaning(backend);
  return { breaches, events, calls };
}

const cases = instructions.map((instruction) => [instruction.name, instruction] as const);

it.each(cases)('%s keeps the rules', (_name, instruction) => {
  const { breaches, events, calls } = account(instruction);
  expect(breaches).toEqual([]);
  // One register is written at most, after all that may trap; what ends the semantics comes last, and once.
  expect(events.join(' ')).toMatch(/^(trap ?)*(write ?)?(end)?$/);
  expect(calls.has('setX')).toBe(instruction.operands.rd === 'x');
  expect(calls.has('setF')).toBe(instruction.operands.rd === 'f');
  expect(calls.has('roundingMode')).toBe(/\brm\b/.test(instruction.pattern));
  expect(calls.has('requireFloat')).toBe(/^[FD]$/.test(instruction.extension));
});

it.each(cases.filter(([, { extension }]) => /^[FD]$/.test(extension)))('%s asks for FP first', (_name, instruction) => {
  expect([...account(instruction).calls][0]).toBe('requireFloat');
});

it('finds a breach where there is one', () => {
  const sound = instructions.find(({ name }) => name === 'add')!;
  const doubled: Instruction = {
    ...sound,
    meaning(s) {
      const a = s.x('rs1');
      s.setX(s.add(a, a));
    },
  };
  const late: Instruction = {
    ...sound,
    meaning(s) {
      const a = s.x('rs1');
      s.setX(s.const(0n));
      s.jump(a);
    },
  };
  expect(account(doubled).breaches).toHaveLength(1);
  expect(account(late).breaches).toHaveLength(1);
});
