/** Streams, packed with the monitor into an image for the memory of all sides. */
import {
  DESCRIPTOR,
  DESCRIPTOR_BYTES,
  RAM_BASE,
  RESULTS,
  RESULTS_END,
  RESULT_BYTES,
  SETUP_CSRS,
  STREAMS,
  STUB,
} from './layout.js';
import { buildMonitor } from './monitor.js';
import type { Mode, Stream } from './stream.js';

const PAGE = 4096;
const STATE_BYTES = 512;
const ECALL = 0x73;
/** `jal x0, 4`, before each stream: code is translated where it is jumped to, and the monitor's `mret` is no jump. */
const ENTRY_JUMP = 0x0040006f;
const ENTRY_BYTES = 4;
const MPP: Readonly<Record<Mode, bigint>> = { U: 0n, S: 1n << 11n, M: 3n << 11n };
/** Elsewhere a stream could leave another width behind. */
const UXL_64 = 2n << 32n;
const FS_SHIFT = 13n;
const PPN_SHIFT = 10n;

export const monitor = buildMonitor();

/** Room for what streams consist of. */
const STREAM_BYTES = RESULTS - STREAMS;

const aligned = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Upper bound of a stream's share of an image, without its descriptors. */
function sizeOf(stream: Stream): number {
  const code = aligned(ENTRY_BYTES + stream.code.byteLength + 4, 16) + (stream.codePage === undefined ? 16 : 2 * PAGE);
  return 2 * STATE_BYTES + code + stream.pokes.length * 16;
}

export class Image {
  readonly streams: Stream[] = [];
  private used = DESCRIPTOR_BYTES;

  /**
   * @param passes how often each stream is run, each time from its start state: what an engine translates in the first
   * pass it enters in the next ones. Each pass has a descriptor and results of its own.
   */
  constructor(readonly passes = 1) {}

  /** False where there is no room. */
  add(stream: Stream): boolean {
    const size = sizeOf(stream) + this.passes * DESCRIPTOR_BYTES;
    const results = (this.streams.length + 1) * this.passes * RESULT_BYTES;
    if (results > RESULTS_END - RESULTS || this.used + size > STREAM_BYTES) return false;
    this.streams.push(stream);
    this.used += size;
    return true;
  }

  private packed: Uint8Array | undefined;

  /** Memory from RAM_BASE on; no more streams can be added. */
  bytes(): Uint8Array {
    return (this.packed ??= this.pack());
  }

  private pack(): Uint8Array {
    const { streams, passes } = this;
    const memory = new Uint8Array(STREAMS - RAM_BASE + this.used + PAGE);
    for (const { address, words } of monitor.pieces) {
      memory.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), address - RAM_BASE);
    }
    const view = new DataView(memory.buffer);
    const put = (address: number, value: number | bigint): void =>
      view.setBigUint64(address - RAM_BASE, BigInt.asUintN(64, BigInt(value)), true);

    let free = STREAMS + DESCRIPTOR_BYTES * (streams.length * passes + 1);
    streams.forEach((stream, index) => {
      const first = index * passes;
      const d = STREAMS + DESCRIPTOR_BYTES * first;
      const take = (bytes: number, alignment: number): number => {
        const address = aligned(free, alignment);
        free = address + bytes;
        return address;
      };
      const state = take(STATE_BYTES, 512);
      memory.set(new Uint8Array(stream.state.buffer), state - RAM_BASE);
      const code = take(ENTRY_BYTES + stream.code.byteLength + 4, stream.codePage === undefined ? 4 : PAGE);
      view.setUint32(code - RAM_BASE, ENTRY_JUMP, true);
      memory.set(new Uint8Array(stream.code.buffer, 0, stream.code.byteLength), code + ENTRY_BYTES - RAM_BASE);
      const end = code + ENTRY_BYTES + stream.code.byteLength;
      view.setUint16(end - RAM_BASE, ECALL, true);
      const virtual = stream.codePage ?? code;
      put(d + DESCRIPTOR.start, virtual);
      put(d + DESCRIPTOR.end, virtual + end - code);
      put(d + DESCRIPTOR.delta, code - virtual);
      put(d + DESCRIPTOR.mstatus, UXL_64 | stream.mstatus | MPP[stream.mode] | (BigInt(stream.fs) << FS_SHIFT));
      put(d + DESCRIPTOR.state, state);
      put(d + DESCRIPTOR.fcsr, stream.fcsr);
      put(d + DESCRIPTOR.scratchBytes, stream.scratchBytes);
      put(d + DESCRIPTOR.fillSeed, stream.fillSeed);
      put(d + DESCRIPTOR.tableBytes, stream.tableBytes);
      put(d + DESCRIPTOR.stub, stream.stub ?? STUB);
      SETUP_CSRS.forEach((name, csr) => put(d + DESCRIPTOR.csrs + 8 * csr, stream.csrs[name] ?? 0n));
      put(
        d + DESCRIPTOR.csrs + 8 * SETUP_CSRS.indexOf('stvec'),
        (stream.csrs.stvec ?? 0n) + BigInt(stream.stub ?? STUB),
      );

      const pokes = take(stream.pokes.length * 16, 16);
      stream.pokes.forEach((poke, n) => {
        put(pokes + 16 * n, poke.address);
        put(pokes + 16 * n + 8, poke.code ? poke.value + (BigInt(Math.floor(code / PAGE)) << PPN_SHIFT) : poke.value);
      });
      put(d + DESCRIPTOR.pokes, pokes);
      put(d + DESCRIPTOR.pokeCount, stream.pokes.length);

      for (let pass = 0; pass < passes; pass++) {
        const at = d + DESCRIPTOR_BYTES * pass;
        memory.copyWithin(at - RAM_BASE, d - RAM_BASE, d - RAM_BASE + DESCRIPTOR_BYTES);
        put(at + DESCRIPTOR.results, RESULTS + RESULT_BYTES * (first + pass));
      }
    });
    if (free - RAM_BASE > memory.length) throw new Error('an image has overflowed');
    return memory;
  }

  /** Results of a stream's passes lie one behind the other. */
  get resultBytes(): number {
    return this.streams.length * this.passes * RESULT_BYTES;
  }
}
