/**
 * Byte strings compared. A loop: with a call for each byte, a large log of packets or entropy would take four times as
 * long to compare.
 */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  const { length } = a;
  if (length !== b.length) return false;
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return false;
  return true;
}
