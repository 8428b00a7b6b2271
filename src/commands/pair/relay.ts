/**
 * Stands in the logging channel between a primary and its backup, and counts the entries that pass: where the drill kills.
 */
import { awaitBackups, callPrimary } from '../../host/channel-socket.js';
import { hostTimers } from '../../host/timers.js';
import { countRecords } from '../../log/records.js';
import { decodeFrame, LONGEST_FRAME, SHORT_FRAME } from '../../pair/frames.js';
import type { Connection, Listener } from '../../pair/ports.js';

/** Milliseconds between two calls of a primary that is not there yet. */
const AGAIN = 20;

export class Relay {
  /** Entries of the execution that the backup was given. */
  entries = 0;
  /** Called when the backup was given more of them. */
  onEntries: () => void = () => undefined;
  /** What the primary sends is lost, as in a network that dies with it. */
  cut = false;
  /** Acknowledgements reach the primary. */
  acknowledging = true;
  private following = false;
  private over = false;
  private readonly ends: Connection[] = [];

  /** Awaits a backup at `path`, for the primary at `primary`: Unix sockets. Throws a Failure. */
  static async open(path: string, primary: string): Promise<Relay> {
    return new Relay(await awaitBackups({ path }, undefined), primary);
  }

  private constructor(
    private readonly listener: Listener,
    primary: string,
  ) {
    listener.onConnection = (backup) => {
      void this.call(backup, primary);
    };
  }

  /** Joins a backup, whose first words wait in the socket, to its primary, which may be starting. */
  private async call(backup: Connection, primary: string): Promise<void> {
    while (!this.over) {
      try {
        return this.join(backup, await callPrimary({ path: primary }, undefined));
      } catch {
        await hostTimers.sleep(AGAIN);
      }
    }
  }

  private join(backup: Connection, primary: Connection): void {
    this.ends.push(backup, primary);
    backup.allow(SHORT_FRAME);
    primary.allow(LONGEST_FRAME);
    for (const [one, other] of [
      [backup, primary],
      [primary, backup],
    ] as const) {
      one.onClose = () => other.close();
    }
    backup.onFrame = (bytes) => {
      const held = !this.acknowledging && decodeFrame(bytes).type === 'received';
      if (!held) primary.send(bytes);
    };
    primary.onFrame = (bytes) => {
      if (this.cut) return;
      backup.send(bytes);
      const frame = decodeFrame(bytes);
      if (frame.type === 'state') this.following = true;
      if (frame.type !== 'log' || !this.following) return;
      const count = countRecords(frame.bytes);
      this.entries += count;
      if (count > 0) this.onEntries();
    };
  }

  async close(): Promise<void> {
    this.over = true;
    for (const end of this.ends) end.close();
    await this.listener.close();
  }
}
