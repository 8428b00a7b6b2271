/**
 * The environment of a backup that may go live: a log's answers as long as there are any, then those of the world.
 *
 * The guest stops where the log ends, between two instructions, and only there is the world let in. One instruction may
 * have to be finished first: it was given an answer that is the log's last, and asks for another.
 */
import type { Environment, Input, Need, Output } from '../machine/environment.js';
import type { Logged, Sent } from '../replay/logged.js';
import type { Recording } from '../replay/recording.js';

/** What the guest has sent that may not have left the primary. */
export interface Unsent {
  readonly position: number;
  readonly output: Output;
}

export class Succession implements Environment {
  private present: Environment;
  private successor: Recording | undefined;
  private readonly adopted: Unsent[] = [];

  constructor(private readonly logged: Logged) {
    this.present = logged;
  }

  /** What an instruction asks behind the log's end is answered by `successor`. */
  prepare(successor: Recording): void {
    this.successor = successor;
  }

  /**
   * The log is used up: from now on the world answers. Answers what the guest has sent of which the log had no entry;
   * it has now.
   */
  succeed(): readonly Unsent[] {
    const { successor } = this;
    if (successor === undefined) throw new Error('nobody succeeds');
    this.adopt(successor);
    this.present = successor;
    return this.adopted.splice(0);
  }

  nextStop(position: number, need: Need): number {
    return this.present.nextStop(position, need);
  }

  takeInputs(position: number, need: Need): readonly Input[] {
    return this.present.takeInputs(position, need);
  }

  readTime(position: number): number {
    return this.answering().readTime(position);
  }

  readEntropy(position: number, length: number): Uint8Array {
    return this.answering().readEntropy(position, length);
  }

  emit(position: number, output: Output, more?: boolean): void {
    this.present.emit(position, output, more);
  }

  private answering(): Environment {
    const { present, logged, successor } = this;
    if (present !== logged || successor === undefined || !logged.exhausted) return present;
    this.adopt(successor);
    return successor;
  }

  private adopt(successor: Recording): void {
    const sent: readonly Sent[] = this.logged.takeUnproven();
    successor.adopt(sent.map(({ entry }) => entry));
    this.adopted.push(...sent.map(({ entry: { position }, output }) => ({ position, output })));
  }
}
