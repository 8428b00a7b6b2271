/**
 * The engine: runs a hart for an exact number of instructions. It owns the position, the generated interpreter, the
 * decoded code and the TLBs; none of these is guest state.
 */
import type { Bus } from '../hart/bus.js';
import type { Hart } from '../hart/hart.js';
import { ATTENTION, HART } from '../hart/layout.js';
import { CSR_KINDS, SYSTEM_OPERATIONS } from './service-emitter.js';
import { floatSlow } from './float.js';
import { EXIT_CAUSES, type EngineKind, type EngineStatistics, type ExitCause, type Stopwatch } from './kinds.js';
import { instantiate, interpreterCode, regionTable } from './interpreter-module.js';
import { MemoryAccess } from './memory-access.js';
import { RecordCache } from './records.js';
import { TierTimes } from './tier-times.js';
import { Translator } from './translator.js';

const { min } = Math;

/** V8 replaces baseline by optimised code only at a call, so no call runs longer than this. */
const LONGEST_RUN = 1_000_000;
const ILLEGAL_INSTRUCTION = 2;

export class Engine {
  readonly access: MemoryAccess;
  private readonly records: RecordCache;
  private readonly translator: Translator;
  private readonly view: DataView;
  private readonly runCompiled: () => void;
  private readonly times: TierTimes | undefined;
  /** Position at which the present run's budget will be spent. */
  private runEnd = 0;
  /** Instructions run since the engine was made. */
  private executed = 0;
  private readonly misses = { load: 0, store: 0, fetch: 0 };

  constructor(
    memory: WebAssembly.Memory,
    private readonly hart: Hart,
    bus: Bus,
    kind: EngineKind = 'auto',
    stopwatch?: Stopwatch,
  ) {
    this.view = new DataView(memory.buffer);
    const code = interpreterCode(stopwatch !== undefined);
    this.access = new MemoryAccess(memory, hart, bus, () => this.records);
    this.records = new RecordCache(
      memory,
      code.handlers,
      (address) => this.access.readHalf(address),
      () => this.access.tlbs.flushFetch(),
      { forgotten: (...records) => this.translator.forgotten(...records), cleared: () => this.translator.cleared() },
    );
    const regions = regionTable();
    const { run, follow } = instantiate(code, memory, regions, this.services(memory));
    this.runCompiled = run;
    this.translator = new Translator(memory, kind, {
      records: this.records,
      ramBytes: bus.ramBytes,
      handlerCount: code.handlerCount,
      table: regions,
      follow,
      flushJumps: () => this.access.tlbs.flushJumps(),
      fetched: (lo, hi) => this.access.tlbs.fetched(lo, hi),
      readHalf: (address) => this.access.readHalf(address),
    });
    this.times = stopwatch && new TierTimes(memory, stopwatch);
    // V8 compiles at the first call: a run of no instructions, so that it is not the guest's first millisecond.
    this.setPosition(0);
    this.runCompiled();
  }

  /** Instructions started since reset; inside a service call, including the one that asks. */
  get position(): number {
    return this.runEnd - this.view.getInt32(HART.budget, true);
  }

  /** Sets the position: at reset and when a snapshot is restored. */
  setPosition(position: number): void {
    this.view.setInt32(HART.budget, 0, true);
    this.runEnd = position;
  }

  statistics(): EngineStatistics {
    const { live, made, modules, instructions, bytes } = this.translator.statistics();
    const translated = Number(this.view.getBigUint64(HART.translatedInstructions, true));
    const exits = EXIT_CAUSES.map((cause, i) => [cause, Number(this.view.getBigUint64(HART.exits + i * 8, true))]);
    return {
      instructions: { interpreter: this.executed - translated, translator: translated },
      regions: { live, made },
      modules,
      translated: { instructions, bytes },
      misses: { ...this.misses },
      exits: Object.fromEntries(exits) as Record<ExitCause, number>,
      ...(this.times && { seconds: this.times.seconds }),
    };
  }

  /** Runs until `stop`, or until the machine has something to do after an instruction. */
  run(stop: number): void {
    let position = this.position;
    while (position < stop) {
      this.view.setUint32(HART.attention, 0, true);
      const count = min(stop - position, LONGEST_RUN);
      this.runEnd = position + count;
      this.view.setInt32(HART.budget, count, true);
      this.times?.start();
      this.runCompiled();
      this.times?.stop();
      this.executed += this.position - position;
      position = this.position;
      if ((this.view.getUint32(HART.attention, true) & ATTENTION.boundary) !== 0) return;
    }
  }

  /** Makes the present run end after the present instruction. */
  private heed(): void {
    if (this.view.getUint32(HART.attention, true) === 0) return;
    this.runEnd -= this.view.getInt32(HART.budget, true);
    this.view.setInt32(HART.budget, 0, true);
  }

  /** All of RAM or the address space has changed: nothing cached holds. */
  forget(): void {
    this.records.clear();
    this.access.flushAll();
  }

  /** What compiled code calls. HART.pc is then the instruction's address and HART.budget excludes it. */
  private services(memory: WebAssembly.Memory): Record<string, (...args: never[]) => unknown> {
    const { hart, access, view, misses } = this;
    // One by one: what gathers arguments would be a good part of a TLB miss.
    const heed = (answer: number): number => {
      this.heed();
      return answer;
    };
    return {
      loadMiss: (lo: number, hi: number, size: number) => {
        misses.load++;
        return heed(access.loadMiss(lo, hi, size));
      },
      storeMiss: (lo: number, hi: number, size: number) => {
        misses.store++;
        return heed(access.storeMiss(lo, hi, size));
      },
      atomicMiss: (lo: number, hi: number, size: number, writes: number) => {
        misses[writes ? 'store' : 'load']++;
        return heed(access.atomicMiss(lo, hi, size, writes));
      },
      csr: (kind: number, raw: number) => {
        const operand = view.getBigUint64(HART.scratch, true);
        return heed(hart.csr(CSR_KINDS[kind], raw >>> 0, operand) ? 1 : 0);
      },
      // 0 where HART.pc was set, 1 where execution goes on behind the instruction.
      system: (operation: number, raw: number) => heed(hart.system(SYSTEM_OPERATIONS[operation], raw >>> 0) ? 0 : 1),
      illegal: (record: number) => {
        hart.raise(ILLEGAL_INSTRUCTION, BigInt(this.records.word(record)));
      },
      floatSlow: floatSlow(memory),
      // A fault at the target is the start of one more instruction.
      fetchMiss: (lo: number, hi: number) => {
        misses.fetch++;
        view.setInt32(HART.budget, view.getInt32(HART.budget, true) - 1, true);
        const page = access.fetchMiss(lo, hi);
        if (page !== 0) view.setInt32(HART.budget, view.getInt32(HART.budget, true) + 1, true);
        return page;
      },
      decode: (record: number) => this.records.decodeAt(record),
      sample: (record: number, from: number) => {
        const { times } = this;
        return times
          ? times.translating(() => this.translator.sample(record, from))
          : this.translator.sample(record, from);
      },
      lap: () => this.times?.lap(),
      straddle: (record: number) => this.straddle(record),
    };
  }

  private straddle(record: number): number {
    const pc = this.view.getBigUint64(HART.pc, true) + 2n;
    const high = this.access.fetchHalf(Number(BigInt.asIntN(32, pc)), Number(BigInt.asIntN(32, pc >> 32n)));
    if (high < 0) return 0;
    return this.records.straddling(record, this.records.lastHalf(record) + high * 0x1_0000);
  }
}
