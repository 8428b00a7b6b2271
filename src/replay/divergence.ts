/**
 * What a rebuilt execution throws where it and its log part ways.
 */
import type { Entry } from '../log/entry.js';
import type { Output } from '../machine/environment.js';
import { entryPhrase, positionText } from './phrase.js';

/** The entries of a log around a place in it, in order. */
export interface Surroundings {
  readonly before: readonly Entry[];
  readonly after: readonly Entry[];
}

/** What a guest did that its log does not have there. */
export type Deed =
  | { readonly type: 'time' | 'idle' | 'ran-on' | 'power-off' }
  | { readonly type: 'entropy'; readonly length: number }
  | { readonly type: 'output'; readonly entry: Extract<Entry, { type: 'output' }>; readonly output: Output }
  | { readonly type: 'digest'; readonly digest: bigint };

/** The execution and its log differ: at `position` the log has one thing and the guest did another. */
export class Divergence extends Error {
  override readonly name = 'Divergence';

  /**
   * @param position where the guest did it
   * @param expected the log's next entry; undefined where there is none
   */
  constructor(
    readonly position: number,
    readonly deed: Deed,
    readonly expected: Entry | undefined,
    readonly surroundings: Surroundings,
  ) {
    super(sentence(position, deed, expected));
  }

  /** Whether the machine is between two instructions, and its state so means something. */
  get settled(): boolean {
    return !['time', 'entropy', 'output'].includes(this.deed.type);
  }
}

/** The log is at its end, and the guest has asked for more in the middle of an instruction. */
export class LogExhausted extends Error {
  override readonly name = 'LogExhausted';

  constructor(readonly position: number) {
    super(`the log ends before position ${positionText(position)} is complete`);
  }
}

function sentence(position: number, deed: Deed, expected: Entry | undefined): string {
  const at = `at position ${positionText(position)}`;
  if (deed.type === 'digest' && expected?.type === 'digest') {
    return `${at} the state is not what was recorded: its digest is ${hex(deed.digest)}, the log has ${hex(expected.digest)}`;
  }
  if (expected === undefined) return `${at} the guest ${deedPhrase(deed)}, and the log has nothing more`;
  if (deed.type === 'output' && expected.type === 'output' && expected.position === position) {
    const { kind, device, length } = deed.entry;
    const same = kind === expected.kind && device === expected.device && length === expected.length;
    if (same) return `${at} the guest sent ${entryPhrase(expected)} with other bytes than were recorded`;
  }
  const place = expected.position === position ? 'there' : `at position ${positionText(expected.position)}`;
  return `${at} the guest ${deedPhrase(deed)}, and the log has ${entryPhrase(expected)} ${place} next`;
}

function deedPhrase(deed: Deed): string {
  switch (deed.type) {
    case 'time':
      return 'read the time';
    case 'entropy':
      return `asked for ${deed.length} bytes of entropy`;
    case 'output':
      return `sent ${entryPhrase(deed.entry)}`;
    case 'idle':
      return 'waits for an interrupt';
    case 'ran-on':
      return 'went past what was recorded';
    case 'power-off':
      return 'has powered off';
    case 'digest':
      return `has the digest ${hex(deed.digest)}`;
  }
}

function hex(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}
