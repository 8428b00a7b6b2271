/** Changes the header of a log, and seals the log anew: what another vmft would have written. */
import { crc32 } from 'node:zlib';
import { vmft } from '#proto/log.js';

const { Header } = vmft.v1;
const HEADER_TAG = 0x0a;
const SEAL_TAG = 0x22;

export function changeHeader(log: Uint8Array, change: (header: vmft.v1.Header.$Properties) => unknown): Uint8Array {
  const sealed: Uint8Array[] = [];
  let [crc, length] = [0, 0];
  const add = (bytes: Uint8Array): void => {
    sealed.push(bytes);
    length += bytes.length;
  };
  for (const record of recordsOf(log)) {
    if (record.tag === SEAL_TAG) {
      const seal = Buffer.from('220a0d0000000015' + '00000000', 'hex');
      seal.writeUInt32LE(crc, 3);
      seal.writeUInt32LE(length, 8);
      add(seal);
      continue;
    }
    const bytes = record.tag === HEADER_TAG ? changedHeader(record.content, change) : record.bytes;
    crc = crc32(bytes, crc);
    add(bytes);
  }
  return Buffer.concat(sealed);
}

function changedHeader(content: Uint8Array, change: (header: vmft.v1.Header.$Properties) => unknown): Uint8Array {
  const header = Header.decode(content);
  change(header);
  const message = Header.encode(header).finish();
  return Buffer.concat([Uint8Array.of(HEADER_TAG), varint(message.length), message]);
}

interface Field {
  readonly tag: number;
  readonly content: Uint8Array;
  /** All of it, tag and length too. */
  readonly bytes: Uint8Array;
}

/** The log's fields: all are length-delimited, with a tag of one byte. */
function* recordsOf(log: Uint8Array): Generator<Field> {
  for (let at = 0; at < log.length;) {
    let [start, size] = [at + 1, 0];
    for (let shift = 0; ; shift += 7) {
      const byte = log[start++];
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    yield { tag: log[at], content: log.subarray(start, start + size), bytes: log.subarray(at, start + size) };
    at = start + size;
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value > 0x7f; value = value >>> 7) bytes.push((value & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, value);
}
