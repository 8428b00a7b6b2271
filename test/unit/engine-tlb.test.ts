/** The lower half of the address space is forgotten, and nothing else, whether there is a list of what is filled or not. */
import {
  HART,
  JUMP_CACHE_OFFSET,
  PAGE_BYTES,
  RAM_OFFSET,
  TLB_CONTEXTS,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  fetchTlbOf,
  readTlbOf,
  writeTlbOf,
  type TlbContext,
} from '../../src/hart/layout.js';
import { Tlbs } from '../../src/engine/tlb.js';

const RAM_BYTES = 1 << 20;
const CONTEXTS = TLB_CONTEXTS.map((_, context) => context as TlbContext);
const USER = TLB_CONTEXTS.indexOf('U') as TlbContext;
const UPPER = -1;
const LOWER = 7;

function open() {
  const memory = new WebAssembly.Memory({ initial: (RAM_OFFSET + RAM_BYTES) / 65536 });
  const words = new Int32Array(memory.buffer);
  const tlbs = new Tlbs(memory, RAM_BYTES);
  tlbs.flushAll();
  const select = (context: TlbContext): void => {
    words[HART.readTlb / 4] = readTlbOf(context);
    words[HART.writeTlb / 4] = writeTlbOf(context);
    words[HART.fetchTlb / 4] = fetchTlbOf(context);
  };
  return { words, tlbs, select };
}

const lowOf = (page: number): number => page * PAGE_BYTES;
const halfOf = (page: number): number => (page % 3 === 0 ? LOWER : UPPER);

// Four contexts of three TLBs with all their entries are more than the list takes.
it.each([10, 1000, TLB_ENTRIES])('with %i pages in each TLB', (pages) => {
  const { words, tlbs, select } = open();
  for (const context of CONTEXTS) {
    select(context);
    for (let page = 0; page < pages; page++) {
      tlbs.fillRead(lowOf(page), halfOf(page), page);
      tlbs.fillWrite(lowOf(page), halfOf(page), page, page % 16);
      tlbs.fillFetch(lowOf(page), halfOf(page), page);
    }
  }
  for (let round = 0; round < 2; round++) {
    tlbs.flushLower();
    const wrong: string[] = [];
    for (const context of CONTEXTS) {
      for (const table of [readTlbOf(context), writeTlbOf(context), fetchTlbOf(context)]) {
        for (let page = 0; page < pages; page++) {
          const entry = (table + page * TLB_ENTRY_BYTES) / 4;
          // Where nothing is translated the lower half is not one of an address space.
          const kept = context === 0 || halfOf(page) === UPPER;
          const found = words[entry] === lowOf(page) && words[entry + 1] === halfOf(page);
          if (found !== kept) wrong.push(`context ${context}, table ${table}, page ${page}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  }
  tlbs.flushAll();
  select(2);
  expect([0, 1, 2].map((page) => tlbs.fetched(lowOf(page), halfOf(page)))).toEqual([-1, -1, -1]);
});

describe('jumps', () => {
  const jump = (context: TlbContext): number => (fetchTlbOf(context) + JUMP_CACHE_OFFSET) / 4;
  const known = (words: Int32Array): number[] => CONTEXTS.filter((context) => words[jump(context)] === 1);
  const learn = (words: Int32Array): void => {
    words[HART.jumps / 4] = 1;
    for (const context of CONTEXTS) words[jump(context)] = 1;
  };

  it('are forgotten with a page that code was fetched from, not with one of data', () => {
    const { words, tlbs, select } = open();
    select(2);
    for (const page of [1, 2]) tlbs.fillFetch(lowOf(page), UPPER, page);
    learn(words);
    tlbs.flushPage(lowOf(1), false);
    expect([known(words), tlbs.fetched(lowOf(1), UPPER)]).toEqual([CONTEXTS, 1]);
    tlbs.flushPage(lowOf(1), true);
    expect([known(words), tlbs.fetched(lowOf(1), UPPER)]).toEqual([[], -1]);
    expect(tlbs.fetched(lowOf(2), UPPER)).toBe(2);
  });

  it('of U-mode are forgotten with the lower half', () => {
    const { words, tlbs, select } = open();
    for (const context of CONTEXTS) {
      select(context);
      tlbs.fillFetch(lowOf(1), UPPER, 1);
    }
    learn(words);
    tlbs.flushLower();
    expect(known(words)).toEqual(CONTEXTS.filter((context) => context !== USER));
  });

  it.each([1, 2] as const)('of all modes are, once context %i has run code of it', (context) => {
    const { words, tlbs, select } = open();
    select(context);
    tlbs.fillFetch(lowOf(1), LOWER, 1);
    learn(words);
    tlbs.flushLower();
    expect(known(words)).toEqual([]);
    learn(words);
    tlbs.flushLower();
    expect(known(words)).toEqual(CONTEXTS.filter((one) => one !== USER));
  });
});
