/** The built-in SBI, call by call, with what a kernel would not pass: the answers that SBI 2.0 wants, and what each does. */
import { DRAM_BASE, RAM_OFFSET } from '../../src/hart/layout.js';
import { Ram } from '../../src/machine/ram.js';
import { Sbi } from '../../src/machine/sbi.js';

const BASE = 0x10n;
const TIME = 0x5449_4d45n;
const IPI = 0x73_5049n;
const RFENCE = 0x5246_4e43n;
const HSM = 0x48_534dn;
const SRST = 0x5352_5354n;
const DBCN = 0x4442_434en;

const [SUCCESS, FAILED, NOT_SUPPORTED, INVALID, ALREADY] = [0n, -1n, -2n, -3n, -6n];
const ALL_ONES = 2n ** 64n - 1n;
const RAM_BYTES = 65536;
const START = BigInt(DRAM_BASE);
const END = START + BigInt(RAM_BYTES);

class Rig {
  readonly x = Array.from({ length: 32 }, (_, i) => 0x1000n + BigInt(i));
  /** What the SBI has had done. */
  readonly done: string[] = [];
  readonly typed: number[] = [];
  readonly ram = new Ram(new WebAssembly.Memory({ initial: RAM_OFFSET / 65536 + 1 }), RAM_BYTES, () => undefined);
  private readonly note =
    (what: string) =>
    (...values: unknown[]): void =>
      void this.done.push([what, ...values.map(String)].join(' '));
  private readonly sbi = new Sbi({
    memory: this.ram,
    getX: (index) => this.x[index],
    setX: (index, value) => (this.x[index] = value),
    setTimer: this.note('timer'),
    sendInterrupt: this.note('interrupt'),
    suspend: this.note('suspend'),
    consoleByte: this.note('byte'),
    consoleTake: () => this.typed.shift() ?? -1,
    powerOff: this.note('off'),
    reboot: this.note('reboot'),
  });

  /** The error and the value, signed; no register but a0 and a1 may change. */
  call(extension: bigint, call: bigint, ...args: bigint[]): [error: bigint, value: bigint] {
    this.x[17] = extension;
    this.x[16] = call;
    args.forEach((value, index) => (this.x[10 + index] = value));
    const before = this.x.slice();
    this.sbi.call();
    expect(this.x.filter((_, i) => i !== 10 && i !== 11)).toEqual(before.filter((_, i) => i !== 10 && i !== 11));
    return [BigInt.asIntN(64, this.x[10]), BigInt.asIntN(64, this.x[11])];
  }
}

let rig: Rig;
beforeEach(() => (rig = new Rig()));

/** A call that is answered so, and has no effect. */
const refuses = (error: bigint, ...args: [bigint, bigint, ...bigint[]]): void => {
  expect(rig.call(...args)[0]).toBe(error);
  expect(rig.done).toEqual([]);
};

describe('BASE', () => {
  it('is version 2.0 of an implementation that is none of the registry', () => {
    expect(rig.call(BASE, 0n)).toEqual([SUCCESS, 0x0200_0000n]);
    expect(rig.call(BASE, 1n)[1]).toBeGreaterThan(11n);
    for (const call of [2n, 4n, 5n, 6n]) expect(rig.call(BASE, call)[0]).toBe(SUCCESS);
  });

  it('finds its extensions, and those alone', () => {
    for (const extension of [BASE, TIME, IPI, RFENCE, HSM, SRST, DBCN]) {
      expect(rig.call(BASE, 3n, extension)).toEqual([SUCCESS, 1n]);
      expect(rig.call(BASE, 3n, extension | (1n << 32n))).toEqual([SUCCESS, 0n]);
    }
    for (const extension of [0n, 1n, 8n, 0x11n, 0x504d_55n, 0x5355_5350n, ALL_ONES, 1n << 63n]) {
      expect(rig.call(BASE, 3n, extension)).toEqual([SUCCESS, 0n]);
    }
  });
});

it.each([
  [0n, 0n],
  [1n, 0n],
  [0x0a00_0000n, 0n],
  [ALL_ONES, 0n],
  [BASE | (1n << 32n), 0n],
  [BASE, 7n],
  [BASE, 1n << 32n],
  [BASE, ALL_ONES],
  [TIME, 1n],
  [IPI, 1n],
  [RFENCE, 3n],
  [RFENCE, 6n],
  [RFENCE, 7n],
  [HSM, 4n],
  [SRST, 1n],
  [DBCN, 3n],
])('extension %s, function %s is not supported', (extension, call) => {
  refuses(NOT_SUPPORTED, extension, call, 0n, 0n);
});

it.each([0n, 1n, 2n ** 53n, ALL_ONES])('TIME hands the whole of %s on', (time) => {
  expect(rig.call(TIME, 0n, time)).toEqual([SUCCESS, 0n]);
  expect(rig.done).toEqual([`timer ${time}`]);
});

describe.each([
  ['IPI', IPI, [0n], ['interrupt']],
  // What is cached always is what memory holds.
  ['RFENCE', RFENCE, [0n, 1n, 2n], []],
] as const)('%s', (_name, extension, calls, effects) => {
  it.each([
    [1n, 0n],
    [0n, ALL_ONES],
    [ALL_ONES, ALL_ONES],
  ])('mask %s from %s is the hart', (mask, base) => {
    for (const call of calls) expect(rig.call(extension, call, mask, base, 1n, ALL_ONES)).toEqual([SUCCESS, 0n]);
    expect(rig.done).toEqual(effects);
  });

  it.each([0n, 1n, 1n << 63n])('an empty mask from %s is nobody', (base) => {
    for (const call of calls) refuses(SUCCESS, extension, call, 0n, base);
  });

  it.each([
    [2n, 0n],
    [3n, 0n],
    [1n << 63n, 0n],
    [1n, 1n],
    [1n, 64n],
    [1n, ALL_ONES - 1n],
    [2n, ALL_ONES - 1n],
  ])('mask %s from %s has a hart that is not there', (mask, base) => {
    for (const call of calls) refuses(INVALID, extension, call, mask, base);
  });
});

describe('HSM', () => {
  it('knows the one hart', () => {
    expect(rig.call(HSM, 2n, 0n)).toEqual([SUCCESS, 0n]);
    refuses(ALREADY, HSM, 0n, 0n, START, 0n);
    for (const hart of [1n, 1n << 32n, ALL_ONES]) {
      refuses(INVALID, HSM, 2n, hart);
      refuses(INVALID, HSM, 0n, hart, START, 0n);
    }
  });

  it('does not stop the only hart, which nobody could start again', () => refuses(FAILED, HSM, 1n));

  it('suspends so that all is kept, whatever the upper half of the type', () => {
    expect(rig.call(HSM, 3n, 0n, ALL_ONES, 0n)[0]).toBe(SUCCESS);
    expect(rig.call(HSM, 3n, 1n << 32n, 0n, 0n)[0]).toBe(SUCCESS);
    expect(rig.done).toEqual(['suspend', 'suspend']);
  });

  it('refuses what is reserved or of other platforms', () => {
    refuses(NOT_SUPPORTED, HSM, 3n, 0x8000_0000n, START, 0n);
    const types = [1n, 0x0fff_ffffn, 0x1000_0000n, 0x7fff_ffffn, 0x8000_0001n, 0x9000_0000n, 0xffff_ffffn];
    for (const type of types) refuses(INVALID, HSM, 3n, type, START, 0n);
  });
});

describe('SRST', () => {
  it.each([
    [0n, 0n, 'off 0'],
    [0n, 1n, 'off 1'],
    [1n, 0n, 'reboot'],
    [2n, 1n, 'reboot'],
    [1n << 32n, 1n << 32n, 'off 0'],
  ])('type %s for reason %s: %s', (type, reason, effect) => {
    rig.call(SRST, 0n, type, reason);
    expect(rig.done).toEqual([effect]);
  });

  it('refuses what is reserved or of other platforms', () => {
    for (const odd of [3n, 0xefff_ffffn, 0xf000_0000n, 0xffff_ffffn]) refuses(INVALID, SRST, 0n, odd, 0n);
    for (const odd of [2n, 0xdfff_ffffn, 0xe000_0000n, 0xf000_0000n, 0xffff_ffffn]) refuses(INVALID, SRST, 0n, 0n, odd);
  });
});

describe('DBCN', () => {
  const bytes = (text: string): string[] => [...Buffer.from(text)].map((byte) => `byte ${byte}`);

  it('writes memory, up to its last byte', () => {
    rig.ram.write(DRAM_BASE + RAM_BYTES - 3, Buffer.from('end'));
    expect(rig.call(DBCN, 0n, 3n, END - 3n, 0n)).toEqual([SUCCESS, 3n]);
    expect(rig.done).toEqual(bytes('end'));
  });

  it('writes a part of what is much, and says how much', () => {
    const [error, sent] = rig.call(DBCN, 0n, BigInt(RAM_BYTES), START, 0n);
    expect(error).toBe(SUCCESS);
    expect(sent).toBeGreaterThan(0n);
    expect(rig.done).toHaveLength(Number(sent));
  });

  it('writes one byte, the lowest of a0', () => {
    expect(rig.call(DBCN, 2n, ALL_ONES - 0xffn + 0x41n)).toEqual([SUCCESS, 0n]);
    expect(rig.done).toEqual(['byte 65']);
  });

  it('reads what is there, and as much as there is room for', () => {
    expect(rig.call(DBCN, 1n, 8n, START, 0n)).toEqual([SUCCESS, 0n]);
    rig.typed.push(...Buffer.from('typed'));
    expect(rig.call(DBCN, 1n, 3n, START, 0n)).toEqual([SUCCESS, 3n]);
    expect(rig.call(DBCN, 1n, 9n, START + 3n, 0n)).toEqual([SUCCESS, 2n]);
    expect(Buffer.from(rig.ram.read(DRAM_BASE, 6)).toString()).toBe('typed\0');
  });

  it.each([0n, 1n])('function %s moves nothing where nothing is asked for', (call) => {
    rig.typed.push(1);
    expect(rig.call(DBCN, call, 0n, START, 0n)).toEqual([SUCCESS, 0n]);
    expect(rig.done).toEqual([]);
    expect(rig.typed).toEqual([1]);
  });

  it.each<[string, bigint, bigint, bigint]>([
    ['below memory', 1n, START - 1n, 0n],
    ['reaching into memory', 2n, START - 1n, 0n],
    ['behind memory', 1n, END, 0n],
    ['reaching out of memory', 2n, END - 1n, 0n],
    ['longer than memory', BigInt(RAM_BYTES) + 1n, START, 0n],
    ['endless', ALL_ONES, START, 0n],
    ['that wraps around', ALL_ONES - START + 2n, START, 0n],
    ['at the end of the address space', 1n, ALL_ONES, 0n],
    ['beyond 64 bits', 1n, START, 1n],
    ['far beyond', 1n, START, ALL_ONES],
    ['at null', 1n, 0n, 0n],
  ])('refuses a range %s', (_name, length, low, high) => {
    rig.typed.push(1);
    refuses(INVALID, DBCN, 0n, length, low, high);
    refuses(INVALID, DBCN, 1n, length, low, high);
    expect(rig.typed).toEqual([1]);
  });
});
