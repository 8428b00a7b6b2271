/**
 * Faults to look for: one bit flipped in a register, a field of the state or a byte of memory, and logs with one input
 * changed.
 */
import { PAGE_BYTES } from '../../src/hart/layout.js';
import type { Entry } from '../../src/log/entry.js';
import { LogReader } from '../../src/log/reader.js';
import { singly } from '../../src/log/entry.js';
import { LogWriter } from '../../src/log/writer.js';
import type { Machine } from '../../src/machine/machine.js';
import { fieldsOf } from '../../src/replay/state-bytes.js';
import type { Fault, MadeRecording } from './replay-rig.js';
import { MemorySource } from './replay-rig.js';

export interface NamedFault extends Fault {
  /** What a report must name: a field's or register's name, or a physical address. */
  readonly names: string | number;
}

export const X_REGISTERS = Array.from({ length: 31 }, (_, i) => i + 1);

export function flippedRegister(position: number, index: number, bit: number): Fault {
  return { position, strike: ({ hart }) => hart.setX(index, hart.getX(index) ^ (1n << BigInt(bit))) };
}

/** Flips a bit of a field of the state. */
export function flippedField(position: number, field: string, bit: number): Fault {
  const mask = 2 ** (bit % 30);
  return {
    position,
    strike: (machine) => {
      machine.state({
        number: (name, value) => (name === field ? Number(BigInt(value) ^ BigInt(mask)) : value),
        u64: (name, value) => (name === field ? value ^ (1n << BigInt(bit)) : value),
        bool: (name, value) => (name === field ? !value : value),
        bytes: (_name, value) => value,
        list: (_name, value) => [...value],
      });
    },
  };
}

export function flippedByte(position: number, address: number, bit: number): Fault {
  return {
    position,
    strike: (machine) => {
      const page = Math.floor(address / PAGE_BYTES);
      const bytes = machine.ram.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
      bytes[address % PAGE_BYTES] ^= 1 << bit;
      machine.restoreRam(page, bytes);
    },
  };
}

/** Fields of a state whose bits can be flipped and stay flipped. */
export function flippableFields(machine: Machine): string[] {
  const apart =
    /^(position|skipped|off|announced|console\.due|hart\.(privilege|waiting|x|f\d|pc|fs|reserv).*)$|[dD]ue|deadline/;
  return [...fieldsOf(machine)]
    .filter(
      ([name, value]) =>
        !apart.test(name) && (typeof value === 'bigint' || (typeof value === 'number' && value < 2 ** 31)),
    )
    .map(([name]) => name);
}

/** A log's entries one by one, digests left out. */
export async function entriesOf({ log }: Pick<MadeRecording, 'log'>): Promise<Entry[]> {
  const reader = new LogReader(new MemorySource(log));
  const entries: Entry[] = [];
  for (let stretch = await reader.next(); stretch !== null; stretch = await reader.next()) {
    for (const entry of stretch.entries) entries.push(...[...singly(entry)].filter(({ type }) => type !== 'digest'));
  }
  return entries;
}

/** The recording with other entries. */
export async function withEntries(made: MadeRecording, entries: readonly Entry[]): Promise<MadeRecording> {
  const header = await new LogReader(new MemorySource(made.log)).header();
  const chunks: Uint8Array[] = [];
  const writer = new LogWriter({ write: (bytes) => void chunks.push(bytes.slice()) }, header);
  for (const entry of entries) {
    if (entry.type === 'end') writer.end(entry);
    else writer.write(entry);
  }
  writer.flush();
  return { ...made, log: Uint8Array.from(chunks.flatMap((chunk) => [...chunk])) };
}
