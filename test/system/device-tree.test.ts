/**
 * The board's device tree against Debian's device tree compiler (package device-tree-compiler): it must read the tree
 * without an error or a warning that is ours.
 */
import { spawnSync } from 'node:child_process';
import { buildDeviceTree } from '../../src/machine/device-tree.js';

/** Missing #address-cells in the hart's own interrupt controller: QEMU's tree and the kernel's bindings leave it out. */
const ACCEPTED = ['interrupt_provider'];

it('is read by dtc without warnings', () => {
  const tree = buildDeviceTree({
    ramBytes: 128 << 20,
    bootArguments: 'console=ttyS0',
    rngSeed: new Uint8Array(32).fill(7),
    initrd: { start: 0x8400_0000, end: 0x8500_0000 },
  });
  const { status, stdout, stderr } = spawnSync('dtc', ['-I', 'dtb', '-O', 'dts', '-'], { input: tree });
  expect(status).toBe(0);
  const complaints = stderr
    .toString()
    .split('\n')
    .filter((line) => line !== '');
  expect(complaints.filter((line) => !ACCEPTED.some((check) => line.includes(`(${check})`)))).toEqual([]);
  expect(stdout.toString()).toContain('sifive,plic-1.0.0');
});
