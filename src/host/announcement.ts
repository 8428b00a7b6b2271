/**
 * Tells switches that a MAC address is reached elsewhere now: a reverse ARP request that asks for nothing (RFC 903), as
 * hypervisors send it behind a migration. The guest's IP address need not be known.
 */
import type { FrameLink } from './frames.js';

const FRAME_BYTES = 60;
const RARP = 0x8035;
const ETHERNET = 1;
const IPV4 = 0x0800;
const REVERSE_REQUEST = 3;

/** How often it is sent, and how many milliseconds apart: a network may lose one. */
const TIMES = 3;
const APART = 50;

/** The frame, from `mac` to all. */
export function announcement(mac: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_BYTES);
  const view = new DataView(frame.buffer);
  frame.fill(0xff, 0, 6);
  frame.set(mac, 6);
  view.setUint16(12, RARP);
  view.setUint16(14, ETHERNET);
  view.setUint16(16, IPV4);
  frame.set([6, 4], 18);
  view.setUint16(20, REVERSE_REQUEST);
  frame.set(mac, 22);
  frame.set(mac, 32);
  return frame;
}

/** Announces the address on a link, now and soon again. */
export function announce(link: FrameLink, mac: Uint8Array): void {
  const frame = announcement(mac);
  for (let n = 0; n < TIMES; n++) {
    if (n === 0) link.send(frame);
    else setTimeout(() => link.send(frame), n * APART).unref();
  }
}
