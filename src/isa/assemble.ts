/** From an instruction's name and operands to its word, by the patterns of the table. */
import type { Compressed, Instruction } from './instruction.js';
import type { Field, FieldName, Pattern } from './pattern.js';
import { matches, parsePattern, reader } from './pattern.js';
import { byName, compressed } from './table.js';

/**
 * Values of an instruction's fields, named as in `Decoded` (so a Zicsr instruction has the CSR number in `imm`, and
 * an immediate operand in `rs1`). Fields that are left out are 0.
 */
export type FieldValues = Partial<Record<FieldName, number>>;

const patterns = new Map(
  [...byName.values(), ...compressed].map((entry: Instruction | Compressed) => [
    entry.name,
    parsePattern(entry.pattern),
  ]),
);

const bitsOf = (field: Field, value: number): number =>
  ((((value - field.base) >>> field.to) & (2 ** field.width - 1)) << field.at) >>> 0;

/** Bits of all fields. A register that appears twice, as in `rs1/rd`, may be given once. */
function fill(pattern: Pattern, values: FieldValues): number {
  let raw = pattern.match;
  for (const field of pattern.fields) {
    const shared = pattern.fields.find((other) => other !== field && other.at === field.at);
    raw |= bitsOf(field, values[field.name] ?? (shared && values[shared.name]) ?? 0);
  }
  return raw >>> 0;
}

/**
 * The instruction word (unsigned; 16 bits for a `c.` name). Throws a `RangeError` for an unknown name, or an operand
 * that the encoding cannot hold or reserves.
 */
export function assemble(name: string, values: FieldValues = {}): number {
  const pattern = patterns.get(name);
  if (!pattern) throw new RangeError(`no instruction is called ${name}`);

  const raw = fill(pattern, values);
  for (const [field, value] of Object.entries(values) as [FieldName, number][])
    if (reader(pattern, field)(raw) !== value) throw new RangeError(`${name} cannot have ${field} = ${value}`);
  if (!matches(pattern, raw)) throw new RangeError(`${name} with ${JSON.stringify(values)} is reserved`);
  return raw;
}
