/**
 * What the world outside has seen of a guest whose primary died, held against the one execution that the log has: nothing
 * may be lost, and nothing may have been seen that is not of it. At the seam things may have been sent twice.
 */
import type { Output } from '../../machine/environment.js';

/** What an execution has sent. */
export class Execution {
  private readonly chunks: Uint8Array[] = [];
  private readonly writes: { readonly device: number; readonly offset: number; readonly data: Uint8Array }[] = [];

  add(output: Output): void {
    if (output.type === 'console') this.chunks.push(output.data);
    else if (output.type === 'disk' && output.operation === 'write') this.writes.push({ ...output });
  }

  get console(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** What the image of a disk must hold that held `before`. */
  image(device: number, before: Uint8Array): Uint8Array {
    const image = before.slice();
    for (const write of this.writes) if (write.device === device) image.set(write.data, write.offset);
    return image;
  }
}

/**
 * What is wrong with a console of which `first` was seen from the primary and `second` from whoever took over, where the
 * execution has sent `whole`; undefined where nothing is.
 */
export function consoleFault(whole: Buffer, first: Buffer, second: Buffer): string | undefined {
  const at = differsAt(whole, first);
  if (at >= 0) {
    return `the primary has sent ${quoted(first, at)} where the execution has ${quoted(whole, at)}, byte ${at} of the console`;
  }
  const start = whole.length - second.length;
  const late = start < 0 ? 0 : differsAt(whole.subarray(start), second);
  if (late >= 0) {
    return `after the failover came ${quoted(second, late)}, which does not end the execution's console`;
  }
  if (first.length < start)
    return `${start - first.length} bytes of the console were never sent, from byte ${first.length} on`;
  return undefined;
}

/** What is wrong with an image; undefined where nothing is. */
export function imageFault(expected: Uint8Array, found: Uint8Array): string | undefined {
  const at = differsAt(expected, found);
  if (at < 0 && expected.length === found.length) return undefined;
  return `the disk does not hold what the execution has written, from byte ${at < 0 ? found.length : at} on`;
}

/** Where `part` differs from the start of `whole`; -1 where it does not. */
function differsAt(whole: Uint8Array, part: Uint8Array): number {
  const { length } = part;
  if (Buffer.compare(whole.subarray(0, length), part) === 0) return -1;
  for (let at = 0; at < length; at++) if (whole[at] !== part[at]) return at;
  return -1;
}

function quoted(bytes: Buffer, at: number): string {
  return JSON.stringify(bytes.subarray(at, at + 40).toString('latin1'));
}
