/**
 * What the two sides of a pair say to each other (proto/vmft/v1/channel.proto), as values and as bytes: the one place
 * that meets the generated types. Bytes come from strangers too: whatever is no frame is a MalformedFrame.
 */
import { vmft } from '#proto/channel.js';
import { checkClaim } from './arbiter.js';

const { v1 } = vmft;
const { isFinite, isSafeInteger } = Number;

/** Version of channel.proto that this code speaks: the only one. */
export const CHANNEL_VERSION = 1;
export const FORMAT = 'vmft';

/** The longest frame, in bytes: of a peer that is not known yet, and of a known one. */
export const SHORT_FRAME = 65_536;
export const LONGEST_FRAME = 2 ** 24;
/** The longest silence that can be waited for: what a host's timer takes, in milliseconds. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export interface Hello {
  readonly type: 'hello';
  readonly format: string;
  readonly version: number;
  readonly build: string;
  readonly behaviour: number;
}

export interface Welcome {
  readonly type: 'welcome';
  readonly run: string;
  readonly epoch: number;
  readonly holder: string;
  readonly arbiter: string;
  readonly networks: readonly string[];
  readonly disks: readonly string[];
  /** What the host knows the disks by that are written to, and the host itself. */
  readonly identities: readonly string[];
  readonly host: string;
  /** Milliseconds of silence after which a side counts as dead. */
  readonly timeout: number;
  readonly console: number;
}

/** Pages of RAM: `content` holds them one behind the other. */
export interface Pages {
  readonly type: 'pages';
  readonly numbers: readonly number[];
  readonly content: Uint8Array;
}

/** Clusters that were written to the disk in a slot; `written` 0: none any more. */
export interface Clusters {
  readonly type: 'clusters';
  readonly slot: number;
  readonly numbers: readonly number[];
  readonly written: readonly number[];
  readonly content: Uint8Array;
}

export interface State {
  readonly type: 'state';
  readonly fields: Uint8Array;
  readonly digest: bigint;
  readonly position: number;
  /** Guest time in ticks. */
  readonly time: number;
}

/** The backup has the log's first `offset` bytes, and has executed up to `position`. */
export interface Received {
  readonly type: 'received';
  readonly offset: number;
  readonly position: number;
  /** Of the last beat. */
  readonly stamp: number;
}

/** The primary is alive, at `time` ticks of guest time, and `released` outputs have left since the state. */
export interface Beat {
  readonly type: 'beat';
  readonly time: number;
  readonly released: number;
  /** Milliseconds of the primary's clock. */
  readonly stamp: number;
  readonly position: number;
  /** Outputs leave for some time after this is acknowledged, without a look at the arbiter: see `LEASES`. */
  readonly leased: boolean;
}

export type Frame =
  | Hello
  | Welcome
  | { readonly type: 'refusal'; readonly reason: string }
  | { readonly type: 'log'; readonly bytes: Uint8Array }
  | Pages
  | Clusters
  | State
  | Received
  | Beat
  | { readonly type: 'leave' };

export class MalformedFrame extends Error {}

/** A 64-bit number as the generated code gives it. */
type Wide = number | { toNumber(): number; low: number; high: number };

export function encodeFrame(frame: Frame): Uint8Array {
  return v1.Frame.encode(messageOf(frame)).finish();
}

function messageOf(frame: Frame): vmft.v1.Frame.$Properties {
  switch (frame.type) {
    case 'hello':
      return { hello: frame };
    case 'welcome': {
      const { networks, disks, identities } = frame;
      return { welcome: { ...frame, networks: [...networks], disks: [...disks], identities: [...identities] } };
    }
    case 'refusal':
      return { refusal: frame };
    case 'log':
      return { log: frame.bytes };
    case 'pages':
      return { pages: { numbers: [...frame.numbers], content: frame.content } };
    case 'clusters':
      return { clusters: { ...frame, numbers: [...frame.numbers], written: [...frame.written] } };
    case 'state': {
      const { digest } = frame;
      const low = Number(digest & 0xffff_ffffn) | 0;
      // A Long in all that the encoder looks at.
      const long = { low, high: Number(digest >> 32n) | 0, unsigned: true } as never;
      const { fields, position, time } = frame;
      return { state: { fields, digest: long, position, time } };
    }
    case 'received':
      return { received: frame };
    case 'beat':
      return { beat: frame };
    case 'leave':
      return { leave: {} };
  }
}

/** Throws MalformedFrame. The frame's bytes are parts of `bytes`. */
export function decodeFrame(bytes: Uint8Array): Frame {
  let message: vmft.v1.Frame & vmft.v1.Frame.$Shape;
  try {
    // Parts of a Buffer would be Buffers, whose slice() is no copy.
    message = v1.Frame.decode(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (error) {
    throw new MalformedFrame('the bytes are no frame', { cause: error });
  }
  const { hello, welcome, refusal, log, pages, clusters, state, received, beat, leave } = message;
  if (log) return { type: 'log', bytes: log };
  if (received) {
    const { offset, position, stamp } = received;
    return { type: 'received', offset: whole(offset), position: whole(position), stamp: time(stamp) };
  }
  if (beat) {
    const { released, stamp, position, leased } = beat;
    const counts = { time: whole(beat.time), released: whole(released), position: whole(position) };
    return { type: 'beat', ...counts, stamp: time(stamp), leased: leased ?? false };
  }
  if (pages) {
    const { numbers, content } = pages;
    return { type: 'pages', numbers: numbers ?? [], content: content ?? new Uint8Array(0) };
  }
  if (clusters) {
    const { slot, numbers, written, content } = clusters;
    const places = { slot: slot ?? 0, numbers: (numbers ?? []).map(whole), written: written ?? [] };
    return { type: 'clusters', ...places, content: content ?? new Uint8Array(0) };
  }
  if (state) {
    const { fields, position, digest } = state;
    const place = { position: whole(position), time: whole(state.time) };
    return { type: 'state', fields: fields ?? new Uint8Array(0), digest: unsigned(digest), ...place };
  }
  if (hello) {
    const { format, version, build, behaviour } = hello;
    const [name, program] = [format ?? '', printable(build ?? '')];
    return { type: 'hello', format: name, version: version ?? 0, build: program, behaviour: behaviour ?? 0 };
  }
  if (welcome) return welcomeOf(welcome);
  if (refusal) return { type: 'refusal', reason: printable(refusal.reason ?? '') };
  if (leave) return { type: 'leave' };
  throw new MalformedFrame('a frame without content');
}

function welcomeOf(message: vmft.v1.Welcome.$Properties): Welcome {
  const welcome: Welcome = {
    type: 'welcome',
    ...{ run: message.run ?? '', epoch: message.epoch ?? 0, holder: message.holder ?? '' },
    ...{ arbiter: message.arbiter ?? '', networks: message.networks ?? [], disks: message.disks ?? [] },
    ...{ identities: message.identities ?? [], host: message.host ?? '' },
    ...{ timeout: message.timeout ?? 0, console: message.console ?? 0 },
  };
  try {
    checkClaim(welcome);
  } catch (error) {
    throw new MalformedFrame('a welcome of nobody', { cause: error });
  }
  const { arbiter, networks, disks, timeout } = welcome;
  if (timeout < 1 || timeout > LONGEST_TIMEOUT) throw new MalformedFrame('a silence that cannot be waited for');
  // Messages name them.
  if ([arbiter, ...networks, ...disks].some((text) => /\p{Cc}/u.test(text))) {
    throw new MalformedFrame('a name with control characters');
  }
  return welcome;
}

/** A time in milliseconds. */
function time(value: number | null | undefined): number {
  const number = value ?? 0;
  if (!isFinite(number) || number < 0) throw new MalformedFrame('a time is none');
  return number;
}

function whole(value: Wide | null | undefined): number {
  const number = typeof value === 'object' && value !== null ? value.toNumber() : (value ?? 0);
  if (!isSafeInteger(number) || number < 0) throw new MalformedFrame('a number is out of range');
  return number;
}

function unsigned(value: Wide | null | undefined): bigint {
  if (typeof value !== 'object' || value === null) return BigInt(value ?? 0);
  return (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
}

/** What a stranger says is shown on a terminal: one line of it, without what a terminal would obey. */
function printable(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, ' ').slice(0, 500);
}
