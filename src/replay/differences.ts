/**
 * In what two machines differ between two instructions: registers, CSRs, device fields, bytes of memory and of disks, by
 * the names that the RISC-V specifications and the board give them.
 */
import { DRAM_BASE, PAGE_BYTES } from '../hart/layout.js';
import { fNames, xNames } from '../isa/registers.js';
import type { Machine } from '../machine/machine.js';
import { diskDifferences, type DiskDifference } from './disk-differences.js';
import { NOTHING_MASKED, type Mask, type StateDigest } from './digest.js';
import { fieldsOf, sameValue, type FieldValue } from './state-bytes.js';

export interface FieldDifference {
  readonly kind: 'register' | 'csr' | 'field';
  /** `a5`, `mepc`, `uart0.ier`. */
  readonly name: string;
  /** Undefined where that machine has no such field. */
  readonly values: readonly [FieldValue | undefined, FieldValue | undefined];
}

/** Consecutive bytes of memory of which every one differs. */
export interface MemoryDifference {
  /** Physical address. */
  readonly address: number;
  readonly values: readonly [Uint8Array, Uint8Array];
}

export interface StateDifferences {
  readonly fields: readonly FieldDifference[];
  readonly memory: readonly MemoryDifference[];
  /** All bytes that differ, and the pieces they come in: more than `memory` holds where there are very many. */
  readonly memoryBytes: number;
  readonly memoryPieces: number;
  /** Of what the guests have written to disks whose images stay as they are. */
  readonly disks: readonly DiskDifference[];
}

/** What is compared: a machine with its digest. */
export interface Compared {
  readonly machine: Machine;
  readonly digest: StateDigest;
}

const MOST_PIECES = 4096;

/** S-mode's views of registers of which M-mode's view differs too. */
const VIEWS: Readonly<Record<string, string>> = {
  sstatus: 'mstatus',
  sie: 'mie',
  sip: 'mip',
  fflags: 'fcsr',
  frm: 'fcsr',
  cycle: 'mcycle',
  instret: 'minstret',
};

/**
 * All differences between two machines, but for what the mask leaves out; of memory the first `most` pieces. The digests
 * must have been taken at the present place.
 */
export function stateDifferences(a: Compared, b: Compared, mask: Mask, most = MOST_PIECES): StateDifferences {
  return {
    fields: fieldDifferences(a.machine, b.machine, mask),
    ...memoryDifferences(a, b, mask, most),
    disks: diskDifferences(a, b),
  };
}

function fieldDifferences(a: Machine, b: Machine, mask: Mask): FieldDifference[] {
  const csrs = csrDifferences(a, b);
  const [left, right] = [fieldsOf(a), fieldsOf(b)];
  const registers: FieldDifference[] = [];
  const others: FieldDifference[] = [];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const values = [left.get(key), right.get(key)] as const;
    if (mask.fields.has(key) || sameValue(...values)) continue;
    const register = registerName(key);
    if (register !== undefined) registers.push({ kind: 'register', name: register, values });
    else if (!isShownAsCsr(key, csrs)) others.push({ kind: 'field', name: key, values });
  }
  return [...registers, ...csrs, ...others];
}

function csrDifferences(a: Machine, b: Machine): FieldDifference[] {
  const found = new Map<string, FieldDifference>();
  for (const [number, name] of a.hart.csrNames) {
    const values = [a.hart.readCsr(number), b.hart.readCsr(number)] as const;
    if (values[0] !== values[1]) found.set(name, { kind: 'csr', name, values });
  }
  return [...found.values()].filter(({ name }) => !found.has(VIEWS[name] ?? ''));
}

/** `hart.x15` is a5. */
function registerName(field: string): string | undefined {
  if (field === 'hart.pc') return 'pc';
  const [, file, index] = /^hart\.([xf])(\d+)$/.exec(field) ?? [];
  if (file === undefined) return undefined;
  return (file === 'x' ? xNames : fNames)[Number(index)];
}

/** Whether a field of the hart is what one of the CSRs listed shows: `hart.mip.lines`, `hart.pmp3cfg`. */
function isShownAsCsr(field: string, csrs: readonly FieldDifference[]): boolean {
  if (!field.startsWith('hart.')) return false;
  const [name = ''] = field.slice('hart.'.length).split('.');
  const [, pmp] = /^pmp(\d+)cfg$/.exec(name) ?? [];
  if (pmp !== undefined) return csrs.some((csr) => csr.name === `pmpcfg${Number(pmp) < 8 ? 0 : 2}`);
  const shown = ['fflags', 'frm'].includes(name) ? 'fcsr' : name === 'fs' ? 'mstatus' : name;
  return csrs.some((csr) => csr.name === shown);
}

function memoryDifferences(
  a: Compared,
  b: Compared,
  mask: Mask,
  most: number,
): Omit<StateDifferences, 'fields' | 'disks'> {
  const memory: MemoryDifference[] = [];
  let memoryBytes = 0;
  let memoryPieces = 0;
  let open: { start: number; end: number } | undefined;
  const close = (): void => {
    if (open === undefined) return;
    const { start, end } = open;
    memoryPieces++;
    memoryBytes += end - start;
    if (memory.length < most) {
      const values = [a.machine.ram.slice(start, end), b.machine.ram.slice(start, end)] as const;
      memory.push({ address: DRAM_BASE + start, values });
    }
    open = undefined;
  };
  for (const page of differingPages(a, b)) {
    const left = maskedPage(a.machine.ram, page, mask);
    const right = maskedPage(b.machine.ram, page, mask);
    for (let at = 0; at < PAGE_BYTES; at++) {
      if (left[at] === right[at]) continue;
      const index = page * PAGE_BYTES + at;
      if (open?.end === index) open.end++;
      else {
        close();
        open = { start: index, end: index + 1 };
      }
    }
  }
  close();
  return { memory, memoryBytes, memoryPieces };
}

/** Pages whose hashes differ, as of digests that are up to date. */
function* differingPages(a: Compared, b: Compared): Generator<number> {
  const pages = Math.max(a.machine.ram.length, b.machine.ram.length) / PAGE_BYTES;
  for (let page = 0; page < pages; page++) if (a.digest.pageHash(page) !== b.digest.pageHash(page)) yield page;
}

/** A copy; zeros where the machine has no such page. */
function maskedPage(ram: Uint8Array, page: number, mask: Mask): Uint8Array {
  const bytes = new Uint8Array(PAGE_BYTES);
  bytes.set(ram.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
  for (const [first, end] of mask.ranges.get(page) ?? []) bytes.fill(0, first, end);
  return bytes;
}

/** A mask of all in which two machines differ now. The digests must have been taken at the present place. */
export function maskOfDifferences(a: Compared, b: Compared): Mask {
  const ranges = new Map<number, [number, number][]>();
  const { memory } = memoryDifferences(a, b, NOTHING_MASKED, Infinity);
  for (const { address, values } of memory) {
    const start = address - DRAM_BASE;
    const end = start + Math.max(values[0].length, values[1].length);
    for (let at = start, upTo; at < end; at = upTo) {
      const page = Math.floor(at / PAGE_BYTES);
      upTo = Math.min(end, (page + 1) * PAGE_BYTES);
      const list = ranges.get(page) ?? [];
      list.push([at - page * PAGE_BYTES, upTo - page * PAGE_BYTES]);
      ranges.set(page, list);
    }
  }
  const [left, right] = [fieldsOf(a.machine), fieldsOf(b.machine)];
  const names = [...new Set([...left.keys(), ...right.keys()])];
  return { ranges, fields: new Set(names.filter((name) => !sameValue(left.get(name), right.get(name)))) };
}
