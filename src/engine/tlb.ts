/**
 * The software TLBs, filled and emptied: for each way in which an address may be translated one for loads, one for
 * stores and one for fetches, at the addresses of src/hart/layout.ts. Compiled code looks them up by itself.
 */
import {
  FETCH_TLB_ENTRIES,
  HART,
  PAGE_BYTES,
  TLB_BASE,
  TLB_CONTEXTS,
  TLB_ENTRIES,
  TLB_ENTRY_BYTES,
  TLB_TOTAL_BYTES,
  fetchTlbOf,
  readTlbOf,
  writeTlbOf,
  type TlbContext,
} from '../hart/layout.js';

/** A byte of all ones in a tag matches no address: lookups compare page addresses. */
const INVALID = 0xff;
const PAGE_OFFSET = PAGE_BYTES - 1;

export class Tlbs {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(memory: WebAssembly.Memory) {
    this.bytes = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
  }

  flushAll(): void {
    this.bytes.fill(INVALID, TLB_BASE, TLB_BASE + TLB_TOTAL_BYTES);
  }

  /** Forgets what is known of the virtual pages whose address has these low 32 bits. */
  flushPage(low: number): void {
    const page = low >>> 12;
    const forget = (table: number, entries: number): void => {
      const entry = table + (page & (entries - 1)) * TLB_ENTRY_BYTES;
      this.bytes.fill(INVALID, entry, entry + 8);
    };
    for (let context = 0; context < TLB_CONTEXTS.length; context++) {
      forget(readTlbOf(context as TlbContext), TLB_ENTRIES);
      forget(writeTlbOf(context as TlbContext), TLB_ENTRIES);
      forget(fetchTlbOf(context as TlbContext), FETCH_TLB_ENTRIES);
    }
  }

  flushFetch(): void {
    for (let context = 0; context < TLB_CONTEXTS.length; context++) {
      const table = fetchTlbOf(context as TlbContext);
      this.bytes.fill(INVALID, table, table + FETCH_TLB_ENTRIES * TLB_ENTRY_BYTES);
    }
  }

  flushWrites(): void {
    for (let context = 0; context < TLB_CONTEXTS.length; context++) {
      const table = writeTlbOf(context as TlbContext);
      this.bytes.fill(INVALID, table, table + TLB_ENTRIES * TLB_ENTRY_BYTES);
    }
  }

  /** Loads from the virtual page of (hi, lo) find their data `addend` bytes from the low half of their address. */
  fillRead(lo: number, hi: number, addend: number): void {
    this.fill(HART.readTlb, TLB_ENTRIES, lo, hi, addend);
  }

  fillWrite(lo: number, hi: number, addend: number): void {
    this.fill(HART.writeTlb, TLB_ENTRIES, lo, hi, addend);
  }

  /** Code of the virtual page of (hi, lo) has its decoded records at `records`. */
  fillFetch(lo: number, hi: number, records: number): void {
    this.fill(HART.fetchTlb, FETCH_TLB_ENTRIES, lo, hi, records);
  }

  /** @param table where the address of the TLB that holds now is found */
  private fill(table: number, entries: number, lo: number, hi: number, value: number): void {
    const entry = this.view.getUint32(table, true) + ((lo >>> 12) & (entries - 1)) * TLB_ENTRY_BYTES;
    this.view.setInt32(entry, lo & ~PAGE_OFFSET, true);
    this.view.setInt32(entry + 4, hi, true);
    this.view.setInt32(entry + 8, value, true);
  }
}
