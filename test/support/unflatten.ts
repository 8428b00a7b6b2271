/** Reads a flattened device tree by the letter of the Devicetree Specification 0.4, chapter 5, and checks it on the way. */
export interface TreeNode {
  readonly properties: Map<string, Buffer>;
  readonly children: Map<string, TreeNode>;
}

/** Reads a tree by the letter of the specification, and checks the header on the way. */
export function unflatten(bytes: Uint8Array): TreeNode {
  const tree = Buffer.from(bytes);
  const header = Array.from({ length: 10 }, (_, i) => tree.readUInt32BE(4 * i));
  const [magic, total, structure, strings, reservations, version, compatible, bootCpu, stringsSize, structureSize] =
    header;
  expect([magic, version, compatible, bootCpu]).toEqual([0xd00dfeed, 17, 16, 0]);
  expect(total).toBe(tree.length);
  expect(reservations % 8).toBe(0);
  expect(tree.subarray(reservations, reservations + 16).every((byte) => byte === 0)).toBe(true);
  expect(structure % 4).toBe(0);
  expect(strings + stringsSize).toBeLessThanOrEqual(total);
  let at = structure;
  const word = (): number => tree.readUInt32BE((at += 4) - 4);
  const text = (from: number): string => tree.toString('utf8', from, tree.indexOf(0, from));
  const node = (): TreeNode => {
    const name = text(at);
    at = (at + name.length + 1 + 3) & ~3;
    const properties = new Map<string, Buffer>();
    const children = new Map<string, TreeNode>();
    for (let token = word(); token !== 2; token = word()) {
      if (token === 3) {
        const length = word();
        const property = text(strings + word());
        properties.set(property, tree.subarray(at, at + length));
        at = (at + length + 3) & ~3;
      } else {
        expect(token).toBe(1);
        children.set(text(at), node());
      }
    }
    return { properties, children };
  };
  expect(word()).toBe(1);
  const root = node();
  expect(word()).toBe(9);
  expect(at).toBe(structure + structureSize);
  return root;
}

export function find(root: TreeNode, path: string): TreeNode {
  let node = root;
  for (const part of path.split('/').slice(1)) {
    const child = node.children.get(part);
    if (child === undefined) throw new Error(`no node ${part} in ${path}`);
    node = child;
  }
  return node;
}
