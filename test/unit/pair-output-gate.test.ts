/** The output rule: nothing leaves before its acknowledgement, all in order, none lost. */
import fc from 'fast-check';

import type { Output } from '../../src/machine/environment.js';
import { OutputGate } from '../../src/pair/output-gate.js';
import { needing } from '../support/need.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const said = (text: string): Output => ({ type: 'console', device: 0, data: bytes(text) });
const packet = (text: string): Output => ({ type: 'packet', device: 1, data: bytes(text) });
const disk = (operation: 'read' | 'write' | 'flush', device = 2, text = ''): Output => ({
  ...{ type: 'disk', device, operation, offset: 0, length: text.length, data: bytes(text), durable: false },
});
const isRead = (output: Output): boolean => output.type === 'disk' && output.operation === 'read';
const power: Output = { type: 'power', device: 0, status: 3 };

const world = {
  nextStop: () => 11,
  takeInputs: () => [{ type: 'tick' as const, time: 12 }],
  readTime: () => 13,
  readEntropy: () => Uint8Array.of(14),
};

let left: [number, Output][];
let sent: number;
let now: number;
let mine: boolean;
let gate: OutputGate;

beforeEach(() => {
  left = [];
  [sent, now, mine] = [0, 0, true];
  const inner = { ...world, emit: (position: number, output: Output) => void left.push([position, output]) };
  gate = new OutputGate(inner, { sent: () => sent, now: () => now, mayRelease: () => mine });
});

/** The guest sends something whose entry ends at byte `at` of the log. */
function emit(position: number, output: Output, at = sent): void {
  sent = at;
  gate.emit(position, output);
}

const positions = (): number[] => left.map(([position]) => position);

it('passes questions on', () => {
  expect([
    gate.nextStop(1, needing()),
    gate.takeInputs(1, needing()),
    gate.readTime(1),
    gate.readEntropy(1, 1),
  ]).toEqual([11, [{ type: 'tick', time: 12 }], 13, Uint8Array.of(14)]);
});

describe('open', () => {
  it('lets everything leave at once', () => {
    for (const [n, output] of [said('a'), packet('b'), disk('write'), disk('read'), power].entries()) emit(n, output);
    expect(positions()).toEqual([0, 1, 2, 3, 4]);
    expect([gate.state, gate.held]).toEqual(['open', 0]);
  });
});

it('tells which packets follow at once', () => {
  const told: [number, boolean | undefined][] = [];
  gate = new OutputGate(
    { ...world, emit: (position, _output, more) => void told.push([position, more]) },
    { sent: () => sent, now: () => now, mayRelease: () => mine },
  );
  gate.emit(1, packet('one'), true);
  gate.emit(2, packet('two'));
  gate.guard();
  for (const [n, output] of [packet('x'), packet('y'), said('z'), packet('last')].entries()) {
    sent = 10 * (n + 1);
    gate.emit(3 + n, output, true);
  }
  gate.acknowledge(10);
  gate.acknowledge(40);
  expect(told).toEqual([
    [1, true],
    [2, false],
    [3, false],
    [4, false],
    [5, true],
    [6, false],
  ]);
});

describe('guarded', () => {
  beforeEach(() => gate.guard());

  it('keeps each output until its own entry is acknowledged, to the byte', () => {
    emit(1, said('one'), 100);
    emit(2, packet('two'), 150);
    expect([positions(), gate.held]).toEqual([[], 6]);
    gate.acknowledge(99);
    expect(positions()).toEqual([]);
    gate.acknowledge(100);
    expect([positions(), gate.held, gate.released]).toEqual([[1], 3, 1]);
    gate.acknowledge(40);
    expect(positions()).toEqual([1]);
    gate.acknowledge(150);
    expect([positions(), gate.held, gate.released]).toEqual([[1, 2], 0, 2]);
  });

  it('keeps what was acknowledged before it was sent until somebody says so again', () => {
    gate.acknowledge(500);
    emit(1, said('x'), 400);
    expect(positions()).toEqual([]);
    gate.acknowledge(500);
    expect(positions()).toEqual([1]);
  });

  it('keeps power-off too', () => {
    emit(9, power, 10);
    expect(positions()).toEqual([]);
    gate.acknowledge(10);
    expect(left).toEqual([[9, power]]);
  });

  it('lets reads of a disk pass, but not past what the same disk is still to write', () => {
    emit(1, disk('read'), 10);
    emit(2, disk('write', 2, 'w'), 20);
    emit(3, disk('read'), 20);
    emit(4, disk('read', 3), 20);
    emit(5, disk('flush', 3), 30);
    emit(6, disk('read', 3), 30);
    expect(positions()).toEqual([1, 4]);
    gate.acknowledge(20);
    expect(positions()).toEqual([1, 4, 2, 3]);
    emit(7, disk('read'), 30);
    expect(positions()).toEqual([1, 4, 2, 3, 7]);
    gate.acknowledge(30);
    expect(positions()).toEqual([1, 4, 2, 3, 7, 5, 6]);
    // Reads leave nothing outside: they are neither counted nor measured.
    expect([gate.released, gate.statistics.count]).toEqual([2, 2]);
  });

  it('releases nothing where the world is not its own, and all of it later where it is again', () => {
    emit(1, said('x'), 10);
    emit(2, said('y'), 20);
    mine = false;
    gate.acknowledge(20);
    expect(positions()).toEqual([]);
    mine = true;
    gate.acknowledge(20);
    expect(positions()).toEqual([1, 2]);
  });

  it('asks whose the world is only where something would leave', () => {
    let asked = 0;
    const asking = new OutputGate(
      { ...world, emit: () => undefined },
      { sent: () => 10, now: () => 0, mayRelease: () => ++asked > 0 },
    );
    asking.guard();
    asking.acknowledge(5);
    asking.emit(1, said('x'));
    asking.acknowledge(9);
    expect(asked).toBe(0);
    asking.acknowledge(10);
    expect(asked).toBe(1);
  });

  it('lets the one who answers shut it', () => {
    const shutting: OutputGate = new OutputGate(
      { ...world, emit: (position, output) => void left.push([position, output]) },
      {
        ...{ sent: () => 10, now: () => 0 },
        mayRelease: () => {
          shutting.shut();
          return false;
        },
      },
    );
    shutting.guard();
    shutting.emit(1, said('x'));
    shutting.acknowledge(10);
    shutting.acknowledge(20);
    expect([left, shutting.state, shutting.held]).toEqual([[], 'shut', 1]);
  });

  it('counts from the last guard on', () => {
    emit(1, said('x'), 10);
    gate.acknowledge(10);
    gate.open();
    emit(2, said('y'), 20);
    gate.guard();
    expect(gate.released).toBe(0);
    // The log of another backup begins anew.
    emit(3, said('z'), 5);
    expect(positions()).toEqual([1, 2]);
    gate.acknowledge(5);
    expect([positions(), gate.released]).toEqual([[1, 2, 3], 1]);
  });

  it('measures waits', () => {
    for (const [n, wait] of [5, 1, 9].entries()) {
      emit(n, said('x'), 10 * (n + 1));
      now += wait;
      gate.acknowledge(sent);
    }
    expect(gate.statistics).toEqual({ count: 3, median: 5, worst: 9 });
  });
});

describe('shut', () => {
  it('releases nothing, whatever was acknowledged', () => {
    gate.guard();
    emit(1, said('x'), 10);
    gate.shut();
    emit(2, packet('y'), 20);
    emit(3, disk('write'), 20);
    gate.acknowledge(1000);
    expect([positions(), gate.state]).toEqual([[], 'shut']);
  });

  it('opened, it lets all leave that waited, in order, before what comes then', () => {
    gate.guard();
    emit(1, said('x'), 10);
    gate.shut();
    emit(2, packet('y'), 20);
    // Nobody is asked: there is no backup that could have gone live.
    mine = false;
    gate.open();
    emit(3, said('z'), 30);
    expect([positions(), gate.held]).toEqual([[1, 2, 3], 0]);
  });
});

describe('drained', () => {
  it('is at once where nothing waits', async () => {
    await gate.drained();
    gate.guard();
    await gate.drained();
  });

  it('is when the last has left, by an acknowledgement or because the gate opens', async () => {
    for (const last of [() => gate.acknowledge(20), () => gate.open()]) {
      gate.guard();
      emit(1, said('x'), 10);
      emit(2, said('y'), 20);
      let drained = 0;
      const all = [gate.drained(), gate.drained()].map((promise) => promise.then(() => drained++));
      gate.acknowledge(10);
      await Promise.resolve();
      expect(drained).toBe(0);
      last();
      await Promise.all(all);
      expect(drained).toBe(2);
    }
  });
});

describe('whatever happens in whatever order', () => {
  type Step =
    | { readonly do: 'emit'; readonly kind: number; readonly size: number }
    | { readonly do: 'acknowledge'; readonly share: number }
    | { readonly do: 'guard' | 'shut' | 'open' }
    | { readonly do: 'mine'; readonly mine: boolean };
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constant('emit'), kind: fc.nat(6), size: fc.nat(40) }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('acknowledge'), share: fc.double({ min: 0, max: 1 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('shut', 'open') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('guard') }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('mine'), mine: fc.boolean() }) },
  );
  const kinds = [said('c'), packet('p'), disk('write', 2, 'w'), disk('flush'), disk('read'), disk('read', 3), power];

  it('no output leaves before its acknowledgement, none out of order, none is lost', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let [log, acknowledged, allowed] = [0, 0, true];
        const out: number[] = [];
        const emitted: { output: Output; needed: number }[] = [];
        const faults: string[] = [];
        const tested = new OutputGate(
          {
            ...world,
            emit: (number) => {
              out.push(number);
              const { output, needed } = emitted[number];
              if (isRead(output)) return;
              if (tested.state === 'shut') faults.push(`${number} left a gate that is shut`);
              if (tested.state !== 'guarded') return;
              if (needed > acknowledged) faults.push(`${number} left before its acknowledgement`);
              if (!allowed) faults.push(`${number} left though another has gone live`);
            },
          },
          { sent: () => log, now: () => 0, mayRelease: () => allowed },
        );
        for (const one of steps) {
          if (one.do === 'emit') {
            // The output's own entry, and what the log had meanwhile.
            log += one.size;
            emitted.push({ output: kinds[one.kind], needed: log });
            tested.emit(emitted.length - 1, kinds[one.kind]);
          } else if (one.do === 'acknowledge') {
            const offset = Math.floor(log * one.share);
            acknowledged = Math.max(acknowledged, offset);
            tested.acknowledge(offset);
          } else if (one.do === 'mine') allowed = one.mine;
          else if (one.do === 'shut') tested.shut();
          else if (one.do === 'open') tested.open();
          else if (tested.state === 'open') {
            log = acknowledged = 0;
            tested.guard();
          }
        }
        tested.open();
        const sentOut = out.filter((number) => !isRead(emitted[number].output));
        if (sentOut.some((number, n) => n > 0 && number <= sentOut[n - 1])) faults.push('outputs changed their order');
        for (const device of [2, 3]) {
          const requests = out.filter((number) => {
            const { output } = emitted[number];
            return output.type === 'disk' && output.device === device;
          });
          if (requests.some((number, n) => n > 0 && number <= requests[n - 1]))
            faults.push('a disk was asked in another order');
        }
        if (out.length !== emitted.length || new Set(out).size !== out.length)
          faults.push('outputs were lost or doubled');
        if (tested.held !== 0) faults.push(`${tested.held} bytes are said to wait`);
        expect(faults).toEqual([]);
      }),
      { seed: 20101213, numRuns: 500 },
    );
  });
});
