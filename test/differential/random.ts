/** Repeatable random numbers, and values of the kinds that instructions find difficult. */

const { imul } = Math;

/** Chris Doty-Humphrey's sfc32. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, stream: number, kind: number) {
    this.a = imul(seed, 0x9e37_79b1) | 0;
    this.b = imul(stream, 0x85eb_ca6b) ^ (seed >>> 16);
    this.c = imul(kind + 1, 0xc2b2_ae35);
    for (let i = 0; i < 12; i++) this.word();
  }

  /** An unsigned word. */
  word(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 to n - 1. */
  below(n: number): number {
    return this.word() % n;
  }

  /** True once in n times. */
  once(n: number): boolean {
    return this.word() % n === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.word() % list.length];
  }
}

/** A 64-bit value in two words. */
export interface Wide {
  lo: number;
  hi: number;
}

const corners32 = [0, 1, 2, 0xffff_ffff, 0xffff_fffe, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0x7f, 0x80, 0xff, 0x8000];

/** An integer: a corner, a word, a sign-extended word, one with few bits, or any. */
export function integer(random: Random, into: Wide): void {
  const kind = random.below(8);
  into.lo = random.word();
  into.hi = random.word();
  if (kind === 0) {
    into.lo = random.pick(corners32);
    into.hi = random.pick(corners32);
  } else if (kind === 1) {
    into.hi = (into.lo >> 31) >>> 0;
  } else if (kind === 2) {
    into.hi = 0;
  } else if (kind === 3) {
    into.lo = random.pick(corners32);
    into.hi = (into.lo >> 31) >>> 0;
  } else if (kind === 4) {
    into.lo &= 63;
    into.hi = 0;
  } else if (kind === 5) {
    into.hi = random.once(2) ? 1 << random.below(32) : 0;
    into.lo = 1 << random.below(32);
  }
  into.lo >>>= 0;
  into.hi >>>= 0;
}

const corners = {
  single: [
    0, 1, 0x007f_ffff, 0x0080_0000, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001, 0x7fc0_0000, 0x7fff_ffff, 0x3f80_0000,
  ],
  integers: [0x4f00_0000, 0x4eff_ffff, 0x4f7f_ffff, 0x4f80_0000, 0x5f00_0000, 0x5f80_0000, 0x3f00_0000, 0x3fc0_0000],
};
const doubleHigh = [0, 1, 0x000f_ffff, 0x0010_0000, 0x7fef_ffff, 0x7ff0_0000, 0x7ff8_0000, 0x3ff0_0000];
const doubleIntegers = [0x41df_ffff, 0x41e0_0000, 0x41ef_ffff, 0x41f0_0000, 0x43e0_0000, 0x43f0_0000, 0x3fe0_0000];
const doubleLow = [0, 0, 1, 0xffff_ffff, 0xffff_fffe, 0x8000_0000, 0xffc0_0000, 0xffe0_0000, 0xe000_0000, 0x1000_0000];

function singleBits(random: Random): number {
  const sign = random.word() & 0x8000_0000;
  const kind = random.below(6);
  if (kind === 0) return random.word();
  if (kind === 1) return sign | random.pick(corners.single);
  if (kind === 2) return sign | random.pick(corners.integers);
  // Few bits in the fraction, exponents near one another, so that sums cancel and products round.
  const fraction = kind === 3 ? random.word() & 0x7f_ffff : (random.word() & 0x7f) << random.below(17);
  return sign | ((120 + random.below(16)) << 23) | fraction;
}

/** A floating-point register: binary32 in its box, badly boxed at times, or binary64. */
export function float(random: Random, wantsDouble: boolean, into: Wide): void {
  if (!wantsDouble && !random.once(12)) {
    into.lo = singleBits(random) >>> 0;
    into.hi = random.once(24) ? random.word() : 0xffff_ffff;
    return;
  }
  const kind = random.below(6);
  const sign = random.word() & 0x8000_0000;
  into.lo = random.word();
  if (kind === 0) into.hi = random.word();
  else if (kind === 1) into.hi = sign | random.pick(doubleHigh);
  else if (kind === 2) into.hi = sign | random.pick(doubleIntegers);
  else into.hi = sign | ((1016 + random.below(16)) << 20) | (kind === 3 ? random.word() & 0xf_ffff : 0);
  if (kind === 1 || kind === 2 || kind === 5) into.lo = random.pick(doubleLow);
  // Near the smallest and largest exponents too.
  if (kind === 4)
    into.hi = sign | (random.pick([1, 2, 53, 896, 897, 1150, 1151, 2045, 2046]) << 20) | (random.word() & 0xf_ffff);
  into.hi >>>= 0;
}
