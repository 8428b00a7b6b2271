/** A stream as a small JSON file that is kept: what once differed must be equal for ever. */
import { readFileSync, writeFileSync } from 'node:fs';
import { disassemble } from '../../src/isa/disassemble.js';
import type { FieldDifference } from './compare.js';
import { isSetupCsr, type Mode, type Poke, type Stream } from './stream.js';
import type { SetupCsr } from './layout.js';

interface FixtureFile {
  readonly kind: string;
  readonly seed: number;
  readonly stream: number;
  /** What was wrong, in words. */
  readonly cause: string;
  /** `field: own, QEMU's` when it was found. */
  readonly differed: readonly string[];
  readonly mode: Mode;
  readonly mstatus: string;
  readonly fs: number;
  readonly fcsr: number;
  /** Each atom: its words in hexadecimal, each with its assembly. */
  readonly code: readonly (readonly string[])[];
  /** Registers that are not zero: x1 to x31, f0 to f31. */
  readonly registers: Readonly<Record<string, string>>;
  readonly csrs: Readonly<Record<string, string>>;
  readonly pokes: readonly { readonly address: string; readonly value: string; readonly code?: boolean }[];
  readonly scratchBytes: number;
  readonly tableBytes: number;
  readonly fillSeed: number;
  readonly codePage?: string;
  readonly stub?: string;
}

const hex = (value: number | bigint): string => `0x${value.toString(16)}`;

/** The words of an atom, each as `hexadecimal  assembly`. */
export function listing(halves: Uint16Array): string[] {
  const lines: string[] = [];
  for (let i = 0; i < halves.length;) {
    const wide = (halves[i] & 3) === 3;
    const word = wide ? (halves[i] | (halves[i + 1] << 16)) >>> 0 : halves[i];
    lines.push(`${word.toString(16).padStart(wide ? 8 : 4, '0')}  ${disassemble(word)}`);
    i += wide ? 2 : 1;
  }
  return lines;
}

const nameOf = (register: number): string => (register < 32 ? `x${register}` : `f${register - 32}`);
const numberOf = (name: string): number => Number(name.slice(1)) + (name.startsWith('f') ? 32 : 0);

export function writeFixture(
  path: string,
  stream: Stream,
  found: { readonly seed: number; readonly cause: string; readonly fields: readonly FieldDifference[] },
): void {
  const { code, atoms, state } = stream;
  const registers: Record<string, string> = {};
  for (let n = 1; n < 64; n++) {
    const value = BigInt(state[2 * n]) | (BigInt(state[2 * n + 1]) << 32n);
    if (value !== 0n) registers[nameOf(n)] = hex(value);
  }
  const file: FixtureFile = {
    kind: stream.kind,
    seed: found.seed,
    stream: stream.index,
    cause: found.cause,
    differed: found.fields.slice(0, 12).map(({ field, own, qemu }) => `${field}: ${hex(own)}, ${hex(qemu)}`),
    mode: stream.mode,
    mstatus: hex(stream.mstatus),
    fs: stream.fs,
    fcsr: stream.fcsr,
    code: atoms.map((start, n) => listing(code.subarray(start, atoms[n + 1] ?? code.length))),
    registers,
    csrs: Object.fromEntries(Object.entries(stream.csrs).map(([name, value]) => [name, hex(value)])),
    pokes: stream.pokes.map(({ address, value, ...more }) => ({ address: hex(address), value: hex(value), ...more })),
    scratchBytes: stream.scratchBytes,
    tableBytes: stream.tableBytes,
    fillSeed: stream.fillSeed,
    ...(stream.codePage === undefined ? {} : { codePage: hex(stream.codePage) }),
    ...(stream.stub === undefined ? {} : { stub: hex(stream.stub) }),
  };
  writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`);
}

export function readFixture(path: string): Stream {
  const file = JSON.parse(readFileSync(path, 'utf8')) as FixtureFile;
  const halves: number[] = [];
  const atoms: number[] = [];
  let length = 0;
  for (const atom of file.code) {
    atoms.push(halves.length);
    for (const line of atom) {
      const [word] = line.split(' ', 1);
      const value = parseInt(word, 16);
      halves.push(value & 0xffff);
      if (word.length > 4) halves.push(value >>> 16);
      length++;
    }
  }
  const state = new Uint32Array(128);
  for (const [name, text] of Object.entries(file.registers)) {
    const value = BigInt(text);
    state[2 * numberOf(name)] = Number(value & 0xffff_ffffn);
    state[2 * numberOf(name) + 1] = Number(value >> 32n);
  }
  const csrs: Partial<Record<SetupCsr, bigint>> = {};
  for (const [name, value] of Object.entries(file.csrs)) {
    if (!isSetupCsr(name)) throw new Error(`${path}: the monitor does not set ${name}`);
    csrs[name] = BigInt(value);
  }
  return {
    kind: file.kind,
    index: file.stream,
    code: Uint16Array.from(halves),
    atoms,
    state,
    fcsr: file.fcsr,
    mode: file.mode,
    mstatus: BigInt(file.mstatus),
    fs: file.fs,
    csrs,
    pokes: file.pokes.map(({ address, value, ...more }): Poke => ({
      address: Number(address),
      value: BigInt(value),
      ...more,
    })),
    scratchBytes: file.scratchBytes,
    tableBytes: file.tableBytes,
    fillSeed: file.fillSeed,
    ...(file.codePage === undefined ? {} : { codePage: Number(file.codePage) }),
    ...(file.stub === undefined ? {} : { stub: Number(file.stub) }),
    counted: length,
    length,
  };
}
