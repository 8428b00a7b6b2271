/**
 * The translator: finds hot code by samples of the jumps that are taken, makes regions of it, and has the interpreter
 * enter them by the records of their entries. All of it is engine state: what is translated, and when, is nothing the
 * guest can see.
 *
 * A region holds so long as the code it was made from does: whoever changes that tells the record cache, which tells
 * the translator. A store to code never passes the write TLB, so no region is executing meanwhile.
 */
import { HART, MOST_REGIONS, PAGE_BYTES } from '../hart/layout.js';
import { declareMulHighU } from './emitter.js';
import { declareProductDiffers } from './float-arithmetic.js';
import { NOT_DECODED } from './fetch-lookup.js';
import { FOLLOW_TYPE } from './jump-cache.js';
import { EXIT_CAUSES, type EngineKind } from './kinds.js';
import type { RecordListener } from './records.js';
import { GuestCode, Halfwords, pageDistance, recordAt, type CodePorts, type RegionPage } from './region-code.js';
import { planRegion } from './region-plan.js';
import { RegionTable, type PlannedRegion, type Region } from './region-table.js';
import { emitRegion } from './region.js';
import { ModuleBuilder } from './wasm/builder.js';

const { max, min } = Math;

/** When code is hot, and how much of it becomes a region. */
interface Policy {
  /** A sample every so many taken jumps, at least; twice as many at most. Others go from region to region by themselves. */
  readonly period: number;
  /** Samples at one place that make it hot, while there are few regions: short guests have only those. */
  readonly threshold: number;
  /** So many are few. */
  readonly few: number;
  /**
   * Samples that are needed then: the translator is new code itself, which V8 interprets at first, and much of what a guest
   * runs in its first seconds it never runs again.
   */
  readonly highThreshold: number;
  /** After so many samples, wherever they were, it is one less, */
  readonly fading: number;
  /** down to this. */
  readonly lowThreshold: number;
  /** Regions that are compiled at once. */
  readonly batch: number;
  /**
   * Samples after which they are compiled though they are fewer, and half a sample more for each region there is: V8 puts
   * each module somewhere else in the address space, and processors are slow to find code that lies in many places.
   */
  readonly patience: number;
  /** Samples of jumps from one region to another that make one of them. */
  readonly mergeThreshold: number;
  /** Instructions of a region at most: V8's optimising compiler takes more than twice as long for twice as many. */
  readonly instructions: number;
  /** The same of a region made of several. */
  readonly mergedInstructions: number;
}

/** By kind; the interpreter's translates nothing. */
const POLICIES: Record<EngineKind, Policy | undefined> = {
  interpreter: undefined,
  translator: {
    ...{ period: 1, threshold: 1, few: Infinity, highThreshold: 1, fading: 1, lowThreshold: 1 },
    ...{ batch: 1, patience: 0, mergeThreshold: 8, instructions: 200, mergedInstructions: 400 },
  },
  // A region of 80 instructions takes the time of 100 samples at first, and has three to five places that they are of.
  auto: {
    ...{ period: 512, threshold: 5, few: 32, highThreshold: 24, fading: 4096, lowThreshold: 8 },
    ...{ batch: 64, patience: 8, mergeThreshold: 128, instructions: 200, mergedInstructions: 400 },
  },
};
/** Where nothing is translated: as good as never. */
const NEVER = 0x3fff_ffff;
/** The score of a place that has been translated, or cannot be. */
const SPENT = -1000;
const MOST_SCORES = 1 << 16;
const MOST_PASSAGES = 1 << 12;
const MOST_CHANGES = 64;
const JUMP = EXIT_CAUSES.indexOf('jump');

/** How often execution was seen to go from one region to another. */
interface Passage {
  readonly source: Region;
  readonly target: Region;
  count: number;
}

/** What the translator needs of the engine. */
export interface TranslatorPorts extends CodePorts {
  readonly ramBytes: number;
  /** Handler numbers of instructions; those from here on are of entries. */
  readonly handlerCount: number;
  readonly table: WebAssembly.Table;
  /** The interpreter's function of FOLLOW_TYPE. */
  readonly follow: () => void;
  /** Forgets where jumps of translated code lead. */
  flushJumps(): void;
}

export class Translator implements RecordListener {
  private readonly view: DataView;
  private readonly policy: Policy | undefined;
  private readonly regions: RegionTable;
  /** Samples by record. */
  private readonly scores = new Map<number, number>();
  /** How often code of a page of records has changed that regions were made from. */
  private readonly changes = new Map<number, number>();
  /** By both regions' indices. */
  private readonly passages = new Map<number, Passage>();
  private samples = 0;
  private queue: PlannedRegion[] = [];
  /** Records of the entries of what is in the queue. */
  private readonly awaited = new Set<number>();
  /** Samples since the queue was empty. */
  private waited = 0;
  private dice = 1;
  private readonly made = { made: 0, modules: 0, instructions: 0, bytes: 0 };

  constructor(
    private readonly memory: WebAssembly.Memory,
    kind: EngineKind,
    private readonly ports: TranslatorPorts,
  ) {
    this.view = new DataView(memory.buffer);
    this.policy = POLICIES[kind];
    this.regions = new RegionTable(memory, ports.records, ports.handlerCount, ports.table, () => ports.flushJumps());
    this.view.setInt32(HART.heat, this.policy ? this.nextSample(this.policy) : NEVER, true);
  }

  /** Regions now; regions, modules, guest instructions in them and bytes of WebAssembly since the beginning. */
  statistics(): Readonly<Record<'live' | 'made' | 'modules' | 'instructions' | 'bytes', number>> {
    return { live: this.regions.live, ...this.made };
  }

  /**
   * A sample: execution comes to the record at `record`, HART.pc, by a jump of interpreted code (`from` 0), or out of
   * the region whose first entry is `from`. Answers after how many jumps the next one is due.
   */
  sample(record: number, from: number): number {
    const { policy } = this;
    if (!policy) return NEVER;
    this.samples++;
    this.consider(policy, record, from);
    if (this.queue.length > 0 && this.waited++ >= policy.patience + this.regions.live / 2) this.compile();
    return this.nextSample(policy);
  }

  private nextSample({ period }: Policy): number {
    // Marsaglia's xorshift32: a fixed distance would meet only some jumps of a loop.
    this.dice ^= this.dice << 13;
    this.dice ^= this.dice >>> 17;
    this.dice ^= this.dice << 5;
    return period + ((this.dice >>> 0) % max(period, 2));
  }

  private consider(policy: Policy, record: number, from: number): void {
    const { records, handlerCount } = this.ports;
    const place = records.locate(record);
    if (!place) return;
    const handler = records.handlerAt(record);
    const region = this.regions.entered(handler);
    if (!region) {
      const known = handler !== NOT_DECODED || policy.threshold === 1;
      if (known && handler < handlerCount) this.heat(policy, record, place.records);
    } else if (region.bare && this.view.getUint32(HART.bare, true) === 0) {
      // Its code is run in another mode now, in which the region cannot be entered.
      this.heat(policy, record, place.records);
    } else if (from !== 0 && this.view.getUint32(HART.exitCause, true) === JUMP) {
      const source = this.regions.startingWith(from);
      if (source && source !== region && source.bare === region.bare) this.pass(policy, source, region, handler);
    }
  }

  private threshold({ threshold, few, highThreshold, fading, lowThreshold }: Policy): number {
    return this.made.made < few ? threshold : max(highThreshold - this.samples / fading, lowThreshold);
  }

  /** One more sample at a record; where it is hot by that, it becomes the root of a region. */
  private heat(policy: Policy, record: number, records: number): void {
    const score = (this.scores.get(record) ?? 0) + 1;
    if (this.scores.size > MOST_SCORES) this.scores.clear();
    this.scores.set(record, score);
    if (score < this.threshold(policy)) return;
    this.scores.set(record, SPENT);
    if (this.awaited.has(record)) return;
    const [lo, hi] = this.address(HART.pc);
    const pages = [{ delta: 0, records }];
    this.plan(policy, [lo & (PAGE_BYTES - 1)], pages, lo, hi, policy.instructions);
  }

  /** The halves of the address in a word of the hart. */
  private address(word: number): readonly [lo: number, hi: number] {
    return [this.view.getInt32(word, true), this.view.getInt32(word + 4, true)];
  }

  /** One more jump from `source` to the entry `handler` of `target`: regions between which there are many become one. */
  private pass(policy: Policy, source: Region, target: Region, handler: number): void {
    const key = source.index * MOST_REGIONS + target.index;
    let passage = this.passages.get(key);
    if (passage?.source !== source || passage.target !== target) {
      if (this.passages.size >= MOST_PASSAGES) this.passages.clear();
      this.passages.set(key, (passage = { source, target, count: 0 }));
    }
    if (++passage.count !== policy.mergeThreshold) return;
    const [lo, hi] = this.address(HART.exitPage);
    const distance = pageDistance(lo, hi, ...this.address(HART.pc)) - this.regions.pageOfEntry(handler);
    if (distance === Infinity || source.instructions + target.instructions > policy.mergedInstructions) return;
    const members = new Map([
      [source, 0],
      [target, distance],
    ]);
    this.join(policy, members);
    const roots = [...members].flatMap(([{ roots: own }, pages]) => own.map((root) => root + pages * PAGE_BYTES));
    this.plan(policy, [...new Set(roots)], [...source.pages], lo, hi, policy.mergedInstructions);
  }

  /**
   * Adds to `members`, regions with their distances in pages from the first one, those with the same first page as one
   * of them that are gone to from it, or it from them, often enough.
   */
  private join(policy: Policy, members: Map<Region, number>): void {
    let instructions = 0;
    for (const member of members.keys()) instructions += member.instructions;
    for (const { source, target, count } of this.passages.values()) {
      if (count * 4 < policy.mergeThreshold) continue;
      for (const [known, other] of [
        [source, target],
        [target, source],
      ] as const) {
        const distance = members.get(known);
        const sharesPage = known.pages[0].records === other.pages[0].records;
        if (distance === undefined || members.has(other) || !sharesPage || !this.regions.has(other)) continue;
        instructions += other.instructions;
        if (instructions > policy.mergedInstructions) return;
        members.set(other, distance);
      }
    }
  }

  /**
   * Plans a region of code around `roots`, offsets from a virtual page.
   *
   * @param pages the first page, and others that are known
   * @param lo low half of an address in the first page
   * @param most instructions
   */
  private plan(policy: Policy, roots: number[], pages: RegionPage[], lo: number, hi: number, most: number): void {
    const code = new GuestCode(this.ports, lo & -PAGE_BYTES, hi, pages, policy.threshold === 1);
    const plan = planRegion(code, roots, { instructions: most });
    if (!plan) return;
    if (!this.regions.hasRoom(plan.entries.length, this.queue.length)) this.cleared();
    const halfwords = new Halfwords(plan, code.pages);
    const bare = this.view.getUint32(HART.bare, true) !== 0;
    if (this.queue.length === 0) this.waited = 0;
    const planned: PlannedRegion = {
      plan,
      pages: code.pages.filter((page) => halfwords.has(page.records)),
      addressing: bare ? { bare, ramBytes: this.ports.ramBytes } : { bare },
      firstHandler: this.regions.reserve(plan.entries.length),
      // Of several some may not have found room.
      roots: roots.filter((root) => plan.blocks.some(({ start }) => start === root)),
      halfwords,
    };
    this.queue.push(planned);
    this.await(planned);
    if (this.queue.length >= policy.batch) this.compile();
  }

  private await({ plan, pages }: PlannedRegion): void {
    for (const entry of plan.entries) this.awaited.add(recordAt(pages, plan.blocks[entry].start));
  }

  /** Makes a module of the regions that wait for it. */
  private compile(): void {
    const { memory, queue, made } = this;
    this.queue = [];
    this.awaited.clear();
    const module = new ModuleBuilder();
    module.importMemory('env', 'memory');
    const follow = module.importFunction('hart', 'follow', FOLLOW_TYPE.parameters, FOLLOW_TYPE.results);
    const runtime = {
      mulHighU: declareMulHighU(module),
      productDiffers: declareProductDiffers(module),
      follow,
    };
    queue.forEach((region, number) => {
      module.exportFunction(`region${number}`, emitRegion(module, runtime, region));
    });
    const bytes = module.finish();
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      env: { memory },
      hart: { follow: this.ports.follow },
    });
    queue.forEach((region, number) => {
      this.regions.install(region, exports[`region${number}`]);
      made.instructions += region.plan.instructions;
    });
    made.made += queue.length;
    made.modules++;
    made.bytes += bytes.length;
  }

  forgotten(records: number, from: number, to: number): void {
    for (const region of this.regions.change(records, from, to)) this.cool(region);
    if (this.queue.length === 0) return;
    const changed = this.queue.filter(({ halfwords }) => halfwords.touches(records, from, to));
    for (const region of changed) this.cool(region);
    if (changed.length === 0) return;
    this.queue = this.queue.filter((region) => !changed.includes(region));
    this.awaited.clear();
    for (const region of this.queue) this.await(region);
  }

  /** A region's code has changed: its roots must become hot again, and hotter each time. */
  private cool({ roots, pages }: Pick<Region, 'roots' | 'pages'>): void {
    const page = pages[0].records;
    const changes = min((this.changes.get(page) ?? 0) + 1, MOST_CHANGES);
    this.changes.set(page, changes);
    const score = this.policy?.threshold === 1 ? 0 : -changes;
    for (const root of roots) this.scores.set(recordAt(pages, root), score);
  }

  cleared(): void {
    this.regions.clear();
    this.scores.clear();
    this.changes.clear();
    this.passages.clear();
    this.queue = [];
    this.awaited.clear();
  }
}
