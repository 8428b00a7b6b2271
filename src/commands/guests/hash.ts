/**
 * The hash of digests and outputs, got while V8 may be busy with other things.
 */
import { awaitCompiled } from '../../host/compiler.js';
import { loadHash, type Hash } from '../../replay/hash.js';

export function readyHash(): Promise<Hash> {
  return awaitCompiled(loadHash());
}
