/** The flattened device tree: the format, read back by an independent little reader, and what the board says of itself. */
import { BOARD } from '../../src/machine/board-map.js';
import { buildDeviceTree } from '../../src/machine/device-tree.js';
import { flatten } from '../../src/machine/flattened-tree.js';
import { find, unflatten, type TreeNode } from '../support/unflatten.js';

const property = (root: TreeNode, path: string, name: string): Buffer => {
  const value = find(root, path).properties.get(name);
  if (value === undefined) throw new Error(`no property ${name} in ${path}`);
  return value;
};
const cells = (value: Buffer): number[] =>
  Array.from({ length: value.length / 4 }, (_, i) => value.readUInt32BE(4 * i));
const text = (value: Buffer): string => value.toString('utf8').replace(/\0$/, '');

describe('flatten', () => {
  it('writes every kind of value', () => {
    const root = unflatten(
      flatten({
        name: '',
        properties: { a: 'x', b: ['one', 'two'], c: 0xfedcba98, d: [1, 2], e: Uint8Array.of(1, 2, 3), f: true },
        children: [{ name: 'child@1', properties: { a: 'longer than before' } }],
      }),
    );
    expect(Object.fromEntries([...root.properties].map(([name, value]) => [name, value.toString('hex')]))).toEqual({
      a: '7800',
      b: '6f6e650074776f00',
      c: 'fedcba98',
      d: '0000000100000002',
      e: '010203',
      f: '',
    });
    expect(text(property(root, '/child@1', 'a'))).toBe('longer than before');
  });

  it('stores a property name once', () => {
    const child = (name: string) => ({ name, properties: { 'a-name-of-its-own': 1 } });
    const bytes = Buffer.from(flatten({ name: '', properties: {}, children: [child('x'), child('y')] }));
    expect(bytes.toString('latin1').split('a-name-of-its-own')).toHaveLength(2);
  });
});

describe('the board', () => {
  const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
  const root = unflatten(
    buildDeviceTree({
      ramBytes: 3 * 2 ** 30,
      bootArguments: 'console=ttyS0 quiet',
      rngSeed: seed,
      initrd: { start: 0x8400_0000, end: 0x1_0000_1234 },
    }),
  );

  it('has its memory, also more than 2 GiB of it', () => {
    expect(cells(property(root, '/memory@80000000', 'reg'))).toEqual([0, 0x8000_0000, 0, 0xc000_0000]);
  });

  it('hands over boot arguments, seed, ramdisk and console', () => {
    expect(text(property(root, '/chosen', 'bootargs'))).toBe('console=ttyS0 quiet');
    expect(new Uint8Array(property(root, '/chosen', 'rng-seed'))).toEqual(seed);
    expect(cells(property(root, '/chosen', 'linux,initrd-start'))).toEqual([0, 0x8400_0000]);
    expect(cells(property(root, '/chosen', 'linux,initrd-end'))).toEqual([1, 0x1234]);
    find(root, text(property(root, '/chosen', 'stdout-path')));
  });

  it('leaves out what is not there', () => {
    const { properties } = find(unflatten(buildDeviceTree({ ramBytes: 1 << 20 })), '/chosen');
    expect([...properties.keys()]).toEqual(['stdout-path']);
  });

  it('names what the hart can do in both ways', () => {
    const isa = text(property(root, '/cpus/cpu@0', 'riscv,isa'));
    expect(isa).toBe('rv64imafdc_zicntr_zicsr_zifencei_zba_zbb_zbs_zkr_sstc');
    const extensions = text(property(root, '/cpus/cpu@0', 'riscv,isa-extensions')).split('\0');
    expect(
      extensions.slice(0, 6).join('') +
        extensions
          .slice(6)
          .map((name) => `_${name}`)
          .join(''),
    ).toBe(isa.slice(4));
    expect(cells(property(root, '/cpus', 'timebase-frequency'))).toEqual([10_000_000]);
  });

  it('has every handle it refers to, and each handle once', () => {
    const handles: number[] = [];
    const references: number[] = [];
    const visit = (node: TreeNode): void => {
      for (const [name, value] of node.properties) {
        if (name === 'phandle') handles.push(...cells(value));
        else if (name === 'interrupt-parent' || name === 'regmap' || name === 'cpu') references.push(...cells(value));
        else if (name === 'interrupts-extended') references.push(...cells(value).filter((_, i) => i % 2 === 0));
      }
      for (const child of node.children.values()) visit(child);
    };
    visit(root);
    expect(new Set(handles).size).toBe(handles.length);
    expect(new Set(references)).toEqual(new Set(handles));
  });

  it('places its devices where their addresses say, without overlap', () => {
    const spans = [...find(root, '/soc').children].map(([name, node]) => {
      const [, base, , size] = cells(node.properties.get('reg') as Buffer);
      expect(name.split('@')[1]).toBe(base.toString(16));
      return { base, end: base + size };
    });
    expect(spans).toHaveLength(5 + BOARD.virtio.slots);
    spans.sort((a, b) => a.base - b.base);
    for (let i = 1; i < spans.length; i++) expect(spans[i].base).toBeGreaterThanOrEqual(spans[i - 1].end);
  });

  it('wires eight virtio slots to sources 1 to 8', () => {
    for (let slot = 0; slot < 8; slot++) {
      const path = `/soc/virtio_mmio@1000${slot + 1}000`;
      expect(cells(property(root, path, 'interrupts'))).toEqual([1 + slot]);
    }
  });
});
