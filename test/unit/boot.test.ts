/** Where a guest's parts go in memories of all sizes, and what the firmware and the device tree are told of it. */
import { DRAM_BASE, MAX_RAM_BYTES, PAGE_BYTES } from '../../src/hart/layout.js';
import { checkFits, placeGuest } from '../../src/machine/boot.js';
import type { MachineConfiguration } from '../../src/machine/configuration.js';
import { FitError } from '../../src/machine/elf.js';
import type { Guest, GuestImage } from '../../src/machine/image.js';
import { find, unflatten } from '../support/unflatten.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

const flat = (bytes: number): GuestImage => ({ kind: 'flat', data: new Uint8Array(bytes).fill(0x13) });
const linux = (bytes: number, memorySize = bytes): GuestImage => ({
  kind: 'linux',
  data: new Uint8Array(bytes).fill(0x13),
  textOffset: 2 * MIB,
  memorySize,
});

const configuration = (memoryBytes: number, commandLine = ''): MachineConfiguration => ({
  memoryBytes,
  clock: 'host',
  rngSeed: new Uint8Array(32).fill(7),
  wallClockBase: 0n,
  devices: [],
  commandLine,
});

interface Written {
  readonly address: number;
  readonly data: Uint8Array;
}

function place(memoryBytes: number, guest: Guest, commandLine?: string) {
  const written: Written[] = [];
  const start = placeGuest(configuration(memoryBytes, commandLine), guest, {
    write: (address, data) => void written.push({ address, data }),
  });
  const tree = written.find(({ address }) => address === start.deviceTree);
  return { ...start, written, chosen: find(unflatten(tree?.data ?? new Uint8Array(0)), '/chosen').properties };
}

const refusal = (memoryBytes: number, guest: Guest): FitError => {
  try {
    checkFits(configuration(memoryBytes), guest);
  } catch (error) {
    if (error instanceof FitError) return error;
    throw error;
  }
  throw new Error('it fits');
};

const MEMORIES = [MIB, 2 * MIB, 3 * MIB, 4 * MIB, 4 * MIB + PAGE_BYTES, 5 * MIB, 8 * MIB, 8 * MIB - PAGE_BYTES];
MEMORIES.push(128 * MIB, 128 * MIB + 37 * PAGE_BYTES, GIB, 2 * GIB, MAX_RAM_BYTES);

const GUESTS: readonly (readonly [string, Guest])[] = [
  ['a flat binary', flat(5000)],
  ['a flat binary and a ramdisk', { ...flat(5000), initrd: new Uint8Array(12_345) }],
  ['a kernel', linux(5000, 70_000)],
  ['a kernel and a ramdisk', { ...linux(5000, 70_000), initrd: new Uint8Array(12_345) }],
  ['a kernel, firmware and a ramdisk', { ...linux(5000), firmware: flat(9000), initrd: new Uint8Array(4096) }],
  ['a flat binary behind firmware', { ...flat(5000), firmware: flat(9000) }],
];

describe.each(GUESTS)('%s', (_name, guest) => {
  const needs = guest.kind === 'linux' || guest.firmware !== undefined ? 2 * MIB + 200_000 : 0;

  // The tree's 2 MiB may be all that is left above the kernel's.
  const enough = (bytes: number): boolean => (bytes > 4 * MIB && bytes < 5 * MIB ? needs === 0 : bytes > needs);

  it.each(MEMORIES.filter(enough))('lies apart in %i bytes of memory', (memoryBytes) => {
    const { written, deviceTree, dynamicInfo, chosen } = place(memoryBytes, guest);
    const parts = written.map(({ address, data }) => ({ from: address, to: address + data.length }));
    const kernelAt = DRAM_BASE + (needs > 0 ? 2 * MIB : 0);
    // What a kernel zeroes belongs to it, too.
    if (guest.kind === 'linux') parts.push({ from: kernelAt + 5000, to: kernelAt + guest.memorySize });
    parts.sort((a, b) => a.from - b.from);
    let free = DRAM_BASE;
    for (const { from, to } of parts) {
      expect(from).toBeGreaterThanOrEqual(free);
      free = to;
    }
    expect(free).toBeLessThanOrEqual(DRAM_BASE + memoryBytes);
    expect(deviceTree % (memoryBytes > 4 * MIB ? 2 * MIB : 8)).toBe(0);
    expect(dynamicInfo % 8).toBe(0);
    expect(written.filter(({ data }) => data[0] === 0x13).map(({ address }) => address)).toContain(kernelAt);

    const [from, to] = ['start', 'end'].map((end) => chosen.get(`linux,initrd-${end}`)?.readBigUInt64BE());
    if (guest.initrd === undefined) {
      expect([from, to]).toEqual([undefined, undefined]);
    } else {
      expect(Number(from) % PAGE_BYTES).toBe(0);
      expect(Number(to) - Number(from)).toBe(guest.initrd.length);
      expect(written).toContainEqual({ address: Number(from), data: guest.initrd });
    }
  });
});

describe('the start', () => {
  it('of a kernel is in S-mode on the built-in SBI', () => {
    const start = place(8 * MIB, linux(5000));
    expect(start).toMatchObject({ entry: DRAM_BASE + 2 * MIB, supervised: true, dynamicInfo: 0 });
    expect(place(8 * MIB, flat(5000))).toMatchObject({ entry: DRAM_BASE, supervised: false, dynamicInfo: 0 });
  });

  it.each([0, 1, 2, 4])('is written but for the pages that are zero, from byte %i of a buffer on', (offset) => {
    const size = 9 * PAGE_BYTES + 100;
    const data = new Uint8Array(offset + size).subarray(offset);
    for (const at of [PAGE_BYTES - 1, 3 * PAGE_BYTES, 4 * PAGE_BYTES + 77, 8 * PAGE_BYTES + 4095]) data[at] = 1;
    const { written } = place(8 * MIB, { kind: 'flat', data });
    const parts = written.filter(({ address }) => address < DRAM_BASE + size);
    const memory = new Uint8Array(size);
    const touched = new Set<number>();
    for (const { address, data: part } of parts) {
      memory.set(part, address - DRAM_BASE);
      for (let at = 0; at < part.length; at += PAGE_BYTES) touched.add((address - DRAM_BASE + at) / PAGE_BYTES);
    }
    expect(memory).toEqual(data.slice());
    // The last page is not a whole one.
    if (data.byteOffset % 4 === 0) expect([...touched]).toEqual([0, 3, 4, 8, 9]);
  });

  it('of firmware has what OpenSBI wants to know of the kernel', () => {
    const start = place(8 * MIB, { ...linux(5000), firmware: flat(9000) });
    expect(start).toMatchObject({ entry: DRAM_BASE, supervised: false });
    const info = start.written.find(({ address }) => address === start.dynamicInfo);
    const words = new BigUint64Array(info?.data.slice().buffer ?? new ArrayBuffer(0));
    expect([...words]).toEqual([0x4942534fn, 2n, BigInt(DRAM_BASE + 2 * MIB), 1n, 0n, 0n]);
  });

  it('has the command line in the device tree', () => {
    expect(
      place(8 * MIB, linux(5000), 'console=ttyS0 ö')
        .chosen.get('bootargs')
        ?.toString(),
    ).toBe('console=ttyS0 ö\0');
    expect(place(8 * MIB, linux(5000)).chosen.has('bootargs')).toBe(false);
  });
});

describe('what has no place is named', () => {
  it.each<[string, number, Guest, FitError['part'], RegExp]>([
    ['a kernel in a tiny memory', MIB, linux(5000), 'kernel', /^1053576 bytes too large for a memory of 1048576 bytes/],
    [
      'a kernel that reaches to the top',
      8 * MIB,
      linux(6 * MIB),
      'kernel',
      /^it reaches into the device tree at 0x80600000$/,
    ],
    ['what a kernel zeroes', 8 * MIB, linux(5000, 5 * MIB), 'kernel', /^it reaches into the device tree/],
    ['a flat binary that fills memory', MIB, flat(MIB), 'kernel', /^it reaches into the device tree at 0x800f[ef]000$/],
    [
      'firmware larger than memory',
      8 * MIB,
      { ...linux(5000), firmware: flat(9 * MIB) },
      'firmware',
      /^1048576 bytes too/,
    ],
    [
      'firmware over the kernel',
      8 * MIB,
      { ...linux(5000), firmware: flat(3 * MIB) },
      'firmware',
      /^it and the guest want/,
    ],
    [
      'firmware near the top',
      16 * MIB,
      { ...linux(5000), firmware: high(15 * MIB) },
      'firmware',
      /^it reaches into the device/,
    ],
    [
      'a ramdisk',
      8 * MIB,
      { ...linux(5000), initrd: new Uint8Array(4 * MIB) },
      'initrd',
      /^5000 bytes too large for what is left/,
    ],
    [
      'a ramdisk larger than memory',
      MIB,
      { ...flat(50), initrd: new Uint8Array(2 * MIB) },
      'initrd',
      /^\d+ bytes too large/,
    ],
  ])('%s', (_name, memoryBytes, guest, part, message) => {
    const error = refusal(memoryBytes, guest);
    expect(error.message).toMatch(message);
    expect(error.part).toBe(part);
  });

  /** Firmware with a segment so far above the start of memory. */
  function high(offset: number): GuestImage {
    const address = DRAM_BASE + offset;
    const segment = { address, virtualAddress: BigInt(address), data: new Uint8Array(8), memorySize: 8 };
    const elf = { entry: address, segments: [{ ...segment, executable: true, writable: false }], symbols: undefined };
    return { kind: 'elf', elf: elf as unknown as Extract<GuestImage, { kind: 'elf' }>['elf'] };
  }
});
