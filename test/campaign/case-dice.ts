/**
 * The random numbers of one case: a function of the campaign's seed, the scenario's name and the case's index, so that
 * any case can be had again alone. The generator is sfc32 (Doty-Humphrey, "PractRand"): its 128 bits of state keep the
 * numbers of neighbouring cases apart.
 */
import { Dice } from '../guest/replay-rig.js';

const { imul } = Math;
/** Numbers thrown away at the start, until every bit of the seed has reached every bit of the state. */
const WARM_UP = 15;

export class CaseDice extends Dice {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: number, scenario: string, index: number) {
    super(1);
    this.a = seed | 0;
    this.b = hashOf(scenario);
    this.c = index | 0;
    for (let n = 0; n < WARM_UP; n++) this.next();
  }

  override roll(sides: number): number {
    return this.next() % sides;
  }

  /** 0 to 2^32 - 1. */
  private next(): number {
    const { a, b, c } = this;
    const value = (a + b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = b ^ (b >>> 9);
    this.b = (c + (c << 3)) | 0;
    this.c = (((c << 21) | (c >>> 11)) + value) | 0;
    return value >>> 0;
  }
}

/** FNV-1a of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < text.length; n++) hash = imul(hash ^ text.charCodeAt(n), 0x01000193);
  return hash;
}
