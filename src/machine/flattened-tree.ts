/**
 * A writer of flattened device trees: Devicetree Specification 0.4, chapter 5 ("Flattened Devicetree Format"),
 * version 17.
 */

/** A property's value: text, texts, 32-bit cells, raw bytes, or `true` for one that is merely there. */
export type PropertyValue = string | readonly string[] | number | readonly number[] | Uint8Array | true;

export interface TreeNode {
  readonly name: string;
  readonly properties: Readonly<Record<string, PropertyValue>>;
  readonly children?: readonly TreeNode[];
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
