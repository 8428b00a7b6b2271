/**
 * Guest code as regions are made from it: pages by their place from a region's first page, the instructions in them, and
 * which halfwords a region was made from.
 */
import { MOST_REGION_PAGES, PAGE_BYTES, RECORD_BYTES } from '../hart/layout.js';
import { decode } from '../isa/decode.js';
import type { Decoded } from '../isa/instruction.js';
import { NOT_DECODED } from './fetch-lookup.js';
import type { RecordCache } from './records.js';
import type { CodeSource, Plan } from './region-plan.js';

const { abs, floor, min } = Math;

/** A page that a region has code from. */
export interface RegionPage {
  /** Its place, in pages from the region's first page. */
  readonly delta: number;
  /** Address of its decoded records. */
  readonly records: number;
}

/** How far a page may lie from a region's first page: a 16-bit field of an entry holds it. */
const FURTHEST_PAGE = 0x7fff;
const LAST_HALF = PAGE_BYTES - 2;

/** The page, of those a region has, that lies `delta` pages from its first. */
function pageOf(pages: readonly RegionPage[], delta: number): RegionPage {
  const page = pages.find((one) => one.delta === delta);
  if (!page) throw new Error('a region without one of its pages');
  return page;
}

/** The record of the instruction at an offset, in a page that the region has. */
export function recordAt(pages: readonly RegionPage[], offset: number): number {
  const delta = floor(offset / PAGE_BYTES);
  return pageOf(pages, delta).records + ((offset - delta * PAGE_BYTES) / 2) * RECORD_BYTES;
}

/** The halfwords that a region was made from, by page of records. */
export class Halfwords {
  /** Stretches of them: the first slot and the last of each, by turns. */
  private readonly pages = new Map<number, number[]>();

  constructor(plan: Plan, pages: readonly RegionPage[]) {
    for (const { instructions } of plan.blocks) {
      const last = instructions.at(-1);
      if (last) this.add(pages, instructions[0].offset, last.offset + last.decoded.length);
    }
  }

  private add(pages: readonly RegionPage[], start: number, end: number): void {
    for (let at = start; at < end;) {
      const delta = floor(at / PAGE_BYTES);
      const base = delta * PAGE_BYTES;
      const stop = min(end, base + PAGE_BYTES);
      const { records } = pageOf(pages, delta);
      let stretches = this.pages.get(records);
      if (!stretches) this.pages.set(records, (stretches = []));
      const from = (at - base) >> 1;
      const to = ((stop - base) >> 1) - 1;
      if (stretches.at(-1) === from - 1) stretches[stretches.length - 1] = to;
      else stretches.push(from, to);
      at = stop;
    }
  }

  /** Pages of records that there are any in. */
  get records(): Iterable<number> {
    return this.pages.keys();
  }

  has(records: number): boolean {
    return this.pages.has(records);
  }

  /** Whether any is among those of a page of records from slot `from` to slot `to`, inclusive. */
  touches(records: number, from: number, to: number): boolean {
    const stretches = this.pages.get(records) ?? [];
    for (let i = 0; i < stretches.length; i += 2) if (stretches[i] <= to && stretches[i + 1] >= from) return true;
    return false;
  }
}

/** What finding code needs of the engine. */
export interface CodePorts {
  readonly records: RecordCache;
  /** Address of the records of a virtual page that can be fetched from now; -1 where that is not known. */
  fetched(lo: number, hi: number): number;
  /** Halfword at a physical address in RAM. */
  readHalf(address: number): number;
}

/** The code around a virtual page, from as many pages as a region may have. */
export class GuestCode implements CodeSource {
  private present: RegionPage | undefined;
  /** Physical address of the present page. */
  private base = 0;

  /**
   * @param lo low half of the first page's virtual address
   * @param pages known ones; the first page is among them, and those come to it that are gone to
   * @param eager whether code counts that was never executed
   */
  constructor(
    private readonly ports: CodePorts,
    private readonly lo: number,
    private readonly hi: number,
    readonly pages: RegionPage[],
    private readonly eager: boolean,
  ) {}

  at(offset: number): Decoded | undefined {
    const { records, readHalf } = this.ports;
    const delta = floor(offset / PAGE_BYTES);
    const page = this.turnTo(delta);
    if (!page) return undefined;
    const within = offset - delta * PAGE_BYTES;
    const record = page.records + (within / 2) * RECORD_BYTES;
    if (!this.eager && records.handlerAt(record) === NOT_DECODED) return undefined;
    let raw = readHalf(this.base + within);
    if ((raw & 3) === 3) {
      const straddles = within === LAST_HALF;
      if (straddles && !this.turnTo(delta + 1)) return undefined;
      raw += readHalf(straddles ? this.base : this.base + within + 2) * 0x1_0000;
    }
    return decode(raw);
  }

  private turnTo(delta: number): RegionPage | undefined {
    if (this.present?.delta === delta) return this.present;
    this.present = this.find(delta);
    const place = this.present && this.ports.records.locate(this.present.records);
    if (place) this.base = place.address;
    return this.present;
  }

  private find(delta: number): RegionPage | undefined {
    const { pages, ports, lo, hi } = this;
    const known = pages.find((page) => page.delta === delta);
    if (known) return known;
    if (pages.length >= MOST_REGION_PAGES || abs(delta) > FURTHEST_PAGE) return undefined;
    const low = (lo >>> 0) + delta * PAGE_BYTES;
    const records = ports.fetched(low | 0, (hi + floor(low / 2 ** 32)) | 0);
    // One whose records cannot stay, or the same page at another address.
    if (records < 0 || !ports.records.locate(records)) return undefined;
    if (pages.some((page) => page.records === records)) return undefined;
    const page = { delta, records };
    pages.push(page);
    return page;
  }
}

/** The pages from one address to another, each 64 bits given by halves; Infinity where a region may not span them. */
export function pageDistance(fromLo: number, fromHi: number, toLo: number, toHi: number): number {
  const distance = (toHi - fromHi) * (2 ** 32 / PAGE_BYTES) + (toLo >>> 12) - (fromLo >>> 12);
  return abs(distance) <= FURTHEST_PAGE ? distance : Infinity;
}
