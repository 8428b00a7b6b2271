/**
 * One log on two engines: alike where they are, and where one of them is made to go wrong, found at the instruction, or
 * in the piece of code that is wrong as a whole.
 */
import { ENGINE_KINDS, type EngineKind } from '../../src/engine/kinds.js';
import { xNames } from '../../src/isa/registers.js';
import type { Environment, Input, Need } from '../../src/machine/environment.js';
import { Machine } from '../../src/machine/machine.js';
import { checkLog } from '../../src/replay/check.js';
import {
  compareEngines,
  type EngineDifference,
  type EngineOptions,
  type EngineSide,
  type EnginesReport,
} from '../../src/replay/engines.js';
import { loadHash, type Hash } from '../../src/replay/hash.js';
import { checkText } from '../../src/replay/report-check.js';
import { engineText } from '../../src/replay/report-engines.js';
import { checkJson, engineJson } from '../../src/replay/report-json.js';
import { Door } from '../support/door.js';
import { entriesOf, flippedByte, flippedRegister, withEntries } from './replay-faults.js';
import { Dice, record, replay, sideOf, type Fault, type MadeRecording, type RecordingOptions } from './replay-rig.js';

const GUESTS: readonly (readonly [string, RecordingOptions])[] = [
  ['hello', {}],
  ['clock-small', {}],
  ['dice', {}],
  ['paging', {}],
  ['shell', { typed: ['help\n', 'echo a b\n', 'exit\n'] }],
  ['sort-small', { until: 2 ** 20 + 2 ** 22 + 12345, digestDistance: 2 ** 20 }],
];

let hash: Hash;
const recordings: MadeRecording[] = [];

beforeAll(async () => {
  hash = await loadHash();
  for (const [name, options] of GUESTS) recordings.push(await record(name, { seed: 4, ...options }));
});

/** Wraps what a machine asks, and is told of the machine. */
type Wrap = (environment: Environment) => Door & { machine: Machine | undefined };

async function engineSide(made: MadeRecording, kind: EngineKind, fault?: Fault, wrap?: Wrap): Promise<EngineSide> {
  const source = await sideOf(made, 'log.pb', fault, (environment) => {
    const door = wrap?.(environment);
    const machine = new Machine(made.configuration, made.image, door ?? environment, kind);
    if (door !== undefined) door.machine = machine;
    return machine;
  });
  return { name: kind, source };
}

interface Wrong {
  readonly fault?: Fault;
  readonly wrap?: Wrap;
  /** On the interpreter, and not on the translator. */
  readonly first?: boolean;
  readonly options?: EngineOptions;
}

async function compare(made: MadeRecording, { fault, wrap, first, options }: Wrong = {}): Promise<EnginesReport> {
  const sideWith = (kind: EngineKind, wrong: boolean): Promise<EngineSide> =>
    engineSide(made, kind, wrong ? fault : undefined, wrong ? wrap : undefined);
  const sides = [await sideWith('interpreter', first === true), await sideWith('translator', first !== true)] as const;
  return compareEngines(sides, hash, options);
}

async function differenceOf(made: MadeRecording, wrong: Wrong): Promise<EngineDifference> {
  const report = await compare(made, wrong);
  if (!('difference' in report)) throw new Error('no difference was found');
  return report.difference;
}

const words = (text: string): string => text.replaceAll('\n', ' ');

describe('engines that are right', () => {
  it.each(ENGINE_KINDS)('make the same execution: interpreter and %s', async (kind) => {
    for (const made of recordings) {
      const sides = [await engineSide(made, 'interpreter'), await engineSide(made, kind)] as const;
      const report = await compareEngines(sides, hash);
      const alone = await checkLog(sides[0].source, hash);
      expect(report).toEqual({
        check: { ...alone, engines: { names: ['interpreter', kind], every: expect.any(Number) } },
      });
      expect(alone.result).toMatchObject({ ended: 'whole', position: made.run.position });
    }
  });

  it('are compared as often as is asked', async () => {
    for (const every of [1, 7, 2 ** 40]) {
      const report = await compare(recordings[0], { options: { every } });
      expect(report).toMatchObject({ check: { broken: undefined, engines: { every } } });
    }
    expect(await compare(recordings[0])).toMatchObject({ check: { engines: { every: 2 ** 12 } } });
    expect(await compare(recordings[5])).toMatchObject({ check: { engines: { every: 2 ** 22 } } });
  });

  it('are told of in a line, and in JSON', async () => {
    const report = await compare(recordings[2]);
    if (!('check' in report)) throw new Error('a difference was found');
    const [first, second] = checkText(report.check).split('\n');
    expect(first).toMatch(/^log\.pb replays as it was recorded, to position [\d ]+; \d+ digests agree\.$/);
    expect(second).toBe('It is the same on interpreter and translator, which were compared every 4 096 instructions.');
    expect(checkJson(report.check)).toMatchObject({
      outcome: 'same',
      engines: ['interpreter', 'translator'],
      every: 4096,
      divergence: null,
    });
  });

  it('go as far as a log that was cut', async () => {
    const made = recordings[4];
    const cut = { ...made, log: made.log.subarray(0, made.log.length - 60) };
    expect(await compare(cut)).toMatchObject({ check: { result: { ended: 'torn' }, broken: undefined } });
  });
});

describe('an engine that goes wrong at one instruction', () => {
  it('in a register: is found at that instruction, each time', async () => {
    const dice = new Dice(31);
    for (let n = 0; n < 40; n++) {
      const made = recordings[n % 5];
      const position = 1 + dice.roll(made.run.position - 1);
      const index = 1 + dice.roll(31);
      const fault = flippedRegister(position, index, dice.roll(64));
      // What is written over before the next comparison is not looked for.
      const options = { every: position };
      const { found, from, repeats, instructions } = await differenceOf(made, { fault, first: n % 2 === 0, options });
      expect({ position: found.position, from, repeats }).toEqual({ position, from: position - 1, repeats: true });
      expect(found.differences?.fields.map(({ name }) => name)).toEqual([xNames[index]]);
      expect(instructions).toHaveLength(1);
      expect(found.last).toEqual(instructions[0]);
    }
  });

  it('in memory: is found from far away', async () => {
    const made = recordings[5];
    for (const position of [1, 4097, 777_777, 2_000_003, made.run.position - 1]) {
      const address = made.configuration.memoryBytes - 12345;
      const { found, from } = await differenceOf(made, { fault: flippedByte(position, address, 5) });
      expect([found.position, from]).toEqual([position, position - 1]);
      expect(found.differences).toMatchObject({ fields: [], memoryBytes: 1 });
    }
  });

  it('before the first instruction', async () => {
    const difference = await differenceOf(recordings[0], { fault: flippedRegister(0, 9, 3) });
    expect(difference).toMatchObject({ from: -1, instructions: [], found: { position: 0, last: undefined } });
    expect(words(engineText(difference))).toMatch(/differ from position 0 on: before the first instruction\./);
  });

  it('is told with what comes of it', async () => {
    const [made] = recordings;
    // A byte of the text that is going to be printed.
    const { machine } = await replay(made, { until: 0 });
    const at = Buffer.from(machine.ram).indexOf('machine mode');
    const difference = await differenceOf(made, { fault: flippedByte(3, at, 0) });
    const text = engineText(difference);
    expect(words(text)).toMatch(
      /^The runs of log\.pb on interpreter and translator differ from position 3 on: the instruction before it met equal states and inputs\. The guest cannot be the reason: one of the engines is wrong\. The first output that differs after it: interpreter sends ".*machine mode\\n" at position \d+, translator sends ".*lachine mode\\n" at position \d+\. /,
    );
    expect(text).toMatch(/^ +instruction 3 +0x8\w+ +M .*\n +interpreter goes on at .*\n +translator goes on at /m);
    expect(text).toMatch(/^ +interpreter +translator\n +0x8\w+ +6d +6c$/m);
    expect(text).toMatch(/\nentries around\n/);
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
    const json = JSON.parse(JSON.stringify(engineJson(difference)));
    expect(json).toMatchObject({
      outcome: 'diverged',
      logs: ['log.pb'],
      engines: ['interpreter', 'translator'],
      divergence: { position: 3, from: 2, repeats: true, memory: { bytes: 1 }, outputs: { kind: 'console' } },
    });
  });

  it('so that its guest leaves the log', async () => {
    const made = recordings[4];
    const [input] = (await entriesOf(made)).filter(({ type }) => type === 'console');
    // The guest's next instruction is anywhere.
    const fault: Fault = { position: input.position + 5, strike: ({ hart }) => (hart.pc ^= 0x100n) };
    const difference = await differenceOf(made, { fault, options: { every: 2 ** 22 } });
    expect(difference.found.position).toBe(fault.position);
    expect(difference.found.differences?.fields.map(({ name }) => name)).toEqual(['pc']);
  });
});

/** Strikes at the end of a piece of code, wherever that is run without a stop from its start or before. */
class WrongPiece extends Door {
  machine: Machine | undefined;
  private whole = false;

  constructor(
    inner: Environment,
    private readonly start: number,
    private readonly end: number,
    private readonly strike: (machine: Machine) => void,
  ) {
    super(inner);
  }

  override nextStop(position: number, need: Need): number {
    const stop = this.inner.nextStop(position, need);
    this.whole = position <= this.start && stop >= this.end;
    return this.whole ? Math.min(stop, this.end) : stop;
  }

  override takeInputs(position: number, need: Need): readonly Input[] {
    const inputs = this.inner.takeInputs(position, need);
    if (position === this.end && this.whole && this.machine !== undefined) this.strike(this.machine);
    if (position > this.start) this.whole = false;
    return inputs;
  }
}

describe('a piece of code that is wrong as a whole', () => {
  const flip = ({ hart }: Machine): void => hart.setX(4, hart.getX(4) ^ 1n);

  it('is found from its first instruction to its last', async () => {
    const dice = new Dice(32);
    for (let n = 0; n < 20; n++) {
      const made = recordings[5];
      const start = 1 + dice.roll(made.run.position - 200);
      const end = start + 2 + dice.roll(n % 2 === 0 ? 10 : 150);
      const wrap: Wrap = (environment) => new WrongPiece(environment, start, end, flip);
      const difference = await differenceOf(made, { wrap });
      const { found, from, repeats, instructions } = difference;
      expect({ position: found.position, from, repeats }).toEqual({ position: end, from: start, repeats: true });
      expect(found.differences?.fields.map(({ name }) => name)).toEqual(['tp']);
      expect(instructions).toHaveLength(Math.min(16, end - start));
      const text = engineText(difference);
      expect(words(text)).toContain(
        `on: ${end - start} instructions before it, run in one piece, met equal states and inputs. Run in smaller pieces they do not differ.`,
      );
      expect(text.split('\n').length).toBeLessThan(50);
    }
  });

  it('is not looked for where the pieces are smaller', async () => {
    const made = await record('sort-small', { until: 5000 });
    const wrap: Wrap = (environment) => new WrongPiece(environment, 100, 120, flip);
    expect(await compare(made, { wrap })).toMatchObject({ difference: { from: 100, found: { position: 120 } } });
    expect(await compare(made, { wrap, options: { every: 8 } })).toMatchObject({
      check: { broken: undefined },
    });
  });
});

it('a difference that is not met again is told as far as it is known', async () => {
  let struck = false;
  const fault: Fault = {
    position: 5000,
    strike: ({ hart }) => {
      if (!struck) hart.setX(4, hart.getX(4) ^ 1n);
      struck = true;
    },
  };
  const difference = await differenceOf(recordings[5], { fault });
  expect(difference).toMatchObject({ from: 4096, repeats: false, instructions: [], found: { position: 8192 } });
  expect(difference.found.differences?.fields.map(({ name }) => name)).toEqual(['tp']);
  expect(words(engineText(difference))).toMatch(
    /differ from position 8 192 on, or from one before it: they were equal at position 4 096\. Run again from there they do not differ: it has to do with what an engine had done before\. Compare more often to come closer: --every 1024\. /,
  );
});

describe('engines that agree, on what was not recorded', () => {
  it('tell what one of them alone tells', async () => {
    const made = recordings[2];
    const fault = flippedByte(5000, made.configuration.memoryBytes - 12345, 2);
    const sides = [await engineSide(made, 'interpreter', fault), await engineSide(made, 'translator', fault)] as const;
    const report = await compareEngines(sides, hash);
    if (!('check' in report)) throw new Error('a difference was found');
    const alone = await checkLog(sides[0].source, hash);
    expect(alone.broken?.divergence.position).toBe(Math.min(10_000, made.run.position));
    expect({ ...report.check, engines: undefined }).toEqual({ ...alone, engines: undefined });
    const text = checkText(report.check);
    expect(text).toMatch(/^log\.pb does not replay as it was recorded: /);
    expect(text).toMatch(/^It is the same on interpreter and translator\.$/m);
  });

  it('also where an output has other bytes', async () => {
    const made = recordings[0];
    const entries = await entriesOf(made);
    const at = entries.findIndex(({ type }) => type === 'output');
    const output = entries[at] as Extract<(typeof entries)[number], { type: 'output' }>;
    const changed = await withEntries(made, entries.with(at, { ...output, hash: output.hash ^ 1n }));
    const report = await compare(changed);
    expect(report).toMatchObject({ check: { broken: { divergence: { position: output.position } } } });
  });

  it('and leave digests out where the guest is another', async () => {
    const made = recordings[2];
    const fault = flippedByte(5000, made.configuration.memoryBytes - 12345, 2);
    const sides = [await engineSide(made, 'interpreter', fault), await engineSide(made, 'translator', fault)] as const;
    const report = await compareEngines(sides, hash, { checkDigests: false });
    expect(report).toMatchObject({ check: { broken: undefined, result: { digests: 0 } } });
  });
});
