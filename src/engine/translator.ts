/**
 * The translator: finds hot code by samples of the jumps that the interpreter takes, makes regions of it, and has the
 * interpreter enter them by the records of their entries. All of it is engine state: what is translated, and when, is
 * nothing the guest can see.
 *
 * A region holds so long as the code it was made from does: whoever changes that tells the record cache, which tells
 * the translator. A store to code never passes the write TLB, so no region is executing meanwhile.
 */
import { ENTRY, ENTRY_BASE, ENTRY_BYTES, ENTRY_COUNT, HART, PAGE_BYTES, RECORD_BYTES } from '../hart/layout.js';
import { decode } from '../isa/decode.js';
import type { Decoded } from '../isa/instruction.js';
import { declareMulHighU } from './emitter.js';
import { declareProductDiffers } from './float-arithmetic.js';
import { MOST_REGIONS, NOT_DECODED } from './interpreter.js';
import { EXIT_CAUSES, type EngineKind } from './kinds.js';
import type { RecordCache, RecordListener } from './records.js';
import type { Addressing } from './region-emitter.js';
import { planRegion, type CodeSource, type Plan } from './region-plan.js';
import { emitRegion, type RegionPage, type RegionSpecification } from './region.js';
import { ModuleBuilder } from './wasm/builder.js';

const { abs, floor, min } = Math;

/** When code is hot, and how much of it becomes a region. */
interface Policy {
  /** A sample every so many taken jumps, at least; as much again at random. */
  readonly period: number;
  /** Samples at one place that make it hot. */
  readonly threshold: number;
  /** Regions that are compiled at once. */
  readonly batch: number;
  /** Samples after which they are compiled though they are fewer. */
  readonly patience: number;
  /** Samples of jumps from one region to another that make one of them. */
  readonly mergeThreshold: number;
  /** Instructions of a region at most, and of one made of several. */
  readonly instructions: number;
  readonly mergedInstructions: number;
}

const POLICIES: Record<EngineKind, Policy> = {
  interpreter: {
    period: 0x3fff_ffff,
    threshold: Infinity,
    batch: 1,
    patience: 0,
    mergeThreshold: 0,
    instructions: 0,
    mergedInstructions: 0,
  },
  translator: {
    period: 1,
    threshold: 1,
    batch: 1,
    patience: 0,
    mergeThreshold: 8,
    instructions: 200,
    mergedInstructions: 400,
  },
  auto: {
    period: 256,
    threshold: 8,
    batch: 16,
    patience: 100,
    mergeThreshold: 128,
    instructions: 200,
    mergedInstructions: 400,
  },
};
const MOST_PAGES = 4;
/** How far a page may lie from a region's first page: a 16-bit field of an entry holds it. */
const FURTHEST_PAGE = 0x7fff;
const MOST_SCORES = 1 << 16;
const MOST_CHANGES = 64;
const JUMP = EXIT_CAUSES.indexOf('jump');

interface Region {
  readonly index: number;
  readonly bare: boolean;
  readonly firstHandler: number;
  /** Records of the entries; those that another region has taken over are undefined. */
  readonly entries: (number | undefined)[];
  readonly roots: readonly number[];
  readonly pages: readonly RegionPage[];
  readonly instructions: number;
  readonly slots: Slots;
}

/** Code to be translated: roots by offset from a virtual page whose records are known. */
interface Request {
  readonly pages: RegionPage[];
  readonly roots: number[];
  readonly lo: number;
  readonly hi: number;
}

/** A region on its way to be compiled. */
interface Pending extends RegionSpecification {
  readonly roots: readonly number[];
  readonly slots: Slots;
}

/** How often execution was seen to go from one region to another. */
interface Passage {
  readonly source: Region;
  readonly target: Region;
  count: number;
}

/** By page of records: slots of the halfwords that a region was made from. */
type Slots = ReadonlyMap<number, ReadonlySet<number>>;

/** The record of the instruction at an offset, in a page that the region has. */
function recordAt(pages: readonly RegionPage[], offset: number): number {
  const delta = floor(offset / PAGE_BYTES);
  const page = pages.find((one) => one.delta === delta);
  if (!page) throw new Error('a region without one of its pages');
  return page.records + ((offset - delta * PAGE_BYTES) / 2) * RECORD_BYTES;
}

function slotsOf(plan: Plan, pages: readonly RegionPage[]): Slots {
  const slots = new Map<number, Set<number>>();
  for (const block of plan.blocks) {
    for (const { offset, decoded } of block.instructions) {
      for (let at = offset; at < offset + decoded.length; at += 2) {
        const delta = floor(at / PAGE_BYTES);
        const page = pages.find((one) => one.delta === delta);
        if (!page) throw new Error('a region without one of its pages');
        const own = slots.get(page.records) ?? new Set();
        slots.set(page.records, own.add((at - delta * PAGE_BYTES) / 2));
      }
    }
  }
  return slots;
}

/** What the translator needs of the engine. */
export interface TranslatorPorts {
  readonly records: RecordCache;
  readonly ramBytes: number;
  readonly handlerCount: number;
  readonly table: WebAssembly.Table;
  /** Address of the records of a virtual page that can be fetched from now; -1 where that is not known. */
  fetched(lo: number, hi: number): number;
  /** Halfword at a physical address in RAM. */
  readHalf(address: number): number;
}

export class Translator implements RecordListener {
  private readonly view: DataView;
  private readonly policy: Policy;
  private readonly scores = new Map<number, number>();
  /** How often regions of a page of records were discarded because their code changed. */
  private readonly changes = new Map<number, number>();
  private regions: (Region | undefined)[] = [];
  /** Regions by the pages of records that they have code from. */
  private readonly byPage = new Map<number, Set<Region>>();
  /** By handler number, from `handlerCount` on. */
  private byEntry: (Region | undefined)[] = [];
  private queue: Pending[] = [];
  /** Samples since the queue was empty. */
  private waited = 0;
  /** Jumps from region to region, by both their indices. */
  private readonly passages = new Map<number, Passage>();
  private dice = 1;
  private live = 0;
  private made = 0;
  private modules = 0;
  private instructions = 0;
  private bytes = 0;

  constructor(
    private readonly memory: WebAssembly.Memory,
    kind: EngineKind,
    private readonly ports: TranslatorPorts,
  ) {
    this.view = new DataView(memory.buffer);
    this.policy = POLICIES[kind];
    this.view.setInt32(HART.heat, this.nextSample(), true);
  }

  statistics(): { live: number; made: number; modules: number; instructions: number; bytes: number } {
    const { live, made, modules, instructions, bytes } = this;
    return { live, made, modules, instructions, bytes };
  }

  /**
   * A sample: execution comes to the record at `record`, HART.pc, by a jump of interpreted code (`from` 0), or out of
   * the region with the entry `from`. Answers after how many jumps the next one is due.
   */
  sample(record: number, from: number): number {
    if (this.policy.threshold !== Infinity) {
      this.consider(record, from);
      if (this.queue.length > 0 && this.waited++ >= this.policy.patience) this.compile();
    }
    return this.nextSample();
  }

  private nextSample(): number {
    const { period } = this.policy;
    if (period === 1) return 1;
    // Marsaglia's xorshift32: a fixed distance would meet only some jumps of a loop.
    this.dice ^= this.dice << 13;
    this.dice ^= this.dice >>> 17;
    this.dice ^= this.dice << 5;
    return period + ((this.dice >>> 0) % period);
  }

  private consider(record: number, from: number): void {
    const { records, handlerCount } = this.ports;
    const place = records.locate(record);
    if (!place) return;
    const handler = records.handlerAt(record);
    if (handler < handlerCount) {
      if (handler !== NOT_DECODED || this.policy.threshold === 1) this.heat(record, place.records);
      return;
    }
    const region = this.byEntry[handler - handlerCount];
    if (!region) return;
    if (region.bare && this.view.getUint32(HART.bare, true) === 0) this.heat(record, place.records);
    else if (from !== 0 && this.view.getUint32(HART.exitCause, true) === JUMP) {
      const source = this.byEntry[from - handlerCount];
      if (source && source !== region && source.bare === region.bare) this.pass(source, region, handler);
    }
  }

  /** One more jump from `source` to the entry `handler` of `target`: regions between which there are many become one. */
  private pass(source: Region, target: Region, handler: number): void {
    const key = source.index * MOST_REGIONS + target.index;
    let passage = this.passages.get(key);
    if (!passage) this.passages.set(key, (passage = { source, target, count: 0 }));
    if (++passage.count !== this.policy.mergeThreshold) return;
    // Addresses in whole pages, by which offsets of the one become offsets of the other.
    const pageOf = (at: number): number =>
      this.view.getInt32(at + 4, true) * 2 ** 20 + (this.view.getUint32(at, true) >>> 12);
    const entry = ENTRY_BASE + (handler - this.ports.handlerCount) * ENTRY_BYTES;
    const distance = pageOf(HART.pc) - this.view.getInt16(entry + ENTRY.page, true) - pageOf(HART.exitPage);
    if (abs(distance) > FURTHEST_PAGE || source.instructions + target.instructions > this.policy.mergedInstructions)
      return;
    const members = new Map([
      [source, 0],
      [target, distance],
    ]);
    this.join(members);
    const roots = [...members].flatMap(([{ roots: own }, pages]) => own.map((root) => root + pages * PAGE_BYTES));
    this.request(
      {
        pages: [...source.pages],
        roots,
        lo: this.view.getInt32(HART.exitPage, true),
        hi: this.view.getInt32(HART.exitPage + 4, true),
      },
      this.policy.mergedInstructions,
    );
  }

  /** Adds to `members`, regions with their distances in pages from the first one, what is in the same page and passed to often. */
  private join(members: Map<Region, number>): void {
    let instructions = 0;
    for (const [member] of members) instructions += member.instructions;
    for (const { source, target, count } of this.passages.values()) {
      if (count * 4 < this.policy.mergeThreshold) continue;
      for (const [known, other] of [
        [source, target],
        [target, source],
      ] as const) {
        const distance = members.get(known);
        const sharesPage = known.pages[0]?.records === other.pages[0]?.records;
        if (distance === undefined || members.has(other) || !sharesPage || this.regions[other.index] !== other)
          continue;
        instructions += other.instructions;
        if (instructions > this.policy.mergedInstructions) return;
        members.set(other, distance);
      }
    }
  }

  /** One more sample at a record; where it is hot by that, it becomes the root of a region. */
  private heat(record: number, records: number): void {
    const score = (this.scores.get(record) ?? 0) + 1;
    if (this.scores.size > MOST_SCORES) this.scores.clear();
    this.scores.set(record, score);
    if (score < this.policy.threshold) return;
    this.scores.set(record, -1000);
    const awaited = ({ plan, pages }: Pending): boolean =>
      plan.entries.some((entry) => recordAt(pages, plan.blocks[entry]!.start) === record);
    if (this.queue.some(awaited)) return;
    const lo = this.view.getInt32(HART.pc, true);
    const hi = this.view.getInt32(HART.pc + 4, true);
    this.request({ pages: [{ delta: 0, records }], roots: [lo & (PAGE_BYTES - 1)], lo: lo & -PAGE_BYTES, hi });
  }

  private request(request: Request, most = this.policy.instructions): void {
    const plan = planRegion(this.source(request), request.roots, { instructions: most });
    if (!plan) return;
    const entries = plan.entries.length;
    if (this.byEntry.length + entries > ENTRY_COUNT - this.ports.handlerCount || this.regions.length >= MOST_REGIONS) {
      this.cleared();
    }
    const firstHandler = this.ports.handlerCount + this.byEntry.length;
    for (let i = 0; i < entries; i++) this.byEntry.push(undefined);
    const slots = slotsOf(plan, request.pages);
    const bare = this.view.getUint32(HART.bare, true) !== 0;
    const addressing: Addressing = bare ? { bare, ramBytes: this.ports.ramBytes } : { bare };
    const pages = request.pages.filter((page) => slots.has(page.records));
    // Of several roots some may not have found room.
    const roots = request.roots.filter((root) => plan.blocks.some(({ start }) => start === root));
    if (this.queue.length === 0) this.waited = 0;
    this.queue.push({ plan, pages, addressing, firstHandler, roots, slots });
    if (this.queue.length >= this.policy.batch) this.compile();
  }

  /** Code around a request's first page; `request.pages` grows by the pages that are gone to. */
  private source(request: Request): CodeSource {
    const { records, readHalf } = this.ports;
    const eager = this.policy.threshold === 1;
    const slotAt = (offset: number): { record: number; address: number } | undefined => {
      const delta = floor(offset / PAGE_BYTES);
      const page = this.pageAt(request, delta);
      if (page === undefined) return undefined;
      const record = page.records + ((offset - delta * PAGE_BYTES) / 2) * RECORD_BYTES;
      const place = records.locate(record);
      return place && { record, address: place.address };
    };
    return {
      at(offset): Decoded | null | undefined {
        const place = slotAt(offset);
        if (!place || (!eager && records.handlerAt(place.record) === NOT_DECODED)) return undefined;
        let raw = readHalf(place.address);
        if ((raw & 3) === 3) {
          const second =
            (offset & (PAGE_BYTES - 1)) === PAGE_BYTES - 2 ? slotAt(offset + 2)?.address : place.address + 2;
          if (second === undefined) return undefined;
          raw += readHalf(second) * 0x1_0000;
        }
        return decode(raw) ?? null;
      },
    };
  }

  private pageAt(request: Request, delta: number): RegionPage | undefined {
    const known = request.pages.find((page) => page.delta === delta);
    if (known) return known;
    if (request.pages.length >= MOST_PAGES || abs(delta) > FURTHEST_PAGE) return undefined;
    const address = BigInt.asIntN(
      64,
      (BigInt(request.hi) << 32n) + BigInt(request.lo >>> 0) + BigInt(delta * PAGE_BYTES),
    );
    const records = this.ports.fetched(Number(BigInt.asIntN(32, address)), Number(address >> 32n));
    // The same page at another address, or one whose records cannot stay.
    if (records < 0 || !this.ports.records.locate(records)) return undefined;
    if (request.pages.some((page) => page.records === records)) return undefined;
    const page = { delta, records };
    request.pages.push(page);
    return page;
  }

  /** Makes a module of the regions that wait for it. */
  compile(): void {
    if (this.queue.length === 0) return;
    const queue = this.queue;
    this.queue = [];
    const module = new ModuleBuilder();
    module.importMemory('env', 'memory', this.memory.buffer.byteLength / 65536);
    const runtime = { mulHighU: declareMulHighU(module), productDiffers: declareProductDiffers(module) };
    queue.forEach((region, index) => {
      module.exportFunction(`r${index}`, emitRegion(module, runtime, region));
    });
    const bytes = module.finish();
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: this.memory } });
    this.modules++;
    this.bytes += bytes.length;
    queue.forEach((region, index) => this.install(region, exports[`r${index}`]));
  }

  private install(pending: Pending, code: unknown): void {
    const { plan, pages, addressing, firstHandler, roots, slots } = pending;
    const { records, handlerCount, table } = this.ports;
    const region: Region = {
      index: this.regions.length,
      bare: addressing.bare,
      firstHandler,
      entries: [],
      roots,
      pages,
      instructions: plan.instructions,
      slots,
    };
    this.regions.push(region);
    table.set(region.index, code);
    plan.entries.forEach((number, index) => {
      const offset = plan.blocks[number]!.start;
      const record = recordAt(pages, offset);
      if (records.handlerAt(record) === NOT_DECODED) records.decodeAt(record);
      let handler = records.handlerAt(record);
      if (handler >= handlerCount) {
        const old = handler;
        handler = this.view.getUint16(ENTRY_BASE + (old - handlerCount) * ENTRY_BYTES + ENTRY.handler, true);
        this.takeOver(old);
      }
      const entry = ENTRY_BASE + (firstHandler + index - handlerCount) * ENTRY_BYTES;
      this.view.setUint16(entry + ENTRY.handler, handler, true);
      this.view.setUint16(entry + ENTRY.region, region.index, true);
      this.view.setUint16(entry + ENTRY.block, index + 1, true);
      this.view.setInt16(entry + ENTRY.page, floor(offset / PAGE_BYTES), true);
      records.setHandler(record, firstHandler + index);
      this.byEntry[firstHandler + index - handlerCount] = region;
      region.entries.push(record);
    });
    for (const page of slots.keys()) {
      const there = this.byPage.get(page) ?? new Set();
      this.byPage.set(page, there.add(region));
    }
    this.live++;
    this.made++;
    this.instructions += plan.instructions;
  }

  /** An entry becomes another region's. */
  private takeOver(handler: number): void {
    const region = this.byEntry[handler - this.ports.handlerCount];
    if (!region) return;
    this.byEntry[handler - this.ports.handlerCount] = undefined;
    region.entries[handler - region.firstHandler] = undefined;
    if (region.entries.every((entry) => entry === undefined)) this.discard(region);
  }

  /** Ends a region: its entries are interpreted again. */
  private discard(region: Region): void {
    const { records, handlerCount, table } = this.ports;
    region.entries.forEach((record, index) => {
      const handler = region.firstHandler + index;
      this.byEntry[handler - handlerCount] = undefined;
      if (record === undefined || records.handlerAt(record) !== handler) return;
      const entry = ENTRY_BASE + (handler - handlerCount) * ENTRY_BYTES;
      records.setHandler(record, this.view.getUint16(entry + ENTRY.handler, true));
    });
    for (const page of region.slots.keys()) this.byPage.get(page)?.delete(region);
    table.set(region.index, null);
    this.regions[region.index] = undefined;
    this.live--;
  }

  forgotten(records: number, from: number, to: number): void {
    const touches = ({ slots }: { slots: Slots }): boolean => {
      const own = slots.get(records);
      if (own) for (let slot = from; slot <= to; slot++) if (own.has(slot)) return true;
      return false;
    };
    for (const region of this.byPage.get(records) ?? []) {
      if (!touches(region)) continue;
      this.discard(region);
      this.cool(region);
    }
    for (const pending of this.queue) if (touches(pending)) this.cool(pending);
    this.queue = this.queue.filter((pending) => !touches(pending));
  }

  /** Code has changed: its roots must become hot again, and hotter each time. */
  private cool({ roots, pages }: { roots: readonly number[]; pages: readonly RegionPage[] }): void {
    const page = pages[0]!.records;
    const changes = min((this.changes.get(page) ?? 0) + 1, MOST_CHANGES);
    this.changes.set(page, changes);
    const score = this.policy.threshold === 1 ? 0 : -changes;
    for (const root of roots) this.scores.set(recordAt(pages, root), score);
  }

  cleared(): void {
    for (const region of this.regions) if (region) this.discard(region);
    this.regions = [];
    this.byEntry = [];
    this.byPage.clear();
    this.scores.clear();
    this.changes.clear();
    this.passages.clear();
    this.queue = [];
  }
}
