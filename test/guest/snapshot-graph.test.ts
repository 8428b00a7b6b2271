/**
 * What a snapshot covers: machines with random state in every part, saved and restored into a fresh one, are compared
 * field by field, whatever the parts call their state. A field that `state` forgets is found here by its path.
 */
import { CSR } from '../../src/isa/csrs.js';
import { assemble } from '../../src/isa/assemble.js';
import { DRAM_BASE, HART } from '../../src/hart/layout.js';
import type { DiskRequest } from '../../src/machine/devices/virtio/blk-request.js';
import type { Environment } from '../../src/machine/environment.js';
import type { GuestImage } from '../../src/machine/image.js';
import { Machine } from '../../src/machine/machine.js';
import { restoreSaved, saveState } from '../../src/replay/snapshot.js';
import { Dice, NET_AND_RNG, configurationOf, guestImage } from './replay-rig.js';
import { sameSaved } from './snapshot-rig.js';

/** Parts that hold nothing the guest can see, with the reason. */
const ASIDE: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^\.environment$/, 'the outside'],
  [/^\.engine$/, 'caches: TLBs, decoded code, dirty pages; the position is compared apart'],
  [/^\.console\.buffer$/, 'spent beyond its length, and compared up to there by what is saved'],
  [/^\.need$/, 'made anew each time it is handed out'],
  [/^\.(rebooting|toiled)$/, 'never set at a boundary'],
  [/^\.(events|hart\.changes)$/, 'count what may have changed something, for whoever compares machines'],
  [/^\.hart\.counters\.asking$/, 'set aside for the time of one read'],
  [/^\.hart\.mmu\.(faultCause|leaf|leafLevel)$/, 'answers of the last translation, read at once by who asked for it'],
  [/\.context$|[pP]orts$/, 'closures over the parts that are compared themselves'],
];

/** Words of the shared memory below the TLBs that are the engine's own, or mean nothing without a reservation. */
function sharedWords(memory: ArrayBufferLike): Map<string, number> {
  const words = new Map<string, number>();
  const view = new DataView(memory);
  const ours = (at: number): boolean =>
    (at >= HART.sink && at < HART.sink + 8) ||
    (at >= HART.scratch && at < HART.scratch + 64) ||
    at === HART.budget ||
    at === HART.attention ||
    (at >= HART.exitCause && at <= HART.jumps);
  const reserved = view.getUint32(HART.reserved, true) !== 0;
  for (let at = 0; at < 0x400; at += 4) {
    const stale = !reserved && [HART.reservation, HART.reservedValue].some((word) => at >= word && at < word + 8);
    if (!ours(at) && !stale) words.set(`.memory[0x${at.toString(16)}]`, view.getUint32(at, true));
  }
  return words;
}

const MEMORY = 4 * 2 ** 20;
const DISK = { kind: 'block', slot: 2, capacity: 2 ** 20, mode: 'snapshot', readOnly: false } as const;
const CONSOLE_SLOT = 6;
const CONSOLE = { kind: 'console', slot: CONSOLE_SLOT } as const;
const DEVICES = [...NET_AND_RNG, DISK, CONSOLE];
const TOHOST = 0x8020_0000;

type Leaf = string | number | bigint | boolean;

/** Every field that can be reached from a machine, by path. */
function leavesOf(machine: Machine): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>(sharedWords(machine.ram.buffer));
  const seen = new Set<unknown>();
  const visit = (value: unknown, path: string): void => {
    if (ASIDE.some(([pattern]) => pattern.test(path))) return;
    if (typeof value === 'function' || value === undefined) return void leaves.set(path, String(typeof value));
    if (typeof value !== 'object' || value === null) return void leaves.set(path, value as Leaf);
    if (seen.has(value)) return;
    seen.add(value);
    if (ArrayBuffer.isView(value)) {
      // Views of the shared memory are compared once, as what they show.
      if (value.buffer !== machine.ram.buffer)
        leaves.set(path, Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex'));
    } else if ('contents' in value && typeof value.contents === 'function') {
      // A queue's own ends and capacity are not its contents.
      leaves.set(path, Buffer.from((value.contents as () => Uint8Array).call(value)).toString('hex'));
    } else if ('active' in value && 'count' in value) {
      // Behind the PMP's active regions lie what were others.
      const { count } = value as { count: number };
      for (const [key, item] of Object.entries(value)) {
        visit(['active', 'from', 'to'].includes(key) ? (item as Uint8Array).slice(0, count) : item, `${path}.${key}`);
      }
    } else if (value instanceof Map) {
      for (const [key, item] of value) visit(item, `${path}.${String(key)}`);
    } else {
      for (const [key, item] of Object.entries(value)) visit(item, `${path}.${key}`);
    }
  };
  visit(machine, '');
  leaves.set('.position', machine.position);
  return leaves;
}

/** An environment that answers at random and forgets what leaves. */
function randomEnvironment(dice: Dice): Environment {
  let time = 0;
  return {
    nextStop: (position) => position + 1000,
    takeInputs: () => [],
    readTime: () => (time += dice.roll(1000)),
    readEntropy: (_, length) => dice.bytes(length),
    emit: () => undefined,
  };
}

const ALL_ONES = 2n ** 64n - 1n;

interface Reachable {
  readonly hart: { readonly csrs: ReadonlyMap<number, { write?(value: bigint, touched: bigint): void }> };
  readonly board: {
    readonly devices: { write(at: number, size: number, value: number): void; name: string }[];
    readonly disks: ReadonlyMap<number, { inFlight: DiskRequest[] }>;
    readonly htif?: { written(): void };
  };
}

const WINDOWS: Readonly<Record<string, number>> = { uart0: 8, rtc: 0x20 };
const SIZES = [1, 2, 4, 4, 4, 4] as const;

/** Gives every part of a machine random state, by way of what a guest or the outside can do. */
function stir(machine: Machine, dice: Dice): void {
  const word = (): bigint => BigInt(dice.roll(2 ** 32)) | (BigInt(dice.roll(2 ** 32)) << 32n);
  const { hart, board } = machine;
  const { devices } = (machine as unknown as Reachable).board;
  for (const device of devices.filter(({ name }) => name !== 'finisher')) {
    for (let i = 0; i < 60; i++) {
      const size = SIZES[dice.roll(SIZES.length)];
      const at = place(device.name, dice) & -size;
      device.write(at, size, dice.roll(3) === 0 ? dice.roll(16) : dice.roll(2 ** 32));
    }
  }
  driveVirtio(machine, devices, dice);
  useDisk(machine, dice);
  askHostInterface(machine, dice);
  // What either console has sent, and has not left yet.
  board.ports.console(dice.roll(2) * CONSOLE_SLOT, dice.bytes(1 + dice.roll(8)));
  for (let n = dice.roll(2) * dice.roll(40); n > 0; n--)
    board.receiveConsole(dice.roll(2) * CONSOLE_SLOT, dice.bytes(dice.roll(9)));
  if (dice.roll(2) === 0) board.resizeConsole(CONSOLE_SLOT, dice.roll(65536), dice.roll(65536));
  for (let n = dice.roll(4); n > 0; n--) board.receivePacket(0, dice.bytes(dice.roll(2000)));
  // As an instruction would, but that none of them traps.
  for (const [number, csr] of (machine as unknown as Reachable).hart.csrs) {
    // Of full words few are times that come, and few are page tables.
    const value = dice.roll(2) === 0 ? word() >> 32n : word();
    if (dice.roll(2) === 0) csr.write?.(number === CSR.satp ? (8n << 60n) | (value >> 20n) : value, ALL_ONES);
  }
  (machine as unknown as { skipped: number }).skipped = dice.roll(1e9);
  for (let i = 0; i < 32; i++) {
    hart.setX(i, word());
    hart.setF(i, word());
  }
  hart.pc = word() & ~1n;
  hart.waiting = dice.roll(2) === 0;
  // Ends the wait where an interrupt is there already.
  hart.privilege = ([0, 1, 3] as const)[dice.roll(3)];
  if (dice.roll(2) === 0) machine.off = { status: dice.roll(256) };
  if (dice.roll(2) === 0) machine.advance(machine.position);
}

/** Requests in flight, and sectors that were written. */
function useDisk(machine: Machine, dice: Dice): void {
  const disk = (machine as unknown as Reachable).board.disks.get(2);
  if (disk === undefined) throw new Error('there is no disk');
  disk.inFlight = Array.from({ length: dice.roll(4) }, () => ({
    head: dice.roll(256) - 1,
    operation: (['read', 'write', 'flush'] as const)[dice.roll(3)],
    offset: 512 * dice.roll(100),
    length: 512 * dice.roll(9),
    status: dice.roll(2 ** 32),
    targets: Array.from({ length: dice.roll(3) }, () => ({ address: dice.roll(2 ** 32), length: dice.roll(9999) })),
    data: dice.bytes(dice.roll(3) * 512),
  }));
  const [overlay] = machine.overlays;
  for (let n = dice.roll(4); n > 0; n--) overlay.write(512 * dice.roll(100), dice.bytes(512 * (1 + dice.roll(20))));
  if (dice.roll(4) === 0) for (const number of [...overlay.clusters.keys()]) overlay.put(number, undefined);
}

/** Console reads by HTIF: more than there are bytes to read, or fewer. */
function askHostInterface(machine: Machine, dice: Dice): void {
  const { htif } = (machine as unknown as Reachable).board;
  if (htif === undefined) return;
  for (let n = dice.roll(20); n > 0; n--) {
    const page = machine.ram.slice(TOHOST - DRAM_BASE, TOHOST - DRAM_BASE + 4096);
    page[7] = 1;
    machine.restoreRam((TOHOST - DRAM_BASE) / 4096, page);
    htif.written();
  }
}

/** An offset among a device's registers; those of PLIC and CLINT are few and far between. */
function place(device: string, dice: Dice): number {
  const one = (of: readonly number[]): number => of[dice.roll(of.length)];
  if (device === 'clint') return one([0, 0x4000, 0x4004, 0xbff8, 0xbffc]);
  if (device === 'plic') return one([0, 0x1000, 0x2000, 0x2080, 0x200000, 0x201000]) + dice.roll(0x180);
  return dice.roll(WINDOWS[device] ?? 0x100);
}

/** Sets up the queues of the network card and the entropy device: half of the time well enough to run. */
function driveVirtio(machine: Machine, devices: Reachable['board']['devices'], dice: Dice): void {
  for (const device of devices.filter(({ name }) => /virtio\d-/.test(name))) {
    if (dice.roll(4) === 0) continue;
    const set = (at: number, value: number): void => device.write(at, 4, value >>> 0);
    set(0x70, 0);
    set(0x70, 3);
    set(0x24, 1);
    set(0x20, 1);
    set(0x24, 0);
    set(0x20, device.name.endsWith('net') ? 0x8020 : 0);
    set(0x70, 11);
    for (const queue of [0, 1]) {
      const base = DRAM_BASE + 0x100000 + queue * 0x10000 + dice.roll(16) * 4096;
      machine.restoreRam((base - DRAM_BASE) / 4096 + 1, dice.bytes(4096));
      set(0x30, queue);
      set(0x38, 2 ** dice.roll(8));
      set(0x80, base);
      set(0x90, base + 4096);
      set(0xa0, base + 8192);
      set(0x44, 1);
    }
    set(0x70, 15);
    set(0x50, dice.roll(2));
  }
}

/** Adds to a doubleword by LR and SC for ever, and sends its low byte to the console. */
const PROGRAM = [
  assemble('lr.d', { rd: 6, rs1: 5 }),
  assemble('addi', { rd: 6, rs1: 6, imm: 1 }),
  assemble('sc.d', { rd: 7, rs1: 5, rs2: 6 }),
  assemble('sb', { rs1: 28, rs2: 6 }),
  assemble('jal', { imm: -16 }),
];

/** The image of `hello` as if it had the symbols of HTIF. */
function withHostInterface(image: GuestImage): GuestImage {
  if (image.kind !== 'elf') throw new Error('no ELF');
  const addresses: Readonly<Record<string, bigint>> = { tohost: BigInt(TOHOST), fromhost: BigInt(TOHOST + 64) };
  const symbols = { find: (name: string) => name in addresses && { address: addresses[name] }, describe: () => '' };
  return { kind: 'elf', elf: { ...image.elf, symbols: symbols as unknown as typeof image.elf.symbols } };
}

const IMAGES = [guestImage('hello'), withHostInterface(guestImage('hello')), guestImage('supervisor')];

function build(image: GuestImage, dice: Dice): Machine {
  return new Machine(
    configurationOf({ memoryBytes: MEMORY, clock: 'virtual', devices: DEVICES }),
    image,
    randomEnvironment(dice),
  );
}

/** Runs the program above for a while, in M-mode, and stops it between LR and SC. */
function runProgram(machine: Machine, dice: Dice): void {
  const code = new Uint8Array(4096);
  PROGRAM.forEach((word, i) => new DataView(code.buffer).setUint32(i * 4, word, true));
  machine.restoreRam(16, code);
  machine.hart.pc = BigInt(DRAM_BASE + 16 * 4096);
  machine.hart.setX(5, BigInt(DRAM_BASE + 17 * 4096));
  machine.hart.setX(28, 0x1000_0000n);
  machine.advance(machine.position + PROGRAM.length * dice.roll(200) + 1 + dice.roll(2));
}

const differences = (a: ReadonlyMap<string, Leaf>, b: ReadonlyMap<string, Leaf>): string[] =>
  [...new Set([...a.keys(), ...b.keys()])].filter((path) => a.get(path) !== b.get(path));

/** What no stirring changes, though it is compared too. */
const CONSTANT = [
  /^\.(configuration|image|hart\.csrNames)|^\.hart\.csrs.*\.(volatile|writeOnly)$|\.name$|\.configuration$|\.(deviceId|maximum|base|size|end|ramBytes|length|mode|bit|ramEnd)$/,
  // x0, and words that nothing uses.
  /^\.memory\[0x([04]|1..|3(34|[4-9a-f].))\]$/,
  /\.(features|queueSizes|offered|addresses|windows)\b/,
];

it.each([0, 1, 2])('a restored machine has every field of the one that was saved, image %i', (index) => {
  const dice = new Dice(77 + index);
  const stirred = new Set<string>();
  const fresh = leavesOf(build(IMAGES[index], dice));
  // Into one machine again and again, and now and then into a new one: what is left behind differs.
  let target = build(IMAGES[index], dice);
  let machine = build(IMAGES[index], dice);
  for (let round = 0; round < 24; round++) {
    if (round % 8 === 5) target = build(IMAGES[index], dice);
    if (round % 3 === 0) {
      machine = build(IMAGES[index], dice);
      runProgram(machine, dice);
    }
    stir(machine, dice);
    const leaves = leavesOf(machine);
    for (const path of differences(leaves, fresh)) stirred.add(path);
    const saved = saveState(machine);
    restoreSaved(target, saved);
    expect(differences(leavesOf(target), leaves)).toEqual([]);
    expect(Buffer.compare(target.ram, machine.ram)).toBe(0);
    expect(sameSaved(saveState(target), saved)).toBe(true);
  }
  // Nothing was compared that was not different before.
  const calm = [...fresh.keys()].filter(
    (path) => !stirred.has(path) && !/^(function|undefined)$/.test(`${fresh.get(path)}`),
  );
  expect(calm.filter((path) => !CONSTANT.some((pattern) => pattern.test(path)))).toEqual([]);
});
