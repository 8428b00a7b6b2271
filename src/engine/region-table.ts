/**
 * The regions there are: where they can be entered, by the records of their entries, and which of them end when code
 * changes.
 */
import {
  ENTRY,
  ENTRY_BASE,
  ENTRY_BYTES,
  ENTRY_COUNT,
  MOST_REGIONS,
  MOST_REGION_PAGES,
  PAGE_BYTES,
  REGION_PAGES_BASE,
  REGION_PAGE_BYTES,
} from '../hart/layout.js';
import { NOT_DECODED } from './fetch-lookup.js';
import type { RecordCache } from './records.js';
import { recordAt, type Halfwords, type RegionPage } from './region-code.js';
import type { RegionSpecification } from './region.js';

const { floor } = Math;

/** A region that has been planned. */
export interface PlannedRegion extends RegionSpecification {
  /** Offsets of the places for which it was made. */
  readonly roots: readonly number[];
  readonly halfwords: Halfwords;
}

/** A region that can be entered. */
export interface Region extends Pick<PlannedRegion, 'roots' | 'pages' | 'firstHandler' | 'halfwords'> {
  readonly index: number;
  readonly bare: boolean;
  readonly instructions: number;
  /** Records of the entries; those that another region has taken over are undefined. */
  readonly entries: (number | undefined)[];
}

export class RegionTable {
  private readonly view: DataView;
  private regions: (Region | undefined)[] = [];
  /** By handler number, from `handlerCount` on. */
  private byEntry: (Region | undefined)[] = [];
  private readonly byFirst = new Map<number, Region>();
  /** By the pages of records that they have code from. */
  private readonly byPage = new Map<number, Set<Region>>();
  /** Regions now. */
  live = 0;

  constructor(
    memory: WebAssembly.Memory,
    private readonly records: RecordCache,
    private readonly handlerCount: number,
    private readonly table: WebAssembly.Table,
    /** Forgets where jumps of translated code lead. */
    private readonly flushJumps: () => void,
  ) {
    this.view = new DataView(memory.buffer);
  }

  /** The region that is entered by a handler number; undefined for those of instructions. */
  entered(handler: number): Region | undefined {
    return this.byEntry[handler - this.handlerCount];
  }

  /** The region whose entries have handler numbers from `handler` on. */
  startingWith(handler: number): Region | undefined {
    return this.byFirst.get(handler);
  }

  has(region: Region): boolean {
    return this.regions[region.index] === region;
  }

  /** Whether there is room for one more region with so many entries, behind `waiting` others. */
  hasRoom(entries: number, waiting: number): boolean {
    const handlers = this.handlerCount + this.byEntry.length + entries;
    return handlers <= ENTRY_COUNT && this.regions.length + waiting < MOST_REGIONS;
  }

  /** Sets handler numbers aside for entries; answers the first. */
  reserve(entries: number): number {
    const first = this.handlerCount + this.byEntry.length;
    for (let i = 0; i < entries; i++) this.byEntry.push(undefined);
    return first;
  }

  /** A place's distance in pages from the first page of its region. */
  pageOfEntry(handler: number): number {
    return this.view.getInt16(this.addressOf(handler) + ENTRY.page, true);
  }

  private addressOf(handler: number): number {
    return ENTRY_BASE + (handler - this.handlerCount) * ENTRY_BYTES;
  }

  /** Makes a region's entries lead to its code, a function of REGION_TYPE. */
  install({ plan, pages, addressing, firstHandler, roots, halfwords }: PlannedRegion, code: unknown): void {
    const index = this.regions.length;
    const { bare } = addressing;
    const region: Region = {
      ...{ index, bare, firstHandler, roots, pages, halfwords },
      instructions: plan.instructions,
      entries: [],
    };
    this.regions.push(region);
    this.byFirst.set(firstHandler, region);
    this.table.set(index, code);
    this.listPages(index, pages);
    this.flushJumps();
    plan.entries.forEach((block, number) => {
      const offset = plan.blocks[block].start;
      const record = recordAt(pages, offset);
      region.entries.push(record);
      this.enterAt(record, region, number, floor(offset / PAGE_BYTES));
    });
    for (const page of halfwords.records) {
      const there = this.byPage.get(page) ?? new Set();
      this.byPage.set(page, there.add(region));
    }
    this.live++;
  }

  /** Lists the pages that must be mapped as they are now for a region to be entered. */
  private listPages(index: number, pages: readonly RegionPage[]): void {
    const bytes = MOST_REGION_PAGES * REGION_PAGE_BYTES;
    const list = new Int32Array(this.view.buffer, REGION_PAGES_BASE + index * bytes, bytes / 4).fill(0);
    if (pages.length > 1) list.set(pages.flatMap(({ delta, records }) => [delta, records]));
  }

  /** Has the entry with this number, `page` pages from the region's first, begin at a record. */
  private enterAt(record: number, region: Region, number: number, page: number): void {
    const { records, view } = this;
    if (records.handlerAt(record) === NOT_DECODED) records.decodeAt(record);
    const old = records.handlerAt(record);
    const handler = region.firstHandler + number;
    const entry = this.addressOf(handler);
    view.setUint16(entry + ENTRY.handler, old < this.handlerCount ? old : this.original(old), true);
    view.setUint16(entry + ENTRY.region, region.index, true);
    view.setUint16(entry + ENTRY.block, number + 1, true);
    view.setInt16(entry + ENTRY.page, page, true);
    records.setHandler(record, handler);
    this.byEntry[handler - this.handlerCount] = region;
    if (old >= this.handlerCount) this.loseEntry(old);
  }

  /** The handler of the instruction at an entry. */
  private original(handler: number): number {
    return this.view.getUint16(this.addressOf(handler) + ENTRY.handler, true);
  }

  /** An entry has become another region's. */
  private loseEntry(handler: number): void {
    const region = this.entered(handler);
    if (!region) return;
    this.byEntry[handler - this.handlerCount] = undefined;
    region.entries[handler - region.firstHandler] = undefined;
    if (region.entries.every((entry) => entry === undefined)) this.discard(region);
  }

  /** Ends a region: what it did is interpreted again. */
  private discard(region: Region): void {
    const { records } = this;
    this.flushJumps();
    region.entries.forEach((record, number) => {
      const handler = region.firstHandler + number;
      this.byEntry[handler - this.handlerCount] = undefined;
      if (record !== undefined && records.handlerAt(record) === handler)
        records.setHandler(record, this.original(handler));
    });
    for (const page of region.halfwords.records) this.byPage.get(page)?.delete(region);
    this.table.set(region.index, null);
    this.regions[region.index] = undefined;
    this.byFirst.delete(region.firstHandler);
    this.live--;
  }

  /** Ends the regions that were made from halfwords that change; answers them. */
  change(records: number, from: number, to: number): Region[] {
    const there = this.byPage.get(records);
    if (!there || there.size === 0) return [];
    const ended = [...there].filter(({ halfwords }) => halfwords.touches(records, from, to));
    for (const region of ended) this.discard(region);
    return ended;
  }

  /** Ends all regions; handler numbers start anew. */
  clear(): void {
    for (const region of this.regions) if (region) this.discard(region);
    this.regions = [];
    this.byEntry = [];
    this.byPage.clear();
  }
}
