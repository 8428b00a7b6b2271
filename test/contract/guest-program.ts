/**
 * A guest made of accesses: each is an entry of a table in memory, and a small loop carries them out one after the
 * other and writes down what each load brought and which fault it took. So what a driver does to a device on its own can be
 * written down and done once more by a hart, over the bus of a whole machine.
 */
import type { Width } from '../../src/machine/device.js';
import type { GuestImage } from '../../src/machine/image.js';
import type { Machine } from '../../src/machine/machine.js';
import { SymbolTable } from '../../src/machine/symbols.js';
import { assemble } from '../../src/isa/assemble.js';
import type { FieldValues } from '../../src/isa/assemble.js';
import type { Guest, RigKind } from './device-rigs.js';
import { FakeMemory, RAM_BASE, save } from './fake-board.js';
import type { Dice } from './fake-board.js';

/** Behind all that the rigs' drivers use. */
const TABLE = RAM_BASE + 0x60000;
const RESULTS = RAM_BASE + 0xa0000;
export const PROGRAM_MEMORY = 0x100000;
const MOST_ACCESSES = 8000;
const ENTRY_BYTES = 24;
const RESULT_BYTES = 16;
const NO_FAULT = -1;
const FINISHER = 0x100000;
const PASS = 0x5555;

const FROM: Readonly<Record<Width, string>> = { 1: 'lbu', 2: 'lhu', 4: 'lwu', 8: 'ld' };
const TO: Readonly<Record<Width, string>> = { 1: 'sb', 2: 'sh', 4: 'sw', 8: 'sd' };
const SWAP = 'amoswap.d';
/** What an entry may do with its address and value. Each takes a slot of two instructions. */
const OPERATIONS = [...Object.values(FROM), ...Object.values(TO), SWAP, 'enable', 'time'] as const;

/** Numbers of the registers; H0 and H1 are the trap handler's own. */
const [TABLE_AT, RESULT_AT, FAULTS, INTERRUPTS, ADDRESS, VALUE, SLOT, FAULT, H0, H1] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const CSR = { mstatus: 0x300, mie: 0x304, mtvec: 0x305, mepc: 0x341, mcause: 0x342, time: 0xc01 };
const MIE = 8;

/** An instruction; `to` is the label whose distance is its immediate operand. */
type Line = readonly [name: string, values: FieldValues, to?: string];

/** The loop and its trap handler, and where the slots of the operations lie. */
function code(): { words: number[]; slots: number } {
  const lines: (Line | string)[] = [
    ['lui', { rd: TABLE_AT, imm: (TABLE - 2 ** 32) | 0 }],
    ['lui', { rd: RESULT_AT, imm: (RESULTS - 2 ** 32) | 0 }],
    ...[TABLE_AT, RESULT_AT].flatMap((r): Line[] => [
      ['slli', { rd: r, rs1: r, imm: 32 }],
      ['srli', { rd: r, rs1: r, imm: 32 }],
    ]),
    ['auipc', { rd: H0, imm: 0 }],
    ['addi', { rd: H0, rs1: H0 }, 'handler'],
    ['csrrw', { rd: 0, rs1: H0, imm: CSR.mtvec }],
    ['csrrsi', { rd: 0, rs1: MIE, imm: CSR.mstatus }],
    'loop',
    ['ld', { rd: ADDRESS, rs1: TABLE_AT, imm: 0 }],
    ['ld', { rd: VALUE, rs1: TABLE_AT, imm: 8 }],
    ['ld', { rd: SLOT, rs1: TABLE_AT, imm: 16 }],
    ['addi', { rd: TABLE_AT, rs1: TABLE_AT, imm: ENTRY_BYTES }],
    ['addi', { rd: FAULT, rs1: 0, imm: NO_FAULT }],
    ['jalr', { rd: 0, rs1: SLOT, imm: 0 }],
    'after',
    ['sd', { rs1: RESULT_AT, rs2: VALUE, imm: 0 }],
    ['sd', { rs1: RESULT_AT, rs2: FAULT, imm: 8 }],
    ['addi', { rd: RESULT_AT, rs1: RESULT_AT, imm: RESULT_BYTES }],
    ['jal', { rd: 0 }, 'loop'],
    'handler',
    ['csrrs', { rd: H0, rs1: 0, imm: CSR.mcause }],
    ['blt', { rs1: H0, rs2: 0 }, 'interrupt'],
    ['addi', { rd: FAULT, rs1: H0, imm: 0 }],
    ['addi', { rd: FAULTS, rs1: FAULTS, imm: 1 }],
    ['csrrs', { rd: H1, rs1: 0, imm: CSR.mepc }],
    ['addi', { rd: H1, rs1: H1, imm: 4 }],
    ['csrrw', { rd: 0, rs1: H1, imm: CSR.mepc }],
    ['mret', {}],
    // An interrupt is counted, and masked until an entry enables it again.
    'interrupt',
    ['addi', { rd: H1, rs1: 0, imm: 1 }],
    ['sll', { rd: H1, rs1: H1, rs2: H0 }],
    ['csrrc', { rd: 0, rs1: H1, imm: CSR.mie }],
    ['addi', { rd: INTERRUPTS, rs1: INTERRUPTS, imm: 1 }],
    ['mret', {}],
    'slots',
    ...OPERATIONS.flatMap((name): Line[] => [operation(name), ['jal', { rd: 0 }, 'after']]),
  ];
  const labels = new Map<string, number>();
  let at = 0;
  for (const line of lines) {
    if (typeof line === 'string') labels.set(line, at);
    else at += 4;
  }
  const words: number[] = [];
  for (const line of lines) {
    if (typeof line === 'string') continue;
    const [name, values, to] = line;
    const here = 4 * words.length;
    // The address of a label is taken from the `auipc` just before.
    const distance = to === undefined ? 0 : (labels.get(to) as number) - (name === 'addi' ? here - 4 : here);
    words.push(assemble(name, to === undefined ? values : { ...values, imm: distance }));
  }
  return { words, slots: RAM_BASE + (labels.get('slots') as number) };
}

function operation(name: string): Line {
  if (name === 'enable') return ['csrrs', { rd: 0, rs1: VALUE, imm: CSR.mie }];
  if (name === 'time') return ['csrrs', { rd: VALUE, rs1: 0, imm: CSR.time }];
  if (name === SWAP) return [name, { rd: VALUE, rs1: ADDRESS, rs2: VALUE }];
  if (name.startsWith('l')) return [name, { rd: VALUE, rs1: ADDRESS, imm: 0 }];
  return [name, { rs1: ADDRESS, rs2: VALUE, imm: 0 }];
}

const CODE = code();

/** What came of an access. */
export interface Outcome {
  readonly value: bigint;
  /** Exception code; undefined where there was none. */
  readonly fault?: number;
}

export class GuestProgram {
  private readonly entries: { operation: string; address: number; value: bigint }[] = [];

  get length(): number {
    return this.entries.length;
  }

  load(address: number, size: Width): void {
    this.add(FROM[size], address, 0n);
  }

  store(address: number, size: Width, value: bigint): void {
    this.add(TO[size], address, value);
  }

  /** Exchanges an aligned doubleword, atomically. */
  swap(address: number, value: bigint): void {
    this.add(SWAP, address, value);
  }

  /** Lets interrupts come: bits of `mie`. */
  enable(bits: number): void {
    this.add('enable', 0, BigInt(bits));
  }

  time(): void {
    this.add('time', 0, 0n);
  }

  /** Powers off: the last thing the guest does. */
  end(): void {
    this.store(FINISHER, 4, BigInt(PASS));
  }

  private add(operation: string, address: number, value: bigint): void {
    if (this.entries.length === MOST_ACCESSES) throw new Error('the program is too long');
    this.entries.push({ operation, address, value });
  }

  /** Positions that the program takes at most, traps included. */
  get positions(): number {
    return CODE.words.length + this.entries.length * 40;
  }

  image(symbols: Readonly<Record<string, number>> = {}): GuestImage {
    const data = new Uint8Array(TABLE - RAM_BASE + this.entries.length * ENTRY_BYTES);
    const view = new DataView(data.buffer);
    CODE.words.forEach((word, i) => view.setUint32(4 * i, word, true));
    this.entries.forEach(({ operation: name, address, value }, i) => {
      const at = TABLE - RAM_BASE + i * ENTRY_BYTES;
      view.setBigUint64(at, BigInt(address), true);
      view.setBigUint64(at + 8, BigInt.asUintN(64, value), true);
      view.setBigUint64(at + 16, BigInt(CODE.slots + 8 * OPERATIONS.indexOf(name)), true);
    });
    if (Object.keys(symbols).length === 0) return { kind: 'flat', data };
    const segment = { address: RAM_BASE, virtualAddress: BigInt(RAM_BASE), data, memorySize: data.length };
    const table = Object.entries(symbols).map(
      ([name, address]) =>
        ({ name, address: BigInt(address), size: 8n, type: 'object', sectionEnd: undefined }) as const,
    );
    return {
      kind: 'elf',
      elf: {
        entry: RAM_BASE,
        segments: [{ ...segment, executable: true, writable: true }],
        symbols: new SymbolTable(table),
      },
    };
  }

  /** What the guest wrote down, from a machine's RAM. */
  outcomes(ram: Uint8Array): Outcome[] {
    const view = new DataView(ram.buffer, ram.byteOffset + RESULTS - RAM_BASE);
    return this.entries.map((_, i) => {
      const value = view.getBigUint64(i * RESULT_BYTES, true);
      const fault = Number(view.getBigInt64(i * RESULT_BYTES + 8, true));
      return fault === NO_FAULT ? { value } : { value, fault };
    });
  }
}

/** How many interrupts the guest has taken. */
export function interruptsTaken(machine: Machine): number {
  return Number(save(machine).get(`hart.x${INTERRUPTS}`));
}

/** Memory whose changes are stores of a program. */
class WrittenMemory extends FakeMemory {
  constructor(private readonly program: GuestProgram) {
    super();
  }

  override write(address: number, data: Uint8Array): void {
    super.write(address, data);
    data.forEach((byte, i) => this.program.store(address + i, 1, BigInt(byte)));
  }

  override writeU16(address: number, value: number): void {
    super.writeU16(address, value);
    this.program.store(address, 2, BigInt(value & 0xffff));
  }

  override writeU32(address: number, value: number): void {
    super.writeU32(address, value);
    this.program.store(address, 4, BigInt(value >>> 0));
  }

  override writeU64(address: number, value: bigint): void {
    super.writeU64(address, value);
    this.program.store(address, 8, value);
  }
}

const MIE_BITS = [0, 0x8, 0x80, 0x800, 0x888];

/** A random guest that drives one device, takes its interrupts, and now and then starts its driver anew. */
export function randomProgram(kind: RigKind, queues: number, dice: Dice, steps: number): GuestProgram {
  const program = new GuestProgram();
  const { base } = kind.place;
  const guest: Guest = {
    registers: {
      queues: { length: queues },
      write: (offset, size, value) => program.store(base + offset, size, BigInt(value)),
    },
    memory: new WrittenMemory(program),
  };
  openInterrupts(program);
  for (let number = 0; number < steps; number++) {
    if (kind.begin !== undefined && number % 40 === 0) kind.begin(guest);
    const choice = dice.roll(8);
    if (choice === 0) program.enable(dice.pick(MIE_BITS));
    else if (choice === 1) program.time();
    else if (choice < 5 && kind.act !== undefined) kind.act(guest, dice);
    else pokeOnce(program, kind, dice);
  }
  program.end();
  return program;
}

function pokeOnce(program: GuestProgram, { place, registers, values, width }: RigKind, dice: Dice): void {
  const size = dice.roll(8) === 0 ? dice.pick([1, 2, 4, 8] as const) : (width ?? 4);
  const address = place.base + dice.pick(registers);
  if (dice.roll(2) === 0) return program.load(address, size);
  // The finisher's commands would end the guest at once.
  const value = dice.roll(3) === 0 ? dice.word() : dice.pick(values);
  program.store(address, size, BigInt(place.base === FINISHER ? value & ~0x1111 : value));
}

/** The PLIC lets every source through to M-mode. */
function openInterrupts(program: GuestProgram): void {
  for (let source = 1; source < 12; source++) program.store(0xc00_0000 + 4 * source, 4, 1n);
  program.store(0xc00_2000, 4, 0xffen);
}
