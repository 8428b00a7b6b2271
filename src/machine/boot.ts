/**
 * What lies in memory when the hart starts: the guest's image, firmware below it where there is any, and near the top of
 * RAM the initial ramdisk and the device tree. Follows the kernel's "RISC-V Kernel Boot Requirements and Constraints";
 * firmware gets what QEMU's virt board hands to OpenSBI: OpenSBI's "FW_DYNAMIC", version 2.
 */
import { DRAM_BASE, PAGE_BYTES } from '../hart/layout.js';
import type { MachineConfiguration } from './configuration.js';
import type { GuestMemory } from './device.js';
import { buildDeviceTree } from './device-tree.js';
import { FitError } from './elf.js';
import { KERNEL_OFFSET, placeImage, type Guest, type PlacedImage } from './image.js';

const { floor } = Math;

/** Linux wants the tree within one 2 MiB mapping. */
const TREE_ALIGNMENT = 2 * 1024 * 1024;

/** struct fw_dynamic_info: six 64-bit words. */
const DYNAMIC_MAGIC = 0x4942_534f;
const DYNAMIC_VERSION = 2;
const NEXT_MODE_S = 1;

/** How the hart starts. */
interface Start {
  readonly entry: number;
  /** What a1 and a2 hold; a0 is the hart's number. */
  readonly deviceTree: number;
  readonly dynamicInfo: number;
  /** In S-mode, on the built-in SBI. */
  readonly supervised: boolean;
}

/** What goes where. */
interface Layout {
  readonly kernel: PlacedImage;
  readonly firmware: PlacedImage | undefined;
  /** [start, end) */
  readonly initrd: { readonly start: number; readonly end: number } | undefined;
  readonly deviceTree: number;
}

/** Writes all of the guest into memory; answers how the hart starts. Throws FitError. */
export function placeGuest(configuration: MachineConfiguration, guest: Guest, ram: Pick<GuestMemory, 'write'>): Start {
  const tree = treeOf(configuration, guest);
  const layout = layOut(guest, configuration.memoryBytes, tree.length);
  const { kernel, firmware, initrd, deviceTree } = layout;
  for (const placed of [firmware, kernel]) {
    const [only, ...more] = placed?.placements ?? [];
    if (only !== undefined && more.length === 0) writeContent(ram, only.address, only.data);
    // Segments of an ELF may overlap: what is zero in one hides what another has there.
    else for (const { address, data } of placed?.placements ?? []) ram.write(address, data);
  }
  if (initrd !== undefined && guest.initrd !== undefined) ram.write(initrd.start, guest.initrd);
  ram.write(deviceTree, initrd === undefined ? tree : treeOf(configuration, guest, initrd));
  if (firmware === undefined) {
    return { entry: kernel.entry, deviceTree, dynamicInfo: 0, supervised: guest.kind === 'linux' };
  }
  // Behind the device tree, in the page that layOut has left for it.
  const dynamicInfo = deviceTree + pages(tree.length);
  ram.write(dynamicInfo, dynamicInfoOf(kernel.entry));
  return { entry: firmware.entry, deviceTree, dynamicInfo, supervised: false };
}

/**
 * As `ram.write`, where memory is all zero: pages that stay so are left alone, since what is never touched costs the host
 * no memory. A quarter of Debian's kernel is such pages.
 */
function writeContent(ram: Pick<GuestMemory, 'write'>, address: number, data: Uint8Array): void {
  if (address % PAGE_BYTES !== 0 || data.byteOffset % 4 !== 0) {
    ram.write(address, data);
    return;
  }
  const words = new Int32Array(data.buffer, data.byteOffset, floor(data.length / 4));
  const flush = (from: number, to: number): void => {
    if (from < to) ram.write(address + from, data.subarray(from, to));
  };
  let from = 0;
  for (let page = 0; page + PAGE_BYTES <= data.length; page += PAGE_BYTES) {
    if (!isZero(words, page / 4)) continue;
    flush(from, page);
    from = page + PAGE_BYTES;
  }
  flush(from, data.length);
}

/** Whether a page is, by its first word. */
function isZero(words: Int32Array, first: number): boolean {
  for (let at = first; at < first + PAGE_BYTES / 4; at++) if (words[at] !== 0) return false;
  return true;
}

/** What of the configuration decides how much room there is. */
type Room = Pick<MachineConfiguration, 'memoryBytes' | 'rngSeed' | 'commandLine'>;

/** Throws FitError where memory has no room for a guest. */
export function checkFits(configuration: Room, guest: Guest): void {
  layOut(guest, configuration.memoryBytes, treeOf(configuration, guest).length);
}

/**
 * Places everything in a memory of `memoryBytes`. Throws FitError, which names the part that does not fit.
 *
 * @param treeBytes length of the device tree
 */
function layOut(guest: Guest, memoryBytes: number, treeBytes: number): Layout {
  const end = DRAM_BASE + memoryBytes;
  const room = pages(treeBytes) + (guest.firmware === undefined ? 0 : PAGE_BYTES);
  const top = end - room;
  const deviceTree = memoryBytes > 2 * TREE_ALIGNMENT ? top - (top % TREE_ALIGNMENT) : top;
  const firmware = guest.firmware && within('firmware', () => placeImage(guest.firmware!, DRAM_BASE, memoryBytes));
  const kernel = placeImage(guest, DRAM_BASE, memoryBytes, firmware === undefined ? 0 : KERNEL_OFFSET);
  if (firmware !== undefined && overlap(firmware, kernel)) {
    throw new FitError('it and the guest want the same memory', 'firmware');
  }
  const ends = { kernel: endOf(kernel), firmware: firmware === undefined ? 0 : endOf(firmware) };
  for (const part of ['firmware', 'kernel'] as const) {
    if (ends[part] <= deviceTree) continue;
    throw new FitError(`it reaches into the device tree at 0x${deviceTree.toString(16)}`, part);
  }
  const free = Math.max(ends.kernel, ends.firmware);
  if (guest.initrd === undefined) return { kernel, firmware, initrd: undefined, deviceTree };
  const start = deviceTree - pages(guest.initrd.length);
  if (start < free) {
    const bytes = free - start;
    throw new FitError(`${bytes} bytes too large for what is left of a memory of ${memoryBytes} bytes`, 'initrd');
  }
  return { kernel, firmware, initrd: { start, end: start + guest.initrd.length }, deviceTree };
}

/** The bytes of the device tree; they are as many wherever the ramdisk lies. */
function treeOf(configuration: Room, guest: Guest, initrd = { start: 0, end: 0 }): Uint8Array {
  return buildDeviceTree({
    ramBytes: configuration.memoryBytes,
    rngSeed: configuration.rngSeed,
    ...(configuration.commandLine === '' ? {} : { bootArguments: configuration.commandLine }),
    ...(guest.initrd === undefined ? {} : { initrd }),
  });
}

function dynamicInfoOf(next: number): Uint8Array {
  const words = [DYNAMIC_MAGIC, DYNAMIC_VERSION, next, NEXT_MODE_S, 0, 0];
  const bytes = new Uint8Array(words.length * 8);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => view.setBigUint64(index * 8, BigInt(word), true));
  return bytes;
}

/** Runs a placement, and says of which part it is that what does not fit. */
function within<T>(part: 'firmware', action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof FitError ? new FitError(error.message, part) : error;
  }
}

function endOf({ placements }: PlacedImage): number {
  return placements.reduce((end, { address, memorySize }) => Math.max(end, address + memorySize), 0);
}

function overlap(a: PlacedImage, b: PlacedImage): boolean {
  return a.placements.some((one) =>
    b.placements.some(
      (other) => one.address < other.address + other.memorySize && other.address < one.address + one.memorySize,
    ),
  );
}

function pages(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
}
