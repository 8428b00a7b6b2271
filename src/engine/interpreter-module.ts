/**
 * The generated interpreter as a WebAssembly module, one for all machines of a process, and how it is made fast before
 * the first of them needs it.
 */
import { HART, MOST_REGIONS } from '../hart/layout.js';
import { byName, compressed, instructions } from '../isa/table.js';
import { RECORD, WRITTEN_X } from './fetch-lookup.js';
import { buildInterpreter, type InterpreterModule } from './interpreter.js';

const compressible = new Set(compressed.map((entry) => entry.expands));
const modules = new Map<boolean, InterpreterCode>();

export interface InterpreterCode extends Pick<InterpreterModule, 'handlers' | 'handlerCount'> {
  readonly module: WebAssembly.Module;
}

/** @param timed as for `buildInterpreter` */
export function interpreterCode(timed: boolean): InterpreterCode {
  let known = modules.get(timed);
  if (!known) {
    const { bytes, handlers, handlerCount } = buildInterpreter(instructions, compressible, timed);
    known = { module: new WebAssembly.Module(bytes), handlers, handlerCount };
    modules.set(timed, known);
  }
  return known;
}

/** Makes an interpreter: its exports. */
export function instantiate(
  code: InterpreterCode,
  memory: WebAssembly.Memory,
  regions: WebAssembly.Table,
  services: Record<string, (...args: never[]) => unknown>,
): Record<'run' | 'follow', () => void> {
  const { exports } = new WebAssembly.Instance(code.module, { env: { memory, regions }, hart: services });
  return exports as Record<'run' | 'follow', () => void>;
}

/** The table of translated code. */
export function regionTable(): WebAssembly.Table {
  return new WebAssembly.Table({ element: 'anyfunc', initial: MOST_REGIONS, maximum: MOST_REGIONS });
}

/** Where `warmUp` jumps to, where the fetch TLB does not have that, and the page of records that is found all the same. */
const WARM_UP = { pc: 0x8000_0000n, tlb: 4096, records: 8192, memoryPages: 1 } as const;
/** Enough of them for V8, which counts the bytes of code that are jumped back over. */
const WARM_UP_JUMPS = 20_000;

const warm = new Set<boolean>();

/**
 * Has V8 optimise the interpreter, on another thread, from now on. It takes a tenth of a second, in which baseline code
 * runs at half the speed: to be called while there is something else to do before a machine runs. For V8 to find that
 * the interpreter is hot, it interprets a jump to itself in a memory of its own.
 *
 * @returns the jumps that were interpreted: 0 where it had been done before
 */
export function warmUp(timed: boolean): number {
  if (warm.has(timed)) return 0;
  warm.add(timed);
  const code = interpreterCode(timed);
  const memory = new WebAssembly.Memory({ initial: WARM_UP.memoryPages, maximum: WARM_UP.memoryPages });
  const needless = (): number => 0;
  const services = Object.fromEntries(WebAssembly.Module.imports(code.module).map(({ name }) => [name, needless]));
  const { run } = instantiate(code, memory, regionTable(), { ...services, fetchMiss: () => WARM_UP.records });

  const view = new DataView(memory.buffer);
  view.setUint16(WARM_UP.records + RECORD.handler, code.handlers.get(byName.get('jal')!)![4], true);
  view.setUint8(WARM_UP.records + RECORD.rd, HART.sink - WRITTEN_X);
  view.setBigUint64(HART.pc, WARM_UP.pc, true);
  view.setUint32(HART.fetchTlb, WARM_UP.tlb, true);
  view.setInt32(HART.budget, WARM_UP_JUMPS, true);
  view.setInt32(HART.heat, WARM_UP_JUMPS + 2, true);
  run();
  return WARM_UP_JUMPS - view.getInt32(HART.budget, true);
}
