/**
 * XXH64 (xxHash specification 0.1.1), the hash behind digests and outputs.
 */
import xxhash from 'xxhash-wasm';

/** XXH64 of `bytes`, seed 0 where none is given: unsigned 64 bits. */
export type Hash = (bytes: Uint8Array, seed?: bigint) => bigint;

let loading: Promise<Hash> | undefined;

/** The hash function; compiled at the first call. */
export function loadHash(): Promise<Hash> {
  return (loading ??= xxhash().then(({ h64Raw }) => h64Raw));
}
