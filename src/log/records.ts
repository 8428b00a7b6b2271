// Counts the entries in stretches of a log without decoding what they carry.

import { TAG } from './entry-encoder.js';
import { Cursor, LENGTH } from './wire.js';

/** Entries in whole stretches, a batch of time reads as one; signs of progress are none. */
export function countRecords(stretches: Uint8Array): number {
  const cursor = new Cursor(stretches, 0, stretches.length);
  let count = 0;
  while (cursor.at < cursor.end) {
    const tag = cursor.varint();
    if (tag !== TAG.entry || (tag & 7) !== LENGTH) {
      cursor.skip(tag);
      continue;
    }
    const length = cursor.length();
    const entry = new Cursor(stretches, cursor.at, cursor.at + length);
    cursor.at += length;
    if (!isProgress(entry)) count++;
  }
  return count;
}

function isProgress(entry: Cursor): boolean {
  while (entry.at < entry.end) {
    const tag = entry.varint();
    if (tag === TAG.progress) return true;
    entry.skip(tag);
  }
  return false;
}
