/**
 * What the readers of both capture formats have in common: a captured frame, its time in ticks, and how a file is
 * refused that makes no sense.
 */
import type { CaptureBytes } from './capture-bytes.js';
import { Failure, STATUS } from './failure.js';

/** LINKTYPE_ETHERNET of the registry at tcpdump.org, with which a frame starts at its destination address. */
const LINKTYPE_ETHERNET = 1;
const LINKTYPES: Readonly<Record<number, string>> = {
  0: 'BSD loopback',
  9: 'PPP',
  101: 'raw IP',
  105: 'IEEE 802.11',
  113: 'Linux cooked',
  127: 'IEEE 802.11 with radiotap',
  276: 'Linux cooked v2',
};
const TICKS_PER_SECOND = 10_000_000n;
/** The most bytes that a packet has in any capture of Ethernet: tcpdump's largest snapshot length. */
const MOST_BYTES = 262_144;

export interface CapturedFrame {
  /** When it was captured, in ticks since 1970; undefined where the file does not tell. */
  readonly time: bigint | undefined;
  /** The bytes that were captured, of memory of their own. */
  readonly data: Uint8Array;
  /** How many bytes the frame had on the wire. */
  readonly length: number;
}

/** Reads the frames of a capture in the order of the file. */
export interface CaptureReader {
  /** The next frame; undefined behind the last. Throws a Failure that names the byte where the file makes no sense. */
  next(): CapturedFrame | undefined;
}

/** A moment `count` units after 1970, of which `perSecond` make a second, in ticks. */
export function ticks(count: bigint, perSecond: bigint): bigint {
  return (count * TICKS_PER_SECOND) / perSecond;
}

/** `what` completes a sentence: "x.pcap is malformed at byte 40: ...". */
export function malformed(bytes: CaptureBytes, offset: number, what: string): Failure {
  return new Failure(STATUS.data, `${bytes.path} is malformed at byte ${String(offset)}: ${what}.`);
}

/** The next `count` bytes, which belong to what started at `start`. Throws a Failure where the file ends before. */
export function demand(bytes: CaptureBytes, count: number, start: number, what: string): DataView {
  const view = bytes.take(count);
  if (view === undefined) throw malformed(bytes, start, `the file ends in the middle of ${what}`);
  return view;
}

/** The captured bytes of a packet that started at `start`. */
export function packetData(bytes: CaptureBytes, count: number, start: number): Uint8Array {
  if (count > MOST_BYTES) throw malformed(bytes, start, `a packet of ${String(count)} bytes`);
  const { buffer, byteOffset } = demand(bytes, count, start, 'a packet');
  return new Uint8Array(buffer, byteOffset, count).slice();
}

/** Throws a Failure where packets of link type `type`, which was told at `offset`, are no Ethernet frames. */
export function checkLinkType(bytes: CaptureBytes, type: number, offset: number): void {
  if (type === LINKTYPE_ETHERNET) return;
  const name = LINKTYPES[type];
  throw new Failure(
    STATUS.data,
    `${bytes.path} holds no Ethernet frames: byte ${String(offset)} gives link type ${String(type)}${name === undefined ? '' : ` (${name})`}.`,
  );
}
