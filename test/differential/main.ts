/**
 * The differential test against QEMU: `npm run differential -- --help`. Random streams of instructions of each kind, run
 * by QEMU and by both engines; a stream on which they differ is made small and written to a fixture.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { ENGINE_KINDS, type EngineKind } from '../../src/engine/kinds.js';
import { byName } from '../../src/isa/table.js';
import { runKind, runStreams, shrinkDifference, type KindResult, type Sides } from './campaign.js';
import type { StreamDifference } from './compare.js';
import { listing, readFixture, writeFixture } from './fixture.js';
import type { Kind } from './kind.js';
import { kinds } from './kinds.js';
import { Own, Qemu } from './sides.js';

/** To translate what is executed three times takes far longer than to interpret it. */
const OTHERS = 100_000;

const HELP = `npm run differential -- [--extension LIST|all] [--engine LIST] [--instructions N] [--seed N] [--fixture FILE|FOLDER]

  --extension LIST   kinds of streams, with commas between them (default: all):
                     ${kinds.map(({ name }) => name).join(', ')}
  --engine LIST      engines, with commas between them (default: interpreter,translator):
                     ${ENGINE_KINDS.join(', ')}
  --instructions N   random instructions of each kind (default: as many as the full test has)
  --others N         how many of these the engines behind the first one run (default: ${OTHERS})
  --seed N           default 1; the same seed makes the same streams
  --fixture PATH     runs the streams kept in this file, or in the files of this folder, instead
  --save FOLDER      where streams that differ are kept, made small (default: tmp/differential)
  --break A=B        gives instruction A the meaning of B on our side, to see it found

Ends with 0 where all was equal, 1 where something differed, 64 and above where it could not run.
`;

const USAGE = 64;
const UNAVAILABLE = 69;
/** Shrinking takes a while: the first few are enough to find the cause. */
const SHRUNK = 3;

class UsageError extends Error {}

interface Options {
  readonly kinds: readonly Kind[];
  readonly engines: readonly [EngineKind, ...EngineKind[]];
  readonly instructions: number | undefined;
  readonly others: number;
  readonly seed: number;
  readonly fixture: string | undefined;
  readonly save: string;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const hex = (value: bigint): string => `0x${value.toString(16)}`;

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`--${name} is not a whole number: ${text}`);
  return value;
}

function kindsOf(list: string): readonly Kind[] {
  if (list === 'all') return kinds;
  return list.split(',').map((name) => {
    const kind = kinds.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!kind) throw new UsageError(`no kind is called ${name}: --help lists them`);
    return kind;
  });
}

function enginesOf(list: string): Options['engines'] {
  const [first, ...others] = list.split(',').map((name) => {
    const kind = ENGINE_KINDS.find((one) => one === name);
    if (!kind) throw new UsageError(`no engine is called ${name}: there are ${ENGINE_KINDS.join(', ')}`);
    return kind;
  });
  return [first, ...others];
}

function breakInstruction(text: string): void {
  const [victim, model] = text.split('=').map((name) => byName.get(name));
  if (!victim || !model) throw new UsageError(`--break wants two instructions, as in sub=add: ${text}`);
  Object.assign(victim, { meaning: model.meaning });
}

function parse(): Options | 'help' {
  const text = { type: 'string' } as const;
  const options = {
    ...{ extension: text, engine: text, instructions: text, others: text },
    ...{ seed: text, fixture: text, save: text, break: text },
  };
  let values;
  try {
    ({ values } = parseArgs({ options: { ...options, help: { type: 'boolean' } } }));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (values.help) return 'help';
  if (values.break !== undefined) breakInstruction(values.break);
  return {
    kinds: kindsOf(values.extension ?? 'all'),
    engines: enginesOf(values.engine ?? 'interpreter,translator'),
    instructions: whole('instructions', values.instructions),
    others: whole('others', values.others) ?? OTHERS,
    seed: whole('seed', values.seed) ?? 1,
    fixture: values.fixture,
    save: values.save ?? 'tmp/differential',
  };
}

/** One difference in words, the shrunk stream with it. */
function report({ stream, engine, pass, fields }: StreamDifference): void {
  say(
    `${engine}, pass ${pass}: ${stream.kind}, stream ${stream.index}, ${stream.mode}-mode, ${stream.length} instructions:`,
  );
  for (const line of listing(stream.code).slice(0, 40)) say(`    ${line}`);
  for (const { field, own, qemu } of fields.slice(0, 8)) say(`  ${field}: ${hex(own)}, QEMU has ${hex(qemu)}`);
}

async function reportAll(sides: Sides, options: Options, result: KindResult): Promise<void> {
  for (const difference of result.differences.slice(0, SHRUNK)) {
    const small = (await shrinkDifference(sides, difference.stream)) ?? difference;
    report(small);
    mkdirSync(options.save, { recursive: true });
    const path = join(options.save, `${result.kind}-${options.seed}-${small.stream.index}.json`);
    writeFixture(path, small.stream, { seed: options.seed, cause: 'not known yet', fields: small.fields });
    say(`  kept in ${path}`);
  }
}

async function runFixtures(sides: Sides, path: string): Promise<boolean> {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(path, name))
    : [path];
  const differences = await runStreams(sides, files.map(readFixture));
  differences.forEach(report);
  say(`${files.length} kept streams, ${differences.length} differences`);
  return differences.length === 0;
}

async function runKinds(sides: Sides, options: Options): Promise<boolean> {
  // Of the engines that translate, what part translated code has executed, with the monitor's work for each stream.
  const translating = sides.own.filter(({ engine }) => engine !== 'interpreter');
  const columns = [...options.engines, ...translating.map(({ engine }) => `by ${engine}`)];
  const table = new Table({
    head: ['kind', ...columns, 'executed', 'streams', 'traps', 'seconds', 'differences'],
    colAligns: ['left', ...columns.map(() => 'right' as const), 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  let equal = true;
  for (const kind of options.kinds) {
    const instructions = options.instructions ?? kind.instructions;
    const bar = new SingleBar({
      format: `{bar} {percentage}% ${kind.name}`,
      stopOnComplete: false,
      clearOnComplete: true,
    });
    if (process.stderr.isTTY) bar.start(instructions, 0);
    const started = performance.now();
    const amounts = { instructions, others: options.others };
    const result = await runKind(sides, kind, options.seed, amounts, (done) =>
      bar.update(Math.min(done, instructions)),
    );
    const seconds = (performance.now() - started) / 1000;
    bar.stop();
    await reportAll(sides, options, result);
    const numbers = (counts: readonly number[]): string[] => counts.map((count) => count.toLocaleString('en'));
    table.push([
      kind.name,
      ...numbers(options.engines.map((engine) => result.byEngine.get(engine) ?? 0)),
      ...translating.map((side) => `${(side.takeTranslated() * 100).toFixed(1)} %`),
      ...numbers([result.executed, result.streams, result.traps]),
      seconds.toFixed(1),
      result.differences.length,
    ]);
    if (!process.stdout.isTTY)
      say(`${kind.name}: ${result.instructions} instructions, ${result.differences.length} differences`);
    if (result.differences.length > 0) equal = false;
  }
  say(`seed ${options.seed}`);
  say(table.toString());
  return equal;
}

async function main(): Promise<number> {
  const options = parse();
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const [first, ...others] = options.engines.map((engine) => new Own(engine));
  const sides: Sides = { own: [first, ...others], qemu: new Qemu() };
  try {
    const equal = await (options.fixture === undefined
      ? runKinds(sides, options)
      : runFixtures(sides, options.fixture));
    return equal ? 0 : 1;
  } finally {
    sides.qemu.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const { message } = error as Error;
  process.stderr.write(`${message}\n`);
  if (process.env['DEBUG']) throw error;
  process.exitCode = error instanceof UsageError ? USAGE : UNAVAILABLE;
}
