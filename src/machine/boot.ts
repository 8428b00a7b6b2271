/**
 * What lies in memory when the hart starts: the guest's image, and near the top of RAM the device tree.
 */
import { DRAM_BASE, PAGE_BYTES } from '../hart/layout.js';
import type { MachineConfiguration } from './configuration.js';
import { buildDeviceTree } from './device-tree.js';
import { FitError } from './elf.js';
import { ImageError, placeImage, type GuestImage } from './image.js';
import type { Ram } from './ram.js';

/** Linux wants the tree within one 2 MiB mapping. */
const TREE_ALIGNMENT = 2 * 1024 * 1024;

/** Writes image and device tree; answers where execution starts and where the tree lies. Throws FitError, ImageError. */
export function placeGuest(
  configuration: MachineConfiguration,
  image: GuestImage,
  ram: Ram,
): { entry: number; deviceTree: number } {
  if (image.kind === 'linux') throw new ImageError('a Linux kernel, which this version cannot boot');
  const { memoryBytes } = configuration;
  const { entry, placements } = placeImage(image, DRAM_BASE, memoryBytes);
  const tree = buildDeviceTree({
    ramBytes: memoryBytes,
    rngSeed: configuration.rngSeed,
    ...(configuration.commandLine === '' ? {} : { bootArguments: configuration.commandLine }),
  });
  const end = DRAM_BASE + memoryBytes;
  const room = Math.ceil(tree.length / PAGE_BYTES) * PAGE_BYTES;
  const deviceTree = memoryBytes > 2 * TREE_ALIGNMENT ? end - TREE_ALIGNMENT : end - room;
  for (const { address, data, memorySize } of placements) {
    if (address + memorySize > deviceTree) {
      throw new FitError(`it reaches into the device tree at 0x${deviceTree.toString(16)}`);
    }
    ram.write(address, data);
  }
  ram.write(deviceTree, tree);
  return { entry, deviceTree };
}
