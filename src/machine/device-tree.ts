/**
 * The device tree handed to the guest: a writer of the flattened format, and the board described in it. Follows the
 * Devicetree Specification 0.4, chapter 5 ("Flattened Devicetree Format", version 17), and the bindings that Linux and
 * OpenSBI know; the tree has the structure of the one that QEMU's virt board hands out.
 */

/** A property's value: text, texts, 32-bit cells, raw bytes, or `true` for one that is merely there. */
export type PropertyValue = string | readonly string[] | number | readonly number[] | Uint8Array | true;

export interface TreeNode {
  readonly name: string;
  readonly properties: Readonly<Record<string, PropertyValue>>;
  readonly children?: readonly TreeNode[];
}

/** Where the board's parts lie and which PLIC source each raises. */
export const BOARD = {
  finisher: { base: 0x100000, size: 0x1000 },
  rtc: { base: 0x101000, size: 0x1000, irq: 11 },
  clint: { base: 0x2000000, size: 0x10000 },
  plic: { base: 0xc000000, size: 0x600000, sources: 96 },
  uart: { base: 0x10000000, size: 0x100, irq: 10 },
  /** Slot n lies at base + n * size and raises irq + n. */
  virtio: { base: 0x10001000, size: 0x1000, slots: 8, irq: 1 },
  dram: { base: 0x80000000 },
  /** Ticks of guest time a second. */
  timebase: 10_000_000,
  /** The UART's input clock, in Hz. */
  uartClock: 3_686_400,
} as const;

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

const MAGIC = 0xd00dfeed;
const VERSION = 17;
const COMPATIBLE_VERSION = 16;
const HEADER_BYTES = 40;
const RESERVATION_BYTES = 16;
const BEGIN_NODE = 1;
const END_NODE = 2;
const PROPERTY = 3;
const END = 9;

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
    properties: { '#address-cells': 1, '#size-cells': 0, 'timebase-frequency': BOARD.timebase },
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

/** A tree in the flattened format. */
export function flatten(root: TreeNode): Uint8Array {
  const words: Uint8Array[] = [];
  const strings = new StringBlock();
  writeNode(root, words, strings);
  words.push(cell(END));
  const structure = join(words);
  const names = strings.bytes();
  const structureStart = HEADER_BYTES + RESERVATION_BYTES;
  const stringsStart = structureStart + structure.length;
  // The total is a multiple of 8, so that what lies behind the tree stays aligned.
  const total = (stringsStart + names.length + 7) & ~7;
  const header = [MAGIC, total, structureStart, stringsStart, HEADER_BYTES, VERSION, COMPATIBLE_VERSION, 0];
  const tree = new Uint8Array(total);
  tree.set(join([...header, names.length, structure.length].map(cell)));
  tree.set(structure, structureStart);
  tree.set(names, stringsStart);
  return tree;
}

function writeNode(node: TreeNode, words: Uint8Array[], strings: StringBlock): void {
  words.push(cell(BEGIN_NODE), padded(text(node.name)));
  for (const [name, value] of Object.entries(node.properties)) {
    const data = encode(value);
    words.push(cell(PROPERTY), cell(data.length), cell(strings.offset(name)), padded(data));
  }
  for (const child of node.children ?? []) writeNode(child, words, strings);
  words.push(cell(END_NODE));
}

/** Property names, each stored once. */
class StringBlock {
  private readonly offsets = new Map<string, number>();
  private readonly parts: Uint8Array[] = [];
  private length = 0;

  offset(name: string): number {
    const known = this.offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.length;
    const part = text(name);
    this.offsets.set(name, offset);
    this.parts.push(part);
    this.length += part.length;
    return offset;
  }

  bytes(): Uint8Array {
    return join(this.parts);
  }
}

function encode(value: PropertyValue): Uint8Array {
  if (value === true) return new Uint8Array(0);
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return cell(value);
  if (ArrayBuffer.isView(value)) return value;
  return join(
    (value as readonly (string | number)[]).map((item) => (typeof item === 'string' ? text(item) : cell(item))),
  );
}

function cell(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

const encoder = new TextEncoder();

function text(value: string): Uint8Array {
  return encoder.encode(`${value}\0`);
}

function padded(data: Uint8Array): Uint8Array {
  const whole = new Uint8Array((data.length + 3) & ~3);
  whole.set(data);
  return whole;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
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
