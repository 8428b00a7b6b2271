/**
 * How a record is made of an instruction's word, as RECORD says where its fields lie.
 */
import { HART } from '../hart/layout.js';
import { ENCODINGS, encodingAt, valueAt, type Encoding, type Place } from '../isa/decode.js';
import type { RegisterFile } from '../isa/instruction.js';
import { outlineOf } from '../isa/outline.js';
import { ILLEGAL, RECORD, WRITTEN_X, rs2Field } from './fetch-lookup.js';
import { type Handlers } from './interpreter.js';

/** 32-bit words of a record. */
const PAIR = 2;
/** Registers of a file, and bytes of one. */
const FILE = 32;
const REGISTER_BYTES = 8;

/** A register that a word names, as a byte of a record. */
interface Register extends Place {
  /** What is added to its number, of which the lower five bits count then. */
  readonly turn: number;
  /** Its bits, as one of a 32-bit word. */
  readonly shift: number;
}

/** How records of an encoding are made. */
interface Form {
  /** Handler and registers in the first word. */
  readonly handler: number;
  readonly first: readonly Register[];
  /** What is in the second one, where it holds several things; otherwise an immediate or the whole word. */
  readonly second: readonly Register[] | undefined;
  readonly rm: Place;
  readonly imm: (raw: number) => number;
  /** Execution may go on elsewhere than behind it. */
  readonly ends: boolean;
}

function formOf(encoding: Encoding, handlers: Handlers): Form {
  const { instruction, length } = encoding;
  const { operands } = instruction;
  const handler = handlers.get(instruction)?.[length];
  if (handler === undefined) throw new Error(`no handler for ${encoding.mnemonic}`);
  const { flow } = outlineOf(instruction);
  const first: Register[] = [];
  const second: Register[] = [];
  const add = (place: Place, of: RegisterFile | undefined, field: number, written = false): void => {
    if (of === undefined) return;
    const turn = written && of === 'x' ? FILE - (WRITTEN_X - HART.x) / REGISTER_BYTES : 0;
    const inFirst = field < RECORD.imm;
    (inFirst ? first : second).push({ ...place, turn, shift: (field % 4) * 8 });
  };
  add(encoding.rd, operands.rd, RECORD.rd, true);
  add(encoding.rs1, operands.rs1, RECORD.rs1);
  add(encoding.rs2, operands.rs2, rs2Field(operands));
  add(encoding.rs3, operands.rs3, RECORD.rs3);
  const crowded = second.length > 0 && (flow === 'hart' || encoding.pattern.fields.some(({ name }) => name === 'imm'));
  if (crowded) throw new Error(`no room for all operands of ${encoding.mnemonic}`);
  return {
    ...{ handler, first, rm: encoding.rm, ends: flow !== 'next' },
    second: second.length > 0 || encoding.rm.mask !== 0 ? second : undefined,
    imm: flow === 'hart' ? (raw) => raw : encoding.imm,
  };
}

function registersOf(registers: readonly Register[], raw: number): number {
  let bits = 0;
  for (const register of registers) {
    bits |= (((valueAt(register, raw) + register.turn) & (FILE - 1)) * REGISTER_BYTES) << register.shift;
  }
  return bits;
}

const makers = new WeakMap<Handlers, RecordMaker>();

/** The maker for a numbering of handlers. */
export function recordMaker(handlers: Handlers): RecordMaker {
  let maker = makers.get(handlers);
  if (!maker) makers.set(handlers, (maker = new RecordMaker(handlers)));
  return maker;
}

class RecordMaker {
  /** By number of the encoding. */
  private readonly forms: (Form | undefined)[] = Array.from({ length: ENCODINGS });
  /** Records of compressed instructions by their 16 bits, all zero where none has been made, and whether they end. */
  private readonly narrow = new Int32Array(PAIR << 16);
  private readonly narrowEnds = new Uint8Array(1 << 16);

  constructor(private readonly handlers: Handlers) {}

  /**
   * Makes the record of the instruction word `raw`: words[at] and the next one.
   *
   * @returns whether execution may go on elsewhere than behind it
   */
  make(words: Int32Array, at: number, raw: number): boolean {
    if ((raw & 3) === 3) return this.makeAnew(words, at, raw);
    const { narrow } = this;
    const from = raw * PAIR;
    if (narrow[from] === 0) this.narrowEnds[raw] = this.makeAnew(narrow, from, raw) ? 1 : 0;
    words[at] = narrow[from];
    words[at + 1] = narrow[from + 1];
    return this.narrowEnds[raw] !== 0;
  }

  private makeAnew(words: Int32Array, at: number, raw: number): boolean {
    const encoding = encodingAt(raw);
    if (!encoding) {
      words[at] = ILLEGAL;
      return true;
    }
    const form = (this.forms[encoding.number] ??= formOf(encoding, this.handlers));
    words[at] = form.handler | registersOf(form.first, raw);
    words[at + 1] = form.second
      ? registersOf(form.second, raw) | (valueAt(form.rm, raw) << ((RECORD.rm % 4) * 8))
      : form.imm(raw);
    return form.ends;
  }
}

export type { RecordMaker };
