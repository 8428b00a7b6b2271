/** Compares what an engine and QEMU wrote about the streams of an image; a difference has a name and two values. */
import { DELEGATED_SHIFT, LOG_ENTRIES, LOG_ENTRY_BYTES, RESULT, RESULT_BYTES, RESULT_CSRS } from './layout.js';
import { tvalRules } from './known.js';
import { monitor, type Image } from './image.js';
import type { Stream } from './stream.js';

export interface FieldDifference {
  readonly field: string;
  readonly own: bigint;
  readonly qemu: bigint;
}

export interface StreamDifference {
  readonly stream: Stream;
  readonly engine: string;
  /** The first pass that differs, from 1 on. */
  readonly pass: number;
  readonly fields: readonly FieldDifference[];
}

export interface Comparison {
  /** Instructions that were started in the streams, and those of them that count for their kind, at least. */
  readonly executed: number;
  readonly counted: number;
  readonly traps: number;
  readonly differences: readonly StreamDifference[];
}

/** Doublewords of the results that are compared: name and offset. */
const fields: readonly (readonly [name: string, offset: number])[] = [
  ...RESULT_CSRS.map((name, index) => [name, RESULT.csrs + 8 * index] as const),
  ...Array.from({ length: 31 }, (_, x) => [`x${x + 1}`, RESULT.x + 8 * (x + 1)] as const),
  ...Array.from({ length: 32 }, (_, f) => [`f${f}`, RESULT.f + 8 * f] as const),
  ['fcsr', RESULT.fcsr],
  ['scratch', RESULT.scratchDigest],
  ['tables', RESULT.tableDigest],
  ['traps', RESULT.logged],
  ...Array.from({ length: LOG_ENTRIES }, (_, n) =>
    (['cause', 'epc', 'tval', 'status'] as const).map(
      (part, index) => [`trap ${n} ${part}`, RESULT.log + LOG_ENTRY_BYTES * n + 8 * index] as const,
    ),
  ).flat(),
];

const COMPARED_FROM = RESULT.scratchDigest;

export function compare(image: Image, engine: string, own: Uint8Array, qemu: Uint8Array): Comparison {
  const ownView = new DataView(own.buffer, own.byteOffset, own.length);
  const qemuView = new DataView(qemu.buffer, qemu.byteOffset, qemu.length);
  let [executed, counted, traps] = [0, 0, 0];
  const differences: StreamDifference[] = [];
  image.streams.forEach((stream, index) => {
    const base = index * image.passes * RESULT_BYTES;
    const entries = Number(ownView.getBigUint64(base + RESULT.entries, true));
    const raw = Number(ownView.getBigUint64(base + RESULT.executed, true));
    // The first one is the jump into the stream, the last the `ecall` that ends it.
    const started = raw - entries * monitor.overheadPerEntry - 2;
    executed += started;
    counted += Math.max(0, started - (stream.length - stream.counted));
    traps += entries - 1;
    for (let pass = 0; pass < image.passes; pass++) {
      const different = differentFields(ownView, qemuView, base + pass * RESULT_BYTES);
      if (different.length === 0) continue;
      differences.push({ stream, engine, pass: pass + 1, fields: different });
      break;
    }
  });
  return { executed, counted, traps, differences };
}

/** Of the results at `base`. */
function differentFields(own: DataView, qemu: DataView, base: number): FieldDifference[] {
  const compared = ({ buffer, byteOffset }: DataView): Uint8Array =>
    new Uint8Array(buffer, byteOffset + base + COMPARED_FROM, RESULT_BYTES - COMPARED_FROM);
  if (Buffer.compare(compared(own), compared(qemu)) === 0) return [];
  return fields
    .flatMap(([field, offset]) => {
      const ours = own.getBigUint64(base + offset, true);
      const theirs = qemu.getBigUint64(base + offset, true);
      return ours === theirs ? [] : [{ field, own: ours, qemu: theirs }];
    })
    .filter((field) => !isKnown(field, own, base));
}

const TVAL = /^(?:trap (\d+) tval|([ms])tval)$/;
const SMALL = (1n << BigInt(DELEGATED_SHIFT)) - 1n;

/** The cause that belongs to a value of mtval or stval: of a trap in the log, or what the registers hold at the end. */
function causeOf(number: string | undefined, mode: string | undefined, results: DataView, base: number): bigint {
  if (number !== undefined) return results.getBigUint64(base + RESULT.log + LOG_ENTRY_BYTES * Number(number), true);
  const csr = RESULT_CSRS.findIndex((name) => name === `${mode}cause`);
  return results.getBigUint64(base + RESULT.csrs + 8 * csr, true);
}

/** Whether a difference is one that is known for the trap it belongs to. */
function isKnown({ field, own, qemu }: FieldDifference, results: DataView, base: number): boolean {
  const tval = TVAL.exec(field);
  if (!tval) return false;
  const cause = causeOf(tval[1], tval[2], results, base) & SMALL;
  return tvalRules.some((rule) => rule.causes.includes(cause) && rule.equal(own, qemu));
}
