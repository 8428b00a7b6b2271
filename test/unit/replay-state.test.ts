/**
 * State as bytes and as fields, digests kept up to date page by page, and the sharing of dirty pages.
 */
import type { Overlay } from '../../src/machine/overlay.js';
import { PAGE_BYTES } from '../../src/hart/layout.js';
import type { StateVisitor, Stateful } from '../../src/hart/state.js';
import { StateDigest } from '../../src/replay/digest.js';
import { DirtyPages } from '../../src/replay/dirty-pages.js';
import { loadHash, type Hash } from '../../src/replay/hash.js';
import { fieldsOf, restoreState, sameValue, StateWriter } from '../../src/replay/state-bytes.js';

class Part implements Stateful {
  count = 3;
  never = Infinity;
  word = 0xffff_ffff_ffff_ffffn;
  flag = true;
  data = Uint8Array.of(1, 2, 3);
  queue: Uint8Array[] = [Uint8Array.of(9), new Uint8Array(0), Uint8Array.of(8, 7)];

  state(visitor: StateVisitor): void {
    this.count = visitor.number('count', this.count);
    this.never = visitor.number('never', this.never);
    this.word = visitor.u64('word', this.word);
    this.flag = visitor.bool('flag', this.flag);
    this.data = visitor.bytes('data', this.data).slice();
    this.queue = visitor.list('queue', this.queue);
  }
}

describe('state bytes', () => {
  it('restore every field', () => {
    const part = new Part();
    const bytes = new StateWriter().write(part).slice();
    const other = Object.assign(new Part(), {
      count: 0,
      never: 1,
      word: 0n,
      flag: false,
      data: new Uint8Array(9),
      queue: [],
    });
    expect(new StateWriter().write(other)).not.toEqual(bytes);
    restoreState(other, bytes);
    expect(other).toEqual(part);
    expect(new StateWriter().write(other)).toEqual(bytes);
  });

  it('grow with the state, and serve again', () => {
    const part = new Part();
    const writer = new StateWriter();
    const small = writer.write(part).slice();
    part.data = new Uint8Array(100_000).fill(5);
    const large = writer.write(part).slice();
    expect(large.length).toBe(small.length + 100_000 - 3);
    part.data = Uint8Array.of(1, 2, 3);
    expect(writer.write(part)).toEqual(small);
  });

  it('tell lists apart that hold the same bytes', () => {
    const [a, b] = [new Part(), new Part()];
    a.queue = [Uint8Array.of(1, 2), Uint8Array.of(3)];
    b.queue = [Uint8Array.of(1), Uint8Array.of(2, 3)];
    expect(new StateWriter().write(a)).not.toEqual(new StateWriter().write(b));
  });

  it('leave out what they are told to', () => {
    const [a, b] = [new Part(), new Part()];
    b.word = 5n;
    b.queue = [];
    const omitted = new Set(['word', 'queue']);
    expect(new StateWriter(omitted).write(a)).toEqual(new StateWriter(omitted).write(b));
    b.flag = false;
    expect(new StateWriter(omitted).write(a)).not.toEqual(new StateWriter(omitted).write(b));
  });

  it('are fields with names, and do not change the part', () => {
    const part = new Part();
    const fields = fieldsOf(part);
    expect([...fields.keys()]).toEqual(['count', 'never', 'word', 'flag', 'data', 'queue']);
    expect(part).toEqual(new Part());
    part.data[0] = 77;
    expect(sameValue(fields.get('data'), Uint8Array.of(1, 2, 3))).toBe(true);
    expect(sameValue(fields.get('data'), part.data)).toBe(false);
    expect(sameValue(fields.get('queue'), part.queue)).toBe(true);
    expect(sameValue(fields.get('queue'), part.queue.slice(1))).toBe(false);
    expect(sameValue(undefined, 0)).toBe(false);
  });
});

/** Eight pages of RAM that tell what was written. */
class Memory extends Part {
  readonly ram = new Uint8Array(8 * PAGE_BYTES);
  readonly overlays: readonly Overlay[] = [];
  private dirty = new Set<number>();
  asked = 0;

  write(address: number, value: number): void {
    this.ram[address] = value;
    this.dirty.add(Math.floor(address / PAGE_BYTES));
  }

  takeDirty(): number[] {
    this.asked++;
    const pages = [...this.dirty];
    this.dirty.clear();
    return pages;
  }
}

describe('digests', () => {
  let hash: Hash;
  beforeAll(async () => {
    hash = await loadHash();
  });

  function digestOf(memory: Memory): StateDigest {
    return new StateDigest(memory, new DirtyPages(memory).consumer(), hash);
  }

  /** Of a fresh memory with the same content. */
  function fresh(memory: Memory): bigint {
    const copy = new Memory();
    memory.ram.forEach((byte, address) => {
      if (byte !== 0) copy.write(address, byte);
    });
    copy.count = memory.count;
    return digestOf(copy).take();
  }

  it('are the same however a state came about', () => {
    const memory = new Memory();
    const digest = digestOf(memory);
    let seed = 1;
    for (let n = 0; n < 200; n++) {
      seed = (seed * 48271) % 2147483647;
      memory.write(seed % memory.ram.length, seed % 3 === 0 ? 0 : seed & 255);
      memory.count = seed % 5;
      if (n % 7 === 0) expect(digest.take()).toBe(fresh(memory));
    }
    memory.ram.forEach((byte, address) => {
      if (byte !== 0) memory.write(address, 0);
    });
    memory.count = 3;
    expect(digest.take()).toBe(digestOf(new Memory()).take());
  });

  it('change with any bit, field and page', () => {
    const memory = new Memory();
    const digest = digestOf(memory);
    const seen = new Set([digest.take()]);
    for (let page = 0; page < 8; page++) {
      memory.write(page * PAGE_BYTES + 5, 1);
      seen.add(digest.take());
      memory.write(page * PAGE_BYTES + 5, 0);
    }
    memory.count++;
    seen.add(digest.take());
    expect(seen.size).toBe(10);
  });

  it('tell two pages with exchanged contents', () => {
    const [a, b] = [new Memory(), new Memory()];
    a.write(0, 1);
    a.write(PAGE_BYTES, 2);
    b.write(0, 2);
    b.write(PAGE_BYTES, 1);
    expect(digestOf(a).take()).not.toBe(digestOf(b).take());
  });

  it('leave out what is masked, and nothing else', () => {
    const [a, b] = [new Memory(), new Memory()];
    const mask = { ranges: new Map([[2, [[16, 48]] as const]]), fields: new Set(['word']) };
    const [left, right] = [digestOf(a), digestOf(b)];
    left.leaveOut(mask);
    right.leaveOut(mask);
    for (let i = 16; i < 48; i++) a.write(2 * PAGE_BYTES + i, i);
    a.word = 1n;
    expect(left.masked()).toBe(right.masked());
    expect(left.take()).not.toBe(right.take());
    b.write(2 * PAGE_BYTES + 48, 1);
    expect(left.masked()).not.toBe(right.masked());
    a.write(2 * PAGE_BYTES + 48, 1);
    expect(left.masked()).toBe(right.masked());
    a.count++;
    expect(left.masked()).not.toBe(right.masked());
  });

  it('share dirty pages with others', () => {
    const memory = new Memory();
    const pages = new DirtyPages(memory);
    const [one, two] = [pages.consumer(), pages.consumer()];
    memory.write(PAGE_BYTES, 1);
    expect(one()).toEqual([1]);
    memory.write(3 * PAGE_BYTES, 1);
    expect([...two()].sort()).toEqual([1, 3]);
    expect(two()).toEqual([]);
    expect(one()).toEqual([3]);
  });
});
