/**
 * The device tree handed to the guest: the board described with the bindings that Linux and OpenSBI know (Devicetree
 * Specification 0.4, chapters 2 to 4). It has the structure of the tree that QEMU's virt board hands out.
 */
import { BOARD } from './board-map.js';
import { TIMEBASE_HZ } from './configuration.js';
import { flatten, type PropertyValue, type TreeNode } from './flattened-tree.js';

/** What the hart can do, in the order of the ISA naming conventions. */
const ISA_EXTENSIONS = [
  ...['i', 'm', 'a', 'f', 'd', 'c'],
  ...['zicntr', 'zicsr', 'zifencei', 'zba', 'zbb', 'zbs', 'zkr', 'sstc'],
] as const;

export interface DeviceTreeConfig {
  /** Bytes of RAM. */
  readonly ramBytes: number;
  /** /chosen/bootargs; left out where absent. */
  readonly bootArguments?: string;
  /** /chosen/rng-seed, 32 bytes; left out where absent. */
  readonly rngSeed?: Uint8Array;
  /** Where the initial ramdisk lies: [start, end). */
  readonly initrd?: { readonly start: number; readonly end: number };
}

const INTC = 1;
const CPU = 2;
const PLIC = 3;
const TEST = 4;

/** The board as a flattened device tree. */
export function buildDeviceTree(config: DeviceTreeConfig): Uint8Array {
  return flatten(describeBoard(config));
}

/** The board as a tree. */
function describeBoard(config: DeviceTreeConfig): TreeNode {
  return {
    name: '',
    properties: {
      '#address-cells': 2,
      '#size-cells': 2,
      compatible: 'riscv-virtio',
      model: 'riscv-virtio,vmft',
    },
    children: [
      chosen(config),
      { name: 'aliases', properties: { serial0: `/soc/${at('serial', BOARD.uart.base)}` } },
      syscon('poweroff', 0x5555),
      syscon('reboot', 0x7777),
      {
        name: at('memory', BOARD.dram.base),
        properties: { device_type: 'memory', reg: reg(BOARD.dram.base, config.ramBytes) },
      },
      cpus(),
      {
        name: 'soc',
        properties: { '#address-cells': 2, '#size-cells': 2, compatible: 'simple-bus', ranges: true },
        children: soc(),
      },
    ],
  };
}

function chosen(config: DeviceTreeConfig): TreeNode {
  const properties: Record<string, PropertyValue> = { 'stdout-path': `/soc/${at('serial', BOARD.uart.base)}` };
  if (config.bootArguments !== undefined) properties['bootargs'] = config.bootArguments;
  if (config.rngSeed !== undefined) properties['rng-seed'] = config.rngSeed;
  if (config.initrd !== undefined) {
    properties['linux,initrd-start'] = cells64(config.initrd.start);
    properties['linux,initrd-end'] = cells64(config.initrd.end);
  }
  return { name: 'chosen', properties };
}

function syscon(name: string, value: number): TreeNode {
  return { name, properties: { compatible: `syscon-${name}`, regmap: TEST, offset: 0, value } };
}

function cpus(): TreeNode {
  const multiLetter = ISA_EXTENSIONS.filter((extension) => extension.length > 1);
  const singleLetter = ISA_EXTENSIONS.filter((extension) => extension.length === 1);
  return {
    name: 'cpus',
    properties: { '#address-cells': 1, '#size-cells': 0, 'timebase-frequency': TIMEBASE_HZ },
    children: [
      {
        name: 'cpu@0',
        properties: {
          phandle: CPU,
          device_type: 'cpu',
          reg: 0,
          status: 'okay',
          compatible: 'riscv',
          'riscv,isa': `rv64${singleLetter.join('')}_${multiLetter.join('_')}`,
          'riscv,isa-base': 'rv64i',
          'riscv,isa-extensions': ISA_EXTENSIONS,
          'mmu-type': 'riscv,sv39',
        },
        children: [
          {
            name: 'interrupt-controller',
            properties: {
              phandle: INTC,
              compatible: 'riscv,cpu-intc',
              'interrupt-controller': true,
              '#interrupt-cells': 1,
            },
          },
        ],
      },
      {
        name: 'cpu-map',
        properties: {},
        children: [{ name: 'cluster0', properties: {}, children: [{ name: 'core0', properties: { cpu: CPU } }] }],
      },
    ],
  };
}

function soc(): TreeNode[] {
  const { finisher, rtc, clint, plic, uart, virtio } = BOARD;
  const wired = (irq: number): Record<string, PropertyValue> => ({ 'interrupt-parent': PLIC, interrupts: irq });
  const slots = Array.from({ length: virtio.slots }, (_, slot): TreeNode => {
    const base = virtio.base + slot * virtio.size;
    const properties = { compatible: 'virtio,mmio', reg: reg(base, virtio.size), ...wired(virtio.irq + slot) };
    return { name: at('virtio_mmio', base), properties };
  });
  return [
    {
      name: at('test', finisher.base),
      properties: {
        phandle: TEST,
        compatible: ['sifive,test1', 'sifive,test0', 'syscon'],
        reg: reg(finisher.base, finisher.size),
      },
    },
    {
      name: at('rtc', rtc.base),
      properties: { compatible: 'google,goldfish-rtc', reg: reg(rtc.base, rtc.size), ...wired(rtc.irq) },
    },
    {
      name: at('clint', clint.base),
      properties: {
        compatible: ['sifive,clint0', 'riscv,clint0'],
        reg: reg(clint.base, clint.size),
        // Machine software (3) and timer (7) interrupts.
        'interrupts-extended': [INTC, 3, INTC, 7],
      },
    },
    {
      name: at('plic', plic.base),
      properties: {
        phandle: PLIC,
        compatible: ['sifive,plic-1.0.0', 'riscv,plic0'],
        reg: reg(plic.base, plic.size),
        'interrupt-controller': true,
        '#interrupt-cells': 1,
        '#address-cells': 0,
        'riscv,ndev': plic.sources - 1,
        // Machine (11) and supervisor (9) external interrupts.
        'interrupts-extended': [INTC, 11, INTC, 9],
      },
    },
    {
      name: at('serial', uart.base),
      properties: {
        compatible: 'ns16550a',
        reg: reg(uart.base, uart.size),
        'clock-frequency': BOARD.uartClock,
        ...wired(uart.irq),
      },
    },
    ...slots,
  ];
}

function cells64(value: number): readonly number[] {
  return [Math.floor(value / 2 ** 32), value % 2 ** 32];
}

/** A `reg` of one region, two cells for the address and two for the size. */
function reg(base: number, size: number): readonly number[] {
  return [...cells64(base), ...cells64(size)];
}

function at(name: string, base: number): string {
  return `${name}@${base.toString(16)}`;
}
