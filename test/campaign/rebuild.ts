/**
 * Replays a log in memory by the command's own parts, as fast as can be: where a log has the header of one that was
 * replayed before, the machine is put back to its start instead of being built again. Tells all that came of it.
 */
import { configurationOf } from '../../src/commands/logs/log-header.js';
import { recordedGuest } from '../../src/commands/logs/recorded-guest.js';
import { buildMachine } from '../../src/commands/guests/machine.js';
import { Failure } from '../../src/host/failure.js';
import { LogError } from '../../src/log/errors.js';
import type { Header } from '../../src/log/header.js';
import { LogReader } from '../../src/log/reader.js';
import type { Machine } from '../../src/machine/machine.js';
import { StateDigest } from '../../src/replay/digest.js';
import { DirtyPages } from '../../src/replay/dirty-pages.js';
import { Divergence } from '../../src/replay/divergence.js';
import { LogFeed } from '../../src/replay/feed.js';
import type { Hash } from '../../src/replay/hash.js';
import { Logged } from '../../src/replay/logged.js';
import { Replayer, type ReplayResult } from '../../src/replay/replayer.js';
import { Snapshot } from '../../src/replay/snapshot.js';
import { MemorySource, type World } from '../guest/replay-rig.js';
import { Door } from '../support/door.js';

/** What came of a replay. `refused`: by the reader; `failed`: in a sentence for the user, by what it asks for. */
export interface Verdict {
  readonly ended: ReplayResult['ended'] | 'refused' | 'diverged' | 'failed' | 'crashed';
  readonly result?: ReplayResult;
  /** What was thrown. */
  readonly error?: Error;
  readonly outputs: World['outputs'];
  /** Byte offset up to which the log's entries were handed out; 0 where not even the header was. */
  readonly offset: number;
}

/** A machine at its start, and the door through which it sees one log after the other. */
interface Stand {
  readonly machine: Machine;
  readonly digest: StateDigest;
  readonly door: Door;
  readonly start: Snapshot;
}

export class Rebuilder {
  private readonly stands = new Map<string, Stand>();

  constructor(private readonly hash: Hash) {}

  /**
   * Replays `log` up to its end or the position `until`. `known` names the header where it is one of the originals':
   * its machine is kept.
   */
  async replay(log: Uint8Array, until: number, known?: string): Promise<Verdict> {
    const outputs: World['outputs'] = [];
    const reader = new LogReader(new MemorySource(log), { images: this.has(known) ? 'skip' : 'load' });
    let offset = 0;
    try {
      const header = await reader.header();
      offset = reader.mark.offset;
      const logged = new Logged(this.hash, (position, output) => outputs.push({ position, output }));
      const stand = this.standFor(header, logged, known);
      const feed = new LogFeed(logged, reader);
      const result = await new Replayer(stand.machine, feed, stand.digest, { until }).run();
      return { ended: result.ended, result, outputs, offset: reader.mark.offset };
    } catch (error) {
      if (offset > 0) offset = reader.mark.offset;
      return { ended: kindOf(error), error: error as Error, outputs, offset };
    }
  }

  private has(known: string | undefined): boolean {
    return known !== undefined && this.stands.has(known);
  }

  private standFor(header: Header, logged: Logged, known: string | undefined): Stand {
    const stand = known === undefined ? undefined : this.stands.get(known);
    if (stand !== undefined) {
      stand.door.inner = logged;
      stand.start.restore();
      return stand;
    }
    const configuration = configurationOf('the log', header);
    const door = new Door(logged);
    const machine = buildMachine(recordedGuest('the log', header, []), configuration, door);
    const pages = new DirtyPages(machine);
    const [forDigest, forStart] = [pages.consumer(), pages.consumer()];
    const digest = new StateDigest(machine, forDigest, this.hash);
    const made = { machine, door, digest, start: new Snapshot(machine, forStart) };
    if (known !== undefined) this.stands.set(known, made);
    return made;
  }
}

function kindOf(error: unknown): Verdict['ended'] {
  if (error instanceof LogError) return 'refused';
  if (error instanceof Divergence) return 'diverged';
  return error instanceof Failure ? 'failed' : 'crashed';
}
